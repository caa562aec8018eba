#include "migrations/database/postgres.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "migrations/database/crash_point.h"

namespace pawl {
namespace {

// The first of the two int4 keys of our advisory locks: "pawl" in ASCII. The second tells components and roles apart.
constexpr int kLockClass = 0x7061776C;

int LockKey(std::string_view component) {
  uint32_t h = 2166136261u;  // FNV-1a
  for (char c : component) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return static_cast<int>(h & 0x7FFFFFFEu);  // even: the run lock; the odd one behind it: the working session
}

using Clock = std::chrono::steady_clock;
double Since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

std::string Holders(std::string_view objid) {
  return absl::StrCat("SELECT ", kSessionColumns, " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ", kLockClass,
                      " AND l.objid = ", objid, " AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND a.pid <> pg_backend_pid()");
}

}  // namespace

Session SessionOf(const PgRow& r) {
  auto text = [&](size_t i) { return i < r.size() ? r[i].value_or("") : std::string(); };
  Session s;
  (void)absl::SimpleAtoi(text(0), &s.pid);
  s.application = text(1);
  s.user = text(2);
  s.client = text(3);
  s.state = text(4);
  s.query = text(5);
  (void)absl::SimpleAtod(text(6), &s.seconds);
  s.waits = text(7) == "t";
  return s;
}

absl::StatusOr<std::unique_ptr<PostgresDatabase>> PostgresDatabase::Open(const Target& target, std::string component, std::string_view command) {
  std::unique_ptr<PostgresDatabase> d(new PostgresDatabase(target, std::move(component)));
  d->command_ = absl::StrCat("pawl ", command, d->component_.empty() ? "" : " ", d->component_);
  d->lock_key_ = LockKey(d->component_);
  absl::StatusOr<std::unique_ptr<PgConnection>> c = PgConnection::Open(target, d->command_);
  if (!c.ok()) return c.status();
  d->work_ = *std::move(c);
  absl::Status s = d->SetUp(*d->work_, true);
  if (s.ok()) s = d->Learn();
  if (!s.ok()) return s;
  return d;
}

absl::Status PostgresDatabase::Failed(std::string_view what, const PgError& e) const {
  const std::string text = absl::StrCat(what, ": ", Redact(target_, e.Text()), e.sqlstate.empty() ? "" : absl::StrCat(" [", e.sqlstate, "]"));
  return e.lost() ? absl::UnavailableError(text) : absl::FailedPreconditionError(text);
}

absl::Status PostgresDatabase::SetUp(PgConnection& c, bool worker) {
  // Roles and databases bring settings along. None may end a session that waits for its turn, and scripts were read with standard strings.
  std::string set = "SELECT set_config('idle_in_transaction_session_timeout', '0', false), set_config('client_min_messages', 'notice', false), set_config('standard_conforming_strings', 'on', false)";
  if (c.server_version() >= 140000) absl::StrAppend(&set, ", set_config('idle_session_timeout', '0', false)");
  if (c.server_version() >= 170000) absl::StrAppend(&set, ", set_config('transaction_timeout', '0', false)");
  // Until a plan's own settings come: reading and writing the history waits for nobody long.
  if (worker) absl::StrAppend(&set, ", set_config('statement_timeout', '0', false), set_config('lock_timeout', '3s', false)");
  // A killed pawl must not leave a session behind that goes on and commits (14+, where the server's system can tell; else an error).
  if (c.server_version() >= 140000) (void)c.Query("SET client_connection_check_interval = '500ms'");
  // The watcher is asked while a statement runs, once a second: it waits for nobody.
  if (!worker) absl::StrAppend(&set, ", set_config('statement_timeout', '5s', false), set_config('lock_timeout', '50ms', false), set_config('default_transaction_read_only', 'on', false)");
  std::vector<PgValue> values;
  if (worker && !target_.role.empty()) {
    values.push_back(target_.role);
    absl::StrAppend(&set, ", set_config('role', $", values.size(), ", false)");
  }
  if (worker && !target_.search_path.empty()) {
    values.push_back(target_.search_path);
    absl::StrAppend(&set, ", set_config('search_path', $", values.size(), ", false)");
  }
  const PgResult r = c.Query(set, values);
  return r.ok() ? absl::OkStatus() : Failed("cannot set up the session", *r.error);
}

absl::Status PostgresDatabase::Learn() {
  const PgResult r = work_->Query(
      "SELECT current_database(), current_user, current_setting('server_version'), pg_is_in_recovery(), current_setting('default_transaction_read_only'), pg_backend_pid(), "
      "CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE') THEN (SELECT system_identifier::text FROM pg_control_system()) END, "
      "coalesce(host(inet_server_addr()), ''), coalesce(inet_server_port()::text, '')");
  if (!r.ok()) return Failed("cannot ask the server who it is", *r.error);
  const PgRow& row = r.rows[0];
  server_.product = "PostgreSQL";
  server_.version = row[2].value_or("").substr(0, row[2].value_or("").find(' '));
  server_.major = work_->server_version() / 10000;
  server_.database = row[0].value_or("");
  server_.user = row[1].value_or("");
  server_.read_only = row[3] == "t" || row[4] == "on";
  if (row[3] == "t") server_.read_only_why = "the server is a standby, which only reads: connect to the primary (target_session_attrs=read-write in the URL finds it among several hosts)";
  else if (server_.read_only) server_.read_only_why = absl::StrCat("default_transaction_read_only is on for ", server_.user, " in ", server_.database, ": somebody has closed it to changes. Ask who, then ALTER DATABASE or ALTER ROLE ... RESET default_transaction_read_only");
  server_.identity = row[6] ? absl::StrCat("system ", *row[6], " database ", server_.database) : absl::StrCat("host ", row[7].value_or(""), ":", row[8].value_or(""), " database ", server_.database);
  int pid = 0;
  // A pooler makes up the process number that the protocol tells.
  if (absl::SimpleAtoi(row[5].value_or(""), &pid) && pid != work_->backend_pid()) {
    server_.pooler = "a connection pooler (such as PgBouncer) stands between pawl and the server: session settings, advisory locks and lock_timeout cannot be relied on through it";
  }
  return absl::OkStatus();
}

absl::Status PostgresDatabase::OpenWatcher() {
  if (watch_ != nullptr && !watch_->lost()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<PgConnection>> c = PgConnection::Open(target_, absl::StrCat(command_, " (watch)"));
  if (!c.ok()) {
    if (!absl::IsUnavailable(c.status())) return c.status();
    return absl::UnavailableError(absl::StrCat(c.status().message(), ". pawl needs two connections: one works, the other holds the lock between runners and watches"));
  }
  watch_ = *std::move(c);
  return SetUp(*watch_, false);
}

absl::StatusOr<bool> PostgresDatabase::TryRunLock(Session* holder) {
  if (const absl::Status s = OpenWatcher(); !s.ok()) return s;
  const PgResult r = watch_->Query(absl::StrCat("SELECT pg_try_advisory_lock(", kLockClass, ", ", lock_key_, ")"));
  if (!r.ok()) return Failed("cannot take the run lock", *r.error);
  if (r.Value() == "t") return true;
  const PgResult who = watch_->Query(Holders(absl::StrCat(lock_key_)));
  if (who.ok() && !who.rows.empty()) *holder = SessionOf(who.rows[0]);
  return false;
}

absl::StatusOr<std::optional<Session>> PostgresDatabase::FindOrphan() {
  if (holds_session_lock_) return std::optional<Session>();
  const PgResult r = work_->Query(absl::StrCat("SELECT pg_try_advisory_lock(", kLockClass, ", ", lock_key_ + 1, ")"));
  if (!r.ok()) return Failed("cannot look for an earlier run's session", *r.error);
  if (r.Value() == "t") {
    holds_session_lock_ = true;
    return std::optional<Session>();
  }
  const PgResult who = work_->Query(Holders(absl::StrCat(lock_key_ + 1)));
  if (!who.ok()) return Failed("cannot look for an earlier run's session", *who.error);
  return std::optional<Session>(who.rows.empty() ? Session() : SessionOf(who.rows[0]));
}

absl::Status PostgresDatabase::CancelSession(const Session& session) {
  const PgResult r = work_->Query("SELECT pg_cancel_backend($1::int)", {PgValue(absl::StrCat(session.pid))});
  return r.ok() ? absl::OkStatus() : Failed(absl::StrCat("cannot cancel pid ", session.pid), *r.error);
}

DbError PostgresDatabase::ErrorFrom(const PgError& e) const {
  DbError d;
  d.code = e.sqlstate;
  d.text = Redact(target_, e.Text());
  d.context = e.context;
  d.position = e.position;
  d.lost = e.lost() || work_->lost();
  d.retryable = !d.lost && (e.sqlstate == "55P03" || e.sqlstate == "40P01" || e.sqlstate == "40001");
  d.canceled = e.sqlstate == "57014";
  d.name_taken = e.sqlstate == "42P07";
  d.needs_commit = e.sqlstate == "55P04" || e.sqlstate == "55006";
  if (e.sqlstate == "55P03") d.advice = "Somebody held the lock the whole time; the log names who. Try a quieter moment, or a longer --lock-timeout";
  if (e.sqlstate == "55P04") d.advice = "A new value of an enum can be used only after it is committed: use it in the next migration";
  if (e.sqlstate == "2D000") d.advice = "It commits by itself, which it cannot do inside the migration's transaction: give it a file of its own that its layout marks as without transaction";
  return d;
}

UnitOutcome PostgresDatabase::RunUnit(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings) {
  ExpectRows(unit);
  other_role_ = unit.other_role;
  other_encoding_ = unit.other_encoding;
  return unit.transaction ? RunTransaction(unit, &record, settings) : RunAlone(unit, record, settings);
}

UnitOutcome PostgresDatabase::TryUnit(const PlanUnit& unit, const SessionSettings& settings) { return RunTransaction(unit, nullptr, settings); }

PgResult PostgresDatabase::Configure(const SessionSettings& settings) {
  if (session_.lock_timeout_ms == settings.lock_timeout_ms && session_.statement_timeout_ms == settings.statement_timeout_ms) return {};
  session_ = settings;
  return work_->Query(absl::StrCat("SELECT set_config('lock_timeout', '", settings.lock_timeout_ms, "', false), set_config('statement_timeout', '", settings.statement_timeout_ms, "', false)"));
}

UnitOutcome PostgresDatabase::RunTransaction(const PlanUnit& unit, const UnitRecord* record, const SessionSettings& settings) {
  const Clock::time_point begin = Clock::now();
  UnitOutcome out;
  if (const PgResult set = Configure(settings); !set.ok()) {
    out.error = ErrorFrom(*set.error);
    out.error->position = 0;
    return out;
  }
  if (record != nullptr) PrepareRecords();
  std::vector<PgStatement> tail;
  if (record != nullptr) tail = RecordOf(unit, *record);
  else tail.push_back({"SET CONSTRAINTS ALL IMMEDIATE", {}});
  tail.push_back({record != nullptr ? "COMMIT" : "ROLLBACK", {}});
  CrashPoint("a transaction is about to begin");
  if (std::any_of(unit.statements.begin(), unit.statements.end(), [](const PlanStatement& s) { return s.copy; })) {
    out = RunWithCopy(unit, tail);
  } else {
    std::vector<PgStatement> all;
    all.reserve(unit.statements.size() + tail.size() + 1);
    all.push_back({unit.begin, {}});
    for (const PlanStatement& s : unit.statements) all.push_back({s.sql, {}});
    all.insert(all.end(), std::make_move_iterator(tail.begin()), std::make_move_iterator(tail.end()));
    const BatchOutcome b = work_->Batch(all);
    out.rows = b.rows;
    if (b.error) {
      out.error = ErrorFrom(*b.error);
      out.failed = b.failed == 0 ? 0 : std::min(b.failed - 1, unit.statements.size());
      if (b.failed == 0) out.error->position = 0;
      out.error->in_record = b.failed > unit.statements.size();
      out.error->at_commit = b.failed + 1 == all.size();
    }
  }
  CrashPoint("a transaction has ended");
  if (!out.ok() && !out.error->lost) (void)work_->Query("ROLLBACK");
  if (!out.ok() && prepared_ && out.error->code == "26000" && out.failed == unit.statements.size()) {
    // The migration took our prepared statements away (DEALLOCATE ALL). Nothing of it was committed: once more, without them.
    may_prepare_ = prepared_ = false;
    return RunTransaction(unit, record, settings);
  }
  out.seconds = Since(begin);
  return out;
}

// libpq's pipeline cannot COPY: each COPY has its data sent on its own, between batches, in the same transaction.
UnitOutcome PostgresDatabase::RunWithCopy(const PlanUnit& unit, const std::vector<PgStatement>& tail) {
  UnitOutcome out;
  auto batch = [&](absl::Span<const PgStatement> part, size_t first, bool of_unit) {
    if (part.empty()) return true;
    const BatchOutcome b = work_->Batch(part);
    out.rows += b.rows;
    if (b.error) {
      out.error = ErrorFrom(*b.error);
      out.failed = of_unit ? first + b.failed : first;
      return false;
    }
    return true;
  };
  if (!batch({PgStatement{unit.begin, {}}}, 0, false)) return out;
  std::vector<PgStatement> part;
  size_t first = 0;
  for (size_t i = 0; i <= unit.statements.size(); ++i) {
    if (i < unit.statements.size() && !unit.statements[i].copy) {
      part.push_back({unit.statements[i].sql, {}});
      continue;
    }
    if (!batch(part, first, true)) return out;
    part.clear();
    first = i + 1;
    if (i == unit.statements.size()) break;
    const PgResult r = work_->CopyIn(unit.statements[i].sql, unit.statements[i].copy_data);
    if (!r.ok()) {
      out.error = ErrorFrom(*r.error);
      out.failed = i;
      return out;
    }
    out.rows += std::max<int64_t>(r.affected, 0);
  }
  const BatchOutcome b = work_->Batch(tail);
  if (b.error) {
    out.error = ErrorFrom(*b.error);
    out.error->in_record = true;
    out.error->at_commit = b.failed + 1 == tail.size();
    out.failed = unit.statements.size();
  }
  return out;
}

UnitOutcome PostgresDatabase::RunAlone(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings) {
  const Clock::time_point begin = Clock::now();
  const PlanStatement& s = unit.statements[0];
  UnitOutcome out;
  // A timeout in the middle of a concurrent build leaves an invalid index; waiting there blocks nobody.
  PgResult r = Configure(s.concurrently ? SessionSettings{0, 0} : settings);
  CrashPoint("a lone statement is about to run");
  if (r.ok()) r = work_->Query(s.sql);
  CrashPoint("a lone statement has run");
  if (!r.ok()) {
    out.error = ErrorFrom(*r.error);
    if (s.concurrently && unit.probe.kind == ProbeKind::kUnknown) {
      out.error->advice = "An index without a name that could not be built stays behind, INVALID: `SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid` shows it, DROP INDEX CONCURRENTLY removes it. Give the index a name, and pawl does that itself";
    }
    if (unit.probe.kind == ProbeKind::kBatches && !out.error->lost) {
      out.error->partial = true;
      out.error->retryable = false;
      out.error->remains = "what it committed before that stays";
    }
    out.seconds = Since(begin);
    return out;
  }
  if (unit.probe.kind == ProbeKind::kIndexValid) {
    // IF NOT EXISTS is content with an invalid index as it stands: that is no success to be recorded.
    const absl::StatusOr<Effect> effect = Look(unit.probe);
    if (effect.ok() && *effect == Effect::kBroken) {
      out.error.emplace();
      out.error->text = absl::StrCat("the index ", unit.probe.name, " was there before, and it is invalid: somebody's concurrent build failed");
      out.error->retryable = true;
      out.seconds = Since(begin);
      return out;
    }
  }
  out.rows = std::max<int64_t>(r.affected, 0);
  UnitRecord with_time = record;
  with_time.before_ms += static_cast<int64_t>(Since(begin) * 1000);
  PrepareRecords();
  for (;;) {
    std::vector<PgStatement> tail = RecordOf(unit, with_time);
    tail.insert(tail.begin(), PgStatement{"BEGIN", {}});
    tail.push_back({"COMMIT", {}});
    const BatchOutcome b = work_->Batch(tail);
    out.error.reset();
    if (!b.error) break;
    out.error = ErrorFrom(*b.error);
    out.failed = 1;
    if (!out.error->lost) (void)work_->Query("ROLLBACK");
    if (!prepared_ || out.error->code != "26000") break;
    may_prepare_ = prepared_ = false;
  }
  CrashPoint("a lone statement is recorded");
  out.seconds = Since(begin);
  return out;
}

absl::Status PostgresDatabase::ResetSession() {
  other_role_ = other_encoding_ = false;
  session_ = SessionSettings{-1, -1};
  std::vector<PgStatement> all;
  prepared_ = false;
  for (std::string_view s : {"CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ROLE", "RESET ALL", "DEALLOCATE ALL", "UNLISTEN *", "DISCARD TEMP"}) all.push_back({s, {}});
  // DISCARD ALL and pg_advisory_unlock_all() take the lock away that shows others that this session works.
  const std::string lock = absl::StrCat("SELECT pg_try_advisory_lock(", kLockClass, ", ", lock_key_ + 1, ") WHERE NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = ", kLockClass,
                                        " AND objid = ", lock_key_ + 1, " AND objsubid = 2 AND pid = pg_backend_pid())");
  if (holds_session_lock_) all.push_back({lock, {}});
  const BatchOutcome b = work_->Batch(all);
  if (b.error) return Failed("cannot reset the session", *b.error);
  return SetUp(*work_, true);
}

std::vector<Session> PostgresDatabase::Blocking() {
  std::vector<Session> out;
  if (!OpenWatcher().ok()) return out;
  // Of one that waits for us: since its query began, which is as long as it can have waited.
  const std::string waiting = absl::StrReplaceAll(kSessionColumns, {{"a.xact_start, a.query_start", "a.query_start"}});
  const PgResult r = watch_->Query(absl::StrCat("SELECT ", kSessionColumns, ", false FROM pg_stat_activity a WHERE a.pid = ANY(pg_blocking_pids($1::int)) UNION ALL SELECT ", waiting,
                                                ", true FROM pg_stat_activity a WHERE a.wait_event_type = 'Lock' AND $1::int = ANY(pg_blocking_pids(a.pid)) LIMIT 20"),
                                   {PgValue(absl::StrCat(work_->backend_pid()))});
  for (const PgRow& row : r.rows) out.push_back(SessionOf(row));
  return out;
}

absl::StatusOr<Database::Effect> PostgresDatabase::Look(const Probe& p) {
  auto ask = [&](std::string_view sql, std::vector<PgValue> values) -> absl::StatusOr<std::string> {
    const PgResult r = work_->Query(sql, values);
    if (!r.ok()) return Failed("cannot look what the statement has done", *r.error);
    return r.Value();
  };
  constexpr std::string_view kIndex =
      "SELECT CASE WHEN i.indisvalid AND i.indisready THEN 'valid' ELSE 'invalid' END FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.relname = $1 AND (n.nspname = $2 OR ($2 = '' AND CASE WHEN $3 <> '' THEN n.oid = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(quote_ident($3))) ELSE pg_table_is_visible(c.oid) END))";
  absl::StatusOr<std::string> found;
  switch (p.kind) {
    case ProbeKind::kRepeat: return Effect::kNotDone;
    case ProbeKind::kReindexed: return HalfBuilt(p).empty() ? Effect::kNotDone : Effect::kBroken;
    case ProbeKind::kSchema:   // Neo4j's
    case ProbeKind::kBatches:
    case ProbeKind::kUnknown: return Effect::kUnknown;
    case ProbeKind::kIndexValid:
    case ProbeKind::kIndexAbsent:
      found = ask(kIndex, {p.name, p.schema, p.table});
      if (!found.ok()) return found.status();
      if (p.kind == ProbeKind::kIndexAbsent) return found->empty() ? Effect::kDone : Effect::kNotDone;
      return *found == "valid" ? Effect::kDone : found->empty() ? Effect::kNotDone : Effect::kBroken;
    case ProbeKind::kDatabaseExists:
    case ProbeKind::kDatabaseAbsent:
      found = ask("SELECT 'there' FROM pg_database WHERE datname = $1", {p.name});
      if (!found.ok()) return found.status();
      return found->empty() == (p.kind == ProbeKind::kDatabaseAbsent) ? Effect::kDone : Effect::kNotDone;
    case ProbeKind::kDetached:
      found = ask(
          "SELECT CASE WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END FROM pg_inherits i WHERE i.inhrelid = to_regclass(CASE WHEN $2 = '' THEN quote_ident($1) ELSE quote_ident($2) || '.' || "
          "quote_ident($1) END) AND i.inhparent = to_regclass(CASE WHEN $4 = '' THEN quote_ident($3) ELSE quote_ident($4) || '.' || quote_ident($3) END)",
          {p.name, p.schema, p.table, p.table_schema});
      if (!found.ok()) return found.status();
      return found->empty() ? Effect::kDone : *found == "pending" ? Effect::kBroken : Effect::kNotDone;
  }
  return Effect::kUnknown;
}

std::vector<std::pair<std::string, std::string>> PostgresDatabase::HalfBuilt(const Probe& p) {
  // Documentation, REINDEX, "Rebuilding Indexes Concurrently": invalid copies end in _ccnew or _ccold, with a number behind if need be.
  const PgResult r = work_->Query(
      "SELECT n.nspname, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace, "
      "to_regclass(CASE WHEN $2 = '' THEN quote_ident($1) ELSE quote_ident($2) || '.' || quote_ident($1) END) named "
      "WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid = coalesce((SELECT x.indrelid FROM pg_index x WHERE x.indexrelid = named), named)",
      {PgValue(p.name), PgValue(p.schema)});
  std::vector<std::pair<std::string, std::string>> out;
  for (const PgRow& row : r.rows) out.emplace_back(row[0].value_or(""), row[1].value_or(""));
  return out;
}

absl::Status PostgresDatabase::Clean(const Probe& p) {
  auto name = [](const std::string& schema, const std::string& object) {
    auto quote = [](std::string_view s) { return absl::StrCat("\"", absl::StrReplaceAll(s, {{"\"", "\"\""}}), "\""); };
    return schema.empty() ? quote(object) : absl::StrCat(quote(schema), ".", quote(object));
  };
  PgResult r = Configure({0, 0});
  CrashPoint("about to clean up");
  if (p.kind == ProbeKind::kIndexValid) {
    std::string schema = p.schema;
    if (schema.empty()) {
      const PgResult at = work_->Query("SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(quote_ident($1))", {PgValue(p.table)});
      if (at.ok()) schema = at.Value();
    }
    r = work_->Query(absl::StrCat("DROP INDEX CONCURRENTLY IF EXISTS ", name(schema, p.name)));
  } else if (p.kind == ProbeKind::kReindexed) {
    for (const auto& [schema, index] : HalfBuilt(p)) {
      if (r.ok()) r = work_->Query(absl::StrCat("DROP INDEX CONCURRENTLY IF EXISTS ", name(schema, index)));
    }
  } else if (p.kind == ProbeKind::kDetached) {
    r = work_->Query(absl::StrCat("ALTER TABLE ", name(p.table_schema, p.table), " DETACH PARTITION ", name(p.schema, p.name), " FINALIZE"));
  }
  return r.ok() ? absl::OkStatus() : Failed("cannot take away what the interrupted statement left behind", *r.error);
}

absl::StatusOr<std::vector<std::vector<std::string>>> PostgresDatabase::Ask(std::string_view query) {
  PgResult r = work_->Query("BEGIN READ ONLY");
  if (r.ok()) r = work_->Query(query);
  (void)work_->Query("ROLLBACK");
  if (!r.ok()) return Failed("the query failed", *r.error);
  std::vector<std::vector<std::string>> rows;
  for (PgRow& row : r.rows) {
    std::vector<std::string>& out = rows.emplace_back();
    for (PgValue& v : row) out.push_back(v ? *std::move(v) : std::string());
  }
  return rows;
}

std::string PostgresDatabase::CountQuery(std::string_view what) const { return absl::StrCat("SELECT count(*) FROM ", what); }

std::vector<TableSize> PostgresDatabase::Sizes(const std::vector<std::string>& objects) {
  std::vector<TableSize> out;
  if (objects.empty()) return out;
  std::string list;
  for (const std::string& n : objects) absl::StrAppend(&list, list.empty() ? "" : ", ", "'", absl::StrReplaceAll(n, {{"'", "''"}}), "'");
  const auto rows = Ask(absl::StrCat("SELECT n.nspname || '.' || c.relname, pg_total_relation_size(c.oid), c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                                     "WHERE n.nspname || '.' || c.relname IN (", list, ")"));
  if (!rows.ok()) return out;
  for (const auto& r : *rows) {
    TableSize t;
    t.table = r[0];
    (void)absl::SimpleAtoi(r[1], &t.bytes);
    (void)absl::SimpleAtoi(r[2], &t.rows);
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace pawl
