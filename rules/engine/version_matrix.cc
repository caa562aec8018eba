#include "rules/engine/version_matrix.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace pawl {
namespace {

// Which finding of the runs is which: the n-th of a rule at a place.
using Place = std::tuple<const RuleInfo*, const SourceFile*, uint32_t, uint32_t, uint32_t>;

// "13", "13 and 14", "10, 13 and 14".
std::string Listed(const std::vector<int>& versions) {
  std::string s;
  for (size_t i = 0; i < versions.size(); ++i) absl::StrAppend(&s, i == 0 ? "" : i + 1 == versions.size() ? " and " : ", ", versions[i]);
  return s;
}

// A message that names the version it was made for is the same message on another.
std::string WithoutVersion(std::string_view message, int version) {
  const std::string number = absl::StrCat(version);
  std::string s;
  for (size_t at = 0; at < message.size();) {
    const auto digit = [&](size_t i) { return i < message.size() && absl::ascii_isdigit(static_cast<unsigned char>(message[i])); };
    if (message.substr(at, number.size()) == number && (at == 0 || !digit(at - 1)) && !digit(at + number.size())) {
      s.push_back('#');
      at += number.size();
    } else {
      s.push_back(message[at++]);
    }
  }
  return s;
}

std::string_view Does(std::string_view work) {
  if (work == ToString(Work::kMetadata) || work == ToString(Work::kNone)) return "only the catalogue changes";
  if (work == ToString(Work::kScan)) return "every row is read";
  if (work == ToString(Work::kBuild)) return "an index is built";
  if (work == ToString(Work::kRewrite)) return "the table is rewritten";
  return "";
}

// " (on 10 only; from 11 only the catalogue changes)": where it holds, and what happens elsewhere.
std::string Where(const std::vector<FindingVersion>& versions) {
  std::vector<int> on, off;
  std::string_view there, elsewhere;
  bool same_elsewhere = true;
  for (const FindingVersion& v : versions) {
    if (v.holds) {
      if (on.empty()) there = v.work;
      on.push_back(v.version);
    } else {
      same_elsewhere = same_elsewhere && (off.empty() || elsewhere == v.work);
      elsewhere = v.work;
      off.push_back(v.version);
    }
  }
  if (off.empty()) return "";
  const std::string_view does = same_elsewhere && elsewhere != there ? Does(elsewhere) : "";
  const bool newer = off.front() > on.back();  // it ends with some version
  const std::string others = newer ? absl::StrCat("from ", off.front()) : absl::StrCat("on ", Listed(off));
  if (does.empty()) return absl::StrCat(" (on ", Listed(on), ", not ", others, ")");
  return absl::StrCat(" (on ", Listed(on), on.size() == 1 ? " only" : "", "; ", others, " ", does, ")");
}

}  // namespace

std::vector<Finding> MergeVersions(std::vector<VersionRun> runs) {
  std::vector<std::vector<const Finding*>> found;  // by finding, then by run; null: not there
  absl::flat_hash_map<Place, size_t> places;
  for (size_t r = 0; r < runs.size(); ++r) {
    absl::flat_hash_map<Place, uint32_t> counts;
    for (const Finding& f : runs[r].findings) {
      const uint32_t nth = counts[Place(f.rule, f.file, f.span.begin, f.span.end, 0)]++;
      const auto [it, added] = places.try_emplace(Place(f.rule, f.file, f.span.begin, f.span.end, nth), found.size());
      if (added) found.emplace_back(runs.size());
      found[it->second][r] = &f;
    }
  }
  std::vector<Finding> merged;
  merged.reserve(found.size());
  for (const std::vector<const Finding*>& of : found) {
    const Finding* worst = nullptr;
    int worst_version = 0;
    for (size_t r = 0; r < runs.size(); ++r) {
      if (of[r] == nullptr || (worst != nullptr && of[r]->severity <= worst->severity)) continue;
      worst = of[r];
      worst_version = runs[r].version;
    }
    Finding& f = merged.emplace_back(*worst);
    auto details = std::make_shared<FindingDetails>();
    if (f.details != nullptr) details->tables = f.details->tables;
    const std::string object = f.locks.empty() ? "" : f.locks[0].object;
    bool everywhere = true;
    for (size_t r = 0; r < runs.size(); ++r) {
      FindingVersion& v = details->versions.emplace_back();
      v.version = runs[r].version;
      v.holds = of[r] != nullptr;
      everywhere = everywhere && v.holds;
      if (v.holds) {
        v.severity = of[r]->severity;
        v.message = of[r]->message;
      }
      const EffectsLog::Entry does = runs[r].log.Find(f.file, f.span.begin, object);
      if (does.object.empty()) continue;
      v.work = ToString(does.work);
      v.lock = does.lock;
    }
    std::vector<bool> said(runs.size());
    for (size_t r = 0; r < runs.size(); ++r) {
      const auto same = [](const Finding* a, int on_a, const Finding* b, int on_b) {
        return a->severity == b->severity && (a->message == b->message || WithoutVersion(a->message, on_a) == WithoutVersion(b->message, on_b));
      };
      if (of[r] == nullptr || said[r] || same(of[r], runs[r].version, worst, worst_version)) continue;
      std::vector<int> versions;
      for (size_t i = r; i < runs.size(); ++i) {
        if (of[i] == nullptr || !same(of[i], runs[i].version, of[r], runs[r].version)) continue;
        versions.push_back(runs[i].version);
        said[i] = true;
      }
      const std::string level = of[r]->severity == worst->severity ? "" : absl::StrCat(" a ", ToString(of[r]->severity));
      f.notes.push_back({absl::StrCat("on ", Listed(versions), level, ": ", of[r]->message), nullptr, {}});
    }
    absl::StrAppend(&f.message, Where(details->versions));
    if (!everywhere && f.fix) f.fix->safe = false;
    f.details = std::move(details);
  }
  return merged;
}

}  // namespace pawl
