// not-enforced-constraint: a constraint that the server does not enforce.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kNotEnforcedConstraint;

namespace {

void Report(const StatementContext& context, const sql::Name& table, std::string_view name, Span span) {
  context.Report(kNotEnforcedConstraint, span, absl::StrCat(name.empty() ? std::string("a constraint") : absl::StrCat("`", name, "`"), " of ", Quoted(table), " is not enforced: rows that break it are let in"))
      .Why("neither old nor new rows are checked, and there is no index and no lock; whoever reads the schema takes the constraint for a promise")
      .Help("NOT VALID checks new rows and can be validated later without blocking; keep NOT ENFORCED only where another system keeps the promise");
}

void Check(const StatementContext& context) {
  if (context.script.settings->versions_configured && context.script.settings->versions.newest < 18) return;  // unsupported-by-server
  for (const sql::ConstraintKind kind : {sql::ConstraintKind::kCheck, sql::ConstraintKind::kForeignKey}) {
    for (const NewConstraint& k : NewConstraints(context, kind)) {
      if (k.constraint->not_enforced) Report(context, *k.table, k.constraint->name, k.constraint->span);
    }
  }
  if (context.statement.kind != sql::StatementKind::kAlterTable) return;
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kAlterConstraint && c.enforced == 'n') Report(context, alter.name, c.name, c.span);
  }
}

}  // namespace

constinit const Rule kNotEnforcedConstraint = {
    .info = {
        .name = "not-enforced-constraint",
        .group = RuleGroup::kDesign,
        .severity = Severity::kNote,
        .summary = "a constraint that the server does not enforce",
        .page = {
            .what = "A `CHECK` or `FOREIGN KEY` is declared `NOT ENFORCED`, or an existing one is altered to it.",
            .why = "Nothing is checked, now or later. Unlike `NOT VALID`, new rows may break the constraint, too.",
            .instead = "`NOT VALID`, then `VALIDATE CONSTRAINT`.",
            .fix_safety = "",
            .versions = "PostgreSQL 18 and later have it.",
            .limits = "",
            .references = "PostgreSQL documentation, CREATE TABLE, NOT ENFORCED",
            .elsewhere = "MigrationPilot MP082",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD CONSTRAINT orders_amount CHECK (amount > 0) NOT ENFORCED;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD CONSTRAINT orders_amount CHECK (amount > 0) NOT VALID;\n",
            .example_version = 18,
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kAddConstraint, sql::AlterKind::kAlterConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
