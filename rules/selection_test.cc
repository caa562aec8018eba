#include "rules/selection.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

constexpr Rule kIndex = {.info = {.name = "index-not-concurrent", .group = RuleGroup::kLocks, .severity = Severity::kError}};
constexpr Rule kVacuum = {.info = {.name = "vacuum-full", .group = RuleGroup::kLocks, .severity = Severity::kWarning}};
constexpr Rule kDrop = {.info = {.name = "drop-table", .group = RuleGroup::kData, .severity = Severity::kWarning}};
constexpr Rule kMoney = {.info = {.name = "money-type", .group = RuleGroup::kDesign, .severity = Severity::kOff}};
constexpr const Rule* kRules[] = {&kIndex, &kVacuum, &kDrop, &kMoney};

constexpr Severity kOff = Severity::kOff, kNote = Severity::kNote, kWarning = Severity::kWarning, kError = Severity::kError;
using Table = std::vector<Severity>;

Table Select(std::vector<SelectionLayer> layers) {
  auto table = SelectRules(kRules, layers);
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *table : Table{};
}

TEST(SelectRules, DefaultsWithoutLayers) { EXPECT_EQ(Select({}), (Table{kError, kWarning, kWarning, kOff})); }

TEST(SelectRules, SelectLeavesOnlyWhatItNames) {
  EXPECT_EQ(Select({{.select = {{"locks"}}}}), (Table{kError, kWarning, kOff, kOff}));
  EXPECT_EQ(Select({{.select = {{"money-type"}}}}), (Table{kOff, kOff, kOff, kWarning}));  // off by default, so a warning
  EXPECT_EQ(Select({{.select = {{"all"}}}}), (Table{kError, kWarning, kWarning, kWarning}));
  EXPECT_EQ(Select({{.select = std::vector<std::string>{}}}), (Table{kOff, kOff, kOff, kOff}));
}

TEST(SelectRules, TheMoreExactSelectorWins) {
  EXPECT_EQ(Select({{.select = {{"all"}}, .ignore = {"locks"}}}), (Table{kOff, kOff, kWarning, kWarning}));
  EXPECT_EQ(Select({{.select = {{"vacuum-full"}}, .ignore = {"locks"}}}), (Table{kOff, kWarning, kOff, kOff}));
  EXPECT_EQ(Select({{.select = {{"locks"}}, .ignore = {"vacuum-full"}}}), (Table{kError, kOff, kOff, kOff}));
  EXPECT_EQ(Select({{.select = {{"vacuum-full"}}, .ignore = {"vacuum-full"}}}), (Table{kOff, kOff, kOff, kOff}));
}

TEST(SelectRules, ExtendSelectAddsToTheDefaults) {
  EXPECT_EQ(Select({{.extend_select = {"design"}}}), (Table{kError, kWarning, kWarning, kWarning}));
  EXPECT_EQ(Select({{.ignore = {"all"}, .extend_select = {"drop-table"}}}), (Table{kOff, kOff, kWarning, kOff}));
}

TEST(SelectRules, LaterLayersWin) {
  EXPECT_EQ(Select({{.ignore = {"drop-table"}}, {.select = {{"all"}}}}), (Table{kError, kWarning, kWarning, kWarning}));
  EXPECT_EQ(Select({{.select = {{"locks"}}}, {.ignore = {"vacuum-full"}}}), (Table{kError, kOff, kOff, kOff}));
  EXPECT_EQ(Select({{.select = {{"locks"}}}, {.extend_select = {"data"}}}), (Table{kError, kWarning, kWarning, kOff}));
}

TEST(SelectRules, SeveritiesAreKeptThroughLayers) {
  EXPECT_EQ(Select({{.severity = {{"index-not-concurrent", kNote}}}}), (Table{kNote, kWarning, kWarning, kOff}));
  EXPECT_EQ(Select({{.severity = {{"locks", kError}, {"index-not-concurrent", kNote}}}}), (Table{kNote, kError, kWarning, kOff}));
  EXPECT_EQ(Select({{.severity = {{"vacuum-full", kOff}}}}), (Table{kError, kOff, kWarning, kOff}));
  EXPECT_EQ(Select({{.severity = {{"vacuum-full", kError}}}, {.select = {{"locks"}}}}), (Table{kError, kError, kOff, kOff}));
  // A severity of its own turns a rule on; that of its group does not.
  EXPECT_EQ(Select({{.severity = {{"money-type", kNote}}}}), (Table{kError, kWarning, kWarning, kNote}));
  EXPECT_EQ(Select({{.severity = {{"design", kError}}}}), (Table{kError, kWarning, kWarning, kOff}));
  EXPECT_EQ(Select({{.extend_select = {"money-type"}, .severity = {{"design", kError}}}}), (Table{kError, kWarning, kWarning, kError}));
}

TEST(SelectRules, NamesEveryUnknownSelector) {
  auto table = SelectRules(kRules, {{{.origin = "the command line", .select = {{"drop-tabel"}}, .ignore = {"lock", "xyzzy"}}}});
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.status().message(),
            "the command line: select: no rule or group is called `drop-tabel`; did you mean `drop-table`?\n"
            "the command line: ignore: no rule or group is called `lock`; did you mean `locks`?\n"
            "the command line: ignore: no rule or group is called `xyzzy`; `pawl rules` lists them");
}

TEST(AllSelectors, HoldsGroupsOnce) {
  EXPECT_EQ(AllSelectors(kRules), (std::vector<std::string_view>{"all", "locks", "data", "design", "index-not-concurrent", "vacuum-full",
                                                                  "drop-table", "money-type"}));
}

}  // namespace
}  // namespace pawl
