// What lint says of the migrations that are about to run, as the server at hand and pawl's own way of running them make it.
#ifndef PAWL_TOOLS_RUNNER_LINT_H_
#define PAWL_TOOLS_RUNNER_LINT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/finding/finding.h"
#include "tools/runner.h"

namespace pawl {

// Findings of the ups that `planned` has, suppressed ones and those of `allow` left out.
absl::StatusOr<std::vector<Finding>> LintPending(RunnerSet& set, const std::vector<PlanMigration>& planned, const ServerInfo& server, const std::vector<std::string>& allow);

}  // namespace pawl

#endif  // PAWL_TOOLS_RUNNER_LINT_H_
