#include "analyzer/finding/baseline.h"

#include <errno.h>
#include <string.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/finding/fingerprint.h"
#include "analyzer/source/atomic_write.h"
#include "nlohmann/json.hpp"
#include "rules/rule.h"

namespace pawl {
namespace {

using nlohmann::json;

constexpr size_t kExcerpt = 100;

// The statement's first bytes on one line. What stands in quotes may be secret, or long: left out.
std::string Excerpt(const Finding& f) {
  if (f.file == nullptr) return "";
  const std::string_view s = f.file->Slice(f.statement.empty() ? f.span : f.statement);
  std::string out;
  bool in_literal = false;
  for (char c : s) {
    if (c == '\'') {
      out += in_literal ? "...'" : "'";
      in_literal = !in_literal;
    } else if (in_literal) {
      continue;
    } else if (c == ' ' || (c >= 9 && c <= 13)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
    if (out.size() > kExcerpt) break;
  }
  if (out.size() > kExcerpt) {
    size_t end = kExcerpt;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;  // not inside a character
    out.resize(end);
    out += " ...";
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string Quoted(std::string_view s) { return json(std::string(s)).dump(-1, ' ', false, json::error_handler_t::replace); }

auto Order(const BaselineEntry& e) { return std::tie(e.path, e.rule, e.fingerprint); }

constexpr std::string_view kRemake = "Make it again with `pawl lint --write-baseline`, or take the last good one from version control";

absl::Status Bad(std::string_view path, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("cannot use the baseline `", path, "`: ", what, ". ", kRemake));
}

// What is wrong with the entry, or "".
std::string ReadEntry(const json& j, BaselineEntry* e) {
  if (!j.is_object()) return "it is not an object";
  for (auto [key, field] : {std::pair{"rule", &e->rule}, std::pair{"path", &e->path}, std::pair{"statement", &e->statement}}) {
    const auto it = j.find(key);
    if (it != j.end() && it->is_string()) {
      *field = it->get<std::string>();
    } else if (it != j.end() || field != &e->statement) {
      return absl::StrCat("`", key, "` is not a string");
    }
  }
  const auto fingerprint = j.find("fingerprint");
  if (fingerprint == j.end() || !fingerprint->is_string() || !ParseFingerprint(fingerprint->get<std::string>(), &e->fingerprint)) {
    return "`fingerprint` is not a string of 16 hexadecimal digits";
  }
  const auto count = j.find("count");
  if (count != j.end()) {
    if (!count->is_number_unsigned() || count->get<uint64_t>() == 0 || count->get<uint64_t>() > UINT32_MAX) return "`count` is not a number above 0";
    e->count = count->get<uint32_t>();
  }
  return "";
}

}  // namespace

Baseline MakeBaseline(absl::Span<const Finding> findings) {
  Baseline baseline;
  absl::flat_hash_map<uint64_t, size_t> at;
  for (const Finding& f : findings) {
    if (f.suppressed || f.rule == nullptr) continue;
    const uint64_t fingerprint = BaseFingerprint(f);
    const auto [it, added] = at.emplace(fingerprint, baseline.entries.size());
    if (!added) {
      ++baseline.entries[it->second].count;
      continue;
    }
    BaselineEntry& e = baseline.entries.emplace_back();
    e.rule = std::string(f.rule->name);
    if (f.file != nullptr) e.path = std::string(StablePath(f.file->path()));
    e.fingerprint = fingerprint;
    e.statement = Excerpt(f);
  }
  std::sort(baseline.entries.begin(), baseline.entries.end(), [](const BaselineEntry& a, const BaselineEntry& b) { return Order(a) < Order(b); });
  return baseline;
}

std::string FormatBaseline(const Baseline& baseline) {
  std::string out =
      "{\n  \"version\": 1,\n"
      "  \"about\": \"Findings that pawl lint --baseline does not report. Delete what was mended; --write-baseline makes it anew.\",\n"
      "  \"findings\": [";
  for (size_t i = 0; i < baseline.entries.size(); ++i) {
    const BaselineEntry& e = baseline.entries[i];
    absl::StrAppend(&out, i == 0 ? "\n" : ",\n", "    {\"path\": ", Quoted(e.path), ", \"rule\": ", Quoted(e.rule), ", \"fingerprint\": \"",
                    FormatFingerprint(e.fingerprint), "\", \"count\": ", e.count, ", \"statement\": ", Quoted(e.statement), "}");
  }
  absl::StrAppend(&out, baseline.entries.empty() ? "]\n}\n" : "\n  ]\n}\n");
  return out;
}

absl::StatusOr<Baseline> ParseBaseline(std::string_view text, std::string_view path) {
  json root;
  try {
    root = json::parse(text.begin(), text.end());
  } catch (const json::parse_error& e) {
    const std::string_view before = text.substr(0, e.byte > 0 ? e.byte - 1 : 0);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const bool conflict = text.find("<<<<<<<") != std::string_view::npos;
    return Bad(path, absl::StrCat("line ", line, " is not JSON", conflict ? " (there are conflict markers of a merge in it)" : ""));
  }
  if (!root.is_object()) return Bad(path, "it is not a JSON object");
  const auto version = root.find("version");
  if (version == root.end() || !version->is_number_integer()) return Bad(path, "it has no `version`");
  if (*version != 1) {
    return absl::InvalidArgumentError(absl::StrCat("cannot use the baseline `", path, "`: its version is ", version->dump(),
                                                   ", and this pawl reads version 1. Use a newer pawl, or make it again with `pawl lint --write-baseline`"));
  }
  const auto findings = root.find("findings");
  if (findings == root.end() || !findings->is_array()) return Bad(path, "it has no list `findings`");
  Baseline baseline;
  baseline.entries.reserve(findings->size());
  for (const json& j : *findings) {
    const std::string problem = ReadEntry(j, &baseline.entries.emplace_back());
    if (!problem.empty()) return Bad(path, absl::StrCat("in finding ", baseline.entries.size(), ", ", problem));
  }
  return baseline;
}

absl::StatusOr<Baseline> ReadBaseline(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (in) text << in.rdbuf();
  if (!in || in.bad()) {
    if (errno == ENOENT) {
      return absl::NotFoundError(absl::StrCat("the baseline `", path, "` is not there. Make it with `pawl lint --write-baseline ", path, "`"));
    }
    return absl::InternalError(absl::StrCat("cannot read the baseline `", path, "`: ", strerror(errno == 0 ? EIO : errno)));
  }
  return ParseBaseline(text.str(), path);
}

absl::Status WriteBaseline(const Baseline& baseline, const std::string& path) { return WriteFileAtomically(path, FormatBaseline(baseline)); }

std::vector<StaleEntry> ApplyBaseline(const Baseline& baseline, absl::FunctionRef<bool(const BaselineEntry&)> judged,
                                      absl::Span<Finding> findings) {
  std::vector<StaleEntry> stale;
  if (baseline.entries.empty()) return stale;
  // Entries with one fingerprint stand together in the chain that begins at `first`.
  absl::flat_hash_map<uint64_t, size_t> first;
  std::vector<uint32_t> found(baseline.entries.size(), 0);
  std::vector<size_t> next(baseline.entries.size(), SIZE_MAX);
  for (size_t i = baseline.entries.size(); i-- > 0;) {
    const auto [it, added] = first.emplace(baseline.entries[i].fingerprint, i);
    if (!added) next[i] = std::exchange(it->second, i);
  }
  for (Finding& f : findings) {
    if (f.suppressed || f.rule == nullptr) continue;
    const auto it = first.find(BaseFingerprint(f));
    if (it == first.end()) continue;
    for (size_t i = it->second; i != SIZE_MAX; i = next[i]) {
      if (found[i] == baseline.entries[i].count) continue;
      ++found[i];
      f.suppressed = true;
      f.suppression_reason = kBaselineReason;
      break;
    }
  }
  for (size_t i = 0; i < baseline.entries.size(); ++i) {
    const BaselineEntry& e = baseline.entries[i];
    if (found[i] < e.count && judged(e)) stale.push_back({&e, found[i]});
  }
  return stale;
}

}  // namespace pawl
