#include "migrations/run/apply.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/source/sha256.h"

namespace pawl {
namespace {

using Clock = std::chrono::steady_clock;
double Since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

constexpr size_t kShown = 300;  // bytes of a statement in logs

// In one line, cut between two characters, and UTF-8 whatever the file holds: it is written into the database.
std::string Shown(std::string_view sql) {
  std::string out;
  bool space = false;
  for (size_t i = 0; i < sql.size();) {
    const unsigned char c = static_cast<unsigned char>(sql[i]);
    size_t bytes = c < 0x80 ? 1 : c >= 0xF0 && c < 0xF5 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 0;
    for (size_t k = 1; k < bytes; ++k) {
      if (i + k >= sql.size() || (static_cast<unsigned char>(sql[i + k]) & 0xC0) != 0x80) bytes = 0;
    }
    if (out.size() >= kShown) return out + "…";
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!(blank && space)) {
      if (bytes == 0 || c == 0) out += '?';
      else if (blank) out += ' ';
      else out += sql.substr(i, bytes);
    }
    space = blank;
    i += std::max<size_t>(bytes, 1);
  }
  return out;
}

std::string Label(const PlanMigration& m) { return absl::StrCat(m.version.empty() ? "repeatable" : m.version, m.name.empty() ? "" : absl::StrCat(" (", m.name, ")")); }

// The line in the file of a position that the server tells.
uint32_t LineOf(const PlanStatement& s, uint32_t position) {
  uint32_t line = s.line, characters = 0;
  if (position == 0) return line;
  for (char c : s.sql) {  // characters, of which each begins with a byte that is no continuation
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++characters >= position) break;
    line += c == '\n';
  }
  return line;
}

// Waits double, with jitter, so that two runs that hit each other do not hit again.
double BackOff(int retry) {
  static thread_local std::minstd_rand random(std::random_device{}());
  const double base = std::min(15.0, 0.25 * static_cast<double>(1 << std::min(retry, 10)));
  return base * std::uniform_real_distribution<double>(0.5, 1.5)(random);
}

class Runner {
 public:
  Runner(Database& database, const Plan& plan, const RunOptions& options) : db_(database), plan_(plan), options_(options) {
    settings_.lock_timeout_ms = plan.settings.lock_timeout_ms;
    settings_.statement_timeout_ms = plan.settings.statement_timeout_ms;
    db_.set_tick([this] { Tick(); });
  }
  ~Runner() { db_.set_tick(nullptr); }

  RunReport Run(const std::vector<const MigrationState*>& state) {
    for (size_t i = 0; i < plan_.migrations.size(); ++i) {
      if (!MayGoOn(i)) break;
      if (!RunMigration(plan_.migrations[i], i < state.size() ? state[i] : nullptr)) break;
      ++report_.done;
    }
    report_.seconds = Since(begin_);
    return report_;
  }

  // All that comes before the first statement which cannot be rolled back, in one transaction, so that each migration finds what
  // those before it have made.
  RunReport Rehearse() {
    struct Place { const PlanMigration* migration; size_t statements; };
    std::vector<Place> places;
    PlanUnit all;
    std::string left;  // what was not tried, and why
    for (const PlanMigration& m : plan_.migrations) {
      size_t count = 0;
      for (const PlanUnit& u : m.units) {
        if (!u.transaction) {
          left = absl::StrCat("`", Shown(u.statements[0].sql), "` (", m.file, ":", u.statements[0].line, ") cannot be rolled back: it and what follows was not tried");
          break;
        }
        count += u.statements.size();
        all.statements.insert(all.statements.end(), u.statements.begin(), u.statements.end());
      }
      places.push_back({&m, count});
      if (!left.empty()) break;
    }
    SessionSettings settings = settings_;
    settings.lock_timeout_ms = settings.lock_timeout_ms > 0 ? std::min<int64_t>(settings.lock_timeout_ms, 1000) : 1000;
    unit_ = &all;
    unit_begin_ = looked_ = Clock::now();
    const UnitOutcome out = db_.TryUnit(all, settings);
    unit_ = nullptr;
    size_t first = 0;
    bool stopped = false;  // by what only a transaction around all of them makes wrong
    for (const Place& p : places) {
      if (!out.ok() && out.failed < first + p.statements) {
        now_ = p.migration;
        // Legal once the migrations before it are committed.
        if (out.error->code == "55P04" || out.error->code == "55006") {
          stopped = true;
          left = absl::StrCat(Label(*p.migration), " needs what is committed before it (", out.error->text, "): it and what follows was not tried");
          break;
        }
      }
      first += p.statements;
      if (!left.empty() && &p == &places.back()) break;  // that has the statement which cannot be rolled back
      if (out.ok() || out.failed >= first) ++report_.done;
      else break;
    }
    if (!out.ok() && !stopped) {
      if (now_ == nullptr && !places.empty()) now_ = places.back().migration;
      Fail(*now_, all, out, "the rehearsal was rolled back; nothing was changed");
      report_.outcome = RunOutcome::kRefused;
      return report_;
    }
    now_ = nullptr;
    RunEvent e = Event("migration_rehearsal");
    e["tried"] = report_.done;
    e["of"] = plan_.migrations.size();
    e["duration_ms"] = static_cast<int64_t>(out.seconds * 1000);
    if (!left.empty()) e["left_out"] = left;
    Send(std::move(e));
    report_.message = left;
    (void)db_.ResetSession();
    return report_;
  }

 private:
  RunEvent Event(const char* name) const {
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
  void Send(RunEvent e) const {
    if (options_.listener) options_.listener(e);
  }

  bool Stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  bool MayGoOn(size_t next) {
    const std::string left = absl::StrCat(report_.done, " of ", plan_.migrations.size(), " migrations are done; the next is ", Label(plan_.migrations[next]));
    if (Stopped()) {
      report_.outcome = report_.done == 0 ? RunOutcome::kRefused : RunOutcome::kFailed;
      report_.message = absl::StrCat("stopped by a signal between two migrations: ", left, ". Run the same command again to go on");
      return false;
    }
    if (plan_.settings.window_ms > 0 && Since(begin_) * 1000 > static_cast<double>(plan_.settings.window_ms)) {
      report_.outcome = RunOutcome::kFailed;
      report_.message = absl::StrFormat("the window of %d s is over: %s. Nothing is half done; run the same command again in the next window", plan_.settings.window_ms / 1000, left);
      return false;
    }
    return true;
  }

  // Seen while a statement runs: who is in whose way, how far it is, and whether it has to end.
  void Tick() {
    if (unit_ == nullptr) return;
    const double running = Since(unit_begin_);
    if (Stopped()) return Cancel("a signal");
    if (clean_for_ > 0 && running > clean_for_) return db_.Cancel();
    if (options_.cancel_at_window && plan_.settings.window_ms > 0 && Since(begin_) * 1000 > static_cast<double>(plan_.settings.window_ms)) return Cancel("the end of the window");
    if (running < 0.9 || Since(looked_) < 1) return;
    looked_ = Clock::now();
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

  // Again and again until it ends: between two statements there is nothing that a cancellation could hit.
  void Cancel(const char* why) {
    why_canceled_ = why;
    if (Since(canceled_at_) < 1) return;
    canceled_at_ = Clock::now();
    db_.Cancel();
  }

  AppliedRow Applied(const PlanMigration& m) const {
    AppliedRow r;
    r.component = plan_.component;
    r.version = m.version;
    r.name = m.name;
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

  Attempt AttemptOf(const PlanMigration& m, AttemptStatus status) const {
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

  bool RunMigration(const PlanMigration& m, const MigrationState* state) {
    now_ = &m;
    const Clock::time_point begin = Clock::now();
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
    for (size_t i = first; i < count; ++i) {
      const PlanUnit& unit = unit_at(i);
      const bool last = i + 1 == count;
      if (in_parts) {
        attempt.units_done = static_cast<int>(i);
        attempt.statement = unit.statements.empty() ? "" : Shown(unit.statements[0].sql);
        attempt.line = unit.statements.empty() ? 1 : unit.statements[0].line;
        const absl::StatusOr<int64_t> id = db_.WriteAttempt(attempt);
        if (!id.ok()) return Stop(absl::IsUnavailable(id.status()) ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat(Label(m), i == 0 ? " was not begun: " : " could not go on: ", id.status().message(), Again()));
        attempt.id = *id;
      }
      UnitRecord record;
      record.attempt = attempt.id;
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

  static std::string_view Again() { return ". Run the same command again: it goes on from what the database has recorded"; }

  // An earlier run was stopped in the middle: its committed parts stay, the one that was running is looked at.
  bool Resume(const PlanMigration& m, const Attempt& attempt, size_t* first) {
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
    if (done >= m.units.size() || m.units[done].transaction) return true;
    return Settle(m, m.units[done], done, attempt, first);
  }

  // The lone statement of `unit` may have had its effect without its record.
  bool Settle(const PlanMigration& m, const PlanUnit& unit, size_t index, const Attempt& attempt, size_t* next) {
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
        return Stop(RunOutcome::kRefused, absl::StrCat(Label(m), " was interrupted in `", Shown(unit.statements[0].sql), "` (", m.file, ":", unit.statements[0].line,
                                                       "), and nobody but you can tell whether it had its effect. Look, then say `pawl repair --version ", m.version, " --retry` to run it again and go on, or `--mark-applied` if all of ",
                                                       m.file, " is done"));
    }
    // Done, but not written down: a transaction of its record alone.
    PlanUnit nothing;
    UnitRecord record;
    record.attempt = attempt.id;
    record.units_done = static_cast<int>(index + 1);
    record.component = plan_.component;
    record.version = m.version;
    const bool up = m.direction == Direction::kUp;
    const AppliedRow applied = Applied(m);
    Attempt log = AttemptOf(m, up ? AttemptStatus::kApplied : AttemptStatus::kRolledBack);
    log.units_done = log.units_total;
    log.note = "found done after an interruption";
    const bool last = index + 1 == m.units.size();
    if (last) {
      record.log = &log;
      if (up) record.apply = &applied;
      else record.revert = true;
    }
    const UnitOutcome out = db_.RunUnit(nothing, record, settings_);
    if (!out.ok()) return Stop(out.error->lost ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat("cannot record that ", Label(m), " is done: ", out.error->text, Again()));
    *next = index + 1;
    return true;
  }

  // Takes away what a lone statement that came to nothing has left.
  bool Clean(const PlanUnit& unit) {
    RunEvent e = Event("migration_cleanup");
    e["what"] = unit.probe.kind == ProbeKind::kDetached ? absl::StrCat("completing the interrupted detachment of ", unit.probe.name)
                                                        : absl::StrCat("dropping the invalid index that the interrupted build left: ", unit.probe.name);
    Send(std::move(e));
    unit_ = &unit;
    unit_begin_ = looked_ = Clock::now();
    const absl::Status s = db_.Clean(unit.probe);
    unit_ = nullptr;
    if (!s.ok()) return Stop(absl::IsUnavailable(s) ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat(s.message(), Again()));
    return true;
  }

  bool RunUnit(const PlanMigration& m, const PlanUnit& unit, size_t index, const UnitRecord& record, Attempt& attempt, Clock::time_point begin) {
    for (int retry = 0;; ++retry) {
      unit_ = &unit;
      unit_begin_ = looked_ = Clock::now();
      yielded_ = false;
      canceled_at_ = Clock::time_point();
      const UnitOutcome out = db_.RunUnit(unit, record, settings_);
      unit_ = nullptr;
      if (out.ok()) return true;
      const DbError& error = *out.error;
      const bool unrecorded = !unit.transaction && out.failed >= unit.statements.size();
      bool again = (error.retryable || (error.canceled && yielded_)) && !unrecorded;
      if (!unit.transaction && !error.lost && !unrecorded && (unit.probe.kind == ProbeKind::kIndexValid || unit.probe.kind == ProbeKind::kReindexed)) {
        // A concurrent build that failed leaves its invalid index: nobody uses it, every write pays for it, and its name is taken.
        const absl::StatusOr<Database::Effect> left = db_.Look(unit.probe);
        if (left.ok() && *left == Database::Effect::kBroken) {
          RunEvent e = Event("migration_cleanup");
          e["what"] = absl::StrCat("dropping the invalid index ", unit.probe.name);
          Send(std::move(e));
          again = again || error.code == "42P07";
          // It waits for the transactions that the build waited for. The next run cleans up too, so this one need not wait for ever.
          unit_ = &unit;
          unit_begin_ = Clock::now();
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
        const Clock::time_point from = Clock::now();
        while (Since(from) < wait && !Stopped()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        if (!Stopped()) continue;
        why_canceled_ = "a signal";
      }
      std::string stands;
      if (error.lost) {
        stands = "the connection is gone, and whether this was committed the database knows: run `pawl status`, then the same command again";
      } else if (unrecorded) {
        stands = "the statement itself is done, only its record could not be written: run the same command again, which looks and records it";
      } else if (index > 0) {
        stands = absl::StrCat("its first ", index, " of ", m.units.size(), " parts are committed and recorded, this one is not. Mend the file from here on and run the same command again: it goes on at this part");
      } else if (unit.transaction) {
        stands = "its transaction was rolled back, nothing of it is left. Mend the cause and run the same command again";
      } else {
        stands = "mend the cause and run the same command again";
      }
      Fail(m, unit, out, stands);
      if (!error.lost && !unrecorded) {
        attempt.status = AttemptStatus::kFailed;
        attempt.units_done = static_cast<int>(index);
        attempt.error = report_.error;
        attempt.sqlstate = error.code;
        attempt.duration_ms = static_cast<int64_t>(Since(begin) * 1000);
        if (!unit.statements.empty()) {
          const PlanStatement& s = unit.statements[std::min(out.failed, unit.statements.size() - 1)];
          attempt.statement = Shown(s.sql);
          attempt.line = report_.failed_line;
        }
        if (const absl::StatusOr<int64_t> id = db_.WriteAttempt(attempt); !id.ok()) absl::StrAppend(&report_.message, "\n  and ", id.status().message());
      }
      return false;
    }
  }

  // What the server's words do not tell.
  static std::string Advice(const DbError& error) {
    if (error.code == "55P03") return ".\n  Somebody held the lock the whole time; the log names who. Try a quieter moment, or a longer --lock-timeout";
    if (error.code == "55P04") return ".\n  A new value of an enum can be used only after it is committed: use it in the next migration";
    if (error.code == "2D000") return ".\n  It commits by itself, which it cannot do inside the migration's transaction: give it a file of its own that its layout marks as without transaction";
    return "";
  }

  void Fail(const PlanMigration& m, const PlanUnit& unit, const UnitOutcome& out, const std::string& stands) {
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
      shown = absl::StrCat("\n  statement: ", Shown(s.sql));
    } else if (!unit.statements.empty()) {
      shown = "\n  when it was committed (a deferred constraint?)";
    }
    if (!why_canceled_.empty() && !yielded_) report_.error = absl::StrCat("canceled by ", why_canceled_, error.canceled ? "" : absl::StrCat(" (", error.text, ")"));
    const int before = report_.done;
    report_.message = absl::StrCat("migration ", Label(m), " failed at ", where, ": ", report_.error, error.code.empty() ? "" : absl::StrCat(" [", error.code, "]"), shown,
                                   error.context.empty() ? "" : absl::StrCat("\n  in: ", Shown(error.context)), "\n  what stands: ", stands, ". ",
                                   before == 0 ? "No other migration ran" : absl::StrCat(before, before == 1 ? " migration" : " migrations", " of this run before it ", before == 1 ? "is" : "are", m.direction == Direction::kUp ? " applied" : " rolled back"), Advice(error));
    RunEvent e = Event("migration_finish");
    e["status"] = "failed";
    e["error"] = report_.error;
    e["sqlstate"] = error.code;
    e["file"] = m.file;
    e["line"] = report_.failed_line;
    Send(std::move(e));
  }

  bool Stop(RunOutcome outcome, std::string message) {
    report_.outcome = outcome == RunOutcome::kRefused && report_.done > 0 ? RunOutcome::kFailed : outcome;
    if (now_ != nullptr) report_.failed_version = now_->version;
    report_.message = std::move(message);
    return false;
  }

  Database& db_;
  const Plan& plan_;
  const RunOptions& options_;
  SessionSettings settings_;
  RunReport report_;
  Clock::time_point begin_ = Clock::now(), unit_begin_ = begin_, looked_ = begin_;
  const PlanMigration* now_ = nullptr;
  const PlanUnit* unit_ = nullptr;
  Clock::time_point canceled_at_;  // when the running unit was last told to end
  double clean_for_ = 0;           // seconds that cleaning up after a failure may take; 0: nothing is cleaned up
  bool yielded_ = false;
  std::string why_canceled_;       // not by ourselves to let others pass
};

}  // namespace

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

absl::Status TakeRunLock(Database& database, int64_t wait_ms, const RunListener& listener) {
  const Clock::time_point begin = Clock::now();
  double said = -10;
  auto wait = [&](const char* what, const Session& who) {
    const double waited = Since(begin);
    if (waited - said >= 5 && listener) {
      RunEvent e;
      e["event"] = "run_lock_wait";
      e["what"] = what;
      if (who.pid != 0) e["held_by"] = Describe(who);
      listener(e);
      said = waited;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return waited * 1000 < static_cast<double>(wait_ms);
  };
  for (;;) {
    Session holder;
    const absl::StatusOr<bool> got = database.TryRunLock(&holder);
    if (!got.ok()) return got.status();
    if (*got) break;
    if (!wait("another pawl is applying to this database", holder)) {
      return absl::ResourceExhaustedError(absl::StrCat("another pawl is applying to this database: ", holder.pid == 0 ? "it has just ended" : Describe(holder), ". Wait for it, or give --wait 10m to let pawl wait"));
    }
  }
  // A killed run's session ends within half a second where the server checks its clients; where it cannot, it ends with its statement.
  const int64_t patience = std::max<int64_t>(wait_ms, 3000);
  for (;;) {
    const absl::StatusOr<std::optional<Session>> orphan = database.FindOrphan();
    if (!orphan.ok()) return orphan.status();
    if (!orphan->has_value()) return absl::OkStatus();
    if (!wait("the session of an earlier, killed run still works", **orphan) && Since(begin) * 1000 > static_cast<double>(patience)) {
      return absl::ResourceExhaustedError(absl::StrCat("the session of an earlier run that was killed is still at work and may commit: ", Describe(**orphan), ". Wait until it ends, or end it with `pawl repair --cancel`"));
    }
  }
}

}  // namespace pawl
