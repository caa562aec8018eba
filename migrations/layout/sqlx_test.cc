#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(SqlxTest, ToldByTheCargoFileBesideTheFolder) {
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.sql", "A;"}}, {"../Cargo.toml"}})),
            "sqlx ordered\n[20240101000000] a up=20240101000000_a.sql(file)<A;>\n");
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.up.sql", "A;"}, {"20240101000000_a.down.sql", "a;"}}, {"../Cargo.toml"}})),
            "sqlx ordered has-downs\n[20240101000000] a up=20240101000000_a.up.sql(file)<A;> down=20240101000000_a.down.sql(file)<a;>\n");
}

TEST(SqlxTest, ToldByItsMarkInAnyFile) {
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.sql", "A;"}, {"20240102000000_b.sql", "-- no-transaction\nB;"}, {"20240103000000_c.sql", "C;\n-- no-transaction\n"}}})),
            "sqlx ordered\n"
            "[20240101000000] a up=20240101000000_a.sql(file)<A;>\n"
            "[20240102000000] b up=20240102000000_b.sql(simple-query)<-- no-transaction\\nB;>\n"
            "[20240103000000] c up=20240103000000_c.sql(file)<C;\\n-- no-transaction\\n>\n");
}

TEST(SqlxTest, Strays) {
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.sql", "-- no-transaction\nA;"}, {"20240102000000-b.sql", "B;"}, {"c.up.sql", "C;"}, {"seed.sql", "S;"}}})),
            "sqlx ordered\n[20240101000000] a up=20240101000000_a.sql(simple-query)<-- no-transaction\\nA;>\n"
            "stray 20240102000000-b.sql: does not match <number>_name.sql: sqlx skips files whose name does not begin with a number and an underscore\n"
            "stray c.up.sql: does not match <number>_name.sql: sqlx skips files whose name does not begin with a number and an underscore\n"
            "plain partial\n[] seed up=seed.sql(statement)<S;>\n");
}

}  // namespace
}  // namespace pawl
