#include "rules/sql/transactions/enum_use.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace pawl {
namespace {

constexpr int kMaxDepth = 64;

// CASE, COALESCE, ARRAY, ROW: their parts have the type of the whole. Conditions inside CASE are operators and so stay apart.
bool PassesType(const sql::Expr& e) { return e.kind == sql::ExprKind::kOther; }

}  // namespace

void EnumUse::Found(const sql::Expr& e) {
  if (count_++ == 0) {
    first_ = e.span;
    in_ = now_;
  }
}

bool EnumUse::MayHaveType(const CatalogTable* table, std::string_view column) const {
  const CatalogColumn* c = table == nullptr ? nullptr : table->FindColumn(column);
  if (c == nullptr || c->type.empty()) return true;
  std::string_view type = absl::StripSuffix(c->type, "[]");
  const size_t dot = type.rfind('.');
  return (dot == std::string_view::npos ? type : type.substr(dot + 1)) == type_.name;
}

bool EnumUse::MayHaveType(const Scope& scope, const sql::Expr& column) const {
  bool unknown = false;
  for (const Scope* s = &scope; s != nullptr; s = s->outer) {
    const auto look = [&](const sql::Name& name, std::string_view alias, bool* yes) {
      if (name.empty()) return false;
      if (!column.schema.empty() && column.schema != alias && (!alias.empty() || column.schema != name.name)) return false;
      const CatalogTable* t = catalog_.FindTable(name);
      if (t == nullptr || (t->FindColumn(column.text) == nullptr && !t->complete)) {
        unknown = true;
        return false;
      }
      if (t->FindColumn(column.text) == nullptr) return false;
      *yes = MayHaveType(t, column.text);
      return true;
    };
    bool yes = false;
    if (s->table != nullptr && look(*s->table, {}, &yes)) return yes;
    if (s->query == nullptr) continue;
    if (look(s->query->target, s->query->target_alias(), &yes)) return yes;
    for (size_t i = 0; i < s->query->sources().size(); ++i) {
      if (look(s->query->sources()[i], i < s->query->source_aliases().size() ? s->query->source_aliases()[i] : std::string_view(), &yes)) return yes;
    }
    // The columns of a sub-query are not followed.
    if (!s->query->subqueries().empty()) unknown = true;
  }
  return unknown || scope.query == nullptr;
}

void EnumUse::VisitValue(const sql::Expr* e, const Scope& scope, int depth) {
  if (e == nullptr || depth > kMaxDepth) return;
  if (e->kind == sql::ExprKind::kConstant && e->constant == sql::ConstantKind::kString) {
    if (e->text == value_) Found(*e);
    return;
  }
  if (!PassesType(*e)) return VisitExpression(e, scope, depth + 1);
  for (const sql::Expr* a : e->arguments) VisitValue(a, scope, depth + 1);
}

void EnumUse::VisitExpression(const sql::Expr* e, const Scope& scope, int depth) {
  if (e == nullptr || depth > kMaxDepth) return;
  if (e->query != nullptr) VisitQuery(*e->query, &scope, depth + 1);
  bool is_enum = false;
  switch (e->kind) {
    case sql::ExprKind::kCast:
      is_enum = e->type != nullptr && e->type->name == type_.name;  // 'x'::mood, '{x}'::mood[]
      break;
    case sql::ExprKind::kOperator:
      for (const sql::Expr* a : e->arguments) {
        if (a == nullptr) continue;
        if (a->kind == sql::ExprKind::kColumn && MayHaveType(scope, *a)) is_enum = true;
        if (a->kind == sql::ExprKind::kCast && IsType(a->type)) is_enum = true;
      }
      // Operators that take text, not enums.
      if (absl::StrContains(e->text, "LIKE") || absl::StrContains(e->text, "~") || e->text == "||" || absl::StartsWith(e->text, "->") || absl::StartsWith(e->text, "#>") ||
          absl::StrContains(e->text, "@") || absl::StrContains(e->text, "?")) {
        is_enum = false;
      }
      break;
    default:
      break;
  }
  for (const sql::Expr* a : e->arguments) {
    if (is_enum) {
      VisitValue(a, scope, depth + 1);
    } else {
      VisitExpression(a, scope, depth + 1);
    }
  }
}

void EnumUse::VisitInsert(const sql::Query& q, const Scope& scope, int depth) {
  const sql::Query& from = *q.source;
  const CatalogTable* table = catalog_.FindTable(q.target);
  const size_t rows = from.kind == sql::QueryKind::kValues ? from.value_rows : 1;
  if (rows == 0 || from.values.empty()) return;
  // Of very many rows the parser keeps the first ones.
  const size_t width = from.values.size() % rows == 0 ? from.values.size() / rows : q.columns.size();
  if (width == 0) return;
  const bool by_table = q.columns.empty() && table != nullptr && table->complete;
  for (size_t i = 0; i < from.values.size(); ++i) {
    const size_t at = i % width;
    std::string_view column;
    if (at < q.columns.size()) column = q.columns[at];
    else if (by_table && at < table->columns.size()) column = table->columns[at].name;
    // A literal whose column is not even named is not taken for the enum's.
    if (!column.empty() && MayHaveType(table, column)) VisitValue(from.values[i], scope, depth + 1);
  }
}

void EnumUse::VisitQuery(const sql::Query& q, const Scope* outer, int depth) {
  if (depth > kMaxDepth) return;
  const Scope scope{&q, nullptr, outer};
  for (const sql::Cte& c : q.ctes()) {
    if (c.query != nullptr) VisitQuery(*c.query, &scope, depth + 1);
  }
  for (const sql::Query* sub : q.subqueries()) {
    if (sub != nullptr) VisitQuery(*sub, &scope, depth + 1);
  }
  if (q.kind == sql::QueryKind::kInsert && q.source != nullptr) VisitInsert(q, scope, depth);
  if (q.source != nullptr) VisitQuery(*q.source, &scope, depth + 1);
  const CatalogTable* target = q.target.empty() ? nullptr : catalog_.FindTable(q.target);
  for (const sql::Assignment& a : q.assignments) {
    if (!q.target.empty() && MayHaveType(target, a.column)) VisitValue(a.value, scope, depth + 1);
    else VisitExpression(a.value, scope, depth + 1);
  }
  for (const sql::Expr* e : q.values) VisitExpression(e, scope, depth + 1);
  VisitExpression(q.where, scope, depth + 1);
  VisitExpression(q.join_condition(), scope, depth + 1);
}

void EnumUse::VisitColumn(const sql::Column& c, const Scope& scope) {
  for (const sql::Constraint* k : c.constraints) {
    if (k->kind == sql::ConstraintKind::kDefault && IsType(c.type)) {
      VisitValue(k->expression, scope, 0);
    } else {
      VisitExpression(k->expression, scope, 0);
    }
  }
}

void EnumUse::Visit(const sql::Statement& s) {
  now_ = &s;
  using K = sql::StatementKind;
  switch (s.kind) {
    case K::kQuery:
      return VisitQuery(s.As<sql::Query>(), nullptr, 0);
    case K::kCreateView:
      if (s.As<sql::CreateView>().query != nullptr) VisitQuery(*s.As<sql::CreateView>().query, nullptr, 0);
      return;
    case K::kCreateTable: {
      const auto& t = s.As<sql::CreateTable>();
      const Scope scope{nullptr, &t.name, nullptr};
      for (const sql::Column* c : t.columns) VisitColumn(*c, scope);
      for (const sql::Constraint* k : t.constraints) VisitExpression(k->expression, scope, 0);
      if (t.as_query != nullptr && !t.with_no_data) VisitQuery(*t.as_query, nullptr, 0);
      return;
    }
    case K::kCreateIndex: {
      const auto& i = s.As<sql::CreateIndex>();
      const Scope scope{nullptr, &i.table, nullptr};
      VisitExpression(i.where, scope, 0);
      for (const sql::IndexElement& e : i.elements) VisitExpression(e.expression, scope, 0);
      return;
    }
    case K::kAlterTable: {
      const auto& t = s.As<sql::AlterTable>();
      const Scope scope{nullptr, &t.name, nullptr};
      const CatalogTable* table = catalog_.FindTable(t.name);
      for (const sql::AlterCommand& c : t.commands) {
        if (c.column != nullptr) VisitColumn(*c.column, scope);
        if (c.constraint != nullptr) VisitExpression(c.constraint->expression, scope, 0);
        if (c.kind == sql::AlterKind::kSetDefault && MayHaveType(table, c.name)) VisitValue(c.expression, scope, 0);
        else if (c.kind == sql::AlterKind::kColumnType && IsType(c.type)) VisitValue(c.expression, scope, 0);
        else VisitExpression(c.expression, scope, 0);
      }
      return;
    }
    case K::kCreatePolicy: {
      const auto& p = s.As<sql::CreatePolicy>();
      VisitExpression(p.using_expression, Scope{nullptr, &p.table, nullptr}, 0);
      return;
    }
    case K::kDo:
      for (const sql::Statement* inner : s.As<sql::DoBlock>().statements) Visit(*inner);
      return;
    case K::kCreateFunction:
      // A body in SQL is analysed when the function is made, one in PL/pgSQL when it runs.
      if (s.As<sql::CreateFunction>().language != "sql") return;
      for (const sql::Statement* inner : s.As<sql::CreateFunction>().statements) Visit(*inner);
      return;
    default:
      return;
  }
}

}  // namespace pawl
