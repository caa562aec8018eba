// The options of the runner's commands: status, validate, plan, approve, apply, rollback, repair, baseline, history, new, announce.
#ifndef PAWL_TOOLS_RUNNER_OPTIONS_H_
#define PAWL_TOOLS_RUNNER_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "migrations/set/migration_set.h"

namespace CLI {
class App;
}

namespace pawl {

struct RunnerOptions {
  std::string set;                 // SET, PATH or PLAN; "" = the one set of pawl.toml, else the current folder
  std::string component;           // --component: another spelling of SET
  std::string url, url_env, env_file, environment;
  bool dry_run = false, rollback_test = false, yes = false, verbose = false, json = false, quiet = false;
  std::string to, version, log, output;
  std::vector<std::string> exactly;   // of a plan.json: these and no others, in this order
  std::optional<int> steps;
  std::optional<int64_t> lock_timeout_ms, statement_timeout_ms, window_ms, wait_ms, yield_after_ms, slower_than_ms;
  std::optional<int> retries;
  bool cancel_at_window = false;
  std::string backup_id;
  bool backup = false;
  std::vector<std::string> approved_by;
  std::string sign_key;
  std::vector<std::string> allow;
  std::string reason;
  bool accept_data_loss = false;
  bool down = false;               // plan --down
  bool retry = false, mark_applied = false, mark_rolled_back = false, cancel = false;  // repair
  std::string from;                // baseline --from TOOL
  bool failed = false;             // history --failed
  bool verify_audit = false;       // history --verify-audit
  int limit = 20;
  std::string message;             // announce: which of the four
  std::string when, contact, channel;  // announce: what a plan does not tell
  bool schema_dump = false;        // schema dump, not check
  bool statistics = false;         // schema dump --statistics
  std::string database;            // schema: a set's name or a URL
  std::string with;                // schema check: instead of a database
  std::string schema;              // schema: what the history begins with
  std::string config;
  bool isolated = false, all = false;
  std::optional<Layout> layout;
};

// Adds those of them that the command `verb` has. `raw` text is kept in `options` by callbacks; errors of values are CLI11's.
void AddRunnerOptions(CLI::App& app, const std::string& verb, RunnerOptions& options);

// The same for `pawl schema`, which has commands of its own; one of them must be given.
void AddSchemaOptions(CLI::App& app, RunnerOptions& options);

// "3s", "500ms", "10m", "1h", "0"; bare numbers are seconds.
std::optional<int64_t> ParseMilliseconds(std::string_view text);

}  // namespace pawl

#endif  // PAWL_TOOLS_RUNNER_OPTIONS_H_
