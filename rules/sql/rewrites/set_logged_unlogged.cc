// set-logged-unlogged: ALTER TABLE ... SET LOGGED or SET UNLOGGED.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kSetLoggedUnlogged;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kSetLogged && c.kind != sql::AlterKind::kSetUnlogged) continue;
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    const bool logged = c.kind == sql::AlterKind::kSetLogged;
    context.Report(kSetLoggedUnlogged, c.span, absl::StrCat(logged ? "SET LOGGED" : "SET UNLOGGED", " rewrites ", Quoted(alter.name), logged ? ", and writes all of it to the WAL" : ""))
        .Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, "the whole table and its indexes are copied"))
        .Help(logged ? "make a new logged table, copy the rows in batches with a trigger keeping both in step, and change over; or run this in a maintenance window"
                     : "keep the table logged: an unlogged table is emptied after a crash and has no rows on replicas; or make a new UNLOGGED table for what can be lost")
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kSetLoggedUnlogged = {
    .info = {
        .name = "set-logged-unlogged",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "SET LOGGED or SET UNLOGGED rewrites the whole table under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ALTER TABLE ... SET LOGGED` and `SET UNLOGGED` copy the table and its indexes into new files.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole copy: all reads and writes of the table wait. `SET LOGGED` also writes the whole table to the WAL, "
                   "which replicas must follow; an unlogged table is emptied after a crash and has no rows on replicas.",
            .instead = "Decide when the table is made. To change a large table, make a new one, copy the rows in batches with a trigger keeping both in step, and change over.",
            .fix_safety = "",
            .versions = "",
            .limits = "Flagged also where the table is in that state already, which rewrites nothing: the history does not keep it.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET LOGGED and SET UNLOGGED\n"
                          "PostgreSQL documentation, CREATE TABLE, UNLOGGED",
            .elsewhere = "atlas PG307; MigrationPilot MP047; pgsafe set-logged-unlogged",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE imports SET LOGGED;\n",
            .good = "CREATE UNLOGGED TABLE import_rows (id bigint PRIMARY KEY, line text);\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kSetLogged, sql::AlterKind::kSetUnlogged},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
