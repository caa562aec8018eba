#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(GooseTest, UpAndDown) {
  EXPECT_EQ(Show(Sets({{{"00002_b.sql", "-- +goose Up\nB;\n-- +goose Down\nb;\n"}, {"00001_a.sql", "-- +goose Up\n-- +goose StatementBegin\nA;\n-- +goose StatementEnd\n"}}})),
            "goose ordered has-downs\n"
            "[00001] a up=00001_a.sql(file)<-- +goose StatementBegin\\nA;\\n-- +goose StatementEnd\\n>\n"
            "[00002] b up=00002_b.sql(file)<B;\\n> down=00002_b.sql(file)<b;\\n>\n");
}

TEST(GooseTest, NoTransactionIsForBothDirections) {
  EXPECT_EQ(Show(Sets({{{"1_a.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nA;\n-- +goose Down\na;\n"}}})),
            "goose ordered has-downs\n"
            "[1] a up=1_a.sql(statement)<A;\\n> down=1_a.sql(statement)<a;\\n>\n");
}

TEST(GooseTest, EnvironmentSubstitutionStaysInTheText) {
  EXPECT_EQ(Show(Sets({{{"1_a.sql", "-- +goose Up\n-- +goose ENVSUB ON\nSELECT ${X};\n"}}})),
            "goose ordered\n"
            "[1] a up=1_a.sql(file)<-- +goose ENVSUB ON\\nSELECT ${X};\\n>\n");
}

TEST(GooseTest, NumericOrder) {
  const auto sets = Sets({{{"10_a.sql", "-- +goose Up\nA;"}, {"9_b.sql", "-- +goose Up\nB;"}}});
  EXPECT_EQ(sets[0].migrations[0].version, "9");
}

TEST(GooseTest, Strays) {
  EXPECT_EQ(Show(Sets({{{"1_a.sql", "-- +goose Up\nA;"}, {"2_b.sql", "B;\n"}, {"c.sql", "-- +goose Up\nC;"}, {"3_d.sql", "-- +goose NO TRANSACTION\n"}, {"seed.sql", "S;"}}})),
            "goose ordered\n"
            "[1] a up=1_a.sql(file)<A;>\n"
            "stray 2_b.sql: has no `-- +goose Up` line before its first statement: goose refuses it\n"
            "stray 3_d.sql: has neither a `-- +goose Up` nor a `-- +goose Down` line\n"
            "stray c.sql: does not match NNN_name.sql: goose skips files whose name does not begin with a number and an underscore\n"
            "plain partial\n"
            "[] seed up=seed.sql(statement)<S;>\n");
}

TEST(SqlMigrateTest, DirectionsWithTheirOwnTransactionMode) {
  EXPECT_EQ(Show(Sets({{{"2_b.sql", "-- +migrate Up notransaction\nB;\n-- +migrate Down\nb;\n"}, {"10_c.sql", "-- +migrate Up\nC;\n"}}})),
            "sql-migrate ordered has-downs\n"
            "[2_b.sql] b up=2_b.sql(statement)<B;\\n> down=2_b.sql(file)<b;\\n>\n"
            "[10_c.sql] c up=10_c.sql(file)<C;\\n>\n");
}

}  // namespace
}  // namespace pawl
