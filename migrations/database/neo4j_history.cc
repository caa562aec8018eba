// What Neo4jDatabase remembers.
//
//   (:Migration:__PawlMigration {...})  one for each migration that was ever run: its last state, as runbooks ask for it:
//                          MATCH (m:Migration) WHERE m.status = 'SUCCESS' RETURN m.filename, m.appliedAt, m.executionTime
//                          MATCH (m:Migration {status: 'FAILED'}) RETURN m.filename, m.description, m.appliedAt
//                          status is SUCCESS, FAILED, RUNNING or ROLLED_BACK. Deleting it makes the migration pending again.
//                          recordedChecksum is what pawl wrote as checksum: one that was overridden by hand shows.
//   (:__PawlAttempt {...})  one for each attempt, failed ones and rollbacks too; never cut. :__PawlOpen while it runs or has failed
//                          and nothing came after it.
//
// A node (:Migration) without the second label is another tool's.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/database/crash_point.h"
#include "migrations/database/neo4j.h"

namespace pawl {
namespace {

std::string NameOf(const std::string& version, const std::string& name) { return version.empty() ? absl::StrCat("R__", name) : version; }
std::string KeyOf(std::string_view component, const std::string& version, const std::string& name) { return absl::StrCat(component, "/", NameOf(version, name)); }
std::string BaseName(const std::string& file) { return file.substr(file.rfind('/') + 1); }

AttemptStatus ParseStatus(std::string_view s) {
  for (AttemptStatus a : {AttemptStatus::kRunning, AttemptStatus::kApplied, AttemptStatus::kFailed, AttemptStatus::kRolledBack, AttemptStatus::kBaseline, AttemptStatus::kRepaired}) {
    if (s == ToString(a)) return a;
  }
  return AttemptStatus::kFailed;
}

Json PropertiesOf(const Attempt& a) {
  return {{"component", a.component}, {"version", NameOf(a.version, a.name)}, {"name", a.name}, {"direction", a.direction == Direction::kUp ? "up" : "down"}, {"status", ToString(a.status)}, {"unitsDone", a.units_done},
          {"unitsTotal", a.units_total}, {"statement", a.statement}, {"file", a.file}, {"line", a.line}, {"checksum", a.checksum}, {"error", a.error}, {"code", a.sqlstate}, {"durationMs", a.duration_ms}, {"runBy", a.run_by},
          {"host", a.host}, {"planDigest", a.plan_digest}, {"note", a.note}};
}

// What the (:Migration) says of an attempt that is open.
Json NodeOf(const Attempt& a, std::string_view status) {
  return {{"component", a.component}, {"version", NameOf(a.version, a.name)}, {"name", a.name}, {"filename", BaseName(a.file)}, {"file", a.file}, {"description", a.name}, {"checksum", a.checksum}, {"recordedChecksum", a.checksum},
          {"executionTime", a.duration_ms}, {"appliedBy", a.run_by}, {"status", status}, {"error", a.error}};
}

// However many migrations there are, the plan is the same; the server would make it anew, for 50 to 200 ms, whenever their number has changed much.
constexpr std::string_view kPlanOnce = "CYPHER replan=skip ";

constexpr std::string_view kAttempt =
    "l.id, l.component, l.version, l.name, l.direction, l.status, l.unitsDone, l.unitsTotal, l.statement, l.file, l.line, l.checksum, l.error, l.code, toString(l.startedAt), toString(l.finishedAt), l.durationMs, l.runBy, l.host, "
    "l.planDigest, l.note, l.run, l.pid";

std::string Text(const Json& v) { return CypherText(v); }

// "2026-11-21T19:11:18.244753535Z" with milliseconds, as PostgreSQL's history gives it.
std::string Time(const Json& v) {
  std::string t = CypherText(v);
  const size_t dot = t.find('.'), end = t.find_first_of("Z+-[", dot == std::string::npos ? 11 : dot);
  if (dot != std::string::npos && end != std::string::npos && end > dot + 4) t.erase(dot + 4, end - dot - 4);
  return t;
}
int64_t Number(const Json& v) { return v.is_number_integer() ? v.get<int64_t>() : 0; }

Attempt AttemptOf(const Json& r) {
  Attempt a;
  a.id = Number(r[0]);
  a.component = Text(r[1]);
  a.version = Text(r[2]);
  a.name = Text(r[3]);
  if (absl::StartsWith(a.version, "R__")) a.version.clear();
  a.direction = Text(r[4]) == "down" ? Direction::kDown : Direction::kUp;
  a.status = ParseStatus(Text(r[5]));
  a.units_done = static_cast<int>(Number(r[6]));
  a.units_total = static_cast<int>(Number(r[7]));
  a.statement = Text(r[8]);
  a.file = Text(r[9]);
  a.line = static_cast<uint32_t>(Number(r[10]));
  a.checksum = Text(r[11]);
  a.error = Text(r[12]);
  a.sqlstate = Text(r[13]);
  a.started_at = Time(r[14]);
  a.finished_at = Time(r[15]);
  a.duration_ms = Number(r[16]);
  a.run_by = Text(r[17]);
  a.host = Text(r[18]);
  a.plan_digest = Text(r[19]);
  a.note = Text(r[20]);
  a.backend_pid = static_cast<int>(Number(r[22]));
  return a;
}

// What a run writes down, it writes under this lock, and only while no other run has taken over: that one writes its name there. First the
// lock, then the look. Dividing by zero is the way that Cypher has to fail a query. `took`: milliseconds, this transaction's included.
constexpr std::string_view kFenced =
    "OPTIONAL MATCH (f:__PawlFence {id: $fence}) SET f.at = timestamp() WITH f, $took + duration.inSeconds(datetime.transaction('Z'), datetime.realtime('Z')).milliseconds AS took"
    " WHERE 1 / CASE WHEN f.run = $run THEN 1 ELSE 0 END = 1";
// The same for a query of its own, where nothing has to be rolled back: no row comes out of it if the run is no longer ours. These queries
// run beside schema commands, each of which makes the server plan them anew; that is why they are as short as they can be.
constexpr std::string_view kIfOurs = "MATCH (f:__PawlFence {id: $fence}) SET f.at = timestamp() WITH f WHERE f.run = $run ";
// $row: a migration is applied. What another attempt left on the node goes.
constexpr std::string_view kApplied =
    " MERGE (m:__PawlMigration {key: $key}) SET m:Migration, m += $row, m.appliedAt = datetime.realtime('Z'), m.executionTime = took, m.error = null WITH took";
constexpr std::string_view kReverted =
    " MERGE (m:__PawlMigration {key: $key}) SET m:Migration, m.status = 'ROLLED_BACK', m.rolledBackAt = datetime.realtime('Z'), m.executionTime = took, m.error = null WITH took";
// $log: one more attempt, or the end of one that was begun.
constexpr std::string_view kLogNew = " CREATE (l:__PawlAttempt {key: $logKey, startedAt: datetime.realtime('Z') - duration({milliseconds: took})})";
constexpr std::string_view kLog = " MERGE (l:__PawlAttempt {key: $logKey})";
constexpr std::string_view kClosed = " SET l += $log, l.durationMs = took, l.finishedAt = datetime.realtime('Z') REMOVE l:__PawlOpen";
// Where an earlier attempt may be open still.
constexpr std::string_view kCloseEarlier = " WITH l OPTIONAL MATCH (o:__PawlOpen {version: l.version, component: l.component}) WHERE o.id < l.id REMOVE o:__PawlOpen SET o.finishedAt = coalesce(o.finishedAt, datetime.realtime('Z')),"
    " o.error = CASE o.status WHEN 'running' THEN 'interrupted; a later run went on' ELSE o.error END, o.status = CASE o.status WHEN 'running' THEN 'failed' ELSE o.status END WITH DISTINCT l";
constexpr std::string_view kPart = " MERGE (l:__PawlAttempt {key: $logKey}) SET l.unitsDone = $done WITH l";

}  // namespace

Json Neo4jDatabase::RowParameters(const AppliedRow& a) const {
  return {{"component", a.component}, {"version", NameOf(a.version, a.name)}, {"name", a.name}, {"filename", BaseName(a.file)}, {"file", a.file}, {"description", a.name}, {"status", "SUCCESS"}, {"how", a.status},
          {"checksum", a.checksum}, {"recordedChecksum", a.checksum}, {"tokenChecksum", a.token_checksum}, {"executionTime", a.execution_ms}, {"appliedBy", a.applied_by}, {"approvals", a.approvals}, {"backupId", a.backup_id},
          {"planDigest", a.plan_digest}, {"pawlVersion", a.pawl_version}, {"script", a.script}};
}

CypherStatement Neo4jDatabase::Written(const UnitRecord& record, bool alone) {
  Json p = {{"fence", component_}, {"run", owner_.run}, {"took", record.before_ms}};
  const std::string head = alone ? absl::StrCat(kIfOurs, "WITH $took AS took") : std::string(kFenced);
  std::string text = head;
  if (record.apply != nullptr) {
    p["key"] = KeyOf(record.apply->component, record.apply->version, record.apply->name);
    p["row"] = RowParameters(*record.apply);
    text += kApplied;
  } else if (record.revert) {
    p["key"] = KeyOf(record.component, std::string(record.version), record.log != nullptr ? record.log->name : "");
    text += kReverted;
  }
  if (record.log != nullptr) {
    Attempt a = *record.log;
    a.units_done = record.units_done;
    a.id = record.attempt;
    if (a.id == 0 && NextId().ok()) a.id = next_id_++;
    p["log"] = PropertiesOf(a);
    p["log"]["id"] = a.id;
    p["logKey"] = LogKey(a.id);
    text += record.attempt == 0 ? kLogNew : kLog;
    text += kClosed;
    if (may_be_open_) text += kCloseEarlier;
  } else if (record.attempt != 0) {
    p["logKey"] = LogKey(record.attempt);
    p["done"] = record.units_done;
    text += kPart;
  }
  if (text.size() == head.size()) return {};
  return {absl::StrCat(text, " RETURN 1"), std::move(p)};
}

std::string Neo4jDatabase::LogKey(int64_t id) const { return absl::StrCat(component_, "/", id); }

absl::StatusOr<int64_t> Neo4jDatabase::NextId() {
  if (next_id_ == 0) {
    const CypherReply r = work_->Run("OPTIONAL MATCH (l:__PawlAttempt) RETURN coalesce(max(l.id), 0)");
    if (!r.ok()) return Failed("cannot read the log of migrations", *r.error);
    next_id_ = (r.rows.empty() ? 0 : Number(r.rows[0][0])) + 1;
  }
  return next_id_;
}

// The nodes (:Migration): those that pawl wrote, also where a hand has been at them, and those of another tool, or of somebody's hand. (A
// bird's migration has a version, too, but no checksum.) One query, for planning it is what takes time.
CypherStatement Neo4jDatabase::AppliedQuery(bool scripts) const {
  return {absl::StrCat(kPlanOnce, "MATCH (m:Migration) WHERE CASE WHEN m:__PawlMigration THEN (m.component IN [$component, ''] OR (m.component IS NULL AND m.key STARTS WITH $component + '/')) AND toUpper(trim(toStringOrNull(m.status))) = 'SUCCESS' "
                      "ELSE (m.filename IS NOT NULL OR m.version IS NOT NULL) AND (m.status IS NOT NULL OR m.appliedAt IS NOT NULL OR m.checksum IS NOT NULL OR m.executionTime IS NOT NULL) END "
                      "RETURN m.component, m.version, m.name, m.file, m.how, m.checksum, m.recordedChecksum, m.tokenChecksum, toStringOrNull(m.appliedAt), m.executionTime, m.appliedBy, m.approvals, m.backupId, m.planDigest, m.pawlVersion, ",
                      scripts ? "m.script" : "null", ", m:__PawlMigration, coalesce(toStringOrNull(m.filename), toStringOrNull(m.version)), coalesce(m.status, 'SUCCESS') ORDER BY m.appliedAt, m.version"),
          {{"component", component_}}};
}

// What there is at all, in a few milliseconds: the other queries take the server up to 200 each to plan, the first time.
CypherStatement Neo4jDatabase::LabelsQuery() {
  return {"CALL db.labels() YIELD label WHERE label IN ['Migration', '__PawlMigration', '__PawlAttempt', '__PawlOpen', '__PawlRunner', '__Neo4jMigration'] RETURN label", nullptr};
}

absl::Status Neo4jDatabase::ReadApplied(bool scripts, HistorySnapshot* h) {
  const CypherStatement query = AppliedQuery(scripts);
  const CypherReply r = work_->Run(query.text, query.parameters, true);
  if (!r.ok()) return Failed("cannot read the history", *r.error);
  ForeignHistory other;
  other.tool = "migration-nodes";
  other.table = "(:Migration)";
  for (const Json& row : r.rows) {
    if (row[16] != true) {
      if (Text(row[17]).empty()) continue;  // neither a name nor a version that is text
      if (Text(row[18]) == "FAILED") other.failed.push_back(Text(row[17]));
      else if (Text(row[18]) == "SUCCESS") other.versions.push_back(Text(row[17]));
      continue;
    }
    AppliedRow& a = h->applied.emplace_back();
    a.component = Text(row[0]);
    a.version = Text(row[1]);
    a.name = Text(row[2]);
    if (absl::StartsWith(a.version, "R__")) a.version.clear();
    a.file = Text(row[3]);
    a.status = Text(row[4]);
    a.checksum = Text(row[5]);
    a.recorded_checksum = Text(row[6]);
    a.token_checksum = Text(row[7]);
    a.applied_at = Time(row[8]);
    a.execution_ms = Number(row[9]);
    a.applied_by = Text(row[10]);
    if (row[11].is_array()) {
      for (const Json& who : row[11]) a.approvals.push_back(Text(who));
    }
    a.backup_id = Text(row[12]);
    a.plan_digest = Text(row[13]);
    a.pawl_version = Text(row[14]);
    a.script = Text(row[15]);
  }
  if (!other.versions.empty() || !other.failed.empty()) h->foreign.push_back(std::move(other));
  return absl::OkStatus();
}

absl::StatusOr<HistorySnapshot> Neo4jDatabase::ReadHistory(bool scripts) {
  HistorySnapshot h;
  const CypherReply labels = work_->Run(LabelsQuery().text, nullptr, true);
  if (!labels.ok()) return Failed("cannot read the history", *labels.error);
  auto there = [&](const char* label) { return std::any_of(labels.rows.begin(), labels.rows.end(), [&](const Json& row) { return row[0] == label; }); };
  h.exists = there("__PawlMigration") || there("__PawlAttempt");
  if (there("Migration")) {
    if (const absl::Status s = ReadApplied(scripts, &h); !s.ok()) return s;
  }
  may_be_open_ = lease_ == nullptr || !lease_->held() || there("__PawlOpen");
  std::vector<std::string> runs;
  if (there("__PawlOpen")) {
    const CypherReply open = work_->Run(absl::StrCat(kPlanOnce, "MATCH (l:__PawlOpen) WHERE l.component IN [$component, ''] RETURN ", kAttempt), {{"component", component_}}, true);
    if (!open.ok()) return Failed("cannot read the history", *open.error);
    for (const Json& l : open.rows) {
      h.open.push_back(AttemptOf(l));
      runs.push_back(Text(l[21]));
    }
  }
  if ((lease_ == nullptr || !lease_->held()) && there("__PawlRunner")) {
    std::string run;
    const absl::StatusOr<std::optional<Session>> holder = Neo4jLease::Holder(*work_, component_, nullptr, &run);
    if (!holder.ok()) return holder.status();
    if (holder->has_value()) h.holder = Describe(**holder);
    for (size_t i = 0; i < h.open.size(); ++i) h.open[i].backend_alive = h.open[i].status == AttemptStatus::kRunning && holder->has_value() && runs[i] == run;
  }
  if (there("__Neo4jMigration")) {
    // neo4j-migrations' chain: (:__Neo4jMigration {version: 'BASELINE'})-[:MIGRATED_TO {at}]->(:__Neo4jMigration {version, description, checksum}) ...
    const CypherReply chain = work_->Run("MATCH (n:__Neo4jMigration) WHERE n.version <> 'BASELINE' OPTIONAL MATCH ()-[t:MIGRATED_TO]->(n) WITH n, t ORDER BY t.at RETURN DISTINCT n.version", nullptr, true);
    if (!chain.ok()) return Failed("cannot read the history of neo4j-migrations", *chain.error);
    ForeignHistory& f = h.foreign.emplace_back();
    f.tool = "neo4j-migrations";
    f.table = "(:__Neo4jMigration)";
    for (const Json& v : chain.rows) f.versions.push_back(Text(v[0]));
    if (f.versions.empty()) h.foreign.pop_back();
  }
  return h;
}

absl::StatusOr<std::vector<Attempt>> Neo4jDatabase::ReadLog(int limit) {
  std::vector<Attempt> out;
  const CypherReply r = work_->Run(absl::StrCat(kPlanOnce, "MATCH (l:__PawlAttempt) WHERE l.component IN [$component, ''] RETURN ", kAttempt, " ORDER BY l.id DESC LIMIT $limit"), {{"component", component_}, {"limit", limit}}, true);
  if (!r.ok()) return Failed("cannot read the log of migrations", *r.error);
  for (const Json& row : r.rows) out.push_back(AttemptOf(row));
  return out;
}

Json Neo4jDatabase::LogOf(const Attempt& a, int64_t id) const {
  Json log = PropertiesOf(a);
  log["id"] = id;
  log["run"] = owner_.run;
  log["pid"] = owner_.pid;
  return log;
}

absl::StatusOr<int64_t> Neo4jDatabase::WriteAttempt(const Attempt& a) {
  const absl::StatusOr<int64_t> next = NextId();
  if (!next.ok()) return next.status();
  const bool open = a.status == AttemptStatus::kRunning || a.status == AttemptStatus::kFailed;
  const int64_t id = a.id != 0 ? a.id : *next;
  const std::string key = KeyOf(a.component, a.version, a.name);
  Json p = {{"fence", component_}, {"run", owner_.run}, {"logKey", LogKey(id)}, {"log", LogOf(a, id)}};
  std::string statement(kIfOurs);
  if (a.id != 0) {
    absl::StrAppend(&statement, "MERGE (l:__PawlAttempt {key: $logKey}) SET l += $log, l.finishedAt = ", a.status == AttemptStatus::kRunning ? "null" : "datetime.realtime('Z')", open ? " SET l:__PawlOpen " : " REMOVE l:__PawlOpen ");
  } else {
    p["took"] = a.duration_ms;
    absl::StrAppend(&statement, "CREATE (l:__PawlAttempt {key: $logKey, startedAt: datetime.realtime('Z') - duration({milliseconds: $took})}) SET l += $log", a.status == AttemptStatus::kRunning ? "" : ", l.finishedAt = datetime.realtime('Z')", open ? " SET l:__PawlOpen " : " ");
  }
  if (may_be_open_) statement += kCloseEarlier;
  const bool running = a.status == AttemptStatus::kRunning && a.error.empty();
  if (open && a.direction == Direction::kUp && !(running && announced_ == key)) {
    // Runbooks look for it there. A repeatable script that failed stays what its last success made it.
    p["key"] = key;
    p["node"] = NodeOf(a, running ? "RUNNING" : "FAILED");
    constexpr std::string_view kNode = "SET m:Migration, m += $node, m.appliedAt = datetime.realtime('Z') ";
    absl::StrAppend(&statement, " MERGE (m:__PawlMigration {key: $key}) ", a.version.empty() ? absl::StrCat("FOREACH (x IN CASE WHEN coalesce(m.status, '') = 'SUCCESS' THEN [] ELSE [1] END | ", kNode, ")") : std::string(kNode));
    announced_ = running ? key : "";
  }
  if (a.status == AttemptStatus::kFailed) may_be_open_ = true;
  absl::StrAppend(&statement, " RETURN l.id");
  const CypherReply r = work_->Run(Marked(statement), p);
  if (!r.ok()) return Failed("cannot write the log of migrations", *r.error);
  if (r.rows.empty()) return absl::FailedPreconditionError("another pawl has taken over while this one did not answer: this run may no longer write");
  if (a.id == 0) ++next_id_;
  CrashPoint("an attempt is written");
  return id;
}

// One query however many they are: a statement each would take the server 5 ms more each.
absl::Status Neo4jDatabase::Announce(absl::Span<Attempt> attempts) {
  const absl::StatusOr<int64_t> next = NextId();
  if (!next.ok()) return next.status();
  to_await_.clear();
  Json all = Json::array();
  int64_t id = *next;
  for (Attempt& a : attempts) {
    a.id = id++;
    all.push_back({{"key", KeyOf(a.component, a.version, a.name)}, {"node", NodeOf(a, "RUNNING")}, {"logKey", LogKey(a.id)}, {"log", LogOf(a, a.id)}});
  }
  const std::optional<DbError> e = WriteAlone({absl::StrCat(kIfOurs,
                                                            "UNWIND $all AS a CREATE (l:__PawlAttempt {key: a.logKey, startedAt: datetime.realtime('Z')}) SET l += a.log SET l:__PawlOpen "
                                                            "MERGE (m:__PawlMigration {key: a.key}) SET m:Migration, m += a.node, m.appliedAt = datetime.realtime('Z') RETURN 1"),
                                               {{"fence", component_}, {"run", owner_.run}, {"all", std::move(all)}}});
  if (e) return e->lost ? absl::UnavailableError(e->text) : absl::FailedPreconditionError(absl::StrCat("cannot write the log of migrations: ", e->text));
  next_id_ = id;
  CrashPoint("attempts are announced");
  return absl::OkStatus();
}

std::optional<DbError> Neo4jDatabase::Record(absl::Span<const UnitRecord> records) {
  if (std::optional<DbError> e = AwaitTogether()) return e;
  Json all = Json::array();
  for (const UnitRecord& r : records) {
    Attempt log = *r.log;
    log.units_done = r.units_done;
    Json properties = PropertiesOf(log);
    properties["id"] = r.attempt;
    all.push_back({{"key", KeyOf(r.apply->component, r.apply->version, r.apply->name)}, {"row", RowParameters(*r.apply)}, {"logKey", LogKey(r.attempt)}, {"log", std::move(properties)}, {"took", r.before_ms}});
  }
  const std::optional<DbError> e = WriteAlone({absl::StrCat(kIfOurs,
                                                            "UNWIND $all AS a MERGE (m:__PawlMigration {key: a.key}) SET m:Migration, m += a.row, m.appliedAt = datetime.realtime('Z'), m.executionTime = a.took, m.error = null "
                                                            "MERGE (l:__PawlAttempt {key: a.logKey}) SET l += a.log, l.durationMs = a.took, l.finishedAt = datetime.realtime('Z') REMOVE l:__PawlOpen RETURN 1"),
                                               {{"fence", component_}, {"run", owner_.run}, {"all", std::move(all)}}});
  CrashPoint("what ran is recorded");
  return e;
}

// Nothing of them has happened: a node that says what became of it earlier says so again.
absl::Status Neo4jDatabase::Withdraw(absl::Span<const Attempt> attempts) {
  Json all = Json::array();
  for (const Attempt& a : attempts) all.push_back({{"key", KeyOf(a.component, a.version, a.name)}, {"logKey", LogKey(a.id)}});
  const std::optional<DbError> e = WriteAlone({absl::StrCat(kIfOurs,
                                                            "UNWIND $all AS a MATCH (l:__PawlAttempt {key: a.logKey}) MATCH (m:__PawlMigration {key: a.key}) DELETE l SET m.status = 'ROLLED_BACK' "
                                                            "FOREACH (x IN CASE WHEN m.rolledBackAt IS NULL THEN [m] ELSE [] END | DELETE x) RETURN 1"),
                                               {{"fence", component_}, {"run", owner_.run}, {"all", std::move(all)}}});
  CrashPoint("what was not begun is withdrawn");
  return e ? absl::FailedPreconditionError(e->text) : absl::OkStatus();
}

absl::Status Neo4jDatabase::WriteApplied(absl::Span<const AppliedRow> rows) {
  if (const absl::Status s = PrepareHistory(); !s.ok()) return s;
  Json all = Json::array();
  for (const AppliedRow& a : rows) all.push_back({{"key", KeyOf(a.component, a.version, a.name)}, {"row", RowParameters(a)}});
  const CypherReply r = work_->Run(
      Marked(absl::StrCat(kIfOurs, "UNWIND $rows AS r MERGE (m:__PawlMigration {key: r.key}) SET m:Migration, m += r.row, m.appliedAt = datetime.realtime('Z'), m.error = null RETURN count(m)")),
      {{"fence", component_}, {"run", owner_.run}, {"rows", all}});
  return r.ok() ? absl::OkStatus() : Failed("cannot write the history", *r.error);
}

absl::Status Neo4jDatabase::RemoveApplied(std::string_view component, std::string_view version) {
  const CypherReply r = work_->Run(Marked("MATCH (m:__PawlMigration) WHERE m.version = $version AND m.component IN [$component, ''] SET m.status = 'ROLLED_BACK', m.rolledBackAt = datetime.realtime('Z'), m.error = null"),
                                   {{"version", version}, {"component", component}});
  return r.ok() ? absl::OkStatus() : Failed("cannot write the history", *r.error);
}

}  // namespace pawl
