#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(NodePgMigrateTest, HeadingsPartTheFile) {
  EXPECT_EQ(Show(Sets({{{"1600000000000_a.sql", "-- Up Migration\nA;\n-- Down Migration\na;\n"}}})),
            "node-pg-migrate ordered has-downs\n"
            "[1600000000000] a up=1600000000000_a.sql(file)<-- Up Migration\\nA;\\n> down=1600000000000_a.sql(file)<-- Down Migration\\na;\\n>\n");
}

TEST(NodePgMigrateTest, TheTemplatesEmptyDown) {
  const auto sets = Sets({{{"1600000000000_a.sql", "-- Up Migration\nA;\n\n-- Down Migration\n"}}});
  ASSERT_EQ(sets[0].layout, Layout::kNodePgMigrate);
  ASSERT_TRUE(sets[0].migrations[0].down.has_value());
  EXPECT_FALSE(HasCode(sets[0].files[0]->text(), sets[0].migrations[0].down->section));
}

TEST(NodePgMigrateTest, ShortNumbersOnlyWithARealDown) {
  EXPECT_EQ(Sets({{{"001_a.sql", "-- Up Migration\nA;\n-- Down Migration\nDROP TABLE a;\n"}}})[0].layout, Layout::kNodePgMigrate);
  EXPECT_EQ(Sets({{{"001_a.sql", "-- Up migration\nA;\n-- Down migration\n-- DROP TABLE a;\n"}}})[0].layout, Layout::kNumbered);
}

TEST(NodePgMigrateTest, NoDownHeading) {
  EXPECT_EQ(Show(Sets({{{"1600000000000_a.sql", "-- Up Migration\nA;\n"}, {"1600000000001_b.sql", "-- Up Migration\nB;\n-- Down Migration\nb;\n"}}})),
            "node-pg-migrate ordered has-downs\n"
            "[1600000000000] a up=1600000000000_a.sql(file)<-- Up Migration\\nA;\\n>\n"
            "[1600000000001] b up=1600000000001_b.sql(file)<-- Up Migration\\nB;\\n> down=1600000000001_b.sql(file)<-- Down Migration\\nb;\\n>\n");
}

}  // namespace
}  // namespace pawl
