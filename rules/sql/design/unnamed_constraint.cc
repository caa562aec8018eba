// unnamed-constraint: a constraint without a name.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kUnnamedConstraint;

namespace {

std::string_view Words(sql::ConstraintKind kind) {
  switch (kind) {
    case sql::ConstraintKind::kPrimaryKey: return "the primary key";
    case sql::ConstraintKind::kUnique: return "a unique constraint";
    case sql::ConstraintKind::kForeignKey: return "a foreign key";
    case sql::ConstraintKind::kExclusion: return "an exclusion constraint";
    default: return "a check";
  }
}

void Check(const StatementContext& context) {
  using enum sql::ConstraintKind;
  for (const sql::ConstraintKind kind : {kPrimaryKey, kUnique, kForeignKey, kCheck, kExclusion}) {
    for (const NewConstraint& k : NewConstraints(context, kind)) {
      if (!k.constraint->name.empty() || k.column != nullptr || !k.constraint->using_index.empty()) continue;
      context.Report(kUnnamedConstraint, k.constraint->span, absl::StrCat(Words(kind), " of ", Quoted(*k.table), " has no name"))
          .Why("the server makes a name up from the table, its columns and a number: it differs between databases that were built in "
               "another order, and a later migration has to guess it to drop or validate the constraint")
          .Help("CONSTRAINT name before it");
    }
  }
}

}  // namespace

constinit const Rule kUnnamedConstraint = {
    .info = {
        .name = "unnamed-constraint",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a constraint without a name",
        .page = {
            .what = "`ADD UNIQUE`, `ADD CHECK`, `ADD FOREIGN KEY`, `ADD PRIMARY KEY`, or such a line in `CREATE TABLE`, without "
                    "`CONSTRAINT name`.",
            .why = "The generated name depends on what exists at that moment (`orders_check`, `orders_check1`). Migrations that drop, "
                   "rename or validate the constraint later name it, and fail where it is called otherwise.",
            .instead = "`ADD CONSTRAINT orders_amount_positive CHECK (amount > 0)`.",
            .fix_safety = "",
            .versions = "",
            .limits = "Constraints written in a column's definition are left alone.",
            .references = "PostgreSQL documentation, ALTER TABLE",
            .elsewhere = "pgrubic NM008; diesel-guard unnamed-constraint",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, amount numeric, CHECK (amount > 0));\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, amount numeric, CONSTRAINT orders_amount_positive CHECK "
                    "(amount > 0));\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddConstraint, sql::AlterKind::kAddColumn},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
