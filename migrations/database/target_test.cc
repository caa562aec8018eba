#include "migrations/database/target.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

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

}  // namespace
}  // namespace pawl
