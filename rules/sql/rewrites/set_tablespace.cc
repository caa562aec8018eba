// set-tablespace: ALTER TABLE or ALTER INDEX ... SET TABLESPACE.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kSetTablespace;

namespace {

// ALTER TABLE ALL IN TABLESPACE: whatever is there, the tables that the history does not know too.
void CheckAll(const StatementContext& context) {
  const auto* all = static_cast<const sql::OtherObject*>(context.statement.node);
  if (all == nullptr || context.statement.tag != "AlterTableMoveAllStmt" || all->text == all->new_text) return;
  const std::string_view what = all->type == sql::ObjectType::kIndex ? "indexes" : all->type == sql::ObjectType::kMaterializedView ? "materialized views" : "tables";
  FindingBuilder f = context.Report(kSetTablespace, context.statement.span, absl::StrCat("moving all ", what, " from tablespace `", all->text, "` to `", all->new_text, "` copies each while nobody can use it"));
  f.Why("the statement locks them all with `ACCESS EXCLUSIVE` before it copies the first, and keeps every lock until the last one is done: all reads and writes of them wait");
  f.Help("move one at a time, each in a transaction of its own; indexes with REINDEX (CONCURRENTLY, TABLESPACE ...), 14 and later");
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kOther) return CheckAll(context);
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kSetTablespace) continue;
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    const bool index = alter.type == sql::ObjectType::kIndex;
    const std::string_view command = index ? "ALTER INDEX" : "ALTER TABLE";
    context.Report(kSetTablespace, c.span, absl::StrCat("moving ", Quoted(alter.name), " to tablespace `", c.name, "` copies it while nobody can use it"))
        .Why(HoldsLock(context, command, alter.name, *effect, "the last block is copied"))
        .Help(index ? "use REINDEX (CONCURRENTLY, TABLESPACE ...) INDEX (14 and later), or build a new index there with CREATE INDEX CONCURRENTLY and drop the old one"
                    : "move it with pg_repack or by a new table that is filled in batches; indexes move with REINDEX (CONCURRENTLY, TABLESPACE ...), 14 and later")
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kSetTablespace = {
    .info = {
        .name = "set-tablespace",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "SET TABLESPACE copies a table or index under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ALTER TABLE ... SET TABLESPACE` copies the table's files block by block to another place; `ALTER INDEX ... SET TABLESPACE` does so for an index.",
            .why = "The `ACCESS EXCLUSIVE` lock is held until the last block is copied: all reads and writes of the table wait. An index that is locked so "
                   "stops reads too, because every query locks the indexes of its tables.",
            .instead = "Move indexes with `REINDEX (CONCURRENTLY, TABLESPACE ...)`, and tables with a tool such as pg_repack or by a new table that is filled in batches.",
            .fix_safety = "",
            .versions = "`REINDEX (TABLESPACE ...)` exists from 14 on.",
            .limits = "Flagged also where the table is in that tablespace already, which copies nothing: the history does not keep it. `ALTER TABLE ALL IN TABLESPACE` is not judged.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET TABLESPACE\n"
                          "PostgreSQL documentation, REINDEX, TABLESPACE",
            .elsewhere = "MigrationPilot MP095",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE events SET TABLESPACE archive;\n",
            .good = "REINDEX (CONCURRENTLY, TABLESPACE archive) INDEX events_at_idx;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable, sql::StatementKind::kOther},
    .alters = {sql::AlterKind::kSetTablespace},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
