#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

std::string Down(const std::string& text) {
  const auto sets = Sets({{{"01_a.sql", text}}});
  const auto& down = sets[0].migrations[0].down;
  return !down ? "none" : (down->commented ? "commented: " : "code: ") + std::string(down->file->Slice(down->section));
}

TEST(NumberedTest, CommentedDownSection) {
  EXPECT_EQ(Show(Sets({{{"02_b.sql", "B;\n"},
                        {"01_a.sql", "-- Migration: add a\n-- Up migration\n\nCREATE TABLE a ();\n\n-- Down migration (rollback)\n-- DROP TABLE a;\n"}}})),
            "numbered ordered has-downs\n"
            "[01] a up=01_a.sql(statement)<-- Migration: add a\\n-- Up migration\\n\\nCREATE TABLE a ();\\n\\n> down=01_a.sql(statement,commented)<-- DROP TABLE a;\\n>\n"
            "[02] b up=02_b.sql(statement)<B;\\n>\n");
}

TEST(NumberedTest, HeadingsAsPeopleWriteThem) {
  for (const char* heading : {"-- Down", "-- DOWN:", "--down migration", "-- === Down Migration ===", "-- Rollback", "-- ROLLBACK:", "-- Rollback script:",
                              "-- Migration down", "-- Down section", "-- down (manual)"}) {
    EXPECT_EQ(Down(std::string("A;\n") + heading + "\n-- DROP TABLE a;\n"), "commented: -- DROP TABLE a;\n") << heading;
  }
  for (const char* prose : {"-- down to three rows", "-- rollback is not possible", "-- downstream", "-- Rollback: ask the team", "-- updates"}) {
    EXPECT_EQ(Down(std::string("A;\n") + prose + "\n-- DROP TABLE a;\n"), "none") << prose;
  }
}

TEST(NumberedTest, ProseAndOrnamentsAroundTheDown) {
  EXPECT_EQ(Down("A;\n-- ====\n-- Down migration\n-- ====\n-- Run by hand only.\n-- DROP TABLE a\n--   CASCADE;\n-- DELETE FROM b;\n-- ====\n-- end\n"),
            "commented: -- DROP TABLE a\n--   CASCADE;\n-- DELETE FROM b;\n");
  EXPECT_EQ(Down("A;\n-- Rollback: DROP TABLE a;\n"), "commented: DROP TABLE a;");
}

TEST(NumberedTest, HeadingWithNothingBehindIsAnEmptyDown) { EXPECT_EQ(Down("A;\n-- Down migration\n-- nothing to do\n"), "code: -- Down migration\n-- nothing to do\n"); }

TEST(NumberedTest, CodeBehindALoneHeadingRunsWithTheUp) {
  // psql would run it: it is no down, whatever the comment says.
  EXPECT_EQ(Down("A;\n-- Rollback\nDROP TABLE b;\n"), "none");
}

TEST(NumberedTest, CodeBehindTheCommentedDownStaysInTheUp) {
  const auto sets = Sets({{{"01_a.sql", "-- Rollback:\n-- DROP TABLE a;\nCREATE TABLE a ();\n"}}});
  const Migration& m = sets[0].migrations[0];
  EXPECT_EQ(m.down->file->Slice(m.down->section), "-- DROP TABLE a;\n");
  EXPECT_EQ(m.up->section.size(), sets[0].files[0]->text().size());
}

TEST(NumberedTest, NumericOrderAndSeparators) {
  EXPECT_EQ(Show(Sets({{{"0001-a.sql", "A;"}, {"10_c.sql", "C;"}, {"9.sql", "B;"}}})),
            "numbered ordered\n[0001] a up=0001-a.sql(statement)<A;>\n[9]  up=9.sql(statement)<B;>\n[10] c up=10_c.sql(statement)<C;>\n");
}

TEST(NumberedTest, DrizzleRunsEverythingInOneTransaction) {
  EXPECT_EQ(Show(Sets({{{"0000_a.sql", "A;--> statement-breakpoint\nB;"}}})), "numbered ordered\n[0000] a up=0000_a.sql(file)<A;--> statement-breakpoint\\nB;>\n");
  EXPECT_EQ(Show(Sets({{{"0000_a.sql", "A;"}}, {"meta/_journal.json"}})), "numbered ordered\n[0000] a up=0000_a.sql(file)<A;>\n");
}

TEST(NumberedTest, OtherScriptsAreNoStrays) {
  EXPECT_EQ(Show(Sets({{{"01_a.sql", "A;"}, {"02_b.sql", "B;"}, {"seed.sql", "S;"}}})),
            "numbered ordered\n[01] a up=01_a.sql(statement)<A;>\n[02] b up=02_b.sql(statement)<B;>\n"
            "plain partial\n[] seed up=seed.sql(statement)<S;>\n");
}

}  // namespace
}  // namespace pawl
