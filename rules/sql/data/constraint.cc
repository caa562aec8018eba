#include "rules/sql/data/constraint.h"

#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

bool DropsTable(const sql::Statement& s, const StatementContext& context, std::string_view key) {
  if (s.kind != sql::StatementKind::kDrop || s.As<sql::Drop>().type != sql::ObjectType::kTable) return false;
  for (const sql::Name& n : s.As<sql::Drop>().names) {
    if (context.catalog.Resolve(n) == key) return true;
  }
  return false;
}

}  // namespace

bool GoneLater(const StatementContext& context, const sql::AlterTable& alter, const CatalogTable* table, const sql::AlterCommand& command) {
  const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(command.name);
  // The name that PostgreSQL gives, table_column_fkey, tells the column where nothing else does.
  const auto on_column = [&](std::string_view column) {
    return k != nullptr ? HasColumn(k->columns, column) : absl::StrContains(command.name, absl::StrCat("_", column, "_"));
  };
  const auto drops_column = [&](const sql::AlterTable& a) {
    for (const sql::AlterCommand& c : a.commands) {
      if (c.kind == sql::AlterKind::kDropColumn && on_column(c.name)) return true;
    }
    return false;
  };
  if (drops_column(alter)) return true;
  const std::string key = context.catalog.Resolve(alter.name);
  for (const sql::Statement* s : Later(context)) {
    if (DropsTable(*s, context, key)) return true;
    if (k != nullptr && !k->referenced.empty() && DropsTable(*s, context, k->referenced)) return true;
    if (s->kind == sql::StatementKind::kAlterTable && context.catalog.Resolve(s->As<sql::AlterTable>().name) == key && drops_column(s->As<sql::AlterTable>())) return true;
  }
  return false;
}

}  // namespace pawl
