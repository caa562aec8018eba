// prefer-bigint: a key of type integer or smallint.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kPreferBigint;

namespace {

bool IsShort(const sql::TypeName& t) {
  return !t.array && (IsBuiltin(t, "int4") || IsBuiltin(t, "int2") || (IsSerial(t) && t.name != "bigserial" && t.name != "serial8"));
}

bool IsSmall(std::string_view type) { return type == "int2" || type == "smallserial" || type == "serial2"; }

void Report(const StatementContext& context, const sql::Name& table, std::string_view column, std::string_view type, Span span) {
  context.Report(kPreferBigint, span, absl::StrCat("key `", column, "` of ", Quoted(table), " ends at ", IsSmall(type) ? "32,767" : "2,147,483,647"))
      .Why("numbers that a sequence gave out are used up even where rows were deleted or rolled back; at the end every INSERT fails, and a "
           "wider type then rewrites the table and those that refer to it")
      .Help("use bigint: four bytes more a row, and often none, by alignment");
}

bool Listed(List<std::string_view> columns, std::string_view name) {
  for (std::string_view c : columns) {
    if (c == name) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const std::vector<NewConstraint> keys = NewConstraints(context, sql::ConstraintKind::kPrimaryKey);
  for (const TypedColumn& c : TypedColumns(context)) {
    if (c.column == nullptr || !IsShort(*c.type)) continue;
    bool key = IsSerial(*c.type) || c.column->Find(sql::ConstraintKind::kIdentity) != nullptr;
    for (const NewConstraint& k : keys) key |= k.column == c.column || Listed(k.constraint->columns, c.name);
    if (key) Report(context, *c.table, c.name, c.type->name, c.type->span);
  }
  // A key over columns that are there already.
  for (const NewConstraint& k : keys) {
    const CatalogTable* table = k.creates_table ? nullptr : context.catalog.FindTable(*k.table);
    if (table == nullptr) continue;
    for (std::string_view name : k.constraint->columns) {
      const CatalogColumn* column = table->FindColumn(name);
      if (column != nullptr && (column->type == "int4" || column->type == "int2")) Report(context, *k.table, name, column->type, k.constraint->span);
    }
  }
}

}  // namespace

constinit const Rule kPreferBigint = {
    .info = {
        .name = "prefer-bigint",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a key of type integer or smallint",
        .page = {
            .what = "A primary key, identity or serial column gets the type `integer` or `smallint`.",
            .why = "Sequence numbers are used up by rolled back and failed inserts, too. When they end, every `INSERT` fails at once, "
                   "and the change to `bigint` rewrites the table, its indexes and all tables that refer to it while the application "
                   "stands.",
            .instead = "`bigint` from the start.",
            .fix_safety = "",
            .versions = "",
            .limits = "Only keys are judged: an ordinary integer column is as large as its values. The columns that refer to a key follow "
                      "it.",
            .references = "PostgreSQL documentation, Numeric Types, Integer Types",
            .elsewhere = "squawk prefer-bigint-over-int prefer-bigint-over-smallint; MigrationPilot MP038 MP068; pgsafe "
                         "prefer-bigint-primary-key; diesel-guard short-primary-key",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kAddConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
