// detach-partition-not-concurrent: DETACH PARTITION without CONCURRENTLY locks the whole partitioned table.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kDetachPartitionNotConcurrent;

namespace {

// The server says so when it runs, and the migration stops there (measured on 16).
void CheckRefused(const StatementContext& context, const sql::Name& parent, const sql::AlterCommand& c) {
  const CatalogTable* table = context.catalog.FindTable(parent);
  if (table == nullptr || !table->has_default_partition) return;
  context.Report(kDetachPartitionNotConcurrent, c.span, absl::StrCat("detaching ", Quoted(c.other), " concurrently fails: ", Quoted(parent), " has a DEFAULT partition"))
      .Why("the server refuses CONCURRENTLY as long as there is a DEFAULT partition, and the migration stops here")
      .Help("detach the DEFAULT partition first and attach it again afterwards (both lock all partitions), or leave out CONCURRENTLY with a short lock_timeout, and try again until it goes through");
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kDetachPartition) continue;
    if (c.concurrently) {
      CheckRefused(context, alter.name, c);
      continue;
    }
    if (context.script.settings->versions.oldest < 14) return;  // there is no other way
    const CatalogTable* table = context.catalog.FindTable(alter.name);
    if (!context.Live(table) || (table != nullptr && table->has_default_partition)) return;  // with a DEFAULT partition it is refused
    if (table != nullptr && DroppedLater(context, table->key)) return;
    const std::string name = Quoted(alter.name);
    FindingBuilder f = context.Report(kDetachPartitionNotConcurrent, c.span, absl::StrCat("detaching ", Quoted(c.other),
        " blocks reads and writes of all of ", name));
    f.Why(absl::StrCat("DETACH PARTITION waits for an `ACCESS EXCLUSIVE` lock on ", name, context.facts.in_block() ?
                       " and keeps it until the transaction ends" : "",
                       ": behind one long query, all reads and writes of every partition queue up"));
    if (const Effect* e = context.EffectOf(c)) f.Lock(*e);
    if (MayRunConcurrently(context.facts)) {
      f.Help("use DETACH PARTITION ... CONCURRENTLY, which lets reads and writes go on; if it is cancelled, finish it with DETACH PARTITION ... "
             "FINALIZE");
      f.SafeFix("add CONCURRENTLY", {Insert(c.span.end, " CONCURRENTLY")});
    } else {
      f.Help(absl::StrCat("use DETACH PARTITION ... CONCURRENTLY and ", OutsideTransactionAdvice(context.script), "; now ",
                          WhyInTransaction(context.script, context.facts)));
    }
  }
}

}  // namespace

constinit const Rule kDetachPartitionNotConcurrent = {
    .info = {
        .name = "detach-partition-not-concurrent",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "DETACH PARTITION without CONCURRENTLY: the whole partitioned table is locked",
        .page = {
            .what = "`DETACH PARTITION` without `CONCURRENTLY` takes an `ACCESS EXCLUSIVE` lock on the partitioned table and on the partition.",
            .why = "The detach itself is quick, the wait is not: it waits for every transaction that uses any partition, and every new query on "
                   "the table waits behind it.",
            .instead = "`DETACH PARTITION ... CONCURRENTLY`, outside a transaction. If it is interrupted, `DETACH PARTITION ... FINALIZE` "
                       "completes it.",
            .fix_safety = "Safe: adds `CONCURRENTLY` where the statement runs outside a transaction.",
            .versions = "`CONCURRENTLY` needs PostgreSQL 14; where the oldest server is older, nothing is reported.",
            .limits = "Where the table is known to have a `DEFAULT` partition the server refuses `CONCURRENTLY`: that is reported, and the form without it is not.",
            .references = "PostgreSQL documentation, ALTER TABLE, DETACH PARTITION",
            .elsewhere = "squawk require-concurrent-partition-detach; MigrationPilot MP046; pgsafe detach-partition-non-concurrent",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE events DETACH PARTITION events_2024;\n",
            .good = "ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kDetachPartition},
    .check_statement = Check,
};

}  // namespace pawl
