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
    std::memcpy(buffer_.get() + used_, s.data(), s.size());
    used_ += s.size();
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

  void Flush() {
    if (used_ > 0) sink_.Write({buffer_.get(), used_});
    used_ = 0;
  }

 private:
  static constexpr size_t kSize = 64 * 1024;
  Sink& sink_;
  std::unique_ptr<char[]> buffer_;
  size_t used_ = 0;
};

}  // namespace pawl

#endif  // PAWL_REPORT_OUTPUT_H_
