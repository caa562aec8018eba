// identity-column-rewrite: ADD COLUMN ... GENERATED AS IDENTITY numbers every row.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kIdentityColumnRewrite;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr || RewriteCause(*c.column) != ColumnRewrite::kIdentity) continue;
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    const sql::Constraint* identity = c.column->Find(sql::ConstraintKind::kIdentity);
    context.Report(kIdentityColumnRewrite, identity->span.empty() ? c.column->name_span : identity->span,
                   absl::StrCat("adding `", c.column->name, "` as an identity column rewrites ", Quoted(alter.name), " to number its rows"))
        .Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, "every row is written anew"))
        .Help(absl::StrCat("add `", c.column->name, "` as a plain column, create a sequence, SET DEFAULT nextval(...) for new rows, number the old rows in batches, and set NOT NULL by way of a validated CHECK; then, in one transaction, DROP DEFAULT and ADD GENERATED ... AS IDENTITY (START WITH n), n beyond the last number: its own sequence would begin at 1 again"))
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kIdentityColumnRewrite = {
    .info = {
        .name = "identity-column-rewrite",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD COLUMN ... GENERATED AS IDENTITY: the whole table is rewritten to number its rows",
        .page = {
            .what = "`ADD COLUMN ... GENERATED ALWAYS | BY DEFAULT AS IDENTITY` gives every row that exists a number, so the server writes the whole table anew.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large.",
            .instead = "Add a plain `bigint` column with a sequence as the default for new rows, number the old rows in batches, set NOT NULL by way of a "
                       "validated CHECK, and turn the column into an identity column: in one transaction `DROP DEFAULT` (it may not have one) and `ADD GENERATED ... AS IDENTITY "
                       "(START WITH n)`, n beyond the last number, for its own sequence begins at 1. That only changes the catalogue.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, ALTER TABLE, Notes (\"or adding an identity column ... will require the entire table and its indexes to be rewritten\")\n"
                          "PostgreSQL documentation, Identity Columns",
            .elsewhere = "squawk adding-field-with-default; atlas PG310; pgsafe add-column-identity",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS number bigint GENERATED ALWAYS AS IDENTITY;\n",
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
