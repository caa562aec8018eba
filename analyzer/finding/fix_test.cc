#include "analyzer/finding/fix.h"

#include <random>

#include "gtest/gtest.h"

namespace pawl {
namespace {

Finding WithFix(const SourceFile& file, std::vector<TextEdit> edits, bool safe = true) {
  Finding f;
  f.file = &file;
  f.fix = Fix{safe, "mend it", std::move(edits)};
  return f;
}

std::string Fixed(const SourceFile& file, const std::vector<Finding>& findings, FixScope scope = FixScope::kSafe) {
  return ApplyEdits(file.text(), CollectFixes(file, findings, scope).edits);
}

TEST(CollectFixes, OnlySafeOnesUnlessAsked) {
  SourceFile file("m.sql", "CREATE INDEX i ON t (a);");
  const std::vector<Finding> findings = {WithFix(file, {{{13, 13}, "IF NOT EXISTS "}}), WithFix(file, {{{0, 6}, "DROP"}}, false)};
  EXPECT_EQ(Fixed(file, findings), "CREATE INDEX IF NOT EXISTS i ON t (a);");
  EXPECT_EQ(Fixed(file, findings, FixScope::kAll), "DROP INDEX IF NOT EXISTS i ON t (a);");
}

TEST(CollectFixes, NotSuppressedNorOtherFiles) {
  SourceFile file("m.sql", "abc"), other("o.sql", "abc");
  Finding f = WithFix(file, {{{0, 1}, "x"}});
  f.suppressed = true;
  EXPECT_TRUE(CollectFixes(file, {f, WithFix(other, {{{0, 1}, "x"}})}, FixScope::kAll).edits.empty());
}

TEST(CollectFixes, TheFirstByPositionWinsAndTheRestWaits) {
  SourceFile file("m.sql", "0123456789");
  const FixRound round = CollectFixes(file, {WithFix(file, {{{4, 8}, "B"}}), WithFix(file, {{{2, 5}, "A"}}), WithFix(file, {{{8, 9}, "C"}})}, FixScope::kSafe);
  EXPECT_EQ(round.applied, 2u);
  EXPECT_EQ(round.waiting, 1u);
  EXPECT_EQ(ApplyEdits(file.text(), round.edits), "01A567C9");
}

TEST(CollectFixes, AFixIsMadeWholeOrNotAtAll) {
  SourceFile file("m.sql", "0123456789");
  const FixRound round = CollectFixes(file, {WithFix(file, {{{0, 1}, "A"}, {{8, 9}, "A"}}), WithFix(file, {{{3, 4}, "B"}, {{8, 10}, "B"}})}, FixScope::kSafe);
  EXPECT_EQ(ApplyEdits(file.text(), round.edits), "A1234567A9");
  EXPECT_EQ(round.waiting, 1u);
}

TEST(CollectFixes, EqualEditsAreMadeOnce) {
  SourceFile file("m.sql", "DROP a; DROP b;");
  const TextEdit timeout = {{0, 0}, "SET lock_timeout = '3s';\n"};
  const FixRound round = CollectFixes(file, {WithFix(file, {timeout, {{5, 5}, "x"}}), WithFix(file, {timeout, {{13, 13}, "y"}})}, FixScope::kSafe);
  EXPECT_EQ(round.applied, 2u);
  EXPECT_EQ(ApplyEdits(file.text(), round.edits), "SET lock_timeout = '3s';\nDROP xa; DROP yb;");
}

TEST(CollectFixes, InsertionsAtOnePlaceWait) {
  SourceFile file("m.sql", "CREATE INDEX i ON t (a);");
  const FixRound round = CollectFixes(file, {WithFix(file, {{{13, 13}, "CONCURRENTLY "}}), WithFix(file, {{{13, 13}, "IF NOT EXISTS "}})}, FixScope::kSafe);
  EXPECT_EQ(round.waiting, 1u);
  EXPECT_EQ(ApplyEdits(file.text(), round.edits), "CREATE INDEX CONCURRENTLY i ON t (a);");
}

TEST(CollectFixes, BrokenOrUselessFixesAreNotMade) {
  SourceFile file("m.sql", "0123456789");
  const FixRound round = CollectFixes(file,
                                      {WithFix(file, {{{5, 11}, "x"}}), WithFix(file, {{{6, 5}, "x"}}), WithFix(file, {{{3, 5}, "x"}, {{4, 6}, "y"}}),
                                       WithFix(file, {}), WithFix(file, {{{1, 2}, "1"}})},
                                      FixScope::kSafe);
  EXPECT_TRUE(round.edits.empty());
  EXPECT_EQ(round.broken, 4u);
  EXPECT_EQ(round.applied, 0u);
}

TEST(CollectFixes, KeepsByteOrderMarkLineEndsAndOddBytes) {
  SourceFile file("m.sql", "\xEF\xBB\xBF" "a\r\n\xFF\r\nb");
  EXPECT_EQ(Fixed(file, {WithFix(file, {{{0, 0}, "x\ny\r\n"}})}), "\xEF\xBB\xBF" "x\r\ny\r\na\r\n\xFF\r\nb");
  SourceFile utf16("m.sql", "\xFF\xFE" "a");
  EXPECT_TRUE(CollectFixes(utf16, {WithFix(utf16, {{{2, 2}, "x"}})}, FixScope::kAll).edits.empty());
}

TEST(EditHistory, RoundsComposeIntoOneListOfEdits) {
  EditHistory history("0123456789");
  EXPECT_FALSE(history.changed());
  history.Apply(std::vector<TextEdit>{{{2, 4}, "ab"}, {{8, 8}, "X"}});
  EXPECT_EQ(history.Text(), "01ab4567X89");
  history.Apply(std::vector<TextEdit>{{{3, 5}, "-"}, {{11, 11}, "!"}});
  EXPECT_EQ(history.Text(), "01a-567X89!");
  EXPECT_EQ(ApplyEdits("0123456789", history.Edits()), history.Text());
  EXPECT_EQ(history.Edits().size(), 3u);
  EXPECT_TRUE(history.changed());
}

TEST(EditHistory, WhatIsTakenBackIsNoChange) {
  EditHistory history("abc");
  history.Apply(std::vector<TextEdit>{{{1, 2}, "x"}});
  history.Apply(std::vector<TextEdit>{{{1, 2}, "b"}});
  EXPECT_EQ(history.Text(), "abc");
  EXPECT_FALSE(history.changed());
}

TEST(EditHistory, AgreesWithApplyEditsOnRandomRounds) {
  std::mt19937 random(7);
  for (int run = 0; run < 300; ++run) {
    const std::string original(random() % 20, 'o');
    EditHistory history(original);
    std::string text = original;
    for (int round = 0; round < 5; ++round) {
      std::vector<TextEdit> edits;
      for (uint32_t at = random() % 4; at <= text.size(); at += 1 + random() % 5) {
        const uint32_t end = std::min<uint32_t>(at + random() % 4, static_cast<uint32_t>(text.size()));
        edits.push_back({{at, end}, std::string(random() % 4, static_cast<char>('a' + round))});
        at = end;
      }
      text = ApplyEdits(text, edits);
      history.Apply(edits);
      ASSERT_EQ(history.Text(), text);
      ASSERT_EQ(ApplyEdits(original, history.Edits()), text);
    }
  }
}

}  // namespace
}  // namespace pawl
