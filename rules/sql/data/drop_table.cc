// drop-table: DROP TABLE of a table that holds somebody's rows.
//
// drop-cascade speaks of what falls with it.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropTable;

namespace {

constexpr int kMaxDepth = 32;

// The query reads from the table, at any depth.
bool Reads(const StatementContext& context, const sql::Query& q, std::string_view key, int depth) {
  if (depth > kMaxDepth) return false;
  for (const sql::Name& n : q.sources()) {
    if (context.catalog.Resolve(n) == key) return true;
  }
  for (const sql::Query* sub : q.subqueries()) {
    if (sub != nullptr && Reads(context, *sub, key, depth + 1)) return true;
  }
  for (const sql::Cte& c : q.ctes()) {
    if (c.query != nullptr && Reads(context, *c.query, key, depth + 1)) return true;
  }
  return q.source != nullptr && Reads(context, *q.source, key, depth + 1);
}

// The statement that copied rows of the table to another one earlier in the script; null if none.
const sql::Statement* CopiedHere(const StatementContext& context, std::string_view key) {
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (s.kind == sql::StatementKind::kCreateTable) {
      const sql::Query* q = s.As<sql::CreateTable>().as_query;
      if (q != nullptr && !s.As<sql::CreateTable>().temporary && Reads(context, *q, key, 0)) return &s;
    } else if (s.kind == sql::StatementKind::kQuery) {
      const auto& q = s.As<sql::Query>();
      const bool copies = (q.kind == sql::QueryKind::kInsert && q.source != nullptr && q.source->kind == sql::QueryKind::kSelect) || q.select_into;
      if (copies && Reads(context, q, key, 0)) return &s;
    }
  }
  return nullptr;
}

// The first file of a history, and the table is made here: DROP TABLE IF EXISTS clears the way for it.
bool StartsTheHistory(const StatementContext& context, const sql::Name& name, const CatalogTable* table) {
  return table == nullptr && context.script.migration_index == 0 && context.script.set->migrations.size() > 1 && MadeAgainLater(context, name);
}

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  if (drop.type != sql::ObjectType::kTable) return;
  for (const sql::Name& name : drop.names) {
    const CatalogTable* table = context.catalog.FindTable(name);
    if (table != nullptr && table->type != sql::ObjectType::kTable) continue;
    if (!IsLive(context, name) || StartsTheHistory(context, name, table)) continue;
    const std::string key = context.catalog.Resolve(name);
    const bool again = MadeAgainLater(context, name);
    const sql::Statement* copied = CopiedHere(context, key);
    FindingBuilder f = context.Report(kDropTable, name.span, absl::StrCat("dropping ", Quoted(name), copied != nullptr ? " after its rows were copied" : " deletes all its rows"));
    if (copied != nullptr) {
      f.AtSeverity(Severity::kNote);
      f.Why("what the application writes between the copy and the drop is lost, unless both run in one transaction that locks the table first");
      f.Help("LOCK TABLE it before the copy, in the same transaction, or keep both tables in step with a trigger until nothing writes the old one");
      f.Note("copies the rows", context.script.file, copied->span);
    } else if (again) {
      f.Why("the table that is made in its place starts empty; no rollback of this migration brings the rows back");
      f.Help("change the table with ALTER TABLE, or copy its rows over first; if they may go, say so in a comment that accepts this finding");
    } else {
      f.Why("the rows are gone for good, and code that is still running and reads the table fails from this moment on");
      if (table != nullptr && !table->partition_of.empty()) {
        f.Note(absl::StrCat("it is a partition: the DROP waits for an ACCESS EXCLUSIVE lock on ", Quoted(table->partition_of), " too, and all of its partitions' readers and writers wait behind it"));
        f.Help(absl::StrCat("DETACH PARTITION ... CONCURRENTLY first (14 and later, without a DEFAULT partition), which lets reads and writes of ", Quoted(table->partition_of), " go on; drop the detached table when a backup has its rows"));
      } else {
        f.Help("deploy the code that no longer uses the table first; then rename the table, keep it for a while, take a backup, and drop it in a later migration");
      }
    }
    if (const Effect* effect = context.EffectOn(key)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kDropTable = {
    .info = {
        .name = "drop-table",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "DROP TABLE: the rows are gone and running code still reads it",
        .page = {
            .what = "`DROP TABLE` deletes the table with all its rows, indexes, triggers and privileges.",
            .why = "Nothing brings the rows back but a backup: the down script makes an empty table. While the deploy runs, the old code is still there and every query of "
                   "the table fails.",
            .instead = "Deploy code that no longer touches the table, and make sure that nobody does (`pg_stat_user_tables`). Rename it and wait some days, so that the way "
                       "back is a rename. Take a backup, then drop it in a migration of its own.",
            .fix_safety = "",
            .versions = "",
            .limits = "A table made in the same migration, and a temporary one, may go. Where the rows were copied to another table earlier in the script the finding is a note. "
                      "In the first file of a history, a DROP that clears the way for a table that the same file makes is left alone. Down scripts are not judged: "
                      "down-loses-data does that.",
            .references = "PostgreSQL documentation, DROP TABLE",
            .elsewhere = "squawk ban-drop-table; strong_migrations create_table (force); atlas DS102; MigrationPilot MP026",
            .bad = "SET lock_timeout = '2s';\n"
                   "DROP TABLE IF EXISTS legacy_sessions;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "CREATE TABLE IF NOT EXISTS import_rows (id bigint PRIMARY KEY, note text);\n"
                    "DROP TABLE IF EXISTS import_rows;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
