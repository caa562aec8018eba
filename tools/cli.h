// The command line: what was asked for, as data. Names and meaning of options are fixed (other people's scripts use them).
#ifndef PAWL_TOOLS_CLI_H_
#define PAWL_TOOLS_CLI_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/finding/finding.h"
#include "migrations/set/migration_set.h"
#include "report/report.h"
#include "tools/runner_options.h"

namespace pawl {

inline constexpr char kVersion[] = "0.1.0";

enum class Verb { kLint, kFix, kLocks, kRules, kExplain, kStatus, kValidate, kPlan, kApprove, kApply, kRollback, kRepair, kBaseline, kHistory, kNew, kAnnounce, kSchema, kVersion, kHelp };
enum class ColorMode { kAuto, kAlways, kNever };

struct CommandLine {
  Verb verb = Verb::kHelp;
  std::vector<std::string> paths;            // lint, fix, locks
  std::string rule;                          // explain
  std::optional<Format> format;
  std::string output;
  bool exit_zero = false;
  std::optional<Severity> fail_on;
  std::optional<std::vector<std::string>> select;
  std::vector<std::string> ignore, extend_select;
  std::optional<Engine> engine;
  std::vector<int> server_versions;          // PostgreSQL majors
  std::vector<std::string> neo4j_versions;   // "4.4", "5.26", "2025.06", or the language "25"
  std::string edition;                       // of Neo4j: "community", "enterprise", "aura" or ""
  std::optional<Layout> layout;
  std::optional<TransactionMode> transaction;
  std::string since;
  std::string database;                      // lint: compare with what this database says was applied; a set's name or a URL
  std::string baseline, write_baseline;
  std::string statistics;                    // lint: file with table sizes
  std::string schema;                        // lint, locks: file with what the history begins with
  bool fix = false, unsafe_fixes = false, diff = false;
  std::optional<std::string> add_ignores;    // the reason
  std::string stdin_filename;
  int jobs = 0;                              // 0: as many as there are processors
  ColorMode color = ColorMode::kAuto;
  bool quiet = false, verbose = false;
  bool write_sums = false;
  std::string config;                        // pawl.toml to use instead of the nearest one
  bool isolated = false;                     // use none
  RunnerOptions runner;                      // of the runner's commands
  std::string text;                          // kHelp, kVersion: what to print
};

// An error is a usage error; its message is complete and names the option and what to write instead.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);

}  // namespace pawl

#endif  // PAWL_TOOLS_CLI_H_
