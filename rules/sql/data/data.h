// What the rules about data ask in the same way: whose rows are at stake, and what an earlier statement did with them.
#ifndef PAWL_RULES_SQL_DATA_DATA_H_
#define PAWL_RULES_SQL_DATA_DATA_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/sql/common.h"

namespace pawl {

// Others may be using the table. As StatementContext::Live, and in a down script also right for a table that it made itself
// and that the catalogue, which stands as the up left it, does not have.
bool IsLive(const StatementContext& context, const sql::Name& table);

// A statement that must hold for every row may meet one: the table is live, or made here and filled, and not emptied just
// before.
bool MayHoldRows(const StatementContext& context, const sql::Name& table);

// A statement before this one in the script took rows out of the table (DELETE, TRUNCATE, also in a CTE) or merged into it.
bool RemovedRowsHere(const StatementContext& context, const sql::Name& table);

// The last place of `word` (lower case) in a span, outside quotes and comments; the whole span if it is not there.
Span LastWord(const ScriptContext& script, Span in, std::string_view word);

// "`a`", "`a` and `b`", "`a`, `b` and 4 more".
std::string Listed(const std::vector<std::string>& names, size_t most = 3);

// "a, b": for SQL in help texts.
std::string Commas(const std::vector<std::string>& names);

// What stands behind this statement in the script, at the top level.
std::vector<const sql::Statement*> Later(const StatementContext& context);

// A later statement of the script makes a table of this name, or gives another table this name.
bool MadeAgainLater(const StatementContext& context, const sql::Name& table);

// What PostgreSQL drops along with a column: indexes that hold it anywhere, constraints that it is part of (documentation of
// ALTER TABLE, DROP COLUMN; checked on 15). Names in backticks with what they are: "index `a_idx`", "foreign key `b_fkey`".
struct FallsWith {
  std::vector<std::string> own;     // of that column alone
  std::vector<std::string> shared;  // also over other columns, which lose it; and the primary key
};
FallsWith FallsWithColumn(const CatalogTable& table, std::string_view column);

// "foreign key", "unique constraint" ...
std::string_view ConstraintWords(sql::ConstraintKind kind);

// As Listed, for texts that have their backticks already.
std::string Joined(const std::vector<std::string>& parts, size_t most = 4);

inline bool HasColumn(const std::vector<std::string>& columns, std::string_view name) {
  for (const std::string& c : columns) {
    if (c == name) return true;
  }
  return false;
}

inline bool IsNullConstant(const sql::Expr* e) { return e != nullptr && e->kind == sql::ExprKind::kConstant && e->constant == sql::ConstantKind::kNull; }

}  // namespace pawl

#endif  // PAWL_RULES_SQL_DATA_DATA_H_
