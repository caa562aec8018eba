// locks-several-tables: one transaction gathers locks that block, table after table.
#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/held_locks.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kLocksSeveralTables;

namespace {

// Does this statement gather locks one could have taken apart? Not those of tables that are dropped, renamed or moved as a
// whole, which swaps do together on purpose, nor the lock on a table that a new one refers to, nor indexes, which other rules send
// out of the transaction (CONCURRENTLY).
bool Counts(const sql::Statement& s) {
  switch (s.kind) {
    case sql::StatementKind::kAlterTable:
    case sql::StatementKind::kCreateTrigger:
    case sql::StatementKind::kCreatePolicy:
    case sql::StatementKind::kLockTable:
    case sql::StatementKind::kTruncate:
    case sql::StatementKind::kCluster:
      return true;
    case sql::StatementKind::kRename:
      return !s.As<sql::Rename>().old_name.empty();
    case sql::StatementKind::kDrop: {
      const sql::ObjectType t = s.As<sql::Drop>().type;
      return t == sql::ObjectType::kTrigger || t == sql::ObjectType::kRule || t == sql::ObjectType::kPolicy;
    }
    default:
      return false;
  }
}

// Two tables that are locked for a moment are an everyday risk; with each further one the wait and the ways to deadlock grow.
constexpr size_t kMany = 3;

void Judge(const ScriptContext& script, const std::vector<HeldLock>& taken) {
  std::vector<std::string> tables;
  const HeldLock* second = nullptr;
  for (const HeldLock& t : taken) {
    if (std::find(tables.begin(), tables.end(), t.effect->object) != tables.end()) continue;
    tables.emplace_back(t.effect->object);
    if (tables.size() >= 2 && second == nullptr && t.facts != taken[0].facts) second = &t;
  }
  if (tables.size() < 2 || second == nullptr) return;
  // One statement that needs them all (a foreign key) cannot be split.
  for (size_t i = 0; i < taken.size();) {
    std::vector<std::string_view> own;
    size_t j = i;
    for (; j < taken.size() && taken[j].facts == taken[i].facts; ++j) {
      if (std::find(own.begin(), own.end(), taken[j].effect->object) == own.end()) own.push_back(taken[j].effect->object);
    }
    if (own.size() == tables.size()) return;
    i = j;
  }
  // One table waits for slow work on another: work-under-exclusive-lock names both and says to split as well.
  for (const WorkUnderLock& w : FindWorkUnderLock(script)) {
    if (w.work.facts->transaction == taken[0].facts->transaction && !w.same_table()) return;
  }
  const HeldLock& first = taken[0];
  FindingBuilder f = script.Report(kLocksSeveralTables, SpanOf(*second->facts, *second->effect),
                                   absl::StrCat("one transaction locks ", Listed(tables), ", and keeps all of them locked until it ends"));
  f.Why(absl::StrCat("while it waits for ", "the ", LockWords(second->effect->lock), " on ", Quoted(second->effect->object), ", ",
                     Quoted(first.effect->object),
                     " stays blocked; a session that uses the tables in another order deadlocks with it"));
  if (tables.size() < kMany) f.AtSeverity(Severity::kNote);
  f.Note(absl::StrCat(Quoted(first.effect->object), " is locked here"), script.file, SpanOf(*first.facts, *first.effect));
  std::vector<std::string_view> listed;
  for (const HeldLock& t : taken) {
    if (std::find(listed.begin(), listed.end(), t.effect->object) != listed.end()) continue;
    listed.push_back(t.effect->object);
    f.Lock(*t.effect);
  }
  switch (second->facts->source) {
    case TransactionSource::kFile: f.Help("COMMIT after each table"); break;
    case TransactionSource::kBody: f.Help("make a statement of its own for each table, outside the DO block or function"); break;
    default: f.Help(absl::StrCat("make a migration for each table: ", WhyInTransaction(script, *second->facts))); break;
  }
}

bool NamedAtRunTime(std::string_view key) { return IsPlaceholder(key.substr(key.find('.') + 1)); }

void Check(const ScriptContext& script) {
  const GoneNames gone(script);
  std::vector<HeldLock> taken;
  uint32_t transaction = 0;
  for (const StatementFacts& f : script.facts) {
    if (f.transaction != transaction) {
      if (taken.size() > 1) Judge(script, taken);
      taken.clear();
      transaction = f.transaction;
    }
    if (f.effects.empty() || !Counts(*f.statement)) continue;
    const bool alter = f.statement->kind == sql::StatementKind::kAlterTable;
    if (alter && !f.effects.front().live) continue;  // a new table's foreign keys
    for (const Effect& e : f.effects) {
      if (e.live && e.until_commit && BlocksWrites(e.lock) && !e.is_index && !e.descendant && !NamedAtRunTime(e.object) && !gone.Has(e.object)) taken.push_back({&f, &e});
    }
  }
  if (taken.size() > 1) Judge(script, taken);
}

}  // namespace

constinit const Rule kLocksSeveralTables = {
    .info = {
        .name = "locks-several-tables",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "one transaction takes blocking locks on several live tables: deadlocks, and a wide window",
        .page = {
            .what = "Statements of one transaction take locks that block reads or writes on two or more tables in use, and all of them are held "
                    "until the transaction ends.",
            .why = "While it waits for the second table, the first is blocked. A session that uses them in another order deadlocks with the "
                   "migration, and one of the two is cancelled.",
            .instead = "A transaction, and so a migration, for each table. Each then waits, locks and lets go on its own, and a retry repeats "
                       "only one step.",
            .fix_safety = "",
            .versions = "",
            .limits = "Statements that commit one by one are not reported, nor are tables that the same migration makes, drops or renames, indexes, nor "
                      "a single statement that needs both tables "
                      "(a foreign key). A note where it is only two tables. Where a table waits for slow work on another, `work-under-exclusive-lock` "
                      "speaks.",
            .references = "PostgreSQL documentation, Explicit Locking, deadlocks",
            .elsewhere = "",
            .bad = "BEGIN;\n"
                   "SET LOCAL lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE customers ADD COLUMN IF NOT EXISTS note text;\n"
                   "COMMIT;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n"
                    "ALTER TABLE customers ADD COLUMN IF NOT EXISTS note text;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
