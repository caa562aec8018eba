#include "migrations/run/plan_json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/source/sha256.h"
#include "migrations/run/plan_digest.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMore = " …";  // behind what is shown of a long statement

std::string ReleaseDigest(const std::vector<Json>& plans) {
  Sha256 h;
  h.Update("pawl release 1\n");
  for (const Json& p : plans) h.Update(absl::StrCat(p.value("component", ""), " ", p.value("digest", ""), "\n"));
  return absl::StrCat("sha256:", h.FinishHex());
}

}  // namespace

nlohmann::ordered_json ReleaseToJson(const std::vector<nlohmann::ordered_json>& plans, std::string_view pawl_version) {
  Json j;
  j["version"] = 1;
  j["tool"] = {{"name", "pawl"}, {"version", pawl_version}};
  j["digest"] = ReleaseDigest(plans);
  j["plans"] = plans;
  j["approvals"] = Json::array();
  return j;
}

std::string_view DurationClass(const PlanStatement& s, int64_t table_bytes) {
  Work work = Work::kNone;
  for (const PlanLock& l : s.locks) work = std::max(work, l.work);
  if (work == Work::kNone || work == Work::kMetadata) return s.locks.empty() && s.sql.size() > 0 && work == Work::kNone ? "unknown" : "instant";
  if (table_bytes < 0) return "unknown";
  // A cold disk gives some 200 MB/s to a scan; building and rewriting write as much again, and WAL.
  const double seconds = static_cast<double>(table_bytes) / (work == Work::kScan ? 200e6 : 50e6);
  return seconds < 1 ? "instant" : seconds < 60 ? "seconds" : seconds < 900 ? "minutes" : "long";
}

nlohmann::ordered_json PlanToJson(const Plan& plan, const std::vector<TableSize>& sizes, std::string_view pawl_version) {
  auto size_of = [&](std::string_view table) -> const TableSize* {
    const auto it = std::find_if(sizes.begin(), sizes.end(), [&](const TableSize& t) { return t.table == table; });
    return it == sizes.end() ? nullptr : &*it;
  };
  Json j;
  j["version"] = 1;
  j["tool"] = {{"name", "pawl"}, {"version", pawl_version}};
  j["digest"] = plan.digest;
  j["component"] = plan.component;
  j["engine"] = ToString(plan.engine);
  j["layout"] = ToString(plan.layout);
  j["root"] = plan.root;
  j["target"] = {{"url", plan.target}, {"identity", plan.target_identity}, {"server_version", plan.server_version}};
  j["direction"] = plan.direction == Direction::kUp ? "up" : "down";
  j["settings"] = {{"lock_timeout_ms", plan.settings.lock_timeout_ms}, {"statement_timeout_ms", plan.settings.statement_timeout_ms}, {"window_ms", plan.settings.window_ms}, {"retries", plan.settings.retries}};
  j["migrations"] = Json::array();
  for (const PlanMigration& m : plan.migrations) {
    Json jm;
    jm["version"] = m.Key();
    jm["name"] = m.name;
    jm["file"] = m.file;
    jm["checksum"] = m.checksum;
    jm["loses_data"] = m.loses_data;
    if (!m.losses.empty()) jm["losses"] = m.losses;
    jm["parts"] = Json::array();
    for (const PlanUnit& u : m.units) {
      Json ju;
      ju["transaction"] = u.transaction;
      if (u.transaction) ju["begin"] = u.begin;
      ju["statements"] = Json::array();
      for (const PlanStatement& s : u.statements) {
        Json js;
        js["line"] = s.line;
        js["sql"] = Excerpt(s.sql).size() == s.sql.size() ? std::string(s.sql) : absl::StrCat(Excerpt(s.sql), kMore);
        if (!IsShownWhole(s.sql)) {
          js["sql_bytes"] = s.sql.size();
          js["sql_sha256"] = Sha256Hex(s.sql);
        }
        if (s.copy) {
          js["copy_bytes"] = s.copy_data.size();
          js["copy_sha256"] = Sha256Hex(s.copy_data);
        }
        int64_t largest = -1;
        for (const PlanLock& l : s.locks) {
          Json jl = {{"object", l.object}, {"mode", ToString(l.mode)}, {"work", ToString(l.work)}, {"held", l.until_commit ? "transaction" : "statement"}, {"blocks", Json::array()}};
          if (BlocksReads(l.mode)) jl["blocks"].push_back("reads");
          if (BlocksWrites(l.mode)) jl["blocks"].push_back("writes");
          if (const TableSize* t = size_of(l.object); t != nullptr) {
            jl["table_bytes"] = t->bytes;
            jl["table_rows"] = t->rows;
            largest = std::max(largest, t->bytes);
          }
          js["locks"].push_back(std::move(jl));
        }
        js["duration"] = DurationClass(s, largest);
        ju["statements"].push_back(std::move(js));
      }
      jm["parts"].push_back(std::move(ju));
    }
    j["migrations"].push_back(std::move(jm));
  }
  j["left_pending"] = plan.left;
  j["approvals"] = Json::array();
  return j;
}

namespace {

std::string TextOf(const Json& from, const char* key) { return from.is_object() && from.contains(key) && from[key].is_string() ? from[key].get<std::string>() : std::string(); }

// PlanDigest of what the file shows: who approves has seen what will run.
std::string ShownDigest(const Json& j, const PlanFile& p) {
  PlanDigester digest(p.component, TextOf(j, "engine"), p.target_identity, p.direction, p.settings);
  const auto each = [](const Json& from, const char* key) -> const Json& {
    static const Json kNone = Json::array();
    return from.is_object() && from.contains(key) && from[key].is_array() ? from[key] : kNone;
  };
  for (const Json& m : each(j, "migrations")) {
    digest.Migration(TextOf(m, "version"), TextOf(m, "name"), TextOf(m, "checksum"));
    for (const Json& u : each(m, "parts")) {
      const bool transaction = u.is_object() && u.contains("transaction") && u["transaction"] == true;
      digest.BeginPart(transaction ? TextOf(u, "begin") : "alone");
      for (const Json& s : each(u, "statements")) {
        const std::string sql = TextOf(s, "sql"), hash = TextOf(s, "sql_sha256"), copy = TextOf(s, "copy_sha256");
        if (hash.empty()) digest.Statement(sql);
        else digest.Excerpted(hash, absl::StripSuffix(sql, kMore));
        if (!copy.empty()) digest.CopyData(copy);
      }
      digest.EndPart();
    }
  }
  return digest.Finish();
}

}  // namespace

absl::StatusOr<PlanFile> ParsePlan(std::string_view text, std::string_view shown) {
  PlanFile p;
  p.whole = Json::parse(text, nullptr, false);
  const Json& j = p.whole;
  auto wrong = [&](std::string_view what) { return absl::InvalidArgumentError(absl::StrCat(shown, ": ", what, "; write it anew with `pawl plan`")); };
  if (j.is_discarded() || !j.is_object()) return wrong("is no JSON object");
  if (!j.contains("version") || j["version"] != 1) return wrong("is no plan of version 1");
  auto number_of = [](const Json& from, const char* key, int64_t otherwise) { return from.is_object() && from.contains(key) && from[key].is_number_integer() ? from[key].get<int64_t>() : otherwise; };
  p.component = TextOf(j, "component");
  p.root = TextOf(j, "root");
  p.digest = TextOf(j, "digest");
  p.direction = TextOf(j, "direction") == "down" ? Direction::kDown : Direction::kUp;
  if (j.contains("target")) {
    p.target = TextOf(j["target"], "url");
    p.target_identity = TextOf(j["target"], "identity");
  }
  if (j.contains("settings")) {
    p.settings.lock_timeout_ms = number_of(j["settings"], "lock_timeout_ms", p.settings.lock_timeout_ms);
    p.settings.statement_timeout_ms = number_of(j["settings"], "statement_timeout_ms", p.settings.statement_timeout_ms);
    p.settings.window_ms = number_of(j["settings"], "window_ms", p.settings.window_ms);
    p.settings.retries = static_cast<int>(number_of(j["settings"], "retries", p.settings.retries));
  }
  if (j.contains("plans") && j["plans"].is_array()) {
    std::vector<Json> plans;
    for (const Json& part : j["plans"]) {
      absl::StatusOr<PlanFile> one = ParsePlan(part.dump(), shown);
      if (!one.ok()) return one.status();
      for (const std::string& v : one->versions) p.versions.push_back(absl::StrCat(one->component, " ", v));
      absl::StrAppend(&p.target, p.target.empty() ? "" : " and ", one->target);
      plans.push_back(part);
      p.parts.push_back(*std::move(one));
    }
    if (p.digest != ReleaseDigest(plans)) return wrong("was changed: its digest is not that of its plans");
    if (j.contains("approvals") && j["approvals"].is_array()) {
      for (const Json& a : j["approvals"]) p.approvals.push_back({TextOf(a, "by"), TextOf(a, "at"), TextOf(a, "digest"), "", TextOf(a, "signature")});
    }
    for (PlanFile& part : p.parts) {
      part.approvals.clear();
      for (const Approval& a : p.approvals) part.approvals.push_back({a.by, a.at, a.digest == p.digest ? part.digest : a.digest, a.digest, a.signature});
    }
    return p;
  }
  if (p.digest.empty() || !j.contains("migrations") || !j["migrations"].is_array()) return wrong("has no digest or no migrations");
  if (j.contains("left_pending") && j["left_pending"].is_array()) {
    for (const Json& v : j["left_pending"]) {
      if (v.is_string()) p.left.push_back(v.get<std::string>());
    }
  }
  for (const Json& m : j["migrations"]) {
    p.versions.push_back(TextOf(m, "version"));
    if (std::find(p.versions.begin(), p.versions.end() - 1, p.versions.back()) != p.versions.end() - 1) return wrong(absl::StrCat("has ", p.versions.back(), " twice"));
  }
  if (p.digest != ShownDigest(j, p)) return wrong("was changed, or was written by another version of pawl: its digest is not that of what it shows");
  if (j.contains("approvals") && j["approvals"].is_array()) {
    for (const Json& a : j["approvals"]) p.approvals.push_back({TextOf(a, "by"), TextOf(a, "at"), TextOf(a, "digest"), "", TextOf(a, "signature")});
  }
  return p;
}

}  // namespace pawl
