#include "migrations/run/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/source/atomic_write.h"
#include "analyzer/source/sha256.h"

namespace pawl {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kKind = "pawl-audit";

void RedactAll(const Target& target, Json& j) {
  if (j.is_string()) {
    j = Redact(target, j.get_ref<const std::string&>());
  } else if (j.is_structured()) {
    for (Json& part : j) RedactAll(target, part);
  }
}

Json Checks(const std::vector<CheckResult>& checks) {
  Json out = Json::array();
  for (const CheckResult& c : checks) out.push_back({{"check", c.check}, {"result", c.ok ? "ok" : c.warning ? "warning" : "failed"}, {"detail", c.detail}});
  return out;
}

std::string_view Outcome(const AuditRecord& r) {
  if (r.dry_run) return "dry run";
  switch (r.report.outcome) {
    case RunOutcome::kDone: return r.exit_code == 0 ? "done" : "done, but a check failed";
    case RunOutcome::kRefused: return "refused";
    case RunOutcome::kFailed: return "failed";
    case RunOutcome::kLost: return "connection lost";
  }
  return "failed";
}

std::string FileSafe(std::string_view s) {
  std::string out;
  for (char c : s) out += absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' ? c : '_';
  return out.empty() || out[0] == '.' ? absl::StrCat("set", out) : out.substr(0, 60);
}

// "2026-11-21T15:31:10.123Z" -> "20261121T153110Z"
std::string FileTime(std::string_view iso) {
  std::string out;
  for (char c : iso.substr(0, 19)) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == 'T') out += c;
  }
  return out.size() == 15 ? absl::StrCat(out, "Z") : std::string("00000000T000000Z");
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return absl::FailedPreconditionError(absl::StrCat(path, " cannot be read"));
  return text.str();
}

std::vector<std::string> Records(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (const auto& e : fs::directory_iterator(folder, error)) {
    const std::string name = e.path().filename().string();
    if (absl::StartsWith(name, "audit-") && absl::EndsWith(name, ".json")) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Of a record's first lines, without reading all of it; 0 if they hold none.
int64_t SequenceOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  char head[512] = "";
  in.read(head, sizeof head - 1);
  const std::string_view text(head, static_cast<size_t>(in.gcount()));
  const size_t at = text.find("\"sequence\": ");
  return at == std::string_view::npos ? 0 : std::strtoll(head + at + 12, nullptr, 10);
}

// Holds the folder against other runs that end at the same moment.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) : fd_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ >= 0) (void)flock(fd_, LOCK_EX);
  }
  ~FolderLock() {
    if (fd_ >= 0) close(fd_);
  }
  FolderLock(const FolderLock&) = delete;

 private:
  int fd_;
};

}  // namespace

Json AuditToJson(const AuditRecord& r, const Target& target) {
  Json j;
  j["version"] = 1;
  j["kind"] = kKind;
  j["outcome"] = Outcome(r);
  j["command"] = r.command;
  j["component"] = r.component;
  j["environment"] = r.environment;
  j["direction"] = r.direction;
  j["dry_run"] = r.dry_run;
  j["started_at"] = r.started_at;
  j["finished_at"] = r.finished_at;
  j["duration_ms"] = static_cast<int64_t>(r.report.seconds * 1000);
  j["run_by"] = r.run_by;
  j["host"] = r.host;
  j["target"] = r.target;
  j["server"] = r.server;
  j["tool"] = {{"name", "pawl"}, {"version", r.pawl_version}};
  j["plan_digest"] = r.plan_digest;
  j["exit_code"] = r.exit_code;
  j["applied"] = r.report.done;
  j["message"] = r.report.message;
  if (!r.report.failed_version.empty()) {
    j["failed"] = {{"version", r.report.failed_version}, {"file", r.report.failed_file}, {"line", r.report.failed_line}, {"error", r.report.error}, {"sqlstate", r.report.sqlstate}};
  }
  j["what_next"] = r.what_next;
  j["approved_by"] = r.approved_by;
  j["approvals"] = Json::array();
  for (const Approval& a : r.approvals) j["approvals"].push_back({{"by", a.by}, {"at", a.at}, {"digest", a.digest}, {"signature", a.signature}});
  if (!r.allowed.empty()) j["allowed"] = {{"rules", r.allowed}, {"reason", r.reason}};
  if (r.backup.id.empty()) j["backup"] = nullptr;
  else j["backup"] = {{"id", r.backup.id}, {"bytes", r.backup.bytes}, {"entries", r.backup.entries}, {"verified", r.backup.entries >= 0}, {"tool", r.backup.tool}, {"seconds", r.backup.seconds}};
  j["checks"] = {{"before", Checks(r.before)}, {"after", Checks(r.after)}};
  j["row_counts"] = Json::array();
  for (const auto& [table, rows] : r.rows_before) {
    Json row = {{"table", table}, {"before", rows}};
    for (const auto& [same, now] : r.rows_after) {
      if (same == table) row["after"] = now;
    }
    j["row_counts"].push_back(std::move(row));
  }
  j["events"] = r.events;
  j["plan"] = r.plan;
  RedactAll(target, j);
  return j;
}

absl::StatusOr<AuditFiles> WriteAudit(const std::string& folder, Json audit) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return absl::FailedPreconditionError(absl::StrCat("cannot make the audit folder ", folder, ": ", error.message()));
  const FolderLock lock(folder);
  std::string previous;
  int64_t last = 0;
  for (const std::string& name : Records(folder)) {
    const int64_t n = SequenceOf(absl::StrCat(folder, "/", name));
    if (n < last || (n == last && last > 0)) continue;
    last = n;
    previous = name;
  }
  Json link = nullptr;
  if (!previous.empty()) {
    const absl::StatusOr<std::string> text = ReadAll(absl::StrCat(folder, "/", previous));
    if (!text.ok()) return text.status();
    link = {{"file", previous}, {"sha256", Sha256Hex(*text)}};
  }
  // First, where they are found without reading all of it.
  Json j;
  j["version"] = audit.value("version", 1);
  j["kind"] = kKind;
  j["sequence"] = last + 1;
  j["previous"] = link;
  for (const auto& [key, value] : audit.items()) {
    if (!j.contains(key)) j[key] = value;
  }
  std::string digest = j.value("plan_digest", "");
  if (const size_t colon = digest.find(':'); colon != std::string::npos) digest = digest.substr(colon + 1);
  std::string component = j.value("component", "");
  const std::string base = absl::StrCat(folder, "/audit-", FileTime(j.value("started_at", "")), "-", FileSafe(component.empty() ? "set" : component), "-", FileSafe(digest.empty() ? "none" : digest.substr(0, 12)));
  std::string path = base;
  for (int n = 2; fs::exists(path + ".json", error); ++n) path = absl::StrCat(base, "-", n);
  const std::string text = j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (const absl::Status s = WriteFileAtomically(path + ".json", text); !s.ok()) return absl::FailedPreconditionError(s.message());
  if (const absl::Status s = WriteFileAtomically(path + ".html", AuditToHtml(j)); !s.ok()) return absl::FailedPreconditionError(s.message());
  return AuditFiles{path + ".json", path + ".html", Sha256Hex(text)};
}

absl::StatusOr<AuditChain> VerifyAuditChain(const std::string& folder, std::string_view version) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return absl::NotFoundError(absl::StrCat("there is no folder ", folder));
  AuditChain chain;
  struct Record {
    std::string name, sha256, previous, previous_sha256;
  };
  std::map<int64_t, Record> records;
  for (const std::string& name : Records(folder)) {
    const absl::StatusOr<std::string> text = ReadAll(absl::StrCat(folder, "/", name));
    if (!text.ok()) return text.status();
    const Json j = Json::parse(*text, nullptr, false);
    ++chain.records;
    if (!j.is_object() || j.value("kind", "") != kKind || !j.contains("sequence") || !j["sequence"].is_number_integer()) {
      chain.problems.push_back(absl::StrCat(name, " is no audit record any more"));
      continue;
    }
    Record r{name, Sha256Hex(*text), "", ""};
    if (j.contains("previous") && j["previous"].is_object()) {
      r.previous = j["previous"].value("file", "");
      r.previous_sha256 = j["previous"].value("sha256", "");
    }
    if (j.contains("tool") && j["tool"].is_object() && !version.empty() && j["tool"].value("version", "") == version) {
      const std::string page = absl::StrCat(name.substr(0, name.size() - 5), ".html");
      const absl::StatusOr<std::string> html = ReadAll(absl::StrCat(folder, "/", page));
      if (!html.ok()) chain.problems.push_back(absl::StrCat(page, ", the page of ", name, ", is missing"));
      else if (*html != AuditToHtml(j)) chain.problems.push_back(absl::StrCat(page, " is not the page of ", name, " (any more)"));
    }
    const int64_t n = j["sequence"].get<int64_t>();
    if (const auto [it, added] = records.emplace(n, std::move(r)); !added) chain.problems.push_back(absl::StrCat(name, " and ", it->second.name, " both say that they are number ", n));
  }
  int64_t expected = 1;
  const Record* before = nullptr;
  for (const auto& [n, r] : records) {
    if (n != expected) chain.problems.push_back(before == nullptr ? absl::StrCat("the records before ", r.name, " are missing") : absl::StrCat("between ", before->name, " and ", r.name, " ", n - expected, " missing"));
    else if (before != nullptr && r.previous != before->name) chain.problems.push_back(absl::StrCat(r.name, " says that ", r.previous, " is before it, and ", before->name, " is: one of them was renamed or put in another's place"));
    else if (before != nullptr && r.previous_sha256 != before->sha256) chain.problems.push_back(absl::StrCat(before->name, " was changed after it was written, or ", r.name, " was"));
    else if (before == nullptr && !r.previous.empty()) chain.problems.push_back(absl::StrCat(r.previous, ", before ", r.name, ", is missing"));
    expected = n + 1;
    before = &r;
  }
  if (before != nullptr) {
    chain.newest = before->name;
    chain.newest_sha256 = before->sha256;
  }
  return chain;
}

}  // namespace pawl
