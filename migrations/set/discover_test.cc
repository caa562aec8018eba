#include "migrations/set/discover.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pawl {
namespace {

// A folder of its own that goes away with the test. Paths in results are given without it.
class DiscoverTest : public testing::Test {
 protected:
  DiscoverTest() {
    std::string pattern = testing::TempDir() + "discover-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~DiscoverTest() override {
    std::error_code ignored;
    std::filesystem::permissions(root_ + "/closed", std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(root_, ignored);
  }

  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path, std::ios::binary) << text;
  }

  Discovered Run(std::vector<std::string> paths, DiscoverOptions options = {}) {
    for (std::string& p : paths) p = p.empty() ? root_ : root_ + "/" + p;
    options.paths = std::move(paths);
    return Discover(options);
  }

  std::string Short(const std::string& path) const {
    return path == root_ ? "" : path.rfind(root_ + "/", 0) == 0 ? path.substr(root_.size() + 1) : path;
  }
  std::vector<std::string> Files(const MigrationSet& set) const {
    std::vector<std::string> paths;
    for (const Migration& m : set.migrations) {
      if (m.up) paths.push_back(Short(m.up->file->path()));
      if (m.down && (!m.up || m.down->file != m.up->file)) paths.push_back(Short(m.down->file->path()));
    }
    return paths;
  }
  // "path message" of each problem.
  std::vector<std::string> Problems(const Discovered& d) const {
    std::vector<std::string> lines;
    for (const DiscoverProblem& p : d.problems) lines.push_back(Short(p.path) + " " + p.message);
    return lines;
  }

  std::string root_;
};

using Strings = std::vector<std::string>;

TEST_F(DiscoverTest, FolderBecomesOneCompleteSet) {
  Write("db/000002_b.up.sql", "SELECT 2;");
  Write("db/000002_b.down.sql", "SELECT 2;");
  Write("db/000001_a.up.sql", "SELECT 1;");
  Write("db/000001_a.down.sql", "SELECT 1;");
  Write("db/README.md", "# no script");
  const Discovered d = Run({"db"});
  EXPECT_EQ(Problems(d), Strings{});
  ASSERT_EQ(d.sets.size(), 1u);
  EXPECT_EQ(d.sets[0].layout, Layout::kGolangMigrate);
  EXPECT_EQ(Short(d.sets[0].root), "db");
  EXPECT_TRUE(d.sets[0].complete);
  EXPECT_TRUE(d.sets[0].has_downs);
  EXPECT_EQ(Files(d.sets[0]), (Strings{"db/000001_a.up.sql", "db/000001_a.down.sql", "db/000002_b.up.sql", "db/000002_b.down.sql"}));
}

}  // namespace
}  // namespace pawl
