#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(PrismaTest, FoldersInByteOrderAsOneSimpleQuery) {
  EXPECT_EQ(Show(Sets({{{"20240102000000_b/migration.sql", "B;"}, {"20240101000000_a/migration.sql", "A;"}}, {"migration_lock.toml"}})),
            "prisma ordered\n"
            "[20240101000000_a] a up=20240101000000_a/migration.sql(simple-query)<A;>\n"
            "[20240102000000_b] b up=20240102000000_b/migration.sql(simple-query)<B;>\n");
}

TEST(PrismaTest, HandWrittenDown) {
  EXPECT_EQ(Show(Sets({{{"1_a/down.sql", "a;"}, {"1_a/migration.sql", "A;"}, {"2_b/migration.sql", "B;"}}})),
            "prisma ordered has-downs\n"
            "[1_a] a up=1_a/migration.sql(simple-query)<A;> down=1_a/down.sql(simple-query)<a;>\n"
            "[2_b] b up=2_b/migration.sql(simple-query)<B;>\n");
}

TEST(PrismaTest, Strays) {
  EXPECT_EQ(Show(Sets({{{"1_a/migration.sql", "A;"}, {"2_b.sql", "B;"}, {"seed.sql", "S;"}, {"3_c/migration.sql", "C;"}}})),
            "prisma ordered\n"
            "[1_a] a up=1_a/migration.sql(simple-query)<A;>\n"
            "[3_c] c up=3_c/migration.sql(simple-query)<C;>\n"
            "stray 2_b.sql: is not in a folder of its own: Prisma runs only <timestamp>_<name>/migration.sql\n"
            "plain partial\n[] seed up=seed.sql(statement)<S;>\n");
}

}  // namespace
}  // namespace pawl
