// column-type-drops-statistics: ALTER COLUMN TYPE of an indexed column without an ANALYZE behind it.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kColumnTypeDropsStatistics;

namespace {

// ANALYZE, VACUUM ANALYZE or VACUUM (ANALYZE) of the table, or of all tables.
bool Analyzes(const StatementContext& context, const sql::Statement& s, std::string_view key) {
  if (s.kind != sql::StatementKind::kVacuum) return false;
  const auto& v = s.As<sql::Vacuum>();
  if (v.vacuum) {
    const Span word = LastWord(context.script, s.span, "analyze");
    if (word.begin == s.span.begin && word.end == s.span.end) return false;
  }
  if (v.tables.empty()) return true;
  for (const sql::Name& n : v.tables) {
    if (context.catalog.Resolve(n) == key) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr || table->indexes.empty() || !IsLive(context, alter.name)) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kColumnType) continue;
    const CatalogIndex* index = nullptr;
    for (const CatalogIndex& i : table->indexes) {
      if (index == nullptr && (HasColumn(i.columns, c.name) || HasColumn(i.other_columns, c.name))) index = &i;
    }
    if (index == nullptr) continue;
    const CatalogColumn* column = table->FindColumn(c.name);
    if (column != nullptr && column->origin.migration == context.script.migration_index) continue;  // never had statistics
    for (const sql::Statement* s : Later(context)) {
      if (Analyzes(context, *s, table->key)) return;
    }
    FindingBuilder f = context.Report(kColumnTypeDropsStatistics, c.span,
                                      absl::StrCat("changing the type of `", c.name, "` drops the planner's statistics of it, and nothing gathers them anew"));
    f.Why(absl::StrCat("even where no row is rewritten, the server forgets what it knew of the values; until the next ANALYZE it plans queries by index `", index->name,
                       "` and joins over the column by rules of thumb, and may read all of ", Quoted(alter.name), " instead"));
    f.Help(absl::StrCat("run ANALYZE ", sql::ToString(alter.name), " (", c.name, ") right behind it: autovacuum does not, since no row has changed"));
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kColumnTypeDropsStatistics = {
    .info = {
        .name = "column-type-drops-statistics",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "a type change drops the statistics of an indexed column: ANALYZE right after it",
        .page = {
            .what = "`ALTER COLUMN ... TYPE` removes the column's rows in `pg_statistic`, also where the change is free and no row is written.",
            .why = "The planner then takes default guesses for conditions and joins on the column. On a large table that may turn an index lookup into a scan of everything, for all queries at once, "
                   "until autovacuum happens to analyze the table: which it does after many rows have changed, not after a type change.",
            .instead = "`ANALYZE table (column)` right behind the change, in the same migration. It takes a `SHARE UPDATE EXCLUSIVE` lock and reads a sample only.",
            .fix_safety = "",
            .versions = "The same on 12 to 18.",
            .limits = "Only columns with an index that the history knows are judged, of tables that others use. An ANALYZE of the table anywhere later in the script is enough.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET DATA TYPE (\"the column's statistics are removed, so running ANALYZE on the table afterwards is recommended\")\n"
                          "PostgreSQL source, RemoveStatistics in ATExecAlterColumnType, src/backend/commands/tablecmds.c",
            .elsewhere = "",
            .bad = "SET lock_timeout = '2s';\n"
                   "CREATE INDEX CONCURRENTLY orders_number_idx ON orders (number);\n"
                   "ALTER TABLE orders ALTER COLUMN number TYPE text;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ANALYZE orders (number);\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
