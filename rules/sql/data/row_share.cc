#include "rules/sql/data/row_share.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

using sql::Expr;
using sql::ExprKind;
using sql::Query;
using sql::QueryKind;

constexpr int kMaxDepth = 32;

const Expr& Uncast(const Expr& e) {
  const Expr* x = &e;
  for (int i = 0; i < kMaxDepth && x->kind == ExprKind::kCast && !x->arguments.empty() && x->arguments[0] != nullptr; ++i) x = x->arguments[0];
  return *x;
}

bool IsFixed(const Expr& e) {
  const Expr& x = Uncast(e);
  return x.kind == ExprKind::kConstant || x.kind == ExprKind::kParameter;
}

// What one condition does to the share of rows.
enum class Part : uint8_t {
  kTrue,       // always true
  kOpen,       // leaves out the exceptions: not null, not this value, or null
  kUnfilled,   // open, and about a column that is assigned or copied: "not done yet"
  kJoin,       // the row has a match in a whole other table
  kRestricts,  // picks rows
};

class Judge {
 public:
  Judge(const StatementContext& context, const Query& write, const Query& outer) : context_(context), write_(write), outer_(outer), key_(context.catalog.Resolve(write.target)) {}

  RowShare Share() {
    if (write_.limit() != nullptr) return RowShare::kUnknown;
    Part part = Part::kTrue;
    if (!write_.sources().empty() || !write_.subqueries().empty()) {
      if (!SourcesAreWhole(write_, 0)) return RowShare::kUnknown;
      if (write_.where == nullptr) return RowShare::kAll;
      if (write_.join_condition() != nullptr && Of(*write_.join_condition(), 0) == Part::kRestricts) return RowShare::kUnknown;
    }
    if (write_.where != nullptr) part = Of(*write_.where, 0);
    switch (part) {
      case Part::kTrue: return RowShare::kAll;
      case Part::kUnfilled: return RowShare::kUnfilled;
      case Part::kJoin: return RowShare::kJoined;
      default: return RowShare::kUnknown;
    }
  }

  // A SELECT that gives something for as good as every row of what it reads.
  bool IsWhole(const Query& q, int depth) {
    if (depth > kMaxDepth || q.kind != QueryKind::kSelect || q.limit() != nullptr) return false;
    if (q.sources().empty() && q.subqueries().empty()) return false;  // a function, or nothing
    for (const Expr* v : q.values) {
      if (v != nullptr && IsComparison(*v)) return false;  // HAVING
    }
    if (!SourcesAreWhole(q, depth + 1)) return false;
    for (const Expr* e : {q.where, q.join_condition()}) {
      if (e != nullptr && Of(*e, depth + 1) == Part::kRestricts) return false;
    }
    return true;
  }

 private:
  static bool IsComparison(const Expr& e) {
    if (e.kind == ExprKind::kAnd || e.kind == ExprKind::kOr) return true;
    if (e.kind != ExprKind::kOperator) return false;
    return e.text == "=" || e.text == ">" || e.text == "<" || e.text == ">=" || e.text == "<=" || e.text == "<>";
  }

  bool SourcesAreWhole(const Query& q, int depth) {
    if (depth > kMaxDepth) return false;
    for (const sql::Name& n : q.sources()) {
      if (!SourceIsWhole(n, depth)) return false;
    }
    for (const Query* sub : q.subqueries()) {
      if (sub == nullptr || !IsWhole(*sub, depth + 1)) return false;
    }
    return true;
  }

  bool SourceIsWhole(const sql::Name& n, int depth) {
    if (n.schema.empty()) {
      for (const Query* scope : {&write_, &outer_}) {
        for (const sql::Cte& c : scope->ctes()) {
          if (c.name == n.name) return c.query != nullptr && c.query != &write_ && IsWhole(*c.query, depth + 1);
        }
      }
    }
    // A table made here, or temporary, holds what the script put there: how much is not known.
    if (!IsLive(context_, n)) return false;
    // A DELETE that looks at its own table again looks for duplicates.
    return write_.kind != QueryKind::kDelete || context_.catalog.Resolve(n) != key_;
  }

  bool IsAssigned(const Expr& e) const {
    const Expr& x = Uncast(e);
    if (x.kind != ExprKind::kColumn) return false;
    for (const sql::Assignment& a : write_.assignments) {
      if (a.column == x.text) return true;
    }
    return false;
  }

  static bool Mentions(const Expr& e, std::string_view column, int depth) {
    if (depth > kMaxDepth) return false;
    if (e.kind == ExprKind::kColumn && e.text == column) return true;
    for (const Expr* a : e.arguments) {
      if (a != nullptr && Mentions(*a, column, depth + 1)) return true;
    }
    return false;
  }

  // The new values are worked out from it.
  bool IsRead(const Expr& e) const {
    const Expr& x = Uncast(e);
    if (x.kind != ExprKind::kColumn) return false;
    for (const sql::Assignment& a : write_.assignments) {
      if (a.value != nullptr && Mentions(*a.value, x.text, 0)) return true;
    }
    return false;
  }

  Part Null(const Expr& test) const {
    if (test.arguments.empty() || test.arguments[0] == nullptr || Uncast(*test.arguments[0]).kind != ExprKind::kColumn) return Part::kRestricts;
    return IsAssigned(*test.arguments[0]) ? Part::kUnfilled : Part::kOpen;
  }

  Part NotNull(const Expr& test) const {
    if (test.arguments.empty() || test.arguments[0] == nullptr || Uncast(*test.arguments[0]).kind != ExprKind::kColumn) return Part::kRestricts;
    return IsAssigned(*test.arguments[0]) || IsRead(*test.arguments[0]) ? Part::kUnfilled : Part::kOpen;
  }

  Part Equals(const Expr& a, const Expr& b) const {
    const Expr& x = Uncast(a);
    const Expr& y = Uncast(b);
    if (x.kind == ExprKind::kConstant && y.kind == ExprKind::kConstant) return x.text == y.text && !IsNullConstant(&x) ? Part::kTrue : Part::kRestricts;
    // In a body, without another table in the statement, a qualified name is a loop's record: r.id.
    const bool joined = context_.statement.inside == sql::Inside::kNone || !write_.sources().empty() || !write_.subqueries().empty();
    if (x.kind == ExprKind::kColumn && y.kind == ExprKind::kColumn && x.schema != y.schema) return joined ? Part::kJoin : Part::kRestricts;
    return Part::kRestricts;
  }

  Part Operator(const Expr& e) const {
    if (e.arguments.size() < 2 || e.arguments[0] == nullptr || e.arguments[1] == nullptr) return Part::kRestricts;
    const Expr& a = *e.arguments[0];
    const Expr& b = *e.arguments[1];
    if (e.text == "=") return Equals(a, b);
    const bool column = Uncast(a).kind == ExprKind::kColumn;
    if (e.text == "IS DISTINCT FROM" && column) return IsAssigned(a) || IsAssigned(b) ? Part::kUnfilled : IsFixed(b) ? Part::kOpen : Part::kRestricts;
    if ((e.text == "<>" || e.text == "!=" || e.text == "NOT IN" || e.text == "NOT LIKE") && column) {
      for (size_t i = 1; i < e.arguments.size(); ++i) {
        if (e.arguments[i] == nullptr || !IsFixed(*e.arguments[i])) return Part::kRestricts;
      }
      return IsAssigned(a) && e.text != "NOT LIKE" ? Part::kUnfilled : Part::kOpen;
    }
    return Part::kRestricts;
  }

  Part Of(const Expr& e, int depth) {
    if (depth > kMaxDepth) return Part::kRestricts;
    switch (e.kind) {
      case ExprKind::kConstant: return e.constant == sql::ConstantKind::kBoolean && absl::StartsWith(e.text, "t") ? Part::kTrue : Part::kRestricts;
      case ExprKind::kCast: return Of(Uncast(e), depth + 1);
      case ExprKind::kAnd: {
        Part all = Part::kTrue;
        for (const Expr* a : e.arguments) {
          const Part p = a == nullptr ? Part::kRestricts : Of(*a, depth + 1);
          if (p == Part::kRestricts) return p;
          all = std::max(all, p);
        }
        return all;
      }
      case ExprKind::kOr: {
        // One wide arm is enough.
        Part best = Part::kRestricts;
        for (const Expr* a : e.arguments) {
          const Part p = a == nullptr ? Part::kRestricts : Of(*a, depth + 1);
          if (p == Part::kTrue || (p == Part::kUnfilled && best != Part::kTrue) || best == Part::kRestricts) best = p;
        }
        return best;
      }
      case ExprKind::kNot: {
        if (e.arguments.empty() || e.arguments[0] == nullptr) return Part::kRestricts;
        const Expr& x = *e.arguments[0];
        if (x.kind == ExprKind::kIsNull) return NotNull(x);
        if (x.kind == ExprKind::kIsNotNull) return Null(x);
        return x.kind == ExprKind::kColumn && IsAssigned(x) ? Part::kUnfilled : Part::kRestricts;
      }
      case ExprKind::kIsNull: return Null(e);
      case ExprKind::kIsNotNull: return NotNull(e);
      case ExprKind::kOperator: return Operator(e);
      case ExprKind::kSubquery:
        if (e.query == nullptr || (e.text != "EXISTS" && e.text != "ANY")) return Part::kRestricts;
        return IsWhole(*e.query, depth + 1) ? Part::kJoin : Part::kRestricts;
      default: return Part::kRestricts;
    }
  }

  const StatementContext& context_;
  const Query& write_;
  const Query& outer_;
  const std::string key_;
};

bool HasLimit(const Query* q, int depth);

bool HasLimit(const Expr* e, int depth) {
  if (e == nullptr || depth > kMaxDepth) return false;
  if (e->query != nullptr && HasLimit(e->query, depth + 1)) return true;
  for (const Expr* a : e->arguments) {
    if (HasLimit(a, depth + 1)) return true;
  }
  return false;
}

// A batch: a LIMIT anywhere in what the query reads.
bool HasLimit(const Query* q, int depth) {
  if (q == nullptr || depth > kMaxDepth) return false;
  if (q->limit() != nullptr || HasLimit(q->where, depth + 1)) return true;
  for (const Query* sub : q->subqueries()) {
    if (HasLimit(sub, depth + 1)) return true;
  }
  for (const sql::Cte& c : q->ctes()) {
    if (HasLimit(c.query, depth + 1)) return true;
  }
  return false;
}

// A variable of the body, as far as a name tells: not a column that the table is known to have.
bool IsVariable(const Expr& e, const CatalogTable* table) {
  const Expr& x = Uncast(e);
  if (x.kind == ExprKind::kParameter) return true;
  if (x.kind == ExprKind::kOperator) {
    bool any = false;
    for (const Expr* a : x.arguments) {
      if (a == nullptr || (!IsVariable(*a, table) && !IsFixed(*a))) return false;
      any = any || !IsFixed(*a);
    }
    return any;
  }
  return x.kind == ExprKind::kColumn && x.schema.empty() && (table == nullptr || table->FindColumn(x.text) == nullptr);
}

// id BETWEEN low AND high; id > last: a range that the loop moves on.
bool HasMovingRange(const Expr* e, const CatalogTable* table, int depth) {
  if (e == nullptr || depth > kMaxDepth) return false;
  if (e->kind == ExprKind::kAnd) {
    for (const Expr* a : e->arguments) {
      if (HasMovingRange(a, table, depth + 1)) return true;
    }
    return false;
  }
  if (e->kind != ExprKind::kOperator || e->arguments.size() < 2 || e->arguments[0] == nullptr || e->arguments[1] == nullptr) return false;
  if (Uncast(*e->arguments[0]).kind != ExprKind::kColumn) return false;
  const bool range = e->text == "BETWEEN" || e->text == ">" || e->text == ">=" || e->text == "<" || e->text == "<=";
  return range && IsVariable(*e->arguments[1], table);
}

// key = row.key, where `row` is the record of the loop.
bool TakesRecord(const Expr* e, const Query& write, int depth) {
  if (e == nullptr || depth > kMaxDepth) return false;
  if (e->kind == ExprKind::kAnd) {
    for (const Expr* a : e->arguments) {
      if (TakesRecord(a, write, depth + 1)) return true;
    }
    return false;
  }
  if (e->kind != ExprKind::kOperator || e->text != "=" || e->arguments.size() != 2) return false;
  for (const Expr* a : e->arguments) {
    if (a == nullptr) return false;
    const Expr& x = Uncast(*a);
    if (x.kind == ExprKind::kColumn && !x.schema.empty() && x.schema != write.target.name && x.schema != write.target_alias()) return true;
  }
  return false;
}

// The DO block or function that holds the statement; null at the top level.
const sql::Statement* Body(const sql::Statement& s) {
  const sql::Statement* outer = s.outer;
  while (outer != nullptr && outer->kind != sql::StatementKind::kDo && outer->kind != sql::StatementKind::kCreateFunction) outer = outer->outer;
  return outer;
}

List<const sql::Statement*> StatementsOf(const sql::Statement& body) {
  return body.kind == sql::StatementKind::kDo ? body.As<sql::DoBlock>().statements : body.As<sql::CreateFunction>().statements;
}

}  // namespace

RowShare ShareOf(const StatementContext& context, const Query& write, const Query& outer) { return Judge(context, write, outer).Share(); }

bool LoopsOverAll(const StatementContext& context, const Query& write) {
  const sql::Statement& s = context.statement;
  if (!s.in_loop || s.conditional) return false;
  if (HasLimit(&write, 0)) return true;
  if (HasMovingRange(write.where, context.catalog.FindTable(write.target), 0)) return true;
  if (!write.sources().empty() || !write.subqueries().empty() || !TakesRecord(write.where, write, 0)) return false;
  // FOR row IN SELECT ...: the query stands before the loop's statements.
  const sql::Statement* body = Body(s);
  if (body == nullptr) return false;
  const sql::Statement* last = nullptr;
  for (const sql::Statement* other : StatementsOf(*body)) {
    if (other == &s) break;
    if (other->kind == sql::StatementKind::kQuery && !other->in_loop && other->As<Query>().kind == QueryKind::kSelect) last = other;
  }
  return last != nullptr && Judge(context, write, write).IsWhole(last->As<Query>(), 0);
}

bool HasCommitInLoop(const StatementContext& context) {
  const sql::Statement* body = Body(context.statement);
  if (body == nullptr) return false;
  for (const sql::Statement* s : StatementsOf(*body)) {
    if (s->in_loop && s->kind == sql::StatementKind::kTransaction && s->As<sql::Transaction>().kind == sql::TransactionKind::kCommit) return true;
  }
  return false;
}

bool CommitsInLoop(const StatementContext& context) { return !context.facts.in_block() && HasCommitInLoop(context); }

bool MergesAll(const StatementContext& context, const Query& merge, std::string_view action) {
  if (merge.kind != QueryKind::kMerge || merge.sources().size() != 1 || !merge.subqueries().empty() || !context.Live(merge.sources()[0])) return false;
  // Of its WHEN the tree keeps nothing. AND ... picks rows.
  return !WordsIn(context.script, context.statement.span, absl::StrCat("when matched then ", action)).empty();
}

std::vector<const Query*> WritesIn(const Query& q, QueryKind kind) {
  std::vector<const Query*> out;
  for (const sql::Cte& c : q.ctes()) {
    if (c.query == nullptr) continue;
    // A CTE that writes stands at the top level of the statement only; the server refuses it deeper down.
    if (c.query->kind == kind) out.push_back(c.query);
  }
  if (q.kind == kind) out.push_back(&q);
  return out;
}

}  // namespace pawl
