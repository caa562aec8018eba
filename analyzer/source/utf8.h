// UTF-8 as it really occurs in migration files: mostly ASCII, mostly well-formed, sometimes neither.
#ifndef PAWL_ANALYZER_SOURCE_UTF8_H_
#define PAWL_ANALYZER_SOURCE_UTF8_H_

namespace pawl {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Length of the well-formed UTF-8 sequence at p (Unicode, table 3-7), 0 if there is none. p < end.
inline int Utf8Length(const char* p, const char* end) {
  const auto byte = [p](int i) { return static_cast<unsigned char>(p[i]); };
  const unsigned char c = byte(0);
  if (c < 0x80) return 1;
  const auto continues = [&](int i, unsigned char low = 0x80, unsigned char high = 0xBF) { return p + i < end && byte(i) >= low && byte(i) <= high; };
  if (c >= 0xC2 && c <= 0xDF) return continues(1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    const unsigned char low = c == 0xE0 ? 0xA0 : 0x80, high = c == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    const unsigned char low = c == 0xF0 ? 0x90 : 0x80, high = c == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// The code point of a well-formed sequence of `length` bytes.
inline char32_t Utf8Decode(const char* p, int length) {
  const auto byte = [p](int i) { return static_cast<char32_t>(static_cast<unsigned char>(p[i])); };
  switch (length) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3: return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    case 4: return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
  return kReplacementCharacter;
}

}  // namespace pawl

#endif  // PAWL_ANALYZER_SOURCE_UTF8_H_
