// One test a case of every .cases file beside the rules.
#include <dirent.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "rules/registry.h"
#include "rules/testing/case_file.h"

namespace pawl {
namespace {

std::string Describe(const std::vector<Finding>& findings) {
  std::string s;
  for (const Finding& f : findings) {
    const Position p = f.file->PositionAt(f.span.begin);
    absl::StrAppend(&s, "  ", f.file->path(), ":", p.line, ":", p.column, " ", ToString(f.severity), "[", f.rule->name, "] ", f.message, "\n");
  }
  return s.empty() ? "  nothing\n" : s;
}

class CaseTest : public testing::Test {
 public:
  CaseTest(const Rule* rule, RuleCase c, std::string file) : rule_(rule), case_(std::move(c)), where_(absl::StrCat(file, ":", case_.line)) {}

  void TestBody() override {
    SCOPED_TRACE(where_);
    if (case_.kind == RuleCase::Kind::kFix) return Fix();
    const MigrationSet set = MakeSet(case_);
    const std::vector<Finding> found = RunRules(set, rule_, case_.settings);
    if (case_.kind == RuleCase::Kind::kClean) {
      EXPECT_TRUE(found.empty()) << "should be clean, but:\n" << Describe(found);
      return;
    }
    ASSERT_FALSE(found.empty()) << "should be flagged";
    if (case_.count >= 0) EXPECT_EQ(static_cast<int>(found.size()), case_.count) << Describe(found);
    const Finding& f = found[0];
    EXPECT_FALSE(f.message.empty());
    EXPECT_FALSE(f.why.empty()) << "a finding says why: " << f.message;
    EXPECT_FALSE(f.help.empty()) << "a finding says what to do: " << f.message;
    EXPECT_LE(f.span.end, f.file->text().size());
    if (!case_.at.empty()) EXPECT_TRUE(absl::StartsWith(f.file->text().substr(f.span.begin), case_.at)) << "at: " << f.file->Slice(f.span);
    if (!case_.severity.empty()) EXPECT_EQ(ToString(f.severity), case_.severity);
    if (!case_.message.empty()) EXPECT_TRUE(absl::StrContains(absl::StrCat(f.message, "\n", f.why, "\n", f.help), case_.message)) << f.message << "\n" << f.why << "\n" << f.help;
  }

 private:
  void Fix() {
    std::string text = case_.ups.back();
    for (int round = 0; round < 10; ++round) {
      RuleCase now = case_;
      now.ups.back() = text;
      const MigrationSet set = MakeSet(now);
      const std::vector<Finding> found = RunRules(set, rule_, case_.settings);
      for (const Finding& f : found) EXPECT_NE(f.rule->name, "syntax-error");
      const std::string next = ApplyFixes(set, found, case_.unsafe ? FixScope::kAll : FixScope::kSafe);
      if (next == text) break;
      text = next;
    }
    EXPECT_EQ(text, case_.becomes);
  }

  const Rule* rule_;
  RuleCase case_;
  std::string where_;
};

int RegisterFolder(const std::string& folder) {
  int registered = 0;
  std::vector<std::string> names;
  if (DIR* d = opendir(folder.c_str())) {
    while (const dirent* e = readdir(d)) {
      if (absl::EndsWith(e->d_name, ".cases")) names.push_back(e->d_name);
    }
    closedir(d);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    std::ifstream in(absl::StrCat(folder, "/", name));
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::string rule_name = absl::StrReplaceAll(name.substr(0, name.size() - 6), {{"_", "-"}});
    const Rule* rule = FindRule(rule_name);
    auto cases = ParseCases(text, absl::StrContains(folder, "cypher") ? Engine::kNeo4j : Engine::kPostgresql);
    if (rule == nullptr || !cases.ok()) {
      std::cerr << folder << "/" << name << ": " << (rule == nullptr ? "no rule of this name is registered" : std::string(cases.status().message())) << "\n";
      exit(1);
    }
    for (RuleCase& c : *cases) {
      const std::string title = absl::StrCat("line ", c.line, ": ", c.title);
      const std::string file = absl::StrCat(folder, "/", name);
      testing::RegisterTest(rule_name.c_str(), title.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [rule, c, file]() -> testing::Test* { return new CaseTest(rule, c, file); });
      ++registered;
    }
  }
  return registered;
}

}  // namespace
}  // namespace pawl

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  int registered = 0;
  for (const char* group : pawl::kRuleFolders) registered += pawl::RegisterFolder(absl::StrCat("rules/", group));
  if (registered == 0) {
    std::cerr << "no cases found\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}
