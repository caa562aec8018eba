// cypher-match-without-label: a write for what a MATCH without label or type finds.
//
// cypher-unbatched-delete and -write may speak of the same statement: batches make it safe to run, a label makes it hit what is meant.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {

extern const Rule kCypherMatchWithoutLabel;

namespace {

using namespace cypher;

bool HasLabelOrType(const PathPattern& path, int depth) {
  for (const PathElement& e : path.elements) {
    if (e.node != nullptr && !e.node->labels.empty()) return true;
    if (e.relationship != nullptr && !e.relationship->types.empty()) return true;
    if (e.group != nullptr && depth < 100 && HasLabelOrType(*e.group, depth + 1)) return true;
  }
  return false;
}

// WHERE n:A OR n:B, 'A' IN labels(n), type(r) = 'R'
bool AsksForLabel(const Expr* where) {
  bool asks = false;
  if (where == nullptr) return false;
  VisitParts(*where, [&](const Expr& e) {
    if (e.kind == ExprKind::kLabelPredicate) asks = true;
    if (e.kind == ExprKind::kCall && e.schema.empty() && (absl::EqualsIgnoreCase(e.text, "labels") || absl::EqualsIgnoreCase(e.text, "type"))) asks = true;
  });
  return asks;
}

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s) || !HasClause(s, {ClauseKind::kMatch})) return;
  const Embedding embedding = EmbeddingOf(s);
  const bool drives = embedding.role == EmbeddedRole::kDriving && embedding.action != nullptr && Writes(*embedding.action);
  if (!drives && !Writes(s)) return;
  std::vector<const PathPattern*> bare;
  const auto report = [&] {
    for (const PathPattern* path : bare) {
      const bool relationship = path->elements.size() > 1;
      FindingBuilder f = context.Report(kCypherMatchWithoutLabel, path->span, relationship ? "the write hits relationships of every type: the MATCH names neither type nor label" : "the write hits nodes of every label: the MATCH names none");
      f.Why(relationship ? "without a type or label the server reads the whole graph, and data of other features that happens to fit is changed too"
                         : "without a label no index or constraint applies, so the server reads every node of the graph (AllNodesScan), and data of other features that happens to fit is changed too");
      f.Help(relationship ? "name the type, as in `()-[r:TYPE]->()`" : "name the label, as in `(n:Label)`; for several, one statement for each");
    }
    bare.clear();
  };
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    if (step.clause->kind == ClauseKind::kMatch && step.components != nullptr && !step.clause->optional) {
      for (const Component& c : *step.components) {
        if (c.anchored || c.bound == Bound::kFew) continue;
        if (std::any_of(c.paths.begin(), c.paths.end(), [](const PathPattern* p) { return HasLabelOrType(*p, 0); })) continue;
        if (AsksForLabel(step.clause->where)) continue;
        for (const PathElement& e : c.paths[0]->elements) {
          if (e.node != nullptr && AsksForLabel(e.node->where)) return;
        }
        bare.push_back(c.paths[0]);
      }
    }
    // Rows that were counted or cut down before the write are only read.
    Bound rows = step.bound;
    if (step.driving != nullptr) rows = std::max(rows, step.driving->bound);
    const bool reached = drives ? step.clause->kind == ClauseKind::kReturn : step.clause->Writes();
    if (reached && rows != Bound::kFew && !bare.empty()) report();
  });
}

}  // namespace

constinit const Rule kCypherMatchWithoutLabel = {
    .info = {
        .name = "cypher-match-without-label",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a write over MATCH (n) without a label",
        .page = {
            .what = "A MATCH that feeds a write names no label and no relationship type, so it goes over all nodes or relationships of the database.",
            .why = "No index helps: the server scans every node. And what the author had in mind is rarely everything: nodes of other features, of plug-ins and of the migration tool itself are written too.",
            .instead = "`MATCH (n:Label)`, one statement for each label that is meant.",
            .fix_safety = "",
            .versions = "",
            .limits = "A condition on labels(n) or type(r), or `n:A OR n:B` in the WHERE, counts as naming them. Nodes found by internal id are left alone.",
            .references = "Cypher manual, \"MATCH\"; execution plan operator AllNodesScan",
            .elsewhere = "",
            .bad = "MATCH (n) WHERE n.createdAt IS NULL\nCALL (n) { SET n.createdAt = datetime('2024-01-01') } IN TRANSACTIONS;\n",
            .good = "MATCH (u:User) WHERE u.createdAt IS NULL\nCALL (u) { SET u.createdAt = datetime('2024-01-01') } IN TRANSACTIONS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
