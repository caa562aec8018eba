// What the comments in a migration's text say to its runner. Pure; linear in what they read; bytes need not be UTF-8.
#ifndef PAWL_MIGRATIONS_LAYOUT_TEXT_H_
#define PAWL_MIGRATIONS_LAYOUT_TEXT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "analyzer/source/span.h"

namespace pawl {

// One line at a time, without its line end (LF or CRLF). A byte order mark belongs to no line.
class Lines {
 public:
  explicit Lines(std::string_view text, Span section);
  explicit Lines(std::string_view text) : Lines(text, {0, static_cast<uint32_t>(text.size())}) {}
  bool Next();
  std::string_view line() const { return line_; }
  uint32_t begin() const { return begin_; }           // of the line
  uint32_t next() const { return next_; }             // behind its line end
  // Behind "--" (in Cypher "//") and blanks, if the line is such a comment; nothing otherwise. An empty comment gives "".
  std::optional<std::string_view> Comment() const;
  bool Blank() const;

 private:
  std::string_view text_;
  std::string_view line_;
  uint32_t begin_ = 0;
  uint32_t next_ = 0;
  uint32_t end_ = 0;
};

std::string_view TrimBlanks(std::string_view s);       // spaces, tabs, CR, LF
// The word that `s` begins with, up to a blank.
std::string_view FirstWord(std::string_view s);
// `s` without `prefix` (any case), if it begins with it.
std::optional<std::string_view> AfterPrefix(std::string_view s, std::string_view prefix);
bool ContainsIgnoreCase(std::string_view s, std::string_view lower);

// Marks that runners want in the comments before the first statement.
enum HeaderMark : uint16_t {
  kMarkDbmate = 1,          // -- migrate:up
  kMarkGoose = 2,           // -- +goose Up
  kMarkSqlMigrate = 4,      // -- +migrate Up
  kMarkLiquibase = 8,       // --liquibase formatted sql, on the first line
  kMarkSqlxNoTransaction = 16,  // -- no-transaction, on the first line
  kMarkNoTransaction = 32,  // -- atlas:txmode none, and its like
  kMarkUpHeading = 64,      // -- Up Migration
};
uint16_t HeaderMarks(std::string_view text);

// "-- Up migration" ... "-- Down migration": where the two parts of a file are.
struct Headings {
  bool up = false;               // has an up heading
  bool down = false;             // has a down heading; the rest is about it
  uint32_t down_begin = 0;       // start of the heading's line
  bool down_has_code = false;    // something behind it is not commented out
  std::optional<Span> commented; // the lines of commented SQL behind it, from the first that begins with a SQL command
  bool code_behind_comments = false;  // more code follows the commented lines
};
Headings FindHeadings(std::string_view text);

// Where to report on a section as a whole: its first line of code, else its first line that is not blank.
Span AnchorOf(std::string_view text, Span section);
// A comment says "irreversible" and why: "-- irreversible: rows were merged", "-- pawl: irreversible -- rows were merged".
bool DeclaresIrreversible(std::string_view text, Span section);
// A line of the section is the comment `// pawl: no-transaction`: its statements do not belong into one transaction.
bool DeclaresNoTransaction(std::string_view text, Span section);
// The section has something beside blanks and comments.
bool HasCode(std::string_view text, Span section);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_LAYOUT_TEXT_H_
