// cypher-unbatched-delete: a DELETE of whatever an unrestricted match finds, in one transaction.
//
// Who speaks: rows of LOAD CSV are cypher-load-csv-unbatched's, a match inside the batched subquery is cypher-batch-of-one's.
// cypher-match-without-label may speak too: batches do not cure that one. A statement that also writes is judged here only.
#include "absl/strings/str_cat.h"
#include "rules/cypher/batching.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherUnbatchedDelete;

namespace {

// What is deleted is what each row was found for, not something that hangs on it.
bool DeletesTheRow(const cypher::Clause& c, const RowCause& cause) {
  if (cause.path == nullptr || cause.path->elements.empty()) return false;
  const size_t main = cause.path->elements.size() == 1 ? 0 : 1;
  const cypher::PathElement& e = cause.path->elements[main];
  const std::string_view name = e.node != nullptr ? e.node->variable.text : e.relationship != nullptr ? e.relationship->variable.text : std::string_view();
  return c.arguments.size() == 1 && !name.empty() && c.arguments[0]->text == name;
}

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (!Executes(s) || !HasRowSource(s) || !HasClause(s, {cypher::ClauseKind::kDelete})) return;
  bool reported = false;
  const cypher::Query* query = nullptr;
  size_t first = 0;
  Rows at_first;
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    // The first write of the query: what a batch would have to hold from there on.
    if (step.foreach_clause == nullptr && (WritesEntities(*step.clause) || step.clause->kind == cypher::ClauseKind::kForeach) && query != step.query) {
      query = step.query;
      first = step.index;
      at_first = *step.before;
    }
    if (reported || step.clause->kind != cypher::ClauseKind::kDelete || step.bound != Bound::kMany || step.batch != nullptr || step.cause.source == RowSource::kCsv) return;
    reported = true;
    const std::string rows = DescribeRows(step.cause);
    FindingBuilder f = context.Report(kCypherUnbatchedDelete, step.clause->keyword_span, absl::StrCat("deleting ", DeletesTheRow(*step.clause, step.cause) ? "" : "for ", rows, " in one transaction"));
    f.Why(absl::StrCat("everything deleted is held in memory and locked until the commit: writers of the same nodes wait, and past the transaction memory limit the statement fails with "
                       "MemoryPoolOutOfMemoryError and rolls all of it back"));
    const bool fits = query == step.query;
    const std::string form = fits ? BatchedForm(context, *query, first, at_first) : "";
    f.Help(absl::StrCat(form.empty() ? "find the rows with MATCH, then delete them in CALL (...) { ... } IN TRANSACTIONS OF 10000 ROWS" : absl::StrCat("write `", form, "`"), RunnerAdvice(context)));
    if (!fits) return;
    if (std::vector<TextEdit> edits = BatchingEdits(context, *query, first, at_first); !edits.empty()) f.UnsafeFix("delete in batches of 10000 rows", std::move(edits));
  });
}

}  // namespace

constinit const Rule kCypherUnbatchedDelete = {
    .info = {
        .name = "cypher-unbatched-delete",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "DELETE over an unrestricted match in one transaction",
        .page = {
            .what = "A `DELETE` or `DETACH DELETE` runs for everything that a match finds, and nothing in the statement keeps that small: no unique key, no equality, no LIMIT, no "
                    "`CALL { } IN TRANSACTIONS`.",
            .why = "A transaction keeps every deleted node and relationship in heap memory and locked until it commits. On a large graph it reaches the transaction memory limit and rolls back "
                   "after hours, or takes the server's memory with it. Other writers of the same nodes wait meanwhile.",
            .instead = "`MATCH (n:Old) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS`: each batch commits by itself, and a second run goes on with what is left. The statement must "
                       "run outside an explicit transaction, so it belongs in a file of its own.",
            .fix_safety = "Unsafe: what was one transaction becomes many, and a failure half-way leaves the first batches deleted.",
            .versions = "`CALL { } IN TRANSACTIONS` is there since Neo4j 4.4, `CALL (n) { }` since 5.23; older versions need an importing WITH, which the fix writes where such a version is configured.",
            .limits = "How many nodes there are is not known. An equality is taken as restricting where the property is unique, indexed, called like a key (id, email, "
                      "sku, name) or compared with what looks like one ('PO-17'); one on a status, a flag or a country is not, nor is a comparison, IS NULL or a pattern. Data that the same migration made, and labels such as Config, are left alone.",
            .references = "Cypher manual, \"CALL subqueries in transactions\"\nOperations manual, \"Memory configuration\", transaction memory\n"
                          "measured on Neo4j 5.26.30: in an explicit transaction 500 Neo.DatabaseError.Transaction.TransactionStartFailed; after a failure half-way the committed batches stay",
            .elsewhere = "",
            .bad = "MATCH (s:Session) WHERE s.expiresAt < datetime() DETACH DELETE s;\n",
            .good = "MATCH (s:Session) WHERE s.expiresAt < datetime()\nCALL (s) { DETACH DELETE s } IN TRANSACTIONS OF 10000 ROWS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
