// drop-database: DROP DATABASE.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropDatabase;

namespace {

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  if (drop.type != sql::ObjectType::kDatabase) return;
  for (const sql::Name& name : drop.names) {
    bool made_here = false;
    for (const StatementFacts& f : context.script.facts) {
      made_here = made_here || (f.statement->kind == sql::StatementKind::kCreateDatabase && f.statement->As<sql::CreateDatabase>().name == name.name);
    }
    if (made_here) continue;
    context.Report(kDropDatabase, name.span.empty() ? context.statement.span : name.span, absl::StrCat("DROP DATABASE deletes everything in ", Quoted(name)))
        .Why("every schema, table and row of it is gone at once, and there is no transaction to roll back: the statement refuses to run in one")
        .Help("take it out of the migrations; who really wants it drops the database by hand, after a backup");
  }
}

}  // namespace

constinit const Rule kDropDatabase = {
    .info = {
        .name = "drop-database",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "DROP DATABASE: everything is gone, and no transaction can bring it back",
        .page = {
            .what = "`DROP DATABASE` removes the database's files.",
            .why = "It cannot run in a transaction and cannot be undone. A migration runs unattended in every environment that it reaches, and the name may mean another database there.",
            .instead = "Drop databases by hand, or by the tool that made them, after a backup.",
            .fix_safety = "",
            .versions = "",
            .limits = "A database that the same file makes may go.",
            .references = "PostgreSQL documentation, DROP DATABASE",
            .elsewhere = "squawk ban-drop-database; MigrationPilot MP034; pgsafe drop-database",
            .bad = "DROP DATABASE IF EXISTS reporting;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "CREATE SCHEMA IF NOT EXISTS reporting;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
