#include "rules/files/languages.h"

#include <algorithm>
#include <initializer_list>

namespace pawl {
namespace {

constexpr size_t kHead = 64;  // tokens of a statement that are looked at

bool OneOf(const CodeReader& reader, const CodeToken& t, std::initializer_list<std::string_view> words) {
  for (std::string_view w : words) {
    if (reader.Is(t, w)) return true;
  }
  return false;
}

}  // namespace

std::vector<CodeToken> StatementHead(CodeReader& reader) {
  std::vector<CodeToken> tokens;
  for (CodeToken t = reader.Next(); t.kind != CodeKind::kEnd && t.kind != CodeKind::kSemicolon; t = reader.Next()) {
    if (t.kind != CodeKind::kDirective && tokens.size() < kHead) tokens.push_back(t);
  }
  return tokens;
}

bool LooksLikeCypher(std::string_view text) {
  CodeReader reader(text, {0, static_cast<uint32_t>(text.size())}, Engine::kNeo4j);
  const std::vector<CodeToken> t = StatementHead(reader);
  if (t.size() < 2) return false;
  auto is = [&](size_t i, std::string_view word) { return i < t.size() && reader.Is(t[i], word); };
  auto text_at = [&](size_t i) { return i < t.size() ? reader.Text(t[i]) : std::string_view(); };
  if (is(0, "match") || is(0, "unwind") || is(0, "foreach") || (is(0, "optional") && is(1, "match")) || (is(0, "detach") && is(1, "delete")) ||
      (is(0, "load") && is(1, "csv"))) {
    return true;
  }
  if (is(0, "merge") || is(0, "create")) {
    if (text_at(1) == "(") return true;
  }
  if (is(0, "call")) return text_at(1) == "{" || is(1, "apoc") || is(1, "db") || is(1, "dbms");
  if (is(0, "with") || is(0, "create")) {
    for (size_t i = 1; i < t.size(); ++i) {
      if (is(0, "with") && (is(i, "match") || is(i, "unwind") || is(i, "return"))) return true;
      // CREATE CONSTRAINT / INDEX ... FOR (n:Label), the older ASSERT form, and ON :Label(property).
      if (is(0, "create") && (is(i, "require") || is(i, "assert") || ((is(i, "for") || is(i, "on")) && (text_at(i + 1) == "(" && text_at(i + 3) == ":")) ||
                              (is(i, "on") && text_at(i + 1) == ":"))) {
        return true;
      }
    }
  }
  return false;
}

bool LooksLikeSql(const CodeReader& reader, const std::vector<CodeToken>& t) {
  auto is = [&](size_t i, std::string_view word) { return i < t.size() && reader.Is(t[i], word); };
  if (t.size() < 2) return false;
  if (is(0, "select") || (is(0, "insert") && is(1, "into")) || (is(0, "delete") && is(1, "from")) || is(0, "truncate") || (is(0, "comment") && is(1, "on"))) {
    return true;
  }
  if (is(0, "update")) return is(2, "set") || is(4, "set");  // UPDATE t SET, UPDATE s.t SET
  const bool create = is(0, "create"), alter = is(0, "alter"), drop = is(0, "drop");
  if (!create && !alter && !drop) return false;
  size_t at = 1;
  if (is(at, "or") && is(at + 1, "replace")) at += 2;
  if (is(at, "unique") && is(at + 1, "index")) return true;
  if (OneOf(reader, t[std::min(at, t.size() - 1)],
            {"table", "view", "materialized", "sequence", "type", "domain", "extension", "function", "procedure", "trigger", "schema", "policy"})) {
    return true;
  }
  if (!create || !is(at, "index")) return false;
  for (size_t i = at; i + 2 < t.size(); ++i) {
    // ON users (email); Cypher's older form is ON :User(email).
    if (is(i, "on") && t[i + 1].kind == CodeKind::kWord) return true;
  }
  return false;
}

bool LooksLikeSql(std::string_view text) {
  CodeReader reader(text, {0, static_cast<uint32_t>(text.size())}, Engine::kNeo4j);
  return LooksLikeSql(reader, StatementHead(reader));
}

}  // namespace pawl
