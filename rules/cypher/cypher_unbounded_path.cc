// cypher-unbounded-path: a variable-length pattern without an upper bound in the MATCH of a write.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherUnboundedPath;

namespace {

using namespace cypher;

struct Unbounded {
  Span span;
  const RelationshipPattern* relationship = nullptr;
};

void Find(const PathPattern& path, std::vector<Unbounded>& out, int depth) {
  // The shortest path stops at the first that it finds.
  if (path.shortest != ShortestKind::kNone || absl::StrContains(path.selector, "SHORTEST") || absl::StartsWith(path.selector, "ANY")) return;
  if (path.quantifier.unbounded()) out.push_back({path.quantifier.span, nullptr});
  for (const PathElement& e : path.elements) {
    if (e.relationship != nullptr && (e.relationship->length.unbounded() || e.relationship->quantifier.unbounded())) out.push_back({e.relationship->span, e.relationship});
    if (e.group != nullptr && depth < 100) Find(*e.group, out, depth + 1);
  }
}

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s)) return;
  const Embedding embedding = EmbeddingOf(s);
  const bool drives = embedding.role == EmbeddedRole::kDriving && embedding.action != nullptr && Writes(*embedding.action);
  if (!drives && !Writes(s)) return;
  VisitClauses(s, [&](const ClauseVisit& v) {
    if (v.clause->kind != ClauseKind::kMatch || v.clause->pattern == nullptr) return;
    std::vector<Unbounded> found;
    for (const PathPattern* path : v.clause->pattern->paths) Find(*path, found, 0);
    for (const Unbounded& u : found) {
      const std::string what = u.relationship == nullptr || u.relationship->types.names.empty() ? "relationships" : absl::StrCat(Ticked(u.relationship->types.names[0].text), " relationships");
      FindingBuilder f = context.Report(kCypherUnboundedPath, u.span, absl::StrCat("the walk along ", what, " has no upper bound"));
      f.Why("every path of every length is a row of its own: in data with cycles or many branches their number grows exponentially with the depth, and the write runs for each of them");
      f.Help("give it a bound that the data cannot pass, such as `*1..10`, and put WITH DISTINCT before the write");
    }
  });
}

}  // namespace

constinit const Rule kCypherUnboundedPath = {
    .info = {
        .name = "cypher-unbounded-path",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a variable-length pattern without an upper bound in a write",
        .page = {
            .what = "`-[:R*]->`, `-[:R*2..]->`, `-[:R]->+` or `(...)*` in the MATCH of a write walks paths of any length.",
            .why = "Each distinct path is a row. In data with cycles or with several ways to the same node, the number of paths grows exponentially with their length; the statement does not end, and "
                   "holds its locks meanwhile.",
            .instead = "An upper bound that the data cannot pass: `-[:PARENT*1..10]->`. `WITH DISTINCT n` before the write, so that each node is written once.",
            .fix_safety = "",
            .versions = "",
            .limits = "Data that is a tree is safe without a bound, which is not known here. Shortest paths and existence checks in a WHERE are left alone.",
            .references = "Cypher manual, \"Variable-length patterns\"\nmeasured on Neo4j 5.26.30: notification UnboundedVariableLengthPattern",
            .elsewhere = "",
            .bad = "MATCH (:Category {id: 1})-[:PARENT_OF*]->(c:Category) SET c.root = 1;\n",
            .good = "MATCH (:Category {id: 1})-[:PARENT_OF*1..10]->(c:Category)\nWITH DISTINCT c\nSET c.root = 1;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
