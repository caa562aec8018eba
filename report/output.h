// A buffer in front of a Sink: formats append small pieces, the sink gets large ones.
#ifndef PAWL_REPORT_OUTPUT_H_
#define PAWL_REPORT_OUTPUT_H_

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "report/sink.h"

namespace pawl {

// Copies `n` bytes and returns where they end. Most pieces of a report are a few bytes long: a call of memcpy costs more than they do.
inline char* CopyBytes(char* to, const char* from, size_t n) {
  if (n > 32) {
    std::memcpy(to, from, n);
  } else if (n >= 16) {  // two overlapping halves
    char last[16];
    std::memcpy(last, from + n - 16, 16);
    std::memcpy(to, from, 16);
    std::memcpy(to + n - 16, last, 16);
  } else if (n >= 8) {
    uint64_t first, last;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + n - 8, 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + n - 8, &last, 8);
  } else if (n >= 4) {
    uint32_t first, last;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + n - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + n - 4, &last, 4);
  } else if (n > 0) {
    const char first = from[0], middle = from[n / 2], last = from[n - 1];
    to[0] = first;
    to[n / 2] = middle;
    to[n - 1] = last;
  }
  return to + n;
}

// Flushes at kSize bytes and when destroyed. Not thread-safe.
class Output {
 public:
  explicit Output(Sink& sink) : sink_(sink), buffer_(new char[kSize]) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { Flush(); }

  void Append(char c) {
    if (used_ == kSize) Flush();
    buffer_[used_++] = c;
  }
  void Append(std::string_view s) {
    if (s.size() > kSize - used_) {
      Flush();
      if (s.size() > kSize) return sink_.Write(s);
    }
    Took(CopyBytes(buffer_.get() + used_, s.data(), s.size()));
  }
  void Append(const char* s) { Append(std::string_view(s)); }
  void Append(uint64_t n) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof(digits), n).ptr;
    Append(std::string_view(digits, end - digits));
  }
  void Append(size_t count, char c) {
    while (count-- > 0) Append(c);
  }
  template <typename T>
  Output& operator<<(const T& piece) {
    Append(piece);
    return *this;
  }
  Output& operator<<(uint32_t n) {
    Append(uint64_t{n});
    return *this;
  }

  // For writing in place: room for at least `n` bytes, n <= kSize; then the end of what was written there.
  char* Room(size_t n) {
    if (n > kSize - used_) Flush();
    return buffer_.get() + used_;
  }
  void Took(const char* end) { used_ = static_cast<size_t>(end - buffer_.get()); }

  void Flush() {
    if (used_ > 0) sink_.Write({buffer_.get(), used_});
    used_ = 0;
  }

  static constexpr size_t kSize = 64 * 1024;

 private:
  Sink& sink_;
  std::unique_ptr<char[]> buffer_;
  size_t used_ = 0;
};

}  // namespace pawl

#endif  // PAWL_REPORT_OUTPUT_H_
