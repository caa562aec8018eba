// table-without-primary-key: a new table has no primary key.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kTableWithoutPrimaryKey;

namespace {

bool MakesKey(const sql::Statement& s, const sql::Name& table) {
  if (s.kind == sql::StatementKind::kDo) {
    for (const sql::Statement* inner : s.As<sql::DoBlock>().statements) {
      if (MakesKey(*inner, table)) return true;
    }
    return false;
  }
  if (s.kind == sql::StatementKind::kDrop) {  // gone again
    const auto& drop = s.As<sql::Drop>();
    if (drop.type != sql::ObjectType::kTable) return false;
    for (const sql::Name& n : drop.names) {
      if (SameTable(n, table)) return true;
    }
    return false;
  }
  if (s.kind != sql::StatementKind::kAlterTable || !SameTable(s.As<sql::AlterTable>().name, table)) return false;
  for (const sql::AlterCommand& c : s.As<sql::AlterTable>().commands) {
    if (c.constraint != nullptr && c.constraint->kind == sql::ConstraintKind::kPrimaryKey) return true;
    if (c.column != nullptr && c.column->Find(sql::ConstraintKind::kPrimaryKey) != nullptr) return true;
    if (c.kind == sql::AlterKind::kAttachPartition) return true;  // now a parent: judged no further
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& create = context.statement.As<sql::CreateTable>();
  // A partition has its parent's key; LIKE may bring one along.
  if (create.temporary || create.foreign || create.materialized_view || !create.partition_of.empty() || !create.like.empty()) return;
  if (create.if_not_exists && context.catalog.FindTable(create.name) != nullptr) return;
  if (!NewConstraints(context, sql::ConstraintKind::kPrimaryKey).empty()) return;
  for (const sql::Statement* s : Following(context)) {
    if (MakesKey(*s, create.name)) return;
  }
  context.Report(kTableWithoutPrimaryKey, create.name.span, absl::StrCat(Quoted(create.name), " has no primary key"))
      .Why("nothing tells two equal rows apart: logical replication cannot publish UPDATE and DELETE of the table, and backfills in "
           "batches have nothing to go by")
      .Help("add a primary key now, while the table is empty");
}

}  // namespace

constinit const Rule kTableWithoutPrimaryKey = {
    .info = {
        .name = "table-without-primary-key",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a new table has no primary key",
        .page = {
            .what = "A table is made without a primary key, and the script adds none.",
            .why = "Equal rows cannot be told apart. Logical replication refuses `UPDATE` and `DELETE` on a published table that has no "
                   "replica identity, change capture and online tools need a key, and so does every backfill in batches. Adding one "
                   "later locks the table.",
            .instead = "`id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`, or the columns that name the row.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Constraints, Primary Keys\n"
                          "PostgreSQL documentation, Logical Replication, Publication",
            .elsewhere = "MigrationPilot MP045; pgsafe require-primary-key; pgrubic GN004; diesel-guard create-table-without-pk; "
                         "pg-migration-lint PGM502",
            .bad = "CREATE TABLE IF NOT EXISTS visits (at timestamptz NOT NULL, path text NOT NULL);\n",
            .good = "CREATE TABLE IF NOT EXISTS visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, path "
                    "text NOT NULL);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
