#include "tools/statistics_file.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

TEST(StatisticsFile, ReadsWhatADumpHolds) {
  const auto s = ParseStatistics(R"({"version": 1, "tables": [], "statistics": [
    {"schema": "public", "table": "orders", "rows": 410000000, "bytes": 90194313216},
    {"schema": "Shop", "table": "never analysed", "rows": null, "bytes": 8192}]})",
                                 "s.json", kSmallTable);
  ASSERT_TRUE(s.ok()) << s.status();
  ASSERT_NE((*s)->Find("public.orders"), nullptr);
  EXPECT_EQ((*s)->Find("public.orders")->rows, 410000000);
  EXPECT_FALSE((*s)->IsSmall(*(*s)->Find("public.orders")));
  ASSERT_NE((*s)->Find("Shop.never analysed"), nullptr);
  EXPECT_EQ((*s)->Find("Shop.never analysed")->rows, -1);
  EXPECT_EQ((*s)->Find("public.other"), nullptr);
}

TEST(StatisticsFile, SaysWhatIsWrong) {
  for (const char* text : {"", "[]", "{", "7", R"({"version": 1})", R"({"statistics": {}})", R"({"statistics": [7]})", R"({"statistics": [{"schema": "a", "table": "b"}]})",
                           R"({"statistics": [{"schema": "a", "table": "b", "bytes": -1}]})", R"({"statistics": [{"schema": 1, "table": "b", "bytes": 1}]})"}) {
    const auto s = ParseStatistics(text, "s.json", kSmallTable);
    ASSERT_FALSE(s.ok()) << text;
    EXPECT_NE(s.status().message().find("`s.json`"), std::string::npos) << s.status();
    EXPECT_NE(s.status().message().find("pawl schema dump --statistics"), std::string::npos) << s.status();
  }
  EXPECT_FALSE(ReadStatistics("no/such/file.json", kSmallTable).ok());
}

}  // namespace
}  // namespace pawl
