// What stays of a run: the audit record and the trace. Neither changes how the run ended.
#ifndef PAWL_TOOLS_RUNNER_EVIDENCE_H_
#define PAWL_TOOLS_RUNNER_EVIDENCE_H_

#include <string>
#include <vector>

#include "migrations/run/backup.h"
#include "migrations/run/guards.h"
#include "tools/runner_run.h"

namespace pawl {

struct RunEvidence {
  const PlanFile* file = nullptr;          // the approved plan, if one was given
  std::vector<std::string> approvals;
  Backup backup;
  std::vector<CheckResult> before, after;
  RowCounts rows_before, rows_after;
  std::string started_at;                  // ISO 8601, UTC
  RunReport report;
  int exit_code = 0;
};

// Writes the audit record where pawl.toml says (audit-dir), and sends the trace where the environment says. What fails is said in
// one line on standard error.
void KeepEvidence(const RunnerSet& set, RunnerSession& session, const RunnerOptions& options, const Prepared& prepared, const std::vector<RunEvent>& events, const RunEvidence& evidence);

// "2026-11-21T15:31:10.123Z"
std::string UtcNow();

}  // namespace pawl

#endif  // PAWL_TOOLS_RUNNER_EVIDENCE_H_
