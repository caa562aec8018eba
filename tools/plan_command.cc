// pawl plan, pawl approve, pawl validate: what would run, who agrees, and whether it may. None of them changes a database.
#include <chrono>
#include <ctime>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "analyzer/source/atomic_write.h"
#include "migrations/run/approval.h"
#include "migrations/run/guards.h"
#include "tools/runner_run.h"

namespace pawl {
namespace {

std::string Utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

void ShowRefusals(const std::vector<std::string>& refusals, const Target& target) {
  for (const std::string& r : refusals) FailWith(0, Redact(target, r));
}

}  // namespace

int PlanCommand(const RunnerOptions& options) {
  if (options.all) return PlanRelease(options);
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(options);
  if (!set.ok()) return FailWith(set.status());
  absl::StatusOr<RunnerSession> session = Connect(**set, "plan");
  if (!session.ok()) return FailWith(session.status());
  absl::StatusOr<std::unique_ptr<Prepared>> prepared = Prepare(**set, *session, options, options.down ? Direction::kDown : Direction::kUp, /*effects=*/true);
  if (!prepared.ok()) return FailWith(prepared.status());
  const Prepared& p = **prepared;
  if (!options.quiet) ShowFindings(p.findings, options.verbose);
  if (!p.refusals.empty()) {
    ShowRefusals(p.refusals, session->target);
    return kExitRefused;
  }
  const std::vector<TableSize> sizes = SizesOf(*session->database, p.plan);
  const nlohmann::ordered_json json = PlanToJson(p.plan, sizes, kVersion);
  const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (p.chosen.empty()) {
    if (options.json) std::printf("%s", text.c_str());
    else if (!options.quiet) std::printf("nothing to do: %d applied, nothing pending\n", p.known->state.applied);
    return kExitDone;
  }
  const std::string file = options.output.empty() ? "plan.json" : options.output;
  if (options.json) {
    std::printf("%s", text.c_str());
    if (options.output.empty()) return kExitDone;
  }
  if (const absl::Status s = WriteFileAtomically(file, text); !s.ok()) return FailWith(kExitTool, s.message());
  if (!options.json) {
    std::printf("%s%zu %s for %s, written to %s\n%s\n", PlanText(p.plan, sizes, options.verbose).c_str(), p.plan.migrations.size(), p.plan.migrations.size() == 1 ? "migration" : "migrations", p.plan.target.c_str(), file.c_str(),
                p.plan.digest.c_str());
    std::printf("next: `pawl approve %s` by a reviewer, then `pawl apply %s`\n", file.c_str(), file.c_str());
  }
  return kExitDone;
}

int ApproveCommand(const RunnerOptions& options) {
  const std::string file = options.set.empty() ? "plan.json" : options.set;
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return FailWith(kExitTool, absl::StrCat(file, " cannot be read; write it with `pawl plan`"));
  absl::StatusOr<PlanFile> plan = ParsePlan(text.str(), file);
  if (!plan.ok()) return FailWith(plan.status());
  std::vector<std::string> names = options.approved_by;
  if (names.empty()) names.push_back(WhoRuns());
  for (const std::string& name : names) {
    bool there = false;
    for (const Approval& a : plan->approvals) there = there || (a.by == name && a.digest == plan->digest);
    if (there) {
      if (!options.quiet) std::printf("%s has approved this plan already\n", name.c_str());
      continue;
    }
    nlohmann::ordered_json approval = {{"by", name}, {"at", Utc()}, {"digest", plan->digest}, {"host", HostName()}};
    if (!options.sign_key.empty()) {
      const absl::StatusOr<std::string> signature = Sign(plan->digest, options.sign_key);
      if (!signature.ok()) return FailWith(kExitTool, signature.status().message());
      approval["signature"] = *signature;
    }
    plan->whole["approvals"].push_back(std::move(approval));
    if (!options.quiet) std::printf("%s approves %s: %zu %s on %s\n", name.c_str(), plan->digest.c_str(), plan->versions.size(), plan->versions.size() == 1 ? "migration" : "migrations", plan->target.c_str());
  }
  const std::string out = options.output.empty() ? file : options.output;
  if (const absl::Status s = WriteFileAtomically(out, plan->whole.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"); !s.ok()) return FailWith(kExitTool, s.message());
  return kExitDone;
}

int ValidateCommand(const RunnerOptions& options) {
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(options);
  if (!set.ok()) return FailWith(set.status());
  absl::StatusOr<RunnerSession> session = Connect(**set, "validate");
  if (!session.ok()) return FailWith(session.status());
  absl::StatusOr<std::unique_ptr<Prepared>> prepared = Prepare(**set, *session, options, Direction::kUp, /*effects=*/true);
  if (!prepared.ok()) return FailWith(prepared.status());
  Prepared& p = **prepared;
  // Of what is applied, everything counts, also where nothing is pending.
  for (const MigrationState& m : p.known->state.migrations) {
    if (p.chosen.empty() && m.status == MigrationStatus::kApplied && m.edit == EditKind::kMeaning) p.refusals.push_back(absl::StrCat("migration ", m.version, " was edited after it was applied (", m.row->applied_at, ")"));
    if (p.chosen.empty() && m.overridden) p.warnings.push_back(Overridden(m));
    if (p.chosen.empty() && m.status == MigrationStatus::kMissing) p.refusals.push_back(absl::StrCat("migration ", m.version, " was applied (", m.row->applied_at, "), and its file is gone"));
    if (m.status == MigrationStatus::kApplied && (m.edit == EditKind::kComments || m.edit == EditKind::kFormatting)) {
      p.warnings.push_back(absl::StrCat("migration ", m.version, ": only ", m.edit == EditKind::kComments ? "comments" : "formatting", " changed since it was applied"));
    }
  }
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  GuardConfig guards = GuardsOf(**set);
  guards.units_done = UnitsDone(p);
  for (const CheckResult& c : RunPreChecks(*session->database, p.plan, guards)) {
    checks.push_back({{"check", c.check}, {"ok", c.ok}, {"warning", c.warning}, {"detail", c.detail}});
    if (!options.json && (options.verbose || !c.ok)) std::printf("%s %s: %s\n", c.ok ? "ok  " : c.warning ? "warn" : "FAIL", c.check.c_str(), Redact(session->target, c.detail).c_str());
    if (!c.ok && !c.warning) p.refusals.push_back(absl::StrCat("pre-check failed: ", c.check, ": ", c.detail));
  }
  const int code = p.refusals.empty() ? kExitDone : kExitRefused;
  if (options.json) {
    nlohmann::ordered_json j;
    j["component"] = (*set)->component;
    j["ok"] = code == kExitDone;
    j["pending"] = p.chosen.size();
    j["problems"] = p.refusals;
    j["notes"] = p.warnings;
    j["checks"] = std::move(checks);
    j["findings"] = p.findings.size();
    std::printf("%s\n", j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return code;
  }
  if (!options.quiet) ShowFindings(p.findings, options.verbose);
  for (const std::string& w : p.warnings) std::printf("note: %s\n", w.c_str());
  ShowRefusals(p.refusals, session->target);
  if (code == kExitDone && !options.quiet) std::printf("valid: %d applied, %zu pending on %s\n", p.known->state.applied, p.chosen.size(), DescribeTarget(session->target).c_str());
  return code;
}

}  // namespace pawl
