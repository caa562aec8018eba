#include "tools/rules_command.h"

#include <cstdio>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "analyzer/finding/nearest_name.h"
#include "rules/registry.h"
#include "rules/selection.h"

namespace pawl {

std::string RulePageMarkdown(const Rule& rule) {
  const RuleInfo& info = rule.info;
  const RulePage& p = info.page;
  std::string s = absl::StrCat("# ", info.name, "\n\n", info.summary, "\n\nDefault: ", ToString(info.severity), ". Group: ", ToString(info.group), ".\n");
  auto section = [&](std::string_view heading, std::string_view text) {
    if (!text.empty()) absl::StrAppend(&s, "\n## ", heading, "\n\n", text, "\n");
  };
  auto list = [&](std::string_view heading, std::string_view text, char separator) {
    if (text.empty()) return;
    absl::StrAppend(&s, "\n## ", heading, "\n\n");
    for (std::string_view item : absl::StrSplit(text, separator, absl::SkipWhitespace())) absl::StrAppend(&s, "- ", absl::StripAsciiWhitespace(item), "\n");
  };
  auto example = [&](std::string_view heading, std::string_view text) {
    absl::StrAppend(&s, "\n## ", heading, "\n\n```sql\n", text, text.ends_with('\n') ? "" : "\n", "```\n");
  };
  section("What happens", p.what);
  section("Why it hurts", p.why);
  section("Instead", p.instead);
  example("Bad", p.bad);
  example("Good", p.good);
  section("Fix safety", p.fix_safety);
  section("Versions", p.versions);
  section("Known limits", p.limits);
  list("References", p.references, '\n');
  list("Same rule elsewhere", p.elsewhere, ';');
  return s;
}

namespace {

// With what `pawl lint` has to be run so that it judges the bad example as it is meant: options, and a pawl.toml.
std::vector<std::string> ExampleOptions(const Rule& rule) {
  const RulePage& p = rule.info.page;
  std::vector<std::string> options;
  if (rule.info.group == RuleGroup::kCypher) options = {"--engine", "neo4j"};
  if (p.example_version != 0) {
    options.push_back("--server-version");
    options.push_back(std::to_string(p.example_version));
  }
  if (p.example_community || p.example_aura) {
    options.push_back("--edition");
    options.push_back(p.example_aura ? "aura" : "community");
  }
  return options;
}

std::string ExampleConfig(const Rule& rule) {
  std::string types;
  for (std::string_view type : absl::StrSplit(rule.info.page.example_forbidden_types, ", ", absl::SkipEmpty())) absl::StrAppend(&types, types.empty() ? "" : ", ", "\"", type, "\"");
  return types.empty() ? "" : absl::StrCat("[lint]\nforbidden-types = [", types, "]\n");
}

}  // namespace

int RulesCommand(const CommandLine& command) {
  if (command.format == Format::kJson) {
    nlohmann::json all = nlohmann::json::array();
    for (const Rule* r : AllRules()) {
      all.push_back({{"name", std::string(r->info.name)},
                     {"group", std::string(ToString(r->info.group))},
                     {"severity", std::string(ToString(r->info.severity))},
                     {"summary", std::string(r->info.summary)},
                     {"examples", {{"bad", std::string(r->info.page.bad)}, {"good", std::string(r->info.page.good)}, {"options", ExampleOptions(*r)}, {"complete", r->info.page.example_complete}, {"config", ExampleConfig(*r)}}}});
    }
    std::printf("%s\n", all.dump(2).c_str());
    return 0;
  }
  size_t width = 0;
  for (const Rule* r : AllRules()) width = std::max(width, r->info.name.size());
  RuleGroup group{};
  bool first = true;
  for (const Rule* r : AllRules()) {
    if (first || r->info.group != group) {
      std::printf("%s%s\n", first ? "" : "\n", std::string(ToString(r->info.group)).c_str());
      group = r->info.group;
      first = false;
    }
    std::printf("%s\n", absl::StrFormat("  %-*s  %-7s  %s", width, r->info.name, ToString(r->info.severity), r->info.summary).c_str());
  }
  return 0;
}

int ExplainCommand(const CommandLine& command) {
  const Rule* rule = FindRule(command.rule);
  if (rule == nullptr) {
    std::fprintf(stderr, "pawl: %s; `pawl rules` lists them all\n", UnknownSelector(AllRules(), command.rule).empty() ? absl::StrCat("`", command.rule, "` is a group, not a rule").c_str() : UnknownSelector(AllRules(), command.rule).c_str());
    return 2;
  }
  std::fputs(RulePageMarkdown(*rule).c_str(), stdout);
  return 0;
}

}  // namespace pawl
