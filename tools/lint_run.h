// One lint run from options to findings: discover, compare with history, run the rules, apply suppressions, per-path ignores
// and the baseline, sort. Reads files and asks git; writes nothing.
#ifndef PAWL_TOOLS_LINT_RUN_H_
#define PAWL_TOOLS_LINT_RUN_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/finding/finding.h"
#include "analyzer/finding/suppression.h"
#include "migrations/history/compare.h"
#include "migrations/set/discover.h"
#include "report/report.h"
#include "rules/engine/engine.h"
#include "tools/config.h"

namespace pawl {

struct LintRequest {
  DiscoverOptions discover;
  std::optional<std::string> stdin_text;     // with discover.paths = {"-"}
  std::string stdin_filename;                // "" = stdin.sql
  std::vector<std::string> select, ignore, extend_select;
  bool has_select = false;
  std::vector<int> server_versions;          // PostgreSQL majors; empty = not configured
  std::vector<std::string> neo4j_versions;   // likewise
  std::string edition;                       // of Neo4j: "community", "enterprise", "aura" or ""
  std::string since;                         // git revision; "" = none
  std::string baseline;                      // file; "" = none
  std::string schema;                        // file with what every history begins with; "" = what pawl.toml says of the set
  std::string statistics;                    // file of `pawl schema dump --statistics`; "" = none
  std::optional<Severity> fail_on;           // else what pawl.toml says, else warnings
  int jobs = 1;
  Date today;
  bool fingerprints = false;                 // the report needs them
};

struct LintResult {
  Discovered discovered;                     // owns the files that findings point into
  std::vector<std::unique_ptr<HistoryComparison>> histories;
  std::vector<Finding> findings;             // sorted by file, place and rule; suppressed ones included
  std::vector<ToolProblem> problems;
  std::vector<std::string_view> files;       // sorted
  std::vector<std::string> stale_baseline;   // entries of the baseline that no longer occur, as messages
  LintSummary summary;
  std::vector<int> versions;                 // PostgreSQL majors that were judged one by one; empty: not more than one was asked for
  uint32_t of_small_tables = 0;              // findings left out because --statistics knows their tables to be small
  Severity fail_on = Severity::kWarning;
  std::map<const SourceFile*, Severity> fail_on_of;  // of files for which it is another one

  // Whether the run fails for it.
  bool Fails(const Finding& f) const;
};

// Each set is judged as the configuration of its folder says. An error is a wrong request (unknown rule, no git, unreadable
// baseline) or configuration; files that cannot be read are problems in the result.
absl::StatusOr<LintResult> RunLint(const LintRequest& request, Configs& configs);

}  // namespace pawl

#endif  // PAWL_TOOLS_LINT_RUN_H_
