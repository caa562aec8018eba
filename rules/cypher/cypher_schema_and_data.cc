// cypher-schema-and-data: schema commands and writes in one transaction, which Neo4j refuses.
//
// Measured on 5.26.30: EXPLAIN of a write counts as one; so does a procedure that writes or that the server does not know; reads and
// other schema commands may stand beside schema commands.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherSchemaAndData;

namespace {

using namespace cypher_rules;

enum class Sort : uint8_t { kNeutral, kSchema, kData };

Sort SortOf(const cypher::Statement& s) {
  if (s.IsSchema()) return Sort::kSchema;
  return WritesData(s) ? Sort::kData : Sort::kNeutral;
}

struct Run {
  Sort sort;
  std::vector<const cypher::Statement*> statements;
};

std::string Lines(const CypherScriptContext& script, const Run& run) {
  const uint32_t first = script.file->PositionAt(run.statements.front()->span.begin).line;
  const uint32_t last = script.file->PositionAt(run.statements.back()->full_end > 0 ? run.statements.back()->full_end - 1 : 0).line;
  return first == last ? absl::StrCat("line ", first) : absl::StrCat("lines ", first, " to ", last);
}

// "1. schema (lines 1 to 4), 2. data (line 6)": the migrations to make of it, in the order written.
std::string Split(const CypherScriptContext& script, const std::vector<Run>& runs) {
  std::string out;
  for (size_t i = 0; i < runs.size(); ++i) absl::StrAppend(&out, i == 0 ? "" : ", ", i + 1, ". ", runs[i].sort == Sort::kSchema
      ? "schema" : "data", " (", Lines(script, runs[i]), ")");
  return out;
}

// Only a client that sends each statement on its own can run this: cypher-index-not-awaited has the measurement.
bool NeedsOwnTransaction(const cypher::Statement& s) {
  bool awaits = s.kind == cypher::StatementKind::kClientCommand || HasInTransactions(s);
  VisitClauses(s, [&](const ClauseVisit& v) { awaits = awaits || (v.clause->schema == "db" && (v.clause->name.text == "awaitIndexes" ||
      v.clause->name.text == "awaitIndex")); });
  return awaits;
}

// Layouts that say nothing about who runs them.
bool RunnerUnknown(Layout l) { return l == Layout::kPlain || l == Layout::kNumbered || l == Layout::kTimestampSlug; }

void Report(const CypherScriptContext& script, const std::vector<Run>& runs, bool refused) {
  if (runs.size() < 2) return;
  const cypher::Statement& first = *runs[0].statements.front();
  const cypher::Statement& second = *runs[1].statements.front();
  const bool data_last = runs[1].sort == Sort::kData;
  if (refused) {
    FindingBuilder f = script.Report(kCypherSchemaAndData, second.span,
                                     data_last ? absl::StrCat("this write cannot run in the transaction that ", StatementWords(first),
                                         " runs in")
                                               : absl::StrCat(StatementWords(second), " cannot run in a transaction that has written "
                                                                                      "data"));
    f.Why(absl::StrCat("the server refuses it with ForbiddenDueToTransactionType, \"Tried to execute ",
                       data_last ? "Write query after executing Schema modification" : "Schema modification after executing Write "
                                                                                       "query", "\", and the migration never succeeds"));
    f.Help(absl::StrCat("split the file into ", runs.size(), " migrations: ", Split(script, runs)));
    f.Note(absl::StrCat("the transaction's first ", data_last ? "schema command" : "write"), script.file, first.span);
    return;
  }
  FindingBuilder f = script.Report(kCypherSchemaAndData, second.span, absl::StrCat(data_last ? "data is written"
      : StatementWords(second), data_last ? " in a file that changes the schema too" : " stands in a file that writes data too"));
  f.AtSeverity(Severity::kNote);
  f.Why("Neo4j never runs both in one transaction: a runner that wraps the file is refused with ForbiddenDueToTransactionType, and one "
        "that sends each statement on its own leaves half of the file behind when it is killed");
  f.Help(absl::StrCat("keep them in migrations of their own: ", Split(script, runs)));
}

void Check(const CypherScriptContext& script) {
  std::vector<Run> runs, loose;
  uint32_t transaction = 0;
  bool by_statement = false;
  const auto flush = [&] {
    Report(script, runs, true);
    runs.clear();
  };
  for (const CypherFacts& f : script.facts) {
    const cypher::Statement& s = *f.statement;
    if (s.embedded) continue;  // in transactions of their own
    by_statement |= NeedsOwnTransaction(s);
    const Sort sort = SortOf(s);
    if (sort == Sort::kNeutral) continue;
    if (!f.wrapped) {
      if (!Runs(s)) continue;
      if (loose.empty() || loose.back().sort != sort) loose.push_back({sort, {}});
      loose.back().statements.push_back(&s);
      continue;
    }
    if (f.transaction != transaction) flush();
    transaction = f.transaction;
    if (runs.empty() || runs.back().sort != sort) runs.push_back({sort, {}});
    runs.back().statements.push_back(&s);
  }
  flush();
  // Written for a client that sends each statement on its own: nothing to say.
  if (!by_statement && RunnerUnknown(script.set->layout)) Report(script, loose, false);
}

}  // namespace

constinit const Rule kCypherSchemaAndData = {
    .info = {
        .name = "cypher-schema-and-data",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "schema commands and writes in one transaction: the server refuses it",
        .page = {
            .what = "A constraint or index is made or dropped in the same transaction in which data is written. Neo4j refuses the first "
                    "statement of the second "
                    "kind, whichever comes first, and rolls the transaction back.",
            .why = "The migration fails on every server, at once and every time. It looks correct in Neo4j Browser and in cypher-shell, "
                   "which send each "
                   "statement in a transaction of its own.",
            .instead = "Put the schema commands into a migration of their own. The message names the files to make of it, in the order "
                       "written: a constraint that "
                       "the data must fit first comes behind the data.",
            .fix_safety = "",
            .versions = "The same on Neo4j 4.x, 5 and later.",
            .limits = "Where nothing tells how the file is run (a plain folder), it is a note: cypher-shell runs such a file, but no "
                      "runner can apply it as one. "
                      "Silent there when the file uses `CALL { } IN TRANSACTIONS`, `db.awaitIndexes()` or commands of cypher-shell. "
                      "Procedures are known by name.",
            .references = "Neo4j status codes, Neo.ClientError.Transaction.ForbiddenDueToTransactionType\n"
                          "measured on Neo4j 5.26.30: both orders are refused; reads beside schema commands, and several schema "
                          "commands, are accepted",
            .elsewhere = "",
            .bad = "CREATE CONSTRAINT role_name IF NOT EXISTS FOR (r:Role) REQUIRE r.name IS UNIQUE;\n"
                   "MERGE (:Role {name: 'admin'});\n",
            .good = "CREATE CONSTRAINT role_name IF NOT EXISTS FOR (r:Role) REQUIRE r.name IS UNIQUE;\n",
        }},
    .check_cypher_script = Check};

}  // namespace pawl
