#include "analyzer/catalog/partitions.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

PartitionValue Text(std::string_view text) {
  PartitionValue v;
  v.kind = PartitionValue::Kind::kConstant;
  v.constant = sql::ConstantKind::kString;
  v.text = text;
  return v;
}

PartitionValue Number(std::string_view text) {
  PartitionValue v = Text(text);
  v.constant = sql::ConstantKind::kInteger;
  return v;
}

TEST(PartitionsTest, ComparesWhatTheServerWould) {
  using O = ValueOrder;
  EXPECT_EQ(CompareValues(Number("9"), Number("10"), "int4"), O::kLess);
  EXPECT_EQ(CompareValues(Text("9"), Number("10"), "int8"), O::kLess);
  EXPECT_EQ(CompareValues(Text("2024-01-31"), Text("2024-02-01"), "date"), O::kLess);
  EXPECT_EQ(CompareValues(Text("2024-01-31"), Text("2024-01-31 00:00:00"), "timestamp"), O::kEqual);
  EXPECT_EQ(CompareValues(Text("2024-01-01 01:00+01"), Text("2024-01-01T00:00:00Z"), "timestamptz"), O::kEqual);
  EXPECT_EQ(CompareValues(Text("2024-02-29 23:59:59.9"), Text("2024-03-01"), "timestamp"), O::kLess);
  EXPECT_EQ(CompareValues(Text("a"), Text("a"), "text"), O::kEqual);
  EXPECT_EQ(CompareValues(Text("a"), Text("b"), "text"), O::kDifferent);
  EXPECT_EQ(CompareValues(Text("t"), Text("TRUE"), "bool"), O::kEqual);
}

TEST(PartitionsTest, SaysSoWhereItCannotKnow) {
  using O = ValueOrder;
  EXPECT_EQ(CompareValues(Number("1"), Text("2024-01-01"), "date"), O::kUnknown);
  EXPECT_EQ(CompareValues(Text("2024-01-01 05:00"), Text("2024-01-01 00:00+00"), "timestamptz"), O::kUnknown);  // a session's time zone
  EXPECT_EQ(CompareValues(Text("2024-01-03"), Text("2024-01-01 00:00+00"), "timestamptz"), O::kGreater);       // none is as far
  EXPECT_EQ(CompareValues(Text("01.02.2024"), Text("2024-01-01"), "date"), O::kUnknown);
  EXPECT_EQ(CompareValues(Text("a"), Text("b"), "inet"), O::kUnknown);
  PartitionValue date = Text("2024-01-01");
  date.type = "date";
  EXPECT_EQ(CompareValues(date, Text("2023-01-01"), "timestamptz"), O::kUnknown);  // compared by a function that is not immutable
  EXPECT_EQ(CompareValues(date, Text("2023-01-01"), "date"), O::kGreater);
  EXPECT_EQ(CompareValues(PartitionValue(), Number("1"), "int4"), O::kUnknown);
}

}  // namespace
}  // namespace pawl
