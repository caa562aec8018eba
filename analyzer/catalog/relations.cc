#include "analyzer/catalog/relations.h"

#include <algorithm>

namespace pawl {
namespace {

constexpr int kMaxDepth = 64;

// CTE names in scope hide tables; `outer` links the enclosing levels.
struct Scope {
  const sql::Query* query = nullptr;
  const Scope* outer = nullptr;

  bool IsCte(const sql::Name& name) const {
    if (!name.schema.empty()) return false;
    for (const Scope* s = this; s != nullptr; s = s->outer) {
      for (const sql::Cte& c : s->query->ctes()) {
        if (c.name == name.name) return true;
      }
    }
    return false;
  }
};

// One walk over everything in a query: relations, or columns.
struct Walk {
  const absl::FunctionRef<void(const QueryRelation&)>* relation = nullptr;
  std::vector<std::string_view>* columns = nullptr;
  const absl::FunctionRef<void(const sql::Expr&)>* call = nullptr;
  bool* derived = nullptr;

  void Query(const sql::Query& q, const Scope* outer, int depth) const {
    if (depth > kMaxDepth) return;
    const Scope scope{&q, outer};
    if (derived != nullptr && (!q.ctes().empty() || !q.subqueries().empty())) *derived = true;
    const bool writes = q.kind != sql::QueryKind::kSelect && q.kind != sql::QueryKind::kValues;
    if (relation != nullptr && writes && !q.target.empty()) (*relation)({&q, &q.target, -1});
    const auto sources = q.sources();
    for (size_t i = 0; i < sources.size() && relation != nullptr; ++i) {
      if (!scope.IsCte(sources[i])) (*relation)({&q, &sources[i], static_cast<int>(i)});
    }
    for (const sql::Cte& c : q.ctes()) {
      if (c.query != nullptr) Query(*c.query, &scope, depth + 1);
    }
    for (const sql::Query* sub : q.subqueries()) {
      if (sub != nullptr) Query(*sub, &scope, depth + 1);
    }
    if (q.source != nullptr) Query(*q.source, &scope, depth + 1);
    for (const sql::Expr* v : q.values) Expression(v, &scope, depth + 1);
    for (const sql::Assignment& a : q.assignments) {
      Column(a.column);
      Expression(a.value, &scope, depth + 1);
    }
    for (std::string_view c : q.columns) Column(c);
    Expression(q.where, &scope, depth + 1);
    Expression(q.join_condition(), &scope, depth + 1);
  }

  void Column(std::string_view name) const {
    if (columns != nullptr && std::find(columns->begin(), columns->end(), name) == columns->end()) columns->push_back(name);
  }

  void Expression(const sql::Expr* e, const Scope* scope, int depth) const {
    if (e == nullptr || depth > kMaxDepth) return;
    if (e->kind == sql::ExprKind::kColumn) Column(e->text);
    if (call != nullptr && e->kind == sql::ExprKind::kCall) (*call)(*e);
    if (e->query != nullptr) Query(*e->query, scope, depth + 1);
    for (const sql::Expr* a : e->arguments) Expression(a, scope, depth + 1);
  }
};

}  // namespace

void ForEachRelation(const sql::Query& query, absl::FunctionRef<void(const QueryRelation&)> f) { Walk{&f, nullptr}.Query(query, nullptr, 0); }

void ForEachRelation(const sql::Expr& expression, absl::FunctionRef<void(const QueryRelation&)> f) {
  Walk{&f, nullptr}.Expression(&expression, nullptr, 0);
}

void ForEachCall(const sql::Query& query, absl::FunctionRef<void(const sql::Expr&)> f) { Walk{nullptr, nullptr, &f}.Query(query, nullptr, 0); }

void ForEachCall(const sql::Expr& expression, absl::FunctionRef<void(const sql::Expr&)> f) { Walk{nullptr, nullptr, &f}.Expression(&expression, nullptr, 0); }

bool HasDerivedTables(const sql::Query& query) {
  bool derived = false;
  Walk{nullptr, nullptr, nullptr, &derived}.Query(query, nullptr, 0);
  return derived;
}

void CollectQueryColumns(const sql::Query& query, std::vector<std::string_view>* columns) { Walk{nullptr, columns}.Query(query, nullptr, 0); }

}  // namespace pawl
