#include "analyzer/finding/diff.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "analyzer/finding/fix.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

namespace fs = std::filesystem;

TEST(UnifiedDiff, OneHunkWithContext) {
  EXPECT_EQ(UnifiedDiff("./db/1.sql", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", std::vector<TextEdit>{{{8, 9}, "five"}}),
            "--- a/db/1.sql\n+++ b/db/1.sql\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, NothingForNoChange) {
  EXPECT_EQ(UnifiedDiff("a", "1\n2\n", {}), "");
  EXPECT_EQ(UnifiedDiff("a", "1\n2\n", std::vector<TextEdit>{{{0, 1}, "1"}}), "");
}

TEST(UnifiedDiff, InsertedAndDeletedLines) {
  EXPECT_EQ(UnifiedDiff("a", "1\n2\n", std::vector<TextEdit>{{{2, 2}, "new\n"}}), "--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n 1\n+new\n 2\n");
  EXPECT_EQ(UnifiedDiff("a", "1\n2\n", std::vector<TextEdit>{{{0, 2}, ""}}), "--- a/a\n+++ b/a\n@@ -1,2 +1 @@\n-1\n 2\n");
  EXPECT_EQ(UnifiedDiff("a", "1\n", std::vector<TextEdit>{{{2, 2}, "2\n"}}), "--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n 1\n+2\n");
  EXPECT_EQ(UnifiedDiff("a", "", std::vector<TextEdit>{{{0, 0}, "1\n"}}), "--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+1\n");
}

TEST(UnifiedDiff, NoLineEndAtTheEnd) {
  EXPECT_EQ(UnifiedDiff("a", "1\n2", std::vector<TextEdit>{{{0, 1}, "x"}}), "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-1\n+x\n 2\n\\ No newline at end of file\n");
  EXPECT_EQ(UnifiedDiff("a", "1", std::vector<TextEdit>{{{1, 1}, "\n"}}),
            "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+1\n");
}

TEST(UnifiedDiff, FarChangesGetHunksOfTheirOwn) {
  std::string text;
  for (int i = 1; i <= 30; ++i) text += "x\n";
  EXPECT_EQ(UnifiedDiff("a", text, std::vector<TextEdit>{{{0, 0}, "n\n"}, {{40, 41}, "y"}}),
            "--- a/a\n+++ b/a\n@@ -1,3 +1,4 @@\n+n\n x\n x\n x\n@@ -18,7 +19,7 @@\n x\n x\n x\n-x\n+y\n x\n x\n x\n");
}

TEST(UnifiedDiff, PathsAsGitWritesThem) {
  const std::vector<TextEdit> edit = {{{0, 1}, "y"}};
  EXPECT_EQ(UnifiedDiff("/etc/a b", "x\n", edit).substr(0, 28), "--- a/etc/a b\t\n+++ b/etc/a b");
  EXPECT_EQ(UnifiedDiff("q\"\n", "x\n", edit).substr(0, 33), "--- \"a/q\\\"\\012\"\n+++ \"b/q\\\"\\012\"\n@");
}

// The judge of a diff is git: whatever the edits, applying the diff gives the text that the edits give.
class GitApplyTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "db");
    if (Run("git --version") != 0) GTEST_SKIP() << "git is not installed";
    ASSERT_EQ(Run("git init -q ."), 0);
  }
  int Run(const std::string& command) const {
    return std::system(("cd '" + folder_.string() + "' && env HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 " + command + " >out.txt 2>&1").c_str());
  }
  std::string Read(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    std::stringstream s;
    s << in.rdbuf();
    return s.str();
  }
  void Put(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }

  void Check(const std::string& name, const std::string& text, const std::vector<TextEdit>& edits) const {
    const std::string wanted = ApplyEdits(text, edits), diff = UnifiedDiff(name, text, edits);
    if (wanted == text) {
      EXPECT_EQ(diff, "");
      return;
    }
    Put(name, text);
    Put("d.patch", diff);
    EXPECT_EQ(Run("git apply --whitespace=nowarn d.patch"), 0) << Read("out.txt") << diff;
    EXPECT_EQ(Read(name), wanted) << diff;
  }

  fs::path folder_;
};

TEST_F(GitApplyTest, TakesWhatFixesMake) {
  Check("db/1.sql", "CREATE INDEX i ON t (a);\n", {{{13, 13}, "CONCURRENTLY "}});
  Check("db/crlf.sql", "-- pawl\r\nDROP TABLE t;\r\nSELECT 1;\r\n", {{{0, 9}, ""}, {{20, 20}, "IF EXISTS "}});
  Check("db/with blank.sql", "a\nb", {{{3, 3}, "\n"}});
  Check("db/gr\xC3\xBC\xC3\x9F.sql", "a\n\xFF\n", {{{0, 1}, "x"}});
  Check("db/bom.sql", "\xEF\xBB\xBF" "a\n", {{{3, 3}, "-- x\n"}});
  Check("db/was_empty.sql", "", {{{0, 0}, "a\n"}});
  Check("db/quote\".sql", "a\n", {{{0, 1}, "b"}});
}

TEST_F(GitApplyTest, TakesRandomEdits) {
  std::mt19937 random(11);
  const std::string bytes = "ab\n\n\r";
  for (int run = 0; run < 60; ++run) {
    std::string text;
    for (uint32_t n = 1 + random() % 120; n > 0; --n) text += bytes[random() % bytes.size()];
    std::vector<TextEdit> edits;
    for (uint32_t at = random() % 20; at <= text.size(); at += 1 + random() % 30) {
      const uint32_t end = std::min<uint32_t>(at + random() % 6, static_cast<uint32_t>(text.size()));
      std::string with;
      for (uint32_t n = random() % 5; n > 0; --n) with += bytes[random() % bytes.size()];
      edits.push_back({{at, end}, with});
      at = end;
    }
    Check("db/r" + std::to_string(run) + ".sql", text, edits);
  }
}

}  // namespace
}  // namespace pawl
