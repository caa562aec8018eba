// cypher-merge-undirected: MERGE of a relationship without an arrow.
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherMergeUndirected;

namespace {

using namespace cypher;

void Check(const CypherContext& context) {
  if (!Executes(context.statement)) return;
  VisitClauses(context.statement, [&](const ClauseVisit& v) {
    if (v.clause->kind != ClauseKind::kMerge || v.clause->pattern == nullptr) return;
    for (const PathPattern* path : v.clause->pattern->paths) {
      for (const PathElement& e : path->elements) {
        const RelationshipPattern* r = e.relationship;
        if (r == nullptr || r->direction != cypher::Direction::kBoth) continue;
        FindingBuilder f = context.Report(kCypherMergeUndirected, r->span,
                                          absl::StrCat("MERGE of ", r->types.names.empty() ? "a relationship" : Ticked(r->types.names[0].text), " without an arrow takes one in either direction"));
        f.Why("a relationship the wrong way round is accepted as found, and a new one points from left to right: what queries with a direction read later depends on what was there before");
        f.Help("write the arrow: `-[...]->`");
        if (!r->both_arrows && context.statement.exact_spans) f.UnsafeFix("let it point to the right", {{{r->span.end, r->span.end}, ">"}});
      }
    }
  });
}

}  // namespace

constinit const Rule kCypherMergeUndirected = {
    .info = {
        .name = "cypher-merge-undirected",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "MERGE of a relationship without a direction",
        .page = {
            .what = "`MERGE (a)-[:R]-(b)` accepts a relationship in either direction, and creates one from left to right if there is none.",
            .why = "Every stored relationship has a direction. Which one this leaves depends on the data that was there, so that queries with an arrow find it on one database and not on the other.",
            .instead = "`MERGE (a)-[:R]->(b)`.",
            .fix_safety = "Unsafe: where a relationship the other way round exists, the arrow creates a second one.",
            .versions = "",
            .limits = "For relations that have no direction in their meaning, such as MARRIED_TO, this form is the way to have one only; suppress the finding there.",
            .references = "Cypher manual, \"MERGE\", \"Merge on an undirected relationship\"",
            .elsewhere = "",
            .bad = "MATCH (a:User {id: 1}), (b:User {id: 2})\nMERGE (a)-[:FOLLOWS]-(b);\n",
            .good = "MATCH (a:User {id: 1}), (b:User {id: 2})\nMERGE (a)-[:FOLLOWS]->(b);\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
