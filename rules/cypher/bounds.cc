#include "rules/cypher/bounds.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/match.h"
#include "rules/cypher/selectivity.h"

namespace pawl {
namespace {

using namespace cypher;
using Visit = std::function<void(const Step&)>;

constexpr int kMaxDepth = 200;         // the parser refuses what is nested deeper

void Raise(Bound& bound, RowCause& cause, Bound to, const RowCause& why) {
  if (to > bound) {
    bound = to;
    cause = why;
  }
}

class RowFlow {
 public:
  RowFlow(const Graph& graph, int migration, const Visit& visit) : graph_(graph), migration_(migration), visit_(visit) {}

  // What surrounds a query: the rows it runs for, and the batches it runs in.
  struct Around {
    Bound bound = Bound::kFew;
    RowCause cause;
    const Clause* batch = nullptr;
    const Rows* driving = nullptr;
    const Query* driving_query = nullptr;
    size_t driving_index = 0;
  };

  void Run(const Query& q, Rows& rows, const Around& around) {
    if (++depth_ > kMaxDepth) {
      --depth_;
      return;
    }
    if (!q.clauses.empty()) {
      for (size_t i = 0; i < q.clauses.size(); ++i) One(*q.clauses[i], q, i, rows, around, nullptr);
    } else if (q.next) {
      for (const Query* part : q.parts) Run(*part, rows, around);
    } else {
      Rows widest = rows;
      for (const Query* part : q.parts) Branch(*part, rows, around, widest);
      for (const WhenBranch& b : q.branches) {
        if (b.query != nullptr) Branch(*b.query, rows, around, widest);
      }
      rows = std::move(widest);
    }
    --depth_;
  }

 private:
  void Branch(const Query& q, const Rows& from, const Around& around, Rows& widest) {
    Rows own = from;
    Run(q, own, around);
    Raise(widest.bound, widest.cause, own.bound, own.cause);
    for (const Variable& v : own.variables) Bind(widest, v);
  }

  static Variable Value(std::string_view name, VariableKind kind = VariableKind::kValue) {
    Variable v;
    v.name = name;
    v.kind = kind;
    return v;
  }
  static void Bind(Rows& rows, const Variable& v) {
    if (!v.name.empty() && rows.Find(v.name) == nullptr) rows.variables.push_back(v);
  }

  void Show(const Clause& c, const Query& q, size_t index, const Rows& rows, const Around& around, const Clause* foreach_clause, const std::vector<Component>* components) {
    Step step;
    step.clause = &c;
    step.query = &q;
    step.index = index;
    step.before = &rows;
    step.bound = rows.bound;
    step.cause = rows.cause;
    Raise(step.bound, step.cause, around.bound, around.cause);
    step.batch = around.batch;
    step.driving = around.driving;
    step.driving_query = around.driving_query;
    step.driving_index = around.driving_index;
    step.foreach_clause = foreach_clause;
    step.components = components;
    visit_(step);
  }

  void One(const Clause& c, const Query& q, size_t index, Rows& rows, const Around& around, const Clause* foreach_clause) {
    if (c.kind == ClauseKind::kMatch) {
      const Rows before = rows;
      const std::vector<Component> components = Match(c, rows);
      Show(c, q, index, before, around, foreach_clause, &components);
      return;
    }
    Show(c, q, index, rows, around, foreach_clause, nullptr);
    switch (c.kind) {
      case ClauseKind::kCreate:
      case ClauseKind::kInsert:
      case ClauseKind::kMerge:
        if (c.pattern != nullptr) BindPattern(*c.pattern, rows, c.kind != ClauseKind::kMerge, c.kind == ClauseKind::kMerge);
        break;
      case ClauseKind::kWith: Project(*c.projection, rows); break;
      case ClauseKind::kReturn:
        if (c.projection != nullptr) Project(*c.projection, rows);
        break;
      case ClauseKind::kLet:
        if (c.projection != nullptr) {
          for (const ProjectionItem& i : c.projection->items) Bind(rows, Item(i, rows));
        }
        break;
      case ClauseKind::kFilter: Filter(c.where, rows); break;
      case ClauseKind::kOrderBy:
        if (c.projection != nullptr && LimitsRows(c.projection->limit)) Limit(rows);
        break;
      case ClauseKind::kUnwind: Unwind(c, rows); break;
      case ClauseKind::kLoadCsv:
        Raise(rows.bound, rows.cause, Bound::kMany, {RowSource::kCsv, &c, nullptr, false});
        Bind(rows, Value(c.variable.text));
        break;
      case ClauseKind::kCallProcedure:
        for (const YieldItem& y : c.yields) Bind(rows, Value(y.alias.empty() ? y.name.text : y.alias.text));
        break;
      case ClauseKind::kCallSubquery: Subquery(c, q, index, rows, around); break;
      case ClauseKind::kForeach: Foreach(c, q, index, rows, around); break;
      default: break;
    }
  }

  // ---- MATCH ----

  void Collect(const PathPattern& path, int component, const Rows& rows, std::vector<Element>& out, Component& of, int depth) {
    if (depth > kMaxDepth) return;
    for (const PathElement& p : path.elements) {
      if (p.group != nullptr) {
        of.walks = true;
        Collect(*p.group, component, rows, out, of, depth + 1);
        continue;
      }
      Element e;
      e.node = p.node;
      e.relationship = p.relationship;
      e.variable = p.node != nullptr ? p.node->variable.text : p.relationship->variable.text;
      e.component = component;
      const Variable* known = e.variable.empty() ? nullptr : rows.Find(e.variable);
      e.bound_before = known != nullptr;
      if (p.relationship != nullptr) of.walks = true;
      if (e.bound_before) of.anchored = true;
      out.push_back(e);
    }
  }

  std::vector<Component> Match(const Clause& c, Rows& rows) {
    std::vector<Component> components;
    if (c.pattern == nullptr) return components;
    const size_t paths = c.pattern->paths.size();
    std::vector<Component> single(paths);
    std::vector<Element> elements;
    for (size_t i = 0; i < paths; ++i) Collect(*c.pattern->paths[i], static_cast<int>(i), rows, elements, single[i], 0);
    // Paths that share a variable are one component.
    std::vector<int> root(paths);
    std::iota(root.begin(), root.end(), 0);
    const auto find = [&](int i) {
      while (root[static_cast<size_t>(i)] != i) i = root[static_cast<size_t>(i)];
      return i;
    };
    if (paths > 1) {
      for (size_t a = 0; a < elements.size(); ++a) {
        for (size_t b = a + 1; b < elements.size() && !elements[a].variable.empty(); ++b) {
          if (elements[a].variable == elements[b].variable) root[static_cast<size_t>(find(elements[b].component))] = find(elements[a].component);
        }
      }
    }
    std::vector<int> number(paths, -1);
    for (size_t i = 0; i < paths; ++i) {
      const size_t r = static_cast<size_t>(find(static_cast<int>(i)));
      if (number[r] < 0) {
        number[r] = static_cast<int>(components.size());
        components.emplace_back();
        components.back().joined = static_cast<uint32_t>(number[r]);
      }
      Component& of = components[static_cast<size_t>(number[r])];
      of.paths.push_back(c.pattern->paths[i]);
      of.walks = of.walks || single[i].walks;
      of.anchored = of.anchored || single[i].anchored;
      number[i] = number[r];
    }
    for (Element& e : elements) e.component = number[static_cast<size_t>(e.component)];

    const PredicateScope scope{&graph_, migration_, &elements};
    std::vector<Bound> best(components.size(), Bound::kMany);
    for (Element& e : elements) {
      Narrow(e, c.where, scope);
      best[static_cast<size_t>(e.component)] = std::min(best[static_cast<size_t>(e.component)], e.bound);
    }
    Join(c, elements, components);

    for (size_t i = 0; i < components.size(); ++i) {
      Component& of = components[i];
      of.bound = best[i] == Bound::kFew && of.walks ? Bound::kUnknown : best[i];
      if (of.anchored) {
        if (!c.optional && best[i] < Bound::kMany && rows.bound == Bound::kMany) rows.bound = Bound::kUnknown;
        if (of.walks && rows.bound == Bound::kFew) rows.bound = Bound::kUnknown;
        continue;
      }
      RowCause cause{RowSource::kMatch, &c, of.paths[0], c.where != nullptr};
      for (const Element& e : elements) {
        if (e.component != static_cast<int>(i)) continue;
        if ((e.node != nullptr && (!e.node->properties.empty() || e.node->where != nullptr)) ||
            (e.relationship != nullptr && (!e.relationship->properties.empty() || e.relationship->where != nullptr))) {
          cause.filtered = true;
        }
      }
      Raise(rows.bound, rows.cause, of.bound, cause);
    }
    BindPattern(*c.pattern, rows, false, false);
    return components;
  }

  // An equality, an IN or a pattern between two components ties them together.
  static void Join(const Clause& c, const std::vector<Element>& elements, std::vector<Component>& components) {
    if (components.size() < 2) return;
    const auto tie = [&](const Expr& e) {
      int first = -1;
      for (const Element& el : elements) {
        if (el.variable.empty() || !Mentions(e, el.variable)) continue;
        if (first < 0) first = el.component;
        const uint32_t to = components[static_cast<size_t>(first)].joined, from = components[static_cast<size_t>(el.component)].joined;
        for (Component& k : components) {
          if (k.joined == from) k.joined = to;
        }
      }
    };
    std::vector<const Expr*> parts;
    SplitAnd(c.where, parts);
    for (const Expr* p : parts) {
      const bool equality = p->kind == ExprKind::kOperator && (p->text == "=" || p->text == "IN" || p->text == "STARTS WITH" || p->text == "CONTAINS" || p->text == "ENDS WITH");
      if (equality || p->kind == ExprKind::kPattern || p->kind == ExprKind::kSubquery || p->kind == ExprKind::kOr) tie(*p);
    }
    // (b:B {id: a.b_id})
    for (const Element& e : elements) {
      const Properties* properties = e.node != nullptr ? &e.node->properties : &e.relationship->properties;
      for (const MapEntry& m : properties->entries) {
        if (m.value == nullptr) continue;
        for (const Element& other : elements) {
          if (other.component == e.component || other.variable.empty() || !Mentions(*m.value, other.variable)) continue;
          const uint32_t from = components[static_cast<size_t>(other.component)].joined, to = components[static_cast<size_t>(e.component)].joined;
          for (Component& k : components) {
            if (k.joined == from) k.joined = to;
          }
        }
      }
    }
  }

  void BindPath(const PathPattern& path, Rows& rows, bool created, bool merged, int depth) {
    if (depth > kMaxDepth) return;
    Bind(rows, Value(path.variable.text, VariableKind::kPath));
    for (const PathElement& e : path.elements) {
      if (e.node != nullptr || e.relationship != nullptr) {
        Variable v = Value(e.node != nullptr ? e.node->variable.text : e.relationship->variable.text, VariableKind::kNode);
        if (e.relationship != nullptr) v.kind = e.relationship->length.present ? VariableKind::kList : VariableKind::kRelationship;
        v.created = created;
        v.merged = merged;
        v.node = e.node;
        v.relationship = e.relationship;
        Bind(rows, v);
      }
      if (e.group != nullptr) BindPath(*e.group, rows, created, merged, depth + 1);
    }
  }
  void BindPattern(const Pattern& p, Rows& rows, bool created, bool merged) {
    for (const PathPattern* path : p.paths) BindPath(*path, rows, created, merged, 0);
  }

  // ---- WITH, RETURN, UNWIND, FOREACH, CALL ----

  Variable Item(const ProjectionItem& i, const Rows& rows) const {
    Variable v;
    if (i.expression == nullptr) return v;
    const Expr& e = *i.expression;
    if (e.kind == ExprKind::kVariable) {
      if (const Variable* from = rows.Find(e.text)) v = *from;
      v.name = i.alias.empty() ? e.text : i.alias.text;
      return v;
    }
    v.name = i.alias.text;
    if (const Expr* aggregate = AggregateIn(&e)) {
      v.aggregate = true;
      const bool whole = aggregate == &e || (e.kind == ExprKind::kCall && e.arguments.size() == 1 && (absl::EqualsIgnoreCase(e.text, "tail") || absl::EqualsIgnoreCase(e.text, "reverse") || absl::StartsWith(e.schema, "apoc.coll")));
      if (whole && absl::EqualsIgnoreCase(aggregate->text, "collect") && !aggregate->arguments.empty()) {
        v.kind = VariableKind::kList;
        const Expr& element = *aggregate->arguments[0];
        const Variable* of = element.kind == ExprKind::kVariable ? rows.Find(element.text) : nullptr;
        // Distinct values of a property are fewer than the rows.
        v.elements = of == nullptr && aggregate->distinct ? std::min(rows.bound, Bound::kUnknown) : rows.bound;
        v.elements_cause = rows.cause;
        if (of != nullptr) {
          v.node = of->node;
          v.relationship = of->relationship;
        }
      }
      return v;
    }
    // xs[1..], tail(xs), [x IN xs WHERE ...] of a list that was collected before.
    const bool cut = e.kind == ExprKind::kSlice && e.arguments.size() == 3 && !e.arguments[2]->span.empty();
    if ((e.kind == ExprKind::kSlice && !cut) || e.kind == ExprKind::kListComprehension || e.kind == ExprKind::kCall) {
      if (const Variable* list = ListIn(e, rows)) {
        v.kind = VariableKind::kList;
        v.elements = e.kind == ExprKind::kCall && absl::EqualsIgnoreCase(e.text, "head") ? Bound::kFew : list->elements;
        v.elements_cause = list->elements_cause;
        v.node = list->node;
        v.relationship = list->relationship;
        if (e.kind == ExprKind::kCall && (absl::EqualsIgnoreCase(e.text, "size") || absl::EqualsIgnoreCase(e.text, "head") || absl::EqualsIgnoreCase(e.text, "last"))) {
          v.kind = VariableKind::kValue;
          v.aggregate = absl::EqualsIgnoreCase(e.text, "size");
        }
      }
    }
    return v;
  }

  static const Variable* ListIn(const Expr& e, const Rows& rows) {
    for (const Expr* a : e.arguments) {
      if (a->kind != ExprKind::kVariable) continue;
      const Variable* v = rows.Find(a->text);
      if (v != nullptr && v->kind == VariableKind::kList) return v;
    }
    return nullptr;
  }

  void Project(const Projection& p, Rows& rows) {
    Rows next;
    next.bound = rows.bound;
    next.cause = rows.cause;
    bool aggregates = false, entity_key = p.star;
    for (const ProjectionItem& i : p.items) aggregates = aggregates || AggregateIn(i.expression) != nullptr;
    size_t keys = p.star ? 1 : 0;
    if (p.star) next.variables = rows.variables;
    for (const ProjectionItem& i : p.items) {
      const Variable v = Item(i, rows);
      if (AggregateIn(i.expression) == nullptr) {
        ++keys;
        entity_key = entity_key || v.kind == VariableKind::kNode || v.kind == VariableKind::kRelationship || v.kind == VariableKind::kPath ||
                     (v.kind == VariableKind::kValue && i.expression != nullptr && i.expression->kind == ExprKind::kVariable && ValuesAreRows(rows));
      }
      if (!v.name.empty()) {
        std::erase_if(next.variables, [&](const Variable& o) { return o.name == v.name; });
        next.variables.push_back(v);
      }
    }
    if (aggregates && keys == 0) {
      next.bound = Bound::kFew;
      next.cause = {};
    } else if ((aggregates || p.distinct) && !entity_key) {
      next.bound = std::min(next.bound, Bound::kUnknown);
    }
    rows = std::move(next);
    // WITH n.email AS email, collect(n) AS twins WHERE size(twins) > 1: a search for duplicates finds few.
    if (p.where != nullptr) {
      for (Variable& v : rows.variables) {
        if (!(v.aggregate || v.kind == VariableKind::kList) || !Mentions(*p.where, v.name)) continue;
        rows.bound = std::min(rows.bound, Bound::kUnknown);
        for (Variable& list : rows.variables) list.elements = std::min(list.elements, Bound::kUnknown);
        break;
      }
    }
    Filter(p.where, rows);
    if (LimitsRows(p.limit)) Limit(rows);
  }

  // A value of LOAD CSV or UNWIND stands for its row; one that was computed for a matched row may be that of many.
  static bool ValuesAreRows(const Rows& rows) { return rows.cause.source != RowSource::kMatch; }

  static void Limit(Rows& rows) {
    rows.bound = Bound::kFew;
    rows.cause = {};
  }

  void Filter(const Expr* where, Rows& rows) const {
    if (where == nullptr || rows.bound == Bound::kFew) return;
    std::vector<Element> elements;
    for (const Variable& v : rows.variables) {
      if (v.kind != VariableKind::kNode && v.kind != VariableKind::kRelationship) continue;
      Element& e = elements.emplace_back();  // without its pattern: labels and properties have been counted where it was matched
      e.variable = v.name;
      e.bound_before = true;
    }
    const PredicateScope scope{&graph_, migration_, &elements};
    for (Element& e : elements) {
      Narrow(e, where, scope);
      if (e.bound < Bound::kMany) rows.bound = std::min(rows.bound, Bound::kUnknown);
    }
    rows.cause.filtered = true;
  }

  void Unwind(const Clause& c, Rows& rows) const {
    Variable v = Value(c.variable.text);
    if (c.expression != nullptr) {
      const Expr& e = *c.expression;
      const Variable* list = e.kind == ExprKind::kVariable ? rows.Find(e.text) : nullptr;
      const bool cut = e.kind == ExprKind::kSlice && e.arguments.size() == 3 && !e.arguments[2]->span.empty();
      if (list == nullptr && !cut) list = ListIn(e, rows);
      if (list != nullptr && list->kind == VariableKind::kList) {
        Raise(rows.bound, rows.cause, list->elements, list->elements_cause);
        v.node = list->node;
        v.relationship = list->relationship;
        v.kind = v.node != nullptr ? VariableKind::kNode : v.relationship != nullptr ? VariableKind::kRelationship : VariableKind::kValue;
      }
      int64_t from, to;
      if (e.kind == ExprKind::kCall && absl::EqualsIgnoreCase(e.text, "range") && e.arguments.size() == 2 && IsInteger(*e.arguments[0], &from) && IsInteger(*e.arguments[1], &to) &&
          to > from && to - from >= kManyRows) {
        Raise(rows.bound, rows.cause, Bound::kMany, {RowSource::kList, &c, nullptr, false});
      }
    }
    Bind(rows, v);
  }

  void Foreach(const Clause& c, const Query& q, size_t index, const Rows& rows, const Around& around) {
    if (++depth_ > kMaxDepth) {
      --depth_;
      return;
    }
    Rows inner = rows;
    Unwind(c, inner);
    for (const Clause* i : c.clauses) One(*i, q, index, inner, around, &c);
    --depth_;
  }

  void Subquery(const Clause& c, const Query& q, size_t index, Rows& rows, const Around& around) {
    if (c.query == nullptr) return;
    Around inside = around;
    Raise(inside.bound, inside.cause, rows.bound, rows.cause);
    Rows driving;
    if (c.transactions != nullptr) {
      driving = rows;
      driving.bound = inside.bound;
      driving.cause = inside.cause;
      inside = {Bound::kFew, {}, &c, &driving, &q, index};
    }
    Rows inner;
    inner.variables = rows.variables;  // without a scope clause the importing WITH picks; names that it leaves out are not used
    if (c.has_scope && !c.scope_star) {
      std::erase_if(inner.variables, [&](const Variable& v) { return std::none_of(c.scope.begin(), c.scope.end(), [&](const Name& n) { return n.text == v.name; }); });
    } else if (!c.has_scope && !(c.query->clauses.size() > 0 && c.query->clauses[0]->importing_with) && c.query->parts.empty()) {
      inner.variables.clear();
    }
    Run(*c.query, inner, inside);
    bool returns = !c.query->parts.empty() || !c.query->branches.empty();
    for (const Clause* k : c.query->clauses) returns = returns || k->kind == ClauseKind::kReturn;
    if (returns) {
      Raise(rows.bound, rows.cause, inner.bound, inner.cause);
      for (const Variable& v : inner.variables) Bind(rows, v);
    }
    if (c.transactions != nullptr && !c.transactions->report_status.empty()) Bind(rows, Value(c.transactions->report_status.text));
  }

  const Graph& graph_;
  int migration_;
  const Visit& visit_;
  int depth_ = 0;
};

}  // namespace

const Variable* Rows::Find(std::string_view name) const {
  const auto it = std::find_if(variables.begin(), variables.end(), [&](const Variable& v) { return v.name == name; });
  return it == variables.end() ? nullptr : &*it;
}

void FollowRows(const Statement& s, const Graph& graph, int migration, const Visit& visit) {
  if (s.kind != StatementKind::kQuery) return;
  Rows rows;
  const Embedding embedding = EmbeddingOf(s);
  if (embedding.role == EmbeddedRole::kAction && embedding.driving != nullptr) {
    // What the first argument returns stands in front of the second.
    Rows driving;
    const Visit nothing = [](const Step&) {};
    if (embedding.driving->kind == StatementKind::kQuery) RowFlow(graph, migration, nothing).Run(embedding.driving->As<Query>(), driving, {});
    rows.variables = std::move(driving.variables);
  }
  RowFlow(graph, migration, visit).Run(s.As<Query>(), rows, {});
}

}  // namespace pawl
