// What must hold for every rule.
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "rules/registry.h"
#include "rules/testing/case_file.h"

namespace pawl {
namespace {

// Rules that the engine or the history stage reports itself: their examples are file sets, tested where they are made.
bool JudgesStatements(const Rule& r) { return r.info.group == RuleGroup::kCypher || r.check_statement != nullptr || (r.check_script != nullptr && r.info.group != RuleGroup::kHistory); }

Engine EngineOf(const Rule& r) { return r.info.group == RuleGroup::kCypher ? Engine::kNeo4j : Engine::kPostgresql; }

std::string List(const std::vector<Finding>& findings) {
  std::string s;
  for (const Finding& f : findings) absl::StrAppend(&s, "\n  ", f.rule->name, ": ", f.message);
  return s;
}

TEST(AllRules, NamesAreUniqueKebabCase) {
  std::set<std::string_view> seen;
  for (const Rule* r : AllRules()) {
    EXPECT_TRUE(seen.insert(r->info.name).second) << r->info.name;
    for (char c : r->info.name) EXPECT_TRUE(absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-') << r->info.name;
  }
}

TEST(AllRules, PagesAreComplete) {
  for (const Rule* r : AllRules()) {
    SCOPED_TRACE(r->info.name);
    const RulePage& p = r->info.page;
    EXPECT_FALSE(r->info.summary.empty());
    EXPECT_FALSE(p.what.empty());
    EXPECT_FALSE(p.why.empty());
    EXPECT_FALSE(p.instead.empty());
    EXPECT_FALSE(p.references.empty());
    EXPECT_FALSE(p.bad.empty());
    EXPECT_FALSE(p.good.empty());
    for (std::string_view s : {p.what, p.why, p.instead}) EXPECT_TRUE(absl::EndsWith(s, ".") || absl::EndsWith(s, "`") || absl::EndsWith(s, ";")) << s;
  }
}

TEST(AllRules, HaveCases) {
  for (const Rule* r : AllRules()) {
    if (!JudgesStatements(*r)) continue;
    std::string path;
    std::ifstream in;
    for (const char* group : kRuleFolders) {
      path = absl::StrCat("rules/", group, "/", absl::StrReplaceAll(r->info.name, {{"-", "_"}}), ".cases");
      in.open(path);
      if (in.good()) break;
    }
    ASSERT_TRUE(in.good()) << r->info.name << " has no .cases file";
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto cases = ParseCases(text, EngineOf(*r));
    ASSERT_TRUE(cases.ok()) << path << ": " << cases.status();
    int flags = 0, cleans = 0;
    for (const RuleCase& c : *cases) {
      flags += c.kind == RuleCase::Kind::kFlag;
      cleans += c.kind == RuleCase::Kind::kClean;
    }
    EXPECT_GE(flags, 1) << path << " has no case that must flag";
    EXPECT_GE(cleans, 1) << path << " has no case that must not flag";
  }
}

TEST(AllRules, BadExamplesAreFlaggedOnce) {
  for (const Rule* r : AllRules()) {
    if (!JudgesStatements(*r)) continue;
    SCOPED_TRACE(r->info.name);
    MigrationSet set = MakeSet(std::string(r->info.page.bad), EngineOf(*r));
    set.complete = r->info.page.example_complete;
    LintSettings settings;
    if (r->info.page.example_version != 0) SetServerVersion(absl::StrCat(r->info.page.example_version), EngineOf(*r), &settings);
    if (r->info.page.example_community) settings.edition = Edition::kCommunity;
    settings.aura = r->info.page.example_aura;
    Conventions conventions;
    for (std::string_view type : absl::StrSplit(r->info.page.example_forbidden_types, ", ", absl::SkipEmpty())) conventions.Forbid(type);
    if (!conventions.forbidden_types.empty()) settings.conventions = &conventions;
    const auto found = RunRules(set, r, settings);
    EXPECT_EQ(found.size(), 1u) << List(found);
  }
}

TEST(AllRules, GoodExamplesAreCleanUnderAllRules) {
  for (const Rule* r : AllRules()) {
    if (!JudgesStatements(*r)) continue;
    SCOPED_TRACE(r->info.name);
    const MigrationSet set = MakeSet(std::string(r->info.page.good), EngineOf(*r));
    // Notes are allowed: "probe for duplicates first" is advice that a good migration has followed.
    auto found = RunRules(set, nullptr, 0);
    std::erase_if(found, [](const Finding& f) { return f.severity <= Severity::kNote; });
    EXPECT_TRUE(found.empty()) << r->info.page.good << List(found);
    const auto own = RunRules(set, r, 0);
    EXPECT_TRUE(own.empty()) << List(own);
  }
}

// A fix is clean for its rule, brings no finding of another, and fixing twice changes nothing.
TEST(AllRules, FixesOfBadExamplesAreClean) {
  for (const Rule* r : AllRules()) {
    if (!JudgesStatements(*r)) continue;
    SCOPED_TRACE(r->info.name);
    const std::string bad(r->info.page.bad);
    const MigrationSet set = MakeSet(bad, EngineOf(*r));
    const auto found = RunRules(set, r, 0);
    if (found.empty() || !found[0].fix) continue;
    const std::string fixed = ApplyFixes(set, found, FixScope::kAll);
    EXPECT_NE(fixed, bad);
    const MigrationSet again = MakeSet(fixed, EngineOf(*r));
    EXPECT_TRUE(RunRules(again, r, 0).empty()) << fixed;
    const auto before = RunRules(set, nullptr, 0), after = RunRules(again, nullptr, 0);
    std::multiset<std::string_view> names;
    for (const Finding& f : before) names.insert(f.rule->name);
    for (const Finding& f : after) {
      EXPECT_TRUE(names.contains(f.rule->name)) << "the fix of " << r->info.name << " brings " << f.rule->name << ":\n" << fixed;
    }
    EXPECT_EQ(ApplyFixes(again, RunRules(again, r, 0), FixScope::kAll), fixed);
  }
}

}  // namespace
}  // namespace pawl
