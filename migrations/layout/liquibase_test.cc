#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(LiquibaseTest, EachChangesetIsAMigration) {
  EXPECT_EQ(Show(Sets({{{"a.sql",
                         "--liquibase formatted sql\n"
                         "--changeset ann:1\nA;\n--rollback a1;\n--rollback a2;\n\n"
                         "-- changeset bob:2 runInTransaction:false\nB;\n"}}})),
            "liquibase ordered has-downs\n"
            "[a.sql::1::ann] 1 up=a.sql(file)<A;\\n--rollback a1;\\n--rollback a2;\\n\\n> down=a.sql(file,commented)<--rollback a1;\\n--rollback a2;\\n>\n"
            "[a.sql::2::bob] 2 up=a.sql(statement)<B;\\n>\n");
}

TEST(LiquibaseTest, AttributesOfTheTransaction) {
  EXPECT_EQ(Show(Sets({{{"a.sql", "--liquibase formatted sql\n--changeset ann:1 splitStatements:false runInTransaction:false\nA;\n"}}})),
            "liquibase ordered\n[a.sql::1::ann] 1 up=a.sql(simple-query)<A;\\n>\n");
}

TEST(LiquibaseTest, OtherDatabasesChangesetsAreLeftOut) {
  EXPECT_EQ(Show(Sets({{{"a.sql",
                         "--liquibase formatted sql\n--changeset a:1 dbms:mysql\nM;\n--changeset a:2 dbms:h2,postgresql\nP;\n"
                         "--changeset a:3 dbms:!oracle\nQ;\n--changeset a:4 dbms:!postgresql\nR;\n"}}})),
            "liquibase ordered\n[a.sql::2::a] 2 up=a.sql(file)<P;\\n>\n[a.sql::3::a] 3 up=a.sql(file)<Q;\\n>\n");
}

TEST(LiquibaseTest, RollbackNotRequiredAndRunOnChange) {
  EXPECT_EQ(Show(Sets({{{"a.sql",
                         "--liquibase formatted sql\n--changeset a:1\nA;\n--rollback not required\n--changeset a:2\nB;\n--rollback b;\n"
                         "--changeset a:3 runOnChange:true\nC;\n"}}})),
            "liquibase ordered has-downs\n"
            "[a.sql::1::a] 1 irreversible up=a.sql(file)<A;\\n--rollback not required\\n>\n"
            "[a.sql::2::a] 2 up=a.sql(file)<B;\\n--rollback b;\\n> down=a.sql(file,commented)<--rollback b;\\n>\n"
            "[a.sql::3::a] 3 repeatable up=a.sql(file)<C;\\n>\n");
}

TEST(LiquibaseTest, FilesInNaturalOrderAndUnmarkedOnesAside) {
  EXPECT_EQ(Show(Sets({{{"10.sql", "--liquibase formatted sql\n--changeset a:1\nB;\n"}, {"9.sql", "-- liquibase formatted sql\n--changeset a:1\nA;\n"}, {"x.sql", "X;"}}})),
            "liquibase ordered\n[9.sql::1::a] 1 up=9.sql(file)<A;\\n>\n[10.sql::1::a] 1 up=10.sql(file)<B;\\n>\n"
            "plain partial\n[] x up=x.sql(statement)<X;>\n");
}

}  // namespace
}  // namespace pawl
