// Bump allocator for the AST: many small trivially destructible objects that die together with their file.
#ifndef PAWL_ANALYZER_SOURCE_ARENA_H_
#define PAWL_ANALYZER_SOURCE_ARENA_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace pawl {

// A read-only list that lives in an Arena.
template <typename T>
using List = absl::Span<const T>;

// Owns everything allocated from it; nothing is freed before the arena is. Not thread-safe: one arena, one thread.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  template <typename T>
  T* New() {
    static_assert(std::is_trivially_destructible_v<T>, "arena objects are never destroyed");
    return new (Allocate(sizeof(T), alignof(T))) T();
  }

  std::string_view Copy(std::string_view s) {
    if (s.empty()) return {};
    char* p = static_cast<char*>(Allocate(s.size(), 1));
    std::memcpy(p, s.data(), s.size());
    return {p, s.size()};
  }

  template <typename T>
  List<T> Copy(const std::vector<T>& v) {
    return CopyAll(v);
  }
  // A copy of any contiguous container.
  template <typename Container, typename T = typename Container::value_type>
  List<T> CopyAll(const Container& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (v.empty()) return {};
    T* p = static_cast<T*>(Allocate(v.size() * sizeof(T), alignof(T)));
    std::uninitialized_copy(v.begin(), v.end(), p);
    return {p, v.size()};
  }

 private:
  void* Allocate(size_t size, size_t align) {
    size_t at = (used_ + align - 1) & ~(align - 1);
    if (at + size > capacity_) {
      capacity_ = size > next_chunk_ ? size : next_chunk_;
      if (next_chunk_ < kChunk) next_chunk_ *= 4;
      chunks_.push_back(std::unique_ptr<char[]>(new char[capacity_]));
      at = 0;
    }
    used_ = at + size;
    return chunks_.back().get() + at;
  }

  static constexpr size_t kChunk = 64 * 1024;
  std::vector<std::unique_ptr<char[]>> chunks_;
  size_t used_ = 0;
  size_t capacity_ = 0;
  size_t next_chunk_ = 1024;  // most migrations are a few hundred bytes: start small, grow to kChunk
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_SOURCE_ARENA_H_
