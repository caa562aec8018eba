// Who speaks: the rule about the slow statement (index-not-concurrent, set-not-null-scan ...) tells of the lock that statement
// takes itself, and in a note of a stronger one that is held on the same table. What is found here is the rest: another table
// waits as well, or a scan that alone would let writes go on runs while they cannot. VALIDATE of a constraint added in the same
// transaction is validate-in-same-transaction's, and rows changed by UPDATE or DELETE are schema-and-data-in-one-transaction's.
#include "rules/sql/locks/held_locks.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {
namespace {

// The dearest work of a statement of the schema on a live table; null if it does none that grows with the table.
const Effect* SlowWork(const ScriptContext& script, const StatementFacts& f) {
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
    case sql::StatementKind::kQuery: {
      // A look at the whole table: SELECT count(*). What has a condition may find its rows by an index.
      const auto& q = f.statement->As<sql::Query>();
      if (q.kind != sql::QueryKind::kSelect || q.select_into || q.where != nullptr || q.limit() != nullptr || q.sources().empty()) return nullptr;
      query = true;
      break;
    }
    default:
      return nullptr;
  }
  const Effect* best = nullptr;
  const bool alter = f.statement->kind == sql::StatementKind::kAlterTable;
  for (const Effect& e : f.effects) {
    // A foreign key reads the rows of its own table; a new one has none to look up in the other.
    if (alter && e.object != f.effects.begin()->object && !e.descendant) continue;
    const bool slow = e.work == Work::kScan || e.work == Work::kBuild || e.work == Work::kRewrite || (query && e.work == Work::kRows);
    if (!slow || !e.live || !e.until_commit || e.is_index) continue;
    if (absl::StartsWith(e.action, "may ")) continue;  // nobody knows
    if (e.command != nullptr && KeepsTimestamps(script, *f.statement, *e.command)) continue;
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
      if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->not_valid && (c.constraint->name.empty() ||
          c.constraint->name == work.command->name)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<WorkUnderLock> FindWorkUnderLock(const ScriptContext& script) {
  const GoneNames gone(script);
  std::vector<WorkUnderLock> out;
  std::vector<HeldLock> held;
  uint32_t transaction = 0;
  bool found = false;
  for (const StatementFacts& f : script.facts) {
    if (f.transaction != transaction) {
      transaction = f.transaction;
      held.clear();
      found = false;
    }
    if (found || f.effects.empty()) continue;
    const Effect* work = held.empty() ? nullptr : SlowWork(script, f);
    if (work != nullptr && !ValidatesOwn(script, f, *work)) {
      LockMode own = LockMode::kNone;
      for (const Effect& e : f.effects) {
        if (e.object == work->object) own = std::max(own, e.lock);
      }
      const HeldLock* worst = nullptr;
      for (const HeldLock& h : held) {
        // Two plain CREATE INDEX: index-not-concurrent sends each into a migration of its own.
        if (f.statement->kind == sql::StatementKind::kCreateIndex && h.facts->statement->kind == sql::StatementKind::kCreateIndex) continue;
        const bool worse = h.effect->object != work->object || !BlocksWrites(own);
        if (f.statement->kind == sql::StatementKind::kQuery && h.effect->object != work->object) continue;
        if (worse && (worst == nullptr || h.effect->lock > worst->effect->lock)) worst = &h;
      }
      if (worst != nullptr) {
        out.push_back({{&f, work}, *worst});
        found = true;
        continue;
      }
    }
    for (const Effect& e : f.effects) {
      if (e.live && e.until_commit && BlocksWrites(e.lock) && !e.is_index && !gone.Has(e.object)) held.push_back({&f, &e});
    }
  }
  return out;
}

HeldLock ReadsBlockedBefore(const StatementContext& context, std::string_view table) {
  // A transaction's statements follow each other; of one with very many the last are looked at.
  HeldLock held;
  size_t looked = 0;
  for (auto f = context.script.facts.rbegin(); f != context.script.facts.rend() && f->transaction == context.facts.transaction && looked++ < kLookedThrough; ++f) {
    if (f->statement == &context.statement) continue;
    for (const Effect& e : f->effects) {
      if (!e.live || !e.until_commit || !BlocksReads(e.lock) || e.object != table) continue;
      held = {&*f, &e};
      break;
    }
  }
  return held;
}

}  // namespace pawl
