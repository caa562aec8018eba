#include "migrations/layout/names.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

TEST(NamesTest, PartsOfAName) {
  const NameParts n = ParseName("dir/000012_add_users.postgres.up.sql");
  EXPECT_EQ(n.folder, "dir");
  EXPECT_EQ(n.base, "000012_add_users.postgres.up.sql");
  EXPECT_EQ(n.stem, "000012_add_users");
  EXPECT_EQ(n.extension, ".sql");
  EXPECT_EQ(n.direction, Direction::kUp);
  EXPECT_EQ(n.dialect, "postgres");
  EXPECT_EQ(n.digits, "000012");
  EXPECT_EQ(n.separator, '_');
  EXPECT_EQ(n.slug, "add_users");
  EXPECT_EQ(ParseName("2023_x.cockroach.autocommit.down.sql").dialect, "cockroach");
  EXPECT_EQ(ParseName("0002_1.7.0_schema.up.sql").slug, "1.7.0_schema");
  EXPECT_EQ(ParseName(".sql").stem, ".sql");
  EXPECT_EQ(ParseName("up.sql").direction, std::nullopt);
  EXPECT_EQ(ParseName("").base, "");
}

TEST(NamesTest, Flyway) {
  EXPECT_EQ(ParseFlywayName("V1_2__a__b")->version, "1_2");
  EXPECT_EQ(ParseFlywayName("V1_2__a__b")->description, "a__b");
  EXPECT_EQ(ParseFlywayName("R__x")->prefix, 'R');
  for (const char* no : {"V1_x", "v1__x", "V__x", "V1.__x", "V1a__x", "X1__x", ""}) EXPECT_FALSE(ParseFlywayName(no)) << no;
}

TEST(NamesTest, Orders) {
  EXPECT_LT(CompareNumbers("9", "010"), 0);
  EXPECT_EQ(CompareNumbers("0", "000"), 0);
  EXPECT_LT(CompareNumbers("99999999999999999999999", "100000000000000000000000"), 0);  // beyond 64 bits
  EXPECT_LT(CompareDotted("1.9", "1_10"), 0);
  EXPECT_EQ(CompareDotted("1", "1.0"), 0);
  EXPECT_LT(CompareNatural("a9", "a10"), 0);
  EXPECT_LT(CompareNatural("a", "b"), 0);
  EXPECT_NE(CompareNatural("a01", "a1"), 0);
  EXPECT_EQ(CompareNatural("a1", "a1"), 0);
}

TEST(NamesTest, Folders) {
  EXPECT_TRUE(LooksLikeMigrationFolder("2024-01-01-000000_x"));
  EXPECT_TRUE(LooksLikeMigrationFolder("01_init"));
  EXPECT_FALSE(LooksLikeMigrationFolder("58"));
  EXPECT_FALSE(LooksLikeMigrationFolder("init"));
  EXPECT_TRUE(LooksLikeVersionFolder("v1.2"));
  EXPECT_TRUE(LooksLikeVersionFolder("58"));
  EXPECT_FALSE(LooksLikeVersionFolder("v"));
  EXPECT_FALSE(LooksLikeVersionFolder("1.x"));
}

TEST(NamesTest, EnginesAndCode) {
  EXPECT_EQ(EngineOfName("a.SQL"), Engine::kPostgresql);
  EXPECT_EQ(EngineOfName("a.cql"), Engine::kNeo4j);
  EXPECT_EQ(EngineOfName(".sql"), std::nullopt);
  EXPECT_EQ(EngineOfName("a.sql.conf"), std::nullopt);
  EXPECT_TRUE(LooksLikeCodeMigration("20240101_x.go"));
  EXPECT_TRUE(LooksLikeCodeMigration("V2__x.java"));
  EXPECT_FALSE(LooksLikeCodeMigration("0002_test.go"));
  EXPECT_FALSE(LooksLikeCodeMigration("migrate.go"));
  EXPECT_FALSE(LooksLikeCodeMigration("20240101_x.sql"));
}

}  // namespace
}  // namespace pawl
