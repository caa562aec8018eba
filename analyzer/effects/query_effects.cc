// SELECT, INSERT, UPDATE, DELETE, MERGE: which relations they read and write.
#include "analyzer/effects/internal.h"

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
      for (const sql::Cte& c : s->query->ctes) {
        if (c.name == name.name) return true;
      }
    }
    return false;
  }
};

void AddExpression(const sql::Expr* e, const Scope* scope, int depth, EffectList* list);

void AddQuery(const sql::Query& q, const Scope* outer, int depth, EffectList* list) {
  if (depth > kMaxDepth) return;
  const Scope scope{&q, outer};
  if (!q.target.empty() && !q.select_into) {
    const char* action = "";
    switch (q.kind) {
      case sql::QueryKind::kInsert: action = "inserts rows"; break;
      case sql::QueryKind::kUpdate: action = "updates rows"; break;
      case sql::QueryKind::kDelete: action = "deletes rows"; break;
      case sql::QueryKind::kMerge: action = "merges rows"; break;
      default: break;
    }
    if (*action != '\0') {
      Effect& e = list->Add(q.target, LockMode::kRowExclusive, Work::kRows, action);
      e.loses_data = q.kind == sql::QueryKind::kDelete;
      e.span = q.target.span;
    }
  }
  for (const sql::Name& source : q.sources) {
    if (scope.IsCte(source)) continue;
    list->Add(source, q.locking ? LockMode::kRowShare : LockMode::kAccessShare, Work::kRows, q.locking ? "reads and locks rows" : "reads rows").span = source.span;
  }
  for (const sql::Cte& c : q.ctes) {
    if (c.query != nullptr) AddQuery(*c.query, &scope, depth + 1, list);
  }
  for (const sql::Query* sub : q.subqueries) {
    if (sub != nullptr) AddQuery(*sub, &scope, depth + 1, list);
  }
  if (q.source != nullptr) AddQuery(*q.source, &scope, depth + 1, list);
  for (const sql::Expr* v : q.values) AddExpression(v, &scope, depth + 1, list);
  for (const sql::Assignment& a : q.assignments) AddExpression(a.value, &scope, depth + 1, list);
  AddExpression(q.where, &scope, depth + 1, list);
  AddExpression(q.join_condition, &scope, depth + 1, list);
}

void AddExpression(const sql::Expr* e, const Scope* scope, int depth, EffectList* list) {
  if (e == nullptr || depth > kMaxDepth) return;
  if (e->query != nullptr) AddQuery(*e->query, scope, depth + 1, list);
  for (const sql::Expr* a : e->arguments) AddExpression(a, scope, depth + 1, list);
}

}  // namespace

void QueryEffects(const sql::Query& query, EffectList* list) { AddQuery(query, nullptr, 0, list); }

}  // namespace pawl
