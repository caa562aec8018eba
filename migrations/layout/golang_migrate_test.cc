#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(GolangMigrateTest, PairsInNumericOrderAsOneSimpleQuery) {
  EXPECT_EQ(Show(Sets({{{"10_c.up.sql", "C;"}, {"9_b.up.sql", "B;"}, {"9_b.down.sql", "b;"}, {"10_c.down.sql", "c;"}}})),
            "golang-migrate ordered has-downs\n"
            "[9] b up=9_b.up.sql(simple-query)<B;> down=9_b.down.sql(simple-query)<b;>\n"
            "[10] c up=10_c.up.sql(simple-query)<C;> down=10_c.down.sql(simple-query)<c;>\n");
}

TEST(GolangMigrateTest, TimestampsWithSeconds) {
  EXPECT_EQ(Show(Sets({{{"20250103145821_pkce.up.sql", "A;"}, {"20250103145821_pkce.down.sql", "a;"}}})),
            "golang-migrate ordered has-downs\n"
            "[20250103145821] pkce up=20250103145821_pkce.up.sql(simple-query)<A;> down=20250103145821_pkce.down.sql(simple-query)<a;>\n");
}

TEST(GolangMigrateTest, MissingDownIsAnOversightWhereOthersHaveOne) {
  const auto sets = Sets({{{"1_a.up.sql", "A;"}, {"1_a.down.sql", "a;"}, {"2_b.up.sql", "B;"}}});
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_TRUE(sets[0].has_downs);
  ASSERT_EQ(sets[0].migrations.size(), 2u);
  EXPECT_FALSE(sets[0].migrations[1].down.has_value());
}

TEST(GolangMigrateTest, OneDownAmongManyUpsIsNoHabit) {
  TestFolder folder;
  for (int i = 10; i < 20; ++i) folder.files.push_back({std::to_string(i) + "_x.up.sql", "A;"});
  EXPECT_FALSE(Sets(folder)[0].has_downs);
  folder.files.push_back({"10_x.down.sql", "a;"});
  EXPECT_FALSE(Sets(folder)[0].has_downs);
  folder.files.push_back({"11_x.down.sql", "a;"});
  EXPECT_TRUE(Sets(folder)[0].has_downs);  // one in five
}

TEST(GolangMigrateTest, OneVersionTwiceStaysTwoMigrations) {
  EXPECT_EQ(Show(Sets({{{"1_a.up.sql", "A;"}, {"1_a.down.sql", "a;"}, {"01_b.up.sql", "B;"}, {"01_b.down.sql", "b;"}}})),
            "golang-migrate ordered has-downs\n"
            "[01] b up=01_b.up.sql(simple-query)<B;> down=01_b.down.sql(simple-query)<b;>\n"
            "[1] a up=1_a.up.sql(simple-query)<A;> down=1_a.down.sql(simple-query)<a;>\n");
}

TEST(GolangMigrateTest, DownOfAnotherNameStillBelongsToItsVersion) {
  EXPECT_EQ(Show(Sets({{{"1_add_users.up.sql", "A;"}, {"1_drop_users.down.sql", "a;"}}})),
            "golang-migrate ordered has-downs\n"
            "[1] add_users up=1_add_users.up.sql(simple-query)<A;> down=1_drop_users.down.sql(simple-query)<a;>\n");
}

TEST(GolangMigrateTest, LoneDownIsAMigrationWithoutUp) {
  const auto sets = Sets({{{"1_a.up.sql", "A;"}, {"1_a.down.sql", "a;"}, {"2_b.down.sql", "b;"}}});
  ASSERT_EQ(sets[0].migrations.size(), 2u);
  EXPECT_FALSE(sets[0].migrations[1].up.has_value());
  EXPECT_EQ(sets[0].migrations[1].file()->path(), "db/2_b.down.sql");
}

TEST(GolangMigrateTest, StraysAreNearMissesAndTheRestIsPlain) {
  EXPECT_EQ(Show(Sets({{{"1_a.up.sql", "A;"}, {"1_a.down.sql", "a;"}, {"2_b.up.sql", "B;"}, {"2_b.down.sql", "b;"}, {"3_c.sql", "C;"},
                        {"add_d.up.sql", "D;"}, {"4_e_up.sql", "E;"}, {"seed.sql", "S;"}, {"schema.sql", "T;"}}})),
            "golang-migrate ordered has-downs\n"
            "[1] a up=1_a.up.sql(simple-query)<A;> down=1_a.down.sql(simple-query)<a;>\n"
            "[2] b up=2_b.up.sql(simple-query)<B;> down=2_b.down.sql(simple-query)<b;>\n"
            "stray 3_c.sql: does not match NNN_name.up.sql: `.up` or `.down` is missing before the extension\n"
            "stray 4_e_up.sql: does not match NNN_name.up.sql: `.up` or `.down` is missing before the extension\n"
            "stray add_d.up.sql: does not match NNN_name.up.sql: the name must begin with a number and an underscore\n"
            "plain partial\n"
            "[] schema up=schema.sql(statement)<T;>\n"
            "[] seed up=seed.sql(statement)<S;>\n");
}

TEST(GolangMigrateTest, IrreversibleNeedsAReason) {
  auto irreversible = [](const std::string& down) {
    return Sets({{{"1_a.up.sql", "A;"}, {"1_a.down.sql", down}}})[0].migrations[0].no_op_down_allowed;
  };
  EXPECT_TRUE(irreversible("-- irreversible: the rows were merged\n"));
  EXPECT_TRUE(irreversible("-- pawl: irreversible -- the rows were merged\n"));
  EXPECT_TRUE(irreversible("/* Irreversible because rows are gone */"));
  EXPECT_FALSE(irreversible("-- irreversible\n"));
  EXPECT_FALSE(irreversible("-- This migration is irreversible.\n"));
  EXPECT_FALSE(irreversible("-- irreversible: \n"));
  EXPECT_FALSE(irreversible("SELECT 'irreversible: the rows were merged';\n"));
}

TEST(GolangMigrateTest, Neo4jDriver) {
  EXPECT_EQ(Show(Sets({{{"1_a.up.cypher", "A;"}, {"1_a.down.cypher", "a;"}}, {}, {}, Engine::kNeo4j})),
            "golang-migrate ordered has-downs\n"
            "[1] a up=1_a.up.cypher(simple-query)<A;> down=1_a.down.cypher(simple-query)<a;>\n");
}

TEST(GolangMigrateTest, AnchorIsTheFirstLineOfCode) {
  const auto sets = Sets({{{"1_a.up.sql", "\xEF\xBB\xBF-- head\r\n\r\n/* more\r\n lines */\r\n  CREATE TABLE t ();\r\n"}, {"1_a.down.sql", "-- none\n"}, {"2_b.up.sql", ""}}});
  const Migration& a = sets[0].migrations[0];
  EXPECT_EQ(a.up->file->Slice(a.anchor), "CREATE TABLE t ();");
  EXPECT_TRUE(sets[0].migrations[1].anchor.empty());
}

TEST(GolangMigrateTest, ForcedLayoutAndTransactionMode) {
  FolderInput input;
  input.root = "db";
  input.prefix = 3;
  input.layout = Layout::kPlain;
  input.transaction = TransactionMode::kFile;
  input.files.push_back(std::make_unique<SourceFile>("db/1_a.up.sql", "A;"));
  const auto sets = SetsFromFolder(std::move(input));
  EXPECT_EQ(sets[0].layout, Layout::kPlain);
  EXPECT_EQ(sets[0].migrations[0].up->transaction, TransactionMode::kFile);
}

}  // namespace
}  // namespace pawl
