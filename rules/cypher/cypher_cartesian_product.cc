// cypher-cartesian-product: a write for every combination of rows that have nothing to do with each other.
//
// The unbatched rules may speak of the same statement: they mean the transaction, this one the number of rows.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherCartesianProduct;

namespace {

using namespace cypher;

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s) || !HasClause(s, {ClauseKind::kMatch})) return;
  const Embedding embedding = EmbeddingOf(s);
  const bool drives = embedding.role == EmbeddedRole::kDriving && embedding.action != nullptr && Writes(*embedding.action);
  if (!drives && !Writes(s)) return;
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    if (step.clause->kind != ClauseKind::kMatch || step.components == nullptr || step.clause->optional) return;
    // What the rows are multiplied with: those from before, or the first path that nothing restricts.
    const bool rows_before = step.before->bound == Bound::kMany && step.before->cause.source == RowSource::kMatch;
    const Component* first = nullptr;
    for (const Component& c : *step.components) {
      if (c.anchored && rows_before) first = &c;
    }
    for (const Component& c : *step.components) {
      if (c.anchored || c.bound != Bound::kMany) continue;
      if (first == nullptr && !rows_before) {
        first = &c;
        continue;
      }
      if (first != nullptr && first->joined == c.joined) continue;
      const RowCause mine{RowSource::kMatch, step.clause, c.paths[0], false};
      RowCause other = step.before->cause;
      if (!rows_before) other = {RowSource::kMatch, step.clause, first->paths[0], false};
      other.filtered = false;
      FindingBuilder f = context.Report(kCypherCartesianProduct, c.paths[0]->span, absl::StrCat(DescribeRows(mine), " is combined with ", DescribeRows(other), ": a cartesian product"));
      f.Why("nothing ties the two together, so the write runs for the product of both counts: ten thousand of each are a hundred million rows, held in one transaction");
      f.Help("connect them by a relationship or an equality (WHERE a.key = b.key), or find one of them by its key");
      return;
    }
  });
}

}  // namespace

constinit const Rule kCypherCartesianProduct = {
    .info = {
        .name = "cypher-cartesian-product",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "disconnected patterns in the MATCH of a write",
        .page = {
            .what = "A MATCH has two patterns, neither restricted, that share no variable and that no condition ties together. It finds every combination of the two.",
            .why = "The number of rows is the product of both counts, and the write runs for each. On data larger than a test's this does not end, or fills the transaction memory.",
            .instead = "Connect the patterns by a relationship, by an equality on an indexed property, or find one of them by its key.",
            .fix_safety = "",
            .versions = "",
            .limits = "A comparison other than equality does not count as a tie. Patterns restricted by an equality, such as two nodes found by their keys, are left alone.",
            .references = "Cypher manual, execution plan operator CartesianProduct\nmeasured on Neo4j 5.26.30: notification CartesianProduct, category PERFORMANCE",
            .elsewhere = "",
            .bad = "MATCH (u:User), (g:Group)\nCALL (u, g) { MERGE (u)-[:MEMBER_OF]->(g) } IN TRANSACTIONS OF 10000 ROWS;\n",
            .good = "MATCH (u:User), (g:Group) WHERE u.groupId = g.id AND NOT (u)-[:MEMBER_OF]->(g)\nCALL (u, g) { MERGE (u)-[:MEMBER_OF]->(g) } IN TRANSACTIONS OF 10000 ROWS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
