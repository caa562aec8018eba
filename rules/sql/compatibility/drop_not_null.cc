// drop-not-null: readers that never met a null may meet one.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kDropNotNull;

namespace {

bool Changes(const sql::Statement& s, const sql::Name& table, std::string_view column, sql::AlterKind kind) {
  if (s.kind != sql::StatementKind::kAlterTable || !Same(s.As<sql::AlterTable>().name, table)) return false;
  const auto& commands = s.As<sql::AlterTable>().commands;
  return std::any_of(commands.begin(), commands.end(), [&](const sql::AlterCommand& c) { return c.kind == kind && c.name == column; });
}

void CheckTable(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kDropNotNull) continue;
    const CatalogTable* table = context.catalog.FindTable(alter.name);
    if (!context.Live(table)) return;
    if (table != nullptr) {
      const CatalogColumn* column = table->FindColumn(c.name);
      if (column != nullptr && MadeHere(context.script, column->origin)) continue;
      if (column != nullptr && table->complete && !column->not_null) continue;  // it may be null already
      if (table->ProvesNotNull(c.name)) continue;                               // a CHECK still keeps nulls out
    }
    const bool undone = [&] {
      // The column goes, or is NOT NULL again, before this script ends.
      if (Changes(context.statement, alter.name, c.name, sql::AlterKind::kDropColumn)) return true;
      for (const LaterStatement& l : StatementsAfter(context)) {
        if (Changes(*l.statement, alter.name, c.name, sql::AlterKind::kDropColumn) || Changes(*l.statement, alter.name, c.name, sql::AlterKind::kSetNotNull)) return true;
      }
      return false;
    }();
    if (undone) continue;
    FindingBuilder f = context.Report(kDropNotNull, c.span, absl::StrCat("from now on column `", c.name, "` of ", Quoted(alter.name), " may be null, and running code may not expect that"));
    f.Why("code that reads the column without a test for null fails on the first row without a value, and SET NOT NULL later needs those rows filled and a scan of the table");
    f.Help("deploy code that can read null before anything writes one; in SQL check NOT IN, joins, sums and unique indexes over the column");
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kAlterTable) return CheckTable(context);
  const auto& alter = context.statement.As<sql::AlterDomain>();
  if (alter.kind != 'N' || !OthersKnow(context, NameKind::kType, alter.name)) return;
  context.Report(kDropNotNull, NameSpan(context, alter.name), absl::StrCat("from now on every column of domain ", Quoted(alter.name), " may be null, and running code may not expect that"))
      .Why("code that reads such a column without a test for null fails on the first row without a value")
      .Help("deploy code that can read null before anything writes one");
}

}  // namespace

constinit const Rule kDropNotNull = {
    .info = {
        .name = "drop-not-null",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kNote,
        .summary = "a column loses NOT NULL while code that never met a null runs",
        .page = {
            .what = "`ALTER COLUMN ... DROP NOT NULL` lets nulls into a column that never had one.",
            .why = "Code that is still running was written for a column with a value in every row: it fails, or computes something wrong, at the first null that newer code writes. The way back needs the rows "
                   "filled and a scan of the whole table.",
            .instead = "Deploy code that reads null first. If the column is to go, this is the right first step: the new code can stop writing it, and a later migration drops it.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent where the history shows that the column may be null already, where a valid CHECK still keeps nulls out, and where the same script drops the column or sets NOT NULL again.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET/DROP NOT NULL",
            .elsewhere = "squawk ban-drop-not-null; MigrationPilot MP029; pgsafe drop-not-null",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users ALTER COLUMN phone DROP NOT NULL;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS mobile text;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable, sql::StatementKind::kAlterDomain},
    .alters = {sql::AlterKind::kDropNotNull},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
