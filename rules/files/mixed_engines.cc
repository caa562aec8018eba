#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/history/code_stream.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void CheckSql(const ScriptContext& script);
void CheckCypher(const SetContext& set);
}  // namespace

extern const Rule kMixedEngines;
const Rule kMixedEngines = {
    .info = {
        .name = "mixed-engines",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "a Cypher statement in a SQL migration, or SQL in a Cypher migration",
        .page = {
            .what = "A statement of one database's language stands in a file for the other. The first one of a file is reported.",
            .why = "The server refuses it as a syntax error, after what stands before it has been applied where no transaction holds the file "
                   "together.",
            .instead = "Move the statement to a migration of the set that is for its database.",
            .fix_safety = "",
            .versions = "",
            .limits = "Statements are told by their first words, and in SQL only those that PostgreSQL's parser does not accept. In the examples, "
                      "`-- file: NAME` begins a file.",
            .references = "PostgreSQL documentation, \"SQL Commands\"\nNeo4j Cypher manual, \"Clauses\"",
            .elsewhere = "",
            .bad = "-- file: 000001_users.up.sql\n"
                   "CREATE CONSTRAINT user_id IF NOT EXISTS FOR (u:User) REQUIRE u.id IS UNIQUE;\n",
            .good = "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n",
        }},
    .check_script = &CheckSql,
    .check_set = &CheckCypher};

namespace {

constexpr size_t kHead = 64;  // tokens of a statement that are looked at

bool OneOf(const CodeReader& reader, const CodeToken& t, std::initializer_list<std::string_view> words) {
  for (std::string_view w : words) {
    if (reader.Is(t, w)) return true;
  }
  return false;
}

// The statement's first tokens; text past kHead is of no interest.
std::vector<CodeToken> Head(CodeReader& reader) {
  std::vector<CodeToken> tokens;
  for (CodeToken t = reader.Next(); t.kind != CodeKind::kEnd && t.kind != CodeKind::kSemicolon; t = reader.Next()) {
    if (t.kind != CodeKind::kDirective && tokens.size() < kHead) tokens.push_back(t);
  }
  return tokens;
}

// For a statement that is no SQL. Cypher's "//" comments, which SQL reads as an operator, may stand before it.
bool LooksLikeCypher(std::string_view text) {
  CodeReader reader(text, {0, static_cast<uint32_t>(text.size())}, Engine::kNeo4j);
  const std::vector<CodeToken> t = Head(reader);
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

// For a statement in a Cypher file: first words that no Cypher statement has.
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

void CheckSql(const ScriptContext& script) {
  if (script.set->engine != Engine::kPostgresql) return;
  for (const sql::Statement* s : script.script->statements) {
    if (s->kind != sql::StatementKind::kSyntaxError) continue;
    const std::string_view text = script.Text(s->span);
    if (!LooksLikeCypher(text)) continue;
    const size_t line = std::min(text.find_first_of("\r\n"), text.size());
    script.Report(kMixedEngines, {s->span.begin, s->span.begin + static_cast<uint32_t>(line)}, "this statement is Cypher, in a migration for PostgreSQL")
        .Why("PostgreSQL refuses it as a syntax error when the migration reaches it")
        .Help("move it to a migration of the Neo4j set");
    return;
  }
}

void CheckFile(const SetContext& context, const Migration& m, const ScriptRef& ref) {
  const std::string_view text = ref.file->text();
  CodeReader reader(text, ref.section, Engine::kNeo4j);
  while (true) {
    const std::vector<CodeToken> head = Head(reader);
    if (head.empty()) {
      if (reader.Next().kind == CodeKind::kEnd) return;
      continue;
    }
    if (!LooksLikeSql(reader, head)) continue;
    const uint32_t begin = head.front().span.begin;
    const size_t line = std::min(text.find_first_of("\r\n", begin), static_cast<size_t>(ref.section.end));
    context.Report(kMixedEngines, ref.file, {begin, static_cast<uint32_t>(line)}, m.version, "this statement is SQL, in a migration for Neo4j")
        .Why("Neo4j refuses it as a syntax error when the migration reaches it")
        .Help("move it to a migration of the PostgreSQL set");
    return;
  }
}

void CheckCypher(const SetContext& context) {
  if (context.set.engine != Engine::kNeo4j) return;
  for (const Migration& m : context.set.migrations) {
    if (m.up) CheckFile(context, m, *m.up);
    if (m.down) CheckFile(context, m, *m.down);
  }
}

}  // namespace
}  // namespace pawl
