// What the runner's commands share: which set, which database, what state they are in, and how it is told.
#ifndef PAWL_TOOLS_RUNNER_H_
#define PAWL_TOOLS_RUNNER_H_

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "migrations/database/database.h"
#include "migrations/database/target.h"
#include "migrations/run/apply.h"
#include "migrations/run/plan.h"
#include "migrations/run/state.h"
#include "migrations/set/discover.h"
#include "tools/cli.h"
#include "tools/config.h"

namespace pawl {

// docs/runner.md, "Exit codes"; final (cli.md).
enum ExitCode { kExitDone = 0, kExitRefused = 1, kExitTool = 2, kExitFailed = 3, kExitUnreachable = 4, kExitLocked = 5 };

// One set with its configuration, as the command line and pawl.toml name it.
struct RunnerSet {
  Config config;
  const SetConfig* configured = nullptr;   // null: a path of its own
  Discovered discovered;                   // owns the files
  MigrationSet* set = nullptr;
  std::string component;
  std::string environment;                 // "development" unless said otherwise
  TargetRequest target;
  std::vector<std::string> problems;       // files that cannot be read
};

// kInvalidArgument: what is wrong with the command line or configuration, for exit code 2.
absl::StatusOr<std::unique_ptr<RunnerSet>> FindRunnerSet(const RunnerOptions& options);

struct RunnerSession {
  Target target;
  std::unique_ptr<Database> database;
};
absl::StatusOr<RunnerSession> Connect(const RunnerSet& set, std::string_view command);

// Reads the history and compares; loads applied texts only if some file was edited.
struct KnownState {
  HistorySnapshot history;
  SetState state;
};
absl::StatusOr<std::unique_ptr<KnownState>> ReadState(const RunnerSet& set, Database& database);

PlanSettings SettingsOf(const RunnerSet& set, const RunnerOptions& options);

// Prints "pawl: ..." on standard error and gives the exit code that fits the status.
int FailWith(const absl::Status& status);
int FailWith(int code, std::string_view message);

// Who runs this: PAWL_USER, CI's actor, git's author or the log-in name; with the host.
std::string WhoRuns();
std::string HostName();

// Events to NDJSON (--log) and to the terminal. `terminal`: progress in place, else a plain line now and then.
class EventPrinter {
 public:
  EventPrinter(const RunnerOptions& options, const Target* target);
  ~EventPrinter();
  void operator()(const RunEvent& event);
  absl::Status status() const { return status_; }
  std::vector<RunEvent> take() { return std::move(events_); }

 private:
  void Human(const RunEvent& e);
  const RunnerOptions& options_;
  const Target* target_;
  std::FILE* log_ = nullptr;
  bool log_broken_ = false;
  bool close_ = false, terminal_ = false, progress_shown_ = false;
  double last_plain_ = -100;
  std::vector<RunEvent> events_;
  absl::Status status_;
};

int StatusCommand(const RunnerOptions& options);
int ValidateCommand(const RunnerOptions& options);
int PlanCommand(const RunnerOptions& options);
int ApproveCommand(const RunnerOptions& options);
int ApplyCommand(const RunnerOptions& options);
int RollbackCommand(const RunnerOptions& options);
int RepairCommand(const RunnerOptions& options);
int BaselineCommand(const RunnerOptions& options);
int HistoryCommand(const RunnerOptions& options);
int NewCommand(const RunnerOptions& options);
int AnnounceCommand(const RunnerOptions& options);

}  // namespace pawl

#endif  // PAWL_TOOLS_RUNNER_H_
