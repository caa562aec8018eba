#include "migrations/history/edit.h"

#include <string>

#include "gtest/gtest.h"

namespace pawl {
namespace {

Edit Classify(std::string_view before, std::string_view after, Engine engine = Engine::kPostgresql) { return ClassifyEdit(before, after, engine); }
EditKind Kind(std::string_view before, std::string_view after, Engine engine = Engine::kPostgresql) { return Classify(before, after, engine).kind; }

TEST(EditTest, SameBytes) { EXPECT_EQ(Kind("SELECT 1;", "SELECT 1;"), EditKind::kSame); }

TEST(EditTest, Comments) {
  EXPECT_EQ(Kind("CREATE TABLE t (a int);\n", "-- why\nCREATE TABLE t (a int);\n"), EditKind::kComments);
  EXPECT_EQ(Kind("CREATE TABLE t (a int /* x */);\n", "CREATE TABLE t (a int);\n"), EditKind::kComments);
  EXPECT_EQ(Kind("-- one\nSELECT 1;", "-- two\nSELECT 1;"), EditKind::kComments);
  const Edit edit = Classify("SELECT 1; -- a", "SELECT 1; -- b");
  EXPECT_EQ(edit.at.begin, 10u);
  EXPECT_EQ(edit.what, "only comments changed");
}

// Two dashes in a string are no comment, a dollar quote hides them too, and neither does a quote in a comment open a string.
TEST(EditTest, WhatIsNoComment) {
  EXPECT_EQ(Kind("INSERT INTO t VALUES ('-- a');", "INSERT INTO t VALUES ('-- b');"), EditKind::kMeaning);
  EXPECT_EQ(Kind("INSERT INTO t VALUES ($x$ -- a $x$);", "INSERT INTO t VALUES ($x$ -- b $x$);"), EditKind::kMeaning);
  EXPECT_EQ(Kind("-- it's\nSELECT 1;", "-- it is\nSELECT 1;"), EditKind::kComments);
  EXPECT_EQ(Kind("INSERT INTO \"a--b\" VALUES (1);", "INSERT INTO \"a--c\" VALUES (1);"), EditKind::kMeaning);
}

TEST(EditTest, RunnerDirectivesAreCode) {
  EXPECT_EQ(Kind("-- migrate:up\nSELECT 1;\n", "-- migrate:up transaction:false\nSELECT 1;\n"), EditKind::kMeaning);
  EXPECT_EQ(Kind("-- +goose Up\nSELECT 1;\nSELECT 2;\n-- +goose Down\n", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n"), EditKind::kMeaning);
  EXPECT_EQ(Kind("SELECT 1;\n", "-- no-transaction\nSELECT 1;\n"), EditKind::kMeaning);
  EXPECT_EQ(Kind("-- +goose Up\nselect (1);\n-- +goose Down\nselect 2;", "-- +goose Up\nselect 1;\n-- +goose Down\nselect (2);"), EditKind::kFormatting);
}

TEST(EditTest, Formatting) {
  EXPECT_EQ(Kind("CREATE TABLE t (a int);\n", "CREATE  TABLE t (\n  a int\n);\n"), EditKind::kFormatting);
  EXPECT_EQ(Classify("SELECT 1;", "SELECT  1;").what, "only white space changed");
  EXPECT_EQ(Kind("create table T (a INT);", "CREATE TABLE t (a int);"), EditKind::kFormatting);
  EXPECT_EQ(Classify("create table t();", "CREATE TABLE t();").what, "only letter case changed");
}

TEST(EditTest, LineEndsAndByteOrderMark) {
  const Edit edit = Classify("SELECT\n1;\n", "SELECT\r\n1;\r\n");
  EXPECT_EQ(edit.kind, EditKind::kFormatting);
  EXPECT_EQ(edit.what, "only line ends changed");
  EXPECT_EQ(Kind("SELECT 'a\nb';\n", "SELECT 'a\r\nb';\r\n"), EditKind::kFormatting);
  // A comment edit on top of converted line ends is still no change of the string.
  EXPECT_EQ(Kind("-- x\nSELECT 'a\nb';\n", "-- y\r\nSELECT 'a\r\nb';\r\n"), EditKind::kComments);
  // Mixed: the string's own bytes changed.
  EXPECT_EQ(Kind("SELECT 'a\nb';\nSELECT 1;\n", "SELECT 'a\r\nb';\nSELECT 1;\n"), EditKind::kMeaning);
  EXPECT_EQ(Kind("\xEF\xBB\xBFSELECT 1;", "SELECT 1;"), EditKind::kFormatting);
}

TEST(EditTest, SameTreeIsFormatting) {
  EXPECT_EQ(Kind("SELECT (1 + 2);", "SELECT 1 + 2;"), EditKind::kFormatting);
  EXPECT_EQ(Kind("CREATE TABLE t (a int);", "CREATE TABLE \"t\" (a integer);"), EditKind::kFormatting);
  EXPECT_EQ(Kind("CREATE TEMP TABLE t (a int);", "CREATE TEMPORARY TABLE t (a int);"), EditKind::kFormatting);
  EXPECT_EQ(Kind("SELECT 1", "SELECT 1;"), EditKind::kFormatting);
  EXPECT_EQ(Kind("SELECT 'x';", "SELECT E'x';"), EditKind::kFormatting);
}

TEST(EditTest, Meaning) {
  const Edit edit = Classify("CREATE TABLE t (\n  a int,\n  b varchar(10)\n);\n", "CREATE TABLE t (\n  a int, -- new\n\n  b text\n);\n");
  EXPECT_EQ(edit.kind, EditKind::kMeaning);
  EXPECT_EQ(edit.old_token, "varchar");
  EXPECT_EQ(edit.new_token, "text");
  EXPECT_EQ(edit.old_line, 3u);
  EXPECT_EQ(Kind("CREATE TABLE t (a int);", "CREATE TABLE \"T\" (a int);"), EditKind::kMeaning);
  EXPECT_EQ(Kind("SELECT a - (b - c) FROM t;", "SELECT a - b - c FROM t;"), EditKind::kMeaning);
  EXPECT_EQ(Kind("SELECT 'A';", "SELECT 'a';"), EditKind::kMeaning);
  EXPECT_EQ(Kind("SELECT 'ab';", "SELECT 'a b';"), EditKind::kMeaning);
}

TEST(EditTest, AddedAndRemovedEnds) {
  Edit edit = Classify("SELECT 1;\n", "SELECT 1;\nDROP TABLE t;\n");
  EXPECT_EQ(edit.kind, EditKind::kMeaning);
  EXPECT_EQ(edit.old_token, "");
  EXPECT_EQ(edit.new_token, "DROP");
  edit = Classify("SELECT 1;\nDROP TABLE t;\n", "SELECT 1;\n");
  EXPECT_EQ(edit.kind, EditKind::kMeaning);
  EXPECT_EQ(edit.old_token, "DROP");
  EXPECT_EQ(edit.new_token, "");
  EXPECT_EQ(edit.old_line, 2u);
  EXPECT_EQ(edit.at.begin, 10u);
  EXPECT_EQ(Kind("", "SELECT 1;"), EditKind::kMeaning);
  EXPECT_EQ(Kind("SELECT 1;", ""), EditKind::kMeaning);
}

TEST(EditTest, FunctionBodies) {
  const std::string before = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;";
  EXPECT_EQ(Kind(before, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$\nBEGIN\n  return 1; -- one\nEND\n$body$;"), EditKind::kFormatting);
  EXPECT_EQ(Kind(before, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 2; END $$;"), EditKind::kMeaning);
  EXPECT_EQ(Kind("DO $$ BEGIN PERFORM f(); END $$;", "DO $$\nBEGIN\n PERFORM f();\nEND\n$$;"), EditKind::kFormatting);
  // White space is syntax in Python, and "--" is not a comment there.
  EXPECT_EQ(Kind("CREATE FUNCTION f() RETURNS int AS $$ x = 1\n return x $$ LANGUAGE plpython3u;",
                 "CREATE FUNCTION f() RETURNS int AS $$ x = 1\n  return x $$ LANGUAGE plpython3u;"),
            EditKind::kMeaning);
}

TEST(EditTest, CopyDataIsNoSql) {
  EXPECT_EQ(Kind("COPY t FROM stdin;\n1 -- a\n\\.\n", "COPY t FROM stdin;\n1 -- b\n\\.\n"), EditKind::kMeaning);
  EXPECT_EQ(Kind("COPY t FROM stdin;\n1  2\n\\.\n", "COPY t FROM stdin;\n1 2\n\\.\n"), EditKind::kMeaning);
  EXPECT_EQ(Kind("COPY t FROM stdin;\nit's\n\\.\n-- a\nSELECT 1;\n", "COPY t FROM stdin;\nit's\n\\.\n-- b\nSELECT 1;\n"), EditKind::kComments);
}

TEST(EditTest, ClientCommandsEndWithTheirLine) {
  EXPECT_EQ(Kind("\\set x 1\nSELECT :x;\n", "\\set x 1 SELECT :x;\n"), EditKind::kMeaning);
  EXPECT_EQ(Kind("\\set x 1\nSELECT :x;\n", "\\set x 1   \n\n  SELECT :x;\n"), EditKind::kFormatting);
}

TEST(EditTest, Cypher) {
  const Engine neo4j = Engine::kNeo4j;
  EXPECT_EQ(Kind("MATCH (n:User) RETURN n; // all\n", "MATCH (n:User)\nRETURN n;\n", neo4j), EditKind::kComments);
  EXPECT_EQ(Kind("MATCH (n:User) RETURN n;", "MATCH  (n:User) RETURN n;", neo4j), EditKind::kFormatting);
  EXPECT_EQ(Kind("MATCH (n:User) RETURN n;", "MATCH (n:USER) RETURN n;", neo4j), EditKind::kMeaning);
  EXPECT_EQ(Kind("CREATE (n {url: 'http://a'});", "CREATE (n {url: 'http://b'});", neo4j), EditKind::kMeaning);
  EXPECT_EQ(Kind("CREATE (n {s: 'it\\'s // a'});", "CREATE (n {s: 'it\\'s // b'});", neo4j), EditKind::kMeaning);
  EXPECT_EQ(Kind("// assert that edition is enterprise\nRETURN 1;", "RETURN 1;", neo4j), EditKind::kMeaning);
}

// None of these may crash, hang, or call a change harmless that is not known to be.
TEST(EditTest, BrokenInput) {
  const std::string nul("SELECT 1;\0SELECT 2;", 19), nul2("SELECT 1;\0SELECT 3;", 19);
  EXPECT_EQ(Kind(nul, nul2), EditKind::kMeaning);
  EXPECT_EQ(Kind("SELECT 'open", "SELECT 'opened"), EditKind::kMeaning);
  EXPECT_EQ(Kind("/* open", "/* opened"), EditKind::kComments);
  EXPECT_EQ(Kind("SELECT $x$ open", "SELECT $x$ opened"), EditKind::kMeaning);
  EXPECT_EQ(Kind("CREATE TABEL t (a int);", "CREATE TABEL t (a integer);"), EditKind::kMeaning);
  EXPECT_EQ(Kind("\xff\xfe", "\xff"), EditKind::kMeaning);
  const std::string deep = std::string(20000, '(') + "1" + std::string(20000, ')');
  EXPECT_EQ(Kind("SELECT " + deep, "SELECT 2" + deep), EditKind::kMeaning);
  std::string sum = "SELECT 1";
  for (int i = 0; i < 500000; ++i) sum += "+1";
  // Equal trees, but too deep to compare.
  EXPECT_EQ(Kind(sum + ";", "SELECT (1)" + sum.substr(8) + ";"), EditKind::kMeaning);
  std::string nested;
  for (int i = 0; i < 2000; ++i) nested += "AS $a" + std::to_string(i) + "$ ";
  EXPECT_EQ(Kind(nested, nested + "x"), EditKind::kMeaning);
}

TEST(HashCodeTest, TellsKindsApart) {
  const Engine sql = Engine::kPostgresql;
  const CodeHashes base = HashCode("CREATE TABLE t (a int);\n", sql);
  EXPECT_EQ(base.exact.size(), 32u);
  const CodeHashes comment = HashCode("-- x\nCREATE TABLE t (a int);", sql);
  EXPECT_EQ(comment.exact, base.exact);
  const CodeHashes letters = HashCode("create table t (a int);", sql);
  EXPECT_NE(letters.exact, base.exact);
  EXPECT_EQ(letters.normal, base.normal);
  EXPECT_NE(HashCode("CREATE TABLE t (a text);", sql).normal, base.normal);
  EXPECT_NE(HashCode("ab c", sql).exact, HashCode("a bc", sql).exact);
}

TEST(HashCodeTest, TokensAloneGiveTheSame) {
  for (std::string_view text : {"", "-- x", "\xEF\xBB\xBF" "CREATE TABLE t (a int); /* c */ SELECT 'x;y' || $$b$$;", "-- +goose Up\nDO $$ BEGIN PERFORM 1; END $$;",
                                "COPY t FROM stdin;\n1\t2\n\\.\nSELECT 1;", "\\echo hi\nSELECT 1", "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$\n  return 1 # x\n$$;"}) {
    EXPECT_EQ(HashTokens(text, Engine::kPostgresql), HashCode(text, Engine::kPostgresql).exact) << text;
    EXPECT_EQ(HashTokens(text, Engine::kNeo4j), HashCode(text, Engine::kNeo4j).exact) << text;
  }
}

bool Nothing(std::string_view text, Engine engine = Engine::kPostgresql) { return DoesNothing(text, {0, static_cast<uint32_t>(text.size())}, engine); }

TEST(DoesNothingTest, Sql) {
  for (std::string_view text : {"", "  \n", "-- x", "/* x */", ";;", "SELECT 1;", "select 'up SQL query';", "SELECT 1 AS one, 'x'", "BEGIN;\nCOMMIT;",
                                "-- migrate:up\n", "-- +goose Up\nSELECT 'x';\n", "SET lock_timeout = '1s';", "\xEF\xBB\xBF-- x"}) {
    EXPECT_TRUE(Nothing(text)) << text;
  }
  for (std::string_view text : {"SELECT f();", "SELECT * FROM t;", "SELECT 1 INTO t;", "DROP TABLE t", "BEGIN; DROP TABLE t; COMMIT;", "\\i other.sql",
                                "SELECT 1; DROP TABLE t;", "DO $$ BEGIN RAISE EXCEPTION 'no'; END $$;", "COPY t FROM stdin;\n1\n\\.\n"}) {
    EXPECT_FALSE(Nothing(text)) << text;
  }
}

TEST(DoesNothingTest, Cypher) {
  EXPECT_TRUE(Nothing("// nothing\n", Engine::kNeo4j));
  EXPECT_TRUE(Nothing("RETURN 1;", Engine::kNeo4j));
  EXPECT_TRUE(Nothing(":use sales\n// later\nSHOW CONSTRAINTS;", Engine::kNeo4j));
  EXPECT_FALSE(Nothing(":use sales\nCREATE (:A);", Engine::kNeo4j));
  EXPECT_FALSE(Nothing("MATCH (n) DELETE n;", Engine::kNeo4j));
  EXPECT_FALSE(Nothing(":auto MATCH (n) DELETE n;", Engine::kNeo4j));
  EXPECT_FALSE(Nothing(":source seed.cypher\n", Engine::kNeo4j));
  EXPECT_TRUE(Nothing(":auto\nRETURN 1;", Engine::kNeo4j));
}

}  // namespace
}  // namespace pawl
