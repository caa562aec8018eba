// Which relations a query names, sub-queries and CTEs included. Used by the catalogue (what a view stands on) and by effects.
#ifndef PAWL_ANALYZER_CATALOG_RELATIONS_H_
#define PAWL_ANALYZER_CATALOG_RELATIONS_H_

#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "analyzer/sql/ast.h"

namespace pawl {

struct QueryRelation {
  const sql::Query* query = nullptr;  // the level that names it
  const sql::Name* name = nullptr;
  int source = -1;                    // its place among the level's sources; -1: its target (INSERT, UPDATE, DELETE, MERGE)
};

// Calls `f` for each relation in the order of the text; names of CTEs are left out. Nesting beyond 64 levels is left out too.
void ForEachRelation(const sql::Query& query, absl::FunctionRef<void(const QueryRelation&)> f);
// The same for what stands inside an expression.
void ForEachRelation(const sql::Expr& expression, absl::FunctionRef<void(const QueryRelation&)> f);

// Calls `f` for each function call in a query or an expression, once each, arguments that are calls themselves too.
void ForEachCall(const sql::Query& query, absl::FunctionRef<void(const sql::Expr&)> f);
void ForEachCall(const sql::Expr& expression, absl::FunctionRef<void(const sql::Expr&)> f);

// The query has CTEs or sub-queries in FROM, at any depth: they give columns names of their own, which no table need have.
bool HasDerivedTables(const sql::Query& query);

// The column names that a query mentions anywhere, each once; "*" where it takes all.
void CollectQueryColumns(const sql::Query& query, std::vector<std::string_view>* columns);

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_RELATIONS_H_
