// A file's text as stored, its name, and the way from byte offsets to lines and columns.
#ifndef PAWL_ANALYZER_SOURCE_SOURCE_FILE_H_
#define PAWL_ANALYZER_SOURCE_SOURCE_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/span.h"

namespace pawl {

// A place for people: both count from 1. `column` counts Unicode code points (an invalid byte counts as one).
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};

// What the bytes are, beside plain UTF-8 with one kind of line end (rule `file-encoding` judges it).
struct Encoding {
  bool bom = false;            // UTF-8 byte order mark at the start
  bool utf16 = false;          // UTF-16 byte order mark: not readable as SQL
  bool nul = false;            // contains a NUL byte (PostgreSQL ends its input there)
  uint32_t nul_at = 0;
  bool valid_utf8 = true;
  uint32_t invalid_at = 0;     // first invalid byte
  bool mixed_line_ends = false;
  bool crlf = false;           // the file's first line end is CRLF
};

Encoding DetectEncoding(std::string_view text);

// Code points of `s`, an invalid byte counting as one. Linear.
uint32_t CountCodePoints(std::string_view s);

// Immutable after construction; safe to share between threads. A file is at most 4 GiB (offsets are 32 bits).
class SourceFile {
 public:
  SourceFile(std::string path, std::string text);
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  const std::string& path() const { return path_; }  // as the user named it, '/' separated
  std::string_view text() const { return text_; }
  const Encoding& encoding() const { return encoding_; }
  std::string_view Slice(Span s) const {
    if (s.begin > text_.size()) return {};
    return std::string_view(text_).substr(s.begin, s.size());
  }

  // Linear in the offset; call it only for what is printed. For many offsets of one file use LineIndex.
  Position PositionAt(uint32_t offset) const;

 private:
  std::string path_;
  std::string text_;
  Encoding encoding_;
};

// Line starts of one file, for many look-ups. Keeps a view of the file's text.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  Position PositionAt(uint32_t offset) const;  // offsets past the end count as the end
  uint32_t LineAt(uint32_t offset) const;      // its line only; cheaper
  uint32_t line_count() const { return static_cast<uint32_t>(starts_.size()); }
  // Text of a line (from 1) without its line end; empty past the last line.
  std::string_view Line(uint32_t line) const;
  Span LineSpan(uint32_t line) const;  // without its line end

 private:
  // Inside a very long line: how many code points lie between the line's start and this offset.
  struct Checkpoint {
    uint32_t offset;
    uint32_t columns;
  };
  void AddCheckpoints(const char* p, const char* line_end);

  std::string_view text_;
  std::vector<uint32_t> starts_;
  std::vector<Checkpoint> checkpoints_;
};

// `text` with blanks for the marks that comment its `section` out line by line: "-- DROP TABLE t;" becomes "   DROP TABLE t;", and so does
// "--rollback DROP TABLE t;", as Liquibase has it. The mark is the first at the begin of a line, "--" or "//". Every offset stays true. Which lines are prose the layout
// tells: they are not in the section.
std::string WithoutCommentMarks(std::string_view text, Span section);

}  // namespace pawl

#endif  // PAWL_ANALYZER_SOURCE_SOURCE_FILE_H_
