// cypher-batch-of-one: CALL { } IN TRANSACTIONS with nothing before it, so that its one input row makes one batch.
//
// Who speaks: this rule, not the unbatched ones, also where LOAD CSV stands inside.
#include "absl/strings/str_cat.h"
#include "rules/cypher/batching.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherBatchOfOne;

namespace {

// MATCH ... CALL (n) { the writes } IN TRANSACTIONS: for a subquery of one MATCH and simple writes that stands alone.
std::vector<TextEdit> MoveMatchOut(const CypherContext& context, const Step& step, const cypher::Clause& call, const Rows& in_scope) {
  const cypher::Query& inner = *call.query;
  if (context.statement.embedded || step.driving_index != 0 || inner.clauses.size() < 2 || inner.clauses[0]->kind != cypher::ClauseKind::kMatch || inner.clauses[0]->optional) return {};
  for (size_t i = 1; i < inner.clauses.size(); ++i) {
    if (!inner.clauses[i]->Writes()) return {};
  }
  if (!Shrinks({inner.clauses[0]}, std::vector<const cypher::Clause*>(inner.clauses.begin() + 1, inner.clauses.end()))) return {};
  const std::vector<const cypher::Clause*> writes(inner.clauses.begin() + 1, inner.clauses.end());
  const Span match = inner.clauses[0]->span;
  const uint32_t to = writes.front()->span.begin;
  const bool lines = context.Text({call.span.begin, to}).find('\n') != std::string_view::npos;
  return {{{call.span.begin, to}, absl::StrCat(context.Text(match), lines ? "\n" : " ", OpenSubquery(context, UsedVariables(context, writes, in_scope)), lines ? "\n  " : " ")}};
}

void Check(const CypherContext& context) {
  if (!Executes(context.statement) || !HasInTransactions(context.statement)) return;
  const cypher::Clause* reported = nullptr;
  FollowRows(context.statement, context.graph, context.script.migration_index, [&](const Step& step) {
    if (step.batch == nullptr || step.batch == reported || !WritesEntities(*step.clause) || step.bound != Bound::kMany) return;
    if (step.driving->bound == Bound::kMany) return;  // the rows are cut; that each does much is another matter
    reported = step.batch;
    const cypher::Clause& call = *step.batch;
    const std::string rows = DescribeRows(step.cause);
    const bool csv = step.cause.source == RowSource::kCsv;
    FindingBuilder f = context.Report(kCypherBatchOfOne, call.transactions->span, absl::StrCat("IN TRANSACTIONS has one row to batch: the subquery goes over ", rows, " in a single transaction"));
    f.Why("batches are cut from the rows that reach CALL, and here the rows are found inside it: the subquery runs once, holds every lock and change until its end, and can exhaust the transaction memory");
    f.Help(csv ? "put LOAD CSV before CALL, and import its row: LOAD CSV ... AS row CALL (row) { ... } IN TRANSACTIONS" : "put the MATCH before CALL and import its variables: MATCH (n ...) CALL (n) { ... } IN TRANSACTIONS");
    if (step.query != call.query) return;
    if (std::vector<TextEdit> edits = MoveMatchOut(context, step, call, *step.before); !edits.empty()) f.UnsafeFix("put the MATCH before CALL", std::move(edits));
  });
}

}  // namespace

constinit const Rule kCypherBatchOfOne = {
    .info = {
        .name = "cypher-batch-of-one",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "CALL { } IN TRANSACTIONS whose rows are found inside it: one transaction",
        .page = {
            .what = "`CALL { ... } IN TRANSACTIONS OF n ROWS` counts the rows that come in from before it. Where the MATCH stands inside the subquery and nothing stands before it, one row comes in, "
                    "and everything is one transaction.",
            .why = "The statement looks batched and is not: all locks and all changes are held until the end, and on a large graph the transaction memory limit ends it with a rollback of everything.",
            .instead = "`MATCH (n:Old) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS`: the MATCH before, its variable imported.",
            .fix_safety = "Unsafe: what was one transaction becomes many, and a failure half-way leaves the first batches written.",
            .versions = "",
            .limits = "A subquery that finds its rows by a key or LIMIT is left alone.",
            .references = "Cypher manual, \"CALL subqueries in transactions\", \"Batching\"",
            .elsewhere = "",
            .bad = "CALL {\n  MATCH (s:Session)\n  DETACH DELETE s\n} IN TRANSACTIONS OF 10000 ROWS;\n",
            .good = "MATCH (s:Session)\nCALL (s) {\n  DETACH DELETE s\n} IN TRANSACTIONS OF 10000 ROWS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
