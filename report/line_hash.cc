#include "report/line_hash.h"

#include <charconv>

#include "absl/container/flat_hash_map.h"
#include "analyzer/source/utf8.h"

namespace pawl {
namespace {

constexpr int kWindow = 100;
constexpr uint64_t kFactor = 37;
constexpr uint16_t kEndOfFile = 65535;

constexpr uint64_t Power(uint64_t base, int exponent) {
  uint64_t p = 1;
  while (exponent-- > 0) p *= base;
  return p;
}

// A polynomial hash of the last kWindow units; a line's hash is taken when its first unit is about to leave the window.
class RollingHash {
 public:
  template <typename Emit>
  void Add(uint16_t unit, bool starts_line, const Emit& emit) {
    if (starts_line_[at_]) emit(hash_);
    starts_line_[at_] = starts_line;
    hash_ = hash_ * kFactor + unit - Power(kFactor, kWindow) * units_[at_];
    units_[at_] = unit;
    at_ = (at_ + 1) % kWindow;
  }

 private:
  uint64_t hash_ = 0;
  int at_ = 0;
  uint16_t units_[kWindow] = {};
  bool starts_line_[kWindow] = {};
};

// Bytes that a decoder replaces by one U+FFFD: the longest start of a sequence that could still have become well-formed.
int InvalidLength(const char* p, const char* end) {
  const auto lead = static_cast<unsigned char>(*p);
  const int wanted = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : 1;
  int length = 1;
  for (; length < wanted && p + length < end; ++length) {
    const auto c = static_cast<unsigned char>(p[length]);
    unsigned char low = 0x80, high = 0xBF;
    if (length == 1) {
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    }
    if (c < low || c > high) break;
  }
  return length;
}

}  // namespace

LineHashes::LineHashes(std::string_view text) {
  absl::flat_hash_map<uint64_t, uint32_t> seen;
  const auto emit = [&](uint64_t hash) { lines_.push_back({hash, ++seen[hash]}); };
  RollingHash rolling;
  bool line_start = true, after_cr = false;
  const auto add = [&](uint16_t unit) {
    if (unit == ' ' || unit == '\t' || (after_cr && unit == '\n')) {
      after_cr = false;
      return;
    }
    after_cr = unit == '\r';
    if (after_cr) unit = '\n';
    rolling.Add(unit, line_start, emit);
    line_start = unit == '\n';
  };
  for (const char *p = text.data(), *end = p + text.size(); p < end;) {
    const int length = Utf8Length(p, end);
    const char32_t code = length == 0 ? kReplacementCharacter : Utf8Decode(p, length);
    p += length == 0 ? InvalidLength(p, end) : length;
    if (code < 0x10000) {
      add(static_cast<uint16_t>(code));
    } else {
      add(static_cast<uint16_t>(0xD800 + ((code - 0x10000) >> 10)));
      add(static_cast<uint16_t>(0xDC00 + ((code - 0x10000) & 0x3FF)));
    }
  }
  add(kEndOfFile);
  for (int i = 0; i < kWindow; ++i) rolling.Add(0, false, emit);
}

std::string LineHashes::Of(uint32_t line) const {
  if (line == 0 || line > lines_.size()) return {};
  const Entry& e = lines_[line - 1];
  char buffer[40];
  char* end = std::to_chars(buffer, buffer + 16, e.hash, 16).ptr;
  *end++ = ':';
  end = std::to_chars(end, buffer + sizeof(buffer), e.count).ptr;
  return {buffer, end};
}

}  // namespace pawl
