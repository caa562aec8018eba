// pawl status, pawl history: what a database remembers. Both only read.
#include <algorithm>

#include "migrations/run/audit.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/runner.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

std::string EditName(EditKind k) {
  switch (k) {
    case EditKind::kSame: return "";
    case EditKind::kComments: return "comments";
    case EditKind::kFormatting: return "formatting";
    case EditKind::kMeaning: return "meaning";
  }
  return "";
}

Json ToJson(const RunnerSet& set, const KnownState& known, const ServerInfo& server) {
  Json j;
  const SetState& s = known.state;
  j["component"] = set.component;
  j["layout"] = ToString(set.set->layout);
  j["server"] = {{"product", server.product}, {"version", server.version}, {"database", server.database}};
  j["summary"] = {{"applied", s.applied}, {"pending", s.pending}, {"out_of_order", s.out_of_order}, {"failed", s.failed}, {"interrupted", s.interrupted}, {"running", s.running}, {"missing", s.missing}, {"edited", s.edited}};
  if (!known.history.holder.empty()) j["run_lock"] = known.history.holder;
  j["migrations"] = Json::array();
  for (const MigrationState& m : s.migrations) {
    Json jm;
    jm["version"] = m.version;
    jm["name"] = m.name;
    jm["status"] = ToString(m.status);
    jm["edited"] = m.edit == EditKind::kSame ? Json() : Json(EditName(m.edit));
    if (m.overridden) jm["checksum_overridden"] = true;
    jm["file"] = m.migration != nullptr && m.migration->file() != nullptr ? Json(m.migration->file()->path()) : Json();
    if (m.row != nullptr) {
      jm["applied_at"] = m.row->applied_at;
      jm["execution_ms"] = m.row->execution_ms;
      jm["applied_by"] = m.row->applied_by;
    }
    if (m.attempt != nullptr) {
      jm["attempt"] = {{"started_at", m.attempt->started_at}, {"parts_done", m.attempt->units_done}, {"parts", m.attempt->units_total}, {"error", m.attempt->error}, {"statement", m.attempt->statement}, {"line", m.attempt->line}, {"pid", m.attempt->backend_pid}, {"alive", m.attempt->backend_alive}};
    }
    j["migrations"].push_back(std::move(jm));
  }
  j["other_tools"] = Json::array();
  for (const ForeignHistory& f : known.history.foreign) j["other_tools"].push_back({{"tool", f.tool}, {"table", f.table}, {"applied", f.versions}, {"failed", f.failed}});
  return j;
}

}  // namespace

int StatusCommand(const RunnerOptions& options) {
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(options);
  if (!set.ok()) return FailWith(set.status());
  absl::StatusOr<RunnerSession> session = Connect(**set, "status");
  if (!session.ok()) return FailWith(session.status());
  absl::StatusOr<std::unique_ptr<KnownState>> known = ReadState(**set, *session->database);
  if (!known.ok()) return FailWith(known.status());
  const SetState& s = (*known)->state;
  const ServerInfo& server = session->database->server();
  if (options.json) {
    std::printf("%s\n", ToJson(**set, **known, server).dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return kExitDone;
  }
  if (!options.quiet) {
    std::printf("%s%s in %s (%s %s), layout %s\n", (*set)->component.empty() ? "" : (*set)->component.c_str(), (*set)->component.empty() ? (*set)->set->root.c_str() : "", DescribeTarget(session->target).c_str(),
                server.product.c_str(), server.version.c_str(), std::string(ToString((*set)->set->layout)).c_str());
  }
  size_t widest = 7;
  for (const MigrationState& m : s.migrations) widest = std::max(widest, m.version.size());
  for (const MigrationState& m : s.migrations) {
    std::string line = absl::StrFormat("%-*s  %-12s  %s", static_cast<int>(widest), m.version.empty() ? "R" : m.version, ToString(m.status), m.name);
    if (m.row != nullptr) absl::StrAppendFormat(&line, "  %s  %d ms%s", m.row->applied_at, m.row->execution_ms, m.row->applied_by.empty() ? "" : absl::StrCat("  by ", m.row->applied_by));
    if (m.row != nullptr && m.row->status != "applied") absl::StrAppend(&line, "  (", m.row->status, ")");
    if (m.edit == EditKind::kMeaning) absl::StrAppend(&line, "  EDITED since it was applied");
    else if (m.edit != EditKind::kSame) absl::StrAppend(&line, "  (", EditName(m.edit), " changed since)");
    if (m.overridden) absl::StrAppend(&line, "  checksum changed in the database by hand");
    if (m.changed_repeatable) absl::StrAppend(&line, "  changed: runs again");
    if (m.attempt != nullptr && m.status != MigrationStatus::kApplied) {
      absl::StrAppend(&line, "\n      ", m.attempt->started_at, ", ", m.attempt->units_done, " of ", m.attempt->units_total, " parts done, at ", m.attempt->file, ":", m.attempt->line, ": ", m.attempt->statement);
      if (!m.attempt->error.empty()) absl::StrAppend(&line, "\n      ", m.attempt->error);
      if (m.status == MigrationStatus::kRunning) absl::StrAppend(&line, "\n      pid ", m.attempt->backend_pid, m.attempt->host.empty() ? "" : " on ", m.attempt->host, " is at it");
    }
    std::printf("%s\n", line.c_str());
  }
  std::printf("%d applied, %d pending", s.applied, s.pending + s.out_of_order + s.failed);
  if (s.out_of_order > 0) std::printf(", %d of them out of order", s.out_of_order);
  if (s.failed > 0) std::printf(", %d of them failed last time", s.failed);
  if (s.interrupted > 0) std::printf(", %d interrupted", s.interrupted);
  if (s.running > 0) std::printf(", %d running", s.running);
  if (s.missing > 0) std::printf(", %d missing", s.missing);
  if (s.edited > 0) std::printf(", %d edited", s.edited);
  std::printf("\n");
  if (!(*known)->history.holder.empty()) std::printf("being applied to now by %s\n", (*known)->history.holder.c_str());
  for (const ForeignHistory& f : (*known)->history.foreign) {
    std::printf("%s's %s says %d applied%s%s\n", f.tool.c_str(), f.table.c_str(), static_cast<int>(f.versions.size()), f.failed.empty() ? "" : absl::StrCat(", ", f.failed.size(), " failed").c_str(),
                (*known)->history.exists ? "" : absl::StrCat("; adopt that with `pawl baseline --from ", f.tool, "`").c_str());
  }
  if (s.interrupted > 0) {
    const bool down = std::any_of(s.migrations.begin(), s.migrations.end(), [](const MigrationState& m) { return m.status == MigrationStatus::kInterrupted && m.attempt != nullptr && m.attempt->direction == Direction::kDown; });
    std::printf("next: `pawl %s` goes on where it stopped; `pawl repair` settles it by hand\n", down ? "rollback" : "apply");
  }
  if (!server.pooler.empty()) std::printf("note: %s; connect to the server itself to apply\n", server.pooler.c_str());
  return kExitDone;
}

namespace {

// What somebody said, or a run found; what the runner keeps there for itself is JSON.
std::string NoteOf(const Attempt& a) { return absl::StartsWith(a.note, "{") ? "" : a.note; }

// Of the files alone: no database is asked.
int VerifyAudit(const RunnerSet& set, const RunnerOptions& options) {
  const std::string& folder = set.config.apply.audit_folder;
  if (folder.empty()) return FailWith(kExitTool, "no audit records are kept: name a folder as audit-dir in [apply] of pawl.toml");
  const absl::StatusOr<AuditChain> chain = VerifyAuditChain(folder, kVersion);
  if (!chain.ok()) return FailWith(kExitTool, chain.status().message());
  if (options.json) {
    Json j;
    j["folder"] = folder;
    j["records"] = chain->records;
    j["unbroken"] = chain->problems.empty();
    j["problems"] = chain->problems;
    j["newest"] = {{"file", chain->newest}, {"sha256", chain->newest_sha256}};
    std::printf("%s\n", j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else if (chain->problems.empty()) {
    std::printf("%d audit %s in %s, each as it was written and none missing%s\n", chain->records, chain->records == 1 ? "record" : "records", folder.c_str(),
                chain->records == 0 ? "" : absl::StrCat("; the newest is ", chain->newest, ", sha256 ", chain->newest_sha256, ": compare that with what its run said").c_str());
  } else {
    for (const std::string& p : chain->problems) std::printf("%s\n", p.c_str());
    FailWith(0, absl::StrCat("the audit records in ", folder, " are not as they were written: find out who changed them, and put them back from where they are kept as well"));
  }
  return chain->problems.empty() ? kExitDone : kExitRefused;
}

}  // namespace

int HistoryCommand(const RunnerOptions& options) {
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(options);
  if (!set.ok()) return FailWith(set.status());
  if (options.verify_audit) return VerifyAudit(**set, options);
  absl::StatusOr<RunnerSession> session = Connect(**set, "history");
  if (!session.ok()) return FailWith(session.status());
  const bool filtered = options.failed || options.slower_than_ms.has_value() || !options.version.empty();
  absl::StatusOr<std::vector<Attempt>> log = session->database->ReadLog(filtered ? 100000 : options.limit);
  if (!log.ok()) return FailWith(log.status());
  std::vector<Attempt> shown;
  for (Attempt& a : *log) {
    if (options.failed && a.status != AttemptStatus::kFailed) continue;
    if (options.slower_than_ms && a.duration_ms <= *options.slower_than_ms) continue;
    if (static_cast<int>(shown.size()) < options.limit) shown.push_back(std::move(a));
  }
  if (options.json) {
    Json j;
    j["component"] = (*set)->component;
    j["runs"] = Json::array();
    for (const Attempt& a : shown) {
      j["runs"].push_back({{"version", a.version}, {"name", a.name}, {"direction", a.direction == Direction::kUp ? "up" : "down"}, {"status", ToString(a.status)}, {"started_at", a.started_at}, {"finished_at", a.finished_at},
                           {"duration_ms", a.duration_ms}, {"run_by", a.run_by}, {"host", a.host}, {"parts_done", a.units_done}, {"parts", a.units_total}, {"file", a.file}, {"line", a.line}, {"error", a.error},
                           {"sqlstate", a.sqlstate}, {"plan_digest", a.plan_digest}, {"note", NoteOf(a)}});
    }
    std::printf("%s\n", j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return kExitDone;
  }
  if (shown.empty()) std::printf("nothing recorded%s\n", filtered ? " that fits" : "");
  for (const Attempt& a : shown) {
    std::printf("%s  %-4s  %-11s  %s %s  %lld ms%s%s\n", a.started_at.c_str(), a.direction == Direction::kUp ? "up" : "down", std::string(ToString(a.status)).c_str(), a.version.c_str(), a.name.c_str(),
                static_cast<long long>(a.duration_ms), a.run_by.empty() ? "" : absl::StrCat("  by ", a.run_by, a.host.empty() ? "" : "@", a.host).c_str(),
                absl::StrCat(a.error.empty() ? "" : absl::StrCat("\n    ", a.file, ":", a.line, ": ", a.error), NoteOf(a).empty() ? "" : absl::StrCat("\n    ", NoteOf(a))).c_str());
  }
  return kExitDone;
}

}  // namespace pawl
