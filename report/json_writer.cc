#include "report/json_writer.h"

#include <algorithm>
#include <cstring>

#include "analyzer/source/utf8.h"

namespace pawl {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101u;
constexpr uint64_t kHighs = 0x8080808080808080u;

// True if none of eight bytes is a control character, a quote, a backslash or outside ASCII. The usual tricks of word-wise
// searching: (x - 1) & ~x has a byte's high bit set where the byte is 0; false alarms only cost time.
bool EightPlain(const char* p) {
  uint64_t w;
  std::memcpy(&w, p, 8);
  const uint64_t quote = w ^ (kOnes * '"'), backslash = w ^ (kOnes * '\\');
  const uint64_t special = (w - kOnes * 0x20) | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | w;
  return (special & kHighs) == 0;
}

bool Plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && static_cast<unsigned char>(c) < 0x80; }

void AppendEscaped(char c, Output& out) {
  switch (c) {
    case '"': return out.Append("\\\"");
    case '\\': return out.Append("\\\\");
    case '\n': return out.Append("\\n");
    case '\r': return out.Append("\\r");
    case '\t': return out.Append("\\t");
  }
  constexpr char kDigits[] = "0123456789abcdef";
  const char escape[] = {'\\', 'u', '0', '0', kDigits[(c >> 4) & 15], kDigits[c & 15]};
  out.Append(std::string_view(escape, sizeof(escape)));
}

}  // namespace

JsonWriter& JsonWriter::Open(char c) {
  Separate();
  out_.Append(c);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::Close(char c) {
  if (line_) out_.Append('\n');
  line_ = false;
  out_.Append(c);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  out_.Append('"');
  out_.Append(key);
  out_.Append("\":");
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::Number(uint64_t n) {
  Separate();
  out_.Append(n);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Bool(bool b) {
  Separate();
  out_.Append(b ? "true" : "false");
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Separate();
  out_.Append("null");
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Hex(uint64_t n) {
  char digits[16];
  for (int i = 15; i >= 0; --i, n >>= 4) digits[i] = "0123456789abcdef"[n & 15];
  Separate();
  out_.Append('"');
  out_.Append(std::string_view(digits, sizeof(digits)));
  out_.Append('"');
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::BeginString() {
  Separate();
  out_.Append('"');
  return *this;
}

JsonWriter& JsonWriter::EndString() {
  out_.Append('"');
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Part(std::string_view s) {
  const char* p = s.data();
  const char* const end = p + s.size();
  const char* run = p;  // what is not written yet and needs no change
  while (p < end) {
    if (end - p >= 8 && EightPlain(p)) {
      p += 8;
      continue;
    }
    if (Plain(*p)) {
      ++p;
      continue;
    }
    const int length = Utf8Length(p, end);
    if (length > 1) {
      p += length;
      continue;
    }
    out_.Append(std::string_view(run, p - run));
    if (length == 0) {
      out_.Append("\xEF\xBF\xBD");
    } else {
      AppendEscaped(*p, out_);
    }
    run = ++p;
  }
  out_.Append(std::string_view(run, end - run));
  return *this;
}

}  // namespace pawl
