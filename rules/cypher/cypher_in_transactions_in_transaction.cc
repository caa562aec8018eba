// cypher-in-transactions-in-transaction: CALL { } IN TRANSACTIONS where a transaction is open already.
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherInTransactionsInTransaction;

namespace {

void Check(const CypherContext& context) {
  if (!context.facts.wrapped || context.statement.embedded || !Executes(context.statement)) return;
  const cypher::Clause* call = nullptr;
  VisitClauses(context.statement, [&](const ClauseVisit& v) {
    if (call == nullptr && v.clause->transactions != nullptr) call = v.clause;
  });
  if (call == nullptr) return;
  const bool runner = context.script.runner_wraps();
  FindingBuilder f = context.Report(kCypherInTransactionsInTransaction, call->transactions->span,
                                    absl::StrCat("IN TRANSACTIONS fails here: ", runner ? "the runner sends the whole file in one transaction" : "`:begin` has opened a transaction"));
  f.Why("the server takes it only in a transaction of its own, and answers Neo.DatabaseError.Transaction.TransactionStartFailed (\"can only be executed in an implicit transaction\"); what the open transaction had done is rolled back");
  f.Help(runner ? "give the statement a file of its own, and have the runner send that file without a transaction" : "end the transaction with `:commit` before it");
}

}  // namespace

constinit const Rule kCypherInTransactionsInTransaction = {
    .info = {
        .name = "cypher-in-transactions-in-transaction",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "CALL { } IN TRANSACTIONS inside an open transaction: refused by the server",
        .page = {
            .what = "`CALL { } IN TRANSACTIONS` opens and commits transactions itself, so the server refuses it where a transaction is open: after `:begin`, or when the runner wraps the file in one.",
            .why = "The statement fails with `Neo.DatabaseError.Transaction.TransactionStartFailed`, and the open transaction is destroyed with everything done in it.",
            .instead = "A file of its own for the batched statement, run without a transaction. neo4j-migrations switches by itself when it sees IN TRANSACTIONS, and then runs every statement of the "
                       "file by itself.",
            .fix_safety = "",
            .versions = "",
            .limits = "What a runner does is known from its layout. Statements that APOC's procedures run are not judged.",
            .references = "Cypher manual, \"CALL subqueries in transactions\"\n"
                          "measured on Neo4j 5.26.30: 500 Neo.DatabaseError.Transaction.TransactionStartFailed \"A query with 'CALL { ... } IN TRANSACTIONS' can only be executed in an implicit transaction\"",
            .elsewhere = "",
            .bad = ":begin\nMATCH (s:Session) CALL (s) { DETACH DELETE s } IN TRANSACTIONS;\n:commit\n",
            .good = "MATCH (s:Session)\nCALL (s) { DETACH DELETE s } IN TRANSACTIONS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
