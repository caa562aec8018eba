// What the rules about the design of a schema ask in the same way. They judge what a migration makes anew: a type, a key or a
// name is cheap to choose before rows exist and dear to change after.
#ifndef PAWL_RULES_SQL_DESIGN_DESIGN_H_
#define PAWL_RULES_SQL_DESIGN_DESIGN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "rules/sql/common.h"

namespace pawl {

// A column that the statement makes or gives another type.
struct TypedColumn {
  const sql::Name* table = nullptr;
  std::string_view name;
  const sql::TypeName* type = nullptr;   // never null
  const sql::Column* column = nullptr;   // null: ALTER COLUMN TYPE
};

// The columns of CREATE TABLE and ADD COLUMN, and those with a new type, in order. None of temporary tables.
std::vector<TypedColumn> TypedColumns(const StatementContext& context);

// A type of the server by its canonical name (sql::TypeName), of arrays too.
bool IsBuiltin(const sql::TypeName& type, std::string_view name);
bool IsSerial(const sql::TypeName& type);

// A constraint that the statement makes: CREATE TABLE, ADD COLUMN, ADD CONSTRAINT.
struct NewConstraint {
  const sql::Name* table = nullptr;
  const sql::Constraint* constraint = nullptr;
  const sql::Column* column = nullptr;   // written in this column's definition; null: a constraint of the table
  bool creates_table = false;
};
std::vector<NewConstraint> NewConstraints(const StatementContext& context, sql::ConstraintKind kind);

// The same table as far as the text tells: no schema is `public`.
bool SameTable(const sql::Name& a, const sql::Name& b);

// The table of a statement that makes or changes one is temporary, here or in the history.
bool IsTemporary(const StatementContext& context, const sql::Name& table);

// Statements behind this one in the script, at most a thousand or two: a script of 100,000 statements stays linear.
absl::Span<const sql::Statement* const> Following(const StatementContext& context);

// "`a`", "(`a`, `b`)".
std::string ColumnList(List<std::string_view> columns);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_DESIGN_DESIGN_H_
