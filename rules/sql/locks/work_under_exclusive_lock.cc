// work-under-exclusive-lock: slow DDL while the transaction already keeps others from a table.
// held_locks.cc finds it, and says which rule speaks when.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/held_locks.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kWorkUnderExclusiveLock;

namespace {

std::string_view Doing(Work w) {
  switch (w) {
    case Work::kBuild: return "an index is built on";
    case Work::kRewrite: return "every row is written anew in";
    default: return "every row is read of";
  }
}

// DROP MATERIALIZED VIEW m; CREATE MATERIALIZED VIEW m AS ... in one transaction.
bool DropsItFirst(const ScriptContext& script, const StatementFacts& made) {
  const std::string_view name = made.statement->As<sql::CreateTable>().name.name;
  return std::any_of(script.facts.begin(), script.facts.end(), [&](const StatementFacts& f) {
    if (f.statement->kind != sql::StatementKind::kDrop || f.transaction != made.transaction || f.statement->span.begin > made.statement->span.begin) return false;
    const auto& drop = f.statement->As<sql::Drop>();
    return std::any_of(drop.names.begin(), drop.names.end(), [&](const sql::Name& n) { return n.name == name; });
  });
}

void Report(const ScriptContext& script, const StatementFacts& f, const Effect& work, const HeldLock& held) {
  const std::string table = Quoted(held.effect->object);
  const bool same = held.effect->object == work.object;
  const std::string waits(WhatWaits(held.effect->lock));
  const bool an = held.effect->lock == LockMode::kAccessExclusive || held.effect->lock == LockMode::kExclusive;
  FindingBuilder b = script.Report(kWorkUnderExclusiveLock, SpanOf(f, work),
                                   absl::StrCat(waits, " of ", table, " wait while ", Doing(work.work), " ", same ? "it" : Quoted(work.object)));
  b.Why(absl::StrCat("the ", LockWords(held.effect->lock), " on ", table, " from line ", LineOf(script, SpanOf(*held.facts, *held.effect)),
                     " is held until the transaction ends, and so for as long as this statement takes; a lock_timeout bounds the wait for a "
                     "lock, not how long it is held"));
  b.Note(absl::StrCat(an ? "an " : "a ", LockWords(held.effect->lock), " on ", table, " is taken here"), script.file, SpanOf(*held.facts,
      *held.effect));
  b.Lock(*held.effect);
  if (!same) b.Lock(work);
  if (f.statement->kind == sql::StatementKind::kCreateTable && DropsItFirst(script, f)) {
    b.Help("fill the new one under another name (with its indexes) before that, and swap the names in a short transaction: dropped and committed apart, it would not be there at all while this runs");
  } else if (f.source == TransactionSource::kFile) {
    b.Help("COMMIT before this statement, so that it runs in a transaction of its own");
  } else {
    b.Help(absl::StrCat("put this statement into a migration of its own: ", WhyInTransaction(script, f)));
  }
}

void Check(const ScriptContext& script) {
  for (const WorkUnderLock& w : FindWorkUnderLock(script)) Report(script, *w.work.facts, *w.work.effect, w.held);
}

}  // namespace

constinit const Rule kWorkUnderExclusiveLock = {
    .info = {
        .name = "work-under-exclusive-lock",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "a scan, build or rewrite while the transaction already blocks a live table",
        .page = {
            .what = "An earlier statement of the transaction took a lock that keeps others from a live table. A later one reads, builds or "
                    "rewrites something large, and the lock is held "
                    "until all of it is done.",
            .why = "A lock lasts until the transaction ends: a change of milliseconds blocks the table for as long as the slowest statement "
                   "that follows. A `lock_timeout` does not help: it "
                   "bounds how long a statement waits for its lock, not how long others wait for ours.",
            .instead = "One transaction for each: commit the quick change first, then do the slow work with the weakest lock there is for it.",
            .fix_safety = "",
            .versions = "",
            .limits = "Reported once a transaction, and only where the earlier lock makes matters worse than the statement is by itself: "
                      "another table waits too, or a scan that lets writes go on "
                      "runs while they cannot. A build on the table that is locked already is told by its own rule, in a note.",
            .references = "PostgreSQL documentation, Explicit Locking, table-level locks",
            .elsewhere = "eugene E4; MigrationPilot MP008",
            .bad = "BEGIN;\n"
                   "SET LOCAL lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_positive;\n"
                   "COMMIT;\n",
            .good = "BEGIN;\n"
                    "SET LOCAL lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n"
                    "COMMIT;\n"
                    "ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_positive;\n",
        },
    },
    .check_script = Check,
    .grows_with_table = true,
};

}  // namespace pawl
