#include "migrations/history/sums.h"

#include <stdlib.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/source/atomic_write.h"
#include "gtest/gtest.h"
#include "migrations/history/paths.h"

namespace pawl {
namespace {

class TempFolder {
 public:
  TempFolder() : path_(JoinPath(testing::TempDir(), "sumsXXXXXX")) { EXPECT_NE(mkdtemp(path_.data()), nullptr); }
  ~TempFolder() { EXPECT_EQ(system(absl::StrCat("rm -rf '", path_, "'").c_str()), 0); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void AddScript(MigrationSet& set, const std::string& version, const std::string& file, const std::string& text, bool repeatable = false) {
  set.files.push_back(std::make_unique<SourceFile>(set.root + "/" + file, text));
  Migration m;
  m.version = version;
  m.repeatable = repeatable;
  m.up = ScriptRef{set.files.back().get(), {0, static_cast<uint32_t>(text.size())}};
  set.migrations.push_back(std::move(m));
}

MigrationSet MakeSet(const std::string& root) {
  MigrationSet set;
  set.root = root;
  set.complete = true;
  AddScript(set, "2", "0002_b.sql", "CREATE TABLE b (a int);\n");
  AddScript(set, "1", "0001_a.sql", "CREATE TABLE a (a int);\n");
  AddScript(set, "", "R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;\n", /*repeatable=*/true);
  return set;
}

Sums Parsed(std::string_view text) {
  absl::StatusOr<Sums> sums = ParseSums(text, "pawl.sums");
  EXPECT_TRUE(sums.ok()) << sums.status();
  return sums.ok() ? *sums : Sums();
}

std::string Error(std::string_view text) {
  const absl::StatusOr<Sums> sums = ParseSums(text, "db/pawl.sums");
  EXPECT_FALSE(sums.ok()) << text;
  return std::string(sums.status().message());
}

TEST(SumsTest, RoundTrip) {
  absl::StatusOr<Sums> sums = ComputeSums(MakeSet("db"));
  ASSERT_TRUE(sums.ok()) << sums.status();
  const std::string text = FormatSums(*sums);
  const Sums again = Parsed(text);
  ASSERT_EQ(again.entries.size(), 2u) << "repeatable migrations are not recorded";
  EXPECT_EQ(again.entries[0].path, "0001_a.sql");
  EXPECT_EQ(again.entries[1].path, "0002_b.sql");
  EXPECT_EQ(again.entries[0].code.exact, sums->entries[0].code.exact);
  EXPECT_EQ(again.entries[0].code.normal, sums->entries[0].code.normal);
  EXPECT_EQ(FormatSums(again), text);
  EXPECT_TRUE(Matches(*again.Find("0001_a.sql"), "CREATE TABLE a (a int);\n"));
  EXPECT_FALSE(Matches(*again.Find("0001_a.sql"), "CREATE TABLE a (a text);\n"));
  EXPECT_EQ(again.Find("0003_c.sql"), nullptr);
}

TEST(SumsTest, LineEndsOfACheckoutDoNotMatter) {
  const Sums sums = Parsed(FormatSums(*ComputeSums(MakeSet("db"))));
  EXPECT_TRUE(Matches(*sums.Find("0001_a.sql"), "CREATE TABLE a (a int);\r\n"));
  EXPECT_EQ(Parsed(absl::StrReplaceAll(FormatSums(sums), {{"\n", "\r\n"}})).entries.size(), 2u);
}

TEST(SumsTest, OddNames) {
  Sums sums;
  for (const char* name : {"a b.sql", "back\\slash.sql", "new\nline.sql", "r\xC3\xA9sum\xC3\xA9.sql", "carriage\rreturn.sql"}) {
    sums.entries.push_back({name, std::string(64, 'a'), {}});
  }
  std::sort(sums.entries.begin(), sums.entries.end(), [](const SumsEntry& a, const SumsEntry& b) { return a.path < b.path; });
  const Sums again = Parsed(FormatSums(sums));
  ASSERT_EQ(again.entries.size(), sums.entries.size());
  for (size_t i = 0; i < sums.entries.size(); ++i) EXPECT_EQ(again.entries[i].path, sums.entries[i].path);
}

TEST(SumsTest, TwoBranchesConflict) {
  // Both add one migration at a different place of the list; only the first line meets in both.
  MigrationSet one = MakeSet("db"), two = MakeSet("db");
  AddScript(one, "0", "0000_x.sql", "SELECT 1;");
  AddScript(two, "9", "0009_y.sql", "SELECT 1;");
  const std::string base = FormatSums(*ComputeSums(MakeSet("db"))), a = FormatSums(*ComputeSums(one)), b = FormatSums(*ComputeSums(two));
  const auto first = [](const std::string& s) { return s.substr(0, s.find('\n')); };
  EXPECT_NE(first(a), first(base));
  EXPECT_NE(first(b), first(base));
  EXPECT_NE(first(a), first(b));
  // Merged by hand without writing it anew.
  EXPECT_TRUE(absl::StrContains(Error(first(a) + b.substr(b.find('\n'))), "merged or edited by hand"));
  EXPECT_TRUE(absl::StrContains(Error("<<<<<<< HEAD\n" + a + "=======\n" + b + ">>>>>>> x\n"), "line 1: an unresolved merge conflict"));
}

TEST(SumsTest, Malformed) {
  const std::string good = FormatSums(*ComputeSums(MakeSet("db")));
  EXPECT_TRUE(absl::StrContains(Error(""), "not the first line of a pawl.sums"));
  EXPECT_TRUE(absl::StrContains(Error("# pawl.sums 2 x\n"), "a newer pawl"));
  EXPECT_TRUE(absl::StrContains(Error(good + "nonsense\n"), "not a checksum followed by a file name"));
  EXPECT_TRUE(absl::StrContains(Error(absl::StrReplaceAll(good, {{"0001_a", "0001_b"}})), "merged or edited by hand"));
  EXPECT_TRUE(absl::StrContains(Error(good.substr(0, good.size() / 2)), "db/pawl.sums"));
  EXPECT_TRUE(absl::StrContains(Error(std::string(300, '\0')), "line 1"));
}

TEST(SumsTest, WritesAndReads) {
  TempFolder folder;
  const MigrationSet set = MakeSet(folder.path());
  absl::StatusOr<std::optional<Sums>> none = ReadSums(folder.path() + "/pawl.sums");
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  absl::StatusOr<std::string> path = WriteSums(set);
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(*path, folder.path() + "/pawl.sums");
  absl::StatusOr<std::optional<Sums>> sums = ReadSums(*path);
  ASSERT_TRUE(sums.ok() && sums->has_value()) << sums.status();
  EXPECT_EQ((*sums)->entries.size(), 2u);
  // The promise in the file's own comment.
  for (const auto& file : set.files) ASSERT_TRUE(WriteFileAtomically(file->path(), file->text()).ok());
  EXPECT_EQ(system(absl::StrCat("cd '", folder.path(), "' && sha256sum --check --strict --quiet pawl.sums").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomically(set.files[0]->path(), "DROP TABLE b;\n").ok());
  EXPECT_NE(system(absl::StrCat("cd '", folder.path(), "' && sha256sum --check --strict --status pawl.sums").c_str()), 0);
}

TEST(SumsTest, WantsWholeFolders) {
  MigrationSet set = MakeSet("db");
  set.complete = false;
  EXPECT_TRUE(absl::IsInvalidArgument(ComputeSums(set).status()));
}

}  // namespace
}  // namespace pawl
