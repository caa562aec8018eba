#include "rules/cypher/common.h"

#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

using namespace cypher;
using ExprVisitor = std::function<void(const Expr&)>;

constexpr int kMaxDepth = 200;  // the parser refuses what is nested deeper

void Clauses(const Query& q, ClauseVisit at, const std::function<void(const ClauseVisit&)>& visit);

void OneClause(const Clause& c, ClauseVisit at, const std::function<void(const ClauseVisit&)>& visit) {
  at.clause = &c;
  visit(at);
  if (at.depth > kMaxDepth) return;
  if (c.kind == ClauseKind::kForeach) {
    ClauseVisit inner = at;
    inner.foreach_clause = &c;
    ++inner.depth;
    for (const Clause* i : c.clauses) OneClause(*i, inner, visit);
  }
  if (c.kind == ClauseKind::kCallSubquery && c.query != nullptr) {
    ClauseVisit inner = at;
    inner.subquery = &c;
    if (c.transactions != nullptr) inner.batch = &c;
    inner.foreach_clause = nullptr;
    ++inner.depth;
    Clauses(*c.query, inner, visit);
  }
}

void Clauses(const Query& q, ClauseVisit at, const std::function<void(const ClauseVisit&)>& visit) {
  at.query = &q;
  for (size_t i = 0; i < q.clauses.size(); ++i) {
    at.index = i;
    OneClause(*q.clauses[i], at, visit);
  }
  for (const Query* part : q.parts) Clauses(*part, at, visit);
  for (const WhenBranch& b : q.branches) {
    if (b.query != nullptr) Clauses(*b.query, at, visit);
  }
}

class Expressions {
 public:
  Expressions(const ExprVisitor& visit, bool subqueries) : visit_(visit), subqueries_(subqueries) {}

  void Of(const Clause& c) {
    if (c.pattern != nullptr) Of(*c.pattern);
    One(c.where);
    One(c.expression);
    One(c.field_terminator);
    if (c.projection != nullptr) {
      for (const ProjectionItem& i : c.projection->items) One(i.expression);
      for (const SortItem& i : c.projection->order_by) One(i.expression);
      One(c.projection->skip);
      One(c.projection->limit);
      One(c.projection->where);
    }
    Items(c.items);
    for (const MergeAction& a : c.actions) Items(a.items);
    for (const Expr* e : c.arguments) One(e);
    if (c.transactions != nullptr) {
      One(c.transactions->concurrency);
      One(c.transactions->of_rows);
    }
  }

  void Of(const Query& q) {
    if (++depth_ < kMaxDepth) {
      for (const Clause* c : q.clauses) {
        Of(*c);
        for (const Clause* inner : c->clauses) Of(*inner);
        if (c->query != nullptr) Of(*c->query);
      }
      for (const Query* part : q.parts) Of(*part);
      for (const WhenBranch& b : q.branches) {
        One(b.condition);
        if (b.query != nullptr) Of(*b.query);
      }
    }
    --depth_;
  }

 private:
  void Items(const List<SetItem>& items) {
    for (const SetItem& i : items) {
      One(i.target);
      One(i.key_expression);
      One(i.value);
    }
  }
  void Entries(const List<MapEntry>& entries) {
    for (const MapEntry& e : entries) One(e.value);
  }
  void Path(const PathPattern& p) {
    One(p.where);
    for (const PathElement& e : p.elements) {
      if (e.node != nullptr) {
        Entries(e.node->properties.entries);
        One(e.node->where);
      }
      if (e.relationship != nullptr) {
        Entries(e.relationship->properties.entries);
        One(e.relationship->where);
      }
      if (e.group != nullptr && ++depth_ < kMaxDepth) {
        Path(*e.group);
        --depth_;
      }
    }
  }
  void Of(const Pattern& p) {
    for (const PathPattern* path : p.paths) Path(*path);
  }
  void One(const Expr* e) {
    if (e == nullptr || depth_ > kMaxDepth) return;
    ++depth_;
    visit_(*e);
    for (const Expr* a : e->arguments) One(a);
    Entries(e->entries);
    One(e->where);
    One(e->projection);
    if (e->pattern != nullptr) Of(*e->pattern);
    if (subqueries_ && e->query != nullptr) Of(*e->query);
    --depth_;
  }

  const ExprVisitor& visit_;
  bool subqueries_;
  int depth_ = 0;
};

}  // namespace

void VisitClauses(const Statement& s, const std::function<void(const ClauseVisit&)>& visit) {
  if (s.kind == StatementKind::kQuery) Clauses(s.As<Query>(), {}, visit);
}

void VisitExpressions(const Clause& c, const ExprVisitor& visit) { Expressions(visit, false).Of(c); }

void VisitExpressions(const Statement& s, const ExprVisitor& visit) {
  if (s.kind == StatementKind::kQuery) Expressions(visit, true).Of(s.As<Query>());
}

bool Writes(const Query& q) {
  bool writes = false;
  Clauses(q, {}, [&](const ClauseVisit& v) { writes = writes || v.clause->Writes(); });
  return writes;
}

bool Writes(const Statement& s) { return s.kind == StatementKind::kQuery && Writes(s.As<Query>()); }

bool HasInTransactions(const Statement& s) {
  bool found = false;
  VisitClauses(s, [&](const ClauseVisit& v) { found = found || v.clause->transactions != nullptr; });
  return found;
}

std::string Ticked(std::string_view name) { return absl::StrCat("`", name, "`"); }

std::string TickedList(const List<Name>& names) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) absl::StrAppend(&out, i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", Ticked(names[i].text));
  return out;
}

}  // namespace pawl
