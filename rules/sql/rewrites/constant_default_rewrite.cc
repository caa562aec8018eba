// constant-default-rewrite: ADD COLUMN with any DEFAULT on servers older than 11.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kConstantDefaultRewrite;

namespace {

constexpr int kFirstWithoutRewrite = 11;

void Check(const StatementContext& context) {
  const int oldest = context.script.settings->versions.oldest;
  if (oldest >= kFirstWithoutRewrite) return;
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr || RewriteCause(*c.column) != ColumnRewrite::kDefault) continue;
    const sql::Expr* value = c.column->Find(sql::ConstraintKind::kDefault)->expression;
    if (value == nullptr || IsVolatile(*value, context.catalog, nullptr)) continue;  // volatile-default-rewrite
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    context.Report(kConstantDefaultRewrite, value->span,
                   absl::StrCat("adding `", c.column->name, "` with a default rewrites ", Quoted(alter.name), " on PostgreSQL ", oldest))
        .Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, "every row is written anew"))
        .Help(absl::StrCat("add the column without a default, then ALTER COLUMN `", c.column->name, "` SET DEFAULT for new rows, and fill the old rows in batches in a later migration; from 11 on the statement is safe as it stands"))
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kConstantDefaultRewrite = {
    .info = {
        .name = "constant-default-rewrite",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD COLUMN with a DEFAULT on servers older than 11: the whole table is rewritten",
        .page = {
            .what = "On servers older than 11 `ADD COLUMN ... DEFAULT` writes every row anew, whatever the default is (other than NULL).",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large.",
            .instead = "Add the column without a default, set the default for new rows with `ALTER COLUMN ... SET DEFAULT`, and fill the old rows in batches.",
            .fix_safety = "",
            .versions = "Only where the oldest configured server is older than 11. From 11 on the server keeps one value for all old rows.",
            .limits = "Says nothing unless a server version below 11 is configured.",
            .references = "PostgreSQL 11 release notes, E.23.3.1.5 (\"ALTER TABLE ... ADD COLUMN with a non-null column default without doing a table rewrite\")\n"
                          "PostgreSQL documentation, ALTER TABLE, Notes",
            .elsewhere = "squawk adding-field-with-default; strong_migrations add_column_default",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN status text DEFAULT 'pending';\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders\n"
                    "  ADD COLUMN IF NOT EXISTS status text,\n"
                    "  ALTER COLUMN status SET DEFAULT 'pending';\n",
            .example_version = 10,
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
