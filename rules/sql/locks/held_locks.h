// Which locks a transaction holds when a slow statement runs in it.
#ifndef PAWL_RULES_SQL_LOCKS_HELD_LOCKS_H_
#define PAWL_RULES_SQL_LOCKS_HELD_LOCKS_H_

#include <vector>

#include "rules/rule.h"

namespace pawl {

// One statement's effect that others wait for.
struct HeldLock {
  const StatementFacts* facts = nullptr;
  const Effect* effect = nullptr;
};

// DDL that reads, builds or rewrites a whole live table, while an earlier statement of its transaction holds a lock that makes
// matters worse than the statement is by itself.
struct WorkUnderLock {
  HeldLock work;
  HeldLock held;   // the strongest
  bool same_table() const { return work.effect->object == held.effect->object; }
};
// At most one for each transaction, in the order of the script. Who speaks is decided here, see held_locks.cc.
std::vector<WorkUnderLock> FindWorkUnderLock(const ScriptContext& script);

// The lock under which reads of `table` wait already when the current statement runs; null facts if there is none.
HeldLock ReadsBlockedBefore(const StatementContext& context, std::string_view table);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_LOCKS_HELD_LOCKS_H_
