#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(TimestampSlugTest, MinutesRecordTheWholeSlug) {
  EXPECT_EQ(Show(Sets({{{"202601011200_b.sql", "B;"}, {"202601011200_a.sql", "A;"}}})),
            "timestamp-slug ordered\n[202601011200_a] a up=202601011200_a.sql(simple-query)<A;>\n[202601011200_b] b up=202601011200_b.sql(simple-query)<B;>\n");
}

TEST(TimestampSlugTest, Pairs) {
  EXPECT_EQ(Show(Sets({{{"202601011200_a.up.sql", "A;"}, {"202601011200_a.down.sql", "a;"}}})),
            "timestamp-slug ordered has-downs\n[202601011200_a] a up=202601011200_a.up.sql(simple-query)<A;> down=202601011200_a.down.sql(simple-query)<a;>\n");
}

TEST(TimestampSlugTest, Folders) {
  EXPECT_EQ(Show(Sets({{{"202601011200_a/up.sql", "A;"}, {"202601011200_a/down.sql", "a;"}, {"1700000000_b/up.sql", "B;"}}})),
            "timestamp-slug ordered has-downs\n[1700000000] b up=1700000000_b/up.sql(simple-query)<B;>\n"
            "[202601011200_a] a up=202601011200_a/up.sql(simple-query)<A;> down=202601011200_a/down.sql(simple-query)<a;>\n");
}

TEST(TimestampSlugTest, SecondsRecordTheNumber) {
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.sql", "A;"}, {"20240101000001-b.sql", "B;"}}})),
            "timestamp-slug ordered\n[20240101000000] a up=20240101000000_a.sql(simple-query)<A;>\n[20240101000001] b up=20240101000001-b.sql(simple-query)<B;>\n");
}

TEST(TimestampSlugTest, AtlasWrapsAFileUnlessToldNotTo) {
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.sql", "A;"}, {"20240102000000_b.sql", "-- atlas:txmode none\n\nB;"}}, {"atlas.sum"}})),
            "timestamp-slug ordered\n[20240101000000] a up=20240101000000_a.sql(file)<A;>\n"
            "[20240102000000] b up=20240102000000_b.sql(statement)<-- atlas:txmode none\\n\\nB;>\n");
}

TEST(TimestampSlugTest, CommentedDown) {
  EXPECT_EQ(Show(Sets({{{"20240101000000_a.sql", "A;\n-- Down\n-- DROP TABLE a;"}}})),
            "timestamp-slug ordered has-downs\n[20240101000000] a up=20240101000000_a.sql(simple-query)<A;\\n> down=20240101000000_a.sql(simple-query,commented)<-- DROP TABLE a;>\n");
}

}  // namespace
}  // namespace pawl
