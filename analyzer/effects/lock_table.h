// What each ALTER TABLE subcommand locks and does, as data. Internal to analyzer/effects.
#ifndef PAWL_ANALYZER_EFFECTS_LOCK_TABLE_H_
#define PAWL_ANALYZER_EFFECTS_LOCK_TABLE_H_

#include "analyzer/effects/effects.h"
#include "analyzer/sql/ast.h"

namespace pawl {

// The fact that holds when nothing more is known; alter_effects.cc refines `work` by the subcommand's details.
struct AlterFact {
  sql::AlterKind kind;
  LockMode lock;       // on the altered table
  Work work;
  bool recurses;       // also on partitions and children, unless ONLY
  const char* action;
};

// Locks are the same on 12 to 18 (where the syntax exists); a row that ever differs gets its own field then.
const AlterFact& FactOf(sql::AlterKind kind);

}  // namespace pawl

#endif  // PAWL_ANALYZER_EFFECTS_LOCK_TABLE_H_
