// What is applied, pending, failed, edited, missing: a set's files beside what the database remembers of them. Pure.
#ifndef PAWL_MIGRATIONS_RUN_STATE_H_
#define PAWL_MIGRATIONS_RUN_STATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/history/edit.h"
#include "migrations/run/record.h"
#include "migrations/set/migration_set.h"

namespace pawl {

enum class MigrationStatus : uint8_t {
  kApplied,
  kPending,
  kOutOfOrder,   // pending, although a later one is applied
  kFailed,       // its last attempt failed; nothing of it is left, so it is pending with a past
  kInterrupted,  // its last attempt stopped half-way, and some of its parts are committed
  kRunning,      // a session is at it now
  kMissing,      // applied, and no file any more
};
std::string_view ToString(MigrationStatus s);

struct MigrationState {
  MigrationStatus status = MigrationStatus::kPending;
  std::string version, name;
  const Migration* migration = nullptr;  // null: kMissing
  const AppliedRow* row = nullptr;       // null: not applied
  const Attempt* attempt = nullptr;      // the open one, if any
  EditKind edit = EditKind::kSame;       // of the file since it was applied
  bool overridden = false;               // somebody changed the checksum in the database by hand
  bool changed_repeatable = false;       // a repeatable script that is to run again
};

struct SetState {
  std::vector<MigrationState> migrations;  // in the order of the set; missing ones where their version would stand
  int applied = 0, pending = 0, out_of_order = 0, failed = 0, interrupted = 0, running = 0, missing = 0, edited = 0;

  // Everything is as it should be, but for what is pending.
  bool consistent() const { return out_of_order + failed + interrupted + running + missing + edited == 0; }
};

// SHA-256 of a script's bytes with line ends as LF, so that a checkout that converts them changes nothing.
std::string ScriptChecksum(const ScriptRef& script);
// The bytes that the checksum is of.
std::string_view ScriptText(const ScriptRef& script);

SetState CompareWithHistory(const MigrationSet& set, std::string_view component, const HistorySnapshot& history);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_STATE_H_
