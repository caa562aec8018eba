// replica-identity: the replica identity of a table changes.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kReplicaIdentity;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (!context.Live(table)) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kReplicaIdentity) continue;
    FindingBuilder f = context.Report(kReplicaIdentity, c.span, absl::StrCat("what UPDATE and DELETE on ", Quoted(alter.name), " send to subscribers changes"));
    f.Why("logical replication and change capture find the old row by its replica identity: consumers that count on other columns miss "
          "them, FULL writes every old row to the log, NOTHING makes UPDATE and DELETE of a published table fail");
    f.Help("agree with the consumers of the publication first");
    if (const Effect* e = context.EffectOf(c)) f.Lock(*e);
  }
}

}  // namespace

constinit const Rule kReplicaIdentity = {
    .info = {
        .name = "replica-identity",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "the replica identity of a table changes",
        .page = {
            .what = "`ALTER TABLE ... REPLICA IDENTITY`.",
            .why = "The columns of the old row that go into the write-ahead log change with it. Subscribers, change capture and the size "
                   "of the log depend on them.",
            .instead = "Keep the default, the primary key, unless the consumers of a publication need another.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, ALTER TABLE, REPLICA IDENTITY",
            .elsewhere = "squawk ban-replica-identity",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders REPLICA IDENTITY FULL;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kReplicaIdentity},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
