// One run of a plan, for apply.cc, run_events.cc and rehearse.cc alone.
#ifndef PAWL_MIGRATIONS_RUN_RUNNER_INTERNAL_H_
#define PAWL_MIGRATIONS_RUN_RUNNER_INTERNAL_H_

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "migrations/run/apply.h"
#include "migrations/run/statement_text.h"

namespace pawl {

using RunClock = std::chrono::steady_clock;
inline double Since(RunClock::time_point t) { return std::chrono::duration<double>(RunClock::now() - t).count(); }

class Runner {
 public:
  Runner(Database& database, const Plan& plan, const RunOptions& options) : db_(database), plan_(plan), options_(options) {
    settings_.lock_timeout_ms = plan.settings.lock_timeout_ms;
    settings_.statement_timeout_ms = plan.settings.statement_timeout_ms;
    db_.set_tick([this] { Tick(); });
  }
  ~Runner() { db_.set_tick(nullptr); }

  RunReport Run(const std::vector<const MigrationState*>& state);

  RunReport Rehearse();

 private:
  RunEvent Event(const char* name) const;
  void Send(RunEvent e) const;

  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  bool WindowIsOver() const { return plan_.settings.window_ms > 0 && Since(begin_) * 1000 > static_cast<double>(plan_.settings.window_ms); }
  bool MayGoOn(size_t next);

  // Seen while a statement runs: who is in whose way, how far it is, and whether it has to end.
  void Tick();

  // Again and again until it ends: between two statements there is nothing that a cancellation could hit.
  void Cancel(const char* why);

  AppliedRow Applied(const PlanMigration& m) const;

  Attempt AttemptOf(const PlanMigration& m, AttemptStatus status) const;

  bool RunMigration(const PlanMigration& m, const MigrationState* state);

  static std::string_view Again() { return ". Run the same command again: it goes on from what the database has recorded"; }

  // An earlier run was stopped in the middle: its committed parts stay, the one that was running is looked at.
  bool Resume(const PlanMigration& m, const Attempt& attempt, size_t* first);

  // The lone statement of `unit` may have had its effect without its record.
  bool RecordDone(const PlanMigration& m, size_t done, const Attempt& attempt, size_t* next);
  bool Settle(const PlanMigration& m, const PlanUnit& unit, size_t index, const Attempt& attempt, size_t* next);

  // Takes away what a lone statement that came to nothing has left.
  bool Clean(const PlanUnit& unit);

  bool RunUnit(const PlanMigration& m, const PlanUnit& unit, size_t index, const UnitRecord& record, Attempt& attempt, RunClock::time_point begin);

  // together.cc: migrations that are announced and recorded together. How many from here on; 1: this one goes alone.
  size_t CountTogether(size_t from, const std::vector<const MigrationState*>& state) const;
  bool RunTogether(size_t from, size_t count);
  bool RunAnnounced(const PlanMigration& m, Attempt* attempt);
  // Writes down what has run. False: it could not, and stays in ran_.
  bool RecordRan(DbError* error);
  std::string NotRecorded() const;

  void Fail(const PlanMigration& m, const PlanUnit& unit, const UnitOutcome& out, const std::string& stands);

  bool Stop(RunOutcome outcome, std::string message);

  Database& db_;
  const Plan& plan_;
  const RunOptions& options_;
  SessionSettings settings_;
  RunReport report_;
  RunClock::time_point begin_ = RunClock::now(), unit_begin_ = begin_, looked_ = begin_;
  const PlanMigration* now_ = nullptr;
  const PlanUnit* unit_ = nullptr;
  struct Ran {                     // done, and not recorded yet
    const PlanMigration* migration;
    int64_t attempt, duration_ms;
    std::vector<std::string> notices;
  };
  std::vector<Ran> ran_;
  size_t together_ = 2;            // migrations that are announced at once: more while they are quick
  RunClock::time_point canceled_at_;  // when the running unit was last told to end
  double clean_for_ = 0;           // seconds that cleaning up after a failure may take; 0: nothing is cleaned up
  bool yielded_ = false;
  std::string why_canceled_;       // not by ourselves to let others pass
};

// The schema alone tells whether it had its effect.
bool IsSchemaCommand(const PlanUnit& unit);
// Units `from` to `to`, both included, are schema commands, and none hides from the schema what became of another.
bool MayBeInDoubtTogether(const PlanMigration& m, size_t from, size_t to);
inline constexpr double kTogetherSeconds = 1;

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_RUNNER_INTERNAL_H_
