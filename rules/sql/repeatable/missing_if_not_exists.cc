// missing-if-not-exists: a second run, after a first one that stopped half-way, fails at what is there already.
#include "rules/sql/repeatable/rerun.h"

namespace pawl {

extern const Rule kMissingIfNotExists;

namespace {

void Check(const ScriptContext& script) { ReportRerun(script, kMissingIfNotExists, FindCreations(script), "IF NOT EXISTS", /*partial_only=*/false, /*note=*/false); }

}  // namespace

constinit const Rule kMissingIfNotExists = {
    .info = {
        .name = "missing-if-not-exists",
        .group = RuleGroup::kRepeatable,
        .severity = Severity::kWarning,
        .summary = "CREATE or ADD without IF NOT EXISTS in a file that may be left half done: the next run stops there",
        .page = {
            .what = "The file makes a table, index, sequence, schema, extension, column or enum value without `IF NOT EXISTS`, and commits that before its last statement has run.",
            .why = "When a later statement fails, what stands before it stays. The next run fails at the first thing that exists already, and somebody has to take the file apart by hand, "
                   "often under pressure.",
            .instead = "Run the whole file in one transaction where its statements allow it. Else add `IF NOT EXISTS`, or give each step a migration of its own.",
            .fix_safety = "Safe: adds `IF NOT EXISTS` where the object would otherwise make the run fail. Not added to CREATE INDEX on a live table, which wants `CONCURRENTLY` instead, "
                          "nor inside quoted bodies.",
            .versions = "",
            .limits = "One finding a file, at the first place. A note where the file is one transaction, and in folders of plain or numbered files, of which nobody knows whether their runner wraps them; nothing where only its last statement is concerned, or where it has just one. "
                      "CREATE INDEX CONCURRENTLY is left out: there `IF NOT EXISTS` would take an INVALID leftover for the index. Statements without such a clause (CREATE TYPE, ADD CONSTRAINT, "
                      "CREATE TRIGGER) are not flagged.",
            .references = "PostgreSQL documentation, CREATE TABLE, IF NOT EXISTS\n"
                          "PostgreSQL documentation, ALTER TABLE, ADD COLUMN",
            .elsewhere = "squawk prefer-robust-stmts; MigrationPilot MP023; pgsafe require-if-exists",
            .bad = "CREATE TABLE plans (id bigint PRIMARY KEY, name text NOT NULL);\n"
                   "INSERT INTO plans (id, name) VALUES (1, 'free');\n",
            .good = "CREATE TABLE IF NOT EXISTS plans (id bigint PRIMARY KEY, name text NOT NULL);\n"
                    "INSERT INTO plans (id, name) VALUES (1, 'free') ON CONFLICT DO NOTHING;\n",
        },
    },
    .check_script = Check,
    .in_down = false,
};

}  // namespace pawl
