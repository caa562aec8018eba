// What a run says, what it records, and what is done while a statement runs.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "migrations/run/runner_internal.h"

namespace pawl {

RunEvent Runner::Event(const char* name) const {
  RunEvent e;
  e["event"] = name;
  e["component"] = plan_.component;
  if (now_ != nullptr) {
    e["version"] = now_->version;
    e["name"] = now_->name;
    e["direction"] = now_->direction == Direction::kUp ? "up" : "down";
  }
  return e;
}

void Runner::Send(RunEvent e) const {
  if (options_.listener) options_.listener(e);
}

bool Runner::MayGoOn(size_t next) {
  const std::string left = absl::StrCat(report_.done, " of ", plan_.migrations.size(), " migrations are done; the next is ", Label(plan_.migrations[next]));
  if (Stopped()) {
    report_.outcome = report_.done == 0 ? RunOutcome::kRefused : RunOutcome::kFailed;
    report_.message = absl::StrCat("stopped by a signal between two migrations: ", left, ". Run the same command again to go on");
    return false;
  }
  if (WindowIsOver()) {
    report_.outcome = RunOutcome::kFailed;
    report_.message = absl::StrFormat("the window of %d s is over: %s. Nothing is half done; run the same command again in the next window", plan_.settings.window_ms / 1000, left);
    return false;
  }
  return true;
}

void Runner::Tick() {
  if (unit_ == nullptr) return;
  const double running = Since(unit_begin_);
  if (Stopped()) return Cancel("a signal");
  if (clean_for_ > 0 && running > clean_for_) return db_.Cancel();
  if (options_.cancel_at_window && WindowIsOver()) return Cancel("the end of the window");
  if (running < 0.9 || Since(looked_) < 1) return;
  looked_ = RunClock::now();
  RunEvent e = Event("migration_progress");
  e["running_s"] = static_cast<int64_t>(running);
  const std::string progress = db_.Progress();
  if (!progress.empty()) e["progress"] = progress;
  double longest = 0;
  for (const Session& s : db_.Blocking()) {
    e[s.waits ? "waits_for_us" : "waits_for"].push_back(Describe(s));
    if (s.waits) longest = std::max(longest, s.seconds);
  }
  Send(std::move(e));
  if (options_.yield_after_ms > 0 && longest * 1000 > static_cast<double>(options_.yield_after_ms) && unit_->transaction) {
    yielded_ = true;
    Cancel("");
  }
}

void Runner::Cancel(const char* why) {
  why_canceled_ = why;
  if (Since(canceled_at_) < 1) return;
  canceled_at_ = RunClock::now();
  db_.Cancel();
}

AppliedRow Runner::Applied(const PlanMigration& m) const {
  AppliedRow r;
  r.component = plan_.component;
  r.version = m.version;
  r.name = m.name;
  r.file = m.file;
  r.status = "applied";
  r.checksum = m.checksum;
  r.token_checksum = m.token_checksum;
  r.applied_by = options_.run_by;
  r.approvals = options_.approvals;
  r.backup_id = options_.backup_id;
  r.plan_digest = plan_.digest;
  r.pawl_version = options_.pawl_version;
  r.script = std::string(m.script);
  return r;
}

Attempt Runner::AttemptOf(const PlanMigration& m, AttemptStatus status) const {
  Attempt a;
  a.component = plan_.component;
  a.version = m.version;
  a.name = m.name;
  a.direction = m.direction;
  a.status = status;
  a.units_total = static_cast<int>(std::max<size_t>(m.units.size(), 1));
  a.file = m.file;
  a.checksum = m.checksum;
  a.run_by = options_.run_by;
  a.host = options_.host;
  a.plan_digest = plan_.digest;
  return a;
}

void Runner::Fail(const PlanMigration& m, const PlanUnit& unit, const UnitOutcome& out, const std::string& stands) {
  const DbError& error = *out.error;
  report_.outcome = error.lost ? RunOutcome::kLost : RunOutcome::kFailed;
  report_.failed_version = m.version;
  report_.failed_file = m.file;
  report_.error = error.text;
  report_.sqlstate = error.code;
  std::string where = m.file;
  std::string shown;
  if (out.failed < unit.statements.size()) {
    const PlanStatement& s = unit.statements[out.failed];
    report_.failed_line = LineOf(s, error.position);
    where = absl::StrCat(m.file, ":", report_.failed_line);
    shown = absl::StrCat("\n  statement: ", ShownStatement(s.sql));
  } else if (!unit.statements.empty()) {
    shown = error.in_record && !error.at_commit ? "\n  its own statements are done: writing its row into schema_migrations, in the same transaction, failed" : plan_.engine == Engine::kNeo4j ? "\n  when it was recorded and committed" : "\n  when it was committed (a deferred constraint?)";
  }
  if (!why_canceled_.empty() && !yielded_) report_.error = absl::StrCat("canceled by ", why_canceled_, error.canceled ? "" : absl::StrCat(" (", error.text, ")"));
  const int before = report_.done;
  report_.message = absl::StrCat("migration ", Label(m), " failed at ", where, ": ", report_.error, error.code.empty() ? "" : absl::StrCat(" [", error.code, "]"), shown,
                                 error.context.empty() ? "" : absl::StrCat("\n  in: ", ShownStatement(error.context)), "\n  what stands: ", stands, ". ",
                                 before == 0 ? "No other migration ran" : absl::StrCat(before, before == 1 ? " migration" : " migrations", " of this run before it ", before == 1 ? "is" : "are", m.direction == Direction::kUp ? " applied" : " rolled back"), error.advice.empty() ? "" : absl::StrCat(".\n  ", error.advice));
  RunEvent e = Event("migration_finish");
  e["status"] = "failed";
  e["error"] = report_.error;
  e["sqlstate"] = error.code;
  e["file"] = m.file;
  e["line"] = report_.failed_line;
  Send(std::move(e));
}

bool Runner::Stop(RunOutcome outcome, std::string message) {
  report_.outcome = outcome == RunOutcome::kRefused && report_.done > 0 ? RunOutcome::kFailed : outcome;
  if (now_ != nullptr) report_.failed_version = now_->version;
  report_.message = std::move(message);
  return false;
}

}  // namespace pawl
