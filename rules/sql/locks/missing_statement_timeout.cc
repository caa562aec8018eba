// missing-statement-timeout (opt-in): a statement that blocks or reads a whole table, with nothing that bounds how long it runs.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kMissingStatementTimeout;

namespace {

void Check(const ScriptContext& script) {
  for (const StatementFacts& f : script.facts) {
    if (f.effects.empty() || f.statement_timeout.ms > 0) continue;
    const Timeout& t = f.statement_timeout;
    const bool reset = t.set_by != nullptr && t.set_by->kind == sql::StatementKind::kVariableSet && t.set_by->As<sql::VariableSet>().reset;
    if (t.ms == kUnset && t.set_by != nullptr && !reset && !t.lost_at_commit) return;  // a value that cannot be read
    const Effect* effect = BlockingRequest(f);
    for (const Effect& e : f.effects) {
      const bool slow = e.work == Work::kScan || e.work == Work::kBuild || e.work == Work::kRewrite;
      if (effect == nullptr && slow && e.live && e.until_commit) effect = &e;
    }
    if (effect == nullptr) continue;
    if (ReportedInFile(script, kMissingStatementTimeout)) return;
    FindingBuilder b = script.Report(kMissingStatementTimeout, SpanOf(f, *effect), absl::StrCat("nothing bounds how long this statement runs on "
        "", Quoted(effect->object)));
    b.Why(BlocksWrites(effect->lock) ? absl::StrCat("all ", WhatWaits(effect->lock), " of ", Quoted(effect->object),
                                                    " wait for as long as it runs: a lock_timeout bounds only the wait for the lock")
                                     : absl::StrCat("a scan of a large table may run for hours, and hold back vacuum and other schema changes "
                                                    "of ", Quoted(effect->object)));
    b.Lock(*effect);
    b.Help(f.in_block() ? "put `SET LOCAL statement_timeout = '30s';` in front, inside the transaction" :
           "put `SET statement_timeout = '30s';` in front");
    return;
  }
}

}  // namespace

constinit const Rule kMissingStatementTimeout = {
    .info = {
        .name = "missing-statement-timeout",
        .group = RuleGroup::kLocks,
        .severity = Severity::kOff,
        .summary = "a statement blocks or reads a whole live table with no statement_timeout in force",
        .page = {
            .what = "A statement takes a lock that blocks a live table, or works through all of its rows, and no `statement_timeout` is in "
                    "force. Reported once a file.",
            .why = "A `lock_timeout` bounds how long the statement waits for its lock, not how long others wait for the statement. Only a "
                   "`statement_timeout` ends one that takes "
                   "longer than anybody thought.",
            .instead = "`SET statement_timeout = '30s'` (inside a transaction `SET LOCAL`) before it, and 0 again before a `CONCURRENTLY` form.",
            .fix_safety = "",
            .versions = "",
            .limits = "A `statement_timeout` that the runner, the role or the database sets is not seen. Opt-in.",
            .references = "PostgreSQL documentation, Client Connection Defaults, statement_timeout",
            .elsewhere = "squawk require-statement-timeout; MigrationPilot MP020",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "SET statement_timeout = '30s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
