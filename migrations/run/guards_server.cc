#include <sys/statvfs.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "migrations/run/guards_internal.h"
#include "migrations/run/sql_text.h"

namespace pawl {
namespace {

constexpr double kLong = 60;              // seconds: a transaction that is older will not just end in a moment
constexpr int64_t kLagBytes = 64 << 20;      // a replica that stopped replaying shows no time, only bytes
constexpr int64_t kSlotBytes = 1 << 30;
constexpr int64_t kMuchDisk = 1 << 30;

double Number(const std::string& s, double otherwise = -1) {
  double v = otherwise;
  return absl::SimpleAtod(s, &v) ? v : otherwise;
}
int64_t Bytes(const std::string& s) { return static_cast<int64_t>(Number(s)); }

// "pid 4711 (psql, ada from 10.0.0.7), 73 s: UPDATE users SET ..." of the columns pid, application, user, client, state, age, query.
std::string Who(const std::vector<std::string>& r, size_t at = 0) {
  Session s;
  (void)absl::SimpleAtoi(r[at], &s.pid);
  s.application = r[at + 1];
  s.user = r[at + 2];
  s.client = r[at + 3];
  s.state = r[at + 4];
  s.seconds = std::max(0.0, Number(r[at + 5], 0));
  s.query = r[at + 6];
  return Describe(s);
}
constexpr std::string_view kWho =
    "a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), coalesce(host(a.client_addr), 'this machine'), coalesce(a.state, ''), "
    "coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::text, ''), left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 160)";

void Unknown(std::string_view check, const absl::Status& status, std::vector<CheckResult>* out) {
  out->push_back({std::string(check), true, true, absl::StrCat("not known: ", status.message())});
}

void CheckPrivileges(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out) {
  if (facts.changes_role) return;  // who will run what is not known
  std::vector<std::string> missing;
  if (!facts.creates_in.empty()) {
    std::string names;
    for (const std::string& s : facts.creates_in) absl::StrAppend(&names, names.empty() ? "" : ", ", "(", QuoteLiteral(s), ")");
    const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(
        "SELECT v.s, CASE WHEN v.s = '' AND current_schema() IS NULL THEN 'no-path' WHEN v.s <> '' AND to_regnamespace(quote_ident(v.s)) IS NULL THEN 'no-schema' "
        "WHEN has_schema_privilege(coalesce(nullif(v.s, ''), current_schema())::name::text, 'CREATE') THEN 'yes' ELSE 'no' END, coalesce(nullif(v.s, ''), current_schema()), current_user FROM (VALUES ", names, ") v(s)"));
    if (!rows.ok()) return Unknown("privileges", rows.status(), out);
    for (const auto& r : *rows) {
      if (r[1] == "no-path") missing.push_back("no schema of the search_path exists, so there is nowhere to create anything: set search_path, or qualify the names");
      if (r[1] == "no-schema") missing.push_back(absl::StrCat("the schema ", r[0], " does not exist"));
      if (r[1] == "no") missing.push_back(absl::StrCat(r[3], " may not create anything in the schema ", r[2], ": GRANT CREATE ON SCHEMA ", QuoteIdentifier(r[2]), " TO ", QuoteIdentifier(r[3])));
    }
  }
  if (const std::string tables = TablesOf(facts, [](const TouchedTable& t) { return t.owner; }); !tables.empty()) {
    const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat("SELECT c.oid::regclass::text, pg_get_userbyid(c.relowner), current_user FROM ", tables,
                                                             " JOIN pg_class c ON c.oid = to_regclass(w.name) WHERE NOT pg_has_role(c.relowner, 'USAGE')"));
    if (!rows.ok()) return Unknown("privileges", rows.status(), out);
    for (const auto& r : *rows) missing.push_back(absl::StrCat(r[2], " does not own ", r[0], ", ", r[1], " does: run as ", r[1], ", or GRANT ", QuoteIdentifier(r[1]), " TO ", QuoteIdentifier(r[2])));
  }
  if (const std::string tables = TablesOf(facts, [](const TouchedTable& t) { return t.references; }); !tables.empty()) {
    const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat("SELECT c.oid::regclass::text, current_user FROM ", tables, " JOIN pg_class c ON c.oid = to_regclass(w.name) WHERE NOT has_any_column_privilege(c.oid, 'REFERENCES')"));
    if (!rows.ok()) return Unknown("privileges", rows.status(), out);
    for (const auto& r : *rows) missing.push_back(absl::StrCat("no foreign key may point at ", r[0], ": GRANT REFERENCES ON ", r[0], " TO ", QuoteIdentifier(r[1])));
  }
  if (facts.creates_schema) {
    const absl::StatusOr<Rows> rows = asker.Ask("SELECT has_database_privilege(current_database(), 'CREATE'), current_user, current_database()");
    if (!rows.ok()) return Unknown("privileges", rows.status(), out);
    if ((*rows)[0][0] != "t") missing.push_back(absl::StrCat((*rows)[0][1], " may not create schemas: GRANT CREATE ON DATABASE ", QuoteIdentifier((*rows)[0][2]), " TO ", QuoteIdentifier((*rows)[0][1])));
  }
  if (missing.empty()) out->push_back({"privileges", true, false, "whoever runs this may do what the plan does, as far as schemas and tables tell"});
  else out->push_back({"privileges", false, false, Few(missing, 8, "; ")});
}

void CheckExtensions(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out) {
  if (facts.extensions.empty()) return;
  std::string names;
  for (const std::string& e : facts.extensions) absl::StrAppend(&names, names.empty() ? "" : ", ", "(", QuoteLiteral(e), ")");
  const bool trusted = asker.database().server().major >= 13;
  const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(
      "SELECT v.e, x.extname IS NOT NULL, a.name IS NOT NULL, coalesce((SELECT bool_or(superuser", trusted ? " AND NOT trusted" : "",
      ") FROM pg_available_extension_versions w WHERE w.name = a.name AND w.version = a.default_version), false), current_setting('is_superuser') = 'on', has_database_privilege(current_database(), 'CREATE'), "
      "EXISTS (SELECT FROM pg_roles WHERE rolname IN ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'supabase_admin')), current_user "
      "FROM (VALUES ", names, ") v(e) LEFT JOIN pg_extension x ON x.extname = v.e LEFT JOIN pg_available_extensions a ON a.name = v.e"));
  if (!rows.ok()) return Unknown("extensions", rows.status(), out);
  std::vector<std::string> wrong;
  bool sure = false;
  for (const auto& r : *rows) {
    if (r[1] == "t") continue;
    if (r[2] != "t") {
      wrong.push_back(absl::StrCat("the server has no extension ", r[0], ": install its package on the server, or ask the provider; for uuids alone gen_random_uuid() needs none from version 13 on"));
      sure = true;
    } else if (r[4] != "t" && r[3] == "t") {
      wrong.push_back(absl::StrCat("only a superuser may create the extension ", r[0], ", and ", r[7], " is none: let an administrator create it first; IF NOT EXISTS then passes"));
      sure = sure || r[6] != "t";  // a provider may let its own administrators
    } else if (r[4] != "t" && r[5] != "t") {
      wrong.push_back(absl::StrCat(r[7], " may not create the extension ", r[0], ": GRANT CREATE ON DATABASE to it, or let an administrator create it"));
      sure = true;
    }
  }
  if (wrong.empty()) out->push_back({"extensions", true, false, absl::StrCat(absl::StrJoin(facts.extensions, ", "), " can be created, or are there")});
  else out->push_back({"extensions", false, !sure, Few(wrong, 8, "; ")});
}

void CheckConnections(Asker& asker, std::vector<CheckResult>* out) {
  const absl::StatusOr<Rows> rows = asker.Ask(
      "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), current_setting('max_connections')");
  if (!rows.ok()) return Unknown("connections", rows.status(), out);
  const double left = Number((*rows)[0][0], 0);
  if (left >= 3) out->push_back({"connections", true, false, absl::StrCat((*rows)[0][0], " of ", (*rows)[0][1], " are free")});
  else out->push_back({"connections", false, true, absl::StrCat(left < 0 ? "0" : (*rows)[0][0], " of ", (*rows)[0][1], " are free: pawl needs two. Pause workers or use a pooler for the application")});
}

void CheckTransactions(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out) {
  absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat("SELECT ", kWho, " FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type IN ('client backend', 'autovacuum worker') "
                                                     "AND a.xact_start < clock_timestamp() - interval '60 seconds' ORDER BY a.xact_start LIMIT 20"));
  if (!rows.ok()) Unknown("long-transactions", rows.status(), out);
  else if (rows->empty()) out->push_back({"long-transactions", true, false, "none is older than a minute"});
  else {
    std::vector<std::string> who;
    for (const auto& r : *rows) who.push_back(Who(r));
    out->push_back({"long-transactions", false, true,
                    absl::StrCat(Few(who, 4, "; "), facts.concurrently ? ". The plan's CONCURRENTLY statements wait until these end" : ". A migration that needs what they hold waits for them", "; to end one: SELECT pg_terminate_backend(pid)")});
  }
  rows = asker.Ask("SELECT gid, owner, extract(epoch FROM clock_timestamp() - prepared)::text FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 20");
  if (!rows.ok() || rows->empty()) return;
  std::vector<std::string> who;
  for (const auto& r : *rows) who.push_back(absl::StrCat("'", r[0], "' of ", r[1], ", prepared ", ShowSeconds(Number(r[2], 0)), " ago"));
  out->push_back({"prepared-transactions", false, true, absl::StrCat(Few(who, 4, "; "), ". They hold their locks until somebody ends them: COMMIT PREPARED or ROLLBACK PREPARED")});
}

void CheckLocks(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out) {
  const std::string tables = TablesOf(facts);
  if (tables.empty()) return;
  const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(
      "SELECT ", kWho, ", l.mode, l.granted, c.oid::regclass::text, coalesce(a.backend_type, ''), coalesce(p.gid, ''), coalesce(extract(epoch FROM clock_timestamp() - a.query_start)::text, '') FROM ", tables,
      " JOIN pg_class c ON c.oid = to_regclass(w.name) JOIN pg_locks l ON l.locktype = 'relation' AND l.relation = c.oid AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
      "LEFT JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid' AND x.virtualtransaction = l.virtualtransaction "
      "LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid "
      "WHERE l.pid IS DISTINCT FROM pg_backend_pid() AND (w.exclusive OR l.mode NOT IN ('AccessShareLock', 'RowShareLock')) ORDER BY l.granted, a.xact_start LIMIT 100"));
  if (!rows.ok()) return Unknown("pending-locks", rows.status(), out);
  std::vector<std::string> stuck, passing;
  for (const auto& r : *rows) {
    const double age = Number(r[5]);
    const bool granted = r[8] == "t";
    const std::string what = absl::StrCat(r[9], ": ", r[7], granted ? " held" : " waited for");
    if (!r[11].empty() || r[0].empty()) {
      stuck.push_back(absl::StrCat(what, " by the prepared transaction '", r[11], "', which nothing but COMMIT PREPARED or ROLLBACK PREPARED ends"));
      continue;
    }
    const std::string who = absl::StrCat(what, " by ", Who(r));
    const bool vacuum = r[10] == "autovacuum worker";  // gives way, unless it prevents a wraparound
    const bool queue = !granted && r[7] == "AccessExclusiveLock" && Number(r[12]) > 5;
    if (queue || (age > kLong && (!vacuum || absl::StrContains(r[6], "wraparound")))) stuck.push_back(who);
    else if (!vacuum) passing.push_back(who);
  }
  if (!stuck.empty()) {
    out->push_back({"pending-locks", false, false, absl::StrCat(Few(stuck, 4, "; "), ". The plan would wait for this lock, and others behind it: let them end, or end them with SELECT pg_terminate_backend(pid), then try again")});
  } else if (!passing.empty()) {
    out->push_back({"pending-locks", false, true, absl::StrCat(Few(passing, 4, "; "), ". Such locks pass in a moment; lock_timeout bounds how long the plan waits for one")});
  } else {
    out->push_back({"pending-locks", true, false, absl::StrCat("nobody holds or waits for a lock that stands in the way on the plan's ", facts.tables.size(), facts.tables.size() == 1 ? " table" : " tables")});
  }
}

void CheckReplication(Asker& asker, std::vector<CheckResult>* out) {
  std::vector<std::string> wrong;
  absl::StatusOr<Rows> rows = asker.Ask(
      "SELECT coalesce(nullif(application_name, ''), host(client_addr), 'a replica'), coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), -1)::bigint, coalesce(extract(epoch FROM replay_lag), 0)::float8 FROM pg_stat_replication");
  if (!rows.ok()) return Unknown("replication", rows.status(), out);
  const size_t replicas = rows->size();
  for (const auto& r : *rows) {
    if (Bytes(r[1]) > kLagBytes || Number(r[2]) > kLong) wrong.push_back(absl::StrCat("the replica ", r[0], " is ", ShowBytes(Bytes(r[1])), " and ", ShowSeconds(Number(r[2], 0)), " behind"));
  }
  rows = asker.Ask("SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots WHERE NOT active AND restart_lsn IS NOT NULL");
  if (rows.ok()) {
    for (const auto& r : *rows) {
      if (Bytes(r[1]) > kSlotBytes) wrong.push_back(absl::StrCat("the inactive slot ", r[0], " holds back ", ShowBytes(Bytes(r[1])), " of WAL; a rewrite adds to it until the disk is full"));
    }
  }
  if (!wrong.empty()) out->push_back({"replication", false, true, absl::StrCat(Few(wrong, 4, "; "), ". What the plan writes makes it worse: wait, or drop what nobody reads")});
  else if (replicas > 0) out->push_back({"replication", true, false, absl::StrCat(replicas, replicas == 1 ? " replica keeps up" : " replicas keep up")});
}

void CheckDisk(Asker& asker, const Plan& plan, std::vector<CheckResult>* out) {
  std::vector<std::pair<std::string, bool>> tables;  // name as SQL, rewritten
  for (const PlanMigration& m : plan.migrations) {
    for (const PlanUnit& u : m.units) {
      for (const PlanStatement& s : u.statements) {
        for (const PlanLock& l : s.locks) {
          if (l.work != Work::kBuild && l.work != Work::kRewrite) continue;
          const size_t dot = l.object.find('.');
          tables.emplace_back(dot == std::string::npos ? QuoteIdentifier(l.object) : absl::StrCat(QuoteIdentifier(l.object.substr(0, dot)), ".", QuoteIdentifier(l.object.substr(dot + 1))), l.work == Work::kRewrite);
        }
      }
    }
  }
  if (tables.empty()) return;
  std::string values;
  for (const auto& [name, rewritten] : tables) absl::StrAppend(&values, values.empty() ? "" : ", ", "(", QuoteLiteral(name), ", ", rewritten ? "true" : "false", ")");
  // By the catalogue's page counts: pg_total_relation_size() would wait for locks. An index is taken for half its table.
  const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(
      "SELECT pg_tablespace_location(coalesce(nullif(c.reltablespace, 0), (SELECT dattablespace FROM pg_database WHERE datname = current_database()))), coalesce(sum(CASE WHEN w.rewritten THEN c.relpages::bigint + coalesce(t.relpages, 0) + (SELECT coalesce(sum(x.relpages), 0) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid) "
      "ELSE c.relpages::bigint / 2 END), 0) * current_setting('block_size')::bigint FROM (VALUES ", values, ") w(name, rewritten) JOIN pg_class c ON c.oid = to_regclass(w.name) LEFT JOIN pg_class t ON t.oid = c.reltoastrelid GROUP BY 1"));
  if (!rows.ok()) return Unknown("disk-space", rows.status(), out);
  std::string data;
  // The server tells where its data is to those who may know; that is this machine's disk only if it is reached by a socket.
  if (const absl::StatusOr<Rows> where = asker.Ask("SELECT current_setting('data_directory') WHERE inet_server_addr() IS NULL"); where.ok() && !where->empty()) {
    data = (*where)[0][0];
  }
  for (const auto& r : *rows) {
    const int64_t needed = Bytes(r[1]);
    if (needed <= 0) continue;
    const std::string& folder = r[0].empty() || data.empty() ? data : r[0];
    int64_t free = -1;
    struct statvfs fs;
    if (!folder.empty() && statvfs(folder.c_str(), &fs) == 0) free = static_cast<int64_t>(fs.f_bavail) * static_cast<int64_t>(fs.f_frsize);
    out->push_back(JudgeDisk(needed, free));
  }
}

void CheckInvalidIndexes(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out) {
  const std::string tables = TablesOf(facts);
  if (tables.empty()) return;
  const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat("SELECT DISTINCT i.indexrelid::regclass::text, i.indrelid::regclass::text FROM ", tables,
                                                           " JOIN pg_index i ON i.indrelid = to_regclass(w.name) JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i' WHERE NOT (i.indisvalid AND i.indisready)"));
  if (!rows.ok()) return Unknown("invalid-indexes", rows.status(), out);
  if (rows->empty()) return;
  std::vector<std::string> which;
  for (const auto& r : *rows) which.push_back(absl::StrCat(r[0], " on ", r[1]));
  out->push_back({"invalid-indexes", false, true, absl::StrCat(Few(which), ": left by builds that failed, or being built now. No query uses them and every write pays for them: DROP INDEX CONCURRENTLY")});
}

// The text of a migration is kept in the history: a character that the database's encoding lacks would fail there, when all else is done.
void CheckEncoding(Asker& asker, const Plan& plan, std::vector<CheckResult>* out) {
  const auto beyond_ascii = [](std::string_view text) { return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 128; }); };
  std::string encoding;
  for (const PlanMigration& m : plan.migrations) {
    if (!beyond_ascii(m.script) && !beyond_ascii(m.file) && !beyond_ascii(m.name)) continue;
    if (encoding.empty()) {
      const absl::StatusOr<Rows> rows = asker.Ask("SHOW server_encoding");
      if (!rows.ok() || rows->empty()) return;
      encoding = (*rows)[0][0];
      if (encoding == "UTF8" || encoding == "SQL_ASCII") return;
    }
    // The server converts what it is sent before it reads it.
    const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat("SELECT length(", QuoteLiteral(absl::StrCat(m.script, m.file, m.name)), ")"));
    if (rows.ok() || !absl::StrContains(rows.status().message(), "22P05")) continue;
    out->push_back({"encoding", false, false, absl::StrCat(m.file, " has a character that this database cannot hold (its encoding is ", encoding, "): ", rows.status().message(), ". Write it in another way, also in comments and in the file's name: the history keeps them"), m.file, 1});
  }
}

}  // namespace

CheckResult JudgeDisk(int64_t needed, int64_t free) {
  // As much again goes into the WAL, at least until the next checkpoint.
  const int64_t both = needed * 2;
  const std::string what = absl::StrCat("what the plan builds and rewrites needs about ", ShowBytes(needed), ", and as much again for WAL");
  if (free >= 0 && free < both) return {"disk-space", false, false, absl::StrCat(what, ", and ", ShowBytes(free), " are free on the server's disk: make room first")};
  if (free >= 0) return {"disk-space", true, false, absl::StrCat(what, "; ", ShowBytes(free), " are free")};
  if (needed < kMuchDisk) return {"disk-space", true, false, what};
  return {"disk-space", false, true, absl::StrCat(what, "; the server cannot tell how much is free, so look there before")};
}

std::string TablesOf(const PlanFacts& facts, bool (*which)(const TouchedTable&)) {
  std::string values;
  for (const TouchedTable& t : facts.tables) {
    if (which == nullptr || which(t)) absl::StrAppend(&values, values.empty() ? "(VALUES " : ", ", "(", QuoteLiteral(Quoted(t.name)), ", ", t.exclusive ? "true" : "false", ")");
  }
  if (!values.empty()) absl::StrAppend(&values, ") w(name, exclusive)");
  return values;
}

void CheckServer(Asker& asker, const Plan& plan, const PlanFacts& facts, std::vector<CheckResult>* out) {
  CheckEncoding(asker, plan, out);
  CheckPrivileges(asker, facts, out);
  CheckExtensions(asker, facts, out);
  CheckConnections(asker, out);
  CheckTransactions(asker, facts, out);
  CheckLocks(asker, facts, out);
  CheckReplication(asker, out);
  CheckDisk(asker, plan, out);
  CheckInvalidIndexes(asker, facts, out);
}

}  // namespace pawl
