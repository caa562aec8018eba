// A byte-level SQL lexer: comments, quotes, identifiers, numbers, operators. It never fails and never reads past its text;
// an unterminated quote or comment runs to the end and says so. For splitting, masking, directives and comparing token
// streams; the grammar itself is libpg_query's. Lexical rules: PostgreSQL documentation, "Lexical Structure", with
// standard_conforming_strings on.
#ifndef PAWL_ANALYZER_SQL_SCANNER_H_
#define PAWL_ANALYZER_SQL_SCANNER_H_

#include <cstdint>
#include <string_view>

#include "analyzer/source/span.h"

namespace pawl::sql {

enum class TokenKind : uint8_t {
  kEnd,
  kComment,        // -- to the end of the line (without it), or /* nested */
  kIdentifier,     // keyword or name, not quoted
  kQuotedIdentifier,  // "name", U&"name"
  kString,         // 'x', E'x', B'x', X'x', N'x', U&'x'
  kDollarString,   // $tag$x$tag$
  kNumber,
  kParameter,      // $1
  kSemicolon,
  kComma,
  kOpen,           // ( or [
  kClose,          // ) or ]
  kOperator,       // a run of operator characters, "::", ":=", "..", "."
  kBackslash,      // outside quotes: psql's meta-commands
  kOther,          // any other byte
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool unterminated = false;
  Span span;
};

// Gives tokens of text[begin, end); white space is passed over. Offsets are those of `text`.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : Scanner(text, Span{0, static_cast<uint32_t>(text.size())}) {}
  Scanner(std::string_view text, Span section) : text_(text), at_(section.begin), end_(section.end) {}

  Token Next();         // comments included
  Token NextCode();     // comments passed over
  void MoveTo(uint32_t offset) { at_ = offset; }
  uint32_t position() const { return at_; }
  std::string_view Text(const Token& t) const { return text_.substr(t.span.begin, t.span.size()); }
  // Case-insensitive comparison of an unquoted word; `word` in lower case.
  bool Is(const Token& t, std::string_view word) const;

 private:
  Token Quoted(uint32_t begin, char quote, bool backslash_escapes, TokenKind kind);
  Token Dollar(uint32_t begin);
  Token BlockComment(uint32_t begin);

  std::string_view text_;
  uint32_t at_;
  uint32_t end_;
};

// True if `text` equals `word` (lower case) without regard to ASCII letter case.
bool EqualsKeyword(std::string_view text, std::string_view word);

// The span of a name at `begin`: identifiers joined by dots. Empty if there is none.
Span NameSpanAt(std::string_view text, uint32_t begin, uint32_t end);

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_SCANNER_H_
