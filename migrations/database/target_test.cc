#include "migrations/database/target.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "migrations/database/neo4j_target.h"

namespace pawl {
namespace {

std::string Write(const std::string& text) {
  const std::string path = testing::TempDir() + "/migrate.env";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(EnvironmentTest, ReadsWhatDotenvReadersRead) {
  Environment e;
  ASSERT_TRUE(e.Load(Write("\xEF\xBB\xBF# comment\nA_PLAIN=one two # behind\nexport A_EXPORTED='it # is'\n\n  A_SPACED = x \nA_DOUBLE=\"a\\\"b\\nc # d\" # e\nA_EMPTY=\nA_URL=postgresql://u:p#w@h/d\r\n")).ok());
  EXPECT_EQ(e.Get("A_PLAIN"), "one two");
  EXPECT_EQ(e.Get("A_EXPORTED"), "it # is");
  EXPECT_EQ(e.Get("A_SPACED"), "x");
  EXPECT_EQ(e.Get("A_DOUBLE"), "a\"b\nc # d");
  EXPECT_EQ(e.Get("A_EMPTY"), "");
  EXPECT_EQ(e.Get("A_URL"), "postgresql://u:p#w@h/d");
  EXPECT_EQ(e.Get("A_NOWHERE"), "");
}

TEST(EnvironmentTest, TheProcessOverridesTheFile) {
  Environment e;
  ASSERT_TRUE(e.Load(Write("PAWL_TEST_A=file\nPAWL_TEST_B=file\n")).ok());
  setenv("PAWL_TEST_A", "process", 1);
  setenv("PAWL_TEST_B", "", 1);  // empty is as good as not set
  EXPECT_EQ(e.Get("PAWL_TEST_A"), "process");
  EXPECT_EQ(e.Get("PAWL_TEST_B"), "file");
  unsetenv("PAWL_TEST_A");
  unsetenv("PAWL_TEST_B");
}

TEST(EnvironmentTest, MistakesNameTheLineAndNeverShowIt) {
  Environment e;
  for (const char* text : {"A=1\nsecret words\n", "A=1\nB='secret\n", "A=1\nB=\"secret\n", "A=1\n1B=secret\n"}) {
    const absl::Status s = e.Load(Write(text));
    ASSERT_FALSE(s.ok()) << text;
    EXPECT_NE(s.message().find("migrate.env:2: "), std::string::npos) << s;
    EXPECT_EQ(s.message().find("secret"), std::string::npos) << s;
  }
  EXPECT_EQ(e.Load("/nowhere/migrate.env").code(), absl::StatusCode::kNotFound);
}

Target Of(const std::string& url) {
  Target t;
  t.url = url;
  t.origin = "--url";
  return t;
}

TEST(TargetTest, DescribesWithoutSecrets) {
  EXPECT_EQ(DescribeTarget(Of("postgresql://ada:secret@db1:5432/app?sslmode=require")), "postgresql://ada@db1:5432/app");
  EXPECT_EQ(DescribeTarget(Of("host=db1 user=ada password='se cret' dbname=app")), "postgresql://ada@db1/app");
  EXPECT_EQ(DescribeTarget(Of("postgresql://ada:%zz p#@[@db1/app")), "the connection string of --url");
  EXPECT_EQ(DescribeTarget(Of("service=prod")), "service prod");
}

TEST(TargetTest, RedactsThePasswordAsGivenAndDecoded) {
  EXPECT_EQ(Redact(Of("postgresql://ada:s%40cret@db1/app"), "s@cret s%40cret"), "*** ***");
  EXPECT_EQ(Redact(Of("postgresql://ada:%zz p#@[@db1/app"), "got %zz p#@[ here"), "got *** here");
  EXPECT_EQ(Redact(Of("host=db1 password='se cret'"), "the se cret"), "the ***");
  EXPECT_EQ(Redact(Of("postgresql://db1/app"), "nothing"), "nothing");
}

TEST(TargetTest, WhereTheUrlComesFrom) {
  for (const char* v : {"DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "PGUSER", "PGPORT", "DB_URL"}) unsetenv(v);
  TargetRequest r;
  EXPECT_EQ(FindTarget(r).status().code(), absl::StatusCode::kNotFound);
  r.set_url_env = "DB_URL";
  EXPECT_EQ(FindTarget(r).status().code(), absl::StatusCode::kInvalidArgument);
  r.env_file = Write("DB_URL=postgresql://file/app\n");
  absl::StatusOr<Target> t = FindTarget(r);
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->url, "postgresql://file/app");
  EXPECT_EQ(t->origin, "DB_URL of " + r.env_file);
  setenv("DB_URL", "postgresql://process/app", 1);
  EXPECT_EQ(FindTarget(r)->url, "postgresql://process/app");
  unsetenv("DB_URL");
  r.url = "postgresql://line/app";
  EXPECT_EQ(FindTarget(r)->url, "postgresql://line/app");
  r = {};
  setenv("PGHOST", "/run", 1);
  EXPECT_EQ(FindTarget(r)->origin, "the PG* variables");
  unsetenv("PGHOST");
}

Target Neo4j(const std::string& url) {
  Target t;
  t.engine = Engine::kNeo4j;
  t.url = url;
  t.origin = "--url";
  return t;
}

TEST(Neo4jTargetTest, ReadsTheUrlsThatTeamsHave) {
  absl::StatusOr<Neo4jTarget> t = ParseNeo4jTarget(Neo4j("http://ada:p%40ss@db1:7475/graph?api=transaction"));
  ASSERT_TRUE(t.ok()) << t.status();
  EXPECT_EQ(t->Base(), "http://db1:7475");
  EXPECT_EQ(t->database, "graph");
  EXPECT_EQ(t->user, "ada");
  EXPECT_EQ(t->password, "p@ss");
  EXPECT_EQ(t->api, Neo4jApi::kTransaction);
  t = ParseNeo4jTarget(Neo4j("bolt://db1:7688"));
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->Base(), "http://db1:7474");
  EXPECT_EQ(t->bolt_port, 7688);
  EXPECT_EQ(ParseNeo4jTarget(Neo4j("neo4j+s://x.databases.neo4j.io"))->Base(), "https://x.databases.neo4j.io:443");
  EXPECT_EQ(ParseNeo4jTarget(Neo4j("https://[::1]/db/g/"))->Base(), "https://[::1]:7473");
  EXPECT_EQ(ParseNeo4jTarget(Neo4j("https://[::1]/db/g/"))->database, "g");
  // A password as people paste it.
  EXPECT_EQ(ParseNeo4jTarget(Neo4j("http://a:p?x/y@z@h/d"))->password, "p?x/y@z");
  for (const char* wrong : {"localhost:7474", "ftp://h", "http://", "http://h:x/d", "http://h/d e", "http://h/?nosuch=1"}) EXPECT_FALSE(ParseNeo4jTarget(Neo4j(wrong)).ok()) << wrong;
}

TEST(Neo4jTargetTest, ShowsNoPassword) {
  const Target t = Neo4j("http://ada:s%23cret@db1/graph");
  EXPECT_EQ(DescribeTarget(t), "http://ada@db1:7474/graph");
  EXPECT_EQ(Redact(t, "it was s#cret or s%23cret"), "it was *** or ***");
}

}  // namespace
}  // namespace pawl
