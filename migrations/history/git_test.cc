// Against real repositories, made anew for each test.
#include "migrations/history/git.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "migrations/history/paths.h"
#include "migrations/history/subprocess.h"

namespace pawl {
namespace {

class GitTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = JoinPath(testing::TempDir(), "gitXXXXXX");
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
    root_ = RealFolder(root_);
    // The machine's own settings must not decide; and nothing above the test's folder may pass for its repository.
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("GIT_CEILING_DIRECTORIES", root_.c_str(), 1);
    for (const char* who : {"AUTHOR", "COMMITTER"}) {
      setenv(absl::StrCat("GIT_", who, "_NAME").c_str(), "Test", 1);
      setenv(absl::StrCat("GIT_", who, "_EMAIL").c_str(), "test@example.org", 1);
    }
    repo_ = root_ + "/repo";
    ASSERT_EQ(mkdir(repo_.c_str(), 0755), 0);
    Git({"init", "--quiet", "--initial-branch=main"});
  }
  void TearDown() override {
    for (const char* name : {"GIT_DIR", "GIT_INDEX_FILE"}) unsetenv(name);
    ASSERT_EQ(system(absl::StrCat("rm -rf '", root_, "'").c_str()), 0);
  }

  void GitIn(const std::string& folder, std::vector<std::string> arguments) {
    std::vector<std::string> argv = {"git", "-C", folder, "-c", "protocol.file.allow=always"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment;
    for (char** e = environ; *e != nullptr; ++e) environment.emplace_back(*e);
    const absl::StatusOr<SubprocessResult> result = RunProgram(argv, environment);
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_EQ(result->exit_code, 0) << arguments[0] << ": " << result->err;
  }
  void Git(std::vector<std::string> arguments) { GitIn(repo_, std::move(arguments)); }

  void Write(const std::string& path, std::string_view text) {
    const std::string whole = repo_ + "/" + path;
    ASSERT_EQ(system(absl::StrCat("mkdir -p '", FolderOf(whole), "'").c_str()), 0);
    std::ofstream(whole, std::ios::binary) << text;
  }
  void Remove(const std::string& path) { ASSERT_EQ(unlink((repo_ + "/" + path).c_str()), 0); }
  void Commit(const std::string& message = "x") {
    Git({"add", "--all"});
    Git({"commit", "--quiet", "--allow-empty", "--message", message});
  }
  // One commit on main, then a branch.
  void StartBranch() {
    Write("db/0001_a.sql", "CREATE TABLE a (x int);\n");
    Write("db/0002_b.sql", "CREATE TABLE b (x int, y int, z int);\n");
    Write("README.md", "x\n");
    Commit();
    Git({"checkout", "--quiet", "-b", "feature"});
  }

  GitComparison Compare(const std::string& folder, const std::string& ref = "main") {
    absl::StatusOr<GitComparison> result = CompareWithGit({folder}, ref);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : GitComparison();
  }
  GitComparison CompareRepo() { return Compare(repo_ + "/db"); }

  // The message of the error, for words that it must have.
  std::string Error(const std::string& folder, const std::string& ref, absl::StatusCode code) {
    const absl::StatusOr<GitComparison> result = CompareWithGit({folder}, ref);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.status().code(), code) << result.status();
    return std::string(result.status().message());
  }

  std::string root_, repo_;
};

TEST_F(GitTest, NothingChanged) {
  StartBranch();
  const GitComparison git = CompareRepo();
  EXPECT_TRUE(git.changed.empty());
  EXPECT_EQ(git.base_paths, (std::vector<std::string>{"db/0001_a.sql", "db/0002_b.sql"}));
  EXPECT_EQ(git.top, repo_);
  EXPECT_EQ(git.base.size(), 40u);
  EXPECT_TRUE(git.AtBase("db/0001_a.sql"));
  EXPECT_FALSE(git.AtBase("db/0003_c.sql"));
}

TEST_F(GitTest, CommittedStagedAndUncommittedEdits) {
  StartBranch();
  Write("db/0001_a.sql", "CREATE TABLE a (x text);\n");
  Commit();
  Write("db/0003_c.sql", "SELECT 3;\n");
  Git({"add", "db/0003_c.sql"});
  Write("db/0002_b.sql", "changed, not staged\n");
  Write("db/0004_d.sql", "not tracked\n");
  const GitComparison git = CompareRepo();
  ASSERT_NE(git.Find("db/0001_a.sql"), nullptr);
  EXPECT_EQ(git.Find("db/0001_a.sql")->change, GitChange::kModified);
  EXPECT_EQ(git.Find("db/0001_a.sql")->old_text, "CREATE TABLE a (x int);\n");
  ASSERT_NE(git.Find("db/0002_b.sql"), nullptr);
  EXPECT_EQ(git.Find("db/0002_b.sql")->old_text, "CREATE TABLE b (x int, y int, z int);\n");
  ASSERT_NE(git.Find("db/0003_c.sql"), nullptr);
  EXPECT_EQ(git.Find("db/0003_c.sql")->change, GitChange::kAdded);
  EXPECT_EQ(git.Find("db/0004_d.sql"), nullptr);
  EXPECT_FALSE(git.AtBase("db/0004_d.sql"));
}

// Only what this branch did counts, not what has been merged to main since.
TEST_F(GitTest, ComparesWithTheMergeBase) {
  StartBranch();
  Write("db/0003_c.sql", "SELECT 3;\n");
  Commit();
  Git({"checkout", "--quiet", "main"});
  Write("db/0004_d.sql", "SELECT 4;\n");
  Write("db/0001_a.sql", "edited on main\n");
  Commit();
  Git({"checkout", "--quiet", "feature"});
  const GitComparison git = CompareRepo();
  ASSERT_EQ(git.changed.size(), 1u);
  EXPECT_EQ(git.changed[0].path, "db/0003_c.sql");
  EXPECT_FALSE(git.AtBase("db/0004_d.sql"));
}

TEST_F(GitTest, RenamesAndDeletions) {
  StartBranch();
  Git({"mv", "db/0002_b.sql", "db/0003_b.sql"});
  Remove("db/0001_a.sql");
  const GitComparison git = CompareRepo();
  ASSERT_EQ(git.changed.size(), 2u);
  EXPECT_EQ(git.changed[0].change, GitChange::kDeleted);
  EXPECT_EQ(git.changed[0].path, "db/0001_a.sql");
  EXPECT_EQ(git.changed[0].old_text, "CREATE TABLE a (x int);\n");
  EXPECT_EQ(git.changed[1].change, GitChange::kRenamed);
  EXPECT_EQ(git.changed[1].path, "db/0003_b.sql");
  EXPECT_EQ(git.changed[1].old_path, "db/0002_b.sql");
}

TEST_F(GitTest, OddFileNames) {
  const std::vector<std::string> names = {"a b.sql", "it's.sql", "\"quoted\".sql", "new\nline.sql", "tab\t.sql", "\xC3\xA9t\xC3\xA9.sql",
                                          "star*.sql", "[x].sql", "-dash.sql", ":(top)x.sql", "back\\slash.sql"};
  for (const std::string& name : names) std::ofstream(repo_ + "/" + name, std::ios::binary) << "old\n";
  Commit();
  for (const std::string& name : names) std::ofstream(repo_ + "/" + name, std::ios::binary) << "new text\n";
  const GitComparison git = Compare(repo_);
  EXPECT_EQ(git.changed.size(), names.size());
  for (const std::string& name : names) {
    ASSERT_NE(git.Find(name), nullptr) << name;
    EXPECT_EQ(git.Find(name)->old_text, "old\n") << name;
    EXPECT_TRUE(git.AtBase(name)) << name;
  }
}

TEST_F(GitTest, FolderNamesAreNoPatterns) {
  Write("db*/x.sql", "1\n");
  Write("db2/x.sql", "1\n");
  Commit();
  Write("db2/x.sql", "2\n");
  const GitComparison git = Compare(repo_ + "/db*");
  EXPECT_TRUE(git.changed.empty());
  EXPECT_EQ(git.base_paths.size(), 1u);
}

TEST_F(GitTest, ContentsOfAllKinds) {
  const std::string bytes("a\0b\r\n\xff", 6);
  Write("db/binary.sql", bytes);
  Write("db/empty.sql", "");
  Write("db/no_newline.sql", "x");
  const std::string large(3 << 20, 'x');
  Write("db/large.sql", large);
  Commit();
  for (const char* name : {"binary", "empty", "no_newline", "large"}) Write(absl::StrCat("db/", name, ".sql"), "new");
  const GitComparison git = CompareRepo();
  ASSERT_EQ(git.changed.size(), 4u);
  EXPECT_EQ(git.Find("db/binary.sql")->old_text, bytes);
  EXPECT_EQ(git.Find("db/empty.sql")->old_text, "");
  EXPECT_EQ(git.Find("db/no_newline.sql")->old_text, "x");
  EXPECT_EQ(git.Find("db/large.sql")->old_text, large);
}

TEST_F(GitTest, LineEndsOfTheCheckoutAreNoChange) {
  Write(".gitattributes", "*.sql text eol=crlf\n");
  Write("db/a.sql", "SELECT 1;\r\n");
  Commit();
  EXPECT_TRUE(CompareRepo().changed.empty());
}

TEST_F(GitTest, SubmodulesAndSymbolicLinksAreLeftOut) {
  StartBranch();
  const std::string other = root_ + "/other";
  ASSERT_EQ(mkdir(other.c_str(), 0755), 0);
  GitIn(other, {"init", "--quiet"});
  GitIn(other, {"commit", "--quiet", "--allow-empty", "--message", "x"});
  Git({"submodule", "--quiet", "add", other, "db/sub"});
  ASSERT_EQ(symlink("0001_a.sql", (repo_ + "/db/link.sql").c_str()), 0);
  Commit();
  Git({"branch", "--force", "main"});
  GitIn(repo_ + "/db/sub", {"commit", "--quiet", "--allow-empty", "--message", "y"});
  const GitComparison git = CompareRepo();
  EXPECT_TRUE(git.changed.empty());
  EXPECT_EQ(git.base_paths.size(), 2u);
}

TEST_F(GitTest, LinkedWorktree) {
  StartBranch();
  const std::string linked = root_ + "/linked";
  Git({"worktree", "add", "--quiet", linked, "-b", "second"});
  std::ofstream(linked + "/db/0001_a.sql") << "changed there\n";
  const GitComparison git = Compare(linked + "/db");
  EXPECT_EQ(git.top, linked);
  ASSERT_EQ(git.changed.size(), 1u);
  EXPECT_TRUE(CompareRepo().changed.empty());
}

TEST_F(GitTest, ThroughASymbolicLinkToTheFolder) {
  StartBranch();
  ASSERT_EQ(symlink((repo_ + "/db").c_str(), (root_ + "/elsewhere").c_str()), 0);
  Write("db/0001_a.sql", "changed\n");
  EXPECT_EQ(Compare(root_ + "/elsewhere").changed.size(), 1u);
}

TEST_F(GitTest, SeveralFoldersAndTheWholeTree) {
  StartBranch();
  Write("other/x.sql", "1\n");
  Write("db/0001_a.sql", "changed\n");
  Commit();
  const absl::StatusOr<GitComparison> two = CompareWithGit({repo_ + "/db", repo_ + "/other"}, "main");
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(two->changed.size(), 2u);
  EXPECT_EQ(Compare(repo_).base_paths.size(), 3u);
}

// git sets these for its hooks; the answer must be about the folder asked for all the same.
TEST_F(GitTest, InsideAHook) {
  StartBranch();
  Write("db/0001_a.sql", "changed\n");
  setenv("GIT_DIR", ".git", 1);
  setenv("GIT_INDEX_FILE", "/nowhere/index", 1);
  EXPECT_EQ(CompareRepo().changed.size(), 1u);
}

TEST_F(GitTest, LeavesTheRepositoryAlone) {
  StartBranch();
  Write("db/0001_a.sql", "changed\n");
  ASSERT_EQ(system(absl::StrCat("cd '", repo_, "' && find . -type f -exec sha256sum {} + | sort > ../before").c_str()), 0);
  CompareRepo();
  ASSERT_EQ(system(absl::StrCat("cd '", repo_, "' && find . -type f -exec sha256sum {} + | sort > ../after && cmp ../before ../after").c_str()), 0);
}

TEST_F(GitTest, ShallowClone) {
  StartBranch();
  Write("db/0003_c.sql", "SELECT 3;\n");
  Commit();
  Git({"checkout", "--quiet", "main"});
  Commit("on main");
  const std::string clone = root_ + "/clone";
  GitIn(root_, {"clone", "--quiet", "--depth=1", "--no-single-branch", "--branch=feature", "file://" + repo_, clone});
  const std::string message = Error(clone + "/db", "origin/main", absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(message, "shallow")) << message;
  EXPECT_TRUE(absl::StrContains(message, "git fetch --unshallow")) << message;
  EXPECT_TRUE(absl::StrContains(message, "fetch-depth: 0")) << message;
  EXPECT_TRUE(absl::StrContains(Error(clone, "origin/nowhere", absl::StatusCode::kInvalidArgument), "shallow"));
  GitIn(clone, {"fetch", "--quiet", "--unshallow"});
  EXPECT_EQ(Compare(clone + "/db", "origin/main").changed.size(), 1u);
}

TEST_F(GitTest, UnknownRevision) {
  StartBranch();
  const std::string message = Error(repo_, "mian", absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(message, "`--since mian`: git knows no such commit")) << message;
  EXPECT_TRUE(absl::StrContains(Error(repo_, "origin/main", absl::StatusCode::kInvalidArgument), "git fetch origin"));
  for (const char* ref : {"", "--all", "-h", "main:README.md"}) Error(repo_, ref, absl::StatusCode::kInvalidArgument);
}

TEST_F(GitTest, TagsIdsAndRelativeNames) {
  StartBranch();
  Git({"tag", "--annotate", "v1", "--message", "x"});
  Write("db/0003_c.sql", "SELECT 3;\n");
  Commit();
  for (const char* ref : {"v1", "HEAD~1", "main", "@{-1}"}) EXPECT_EQ(Compare(repo_, ref).changed.size(), 1u) << ref;
  EXPECT_TRUE(Compare(repo_, "HEAD").changed.empty());
}

TEST_F(GitTest, NoCommonAncestor) {
  StartBranch();
  Git({"checkout", "--quiet", "--orphan", "alone"});
  EXPECT_TRUE(absl::StrContains(Error(repo_, "main", absl::StatusCode::kFailedPrecondition), "has no commit yet"));
  Commit("of its own");
  EXPECT_TRUE(absl::StrContains(Error(repo_, "main", absl::StatusCode::kFailedPrecondition), "no common ancestor"));
}

TEST_F(GitTest, NoWorkTree) {
  const std::string plain = root_ + "/plain";
  ASSERT_EQ(mkdir(plain.c_str(), 0755), 0);
  EXPECT_TRUE(absl::StrContains(Error(plain, "main", absl::StatusCode::kFailedPrecondition), "is in no git work tree"));
  EXPECT_TRUE(absl::StrContains(Error(repo_ + "/.git", "main", absl::StatusCode::kFailedPrecondition), "is in no git work tree"));
  EXPECT_TRUE(absl::StrContains(Error(root_ + "/nothing", "main", absl::StatusCode::kNotFound), "there is no folder"));
}

TEST_F(GitTest, TwoRepositoriesInOneCall) {
  StartBranch();
  const std::string other = root_ + "/other";
  ASSERT_EQ(mkdir(other.c_str(), 0755), 0);
  const absl::StatusOr<GitComparison> result = CompareWithGit({repo_ + "/db", other}, "main");
  EXPECT_TRUE(absl::StrContains(result.status().message(), "one git work tree at a time")) << result.status();
}

TEST_F(GitTest, NoGitProgram) {
  StartBranch();
  const std::string path = getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  const std::string message = Error(repo_, "main", absl::StatusCode::kNotFound);
  setenv("PATH", path.c_str(), 1);
  EXPECT_TRUE(absl::StrContains(message, "install git")) << message;
}

TEST_F(GitTest, CorruptRepositorySaysWhatGitSays) {
  StartBranch();
  Write("db/0001_a.sql", "changed\n");
  ASSERT_EQ(system(absl::StrCat("rm -rf '", repo_, "'/.git/objects/??").c_str()), 0);
  const absl::StatusOr<GitComparison> result = CompareWithGit({repo_}, "main");
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(result.status().message().empty());
}

TEST(SubprocessTest, InputAndOutputAtOnce) {
  const std::string input(1 << 20, 'x');
  const absl::StatusOr<SubprocessResult> result = RunProgram({"cat"}, {}, input);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->out, input);
}

TEST(SubprocessTest, AChildThatDoesNotReadIsNoSignal) {
  const absl::StatusOr<SubprocessResult> result = RunProgram({"true"}, {}, std::string(1 << 20, 'x'));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->exit_code, 0);
}

TEST(SubprocessTest, CodesAndErrors) {
  EXPECT_EQ(RunProgram({"sh", "-c", "echo out; echo err >&2; exit 7"}, {})->exit_code, 7);
  EXPECT_EQ(RunProgram({"sh", "-c", "echo out; echo err >&2"}, {})->err, "err\n");
  EXPECT_EQ(RunProgram({"sh", "-c", "kill -9 $$"}, {})->exit_code, 137);
  EXPECT_TRUE(absl::IsNotFound(RunProgram({"no-such-program-anywhere"}, {}).status()));
}

}  // namespace
}  // namespace pawl
