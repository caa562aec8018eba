// schema_migrations and schema_migrations_log: what PostgresDatabase remembers.
//
// schema_migrations has one row for each migration that is applied, so that the runbooks' queries on it tell the truth as they
// stand: SELECT version ... ORDER BY applied_at DESC, ... ORDER BY installed_on DESC, and DELETE ... WHERE version = '06', which
// makes that migration pending again. schema_migrations_log has every attempt, failed ones and rollbacks too, and is never cut.
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "migrations/database/crash_point.h"
#include "migrations/database/postgres.h"

namespace pawl {
namespace {

// A repeatable script has no version of its own; its row is known by its name.
constexpr std::string_view kRepeatable = "R__";

std::string VersionColumn(std::string_view version, std::string_view name) { return version.empty() ? absl::StrCat(kRepeatable, name) : std::string(version); }

constexpr char kAppliedColumns[] =
    "(component text NOT NULL DEFAULT '', version text NOT NULL, name text NOT NULL DEFAULT '', direction text NOT NULL DEFAULT 'up', status text NOT NULL DEFAULT 'applied', "
    "checksum text NOT NULL DEFAULT '', token_checksum text NOT NULL DEFAULT '', applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
    "installed_on timestamptz NOT NULL DEFAULT clock_timestamp(), execution_time_ms bigint NOT NULL DEFAULT 0, installed_by text NOT NULL DEFAULT session_user, "
    "applied_by text NOT NULL DEFAULT '', approvals jsonb NOT NULL DEFAULT '[]', backup_id text NOT NULL DEFAULT '', plan_digest text NOT NULL DEFAULT '', "
    "pawl_version text NOT NULL DEFAULT '', script text NOT NULL DEFAULT '', PRIMARY KEY (component, version))";
constexpr char kLogColumns[] =
    "(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, component text NOT NULL DEFAULT '', version text NOT NULL, name text NOT NULL DEFAULT '', direction text NOT NULL, "
    "status text NOT NULL, units_done int NOT NULL DEFAULT 0, units_total int NOT NULL DEFAULT 1, statement text NOT NULL DEFAULT '', file text NOT NULL DEFAULT '', "
    "line int NOT NULL DEFAULT 0, checksum text NOT NULL DEFAULT '', error text NOT NULL DEFAULT '', sqlstate text NOT NULL DEFAULT '', "
    "started_at timestamptz NOT NULL DEFAULT clock_timestamp(), finished_at timestamptz, duration_ms bigint NOT NULL DEFAULT 0, run_by text NOT NULL DEFAULT '', "
    "host text NOT NULL DEFAULT '', plan_digest text NOT NULL DEFAULT '', note text NOT NULL DEFAULT '', backend_pid int NOT NULL DEFAULT pg_backend_pid(), "
    "backend_start timestamptz)";

std::string Utc(std::string_view column) { return absl::StrCat("to_char(", column, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"); }

struct Reader {
  const PgRow& row;
  size_t at = 0;
  std::string Text() { return row[at++].value_or(""); }
  int64_t Number() {
    int64_t n = 0;
    (void)absl::SimpleAtoi(row[at++].value_or("0"), &n);
    return n;
  }
};

void ReadVersion(Reader& r, std::string* version, std::string* name) {
  *version = r.Text();
  *name = r.Text();
  if (absl::StartsWith(*version, kRepeatable)) version->clear();
}

AttemptStatus ParseAttemptStatus(std::string_view s) {
  for (AttemptStatus a : {AttemptStatus::kRunning, AttemptStatus::kApplied, AttemptStatus::kFailed, AttemptStatus::kRolledBack, AttemptStatus::kBaseline, AttemptStatus::kRepaired}) {
    if (s == ToString(a)) return a;
  }
  return AttemptStatus::kFailed;
}

// A session that works for pawl holds an advisory lock of pawl's class as long as it lives; unlike pg_stat_activity every role sees it.
std::string LogSelect(std::string_view table) {
  return absl::StrCat("SELECT id, component, version, name, direction, status, units_done, units_total, statement, file, line, checksum, error, sqlstate, ", Utc("started_at"), ", ",
                      Utc("finished_at"), ", duration_ms, run_by, host, plan_digest, note, backend_pid, CASE WHEN status = 'running' THEN (SELECT count(*) FROM pg_locks k WHERE k.locktype = 'advisory' "
                      "AND k.granted AND k.classid = ", 0x7061776C, " AND (k.objid::bigint & 1) = 1 AND k.objsubid = 2 AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND k.pid = l.backend_pid AND k.pid <> pg_backend_pid()) "
                      "ELSE 0 END FROM ", table, " l");
}

Attempt AttemptOf(const PgRow& row) {
  Reader r{row};
  Attempt a;
  a.id = r.Number();
  a.component = r.Text();
  ReadVersion(r, &a.version, &a.name);
  a.direction = r.Text() == "down" ? Direction::kDown : Direction::kUp;
  a.status = ParseAttemptStatus(r.Text());
  a.units_done = static_cast<int>(r.Number());
  a.units_total = static_cast<int>(r.Number());
  a.statement = r.Text();
  a.file = r.Text();
  a.line = static_cast<uint32_t>(r.Number());
  a.checksum = r.Text();
  a.error = r.Text();
  a.sqlstate = r.Text();
  a.started_at = r.Text();
  a.finished_at = r.Text();
  a.duration_ms = r.Number();
  a.run_by = r.Text();
  a.host = r.Text();
  a.plan_digest = r.Text();
  a.note = r.Text();
  a.backend_pid = static_cast<int>(r.Number());
  a.backend_alive = r.Number() > 0;
  return a;
}

std::vector<PgValue> LogValues(const Attempt& a) {
  return {a.component, VersionColumn(a.version, a.name), a.name, std::string(a.direction == Direction::kUp ? "up" : "down"), std::string(ToString(a.status)), absl::StrCat(a.units_done),
          absl::StrCat(a.units_total), a.statement, a.file, absl::StrCat(a.line), a.checksum, a.error, a.sqlstate, absl::StrCat(a.duration_ms), a.run_by, a.host, a.plan_digest, a.note};
}

}  // namespace

absl::Status PostgresDatabase::LearnTables() {
  if (tables_known_) return absl::OkStatus();
  // Another tool may have a table of our name: golang-migrate, dbmate and Rails all call theirs schema_migrations.
  const PgResult r = work_->Query(
      "SELECT c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname), EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('plan_digest') AND NOT a.attisdropped), "
      "has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE') "
      "FROM unnest(ARRAY['schema_migrations', 'schema_migrations_log', 'pawl_schema_migrations', 'pawl_schema_migrations_log']) name JOIN pg_class c ON c.oid = to_regclass(quote_ident(name)) JOIN pg_namespace n "
      "ON n.oid = c.relnamespace UNION ALL SELECT '', quote_ident(current_schema()), false, true");
  if (!r.ok()) return Failed("cannot look for schema_migrations", *r.error);
  std::string schema, prefix;
  bool foreign = false;
  for (const PgRow& row : r.rows) {
    if (row[0] == "") schema = row[1].value_or("");
    if (row[0] == "schema_migrations" && row[2] != "t") foreign = true;
  }
  if (foreign) prefix = "pawl_";
  has_applied_ = has_log_ = false;
  may_write_ = true;
  for (const PgRow& row : r.rows) {
    if (row[0] == absl::StrCat(prefix, "schema_migrations")) {
      has_applied_ = true;
      may_write_ = may_write_ && row[3] == "t";
      applied_table_ = row[1].value_or("");
    }
    if (row[0] == absl::StrCat(prefix, "schema_migrations_log")) {
      has_log_ = true;
      may_write_ = may_write_ && row[3] == "t";
      log_table_ = row[1].value_or("");
    }
  }
  if (schema.empty() && (!has_applied_ || !has_log_)) return absl::FailedPreconditionError("the session's search_path names no schema that exists, so there is no place for schema_migrations; create the schema or set search_path");
  if (!has_applied_) applied_table_ = absl::StrCat(schema, ".", prefix, "schema_migrations");
  if (!has_log_) log_table_ = absl::StrCat(schema, ".", prefix, "schema_migrations_log");
  // How long the transaction at hand has taken so far.
  constexpr std::string_view kSoFar = "(1000 * extract(epoch FROM clock_timestamp() - transaction_timestamp()))::bigint";
  insert_applied_ = absl::StrCat(
      "INSERT INTO ", applied_table_,
      " (component, version, name, status, checksum, token_checksum, execution_time_ms, applied_by, approvals, backup_id, plan_digest, pawl_version, script) VALUES ($1, $2, $3, $4, $5, $6, "
      "coalesce($7::bigint, $14::bigint + ", kSoFar, "), $8, $9::jsonb, $10, $11, $12, $13)");
  upsert_applied_ = absl::StrCat(
      insert_applied_, " ON CONFLICT (component, version) DO UPDATE SET name = excluded.name, status = excluded.status, checksum = excluded.checksum, token_checksum = excluded.token_checksum, applied_at = clock_timestamp(), installed_on = clock_timestamp(), "
      "execution_time_ms = excluded.execution_time_ms, applied_by = excluded.applied_by, approvals = excluded.approvals, backup_id = excluded.backup_id, plan_digest = excluded.plan_digest, "
      "pawl_version = excluded.pawl_version, script = excluded.script");
  insert_log_ = absl::StrCat(
      "INSERT INTO ", log_table_,
      " (component, version, name, direction, status, units_done, units_total, statement, file, line, checksum, error, sqlstate, duration_ms, run_by, host, plan_digest, note, started_at, finished_at, backend_start) "
      "VALUES ($1, $2, $3, $4, $5, $6::int, $7::int, $8, $9, $10::int, $11, $12, $13, $14::bigint, $15, $16, $17, $18, clock_timestamp() - $14::bigint * interval '1 ms', "
      "CASE WHEN $5 <> 'running' THEN clock_timestamp() END, CASE WHEN $5 = 'running' THEN (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) END)");
  insert_done_ = absl::StrCat("INSERT INTO ", log_table_, " (component, version, name, direction, status, units_done, units_total, file, checksum, run_by, host, plan_digest, note, duration_ms, started_at, finished_at) "
                              "VALUES ($1, $2, $3, $4, $5, $6::int, $7::int, $8, $9, $10, $11, $12, $13, $14::bigint + ", kSoFar, ", transaction_timestamp() - $14::bigint * interval '1 ms', clock_timestamp())");
  close_attempt_ = absl::StrCat("UPDATE ", log_table_, " SET status = $2, units_done = $3::int, statement = '', error = '', sqlstate = '', note = $4, duration_ms = $5::bigint + ", kSoFar, ", finished_at = clock_timestamp() WHERE id = $1::bigint");
  delete_applied_ = absl::StrCat("DELETE FROM ", applied_table_, " WHERE version = $2 AND component IN ($1, '')");
  update_attempt_ = absl::StrCat("UPDATE ", log_table_, " SET units_done = $2::int WHERE id = $1::bigint");
  absl::StatusOr<std::vector<ForeignHistory>> found = FindForeignHistory(*work_);
  if (!found.ok()) return found.status();
  foreign_ = *std::move(found);
  tables_known_ = true;
  return absl::OkStatus();
}

absl::Status PostgresDatabase::NoHistory(std::string_view what, const std::string& table, const PgError& e) {
  // By its text, which lc_messages may translate; then the other advice stands, which is not wrong.
  if (e.sqlstate == "42501" && absl::StrContains(e.message, "row-level security")) {
    return absl::FailedPreconditionError(absl::StrCat(what, ": row-level security of ", table, " hides rows from ", server_.user, ", so what is applied is not known, and nothing was changed: run as the tables' owner, or ALTER TABLE ... DISABLE ROW LEVEL SECURITY"));
  }
  if (e.sqlstate == "42501") {
    return absl::FailedPreconditionError(absl::StrCat(what, ": ", server_.user, " may not, and nothing was changed: GRANT SELECT ON ", applied_table_, ", ", log_table_, " TO ", server_.user, ", and to apply INSERT, UPDATE, DELETE as well"));
  }
  if (e.sqlstate != "55P03") return Failed(what, e);
  (void)work_->Query("ROLLBACK");
  const PgResult who = work_->Query(absl::StrCat("SELECT ", kSessionColumns, " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.granted AND l.relation = to_regclass($1) AND a.pid <> pg_backend_pid() ORDER BY a.xact_start"), {PgValue(table)});
  std::string text = absl::StrCat(what, ", and nothing was changed: ");
  if (!who.ok() || who.rows.empty()) absl::StrAppend(&text, "somebody held a lock on it for longer than 3 s. Try again");
  else {
    const Session s = SessionOf(who.rows[0]);
    absl::StrAppend(&text, "it is locked by ", Describe(s), ". Wait until that ends, or end it: SELECT pg_terminate_backend(", s.pid, ")");
  }
  return absl::FailedPreconditionError(text);
}

absl::StatusOr<HistorySnapshot> PostgresDatabase::ReadHistory(bool scripts) {
  PgResult r = work_->Query("BEGIN READ ONLY");
  // A policy that hides rows would make what is applied look pending: an error is better.
  if (r.ok()) r = work_->Query("SET LOCAL row_security = off");
  if (!r.ok()) return Failed("cannot read the history", *r.error);
  tables_known_ = false;  // somebody may have made them since
  HistorySnapshot h;
  absl::Status status = LearnTables();
  h.foreign = foreign_;
  h.exists = has_applied_;
  if (status.ok() && has_applied_) {
    r = work_->Query(absl::StrCat("SELECT component, version, name, status, checksum, token_checksum, ", Utc("applied_at"), ", execution_time_ms, applied_by, approvals::text, backup_id, plan_digest, pawl_version, ",
                                  scripts ? "script" : "''", " FROM ", applied_table_, " WHERE component IN ($1, '') ORDER BY applied_at, version"),
                     {PgValue(component_)});
    if (!r.ok()) status = NoHistory("cannot read schema_migrations", applied_table_, *r.error);
    for (const PgRow& row : r.rows) {
      Reader f{row};
      AppliedRow& a = h.applied.emplace_back();
      a.component = f.Text();
      ReadVersion(f, &a.version, &a.name);
      a.status = f.Text();
      a.checksum = f.Text();
      a.token_checksum = f.Text();
      a.applied_at = f.Text();
      a.execution_ms = f.Number();
      a.applied_by = f.Text();
      const nlohmann::json approvals = nlohmann::json::parse(f.Text(), nullptr, false);
      if (approvals.is_array()) {
        for (const auto& who : approvals) {
          if (who.is_string()) a.approvals.push_back(who.get<std::string>());
        }
      }
      a.backup_id = f.Text();
      a.plan_digest = f.Text();
      a.pawl_version = f.Text();
      a.script = f.Text();
    }
  }
  if (status.ok() && has_log_) {
    r = work_->Query(absl::StrCat(LogSelect(log_table_), " WHERE status IN ('running', 'failed') AND component IN ($1, '') AND NOT EXISTS (SELECT 1 FROM ", log_table_,
                                  " n WHERE n.component = l.component AND n.version = l.version AND n.id > l.id)"),
                     {PgValue(component_)});
    if (!r.ok()) status = NoHistory("cannot read schema_migrations_log", log_table_, *r.error);
    for (const PgRow& row : r.rows) h.open.push_back(AttemptOf(row));
  }
  (void)work_->Query("ROLLBACK");
  if (!status.ok()) return status;
  return h;
}

absl::StatusOr<std::vector<Attempt>> PostgresDatabase::ReadLog(int limit) {
  if (const absl::Status s = LearnTables(); !s.ok()) return s;
  std::vector<Attempt> out;
  if (!has_log_) return out;
  const PgResult r = work_->Query(absl::StrCat(LogSelect(log_table_), " WHERE component IN ($1, '') ORDER BY id DESC LIMIT ", limit), {PgValue(component_)});
  if (!r.ok()) return NoHistory("cannot read schema_migrations_log", log_table_, *r.error);
  for (const PgRow& row : r.rows) out.push_back(AttemptOf(row));
  return out;
}

absl::Status PostgresDatabase::PrepareHistory() {
  if (const absl::Status s = LearnTables(); !s.ok()) return s;
  if (!may_write_) {
    return absl::FailedPreconditionError(absl::StrCat("refused, nothing was changed: ", server_.user, " may not write what it applies into schema_migrations: GRANT SELECT, INSERT, UPDATE, DELETE ON ", applied_table_, ", ", log_table_, " TO ", server_.user));
  }
  if (has_applied_ && has_log_) return absl::OkStatus();
  // Another component's runner may make them at this moment: of two, one waits for the other and finds them there.
  const std::string lock = absl::StrCat("SELECT pg_advisory_xact_lock(", 0x7061776C, ", 1)"), applied = absl::StrCat("CREATE TABLE IF NOT EXISTS ", applied_table_, " ", kAppliedColumns);
  const std::string log = absl::StrCat("CREATE TABLE IF NOT EXISTS ", log_table_, " ", kLogColumns);
  const std::string index = absl::StrCat("CREATE INDEX IF NOT EXISTS ", absl::StrContains(log_table_, "pawl_") ? "pawl_" : "", "schema_migrations_log_version_idx ON ", log_table_, " (component, version, id)");
  const BatchOutcome b = work_->Batch(std::vector<PgStatement>{{"BEGIN", {}}, {lock, {}}, {applied, {}}, {log, {}}, {index, {}}, {"COMMIT", {}}});
  if (b.error) {
    (void)work_->Query("ROLLBACK");
    return Failed("cannot create schema_migrations", *b.error);
  }
  (void)work_->TakeNotices();  // "relation already exists, skipping"
  tables_known_ = false;
  CrashPoint("the history's tables are there");
  return LearnTables();
}

namespace {

std::vector<PgValue> AppliedValues(const AppliedRow& a) {
  return {a.component, VersionColumn(a.version, a.name), a.name, a.status, a.checksum, a.token_checksum, absl::StrCat(a.execution_ms), a.applied_by,
          nlohmann::json(a.approvals).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), a.backup_id, a.plan_digest, a.pawl_version, a.script, PgValue("0")};
}

}  // namespace

// Each migration writes the same few rows: the server plans them once.
void PostgresDatabase::PrepareRecords() {
  if (!may_prepare_ || prepared_) return;
  const std::string applied = absl::StrCat("PREPARE pawl_applied AS ", insert_applied_), done = absl::StrCat("PREPARE pawl_done AS ", insert_done_), close = absl::StrCat("PREPARE pawl_close AS ", close_attempt_),
                    remove = absl::StrCat("PREPARE pawl_remove AS ", delete_applied_), progress = absl::StrCat("PREPARE pawl_progress AS ", update_attempt_);
  const BatchOutcome b = work_->Batch(std::vector<PgStatement>{{applied, {}}, {done, {}}, {close, {}}, {remove, {}}, {progress, {}}});
  prepared_ = may_prepare_ = !b.error;
}

// In a transaction: what is written down is written as who logged in, in UTF-8, whatever the migration has set.
std::vector<PgStatement> PostgresDatabase::AsOurselves(bool other_role, bool other_encoding) {
  std::vector<PgStatement> out;
  if (other_role) {
    out.push_back({"SET LOCAL session_authorization TO DEFAULT", {}});
    out.push_back({"SET LOCAL role TO DEFAULT", {}});
  }
  if (other_encoding) out.push_back({"SET LOCAL client_encoding TO 'UTF8'", {}});
  return out;
}

std::vector<PgStatement> PostgresDatabase::RecordOf(const PlanUnit& unit, const UnitRecord& record) const {
  std::vector<PgStatement> out = AsOurselves(unit.other_role, unit.other_encoding);
  auto add = [&](const std::string& sql, std::string_view name, std::vector<PgValue> values) { out.push_back({prepared_ ? name : std::string_view(sql), std::move(values), prepared_}); };
  const PgValue before(absl::StrCat(record.before_ms));
  if (record.apply != nullptr) {
    std::vector<PgValue> values = AppliedValues(*record.apply);
    values[6] = std::nullopt;
    values[13] = before;
    // Only a repeatable script may have a row already.
    if (record.apply->version.empty()) out.push_back({upsert_applied_, std::move(values)});
    else add(insert_applied_, "pawl_applied", std::move(values));
  }
  if (record.revert) add(delete_applied_, "pawl_remove", {std::string(record.component), std::string(record.version)});
  if (record.log != nullptr && record.attempt != 0) {
    add(close_attempt_, "pawl_close", {absl::StrCat(record.attempt), std::string(ToString(record.log->status)), absl::StrCat(record.units_done), record.log->note, before});
  } else if (record.log != nullptr) {
    const Attempt& a = *record.log;
    add(insert_done_, "pawl_done", {a.component, VersionColumn(a.version, a.name), a.name, std::string(a.direction == Direction::kUp ? "up" : "down"), std::string(ToString(a.status)), absl::StrCat(a.units_done),
                                    absl::StrCat(a.units_total), a.file, a.checksum, a.run_by, a.host, a.plan_digest, a.note, before});
  } else if (record.attempt != 0) {
    add(update_attempt_, "pawl_progress", {absl::StrCat(record.attempt), absl::StrCat(record.units_done)});
  }
  return out;
}

absl::StatusOr<int64_t> PostgresDatabase::WriteAttempt(const Attempt& a) {
  if (const absl::Status s = LearnTables(); !s.ok()) return s;
  PgResult r;
  const std::vector<PgStatement> before = AsOurselves(other_role_, other_encoding_);
  if (!before.empty()) {
    r = work_->Query("BEGIN");
    for (const PgStatement& s : before) {
      if (r.ok()) r = work_->Query(s.sql);
    }
    if (!r.ok()) {
      (void)work_->Query("ROLLBACK");
      return Failed("cannot write schema_migrations_log", *r.error);
    }
  }
  if (a.id == 0) {
    r = work_->Query(absl::StrCat(insert_log_, " RETURNING id"), LogValues(a));
  } else {
    std::vector<PgValue> values = LogValues(a);
    values.push_back(absl::StrCat(a.id));
    r = work_->Query(absl::StrCat("UPDATE ", log_table_,
                                  " SET component = $1, version = $2, name = $3, direction = $4, status = $5, units_done = $6::int, units_total = $7::int, statement = $8, file = $9, line = $10::int, checksum = "
                                  "$11, error = $12, sqlstate = $13, duration_ms = $14::bigint, run_by = $15, host = $16, plan_digest = $17, note = $18, finished_at = CASE WHEN $5 = 'running' THEN NULL ELSE "
                                  "clock_timestamp() END, backend_pid = pg_backend_pid(), backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) WHERE id = $19::bigint RETURNING id"),
                     values);
  }
  if (!before.empty()) {
    const PgResult end = work_->Query(r.ok() ? "COMMIT" : "ROLLBACK");
    if (r.ok() && !end.ok()) r.error = end.error;
  }
  if (!r.ok()) return Failed("cannot write schema_migrations_log", *r.error);
  CrashPoint("an attempt is written");
  int64_t id = 0;
  (void)absl::SimpleAtoi(r.Value(), &id);
  return id;
}

absl::Status PostgresDatabase::WriteApplied(absl::Span<const AppliedRow> rows) {
  if (const absl::Status s = PrepareHistory(); !s.ok()) return s;
  std::vector<PgStatement> all;
  all.push_back({"BEGIN", {}});
  for (const AppliedRow& a : rows) all.push_back({upsert_applied_, AppliedValues(a)});
  all.push_back({"COMMIT", {}});
  const BatchOutcome b = work_->Batch(all);
  if (!b.error) return absl::OkStatus();
  (void)work_->Query("ROLLBACK");
  return Failed("cannot write schema_migrations", *b.error);
}

absl::Status PostgresDatabase::RemoveApplied(std::string_view component, std::string_view version) {
  if (const absl::Status s = LearnTables(); !s.ok()) return s;
  const PgResult r = work_->Query(delete_applied_, {PgValue(std::string(component)), PgValue(std::string(version))});
  return r.ok() ? absl::OkStatus() : Failed("cannot write schema_migrations", *r.error);
}

}  // namespace pawl
