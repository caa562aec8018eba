// change-column-default: SET DEFAULT, DROP DEFAULT on a column that running code writes.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kChangeColumnDefault;

namespace {

// DROP DEFAULT, TYPE, SET DEFAULT: the last speaks.
bool SetLater(const StatementContext& context, const sql::AlterTable& alter, const sql::AlterCommand& drop) {
  const auto sets = [&](const sql::AlterTable& a) {
    return std::any_of(a.commands.begin(), a.commands.end(), [&](const sql::AlterCommand& c) {
      return &c > &drop && c.name == drop.name && (c.kind == sql::AlterKind::kSetDefault || c.kind == sql::AlterKind::kAddIdentity || c.kind == sql::AlterKind::kDropColumn);
    });
  };
  if (sets(alter)) return true;
  for (const LaterStatement& l : StatementsAfter(context)) {
    if (l.statement->kind != sql::StatementKind::kAlterTable) continue;
    const auto& a = l.statement->As<sql::AlterTable>();
    if (!Same(a.name, alter.name)) continue;
    for (const sql::AlterCommand& c : a.commands) {
      if (c.name == drop.name && (c.kind == sql::AlterKind::kSetDefault || c.kind == sql::AlterKind::kAddIdentity || c.kind == sql::AlterKind::kDropColumn)) return true;
    }
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    const bool drop = c.kind == sql::AlterKind::kDropDefault;
    if (!drop && c.kind != sql::AlterKind::kSetDefault) continue;
    const CatalogTable* table = context.catalog.FindTable(alter.name);
    if (!context.Live(table)) return;
    const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
    if (column != nullptr && MadeHere(context.script, column->origin)) continue;
    if (drop && column != nullptr && table->complete && !column->has_default) continue;  // there is none
    if (drop && SetLater(context, alter, c)) continue;
    FindingBuilder f = context.Report(kChangeColumnDefault, c.span,
                                      absl::StrCat(drop ? "dropping" : "changing", " the default of `", c.name, "` in ", Quoted(alter.name), " changes what running code writes"));
    f.Why(drop ? "an INSERT of the old code that leaves the column out writes null from the moment of commit, and fails where the column is NOT NULL"
               : "an INSERT of the old code that leaves the column out writes the new value from the moment of commit; ORMs that cache the old default go on writing that");
    f.Help("deploy code that writes the column in every INSERT first, then change the default");
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kChangeColumnDefault = {
    .info = {
        .name = "change-column-default",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kOff,
        .summary = "a column's default changes while code that relies on it runs",
        .page = {
            .what = "`SET DEFAULT` and `DROP DEFAULT` change what an INSERT that leaves the column out writes. Rows that are there stay as they are.",
            .why = "Old code that relies on the default writes other values from the moment of commit, or fails where the column is NOT NULL. Some ORMs read the default once and go on inserting the old one.",
            .instead = "Deploy code that names the column in every INSERT first, then change the default.",
            .fix_safety = "",
            .versions = "",
            .limits = "Which code relies on the default is not known, so the rule is off unless chosen. Silent for columns made in the same migration.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET/DROP DEFAULT",
            .elsewhere = "squawk ban-drop-default, ban-set-default; strong_migrations change_column_default; MigrationPilot MP048",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users ALTER COLUMN active SET DEFAULT false;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS active boolean DEFAULT false;\n"
                    "ALTER TABLE users ALTER COLUMN active SET DEFAULT true;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kSetDefault, sql::AlterKind::kDropDefault, sql::AlterKind::kAddIdentity},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
