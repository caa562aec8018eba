// default-partition: a DEFAULT partition.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kDefaultPartition;

namespace {

void Report(const StatementContext& context, const sql::Name& parent, Span span) {
  context.Report(kDefaultPartition, span, absl::StrCat("rows that no other partition of ", Quoted(parent), " takes gather in its default partition"))
      .Why("each partition that is added later has the default partition read from end to end, under an ACCESS EXCLUSIVE lock, for rows "
           "that belong to it, and fails if there are any; DETACH ... CONCURRENTLY is refused while there is one")
      .Help("make partitions ahead of time and let a row without one fail, or watch the default partition and keep it empty");
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kCreateTable) {
    const auto& create = context.statement.As<sql::CreateTable>();
    if (!create.partition_of.empty() && create.bound != nullptr && create.bound->is_default) Report(context, create.partition_of, context.statement.span);
    return;
  }
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kAttachPartition && c.bound != nullptr && c.bound->is_default) Report(context, alter.name, c.span);
  }
}

}  // namespace

constinit const Rule kDefaultPartition = {
    .info = {
        .name = "default-partition",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a DEFAULT partition",
        .page = {
            .what = "A partition is made or attached `DEFAULT`.",
            .why = "It hides missing partitions until it is large. Adding a partition then scans it under lock, and fails if it holds "
                   "rows of the new one; `DETACH PARTITION CONCURRENTLY` does not work on a table that has one.",
            .instead = "Make partitions ahead of time by a job that is watched.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, CREATE TABLE, PARTITION OF\n"
                          "PostgreSQL documentation, ALTER TABLE, DETACH PARTITION",
            .elsewhere = "MigrationPilot MP093",
            .bad = "CREATE TABLE IF NOT EXISTS visits_rest PARTITION OF visits DEFAULT;\n",
            .good = "CREATE TABLE IF NOT EXISTS visits_2026 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAttachPartition},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
