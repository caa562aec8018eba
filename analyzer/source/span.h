// A half-open range of bytes in one source file. Bytes everywhere inside; lines and columns only when a finding is printed.
#ifndef PAWL_ANALYZER_SOURCE_SPAN_H_
#define PAWL_ANALYZER_SOURCE_SPAN_H_

#include <cstdint>

namespace pawl {

struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool empty() const { return begin >= end; }
  uint32_t size() const { return end > begin ? end - begin : 0; }
  bool Contains(uint32_t at) const { return begin <= at && at < end; }
  friend bool operator==(const Span& a, const Span& b) { return a.begin == b.begin && a.end == b.end; }
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_SOURCE_SPAN_H_
