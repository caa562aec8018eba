// missing-if-exists: a second run, after a first one that stopped half-way, fails at what is gone already.
#include "rules/sql/repeatable/rerun.h"

namespace pawl {

extern const Rule kMissingIfExists;

namespace {

void Check(const ScriptContext& script) {
  // Downs run by hand and seldom: only what can really be left half done, and as a note.
  ReportRerun(script, kMissingIfExists, FindDrops(script), "IF EXISTS", /*partial_only=*/script.is_down(), /*note=*/script.is_down());
}

}  // namespace

constinit const Rule kMissingIfExists = {
    .info = {
        .name = "missing-if-exists",
        .group = RuleGroup::kRepeatable,
        .severity = Severity::kWarning,
        .summary = "DROP without IF EXISTS in a file that may be left half done: the next run stops there",
        .page = {
            .what = "The file drops an object, column or constraint without `IF EXISTS`, and commits that before its last statement has run.",
            .why = "When a later statement fails, what was dropped before it is gone. The next run fails at the first DROP, and somebody has to take the file apart by hand, often under pressure.",
            .instead = "Run the whole file in one transaction where its statements allow it. Else add `IF EXISTS`, or give each step a migration of its own.",
            .fix_safety = "Safe: adds `IF EXISTS` where the DROP would otherwise make the run fail.",
            .versions = "",
            .limits = "One finding a file, at the first place. A note where the file is one transaction, in folders of plain or numbered files, of which nobody knows whether their runner wraps them, and in down scripts that can be left half done; nothing where only the last statement of the file "
                      "is concerned, or where it has just one.",
            .references = "PostgreSQL documentation, DROP TABLE, IF EXISTS\n"
                          "PostgreSQL documentation, ALTER TABLE, DROP COLUMN",
            .elsewhere = "squawk prefer-robust-stmts; pgsafe require-if-exists",
            .bad = "SET lock_timeout = '2s';\n"
                   "DROP POLICY orders_owner ON orders;\n"
                   "DROP POLICY IF EXISTS orders_team ON orders;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "DROP POLICY IF EXISTS orders_owner ON orders;\n"
                    "DROP POLICY IF EXISTS orders_team ON orders;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
