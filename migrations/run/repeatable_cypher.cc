#include "migrations/run/repeatable_cypher.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "rules/cypher/selectivity.h"

namespace pawl {
namespace {

using namespace cypher;

bool IsNull(const Expr* e) { return e->kind == ExprKind::kLiteral && e->literal == LiteralKind::kNull; }
bool IsVariable(const Expr* e, std::string_view name) { return e->kind == ExprKind::kVariable && e->text == name; }
bool IsPropertyOf(const Expr* e, std::string_view variable, std::string_view key) { return e->kind == ExprKind::kProperty && e->text == key && IsVariable(e->arguments[0], variable); }
bool Has(const List<Name>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const Name& n) { return n.text == name; });
}
bool IsCallOf(const Expr& e, std::initializer_list<std::string_view> names) {
  return e.kind == ExprKind::kCall && e.schema.empty() && std::any_of(names.begin(), names.end(), [&](std::string_view n) { return absl::EqualsIgnoreCase(n, e.text); });
}

// Gives the same each time for the same arguments, which are values and not nodes.
bool IsSteady(const Expr& e) {
  if (e.arguments.size() > 0 && IsCallOf(e, {"date", "datetime", "time", "localdatetime", "localtime", "duration", "point"})) return true;
  return IsCallOf(e, {"toUpper", "toLower", "upper", "lower", "trim", "btrim", "ltrim", "rtrim", "replace", "split", "substring", "left", "right", "reverse", "toString", "toStringOrNull", "toInteger",
                      "toIntegerOrNull", "toFloat", "toFloatOrNull", "toBoolean", "toBooleanOrNull", "coalesce", "nullIf", "size", "char_length", "head", "last", "tail", "range", "abs", "ceil", "floor", "round", "sign",
                      "sqrt", "exp", "log", "log10", "normalize"});
}

// A value for certain, whatever else: IS NULL does not find it again.
bool IsSomething(const Expr& e) {
  if (e.kind == ExprKind::kLiteral) return e.literal != LiteralKind::kNull;
  if (e.kind == ExprKind::kList) return true;
  return (e.arguments.empty() && IsCallOf(e, {"date", "datetime", "time", "localdatetime", "localtime", "timestamp", "rand"})) || IsCallOf(e, {"randomUUID"});
}

struct Write {
  enum Kind : uint8_t { kSetKey, kRemoveKey, kSetLabel, kRemoveLabel, kDelete, kCreate, kMerge };
  Kind kind;
  std::string_view variable, name;   // the key, or the label
  const Expr* value = nullptr;       // kSetKey
  const Pattern* pattern = nullptr;  // kCreate, kMerge
  bool certain = false;              // each row comes to it
  bool on_create = false;
};

class Proof {
 public:
  explicit Proof(const Query& q) : understood_(Read(q)) {}
  bool Holds() const { return understood_ && !writes_.empty() && (TakesRowsOut() || DoesNothingTwice()); }

 private:
  bool Read(const Query& q) {
    const Clause* call = nullptr;
    for (const Clause* c : q.clauses) {
      if (c->kind == ClauseKind::kCallSubquery && c->transactions != nullptr) {
        if (call != nullptr) return false;
        call = c;
      } else if (call != nullptr) {
        if (c->kind != ClauseKind::kReturn && c->kind != ClauseKind::kFinish && c->kind != ClauseKind::kWith) return false;
      } else if (!ReadDriving(*c)) {
        return false;
      }
    }
    if (call == nullptr || call->query == nullptr || call->query->clauses.empty()) return false;
    FindKey();
    return ReadBody(call->query->clauses, /*certain=*/true);
  }

  bool ReadDriving(const Clause& c) {
    switch (c.kind) {
      case ClauseKind::kUse: return true;
      case ClauseKind::kMatch:
        if (c.optional) return false;
        ++matches_;
        ReadMatch(c, /*driving=*/true);
        return true;
      case ClauseKind::kUnwind:
        if (matches_ == 0) values_.insert(c.variable.text);
        others_ = true;
        return IsPure(*c.expression, &reads_);
      case ClauseKind::kLoadCsv:
        values_.insert(c.variable.text);
        return others_ = true;
      case ClauseKind::kWith:
      case ClauseKind::kOrderBy: return KeepsRows(*c.projection, /*driving=*/true);
      default: return false;
    }
  }

  // A value that other properties and literals decide; `reads` receives the names of those properties.
  bool IsPure(const Expr& e, std::set<std::string_view>* reads) const {
    bool pure = true;
    VisitParts(e, [&](const Expr& p) {
      switch (p.kind) {
        case ExprKind::kParameter:
        case ExprKind::kMapProjection:
        case ExprKind::kPattern:
        case ExprKind::kPatternComprehension:
        case ExprKind::kSubquery:
        case ExprKind::kLabelPredicate:
        case ExprKind::kOther:
          pure = false;
          break;
        case ExprKind::kProperty:
          if (!IsValue(*p.arguments[0])) reads->insert(p.text);
          break;
        case ExprKind::kIndex:
          if (p.arguments[1]->kind != ExprKind::kLiteral) pure = false;
          else if (!IsValue(*p.arguments[0])) reads->insert(p.arguments[1]->text);
          break;
        case ExprKind::kCall: pure = pure && IsSteady(p); break;
        default: break;
      }
    });
    return pure;
  }
  // A row of LOAD CSV or of a list: no node, and nothing that is written changes it.
  bool IsValue(const Expr& e) const { return e.kind == ExprKind::kVariable && values_.contains(e.text); }

  // Of WITH and ORDER BY: nothing is cut off, put together or renamed.
  bool KeepsRows(const Projection& p, bool driving) {
    if (p.distinct || p.skip != nullptr || p.limit != nullptr) return false;
    for (const ProjectionItem& i : p.items) {
      if (i.expression->kind == ExprKind::kVariable) {
        if (!i.alias.empty() && i.alias.text != i.expression->text) return false;
      } else if (AggregateIn(i.expression) != nullptr || !IsPure(*i.expression, &reads_)) {
        return false;
      }
    }
    if (p.where != nullptr) {
      filters_.push_back(p.where);
      if (driving) SplitAnd(p.where, asked_);
    }
    return true;
  }

  void ReadMatch(const Clause& c, bool driving) {
    if (c.pattern != nullptr) patterns_.push_back(c.pattern);
    if (c.where != nullptr) filters_.push_back(c.where);
    if (driving) SplitAnd(c.where, asked_);
  }

  // What each row has for itself alone: the one node of the MATCH, or its one directed relationship.
  void FindKey() {
    if (matches_ != 1 || others_ || patterns_.size() != 1 || patterns_[0]->paths.size() != 1) return;
    const PathPattern& path = *patterns_[0]->paths[0];
    if (path.shortest != ShortestKind::kNone || !path.selector.empty()) return;
    if (path.elements.size() == 1 && path.elements[0].node != nullptr) {
      node_ = path.elements[0].node;
      key_ = node_->variable.text;
      if (node_->where != nullptr) SplitAnd(node_->where, asked_);
    } else if (path.elements.size() == 3 && path.elements[1].relationship != nullptr) {
      const RelationshipPattern& r = *path.elements[1].relationship;
      if (r.direction == cypher::Direction::kBoth || r.length.present || r.quantifier.present || r.variable.empty()) return;
      relationship_ = &r;
      key_ = r.variable.text;
      if (r.where != nullptr) SplitAnd(r.where, asked_);
    }
  }

  bool ReadBody(const List<const Clause*>& clauses, bool certain) {
    for (const Clause* c : clauses) {
      switch (c->kind) {
        case ClauseKind::kMatch:
          ReadMatch(*c, /*driving=*/false);
          certain = certain && c->optional;
          break;
        case ClauseKind::kWith:
          if (!c->importing_with && !KeepsRows(*c->projection, /*driving=*/false)) return false;
          certain = certain && c->projection->where == nullptr;
          break;
        case ClauseKind::kReturn:
        case ClauseKind::kFinish: break;
        case ClauseKind::kUnwind:
          if (!IsPure(*c->expression, &reads_)) return false;
          certain = false;
          break;
        case ClauseKind::kFilter:
          filters_.push_back(c->where);
          certain = false;
          break;
        case ClauseKind::kSet:
        case ClauseKind::kRemove:
          for (const SetItem& i : c->items) {
            if (!ReadItem(i, c->kind == ClauseKind::kRemove, certain, false)) return false;
          }
          break;
        case ClauseKind::kDelete:
          for (const Expr* e : c->arguments) {
            if (e->kind != ExprKind::kVariable) return false;
            writes_.push_back({.kind = Write::kDelete, .variable = e->text, .certain = certain});
          }
          break;
        case ClauseKind::kCreate:
        case ClauseKind::kInsert: writes_.push_back({.kind = Write::kCreate, .pattern = c->pattern, .certain = certain}); break;
        case ClauseKind::kMerge:
          writes_.push_back({.kind = Write::kMerge, .pattern = c->pattern, .certain = certain});
          for (const MergeAction& a : c->actions) {
            for (const SetItem& i : a.items) {
              if (!ReadItem(i, false, false, a.on_create)) return false;
            }
          }
          break;
        case ClauseKind::kForeach:
          if (!IsPure(*c->expression, &reads_) || !ReadBody(c->clauses, false)) return false;
          break;
        default: return false;
      }
    }
    return true;
  }

  bool ReadItem(const SetItem& i, bool remove, bool certain, bool on_create) {
    if (i.target == nullptr || i.target->kind != ExprKind::kVariable) return false;
    const auto key = [&](std::string_view name, const Expr* value) {
      const bool gone = value == nullptr || IsNull(value);
      writes_.push_back({.kind = gone ? Write::kRemoveKey : Write::kSetKey, .variable = i.target->text, .name = name, .value = gone ? nullptr : value, .certain = certain, .on_create = on_create});
    };
    switch (i.kind) {
      case SetKind::kProperty: key(i.key.text, remove ? nullptr : i.value); return true;
      case SetKind::kMerge:
        if (i.value == nullptr || i.value->kind != ExprKind::kMap) return false;
        for (const MapEntry& m : i.value->entries) key(m.key.text, m.value);
        return true;
      case SetKind::kLabels:
        if (i.labels.dynamic) return false;
        for (const Name& n : i.labels.names) {
          writes_.push_back({.kind = remove ? Write::kRemoveLabel : Write::kSetLabel, .variable = i.target->text, .name = n.text, .certain = certain, .on_create = on_create});
        }
        return true;
      default: return false;
    }
  }

  // ---- rows that are done are not found again

  bool TakesRowsOut() const {
    return !key_.empty() && !MakesMore() && std::any_of(writes_.begin(), writes_.end(), [&](const Write& w) { return w.certain && !w.on_create && Ends(w); });
  }

  bool Ends(const Write& w) const {
    if (w.kind == Write::kCreate || w.kind == Write::kMerge) return EndsByRelationship(w);
    if (w.variable != key_ || !IsOnlyOne(w)) return false;
    switch (w.kind) {
      case Write::kDelete: return true;
      case Write::kSetKey: return AnyAsked([&](const Expr* e) { return (e->kind == ExprKind::kIsNull && IsPropertyOf(e->arguments[0], key_, w.name) && IsSomething(*w.value)) || IsOther(AskedValue(e, w.name), *w.value); }) || IsOther(AskedInMap(w.name), *w.value);
      case Write::kRemoveKey: return AnyAsked([&](const Expr* e) { return (e->kind == ExprKind::kIsNotNull && IsPropertyOf(e->arguments[0], key_, w.name)) || AskedValue(e, w.name) != nullptr; }) || AskedInMap(w.name) != nullptr;
      case Write::kSetLabel:
        return AnyAsked([&](const Expr* e) {
          return e->kind == ExprKind::kNot && e->arguments[0]->kind == ExprKind::kLabelPredicate && IsVariable(e->arguments[0]->arguments[0], key_) && e->arguments[0]->labels->names.size() == 1 && !e->arguments[0]->labels->dynamic &&
                 Has(e->arguments[0]->labels->names, w.name) && e->arguments[0]->labels->expression->kind == LabelKind::kLeaf;
        });
      case Write::kRemoveLabel: return node_ != nullptr && node_->labels.conjunction && Has(node_->labels.names, w.name);
      default: return false;
    }
  }

  // Nothing else writes the key or label, on whatever variable: it may be the same node.
  bool IsOnlyOne(const Write& w) const {
    const bool label = w.kind == Write::kSetLabel || w.kind == Write::kRemoveLabel, deletes = w.kind == Write::kDelete;
    return deletes || 1 == std::count_if(writes_.begin(), writes_.end(), [&](const Write& o) {
             const bool other_label = o.kind == Write::kSetLabel || o.kind == Write::kRemoveLabel;
             return o.pattern == nullptr && o.kind != Write::kDelete && label == other_label && o.name == w.name;
           });
  }

  template <typename Test>
  bool AnyAsked(Test test) const {
    return std::any_of(asked_.begin(), asked_.end(), test);
  }
  // `n.key = LITERAL`: the literal.
  const Expr* AskedValue(const Expr* e, std::string_view key) const {
    if (e->kind != ExprKind::kOperator || e->text != "=" || !IsPropertyOf(e->arguments[0], key_, key) || e->arguments[1]->kind != ExprKind::kLiteral) return nullptr;
    return e->arguments[1];
  }
  const Expr* AskedInMap(std::string_view key) const {
    const Properties& p = node_ != nullptr ? node_->properties : relationship_->properties;
    for (const MapEntry& m : p.entries) {
      if (m.key.text == key) return m.value->kind == ExprKind::kLiteral ? m.value : nullptr;
    }
    return nullptr;
  }
  // Of strings and booleans, which are equal only if they are written so.
  static bool IsOther(const Expr* asked, const Expr& value) {
    return asked != nullptr && value.kind == ExprKind::kLiteral && value.literal == asked->literal && (value.literal == LiteralKind::kString || value.literal == LiteralKind::kBoolean) && !absl::EqualsIgnoreCase(value.text, asked->text);
  }

  // WHERE NOT (n)-[:T]->(), and each batch makes (n)-[:T]->(...).
  bool EndsByRelationship(const Write& w) const {
    if (node_ == nullptr || std::any_of(writes_.begin(), writes_.end(), [](const Write& o) { return o.kind == Write::kDelete; })) return false;
    for (const Expr* e : asked_) {
      if (e->kind != ExprKind::kNot) continue;
      const Expr& inner = *e->arguments[0];
      const Pattern* pattern = inner.pattern;
      if (inner.kind == ExprKind::kSubquery) {
        if (!absl::EqualsIgnoreCase(inner.text, "EXISTS") || inner.query == nullptr || inner.query->clauses.size() != 1 || inner.query->clauses[0]->kind != ClauseKind::kMatch || inner.query->clauses[0]->where != nullptr) continue;
        pattern = inner.query->clauses[0]->pattern;
      } else if (inner.kind != ExprKind::kPattern) {
        continue;
      }
      if (pattern == nullptr || pattern->paths.size() != 1 || pattern->paths[0]->elements.size() != 3 || pattern->paths[0]->shortest != ShortestKind::kNone) continue;
      const auto& p = pattern->paths[0]->elements;
      if (p[0].node == nullptr || p[1].relationship == nullptr || p[2].node == nullptr || p[0].node->variable.text != key_ || !IsAnything(*p[0].node, true) || !IsAnything(*p[2].node, false)) continue;
      const RelationshipPattern& wanted = *p[1].relationship;
      if (wanted.types.names.size() != 1 || wanted.types.dynamic || !wanted.properties.empty() || wanted.where != nullptr || wanted.length.present || wanted.quantifier.present) continue;
      for (const PathPattern* path : w.pattern->paths) {
        if (path->elements.size() != 3 || path->elements[0].node == nullptr || path->elements[1].relationship == nullptr) continue;
        const RelationshipPattern& made = *path->elements[1].relationship;
        if (path->elements[0].node->variable.text == key_ && made.types.names.size() == 1 && Has(made.types.names, wanted.types.names[0].text) && wanted.direction == made.direction && made.direction != cypher::Direction::kBoth) return true;
      }
    }
    return false;
  }
  static bool IsAnything(const NodePattern& n, bool named) { return n.labels.empty() && n.properties.empty() && n.where == nullptr && (named || n.variable.empty()); }

  // Something new that the MATCH would find in its turn.
  bool MakesMore() const {
    for (const Write& w : writes_) {
      if (w.kind == Write::kSetLabel && node_ != nullptr && Has(node_->labels.names, w.name)) return true;
      if (w.pattern == nullptr) {
        const bool label = w.kind == Write::kSetLabel || w.kind == Write::kRemoveLabel;
        if (w.variable != key_ && w.kind != Write::kDelete && (label ? Asks(w.name) : Filters(w.name))) return true;
        continue;
      }
      for (const PathPattern* path : w.pattern->paths) {
        for (const PathElement& e : path->elements) {
          if (e.group != nullptr) return true;
          if (e.node != nullptr && node_ != nullptr) {
            if (e.node->labels.dynamic || node_->labels.empty() || node_->labels.dynamic || node_->labels.names.empty()) return true;
            if (std::any_of(e.node->labels.names.begin(), e.node->labels.names.end(), [&](const Name& n) { return Has(node_->labels.names, n.text); })) return true;
          }
          if (e.relationship != nullptr && !EndsByRelationship(w) && std::any_of(e.relationship->types.names.begin(), e.relationship->types.names.end(), [&](const Name& n) { return FilterAsks(n.text); })) return true;
          if (e.relationship != nullptr && relationship_ != nullptr) {
            if (e.relationship->types.dynamic || relationship_->types.names.empty() || relationship_->types.dynamic) return true;
            if (std::any_of(e.relationship->types.names.begin(), e.relationship->types.names.end(), [&](const Name& n) { return Has(relationship_->types.names, n.text); })) return true;
          }
        }
      }
    }
    return false;
  }

  // ---- doing a row twice is doing it once

  bool DoesNothingTwice() const {
    const bool deletes = std::any_of(writes_.begin(), writes_.end(), [](const Write& w) { return w.kind == Write::kDelete; });
    std::set<std::string_view> reads = reads_, made;  // keys that decide values; labels and types that come or go
    for (const Write& w : writes_) {
      if (w.kind == Write::kCreate || (deletes && w.kind != Write::kDelete)) return false;
      if (w.kind == Write::kSetKey && !w.on_create && !IsPure(*w.value, &reads)) return false;
      if ((w.kind == Write::kSetLabel || w.kind == Write::kRemoveLabel) && (w.variable != key_ || patterns_.size() > 1)) made.insert(w.name);
      if (w.kind == Write::kMerge && !ReadMerge(*w.pattern, &reads, &made)) return false;
    }
    for (const Write& w : writes_) {
      if ((w.kind == Write::kSetKey || w.kind == Write::kRemoveKey) && (reads.contains(w.name) || (Filters(w.name) && !(w.variable == key_ && FiltersOnlyKey(w.name))))) return false;
      if (w.kind == Write::kRemoveLabel && made.contains(w.name)) return false;
    }
    return std::none_of(made.begin(), made.end(), [&](std::string_view name) { return Asks(name); });
  }

  bool ReadMerge(const Pattern& pattern, std::set<std::string_view>* reads, std::set<std::string_view>* made) const {
    for (const PathPattern* path : pattern.paths) {
      for (const PathElement& e : path->elements) {
        const Properties* p = e.node != nullptr ? &e.node->properties : e.relationship != nullptr ? &e.relationship->properties : nullptr;
        const Labels* l = e.node != nullptr ? &e.node->labels : e.relationship != nullptr ? &e.relationship->types : nullptr;
        if (p == nullptr || l->dynamic || p->parameter != nullptr) return false;
        for (const MapEntry& m : p->entries) {
          reads->insert(m.key.text);  // what it is found by must stay what it is
          if (!IsPure(*m.value, reads)) return false;
        }
        for (const Name& n : l->names) made->insert(n.text);
      }
    }
    return true;
  }

  template <typename Visit>
  void EachFilter(Visit visit) const {
    for (const Expr* f : filters_) VisitParts(*f, visit);
    for (const Pattern* p : patterns_) VisitParts(*p, visit);
  }
  bool InMaps(std::string_view key, bool of_others) const {
    for (const Pattern* p : patterns_) {
      for (const PathPattern* path : p->paths) {
        for (const PathElement& e : path->elements) {
          if (e.group != nullptr) return true;
          const Properties& properties = e.node != nullptr ? e.node->properties : e.relationship->properties;
          const std::string_view variable = e.node != nullptr ? e.node->variable.text : e.relationship->variable.text;
          if (of_others && variable == key_) continue;
          if (std::any_of(properties.entries.begin(), properties.entries.end(), [&](const MapEntry& m) { return m.key.text == key; })) return true;
        }
      }
    }
    return false;
  }
  bool Filters(std::string_view key) const {
    bool found = InMaps(key, false);
    EachFilter([&](const Expr& e) { found = found || e.text == key || e.kind == ExprKind::kIndex || e.kind == ExprKind::kMapProjection || (e.kind == ExprKind::kCall && !IsSteady(e)); });
    return found;
  }
  // The row's own property decides whether it is found, and nobody else's: what is not done is still found, and nothing else is.
  bool FiltersOnlyKey(std::string_view key) const {
    bool only = !InMaps(key, true);
    EachFilter([&](const Expr& e) {
      const bool own = e.kind != ExprKind::kProperty || e.text != key || IsVariable(e.arguments[0], key_);
      only = only && own && e.kind != ExprKind::kSubquery && e.kind != ExprKind::kPattern && e.kind != ExprKind::kIndex && e.kind != ExprKind::kMapProjection && !(e.kind == ExprKind::kCall && !IsSteady(e));
    });
    return only;
  }
  // A label or type that a MATCH or predicate speaks of, or may.
  static bool Speaks(const Labels& l, std::string_view name) { return l.dynamic || (!l.empty() && l.names.empty()) || Has(l.names, name); }
  static bool Speaks(const Pattern& p, std::string_view name) {
    for (const PathPattern* path : p.paths) {
      for (const PathElement& e : path->elements) {
        if (e.group != nullptr || (e.node != nullptr && Speaks(e.node->labels, name)) || (e.relationship != nullptr && (e.relationship->types.empty() || Speaks(e.relationship->types, name)))) return true;
      }
    }
    return false;
  }
  bool FilterAsks(std::string_view name) const {
    bool found = false;
    EachFilter([&](const Expr& e) {
      found = found || (e.labels != nullptr && Speaks(*e.labels, name)) || (e.pattern != nullptr && Speaks(*e.pattern, name)) || e.kind == ExprKind::kSubquery || IsCallOf(e, {"labels", "type"});
    });
    return found;
  }
  bool Asks(std::string_view name) const {
    return FilterAsks(name) || std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern* p) { return Speaks(*p, name); });
  }

  int matches_ = 0;
  bool others_ = false;                             // rows of UNWIND or LOAD CSV
  std::vector<const Pattern*> patterns_;            // that are matched; the driving ones first
  std::vector<const Expr*> filters_, asked_;        // predicates; of the driving MATCH: the parts of their conjunction
  std::set<std::string_view> values_;               // variables that hold no node
  std::set<std::string_view> reads_;                // keys that values come from by way of WITH and UNWIND
  std::vector<Write> writes_;
  std::string_view key_;
  const NodePattern* node_ = nullptr;               // `key_`, if it is a node
  const RelationshipPattern* relationship_ = nullptr;
  bool understood_;
};

}  // namespace

bool MayRunAgain(const Statement& s) { return s.kind == StatementKind::kQuery && Proof(s.As<Query>()).Holds(); }

}  // namespace pawl
