// not-null-without-default: ADD COLUMN ... NOT NULL without a default, where the table may hold a row.
//
// not-null-without-backfill speaks of a column that was added nullable and made NOT NULL by a later command.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kNotNullWithoutDefault;

namespace {

bool IsSerial(std::string_view t) { return t == "serial" || t == "bigserial" || t == "smallserial" || t == "serial2" || t == "serial4" || t == "serial8"; }

// Every existing row gets a null: nothing in the definition gives it a value.
bool StartsNull(const StatementContext& context, const sql::Column& c) {
  if (c.type != nullptr && IsSerial(c.type->name)) return false;
  if (c.Find(sql::ConstraintKind::kIdentity) != nullptr || c.Find(sql::ConstraintKind::kGenerated) != nullptr) return false;
  const sql::Constraint* d = c.Find(sql::ConstraintKind::kDefault);
  if (d != nullptr && !IsNullConstant(d->expression)) return false;
  // A domain may have a default of its own.
  if (c.type == nullptr || c.type->array) return true;
  const CatalogType* type = context.catalog.FindType({c.type->schema, c.type->name, {}});
  return type == nullptr || type->kind != 'd';
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (alter.type != sql::ObjectType::kTable) return;
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table != nullptr && table->type == sql::ObjectType::kForeignTable) return;  // its rows are not ours to check
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr) continue;
    const sql::Column& column = *c.column;
    const bool key = column.Find(sql::ConstraintKind::kPrimaryKey) != nullptr;
    if (!key && column.Find(sql::ConstraintKind::kNotNull) == nullptr) continue;
    if (!StartsNull(context, column)) continue;
    if (c.if_not_exists && table != nullptr && table->FindColumn(column.name) != nullptr) continue;  // nothing happens
    if (!MayHoldRows(context, alter.name)) continue;
    const bool certain = table != nullptr && table->has_rows;
    FindingBuilder f = context.Report(kNotNullWithoutDefault, column.name_span.empty() ? c.span : column.name_span,
                                      absl::StrCat("adding `", column.name, "` to ", Quoted(alter.name), " as ", key ? "PRIMARY KEY" : "NOT NULL", " without a default fails",
                                                   certain ? "" : " as soon as the table has a row"));
    f.Why(absl::StrCat("every existing row would get a null in `", column.name, "`, so the server refuses the statement, and the deploy stops here"));
    if (key) {
      f.Help("add the column nullable, fill it in batches, then build the key with CREATE UNIQUE INDEX CONCURRENTLY and ADD PRIMARY KEY USING INDEX in later migrations");
    } else {
      f.Help(absl::StrCat("give it a DEFAULT, or add it nullable, fill it in batches and make it NOT NULL in a later migration, as soon as the application writes `",
                          column.name, "`"));
    }
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kNotNullWithoutDefault = {
    .info = {
        .name = "not-null-without-default",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "ADD COLUMN NOT NULL without a default on a table that may hold rows: fails at once",
        .page = {
            .what = "`ADD COLUMN ... NOT NULL` (or `PRIMARY KEY`) without a default gives every existing row a null, and then refuses it: the statement fails with "
                    "`column \"...\" contains null values`.",
            .why = "It works on an empty development database and fails on the first table that has a row. The migration stops half way, or is rolled back, in the middle "
                   "of a deploy.",
            .instead = "`ADD COLUMN ... NOT NULL DEFAULT value` where one value fits all rows: from PostgreSQL 11 a constant default costs no rewrite. Else add the column "
                       "nullable, let the application write it, fill the old rows in batches, and make it NOT NULL in a later migration.",
            .fix_safety = "",
            .versions = "The same on all versions.",
            .limits = "A table that no statement of the history made, or that an earlier migration made, is taken to hold rows; one made in the same migration only after an "
                      "INSERT or COPY. A column of a domain that the history made is left alone: the domain may have a default. An `ALTER COLUMN ... SET DEFAULT` in the "
                      "same ALTER TABLE does not help: existing rows still get a null.",
            .references = "PostgreSQL documentation, ALTER TABLE, ADD COLUMN\n"
                          "PostgreSQL source, ATRewriteTable in src/backend/commands/tablecmds.c",
            .elsewhere = "squawk adding-required-field; atlas MF103; MigrationPilot MP084; pgsafe add-column-not-null-no-default",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users ADD COLUMN IF NOT EXISTS country text NOT NULL;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS country text NOT NULL DEFAULT 'unknown';\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn},
    .check_statement = Check,
};

}  // namespace pawl
