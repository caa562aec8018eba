#include "analyzer/source/source_file.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace pawl {
namespace {

std::string All(std::string_view text) { return WithoutCommentMarks(text, {0, static_cast<uint32_t>(text.size())}); }

TEST(WithoutCommentMarks, BlanksTheMarkOfEachLine) {
  EXPECT_EQ(All("-- DROP TABLE t;\n  --DROP TABLE u;"), "   DROP TABLE t;\n    DROP TABLE u;");
  EXPECT_EQ(All("// DROP INDEX i;\r\n//\n// MATCH (n)-->(m) DELETE n; // all\n"), "   DROP INDEX i;\r\n  \n   MATCH (n)-->(m) DELETE n; // all\n");
}

TEST(WithoutCommentMarks, ATwiceCommentedLineStaysAComment) { EXPECT_EQ(All("-- DROP TABLE t;\n-- -- not this\n"), "   DROP TABLE t;\n   -- not this\n"); }

TEST(WithoutCommentMarks, OnlyTheMarkThatComesFirst) {
  EXPECT_EQ(All("-- SELECT 6\n// 2;"), "   SELECT 6\n// 2;");
  // "-- Rollback: DROP TABLE t;": the section begins behind the heading.
  EXPECT_EQ(All("DROP TABLE t; -- as it is\n-- too\n"), "DROP TABLE t; -- as it is\n   too\n");
}

TEST(WithoutCommentMarks, LiquibasesRollback) {
  EXPECT_EQ(All("--rollback DROP TABLE t;\n-- ROLLBACK DROP TABLE u;"), "           DROP TABLE t;\n            DROP TABLE u;");
  EXPECT_EQ(All("--rollback"), "  rollback");
}

TEST(WithoutCommentMarks, OnlyTheSection) {
  const std::string_view text = "-- up\nCREATE TABLE t();\n-- DROP TABLE t;\n-- end";
  EXPECT_EQ(WithoutCommentMarks(text, {24, 40}), "-- up\nCREATE TABLE t();\n   DROP TABLE t;\n-- end");
  EXPECT_EQ(WithoutCommentMarks(text, {24, 400}), "-- up\nCREATE TABLE t();\n   DROP TABLE t;\n   end");
  EXPECT_EQ(WithoutCommentMarks("--", {0, 1}), "--");
  EXPECT_EQ(WithoutCommentMarks("", {0, 0}), "");
}

}  // namespace
}  // namespace pawl
