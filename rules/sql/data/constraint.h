// What the rules about dropped constraints ask in the same way.
#ifndef PAWL_RULES_SQL_DATA_CONSTRAINT_H_
#define PAWL_RULES_SQL_DATA_CONSTRAINT_H_

#include <string_view>

#include "absl/strings/match.h"
#include "rules/sql/data/data.h"

namespace pawl {

// By what the history knows of it; else by the name that PostgreSQL gives. `table` may be null.
inline bool IsPrimaryKey(const CatalogTable* table, std::string_view constraint) {
  const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(constraint);
  if (k != nullptr) return k->kind == sql::ConstraintKind::kPrimaryKey;
  // By the name alone: users_pkey (the server's own), users_pk, pk_users, PK_users, users_primary_key.
  return absl::EndsWithIgnoreCase(constraint, "_pkey") || absl::EndsWithIgnoreCase(constraint, "_pk") || absl::StartsWithIgnoreCase(constraint, "pk_") ||
         absl::EndsWithIgnoreCase(constraint, "_primary_key") || absl::EqualsIgnoreCase(constraint, "primary");
}

// The constraint was made in this migration. `table` may be null.
inline bool MadeHere(const StatementContext& context, const CatalogTable* table, std::string_view constraint) {
  const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(constraint);
  return k != nullptr && k->origin.migration == context.script.migration_index;
}

// The table, or a column that the dropped constraint is on, or the table that it refers to, is dropped by the same statement or
// a later one: the constraint goes with it anyway. `table` may be null.
bool GoneLater(const StatementContext& context, const sql::AlterTable& alter, const CatalogTable* table, const sql::AlterCommand& command);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_DATA_CONSTRAINT_H_
