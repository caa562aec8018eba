#include "gtest/gtest.h"
#include "migrations/layout/flyway_statements.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(FlywayTest, VersionsUndosAndRepeatables) {
  EXPECT_EQ(Show(Sets({{{"V1__a.sql", "A;"}, {"V1.10__c.sql", "C;"}, {"V1_2__b.sql", "B;"}, {"U1__a.sql", "a;"}, {"R__views.sql", "R;"}, {"V2024_01_01__d.sql", "D;"}}})),
            "flyway ordered has-downs\n"
            "[1] a up=V1__a.sql(file)<A;> down=U1__a.sql(file)<a;>\n"
            "[1.2] b up=V1_2__b.sql(file)<B;>\n"
            "[1.10] c up=V1.10__c.sql(file)<C;>\n"
            "[2024.01.01] d up=V2024_01_01__d.sql(file)<D;>\n"
            "[] views repeatable up=R__views.sql(file)<R;>\n");
}

TEST(FlywayTest, RepeatablesDoNotCountForDowns) {
  EXPECT_TRUE(Sets({{{"V1__a.sql", "A;"}, {"U1__a.sql", "a;"}, {"R__1.sql", "A;"}, {"R__2.sql", "A;"}, {"R__3.sql", "A;"}, {"R__4.sql", "A;"}, {"R__5.sql", "A;"}}})[0].has_downs);
  EXPECT_FALSE(Sets({{{"V1__a.sql", "A;"}, {"V2__a.sql", "A;"}}})[0].has_downs);
}

TEST(FlywayTest, BaselineStandsAloneOrAside) {
  EXPECT_EQ(Show(Sets({{{"B2__base.sql", "A;"}, {"V3__c.sql", "C;"}}})),
            "flyway ordered\n[2] base up=B2__base.sql(file)<A;>\n[3] c up=V3__c.sql(file)<C;>\n");
  EXPECT_EQ(Show(Sets({{{"B2__base.sql", "A;"}, {"V1__a.sql", "A;"}, {"V2__b.sql", "B;"}}})),
            "flyway ordered\n[1] a up=V1__a.sql(file)<A;>\n[2] b up=V2__b.sql(file)<B;>\n"
            "plain partial\n[] B2__base up=B2__base.sql(statement)<A;>\n");
}

TEST(FlywayTest, NonTransactionalStatementsAlone) {
  EXPECT_EQ(Show(Sets({{{"V1__a.sql", "-- why\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (x);\nvacuum t;"}}})),
            "flyway ordered\n[1] a up=V1__a.sql(statement)<-- why\\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (x);\\nvacuum t;>\n");
  EXPECT_EQ(Show(Sets({{{"V1__a.sql", "SET lock_timeout = '1s'; CREATE INDEX CONCURRENTLY i ON t (x);"}}})),
            "flyway ordered\n[1] a up=V1__a.sql(file)<SET lock_timeout = '1s'; CREATE INDEX CONCURRENTLY i ON t (x);>\n");
}

TEST(FlywayTest, ScriptConfiguration) {
  EXPECT_EQ(Show(Sets({{{"V1__a.sql", "A;"}, {"V2__b.sql", "B;"}}, {}, {{"V1__a.sql.conf", "# off\nexecuteInTransaction=false\n"}, {"V2__b.sql.conf", "executeInTransaction=true\n"}}})),
            "flyway ordered\n[1] a up=V1__a.sql(statement)<A;>\n[2] b up=V2__b.sql(file)<B;>\n");
}

TEST(FlywayTest, CallbacksRunEveryTime) {
  EXPECT_EQ(Show(Sets({{{"V1__a.sql", "A;"}, {"afterMigrate__grants.sql", "G;"}, {"aftermath.sql", "X;"}}})),
            "flyway ordered\n[1] a up=V1__a.sql(file)<A;>\n[] afterMigrate__grants repeatable up=afterMigrate__grants.sql(file)<G;>\n"
            "plain partial\n[] aftermath up=aftermath.sql(statement)<X;>\n");
}

TEST(FlywayTest, Subfolders) {
  EXPECT_EQ(Show(Sets({{{"1.0/V1__a.sql", "A;"}, {"2.0/V2__b.sql", "B;"}}})),
            "flyway ordered\n[1] a up=1.0/V1__a.sql(file)<A;>\n[2] b up=2.0/V2__b.sql(file)<B;>\n");
}

TEST(FlywayTest, EmptyPrefix) {
  EXPECT_EQ(Show(Sets({{{"20220803121537__premises.sql", "A;"}, {"R__x.sql", "B;"}}})),
            "flyway ordered\n[20220803121537] premises up=20220803121537__premises.sql(file)<A;>\n[] x repeatable up=R__x.sql(file)<B;>\n");
}

TEST(FlywayTest, Strays) {
  EXPECT_EQ(Show(Sets({{{"V1__a.sql", "A;"}, {"V2__b.sql", "B;"}, {"V3_c.sql", "C;"}, {"v4__d.sql", "D;"}, {"5__e.sql", "E;"}, {"V6a__f.sql", "F;"}, {"V7__g.sql", "G;"}, {"views.sql", "V;"}}})),
            "flyway ordered\n[1] a up=V1__a.sql(file)<A;>\n[2] b up=V2__b.sql(file)<B;>\n[7] g up=V7__g.sql(file)<G;>\n"
            "stray 5__e.sql: does not match V1__name.sql: the prefix `V` is missing\n"
            "stray V3_c.sql: does not match V1__name.sql: two underscores must stand behind the version\n"
            "stray V6a__f.sql: does not match V1__name.sql: the version may hold only digits, dots and underscores\n"
            "stray v4__d.sql: does not match V1__name.sql: the prefix must be a capital letter\n"
            "plain partial\n[] views up=views.sql(statement)<V;>\n");
}

TEST(FlywayStatementsTest, ScannerSeesThroughQuotesAndComments) {
  EXPECT_TRUE(HasOnlyNonTransactionalStatements("/* a; /* b; */ */ REINDEX (VERBOSE) SCHEMA s"));
  EXPECT_TRUE(HasOnlyNonTransactionalStatements("REINDEX VERBOSE DATABASE \"a;b\"; ALTER SYSTEM SET x = 'y;z';;"));
  EXPECT_TRUE(HasOnlyNonTransactionalStatements("CREATE DATABASE a; DROP SUBSCRIPTION b; DISCARD ALL; CREATE TABLESPACE c LOCATION '/x'"));
  EXPECT_FALSE(HasOnlyNonTransactionalStatements("REINDEX TABLE CONCURRENTLY t"));  // Flyway does not know this one
  EXPECT_FALSE(HasOnlyNonTransactionalStatements("SELECT $a$ ; VACUUM $a$; VACUUM"));
  EXPECT_FALSE(HasOnlyNonTransactionalStatements("VACUUM; SELECT 'unterminated; VACUUM"));
  EXPECT_FALSE(HasOnlyNonTransactionalStatements(""));
  EXPECT_FALSE(HasOnlyNonTransactionalStatements("-- VACUUM;"));
  EXPECT_FALSE(HasOnlyNonTransactionalStatements("/* never closed"));
}

}  // namespace
}  // namespace pawl
