#include "migrations/run/sql_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

std::string_view Trim(std::string_view s) { return absl::StripAsciiWhitespace(s); }

// Past the parenthesis that closes the one that `open` is.
uint32_t PastGroup(sql::Scanner& scan, const sql::Token& open) {
  sql::Token t = open;
  for (int depth = 1; depth > 0 && t.kind != sql::TokenKind::kEnd;) {
    t = scan.NextCode();
    if (t.kind == sql::TokenKind::kOpen) ++depth;
    if (t.kind == sql::TokenKind::kClose) --depth;
  }
  return t.span.end;
}

}  // namespace

std::string_view InParentheses(std::string_view sql, uint32_t begin, std::string_view after) {
  sql::Scanner scan(sql);
  scan.MoveTo(begin);
  sql::Token t = scan.NextCode();
  while (t.kind != sql::TokenKind::kEnd && !scan.Is(t, after)) t = scan.NextCode();
  while (t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kOpen) t = scan.NextCode();
  const uint32_t from = t.span.end;
  for (int depth = 1; t.kind != sql::TokenKind::kEnd;) {
    t = scan.NextCode();
    if (t.kind == sql::TokenKind::kOpen) ++depth;
    if (t.kind == sql::TokenKind::kClose && --depth == 0) return Trim(sql.substr(from, t.span.begin - from));
  }
  return {};
}

bool IndexParts(std::string_view sql, std::vector<std::string>* keys, std::string* where) {
  sql::Scanner scan(sql);
  sql::Token t = scan.NextCode();
  while (t.kind != sql::TokenKind::kEnd && !scan.Is(t, "on")) t = scan.NextCode();
  while (t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kOpen) t = scan.NextCode();
  if (t.kind == sql::TokenKind::kEnd) return false;
  for (;;) {
    t = scan.NextCode();
    const uint32_t from = t.span.begin;
    uint32_t to = t.span.end;
    if (t.kind == sql::TokenKind::kOpen) {
      to = PastGroup(scan, t);
      t = scan.NextCode();
    } else {
      t = scan.NextCode();
      while (t.kind == sql::TokenKind::kOperator && scan.Text(t) == ".") {
        to = scan.NextCode().span.end;
        t = scan.NextCode();
      }
      if (t.kind == sql::TokenKind::kOpen) {
        to = PastGroup(scan, t);
        t = scan.NextCode();
      }
    }
    keys->emplace_back(sql.substr(from, to - from));
    while (t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kComma && t.kind != sql::TokenKind::kClose) {
      if (t.kind == sql::TokenKind::kOpen) (void)PastGroup(scan, t);
      t = scan.NextCode();
    }
    if (t.kind == sql::TokenKind::kEnd) return false;
    if (t.kind == sql::TokenKind::kClose) break;
  }
  for (t = scan.NextCode(); t.kind != sql::TokenKind::kEnd; t = scan.NextCode()) {
    if (t.kind == sql::TokenKind::kOpen) (void)PastGroup(scan, t);
    if (!scan.Is(t, "where")) continue;
    *where = std::string(Trim(sql.substr(t.span.end)));
    break;
  }
  return true;
}

std::string QuoteIdentifier(std::string_view s) {
  if (s.size() > 63) {  // NAMEDATALEN - 1, cut between characters
    size_t end = 63;
    while (end > 0 && (static_cast<unsigned char>(s[end]) & 0xC0) == 0x80) --end;
    s = s.substr(0, end);
  }
  return absl::StrCat("\"", absl::StrReplaceAll(s, {{"\"", "\"\""}}), "\"");
}

std::string QuoteLiteral(std::string_view s) {
  const bool backslash = absl::StrContains(s, "\\");
  return absl::StrCat(backslash ? "E'" : "'", absl::StrReplaceAll(s, {{"'", "''"}, {"\\", "\\\\"}}), "'");
}

}  // namespace pawl
