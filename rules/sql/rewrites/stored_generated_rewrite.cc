// stored-generated-rewrite: ADD COLUMN ... GENERATED ALWAYS AS (...) STORED, and SET EXPRESSION of one.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kStoredGeneratedRewrite;

namespace {

constexpr int kFirstVirtual = 18;

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  OnePass pass;
  for (const sql::AlterCommand& c : alter.commands) {
    const bool added = c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && RewriteCause(*c.column) == ColumnRewrite::kStored;
    if (!added && c.kind != sql::AlterKind::kSetExpression) continue;
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    const std::string why = HoldsLock(context, "ALTER TABLE", alter.name, *effect, "every row is written anew");
    if (!added) {
      context.Report(kStoredGeneratedRewrite, c.span, absl::StrCat("a new expression for `", c.name, "` rewrites ", Quoted(alter.name), " to compute it for every row"))
          .Why(why)
          .Help("add another column, have a trigger fill it for new rows, fill the old rows in batches, and let the application change over")
          .Lock(*effect);
      continue;
    }
    const sql::Constraint* generated = c.column->Find(sql::ConstraintKind::kGenerated);
    const Span at = generated->span.empty() ? c.column->name_span : generated->span;
    if (pass.Joins(context, c.column->name, at)) continue;
    pass.Start(context.Report(kStoredGeneratedRewrite, at,
                   absl::StrCat("adding the stored generated column `", c.column->name, "` rewrites ", Quoted(alter.name), " to compute it for every row")))
        .Why(why)
        .Help(context.script.settings->versions.oldest >= kFirstVirtual
                  ? "make it VIRTUAL, which is computed when read and needs no rewrite; or add a plain column that a trigger fills, and fill the old rows in batches"
                  : "add a plain column, have a trigger fill it for new rows, and fill the old rows in batches; or compute it in a view or an expression index")
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kStoredGeneratedRewrite = {
    .info = {
        .name = "stored-generated-rewrite",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD COLUMN ... GENERATED ... STORED: the whole table is rewritten to compute it",
        .page = {
            .what = "A stored generated column is computed for every row when it is added, or when its expression changes (`SET EXPRESSION`, 17): the server writes the whole table anew.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large.",
            .instead = "On 18, make it `VIRTUAL` if it need not be indexed. Else add a plain column, have a trigger fill it for new rows, and fill the old rows in batches; "
                       "or index the expression itself with `CREATE INDEX CONCURRENTLY`.",
            .fix_safety = "",
            .versions = "Stored generated columns exist from 12 on, virtual ones from 18 on; those are added without a rewrite.",
            .limits = "`SET EXPRESSION` of a virtual column rewrites nothing, but is flagged where the history does not show that the column is virtual.",
            .references = "PostgreSQL documentation, ALTER TABLE, Notes (\"or adding a stored generated column ... will require the entire table and its indexes to be rewritten\")\n"
                          "PostgreSQL documentation, Generated Columns",
            .elsewhere = "squawk adding-field-with-default; strong_migrations add_column_generated_stored; atlas PG309; eugene E11",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE invoices ADD COLUMN IF NOT EXISTS total bigint GENERATED ALWAYS AS (net + tax) STORED;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE invoices ADD COLUMN IF NOT EXISTS total bigint;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kSetExpression},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
