// Writes JSON piece by piece, without building a document. Always well-formed UTF-8: a byte that is none becomes U+FFFD, since
// paths and source text can hold any byte.
#ifndef PAWL_REPORT_JSON_WRITER_H_
#define PAWL_REPORT_JSON_WRITER_H_

#include <cstdint>
#include <string_view>

#include "report/output.h"

namespace pawl {

// The caller balances Begin and End and gives each member a key; the writer puts the commas. Not thread-safe.
//
//   JsonWriter json(sink);
//   json.BeginObject().Member("files", 3).Key("names").BeginArray().String("a").EndArray().EndObject();
class JsonWriter {
 public:
  explicit JsonWriter(Sink& sink) : out_(sink) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  // `key` is written as it stands: plain ASCII without quotes or backslashes, shorter than Output::kSize.
  // Inline: keys are literals, whose length the compiler then knows.
  JsonWriter& Key(std::string_view key) {
    char* p = Begin(key.size() + 3);
    *p++ = '"';
    p = CopyBytes(p, key.data(), key.size());
    *p++ = '"';
    *p++ = ':';
    out_.Took(p);
    comma_ = false;
    return *this;
  }

  JsonWriter& String(std::string_view s);
  JsonWriter& Number(uint64_t n);
  JsonWriter& Bool(bool b);
  JsonWriter& Null();
  // 16 lower-case hexadecimal digits, as a string: JSON's numbers do not hold 64 bits everywhere.
  JsonWriter& Hex(uint64_t n);

  // Anything made elsewhere: `put` writes at most `room` bytes of well-formed JSON (a value, or members with their commas) and
  // returns where they end.
  template <typename Put>
  JsonWriter& InPlace(size_t room, Put put) {
    return EndValue(put(Begin(room)));
  }

  // A string in parts.
  JsonWriter& BeginString();
  JsonWriter& Part(std::string_view s);
  JsonWriter& EndString();

  JsonWriter& Member(std::string_view key, std::string_view value) { return Key(key).String(value); }
  JsonWriter& Member(std::string_view key, const char* value) { return Key(key).String(value); }
  JsonWriter& Member(std::string_view key, uint64_t value) { return Key(key).Number(value); }
  JsonWriter& Member(std::string_view key, uint32_t value) { return Key(key).Number(value); }
  JsonWriter& Member(std::string_view key, int value) { return Key(key).Number(static_cast<uint64_t>(value)); }
  JsonWriter& Member(std::string_view key, bool value) { return Key(key).Bool(value); }

  // Starts the next value or key on a line of its own: white space only, so that big reports can be read and compared by line.
  JsonWriter& Line() {
    line_ = true;
    return *this;
  }
  // Ends the document with a newline; nothing may follow.
  void Finish() { out_.Append('\n'); }

 private:
  JsonWriter& Open(char c) {
    char* p = Begin(1);
    *p++ = c;
    out_.Took(p);
    comma_ = false;
    return *this;
  }
  JsonWriter& Close(char c) {
    comma_ = false;
    char* p = Begin(1);
    *p++ = c;
    return EndValue(p);
  }
  // Room for what separates the next piece from the one before, and for `n` bytes behind it.
  char* Begin(size_t n) {
    char* p = out_.Room(n + 2);
    if (comma_) *p++ = ',';
    if (line_) *p++ = '\n';
    line_ = false;
    return p;
  }
  JsonWriter& EndValue(const char* end) {
    out_.Took(end);
    comma_ = true;
    return *this;
  }

  Output out_;
  bool comma_ = false;  // the next value or key needs a comma before it
  bool line_ = false;
};

}  // namespace pawl

#endif  // PAWL_REPORT_JSON_WRITER_H_
