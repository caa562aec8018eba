// Whether doing a write takes rows out of what a driving MATCH finds. Part of bounds.h.
#include <algorithm>

#include "absl/strings/match.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/selectivity.h"

namespace pawl {
namespace {

using namespace cypher;

bool IsNull(const Expr* e) { return e != nullptr && e->kind == ExprKind::kLiteral && e->literal == LiteralKind::kNull; }

bool IsPropertyOf(const Expr& e, std::string_view variable, std::string_view key) {
  return e.kind == ExprKind::kProperty && e.text == key && e.arguments.size() == 1 && e.arguments[0]->kind == ExprKind::kVariable && e.arguments[0]->text == variable;
}

// What the driving clauses ask for.
class Asked {
 public:
  explicit Asked(const std::vector<const Clause*>& driving) {
    for (const Clause* c : driving) {
      SplitAnd(c->where, predicates_);
      if (c->projection != nullptr) SplitAnd(c->projection->where, predicates_);
      if (c->pattern == nullptr) continue;
      for (const PathPattern* path : c->pattern->paths) Collect(*path, c->optional, 0);
    }
  }

  bool Holds(std::string_view variable) const {
    const auto same = [&](const auto* p) { return !variable.empty() && p->variable.text == variable; };
    return std::any_of(nodes_.begin(), nodes_.end(), same) || std::any_of(relationships_.begin(), relationships_.end(), same);
  }
  // A relationship of one of the types is asked for: without it, the row is gone.
  bool Type(const Labels& types) const {
    for (const Name& t : types.names) {
      for (const RelationshipPattern* r : relationships_) {
        if (Has(r->types, t.text)) return true;
      }
    }
    return types.names.empty() && !relationships_.empty();
  }
  bool TypeInPredicate(const Labels& types) const {
    bool found = false;
    const auto look = [&](const RelationshipPattern* r) {
      for (const Name& t : types.names) found = found || r->types.names.empty() || Has(r->types, t.text);
    };
    for (const Expr* p : predicates_) VisitPatterns(*p, [&](const Pattern& pattern) {
      for (const PathPattern* path : pattern.paths) {
        for (const PathElement& e : path->elements) {
          if (e.relationship != nullptr) look(e.relationship);
        }
      }
    });
    for (const RelationshipPattern* r : optional_) look(r);
    return found;
  }
  bool LabelInPredicatePattern(const Labels& labels) const {
    bool found = false;
    for (const Expr* p : predicates_) VisitPatterns(*p, [&](const Pattern& pattern) {
      for (const PathPattern* path : pattern.paths) {
        for (const PathElement& e : path->elements) {
          for (const Name& l : labels.names) found = found || (e.node != nullptr && Has(e.node->labels, l.text));
        }
      }
    });
    return found || (!labels.names.empty() && std::any_of(optional_nodes_.begin(), optional_nodes_.end(), [&](const NodePattern* n) { return Has(n->labels, labels.names[0].text); }));
  }

  // Setting `key` (to `value`; null: removing it) on the variable changes whether it is found.
  bool Key(std::string_view variable, std::string_view key, const Expr* value) const {
    const bool removed = value == nullptr || IsNull(value);
    // n.price = n.price * 1.1: whatever was asked for, the next run finds it again.
    if (!removed && value->kind == ExprKind::kOperator && value->text != "=") {
      bool self = false;
      VisitParts(*value, [&](const Expr& e) { self = self || IsPropertyOf(e, variable, key); });
      if (self) return false;
    }
    for (const NodePattern* n : nodes_) {
      if (n->variable.text == variable && (InMap(n->properties, key) || (n->where != nullptr && In(*n->where, variable, key, removed)))) return true;
    }
    for (const RelationshipPattern* r : relationships_) {
      if (r->variable.text == variable && (InMap(r->properties, key) || (r->where != nullptr && In(*r->where, variable, key, removed)))) return true;
    }
    return std::any_of(predicates_.begin(), predicates_.end(), [&](const Expr* p) { return In(*p, variable, key, removed); });
  }
  bool AnyKey(std::string_view variable) const {
    return std::any_of(predicates_.begin(), predicates_.end(), [&](const Expr* p) { return Mentions(*p, variable); }) ||
           std::any_of(nodes_.begin(), nodes_.end(), [&](const NodePattern* n) { return n->variable.text == variable && !n->properties.empty(); });
  }

  bool Label(std::string_view variable, std::string_view label, bool removed) const {
    for (const NodePattern* n : nodes_) {
      if (n->variable.text != variable || n->labels.expression == nullptr) continue;
      if (removed ? Has(n->labels, label) : Negated(*n->labels.expression, label, false)) return true;
    }
    bool found = false;
    for (const Expr* p : predicates_) VisitParts(*p, [&](const Expr& e) {
      if (e.kind == ExprKind::kLabelPredicate && e.labels != nullptr && !e.arguments.empty() && e.arguments[0]->kind == ExprKind::kVariable && e.arguments[0]->text == variable) {
        found = found || Has(*e.labels, label) || (e.labels->expression != nullptr && Negated(*e.labels->expression, label, false));
      }
      if (e.kind == ExprKind::kCall && absl::EqualsIgnoreCase(e.text, "labels")) found = true;
    });
    return found;
  }

 private:
  void Collect(const PathPattern& path, bool optional, int depth) {
    for (const PathElement& e : path.elements) {
      if (e.node != nullptr) (optional ? optional_nodes_ : nodes_).push_back(e.node);
      if (e.relationship != nullptr) (optional ? optional_ : relationships_).push_back(e.relationship);
      if (e.group != nullptr && depth < 100) Collect(*e.group, optional, depth + 1);
    }
  }
  static bool Has(const Labels& labels, std::string_view name) {
    return std::any_of(labels.names.begin(), labels.names.end(), [&](const Name& n) { return n.text == name; });
  }
  static bool Negated(const LabelExpr& e, std::string_view label, bool below) {
    if (e.kind == LabelKind::kLeaf) return below && e.name == label;
    return std::any_of(e.operands.begin(), e.operands.end(), [&](const LabelExpr* o) { return Negated(*o, label, below || e.kind == LabelKind::kNot); });
  }
  static bool InMap(const Properties& p, std::string_view key) {
    return std::any_of(p.entries.begin(), p.entries.end(), [&](const MapEntry& m) { return m.key.text == key; });
  }
  static bool In(const Expr& predicate, std::string_view variable, std::string_view key, bool removed) {
    // What is there stays there when it is set, and what is not stays away when it is removed.
    if (predicate.kind == ExprKind::kIsNotNull && !removed) return false;
    if (predicate.kind == ExprKind::kIsNull && removed) return false;
    bool found = false;
    VisitParts(predicate, [&](const Expr& e) { found = found || IsPropertyOf(e, variable, key); });
    return found;
  }

  std::vector<const Expr*> predicates_;
  std::vector<const NodePattern*> nodes_, optional_nodes_;
  std::vector<const RelationshipPattern*> relationships_, optional_;
};

bool ItemShrinks(const SetItem& i, bool remove, const Asked& asked) {
  if (i.target == nullptr || i.target->kind != ExprKind::kVariable) return false;
  const std::string_view variable = i.target->text;
  switch (i.kind) {
    case SetKind::kProperty: return asked.Key(variable, i.key.text, remove ? nullptr : i.value);
    case SetKind::kDynamicProperty: return true;  // not known: say nothing
    case SetKind::kReplaceAll: return asked.AnyKey(variable);
    case SetKind::kMerge:
      if (i.value == nullptr || i.value->kind != ExprKind::kMap) return true;
      return std::any_of(i.value->entries.begin(), i.value->entries.end(), [&](const MapEntry& m) { return asked.Key(variable, m.key.text, m.value); });
    case SetKind::kLabels:
      if (i.labels.dynamic) return true;
      return std::any_of(i.labels.names.begin(), i.labels.names.end(), [&](const Name& n) { return asked.Label(variable, n.text, remove); });
  }
  return false;
}

}  // namespace

bool Shrinks(const std::vector<const Clause*>& driving, const std::vector<const Clause*>& writes) {
  const Asked asked(driving);
  std::vector<const RelationshipPattern*> inner;  // relationships that the writes' own MATCH finds
  std::vector<const Clause*> open(writes.rbegin(), writes.rend());
  while (!open.empty()) {
    const Clause& c = *open.back();
    open.pop_back();
    switch (c.kind) {
      case ClauseKind::kMatch:
        if (c.pattern == nullptr) break;
        for (const PathPattern* path : c.pattern->paths) {
          for (const PathElement& e : path->elements) {
            if (e.relationship != nullptr) inner.push_back(e.relationship);
          }
        }
        break;
      case ClauseKind::kDelete:
        for (const Expr* e : c.arguments) {
          if (e->kind != ExprKind::kVariable) return true;
          if (asked.Holds(e->text)) return true;
          for (const RelationshipPattern* r : inner) {
            if (r->variable.text == e->text && (asked.Type(r->types) || asked.TypeInPredicate(r->types))) return true;
          }
        }
        break;
      case ClauseKind::kSet:
      case ClauseKind::kRemove:
        for (const SetItem& i : c.items) {
          if (ItemShrinks(i, c.kind == ClauseKind::kRemove, asked)) return true;
        }
        break;
      case ClauseKind::kCreate:
      case ClauseKind::kInsert:
      case ClauseKind::kMerge:
        for (const MergeAction& a : c.actions) {
          for (const SetItem& i : a.items) {
            if (ItemShrinks(i, false, asked)) return true;
          }
        }
        if (c.pattern == nullptr) break;
        for (const PathPattern* path : c.pattern->paths) {
          for (const PathElement& e : path->elements) {
            if (e.relationship != nullptr && asked.TypeInPredicate(e.relationship->types)) return true;
            if (e.node != nullptr && asked.LabelInPredicatePattern(e.node->labels)) return true;
          }
        }
        break;
      case ClauseKind::kForeach: open.insert(open.end(), c.clauses.rbegin(), c.clauses.rend()); break;
      case ClauseKind::kCallSubquery:
        if (c.query != nullptr) open.insert(open.end(), c.query->clauses.rbegin(), c.query->clauses.rend());
        break;
      case ClauseKind::kCallProcedure:
        if (c.schema.starts_with("apoc")) return true;  // what it writes is not known
        break;
      default: break;
    }
  }
  return false;
}

}  // namespace pawl
