#include "analyzer/sql/expression_form.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace pawl::sql {
namespace {

// Left as people write it, right as PostgreSQL 12 to 18 show it (pg_get_expr).
TEST(ExpressionFormTest, WhatAServerMakesOfIt) {
  const std::pair<const char*, const char*> kSame[] = {
      {"status IN ('a', 'b')", "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"},
      {"status in ('a')", "(status = 'a'::text)"},
      {"status NOT IN ('a','b')", "(status <> ALL (ARRAY['a'::text, 'b'::text]))"},
      {"n BETWEEN 1 AND 10", "((n >= 1) AND (n <= 10))"},
      {"a>0 and b>0 and (c > 0 and d > 0)", "((a > 0) AND (b > 0) AND (c > 0) AND (d > 0))"},
      {"x != 3", "(x <> 3)"},
      {"name LIKE 'a%'", "(name ~~ 'a%'::text)"},
      {"name NOT ILIKE 'a%'", "(name !~~* 'a%'::text)"},
      {"0", "'0'::bigint"},
      {"-1", "'-1'::integer"},
      {"'t'::bool", "true"},
      {"TRUE", "true"},
      {"NOW()", "now()"},
      {"CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"},
      {"nextval('s')", "nextval('public.s'::regclass)"},
      {"nextval('\"S\"')", "nextval('app.\"S\"'::regclass)"},
      {"CASE WHEN a THEN 1 END", "CASE\n    WHEN a THEN 1\n    ELSE NULL::integer\nEND"},
      {"extract(epoch from t)", "date_part('epoch'::text, t)"},
      {"now() at time zone 'utc'", "timezone('utc'::text, now())"},
      {"'{\"a\":1}'::jsonb", "'{\"a\": 1}'::jsonb"},
      {"uuid_generate_v4()", "public.uuid_generate_v4()"},
      {"a IS NOT DISTINCT FROM b", "(NOT (a IS DISTINCT FROM b))"},
      {"now() + interval '3 minutes'", "(now() + '00:03:00'::interval)"},
      {"interval '12 months'", "'1 year'::interval"},
      {"'1970-01-01'::timestamptz", "'1970-01-01 00:00:00+00'::timestamp with time zone"},
      {"timestamp 'epoch'", "'1970-01-01 00:00:00'::timestamp without time zone"},
      {"'{\"a\", b}'::text[]", "'{a,b}'::text[]"},
      {"v #>> '{a, b}'", "(v #>> '{a,b}'::text[])"},
      {"lower(email)", "lower((email)::text)"},
  };
  for (const auto& [written, shown] : kSame) EXPECT_EQ(ExpressionForm(written, false), ExpressionForm(shown, false)) << written;
}

TEST(ExpressionFormTest, WhatDiffers) {
  const std::pair<const char*, const char*> kOther[] = {
      {"a > 0", "a >= 0"}, {"a LIKE 'x'", "a ILIKE 'x'"}, {"a IS TRUE", "a IS FALSE"}, {"'a'", "a"}, {"lower(a)", "upper(a)"},
      {"a IN (1, 2)", "a IN (1, 3)"}, {"a OR b", "a AND b"}, {"'t'", "true"}, {"interval '1 day'", "interval '1 hour'"}, {"'2020-01-01'::date", "'2020-01-02'::date"},
  };
  for (const auto& [a, b] : kOther) EXPECT_NE(ExpressionForm(a, false), ExpressionForm(b, false)) << a;
  EXPECT_EQ(ExpressionForm("(a)::int", false), ExpressionForm("a", false));
  EXPECT_NE(ExpressionForm("(a)::int", true), ExpressionForm("a", true));
  EXPECT_EQ(ExpressionForm("cast(a as int)", true), ExpressionForm("(a)::integer", true));
}

TEST(ExpressionFormTest, NoExpression) {
  for (const char* text : {"", "a b c", "1) FROM t; SELECT (2", "1, 2 FROM", ")"}) EXPECT_EQ(ExpressionForm(text, false), "") << text;
}

}  // namespace
}  // namespace pawl::sql
