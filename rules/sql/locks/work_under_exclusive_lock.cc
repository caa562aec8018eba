// work-under-exclusive-lock: slow DDL while the transaction already keeps others from a table.
//
// Who speaks: the rule about the slow statement (index-not-concurrent, set-not-null-scan ...) tells of the lock that statement
// takes itself. This one speaks where what an earlier statement holds makes it worse: another table waits as well, or reads
// wait where the statement alone would stop only writes. VALIDATE of a constraint added in the same transaction is
// validate-in-same-transaction's, and rows changed by UPDATE or DELETE are schema-and-data-in-one-transaction's.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kWorkUnderExclusiveLock;

namespace {

struct Held {
  const StatementFacts* facts;
  const Effect* effect;
};

// The dearest work of a statement of the schema on a live table; null if it does none that grows with the table.
const Effect* SlowWork(const StatementFacts& f) {
  bool query = false;
  switch (f.statement->kind) {
    case sql::StatementKind::kAlterTable:
    case sql::StatementKind::kCreateIndex:
    case sql::StatementKind::kReindex:
    case sql::StatementKind::kCluster:
    case sql::StatementKind::kRefresh:
    case sql::StatementKind::kAlterDomain:
      break;
    case sql::StatementKind::kCreateTable:
      query = f.statement->As<sql::CreateTable>().as_query != nullptr;
      break;
    default:
      return nullptr;
  }
  const Effect* best = nullptr;
  for (const Effect& e : f.effects) {
    const bool slow = e.work == Work::kScan || e.work == Work::kBuild || e.work == Work::kRewrite || (query && e.work == Work::kRows);
    if (!slow || !e.live || !e.until_commit || e.is_index) continue;
    if (best == nullptr || e.work > best->work) best = &e;
  }
  return best;
}

bool ValidatesOwn(const ScriptContext& script, const StatementFacts& f, const Effect& work) {
  if (work.command == nullptr || work.command->kind != sql::AlterKind::kValidateConstraint) return false;
  for (const StatementFacts& earlier : script.facts) {
    if (&earlier == &f) return false;
    if (earlier.transaction != f.transaction || earlier.statement->kind != sql::StatementKind::kAlterTable) continue;
    for (const sql::AlterCommand& c : earlier.statement->As<sql::AlterTable>().commands) {
      if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->not_valid && (c.constraint->name.empty() || c.constraint->name == work.command->name)) return true;
    }
  }
  return false;
}

std::string_view Doing(Work w) {
  switch (w) {
    case Work::kBuild: return "an index is built on";
    case Work::kRewrite: return "every row is written anew in";
    default: return "every row is read of";
  }
}

void Report(const ScriptContext& script, const StatementFacts& f, const Effect& work, const Held& held) {
  const std::string table = Quoted(held.effect->object);
  const bool same = held.effect->object == work.object;
  const std::string waits(WhatWaits(held.effect->lock));
  const bool an = held.effect->lock == LockMode::kAccessExclusive || held.effect->lock == LockMode::kExclusive;
  FindingBuilder b = script.Report(kWorkUnderExclusiveLock, SpanOf(f, work),
                                   absl::StrCat(waits, " of ", table, " wait while ", Doing(work.work), " ", same ? "it" : Quoted(work.object)));
  b.Why(absl::StrCat("the ", LockWords(held.effect->lock), " on ", table, " from line ", LineOf(script, SpanOf(*held.facts, *held.effect)),
                     " is held until the transaction ends, and so for as long as this statement takes; a lock_timeout bounds the wait for a lock, not how long it is held"));
  b.Note(absl::StrCat(an ? "an " : "a ", LockWords(held.effect->lock), " on ", table, " is taken here"), script.file, SpanOf(*held.facts, *held.effect));
  b.Lock(*held.effect);
  if (!same) b.Lock(work);
  if (f.source == TransactionSource::kFile) {
    b.Help("COMMIT before this statement, so that it runs in a transaction of its own");
  } else {
    b.Help(absl::StrCat("put this statement into a migration of its own: ", WhyInTransaction(script, f)));
  }
}

void Check(const ScriptContext& script) {
  std::vector<Held> held;
  uint32_t transaction = 0;
  bool reported = false;
  for (const StatementFacts& f : script.facts) {
    if (f.transaction != transaction) {
      transaction = f.transaction;
      held.clear();
      reported = false;
    }
    if (reported || f.effects.empty()) continue;
    if (!held.empty()) {
      const Effect* work = SlowWork(f);
      if (work != nullptr && !ValidatesOwn(script, f, *work)) {
        LockMode own = LockMode::kNone;
        for (const Effect& e : f.effects) {
          if (e.object == work->object) own = std::max(own, e.lock);
        }
        // The worst of what is held: the strongest lock that this statement does not take itself.
        const Held* worst = nullptr;
        for (const Held& h : held) {
          const bool worse = h.effect->object != work->object || (BlocksReads(h.effect->lock) && !BlocksReads(own)) || !BlocksWrites(own);
          if (worse && (worst == nullptr || h.effect->lock > worst->effect->lock)) worst = &h;
        }
        if (worst != nullptr) {
          Report(script, f, *work, *worst);
          reported = true;
          continue;
        }
      }
    }
    for (const Effect& e : f.effects) {
      if (e.live && e.until_commit && BlocksWrites(e.lock) && !e.is_index) held.push_back({&f, &e});
    }
  }
}

}  // namespace

constinit const Rule kWorkUnderExclusiveLock = {
    .info = {
        .name = "work-under-exclusive-lock",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "a scan, build or rewrite while the transaction already blocks a live table",
        .page = {
            .what = "An earlier statement of the transaction took a lock that keeps others from a live table. A later one reads, builds or rewrites something large, and the lock is held "
                    "until all of it is done.",
            .why = "A lock lasts until the transaction ends: a change of milliseconds blocks the table for as long as the slowest statement that follows. A `lock_timeout` does not help: it "
                   "bounds how long a statement waits for its lock, not how long others wait for ours.",
            .instead = "One transaction for each: commit the quick change first, then do the slow work with the weakest lock there is for it.",
            .fix_safety = "",
            .versions = "",
            .limits = "Reported once a transaction, and only where the earlier lock makes matters worse than the statement is by itself: another table waits too, or reads wait where only writes "
                      "would have.",
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
};

}  // namespace pawl
