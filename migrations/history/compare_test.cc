// CompareHistory on real files: discovery, git and pawl.sums together.
#include "migrations/history/compare.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/source/atomic_write.h"
#include "gtest/gtest.h"
#include "migrations/history/paths.h"
#include "migrations/set/discover.h"

namespace pawl {
namespace {

constexpr std::string_view kA = "CREATE TABLE a (x int);\n";
constexpr std::string_view kB = "CREATE TABLE b (\n  x int,\n  y int,\n  z int,\n  description text\n);\n";

class CompareTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = JoinPath(testing::TempDir(), "compareXXXXXX");
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("GIT_CEILING_DIRECTORIES", std::string(FolderOf(RealFolder(root_))).c_str(), 1);
    db_ = root_ + "/db";
    ASSERT_EQ(mkdir(db_.c_str(), 0755), 0);
    Shell("git init --quiet --initial-branch=main");
    Write("000001_a.up.sql", kA);
    Write("000001_a.down.sql", "DROP TABLE a;\n");
    Write("000002_b.up.sql", kB);
    Write("000002_b.down.sql", "DROP TABLE b;\n");
    Commit();
    Shell("git checkout --quiet -b feature");
  }
  void TearDown() override { ASSERT_EQ(system(absl::StrCat("rm -rf '", root_, "'").c_str()), 0); }

  void Shell(std::string_view command) { ASSERT_EQ(system(absl::StrCat("cd '", root_, "' && ", command).c_str()), 0) << command; }
  void Commit() { Shell("git add --all && git -c user.name=T -c user.email=t@example.org commit --quiet --allow-empty --message x"); }
  void Write(const std::string& name, std::string_view text) {
    Shell(absl::StrCat("mkdir -p 'db/", FolderOf(name), "'"));
    ASSERT_TRUE(WriteFileAtomically(JoinPath(db_, name), text).ok());
  }

  // The set of the folder, or of files given one by one, compared with main.
  const HistoryComparison& Compare(std::vector<std::string> paths = {}, const std::string& since = "main") {
    if (paths.empty()) paths.push_back(db_);
    DiscoverOptions options;
    options.paths = std::move(paths);
    discovered_ = Discover(options);
    EXPECT_EQ(discovered_.sets.size(), 1u);
    absl::StatusOr<std::unique_ptr<HistoryComparison>> result = CompareHistory(discovered_.sets.at(0), since);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) comparison_ = *std::move(result);
    static const MigrationSet kEmpty;
    static const HistoryComparison kNone(kEmpty);
    return comparison_ == nullptr ? kNone : *comparison_;
  }
  const SourceFile* File(std::string_view name) {
    for (const auto& file : discovered_.sets.at(0).files) {
      if (absl::EndsWith(file->path(), name)) return file.get();
    }
    ADD_FAILURE() << "no " << name;
    return nullptr;
  }

  std::string root_, db_;
  Discovered discovered_;
  std::unique_ptr<HistoryComparison> comparison_;
};

TEST_F(CompareTest, NothingToCompareWith) {
  Compare({}, "");
  EXPECT_EQ(comparison_, nullptr);
}

TEST_F(CompareTest, Untouched) {
  const HistoryComparison& history = Compare();
  EXPECT_TRUE(history.edits().empty());
  EXPECT_TRUE(history.missing().empty());
  EXPECT_FALSE(history.Touched(File("000001_a.up.sql")));
  EXPECT_TRUE(history.Existed(File("000001_a.up.sql")));
  EXPECT_EQ(history.reference()->name, "main");
}

TEST_F(CompareTest, UncommittedEditAndUntrackedFile) {
  Write("000001_a.up.sql", "CREATE TABLE a (x text);\n");
  Write("000003_c.up.sql", "CREATE TABLE c ();\n");
  const HistoryComparison& history = Compare();
  ASSERT_EQ(history.edits().size(), 1u);
  EXPECT_EQ(history.edits()[0].file, File("000001_a.up.sql"));
  EXPECT_EQ(history.edits()[0].edit.kind, EditKind::kMeaning);
  EXPECT_TRUE(history.Touched(File("000003_c.up.sql")));
  EXPECT_FALSE(history.Existed(File("000003_c.up.sql")));
  EXPECT_FALSE(history.Touched(File("000002_b.up.sql")));
}

TEST_F(CompareTest, RenamesThatGitKnowsAndThoseThatItDoesNot) {
  Shell("git mv db/000002_b.up.sql db/000003_b.up.sql && mv db/000001_a.up.sql db/000004_a.up.sql");
  const HistoryComparison& history = Compare();
  ASSERT_EQ(history.missing().size(), 2u);
  for (const MissingMigration& m : history.missing()) ASSERT_NE(m.renamed_to, nullptr) << m.file->path();
  EXPECT_EQ(history.missing()[0].file->path(), db_ + "/000001_a.up.sql");
  EXPECT_EQ(history.missing()[0].renamed_to->version, "000004");
  EXPECT_EQ(history.missing()[1].renamed_to->version, "000003");
  EXPECT_TRUE(history.edits().empty());
  EXPECT_TRUE(history.Touched(File("000003_b.up.sql")));
}

TEST_F(CompareTest, RenamedAndEdited) {
  Shell("git mv db/000002_b.up.sql db/000002_better.up.sql");
  Write("000002_better.up.sql", "CREATE TABLE b (\n  x int,\n  y int,\n  z int,\n  description varchar\n);\n");
  const HistoryComparison& history = Compare();
  EXPECT_TRUE(history.missing().empty()) << "golang-migrate knows it by its version";
  ASSERT_EQ(history.edits().size(), 1u);
  EXPECT_EQ(history.edits()[0].edit.new_token, "varchar");
}

TEST_F(CompareTest, RenamedAndEditedBeyondRecognition) {
  Shell("git rm --quiet db/000002_b.up.sql");
  Write("000002_other.up.sql", "DROP TABLE c;\n");
  const HistoryComparison& history = Compare();
  EXPECT_TRUE(history.missing().empty());
  ASSERT_EQ(history.edits().size(), 1u);
  EXPECT_EQ(history.edits()[0].file, File("000002_other.up.sql"));
  EXPECT_EQ(history.edits()[0].edit.old_token, "CREATE");
}

TEST_F(CompareTest, DeletedAndMovedAway) {
  Write("archive/keep.txt", "");
  Shell("git rm --quiet db/000001_a.up.sql && git mv db/000002_b.up.sql db/archive/000002_b.txt");
  const HistoryComparison& history = Compare();
  ASSERT_EQ(history.missing().size(), 2u);
  EXPECT_EQ(history.missing()[0].moved_to, "");
  EXPECT_EQ(history.missing()[0].file->text(), kA);
  EXPECT_EQ(history.missing()[1].moved_to, db_ + "/archive/000002_b.txt");
}

TEST_F(CompareTest, OutOfTheIndexButOnTheDisk) {
  Shell("git rm --quiet --cached db/000001_a.up.sql");
  const HistoryComparison& history = Compare();
  EXPECT_TRUE(history.edits().empty());
  EXPECT_TRUE(history.missing().empty());
  EXPECT_FALSE(history.Touched(File("000001_a.up.sql")));
}

TEST_F(CompareTest, FilesGivenOneByOne) {
  Write("000001_a.up.sql", "CREATE TABLE a (x text);\n");
  Shell("git rm --quiet db/000002_b.up.sql");
  const HistoryComparison& history = Compare({db_ + "/000001_a.up.sql"});
  EXPECT_EQ(history.edits().size(), 1u);
  EXPECT_TRUE(history.missing().empty()) << "what was not named may well be there";
}

TEST_F(CompareTest, FoldersOfOneMigrationEach) {
  Shell("git rm --quiet -r db");
  Write("20200101000000_a/migration.sql", kA);
  Write("20200102000000_b/migration.sql", kB);
  Commit();
  Shell("git branch --force main && git mv db/20200102000000_b db/20200103000000_b");
  Write("20200101000000_a/migration.sql", "CREATE TABLE a (y int);\n");
  const HistoryComparison& history = Compare();
  ASSERT_EQ(history.edits().size(), 1u);
  ASSERT_EQ(history.missing().size(), 1u);
  EXPECT_EQ(history.missing()[0].file->path(), db_ + "/20200102000000_b/migration.sql");
}

TEST_F(CompareTest, SumsBesideGit) {
  Compare({}, "");
  ASSERT_TRUE(WriteSums(discovered_.sets.at(0)).ok());
  Write("000001_a.up.sql", "-- x\nCREATE TABLE a (x int);\n");
  Shell("rm db/000002_b.up.sql db/000002_b.down.sql");
  const HistoryComparison& alone = Compare({}, "");
  ASSERT_EQ(alone.edits().size(), 1u);
  EXPECT_EQ(alone.edits()[0].edit.kind, EditKind::kComments);
  EXPECT_EQ(alone.edits()[0].reference->name, db_ + "/pawl.sums");
  EXPECT_EQ(alone.missing().size(), 1u);
  EXPECT_TRUE(alone.Touched(File("000001_a.down.sql")));
  const HistoryComparison& one = Compare({db_ + "/000001_a.up.sql"}, "");
  EXPECT_EQ(one.edits().size(), 1u) << "a file given alone finds the sums of its folder";
  const HistoryComparison& both = Compare();
  EXPECT_EQ(both.edits().size(), 1u);
  EXPECT_EQ(both.missing().size(), 1u);
  EXPECT_TRUE(both.edits()[0].reference->git);
}

TEST_F(CompareTest, BrokenSumsAreAnError) {
  Write("pawl.sums", "<<<<<<< HEAD\n");
  DiscoverOptions options;
  options.paths = {db_};
  const Discovered discovered = Discover(options);
  const absl::StatusOr<std::unique_ptr<HistoryComparison>> result = CompareHistory(discovered.sets.at(0), "");
  EXPECT_TRUE(absl::StrContains(result.status().message(), "unresolved merge conflict")) << result.status();
}

TEST_F(CompareTest, NoGitIsAnErrorOnlyWithSince) {
  Shell("rm -rf .git");
  DiscoverOptions options;
  options.paths = {db_};
  const Discovered discovered = Discover(options);
  EXPECT_TRUE(CompareHistory(discovered.sets.at(0), "").ok());
  EXPECT_TRUE(absl::StrContains(CompareHistory(discovered.sets.at(0), "main").status().message(), "no git work tree"));
}

}  // namespace
}  // namespace pawl
