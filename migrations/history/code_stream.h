// A script as the tokens that a server would see, for comparing two of them. Internal to migrations/history and its rules.
#ifndef PAWL_MIGRATIONS_HISTORY_CODE_STREAM_H_
#define PAWL_MIGRATIONS_HISTORY_CODE_STREAM_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/finding/finding.h"
#include "analyzer/source/span.h"

namespace pawl {

enum class CodeKind : uint8_t {
  kWord,       // a name or keyword whose letter case does not matter
  kBody,       // a dollar-quoted body of a function or DO block in SQL or PL/pgSQL
  kSemicolon,
  kString,     // constants: strings and numbers
  kOther,      // anything else, compared byte for byte
  kDirective,  // a comment that a migration runner obeys
  kEnd,
};

struct CodeToken {
  CodeKind kind = CodeKind::kEnd;
  Span span;
};

// Reads one token after the other, so that a caller who needs only the first few pays for no more. COPY data and psql
// meta-commands are one token each. Keeps a view of `text`.
class CodeReader {
 public:
  CodeReader(std::string_view text, Span section, Engine engine) : text_(text), at_(section.begin), end_(section.end), engine_(engine) {}

  CodeToken Next();
  std::string_view Text(const CodeToken& t) const { return text_.substr(t.span.begin, t.span.size()); }
  bool Is(const CodeToken& t, std::string_view word) const;  // `word` in lower case
  const std::vector<Span>& comments() const { return comments_; }  // those passed over so far, directives left out

 private:
  CodeToken NextSql();
  CodeToken NextCypher();
  CodeToken RestOfLine(uint32_t begin);
  bool TakeCopyData(CodeToken& t);
  void TrackStatement(const CodeToken& t);

  std::string_view text_;
  uint32_t at_;
  uint32_t end_;
  Engine engine_;
  std::vector<Span> comments_;
  // The current statement so far.
  uint32_t words_ = 0;
  bool copy_ = false, from_ = false, stdin_ = false, copy_ended_ = false;
  bool code_string_next_ = false;  // after AS or DO: a dollar-quoted string is a body
};

struct CodeStream {
  std::string_view text;
  std::vector<CodeToken> tokens;
  std::vector<Span> comments;

  std::string_view Text(Span s) const { return text.substr(s.begin, s.size()); }
};
CodeStream ReadCode(std::string_view text, Span section, Engine engine);

// The token as it counts when formatting does not: words in lower case, bodies as their own tokens in turn.
std::string NormalText(const CodeStream& stream, const CodeToken& t, int depth = 0);

// A text from behind its byte order mark to its end.
Span WithoutByteOrderMark(std::string_view text);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_CODE_STREAM_H_
