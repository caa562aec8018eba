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


TEST_F(DiscoverTest, OneRootHoldsSeveralSets) {
  Write("a/migrations/V1__x.sql", "SELECT 1;");
  Write("b/migrations/20240101000000_x/migration.sql", "SELECT 1;");
  Write("b/migrations/migration_lock.toml", "");
  Write("c/001_x.sql", "SELECT 1;");
  Write("c/graph/V1__x.cypher", "RETURN 1;");
  Write(".hidden/001_x.sql", "SELECT 1;");
  Write("node_modules/x/001_x.sql", "SELECT 1;");
  Write("c/.001_x.sql.swp", "");
  const Discovered d = Run({""});
  ASSERT_EQ(d.sets.size(), 4u);
  EXPECT_EQ(Short(d.sets[0].name), "a/migrations");
  EXPECT_EQ(d.sets[0].layout, Layout::kFlyway);
  EXPECT_EQ(Short(d.sets[1].name), "b/migrations");
  EXPECT_EQ(d.sets[1].layout, Layout::kPrisma);
  EXPECT_TRUE(d.sets[1].complete);
  EXPECT_EQ(d.sets[2].layout, Layout::kNumbered);
  EXPECT_EQ(d.sets[3].layout, Layout::kNeo4jMigrations);
  EXPECT_EQ(d.sets[3].engine, Engine::kNeo4j);
}

TEST_F(DiscoverTest, SameSetsHoweverTheyAreGiven) {
  const Strings files = {"p/20240101000000_a/migration.sql", "p/20240102000000_b/migration.sql", "g/001_a.up.sql", "g/001_a.down.sql",
                         "r/0.1/00__a.sql", "r/0.2/00__b.sql", "d/2024-01-01-000000_a/up.sql", "d/2024-01-01-000000_a/down.sql"};
  for (const std::string& f : files) Write(f, "SELECT 1;");
  Write("d/2024-01-01-000000_a/metadata.toml", "run_in_transaction = false\n");
  auto show = [&](const Discovered& d) {
    Strings lines;
    for (const MigrationSet& set : d.sets) {
      lines.push_back(Short(set.name) + " " + std::string(ToString(set.layout)));
      for (const Migration& m : set.migrations) {
        lines.push_back(m.version + " " + (m.up ? Short(m.up->file->path()) + " " + std::to_string(static_cast<int>(m.up->transaction)) : "-"));
      }
    }
    return lines;
  };
  const Strings whole = show(Run({""}));
  EXPECT_EQ(whole.size(), 4u + 6u);
  EXPECT_EQ(show(Run({"p", "g", "r", "d"})), whole);
  EXPECT_EQ(show(Run(files)), whole);
  EXPECT_EQ(show(Run(Strings(files.rbegin(), files.rend()))), whole);
  EXPECT_EQ(show(Run({"g", "", "g/001_a.up.sql", "g//001_a.down.sql", "./g", "g/"})), whole);
  EXPECT_TRUE(Run({"r"}).sets[0].complete);
  EXPECT_FALSE(Run(files).sets[0].complete);
  EXPECT_EQ(Run(files).sets[0].root, "");
}

TEST_F(DiscoverTest, PartsOfAHistoryAreNotComplete) {
  Write("r/0.1/00__a.sql", "SELECT 1;");
  Write("r/0.2/00__a.sql", "SELECT 1;");
  Write("p/20240101000000_a/migration.sql", "SELECT 1;");
  Write("go/001_a.sql", "SELECT 1;");
  Write("go/002_b.go", "package x");
  Write("fly/all/V1__a.sql", "SELECT 1;");
  Write("fly/dev/V2__a.sql", "SELECT 1;");
  Write("sq/sqitch.plan", "");
  Write("sq/deploy/001_a.sql", "SELECT 1;");
  for (const char* folder : {"r/0.1", "p/20240101000000_a", "go", "fly", "sq"}) {
    for (const MigrationSet& set : Run({folder}).sets) EXPECT_FALSE(set.complete) << folder;
  }
  EXPECT_FALSE(Run({"sq"}).sets[0].ordered);
  EXPECT_TRUE(Run({"fly/all"}).sets[0].complete);
}

TEST_F(DiscoverTest, NamedFilesOfAnyKindAreTaken) {
  Write("a/query.txt", "SELECT 1;");
  Write("a/.hidden.sql", "SELECT 1;");
  Write("a/x.mysql.sql", "SELECT 1;");
  const Discovered d = Run({"a/query.txt", "a/.hidden.sql", "a/x.mysql.sql"});
  EXPECT_EQ(Problems(d), Strings{});
  size_t files = 0;
  for (const MigrationSet& set : d.sets) files += set.files.size();
  EXPECT_EQ(files, 3u);
  DiscoverOptions graph;
  graph.engine = Engine::kNeo4j;
  EXPECT_EQ(Run({"a/query.txt"}, graph).sets[0].engine, Engine::kNeo4j);
  EXPECT_EQ(Run({"a/.hidden.sql"}, graph).sets[0].engine, Engine::kPostgresql);  // the extension says it
}

TEST_F(DiscoverTest, OtherDatabasesScriptsAreSkippedAndCounted) {
  Write("m/001_a.postgres.up.sql", "SELECT 1;");
  Write("m/001_a.mysql.up.sql", "SELECT 1;");
  Write("m/001_a.up.sql", "SELECT 1;");
  Write("m/002_b.up.sql", "SELECT 1;");
  Write("s/mysql/001_a.sql", "SELECT 1;");
  Write("s/postgres/001_a.sql", "SELECT 1;");
  Write("s/h2/001_a.sql", "SELECT 1;");
  Write("t/db2/001_a.sql", "SELECT 1;");  // a package's name, no PostgreSQL beside it
  const Discovered d = Run({""});
  ASSERT_EQ(d.sets.size(), 3u);
  EXPECT_EQ(Files(d.sets[0]), (Strings{"m/001_a.postgres.up.sql", "m/002_b.up.sql"}));
  EXPECT_EQ(Files(d.sets[1]), (Strings{"s/postgres/001_a.sql"}));
  EXPECT_EQ(Files(d.sets[2]), (Strings{"t/db2/001_a.sql"}));
  Strings skipped;
  for (const SkippedFile& s : d.skipped) skipped.push_back(Short(s.path) + " " + s.reason);
  EXPECT_EQ(skipped, (Strings{"m/001_a.mysql.up.sql is for mysql, by its name", "m/001_a.up.sql has a variant for PostgreSQL beside it",
                              "s/h2 is for h2, by its name", "s/mysql is for mysql, by its name"}));
}

TEST_F(DiscoverTest, Exclude) {
  Write("a/001_a.sql", "SELECT 1;");
  Write("a/002_b.sql", "SELECT 1;");
  Write("a/old/001_a.sql", "SELECT 1;");
  DiscoverOptions options;
  options.exclude = {"002_*", root_ + "/a/old"};
  const Discovered d = Run({"a"}, options);
  ASSERT_EQ(d.sets.size(), 1u);
  EXPECT_EQ(Files(d.sets[0]), Strings{"a/001_a.sql"});
}

TEST_F(DiscoverTest, WhatCannotBeReadIsAProblemAndTheRestGoesOn) {
  Write("db/001_a.sql", "SELECT 1;");
  std::filesystem::create_directory(root_ + "/db/folder.sql");
  ASSERT_EQ(mkfifo((root_ + "/db/pipe.sql").c_str(), 0600), 0);
  ASSERT_EQ(symlink("loop.sql", (root_ + "/db/loop.sql").c_str()), 0);
  ASSERT_EQ(symlink("nowhere", (root_ + "/db/dangling.sql").c_str()), 0);
  ASSERT_EQ(symlink("..", (root_ + "/db/parent").c_str()), 0);
  ASSERT_EQ(symlink("..", (root_ + "/db/parent.sql").c_str()), 0);
  ASSERT_EQ(symlink("knot", (root_ + "/db/knot").c_str()), 0);
  const Discovered d = Run({"db", "missing.sql", "db/001_a.sql/x.sql"});
  EXPECT_EQ(Problems(d), (Strings{
                             "db/001_a.sql/x.sql does not exist: a part of the path is a file, not a folder",
                             "db/dangling.sql is a symbolic link to a file that does not exist",
                             "db/folder.sql is a folder, not a file, though it is named like a script",
                             "db/knot is a symbolic link that leads back to itself",
                             "db/loop.sql is a symbolic link that leads back to itself",
                             "db/parent.sql is a symbolic link to a folder, not to a file",
                             "db/pipe.sql is a named pipe, not a regular file",
                             "missing.sql does not exist",
                         }));
  ASSERT_EQ(d.sets.size(), 1u);
  EXPECT_EQ(Files(d.sets[0]), Strings{"db/001_a.sql"});
  EXPECT_FALSE(d.sets[0].complete);  // a script of it could not be read
  ASSERT_EQ(d.skipped.size(), 1u);
  EXPECT_EQ(Short(d.skipped[0].path), "db/parent");
}

TEST_F(DiscoverTest, NamedPipesSocketsAndDevicesNeverBlock) {
  ASSERT_EQ(mkfifo((root_ + "/pipe.sql").c_str(), 0600), 0);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // The path may be longer than an address allows: bind it from inside.
  const std::string cwd = std::filesystem::current_path();
  ASSERT_EQ(chdir(root_.c_str()), 0);
  snprintf(address.sun_path, sizeof(address.sun_path), "s.sql");
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(chdir(cwd.c_str()), 0);
  DiscoverOptions options;
  options.paths = {root_ + "/pipe.sql", root_ + "/s.sql", "/dev/null", ""};
  const Discovered d = Discover(options);
  close(fd);
  EXPECT_EQ(Problems(d), (Strings{" is an empty path: a variable may not be set", "/dev/null is a device, not a regular file", "pipe.sql is a named pipe, not a regular file",
                                  "s.sql is a socket or a pipe, not a regular file"}));
  EXPECT_EQ(Problems(Run({""})), (Strings{"pipe.sql is a named pipe, not a regular file", "s.sql is a socket, not a regular file"}));
}

TEST_F(DiscoverTest, UnreadableFilesAndFolders) {
  const bool root = geteuid() == 0;  // root may read everything: be nobody for a moment, where nobody may look
  if (root) {
    std::filesystem::remove_all(root_);
    std::string pattern = "/tmp/pawl-discover-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  Write("db/001_a.sql", "SELECT 1;");
  Write("db/002_b.sql", "SELECT 1;");
  Write("closed/001_a.sql", "SELECT 1;");
  ASSERT_EQ(chmod((root_ + "/db/002_b.sql").c_str(), 0), 0);
  ASSERT_EQ(chmod((root_ + "/closed").c_str(), 0), 0);
  ASSERT_EQ(chmod(root_.c_str(), 0755), 0);
  if (root && seteuid(65534) != 0) GTEST_SKIP() << "cannot become another user";
  const Discovered d = Run({"db", "closed", "db/002_b.sql"});
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  EXPECT_EQ(Problems(d), (Strings{"closed cannot be read: permission denied", "db/002_b.sql cannot be read: permission denied",
                                  "db/002_b.sql cannot be read: permission denied"}));
  ASSERT_EQ(d.sets.size(), 1u);
  EXPECT_EQ(Files(d.sets[0]), Strings{"db/001_a.sql"});
}

TEST_F(DiscoverTest, FilesOverTheLimitAreNotRead) {
  Write("db/001_a.sql", "SELECT 1;");
  Write("db/002_b.sql", "");
  ASSERT_EQ(truncate((root_ + "/db/002_b.sql").c_str(), kMaxFileBytes + 1), 0);
  EXPECT_EQ(Problems(Run({"db"})), Strings{"db/002_b.sql is 64 MiB; files over 64 MiB are not read"});
}

TEST_F(DiscoverTest, NamesAndBytesOfAnyKind) {
  const Strings files = {"d b/001 a.sql", "d b/002@b.sql", "d b/003_\xC3\xBC\xE2\x98\x83.sql", "d b/004_caf\xE9.sql", "d b/005_-x.sql"};
  const std::string bytes("\xEF\xBB\xBF-- caf\xE9 \0\r\nSELECT 1;\r\n", 25);
  for (const std::string& f : files) Write(f, bytes);
  Write("d b/006_empty.sql", "");
  const Discovered d = Run({"d b"});
  EXPECT_EQ(Problems(d), Strings{});
  size_t count = 0;
  for (const MigrationSet& set : d.sets) {
    for (const auto& file : set.files) {
      ++count;
      EXPECT_EQ(file->text(), file->path().find("empty") == std::string::npos ? bytes : "");
    }
  }
  EXPECT_EQ(count, 6u);
}

TEST_F(DiscoverTest, LinksToFilesAreRead) {
  Write("elsewhere/x", "SELECT 1;");
  std::filesystem::create_directory(root_ + "/db");
  ASSERT_EQ(symlink("../elsewhere/x", (root_ + "/db/001_a.sql").c_str()), 0);
  ASSERT_EQ(symlink("db", (root_ + "/link").c_str()), 0);
  EXPECT_EQ(Files(Run({"db"}).sets[0]), Strings{"db/001_a.sql"});
  EXPECT_EQ(Files(Run({"link"}).sets[0]), Strings{"link/001_a.sql"});  // named, so followed
}

TEST_F(DiscoverTest, EmptyFoldersAndNoPaths) {
  std::filesystem::create_directories(root_ + "/db/empty");
  EXPECT_TRUE(Run({"db"}).sets.empty());
  EXPECT_TRUE(Run({"db"}).problems.empty());
  EXPECT_TRUE(Run({}).sets.empty());
}

TEST_F(DiscoverTest, PathsAreTidiedAsTheUserNamedThem) {
  Write("db/001_a.sql", "SELECT 1;");
  const std::string cwd = std::filesystem::current_path();
  ASSERT_EQ(chdir(root_.c_str()), 0);
  DiscoverOptions options;
  Strings seen;
  for (const char* path : {".", "./db/", "db//001_a.sql", "./db/../db"}) {
    options.paths = {path};
    const Discovered d = Discover(options);
    seen.push_back(d.sets.empty() ? "nothing" : d.sets[0].name + " " + d.sets[0].files[0]->path());
  }
  ASSERT_EQ(chdir(cwd.c_str()), 0);
  EXPECT_EQ(seen, (Strings{"db db/001_a.sql", "db db/001_a.sql", "db db/001_a.sql", "db/../db db/../db/001_a.sql"}));
}

TEST_F(DiscoverTest, FilesOfTheCurrentFolder) {
  Write("20240101000000_a/migration.sql", "SELECT 1;");
  Write("20240102000000_b/migration.sql", "SELECT 1;");
  const std::string cwd = std::filesystem::current_path();
  ASSERT_EQ(chdir(root_.c_str()), 0);
  DiscoverOptions options;
  options.paths = {"."};
  const Discovered whole = Discover(options);
  options.paths = {"20240101000000_a/migration.sql"};
  const Discovered one = Discover(options);
  ASSERT_EQ(chdir(cwd.c_str()), 0);
  ASSERT_EQ(whole.sets.size(), 1u);
  EXPECT_EQ(whole.sets[0].layout, Layout::kPrisma);
  EXPECT_EQ(whole.sets[0].root, ".");
  ASSERT_EQ(one.sets.size(), 1u);
  EXPECT_EQ(one.sets[0].layout, Layout::kPrisma);
}

TEST_F(DiscoverTest, ALoneUpKnowsItsDownOnTheDisk) {
  Write("g/001_a.up.sql", "SELECT 1;");
  Write("g/001_a.down.sql", "SELECT 1;");
  Write("g/002_b.up.sql", "SELECT 1;");
  Write("d/2024-01-01-000000_a/up.sql", "SELECT 1;");
  Write("d/2024-01-01-000000_a/down.sql", "SELECT 1;");
  Write("d/2024-01-02-000000_b/up.sql", "SELECT 1;");
  auto lone = [&](const std::string& path) {
    const Discovered d = Run({path});
    return std::make_pair(d.sets[0].has_downs, d.sets[0].migrations[0].down_on_disk);
  };
  EXPECT_EQ(lone("g/001_a.up.sql"), std::make_pair(true, true));
  EXPECT_EQ(lone("g/002_b.up.sql"), std::make_pair(true, false));  // an oversight: its neighbours have downs
  EXPECT_EQ(lone("d/2024-01-01-000000_a/up.sql"), std::make_pair(true, true));
  EXPECT_EQ(lone("d/2024-01-02-000000_b/up.sql"), std::make_pair(true, false));
}

TEST_F(DiscoverTest, ALoneFileKnowsWhetherItsNeighboursHaveDowns) {
  Write("with/001_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n");
  Write("with/002_b.sql", "-- migrate:up\nSELECT 1;\n");
  Write("without/001_a.sql", "-- migrate:up\nSELECT 1;\n");
  Write("without/002_b.sql", "-- migrate:up\nSELECT 1;\n");
  Write("ups/001_a.up.sql", "SELECT 1;");
  Write("ups/002_b.up.sql", "SELECT 1;");
  EXPECT_TRUE(Run({"with/002_b.sql"}).sets[0].has_downs);
  EXPECT_FALSE(Run({"without/002_b.sql"}).sets[0].has_downs);
  EXPECT_FALSE(Run({"ups/002_b.up.sql"}).sets[0].has_downs);
}

TEST_F(DiscoverTest, CompanionsOfNamedFiles) {
  Write("d/2024-01-01-000000_a/up.sql", "SELECT 1;");
  Write("d/2024-01-01-000000_a/metadata.toml", "run_in_transaction = false\n");
  Write("f/V1__a.sql", "SELECT 1;");
  Write("f/V1__a.sql.conf", "executeInTransaction=false\n");
  Write("s/migrations/20240101000000_a.sql", "SELECT 1;");
  Write("s/Cargo.toml", "");
  EXPECT_EQ(Run({"d/2024-01-01-000000_a/up.sql"}).sets[0].migrations[0].up->transaction, TransactionMode::kSimpleQuery);
  EXPECT_EQ(Run({"f/V1__a.sql"}).sets[0].migrations[0].up->transaction, TransactionMode::kStatement);
  EXPECT_EQ(Run({"s/migrations/20240101000000_a.sql"}).sets[0].layout, Layout::kSqlx);
  EXPECT_EQ(Run({"s"}).sets[0].layout, Layout::kSqlx);
}

TEST_F(DiscoverTest, AFolderOfOneMigrationMayBeNamedLikeAScript) {
  Write("p/20240101000000_a.sql/migration.sql", "SELECT 1;");
  const Discovered d = Run({"p"});
  EXPECT_EQ(Problems(d), Strings{});
  ASSERT_EQ(d.sets.size(), 1u);
  EXPECT_EQ(d.sets[0].layout, Layout::kPrisma);
}

TEST_F(DiscoverTest, DeepFolders) {
  std::string path;
  for (int i = 0; i < 150; ++i) path += "d/";
  Write(path + "001_a.sql", "SELECT 1;");
  const Discovered d = Run({""});
  EXPECT_TRUE(d.sets.empty());
  ASSERT_EQ(d.problems.size(), 1u);
  EXPECT_NE(d.problems[0].message.find("more than 100 folders deep"), std::string::npos);
}

// One folder a layout, named for it (sqlx's is the folder that holds its Cargo.toml).
TEST(TestdataTest, EachLayoutIsRecognised) {
  DiscoverOptions options;
  options.paths = {"testdata/layouts"};
  const Discovered d = Discover(options);
  EXPECT_TRUE(d.problems.empty());
  EXPECT_EQ(static_cast<int>(d.sets.size()), kLayoutCount);
  for (const MigrationSet& set : d.sets) {
    const std::string layout(ToString(set.layout));
    EXPECT_TRUE(set.name == "testdata/layouts/" + layout || set.name == "testdata/layouts/" + layout + "/migrations") << set.name << " is " << layout;
    EXPECT_TRUE(set.complete) << set.name;
    EXPECT_TRUE(set.ordered) << set.name;
    EXPECT_TRUE(set.strays.empty()) << set.name;
    EXPECT_GE(set.migrations.size(), 2u) << set.name;
    if (!set.has_downs) continue;
    for (const Migration& m : set.migrations) EXPECT_TRUE(m.repeatable || m.down) << set.name << " " << m.version;
  }
}

TEST(TestdataTest, TransactionModesOfTheLastMigration) {
  // The last migration of each set builds an index concurrently: never in a transaction of its runner's.
  DiscoverOptions options;
  options.paths = {"testdata/layouts"};
  for (const MigrationSet& set : Discover(options).sets) {
    for (const Migration& m : set.migrations) {
      if (m.up && m.up->file->Slice(m.up->section).find("CONCURRENTLY") != std::string_view::npos) {
        EXPECT_NE(m.up->transaction, TransactionMode::kFile) << m.up->file->path();
      }
    }
  }
}

TEST(TestdataTest, Examples) {
  DiscoverOptions options;
  options.paths = {"testdata/examples"};
  Strings sets;
  for (const MigrationSet& set : Discover(options).sets) sets.push_back(set.name.substr(18) + " " + std::string(ToString(set.layout)));
  EXPECT_EQ(sets, (Strings{"accounts prisma", "billing flyway", "catalogue dbmate", "graph neo4j-migrations", "orders golang-migrate", "shipping goose", "treasury numbered"}));
}

TEST_F(DiscoverTest, TextOnStandardInput) {
  DiscoverOptions options;
  MigrationSet set = SetFromText("db/V1__a.sql", "SELECT 1;", options);
  EXPECT_EQ(set.layout, Layout::kFlyway);
  EXPECT_FALSE(set.complete);
  ASSERT_EQ(set.migrations.size(), 1u);
  EXPECT_EQ(set.migrations[0].up->file->path(), "db/V1__a.sql");
  EXPECT_EQ(SetFromText("stdin.sql", "", options).layout, Layout::kPlain);
  EXPECT_EQ(SetFromText("", "SELECT 1;", options).migrations.size(), 1u);
  EXPECT_EQ(SetFromText("x.cypher", "RETURN 1;", options).engine, Engine::kNeo4j);
  Write("g/001_a.down.sql", "SELECT 1;");
  set = SetFromText(root_ + "/g/001_a.up.sql", "SELECT 1;", options);
  EXPECT_TRUE(set.migrations[0].down_on_disk);
}

}  // namespace
}  // namespace pawl
