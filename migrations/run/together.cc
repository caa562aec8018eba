// Migrations of nothing but schema commands of Neo4j, several at a time.
//
// Whether such a command had its effect the schema tells. What the history costs is the server's planning: every change of the schema makes it
// plan the queries of the history anew, for longer than the command takes (measured on 5.26: 31 ms a constraint and an index, 55 ms each query
// of the history behind them). So those that follow each other are announced in one transaction and recorded in one; after a crash in between
// Resume asks the schema about each of them. Only on labels and types of which there is nothing, and as many as are quick: no more than about
// a second's work is ever in doubt, but where one of them waits for a lock.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "migrations/run/runner_internal.h"

namespace pawl {
namespace {

constexpr size_t kMostTogether = 32, kMostCommands = 64, kMostBytes = 100'000;

// Whatever becomes of one of them, the schema shows the other.
bool Apart(const SchemaTarget& a, const SchemaTarget& b) {
  if (!a.name.empty() && !b.name.empty()) {
    if (a.name == b.name) return false;
    return a.labels.empty() || b.labels.empty() || a.labels != b.labels || a.properties != b.properties || a.relationship != b.relationship;
  }
  return !a.labels.empty() && !b.labels.empty() && (a.labels != b.labels || a.properties != b.properties || a.relationship != b.relationship);
}

bool Apart(const PlanUnit& a, const PlanUnit& b) {
  return std::all_of(a.probe.targets.begin(), a.probe.targets.end(), [&](const SchemaTarget& x) {
    return std::all_of(b.probe.targets.begin(), b.probe.targets.end(), [&](const SchemaTarget& y) { return Apart(x, y); });
  });
}

// Never begun before, so that its attempt can be taken back without a trace.
bool IsFresh(const MigrationState* state) { return state == nullptr || (state->attempt == nullptr && state->row == nullptr); }

}  // namespace

bool IsSchemaCommand(const PlanUnit& unit) { return !unit.transaction && unit.probe.kind == ProbeKind::kSchema; }

bool MayBeInDoubtTogether(const PlanMigration& m, size_t from, size_t to) {
  if (to >= m.units.size() || to - from >= kMostCommands || !IsSchemaCommand(m.units[to])) return false;
  for (size_t i = from; i < to; ++i) {
    if (!IsSchemaCommand(m.units[i]) || !Apart(m.units[i], m.units[to])) return false;
  }
  return true;
}

size_t Runner::CountTogether(size_t from, const std::vector<const MigrationState*>& state) const {
  // One that has no successor of its kind need not ask what there is.
  if (from + 1 >= plan_.migrations.size() || plan_.migrations[from + 1].units.empty() || !IsSchemaCommand(plan_.migrations[from + 1].units[0])) return 1;
  std::vector<const PlanUnit*> commands;
  size_t count = 0, bytes = 0;
  for (size_t i = from; i < plan_.migrations.size() && count < std::min(together_, kMostTogether); ++i, ++count) {
    const PlanMigration& m = plan_.migrations[i];
    bytes += m.script.size();
    if (m.direction != Direction::kUp || m.changes_settings || m.units.empty() || !IsFresh(i < state.size() ? state[i] : nullptr) || commands.size() + m.units.size() > kMostCommands || bytes > kMostBytes) break;
    const bool fits = std::all_of(m.units.begin(), m.units.end(), [&](const PlanUnit& unit) {
      if (!IsSchemaCommand(unit) || !db_.IsQuick(unit.probe) || !std::all_of(commands.begin(), commands.end(), [&](const PlanUnit* c) { return Apart(*c, unit); })) return false;
      commands.push_back(&unit);
      return true;
    });
    if (!fits) break;
  }
  return std::max<size_t>(count, 1);
}

bool Runner::RunTogether(size_t from, size_t count) {
  std::vector<Attempt> attempts;
  for (size_t i = from; i < from + count; ++i) {
    const PlanMigration& m = plan_.migrations[i];
    Attempt& a = attempts.emplace_back(AttemptOf(m, AttemptStatus::kRunning));
    a.statement = ShownStatement(m.units[0].statements[0].sql);
    a.line = m.units[0].statements[0].line;
    nlohmann::json note;
    note["prefixes"] = UnitHashes(m);
    a.note = note.dump();
  }
  now_ = &plan_.migrations[from];
  if (const absl::Status s = db_.Announce(absl::MakeSpan(attempts)); !s.ok()) {
    return Stop(absl::IsUnavailable(s) ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat(Label(*now_), " was not begun: ", s.message(), Again()));
  }
  const RunClock::time_point announced = RunClock::now();
  size_t i = 0;
  bool good = true;
  while (i < count && good && (i == 0 || (Since(announced) < kTogetherSeconds && !Stopped() && !WindowIsOver()))) {
    good = RunAnnounced(plan_.migrations[from + i], &attempts[i]);
    ++i;
  }
  DbError error;
  if (good && !RecordRan(&error)) {
    now_ = ran_.front().migration;
    return Stop(error.lost ? RunOutcome::kLost : RunOutcome::kFailed, absl::StrCat(NotRecorded(), ": ", error.text, Again()));
  }
  together_ = i == count && Since(announced) < kTogetherSeconds / 2 ? std::min(2 * together_, kMostTogether) : std::max<size_t>(i, 1);
  if (i < count && report_.outcome != RunOutcome::kLost) {
    if (const absl::Status s = db_.Withdraw(absl::MakeSpan(attempts).subspan(i)); !s.ok() && good) {
      now_ = &plan_.migrations[from + i];
      return Stop(RunOutcome::kFailed, absl::StrCat(Label(*now_), " was announced and not begun, and that could not be taken back: ", s.message(), Again()));
    }
  }
  return good;
}

bool Runner::RunAnnounced(const PlanMigration& m, Attempt* attempt) {
  now_ = &m;
  const RunClock::time_point begin = RunClock::now();
  Send(Event("migration_start"));
  for (size_t i = 0; i < m.units.size(); ++i) {
    if (!RunUnit(m, m.units[i], i, UnitRecord(), *attempt, begin)) return false;
  }
  ran_.push_back({&m, attempt->id, static_cast<int64_t>(Since(begin) * 1000), db_.TakeNotices()});
  return true;
}

bool Runner::RecordRan(DbError* error) {
  if (ran_.empty()) return true;
  std::vector<AppliedRow> applied;
  std::vector<Attempt> logs;
  std::vector<UnitRecord> records;
  applied.reserve(ran_.size());
  logs.reserve(ran_.size());
  for (const Ran& r : ran_) {
    const PlanMigration& m = *r.migration;
    Attempt& log = logs.emplace_back(AttemptOf(m, AttemptStatus::kApplied));
    log.units_done = static_cast<int>(m.units.size());
    UnitRecord& record = records.emplace_back();
    record.attempt = r.attempt;
    record.units_done = log.units_done;
    record.component = plan_.component;
    record.version = m.version;
    record.before_ms = r.duration_ms;
    record.log = &log;
    record.apply = &applied.emplace_back(Applied(m));
  }
  if (std::optional<DbError> e = db_.Record(records)) {
    *error = std::move(*e);
    return false;
  }
  const PlanMigration* now = now_;
  for (const Ran& r : std::exchange(ran_, {})) {
    now_ = r.migration;
    ++report_.done;
    RunEvent e = Event("migration_finish");
    e["status"] = "applied";
    e["duration_ms"] = r.duration_ms;
    for (const std::string& n : r.notices) e["notices"].push_back(n);
    Send(std::move(e));
  }
  now_ = now;
  return true;
}

std::string Runner::NotRecorded() const {
  const std::string last = ran_.size() > 1 ? absl::StrCat(" to ", Label(*ran_.back().migration), " have run, but their records") : " has run, but its record";
  return absl::StrCat(Label(*ran_.front().migration), last, " could not be written; the next run looks at the schema and records what is done");
}

}  // namespace pawl
