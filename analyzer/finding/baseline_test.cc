#include "analyzer/finding/baseline.h"

#include <algorithm>
#include <filesystem>

#include "gtest/gtest.h"
#include "rules/rule.h"

namespace pawl {
namespace {

constexpr Rule kDropTable = {.info = {.name = "drop-table", .group = RuleGroup::kData}};
constexpr Rule kIndex = {.info = {.name = "index-not-concurrent", .group = RuleGroup::kLocks}};
constexpr auto kAll = [](const BaselineEntry&) { return true; };

Finding At(const SourceFile& file, const Rule& rule, std::string_view statement) {
  Finding f;
  f.rule = &rule.info;
  f.file = &file;
  const size_t at = file.text().find(statement);
  EXPECT_NE(at, std::string_view::npos);
  f.statement = f.span = {static_cast<uint32_t>(at), static_cast<uint32_t>(at + statement.size())};
  return f;
}

Baseline Parsed(const std::string& text) {
  auto b = ParseBaseline(text, "b.json");
  EXPECT_TRUE(b.ok()) << b.status();
  return b.ok() ? *b : Baseline{};
}

TEST(Baseline, IsSortedWithAnEntryALine) {
  SourceFile one("./db/1.sql", "CREATE ROLE r\n  PASSWORD 'secret'; DROP TABLE t; DROP TABLE t;"), two("db/2.sql", "DROP TABLE t;");
  std::vector<Finding> findings = {At(two, kDropTable, "DROP TABLE t"), At(one, kIndex, "CREATE ROLE r\n  PASSWORD 'secret'"),
                                   At(one, kDropTable, "DROP TABLE t"), At(one, kDropTable, "DROP TABLE t")};
  const std::string text = FormatBaseline(MakeBaseline(findings));
  std::reverse(findings.begin(), findings.end());
  EXPECT_EQ(FormatBaseline(MakeBaseline(findings)), text);
  const Baseline b = Parsed(text);
  ASSERT_EQ(b.entries.size(), 3u);
  EXPECT_EQ(b.entries[0].path, "db/1.sql");
  EXPECT_EQ(b.entries[0].rule, "drop-table");
  EXPECT_EQ(b.entries[0].count, 2u);
  EXPECT_EQ(b.entries[1].statement, "CREATE ROLE r PASSWORD '...'");
  EXPECT_EQ(b.entries[2].path, "db/2.sql");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4 + 3 + 2);
  EXPECT_EQ(FormatBaseline(b), text);
}

TEST(Baseline, AcceptsWhatItHoldsAndNoMore) {
  SourceFile before("db/1.sql", "DROP TABLE t;\nDROP TABLE t;\n"), after("db/1.sql", "-- moved\n\ndrop table t;\nDROP TABLE t;\nDROP TABLE u;\nDROP TABLE t;\n");
  const Baseline b = Parsed(FormatBaseline(MakeBaseline(std::vector<Finding>{At(before, kDropTable, "DROP TABLE t"), At(before, kDropTable, "DROP TABLE t")})));
  std::vector<Finding> now = {At(after, kDropTable, "drop table t"), At(after, kDropTable, "DROP TABLE t"), At(after, kDropTable, "DROP TABLE u"),
                              At(after, kDropTable, "DROP TABLE t"), At(after, kIndex, "DROP TABLE t")};
  EXPECT_TRUE(ApplyBaseline(b, kAll, absl::MakeSpan(now)).empty());
  const std::vector<bool> suppressed = {true, true, false, false, false};
  for (size_t i = 0; i < now.size(); ++i) EXPECT_EQ(now[i].suppressed, suppressed[i]) << i;
  EXPECT_EQ(now[0].suppression_reason, "baseline");
}

TEST(Baseline, TellsWhatItHoldsTooMuch) {
  SourceFile file("db/1.sql", "DROP TABLE t;\nDROP TABLE t;\nDROP TABLE u;");
  const std::vector<Finding> then = {At(file, kDropTable, "DROP TABLE t"), At(file, kDropTable, "DROP TABLE t"), At(file, kDropTable, "DROP TABLE u")};
  const Baseline b = MakeBaseline(then);
  std::vector<Finding> now = {then[0]};
  const std::vector<StaleEntry> stale = ApplyBaseline(b, kAll, absl::MakeSpan(now));
  ASSERT_EQ(stale.size(), 2u);
  std::vector<std::string> left;
  for (const StaleEntry& s : stale) left.push_back(s.entry->statement + " " + std::to_string(s.found) + "/" + std::to_string(s.entry->count));
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (std::vector<std::string>{"DROP TABLE t 1/2", "DROP TABLE u 0/1"}));
  now = {then[0]};
  EXPECT_TRUE(ApplyBaseline(b, [](const BaselineEntry& e) { return e.path != "db/1.sql"; }, absl::MakeSpan(now)).empty());
}

TEST(Baseline, SuppressedFindingsNeedNone) {
  SourceFile file("db/1.sql", "DROP TABLE t;");
  Finding f = At(file, kDropTable, "DROP TABLE t");
  const Baseline b = MakeBaseline(absl::MakeConstSpan(&f, 1));
  f.suppressed = true;
  EXPECT_TRUE(MakeBaseline(absl::MakeConstSpan(&f, 1)).entries.empty());
  EXPECT_EQ(ApplyBaseline(b, kAll, absl::MakeSpan(&f, 1)).size(), 1u);
}

TEST(Baseline, OddBytesAndLongStatements) {
  SourceFile file("db/\xFF.sql", "DROP TABLE \xFF\"\\ " + std::string(86, 'x') + "\xC3\xA9\xC3\xA9\xC3\xA9;");
  Finding f = At(file, kDropTable, file.text());
  const Baseline b = Parsed(FormatBaseline(MakeBaseline(absl::MakeConstSpan(&f, 1))));
  ASSERT_EQ(b.entries.size(), 1u);
  EXPECT_TRUE(ApplyBaseline(b, kAll, absl::MakeSpan(&f, 1)).empty());
  EXPECT_TRUE(f.suppressed);
}

TEST(Baseline, BadFilesAreExplained) {
  auto problem = [](const std::string& text) { return std::string(ParseBaseline(text, "b.json").status().message()); };
  const std::string tail = ". Make it again with `pawl lint --write-baseline`, or take the last good one from version control";
  EXPECT_EQ(problem("{\n\"version\": 1,\n<<<<<<< HEAD\n"), "cannot use the baseline `b.json`: line 3 is not JSON (there are conflict markers of a merge in it)" + tail);
  EXPECT_EQ(problem(""), "cannot use the baseline `b.json`: line 1 is not JSON" + tail);
  EXPECT_EQ(problem("[]"), "cannot use the baseline `b.json`: it is not a JSON object" + tail);
  EXPECT_EQ(problem("{}"), "cannot use the baseline `b.json`: it has no `version`" + tail);
  EXPECT_NE(problem("{\"version\": 2}").find("this pawl reads version 1. Use a newer pawl"), std::string::npos);
  EXPECT_EQ(problem("{\"version\": 1}"), "cannot use the baseline `b.json`: it has no list `findings`" + tail);
  EXPECT_EQ(problem("{\"version\": 1, \"findings\": [3]}"), "cannot use the baseline `b.json`: in finding 1, it is not an object" + tail);
  const std::string entry = "{\"version\": 1, \"findings\": [{\"rule\": \"r\", \"path\": \"p\", \"fingerprint\": ";
  EXPECT_EQ(problem(entry + "\"12\"}]}"), "cannot use the baseline `b.json`: in finding 1, `fingerprint` is not a string of 16 hexadecimal digits" + tail);
  EXPECT_EQ(problem(entry + "\"0123456789abcdef\", \"count\": -1}]}"), "cannot use the baseline `b.json`: in finding 1, `count` is not a number above 0" + tail);
  EXPECT_TRUE(ParseBaseline(entry + "\"0123456789abcdef\"}]}", "b.json").ok());
}

TEST(Baseline, WritesAndReadsAFile) {
  const std::string path = testing::TempDir() + "/baseline_test.json";
  std::filesystem::remove(path);
  EXPECT_EQ(ReadBaseline(path).status().code(), absl::StatusCode::kNotFound);
  SourceFile file("db/1.sql", "DROP TABLE t;");
  const Finding f = At(file, kDropTable, "DROP TABLE t");
  ASSERT_TRUE(WriteBaseline(MakeBaseline(absl::MakeConstSpan(&f, 1)), path).ok());
  const auto b = ReadBaseline(path);
  ASSERT_TRUE(b.ok()) << b.status();
  EXPECT_EQ(b->entries.size(), 1u);
  EXPECT_EQ(FormatBaseline(Baseline{}), FormatBaseline(Parsed(FormatBaseline(Baseline{}))));
}

}  // namespace
}  // namespace pawl
