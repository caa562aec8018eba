#include "analyzer/catalog/catalog.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/catalog/replay_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Constraints(const CatalogTable& t) {
  std::vector<std::string> v;
  for (const auto& k : t.constraints) v.push_back(k.name);
  return v;
}
std::vector<std::string> Indexes(const CatalogTable& t) {
  std::vector<std::string> v;
  for (const auto& i : t.indexes) v.push_back(i.name);
  return v;
}
// "name type !" with ! for not null, d default, g generated, i identity, b backfilled.
std::vector<std::string> Columns(const CatalogTable& t) {
  std::vector<std::string> v;
  for (const auto& c : t.columns) {
    v.push_back(absl::StrCat(c.name, " ", c.type, c.not_null ? " !" : "", c.has_default ? " d" : "", c.generated ? " g" : "", c.identity ? " i" : "",
                             c.backfilled ? " b" : ""));
  }
  return v;
}
const CatalogTable& Table(const Replayed& r, std::string_view key) {
  const CatalogTable* t = r.catalog.FindTable(key);
  static const CatalogTable* const kNone = new CatalogTable();
  EXPECT_NE(t, nullptr) << key;
  return t == nullptr ? *kNone : *t;
}

TEST(CatalogTest, CreateTableColumns) {
  Replayed r("CREATE TABLE t (id bigserial PRIMARY KEY, a varchar(50) NOT NULL DEFAULT 'x', b numeric(10,2), c text[], d int DEFAULT NULL,"
             " e int GENERATED ALWAYS AS IDENTITY, f int GENERATED ALWAYS AS (d + 1) STORED, g timestamp with time zone, \"H\" app.mood);");
  const CatalogTable& t = Table(r, "public.t");
  EXPECT_TRUE(t.complete);
  EXPECT_THAT(Columns(t), ElementsAre("id int8 ! d b", "a varchar(50) ! d b", "b numeric(10,2)", "c text[]", "d int4", "e int4 ! i b", "f int4 g b",
                                      "g timestamptz", "H app.mood"));
  EXPECT_TRUE(r.catalog.HasSequence({{}, "t_id_seq", {}}));
  EXPECT_TRUE(r.catalog.HasSequence({"public", "t_e_seq", {}}));
  EXPECT_FALSE(r.catalog.HasSequence({{}, "t_a_seq", {}}));
  EXPECT_EQ(t.origin.migration, 1);
  EXPECT_EQ(r.catalog.FindTable("public.u"), nullptr);
}

// The names below are those that servers give (measured on 12.22 and 18.6 with the same definitions).
TEST(CatalogTest, GeneratedNames) {
  Replayed r("CREATE TABLE p (id int PRIMARY KEY, x int, UNIQUE (id, x));"
             "CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b int REFERENCES p, c int CHECK (c > 0), d int CHECK (d > 0 AND d > c), e int,"
             " CHECK (e > 1), CHECK (e > 2), CHECK (1 > 0), UNIQUE (a, b), FOREIGN KEY (c, d) REFERENCES p (id, x));"
             "CREATE INDEX ON t (a, b); CREATE INDEX ON t (a, b); CREATE INDEX ON t (lower(x), (a + 1), (b::text)); CREATE INDEX ON t (a) INCLUDE (e);"
             "CREATE INDEX ON t (coalesce(a, b), (CASE WHEN a > 0 THEN 1 END), (a IS NULL), ('x' || e), ((a + 1)::text), (nullif(a, b)), (array[a]));");
  const CatalogTable& t = Table(r, "public.t");
  EXPECT_THAT(Constraints(t), UnorderedElementsAre("t_pkey", "t_a_key", "t_b_fkey", "t_c_check", "t_check", "t_e_check", "t_e_check1", "t_check1", "t_a_b_key",
                                                   "t_c_d_fkey"));
  EXPECT_THAT(Indexes(t), ElementsAre("t_pkey", "t_a_key", "t_a_b_key", "t_a_b_idx", "t_a_b_idx1", "t_lower_expr_b_idx", "t_a_e_idx",
                                      "t_coalesce_case_expr_expr1_text_nullif_array_idx"));
  EXPECT_EQ(t.FindConstraint("t_b_fkey")->referenced, "public.p");
  EXPECT_TRUE(t.FindIndex("t_a_key")->of_constraint);
  EXPECT_TRUE(t.FindIndex("t_a_key")->unique);
}

TEST(CatalogTest, LongGeneratedNamesAreCutAsTheServerCutsThem) {
  const std::string table(40, 't'), column(40, 'c');
  Replayed r(absl::StrCat("CREATE TABLE ", table, " (", column, " int UNIQUE CHECK (", column, " > 0));"));
  // 63 bytes: 63 - "_key" - "_" = 58, shared 29 : 29.
  EXPECT_THAT(Indexes(Table(r, absl::StrCat("public.", table))), ElementsAre(absl::StrCat(std::string(29, 't'), "_", std::string(29, 'c'), "_key")));
  EXPECT_THAT(Constraints(Table(r, absl::StrCat("public.", table))),
              UnorderedElementsAre(absl::StrCat(std::string(29, 't'), "_", std::string(29, 'c'), "_key"),
                                   absl::StrCat(std::string(28, 't'), "_", std::string(28, 'c'), "_check")));
}

TEST(CatalogTest, ChecksThatProveNotNull) {
  Replayed r("CREATE TABLE t (a int, b int, c int, d int, e int, f int,"
             " CONSTRAINT k1 CHECK (a IS NOT NULL), CONSTRAINT k2 CHECK (b > 0 AND b IS NOT NULL AND c IS NOT NULL),"
             " CONSTRAINT k3 CHECK (NOT (d IS NULL)), CONSTRAINT k4 CHECK (e IS NOT NULL OR e > 0), CONSTRAINT k5 CHECK (f > 0));");
  const CatalogTable& t = Table(r, "public.t");
  EXPECT_EQ(t.FindConstraint("k1")->not_null_column, "a");
  EXPECT_EQ(t.FindConstraint("k2")->not_null_column, "b");
  EXPECT_THAT(t.FindConstraint("k2")->more_not_null_columns, ElementsAre("c"));
  for (const char* proven : {"a", "b", "c", "d"}) EXPECT_TRUE(t.ProvesNotNull(proven)) << proven;
  for (const char* open : {"e", "f"}) EXPECT_FALSE(t.ProvesNotNull(open)) << open;
  EXPECT_EQ(t.FindConstraint("k1")->check, "(a IS NOT NULL)");
  r.Run("ALTER TABLE t ADD CONSTRAINT \"k(6)\" CHECK  ((a > 0) -- why )\n AND\tb <> ')') NOT VALID, ADD g int CHECK (g>0) NOT NULL;");
  EXPECT_EQ(Table(r, "public.t").FindConstraint("k(6)")->check, "((a > 0) AND b <> ')')");
  EXPECT_EQ(Table(r, "public.t").FindConstraint("t_g_check")->check, "(g>0)");
}

TEST(CatalogTest, NotValidUntilValidated) {
  Replayed r("ALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID;");
  EXPECT_FALSE(Table(r, "public.t").ProvesNotNull("a"));
  r.Run("ALTER TABLE t VALIDATE CONSTRAINT k;");
  EXPECT_TRUE(Table(r, "public.t").ProvesNotNull("a"));
  // In CREATE TABLE there are no rows to be wrong: the server makes it valid at once (measured).
  r.Run("CREATE TABLE u (a int, CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID);");
  EXPECT_TRUE(Table(r, "public.u").ProvesNotNull("a"));
}

TEST(CatalogTest, UnknownTableGetsAnIncompleteEntry) {
  Replayed r("ALTER TABLE old ADD COLUMN a int; UPDATE old SET a = 1, z = 2; ALTER TABLE old ALTER COLUMN q SET NOT NULL;");
  const CatalogTable& t = Table(r, "public.old");
  EXPECT_FALSE(t.complete);
  EXPECT_EQ(t.origin.migration, -1);
  EXPECT_THAT(Columns(t), ElementsAre("a int4 b", "z  b", "q  !"));
  r.Run("UPDATE pg_index SET indisready = true; UPDATE pg_catalog.pg_class SET relname = 'x';");
  EXPECT_EQ(r.catalog.tables().size(), 1u);
}

TEST(CatalogTest, AlterTable) {
  Replayed r("CREATE TABLE t (a int, b int, c int, UNIQUE (a, b), CHECK (b > c)); CREATE INDEX i ON t (c) WHERE b > 0; CREATE INDEX j ON t (c);");
  r.Run("ALTER TABLE t ADD COLUMN IF NOT EXISTS a text, ADD COLUMN d varchar(5) UNIQUE, ALTER COLUMN c TYPE bigint, ALTER a SET DEFAULT 3, ALTER c SET NOT NULL;");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4 d", "b int4", "c int8 !", "d varchar(5)"));
  r.Run("ALTER TABLE t DROP COLUMN b, ALTER a DROP DEFAULT, ALTER c DROP NOT NULL;");
  const CatalogTable& t = Table(r, "public.t");
  EXPECT_THAT(Columns(t), ElementsAre("a int4", "c int8", "d varchar(5)"));
  EXPECT_THAT(Indexes(t), ElementsAre("j", "t_d_key"));  // i's WHERE read b
  EXPECT_THAT(Constraints(t), ElementsAre("t_d_key"));
  EXPECT_EQ(r.catalog.FindIndex({{}, "i", {}}, nullptr), nullptr);
  r.Run("ALTER TABLE t DROP CONSTRAINT t_d_key;");
  EXPECT_THAT(Indexes(Table(r, "public.t")), ElementsAre("j"));
}

TEST(CatalogTest, UsingIndexRenamesTheIndex) {
  Replayed r("CREATE TABLE t (a int); CREATE UNIQUE INDEX CONCURRENTLY u ON t (a); ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY USING INDEX u;");
  const CatalogTable& t = Table(r, "public.t");
  EXPECT_THAT(Indexes(t), ElementsAre("t_pk"));
  EXPECT_TRUE(t.indexes[0].of_constraint);
  EXPECT_TRUE(t.indexes[0].concurrent);
  EXPECT_THAT(t.FindConstraint("t_pk")->columns, ElementsAre("a"));
  EXPECT_TRUE(t.FindColumn("a")->not_null);
  EXPECT_EQ(r.catalog.FindIndex({{}, "u", {}}, nullptr), nullptr);
  EXPECT_EQ(r.catalog.FindIndex({{}, "t_pk", {}}, nullptr), &t);
}

TEST(CatalogTest, IndexDefinitionTellsRedefinitions) {
  Replayed r("CREATE TABLE t (a int, b int);"
             "CREATE INDEX i1 ON t USING btree (a,\n  b); create index i2 ON public.t (A, b) ; CREATE UNIQUE INDEX i3 ON t (a, b);"
             "CREATE INDEX i4 ON t (a, b) WHERE a > 0; CREATE INDEX IF NOT EXISTS i1 ON t (b);");
  const CatalogTable& t = Table(r, "public.t");
  EXPECT_THAT(Indexes(t), ElementsAre("i1", "i2", "i3", "i4"));
  EXPECT_EQ(t.FindIndex("i1")->definition, "(a,b)");
  EXPECT_EQ(t.FindIndex("i2")->definition, "(a,b)");
  EXPECT_EQ(t.FindIndex("i3")->definition, "unique (a,b)");
  EXPECT_TRUE(t.FindIndex("i4")->partial);
  EXPECT_NE(t.FindIndex("i4")->definition, t.FindIndex("i1")->definition);
  EXPECT_THAT(t.FindIndex("i4")->columns, ElementsAre("a", "b"));
}

TEST(CatalogTest, IfNotExistsChangesNothing) {
  Replayed r("CREATE TABLE t (a int);");
  r.Run("CREATE TABLE IF NOT EXISTS t (a int, b int);");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4"));
  EXPECT_EQ(Table(r, "public.t").origin.migration, 1);
}

TEST(CatalogTest, Drops) {
  Replayed r("CREATE SCHEMA app; CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id serial, p int REFERENCES p); CREATE INDEX ti ON t (p);"
             "CREATE VIEW v AS SELECT 1; CREATE MATERIALIZED VIEW m AS SELECT 1 AS x; CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN d AS int;"
             "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'; CREATE SEQUENCE s; CREATE TABLE app.x (a int); CREATE TYPE app.y AS ENUM ('q');");
  EXPECT_EQ(Table(r, "public.v").type, sql::ObjectType::kView);
  EXPECT_EQ(Table(r, "public.m").type, sql::ObjectType::kMaterializedView);
  EXPECT_NE(r.catalog.FindFunction({{}, "f", {}}), nullptr);
  r.Run("DROP VIEW v; DROP MATERIALIZED VIEW m; DROP TYPE e; DROP DOMAIN d; DROP FUNCTION f(); DROP SEQUENCE s; DROP INDEX ti; DROP TABLE p CASCADE;");
  EXPECT_EQ(r.catalog.FindTable("public.v"), nullptr);
  EXPECT_EQ(r.catalog.FindTable("public.m"), nullptr);
  EXPECT_EQ(r.catalog.FindTable("public.p"), nullptr);
  EXPECT_EQ(r.catalog.FindType({{}, "e", {}}), nullptr);
  EXPECT_EQ(r.catalog.FindType({{}, "d", {}}), nullptr);
  EXPECT_EQ(r.catalog.FindFunction({{}, "f", {}}), nullptr);
  EXPECT_FALSE(r.catalog.HasSequence({{}, "s", {}}));
  EXPECT_THAT(Constraints(Table(r, "public.t")), IsEmpty());  // its foreign key fell with p
  EXPECT_THAT(Indexes(Table(r, "public.t")), IsEmpty());
  EXPECT_TRUE(r.catalog.HasSequence({{}, "t_id_seq", {}}));
  r.Run("DROP TABLE t; DROP SCHEMA app CASCADE;");
  EXPECT_FALSE(r.catalog.HasSequence({{}, "t_id_seq", {}}));
  EXPECT_EQ(r.catalog.FindTable("app.x"), nullptr);
  EXPECT_EQ(r.catalog.FindType({"app", "y", {}}), nullptr);
  EXPECT_FALSE(r.catalog.HasSchema("app"));
  EXPECT_TRUE(r.catalog.tables().empty());
}

TEST(CatalogTest, Renames) {
  Replayed r("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int, b int REFERENCES p, CHECK (a IS NOT NULL)); CREATE INDEX i ON t (a);"
             "CREATE TYPE mood AS ENUM ('x'); ALTER TABLE t ADD m mood;");
  r.Run("ALTER TABLE p RENAME TO parents; ALTER TABLE t RENAME a TO a2; ALTER INDEX i RENAME TO i2; ALTER TABLE parents RENAME CONSTRAINT p_pkey TO pk;"
        "ALTER TYPE mood RENAME TO feeling; ALTER TABLE t RENAME TO things;");
  const CatalogTable& t = Table(r, "public.things");
  EXPECT_THAT(Columns(t), ElementsAre("a2 int4", "b int4", "m feeling"));
  EXPECT_EQ(t.FindConstraint("t_b_fkey")->referenced, "public.parents");
  EXPECT_EQ(t.FindConstraint("t_a_check")->not_null_column, "a2");
  EXPECT_THAT(Indexes(t), ElementsAre("i2"));
  EXPECT_THAT(t.indexes[0].columns, ElementsAre("a2"));
  EXPECT_EQ(r.catalog.FindIndex({{}, "i2", {}}, nullptr), &t);
  EXPECT_EQ(r.catalog.FindIndex({{}, "i", {}}, nullptr), nullptr);
  EXPECT_THAT(Indexes(Table(r, "public.parents")), ElementsAre("pk"));
  EXPECT_EQ(r.catalog.FindTable("public.t"), nullptr);
  EXPECT_NE(r.catalog.FindType({{}, "feeling", {}}), nullptr);
}

TEST(CatalogTest, SchemasAndSearchPath) {
  Replayed r("CREATE SCHEMA app CREATE TABLE inner_t (a int) CREATE VIEW inner_v AS SELECT 1; CREATE TABLE t (a int); SET search_path TO app, public; CREATE TABLE t (b int);"
             "CREATE INDEX ti ON t (b); ALTER TABLE inner_t ADD c int;");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4"));
  EXPECT_THAT(Columns(Table(r, "app.t")), ElementsAre("b int4"));
  EXPECT_THAT(Columns(Table(r, "app.inner_t")), ElementsAre("a int4", "c int4"));
  EXPECT_EQ(Table(r, "app.inner_v").type, sql::ObjectType::kView);
  EXPECT_EQ(r.catalog.Resolve({{}, "t", {}}), "app.t");
  EXPECT_EQ(r.catalog.Resolve({{}, "never_seen", {}}), "app.never_seen");
  EXPECT_EQ(r.catalog.Resolve({"x", "y", {}}), "x.y");
  EXPECT_TRUE(r.catalog.HasSchema("app"));
  r.Run("RESET search_path; ALTER TABLE t SET SCHEMA arch; ALTER SCHEMA app RENAME TO apps;");
  EXPECT_THAT(Columns(Table(r, "arch.t")), ElementsAre("a int4"));
  EXPECT_THAT(Indexes(Table(r, "apps.t")), ElementsAre("ti"));
  EXPECT_EQ(r.catalog.FindIndex({"apps", "ti", {}}, nullptr), r.catalog.FindTable("apps.t"));
  r.Run("SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE public.u (a int);");
  EXPECT_NE(r.catalog.FindTable({{}, "u", {}}), nullptr);
}

TEST(CatalogTest, SetLocalEndsWithItsTransaction) {
  Replayed r("BEGIN; SET LOCAL search_path TO app; CREATE TABLE a (x int); COMMIT; CREATE TABLE b (x int);");
  EXPECT_NE(r.catalog.FindTable("app.a"), nullptr);
  EXPECT_NE(r.catalog.FindTable("public.b"), nullptr);
  r.Run("SET LOCAL search_path TO app; CREATE TABLE c (x int);");
  r.Run("CREATE TABLE d (x int);");
  EXPECT_NE(r.catalog.FindTable("app.c"), nullptr);
  EXPECT_NE(r.catalog.FindTable("public.d"), nullptr);
}

TEST(CatalogTest, TemporaryTablesEndWithTheirScript) {
  Replayed r;
  r.Run("CREATE TABLE t (a int);");
  r.Run("CREATE TEMP TABLE t (b int); CREATE INDEX ON t (b); ALTER TABLE t ADD c int;");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4"));
  EXPECT_THAT(Indexes(Table(r, "public.t")), IsEmpty());
  EXPECT_EQ(r.catalog.tables().size(), 1u);
}

TEST(CatalogTest, Partitions) {
  Replayed r("CREATE TABLE p (id int NOT NULL, at date, PRIMARY KEY (id, at), CONSTRAINT pos CHECK (id > 0)) PARTITION BY RANGE (at);"
             "CREATE INDEX ON p (at);"
             "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
             "CREATE TABLE pd PARTITION OF p DEFAULT; CREATE TABLE c (id int NOT NULL, at date NOT NULL);");
  EXPECT_EQ(Table(r, "public.p").partition_strategy, 'r');
  EXPECT_TRUE(Table(r, "public.p").has_default_partition);
  EXPECT_TRUE(Table(r, "public.pd").default_partition);
  const CatalogTable& p1 = Table(r, "public.p1");
  EXPECT_EQ(p1.partition_of, "public.p");
  EXPECT_THAT(Columns(p1), ElementsAre("id int4 !", "at date !"));
  EXPECT_THAT(Indexes(p1), ElementsAre("p1_pkey", "p1_at_idx"));
  EXPECT_THAT(Constraints(p1), UnorderedElementsAre("p1_pkey", "pos"));
  r.Run("ALTER TABLE p ATTACH PARTITION c FOR VALUES FROM ('2025-01-01') TO ('2026-01-01'); ALTER TABLE p ADD COLUMN x int; CREATE INDEX ON p (x);");
  EXPECT_THAT(Indexes(Table(r, "public.c")), ElementsAre("c_pkey", "c_at_idx", "c_x_idx"));
  EXPECT_NE(Table(r, "public.p1").FindColumn("x"), nullptr);
  EXPECT_EQ(r.catalog.Descendants("public.p").size(), 3u);
  r.Run("ALTER TABLE p DETACH PARTITION pd; ALTER TABLE ONLY p ALTER x SET DEFAULT 1; CREATE INDEX only_p ON ONLY p (id);");
  EXPECT_FALSE(Table(r, "public.p").has_default_partition);
  EXPECT_FALSE(Table(r, "public.p1").FindColumn("x")->has_default);
  EXPECT_EQ(Table(r, "public.p1").indexes.size(), 3u);
  r.Run("DROP TABLE p;");
  EXPECT_EQ(r.catalog.FindTable("public.p1"), nullptr);
  EXPECT_NE(r.catalog.FindTable("public.pd"), nullptr);
}

TEST(CatalogTest, InheritanceLikeAndQueries) {
  Replayed r("CREATE TABLE a (x int NOT NULL DEFAULT 1, y text, CHECK (x > 0)); CREATE INDEX ON a (y);"
             "CREATE TABLE child (z int) INHERITS (a); CREATE TABLE l (LIKE a); CREATE TABLE la (LIKE a INCLUDING ALL, w int);"
             "CREATE TABLE q AS SELECT * FROM a; SELECT * INTO q2 FROM a; CREATE TABLE q3 AS SELECT 1 AS x WITH NO DATA; CREATE TABLE lu (LIKE unknown_table);");
  EXPECT_THAT(Columns(Table(r, "public.child")), ElementsAre("x int4 ! d b", "y text", "z int4"));
  EXPECT_THAT(Constraints(Table(r, "public.child")), ElementsAre("a_x_check"));
  EXPECT_THAT(Columns(Table(r, "public.l")), ElementsAre("x int4 !", "y text"));
  EXPECT_THAT(Columns(Table(r, "public.la")), ElementsAre("x int4 ! d b", "y text", "w int4"));
  EXPECT_THAT(Indexes(Table(r, "public.la")), ElementsAre("la_y_idx"));
  EXPECT_FALSE(Table(r, "public.q").complete);
  EXPECT_TRUE(Table(r, "public.q").has_rows);
  EXPECT_TRUE(Table(r, "public.q2").has_rows);
  EXPECT_FALSE(Table(r, "public.q3").has_rows);
  EXPECT_FALSE(Table(r, "public.lu").complete);
  r.Run("ALTER TABLE a ADD COLUMN n int;");
  EXPECT_NE(Table(r, "public.child").FindColumn("n"), nullptr);
}

TEST(CatalogTest, TypesAndFunctions) {
  Replayed r("CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok'; ALTER TYPE mood ADD VALUE 'happy';"
             "ALTER TYPE old_enum ADD VALUE 'x'; CREATE DOMAIN d1 AS varchar(9); CREATE DOMAIN d2 AS int CHECK (VALUE > 0); CREATE DOMAIN d3 AS int;"
             "ALTER DOMAIN d3 SET NOT NULL; CREATE TYPE pair AS (a int, b int);"
             "CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'select 1'; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'select 1';");
  const CatalogType* mood = r.catalog.FindType({{}, "mood", {}});
  EXPECT_THAT(mood->values, ElementsAre("sad", "meh", "ok", "happy"));
  ASSERT_EQ(mood->added_values.size(), 2u);
  EXPECT_EQ(mood->added_values[1].first, "happy");
  EXPECT_EQ(mood->added_values[1].second.migration, 1);
  EXPECT_EQ(r.catalog.FindType({{}, "old_enum", {}})->origin.migration, -1);
  EXPECT_EQ(r.catalog.FindType({{}, "d1", {}})->base, "varchar(9)");
  EXPECT_FALSE(r.catalog.FindType({{}, "d1", {}})->constrained);
  EXPECT_TRUE(r.catalog.FindType({{}, "d2", {}})->constrained);
  EXPECT_TRUE(r.catalog.FindType({{}, "d3", {}})->constrained);
  EXPECT_EQ(r.catalog.FindType({{}, "pair", {}})->kind, 'c');
  EXPECT_EQ(r.catalog.FindFunction({{}, "f", {}})->volatility, 'i');
  EXPECT_EQ(r.catalog.FindFunction({{}, "g", {}})->volatility, 'v');
  EXPECT_EQ(r.catalog.FindFunction({{}, "f", {}})->statement, nullptr);  // its script is gone
  r.Run("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';");
  EXPECT_THAT(r.catalog.FindType({{}, "mood", {}})->values, ElementsAre("sad", "meh", "fine", "happy"));
}

TEST(CatalogTest, RowsAndBackfills) {
  Replayed r("CREATE TABLE t (a int, b int); CREATE TABLE u (a int); CREATE TABLE w (a int);");
  EXPECT_FALSE(Table(r, "public.t").has_rows);
  r.Run("INSERT INTO t (a) VALUES (1); WITH x AS (INSERT INTO u VALUES (1) RETURNING a) SELECT * FROM x;");
  EXPECT_TRUE(Table(r, "public.t").has_rows);
  EXPECT_TRUE(Table(r, "public.u").has_rows);
  EXPECT_FALSE(Table(r, "public.w").has_rows);
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4 b", "b int4"));
  r.Run("ALTER TABLE t ADD c int, ADD d int, ADD e int DEFAULT 1; UPDATE t SET c = NULL; UPDATE t SET d = 4; INSERT INTO t (b) VALUES (2);");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4 b", "b int4", "c int4", "d int4 b", "e int4 d b"));
  r.Run("TRUNCATE t; DELETE FROM u;");
  EXPECT_FALSE(Table(r, "public.t").has_rows);
  EXPECT_FALSE(Table(r, "public.u").has_rows);
  r.Run("COPY u (a) FROM stdin;\n1\n\\.\n");
  EXPECT_TRUE(Table(r, "public.u").has_rows);
}

TEST(CatalogTest, DoBlocksAreReplayedByTheirStatements) {
  Replayed r("DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN CREATE TABLE t (a int); END IF; ALTER TABLE t ADD b int; END $$;");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4", "b int4"));
  // What may not run does not replace what is known.
  r.Run("DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN CREATE TABLE t (z int); END IF; END $$;");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("a int4", "b int4"));
}

TEST(CatalogTest, OnePrimaryKey) {
  Replayed r("CREATE TABLE t (a int PRIMARY KEY, b int); DO $$ BEGIN IF true THEN ALTER TABLE t ADD PRIMARY KEY (b); END IF; END $$;");
  EXPECT_THAT(Constraints(Table(r, "public.t")), ElementsAre("t_pkey"));
  EXPECT_THAT(Indexes(Table(r, "public.t")), ElementsAre("t_pkey"));
  r.Run("CREATE UNIQUE INDEX u ON t (a); ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY USING INDEX u;");
  EXPECT_THAT(Indexes(Table(r, "public.t")), ElementsAre("u"));
}

TEST(CatalogTest, AlterTableOfASequenceOrIndexMakesNoTable) {
  Replayed r("CREATE TABLE t (a serial); CREATE INDEX i ON t (a); ALTER TABLE t_a_seq OWNER TO bob; ALTER TABLE i SET TABLESPACE fast; ALTER INDEX i RENAME TO i2;");
  EXPECT_EQ(r.catalog.tables().size(), 1u);
}

TEST(CatalogTest, BrokenHistoriesDoNotLoop) {
  Replayed r("ALTER TABLE a ATTACH PARTITION b DEFAULT; ALTER TABLE b ATTACH PARTITION a DEFAULT; ALTER TABLE a ADD x int; ALTER TABLE a INHERIT a; DROP TABLE a;");
  EXPECT_EQ(r.catalog.FindTable("public.a"), nullptr);
}

TEST(CatalogTest, ReferencedBy) {
  Replayed r("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE b (p int REFERENCES p, q int REFERENCES p); CREATE TABLE a (p int REFERENCES p);");
  std::vector<std::string> keys;
  for (const CatalogTable* t : r.catalog.ReferencedBy("public.p")) keys.push_back(t->key);
  EXPECT_THAT(keys, ElementsAre("public.a", "public.b"));
  EXPECT_THAT(r.catalog.ReferencedBy("public.a"), IsEmpty());
}

TEST(CatalogTest, WhatHangsOnTables) {
  const Replayed r(
      "CREATE TABLE t (a int, b text COLLATE \"C\", g int GENERATED ALWAYS AS (a) VIRTUAL);"
      "CREATE VIEW v AS WITH x AS (SELECT a FROM t) SELECT a FROM x; CREATE VIEW w AS SELECT * FROM v; CREATE MATERIALIZED VIEW m AS SELECT b FROM t;"
      "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TRIGGER x ON t RENAME TO y; CREATE POLICY p ON t USING (true);"
      "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING; CREATE STATISTICS s ON a, b FROM t; CREATE PUBLICATION pub FOR TABLE t;"
      "CREATE SEQUENCE q OWNED BY t.a; ALTER TABLE t ALTER a SET DEFAULT nextval('q'); ALTER TABLE t OWNER TO bob; ALTER TABLE t SET TABLESPACE fast;"
      "SET TIME ZONE 'UTC';");
  const CatalogTable& t = Table(r, "public.t");
  EXPECT_EQ(t.FindColumn("b")->collation, "C");
  EXPECT_TRUE(t.FindColumn("g")->virtual_);
  EXPECT_EQ(t.FindColumn("a")->sequence, "public.q");
  ASSERT_EQ(t.triggers.size(), 1u);
  EXPECT_EQ(t.triggers[0].name, "y");
  EXPECT_EQ(t.triggers[0].function, "public.f");
  EXPECT_THAT(t.policies, ElementsAre("p"));
  ASSERT_EQ(t.rules.size(), 1u);
  EXPECT_EQ(t.rules[0].name, "r");
  EXPECT_EQ(t.rules[0].event, sql::kOnDelete);
  EXPECT_TRUE(t.rules[0].instead);
  EXPECT_EQ(t.triggers[0].events, sql::kOnInsert);
  EXPECT_EQ(t.triggers[0].timing, 'b');
  EXPECT_EQ(t.owner, "bob");
  EXPECT_EQ(t.tablespace, "fast");
  EXPECT_EQ(r.catalog.StatisticsTable({{}, "s", {}}), "public.t");
  EXPECT_EQ(r.catalog.SequenceOwner("public.q"), "public.t");
  ASSERT_NE(r.catalog.FindPublication("pub"), nullptr);
  EXPECT_THAT(*r.catalog.FindPublication("pub"), ElementsAre("public.t"));
  EXPECT_TRUE(r.catalog.IsUtc());
  const auto keys = [&](std::string_view column) {
    std::vector<std::string> v;
    for (const CatalogTable* d : r.catalog.Dependents("public.t", column)) v.push_back(d->key);
    return v;
  };
  EXPECT_THAT(keys({}), ElementsAre("public.m", "public.v", "public.w"));
  EXPECT_THAT(keys("a"), ElementsAre("public.v", "public.w"));
  EXPECT_THAT(keys("b"), ElementsAre("public.m"));

  const Replayed dropped("CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT b FROM t; ALTER TABLE t DROP COLUMN a CASCADE;");
  EXPECT_EQ(dropped.catalog.FindTable("public.v"), nullptr);
  EXPECT_NE(dropped.catalog.FindTable("public.w"), nullptr);
}

// What follows was found by comparing the catalogue with servers' after whole histories (tools/proof_catalogue.sh).

TEST(CatalogTest, ASequenceGoesWithTheColumnThatOwnsItWhateverItIsCalled) {
  Replayed r("CREATE TABLE t (id serial, other serial, n int GENERATED ALWAYS AS IDENTITY); ALTER TABLE t RENAME TO old; CREATE TABLE t (id serial);");
  EXPECT_TRUE(r.catalog.HasSequence({{}, "t_id_seq1", {}}));
  EXPECT_EQ(r.catalog.SequenceOwner("public.t_id_seq"), "public.old");
  r.Run("ALTER TABLE old ALTER COLUMN n DROP IDENTITY, DROP COLUMN other;");
  EXPECT_FALSE(r.catalog.HasSequence({{}, "t_n_seq", {}}));
  EXPECT_FALSE(r.catalog.HasSequence({{}, "t_other_seq", {}}));
  r.Run("DROP TABLE old;");
  EXPECT_FALSE(r.catalog.HasSequence({{}, "t_id_seq", {}}));
  EXPECT_TRUE(r.catalog.HasSequence({{}, "t_id_seq1", {}}));
  r.Run("ALTER SEQUENCE t_id_seq1 RENAME TO s; DROP TABLE t;");
  EXPECT_FALSE(r.catalog.HasSequence({{}, "s", {}}));
}

TEST(CatalogTest, ASequenceThatNobodyOwnsStays) {
  Replayed r("CREATE SEQUENCE t_id_seq; CREATE TABLE t (id int DEFAULT nextval('t_id_seq')); DROP TABLE t;");
  EXPECT_TRUE(r.catalog.HasSequence({{}, "t_id_seq", {}}));
}

TEST(CatalogTest, TwoKeysOnTheSameColumnsAreOne) {
  Replayed r("CREATE TABLE t (id int UNIQUE PRIMARY KEY, a int, b int, UNIQUE (a, b), UNIQUE (b, a), CONSTRAINT again UNIQUE (a, b));");
  EXPECT_THAT(Constraints(Table(r, "public.t")), UnorderedElementsAre("t_pkey", "t_a_b_key", "t_b_a_key"));
  EXPECT_THAT(Indexes(Table(r, "public.t")), UnorderedElementsAre("t_pkey", "t_a_b_key", "t_b_a_key"));
}

TEST(CatalogTest, CascadeTakesForeignKeysColumnsAndViewsAlong) {
  Replayed r("CREATE TABLE p (id int PRIMARY KEY, x int UNIQUE); CREATE TABLE c (p int REFERENCES p, x int REFERENCES p (x)); ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE;");
  EXPECT_THAT(Constraints(Table(r, "public.c")), ElementsAre("c_x_fkey"));
  r.Run("ALTER TABLE p DROP COLUMN x CASCADE;");
  EXPECT_THAT(Constraints(Table(r, "public.c")), IsEmpty());
  r.Run("CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE m (id int, a mood, b mood[]); DROP TYPE mood CASCADE;");
  EXPECT_THAT(Columns(Table(r, "public.m")), ElementsAre("id int4"));
  r.Run("CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE VIEW v AS SELECT a FROM s.t; DROP SCHEMA s CASCADE;");
  EXPECT_EQ(r.catalog.FindTable("public.v"), nullptr);
}

TEST(CatalogTest, RenamesReachTriggersAndArrays) {
  Replayed r("CREATE TYPE a AS ENUM ('x'); CREATE TABLE t (c a, d a[]); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS ''; CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f();"
             "ALTER TYPE a RENAME TO b; ALTER FUNCTION f() RENAME TO h;");
  EXPECT_THAT(Columns(Table(r, "public.t")), ElementsAre("c b", "d b[]"));
  r.Run("DROP FUNCTION h() CASCADE;");
  EXPECT_TRUE(Table(r, "public.t").triggers.empty());
}

TEST(CatalogTest, ExclusionConstraintsAreNamedByTheirColumns) {
  Replayed r("CREATE TABLE t (id int, during tsrange, EXCLUDE USING gist (id WITH =, during WITH &&));");
  EXPECT_THAT(Constraints(Table(r, "public.t")), ElementsAre("t_id_during_excl"));
}

TEST(CatalogTest, AlterConstraintChangesDeferrable) {
  Replayed r("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int CONSTRAINT k REFERENCES p DEFERRABLE INITIALLY DEFERRED);");
  EXPECT_TRUE(Table(r, "public.c").FindConstraint("k")->deferrable);
  EXPECT_TRUE(Table(r, "public.c").FindConstraint("k")->deferred);
  r.Run("ALTER TABLE c ALTER CONSTRAINT k NOT DEFERRABLE;");
  EXPECT_FALSE(Table(r, "public.c").FindConstraint("k")->deferrable);
  EXPECT_FALSE(Table(r, "public.c").FindConstraint("k")->deferred);
}

TEST(CatalogTest, DescendantsFollowRenamesAndDetachment) {
  Replayed r("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (a);"
             "CREATE TABLE p1x PARTITION OF p1 FOR VALUES IN (1); CREATE TABLE rest PARTITION OF p DEFAULT; CREATE TABLE child () INHERITS (p1x);");
  const auto keys = [&](std::string_view of) {
    std::vector<std::string> v;
    for (const CatalogTable* t : r.catalog.Descendants(of)) v.push_back(t->key);
    return v;
  };
  EXPECT_THAT(keys("public.p"), ElementsAre("public.child", "public.p1", "public.p1x", "public.p2", "public.rest"));
  EXPECT_EQ(r.catalog.DefaultPartition("public.p"), r.catalog.FindTable("public.rest"));
  r.Run("ALTER TABLE p2 RENAME TO a2; ALTER TABLE p RENAME TO q; ALTER TABLE q DETACH PARTITION p1; ALTER TABLE q DETACH PARTITION rest;");
  EXPECT_THAT(keys("public.q"), ElementsAre("public.a2"));
  EXPECT_THAT(keys("public.p1"), ElementsAre("public.child", "public.p1x"));
  EXPECT_EQ(r.catalog.DefaultPartition("public.q"), nullptr);
  r.Run("ALTER TABLE q ATTACH PARTITION p1 FOR VALUES IN (1); ALTER TABLE q ATTACH PARTITION rest DEFAULT; DROP TABLE a2;");
  EXPECT_THAT(keys("public.q"), ElementsAre("public.child", "public.p1", "public.p1x", "public.rest"));
  EXPECT_EQ(r.catalog.DefaultPartition("public.q"), r.catalog.FindTable("public.rest"));
  EXPECT_GE(r.catalog.MostChildren("public.q"), 2u);
}

TEST(CatalogTest, DependentsFollowWhatTheyStandOn) {
  Replayed r("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int DEFAULT f(), b int, CONSTRAINT k CHECK (b > f())); CREATE INDEX i ON t ((b + f()));"
             "CREATE POLICY p ON t USING (a > 1); CREATE PUBLICATION pub FOR TABLE t (b); CREATE TRIGGER g BEFORE UPDATE OF b ON t EXECUTE FUNCTION h();");
  const auto of = [&] {
    std::vector<std::string> v;
    for (const CatalogDependent& d : r.catalog.dependents()) v.push_back(absl::StrCat(d.table, " ", d.name, "(", absl::StrJoin(d.columns, ","), ")", absl::StrJoin(d.functions, ",")));
    std::sort(v.begin(), v.end());
    return v;
  };
  EXPECT_THAT(of(), ElementsAre("public.t a()public.f", "public.t g(b)", "public.t i()public.f", "public.t k()public.f", "public.t p(a)", "public.t pub(b)"));
  r.Run("ALTER TABLE t RENAME COLUMN a TO x; ALTER TABLE t RENAME TO u; ALTER FUNCTION f() RENAME TO e; ALTER INDEX i RENAME TO j; ALTER TABLE u RENAME CONSTRAINT k TO l; ALTER POLICY p ON u RENAME TO q;");
  EXPECT_THAT(of(), ElementsAre("public.u g(b)", "public.u j()public.e", "public.u l()public.e", "public.u pub(b)", "public.u q(x)", "public.u x()public.e"));
  r.Run("ALTER TABLE u ALTER x SET DEFAULT 7; DROP INDEX j; ALTER TABLE u DROP CONSTRAINT l; DROP POLICY q ON u; DROP PUBLICATION pub;");
  EXPECT_THAT(of(), ElementsAre("public.u g(b)"));
  r.Run("DROP TABLE u;");
  EXPECT_THAT(of(), IsEmpty());
}

TEST(CatalogTest, DropIndexCascadeTakesForeignKeys) {
  Replayed r("CREATE TABLE a (n int); CREATE UNIQUE INDEX i ON a (n); CREATE TABLE b (n int CONSTRAINT k REFERENCES a (n)); DROP INDEX i CASCADE;");
  EXPECT_EQ(Table(r, "public.b").FindConstraint("k"), nullptr);
}

}  // namespace
}  // namespace pawl
