// check-without-not-valid: a CHECK that is tested on every row at once, under lock.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kCheckWithoutNotValid;

namespace {

void Check(const StatementContext& context) {
  for (const AddedConstraint& added : AddedConstraints(context, sql::ConstraintKind::kCheck, Work::kScan)) {
    const sql::Constraint& check = *added.constraint;
    const std::string table = Quoted(added.alter->name);
    const std::string name = check.name.empty() ? "a CHECK" : absl::StrCat("CHECK `", check.name, "`");
    FindingBuilder f = context.Report(kCheckWithoutNotValid, check.span.empty() ? added.command->span : check.span,
                                      absl::StrCat("adding ", name, " reads every row of ", table, " while reads and writes of it wait"));
    f.Why(Holds(context, "ALTER TABLE", table, *added.effect, "while it tests every row"));
    f.Lock(*added.effect);
    f.Help(NotValidAdvice(context, added));
    OfferNotValid(context, added, f);
  }
}

}  // namespace

constinit const Rule kCheckWithoutNotValid = {
    .info = {
        .name = "check-without-not-valid",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "a CHECK added without NOT VALID: every row is tested under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ALTER TABLE ... ADD CHECK` reads every row of the table under an `ACCESS EXCLUSIVE` lock. So does `ADD COLUMN ... CHECK`, "
                    "although every row has the same "
                    "value in the new column.",
            .why = "All reads and writes of the table wait for the scan.",
            .instead = "Add it with `NOT VALID`: a short lock, and new rows are tested from then on. Then `VALIDATE CONSTRAINT` in a "
                       "transaction of its own, which reads the old "
                       "rows while reads and writes go on.",
            .fix_safety = "Safe where each statement commits on its own: adds `NOT VALID` and a `VALIDATE CONSTRAINT` statement behind it. "
                          "Unsafe elsewhere: adds `NOT VALID` "
                          "only, and `VALIDATE CONSTRAINT` has to go into a later migration. None for a `CHECK` inside `ADD COLUMN`.",
            .versions = "`NOT ENFORCED` checks (PostgreSQL 18) read nothing and are left alone.",
            .limits = "",
            .references = "PostgreSQL documentation, ALTER TABLE, ADD table_constraint [ NOT VALID ]",
            .elsewhere = "squawk constraint-missing-not-valid; strong_migrations add_check_constraint; atlas PG305; eugene E1",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD CONSTRAINT orders_amount_positive CHECK (amount > 0);\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD CONSTRAINT orders_amount_positive CHECK (amount > 0) NOT VALID;\n"
                    "ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_positive;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
