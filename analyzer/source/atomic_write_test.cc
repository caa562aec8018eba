#include "analyzer/source/atomic_write.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"

namespace pawl {
namespace {

namespace fs = std::filesystem;

class AtomicWriteTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string Read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream s;
    s << in.rdbuf();
    return s.str();
  }
  static void Put(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
  size_t FileCount() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator())); }

  fs::path folder_;
};

TEST_F(AtomicWriteTest, MakesANewFile) {
  const mode_t mask = umask(022);
  ASSERT_TRUE(WriteFileAtomically(Path("new.sql"), std::string("a\0b\r\n", 5)).ok());
  umask(mask);
  EXPECT_EQ(Read(Path("new.sql")), std::string("a\0b\r\n", 5));
  struct stat s;
  ASSERT_EQ(stat(Path("new.sql").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0644u);
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(AtomicWriteTest, KeepsTheMode) {
  Put(Path("a.sql"), "old");
  ASSERT_EQ(chmod(Path("a.sql").c_str(), 0751), 0);
  ASSERT_TRUE(WriteFileAtomically(Path("a.sql"), "new").ok());
  EXPECT_EQ(Read(Path("a.sql")), "new");
  struct stat s;
  ASSERT_EQ(stat(Path("a.sql").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 07777, 0751u);
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(AtomicWriteTest, FollowsALink) {
  fs::create_directories(Path("real"));
  Put(Path("real/a.sql"), "old");
  fs::create_symlink("real/a.sql", Path("link.sql"));
  ASSERT_TRUE(WriteFileAtomically(Path("link.sql"), "new").ok());
  EXPECT_TRUE(fs::is_symlink(Path("link.sql")));
  EXPECT_EQ(Read(Path("real/a.sql")), "new");
}

TEST_F(AtomicWriteTest, ReportsALinkToNowhereAndALoop) {
  fs::create_symlink("gone.sql", Path("link.sql"));
  fs::create_symlink("loop.sql", Path("loop.sql"));
  for (const char* name : {"link.sql", "loop.sql"}) {
    const absl::Status status = WriteFileAtomically(Path(name), "new");
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
    EXPECT_TRUE(fs::is_symlink(Path(name)));
  }
}

TEST_F(AtomicWriteTest, LeavesAReadOnlyFileWhole) {
  Put(Path("a.sql"), "old");
  ASSERT_EQ(chmod(Path("a.sql").c_str(), 0444), 0);
  const absl::Status status = WriteFileAtomically(Path("a.sql"), "new");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_NE(std::string(status.message()).find("read-only"), std::string::npos);
  EXPECT_EQ(Read(Path("a.sql")), "old");
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(AtomicWriteTest, ReportsAFolderThatIsNotThere) {
  EXPECT_EQ(WriteFileAtomically(Path("none/a.sql"), "new").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(FileCount(), 0u);
}

TEST_F(AtomicWriteTest, RefusesWhatIsNoFile) {
  EXPECT_EQ(WriteFileAtomically(folder_.string(), "new").code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(WriteFileAtomically(Path("pipe"), "new").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(WriteFileAtomically("/dev/null", "new").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FileCount(), 1u);
}

// A limit on the size of files stands for a full disk: the write fails half-way.
TEST_F(AtomicWriteTest, AFailedWriteLeavesTheOldFileAndNothingElse) {
  Put(Path("a.sql"), "old");
  struct rlimit old, small;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  small = old;
  small.rlim_cur = 4096;
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status = WriteFileAtomically(Path("a.sql"), std::string(100000, 'x'));
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Read(Path("a.sql")), "old");
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(AtomicWriteTest, NamesThatAreAsLongAsTheyCanBe) {
  const std::string path = Path(std::string(251, 'n') + ".sql");
  ASSERT_TRUE(WriteFileAtomically(path, "new").ok());
  EXPECT_EQ(Read(path), "new");
}

}  // namespace
}  // namespace pawl
