#include "rules/engine/version_matrix.h"

#include "gtest/gtest.h"
#include "rules/rule.h"

namespace pawl {
namespace {

constexpr RuleInfo kA = {.name = "a", .group = RuleGroup::kLocks, .severity = Severity::kError, .summary = "", .page = {}};

Finding At(uint32_t begin, std::string message, Severity severity = Severity::kError) {
  Finding f;
  f.rule = &kA;
  f.severity = severity;
  f.span = {begin, begin + 1};
  f.message = std::move(message);
  return f;
}

std::vector<VersionRun> Runs(std::initializer_list<int> versions) {
  std::vector<VersionRun> runs;
  for (int v : versions) runs.emplace_back().version = v;
  return runs;
}

TEST(VersionMatrix, WhatHoldsEverywhereIsToldOnceAndUnchanged) {
  auto runs = Runs({13, 17});
  for (VersionRun& r : runs) r.findings.push_back(At(5, "m"));
  runs[0].findings[0].fix = runs[1].findings[0].fix = Fix{true, "do", {}};
  const auto merged = MergeVersions(std::move(runs));
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged[0].message, "m");
  EXPECT_TRUE(merged[0].fix->safe);
  ASSERT_EQ(merged[0].details->versions.size(), 2u);
  EXPECT_TRUE(merged[0].details->versions[0].holds && merged[0].details->versions[1].holds);
}

TEST(VersionMatrix, SaysWhereAFindingDoesNotHoldAndItsFixIsUnsafe) {
  auto runs = Runs({10, 13, 17});
  runs[0].findings.push_back(At(5, "m"));
  runs[0].findings[0].fix = Fix{true, "do", {}};
  const auto merged = MergeVersions(std::move(runs));
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged[0].message, "m (on 10, not from 13)");
  EXPECT_FALSE(merged[0].fix->safe);
  EXPECT_FALSE(merged[0].details->versions[2].holds);
  EXPECT_EQ(merged[0].details->versions[2].message, "");
}

TEST(VersionMatrix, TheWorstVersionSpeaksAndOthersAreNotes) {
  auto runs = Runs({12, 14, 16});
  runs[0].findings.push_back(At(5, "mild", Severity::kWarning));
  runs[1].findings.push_back(At(5, "bad"));
  runs[2].findings.push_back(At(5, "mild", Severity::kWarning));
  const auto merged = MergeVersions(std::move(runs));
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged[0].message, "bad");
  EXPECT_EQ(merged[0].severity, Severity::kError);
  ASSERT_EQ(merged[0].notes.size(), 1u);
  EXPECT_EQ(merged[0].notes[0].message, "on 12 and 16 a warning: mild");
}

TEST(VersionMatrix, TwoFindingsOfARuleAtOnePlaceStayTwo) {
  auto runs = Runs({12, 14});
  for (VersionRun& r : runs) {
    r.findings.push_back(At(5, "first"));
    r.findings.push_back(At(5, "second"));
    r.findings.push_back(At(9, "third"));
  }
  const auto merged = MergeVersions(std::move(runs));
  ASSERT_EQ(merged.size(), 3u);
  EXPECT_EQ(merged[0].message, "first");
  EXPECT_EQ(merged[1].message, "second");
}

TEST(VersionMatrix, ANumberOfTheVersionIsNoDifference) {
  auto runs = Runs({13, 17});
  runs[0].findings.push_back(At(5, "needs 18, and 13 is configured"));
  runs[1].findings.push_back(At(5, "needs 18, and 17 is configured"));
  const auto merged = MergeVersions(std::move(runs));
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_TRUE(merged[0].notes.empty());
}

TEST(VersionMatrix, NewOnALaterVersion) {
  auto runs = Runs({13, 14});
  runs[1].findings.push_back(At(5, "m"));
  const auto merged = MergeVersions(std::move(runs));
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged[0].message, "m (on 14, not on 13)");
}

}  // namespace
}  // namespace pawl
