#include <string_view>

#include "analyzer/effects/effects.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

// Measured on PostgreSQL 12.22, 14.24, 15.18 and 18.6, which agree.
TEST(TypeChangeTest, AsServersDo) {
  struct Case {
    std::string_view from, to;
    TypeChange change;
  };
  constexpr auto kFree = TypeChange::kFree, kRewrite = TypeChange::kRewrite, kIndex = TypeChange::kIndexRebuild;
  constexpr Case kCases[] = {
      {"varchar(10)", "varchar(20)", kFree}, {"varchar(10)", "varchar", kFree}, {"varchar(10)", "text", kFree}, {"varchar", "text", kFree},
      {"varchar(20)", "varchar(10)", kRewrite}, {"text", "varchar", kFree}, {"text", "varchar(10)", kRewrite}, {"varchar", "varchar(10)", kRewrite},
      {"bpchar(10)", "bpchar(20)", kRewrite}, {"bpchar(10)", "varchar(10)", kRewrite}, {"bpchar(10)", "text", kRewrite}, {"text", "bpchar(10)", kRewrite},
      {"varchar(10)", "bpchar(10)", kRewrite}, {"bpchar(10)", "bpchar(10)", kFree}, {"bpchar", "text", kRewrite}, {"bpchar(10)", "bpchar", kFree},
      {"numeric(10,2)", "numeric(12,2)", kFree}, {"numeric(10,2)", "numeric", kFree}, {"numeric(10,2)", "numeric(12,3)", kRewrite},
      {"numeric(10,2)", "numeric(8,2)", kRewrite}, {"numeric", "numeric(10,2)", kRewrite}, {"numeric(10)", "numeric(12)", kFree},
      {"numeric(10)", "numeric(12,0)", kFree}, {"numeric(10,2)", "numeric(12)", kRewrite}, {"numeric(10,2)", "numeric(10,3)", kRewrite},
      {"int4", "int8", kRewrite}, {"int8", "int4", kRewrite}, {"int2", "int4", kRewrite}, {"int4", "numeric", kRewrite}, {"int4", "text", kRewrite},
      {"float4", "float8", kRewrite}, {"int4", "oid", kIndex}, {"oid", "int4", kIndex}, {"oid", "regclass", kFree}, {"regclass", "oid", kFree},
      {"timestamp(3)", "timestamp(6)", kFree}, {"timestamp(3)", "timestamp", kFree}, {"timestamp", "timestamp(3)", kRewrite}, {"timestamp", "timestamp(6)", kFree},
      {"timestamptz(3)", "timestamptz", kFree}, {"timestamptz", "timestamptz(3)", kRewrite}, {"time(3)", "time", kFree}, {"time", "time(3)", kRewrite},
      {"timetz(3)", "timetz", kFree}, {"interval(32767,3)", "interval", kFree}, {"interval", "interval(32767,3)", kRewrite}, {"date", "timestamp", kRewrite},
      {"timestamp", "date", kRewrite}, {"timestamp", "timestamptz", kRewrite}, {"timestamptz", "timestamp", kRewrite},
      {"varbit(10)", "varbit(20)", kFree}, {"varbit(10)", "varbit", kFree}, {"varbit", "varbit(10)", kRewrite}, {"bit(3)", "bit(4)", kRewrite},
      {"bit(3)", "varbit", kIndex}, {"bit(3)", "varbit(5)", kRewrite}, {"varbit", "bit(3)", kRewrite}, {"cidr", "inet", kFree}, {"inet", "cidr", kRewrite},
      {"xml", "text", kFree}, {"xml", "varchar", kFree}, {"json", "jsonb", kRewrite}, {"text", "jsonb", kRewrite}, {"json", "text", kRewrite},
      {"citext", "text", kIndex}, {"text", "citext", kIndex}, {"citext", "varchar", kIndex}, {"varchar(10)", "citext", kIndex}, {"citext", "varchar(10)", kRewrite},
      {"mood", "text", kRewrite}, {"text", "mood", kRewrite}, {"uuid", "text", kRewrite}, {"bytea", "text", kRewrite}, {"name", "text", kRewrite},
      {"varchar(10)[]", "varchar(20)[]", kRewrite}, {"varchar(10)[]", "text[]", kRewrite}, {"int4[]", "int8[]", kRewrite}, {"int4[]", "int4[]", kFree},
      {"mood", "public.mood", kFree}, {"int4", "int4", kFree}, {"money", "numeric", kRewrite}, {"vector(3)", "vector(4)", kRewrite},
      {"", "text", TypeChange::kUnknown}, {"text", "", TypeChange::kUnknown},
  };
  for (const Case& c : kCases) {
    for (int version : {12, 18}) EXPECT_EQ(ClassifyTypeChange(c.from, c.to, version), c.change) << c.from << " -> " << c.to;
  }
}

TEST(TypeChangeTest, Narrowing) {
  struct Case {
    std::string_view from, to;
    bool narrowing;
  };
  constexpr Case kCases[] = {
      {"int8", "int4", true}, {"int4", "int8", false}, {"int4", "int2", true}, {"int4", "numeric", false}, {"int4", "numeric(10,0)", false},
      {"int4", "numeric(10,2)", true}, {"int8", "numeric(12,2)", true}, {"numeric", "int8", true}, {"numeric(10,2)", "numeric(12,2)", false},
      {"numeric(10,2)", "numeric(12,1)", true}, {"numeric(10,2)", "numeric(10,4)", true}, {"numeric(10,2)", "numeric", false}, {"numeric", "numeric(30,10)", true},
      {"float8", "float4", true}, {"float4", "float8", false}, {"int4", "float8", false}, {"int8", "float8", true}, {"float8", "int4", true},
      {"varchar(100)", "varchar(50)", true}, {"varchar(50)", "varchar(100)", false}, {"varchar(50)", "text", false}, {"text", "varchar(255)", true},
      {"text", "bpchar(3)", true}, {"varchar(3)", "bpchar(3)", false}, {"int4", "text", false}, {"int4", "varchar(5)", true}, {"int4", "varchar(20)", false},
      {"uuid", "varchar(36)", false}, {"uuid", "varchar(32)", true}, {"text", "int4", true}, {"text", "uuid", true}, {"text", "jsonb", true}, {"mood", "text", false},
      {"timestamp", "date", true}, {"timestamptz", "date", true}, {"date", "timestamp", false}, {"timestamp", "timestamptz", false},
      {"timestamptz", "timestamptz(0)", true}, {"timestamptz(0)", "timestamptz", false}, {"json", "jsonb", false}, {"inet", "cidr", true}, {"cidr", "inet", false},
      {"bit(4)", "bit(2)", true}, {"varbit(4)", "varbit(8)", false}, {"text[]", "text", false}, {"int8[]", "int4[]", true}, {"int4[]", "int4", true},
      {"text", "text", false}, {"", "int4", false}, {"mood", "mood2", false}, {"int4", "bool", true},
  };
  for (const Case& c : kCases) EXPECT_EQ(IsNarrowing(c.from, c.to), c.narrowing) << c.from << " -> " << c.to;
}

}  // namespace
}  // namespace pawl
