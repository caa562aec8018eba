// volatile-default-rewrite: ADD COLUMN with a DEFAULT that differs from row to row.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kVolatileDefaultRewrite;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  OnePass pass;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr || RewriteCause(*c.column) != ColumnRewrite::kDefault) continue;
    const sql::Expr* value = c.column->Find(sql::ConstraintKind::kDefault)->expression;
    std::string_view function;
    if (value == nullptr || !IsVolatile(*value, context.catalog, &function)) continue;
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    if (pass.Joins(context, c.column->name, value->span)) continue;
    pass.Start(context.Report(kVolatileDefaultRewrite, value->span,
                   absl::StrCat("adding `", c.column->name, "` with a default that calls `", function, "()` for each row rewrites ", Quoted(alter.name))))
        .Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, "every row is written anew"))
        .Help(absl::StrCat("add the column without a default, then ALTER COLUMN `", c.column->name, "` SET DEFAULT for new rows (both only change the catalogue), and fill the old rows in batches in a later migration",
                           context.catalog.FindFunction({{}, function, {}}) != nullptr ? "; if the function gives the same value throughout a statement, declare it STABLE" : ""))
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kVolatileDefaultRewrite = {
    .info = {
        .name = "volatile-default-rewrite",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD COLUMN with a volatile DEFAULT: the whole table is rewritten under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ADD COLUMN ... DEFAULT` with a function that is volatile, such as `gen_random_uuid()`, `random()`, `clock_timestamp()` or "
                    "`nextval()`, must compute a value for each row that exists, so the server writes the whole table and its indexes anew.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large. "
                   "It also needs as much free disk space as the table and its indexes take, and sends all of it to the replicas.",
            .instead = "Add the column without a default, set the default for new rows with `ALTER COLUMN ... SET DEFAULT`, fill the old rows in "
                       "batches, and only then add NOT NULL. A constant, `now()` or another default that is the same for all rows needs no rewrite from 11 on.",
            .fix_safety = "",
            .versions = "From 11 on only volatile defaults rewrite. Before, every default does: `constant-default-rewrite`.",
            .limits = "Functions of extensions and of the history are known by name and declaration. A function that is not known is taken to be "
                      "volatile, which is what CREATE FUNCTION makes unless told otherwise.",
            .references = "PostgreSQL documentation, ALTER TABLE, Notes (\"adding a column with a volatile DEFAULT\")\n"
                          "PostgreSQL documentation, Function Volatility Categories",
            .elsewhere = "squawk adding-field-with-default; strong_migrations add_column_default_callable; atlas PG302; MigrationPilot MP003",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS public_id uuid DEFAULT gen_random_uuid();\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders\n"
                    "  ADD COLUMN IF NOT EXISTS public_id uuid,\n"
                    "  ALTER COLUMN public_id SET DEFAULT gen_random_uuid();\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
