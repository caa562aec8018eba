#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(DieselTest, FoldersWithDashedDates) {
  EXPECT_EQ(Show(Sets({{{"2024-01-01-000000_a/up.sql", "A;"}, {"2024-01-01-000000_a/down.sql", "a;"}, {"2026-05-27-130000-0000_b/up.sql", "B;"}}})),
            "diesel ordered has-downs\n"
            "[20240101000000] a up=2024-01-01-000000_a/up.sql(file)<A;> down=2024-01-01-000000_a/down.sql(file)<a;>\n"
            "[202605271300000000] b up=2026-05-27-130000-0000_b/up.sql(file)<B;>\n");
}

TEST(DieselTest, OldNamesBesideDashedDates) {
  EXPECT_EQ(Show(Sets({{{"20140924113530_a/up.sql", "A;"}, {"20140924113531_b/up.sql", "B;"}, {"2024-01-01-000000_c/up.sql", "C;"}}})),
            "diesel ordered\n"
            "[20140924113530] a up=20140924113530_a/up.sql(file)<A;>\n"
            "[20140924113531] b up=20140924113531_b/up.sql(file)<B;>\n"
            "[20240101000000] c up=2024-01-01-000000_c/up.sql(file)<C;>\n");
}

TEST(DieselTest, MetadataTurnsTheTransactionOff) {
  EXPECT_EQ(Show(Sets({{{"2024-01-01-000000_a/up.sql", "A;"}, {"2024-01-02-000000_b/up.sql", "B;"}}, {}, {{"2024-01-01-000000_a/metadata.toml", "run_in_transaction = false\n"}}})),
            "diesel ordered\n"
            "[20240101000000] a up=2024-01-01-000000_a/up.sql(simple-query)<A;>\n"
            "[20240102000000] b up=2024-01-02-000000_b/up.sql(file)<B;>\n");
}

TEST(DieselTest, Strays) {
  EXPECT_EQ(Show(Sets({{{"2024-01-01-000000_a/up.sql", "A;"}, {"2024_b.sql", "B;"}}})),
            "diesel ordered\n"
            "[20240101000000] a up=2024-01-01-000000_a/up.sql(file)<A;>\n"
            "stray 2024_b.sql: is not in a folder of its own: diesel runs only <version>_<name>/up.sql\n");
}

}  // namespace
}  // namespace pawl
