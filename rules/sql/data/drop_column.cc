// drop-column: ALTER TABLE ... DROP COLUMN of a column that holds somebody's values.
//
// What it takes along of other columns (a key, an index over several) is drop-column-drops-constraint's; CASCADE is drop-cascade's.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropColumn;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (alter.type != sql::ObjectType::kTable || !IsLive(context, alter.name)) return;
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table != nullptr && table->type != sql::ObjectType::kTable) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kDropColumn) continue;
    const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
    if (column != nullptr && column->origin.migration == context.script.migration_index) continue;     // made in this migration
    if (column == nullptr && table != nullptr && table->complete && c.if_exists) continue;             // gone already
    FindingBuilder f = context.Report(kDropColumn, c.span, absl::StrCat("dropping `", c.name, "` deletes its values in every row of ", Quoted(alter.name)));
    f.Why(absl::StrCat("the values are gone for good, and code that is still running fails on its next query that names `", c.name, "`, or that lists all columns of ",
                       Quoted(alter.name), " as ORMs do"));
    f.Help("first deploy code that no longer reads or writes the column (let the ORM ignore it), then drop it in a later migration");
    if (table != nullptr) {
      const FallsWith falls = FallsWithColumn(*table, c.name);
      if (!falls.own.empty()) f.Note(absl::StrCat("goes with it: ", Joined(falls.own)));
    }
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kDropColumn = {
    .info = {
        .name = "drop-column",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "DROP COLUMN: the values are gone and running code still reads it",
        .page = {
            .what = "`ALTER TABLE ... DROP COLUMN` takes the column away with the value that every row has in it, and with its indexes and constraints.",
            .why = "Nothing brings the values back but a backup. During the deploy the old code is still running: ORMs that list all columns in SELECT and INSERT fail on every "
                   "query of the table, and prepared statements fail with `cached plan must not change result type`.",
            .instead = "In one release stop using the column (most ORMs can be told to ignore it; drop a NOT NULL so that inserts without it pass). In the next one drop it, "
                       "after a backup.",
            .fix_safety = "",
            .versions = "",
            .limits = "A column or table made in the same migration may go, and so may one of a temporary table. Down scripts are not judged: down-loses-data does that.",
            .references = "PostgreSQL documentation, ALTER TABLE, DROP COLUMN",
            .elsewhere = "squawk ban-drop-column; strong_migrations remove_column; atlas DS103; MigrationPilot MP017",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users DROP COLUMN IF EXISTS legacy_token;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "COMMENT ON COLUMN users.legacy_token IS 'not used since 2024-05; dropped in the release after next';\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kDropColumn},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
