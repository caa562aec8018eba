#include "rules/statistics.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

constexpr int64_t kGigabyte = int64_t{1} << 30;

TEST(Statistics, WordsForSizes) {
  EXPECT_EQ(SizeWords(0), "0 bytes");
  EXPECT_EQ(SizeWords(8192), "8.0 kB");
  EXPECT_EQ(SizeWords(84 * kGigabyte), "84 GB");
  EXPECT_EQ(SizeWords(1000 * kGigabyte), "1.0 TB");
  EXPECT_EQ(RowWords(1), "1 row");
  EXPECT_EQ(RowWords(12), "12 rows");
  EXPECT_EQ(RowWords(123'456), "123,000 rows");
  EXPECT_EQ(RowWords(410'000'000), "410 million rows");
  EXPECT_EQ(RowWords(1'234'000'000), "1.2 billion rows");
}

TEST(Statistics, WordsForDurations) {
  EXPECT_EQ(DurationWords(RoughDuration(Work::kRewrite, 84 * kGigabyte)), "roughly 12 to 30 minutes");
  EXPECT_EQ(DurationWords({0.2, 0.8}), "less than a second");
  EXPECT_EQ(DurationWords({1.0, 1.2}), "roughly 1 second");
  EXPECT_EQ(DurationWords({10, 40}), "roughly 10 to 40 seconds");
  EXPECT_EQ(DurationWords({3600, 4 * 3600}), "roughly 1 to 4 hours");
  EXPECT_EQ(RoughDuration(Work::kMetadata, kGigabyte).most_s, 0);
}

TEST(Statistics, AnUnknownTableIsNotSmall) {
  TableStatistics s;
  s.Add("public", "small", {12, 8192});
  s.Add("public", "large", {-1, 20 << 20});
  EXPECT_EQ(s.Find("public.other"), nullptr);
  EXPECT_TRUE(s.IsSmall(*s.Find("public.small")));
  EXPECT_FALSE(s.IsSmall(*s.Find("public.large")));
  EXPECT_TRUE(TableStatistics(100 << 20).IsSmall(*s.Find("public.large")));
}

}  // namespace
}  // namespace pawl
