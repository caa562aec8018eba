// Rules that compare a set with an older state of it, and the comparison itself.
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "rules/files/file_set.h"
#include "rules/registry.h"

namespace pawl {
namespace {

std::string Report(std::string_view rule, const FileSet& files) {
  const std::vector<Finding> found = RunRules(files, FindRule(rule));
  for (const Finding& f : found) {
    EXPECT_FALSE(f.why.empty()) << f.message;
    EXPECT_FALSE(f.help.empty()) << f.message;
    EXPECT_LE(f.span.end, f.file->text().size());
  }
  return Describe(found);
}
std::string Report(std::string_view rule, std::string_view text) { return Report(rule, ParseFileSet(text)); }

constexpr std::string_view kA = "CREATE TABLE a (x int);\n";
constexpr std::string_view kB = "CREATE TABLE b (x int);\n";

std::string File(std::string_view name, std::string_view text) { return absl::StrCat("-- file: ", name, "\n", text); }
std::string Was(std::string_view name, std::string_view text) { return absl::StrCat("-- at main: ", name, "\n", text); }

// ---- edited-applied-migration ----

std::string Edited(std::string_view before, std::string_view after, std::string_view name = "000001_a.up.sql") {
  return Report("edited-applied-migration", Was(name, before) + File(name, after));
}

TEST(Edited, SeverityFollowsWhatChanged) {
  EXPECT_EQ(Edited(kA, kA), "");
  EXPECT_EQ(Edited(kA, "CREATE TABLE a (\n  x text\n);\n"),
            "error db/000001_a.up.sql:2:5 `000001_a.up.sql` existed at `main`, and its statements changed: `int` (line 1 there) became `text`\n");
  EXPECT_EQ(Edited(kA, "create table a (x int);\n"), "warning db/000001_a.up.sql:1:1 `000001_a.up.sql` existed at `main`, and since then only letter case changed\n");
  EXPECT_TRUE(absl::StartsWith(Edited(kA, "CREATE TABLE a (x integer);\n"), "warning"));
  EXPECT_TRUE(absl::StartsWith(Edited(kA, "CREATE TABLE a (x int);\r\n"), "warning"));
  EXPECT_EQ(Edited(kA, absl::StrCat("-- why\n", kA)), "note db/000001_a.up.sql:1:1 `000001_a.up.sql` existed at `main`, and since then only comments changed\n");
}

TEST(Edited, SaysWhatWasAddedOrTakenOut) {
  EXPECT_TRUE(absl::StrContains(Edited(kA, absl::StrCat(kA, kB)), ":2:1 `000001_a.up.sql` existed at `main`, and its statements changed: `CREATE` and what follows was added at its end"));
  EXPECT_TRUE(absl::StrContains(Edited(absl::StrCat(kA, kB), kA), "`CREATE` (line 2 there) and what follows was taken out"));
  EXPECT_TRUE(absl::StrContains(Edited(kA, ""), "taken out"));
}

TEST(Edited, HelpHasTheCommand) {
  const FileSet files = ParseFileSet(Was("000001_it's.up.sql", kA) + File("000001_it's.up.sql", kB));
  const std::vector<Finding> found = RunRules(files, FindRule("edited-applied-migration"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(absl::StrContains(found[0].help, "`git checkout 0123456789 -- 'db/000001_it'\\''s.up.sql'`")) << found[0].help;
}

TEST(Edited, DownsAreNoted) {
  const std::string up = Was("000001_a.up.sql", kA) + File("000001_a.up.sql", kA);
  EXPECT_EQ(Report("edited-applied-migration", up + Was("000001_a.down.sql", "DROP TABLE b;\n") + File("000001_a.down.sql", "DROP TABLE a;\n")),
            "note db/000001_a.down.sql:1:12 the down of `000001_a.up.sql` changed since `main`: `b` (line 1 there) became `a`\n");
  EXPECT_EQ(Report("edited-applied-migration", up + Was("000001_a.down.sql", "DROP TABLE a;\n") + File("000001_a.down.sql", "-- x\nDROP TABLE a;\n")), "");
}

TEST(Edited, SectionsOfOneFile) {
  const std::string name = "20200101000000_a.sql";
  const std::string text = "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n";
  EXPECT_TRUE(absl::StartsWith(Edited(text, absl::StrReplaceAll(text, {{"DROP TABLE a", "DROP TABLE b"}}), name), "note db/20200101000000_a.sql:4:12 the down of"));
  EXPECT_TRUE(absl::StartsWith(Edited(text, absl::StrReplaceAll(text, {{"x int", "x text"}}), name), "error db/20200101000000_a.sql:2:19 "));
  EXPECT_TRUE(absl::StartsWith(Edited(text, absl::StrReplaceAll(text, {{"migrate:up", "migrate:up transaction:false"}}), name), "error")) << "a marker decides how it runs";
  // Both: the up is what matters.
  const std::string both = Edited(text, absl::StrReplaceAll(text, {{"x int", "x text"}, {"DROP TABLE a", "DROP TABLE b"}}), name);
  EXPECT_TRUE(absl::StartsWith(both, "error")) << both;
  EXPECT_EQ(std::count(both.begin(), both.end(), '\n'), 1) << both;
}

TEST(Edited, RepeatableIsMeantToBe) {
  EXPECT_EQ(Report("edited-applied-migration", Was("V1__a.sql", kA) + File("V1__a.sql", kA) + Was("R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;\n") +
                                                File("R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT 2;\n")),
            "");
}

TEST(Edited, NewFilesAndScriptsThatAreNoMigrations) {
  EXPECT_EQ(Report("edited-applied-migration", Was("000001_a.up.sql", kA) + File("000001_a.up.sql", kA) + File("000002_b.up.sql", kB)), "");
  EXPECT_EQ(Report("edited-applied-migration", Was("queries.sql", "SELECT 1;\n") + File("queries.sql", "SELECT 2;\n")), "");
}

TEST(Edited, LiquibaseByChangeset) {
  const std::string base = "--liquibase formatted sql\n--changeset bob:1\nCREATE TABLE a (x int);\n--rollback DROP TABLE a;\n--changeset bob:2\nCREATE TABLE b (x int);\n";
  EXPECT_EQ(Edited(base, base + "--changeset ann:3\nCREATE TABLE c (x int);\n", "changelog.sql"), "");
  const std::string edited = Edited(base, absl::StrReplaceAll(base, {{"b (x int)", "b (x text)"}}), "changelog.sql");
  EXPECT_TRUE(absl::StrContains(edited, "error db/changelog.sql:6:19 changeset `2` of `changelog.sql` existed")) << edited;
  EXPECT_EQ(std::count(edited.begin(), edited.end(), '\n'), 1) << edited;
  const FileSet gone = ParseFileSet(Was("changelog.sql", base) + File("changelog.sql", base.substr(0, base.find("--changeset bob:2"))));
  EXPECT_TRUE(absl::StrContains(Report("deleted-applied-migration", gone), "changeset `changelog.sql::2::bob` existed at `main` and is gone")) << Report("deleted-applied-migration", gone);
  EXPECT_EQ(Report("edited-applied-migration", gone), "");
}

TEST(Edited, Cypher) {
  EXPECT_TRUE(absl::StartsWith(Edited("MATCH (n:A) SET n.x = 1;\n", "MATCH (n:A) SET n.x = 2;\n", "V1__a.cypher"), "error db/V1__a.cypher:1:23 "));
  EXPECT_TRUE(absl::StartsWith(Edited("MATCH (n:A) SET n.x = 1;\n", "// x\nMATCH (n:A) SET n.x = 1;\n", "V1__a.cypher"), "note"));
}

// ---- deleted-applied-migration ----

TEST(Deleted, GoneFiles) {
  const std::string kept = Was("000001_a.up.sql", kA) + File("000001_a.up.sql", kA);
  EXPECT_EQ(Report("deleted-applied-migration", kept + Was("000002_b.up.sql", kB)), "error db/000002_b.up.sql:1:1 `000002_b.up.sql` existed at `main` and is gone\n");
  EXPECT_EQ(Report("deleted-applied-migration", kept + Was("000001_a.down.sql", "DROP TABLE a;\n")), "") << "missing-down speaks of downs";
  EXPECT_EQ(Report("deleted-applied-migration", kept + Was("README.md", "x\n") + Was("seed.sql", "INSERT INTO a VALUES (1);\n")), "");
  FileSet some = ParseFileSet(kept + Was("000002_b.up.sql", kB));
  EXPECT_EQ(some.history->missing().size(), 1u);
}

TEST(Deleted, RenamedFiles) {
  const std::string one = Was("000001_a.up.sql", kA) + File("000001_a.up.sql", kA);
  EXPECT_EQ(Report("deleted-applied-migration", one + Was("000002_b.up.sql", kB) + File("000003_b.up.sql", kB)),
            "error db/000003_b.up.sql:1:1 `000002_b.up.sql` existed at `main` and was renamed to `000003_b.up.sql`\n");
  // golang-migrate knows 2, whatever follows.
  EXPECT_EQ(Report("deleted-applied-migration", one + Was("000002_b.up.sql", kB) + File("000002_better.up.sql", kB)), "");
  EXPECT_NE(Report("deleted-applied-migration", Was("20200101000000_a/migration.sql", kA) + File("20200101000000_b/migration.sql", kA)), "");
}

// ---- out-of-order-version ----

TEST(OutOfOrder, Kinds) {
  const std::string two = Was("000001_a.up.sql", kA) + File("000001_a.up.sql", kA) + Was("000005_b.up.sql", kB) + File("000005_b.up.sql", kB);
  EXPECT_EQ(Report("out-of-order-version", two), "");
  EXPECT_EQ(Report("out-of-order-version", two + File("000006_c.up.sql", kB)), "");
  EXPECT_EQ(Report("out-of-order-version", two + File("000003_c.up.sql", kB)),
            "warning db/000003_c.up.sql:1:1 new migration `000003_c.up.sql` sorts before `000005_b.up.sql`, which `main` has already\n");
  EXPECT_EQ(Report("out-of-order-version", File("000001_a.up.sql", kA) + File("000005_b.up.sql", kB)), "") << "nothing to compare with";
}

// ---- pawl.sums ----

struct Recorded {
  FileSet files;
  explicit Recorded(std::string_view before, std::string_view after) : files(ParseFileSet(after)) {
    const FileSet old = ParseFileSet(before);
    const absl::StatusOr<Sums> sums = ComputeSums(*old.set);
    EXPECT_TRUE(sums.ok());
    if (files.history == nullptr) files.history = std::make_unique<HistoryComparison>(*files.set);
    files.history->AddSums(*sums, "db");
  }
};

TEST(SumsRules, Edits) {
  const std::string before = File("000001_a.up.sql", kA);
  EXPECT_EQ(Report("edited-applied-migration", Recorded(before, before).files), "");
  EXPECT_EQ(Report("edited-applied-migration", Recorded(before, File("000001_a.up.sql", kB)).files),
            "error db/000001_a.up.sql:1:1 `000001_a.up.sql` is recorded in `db/pawl.sums`, and since then statements changed\n");
  EXPECT_TRUE(absl::StartsWith(Report("edited-applied-migration", Recorded(before, File("000001_a.up.sql", absl::StrCat("-- x\n", kA))).files), "note"));
  EXPECT_TRUE(absl::StartsWith(Report("edited-applied-migration", Recorded(before, File("000001_a.up.sql", "create table a (x int);\n")).files), "warning"));
  EXPECT_EQ(Report("edited-applied-migration", Recorded(before, File("000001_a.up.sql", "CREATE TABLE a (x int);\r\n")).files), "") << "line ends of a checkout";
}

TEST(SumsRules, DeletedRenamedAndOutOfOrder) {
  const std::string a = File("000001_a.up.sql", kA), b = File("000003_b.up.sql", kB);
  EXPECT_EQ(Report("deleted-applied-migration", Recorded(a + b, a).files), "error db/000003_b.up.sql:1:1 `000003_b.up.sql` is recorded in `db/pawl.sums` and is gone\n");
  EXPECT_TRUE(absl::StrContains(Report("deleted-applied-migration", Recorded(a + b, a + File("000004_b.up.sql", kB)).files), "was renamed to `000004_b.up.sql`"));
  EXPECT_TRUE(absl::StrContains(Report("out-of-order-version", Recorded(a + b, a + b + File("000002_c.up.sql", "CREATE TABLE c ();\n")).files), "sorts before `000003_b.up.sql`"));
}

TEST(SumsRules, GitSaysMore) {
  const std::string before = File("000001_a.up.sql", kA);
  const std::string both = Report("edited-applied-migration", Recorded(before, Was("000001_a.up.sql", kA) + File("000001_a.up.sql", kB)).files);
  EXPECT_EQ(std::count(both.begin(), both.end(), '\n'), 1) << both;
  EXPECT_TRUE(absl::StrContains(both, "existed at `main`"));
  // New on this branch: the recorded sum is only out of date.
  const std::string fresh = Report("edited-applied-migration", Recorded(before, Was("000000_z.up.sql", kA) + File("000000_z.up.sql", kA) + File("000001_a.up.sql", kB)).files);
  EXPECT_TRUE(absl::StartsWith(fresh, "warning")) << fresh;
}

// ---- HistoryComparison ----

TEST(HistoryComparisonTest, Touched) {
  const FileSet files = ParseFileSet(Was("000001_a.up.sql", kA) + File("000001_a.up.sql", kA) + Was("000002_b.up.sql", kB) + File("000002_b.up.sql", kA) +
                                     File("000003_c.up.sql", "CREATE TABLE c ();\n"));
  ASSERT_EQ(files.set->files.size(), 3u);
  for (const auto& file : files.set->files) {
    const bool first = absl::StrContains(file->path(), "000001");
    EXPECT_EQ(files.history->Touched(file.get()), !first) << file->path();
    EXPECT_EQ(files.history->Existed(file.get()), !absl::StrContains(file->path(), "000003")) << file->path();
  }
  const HistoryComparison none(*files.set);
  EXPECT_TRUE(none.Touched(files.set->files[0].get())) << "without git everything counts as touched";
}

}  // namespace
}  // namespace pawl
