// unlogged-table: a table is unlogged.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kUnloggedTable;

namespace {

void Report(const StatementContext& context, const sql::Name& name, Span span) {
  context.Report(kUnloggedTable, span, absl::StrCat("all rows of ", Quoted(name), " are gone after a crash"))
      .Why("an unlogged table is emptied when the server starts after a crash, it is empty on every standby and after a failover, and "
           "backups of the files hold none of it")
      .Help("leave UNLOGGED away, unless the rows can be made again at any time");
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kCreateTable) {
    const auto& create = context.statement.As<sql::CreateTable>();
    if (!create.unlogged) return;
    for (const sql::Statement* s : Following(context)) {  // filled quickly, then made durable
      if (s->kind != sql::StatementKind::kAlterTable || !SameTable(s->As<sql::AlterTable>().name, create.name)) continue;
      for (const sql::AlterCommand& c : s->As<sql::AlterTable>().commands) {
        if (c.kind == sql::AlterKind::kSetLogged) return;
      }
    }
    Report(context, create.name, create.name.span);
    return;
  }
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kSetUnlogged) Report(context, alter.name, c.span);
  }
}

}  // namespace

constinit const Rule kUnloggedTable = {
    .info = {
        .name = "unlogged-table",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a table is unlogged",
        .page = {
            .what = "`CREATE UNLOGGED TABLE` or `SET UNLOGGED`.",
            .why = "Nothing of the table is in the write-ahead log: after a crash it is empty, and so it is on standbys, after a "
                   "failover and in restored base backups.",
            .instead = "An ordinary table. Unlogged ones are for rows that can be computed again.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, CREATE TABLE, UNLOGGED",
            .elsewhere = "pgrubic GN019; pg-migration-lint PGM506",
            .bad = "CREATE UNLOGGED TABLE IF NOT EXISTS counters (name text PRIMARY KEY, hits bigint NOT NULL);\n",
            .good = "CREATE TABLE IF NOT EXISTS counters (name text PRIMARY KEY, hits bigint NOT NULL);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kSetUnlogged},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
