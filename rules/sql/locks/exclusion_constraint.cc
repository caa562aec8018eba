// exclusion-constraint: ADD EXCLUDE builds its index under ACCESS EXCLUSIVE, and there is no other way.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kExclusionConstraint;

namespace {

void Check(const StatementContext& context) {
  for (const AddedConstraint& added : AddedConstraints(context, sql::ConstraintKind::kExclusion, Work::kBuild)) {
    const std::string table = Quoted(added.alter->name);
    FindingBuilder f = context.Report(kExclusionConstraint, added.constraint->span.empty() ? added.command->span : added.constraint->span,
                                      absl::StrCat("adding an exclusion constraint builds an index while reads and writes of ", table, " wait"));
    f.Why(absl::StrCat(Holds(context, "ALTER TABLE", table, *added.effect, "while it builds the index and compares all rows"),
                       "; it has neither NOT VALID nor USING INDEX"));
    f.Lock(*added.effect);
    f.Help(absl::StrCat("add it while ", table, " is small or nobody uses it, with a lock_timeout and a statement_timeout; for a large table, "
                                                "make a new one with the constraint, copy the rows in batches and swap the names"));
  }
}

}  // namespace

constinit const Rule kExclusionConstraint = {
    .info = {
        .name = "exclusion-constraint",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD EXCLUDE: the index is built under ACCESS EXCLUSIVE, and there is no concurrent form",
        .page = {
            .what = "`ALTER TABLE ... ADD EXCLUDE` builds an index and compares all rows under an `ACCESS EXCLUSIVE` lock. It has neither `NOT "
                    "VALID` nor `USING INDEX`.",
            .why = "All reads and writes of the table wait for the whole build.",
            .instead = "Add it while the table is small or in a maintenance window, with timeouts that bound the damage. For a large table: a "
                       "new table with the constraint, rows copied "
                       "in batches, names swapped.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, ALTER TABLE, ADD table_constraint\n"
                          "PostgreSQL documentation, CREATE TABLE, EXCLUDE",
            .elsewhere = "squawk constraint-missing-not-valid; strong_migrations add_exclusion_constraint; eugene E8; MigrationPilot MP031",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&);\n",
            .good = "CREATE TABLE IF NOT EXISTS new_bookings (\n"
                    "  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
                    "  room bigint NOT NULL,\n"
                    "  during tstzrange NOT NULL,\n"
                    "  CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&)\n"
                    ");\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
