// ineffective-timeout: a timeout that somebody set and that does not do what it is there for.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kIneffectiveTimeout;

namespace {

constexpr int64_t kLongestWait = 60 * 1000;        // ms; a wait for a lock that blocks everybody else
constexpr int64_t kShortForBuild = 60 * 1000;      // ms; statement_timeout around a build

std::string Duration(int64_t ms) {
  if (ms % 3600000 == 0) return absl::StrCat(ms / 3600000, " h");
  if (ms % 60000 == 0) return absl::StrCat(ms / 60000, " min");
  if (ms % 1000 == 0) return absl::StrCat(ms / 1000, " s");
  return absl::StrCat(ms, " ms");
}

void ReportUnguarded(const ScriptContext& script, const Unguarded& u) {
  const Span at = SpanOf(*u.facts, *u.effect);
  const std::string lock = absl::StrCat("the ", LockWords(u.effect->lock), " on ", Quoted(u.effect->object));
  const std::string why = absl::StrCat("nothing bounds the wait for ", lock, ": behind one long transaction, all ", WhatWaits(u.effect->lock),
                                       " queue up");
  const uint32_t line = LineOf(script, at);
  switch (u.gap) {
    case TimeoutGap::kDisabled:
      script.Report(kIneffectiveTimeout, u.set->span, absl::StrCat("lock_timeout is switched off here, and line ", line,
                                                                   " waits for a lock without one"))
          .Why(why).Help("set it to a few seconds before the statement that blocks").Note("waits without a timeout", script.file, at);
      break;
    case TimeoutGap::kLate:
      script.Report(kIneffectiveTimeout, u.set->span, absl::StrCat("lock_timeout is set after line ", line,
                                                                   ", which already waits for a lock without one"))
          .Why(why).Help("set it before the first statement that blocks").Note("waits without a timeout", script.file, at);
      break;
    case TimeoutGap::kLost:
      script.Report(kIneffectiveTimeout, at, absl::StrCat("the lock_timeout of line ", LineOf(script, u.set->span),
                                                          " ended with its transaction"))
          .Why(why).Help("set it again after the COMMIT, or use SET without LOCAL").Note("SET LOCAL lasts until the end of its transaction",
              script.file, u.set->span);
      break;
    case TimeoutGap::kLocalOutside:
      script.Report(kIneffectiveTimeout, u.set->span, "SET LOCAL outside a transaction does nothing")
          .Why(absl::StrCat("the server warns and goes on; ", why))
          .Help("use SET without LOCAL; if your runner wraps the file in a transaction, say so with --transaction-mode file").Note("waits "
              "without a timeout", script.file, at);
      break;
    default:
      break;
  }
}

// The INVALID index of a failed build is dropped first: a timeout only costs another try.
bool Repeatable(const ScriptContext& script, const StatementFacts& f) {
  if (f.statement->kind != sql::StatementKind::kCreateIndex) return false;
  const std::string_view index = f.statement->As<sql::CreateIndex>().name;
  for (const StatementFacts& earlier : script.facts) {
    if (&earlier == &f) return false;
    if (earlier.statement->kind != sql::StatementKind::kDrop) continue;
    const auto& drop = earlier.statement->As<sql::Drop>();
    if (drop.type != sql::ObjectType::kIndex || !drop.if_exists) continue;
    for (const sql::Name& n : drop.names) {
      if (n.name == index) return true;
    }
  }
  return false;
}

bool BuildsConcurrently(const sql::Statement& s) {
  return (s.kind == sql::StatementKind::kCreateIndex && s.As<sql::CreateIndex>().concurrently) || (s.kind == sql::StatementKind::kReindex &&
      s.As<sql::Reindex>().concurrently);
}

void Check(const ScriptContext& script) {
  const Unguarded u = FirstUnguarded(script);
  if (u.gap != TimeoutGap::kNone && u.gap != TimeoutGap::kMissing && (u.gap == TimeoutGap::kDisabled ||
                                                                      !script.settings->runner_sets_lock_timeout)) ReportUnguarded(script, u);

  std::vector<const sql::Statement*> told;  // one finding for each SET
  auto first = [&](const sql::Statement* set) {
    if (set == nullptr || std::find(told.begin(), told.end(), set) != told.end()) return false;
    told.push_back(set);
    return true;
  };
  for (const StatementFacts& f : script.facts) {
    if (f.effects.empty()) continue;
    if (f.lock_timeout.ms > kLongestWait) {
      const Effect* e = BlockingRequest(f);
      if (e != nullptr && first(f.lock_timeout.set_by)) {
        script.Report(kIneffectiveTimeout, f.lock_timeout.set_by->span, absl::StrCat("a lock_timeout of ", Duration(f.lock_timeout.ms), " lets ",
            WhatWaits(e->lock), " of ", Quoted(e->object), " queue up for as long"))
            .Why("while a statement waits for its lock, everything that comes after it on the table waits too")
            .Help("set it to a few seconds and run the migration again when it fails")
            .Note("waits that long", script.file, SpanOf(f, *e));
      }
    }
    if (!BuildsConcurrently(*f.statement) || f.in_transaction()) continue;
    const Effect& e = f.effects.front();
    if (!e.live) continue;
    if (ShortForConcurrently(f.lock_timeout) && !Repeatable(script, f) && first(f.lock_timeout.set_by)) {
      script.Report(kIneffectiveTimeout, f.lock_timeout.set_by->span, absl::StrCat("a lock_timeout of ", Duration(f.lock_timeout.ms),
          " is likely to cancel the concurrent build on line ", LineOf(script, f.statement->span)))
          .Why(absl::StrCat("CONCURRENTLY waits for every transaction that began before it, and nobody waits for it; cancelled, it leaves an "
                            "`INVALID` index on ", Quoted(e.object)))
          .Help("put `SET lock_timeout = 0;` in front of it, and drop a leftover with DROP INDEX CONCURRENTLY IF EXISTS first")
          .Note("built here", script.file, SpanOf(f, e));
    }
    if (f.statement_timeout.ms > 0 && f.statement_timeout.ms <= kShortForBuild && first(f.statement_timeout.set_by)) {
      script.Report(kIneffectiveTimeout, f.statement_timeout.set_by->span, absl::StrCat("a statement_timeout of ",
          Duration(f.statement_timeout.ms), " is likely to cancel the concurrent build on line ", LineOf(script, f.statement->span)))
          .Why(absl::StrCat("a concurrent build reads the table twice and waits for older transactions; cancelled, it leaves an `INVALID` index "
                            "on ", Quoted(e.object)))
          .Help("put `SET statement_timeout = 0;` in front of it: it blocks neither reads nor writes")
          .Note("built here", script.file, SpanOf(f, e));
    }
  }
}

}  // namespace

constinit const Rule kIneffectiveTimeout = {
    .info = {
        .name = "ineffective-timeout",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "a timeout that is 0, too long, too late, lost at COMMIT, or too short around CONCURRENTLY",
        .page = {
            .what = "A `lock_timeout` is set and does not guard the statement it is there for: it is 0, longer than a minute, set only "
                    "afterwards, a `SET LOCAL` of a transaction that is over or "
                    "was never open. Or a timeout is so short around a concurrent build that it is likely to cancel it: a `lock_timeout` below "
                    "5 s, a `statement_timeout` of a minute or less.",
            .why = "The author relies on a bound that is not there. Around `CONCURRENTLY`, which nobody waits for, a cancelled build leaves an "
                   "`INVALID` index behind that costs every write.",
            .instead = "`SET lock_timeout = '2s'` before the first statement that blocks; `SET LOCAL` anew in each transaction; `SET "
                       "lock_timeout = 0` and `SET statement_timeout = 0` before "
                       "`CONCURRENTLY`.",
            .fix_safety = "",
            .versions = "",
            .limits = "A 0 is reported only where a statement that blocks a live table runs under it. A short `lock_timeout` around `CREATE "
                      "INDEX CONCURRENTLY` is left alone where the script "
                      "drops a leftover index first.",
            .references = "PostgreSQL documentation, Client Connection Defaults, lock_timeout and statement_timeout\n"
                          "PostgreSQL documentation, SET\n"
                          "PostgreSQL documentation, CREATE INDEX, \"Building Indexes Concurrently\"",
            .elsewhere = "squawk require-lock-timeout",
            .bad = "SET LOCAL lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
