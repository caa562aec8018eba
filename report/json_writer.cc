#include "report/json_writer.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "analyzer/source/utf8.h"

namespace pawl {
namespace {

bool Plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && static_cast<unsigned char>(c) < 0x80; }

// Copies 16 bytes and says how many of them, from the first on, need no change: are no control characters, quotes or
// backslashes and are ASCII.
#ifdef __SSE2__
int CopySixteen(char* to, const char* from) {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), v);
  // Bytes from 0x80 on are negative.
  const __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
  const __m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
  return std::countr_zero(static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, quotes))) | 0x10000u);
}
#else
int CopySixteen(char* to, const char* from) {
  std::memcpy(to, from, 16);
  int n = 0;
  while (n < 16 && Plain(from[n])) ++n;
  return n;
}
#endif

constexpr size_t kMaxEscape = 6;  // bytes that one byte becomes at most

char* PutEscaped(char c, char* to) {
  *to++ = '\\';
  switch (c) {
    case '"': *to++ = '"'; return to;
    case '\\': *to++ = '\\'; return to;
    case '\n': *to++ = 'n'; return to;
    case '\r': *to++ = 'r'; return to;
    case '\t': *to++ = 't'; return to;
  }
  constexpr char kDigits[] = "0123456789abcdef";
  to = CopyBytes(to, "u00", 3);
  *to++ = kDigits[(c >> 4) & 15];
  *to++ = kDigits[c & 15];
  return to;
}

// Writes what lies from p to a little past `stop` (never past `end`); p comes to where it stopped.
char* PutPart(const char*& p, const char* stop, const char* end, char* to) {
  while (p < stop) {
    const size_t left = static_cast<size_t>(end - p);
    int plain;
    if (left >= 16) {
      plain = CopySixteen(to, p);
    } else {
      char padded[16] = {};
      CopyBytes(padded, p, left);
      plain = CopySixteen(to, padded);  // the padding is not plain
    }
    p += plain;
    to += plain;
    // What follows text in another script is mostly more of it.
    while (p < end && !Plain(*p)) {
      const int length = Utf8Length(p, end);
      if (length > 1) {
        for (int i = 0; i < length; ++i) *to++ = p[i];
        p += length;
        if (p >= stop) break;
        continue;
      }
      to = length == 0 ? CopyBytes(to, "\xEF\xBF\xBD", 3) : PutEscaped(*p, to);
      ++p;
      if (p >= stop) break;
    }
  }
  return to;
}

}  // namespace

JsonWriter& JsonWriter::Number(uint64_t n) {
  char* p = Begin(20);
  return EndValue(std::to_chars(p, p + 20, n).ptr);
}

JsonWriter& JsonWriter::Bool(bool b) {
  char* p = Begin(5);
  return EndValue(b ? CopyBytes(p, "true", 4) : CopyBytes(p, "false", 5));
}

JsonWriter& JsonWriter::Null() {
  char* p = Begin(4);
  return EndValue(CopyBytes(p, "null", 4));
}

JsonWriter& JsonWriter::Hex(uint64_t n) {
  char* p = Begin(18);
  *p++ = '"';
  for (int i = 15; i >= 0; --i, n >>= 4) p[i] = "0123456789abcdef"[n & 15];
  p += 16;
  *p++ = '"';
  return EndValue(p);
}

JsonWriter& JsonWriter::BeginString() {
  char* p = Begin(1);
  *p++ = '"';
  out_.Took(p);
  return *this;
}

JsonWriter& JsonWriter::EndString() {
  char* p = out_.Room(1);
  *p++ = '"';
  return EndValue(p);
}

JsonWriter& JsonWriter::Part(std::string_view s) {
  constexpr size_t kChunk = 4096;
  constexpr size_t kPast = 16;  // PutPart takes whole steps, and writes whole ones
  static_assert(kMaxEscape * (kChunk + kPast) + kPast <= Output::kSize);
  const char* p = s.data();
  const char* const end = p + s.size();
  while (p < end) {
    const size_t chunk = std::min<size_t>(end - p, kChunk);
    char* const to = out_.Room(kMaxEscape * (chunk + kPast) + kPast);
    out_.Took(PutPart(p, p + chunk, end, to));
  }
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view s) {
  constexpr size_t kShort = 1024;
  if (s.size() > kShort) return BeginString().Part(s).EndString();
  char* to = Begin(kMaxEscape * (s.size() + 16) + 18);
  *to++ = '"';
  const char* p = s.data();
  const char* const end = p + s.size();
  to = PutPart(p, end, end, to);
  *to++ = '"';
  return EndValue(to);
}

}  // namespace pawl
