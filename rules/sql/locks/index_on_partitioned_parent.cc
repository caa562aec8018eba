// index-on-partitioned-parent: CREATE INDEX on a partitioned table locks and builds on every partition.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kIndexOnPartitionedParent;

namespace {

void Check(const StatementContext& context) {
  const auto& index = context.statement.As<sql::CreateIndex>();
  if (index.only) return;
  const CatalogTable* table = context.catalog.FindTable(index.table);
  if (table == nullptr || table->partition_strategy == 0 || (!index.concurrently && !context.Live(table))) return;  // CONCURRENTLY fails on a new one, too
  if (index.concurrently && context.facts.in_transaction()) return;  // concurrently-in-transaction
  const std::string name = index.name.empty() ? "the index" : absl::StrCat("index `", index.name, "`");
  const std::string on = Quoted(index.table);
  FindingBuilder f = context.Report(kIndexOnPartitionedParent, index.table.span,
                                    index.concurrently ? absl::StrCat("CREATE INDEX CONCURRENTLY fails: ", on, " is partitioned")
                                                       : absl::StrCat("building ", name, " blocks writes to ", on,
                                                                      " and to all of its partitions"));
  if (index.concurrently) {
    f.Why("the server refuses to create an index on a partitioned table concurrently, and the migration stops at this statement");
  } else {
    f.Why(absl::StrCat("CREATE INDEX holds a `SHARE` lock on ", on, " and on every partition until the last one is built",
                       context.facts.in_block() ? " and the transaction ends" : "",
                       ": every INSERT, UPDATE and DELETE waits"));
    if (const Effect* e = context.EffectOn(table->key)) f.Lock(*e);
  }
  f.Help(absl::StrCat("run CREATE INDEX ... ON ONLY ", context.Text(index.table.span), " first, which is quick; then CREATE INDEX CONCURRENTLY "
                                                                                       "on each partition, outside a transaction, and ALTER "
                                                                                       "INDEX ",
                      index.name.empty() ? "..." : Identifier(context, index.name), " ATTACH PARTITION for each; the index becomes valid with "
                                                                                    "the last one"));
}

}  // namespace

constinit const Rule kIndexOnPartitionedParent = {
    .info = {
        .name = "index-on-partitioned-parent",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "CREATE INDEX on a partitioned table locks every partition and has no concurrent form",
        .page = {
            .what = "`CREATE INDEX` on a partitioned table builds an index on each of its partitions in one go. All of them stay locked in "
                    "`SHARE` mode until the "
                    "last one is done. `CONCURRENTLY` is refused.",
            .why = "Writes to all partitions wait for the sum of all builds.",
            .instead = "`CREATE INDEX ... ON ONLY parent`, then `CREATE INDEX CONCURRENTLY` on each partition, then `ALTER INDEX ... ATTACH "
                       "PARTITION` for each. The "
                       "parent's index becomes valid with the last one, and partitions made from now on get it by themselves.",
            .fix_safety = "",
            .versions = "",
            .limits = "Only tables whose `PARTITION BY` is in the history are known to be partitioned.",
            .references = "PostgreSQL documentation, Table Partitioning, \"Partition Maintenance\"\n"
                          "PostgreSQL documentation, CREATE INDEX, ONLY",
            .elsewhere = "MigrationPilot MP092 MP110",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n"
                   "CREATE INDEX events_user_idx ON events (user_id);\n",
            .good = "SET lock_timeout = '2s';\n"
                    "CREATE INDEX IF NOT EXISTS events_user_idx ON ONLY events (user_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateIndex},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
