#include "rules/cypher/selectivity.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "rules/cypher/telling.h"

namespace pawl {
namespace {

using namespace cypher;

constexpr int kMaxDepth = 200;  // the parser refuses what is nested deeper

// One walk for both: expressions and the patterns among them.
class PartsWalk {
 public:
  PartsWalk(const std::function<void(const Expr&)>* expression, const std::function<void(const Pattern&)>* pattern) : expression_(expression), pattern_(pattern) {}

  void Of(const Expr* e) {
    if (e == nullptr || depth_ > kMaxDepth) return;
    ++depth_;
    if (expression_ != nullptr) (*expression_)(*e);
    for (const Expr* a : e->arguments) Of(a);
    for (const MapEntry& m : e->entries) Of(m.value);
    Of(e->where);
    Of(e->projection);
    if (e->pattern != nullptr) Of(*e->pattern);
    if (e->query != nullptr) Of(*e->query);
    --depth_;
  }
  void Of(const Pattern& p) {
    if (pattern_ != nullptr) (*pattern_)(p);
    for (const PathPattern* path : p.paths) Of(*path);
  }

 private:
  void Of(const PathPattern& path) {
    if (depth_ > kMaxDepth) return;
    ++depth_;
    Of(path.where);
    for (const PathElement& e : path.elements) {
      if (e.node != nullptr) {
        for (const MapEntry& m : e.node->properties.entries) Of(m.value);
        Of(e.node->where);
      }
      if (e.relationship != nullptr) {
        for (const MapEntry& m : e.relationship->properties.entries) Of(m.value);
        Of(e.relationship->where);
      }
      if (e.group != nullptr) Of(*e.group);
    }
    --depth_;
  }
  void Of(const Query& q) {
    for (const Clause* c : q.clauses) {
      if (c->pattern != nullptr) Of(*c->pattern);
      Of(c->where);
      Of(c->expression);
      if (c->projection != nullptr) {
        for (const ProjectionItem& i : c->projection->items) Of(i.expression);
        Of(c->projection->where);
      }
      if (c->query != nullptr && depth_ < kMaxDepth) Of(*c->query);
    }
    for (const Query* part : q.parts) Of(*part);
  }

  const std::function<void(const Expr&)>* expression_;
  const std::function<void(const Pattern&)>* pattern_;
  int depth_ = 0;
};

bool NamesIn(const Pattern& p, std::string_view variable) {
  for (const PathPattern* path : p.paths) {
    for (const PathElement& e : path->elements) {
      if (e.node != nullptr && e.node->variable.text == variable) return true;
      if (e.relationship != nullptr && e.relationship->variable.text == variable) return true;
    }
  }
  return false;
}

bool IsId(const Expr& e, std::string_view variable) {
  if (e.kind != ExprKind::kCall || e.arguments.size() != 1 || e.arguments[0]->kind != ExprKind::kVariable || e.arguments[0]->text != variable) return false;
  return e.schema.empty() && (absl::EqualsIgnoreCase(e.text, "id") || absl::EqualsIgnoreCase(e.text, "elementId"));
}

class Narrowing {
 public:
  Narrowing(const Element& element, const PredicateScope& scope) : element_(element), scope_(scope) {}

  Bound Of() {
    Bound best = Bound::kMany;
    if (element_.node != nullptr) {
      best = OfLabels(element_.node->labels, false);
      best = std::min(best, OfProperties(element_.node->properties));
      if (element_.node->where != nullptr) best = std::min(best, With(*element_.node->where));
    }
    if (element_.relationship != nullptr) {
      best = std::min(best, OfLabels(element_.relationship->types, true));
      best = std::min(best, OfProperties(element_.relationship->properties));
      if (element_.relationship->where != nullptr) best = std::min(best, With(*element_.relationship->where));
    }
    return best;
  }

  // The element under a conjunction.
  Bound With(const Expr& where) {
    std::vector<const Expr*> parts;
    SplitAnd(&where, parts);
    Bound best = Bound::kMany;
    std::vector<std::string_view> low, high;
    for (const Expr* p : parts) {
      best = std::min(best, Under(*p, 0));
      if (p->kind == ExprKind::kOperator && (p->text == "=" || p->text == "IN")) AddKeys(*p);
      if (p->kind == ExprKind::kOperator && p->arguments.size() == 2 && (p->text[0] == '<' || p->text[0] == '>') && p->text != "<>") {
        const std::string_view left = KeyOf(*p->arguments[0]), right = KeyOf(*p->arguments[1]);
        if (!left.empty() && Known(*p->arguments[1])) (p->text[0] == '<' ? high : low).push_back(left);
        if (!right.empty() && Known(*p->arguments[0])) (p->text[0] == '<' ? low : high).push_back(right);
      }
    }
    // A range closed at both ends is a window; one open end is not.
    for (std::string_view k : low) {
      if (std::find(high.begin(), high.end(), k) != high.end()) best = std::min(best, Bound::kUnknown);
    }
    return std::min(best, ByKeys());
  }

 private:
  Bound OfLabels(const Labels& labels, bool types) const {
    if (labels.names.empty() || (!labels.conjunction && labels.names.size() > 1)) return Bound::kMany;
    Bound best = Bound::kMany;
    for (const Name& n : labels.names) {
      if (MadeHere(*scope_.graph, scope_.migration, n.text, types)) return Bound::kFew;
      if (!types && FewNodes(n.text)) best = Bound::kUnknown;
    }
    return best;
  }

  Bound OfProperties(const Properties& p) {
    if (p.parameter != nullptr) return Bound::kUnknown;
    Bound best = Bound::kMany;
    for (const MapEntry& m : p.entries) {
      if (m.value == nullptr || !Known(*m.value)) continue;
      keys_.push_back(m.key.text);
      best = std::min(best, Equality(m.key.text, *m.value));
    }
    return std::min(best, ByKeys());
  }

  // Does the value stand fast before the pattern is matched?
  bool Known(const Expr& e) const {
    bool known = true;
    VisitParts(e, [&](const Expr& part) {
      if (part.kind != ExprKind::kVariable) return;
      if (part.text == element_.variable) known = false;
      for (const Element& other : *scope_.elements) {
        if (!other.bound_before && !other.variable.empty() && other.variable == part.text) known = false;
      }
    });
    return known;
  }

  std::string_view KeyOf(const Expr& e) const {
    if (e.kind != ExprKind::kProperty || e.arguments.size() != 1 || element_.variable.empty()) return {};
    return e.arguments[0]->kind == ExprKind::kVariable && e.arguments[0]->text == element_.variable ? e.text : std::string_view();
  }

  void AddKeys(const Expr& equality) {
    const std::string_view left = KeyOf(*equality.arguments[0]);
    if (!left.empty() && Known(*equality.arguments[1])) keys_.push_back(left);
    const std::string_view right = KeyOf(*equality.arguments[1]);
    if (!right.empty() && equality.text == "=" && Known(*equality.arguments[0])) keys_.push_back(right);
  }

  bool Unique() const {
    if (keys_.empty()) return false;
    const Labels* labels = element_.node != nullptr ? &element_.node->labels : element_.relationship != nullptr ? &element_.relationship->types : nullptr;
    if (labels == nullptr) return false;
    for (const Name& n : labels->names) {
      if (scope_.graph->UniqueOn(n.text, keys_) != nullptr) return true;
    }
    return false;
  }

  // Without a constraint: what the names tell. A value that is not written here was chosen by somebody.
  Bound Equality(std::string_view key, const Expr& value) const {
    const bool list = value.kind == ExprKind::kList;
    if (value.kind == ExprKind::kLiteral && value.literal == LiteralKind::kBoolean) return Bound::kMany;
    static const Labels kNone;
    const Labels& labels = element_.node != nullptr ? element_.node->labels : element_.relationship != nullptr ? element_.relationship->types : kNone;
    if (TellsApart(key, labels)) return Bound::kUnknown;
    if (FewValues(key)) return Bound::kMany;
    if (value.kind != ExprKind::kLiteral && !list) return Bound::kUnknown;
    if (labels.names.empty() || Indexed(key, labels)) return Bound::kUnknown;
    if (!list) return LooksLikeKey(value) ? Bound::kUnknown : Bound::kMany;
    return std::all_of(value.arguments.begin(), value.arguments.end(), [](const Expr* e) { return e->kind != ExprKind::kLiteral || LooksLikeKey(*e); }) ? Bound::kUnknown
                                                                                                                                                       : Bound::kMany;
  }

  // Nobody makes an index for what does not narrow.
  bool Indexed(std::string_view key, const Labels& labels) const {
    for (const GraphIndex& i : scope_.graph->indexes()) {
      if (i.properties.empty() || i.properties.front() != key) continue;
      for (const Name& n : labels.names) {
        if (std::find(i.labels.begin(), i.labels.end(), n.text) != i.labels.end()) return true;
      }
    }
    return false;
  }

  // By a constraint, or by two keys at once.
  Bound ByKeys() const {
    if (Unique()) return Bound::kFew;
    const auto tells = std::count_if(keys_.begin(), keys_.end(), [](std::string_view k) { return !FewValues(k); });
    return tells >= 2 ? Bound::kUnknown : Bound::kMany;
  }

  Bound Compared(const Expr& mine, const Expr& other) const {
    if (!Known(other)) return Bound::kMany;
    if (!element_.variable.empty() && IsId(mine, element_.variable)) return Bound::kFew;
    if (mine.kind == ExprKind::kVariable && !element_.variable.empty() && mine.text == element_.variable) return other.kind == ExprKind::kVariable ? Bound::kFew : Bound::kUnknown;
    const std::string_view key = KeyOf(mine);
    if (!key.empty()) return Equality(key, other);
    // n.id % 10 = 3 cuts into parts; toLower(n.email) = '...' looks for one; coalesce(n.done, false) = false does neither.
    if (element_.variable.empty() || !Mentions(mine, element_.variable)) return Bound::kMany;
    if (mine.kind == ExprKind::kOperator && mine.text == "%") return Bound::kUnknown;
    static constexpr std::string_view kWrappers[] = {"toLower", "toUpper", "lower", "upper", "trim", "toString", "toInteger", "date", "left", "right", "substring"};
    if (mine.kind == ExprKind::kCall && mine.arguments.size() >= 1 && !KeyOf(*mine.arguments[0]).empty() &&
        std::any_of(std::begin(kWrappers), std::end(kWrappers), [&](std::string_view w) { return absl::EqualsIgnoreCase(w, mine.text); })) {
      return Equality(KeyOf(*mine.arguments[0]), other);
    }
    return Bound::kMany;
  }

  Bound Under(const Expr& e, int depth) const {
    if (depth > kMaxDepth) return Bound::kUnknown;
    switch (e.kind) {
      case ExprKind::kAnd: {
        Bound best = Bound::kMany;
        for (const Expr* a : e.arguments) best = std::min(best, Under(*a, depth + 1));
        return best;
      }
      case ExprKind::kOr:
      case ExprKind::kXor: {
        Bound worst = Bound::kFew;
        for (const Expr* a : e.arguments) worst = std::max(worst, Under(*a, depth + 1));
        return worst;
      }
      case ExprKind::kOperator:
        if (e.arguments.size() != 2) return Bound::kMany;
        if (e.text == "=") return std::min(Compared(*e.arguments[0], *e.arguments[1]), Compared(*e.arguments[1], *e.arguments[0]));
        if (e.text == "IN") return Compared(*e.arguments[0], *e.arguments[1]);
        return Bound::kMany;
      case ExprKind::kLabelPredicate:
        if (e.labels != nullptr && !e.arguments.empty() && e.arguments[0]->kind == ExprKind::kVariable && e.arguments[0]->text == element_.variable) return OfLabels(*e.labels, false);
        return Bound::kMany;
      case ExprKind::kPattern:
      case ExprKind::kSubquery: return Linked(e);
      case ExprKind::kQuantifier: return Bound::kMany;
      default: return Bound::kMany;
    }
  }

  // (n)-[:IN]->(:Country {code: 'DE'}), EXISTS { ... }: narrow when the other end is.
  Bound Linked(const Expr& e) const {
    if (e.kind == ExprKind::kSubquery && e.text != "EXISTS") return Bound::kMany;
    if (element_.variable.empty() || !Mentions(e, element_.variable)) return Bound::kMany;
    bool narrow = false;
    VisitPatterns(e, [&](const Pattern& p) {
      for (const PathPattern* path : p.paths) {
        for (const PathElement& part : path->elements) {
          if (part.node == nullptr) continue;
          if (!part.node->properties.empty()) narrow = true;
          for (const Element& other : *scope_.elements) {
            if (other.bound_before && !other.variable.empty() && other.variable == part.node->variable.text) narrow = true;
          }
        }
      }
    });
    VisitParts(e, [&](const Expr& part) {
      if (part.kind == ExprKind::kOperator && part.text == "=") narrow = true;
    });
    return narrow ? Bound::kUnknown : Bound::kMany;
  }

  const Element& element_;
  const PredicateScope& scope_;
  std::vector<std::string_view> keys_;
};

bool IsAggregate(const Expr& e) {
  static constexpr std::string_view kNames[] = {"count", "collect", "sum", "avg", "min", "max", "stdev", "stdevp", "percentilecont", "percentiledisc"};
  if (e.kind != ExprKind::kCall) return false;
  if (absl::EqualsIgnoreCase(e.schema, "apoc.agg")) return true;
  return e.schema.empty() && std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view n) { return absl::EqualsIgnoreCase(n, e.text); });
}

}  // namespace

const Expr* AggregateIn(const Expr* e, int depth) {
  if (e == nullptr || depth > kMaxDepth) return nullptr;
  if (IsAggregate(*e)) return e;
  for (const Expr* a : e->arguments) {
    if (const Expr* found = AggregateIn(a, depth + 1)) return found;
  }
  for (const MapEntry& m : e->entries) {
    if (const Expr* found = AggregateIn(m.value, depth + 1)) return found;
  }
  return nullptr;
}

bool IsInteger(const Expr& e, int64_t* value) { return e.kind == ExprKind::kLiteral && e.literal == LiteralKind::kInteger && absl::SimpleAtoi(e.text, value); }

bool LimitsRows(const Expr* limit) {
  int64_t n;
  return limit != nullptr && (!IsInteger(*limit, &n) || n <= kManyRows);
}

void SplitAnd(const Expr* e, std::vector<const Expr*>& out) {
  if (e == nullptr) return;
  if (e->kind != ExprKind::kAnd || out.size() > 10000) {
    out.push_back(e);
    return;
  }
  for (const Expr* a : e->arguments) SplitAnd(a, out);
}

bool Mentions(const Expr& e, std::string_view variable) {
  bool found = false;
  VisitParts(e, [&](const Expr& part) { found = found || (part.kind == ExprKind::kVariable && part.text == variable); });
  if (!found) VisitPatterns(e, [&](const Pattern& p) { found = found || NamesIn(p, variable); });
  return found;
}

void VisitParts(const Expr& e, const std::function<void(const Expr&)>& visit) { PartsWalk(&visit, nullptr).Of(&e); }
void VisitParts(const Pattern& p, const std::function<void(const Expr&)>& visit) { PartsWalk(&visit, nullptr).Of(p); }
void VisitPatterns(const Expr& e, const std::function<void(const Pattern&)>& visit) { PartsWalk(nullptr, &visit).Of(&e); }

void Narrow(Element& element, const Expr* where, const PredicateScope& scope) {
  Narrowing narrowing(element, scope);
  element.bound = narrowing.Of();
  if (where != nullptr) element.bound = std::min(element.bound, narrowing.With(*where));
}

}  // namespace pawl
