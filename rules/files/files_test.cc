// Rules about names, numbers, encodings and downs. Those that compare with an older state are in history_test.cc.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "rules/files/file_set.h"
#include "rules/registry.h"

namespace pawl {
namespace {

std::string Report(std::string_view rule, std::string_view text) {
  const FileSet files = ParseFileSet(text);
  const std::vector<Finding> found = RunRules(files, FindRule(rule));
  for (const Finding& f : found) {
    EXPECT_FALSE(f.why.empty()) << f.message;
    EXPECT_FALSE(f.help.empty()) << f.message;
    EXPECT_LE(f.span.end, f.file->text().size());
  }
  return Describe(found);
}

constexpr std::string_view kA = "CREATE TABLE IF NOT EXISTS a (x int);\n";
constexpr std::string_view kDropA = "DROP TABLE IF EXISTS a;\n";

std::string File(std::string_view name, std::string_view text = kA) { return absl::StrCat("-- file: ", name, "\n", text); }

TEST(FileRulePages, ExamplesShowWhatTheySay) {
  int pages = 0;
  for (const Rule* r : AllRules()) {
    if (!absl::StartsWith(r->info.page.bad, "-- file: ") && !absl::StartsWith(r->info.page.bad, "-- at ")) continue;
    ++pages;
    SCOPED_TRACE(r->info.name);
    const FileSet bad = ParseFileSet(r->info.page.bad), good = ParseFileSet(r->info.page.good);
    EXPECT_EQ(RunRules(bad, r).size(), 1u) << Describe(RunRules(bad, r));
    EXPECT_EQ(Describe(RunRules(good, r)), "");
    std::vector<Finding> all = RunRules(good, nullptr);
    std::erase_if(all, [](const Finding& f) { return f.severity <= Severity::kNote; });
    EXPECT_EQ(Describe(all), "") << "clean under all rules";
  }
  EXPECT_EQ(pages, 14);
}

// ---- missing-down ----

TEST(MissingDown, SaysWhichFileToAdd) {
  const std::string set = File("000001_a.up.sql") + File("000001_a.down.sql", kDropA);
  EXPECT_EQ(Report("missing-down", set), "");
  EXPECT_EQ(Report("missing-down", set + File("000002_b.up.sql")),
            "error db/000002_b.up.sql:1:1 `000002_b.up.sql` has no down script, as other migrations here have\n");
  const FileSet files = ParseFileSet(set + File("000002_b.up.sql"));
  EXPECT_TRUE(absl::StrContains(RunRules(files, FindRule("missing-down"))[0].help, "add `000002_b.down.sql`"));
}

TEST(MissingDown, NotWhereDownsAreNotUsed) { EXPECT_EQ(Report("missing-down", File("000001_a.up.sql") + File("000002_b.up.sql")), ""); }

TEST(MissingDown, NotWhereDeclaredIrreversible) {
  EXPECT_EQ(Report("missing-down", File("000001_a.up.sql") + File("000001_a.down.sql", kDropA) +
                                    File("000002_b.up.sql", absl::StrCat("-- irreversible: the old values are not kept\n", kA))),
            "");
}

TEST(MissingDown, Sections) {
  const std::string_view both = "-- migrate:up\nCREATE TABLE IF NOT EXISTS a (x int);\n-- migrate:down\nDROP TABLE IF EXISTS a;\n";
  EXPECT_EQ(Report("missing-down", File("20200101000000_a.sql", both)), "");
  EXPECT_TRUE(absl::StrContains(Report("missing-down", File("20200101000000_a.sql", both) + File("20200102000000_b.sql", "-- migrate:up\nCREATE TABLE IF NOT EXISTS b ();\n")),
                                "`20200102000000_b.sql` has no down script"));
}

TEST(MissingDown, FlywayRepeatable) {
  EXPECT_EQ(Report("missing-down", File("V1__a.sql") + File("U1__a.sql", kDropA) + File("R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;\n")), "");
}

// ---- empty-down ----

TEST(EmptyDown, Kinds) {
  for (std::string_view down : {"", "-- nothing\n", "SELECT 1;\n", "BEGIN;\nCOMMIT;\n"}) {
    EXPECT_TRUE(absl::StrContains(Report("empty-down", File("000001_a.up.sql") + File("000001_a.down.sql", down)), "the down of `000001_a.up.sql` does nothing")) << down;
  }
  for (std::string_view down : {"DROP TABLE a;\n", "DO $$ BEGIN RAISE EXCEPTION 'no way back'; END $$;\n", "-- irreversible: rows were merged\n"}) {
    EXPECT_EQ(Report("empty-down", File("000001_a.up.sql") + File("000001_a.down.sql", down)), "") << down;
  }
  EXPECT_EQ(Report("empty-down", File("000001_a.up.sql") + File("000001_a.down.sql", "-- It's not possible to drop enum values from enum types.\n")), "");
  EXPECT_NE(Report("empty-down", File("000001_a.up.sql") + File("000001_a.down.sql", "-- Not reversible\n")), "") << "no reason";
  EXPECT_EQ(Report("empty-down", File("000001_a.up.sql") + File("000001_a.down.sql", "-- NOTE: Postgres does not support removing enum values.\n")), "");
  EXPECT_EQ(Report("empty-down", File("000001_a.up.sql", "-- nothing\n") + File("000001_a.down.sql", "-- nothing\n")), "") << "the up does nothing either";
}

TEST(EmptyDown, CommentedOutSections) {
  const std::string_view up = "CREATE TABLE IF NOT EXISTS a (x int);\n\n-- Down migration (rollback)\n";
  EXPECT_EQ(Report("empty-down", File("01_a.sql", absl::StrCat(up, "-- DROP TABLE a;\n"))), "");
  EXPECT_EQ(Report("empty-down", File("01_a.sql", absl::StrCat(up, "-- take the table away by hand\n"))), "error db/01_a.sql:3:1 the down of `01_a.sql` does nothing\n");
  EXPECT_TRUE(absl::StrContains(Report("empty-down", File("01_a.sql", absl::StrCat(up, "-- SELECT 1;\n"))), "does nothing"));
}

TEST(EmptyDown, Goose) {
  EXPECT_TRUE(absl::StrContains(Report("empty-down", File("00001_a.sql", "-- +goose Up\nCREATE TABLE a ();\n-- +goose Down\nSELECT 'down SQL query';\n")), "does nothing"));
}

// ---- empty-migration ----

TEST(EmptyMigration, Kinds) {
  EXPECT_EQ(Report("empty-migration", File("000001_a.up.sql", "")), "warning db/000001_a.up.sql:1:1 `000001_a.up.sql` holds no statement that does anything\n");
  EXPECT_NE(Report("empty-migration", File("20200101000000_a/migration.sql", "-- This is an empty migration.")), "");
  EXPECT_NE(Report("empty-migration", File("00001_a.sql", "-- +goose Up\nSELECT 'up SQL query';\n-- +goose Down\nSELECT 'down SQL query';\n")), "");
  EXPECT_EQ(Report("empty-migration", File("000001_a.up.sql")), "");
  EXPECT_EQ(Report("empty-migration", File("V1__baseline.sql", "-- what was there\n") + File("V2__a.sql")), "");
  EXPECT_EQ(Report("empty-migration", File("V1__a.sql") + File("V2__NOOP.sql", "-- NOOP")), "");
  EXPECT_EQ(Report("empty-migration", File("notes.sql", "-- a scratch file\n")), "") << "no migration";
}

// ---- duplicate-version ----

TEST(DuplicateVersion, Kinds) {
  EXPECT_EQ(Report("duplicate-version", File("000001_a.up.sql") + File("000002_b.up.sql") + File("2_c.up.sql")),
            "error db/2_c.up.sql:1:1 `2_c.up.sql` has the same version as `000002_b.up.sql`\n");
  EXPECT_EQ(Report("duplicate-version", File("000001_a.up.sql") + File("000001_a.down.sql") + File("000002_b.up.sql")), "");
  EXPECT_NE(Report("duplicate-version", File("V1__a.sql") + File("V1_0__b.sql")), "");
  EXPECT_EQ(Report("duplicate-version", File("V1__a.sql") + File("R__b.sql") + File("R__c.sql")), "");
  EXPECT_EQ(Report("duplicate-version", File("20200101000000_a/migration.sql") + File("20200101000000_b/migration.sql")), "");
}

TEST(DuplicateVersion, NotWhereTheRunnerPlainlyDoesNotMind) {
  std::string set;
  for (int i = 1; i < 6; ++i) absl::StrAppend(&set, File(absl::StrCat("00000", i, "_a.up.sql")), File(absl::StrCat("00000", i, "_b.up.sql")));
  EXPECT_EQ(Report("duplicate-version", set), "");
}

TEST(DuplicateVersion, PointsAtTheOther) {
  const FileSet files = ParseFileSet(File("000001_a.up.sql") + File("000001_b.up.sql"));
  const std::vector<Finding> found = RunRules(files, FindRule("duplicate-version"));
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].notes.size(), 1u);
  EXPECT_EQ(found[0].notes[0].file->path(), "db/000001_a.up.sql");
}

// ---- version-gap ----

std::string Numbers(std::initializer_list<std::string_view> numbers) {
  std::string set;
  for (std::string_view n : numbers) absl::StrAppend(&set, File(absl::StrCat(n, "_x", n, ".up.sql")));
  return set;
}

TEST(VersionGap, Sequences) {
  EXPECT_EQ(Report("version-gap", Numbers({"0001", "0002", "0004"})), "note db/0004_x0004.up.sql:1:1 number 3 is missing before `0004_x0004.up.sql`\n");
  EXPECT_EQ(Report("version-gap", Numbers({"0", "1", "2", "3", "6"})), "note db/6_x6.up.sql:1:1 numbers 4 to 5 are missing before `6_x6.up.sql`\n");
  for (const std::string& set : {Numbers({"0000", "0001", "0002"}), Numbers({"0001", "0002"}), Numbers({"0007", "0008"}), Numbers({"10", "20", "30"}),
                                 Numbers({"1", "3", "5"}), Numbers({"1", "2", "3", "100", "101"}), Numbers({"20200101000000", "20200103000000"}),
                                 Numbers({"202001", "202003"}), Numbers({"1", "2", "20200101000000"})}) {
    EXPECT_EQ(Report("version-gap", set), "") << set;
  }
}

TEST(VersionGap, NotWhenOnlySomeFilesWereGiven) {
  FileSet files = ParseFileSet(Numbers({"0001", "0002", "0004"}));
  files.set->complete = false;
  EXPECT_TRUE(RunRules(files, FindRule("version-gap")).empty());
}

// ---- bad-file-name, file-encoding ----

TEST(BadFileName, NamesTheReason) {
  const std::string found = Report("bad-file-name", File("000001_a.up.sql") + File("000002_b.up.sql") + File("000003_c.sql"));
  EXPECT_TRUE(absl::StrContains(found, "warning db/000003_c.sql:1:1 `000003_c.sql` does not match NNN_name.up.sql")) << found;
}

TEST(FileEncoding, Kinds) {
  const std::string text(kA);
  EXPECT_EQ(Report("file-encoding", File("000001_a.up.sql", text)), "");
  EXPECT_EQ(Report("file-encoding", File("000001_a.up.sql", "-- \xC3\xA9\n" + text)), "");
  EXPECT_EQ(Report("file-encoding", File("000001_a.up.sql", "SELECT 1;\r\nSELECT 2;\r\n")), "") << "CRLF throughout is one kind";
  EXPECT_TRUE(absl::StrContains(Report("file-encoding", File("000001_a.up.sql", "\xEF\xBB\xBF" + text)), "begins with a byte order mark"));
  EXPECT_EQ(Report("file-encoding", File("000001_a.up.sql", text + "-- \xE9\n")), "warning db/000001_a.up.sql:2:4 these bytes are not UTF-8\n");
  EXPECT_EQ(Report("file-encoding", File("000001_a.up.sql", text + std::string("-- \0\n", 5))), "warning db/000001_a.up.sql:2:4 a NUL byte ends the script here for PostgreSQL\n");
  EXPECT_TRUE(absl::StrContains(Report("file-encoding", File("000001_a.up.sql", std::string("\xFF\xFES\0", 4))), "UTF-16"));
  EXPECT_EQ(Report("file-encoding", File("000001_a.up.sql", "SELECT 1;\r\nSELECT 2;\nSELECT 3;\n")),
            "warning db/000001_a.up.sql:2:10 the line ends change from CRLF to LF here\n");
  EXPECT_EQ(Report("file-encoding", File("000001_a.up.sql", "SELECT 1;\nSELECT 2;\r\n")), "warning db/000001_a.up.sql:2:10 the line ends change from LF to CRLF here\n");
}

// ---- mixed-engines ----

TEST(MixedEngines, CypherInSql) {
  for (std::string_view text : {"MATCH (n:User) SET n.x = 1;\n", "// all users\nMATCH (n) RETURN n;\n", "CREATE (n:User {id: 1});\n", "MERGE (u:User {id: 1});\n",
                                "CREATE INDEX user_email IF NOT EXISTS FOR (u:User) ON (u.email);\n", "CREATE CONSTRAINT ON (u:User) ASSERT u.id IS UNIQUE;\n",
                                "CREATE INDEX ON :User(email);\n", "UNWIND [1, 2] AS x CREATE (:N {x: x});\n", "CALL { MATCH (n) RETURN n } IN TRANSACTIONS;\n"}) {
    EXPECT_TRUE(absl::StrContains(Report("mixed-engines", File("000001_a.up.sql", absl::StrCat(kA, text))), "this statement is Cypher")) << text;
  }
  for (std::string_view text : {"CREATE TABEL a (x int);\n", "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DO NOTHING;\n", "CREATE INDEX i ON a (x) WHERE;\n",
                                "CALL db_cleanup();\n", "INSERT INTO a VALUES ('MATCH (n) RETURN n');\n", "WITH x AS (SELECT 1) SELEC * FROM x;\n",
                                "CREATE INDEX i ON FOR a;\n"}) {
    EXPECT_EQ(Report("mixed-engines", File("000001_a.up.sql", text)), "") << text;
  }
}

TEST(MixedEngines, SqlInCypher) {
  for (std::string_view text : {"CREATE TABLE a (x int);\n", "INSERT INTO a VALUES (1);\n", "SELECT 1;\n", "UPDATE a SET x = 1;\n", "ALTER TABLE a ADD x int;\n",
                                "CREATE UNIQUE INDEX i ON a (x);\n", "CREATE INDEX i ON a (x);\n", "DROP TABLE a;\n", "DELETE FROM a;\n",
                                "// first\nMATCH (n) DELETE n;\nTRUNCATE a;\n"}) {
    EXPECT_TRUE(absl::StrContains(Report("mixed-engines", File("V1__a.cypher", text)), "this statement is SQL")) << text;
  }
  for (std::string_view text : {"CREATE CONSTRAINT c IF NOT EXISTS FOR (u:User) REQUIRE u.id IS UNIQUE;\n", "CREATE INDEX ON :User(email);\n", "MATCH (n) SET n.x = 1;\n",
                                "CREATE INDEX i IF NOT EXISTS FOR (u:User) ON (u.email);\n", "MATCH (n) DETACH DELETE n;\n", "DROP INDEX i IF EXISTS;\n",
                                "CREATE OR REPLACE DATABASE x;\n", "ALTER DATABASE x SET ACCESS READ ONLY;\n", "CREATE (n:Table);\n", ":param x => 1\nMERGE (n:X);\n"}) {
    EXPECT_EQ(Report("mixed-engines", File("V1__a.cypher", text)), "") << text;
  }
}

// The statement is a syntax error, too; other mistakes of the file are still told.
TEST(MixedEngines, SaysItAlone) {
  const auto rules = [](std::string_view name, std::string_view text) {
    std::vector<std::string_view> out;
    const FileSet files = ParseFileSet(File(name, text));
    for (const Finding& f : RunRules(files, nullptr)) {
      if (f.rule->name == "mixed-engines" || f.rule->name == "syntax-error") out.push_back(f.rule->name);
    }
    return absl::StrJoin(out, " ");
  };
  EXPECT_EQ(rules("V1__a.cypher", "MERGE (:Ok {id: 1});\nINSERT INTO users (id) VALUES (1);\nDROP TABLE users;\n"), "mixed-engines");
  EXPECT_EQ(rules("V1__a.cypher", "ALTER TABLE users ADD x int;\nMATCH (n RETURN n;\n"), "mixed-engines syntax-error");
  EXPECT_EQ(rules("000001_a.up.sql", "MATCH (n:User) SET n.x = 1;\nMERGE (u:User {id: 1});\n"), "mixed-engines");
  EXPECT_EQ(rules("000001_a.up.sql", "MATCH (n:User) SET n.x = 1;\nCREATE TABEL a (x int);\n"), "mixed-engines syntax-error");
}

// ---- down-loses-data, oversized-migration ----

TEST(DownLosesData, Columns) {
  const std::string up = "ALTER TABLE public.users ADD COLUMN phone text, ADD IF NOT EXISTS \"Fax\" text;\nUPDATE users SET phone = contact;\n";
  EXPECT_EQ(Report("down-loses-data", File("000001_a.up.sql", up) + File("000001_a.down.sql", "ALTER TABLE users DROP COLUMN phone, DROP COLUMN \"Fax\";\n")),
            "note db/000001_a.down.sql:1:19 rolling back loses what was written to `users.phone` since the migration\n");
  EXPECT_NE(Report("down-loses-data", File("000001_a.up.sql", up) + File("000001_a.down.sql", "ALTER TABLE users DROP COLUMN \"Fax\";\n")), "");
  EXPECT_EQ(Report("down-loses-data", File("000001_a.up.sql", up) + File("000001_a.down.sql", "ALTER TABLE users DROP COLUMN other;\n")), "");
  EXPECT_EQ(Report("down-loses-data", File("000001_a.up.sql", up) + File("000001_a.down.sql", "CREATE TABLE kept AS SELECT phone FROM users;\nALTER TABLE users DROP COLUMN phone;\n")), "");
  EXPECT_EQ(Report("down-loses-data", File("000001_a.up.sql", "CREATE TABLE users (id int);\nALTER TABLE users ADD phone text, DROP COLUMN fax;\n") + File("000001_a.down.sql", "ALTER TABLE users DROP COLUMN phone;\n")), "");
  EXPECT_EQ(Report("down-loses-data", File("000001_a.up.sql", "ALTER TABLE users ADD COLUMN phone text;\n") + File("000001_a.down.sql", "ALTER TABLE users DROP COLUMN phone;\n")), "")
      << "nothing was moved";
  EXPECT_NE(Report("down-loses-data", File("000001_a.up.sql", "ALTER TABLE users ADD phone text, DROP COLUMN fax;\n") + File("000001_a.down.sql", "ALTER TABLE users DROP COLUMN phone;\n")), "");
  EXPECT_EQ(Report("down-loses-data", File("000001_a.up.sql", "ALTER TABLE users ADD CONSTRAINT phone CHECK (true);\n") + File("000001_a.down.sql", "ALTER TABLE users DROP CONSTRAINT phone;\n")), "");
}

TEST(DownLosesData, Tables) {
  EXPECT_EQ(Report("down-loses-data", File("000001_a.up.sql") + File("000001_a.down.sql", kDropA)), "");
  EXPECT_NE(Report("down-loses-data", File("000001_a.up.sql", absl::StrCat(kA, "INSERT INTO a SELECT x FROM b;\n")) + File("000001_a.down.sql", kDropA)), "");
}

TEST(OversizedMigration, CountsGroupsNotStatements) {
  std::string many, related;
  for (int i = 0; i < 11; ++i) {
    absl::StrAppend(&many, "ALTER TABLE t", i, " ADD COLUMN IF NOT EXISTS x int;\n");
    absl::StrAppend(&related, "ALTER TABLE t ADD COLUMN IF NOT EXISTS x", i, " int;\n");
  }
  const std::string first = File("000001_a.up.sql");
  EXPECT_TRUE(absl::StrContains(Report("oversized-migration", first + File("000002_b.up.sql", many)), "11 groups of tables"));
  EXPECT_EQ(Report("oversized-migration", first + File("000002_b.up.sql", related)), "");
  EXPECT_EQ(Report("oversized-migration", File("000001_b.up.sql", many)), "") << "the first one makes the schema";
}

// ---- sets of Neo4j ----

constexpr std::string_view kGraph = "CREATE INDEX a IF NOT EXISTS FOR (n:A) ON (n.x);\n";
constexpr std::string_view kDropGraph = "DROP INDEX a IF EXISTS;\n";

TEST(Neo4jSets, MissingDown) {
  const std::string set = File("V1__a.up.cypher", kGraph) + File("V1__a.down.cypher", kDropGraph);
  EXPECT_EQ(Report("missing-down", set), "");
  EXPECT_EQ(Report("missing-down", set + File("V2__b.up.cypher", kGraph)), "error db/V2__b.up.cypher:1:1 `V2__b.up.cypher` has no down script, as other migrations here have\n");
  const FileSet files = ParseFileSet(set + File("V2__b.cypher", kGraph));
  const std::vector<Finding> found = RunRules(files, FindRule("missing-down"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(absl::StrContains(found[0].help, "`V2__b.up.cypher` and add `V2__b.down.cypher`")) << found[0].help;
  EXPECT_TRUE(absl::StrContains(found[0].help, "`// irreversible: REASON`")) << found[0].help;
  EXPECT_EQ(Report("missing-down", set + File("V2__b.up.cypher", absl::StrCat("// irreversible: the old values are not kept\n", kGraph))), "");
  EXPECT_EQ(Report("missing-down", set + File("R1__c.cypher", kGraph)), "") << "repeatable";
  EXPECT_EQ(Report("missing-down", File("V1__a.cypher", kGraph) + File("V2__b.cypher", kGraph)), "") << "downs are not used";
}

// ---- syntax-error: what the runner makes of a script ----

TEST(SyntaxError, StatementsThatGooseCutsInPieces) {
  const std::string_view function = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND\n$$;\n";
  const auto report = [](std::string_view up) { return Report("syntax-error", File("00001_a.sql", absl::StrCat("-- +goose Up\n", up, "-- +goose Down\nDROP FUNCTION IF EXISTS f();\n"))); };
  EXPECT_EQ(report(function), "error db/00001_a.sql:4:11 goose sends the statement in pieces: it ends one at every line that ends with `;`, also inside quotes\n");
  EXPECT_EQ(report(absl::StrCat("-- +goose StatementBegin\n", function, "-- +goose StatementEnd\n")), "");
  EXPECT_TRUE(absl::StrContains(report(absl::StrCat("-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n", function)), ":7:11 "));
  for (std::string_view whole : {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2; $$;\n", "SELECT 1, -- one;\n  2;\n", "CREATE TABLE a (\n  -- no; -- not yet;\n  x int\n);\nSELECT ';' -- the end;\n;\n",
                                 "INSERT INTO a VALUES ('x; y\n');\n"}) {
    EXPECT_EQ(report(whole), "") << whole;
  }
  for (std::string_view cut : {"INSERT INTO a VALUES ('x;\ny');\n", "SELECT 1 /* one;\n*/ + 1;\n", "DO $$ BEGIN\n  PERFORM 1; -- done\nEND $$;\n"}) EXPECT_NE(report(cut), "") << cut;
  EXPECT_NE(Report("syntax-error", File("a.sql", absl::StrCat("-- +migrate Up\n", function, "-- +migrate Down\nDROP FUNCTION f;\n"))), "");
  EXPECT_EQ(Report("syntax-error", File("20200101000000_a.sql", absl::StrCat("-- migrate:up\n", function, "-- migrate:down\nDROP FUNCTION f;\n"))), "") << "dbmate sends the section as it is";
}

TEST(SyntaxError, TheFixMakesOneStatementOfIt) {
  const FileSet files = ParseFileSet(File("00001_a.sql", "-- +goose Up\nDO $$\nBEGIN\n  PERFORM 1;\nEND $$;\nSELECT 1;\n"));
  const std::vector<Finding> found = RunRules(files, FindRule("syntax-error"));
  ASSERT_EQ(found.size(), 1u);
  ASSERT_TRUE(found[0].fix.has_value());
  ASSERT_EQ(found[0].fix->edits.size(), 2u);
  EXPECT_EQ(found[0].fix->edits[0].text, "-- +goose StatementBegin\n");
  EXPECT_EQ(found[0].fix->edits[0].span.begin, 13u);
  EXPECT_EQ(found[0].fix->edits[1].text, "\n-- +goose StatementEnd");
  EXPECT_EQ(found[0].fix->edits[1].span.begin, found[0].file->text().find("\nSELECT"));
}

TEST(Neo4jSets, EmptyDown) {
  for (std::string_view down : {"", "// nothing\n", "/* later */\n", "RETURN 1;\n", ":use sales\n", "SHOW INDEXES;\n"}) {
    EXPECT_TRUE(absl::StrContains(Report("empty-down", File("V1__a.up.cypher", kGraph) + File("V1__a.down.cypher", down)), "the down of `V1__a.up.cypher` does nothing")) << down;
  }
  for (std::string_view down : {"DROP INDEX a IF EXISTS;\n", "MATCH (n:A) REMOVE n.x;\n", "// irreversible: the nodes were merged\n"}) {
    EXPECT_EQ(Report("empty-down", File("V1__a.up.cypher", kGraph) + File("V1__a.down.cypher", down)), "") << down;
  }
  const std::string_view both = "// Up migration\nCREATE INDEX a IF NOT EXISTS FOR (n:A) ON (n.x);\n\n// Down migration (rollback)\n";
  EXPECT_EQ(Report("empty-down", File("01_a.cypher", absl::StrCat(both, "// DROP INDEX a IF EXISTS;\n"))), "");
  EXPECT_EQ(Report("syntax-error", File("01_a.cypher", absl::StrCat(both, "// MATCH (n:A)\n// DELETE n;\n"))), "");
  EXPECT_EQ(Report("syntax-error", File("01_a.cypher", absl::StrCat(both, "// DROP INDEX a IF EXIST;\n"))).substr(0, 26), "error db/01_a.cypher:5:20 ") << "where it stands in the file";
}

TEST(Neo4jSets, EmptyMigration) {
  for (std::string_view up : {"", "// later\n", ";\n", "RETURN 1;\n"}) {
    EXPECT_TRUE(absl::StrContains(Report("empty-migration", File("V1__a.cypher", kGraph) + File("V2__b.cypher", up)), "`V2__b.cypher` holds no statement that does anything")) << up;
  }
  EXPECT_EQ(Report("empty-migration", File("V1__a.cypher", kGraph) + File("V2__b.cypher", "// a note\nMATCH (n:A {id: 1}) DELETE n; // all\n")), "");
  EXPECT_EQ(Report("empty-migration", File("V1__baseline.cypher", "// what was there\n") + File("V2__a.cypher", kGraph)), "");
}

TEST(Neo4jSets, NamesAndVersions) {
  EXPECT_TRUE(absl::StrContains(Report("duplicate-version", File("V1__a.cypher", kGraph) + File("V1_0__b.cypher", kGraph)), "has the same version as"));
  EXPECT_EQ(Report("duplicate-version", File("V1__a.cypher", kGraph) + File("V1_1__b.cypher", kGraph) + File("R1__c.cypher", kGraph)), "");
  EXPECT_TRUE(absl::StrContains(Report("bad-file-name", File("V1__a.cypher", kGraph) + File("V2_b.cypher", kGraph)), "`V2_b.cypher` does not match V1__name.cypher"));
  EXPECT_TRUE(absl::StrContains(Report("version-gap", File("V1__a.cypher", kGraph) + File("V2__b.cypher", kGraph) + File("V4__c.cypher", kGraph)), "number 3 is missing"));
  EXPECT_TRUE(absl::StrContains(Report("file-encoding", File("V1__a.cypher", absl::StrCat("\xEF\xBB\xBF", kGraph))), "byte order mark"));
}

TEST(Neo4jSets, EditedAndDeleted) {
  const auto at = [](std::string_view name, std::string_view text) { return absl::StrCat("-- at main: ", name, "\n", text); };
  EXPECT_TRUE(absl::StrContains(Report("edited-applied-migration", at("V1__a.cypher", kGraph) + File("V1__a.cypher", "CREATE INDEX a IF NOT EXISTS FOR (n:A) ON (n.y);\n")), "its statements changed"));
  EXPECT_TRUE(absl::StrContains(Report("edited-applied-migration", at("V1__a.cypher", kGraph) + File("V1__a.cypher", absl::StrCat("// why\n", kGraph))), "note db/V1__a.cypher"));
  EXPECT_TRUE(absl::StrContains(Report("deleted-applied-migration", at("V1__a.cypher", kGraph) + at("V2__b.cypher", kGraph) + File("V1__a.cypher", kGraph)), "`V2__b.cypher`"));
}

}  // namespace
}  // namespace pawl
