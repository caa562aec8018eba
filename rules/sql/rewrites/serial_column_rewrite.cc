// serial-column-rewrite: ADD COLUMN of a serial type numbers every row.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kSerialColumnRewrite;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  OnePass pass;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr || RewriteCause(*c.column) != ColumnRewrite::kSerial) continue;
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    const std::string_view type = c.column->type->name;
    if (pass.Joins(context, c.column->name, c.column->type->span)) continue;
    pass.Start(context.Report(kSerialColumnRewrite, c.column->type->span, absl::StrCat("adding `", c.column->name, "` as ", type, " rewrites ", Quoted(alter.name), " to number its rows")))
        .Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, "every row is written anew"))
        .Help(absl::StrCat("add `", c.column->name, "` as ", type == "bigserial" || type == "serial8" ? "bigint" : "a plain integer column (bigint, if rows may ever be many)",
                           ", create a sequence, SET DEFAULT nextval(...) for new rows, and number the old rows in batches in a later migration"))
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kSerialColumnRewrite = {
    .info = {
        .name = "serial-column-rewrite",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD COLUMN serial or bigserial: the whole table is rewritten to number its rows",
        .page = {
            .what = "`ADD COLUMN ... serial` (or `bigserial`, `smallserial`) stands for a sequence and a `nextval()` default: the server writes every row anew to number it.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large. "
                   "The numbers come in the rows' physical order, which differs between a server and a restored copy of it.",
            .instead = "Add a plain `bigint` column, create the sequence, set `nextval()` as the default for new rows, number the old rows in batches, and make the column a key after that.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Numeric Types, Serial Types\n"
                          "PostgreSQL documentation, ALTER TABLE, Notes",
            .elsewhere = "strong_migrations add_column_auto_incrementing; eugene E11; MigrationPilot MP015; pgsafe add-column-serial",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS number bigserial;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "CREATE SEQUENCE IF NOT EXISTS orders_number_seq;\n"
                    "ALTER TABLE orders\n"
                    "  ADD COLUMN IF NOT EXISTS number bigint,\n"
                    "  ALTER COLUMN number SET DEFAULT nextval('orders_number_seq');\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
