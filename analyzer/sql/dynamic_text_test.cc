#include "analyzer/sql/dynamic_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pawl::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DynamicText, PutsValuesIn) {
  const DynamicVariables variables = {{"t", {"crm.person", true, false}}, {"part", {"x", false, true}}};
  const auto text = [&](std::string_view e) {
    const DynamicValue v = Evaluate(e, variables);
    return (v.known ? "" : "? ") + v.text;
  };
  EXPECT_EQ(text("'ALTER TABLE ' || t || ' ADD x int'"), "ALTER TABLE crm.person ADD x int");
  EXPECT_EQ(text("format('ALTER TABLE %I.%I ADD %2$I %s', 'a', 'b', 'int')"), "ALTER TABLE \"a\".\"b\" ADD \"b\" int");
  EXPECT_EQ(text("format('SELECT %L, 100%%', 'it''s')"), "SELECT 'it''s', 100%");
  EXPECT_EQ(text("format('LOCK %s', 'crm.person'::regclass) USING 1"), "LOCK crm.person");
  EXPECT_EQ(text("$q$DROP TABLE $q$ || quote_ident('A b')"), "DROP TABLE \"A b\"");
  EXPECT_EQ(text("'y' || (2000 + 1 - 2)"), "y1999");
  EXPECT_EQ(text("E'a' || concat('b', 'c')"), "abc");
}

TEST(DynamicText, SaysWhatIsNotKnown) {
  const DynamicVariables variables;
  EXPECT_EQ(Evaluate("'DROP TABLE ' || r.name", variables).text, "DROP TABLE x_unknown_");
  EXPECT_FALSE(Evaluate("'DROP TABLE ' || r.name", variables).known);
  EXPECT_TRUE(Evaluate("'DROP TABLE ' || r.name", variables).written);
  EXPECT_FALSE(Evaluate("f('DROP TABLE ')", variables).written);
  EXPECT_FALSE(Evaluate("statement", variables).written);
  for (std::string_view e : {"", "(", "f(", "'a", "||", "'a' ||", "a.b.", "array[", "format(", "((((((", "x[1]", "a -> b"}) {
    EXPECT_FALSE(Evaluate(e, variables).known) << e;
  }
}

TEST(DynamicText, Arrays) {
  EXPECT_THAT(EvaluateArray("ARRAY['a', 'b.c']", {}), ElementsAre("a", "b.c"));
  EXPECT_THAT(EvaluateArray("'{a, b}'::text[]", {}), ElementsAre("a", "b"));
  EXPECT_THAT(EvaluateArray("unnest(ARRAY['a'])", {}), ElementsAre("a"));
  EXPECT_THAT(EvaluateArray("ARRAY['a', f(1)]", {}), IsEmpty());
  EXPECT_THAT(EvaluateArray("names", {}), IsEmpty());
}

TEST(DynamicText, ArgumentNames) {
  EXPECT_THAT(ArgumentNames("(a int, OUT b text, VARIADIC \"C d\" text[], numeric(10, 2), e numeric(10, 2) DEFAULT f(1, 2)) RETURNS int"), ElementsAre("a", "\"c d\"", "", "e"));
  EXPECT_THAT(ArgumentNames("()"), IsEmpty());
  EXPECT_THAT(ArgumentNames("(a int"), ElementsAre("a"));
}

}  // namespace
}  // namespace pawl::sql
