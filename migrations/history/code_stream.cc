#include "migrations/history/code_stream.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

// Comments that decide what a runner executes, or how. Sources: the documentation of dbmate, goose, sql-migrate,
// node-pg-migrate, sqlx, Liquibase ("Formatted SQL changelogs"), Atlas and neo4j-migrations.
bool IsDirective(std::string_view comment, Engine engine) {
  static constexpr std::string_view kPrefixes[] = {"migrate:", "+goose", "+migrate", "liquibase formatted", "changeset ", "preconditions", "precondition-",
                                                   "property ", "up migration", "down migration", "no-transaction", "atlas:"};
  if (!absl::ConsumePrefix(&comment, "--") && !absl::ConsumePrefix(&comment, "//")) return false;
  comment = absl::StripLeadingAsciiWhitespace(comment);
  while (absl::ConsumePrefix(&comment, "-")) comment = absl::StripLeadingAsciiWhitespace(comment);
  if (comment.empty()) return false;
  for (std::string_view prefix : kPrefixes) {
    if (prefix[0] == (comment[0] | 0x20) || prefix[0] == '+') {
      if (absl::StartsWithIgnoreCase(comment, prefix)) return true;
    }
  }
  return engine == Engine::kNeo4j && (absl::StartsWithIgnoreCase(comment, "assert ") || absl::StartsWithIgnoreCase(comment, "assume "));
}

bool IsWordByte(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80; }

// A function that makes a function that makes a function: deeper bodies are compared byte for byte.
constexpr int kMaxBodyDepth = 3;

// A dollar-quoted string without its quotes.
std::string_view Body(std::string_view dollar_string) {
  const size_t tag = dollar_string.find('$', 1);
  if (tag == std::string_view::npos || dollar_string.size() < 2 * (tag + 1)) return dollar_string;
  return dollar_string.substr(tag + 1, dollar_string.size() - 2 * (tag + 1));
}

}  // namespace

bool CodeReader::Is(const CodeToken& t, std::string_view word) const { return t.kind == CodeKind::kWord && absl::EqualsIgnoreCase(Text(t), word); }

CodeToken CodeReader::Next() { return engine_ == Engine::kNeo4j ? NextCypher() : NextSql(); }

CodeToken CodeReader::RestOfLine(uint32_t begin) {
  const size_t newline = text_.substr(0, end_).find('\n', begin);
  at_ = newline == std::string_view::npos ? end_ : static_cast<uint32_t>(newline);
  uint32_t end = at_;
  while (end > begin && absl::ascii_isspace(static_cast<unsigned char>(text_[end - 1]))) --end;
  return {CodeKind::kOther, {begin, end}};
}

// Behind COPY ... FROM stdin; the rest of that line is left alone and the data runs to a line "\.".
bool CodeReader::TakeCopyData(CodeToken& t) {
  if (!copy_ended_) return false;
  copy_ended_ = false;
  const std::string_view all = text_.substr(0, end_);
  const size_t begin = all.find('\n', at_);
  if (begin == std::string_view::npos) return false;
  size_t line = begin + 1;
  while (line < all.size()) {
    const size_t newline = std::min(all.find('\n', line), all.size());
    if (absl::StripTrailingAsciiWhitespace(all.substr(line, newline - line)) == "\\.") {
      line = newline;
      break;
    }
    line = newline + 1;
  }
  const uint32_t end = static_cast<uint32_t>(std::min(line, all.size()));
  t = {CodeKind::kOther, {static_cast<uint32_t>(begin + 1), end}};
  at_ = end;
  return !t.span.empty();
}

void CodeReader::TrackStatement(const CodeToken& t) {
  code_string_next_ = false;
  if (t.kind == CodeKind::kSemicolon) {
    copy_ended_ = copy_ && from_ && stdin_;
    copy_ = from_ = stdin_ = false;
    words_ = 0;
    return;
  }
  if (t.kind != CodeKind::kWord) return;
  ++words_;
  if (words_ == 1 && Is(t, "copy")) copy_ = true;
  if (copy_ && Is(t, "from")) from_ = true;
  if (from_ && Is(t, "stdin")) stdin_ = true;
  // CREATE FUNCTION ... AS $$; DO $$; DO LANGUAGE plpgsql $$ is rare and stays a string.
  code_string_next_ = Is(t, "as") || (words_ == 1 && Is(t, "do"));
}

CodeToken CodeReader::NextSql() {
  CodeToken t;
  if (TakeCopyData(t)) return t;
  sql::Scanner scanner(text_, {at_, end_});
  for (;;) {
    const sql::Token token = scanner.Next();
    at_ = scanner.position();
    t.span = token.span;
    switch (token.kind) {
      case sql::TokenKind::kEnd:
        t.kind = CodeKind::kEnd;
        return t;
      case sql::TokenKind::kComment:
        if (!IsDirective(Text(t), engine_)) {
          comments_.push_back(t.span);
          continue;
        }
        t.kind = CodeKind::kDirective;
        return t;
      case sql::TokenKind::kBackslash: return RestOfLine(token.span.begin);
      case sql::TokenKind::kIdentifier: t.kind = CodeKind::kWord; break;
      case sql::TokenKind::kSemicolon: t.kind = CodeKind::kSemicolon; break;
      case sql::TokenKind::kDollarString: t.kind = code_string_next_ && !token.unterminated ? CodeKind::kBody : CodeKind::kString; break;
      case sql::TokenKind::kString:
      case sql::TokenKind::kNumber: t.kind = CodeKind::kString; break;
      default: t.kind = CodeKind::kOther; break;
    }
    TrackStatement(t);
    return t;
  }
}

// Cypher manual, "Parsing" and "Comments": // and /* */ comments, strings in ' or " with backslash escapes, `names`.
CodeToken CodeReader::NextCypher() {
  const std::string_view all = text_.substr(0, end_);
  for (;;) {
    while (at_ < end_ && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    const uint32_t begin = at_;
    if (begin >= end_) return {CodeKind::kEnd, {end_, end_}};
    const char c = text_[begin];
    if (absl::StartsWith(all.substr(begin), "//")) {
      const CodeToken line = RestOfLine(begin);
      if (IsDirective(Text(line), engine_)) return {CodeKind::kDirective, line.span};
      comments_.push_back(line.span);
      continue;
    }
    if (absl::StartsWith(all.substr(begin), "/*")) {
      const size_t close = all.find("*/", begin + 2);
      at_ = close == std::string_view::npos ? end_ : static_cast<uint32_t>(close + 2);
      comments_.push_back({begin, at_});
      continue;
    }
    ++at_;
    if (c == '\'' || c == '"' || c == '`') {
      while (at_ < end_ && text_[at_] != c) at_ += c != '`' && text_[at_] == '\\' ? 2 : 1;
      at_ = std::min(at_ + 1, end_);
      return {c == '`' ? CodeKind::kOther : CodeKind::kString, {begin, at_}};
    }
    if (c == ':' && (begin == 0 || text_[begin - 1] == '\n')) return RestOfLine(begin);  // cypher-shell: ":param", ":use"
    if (c == ';') return {CodeKind::kSemicolon, {begin, at_}};
    if (IsWordByte(c)) {
      while (at_ < end_ && IsWordByte(text_[at_])) ++at_;
      const bool number = absl::ascii_isdigit(static_cast<unsigned char>(c));
      return {number ? CodeKind::kString : CodeKind::kWord, {begin, at_}};
    }
    return {CodeKind::kOther, {begin, at_}};
  }
}

CodeStream ReadCode(std::string_view text, Span section, Engine engine) {
  CodeStream stream;
  stream.text = text;
  CodeReader reader(text, section, engine);
  for (CodeToken t = reader.Next(); t.kind != CodeKind::kEnd; t = reader.Next()) stream.tokens.push_back(t);
  stream.comments = reader.comments();
  if (engine == Engine::kNeo4j) {
    for (CodeToken& t : stream.tokens) {
      if (t.kind == CodeKind::kWord) t.kind = CodeKind::kOther;  // labels and properties keep their letter case
    }
    return stream;
  }
  // A body in another language (PL/Python) must be left as it is: white space or "--" may mean something there.
  for (size_t begin = 0; begin < stream.tokens.size();) {
    size_t end = begin;
    bool known_language = true;
    for (; end < stream.tokens.size() && stream.tokens[end].kind != CodeKind::kSemicolon; ++end) {
      if (end == begin || !absl::EqualsIgnoreCase(stream.Text(stream.tokens[end - 1].span), "language")) continue;
      std::string_view language = stream.Text(stream.tokens[end].span);
      if (language.size() > 2 && (language[0] == '\'' || language[0] == '"')) language = language.substr(1, language.size() - 2);
      known_language = absl::EqualsIgnoreCase(language, "sql") || absl::EqualsIgnoreCase(language, "plpgsql");
    }
    for (size_t i = begin; i < end && !known_language; ++i) {
      if (stream.tokens[i].kind == CodeKind::kBody) stream.tokens[i].kind = CodeKind::kString;
    }
    begin = end + 1;
  }
  return stream;
}

std::string NormalText(const CodeStream& stream, const CodeToken& t, int depth) {
  const std::string_view text = stream.Text(t.span);
  if (t.kind == CodeKind::kWord) return absl::AsciiStrToLower(text);
  if (t.kind != CodeKind::kBody || depth >= kMaxBodyDepth) return std::string(text);
  const std::string_view body = Body(text);
  const CodeStream inner = ReadCode(body, {0, static_cast<uint32_t>(body.size())}, Engine::kPostgresql);
  std::string out = "$";
  for (const CodeToken& i : inner.tokens) {
    out.push_back('\n');
    out += NormalText(inner, i, depth + 1);
  }
  return out;
}

Span WithoutByteOrderMark(std::string_view text) {
  return {absl::StartsWith(text, "\xEF\xBB\xBF") ? 3u : 0u, static_cast<uint32_t>(text.size())};
}

}  // namespace pawl
