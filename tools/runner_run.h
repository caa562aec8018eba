// What apply, rollback, plan and validate share: from a set's state to a plan that may run, and why it may not.
#ifndef PAWL_TOOLS_RUNNER_RUN_H_
#define PAWL_TOOLS_RUNNER_RUN_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analyzer/finding/finding.h"
#include "migrations/run/guards.h"
#include "migrations/run/plan_json.h"
#include "tools/runner.h"

namespace pawl {

struct Prepared {
  std::unique_ptr<KnownState> known;
  std::vector<const MigrationState*> chosen;   // what will run, in that order
  Plan plan;
  std::vector<Finding> findings;               // of lint, for ups
  std::vector<std::string> refusals;           // reasons not to run, each with what to do; empty: it may run
  std::vector<std::string> warnings;
};

// Reads the state, chooses, lints and plans. Changes nothing. kInvalidArgument for a wrong request (an unknown version).
absl::StatusOr<std::unique_ptr<Prepared>> Prepare(RunnerSet& set, RunnerSession& session, const RunnerOptions& options, Direction direction, bool effects);

// For GuardConfig::units_done. What an interrupted run has committed is there already; of its lone statement nobody knows before the run has
// looked.
std::vector<int> UnitsDone(const Prepared& prepared);

// One set, applied or rolled back as the commands do it, from connecting to the audit record. `file`: its approved plan, if there is one.
struct SetRun {
  int code = 0;                                // ExitCode
  RunReport report;
};
SetRun RunSet(const RunnerOptions& options, Direction direction, std::optional<PlanFile> file = std::nullopt);

absl::StatusOr<PlanFile> ReadPlanFile(const std::string& path);
bool IsPlanFile(const std::string& name);

// All sets of pawl.toml as one release (release_command.cc).
int PlanRelease(const RunnerOptions& options);
int ApplyRelease(const RunnerOptions& options);

// Sizes of the tables that the plan locks, as the server estimates them.
std::vector<TableSize> SizesOf(Database& database, const Plan& plan);

// Migrations, parts, locks and estimates, for a person.
std::string PlanText(const Plan& plan, const std::vector<TableSize>& sizes, bool verbose);

// "the checksum of 0003 (x) was changed in the database by hand ...": of a migration whose MigrationState::overridden is set.
std::string Overridden(const MigrationState& m);

// The SQL (or Cypher, as cypher-shell takes it) as it would run, transactions and records included, in a form that psql takes.
std::string PlanSql(const Plan& plan);

// Findings as the lint report shows them, on standard error. Notes only with `notes`: whoever applies has read them in review.
void ShowFindings(const std::vector<Finding>& findings, bool notes);

GuardConfig GuardsOf(const RunnerSet& set);

// Distinct names that approve this plan: of the plan file (bound to its digest), of --approved-by and MIGRATION_APPROVED_BY, and
// the author, who runs it. Where pawl.toml names allowed-signers, a reviewer counts by a signature alone.
std::vector<std::string> ApprovalsOf(const RunnerOptions& options, const RunnerSet& set, const Environment& environment, const PlanFile* file, std::string_view digest, std::vector<std::string>* problems);

}  // namespace pawl

#endif  // PAWL_TOOLS_RUNNER_RUN_H_
