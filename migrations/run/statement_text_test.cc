#include "migrations/run/statement_text.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(StatementText, StatementsThatDifferInLiteralsAreOne) {
  EXPECT_EQ(WithoutLiterals("CREATE (:Thing {id: 1, name: 'a'})"), WithoutLiterals("CREATE (:Thing {id: 2077, name: 'b\\'c'})"));
  EXPECT_EQ(WithoutLiterals("RETURN 1.5e3"), WithoutLiterals("RETURN 2.5e4"));
  EXPECT_EQ(WithoutLiterals("SET n.a = \"x\""), WithoutLiterals("SET n.a = 'y'"));
}

TEST(StatementText, NamesAreNoLiterals) {
  EXPECT_NE(WithoutLiterals("CREATE (:Thing1)"), WithoutLiterals("CREATE (:Thing2)"));
  EXPECT_NE(WithoutLiterals("CREATE (:`1`)"), WithoutLiterals("CREATE (:`2`)"));
  EXPECT_NE(WithoutLiterals("RETURN $p1"), WithoutLiterals("RETURN $p2"));
  EXPECT_NE(WithoutLiterals("CREATE (:\xC3\xA9" "1)"), WithoutLiterals("CREATE (:\xC3\xA9" "2)"));
}

TEST(StatementText, WhatIsNotClosedEndsWithTheText) {
  EXPECT_EQ(WithoutLiterals("RETURN 'a"), "RETURN ''");
  EXPECT_EQ(WithoutLiterals("RETURN 'a\\"), "RETURN ''");
  EXPECT_EQ(WithoutLiterals("RETURN `a"), "RETURN `a");
  EXPECT_EQ(WithoutLiterals("`"), "`");
  EXPECT_EQ(WithoutLiterals(""), "");
}

}  // namespace
}  // namespace pawl
