#include "migrations/run/plan_facts.h"

#include <memory>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "migrations/run/sql_text.h"

namespace pawl {
namespace {

// A plan of one migration; `statements` in one transaction each... all in one.
struct Made {
  Plan plan;
  explicit Made(const std::vector<std::string_view>& statements, bool alone = false) {
    PlanMigration m;
    m.version = "1";
    m.file = "1.up.sql";
    uint32_t line = 1;
    for (std::string_view sql : statements) {
      if (m.units.empty() || alone) m.units.emplace_back();
      m.units.back().transaction = !alone;
      PlanStatement s;
      s.sql = sql;
      s.line = line++;
      m.units.back().statements.push_back(s);
    }
    plan.migrations.push_back(std::move(m));
  }
};

std::string Probes(const std::vector<std::string_view>& statements) {
  const Made made(statements);
  return absl::StrJoin(FactsOf(made.plan).probes, "; ", [](std::string* out, const DataProbe& p) {
    static constexpr const char* kOf[] = {"nulls", "duplicates", "orphans", "check", "validate", "rows"};
    absl::StrAppend(out, kOf[static_cast<int>(p.of)], " ", Shown(p.table), "(", absl::StrJoin(p.columns, ","), ")", p.keys.empty() ? "" : " by ", absl::StrJoin(p.keys, ","), p.condition.empty() ? "" : " if ", p.condition,
                    p.constraint.empty() ? "" : " ", p.constraint);
  });
}

std::string Facts(const std::vector<ObjectFact>& facts) {
  return absl::StrJoin(facts, "; ", [](std::string* out, const ObjectFact& f) { absl::StrAppend(out, f.present ? "+" : "-", Shown(f), f.valid ? "!" : ""); });
}
std::string Before(const std::vector<std::string_view>& statements) { return Facts(FactsOf(Made(statements).plan).before); }
std::string After(const std::vector<std::string_view>& statements) { return Facts(FactsOf(Made(statements).plan).after); }

TEST(SqlText, Quotes) {
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteIdentifier(std::string(70, 'x')), "\"" + std::string(63, 'x') + "\"");
  EXPECT_EQ(QuoteIdentifier(std::string(62, 'x') + "é"), "\"" + std::string(62, 'x') + "\"");  // a character is not cut in two
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
  EXPECT_EQ(QuoteLiteral("a\\b"), "E'a\\\\b'");
}

TEST(SqlText, FindsKeysAndPredicate) {
  std::vector<std::string> keys;
  std::string where;
  ASSERT_TRUE(IndexParts("CREATE UNIQUE INDEX i ON t USING btree (a DESC NULLS LAST, lower(b) COLLATE \"C\" text_pattern_ops, (c || ')' /* , */), pg_catalog.upper(d)) INCLUDE (e) WITH (fillfactor = 70) WHERE a > (1)", &keys, &where));
  EXPECT_EQ(absl::StrJoin(keys, "|"), "a|lower(b)|(c || ')' /* , */)|pg_catalog.upper(d)");
  EXPECT_EQ(where, "a > (1)");
  EXPECT_FALSE(IndexParts("CREATE INDEX", &keys, &where));
  EXPECT_FALSE(IndexParts("CREATE INDEX i ON t (a", &keys, &where));
}

TEST(SqlText, FindsWhatStandsInParentheses) {
  EXPECT_EQ(InParentheses("ADD CONSTRAINT check_x CHECK ( (a > 0) AND b <> ')' ) NOT VALID", 0, "check"), "(a > 0) AND b <> ')'");
  EXPECT_EQ(InParentheses("ADD CHECK", 0, "check"), "");
}

TEST(PlanFacts, Probes) {
  EXPECT_EQ(Probes({"ALTER TABLE users ALTER email SET NOT NULL"}), "nulls users(email)");
  EXPECT_EQ(Probes({"ALTER TABLE s.users ADD CONSTRAINT u UNIQUE (a, b)"}), "duplicates s.users(a,b) by \"a\",\"b\"");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD PRIMARY KEY (id)"}), "nulls users(id); duplicates users(id) by \"id\"");
  EXPECT_EQ(Probes({"CREATE UNIQUE INDEX CONCURRENTLY i ON users (lower(email)) WHERE NOT gone"}), "duplicates users() by lower(email) if NOT gone");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (org) REFERENCES orgs"}), "orphans users(org)");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD CHECK (age > 0)"}), "check users() if age > 0");
  EXPECT_EQ(Probes({"ALTER TABLE users VALIDATE CONSTRAINT c"}), "validate users() c");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD COLUMN x int NOT NULL"}), "rows users()");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD COLUMN x int; ", "ALTER TABLE users ALTER x SET NOT NULL"}), "rows users()");
}

TEST(PlanFacts, NoProbeWhereThereIsNothingToFind) {
  EXPECT_EQ(Probes({"ALTER TABLE users ADD COLUMN x int NOT NULL DEFAULT 1"}), "");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD COLUMN x bigserial NOT NULL"}), "");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD COLUMN x int GENERATED ALWAYS AS IDENTITY"}), "");
  EXPECT_EQ(Probes({"CREATE INDEX i ON users (a)"}), "");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX i"}), "");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0) NOT VALID"}), "");
  EXPECT_EQ(Probes({"CREATE TABLE users (id int)", "ALTER TABLE users ADD PRIMARY KEY (id)"}), "");
}

TEST(PlanFacts, NoProbeWhereThePlanChangesTheRowsFirst) {
  const std::string_view set = "ALTER TABLE users ALTER email SET NOT NULL";
  EXPECT_EQ(Probes({"UPDATE USERS SET email = ''", set}), "");
  EXPECT_EQ(Probes({"UPDATE orgs SET a = 1", set}), "nulls users(email)");
  EXPECT_EQ(Probes({"DELETE FROM orgs", set}), "");  // it may cascade
  EXPECT_EQ(Probes({"DO $$ BEGIN PERFORM fill(); END $$", set}), "");
  EXPECT_EQ(Probes({"SELECT fill()", set}), "");
  EXPECT_EQ(Probes({"SELECT pg_catalog.setval('s', 1)", set}), "nulls users(email)");
  EXPECT_EQ(Probes({set, "UPDATE users SET email = ''"}), "nulls users(email)");
  EXPECT_EQ(Probes({"ALTER TABLE users RENAME COLUMN mail TO email", set}), "");
  EXPECT_EQ(Probes({"ALTER TABLE users ALTER email TYPE text USING email::text", set}), "");
  EXPECT_EQ(Probes({"ALTER TABLE old RENAME TO users", set}), "");
  EXPECT_EQ(Probes({"SET search_path = other", set}), "");
  EXPECT_EQ(Probes({"SET search_path = other", "ALTER TABLE public.users ALTER email SET NOT NULL"}), "nulls public.users(email)");
}

TEST(PlanFacts, ANotValidConstraintIsAskedForWhenItIsValidated) {
  EXPECT_EQ(Probes({"ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0) NOT VALID", "ALTER TABLE users VALIDATE CONSTRAINT c"}), "check users() if a > 0");
  EXPECT_EQ(Probes({"ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0) NOT VALID", "UPDATE users SET a = 1", "ALTER TABLE users VALIDATE CONSTRAINT c"}), "");
}

TEST(PlanFacts, WhatMustBeThereBefore) {
  EXPECT_EQ(Before({"CREATE TABLE t (i int)"}), "-t");
  EXPECT_EQ(Before({"CREATE TABLE IF NOT EXISTS t (i int)"}), "");
  EXPECT_EQ(Before({"CREATE TABLE t (i int)", "CREATE INDEX i ON t (i)", "ALTER TABLE t ADD COLUMN x int"}), "-t");
  EXPECT_EQ(Before({"ALTER TABLE t ADD COLUMN x int"}), "+t; -column t.x");
  EXPECT_EQ(Before({"ALTER TABLE IF EXISTS t DROP COLUMN IF EXISTS x"}), "");
  EXPECT_EQ(Before({"DROP TABLE t", "CREATE TABLE t (i int)"}), "+t");
  EXPECT_EQ(Before({"ALTER TYPE mood ADD VALUE 'b' AFTER 'a'"}), "-value 'b' of type mood; +value 'a' of type mood");
  EXPECT_EQ(Before({"DO $$ BEGIN EXECUTE 'x'; END $$", "CREATE TABLE t (i int)"}), "");
}

TEST(PlanFacts, WhatIsThereAfterwards) {
  EXPECT_EQ(After({"CREATE TABLE t (i int)", "CREATE INDEX i ON t (i)", "DROP TABLE t"}), "-t");
  EXPECT_EQ(After({"CREATE TABLE t (i int)", "ALTER TABLE t RENAME TO u"}), "-t; +u");
  EXPECT_EQ(After({"CREATE INDEX CONCURRENTLY i ON s.t (i)"}), "+index s.i!");
  EXPECT_EQ(After({"CREATE UNIQUE INDEX i ON t (i)", "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i"}), "+constraint c of t");
  EXPECT_EQ(After({"ALTER TABLE t ADD CONSTRAINT c CHECK (i > 0) NOT VALID"}), "+constraint c of t");
  EXPECT_EQ(After({"ALTER TABLE t ADD CONSTRAINT c CHECK (i > 0) NOT VALID", "ALTER TABLE t VALIDATE CONSTRAINT c"}), "+constraint c of t!");
  EXPECT_EQ(After({"ALTER TABLE t ADD COLUMN a int", "ALTER TABLE t DROP COLUMN a"}), "-column t.a");
  EXPECT_EQ(After({"CREATE TABLE staging (i int)", "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'staging'; END $$"}), "");
  EXPECT_EQ(After({"CREATE TEMP TABLE t (i int)"}), "");
  EXPECT_EQ(After({"CREATE TABLE s.t (i int)", "DROP SCHEMA s CASCADE"}), "-schema s");
  EXPECT_EQ(After({"SET search_path = other", "CREATE TABLE t (i int)", "CREATE TABLE public.u (i int)"}), "+public.u");
}

TEST(PlanFacts, AnInterruptedMigrationIsNotJudgedByWhatItHasDone) {
  const Made made({"CREATE INDEX CONCURRENTLY a ON t (a)", "CREATE INDEX CONCURRENTLY b ON t (b)", "CREATE INDEX CONCURRENTLY c ON t (c)"}, /*alone=*/true);
  EXPECT_EQ(Facts(FactsOf(made.plan).before), "-index a; +t; -index b; +t; -index c; +t");
  // The first is committed; the second may be done or half done.
  EXPECT_EQ(Facts(FactsOf(made.plan, {1}).before), "-index c; +t");
  EXPECT_EQ(FactsOf(made.plan, {1}).after.size(), 3u);
}

TEST(PlanFacts, TablesAndPrivileges) {
  const Made made({"ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (o) REFERENCES orgs NOT VALID", "CREATE TABLE app.t (i int)", "CREATE INDEX ON app.t (i)", "CREATE EXTENSION IF NOT EXISTS pgcrypto"});
  const PlanFacts f = FactsOf(made.plan);
  ASSERT_EQ(f.tables.size(), 2u);
  EXPECT_TRUE(f.tables[0].owner && !f.tables[0].exclusive && f.tables[0].name.name == "users");
  EXPECT_TRUE(f.tables[1].references && !f.tables[1].owner && f.tables[1].name.name == "orgs");
  EXPECT_EQ(f.creates_in, std::vector<std::string>{"app"});
  EXPECT_EQ(f.extensions, std::vector<std::string>{"pgcrypto"});
}

}  // namespace
}  // namespace pawl
