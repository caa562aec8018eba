// drop-primary-key: DROP CONSTRAINT of a primary key. Other constraints are drop-constraint's.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/data/constraint.h"

namespace pawl {

extern const Rule kDropPrimaryKey;

namespace {

// The same ALTER TABLE gives the table another one: the server changes both at once.
bool SwappedInPlace(const sql::AlterTable& alter) {
  for (const sql::AlterCommand& c : alter.commands) {
    if ((c.kind == sql::AlterKind::kAddConstraint || c.kind == sql::AlterKind::kAddIndexConstraint) && c.constraint != nullptr &&
        c.constraint->kind == sql::ConstraintKind::kPrimaryKey) {
      return true;
    }
    if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->Find(sql::ConstraintKind::kPrimaryKey) != nullptr) return true;
  }
  return false;
}

// Before the transaction of this statement ends, where `at_once`: nobody sees the table without a key.
bool AddedLater(const StatementContext& context, const sql::Name& table, bool at_once) {
  if (at_once && !context.facts.in_block()) return false;
  for (const sql::Statement* s : Later(context)) {
    if (at_once && s->kind == sql::StatementKind::kTransaction) {
      const sql::TransactionKind k = s->As<sql::Transaction>().kind;
      if (k == sql::TransactionKind::kCommit || k == sql::TransactionKind::kRollback) return false;
    }
    if (s->kind == sql::StatementKind::kAlterTable && s->As<sql::AlterTable>().name.name == table.name && SwappedInPlace(s->As<sql::AlterTable>())) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (!IsLive(context, alter.name) || SwappedInPlace(alter)) return;
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kDropConstraint || !IsPrimaryKey(table, c.name) || MadeHere(context, table, c.name)) continue;
    if (GoneLater(context, alter, table, c)) continue;
    std::vector<std::string> others;  // whose foreign keys stop the drop
    if (table != nullptr && !c.cascade) {
      for (const CatalogTable* t : context.catalog.ReferencedBy(table->key)) {
        if (t != table) others.push_back(t->key);
      }
    }
    const bool at_once = AddedLater(context, alter.name, /*at_once=*/true);  // primary-key-without-index tells of the build
    const bool again = AddedLater(context, alter.name, /*at_once=*/false);
    const std::string name = Quoted(alter.name);
    FindingBuilder f = context.Report(kDropPrimaryKey, c.span,
                                      absl::StrCat("dropping the primary key of ", name, at_once ? " to add another may break its logical replication"
                                                                                         : again ? " before the new one is there" : " leaves it without one"));
    f.Why(at_once ? absl::StrCat("where ", name, " is published, subscribers find its rows by the key they know, and a REPLICA IDENTITY that names the old index goes with it: UPDATE and "
                                 "DELETE then fail, here or there")
                  : absl::StrCat("where ", name, " is published, logical replication then refuses every UPDATE and DELETE of it for lack of a replica identity; ON CONFLICT and lookups by the "
                                 "key lose their index, and duplicates can come in"));
    f.Help("build the new key's index first (CREATE UNIQUE INDEX CONCURRENTLY), then change over in one statement: ALTER TABLE ... DROP CONSTRAINT old, ADD CONSTRAINT new PRIMARY KEY USING INDEX ...");
    if (!others.empty()) {
      f.Note(absl::StrCat("fails as long as a foreign key needs it: ", Listed(others), others.size() == 1 ? " refers" : " refer", " to ", Quoted(alter.name)));
    }
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kDropPrimaryKey = {
    .info = {
        .name = "drop-primary-key",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "the primary key goes: breaks logical replication and the foreign keys that refer to it",
        .page = {
            .what = "`ALTER TABLE ... DROP CONSTRAINT` of the primary key drops its index too. The columns stay NOT NULL, but are unique no more.",
            .why = "A table without a primary key has no replica identity: as soon as it is published, UPDATE and DELETE fail with `cannot update table ... because it does not have a "
                   "replica identity and publishes updates`. Foreign keys that refer to it stop the drop, or fall with CASCADE. Nothing keeps duplicates out.",
            .instead = "Build a unique index for the new key CONCURRENTLY, then change over in one ALTER TABLE: `DROP CONSTRAINT orders_pkey, ADD CONSTRAINT orders_pkey PRIMARY KEY "
                       "USING INDEX orders_new_pkey`.",
            .fix_safety = "",
            .versions = "",
            .limits = "A constraint that the history does not know is taken for the primary key by its name (`..._pkey`). A new key in the same ALTER TABLE, a table made in the same "
                      "migration, and one that is dropped further down are left alone. Which tables are published is not known.",
            .references = "PostgreSQL documentation, Logical Replication, Publication (replica identity)\n"
                          "PostgreSQL documentation, ALTER TABLE, DROP CONSTRAINT",
            .elsewhere = "squawk ban-drop-constraint; MigrationPilot MP055; pgsafe drop-constraint",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_pkey;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_pkey, ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_id_new_idx;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kDropConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
