// cypher-load-csv-unbatched: LOAD CSV that writes in one transaction.
//
// Who speaks: LOAD CSV inside the batched subquery is cypher-batch-of-one's; USING PERIODIC COMMIT is cypher-removed-syntax's.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/cypher/batching.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherLoadCsvUnbatched;

namespace {

using namespace cypher;

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s) || !HasClause(s, {ClauseKind::kLoadCsv})) return;
  if (std::any_of(s.forms.begin(), s.forms.end(), [](const FormUse& f) { return f.form == Form::kPeriodicCommit; })) return;
  const Clause* load = nullptr;
  const Query* query = nullptr;
  size_t first = 0;
  Rows at_first;
  bool reported = false;
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    const Clause& c = *step.clause;
    if (c.kind == ClauseKind::kLoadCsv && load == nullptr) {
      load = &c;
      query = step.query;
    } else if (load != nullptr && first == 0 && step.query == query && c.kind != ClauseKind::kWith && c.kind != ClauseKind::kFilter) {
      first = step.index;
      at_first = *step.before;
    }
    if (reported || !WritesEntities(c) || step.batch != nullptr || step.bound != Bound::kMany || step.cause.source != RowSource::kCsv) return;
    reported = true;
    const Clause& csv = *step.cause.clause;
    FindingBuilder f = context.Report(kCypherLoadCsvUnbatched, csv.keyword_span.empty() ? csv.span : csv.keyword_span, "the whole CSV file is loaded in one transaction");
    f.Why("all its rows are held in memory and locked until the commit: past the transaction memory limit the load fails with MemoryPoolOutOfMemoryError, and all of it rolls back");
    const std::string row = csv.variable.empty() ? "row" : std::string(csv.variable.text);
    f.Help(absl::StrCat("write `LOAD CSV ... AS ", row, " ", OpenSubquery(context, {row}), " ... } IN TRANSACTIONS OF 1000 ROWS`", RunnerAdvice(context)));
    if (first == 0 || &csv != load) return;
    if (std::vector<TextEdit> edits = BatchingEdits(context, *query, first, at_first); !edits.empty()) f.UnsafeFix("load in batches of 10000 rows", std::move(edits));
  });
}

}  // namespace

constinit const Rule kCypherLoadCsvUnbatched = {
    .info = {
        .name = "cypher-load-csv-unbatched",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "LOAD CSV that writes without CALL { } IN TRANSACTIONS",
        .page = {
            .what = "`LOAD CSV` writes for each row of a file, and the statement is one transaction.",
            .why = "Every node and relationship written stays in heap memory until the commit. A file that is larger than the one it was tested with reaches the transaction memory limit, and the whole "
                   "load rolls back.",
            .instead = "`LOAD CSV ... AS row CALL (row) { ... } IN TRANSACTIONS OF 1000 ROWS`, in a file of its own. Write so that a second run does no harm: MERGE by a key under a uniqueness constraint.",
            .fix_safety = "Unsafe: what was one transaction becomes many, and a failure half-way leaves the first batches written.",
            .versions = "`CALL { } IN TRANSACTIONS` is there since Neo4j 4.4; before, and removed with 5.0, it was USING PERIODIC COMMIT.",
            .limits = "How long the file is is not known. A LIMIT on the rows, or counting them before the write, is taken as restricting.",
            .references = "Cypher manual, \"LOAD CSV\", \"Importing large amounts of data\"",
            .elsewhere = "",
            .bad = "LOAD CSV WITH HEADERS FROM 'https://example.org/users.csv' AS row\nMATCH (u:User {id: row.id})\nSET u.name = row.name;\n",
            .good = "LOAD CSV WITH HEADERS FROM 'https://example.org/users.csv' AS row\nCALL (row) {\n  MATCH (u:User {id: row.id})\n  SET u.name = row.name\n} IN TRANSACTIONS OF 1000 ROWS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
