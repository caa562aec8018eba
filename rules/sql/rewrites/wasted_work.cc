// wasted-work: an index is built, and then dropped or built again by a rewrite, before anybody could use it.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kWastedWork;

namespace {

// Made in this migration, or in an earlier one that has not been applied yet either.
bool IsPending(const ScriptContext& script, const Origin& origin) {
  if (origin.migration < 0 || origin.migration > script.migration_index) return false;
  if (origin.migration == script.migration_index) return true;
  return script.pending != nullptr && static_cast<size_t>(origin.migration) < script.pending->size() && (*script.pending)[origin.migration];
}

// The build took time: the table was there before, or rows have come in since.
bool TookTime(const StatementContext& context, const CatalogTable& table) { return context.Live(&table) || table.has_rows; }

// DML after the index was made: it may have been there for just that.
bool UsedSince(const StatementContext& context, const Origin& origin) {
  if (origin.file != context.script.file) return true;
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement->span.begin <= origin.span.begin) continue;
    if (f.statement->kind == sql::StatementKind::kQuery || f.statement->kind == sql::StatementKind::kCall) return true;
  }
  return false;
}

void CheckDrop(const StatementContext& context, const sql::Drop& drop) {
  if (drop.type != sql::ObjectType::kIndex) return;
  for (const sql::Name& name : drop.names) {
    const CatalogIndex* index = nullptr;
    const CatalogTable* table = context.catalog.FindIndex(name, &index);
    // An invalid leftover, dropped before its index is built again, was not made by a statement of this script.
    if (table == nullptr || index == nullptr || table->temporary || index->of_constraint || !IsPending(context.script, index->origin)) continue;
    if (!TookTime(context, *table) || UsedSince(context, index->origin)) continue;
    context.Report(kWastedWork, name.span, absl::StrCat("index `", index->name, "` of ", Quoted(table->key), " is built and dropped again"))
        .Why(absl::StrCat("the build reads all of ", Quoted(table->key), " and holds its lock for nothing"))
        .Help("leave out both statements")
        .Note("built here", index->origin.file, index->origin.span);
  }
}

void CheckAlter(const StatementContext& context, const sql::AlterTable& alter) {
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr || table->temporary || table->indexes.empty()) return;
  for (const sql::AlterCommand& c : alter.commands) {
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr || effect->object != table->key) continue;
    for (const CatalogIndex& i : table->indexes) {
      if (i.origin.file != context.script.file || i.origin.migration != context.script.migration_index || UsedSince(context, i.origin)) continue;
      // One ALTER TABLE with both puts them in the right order by itself.
      if (i.origin.span == context.statement.span) continue;
      context.Report(kWastedWork, c.span, absl::StrCat("rewriting ", Quoted(alter.name), " builds index `", i.name, "` a second time"))
          .Why("a rewrite builds every index of the table anew, also the one that was built a moment ago")
          .Help("change the table first, then build the index")
          .Note("built first here", i.origin.file, i.origin.span);
      return;
    }
  }
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kDrop) return CheckDrop(context, context.statement.As<sql::Drop>());
  CheckAlter(context, context.statement.As<sql::AlterTable>());
}

}  // namespace

constinit const Rule kWastedWork = {
    .info = {
        .name = "wasted-work",
        .group = RuleGroup::kLocks,
        .severity = Severity::kNote,
        .summary = "an index that is built and then dropped, or built again by a rewrite, in the same batch",
        .page = {
            .what = "The migration, or the batch of migrations that is not applied yet, builds an index and then drops it, or rewrites the table so that the index is built a second time.",
            .why = "The first build reads the whole table and blocks writes meanwhile (or takes long, if concurrent), and nothing comes of it.",
            .instead = "Leave out what is undone later. Change the table first, and build its indexes after that.",
            .fix_safety = "",
            .versions = "",
            .limits = "Only indexes are looked at. An index that a query between the two statements may have used is not flagged, nor one on a table that was made in the same migration and has no rows.",
            .references = "PostgreSQL documentation, ALTER TABLE, Notes\n"
                          "PostgreSQL documentation, CREATE INDEX",
            .elsewhere = "MigrationPilot SQ003",
            .bad = "CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n"
                   "DROP INDEX CONCURRENTLY orders_note_idx;\n",
            .good = "CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop, sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
