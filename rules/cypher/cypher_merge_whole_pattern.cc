// cypher-merge-whole-pattern: MERGE of a path whose ends it would create along with the relationship.
//
// A single unbound end without properties is left alone: a child that belongs to its parent only, `MERGE (u)-[:HAS]->(:Cart)`.
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherMergeWholePattern;

namespace {

using namespace cypher;

void Check(const CypherContext& context) {
  if (!Executes(context.statement) || !HasClause(context.statement, {ClauseKind::kMerge})) return;
  FollowRows(context.statement, context.graph, context.script.migration_index, [&](const Step& step) {
    const Clause& c = *step.clause;
    if (c.kind != ClauseKind::kMerge || c.pattern == nullptr || c.pattern->paths.size() != 1) return;
    const PathPattern& path = *c.pattern->paths[0];
    const NodePattern* shared = nullptr;  // an unbound node that other paths may want too
    const NodePattern* constrained = nullptr;
    int unbound = 0, nodes = 0;
    for (const PathElement& e : path.elements) {
      if (e.node == nullptr) continue;
      ++nodes;
      if (!e.node->variable.empty() && step.before->Find(e.node->variable.text) != nullptr) continue;
      ++unbound;
      if (shared == nullptr && !e.node->properties.empty()) shared = e.node;
      std::vector<std::string_view> keys;
      for (const MapEntry& m : e.node->properties.entries) keys.push_back(m.key.text);
      for (const Name& l : e.node->labels.names) {
        if (context.graph.UniqueOn(l.text, keys) != nullptr) constrained = e.node;
      }
    }
    if (nodes < 2 || unbound == 0 || (shared == nullptr && unbound < nodes)) return;
    const std::string label = shared != nullptr && !shared->labels.names.empty() ? absl::StrCat("a second `", shared->labels.names[0].text, "`") : "new nodes";
    FindingBuilder f = context.Report(kCypherMergeWholePattern, path.span, constrained != nullptr ? "MERGE of a whole path fails where its nodes are there and the path is not" : absl::StrCat("MERGE of a whole path creates ", label, " wherever the path is not there"));
    f.Why(constrained != nullptr ? "MERGE finds the path as a whole or creates all of it that is not bound: a node that exists under its uniqueness constraint ends it with ConstraintValidationFailed"
                                 : "MERGE finds the path as a whole or creates all of it that is not bound: a node that exists without this relationship is created again");
    f.Help("first MERGE each node by its key, then the relationship between the bound variables: MERGE (a:A {id: 1}) MERGE (b:B {id: 2}) MERGE (a)-[:R]->(b)");
  });
}

}  // namespace

constinit const Rule kCypherMergeWholePattern = {
    .info = {
        .name = "cypher-merge-whole-pattern",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "MERGE of a path with ends that are not bound: makes duplicates",
        .page = {
            .what = "`MERGE (a)-[:R]->(b:B {id: 1})` matches the whole path or creates every part of it that is not bound before. It does not look for the node `b` alone.",
            .why = "Where the node exists but not this relationship, a second node is created; under a uniqueness constraint the statement fails instead.",
            .instead = "One MERGE for each node by its key, then one for the relationship between the variables.",
            .fix_safety = "",
            .versions = "",
            .limits = "One unbound end without properties is left alone: a node of its own for each parent is then what is meant.",
            .references = "Cypher manual, \"MERGE\", \"Merge relationships\"\nmeasured on Neo4j 5.26.30: a duplicate under a constraint is 400 Neo.ClientError.Schema.ConstraintValidationFailed",
            .elsewhere = "",
            .bad = "MATCH (u:User {id: 1})\nMERGE (u)-[:LIVES_IN]->(:City {name: 'Berlin'});\n",
            .good = "MATCH (u:User {id: 1})\nMATCH (c:City {name: 'Berlin'})\nMERGE (u)-[:LIVES_IN]->(c);\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
