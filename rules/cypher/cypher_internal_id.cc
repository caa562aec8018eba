// cypher-internal-id: id() or elementId() stored in the graph, or compared with a value from outside.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {

extern const Rule kCypherInternalId;

namespace {

using namespace cypher;

bool IsIdCall(const Expr& e) {
  return e.kind == ExprKind::kCall && e.schema.empty() && e.arguments.size() == 1 && (absl::EqualsIgnoreCase(e.text, "id") || absl::EqualsIgnoreCase(e.text, "elementId"));
}

// The call in a value that becomes part of it: not one that is only compared.
const Expr* StoredId(const Expr* e, const absl::flat_hash_set<std::string_view>& aliases, int depth = 0) {
  if (e == nullptr || depth > 200) return nullptr;
  if (IsIdCall(*e) || (e->kind == ExprKind::kVariable && aliases.contains(e->text))) return e;
  switch (e->kind) {
    case ExprKind::kOperator:
      if (e->text != "+" && e->text != "||" && e->text != "-") return nullptr;
      break;
    case ExprKind::kCall:
    case ExprKind::kList:
    case ExprKind::kMap: break;
    default: return nullptr;
  }
  for (const Expr* a : e->arguments) {
    if (const Expr* found = StoredId(a, aliases, depth + 1)) return found;
  }
  for (const MapEntry& m : e->entries) {
    if (const Expr* found = StoredId(m.value, aliases, depth + 1)) return found;
  }
  return nullptr;
}

// A value that was written down somewhere: a literal, a list of them, a parameter.
bool FromOutside(const Expr& e, bool parameters) {
  if (e.kind == ExprKind::kLiteral) return e.literal != LiteralKind::kNull;
  if (e.kind == ExprKind::kParameter) return parameters;
  return e.kind == ExprKind::kList && !e.arguments.empty() && std::all_of(e.arguments.begin(), e.arguments.end(), [&](const Expr* a) { return FromOutside(*a, parameters); });
}

class Judge {
 public:
  explicit Judge(const CypherContext& context, bool parameters) : context_(context), parameters_(parameters) {}

  void Clause(const cypher::Clause& c) {
    if (c.projection != nullptr) {
      for (const ProjectionItem& i : c.projection->items) {
        if (i.expression != nullptr && IsIdCall(*i.expression) && !i.alias.empty()) aliases_.insert(i.alias.text);
      }
    }
    VisitExpressions(c, [&](const Expr& e) {
      if (e.kind == ExprKind::kOperator && (e.text == "=" || e.text == "IN") && e.arguments.size() == 2) Compared(e);
    });
    if (c.kind == ClauseKind::kSet) Items(c.items);
    for (const MergeAction& a : c.actions) Items(a.items);
    const bool writes = c.kind == ClauseKind::kCreate || c.kind == ClauseKind::kInsert || c.kind == ClauseKind::kMerge;
    if (!writes || c.pattern == nullptr) return;
    for (const PathPattern* path : c.pattern->paths) {
      for (const PathElement& e : path->elements) {
        const Properties* p = e.node != nullptr ? &e.node->properties : e.relationship != nullptr ? &e.relationship->properties : nullptr;
        if (p == nullptr) continue;
        for (const MapEntry& m : p->entries) Stored(m.value, m.key.text);
      }
    }
  }

 private:
  void Items(const List<SetItem>& items) {
    for (const SetItem& i : items) Stored(i.value, i.key.text);
  }
  void Stored(const Expr* value, std::string_view key) {
    const Expr* id = StoredId(value, aliases_);
    if (id == nullptr) return;
    FindingBuilder f = context_.Report(kCypherInternalId, id->span, absl::StrCat("an internal id is stored", key.empty() ? "" : absl::StrCat(" in ", Ticked(key))));
    f.Why("the server gives the id of a deleted node to the next new one, and a copy, a restore or a dump numbers all anew: what is stored then points at another node");
    f.Help("store a key of your own, such as randomUUID() set once on each node, or keep a relationship in the place of the reference");
  }
  void Compared(const Expr& e) {
    const Expr *left = e.arguments[0], *right = e.arguments[1];
    const Expr* id = IsIdCall(*left) && FromOutside(*right, parameters_) ? left : e.text == "=" && IsIdCall(*right) && FromOutside(*left, parameters_) ? right : nullptr;
    if (id == nullptr) return;
    FindingBuilder f = context_.Report(kCypherInternalId, e.span, "the row to write is found by an internal id from outside");
    f.Why("internal ids differ between databases and are given again after a delete: on another copy of the graph this writes to some other node, or to none");
    f.Help("find the node by a key of its own, such as `(n:Label {id: ...})` under a uniqueness constraint");
  }

  const CypherContext& context_;
  bool parameters_;
  absl::flat_hash_set<std::string_view> aliases_;
};

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s)) return;
  const Embedding embedding = EmbeddingOf(s);
  const bool drives = embedding.role == EmbeddedRole::kDriving && embedding.action != nullptr && Writes(*embedding.action);
  if (!drives && !Writes(s)) return;
  // In the second statement of apoc.periodic.iterate, parameters are what the first one returned in the same run.
  Judge judge(context, embedding.role != EmbeddedRole::kAction);
  VisitClauses(s, [&](const ClauseVisit& v) { judge.Clause(*v.clause); });
}

}  // namespace

constinit const Rule kCypherInternalId = {
    .info = {
        .name = "cypher-internal-id",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "id() or elementId() stored, or used as a key",
        .page = {
            .what = "The statement stores what `id()` or `elementId()` returns, or picks the node to write by comparing it with a literal or parameter.",
            .why = "Internal ids are the server's: they are given again after a delete, and differ between databases, copies and restores. A migration that names one writes to whatever node has it there.",
            .instead = "A property of your own under a uniqueness constraint: `MATCH (u:User {id: 42})`.",
            .fix_safety = "",
            .versions = "`id()` is deprecated since Neo4j 5, in Cypher 25 too, and not removed; `elementId()` takes its place for use within one transaction.",
            .limits = "Comparing the ids of two nodes, and ids that the first statement of apoc.periodic.iterate hands to the second, are left alone.",
            .references = "Cypher manual, \"Scalar functions\", \"elementId()\", \"id()\"\nmeasured on Neo4j 5.26.30: a deprecation notification for id()",
            .elsewhere = "",
            .bad = "MATCH (u:User) WHERE id(u) = 4711 SET u.admin = true;\n",
            .good = "MATCH (u:User {email: 'ann@example.org'}) SET u.admin = true;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
