#include "migrations/run/guards.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "migrations/run/guards_internal.h"
#include "migrations/run/http.h"

namespace pawl {
namespace {

CheckResult AskQuery(Asker& asker, const GuardQuery& q, const char* when) {
  CheckResult r;
  r.check = absl::StrCat(when, ": ", q.name.empty() ? q.query : q.name);
  const absl::StatusOr<Rows> rows = asker.Ask(q.query, 30);
  if (!rows.ok()) {
    r.ok = false;
    r.detail = std::string(rows.status().message());
    return r;
  }
  const std::string value = rows->empty() || (*rows)[0].empty() ? "" : (*rows)[0][0];
  const bool truth = value == "t" || value == "true";
  r.ok = q.expect.empty() ? truth : !rows->empty() && (value == q.expect || (truth && (q.expect == "t" || q.expect == "true")));
  r.detail = absl::StrCat("gives ", rows->empty() ? "no row" : absl::StrCat("`", value, "`"), r.ok ? "" : absl::StrCat(", not `", q.expect.empty() ? "t" : q.expect, "`"));
  return r;
}

int64_t Count(Asker& asker, const std::string& table) {
  int64_t n = -1;
  const absl::StatusOr<Rows> rows = asker.Ask(asker.database().CountQuery(table), 10);
  if (!rows.ok() || rows->empty() || !absl::SimpleAtoi((*rows)[0][0], &n)) return -1;
  return n;
}

void CheckInvalidObjects(Asker& asker, std::vector<CheckResult>* out) {
  const absl::StatusOr<Rows> rows = asker.Ask(
      "SELECT 'index ' || i.indexrelid::regclass::text || ' (invalid)' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT (i.indisvalid AND i.indisready) AND c.relkind = 'i' "
      "UNION ALL SELECT 'constraint ' || conname || ' of ' || conrelid::regclass::text || ' (not validated)' FROM pg_constraint c WHERE NOT convalidated AND conrelid <> 0 AND to_jsonb(c) ->> 'conenforced' IS DISTINCT FROM 'false' "
      "UNION ALL SELECT 'materialized view ' || oid::regclass::text || ' (holds no data: REFRESH MATERIALIZED VIEW)' FROM pg_class WHERE relkind = 'm' AND NOT relispopulated LIMIT 50");
  if (!rows.ok()) return;
  if (rows->empty()) {
    out->push_back({"invalid-objects", true, false, "none in this database"});
    return;
  }
  std::vector<std::string> which;
  for (const auto& r : *rows) which.push_back(r[0]);
  out->push_back({"invalid-objects", false, true, absl::StrCat("in this database: ", Few(which))});
}

}  // namespace

absl::StatusOr<Rows> Asker::Ask(std::string_view query, double seconds) {
  const Clock::time_point now = Clock::now();
  if (now >= end_) return absl::DeadlineExceededError("the checks have had their minute");
  const Clock::time_point until = std::min(now + Seconds(seconds), end_);
  bool cut = false;
  database_.set_tick([this, until, &cut] {
    if (cut || Clock::now() < until) return;
    cut = true;
    database_.Cancel();
  });
  absl::StatusOr<Rows> rows = database_.Ask(query);
  database_.set_tick(nullptr);
  if (!rows.ok() && cut) return absl::DeadlineExceededError(absl::StrFormat("cut off after %.0f s", seconds));
  return rows;
}

std::string Few(const std::vector<std::string>& all, size_t shown, std::string_view between) {
  if (all.size() <= shown) return absl::StrJoin(all, between);
  return absl::StrCat(absl::StrJoin(all.begin(), all.begin() + static_cast<long>(shown), between), between, "and ", all.size() - shown, " more");
}

std::string ShowBytes(int64_t bytes) {
  if (bytes < 0) return "an unknown amount";
  if (bytes < 10'000) return absl::StrCat(bytes, " bytes");
  if (bytes < 10'000'000) return absl::StrFormat("%d kB", bytes / 1000);
  if (bytes < 1'000'000'000) return absl::StrFormat("%d MB", bytes / 1'000'000);
  return absl::StrFormat("%.1f GB", static_cast<double>(bytes) / 1e9);
}

std::string ShowSeconds(double seconds) {
  if (seconds < 120) return absl::StrFormat("%.0f s", seconds);
  if (seconds < 7200) return absl::StrFormat("%.0f min", seconds / 60);
  return absl::StrFormat("%.0f h", seconds / 3600);
}

std::vector<CheckResult> RunPreChecks(Database& database, const Plan& plan, const GuardConfig& config) { return RunPreChecks(database, plan, FactsOf(plan, config.units_done), config); }

std::vector<CheckResult> RunPreChecks(Database& database, const Plan& plan, const PlanFacts& facts, const GuardConfig& config) {
  std::vector<CheckResult> out;
  Asker asker(database);
  const ServerInfo& server = database.server();
  out.push_back({"connectivity", true, false, absl::StrCat(server.product, " ", server.version, ", database ", server.database, " as ", server.user)});
  if (server.read_only) out.push_back({"writable", false, false, server.read_only_why.empty() ? "the server is a standby or read-only: name the primary" : server.read_only_why});
  if (!server.pooler.empty()) out.push_back({"session", false, false, absl::StrCat(server.pooler, "; connect to the server itself, also where the pooler keeps a session for each client: pawl cannot tell that from outside")});
  if (!server.edition.empty()) out.push_back({"edition", true, false, server.edition});
  if (plan.engine == Engine::kNeo4j) {
    if (plan.server_version != 0 && server.major != plan.server_version) out.push_back({"server-version", false, true, absl::StrCat("the plan was made for another version than ", server.version, ": make it anew with `pawl plan`")});
    else out.push_back({"server-version", true, false, server.version});
    CheckGraphBefore(asker, plan, config.units_done, &out);
  } else {
    if (plan.server_version != 0 && server.major != plan.server_version) {
      out.push_back({"server-version", false, true, absl::StrCat("the plan was made for version ", plan.server_version, ", and this server is ", server.version, ": locks and rewrites may differ from what the plan says; make it anew with `pawl plan`")});
    } else {
      out.push_back({"server-version", true, false, server.version});
    }
    if (!server.read_only) {
      CheckServer(asker, plan, facts, &out);
      CheckObjectsBefore(asker, facts, &out);
      CheckData(asker, facts.probes, &out);
    }
  }
  for (const GuardQuery& q : config.before) out.push_back(AskQuery(asker, q, "before"));
  return out;
}

RowCounts CountRows(Database& database, const std::vector<std::string>& tables) {
  RowCounts out;
  if (database.counts_are_exact()) {
    const std::vector<TableSize> sizes = database.Sizes(tables);
    for (const std::string& t : tables) {
      const auto it = std::find_if(sizes.begin(), sizes.end(), [&](const TableSize& s) { return s.table == t; });
      out.emplace_back(t, it == sizes.end() ? -1 : it->rows);
    }
    return out;
  }
  Asker asker(database, 120);
  for (const std::string& t : tables) out.emplace_back(t, Count(asker, t));
  return out;
}

std::vector<CheckResult> RunPostChecks(Database& database, const Plan& plan, const PlanFacts& facts, const GuardConfig& config, const RowCounts& before,
                                       RowCounts* after) {
  std::vector<CheckResult> out;
  {
    Asker asker(database, 180);
    if (plan.engine == Engine::kPostgresql) {
      CheckObjectsAfter(asker, facts, &out);
      CheckInvalidObjects(asker, &out);
    } else {
      CheckGraphAfter(asker, plan, &out);
    }
    for (const GuardQuery& q : config.after) out.push_back(AskQuery(asker, q, "after"));
  }
  std::vector<std::string> tables;
  for (const auto& [table, was] : before) tables.push_back(table);
  *after = CountRows(database, tables);
  for (size_t i = 0; i < before.size(); ++i) {
    const auto& [table, was] = before[i];
    const int64_t now = (*after)[i].second;
    const std::string was_shown = was < 0 ? "not countable" : absl::StrCat(was), now_shown = now < 0 ? "not countable" : absl::StrCat(now);
    const std::string delta = was < 0 || now < 0 ? "" : absl::StrCat(" (", now >= was ? "+" : "", now - was, ")");
    out.push_back({absl::StrCat("rows of ", table), true, false, absl::StrCat(was_shown, " before, ", now_shown, " now", delta)});
  }
  if (!config.health_url.empty()) {
    const HttpAnswer answer = AskHealth(config.health_url, 10);
    if (answer.error.empty() && answer.status >= 200 && answer.status < 300) out.push_back({"health", true, false, absl::StrFormat("%s answers %d in %.2f s", ShownUrl(config.health_url), answer.status, answer.seconds)});
    else out.push_back({"health", false, false, absl::StrCat(ShownUrl(config.health_url), answer.error.empty() ? absl::StrCat(" answers ", answer.status) : absl::StrCat(" does not answer: ", answer.error))});
  }
  return out;
}

std::vector<std::string> NextSteps(const Plan& plan, const std::vector<CheckResult>& post, std::string_view backup_id) {
  std::vector<std::string> failed;
  bool health = false, objects = false, data = false;
  for (const CheckResult& c : post) {
    if (c.ok || c.warning) continue;
    failed.push_back(c.check);
    health = health || c.check == "health";
    objects = objects || c.check == "objects";
    data = data || absl::StartsWith(c.check, "after: ");
  }
  if (failed.empty()) return {};
  std::string set = plan.component.empty() ? plan.root : plan.component;
  if (!set.empty()) set = absl::StrCat(" ", set);
  bool downs = plan.direction == Direction::kUp, one_way = false;
  for (const PlanMigration& m : plan.migrations) downs = downs && m.migration != nullptr && m.migration->down.has_value();
  for (const PlanMigration& m : plan.migrations) one_way = one_way || m.loses_data;
  const std::string restore = backup_id.empty() ? "restore the backup that was taken before (none is recorded for this run)" : absl::StrCat("stop the services and restore the backup ", backup_id);
  const std::string down = absl::StrCat("`pawl rollback", set, " --steps ", plan.migrations.size(), "`");
  std::string back;
  if (plan.direction == Direction::kDown) back = absl::StrCat("apply again with `pawl apply", set, "`, or ", restore);
  else if (downs && !one_way) back = absl::StrCat(down, " (every migration has a down script); if that fails, ", restore);
  else if (downs) back = absl::StrCat(restore, "; the down scripts bring the schema back, but not the data that this run has dropped");
  else back = absl::StrCat(restore, "; not every migration has a down script");
  std::vector<std::string> out;
  out.push_back(absl::StrCat("Failed: ", absl::StrJoin(failed, ", "), ". The migrations themselves are applied and recorded (`pawl status", set, "`)."));
  if (health) out.push_back(absl::StrCat("The application does not answer well. If it is broken by this change, roll back now: ", back, "."));
  if (data) out.push_back(absl::StrCat("A query gives another answer than configured. If data is wrong, roll back now and investigate: ", back, ". If the migration meant it, correct the configured answer."));
  if (objects) out.push_back("An object is not as the plan leaves it. If the application works, mend that object by hand as its line says, and look for who else changes this schema.");
  if (!health && !data) out.push_back(absl::StrCat("Is the application broken? ", back, "."));
  out.push_back("Slow but working? Critical: roll back the same way. Minor, or fewer than one user in twenty: watch it for 30 to 60 minutes, and mend it by a new migration.");
  out.push_back("Open an incident, and tell the team: `pawl announce --message failed` has the text. Record what failed, why, and how it was resolved.");
  return out;
}

}  // namespace pawl
