// cypher-merge-without-constraint: MERGE of a node by a key that no constraint makes unique.
//
// Who speaks: MERGE of a path with unbound ends is cypher-merge-whole-pattern's. One finding for each label and key of a script:
// one constraint cures them all, also one that the same script makes.
#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherMergeWithoutConstraint;

namespace {

using namespace cypher;

// The node of a MERGE of one node with a key; null if it is none.
const NodePattern* MergedNode(const Clause& c) {
  if (c.kind != ClauseKind::kMerge || c.pattern == nullptr || c.pattern->paths.size() != 1 || c.pattern->paths[0]->elements.size() != 1) return nullptr;
  const NodePattern* n = c.pattern->paths[0]->elements[0].node;
  return n == nullptr || n->properties.entries.empty() || n->labels.dynamic ? nullptr : n;
}

bool WasUnique(const CypherScriptContext& context, std::string_view label, const std::vector<std::string_view>& keys) {
  if (context.graph->UniqueOn(label, keys) != nullptr) return true;
  // Dropped by this very script: it stood when the MERGE ran, or another rule speaks of it.
  return std::any_of(context.graph->dropped().begin(), context.graph->dropped().end(), [&](const GraphConstraint& c) {
    return c.owns_index() && c.label == label && c.dropped.migration == context.migration_index &&
           std::all_of(c.properties.begin(), c.properties.end(), [&](const std::string& p) { return std::find(keys.begin(), keys.end(), p) != keys.end(); });
  });
}

void Check(const CypherScriptContext& context) {
  std::set<std::string> seen;
  for (const CypherFacts& facts : context.facts) {
    if (!Executes(*facts.statement)) continue;
    VisitClauses(*facts.statement, [&](const ClauseVisit& v) {
      const NodePattern* n = MergedNode(*v.clause);
      if (n == nullptr) return;
      std::vector<std::string_view> keys;
      for (const MapEntry& m : n->properties.entries) keys.push_back(m.key.text);
      for (const Name& label : n->labels.names) {
        if (WasUnique(context, label.text, keys)) return;
      }
      const std::string label(n->labels.names.empty() ? std::string_view() : n->labels.names[0].text);
      std::vector<std::string> ticked;
      for (std::string_view k : keys) ticked.push_back(Ticked(k));
      if (!seen.insert(absl::StrCat(label, "\n", absl::StrJoin(ticked, ","))).second) return;
      if (label.empty()) {
        FindingBuilder f = context.Report(kCypherMergeWithoutConstraint, n->span, absl::StrCat("MERGE by ", absl::StrJoin(ticked, ", "), " without a label reads every node, and may create a second one"));
        f.Why("no index or constraint applies to a node without a label: each MERGE scans the whole graph, and two that run at once both create the node");
        f.Help("give the node a label, and make a uniqueness constraint on it in an earlier migration");
        return;
      }
      FindingBuilder f = context.Report(kCypherMergeWithoutConstraint, n->span, absl::StrCat("MERGE of `", label, "` by ", absl::StrJoin(ticked, ", "), " has no uniqueness constraint behind it"));
      const bool indexed = context.graph->IndexOn(EntityKind::kNode, label, keys) != nullptr;
      f.Why(indexed ? "an index alone does not lock what is not there: two MERGEs that run at once both find nothing, and both create the node"
                    : "without it two MERGEs that run at once both find nothing and both create the node, and each MERGE reads every node of the label");
      std::string name = absl::AsciiStrToLower(label);
      for (std::string_view k : keys) absl::StrAppend(&name, "_", absl::AsciiStrToLower(k));
      std::string on;
      for (std::string_view k : keys) absl::StrAppend(&on, on.empty() ? "" : ", ", "n.", k);
      if (keys.size() > 1) on = absl::StrCat("(", on, ")");
      f.Help(keys.size() > 3 ? "merge by the one property that identifies the node, under a uniqueness constraint, and set the others with ON CREATE SET"
                             : absl::StrCat("in an earlier migration: `CREATE CONSTRAINT ", name, " IF NOT EXISTS FOR (n:", label, ") REQUIRE ", on, " IS UNIQUE`"));
    });
  }
}

}  // namespace

constinit const Rule kCypherMergeWithoutConstraint = {
    .info = {
        .name = "cypher-merge-without-constraint",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "MERGE on a label and key without a uniqueness constraint earlier in the history",
        .page = {
            .what = "`MERGE (p:Person {email: $email})` looks for the node and creates it if there is none. Only a uniqueness or key constraint on the label and key makes these two steps one.",
            .why = "Without the constraint, the application and the migration, or two runs of it, can each find nothing and each create the node. The duplicates later keep the constraint from being "
                   "made. Each MERGE also reads all nodes of the label.",
            .instead = "A uniqueness constraint in an earlier migration. Merge by the key alone, and set other properties with `ON CREATE SET` and `ON MATCH SET`.",
            .fix_safety = "",
            .versions = "",
            .limits = "Constraints that were made outside the migrations are not known. MERGE without properties is left alone.",
            .references = "Cypher manual, \"MERGE\", \"Using property uniqueness constraints with MERGE\"\n"
                          "measured on Neo4j 5.26.30: with the constraint the second runner's MERGE waits until the first commits",
            .elsewhere = "",
            .bad = "MERGE (r:Role {name: 'admin'});\n",
            .good = "// The MERGE follows in the next migration.\nCREATE CONSTRAINT role_name IF NOT EXISTS FOR (r:Role) REQUIRE r.name IS UNIQUE;\n",
        }},
    .check_cypher_script = Check};

}  // namespace pawl
