// attach-partition-scans-default: a new partition makes the server look through the DEFAULT partition under lock.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kAttachPartitionScansDefault;

namespace {

// A valid CHECK of its own, not one that it has from its parent, is taken to exclude the new bound.
bool HasOwnCheck(const CatalogTable& partition, const CatalogTable& parent) {
  for (const CatalogConstraint& k : partition.constraints) {
    if (k.kind == sql::ConstraintKind::kCheck && k.valid && parent.FindConstraint(k.name) == nullptr) return true;
  }
  return false;
}

// The parent was never seen, but this script moves rows of a table that is called like its DEFAULT partition.
void JudgeUnknown(const StatementContext& context, const sql::Name& parent, const sql::Name& child, Span span) {
  const std::string likely = absl::StrCat(context.catalog.Resolve(parent), "_default");
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement->kind != sql::StatementKind::kQuery) continue;
    for (const Effect& e : f.effects) {
      if (e.object != likely || !e.live) continue;
      FindingBuilder b = context.Report(kAttachPartitionScansDefault, span, absl::StrCat("adding partition ", Quoted(child), " reads all of ",
          Quoted(likely), " under lock, if that is the DEFAULT partition"));
      b.Why(absl::StrCat("the server looks through the DEFAULT partition for rows that belong to the new one, under an `ACCESS EXCLUSIVE` lock: "
                         "all reads and writes of it wait"));
      b.Help(absl::StrCat("first give ", Quoted(likely), " a CHECK that excludes the new bound: ADD CONSTRAINT ... CHECK (NOT (...)) NOT VALID, "
                                                         "then VALIDATE CONSTRAINT; the scan is then skipped"));
      return;
    }
  }
}

void Judge(const StatementContext& context, const sql::Name& parent_name, const sql::Name& child, Span span, const sql::AlterCommand* command) {
  const CatalogTable* parent = context.catalog.FindTable(parent_name);
  if (parent == nullptr || !parent->has_default_partition) {
    if (parent == nullptr || !parent->complete) JudgeUnknown(context, parent_name, child, span);
    return;
  }
  for (const Effect& e : context.facts.effects) {
    if (e.command != command || e.work != Work::kScan || !e.live || e.lock != LockMode::kAccessExclusive) continue;
    const CatalogTable* d = context.catalog.FindTable(std::string_view(e.object));
    if (d == nullptr || !d->default_partition || d->partition_of != parent->key || HasOwnCheck(*d, *parent)) continue;
    const std::string name = Quoted(d->key);
    FindingBuilder f = context.Report(kAttachPartitionScansDefault, span, absl::StrCat("adding partition ", Quoted(child),
        " reads the whole DEFAULT partition ", name, " under lock"));
    f.Why(Holds(context, command != nullptr ? "ATTACH PARTITION" : "CREATE TABLE ... PARTITION OF", name, e,
                "while it looks for rows that belong to the new partition"));
    f.Lock(e);
    f.Help(absl::StrCat("first give ", name, " a CHECK that excludes the new bound: ADD CONSTRAINT ... CHECK (NOT (...)) NOT VALID, then "
                                             "VALIDATE CONSTRAINT",
                        MayAddStatement(context) ? "" : ", each in a migration before this one", "; the scan is then skipped, and the CHECK can "
                            "be dropped"));
    return;
  }
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kCreateTable) {
    const auto& create = context.statement.As<sql::CreateTable>();
    if (!create.partition_of.empty()) Judge(context, create.partition_of, create.name, create.partition_of.span, nullptr);
    return;
  }
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kAttachPartition) Judge(context, alter.name, c.other, c.span, &c);
  }
}

}  // namespace

constinit const Rule kAttachPartitionScansDefault = {
    .info = {
        .name = "attach-partition-scans-default",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "a new partition beside a DEFAULT one: the DEFAULT partition is scanned under ACCESS EXCLUSIVE",
        .page = {
            .what = "Where a partitioned table has a `DEFAULT` partition, `ATTACH PARTITION` and `CREATE TABLE ... PARTITION OF` read all of it "
                    "under an `ACCESS EXCLUSIVE` lock, "
                    "to find rows that belong to the new partition. If there is one, the statement fails.",
            .why = "Every read and write that reaches the `DEFAULT` partition waits for the scan.",
            .instead = "Add a `CHECK` to the `DEFAULT` partition that excludes the new bound, as `NOT VALID`, and `VALIDATE` it in a "
                       "transaction of its own: the scan is skipped. "
                       "Better still, keep the `DEFAULT` partition empty and make partitions ahead of time.",
            .fix_safety = "",
            .versions = "",
            .limits = "`DEFAULT` partitions that the history did not make are recognised only by the name `<parent>_default`, where the script "
                      "moves their rows. Any valid `CHECK` of the `DEFAULT` partition's own counts as one that excludes the bound.",
            .references = "PostgreSQL documentation, ALTER TABLE, ATTACH PARTITION\n"
                          "PostgreSQL documentation, Table Partitioning, \"Partition Maintenance\"",
            .elsewhere = "MigrationPilot MP072",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE events ATTACH PARTITION events_other DEFAULT;\n"
                   "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE events_other ADD CONSTRAINT not_2026 CHECK (NOT (at >= '2026-01-01' AND at < '2027-01-01')) NOT VALID;\n"
                    "ALTER TABLE events_other VALIDATE CONSTRAINT not_2026;\n"
                    "CREATE TABLE IF NOT EXISTS events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable, sql::StatementKind::kCreateTable},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
