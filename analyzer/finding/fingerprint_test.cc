#include "analyzer/finding/fingerprint.h"

#include <set>

#include "gtest/gtest.h"
#include "rules/rule.h"

namespace pawl {
namespace {

constexpr Rule kDropTable = {.info = {.name = "drop-table", .group = RuleGroup::kData}};
constexpr Rule kIndex = {.info = {.name = "index-not-concurrent", .group = RuleGroup::kLocks}};

uint64_t Hash(std::string_view s, Engine e = Engine::kPostgresql) { return HashStatement(s, e); }

Finding At(const SourceFile& file, const Rule& rule, std::string_view statement) {
  Finding f;
  f.rule = &rule.info;
  f.file = &file;
  const size_t at = file.text().find(statement);
  EXPECT_NE(at, std::string_view::npos);
  f.statement = f.span = {static_cast<uint32_t>(at), static_cast<uint32_t>(at + statement.size())};
  return f;
}

TEST(HashStatement, IgnoresLayoutCommentsAndCase) {
  const uint64_t h = Hash("CREATE INDEX i ON t (a, b)");
  for (const char* s : {"create index i on t(a,b)", "CREATE INDEX i\r\n\tON t ( a , b ) ;", "CREATE /* x /* y */ */ INDEX i -- why\nON t (a, b)",
                        "CREATE INDEX/**/i ON t (a, b);\n"}) {
    EXPECT_EQ(Hash(s), h) << s;
  }
}

TEST(HashStatement, SeesWhatMatters) {
  std::set<uint64_t> hashes;
  const char* statements[] = {"CREATE INDEX i ON t (a, b)", "CREATE INDEX i ON t (b, a)", "CREATE INDEX i ON t (ab)", "CREATE INDEX i ON t (a b)",
                              "CREATE INDEX \"I\" ON t (a, b)", "CREATE INDEX \"i\" ON t (a, b)", "SELECT 'A'", "SELECT 'a'", "SELECT 'a '",
                              "SELECT 'a -- b'", "SELECT 'a'", "", "--"};
  for (const char* s : statements) hashes.insert(Hash(s));
  EXPECT_EQ(hashes.size(), 12u);  // 'a' stands there twice
}

TEST(HashStatement, LongTextsDifferAnywhere) {
  std::set<uint64_t> hashes;
  const std::string text(1000, 'x');
  for (size_t i = 0; i < text.size(); i += 7) {
    std::string changed = text;
    changed[i] = 'y';
    hashes.insert(Hash(changed));
  }
  EXPECT_EQ(hashes.size(), 143u);
}

TEST(HashStatement, CommentsOfTheEngine) {
  EXPECT_EQ(Hash("MATCH (n) // all\nDELETE n", Engine::kNeo4j), Hash("MATCH (n) DELETE n", Engine::kNeo4j));
  EXPECT_NE(Hash("MATCH (n) -- (m)\nDELETE n", Engine::kNeo4j), Hash("MATCH (n)\nDELETE n", Engine::kNeo4j));
}

// Baselines are kept for years: these numbers may not change.
TEST(HashStatement, LongWordsAndStrings) {
  for (size_t n = 240; n < 280; ++n) {
    const std::string upper(n, 'A'), lower(n, 'a');
    EXPECT_EQ(Hash("SELECT " + upper + " , 'x'"), Hash("select " + lower + ",'x'")) << n;
    EXPECT_NE(Hash("SELECT '" + upper + "'"), Hash("SELECT '" + lower + "'")) << n;
    EXPECT_NE(Hash(upper), Hash(upper + "a")) << n;
  }
}

TEST(HashStatement, IsPartOfTheFormat) {
  EXPECT_EQ(FormatFingerprint(Hash("CREATE INDEX i ON t (a, b)")), "6b65c731066cdf5c");
  SourceFile file("db/1.sql", "DROP TABLE t;");
  EXPECT_EQ(FormatFingerprint(BaseFingerprint(At(file, kDropTable, "DROP TABLE t"))), "e664107c0255b4fc");
}

TEST(SetFingerprints, StableUnderLineMoves) {
  SourceFile before("db/1.sql", "DROP TABLE t;"), after("./db/1.sql", "-- new\n\nSELECT 1;\n  drop table\n    t;");
  Finding a = At(before, kDropTable, "DROP TABLE t"), b = At(after, kDropTable, "drop table\n    t");
  SetFingerprints(absl::MakeSpan(&a, 1));
  SetFingerprints(absl::MakeSpan(&b, 1));
  EXPECT_EQ(a.fingerprint, b.fingerprint);
  EXPECT_EQ(a.fingerprint, BaseFingerprint(a));
}

TEST(SetFingerprints, DiffersByRulePathStatementAndOrder) {
  SourceFile one("db/1.sql", "DROP TABLE t; DROP TABLE u;"), two("db/2.sql", "DROP TABLE t;");
  std::vector<Finding> f = {At(one, kDropTable, "DROP TABLE t"), At(one, kDropTable, "DROP TABLE t"), At(one, kIndex, "DROP TABLE t"),
                            At(one, kDropTable, "DROP TABLE u"), At(two, kDropTable, "DROP TABLE t")};
  SetFingerprints(absl::MakeSpan(f));
  std::set<uint64_t> all;
  for (const Finding& x : f) all.insert(x.fingerprint);
  EXPECT_EQ(all.size(), f.size());
  EXPECT_EQ(f[1].fingerprint, NthFingerprint(f[0].fingerprint, 1));
}

TEST(SetFingerprints, FindingsAboutCommentsAreToldApart) {
  SourceFile file("db/1.sql", "-- pawl: ignore a\n-- pawl: ignore b\n");
  std::vector<Finding> f = {At(file, kDropTable, "-- pawl: ignore a"), At(file, kDropTable, "-- pawl: ignore b")};
  for (Finding& x : f) x.statement = {};
  SetFingerprints(absl::MakeSpan(f));
  EXPECT_NE(f[0].fingerprint, f[1].fingerprint);
  EXPECT_EQ(f[1].fingerprint, BaseFingerprint(f[1]));
}

TEST(Format, AndBack) {
  uint64_t v = 0;
  EXPECT_EQ(FormatFingerprint(0xABC), "0000000000000abc");
  EXPECT_TRUE(ParseFingerprint("0000000000000abc", &v));
  EXPECT_EQ(v, 0xABCu);
  for (const char* s : {"", "abc", "0000000000000abg", "00000000000000abc"}) EXPECT_FALSE(ParseFingerprint(s, &v)) << s;
}

}  // namespace
}  // namespace pawl
