// pawl apply, pawl rollback.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "migrations/run/guards.h"
#include "tools/runner_evidence.h"
#include "tools/runner_run.h"

namespace pawl {
namespace {

std::atomic<bool> g_stop{false};

void OnSignal(int) { g_stop.store(true); }

int RunReportJson(const RunReport& report, const Plan& plan, int code) {
  nlohmann::ordered_json j;
  j["component"] = plan.component;
  j["direction"] = plan.direction == Direction::kUp ? "up" : "down";
  j["plan_digest"] = plan.digest;
  j["outcome"] = code == kExitDone ? "done" : code == kExitRefused ? "refused" : code == kExitLocked ? "locked" : code == kExitUnreachable ? "unreachable" : "failed";
  j["done"] = report.done;
  j["planned"] = plan.migrations.size();
  j["seconds"] = report.seconds;
  j["message"] = report.message;
  if (!report.failed_version.empty()) j["failed"] = {{"version", report.failed_version}, {"file", report.failed_file}, {"line", report.failed_line}, {"error", report.error}, {"sqlstate", report.sqlstate}};
  std::printf("%s\n", j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  return code;
}

// The same plan as before, for one that was shown or approved.
bool SameChoice(const Prepared& a, const Prepared& b) { return a.plan.digest == b.plan.digest && a.chosen.size() == b.chosen.size(); }

class Run {
 public:
  Run(const RunnerOptions& given, Direction direction, std::optional<PlanFile> file) : options_(given), direction_(direction), file_(std::move(file)) {}

  const RunReport& report() const { return report_; }

  int Execute() {
    if (!file_ && direction_ == Direction::kUp && IsPlanFile(options_.set)) {
      absl::StatusOr<PlanFile> file = ReadPlanFile(options_.set);
      if (!file.ok()) return FailWith(file.status());
      file_ = *std::move(file);
    }
    if (file_) {
      direction_ = file_->direction;
      options_.set = file_->component.empty() ? file_->root : file_->component;
      options_.component.clear();
      if (options_.steps || !options_.to.empty() || !options_.version.empty()) {
        return FailWith(kExitTool, "a plan says what runs: leave --to, --steps and --version away, or make another plan");
      }
      // What was approved is what runs: other settings are another plan.
      auto settle = [&](std::optional<int64_t>* given, int64_t planned, const char* name) {
        if (*given && **given != planned) other_settings_.push_back(absl::StrCat(name, " is ", **given, " here and ", planned, " in the plan"));
        *given = planned;
      };
      settle(&options_.lock_timeout_ms, file_->settings.lock_timeout_ms, "lock-timeout (ms)");
      settle(&options_.statement_timeout_ms, file_->settings.statement_timeout_ms, "statement-timeout (ms)");
      settle(&options_.window_ms, file_->settings.window_ms, "window (ms)");
      if (options_.retries && *options_.retries != file_->settings.retries) other_settings_.push_back(absl::StrCat("retries is ", *options_.retries, " here and ", file_->settings.retries, " in the plan"));
      options_.retries = file_->settings.retries;
      options_.exactly = file_->versions;
    }
    absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(options_);
    if (!set.ok()) return FailWith(set.status());
    set_ = *std::move(set);
    absl::StatusOr<RunnerSession> session = Connect(*set_, direction_ == Direction::kUp ? "apply" : "rollback");
    if (!session.ok()) return FailWith(session.status());
    session_ = *std::move(session);
    EventPrinter printer(options_, &session_.target);
    if (!printer.status().ok()) return FailWith(printer.status());
    printer_ = &printer;
    return Go();
  }

 private:
  int Say(int code, std::string message) {
    message = Redact(session_.target, message);
    report_.message = message;
    if (options_.json) {
      RunReport r;
      r.message = message;
      static const Plan kNone;
      RunReportJson(r, prepared_ == nullptr ? kNone : prepared_->plan, code);
    }
    return FailWith(code, message);
  }

  int Refuse() {
    std::string text = prepared_->refusals.size() == 1 ? "refused, nothing was changed: " : absl::StrCat("refused, nothing was changed, for ", prepared_->refusals.size(), " reasons:\n  ");
    absl::StrAppend(&text, absl::StrJoin(prepared_->refusals, "\n  "));
    return Say(kExitRefused, text);
  }

  int Go() {
    const bool locks_first = options_.yes && !options_.dry_run;
    // Nothing to do is the commonest answer and needs no lock.
    absl::StatusOr<std::unique_ptr<KnownState>> known = ReadState(*set_, *session_.database);
    if (!known.ok()) return FailWith(known.status());
    const SetState& s = (*known)->state;
    if (direction_ == Direction::kUp && s.pending + s.failed + s.interrupted + s.out_of_order + s.running == 0) return NothingToDo(**known);
    if (locks_first) {
      if (const absl::Status locked = TakeLock(); !locked.ok()) return Say(locked.code() == absl::StatusCode::kResourceExhausted ? kExitLocked : kExitUnreachable, std::string(locked.message()));
    }
    if (const int code = Build(); code >= 0) return code;
    if (prepared_->chosen.empty() && prepared_->refusals.empty()) return NothingToDo(*prepared_->known);
    if (file_) CheckFile();
    CheckLoss();
    CheckApprovals();
    CheckAuditFolder();
    RunChecks();
    if (!options_.quiet && !options_.json) ShowFindings(prepared_->findings, options_.verbose);
    for (const std::string& w : prepared_->warnings) FailWith(0, absl::StrCat("note: ", w));
    if (options_.dry_run) return DryRun();
    if (!prepared_->refusals.empty()) return Refuse();
    if (!options_.yes) {
      if (const int code = Ask(); code >= 0) return code;
      if (const absl::Status locked = TakeLock(); !locked.ok()) return Say(locked.code() == absl::StatusCode::kResourceExhausted ? kExitLocked : kExitUnreachable, std::string(locked.message()));
      std::unique_ptr<Prepared> shown = std::move(prepared_);
      if (const int code = Build(); code >= 0) return code;
      if (!SameChoice(*shown, *prepared_)) return Say(kExitRefused, "refused, nothing was changed: while you were asked, files or the database changed, and the plan is no longer the one that you saw. Look at it again");
    }
    return RunIt();
  }

  int NothingToDo(const KnownState& known) {
    const SetState& s = known.state;
    std::string text = absl::StrCat("nothing to do: ", s.applied, s.applied == 1 ? " migration is" : " migrations are", " applied");
    if (s.edited > 0) absl::StrAppend(&text, "; ", s.edited, " of them edited since: see `pawl status`");
    if (s.missing > 0) absl::StrAppend(&text, "; the files of ", s.missing, " are missing: see `pawl status`");
    report_.message = text;
    if (options_.json) {
      RunReport r;
      r.message = text;
      return RunReportJson(r, Plan(), kExitDone);
    }
    if (!options_.quiet) std::printf("%s\n", text.c_str());
    return kExitDone;
  }

  absl::Status TakeLock() {
    return TakeRunLock(*session_.database, options_.wait_ms.value_or(60'000), [this](const RunEvent& e) { (*printer_)(e); });
  }

  // -1: go on.
  int Build() {
    const bool effects = !options_.yes || direction_ == Direction::kDown || options_.dry_run || options_.verbose || set_->environment == "production";
    absl::StatusOr<std::unique_ptr<Prepared>> p = Prepare(*set_, session_, options_, direction_, effects);
    if (!p.ok()) return FailWith(p.status());
    prepared_ = *std::move(p);
    return -1;
  }

  void CheckFile() {
    for (const std::string& s : other_settings_) prepared_->refusals.push_back(absl::StrCat("the plan was made with other settings: ", s, ". Leave it away, or make the plan anew with `pawl plan` and have it approved again"));
    // A file that came since and belongs before the plan's last would be left behind, out of order.
    if (direction_ == Direction::kUp && !file_->versions.empty()) {
      std::vector<std::string> between;
      for (const MigrationState& m : prepared_->known->state.migrations) {
        if (m.migration == nullptr || m.migration->repeatable) continue;
        if (m.version == file_->versions.back()) break;
        const auto in = [&](const std::vector<std::string>& list) { return std::find(list.begin(), list.end(), m.version) != list.end(); };
        if (m.row == nullptr && !in(file_->versions) && !in(file_->left)) between.push_back(m.version);
      }
      if (!between.empty()) {
        prepared_->refusals.push_back(absl::StrCat(absl::StrJoin(between, ", "), between.size() == 1 ? " came" : " came", " since the plan was made and belongs before its last migration: make the plan anew with `pawl plan` and have it approved again"));
      }
    }
    if (prepared_->plan.digest == file_->digest) return;
    std::string why = "its files, its order, its settings or the database are not the ones of the plan";
    std::vector<std::string> now;
    for (const PlanMigration& m : prepared_->plan.migrations) now.push_back(m.Key());
    if (now != file_->versions) why = absl::StrCat("the plan has ", absl::StrJoin(file_->versions, ", "), ", and now ", absl::StrJoin(now, ", "), " would run");
    else if (prepared_->plan.target_identity != file_->target_identity) why = absl::StrCat("the plan is for ", file_->target, ", another database than ", prepared_->plan.target);
    else {
      std::vector<std::string> changed;
      const auto& planned = file_->whole["migrations"];
      for (size_t i = 0; i < now.size() && i < planned.size(); ++i) {
        if (planned[i].value("checksum", "") != prepared_->plan.migrations[i].checksum) changed.push_back(prepared_->plan.migrations[i].file);
      }
      if (!changed.empty()) why = absl::StrCat(absl::StrJoin(changed, ", "), changed.size() == 1 ? " was changed" : " were changed", " since the plan was made");
    }
    prepared_->refusals.push_back(absl::StrCat(why, ": make the plan anew with `pawl plan` and have it approved again"));
  }

  void CheckLoss() {
    if (direction_ != Direction::kDown || options_.accept_data_loss) return;
    for (const PlanMigration& m : prepared_->plan.migrations) {
      if (!m.loses_data) continue;
      std::string rows;
      for (const TableSize& t : SizesOf(*session_.database, prepared_->plan)) {
        if (set_->set->engine == Engine::kNeo4j && t.rows > 0) absl::StrAppend(&rows, rows.empty() ? " (" : ", ", t.table, ": ", t.rows);
        else if (t.bytes > 0) absl::StrAppend(&rows, rows.empty() ? " (" : ", ", t.table, ": about ", std::max<int64_t>(t.rows, 0), " rows, ", t.bytes / 1024, " KiB");
      }
      prepared_->refusals.push_back(absl::StrCat("the down script of ", m.version, " loses data: ", absl::StrJoin(m.losses, "; "), rows, rows.empty() ? "" : ")", ". Take a backup, then say --accept-data-loss"));
    }
  }

  void CheckApprovals() {
    std::vector<std::string> problems;
    approvals_ = ApprovalsOf(options_, *set_, session_.target.environment, file_ ? &*file_ : nullptr, prepared_->plan.digest, &problems);
    for (std::string& p : problems) prepared_->warnings.push_back(std::move(p));
    const bool production = set_->environment == "production";
    const int64_t needed = set_->config.apply.approvals.value_or(production ? 2 : 0);
    if (needed > 0 && static_cast<int64_t>(approvals_.size()) < needed) {
      prepared_->refusals.push_back(absl::StrCat(set_->environment, " asks for ", needed, " distinct approvals (author and reviewer), and there ", approvals_.size() == 1 ? "is " : "are ", approvals_.size(), ": ",
                                                 absl::StrJoin(approvals_, ", "), ". A reviewer says `pawl approve plan.json`, or give --approved-by NAME or MIGRATION_APPROVED_BY"));
    }
    const bool backup = set_->config.apply.require_backup.value_or(production);
    if (backup && options_.backup_id.empty() && !options_.backup) {
      prepared_->refusals.push_back(absl::StrCat(set_->environment, " asks for a backup: give its id with --backup-id, or let pawl take one with --backup"));
    }
    if (!options_.backup_id.empty()) {
      evidence_.backup.id = options_.backup_id;
      if (const absl::Status s = CheckBackupFile(session_.target, &evidence_.backup); !s.ok()) prepared_->refusals.push_back(std::string(s.message()));
    }
  }

  GuardConfig Guards() const {
    GuardConfig g = GuardsOf(*set_);
    g.units_done = UnitsDone(*prepared_);
    return g;
  }

  void RunChecks() {
    const GuardConfig guards = Guards();
    facts_ = FactsOf(prepared_->plan, guards.units_done);
    evidence_.before = RunPreChecks(*session_.database, prepared_->plan, facts_, guards);
    for (const CheckResult& c : evidence_.before) {
      RunEvent e = {{"event", "migration_pre_checks"}, {"component", set_->component}, {"check", c.check}, {"ok", c.ok}, {"warning", !c.ok && c.warning}, {"detail", c.detail}};
      (*printer_)(e);
      if (!c.ok && !c.warning) prepared_->refusals.push_back(absl::StrCat("pre-check failed: ", c.check, ": ", c.detail));
      if (!c.ok && c.warning) prepared_->warnings.push_back(absl::StrCat(c.check, ": ", c.detail));
    }
  }

  // Whether what ran last was committed, the server knows: asked on a new connection, once the old one's session has ended.
  void LookAfterLoss() {
    std::string seen;
    absl::StatusOr<RunnerSession> again = Connect(*set_, "apply");
    for (int i = 0; i < 5 && !again.ok(); ++i) {  // a server that restarts is back in a moment, or not for a while
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      again = Connect(*set_, "apply");
    }
    if (!again.ok()) {
      absl::StrAppend(&report_.message, "\n  looked: it cannot be looked now what was committed: ", again.status().message(), ". When the server is back, `pawl status` tells, and the same command goes on");
      return;
    }
    std::optional<Session> orphan;
    for (int i = 0; i < 15; ++i) {
      const absl::StatusOr<std::optional<Session>> working = again->database->FindOrphan();
      if (working.ok()) orphan = *working;
      if (!working.ok() || !orphan) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    if (orphan) {
      absl::StrAppend(&report_.message, "\n  looked: its session is still at work on the server and may yet commit: ", Describe(*orphan), ". Ask `pawl status` when it has ended, or end it with `pawl repair --cancel`");
      return;
    }
    absl::StatusOr<std::unique_ptr<KnownState>> known = ReadState(*set_, *again->database);
    for (int i = 0; i < 5 && !known.ok(); ++i) {  // what ended the first connection may end the second
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      again = Connect(*set_, "apply");
      if (again.ok()) known = ReadState(*set_, *again->database);
    }
    if (!known.ok()) {
      absl::StrAppend(&report_.message, "\n  looked: it cannot be looked now what was committed: ", known.status().message(), ". `pawl status` tells, and the same command goes on");
      return;
    }
    for (const MigrationState& m : (*known)->state.migrations) {
      const std::string version = m.version.empty() ? absl::StrCat("R__", m.name) : m.version;
      if (m.version != report_.failed_version) continue;
      if (m.version.empty() && (prepared_->plan.migrations.empty() || m.name != prepared_->plan.migrations[std::min<size_t>(static_cast<size_t>(report_.done), prepared_->plan.migrations.size() - 1)].name)) continue;
      const bool there = m.row != nullptr;
      // Our own lease is not given back yet, so that what it was at counts as running.
      const Attempt* half = m.status == MigrationStatus::kInterrupted || m.status == MigrationStatus::kRunning ? m.attempt : nullptr;
      if (half != nullptr && half->units_done > 0) absl::StrAppend(&seen, version, " is applied in part: ", half->units_done, " of ", half->units_total, " parts are recorded. Run the same command again: it looks at the part that was running, and goes on");
      else if (half != nullptr) absl::StrAppend(&seen, version, " may be applied in part: what was running is not recorded. Run the same command again: it looks, and goes on or says what to do");
      else if (direction_ == Direction::kUp) absl::StrAppend(&seen, version, there ? " is applied: the commit came through. Run the same command again for what is left" : " is not applied, and nothing of it was committed. Run the same command again");
      else absl::StrAppend(&seen, version, there ? " is still applied: nothing was rolled back of it. Run the same command again" : " is rolled back: the commit came through");
    }
    absl::StrAppend(&report_.message, "\n  looked with a new connection: ", seen.empty() ? "run `pawl status`" : seen);
  }

  static constexpr uint64_t kAuditRoom = 1 << 20;  // bytes; a record takes some kilobytes

  // Evidence that cannot be kept is missed only when it is too late.
  void CheckAuditFolder() {
    const std::string& folder = set_->config.apply.audit_folder;
    if (folder.empty() || options_.dry_run) return;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) prepared_->refusals.push_back(absl::StrCat("the audit folder ", folder, " cannot be made, so there would be no record of this run: ", error.message()));
    else if (access(folder.c_str(), W_OK) != 0) prepared_->refusals.push_back(absl::StrCat("the audit folder ", folder, " cannot be written, so there would be no record of this run: ", std::strerror(errno)));
    else if (struct statvfs room; statvfs(folder.c_str(), &room) == 0 && static_cast<uint64_t>(room.f_bavail) * room.f_frsize < kAuditRoom) {
      prepared_->refusals.push_back(absl::StrCat("the audit folder ", folder, " has no room left, so there would be no record of this run: free some space"));
    }
  }

  int DryRun() {
    std::printf("%s", PlanSql(prepared_->plan).c_str());
    std::fflush(stdout);
    if (options_.rollback_test && prepared_->refusals.empty()) {
      RunOptions run;
      run.listener = [this](const RunEvent& e) { (*printer_)(e); };
      const RunReport report = RehearsePlan(*session_.database, prepared_->plan, run);
      if (report.outcome != RunOutcome::kDone) return Say(kExitRefused, report.message);
      FailWith(0, absl::StrCat("rehearsed ", report.done, " of ", prepared_->plan.migrations.size(), " migrations and rolled back; nothing was changed", report.message.empty() ? "" : absl::StrCat(". Note: ", report.message)));
    }
    if (!prepared_->refusals.empty()) return Refuse();
    return kExitDone;
  }

  int Ask() {
    if (isatty(STDIN_FILENO) != 1) return Say(kExitRefused, "refused, nothing was changed: without a terminal there is nobody to ask; say --yes");
    std::fprintf(stderr, "%s", PlanText(prepared_->plan, SizesOf(*session_.database, prepared_->plan), options_.verbose).c_str());
    std::fprintf(stderr, "%s %d %s in %s? [y/N] ", direction_ == Direction::kUp ? "apply" : "roll back", static_cast<int>(prepared_->plan.migrations.size()),
                 prepared_->plan.migrations.size() == 1 ? "migration" : "migrations", prepared_->plan.target.c_str());
    char answer[16] = "";
    if (std::fgets(answer, sizeof answer, stdin) == nullptr || (answer[0] != 'y' && answer[0] != 'Y')) return Say(kExitRefused, "not confirmed, nothing was changed");
    return -1;
  }

  int RunIt() {
    Database& db = *session_.database;
    evidence_.started_at = UtcNow();
    if (options_.backup) {
      BackupRequest request;
      request.target = &session_.target;
      if (!set_->config.apply.backup_folder.empty()) request.folder = set_->config.apply.backup_folder;
      request.command = set_->config.apply.backup_command;
      request.server_major = db.server().major;
      absl::StatusOr<Backup> backup = TakeBackup(request);
      if (!backup.ok()) return Say(kExitRefused, absl::StrCat("refused, nothing was changed: the backup failed: ", backup.status().message()));
      evidence_.backup = *std::move(backup);
      options_.backup_id = evidence_.backup.id;
      if (!options_.quiet) FailWith(0, absl::StrCat("backup: ", options_.backup_id));
    }
    if (const absl::Status s = db.PrepareHistory(); !s.ok()) return FailWith(s);
    const GuardConfig guards = Guards();
    std::vector<std::string> counted = guards.row_counts;
    for (std::string& l : LabelsOf(prepared_->plan)) {
      if (std::none_of(counted.begin(), counted.end(), [&](const std::string& c) { return c == l || absl::StrCat(":", c) == l; })) counted.push_back(std::move(l));
    }
    const RowCounts before = CountRows(db, counted);
    RunOptions run;
    run.approvals = approvals_;
    evidence_.approvals = approvals_;
    evidence_.file = file_ ? &*file_ : nullptr;
    run.backup_id = options_.backup_id;
    run.run_by = WhoRuns();
    run.host = HostName();
    run.pawl_version = kVersion;
    run.yield_after_ms = options_.yield_after_ms.value_or(0);
    run.cancel_at_window = options_.cancel_at_window;
    run.listener = [this](const RunEvent& e) { (*printer_)(e); };
    run.stop = &g_stop;
    struct sigaction action = {};
    action.sa_handler = OnSignal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    // The terminal went away (nohup says that this shall not matter).
    struct sigaction before_us = {};
    if (sigaction(SIGHUP, nullptr, &before_us) == 0 && before_us.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
    report_ = RunPlan(db, prepared_->plan, prepared_->chosen, run);
    if (report_.outcome == RunOutcome::kLost) LookAfterLoss();
    const RunReport report = report_;
    int code = kExitDone;
    switch (report.outcome) {
      case RunOutcome::kDone: break;
      case RunOutcome::kRefused: code = kExitRefused; break;
      case RunOutcome::kFailed:
      case RunOutcome::kLost: code = kExitFailed; break;
    }
    std::string after;
    if (code == kExitDone) {
      RowCounts rows_after;
      evidence_.after = RunPostChecks(db, prepared_->plan, facts_, guards, before, &rows_after);
      for (const CheckResult& c : evidence_.after) {
        RunEvent e = {{"event", "migration_post_checks"}, {"component", set_->component}, {"check", c.check}, {"ok", c.ok}, {"warning", !c.ok && c.warning}, {"detail", c.detail}};
        (*printer_)(e);
        if (!c.ok && !c.warning) absl::StrAppend(&after, "\n  ", c.check, ": ", c.detail);
      }
      if (after.empty()) evidence_.rows_after = std::move(rows_after);
      else code = kExitFailed;
    }
    evidence_.report = report;
    evidence_.exit_code = code;
    evidence_.rows_before = before;
    KeepEvidence(*set_, session_, options_, *prepared_, printer_->take(), evidence_);
    if (options_.json) {
      RunReport told = report;
      told.message = Redact(session_.target, after.empty() ? report.message : absl::StrCat("applied, but post-checks failed:", after));
      return RunReportJson(told, prepared_->plan, code);
    }
    if (!after.empty()) {
      std::string next;
      for (const std::string& step : NextSteps(prepared_->plan, evidence_.after, options_.backup_id)) absl::StrAppend(&next, "\n  next: ", step);
      return FailWith(code, absl::StrCat("the migrations are applied, but post-checks failed:", after, next));
    }
    if (!report.message.empty()) return FailWith(code, Redact(session_.target, report.message));
    if (!options_.quiet) std::printf("%d %s %s in %.1f s\n", report.done, report.done == 1 ? "migration" : "migrations", direction_ == Direction::kUp ? "applied" : "rolled back", report.seconds);
    return code;
  }

  RunnerOptions options_;
  Direction direction_;
  std::optional<PlanFile> file_;
  PlanFacts facts_;                           // what the checks before and after look at
  std::vector<std::string> other_settings_;   // given on the command line, unlike the plan's
  std::unique_ptr<RunnerSet> set_;
  RunnerSession session_;
  EventPrinter* printer_ = nullptr;
  std::unique_ptr<Prepared> prepared_;
  std::vector<std::string> approvals_;
  RunEvidence evidence_;
  RunReport report_;
};

}  // namespace

absl::StatusOr<PlanFile> ReadPlanFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return absl::InvalidArgumentError(absl::StrCat(path, " cannot be read"));
  return ParsePlan(text.str(), path);
}

bool IsPlanFile(const std::string& name) {
  struct stat st;
  return absl::EndsWith(name, ".json") && stat(name.c_str(), &st) == 0 && S_ISREG(st.st_mode);
}

SetRun RunSet(const RunnerOptions& options, Direction direction, std::optional<PlanFile> file) {
  Run run(options, direction, std::move(file));
  SetRun out;
  out.code = run.Execute();
  out.report = run.report();
  return out;
}

int ApplyCommand(const RunnerOptions& options) {
  if (options.all) return ApplyRelease(options);
  if (IsPlanFile(options.set)) {
    const absl::StatusOr<PlanFile> file = ReadPlanFile(options.set);
    if (file.ok() && !file->parts.empty()) return ApplyRelease(options);
  }
  return RunSet(options, Direction::kUp).code;
}
int RollbackCommand(const RunnerOptions& options) { return RunSet(options, Direction::kDown).code; }

}  // namespace pawl
