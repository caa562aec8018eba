#include "tools/runner_options.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

TEST(ParseMillisecondsTest, UnitsAndBareSeconds) {
  EXPECT_EQ(ParseMilliseconds("500ms"), 500);
  EXPECT_EQ(ParseMilliseconds("3s"), 3000);
  EXPECT_EQ(ParseMilliseconds("3"), 3000);
  EXPECT_EQ(ParseMilliseconds("0"), 0);
  EXPECT_EQ(ParseMilliseconds("1.5s"), 1500);
  EXPECT_EQ(ParseMilliseconds(" 10m "), 600'000);
  EXPECT_EQ(ParseMilliseconds("10min"), 600'000);
  EXPECT_EQ(ParseMilliseconds("2h"), 7'200'000);
}

TEST(ParseMillisecondsTest, WhatIsNoDuration) {
  for (const char* s : {"", "soon", "s", "-3s", "3 s x", "3d", "1.2.3s", "1e3s", "99999999999999h"}) EXPECT_EQ(ParseMilliseconds(s), std::nullopt) << s;
}

}  // namespace
}  // namespace pawl
