#include "rules/selection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/finding/nearest_name.h"

namespace pawl {
namespace {

enum Level { kAll, kGroup, kName, kLevels };

Level LevelOf(std::string_view selector, const RuleInfo& rule) {
  return selector == rule.name ? kName : selector == "all" ? kAll : kGroup;
}

// What one layer says about one rule, by how exactly it says so.
struct Votes {
  bool on[kLevels] = {};
  bool off[kLevels] = {};

  void Add(bool (&votes)[kLevels], const std::vector<std::string>& selectors, const RuleInfo& rule) {
    for (const std::string& s : selectors) {
      if (Selects(s, rule)) votes[LevelOf(s, rule)] = true;
    }
  }
};

void ApplyLayer(const SelectionLayer& layer, const RuleInfo& rule, Severity* selected, Severity* level) {
  Votes votes;
  votes.Add(votes.off, layer.ignore, rule);
  votes.Add(votes.on, layer.extend_select, rule);
  if (layer.select) votes.Add(votes.on, *layer.select, rule);
  Severity by_level[kLevels] = {Severity::kOff, Severity::kOff, Severity::kOff};
  for (const auto& [selector, severity] : layer.severity) {
    if (!Selects(selector, rule)) continue;
    const Level at = LevelOf(selector, rule);
    if (severity == Severity::kOff) {
      votes.off[at] = true;
    } else {
      by_level[at] = severity;
      if (at == kName) votes.on[at] = true;
    }
  }
  bool on = layer.select ? false : *selected != Severity::kOff;
  for (int at = kAll; at < kLevels; ++at) {
    if (votes.on[at]) on = true;
    if (votes.off[at]) on = false;
    if (by_level[at] != Severity::kOff) *level = by_level[at];
  }
  *selected = on ? *level : Severity::kOff;
}

}  // namespace

bool Selects(std::string_view selector, const RuleInfo& rule) {
  return selector == rule.name || selector == "all" || selector == ToString(rule.group);
}

std::vector<std::string_view> AllSelectors(absl::Span<const Rule* const> rules) {
  std::vector<std::string_view> names = {"all"};
  for (const Rule* r : rules) {
    const std::string_view group = ToString(r->info.group);
    if (std::find(names.begin(), names.end(), group) == names.end()) names.push_back(group);
  }
  for (const Rule* r : rules) names.push_back(r->info.name);
  return names;
}

std::string UnknownSelector(absl::Span<const Rule* const> rules, std::string_view selector) {
  for (const Rule* r : rules) {
    if (Selects(selector, r->info)) return "";
  }
  std::string problem = absl::StrCat("no rule or group is called `", selector, "`");
  const std::string_view nearest = NearestName(selector, AllSelectors(rules));
  if (nearest.empty()) {
    absl::StrAppend(&problem, "; `pawl rules` lists them");
  } else {
    absl::StrAppend(&problem, "; did you mean `", nearest, "`?");
  }
  return problem;
}

absl::StatusOr<std::vector<Severity>> SelectRules(absl::Span<const Rule* const> rules, absl::Span<const SelectionLayer> layers) {
  std::string problems;
  for (const SelectionLayer& layer : layers) {
    auto check = [&](std::string_view selector, std::string_view option) {
      const std::string problem = UnknownSelector(rules, selector);
      if (problem.empty()) return;
      absl::StrAppend(&problems, problems.empty() ? "" : "\n", layer.origin, layer.origin.empty() ? "" : ": ", option, ": ", problem);
    };
    if (layer.select) {
      for (const std::string& s : *layer.select) check(s, "select");
    }
    for (const std::string& s : layer.ignore) check(s, "ignore");
    for (const std::string& s : layer.extend_select) check(s, "extend-select");
    for (const auto& [s, severity] : layer.severity) check(s, "severity");
  }
  if (!problems.empty()) return absl::InvalidArgumentError(problems);

  std::vector<Severity> effective;
  effective.reserve(rules.size());
  for (const Rule* r : rules) {
    Severity selected = r->info.severity;
    Severity level = selected == Severity::kOff ? Severity::kWarning : selected;
    for (const SelectionLayer& layer : layers) ApplyLayer(layer, r->info, &selected, &level);
    effective.push_back(selected);
  }
  return effective;
}

}  // namespace pawl
