// cluster: CLUSTER rewrites a table in the order of an index.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kCluster;

namespace {

void Check(const StatementContext& context) {
  const auto& cluster = context.statement.As<sql::Cluster>();
  if (cluster.table.empty()) {
    const bool refused = context.facts.in_transaction();
    context.Report(kCluster, context.statement.span,
                   refused ? "CLUSTER without a table cannot run inside a transaction: the migration fails here" : "CLUSTER rewrites every table that was clustered before")
        .Why(refused ? absl::StrCat(WhyInTransaction(context.script, context.facts), ", and CLUSTER of all tables manages transactions of its own")
                     : "it holds an `ACCESS EXCLUSIVE` lock on each of them until it is written anew: all reads and writes of it wait")
        .Help("drop the statement from the migration; use pg_repack where rows must lie in an index's order");
    return;
  }
  const Effect* effect = context.EffectOn(context.catalog.Resolve(cluster.table));
  if (effect == nullptr || !effect->live) return;
  context.Report(kCluster, cluster.table.span,
                 absl::StrCat("CLUSTER rewrites ", Quoted(cluster.table), cluster.index.empty() ? "" : absl::StrCat(" in the order of `", cluster.index, "`")))
      .Why(HoldsLock(context, "CLUSTER", cluster.table, *effect, "every row and index is written anew"))
      .Help("use pg_repack --order-by, which lets reads and writes go on, or run it by hand in a maintenance window")
      .Lock(*effect);
}

}  // namespace

constinit const Rule kCluster = {
    .info = {
        .name = "cluster",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "CLUSTER rewrites the table under ACCESS EXCLUSIVE",
        .page = {
            .what = "`CLUSTER` writes all rows of a table anew in the order of an index, and builds all its indexes anew. Without a table it does so for every table that was "
                    "clustered before, and is refused inside a transaction.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large. The order is not kept for later rows.",
            .instead = "Use pg_repack with `--order-by` while reads and writes go on, or a table partitioned by that key.",
            .fix_safety = "",
            .versions = "",
            .limits = "`ALTER TABLE ... CLUSTER ON` only chooses an index and is not flagged.",
            .references = "PostgreSQL documentation, CLUSTER",
            .elsewhere = "squawk prefer-repack; MigrationPilot MP032; pgsafe vacuum-full-cluster",
            .bad = "SET lock_timeout = '2s';\n"
                   "CLUSTER orders USING orders_created_at_idx;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders CLUSTER ON orders_created_at_idx;\n",
        },
    },
    .kinds = {sql::StatementKind::kCluster},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
