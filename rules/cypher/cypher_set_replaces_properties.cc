// cypher-set-replaces-properties: SET n = {...}, which drops every property that is not named.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {

extern const Rule kCypherSetReplacesProperties;

namespace {

using namespace cypher;

// n {.*, k: v}, apoc.map.merge(properties(n), ...): made from what the node has.
bool Keeps(const Expr& value, std::string_view variable) {
  bool keeps = false;
  VisitParts(value, [&](const Expr& e) {
    const bool of = !e.arguments.empty() && e.arguments[0]->kind == ExprKind::kVariable && e.arguments[0]->text == variable;
    if (e.kind == ExprKind::kMapProjection && of && std::any_of(e.entries.begin(), e.entries.end(), [](const MapEntry& m) { return m.key.text == "*"; })) keeps = true;
    if (e.kind == ExprKind::kCall && of && absl::EqualsIgnoreCase(e.text, "properties")) keeps = true;
  });
  return keeps;
}

void Judge(const CypherContext& context, const SetItem& i, const Rows& before, const NodePattern* merged_now) {
  if (i.kind != SetKind::kReplaceAll || i.target == nullptr || i.target->kind != ExprKind::kVariable || i.value == nullptr) return;
  const std::string_view name = i.target->text;
  const Variable* v = before.Find(name);
  if (v != nullptr && v->created) return;
  if (Keeps(*i.value, name)) return;
  if (merged_now != nullptr) {
    // ON CREATE SET n = {...}: the node is new, but its key may be among what is dropped.
    if (i.value->kind != ExprKind::kMap) return;
    const auto& entries = i.value->entries;
    const bool all = std::all_of(merged_now->properties.entries.begin(), merged_now->properties.entries.end(), [&](const MapEntry& key) {
      return std::any_of(entries.begin(), entries.end(), [&](const MapEntry& m) { return m.key.text == key.key.text; });
    });
    if (all) return;
  }
  FindingBuilder f = context.Report(kCypherSetReplacesProperties, i.span, absl::StrCat("every property of ", Ticked(name), " that the right side does not name is dropped"));
  f.Why(merged_now != nullptr ? "`=` puts the map in the place of all properties, the key of the MERGE included: the next MERGE does not find the node"
                              : "`=` puts the map in the place of all properties: what the application or an earlier migration stored beside them is gone after the commit");
  f.Help(absl::StrCat("write `SET ", name, " += ...`, which leaves the others as they are"));
  const bool clears = i.value->kind == ExprKind::kMap && i.value->entries.empty();
  if (!clears && !i.operator_span.empty() && context.statement.exact_spans) f.UnsafeFix("write += ", {{i.operator_span, "+="}});
}

void Check(const CypherContext& context) {
  if (!Executes(context.statement) || !HasClause(context.statement, {ClauseKind::kSet, ClauseKind::kMerge})) return;
  FollowRows(context.statement, context.graph, context.script.migration_index, [&](const Step& step) {
    for (const SetItem& i : step.clause->items) {
      if (step.clause->kind == ClauseKind::kSet) Judge(context, i, *step.before, nullptr);
    }
    for (const MergeAction& a : step.clause->actions) {
      const NodePattern* merged = a.on_create && step.clause->pattern != nullptr && step.clause->pattern->paths.size() == 1 ? step.clause->pattern->paths[0]->elements[0].node : nullptr;
      for (const SetItem& i : a.items) {
        // Only the node of a MERGE of one node is known to be new.
        if (a.on_create && (merged == nullptr || i.target == nullptr || merged->variable.text != i.target->text)) continue;
        Judge(context, i, *step.before, merged);
      }
    }
  });
}

}  // namespace

constinit const Rule kCypherSetReplacesProperties = {
    .info = {
        .name = "cypher-set-replaces-properties",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "SET n = {map} drops every other property",
        .page = {
            .what = "`SET n = {...}` and `SET n = $map` replace all properties of the node or relationship. Those that the map does not name are removed.",
            .why = "Properties that the application or an earlier migration stored are lost, and only a backup has them. After `MERGE ... ON CREATE SET n = {...}` even the key of the MERGE is gone.",
            .instead = "`SET n += {...}` sets what is named and leaves the rest.",
            .fix_safety = "Unsafe: where the others are meant to go, they now stay.",
            .versions = "",
            .limits = "Nodes that the same query creates are left alone, and so is a value made from the node itself with `n {.*}` or `properties(n)`.",
            .references = "Cypher manual, \"SET\", \"Replace all properties using a map and =\"",
            .elsewhere = "",
            .bad = "MATCH (u:User {id: 1}) SET u = {name: 'Ann'};\n",
            .good = "MATCH (u:User {id: 1}) SET u += {name: 'Ann'};\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
