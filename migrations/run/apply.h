// Runs a plan: exactly its statements, in its transactions, each recorded with its effect. After any fault, a kill included, the
// database's own record tells what was done, and the next run goes on from there.
#ifndef PAWL_MIGRATIONS_RUN_APPLY_H_
#define PAWL_MIGRATIONS_RUN_APPLY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "migrations/database/database.h"
#include "migrations/run/plan.h"
#include "migrations/run/record.h"

namespace pawl {

// One thing that happened, as it goes into the log: {"event": "migration_start", "version": "0003", ...}. Names: docs/runner.md.
using RunEvent = nlohmann::ordered_json;
using RunListener = std::function<void(const RunEvent&)>;

struct RunOptions {
  std::vector<std::string> approvals;
  std::string backup_id;
  std::string run_by, host, pawl_version;
  int64_t yield_after_ms = 0;      // others wait for us longer than this: cancel, and try again later; 0: never
  bool cancel_at_window = false;   // the window cancels the running migration too, not only the next one
  RunListener listener;            // may be null
  const std::atomic<bool>* stop = nullptr;  // set by a signal: cancel what runs and end
};

enum class RunOutcome : uint8_t {
  kDone,
  kRefused,   // nothing was changed
  kFailed,    // a migration failed, or the run was stopped between two
  kLost,      // the connection went away
};

struct RunReport {
  RunOutcome outcome = RunOutcome::kDone;
  int done = 0;               // migrations completed in this run
  std::string message;        // for an operator: what happened, what stands, what to do next; "" when all went well
  std::string failed_version, failed_file, error, sqlstate;
  uint32_t failed_line = 0;
  double seconds = 0;
};

// Runs the plan's migrations in order until one fails. The caller holds the run lock and has checked that the plan still fits the
// database. `state`: for each migration of the plan its state (an interrupted one goes on where it stopped).
RunReport RunPlan(Database& database, const Plan& plan, const std::vector<const MigrationState*>& state, const RunOptions& options);

// Runs each transactional migration and rolls it back; what cannot be rolled back is left out and said. Nothing is recorded.
RunReport RehearsePlan(Database& database, const Plan& plan, const RunOptions& options);

// Waits for the run lock up to `wait_ms`, asking now and then; then for a session that an earlier, killed run left behind.
// kResourceExhausted: still held; the message says by whom.
absl::Status TakeRunLock(Database& database, int64_t wait_ms, const RunListener& listener);

// Cumulative hashes of a migration's units: [k] is of the first k. With them a changed file is known to begin as it did.
std::vector<std::string> UnitHashes(const PlanMigration& m);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_APPLY_H_
