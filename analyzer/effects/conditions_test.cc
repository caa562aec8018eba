#include "analyzer/effects/conditions.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/catalog/replay_testing.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

bool Implies(const std::string& parent, const std::string& child, const std::string& bound) {
  Replayed r(absl::StrCat("CREATE TABLE p ", parent, "; CREATE TABLE c ", child, ";"));
  const auto* s = r.Parse(absl::StrCat("ALTER TABLE p ATTACH PARTITION c ", bound))[0];
  return ImpliesBound(*r.catalog.FindTable("public.c"), *s->As<sql::AlterTable>().commands[0].bound, r.catalog.FindTable("public.p"), r.catalog);
}

// As servers 12 to 18 do, by what ATTACH PARTITION read.
TEST(ConditionsTest, ACheckImpliesABound) {
  const std::string by_day = "(d date NOT NULL, n int) PARTITION BY RANGE (d)", year = "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')";
  EXPECT_TRUE(Implies(by_day, "(d date NOT NULL CHECK (d >= '2024-01-01' AND d < '2025-01-01'), n int)", year));
  EXPECT_TRUE(Implies(by_day, "(d date NOT NULL CHECK (d >= '2024-01-01'), n int, CHECK (d <= '2024-12-30'))", year));
  EXPECT_TRUE(Implies(by_day, "(d date CHECK (d IS NOT NULL AND d BETWEEN '2024-02-01' AND '2024-02-03'), n int)", year));
  EXPECT_TRUE(Implies(by_day, "(d date NOT NULL CHECK (NOT (d < '2024-01-01' OR d >= '2025-01-01')), n int)", year));
  EXPECT_FALSE(Implies(by_day, "(d date CHECK (d >= '2024-01-01' AND d < '2025-01-01'), n int)", year)) << "null passes a CHECK";
  EXPECT_FALSE(Implies(by_day, "(d date NOT NULL CHECK (d >= '2020-01-01'), n int)", year));
  EXPECT_FALSE(Implies(by_day, "(d date NOT NULL CHECK (d >= '2024-01-01' AND d <= '2025-01-01'), n int)", year));
  EXPECT_FALSE(Implies(by_day, "(d date NOT NULL, n int CHECK (n > 0))", year));
  EXPECT_FALSE(Implies(by_day, "(d date NOT NULL CHECK (d >= '2024-01-01' OR n > 0), n int)", year));
  const std::string by_two = "(a int NOT NULL, b int NOT NULL) PARTITION BY RANGE (a, b)", two = "FOR VALUES FROM (1, 5) TO (2, MINVALUE)";
  EXPECT_TRUE(Implies(by_two, "(a int NOT NULL CHECK (a = 1), b int NOT NULL CHECK (b >= 5))", two));
  EXPECT_FALSE(Implies(by_two, "(a int NOT NULL CHECK (a = 1), b int NOT NULL CHECK (b >= 4))", two));
  const std::string by_word = "(w text) PARTITION BY LIST (w)";
  EXPECT_TRUE(Implies(by_word, "(w text NOT NULL CHECK (w IN ('a', 'b')))", "FOR VALUES IN ('a', 'b', 'c')"));
  EXPECT_TRUE(Implies(by_word, "(w text CHECK (w = 'a'))", "FOR VALUES IN ('a', NULL)"));
  EXPECT_FALSE(Implies(by_word, "(w text NOT NULL CHECK (w <> ''))", "FOR VALUES IN ('a')"));
}

constexpr char kHistory[] =
    "CREATE TABLE l (k int NOT NULL, v text) PARTITION BY LIST (k); CREATE TABLE l1 PARTITION OF l FOR VALUES IN (1); CREATE TABLE l23 PARTITION OF l FOR VALUES IN (2, 3);"
    "CREATE TABLE l_rest PARTITION OF l DEFAULT;"
    "CREATE TABLE r (d date NOT NULL, n int) PARTITION BY RANGE (d); CREATE TABLE r20 PARTITION OF r FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');"
    "CREATE TABLE r21 PARTITION OF r FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY RANGE (n); CREATE TABLE r21_a PARTITION OF r21 FOR VALUES FROM (0) TO (10);"
    "CREATE TABLE r21_b PARTITION OF r21 FOR VALUES FROM (10) TO (MAXVALUE); CREATE TABLE r_rest PARTITION OF r DEFAULT;";

std::string Pruned(const std::string& table, const std::string& where) {
  Replayed r(kHistory);
  const auto* s = r.Parse(absl::StrCat("DELETE FROM ", table, " WHERE ", where))[0];
  std::vector<std::string> names;
  for (const CatalogTable* t : PrunedPartitions(*r.catalog.FindTable(absl::StrCat("public.", table)), s->As<sql::Query>().where, table, true, r.catalog)) {
    names.push_back(t->key.substr(7));
  }
  return absl::StrJoin(names, " ");
}

TEST(ConditionsTest, AWherePrunesPartitions) {
  EXPECT_EQ(Pruned("l", "k = 1"), "l1");
  EXPECT_EQ(Pruned("l", "2 = l.k AND v = 'x'"), "l23");
  EXPECT_EQ(Pruned("l", "k IN (1, 3)"), "l1 l23");
  EXPECT_EQ(Pruned("l", "k IN (1, 9)"), "l1 l_rest");
  EXPECT_EQ(Pruned("l", "k = 1 OR k = 2"), "l1 l23");
  EXPECT_EQ(Pruned("l", "k < 2"), "l1 l_rest");
  EXPECT_EQ(Pruned("l", "k <> 1"), "l23 l_rest");
  EXPECT_EQ(Pruned("l", "k = 1 OR v = 'x'"), "l1 l23 l_rest");
  EXPECT_EQ(Pruned("l", "k = length(v)"), "l1 l23 l_rest");
  EXPECT_EQ(Pruned("r", "d < '2020-06-01'"), "r20 r_rest");
  EXPECT_EQ(Pruned("r", "d >= '2020-02-01' AND d < '2020-06-01'"), "r20");
  EXPECT_EQ(Pruned("r", "d BETWEEN '2020-02-01' AND '2021-06-01'"), "r20 r21 r21_a r21_b");
  EXPECT_EQ(Pruned("r", "d = '2021-06-01' AND n = 10"), "r21 r21_b");
  EXPECT_EQ(Pruned("r", "d > now()"), "r20 r21 r21_a r21_b r_rest");
  EXPECT_EQ(Pruned("r", "d = '2019-01-01'"), "r_rest");
}

}  // namespace
}  // namespace pawl
