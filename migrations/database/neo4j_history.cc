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

// $row: a migration is applied. What another attempt left on the node goes.
constexpr std::string_view kApplied =
    " MERGE (m:__PawlMigration {key: $key}) SET m:Migration, m += $row, m.appliedAt = datetime.realtime('Z'), m.error = null";
constexpr std::string_view kReverted =
    " MERGE (m:__PawlMigration {key: $key}) SET m:Migration, m.status = 'ROLLED_BACK', m.rolledBackAt = datetime.realtime('Z'), m.executionTime = $took, m.error = null";
// $log: one more attempt, and nothing before it is open any more.
constexpr std::string_view kLog =
    " MERGE (l:__PawlAttempt {key: $logKey}) ON CREATE SET l.startedAt = datetime.realtime('Z') - duration({milliseconds: $took}) SET l += $log, l.finishedAt = datetime.realtime('Z')"
    " REMOVE l:__PawlOpen WITH l OPTIONAL MATCH (o:__PawlOpen {version: l.version, component: l.component}) WHERE o.id < l.id REMOVE o:__PawlOpen";

}  // namespace

Json Neo4jDatabase::RowParameters(const AppliedRow& a) const {
  return {{"component", a.component}, {"version", NameOf(a.version, a.name)}, {"name", a.name}, {"filename", BaseName(a.file)}, {"file", a.file}, {"description", a.name}, {"status", "SUCCESS"}, {"how", a.status},
          {"checksum", a.checksum}, {"recordedChecksum", a.checksum}, {"tokenChecksum", a.token_checksum}, {"executionTime", a.execution_ms}, {"appliedBy", a.applied_by}, {"approvals", a.approvals}, {"backupId", a.backup_id},
          {"planDigest", a.plan_digest}, {"pawlVersion", a.pawl_version}, {"script", a.script}};
}

// {statement, parameters ...}: what has to be written with a unit; null if nothing has.
Json Neo4jDatabase::RecordParameters(const UnitRecord& record) const {
  Json p = {{"fence", component_}, {"run", owner_.run}, {"took", record.before_ms}};
  std::string statement;
  if (record.apply != nullptr) {
    Json row = RowParameters(*record.apply);
    row["executionTime"] = record.before_ms;
    p["key"] = KeyOf(record.apply->component, record.apply->version, record.apply->name);
    p["row"] = std::move(row);
    absl::StrAppend(&statement, kApplied);
  } else if (record.revert) {
    p["key"] = KeyOf(record.component, std::string(record.version), record.log != nullptr ? record.log->name : "");
    absl::StrAppend(&statement, kReverted);
  }
  if (record.log != nullptr) {
    Attempt a = *record.log;
    a.duration_ms = record.before_ms;
    a.units_done = record.units_done;
    a.id = record.attempt != 0 ? record.attempt : next_id_;
    p["log"] = PropertiesOf(a);
    p["log"]["id"] = a.id;
    p["logKey"] = absl::StrCat(component_, "/", a.id);
    absl::StrAppend(&statement, statement.empty() ? "" : " WITH m", kLog);
  } else if (record.attempt != 0) {
    p["logKey"] = absl::StrCat(component_, "/", record.attempt);
    p["done"] = record.units_done;
    absl::StrAppend(&statement, statement.empty() ? "" : " WITH m", " MERGE (l:__PawlAttempt {key: $logKey}) SET l.unitsDone = $done");
  }
  if (statement.empty()) return nullptr;
  p["statement"] = statement.substr(1);
  return p;
}

absl::StatusOr<int64_t> Neo4jDatabase::NextId() {
  if (next_id_ == 0) {
    const CypherReply r = work_->Run("OPTIONAL MATCH (l:__PawlAttempt) RETURN coalesce(max(l.id), 0)");
    if (!r.ok()) return Failed("cannot read the log of migrations", *r.error);
    next_id_ = (r.rows.empty() ? 0 : Number(r.rows[0][0])) + 1;
  }
  return next_id_;
}

absl::StatusOr<HistorySnapshot> Neo4jDatabase::ReadHistory(bool scripts) {
  HistorySnapshot h;
  const CypherReply r = work_->Run(
      absl::StrCat("MATCH (m:Migration) WHERE m:__PawlMigration AND m.component IN [$component, ''] AND m.status = 'SUCCESS' RETURN m.component, m.version, m.name, m.file, m.how, m.checksum, m.recordedChecksum, m.tokenChecksum, "
                   "toString(m.appliedAt), m.executionTime, m.appliedBy, m.approvals, m.backupId, m.planDigest, m.pawlVersion, ",
                   scripts ? "m.script" : "null", " ORDER BY m.appliedAt, m.version"),
      {{"component", component_}}, true);
  if (!r.ok()) return Failed("cannot read the history", *r.error);
  for (const Json& row : r.rows) {
    AppliedRow& a = h.applied.emplace_back();
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
  // The rest in one request: who runs, what is open, whether there is a history at all, and what other tools have left.
  const CypherReply rest = work_->Run(
      absl::StrCat("OPTIONAL MATCH (l:__PawlOpen) WHERE l.component IN [$component, ''] WITH collect([", kAttempt,
                   "]) AS open RETURN open, EXISTS { MATCH (:__PawlMigration) } OR EXISTS { MATCH (:__PawlAttempt) }, EXISTS { MATCH (:__Neo4jMigration) }, EXISTS { MATCH (o:Migration) WHERE NOT o:__PawlMigration }"),
      {{"component", component_}}, true);
  if (!rest.ok()) return Failed("cannot read the history", *rest.error);
  if (rest.rows.empty()) return h;
  const Json& row = rest.rows[0];
  h.exists = row[1] == true;
  std::vector<std::string> runs;
  for (const Json& l : row[0]) {
    if (l[0].is_null()) continue;
    h.open.push_back(AttemptOf(l));
    runs.push_back(Text(l[21]));
  }
  if (lease_ == nullptr || !lease_->held()) {
    std::string run;
    const absl::StatusOr<std::optional<Session>> holder = Neo4jLease::Holder(*work_, component_, nullptr, &run);
    if (!holder.ok()) return holder.status();
    if (holder->has_value()) h.holder = Describe(**holder);
    for (size_t i = 0; i < h.open.size(); ++i) h.open[i].backend_alive = h.open[i].status == AttemptStatus::kRunning && holder->has_value() && runs[i] == run;
  }
  if (row[2] == true) {
    // neo4j-migrations' chain: (:__Neo4jMigration {version: 'BASELINE'})-[:MIGRATED_TO {at}]->(:__Neo4jMigration {version, description, checksum}) ...
    const CypherReply chain = work_->Run("MATCH (n:__Neo4jMigration) WHERE n.version <> 'BASELINE' OPTIONAL MATCH ()-[t:MIGRATED_TO]->(n) WITH n, t ORDER BY t.at RETURN DISTINCT n.version", nullptr, true);
    if (!chain.ok()) return Failed("cannot read the history of neo4j-migrations", *chain.error);
    ForeignHistory& f = h.foreign.emplace_back();
    f.tool = "neo4j-migrations";
    f.table = "(:__Neo4jMigration)";
    for (const Json& v : chain.rows) f.versions.push_back(Text(v[0]));
    if (f.versions.empty()) h.foreign.pop_back();
  }
  if (row[3] == true) {
    const CypherReply nodes = work_->Run(
        "MATCH (m:Migration) WHERE NOT m:__PawlMigration AND (m.filename IS NOT NULL OR m.version IS NOT NULL) RETURN toString(coalesce(m.filename, m.version)), coalesce(m.status, 'SUCCESS') ORDER BY m.appliedAt", nullptr, true);
    if (!nodes.ok()) return Failed("cannot read the nodes (:Migration)", *nodes.error);
    ForeignHistory f;
    f.tool = "migration-nodes";
    f.table = "(:Migration)";
    for (const Json& v : nodes.rows) {
      if (Text(v[1]) == "FAILED") f.failed.push_back(Text(v[0]));
      else if (Text(v[1]) == "SUCCESS") f.versions.push_back(Text(v[0]));
    }
    if (!f.versions.empty() || !f.failed.empty()) h.foreign.push_back(std::move(f));
  }
  return h;
}

absl::StatusOr<std::vector<Attempt>> Neo4jDatabase::ReadLog(int limit) {
  std::vector<Attempt> out;
  const CypherReply r = work_->Run(absl::StrCat("MATCH (l:__PawlAttempt) WHERE l.component IN [$component, ''] RETURN ", kAttempt, " ORDER BY l.id DESC LIMIT $limit"), {{"component", component_}, {"limit", limit}}, true);
  if (!r.ok()) return Failed("cannot read the log of migrations", *r.error);
  for (const Json& row : r.rows) out.push_back(AttemptOf(row));
  return out;
}

absl::StatusOr<int64_t> Neo4jDatabase::WriteAttempt(const Attempt& a) {
  const absl::StatusOr<int64_t> next = NextId();
  if (!next.ok()) return next.status();
  const bool open = a.status == AttemptStatus::kRunning || a.status == AttemptStatus::kFailed;
  const int64_t id = a.id != 0 ? a.id : *next;
  Json p = {{"fence", component_}, {"run", owner_.run}, {"logKey", absl::StrCat(component_, "/", id)}, {"log", PropertiesOf(a)}, {"took", a.duration_ms}, {"key", KeyOf(a.component, a.version, a.name)}};
  p["log"]["id"] = id;
  p["log"]["run"] = owner_.run;
  p["log"]["pid"] = owner_.pid;
  std::string statement = absl::StrCat(
      "MATCH (f:__PawlFence {id: $fence}) WHERE f.run = $run SET f.at = timestamp() MERGE (l:__PawlAttempt {key: $logKey}) ON CREATE SET l.startedAt = datetime.realtime('Z') - duration({milliseconds: $took}) SET l += $log, ",
      a.status == AttemptStatus::kRunning ? "l.finishedAt = null" : "l.finishedAt = datetime.realtime('Z')", open ? " SET l:__PawlOpen" : " REMOVE l:__PawlOpen",
      " WITH l OPTIONAL MATCH (o:__PawlOpen {version: l.version, component: l.component}) WHERE o.id < l.id REMOVE o:__PawlOpen WITH DISTINCT l");
  if (open && a.direction == Direction::kUp) {
    // Runbooks look for it there. A repeatable script that failed stays what its last success made it.
    p["node"] = {{"component", a.component}, {"version", NameOf(a.version, a.name)}, {"name", a.name}, {"filename", BaseName(a.file)}, {"file", a.file}, {"description", a.name}, {"checksum", a.checksum}, {"recordedChecksum", a.checksum},
                 {"executionTime", a.duration_ms}, {"appliedBy", a.run_by}, {"status", a.status == AttemptStatus::kFailed || !a.error.empty() ? "FAILED" : "RUNNING"}, {"error", a.error}};
    absl::StrAppend(&statement,
                    " MERGE (m:__PawlMigration {key: $key}) FOREACH (x IN CASE WHEN coalesce(m.status, '') = 'SUCCESS' THEN [] ELSE [1] END | SET m:Migration, m += $node, m.appliedAt = datetime.realtime('Z'))");
  }
  absl::StrAppend(&statement, " RETURN l.id");
  const CypherReply r = work_->Run(Marked(statement), p);
  if (!r.ok()) return Failed("cannot write the log of migrations", *r.error);
  if (r.rows.empty()) return absl::FailedPreconditionError("another pawl has taken over while this one did not answer: this run may no longer write");
  if (a.id == 0) ++next_id_;
  CrashPoint("an attempt is written");
  return id;
}

absl::Status Neo4jDatabase::WriteApplied(absl::Span<const AppliedRow> rows) {
  if (const absl::Status s = PrepareHistory(); !s.ok()) return s;
  Json all = Json::array();
  for (const AppliedRow& a : rows) all.push_back({{"key", KeyOf(a.component, a.version, a.name)}, {"row", RowParameters(a)}});
  const CypherReply r = work_->Run(
      Marked("MATCH (f:__PawlFence {id: $fence}) WHERE f.run = $run SET f.at = timestamp() WITH f UNWIND $rows AS r MERGE (m:__PawlMigration {key: r.key}) SET m:Migration, m += r.row, m.appliedAt = datetime.realtime('Z'), m.error = null RETURN count(m)"),
      {{"fence", component_}, {"run", owner_.run}, {"rows", all}});
  return r.ok() ? absl::OkStatus() : Failed("cannot write the history", *r.error);
}

absl::Status Neo4jDatabase::RemoveApplied(std::string_view component, std::string_view version) {
  const CypherReply r = work_->Run(Marked("MATCH (m:__PawlMigration) WHERE m.version = $version AND m.component IN [$component, ''] SET m.status = 'ROLLED_BACK', m.rolledBackAt = datetime.realtime('Z'), m.error = null"),
                                   {{"version", version}, {"component", component}});
  return r.ok() ? absl::OkStatus() : Failed("cannot write the history", *r.error);
}

}  // namespace pawl
