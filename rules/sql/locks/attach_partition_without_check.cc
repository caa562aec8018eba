// attach-partition-without-check: ATTACH PARTITION reads every row of the new partition under lock.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kAttachPartitionWithoutCheck;

namespace {

// A table from before the partitioned one was not made to be a partition of it: what the application has put in since, no file tells.
bool IsOlder(const CatalogTable& table, const CatalogTable* partitioned) {
  return partitioned != nullptr && partitioned->origin.migration >= 0 && table.origin.migration < partitioned->origin.migration;
}

bool HasCheck(const CatalogTable& table) {
  return std::any_of(table.constraints.begin(), table.constraints.end(), [](const CatalogConstraint& k) { return k.kind == sql::ConstraintKind::kCheck && k.valid; });
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAttachPartition) continue;
    const std::string child = context.catalog.Resolve(c.other);
    // Missing indexes are built in the same go, after the scan: one finding tells of both.
    const CatalogTable* table = context.catalog.FindTable(c.other);
    // A table made here and filled: nobody waits for it, but the partitioned table and its default partition are locked for as long.
    const bool filled_here = table != nullptr && table->has_rows && context.Live(alter.name);
    if (table != nullptr && table->complete && !table->has_rows && !IsOlder(*table, context.catalog.FindTable(alter.name))) return;  // the scan finds nothing
    const Effect* scan = nullptr;
    for (const Effect& e : context.facts.effects) {
      if (e.command == &c && e.object == child && (e.live || filled_here) && e.work >= Work::kScan && e.work != Work::kRows) scan = &e;
    }
    if (scan == nullptr) return;
    if (scan->work != Work::kScan && table != nullptr && HasCheck(*table)) return;  // what is left is the building of indexes
    const std::string name = Quoted(c.other);
    FindingBuilder f = context.Report(kAttachPartitionWithoutCheck, c.span, absl::StrCat("attaching ", name, " to ", Quoted(alter.name),
        " reads every row of ", name, " under lock"));
    f.Why(Holds(context, "ATTACH PARTITION", name, *scan, "while it checks every row against the partition's bound"));
    f.Lock(*scan);
    const bool apart = !MayAddStatement(context);
    f.Help(absl::StrCat("first give ", name, " a CHECK that says what the bound says, and IS NOT NULL of the key: ADD CONSTRAINT ... CHECK "
                                             "(...) NOT VALID, then VALIDATE CONSTRAINT",
                        apart ? ", each in a migration before this one" : "", "; ATTACH PARTITION then skips the scan, and the CHECK can be "
                                                                              "dropped"));
  }
}

}  // namespace

constinit const Rule kAttachPartitionWithoutCheck = {
    .info = {
        .name = "attach-partition-without-check",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "ATTACH PARTITION of a table without a CHECK that implies the bound: it is scanned under lock",
        .page = {
            .what = "`ATTACH PARTITION` has to know that every row fits the partition's bound. Without a valid `CHECK` that implies the bound "
                    "it reads the whole table "
                    "under an `ACCESS EXCLUSIVE` lock on it.",
            .why = "Whoever still reads or writes that table waits for the scan, and so does everything that wants a strong lock on the "
                   "partitioned table.",
            .instead = "Add a `CHECK` with the bound's condition (and `IS NOT NULL` for the key's columns) as `NOT VALID`, `VALIDATE` it in a "
                       "transaction of its own, then "
                       "`ATTACH`. The constraint can be dropped afterwards.",
            .fix_safety = "",
            .versions = "",
            .limits = "Whether a `CHECK` really implies the bound is not proven: any valid one counts that is about a column without nulls. A table that "
                      "the history made after the partitioned one and never filled is taken to be empty.",
            .references = "PostgreSQL documentation, ALTER TABLE, ATTACH PARTITION\n"
                          "PostgreSQL documentation, Table Partitioning, \"Partition Maintenance\"",
            .elsewhere = "MigrationPilot MP094; pgsafe attach-partition",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE events_2026 ADD CONSTRAINT events_2026_bound CHECK (at IS NOT NULL AND at >= '2026-01-01' AND at < "
                    "'2027-01-01') NOT VALID;\n"
                    "ALTER TABLE events_2026 VALIDATE CONSTRAINT events_2026_bound;\n"
                    "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAttachPartition},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
