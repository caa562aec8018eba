// Bump allocator for the AST: many small trivially destructible objects that die together with their file.
#ifndef PAWL_ANALYZER_SOURCE_ARENA_H_
#define PAWL_ANALYZER_SOURCE_ARENA_H_

#include <cstddef>
#include <cstdint>
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
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

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
    const size_t padding = -reinterpret_cast<uintptr_t>(at_) & (align - 1);
    if (padding + size > left_) return AllocateChunk(size);
    char* const p = at_ + padding;
    at_ = p + size;
    left_ -= padding + size;
    return p;
  }
  // Out of line, so that the usual case stays small wherever it is inlined.
  [[gnu::noinline]] void* AllocateChunk(size_t size) {
    const size_t capacity = size > next_chunk_ ? size : next_chunk_;
    if (next_chunk_ < kChunk) next_chunk_ *= 4;
    chunks_.push_back(std::unique_ptr<char[]>(new char[capacity]));
    char* const p = chunks_.back().get();
    at_ = p + size;
    left_ = capacity - size;
    return p;
  }

  static constexpr size_t kChunk = 64 * 1024;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;  // free bytes of the last chunk
  size_t left_ = 0;
  size_t next_chunk_ = 1024;  // most migrations are a few hundred bytes: start small, grow to kChunk
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_SOURCE_ARENA_H_
