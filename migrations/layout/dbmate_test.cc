#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(DbmateTest, BlocksOfOneFile) {
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.sql", "-- migrate:up\nA;\n\n-- migrate:down\na;\n"}}})),
            "dbmate ordered has-downs\n"
            "[20240101000000] a up=20240101000000_a.sql(file)<A;\\n\\n> down=20240101000000_a.sql(file)<a;\\n>\n");
}

TEST(DbmateTest, TransactionFalseIsForItsOwnBlock) {
  EXPECT_EQ(Show(Sets({{{"1_a.sql", "-- migrate:up transaction:false\nA;\n-- migrate:down\na;\n"}}})),
            "dbmate ordered has-downs\n"
            "[1] a up=1_a.sql(simple-query)<A;\\n> down=1_a.sql(file)<a;\\n>\n");
}

TEST(DbmateTest, LicenceCrlfAndByteOrderMarkBeforeTheMark) {
  EXPECT_EQ(Show(Sets({{{"1_a.sql", "\xEF\xBB\xBF/* licence\r\n of all */\r\n-- note\r\n\r\n--migrate:up\r\nA;\r\n--migrate:down\r\na;\r\n"}}})),
            "dbmate ordered has-downs\n"
            "[1] a up=1_a.sql(file)<A;\r\\n> down=1_a.sql(file)<a;\r\\n>\n");
}

TEST(DbmateTest, NoDownBlock) {
  EXPECT_EQ(Show(Sets({{{"1_a.sql", "-- migrate:up\nA;"}, {"2_b.sql", "-- migrate:up\nB;\n-- migrate:down\nb;"}}})),
            "dbmate ordered has-downs\n"
            "[1] a up=1_a.sql(file)<A;>\n"
            "[2] b up=2_b.sql(file)<B;\\n> down=2_b.sql(file)<b;>\n");
}

TEST(DbmateTest, OrderIsByText) {
  const auto sets = Sets({{{"10_a.sql", "-- migrate:up\nA;"}, {"9_b.sql", "-- migrate:up\nB;"}}});
  EXPECT_EQ(sets[0].migrations[0].version, "10");
}

TEST(DbmateTest, Strays) {
  EXPECT_EQ(Show(Sets({{{"1_a.sql", "-- migrate:up\nA;"}, {"2_b.sql", "B;"}, {"c.sql", "-- migrate:up\nC;"}, {"schema.sql", "S;"}}})),
            "dbmate ordered\n"
            "[1] a up=1_a.sql(file)<A;>\n"
            "stray 2_b.sql: has no `-- migrate:up` line before its first statement: dbmate refuses it\n"
            "stray c.sql: does not begin with a number: dbmate takes only files such as 20200101000000_name.sql\n"
            "plain partial\n"
            "[] schema up=schema.sql(statement)<S;>\n");
}

}  // namespace
}  // namespace pawl
