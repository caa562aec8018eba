#include "rules/statistics.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace pawl {
namespace {

constexpr double kMegabyte = 1 << 20;

// What a server gets through, in MB a second of a table with its indexes. The slow end is a cloud volume of a few hundred MB/s
// under an application's load, the fast end local NVMe and a warm cache.
struct Rate {
  Work work;
  double slow, fast;
};
constexpr Rate kRates[] = {
    {Work::kScan, 150, 600},
    {Work::kBuild, 40, 150},
    {Work::kRewrite, 48, 120},
    {Work::kRows, 10, 40},
};

std::string Range(double least, double most, std::string_view unit) {
  const int64_t low = std::max<int64_t>(1, std::llround(least)), high = std::max<int64_t>(low, std::llround(most));
  if (low == high) return absl::StrCat("roughly ", high, " ", unit, high == 1 ? "" : "s");
  return absl::StrCat("roughly ", low, " to ", high, " ", unit, "s");
}

}  // namespace

void TableStatistics::Add(std::string_view schema, std::string_view table, TableSize size) { tables_[absl::StrCat(schema, ".", table)] = size; }

const TableSize* TableStatistics::Find(std::string_view key) const {
  const auto it = tables_.find(key);
  return it == tables_.end() ? nullptr : &it->second;
}

Duration RoughDuration(Work work, int64_t bytes) {
  for (const Rate& r : kRates) {
    if (r.work == work) return {static_cast<double>(bytes) / kMegabyte / r.fast, static_cast<double>(bytes) / kMegabyte / r.slow};
  }
  return {};
}

std::string DurationWords(const Duration& d) {
  constexpr double kMinute = 60, kHour = 3600;
  if (d.most_s < 1) return "less than a second";
  if (d.most_s < 2 * kMinute) return Range(d.least_s, d.most_s, "second");
  if (d.most_s < 2 * kHour) return Range(d.least_s / kMinute, d.most_s / kMinute, "minute");
  return Range(d.least_s / kHour, d.most_s / kHour, "hour");
}

std::string SizeWords(int64_t bytes) {
  constexpr std::string_view kUnits[] = {"bytes", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return value < 9.95 && unit > 0 ? absl::StrFormat("%.1f %s", value, kUnits[unit]) : absl::StrFormat("%.0f %s", value, kUnits[unit]);
}

std::string RowWords(int64_t rows) {
  if (rows == 1) return "1 row";
  if (rows < 10'000) return absl::StrCat(rows, " rows");
  if (rows < 1'000'000) return absl::StrCat(rows / 1000, ",000 rows");
  const bool billions = rows >= 1'000'000'000;
  const double value = static_cast<double>(rows) / (billions ? 1e9 : 1e6);
  return absl::StrFormat("%.*f %s rows", value < 9.95 ? 1 : 0, value, billions ? "billion" : "million");
}

bool AddSizes(const TableStatistics& statistics, const Effects& effects, Finding* finding) {
  // What takes the time: the tables gone through, and where some of them are written, those.
  const bool writes = std::any_of(effects.begin(), effects.end(), [](const Effect& e) { return e.work >= Work::kScan && !e.is_index && e.lock >= LockMode::kRowExclusive; });
  auto of_finding = [&](const Effect& e) { return std::any_of(finding->locks.begin(), finding->locks.end(), [&](const FindingLock& l) { return l.object == e.object; }); };
  auto counts = [&](const Effect& e) { return e.work >= Work::kScan && !e.is_index && (!writes || e.lock >= LockMode::kRowExclusive); };
  const bool named = std::any_of(effects.begin(), effects.end(), [&](const Effect& e) { return counts(e) && of_finding(e); });
  std::vector<const Effect*> worked;  // one a table, with the most work
  for (const Effect& e : effects) {
    if (!counts(e) || (named && !of_finding(e))) continue;
    const auto same = std::find_if(worked.begin(), worked.end(), [&](const Effect* w) { return w->object == e.object; });
    if (same == worked.end()) worked.push_back(&e);
    else if (e.work != Work::kRows && e.work > (*same)->work) *same = &e;
  }
  // A partitioned table's size is that of all its partitions.
  const bool whole_tree = std::any_of(worked.begin(), worked.end(), [&](const Effect* e) { return !e->descendant && statistics.Find(e->object) != nullptr; });
  if (whole_tree) worked.erase(std::remove_if(worked.begin(), worked.end(), [](const Effect* e) { return e->descendant; }), worked.end());
  bool all_small = !worked.empty();
  for (const Effect* e : worked) {
    const TableSize* size = statistics.Find(e->object);
    all_small = all_small && size != nullptr && statistics.IsSmall(*size);
  }
  if (all_small) return false;
  std::string words;
  for (const Effect* e : worked) {
    const TableSize* size = statistics.Find(e->object);
    if (size == nullptr) continue;
    const Duration d = RoughDuration(e->work, size->bytes);
    if (finding->details == nullptr) finding->details = std::make_shared<FindingDetails>();
    finding->details->tables.push_back({std::string(e->object), size->rows, size->bytes, ToString(e->work), d.least_s, d.most_s});
    absl::StrAppend(&words, words.empty() ? " (" : "; ", "`", absl::StripPrefix(e->object, "public."), "`: ", SizeWords(size->bytes),
                    e->work == Work::kRows && size->rows >= 0 ? absl::StrCat(", ", RowWords(size->rows)) : "", d.most_s > 0 ? absl::StrCat(", ", DurationWords(d)) : "");
  }
  if (!words.empty()) absl::StrAppend(&finding->message, words, ")");
  return true;
}

}  // namespace pawl
