#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/history/code_stream.h"
#include "rules/files/languages.h"
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
    const std::vector<CodeToken> head = StatementHead(reader);
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
