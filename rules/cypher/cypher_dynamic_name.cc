// cypher-dynamic-name: a label, type or property key that is computed while the migration runs.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherDynamicName;

namespace {

using namespace cypher;

bool IsLiteral(const Expr* e) {
  if (e == nullptr) return false;
  if (e->kind == ExprKind::kLiteral) return true;
  return e->kind == ExprKind::kList && std::all_of(e->arguments.begin(), e->arguments.end(), [](const Expr* a) { return IsLiteral(a); });
}

// The first computed part of a label expression; $('Known') is not one.
const LabelExpr* Computed(const LabelExpr* e) {
  if (e == nullptr) return nullptr;
  if (e->kind == LabelKind::kDynamic) return IsLiteral(e->expression) ? nullptr : e;
  for (const LabelExpr* o : e->operands) {
    if (const LabelExpr* found = Computed(o)) return found;
  }
  return nullptr;
}

// Procedures of APOC that write names given as an argument: which one, and what it names.
struct NamedBy {
  std::string_view schema, name;
  size_t argument;
  const char* what;
};
constexpr NamedBy kProcedures[] = {
    {"apoc.create", "addLabels", 1, "label"},        {"apoc.create", "setLabels", 1, "label"},           {"apoc.create", "removeLabels", 1, "label"},
    {"apoc.create", "setProperty", 1, "property"},   {"apoc.create", "setProperties", 1, "property"},    {"apoc.create", "setRelProperty", 1, "property"},
    {"apoc.create", "removeProperties", 1, "property"}, {"apoc.create", "removeRelProperties", 1, "property"}, {"apoc.create", "setRelProperties", 1, "property"},
    {"apoc.create", "node", 0, "label"},             {"apoc.create", "nodes", 0, "label"},               {"apoc.create", "relationship", 1, "relationship type"},
    {"apoc.merge", "node", 0, "label"},              {"apoc.merge.node", "eager", 0, "label"},           {"apoc.merge", "relationship", 1, "relationship type"},
    {"apoc.merge.relationship", "eager", 1, "relationship type"},
};

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s) || (!Writes(s) && !HasClause(s, {ClauseKind::kCallProcedure}))) return;
  bool reported = false;
  const auto report = [&](Span at, const char* what) {
    if (reported) return;
    reported = true;
    FindingBuilder f = context.Report(kCypherDynamicName, at, absl::StrCat("which ", what, " this writes is known only when it runs: `", context.Text(at), "`"));
    f.Why("neither a review nor a check of the history can tell what the graph's schema is afterwards, a value that is misspelt makes a new name without an error, and no constraint or index is planned for it");
    f.Help("write the names out, one statement for each, or choose between them with CASE and FOREACH");
  };
  const auto labels = [&](const Labels& l, const char* what) {
    if (!l.dynamic) return;
    if (const LabelExpr* e = Computed(l.expression)) report(e->span, what);
  };
  const auto items = [&](const List<SetItem>& list) {
    for (const SetItem& i : list) {
      if (i.kind == SetKind::kDynamicProperty && !IsLiteral(i.key_expression)) report(i.value != nullptr ? Span{i.span.begin, i.operator_span.empty() ? i.span.end : i.operator_span.begin} : i.span, "property");
      if (i.kind == SetKind::kLabels) labels(i.labels, "label");
    }
  };
  VisitClauses(s, [&](const ClauseVisit& v) {
    items(v.clause->items);
    for (const MergeAction& a : v.clause->actions) items(a.items);
    if (v.clause->kind == ClauseKind::kCallProcedure) {
      for (const NamedBy& p : kProcedures) {
        if (!absl::EqualsIgnoreCase(v.clause->name.text, p.name) || !absl::EqualsIgnoreCase(v.clause->schema, p.schema) || v.clause->arguments.size() <= p.argument) continue;
        if (const Expr* e = v.clause->arguments[p.argument]; !IsLiteral(e)) report(e->span, p.what);
      }
    }
    if (v.clause->pattern == nullptr) return;
    if (v.clause->kind != ClauseKind::kCreate && v.clause->kind != ClauseKind::kInsert && v.clause->kind != ClauseKind::kMerge) return;
    for (const PathPattern* path : v.clause->pattern->paths) {
      for (const PathElement& e : path->elements) {
        if (e.node != nullptr) labels(e.node->labels, "label");
        if (e.relationship != nullptr) labels(e.relationship->types, "relationship type");
      }
    }
  });
}

}  // namespace

constinit const Rule kCypherDynamicName = {
    .info = {
        .name = "cypher-dynamic-name",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a dynamic label, type or property key in a migration",
        .page = {
            .what = "`SET n[$key] = ...`, `SET n:$(label)`, `CREATE (:$(label))`, and procedures such as `apoc.create.addLabels` write a name that is computed while the "
                    "statement runs.",
            .why = "What the graph looks like afterwards depends on data. A misspelt value makes a new label or property without an error, and no index or constraint is planned for it.",
            .instead = "The names written out, one statement for each.",
            .fix_safety = "",
            .versions = "Dynamic properties in SET are there since Neo4j 5.24, dynamic labels and types in SET, REMOVE, CREATE and MERGE since 5.26.",
            .limits = "One finding a statement. A name given as a literal, `n['key']`, is left alone, and so are names that are only read.",
            .references = "Cypher manual, \"SET\", \"Dynamically setting or updating a node label\", and \"Dynamic values\"",
            .elsewhere = "",
            .bad = "MATCH (s:Setting {id: 1}) SET s[$key] = true;\n",
            .good = "MATCH (s:Setting {id: 1}) SET s.darkMode = true;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
