// missing-lock-timeout: a lock that blocks is asked for, and nothing bounds the wait. Once a file, on the first such statement.
//
// A timeout that is set and does not help (0, too late, lost at COMMIT, SET LOCAL outside a transaction) is ineffective-timeout's.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kMissingLockTimeout;

namespace {

constexpr int64_t kShortStatement = 10 * 1000;  // ms; no longer than a lock_timeout may well be

void Check(const ScriptContext& script) {
  if (script.settings->runner_sets_lock_timeout) return;
  const Unguarded u = FirstUnguarded(script, /*but_concurrent=*/true);
  if (u.gap != TimeoutGap::kMissing || ReportedInFile(script, kMissingLockTimeout)) return;
  // It bounds the wait as well, together with the work.
  if (u.facts->statement_timeout.ms > 0 && u.facts->statement_timeout.ms <= kShortStatement) return;
  const bool an = u.effect->lock == LockMode::kAccessExclusive || u.effect->lock == LockMode::kExclusive;
  const std::string object = Quoted(u.effect->object);
  FindingBuilder f = script.Report(kMissingLockTimeout, SpanOf(*u.facts, *u.effect), absl::StrCat("nothing bounds the wait for ", an ? "an " :
      "a ", LockWords(u.effect->lock), " on ", object));
  f.Why(absl::StrCat("while this waits behind one long transaction, all ", WhatWaits(u.effect->lock), " of ", object,
                     " queue up behind it, for as long as that transaction lasts"));
  f.Lock(*u.effect);
  const bool local = u.facts->in_block();
  f.Help(absl::StrCat(local ? "put `SET LOCAL lock_timeout = '2s';` in front, inside the transaction" :
                      "put `SET lock_timeout = '2s';` in front", ", and run the migration again when it fails"));
}

}  // namespace

constinit const Rule kMissingLockTimeout = {
    .info = {
        .name = "missing-lock-timeout",
        .group = RuleGroup::kLocks,
        .severity = Severity::kNote,
        .summary = "a blocking lock is asked for with no lock_timeout in force",
        .page = {
            .what = "A statement asks for a lock that blocks reads or writes of a live table, and no `lock_timeout` is in force. Followed "
                    "through `SET`, `SET LOCAL`, `RESET`, `set_config` and "
                    "`COMMIT`; reported once a file.",
            .why = "A statement that waits for a lock blocks all that come after it. Behind one forgotten transaction, a change of a "
                   "millisecond stops the table for hours.",
            .instead = "`SET lock_timeout = '2s'` (inside a transaction `SET LOCAL`) before the first such statement, and run the migration "
                       "again when it fails.",
            .fix_safety = "",
            .versions = "",
            .limits = "A `lock_timeout` that the runner, the role or the database sets is not seen; turn the rule off if there is one. "
                      "`CONCURRENTLY` forms and `NOWAIT` need none, and an index that is built, dropped or rebuilt without "
                      "`CONCURRENTLY` is told by the rules that ask for it: a short timeout would only break the concurrent form. A down script that drops the tables its up made is left alone.",
            .references = "PostgreSQL documentation, Client Connection Defaults, lock_timeout\n"
                          "PostgreSQL documentation, Explicit Locking, table-level locks",
            .elsewhere = "squawk require-lock-timeout; eugene E9; MigrationPilot MP004; pgsafe require-timeout",
            .bad = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
