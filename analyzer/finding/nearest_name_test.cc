#include "analyzer/finding/nearest_name.h"

#include <string>

#include "gtest/gtest.h"

namespace pawl {
namespace {

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(EditDistance("drop-table", "drop-table", 3), 0u);
  EXPECT_EQ(EditDistance("drop-table", "Drop_Table", 3), 0u);  // case and _ for - are no slip worth counting
  EXPECT_EQ(EditDistance("drop-tabel", "drop-table", 3), 1u);
  EXPECT_EQ(EditDistance("drp-table", "drop-table", 3), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting", 5), 3u);
  EXPECT_EQ(EditDistance("", "abc", 5), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting", 2), 3u);  // limit + 1
  EXPECT_EQ(EditDistance(std::string(100, 'a'), std::string(100, 'a'), 2), 3u);
}

TEST(NearestName, FindsALikelySlipOnly) {
  const std::string_view names[] = {"drop-table", "drop-column", "index-not-concurrent", "all"};
  EXPECT_EQ(NearestName("drop-tabel", names), "drop-table");
  EXPECT_EQ(NearestName("index-not-concurent", names), "index-not-concurrent");
  EXPECT_EQ(NearestName("al", names), "all");
  EXPECT_EQ(NearestName("vacuum", names), "");
  EXPECT_EQ(NearestName("", names), "");
  const std::string_view letters[] = {"a"};
  EXPECT_EQ(NearestName("b", letters), "");
}

TEST(NearestName, TheFirstOfEqualsWins) {
  const std::string_view names[] = {"rule-a", "rule-b"};
  EXPECT_EQ(NearestName("rule-c", names), "rule-a");
}

}  // namespace
}  // namespace pawl
