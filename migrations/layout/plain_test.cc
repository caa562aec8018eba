#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(PlainTest, NamesWithoutNumbersHaveNoOrder) {
  EXPECT_EQ(Show(Sets({{{"users.sql", "U;"}, {"orders.sql", "O;"}}})),
            "plain\n[] orders up=orders.sql(statement)<O;>\n[] users up=users.sql(statement)<U;>\n");
}

TEST(PlainTest, ReleaseFolders) {
  EXPECT_EQ(Show(Sets({{{"1.10/00__b.sql", "B;"}, {"1.2/00__a.sql", "A;"}, {"1.2/01__c.sql", "C;"}}})),
            "plain ordered\n[1.2/00] 00__a up=1.2/00__a.sql(statement)<A;>\n[1.2/01] 01__c up=1.2/01__c.sql(statement)<C;>\n"
            "[1.10/00] 00__b up=1.10/00__b.sql(statement)<B;>\n");
}

TEST(PlainTest, DownsByName) {
  EXPECT_EQ(Show(Sets({{{"V0001.Initial.up.sql", "A;"}, {"V0001.Initial.down.sql", "a;"}, {"V0010.Next.up.sql", "B;"}, {"V0010.Next.down.sql", "b;"}}})),
            "plain ordered has-downs\n[V0001] V0001.Initial up=V0001.Initial.up.sql(statement)<A;> down=V0001.Initial.down.sql(statement)<a;>\n"
            "[V0010] V0010.Next up=V0010.Next.up.sql(statement)<B;> down=V0010.Next.down.sql(statement)<b;>\n");
  EXPECT_EQ(Show(Sets({{{"users.sql", "A;"}, {"users_rollback.sql", "a;"}}})),
            "plain has-downs\n[] users up=users.sql(statement)<A;> down=users_rollback.sql(statement)<a;>\n");
  EXPECT_EQ(Show(Sets({{{"count_down.sql", "A;"}}})), "plain\n[] count_down up=count_down.sql(statement)<A;>\n");  // nobody's down
}

TEST(PlainTest, NothingFitsAThirdOfTheFolder) {
  EXPECT_EQ(Sets({{{"V1__a.sql", "A;"}, {"b.sql", "B;"}, {"c.sql", "C;"}}})[0].layout, Layout::kFlyway);
  EXPECT_EQ(Sets({{{"V1__a.sql", "A;"}, {"b.sql", "B;"}, {"c.sql", "C;"}, {"d.sql", "D;"}}})[0].layout, Layout::kPlain);
}

TEST(PlainTest, BytesOfAnyKind) {
  const std::string nul("-- a\0b\nSELECT 1;\n", 18);
  EXPECT_EQ(Sets({{{"a.sql", nul}, {"caf\xE9.sql", "-- caf\xE9\n"}, {"empty.sql", ""}, {"bom.sql", "\xEF\xBB\xBF"}}})[0].migrations.size(), 4u);
}

}  // namespace
}  // namespace pawl
