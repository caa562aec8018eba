#include "migrations/run/apply.h"

#include <algorithm>
#include <random>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/source/sha256.h"
#include "migrations/run/runner_internal.h"

namespace pawl {
namespace {

// Waits double, with jitter, so that two runs that hit each other do not hit again.
double BackOff(int retry) {
  static thread_local std::minstd_rand random(std::random_device{}());
  const double base = std::min(15.0, 0.25 * static_cast<double>(1 << std::min(retry, 10)));
  return base * std::uniform_real_distribution<double>(0.5, 1.5)(random);
}

std::string NameOf(const Probe& p) { return !p.name.empty() || p.targets.empty() ? p.name : p.targets[0].name; }

}  // namespace

RunReport Runner::Run(const std::vector<const MigrationState*>& state) {
  for (size_t i = 0; i < plan_.migrations.size();) {
    if (!MayGoOn(i)) break;
    if (const size_t count = CountTogether(i, state); count > 1) {
      const int before = report_.done;
      if (!RunTogether(i, count)) break;
      i += static_cast<size_t>(report_.done - before);
    } else {
      const RunClock::time_point begin = RunClock::now();
      if (!RunMigration(plan_.migrations[i], i < state.size() ? state[i] : nullptr)) break;
      if (Since(begin) < kTogetherSeconds / 2) together_ = std::max<size_t>(together_, 2);
      ++report_.done;
      ++i;
    }
  }
  report_.seconds = Since(begin_);
  if (report_.outcome != RunOutcome::kLost) db_.RunEnded();
  return report_;
}

bool Runner::RunMigration(const PlanMigration& m, const MigrationState* state) {
  now_ = &m;
  const RunClock::time_point begin = RunClock::now();
  Send(Event("migration_start"));
  static const PlanUnit kNothing;
  const bool up = m.direction == Direction::kUp;
  const size_t count = std::max<size_t>(m.units.size(), 1);
  auto unit_at = [&](size_t i) -> const PlanUnit& { return m.units.empty() ? kNothing : m.units[i]; };
  const AppliedRow applied = up ? Applied(m) : AppliedRow();
  Attempt log = AttemptOf(m, up ? AttemptStatus::kApplied : AttemptStatus::kRolledBack);
  log.units_done = static_cast<int>(count);

  // Parts that commit one by one are announced first, so that a crash between an effect and its record can be settled.
  Attempt attempt = AttemptOf(m, AttemptStatus::kRunning);
  const bool in_parts = count > 1 || !unit_at(0).transaction;
  size_t first = 0;
  const Attempt* earlier = state != nullptr ? state->attempt : nullptr;
  if (earlier != nullptr && earlier->direction == m.direction && (in_parts || earlier->units_done > 0)) {
    if (!Resume(m, *earlier, &first)) return false;
    if (earlier->status == AttemptStatus::kRunning) attempt.id = earlier->id;  // it goes on; a failed one stays in the log
  }
  if (in_parts) {
    nlohmann::json note;
    note["prefixes"] = UnitHashes(m);
    attempt.note = note.dump();
  }
  // One announcement is for the schema commands that follow each other, too, for as long as they are quick.
  size_t announced_from = first;
  RunClock::time_point announced;
  for (size_t i = first; i < count; ++i) {
    const PlanUnit& unit = unit_at(i);
    const bool last = i + 1 == count;
    const bool follows = i > first && MayBeInDoubtTogether(m, announced_from, i) && Since(announced) < kTogetherSeconds;
    if (in_parts && !follows) {
      announced_from = i;
      attempt.units_done = static_cast<int>(i);
      attempt.statement = unit.statements.empty() ? "" : ShownStatement(unit.statements[0].sql);
      attempt.line = unit.statements.empty() ? 1 : unit.statements[0].line;
      const absl::StatusOr<int64_t> id = db_.WriteAttempt(attempt);
      if (!id.ok()) return Stop(absl::IsUnavailable(id.status()) ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat(Label(m), i == 0 ? " was not begun: " : " could not go on: ", id.status().message(), Again()));
      attempt.id = *id;
      announced = RunClock::now();
    }
    UnitRecord record;
    if (last || !MayBeInDoubtTogether(m, announced_from, i + 1)) record.attempt = attempt.id;
    record.units_done = static_cast<int>(i + 1);
    record.component = plan_.component;
    record.version = m.version;
    record.before_ms = static_cast<int64_t>(Since(begin) * 1000);
    if (last) {
      record.log = &log;
      if (up) record.apply = &applied;
      else record.revert = true;
    }
    if (!RunUnit(m, unit, i, record, attempt, begin)) return false;
  }
  if (m.changes_settings) {
    if (const absl::Status s = db_.ResetSession(); !s.ok()) return Stop(RunOutcome::kLost, absl::StrCat(Label(m), up ? " is applied" : " is rolled back", ", but then ", s.message(), Again()));
  }
  RunEvent e = Event("migration_finish");
  e["status"] = up ? "applied" : "rolled back";
  e["duration_ms"] = static_cast<int64_t>(Since(begin) * 1000);
  for (const std::string& n : db_.TakeNotices()) e["notices"].push_back(n);
  Send(std::move(e));
  return true;
}

bool Runner::Resume(const PlanMigration& m, const Attempt& attempt, size_t* first) {
  const size_t done = static_cast<size_t>(attempt.units_done);
  if (done > 0) {
    const std::vector<std::string> hashes = UnitHashes(m);
    const nlohmann::json note = nlohmann::json::parse(attempt.note, nullptr, false);
    bool same = done < hashes.size();
    if (note.is_object() && note.contains("prefixes") && note["prefixes"].is_array() && done < note["prefixes"].size()) same = same && note["prefixes"][done] == hashes[done];
    else same = same && attempt.checksum == m.checksum;
    if (!same) {
      return Stop(RunOutcome::kRefused, absl::StrCat(Label(m), " was interrupted after ", done, " of ", attempt.units_total, " parts, and since then ", m.file,
                                                     " was changed in those parts, which are committed. Put them back as they were, or settle it with `pawl repair --mark-applied` or `--mark-rolled-back`"));
    }
    *first = done;
    RunEvent e = Event("migration_resume");
    e["parts_done"] = done;
    e["parts"] = attempt.units_total;
    Send(std::move(e));
    // SET and the like are gone with the session that said them.
    PlanUnit settings;
    for (size_t i = 0; i < done && i < m.units.size(); ++i) {
      for (const PlanStatement& s : m.units[i].statements) {
        if (s.session) settings.statements.push_back(s);
      }
    }
    if (!settings.statements.empty()) {
      const UnitOutcome out = db_.RunUnit(settings, UnitRecord(), settings_);
      if (!out.ok()) return Stop(RunOutcome::kRefused, absl::StrCat("cannot restore the settings that the first parts of ", Label(m), " made: ", out.error->text));
    }
  }
  // What was running may have had its effect, which is not that of the text that stands there now.
  if (plan_.engine == Engine::kNeo4j && attempt.status == AttemptStatus::kRunning && done < m.units.size() && !m.units[done].transaction) {
    const std::vector<std::string> hashes = UnitHashes(m);
    const nlohmann::json note = nlohmann::json::parse(attempt.note, nullptr, false);
    if (note.is_object() && note.contains("prefixes") && note["prefixes"].is_array() && done + 1 < note["prefixes"].size() && note["prefixes"][done + 1] != hashes[done + 1]) {
      return Stop(RunOutcome::kRefused, absl::StrCat(Label(m), " was interrupted in `", attempt.statement, "` (", m.file, ":", attempt.line, "), and that was changed since then: whether it had its effect the new text does not tell. Put it back as it was and run the same command again, which looks and goes on; or look yourself, undo what it did, and say `pawl repair --version ",
                                                     m.version, " --mark-rolled-back`"));
    }
  }
  // What failed was taken out of the file: all that is left of it is done.
  if (done >= m.units.size()) return RecordDone(m, done, attempt, first);
  if (m.units[done].transaction) return true;
  if (!Settle(m, m.units[done], done, attempt, first)) return false;
  while (*first > done && *first < m.units.size() && MayBeInDoubtTogether(m, done, *first)) {
    const size_t at = *first;
    if (!Settle(m, m.units[at], at, attempt, first)) return false;
    if (*first == at) break;
  }
  return true;
}

bool Runner::Settle(const PlanMigration& m, const PlanUnit& unit, size_t index, const Attempt& attempt, size_t* next) {
  const bool failed = attempt.status == AttemptStatus::kFailed;  // the server said so, or repair did: it has no effect
  const absl::StatusOr<Database::Effect> effect = db_.Look(unit.probe);
  if (!effect.ok()) return Stop(RunOutcome::kRefused, std::string(effect.status().message()));
  switch (*effect) {
    case Database::Effect::kNotDone: return true;
    case Database::Effect::kBroken: {
      if (!Clean(unit)) return false;
      if (unit.probe.kind != ProbeKind::kDetached) return true;
      break;  // FINALIZE has completed it
    }
    case Database::Effect::kDone:
      if (failed) return true;
      break;
    case Database::Effect::kUnknown:
      if (failed) return true;
      if (unit.probe.kind == ProbeKind::kBatches) {
        return Stop(RunOutcome::kRefused, absl::StrCat(Label(m), " was interrupted in `", ShownStatement(unit.statements[0].sql), "` (", m.file, ":", unit.statements[0].line, ")", attempt.error.empty() ? "" : absl::StrCat(": ", attempt.error),
                                                       ". Its batches commit one by one, and those that are done stay done; it would do them again. Look how far it came, let it leave out what is done, then say `pawl repair --version ", m.version,
                                                       " --retry`, or `--mark-applied` if all of ", m.file, " is done"));
      }
      return Stop(RunOutcome::kRefused, absl::StrCat(Label(m), " was interrupted in `", ShownStatement(unit.statements[0].sql), "` (", m.file, ":", unit.statements[0].line,
                                                     "), and nobody but you can tell whether it had its effect. Look, then say `pawl repair --version ", m.version, " --retry` to run it again and go on, or `--mark-applied` if all of ",
                                                     m.file, " is done"));
  }
  return RecordDone(m, index + 1, attempt, next);
}

// The first `done` parts are, but that is not written down: a transaction of its record alone.
bool Runner::RecordDone(const PlanMigration& m, size_t done, const Attempt& attempt, size_t* next) {
  PlanUnit nothing;
  UnitRecord record;
  record.attempt = attempt.id;
  record.units_done = static_cast<int>(done);
  record.component = plan_.component;
  record.version = m.version;
  const bool up = m.direction == Direction::kUp;
  const AppliedRow applied = Applied(m);
  Attempt log = AttemptOf(m, up ? AttemptStatus::kApplied : AttemptStatus::kRolledBack);
  log.units_done = log.units_total;
  log.note = "found done after an interruption";
  if (done >= m.units.size()) {
    record.log = &log;
    if (up) record.apply = &applied;
    else record.revert = true;
  }
  const UnitOutcome out = db_.RunUnit(nothing, record, settings_);
  if (!out.ok()) return Stop(out.error->lost ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat("cannot record that ", Label(m), " is done: ", out.error->text, Again()));
  *next = done;
  return true;
}

bool Runner::Clean(const PlanUnit& unit) {
  RunEvent e = Event("migration_cleanup");
  e["what"] = unit.probe.kind == ProbeKind::kDetached ? absl::StrCat("completing the interrupted detachment of ", unit.probe.name)
                                                      : absl::StrCat("dropping the invalid index that the interrupted build left: ", NameOf(unit.probe));
  Send(std::move(e));
  unit_ = &unit;
  unit_begin_ = looked_ = RunClock::now();
  const absl::Status s = db_.Clean(unit.probe);
  unit_ = nullptr;
  if (!s.ok()) return Stop(absl::IsUnavailable(s) ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat(s.message(), Again()));
  return true;
}

bool Runner::RunUnit(const PlanMigration& m, const PlanUnit& unit, size_t index, const UnitRecord& record, Attempt& attempt, RunClock::time_point begin) {
  for (int retry = 0;; ++retry) {
    unit_ = &unit;
    unit_begin_ = looked_ = RunClock::now();
    yielded_ = false;
    canceled_at_ = RunClock::time_point();
    const UnitOutcome out = db_.RunUnit(unit, record, settings_);
    unit_ = nullptr;
    if (out.ok()) return true;
    const DbError& error = *out.error;
    const bool unrecorded = !unit.transaction && out.failed >= unit.statements.size();
    bool again = (error.retryable || (error.canceled && yielded_)) && !unrecorded && !error.partial;
    // A name that is taken is somebody else's.
    const bool taken = unit.probe.kind == ProbeKind::kSchema && absl::StrContains(error.code, "AlreadyExists");
    if (!unit.transaction && !error.lost && !unrecorded && !taken && (unit.probe.kind == ProbeKind::kIndexValid || unit.probe.kind == ProbeKind::kReindexed || unit.probe.kind == ProbeKind::kSchema)) {
      // A concurrent build that failed leaves its invalid index: nobody uses it, every write pays for it, and its name is taken.
      const absl::StatusOr<Database::Effect> left = db_.Look(unit.probe);
      if (left.ok() && *left == Database::Effect::kBroken) {
        RunEvent e = Event("migration_cleanup");
        e["what"] = absl::StrCat("dropping the invalid index ", NameOf(unit.probe));
        Send(std::move(e));
        again = again || error.name_taken;
        // It waits for the transactions that the build waited for. The next run cleans up too, so this one need not wait for ever.
        unit_ = &unit;
        unit_begin_ = RunClock::now();
        clean_for_ = again ? 30 : 5;
        const bool gone = db_.Clean(unit.probe).ok();
        clean_for_ = 0;
        unit_ = nullptr;
        again = again && gone;
      }
    }
    if (again && retry < plan_.settings.retries && !Stopped()) {
      const double wait = BackOff(retry);
      RunEvent e = Event("migration_retry");
      e["error"] = error.text;
      e["retry"] = retry + 1;
      e["of"] = plan_.settings.retries;
      e["wait_s"] = wait;
      Send(std::move(e));
      const RunClock::time_point from = RunClock::now();
      while (Since(from) < wait && !Stopped()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (!Stopped()) continue;
      why_canceled_ = "a signal";
    }
    std::string stands;
    if (error.lost) {
      stands = "the connection is gone, and with it the answer";
    } else if (unrecorded) {
      stands = "the statement itself is done, only its record could not be written: run the same command again, which looks and records it";
    } else if (error.partial) {
      stands = absl::StrCat(error.remains, index > 0 ? absl::StrCat(", and the ", index, " parts before it") : "", "; the rest is not, and running it again would do those twice. Look, mend the file so that it leaves out what is done, then say `pawl repair --version ", m.version, " --retry`, or `--mark-applied` if all of it is done");
    } else if (!error.remains.empty()) {
      stands = absl::StrCat(error.remains, ", the rest is not; it leaves out what is done, so mend the cause and run the same command again: it goes on");
    } else if (index > 0) {
      stands = absl::StrCat("its first ", index, " of ", m.units.size(), " parts are committed and recorded, this one is not. Mend the file from here on and run the same command again: it goes on at this part");
    } else if (unit.transaction) {
      stands = "its transaction was rolled back, nothing of it is left. Mend the cause and run the same command again";
    } else {
      stands = "mend the cause and run the same command again";
    }
    if (!ran_.empty()) {
      DbError record;
      if (error.lost || !RecordRan(&record)) absl::StrAppend(&stands, ". ", NotRecorded());
    }
    Fail(m, unit, out, stands);
    if (!error.lost && !unrecorded) {
      // What is half done stays open, until somebody has looked.
      attempt.status = error.partial ? AttemptStatus::kRunning : AttemptStatus::kFailed;
      attempt.units_done = static_cast<int>(index);
      attempt.error = report_.error;
      attempt.sqlstate = error.code;
      attempt.duration_ms = static_cast<int64_t>(Since(begin) * 1000);
      if (!unit.statements.empty()) {
        const PlanStatement& s = unit.statements[std::min(out.failed, unit.statements.size() - 1)];
        attempt.statement = ShownStatement(s.sql);
        attempt.line = report_.failed_line == 0 ? s.line : report_.failed_line;
      }
      if (const absl::StatusOr<int64_t> id = db_.WriteAttempt(attempt); !id.ok()) absl::StrAppend(&report_.message, "\n  and ", id.status().message());
    }
    return false;
  }
}

std::vector<std::string> UnitHashes(const PlanMigration& m) {
  std::vector<std::string> out = {""};
  std::string so_far;
  for (const PlanUnit& u : m.units) {
    Sha256 h;
    h.Update(so_far);
    for (const PlanStatement& s : u.statements) {
      h.Update(s.sql);
      h.Update(";");
    }
    so_far = h.FinishHex().substr(0, 16);
    out.push_back(so_far);
  }
  return out;
}

RunReport RunPlan(Database& database, const Plan& plan, const std::vector<const MigrationState*>& state, const RunOptions& options) { return Runner(database, plan, options).Run(state); }

RunReport RehearsePlan(Database& database, const Plan& plan, const RunOptions& options) { return Runner(database, plan, options).Rehearse(); }

}  // namespace pawl
