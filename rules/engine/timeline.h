// The lock timeline: for each transaction of a set which lock is held on what, since which statement, until when, and who waits.
#ifndef PAWL_RULES_ENGINE_TIMELINE_H_
#define PAWL_RULES_ENGINE_TIMELINE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/effects/effects.h"
#include "migrations/set/migration_set.h"
#include "rules/rule.h"

namespace pawl {

struct TimelineLock {
  std::string object;            // "public.users"
  LockMode mode = LockMode::kNone;
  Work work = Work::kNone;
  bool until_commit = true;      // false: let go when its statement ends
  bool live = true;              // others may be using the object
  std::string index_of;          // the object is an index: of this table ("": not known). Tables have none
  bool index = false;
};

struct TimelineStatement {
  uint32_t line = 1;             // in the file
  std::string sql;               // one line, cut to some 120 characters
  std::vector<TimelineLock> locks;  // strongest first; indexes are here, but not among a transaction's held objects
};

// The strongest lock that a transaction holds on one object.
struct HeldObject {
  std::string object;
  LockMode mode = LockMode::kNone;
  size_t since = 0;              // index of the statement that takes it (in that mode)
  size_t until = 0;              // index of the last statement under it
  bool until_commit = true;
  Work work = Work::kNone;       // the most that is done to any object while it is held
  bool live = true;
};

struct TimelineTransaction {
  const Migration* migration = nullptr;
  Direction direction = Direction::kUp;
  const SourceFile* file = nullptr;
  TransactionSource source = TransactionSource::kNone;
  std::vector<TimelineStatement> statements;
  std::vector<HeldObject> held;  // strongest first
};

// What does not parse, and so whose locks are not known.
struct TimelineGap {
  const SourceFile* file = nullptr;
  uint32_t line = 1;
  std::string message;           // the server's
};

// Replays a PostgreSQL set. Statements that lock nothing others could miss are there too; transactions of none are left out.
std::vector<TimelineTransaction> LockTimeline(const MigrationSet& set, const LintSettings& settings, std::vector<TimelineGap>* gaps = nullptr);

// "reads and writes", "writes", "" of those that a lock makes wait.
std::string_view Blocked(LockMode mode);

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_TIMELINE_H_
