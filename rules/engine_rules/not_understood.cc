#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/context.h"
#include "rules/engine_rules/engine_rules.h"

namespace pawl {
namespace {

// psql runs scripts of these layouts, so its commands belong there.
bool RunByPsql(Layout l) { return l == Layout::kPlain || l == Layout::kNumbered || l == Layout::kTimestampSlug; }

void Check(const ScriptContext& script) {
  for (const StatementFacts& f : script.facts) {
    const sql::Statement& s = *f.statement;
    if (s.kind == sql::StatementKind::kNotUnderstood) {
      script.Report(kNotUnderstood, s.span, absl::StrCat(s.tag, ": not analysed"))
          .Why("what it does to the schema and which locks it takes is not known, so nothing is said about it")
          .Help("review it by hand, or write the statement out");
    } else if (s.kind == sql::StatementKind::kClientCommand && !RunByPsql(script.set->layout)) {
      script.Report(kNotUnderstood, s.span, absl::StrCat("`", s.tag, "` is a command of psql, which ", ToString(script.set->layout), " does not run"))
          .Why("the runner sends the line to the server, which refuses it")
          .Help("remove the command, or write what it does as SQL");
    }
  }
}

// Which arguments of a call hold Cypher: bit i, argument i. As analyzer/cypher/parser.cc, which counts those that it cannot read.
uint32_t CypherArguments(const cypher::Clause& call) {
  if (!absl::StartsWith(call.schema, "apoc.")) return 0;
  const std::string_view name = call.name.text;
  if (call.schema == "apoc.periodic") {
    if (name == "iterate") return 3;
    return name == "commit" ? 1 : name == "submit" || name == "schedule" || name == "repeat" || name == "submitSchema" ? 2 : 0;
  }
  if (call.schema == "apoc.cypher") return absl::StartsWith(name, "run") || name == "doIt" || absl::StartsWith(name, "parallel") || absl::StartsWith(name, "mapParallel") ? 1 : 0;
  if (call.schema == "apoc.trigger") return name == "add" ? 2 : name == "install" ? 4 : 0;
  return 0;
}

void Calls(const cypher::Query& q, const std::function<void(const cypher::Clause&)>& visit, int depth = 0) {
  if (depth > 200) return;
  for (const cypher::Clause* c : q.clauses) {
    if (c->kind == cypher::ClauseKind::kCallProcedure) visit(*c);
    if (c->query != nullptr) Calls(*c->query, visit, depth + 1);
  }
  for (const cypher::Query* part : q.parts) Calls(*part, visit, depth + 1);
  for (const cypher::WhenBranch& b : q.branches) {
    if (b.query != nullptr) Calls(*b.query, visit, depth + 1);
  }
}

void CheckCypher(const CypherContext& context) {
  if (context.statement.kind != cypher::StatementKind::kQuery) return;
  Calls(context.statement.As<cypher::Query>(), [&](const cypher::Clause& call) {
    const uint32_t wanted = CypherArguments(call);
    for (size_t i = 0; i < call.arguments.size() && i < 32; ++i) {
      const cypher::Expr& e = *call.arguments[i];
      if ((wanted >> i & 1) == 0 || (e.kind == cypher::ExprKind::kLiteral && e.literal == cypher::LiteralKind::kString)) continue;
      const std::string name = cypher::QualifiedName(call.schema, call.name.text);
      context.Report(kNotUnderstood, e.span, absl::StrCat("the Cypher that `", name, "` runs here is put together at run time: not analysed"))
          .Why("how many rows it works on and what it changes is not known, so nothing is said about it")
          .Help("write the statement as one string, with values as parameters, or review it by hand");
    }
  });
}

}  // namespace

const Rule kNotUnderstood = {
    .info = {
        .name = "not-understood",
        .group = RuleGroup::kHistory,
        .severity = Severity::kNote,
        .summary = "a piece that was not analysed: dynamic SQL, an unknown client command, a body in another language",
        .page = {
            .what = "What runs here is known only to the server at run time: a string that is put together and executed, a body in another "
                    "language, a command of a client that pawl does not know, or a file that is included from elsewhere. It was counted, not "
                    "checked.",
            .why = "A lock, a table rewrite or a lost column in this piece is not reported. Without this note, a report with no findings would "
                   "look like a promise that it does not make.",
            .instead = "Write the statements themselves where the names are known. Otherwise review the piece by hand and say so: "
                       "`-- pawl: ignore not-understood -- reviewed by ...`.",
            .fix_safety = "",
            .versions = "",
            .limits = "`EXECUTE` of a literal, and of `format()` with a literal, is parsed and checked, and so is Cypher in literal arguments of apoc procedures. What is "
                      "computed from variables or read from tables is not.",
            .references = "PostgreSQL documentation, \"Executing Dynamic Commands\"",
            .elsewhere = "strong_migrations execute; MigrationPilot MP063; pgsafe unchecked-do-block",
            .bad = "DO $$\n"
                   "DECLARE\n"
                   "  command text := current_setting('deploy.command');\n"
                   "BEGIN\n"
                   "  EXECUTE command;\n"
                   "END $$;\n",
            .good = "CREATE TABLE IF NOT EXISTS measurements (id bigint PRIMARY KEY);\n",
        }},
    .check_script = Check,
    .check_cypher = CheckCypher};

}  // namespace pawl
