// cypher-admin-with-graph: users, roles and databases in the same file as what is in a database.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherAdminWithGraph;

namespace {

using namespace cypher_rules;

bool IsGraph(const cypher::Statement& s) {
  if (s.IsSchema()) return true;
  if (s.kind != cypher::StatementKind::kQuery) return false;
  bool graph = false;
  VisitClauses(s, [&](const ClauseVisit& v) { graph = graph || (v.clause->kind != cypher::ClauseKind::kShow &&
      v.clause->kind != cypher::ClauseKind::kTerminate); });
  return graph;
}

void Check(const CypherScriptContext& script) {
  const CypherFacts* admin = nullptr;
  const CypherFacts* graph = nullptr;
  bool switched = false;  // a `:use` stands between the two
  for (const CypherFacts& f : script.facts) {
    const cypher::Statement& s = *f.statement;
    if (s.embedded || !Runs(s)) continue;
    if (s.kind == cypher::StatementKind::kAdministration) {
      if (admin == nullptr) admin = &f;
    } else if (IsGraph(s)) {
      if (graph == nullptr) graph = &f;
    } else if (s.kind == cypher::StatementKind::kClientCommand && s.As<cypher::ClientCommand>().command == ":use") {
      switched = switched || (admin == nullptr) != (graph == nullptr);
    }
  }
  if (admin == nullptr || graph == nullptr) return;
  const bool one_transaction = admin->wrapped && graph->wrapped && admin->transaction == graph->transaction;
  if (switched && !one_transaction) return;  // cypher-shell goes from one database to the other
  const auto& command = admin->statement->As<cypher::Administration>();
  FindingBuilder f = script.Report(kCypherAdminWithGraph, admin->statement->span,
                                   absl::StrCat("`", command.command, "` stands in one migration with statements about the graph"));
  if (one_transaction) {
    f.Why("administration runs in the system database: in one transaction with statements of another database the server refuses the "
          "second of the two with ForbiddenDueToTransactionType");
  } else {
    f.AtSeverity(Severity::kWarning);
    f.Why("administration runs in the system database, for the whole server and not for this graph: it is in no backup of the graph, "
          "needs an administrator's rights, and cannot share a transaction with the rest of the file");
  }
  f.Help("move it to a script of its own, run by an administrator against the system database");
  f.Note("the graph is read or changed here", script.file, graph->statement->span);
}

}  // namespace

constinit const Rule kCypherAdminWithGraph = {
    .info = {
        .name = "cypher-admin-with-graph",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "an administration command beside statements about the graph",
        .page = {
            .what = "`CREATE USER`, `GRANT`, `CREATE DATABASE` and the like stand in one migration with statements that read or change "
                    "the graph.",
            .why = "Administration runs in the `system` database. A transaction holds statements of one kind only: the server refuses "
                   "the second kind with "
                   "`ForbiddenDueToTransactionType`, and the migration never succeeds.",
            .instead = "Keep users, roles and databases in a script of their own, which an administrator runs against `system`.",
            .fix_safety = "",
            .versions = "",
            .limits = "Where each statement has a transaction of its own, it is a warning, and silent when `:use` stands between the "
                      "two. `SHOW` and `TERMINATE` are no "
                      "administration in this sense.",
            .references = "Operations manual, \"The system database\"\n"
                          "measured on Neo4j 5.26.30: \"Tried to execute Write query after executing Administration command\", and the "
                          "reverse",
            .elsewhere = "",
            .bad = "CREATE USER reporting IF NOT EXISTS SET PASSWORD $password;\n"
                   "CREATE (:Account {name: 'reporting'});\n",
            .good = "CREATE INDEX account_name IF NOT EXISTS FOR (a:Account) ON (a.name);\n",
        }},
    .check_cypher_script = Check};

}  // namespace pawl
