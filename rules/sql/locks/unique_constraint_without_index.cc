// unique-constraint-without-index: ADD UNIQUE builds its index under ACCESS EXCLUSIVE.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kUniqueConstraintWithoutIndex;

namespace {

void Check(const StatementContext& context) {
  for (const AddedConstraint& added : AddedConstraints(context, sql::ConstraintKind::kUnique, Work::kBuild)) {
    const sql::Constraint& unique = *added.constraint;
    const std::string table = Quoted(added.alter->name);
    const std::string name = unique.name.empty() ? "a UNIQUE constraint" : absl::StrCat("UNIQUE constraint `", unique.name, "`");
    FindingBuilder f = context.Report(kUniqueConstraintWithoutIndex, unique.span.empty() ? added.command->span : unique.span,
                                      absl::StrCat("adding ", name, " builds an index while reads and writes of ", table, " wait"));
    f.Why(Holds(context, "ALTER TABLE", table, *added.effect, "while it builds the index"));
    f.Lock(*added.effect);
    f.Help(unique.without_overlaps ? "a constraint WITHOUT OVERLAPS cannot take over an index: add it while nobody uses the table, with a "
                                     "lock_timeout"
                                   : UsingIndexAdvice(context, added));
  }
}

}  // namespace

constinit const Rule kUniqueConstraintWithoutIndex = {
    .info = {
        .name = "unique-constraint-without-index",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD UNIQUE without USING INDEX: the index is built under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ALTER TABLE ... ADD UNIQUE` and `ADD COLUMN ... UNIQUE` build an index under an `ACCESS EXCLUSIVE` lock.",
            .why = "All reads and writes of the table wait for the whole build.",
            .instead = "`CREATE UNIQUE INDEX CONCURRENTLY` outside a transaction, then `ALTER TABLE ... ADD CONSTRAINT ... UNIQUE USING INDEX`, "
                       "which only takes the lock for a moment.",
            .fix_safety = "",
            .versions = "",
            .limits = "A column that makes its table be rewritten is left to the rules about rewrites.",
            .references = "PostgreSQL documentation, ALTER TABLE, ADD table_constraint_using_index",
            .elsewhere = "squawk disallowed-unique-constraint; strong_migrations add_unique_constraint; atlas PG105; eugene E7",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);\n",
            .good = "CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);\n"
                    "SET lock_timeout = '2s';\n"
                    "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
