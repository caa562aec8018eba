#include "rules/sql/design/design.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace pawl {

bool IsTemporary(const StatementContext& context, const sql::Name& table) {
  const CatalogTable* known = context.catalog.FindTable(table);
  return known != nullptr && known->temporary;
}

std::vector<TypedColumn> TypedColumns(const StatementContext& context) {
  std::vector<TypedColumn> out;
  if (context.statement.kind == sql::StatementKind::kCreateTable) {
    const auto& create = context.statement.As<sql::CreateTable>();
    if (create.temporary) return out;
    for (const sql::Column* c : create.columns) {
      if (c->type != nullptr) out.push_back({&create.name, c->name, c->type, c});
    }
  } else if (context.statement.kind == sql::StatementKind::kAlterTable) {
    const auto& alter = context.statement.As<sql::AlterTable>();
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->type != nullptr) {
        out.push_back({&alter.name, c.column->name, c.column->type, c.column});
      } else if (c.kind == sql::AlterKind::kColumnType && c.type != nullptr) {
        out.push_back({&alter.name, c.name, c.type, nullptr});
      }
    }
    if (!out.empty() && IsTemporary(context, alter.name)) out.clear();
  }
  return out;
}

bool IsBuiltin(const sql::TypeName& type, std::string_view name) { return type.schema.empty() && type.name == name && !type.percent_type; }

bool IsSerial(const sql::TypeName& type) {
  if (!type.schema.empty()) return false;
  for (std::string_view name : {"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"}) {
    if (type.name == name) return true;
  }
  return false;
}

std::vector<NewConstraint> NewConstraints(const StatementContext& context, sql::ConstraintKind kind) {
  std::vector<NewConstraint> out;
  const auto of_column = [&](const sql::Name& table, const sql::Column& column, bool creates) {
    for (const sql::Constraint* k : column.constraints) {
      if (k->kind == kind) out.push_back({&table, k, &column, creates});
    }
  };
  if (context.statement.kind == sql::StatementKind::kCreateTable) {
    const auto& create = context.statement.As<sql::CreateTable>();
    if (create.temporary) return out;
    for (const sql::Column* c : create.columns) of_column(create.name, *c, true);
    for (const sql::Constraint* k : create.constraints) {
      if (k->kind == kind) out.push_back({&create.name, k, nullptr, true});
    }
  } else if (context.statement.kind == sql::StatementKind::kAlterTable) {
    const auto& alter = context.statement.As<sql::AlterTable>();
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr) of_column(alter.name, *c.column, false);
      if ((c.kind == sql::AlterKind::kAddConstraint || c.kind == sql::AlterKind::kAddIndexConstraint) && c.constraint != nullptr && c.constraint->kind == kind) {
        out.push_back({&alter.name, c.constraint, nullptr, false});
      }
    }
    if (!out.empty() && IsTemporary(context, alter.name)) out.clear();
  }
  return out;
}

bool SameTable(const sql::Name& a, const sql::Name& b) {
  const auto schema = [](const sql::Name& n) { return n.schema.empty() ? std::string_view("public") : n.schema; };
  return a.name == b.name && schema(a) == schema(b);
}

absl::Span<const sql::Statement* const> Following(const StatementContext& context) {
  constexpr size_t kMost = 1500;
  const absl::Span<const sql::Statement* const> all = context.script.script->statements;
  const auto it = std::upper_bound(all.begin(), all.end(), context.facts.top->span.begin, [](uint32_t at, const sql::Statement* s) { return at < s->span.begin; });
  return all.subspan(static_cast<size_t>(it - all.begin()), kMost);
}

std::string ColumnList(List<std::string_view> columns) {
  if (columns.size() == 1) return absl::StrCat("`", columns[0], "`");
  std::string out = "(";
  for (size_t i = 0; i < columns.size(); ++i) absl::StrAppend(&out, i == 0 ? "`" : ", `", columns[i], "`");
  return out + ")";
}

}  // namespace pawl
