// cypher-unbatched-write: SET, REMOVE, CREATE or MERGE for each row of an unrestricted match, in one transaction.
//
// Who speaks: a statement that deletes too is cypher-unbatched-delete's; rows of LOAD CSV are cypher-load-csv-unbatched's; a match
// inside the batched subquery is cypher-batch-of-one's.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/cypher/batching.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherUnbatchedWrite;

namespace {

std::string Doing(const CypherContext& context, const cypher::Clause& c) {
  switch (c.kind) {
    case cypher::ClauseKind::kSet:
    case cypher::ClauseKind::kRemove: {
      const std::string first = c.items.empty() ? "" : absl::StrCat(" `", context.Text(c.items[0].kind == cypher::SetKind::kProperty && c.items[0].target != nullptr ? Span{c.items[0].target->span.begin, c.items[0].key.span.end} : c.items[0].span), "`");
      return absl::StrCat(c.kind == cypher::ClauseKind::kSet ? "setting" : "removing", first.size() > 60 ? " properties" : first);
    }
    case cypher::ClauseKind::kMerge: return "a MERGE";
    case cypher::ClauseKind::kCallProcedure: return absl::StrCat("`", cypher::QualifiedName(c.schema, c.name.text), "`");
    default: return "a CREATE";
  }
}

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (!Executes(s) || !HasRowSource(s)) return;
  const cypher::Clause* write = nullptr;
  RowCause cause;
  const cypher::Query* query = nullptr;
  size_t first = 0;
  Rows at_first;
  bool deletes = false, fits = false;
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    if (write == nullptr && step.foreach_clause == nullptr && (WritesEntities(*step.clause) || step.clause->kind == cypher::ClauseKind::kForeach) && query != step.query) {
      query = step.query;
      first = step.index;
      at_first = *step.before;
    }
    if (!WritesEntities(*step.clause) || step.bound != Bound::kMany || step.batch != nullptr || step.cause.source == RowSource::kCsv) return;
    if (step.clause->kind == cypher::ClauseKind::kDelete) deletes = true;
    if (write != nullptr) return;
    write = step.clause;
    cause = step.cause;
    fits = query == step.query;
  });
  if (write == nullptr || deletes) return;
  const Span at = write->keyword_span.empty() ? write->span : write->keyword_span;
  FindingBuilder f = context.Report(kCypherUnbatchedWrite, at, absl::StrCat(Doing(context, *write), " for ", DescribeRows(cause), " in one transaction"));
  f.Why("every node and relationship written stays locked and in the transaction's memory until the commit: writers of them wait, and past the transaction memory limit the statement fails with "
        "MemoryPoolOutOfMemoryError and rolls all of it back");
  const std::string form = fits ? BatchedForm(context, *query, first, at_first) : "";
  f.Help(absl::StrCat(form.empty() ? "find the rows with MATCH, then write them in CALL (...) { ... } IN TRANSACTIONS OF 10000 ROWS" : absl::StrCat("write `", form, "`"), RunnerAdvice(context)));
  if (!fits) return;
  if (std::vector<TextEdit> edits = BatchingEdits(context, *query, first, at_first); !edits.empty()) f.UnsafeFix("write in batches of 10000 rows", std::move(edits));
}

}  // namespace

constinit const Rule kCypherUnbatchedWrite = {
    .info = {
        .name = "cypher-unbatched-write",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "SET, REMOVE, CREATE or MERGE for each row of an unrestricted match in one transaction",
        .page = {
            .what = "A write runs once for each row of a match, and nothing in the statement keeps the rows few: no unique key, no equality, no LIMIT, no `CALL { } IN TRANSACTIONS`.",
            .why = "The transaction keeps every change in heap memory, and a write lock on every node and relationship it touches, until it commits. On a large graph it reaches the transaction "
                   "memory limit and rolls back after hours; until then the application waits for the locks.",
            .instead = "`MATCH (u:User) WHERE u.active IS NULL CALL (u) { SET u.active = true } IN TRANSACTIONS OF 10000 ROWS`. Let the match leave out what is done, so that a second run goes on "
                       "where the first stopped.",
            .fix_safety = "Unsafe: what was one transaction becomes many, and a failure half-way leaves the first batches written. Where the match does not leave out what is done, the fix adds a "
                          "condition that does, or is not offered.",
            .versions = "`CALL { } IN TRANSACTIONS` is there since Neo4j 4.4, `CALL (n) { }` since 5.23; older versions need an importing WITH, which the fix writes where such a version is configured.",
            .limits = "How many nodes there are is not known. An equality is taken as restricting where the property is unique, indexed, called like a key (id, email, "
                      "sku, name) or compared with what looks like one ('PO-17'); one on a status, a flag or a country is not, nor is a comparison, IS NULL or a pattern. Data that the same migration made, and labels such as Config, are left alone.",
            .references = "Cypher manual, \"CALL subqueries in transactions\"\nOperations manual, \"Memory configuration\", transaction memory, and \"Locks\"\n"
                          "measured on Neo4j 5.26.30: after a failure half-way the committed batches stay",
            .elsewhere = "",
            .bad = "MATCH (u:User) WHERE u.active IS NULL SET u.active = true;\n",
            .good = "MATCH (u:User) WHERE u.active IS NULL\nCALL (u) { SET u.active = true } IN TRANSACTIONS OF 10000 ROWS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
