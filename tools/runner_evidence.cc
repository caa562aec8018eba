#include "tools/runner_evidence.h"

#include <chrono>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "migrations/run/audit.h"
#include "migrations/run/telemetry.h"

namespace pawl {

std::string UtcNow() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc;
  gmtime_r(&seconds, &utc);
  const int ms = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000);
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms);
}

void KeepEvidence(const RunnerSet& set, RunnerSession& session, const RunnerOptions& options, const Prepared& prepared, const std::vector<RunEvent>& events, const RunEvidence& evidence) {
  const ServerInfo& server = session.database->server();
  const Plan& plan = prepared.plan;
  const bool up = plan.direction == Direction::kUp;
  const std::string finished_at = UtcNow();

  if (!set.config.apply.audit_folder.empty()) {
    AuditRecord r;
    r.plan = PlanToJson(plan, SizesOf(*session.database, plan), kVersion);
    r.component = set.component;
    r.environment = set.environment;
    r.target = plan.target;
    r.direction = up ? "up" : "down";
    r.plan_digest = plan.digest;
    r.command = up ? "apply" : "rollback";
    r.run_by = WhoRuns();
    r.host = HostName();
    r.pawl_version = kVersion;
    r.server = absl::StrCat(server.product, " ", server.version);
    r.started_at = evidence.started_at;
    r.finished_at = finished_at;
    r.approved_by = evidence.approvals;
    if (evidence.file != nullptr) r.approvals = evidence.file->approvals;
    r.backup = evidence.backup;
    r.reason = options.reason;
    r.allowed = options.allow;
    r.before = evidence.before;
    r.after = evidence.after;
    r.rows_before = evidence.rows_before;
    r.rows_after = evidence.rows_after;
    r.events = events;
    r.report = evidence.report;
    r.exit_code = evidence.exit_code;
    r.what_next = NextSteps(plan, evidence.after, evidence.backup.id);
    const absl::StatusOr<AuditFiles> written = WriteAudit(set.config.apply.audit_folder, AuditToJson(r, session.target));
    if (!written.ok()) FailWith(0, absl::StrCat("what was done is recorded in the database (`pawl history --json`), but the audit record was not written: ", written.status().message(), ". Another run does not write it"));
    else if (!options.quiet && !options.json) FailWith(0, absl::StrCat("audit: ", written->json, " (sha256 ", written->sha256.substr(0, 16), "…), ", written->html));
  }

  const TelemetrySettings telemetry = TelemetrySettingsOf(session.target.environment, set.config.telemetry.otlp_endpoint_env, set.config.telemetry.headers_env, set.config.telemetry.service_name);
  if (telemetry.endpoint.empty()) return;
  TelemetryRun t;
  t.command = up ? "apply" : "rollback";
  t.component = set.component;
  t.direction = up ? "up" : "down";
  t.environment = set.environment;
  t.pawl_version = kVersion;
  t.host = HostName();
  t.run_by = WhoRuns();
  t.db_name = server.database;
  t.server_version = server.version;
  t.plan_digest = plan.digest;
  t.dry_run = options.dry_run;
  t.ok = evidence.exit_code == kExitDone;
  t.message = Redact(session.target, evidence.report.message);
  t.started_at = evidence.started_at;
  t.finished_at = finished_at;
  t.events = events;
  if (const absl::Status sent = SendTraces(t, telemetry); !sent.ok()) FailWith(0, absl::StrCat("the trace was not sent: ", sent.message()));
}

}  // namespace pawl
