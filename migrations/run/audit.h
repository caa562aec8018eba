// The evidence of a run: one JSON file and one page to read, with the plan, who approved it, the backup, every check and its answer,
// every event and its time. Each JSON file holds the SHA-256 of the one before it in the folder, so that one that was changed or
// taken away is noticed.
#ifndef PAWL_MIGRATIONS_RUN_AUDIT_H_
#define PAWL_MIGRATIONS_RUN_AUDIT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "migrations/database/target.h"
#include "migrations/run/apply.h"
#include "migrations/run/backup.h"
#include "migrations/run/guards.h"
#include "migrations/run/plan_json.h"

namespace pawl {

struct AuditRecord {
  nlohmann::ordered_json plan;             // PlanToJson
  std::string component, environment, target, direction;  // target: as DescribeTarget says; direction: "up" or "down"
  std::string plan_digest;
  std::string command;                     // "apply", "rollback"
  std::string run_by, host, pawl_version;
  std::string server;                      // "PostgreSQL 16.4"
  std::string started_at, finished_at;     // ISO 8601, UTC
  bool dry_run = false;
  std::vector<std::string> approved_by;    // the names that counted
  std::vector<Approval> approvals;         // those with a signature or a time, as the plan file has them
  Backup backup;                           // id "" if there was none
  std::string reason;                      // of --allow
  std::vector<std::string> allowed;        // rules
  std::vector<CheckResult> before, after;
  RowCounts rows_before, rows_after;
  std::vector<RunEvent> events;
  RunReport report;
  int exit_code = 0;
  std::vector<std::string> what_next;      // NextSteps
};

// {"version": 1, "kind": "pawl-audit", ...}; docs/runner.md has the fields. Nothing secret of the target is in it.
nlohmann::ordered_json AuditToJson(const AuditRecord& record, const Target& target);

// A page that needs no scripts, no fonts and no network; light and dark. Everything in it is escaped.
std::string AuditToHtml(const nlohmann::ordered_json& audit);

struct AuditFiles {
  std::string json, html;      // paths
  std::string sha256;          // of the JSON file: what the next one will hold
};

// Adds `sequence` and `previous` to `audit` and writes audit-YYYYMMDDTHHMMSSZ-COMPONENT-DIGEST.{json,html} into the folder, which is
// made if need be. Two runs at once wait for each other. kFailedPrecondition: the folder cannot be written.
absl::StatusOr<AuditFiles> WriteAudit(const std::string& folder, nlohmann::ordered_json audit);

struct AuditChain {
  int records = 0;
  std::vector<std::string> problems;  // "audit-....json was changed after it was written", "between ... and ... 1 missing"
  std::string newest, newest_sha256;  // file and hash; "" if there is none
};
// Whether every record of the folder is as it was written and none is missing between two. (That the newest was taken away cannot
// be seen from the folder; the output of the run has its SHA-256.) `version`: pawl's own; the pages that it wrote are compared too.
absl::StatusOr<AuditChain> VerifyAuditChain(const std::string& folder, std::string_view version = "");

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_AUDIT_H_
