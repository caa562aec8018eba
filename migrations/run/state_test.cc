#include "migrations/run/state.h"

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace pawl {
namespace {

// A set of migrations 1, 2, 3 ... with one statement each, and the rows that applying some of them would have left.
class StateTest : public testing::Test {
 protected:
  void Add(std::string version, std::string text, bool repeatable = false) {
    set_.files.push_back(std::make_unique<SourceFile>("m/" + version + ".sql", text));
    Migration m;
    if (repeatable) m.name = version;
    else m.version = version;
    m.repeatable = repeatable;
    ScriptRef up;
    up.file = set_.files.back().get();
    up.section = {0, static_cast<uint32_t>(text.size())};
    m.up = up;
    set_.migrations.push_back(std::move(m));
    set_.complete = true;
  }
  AppliedRow& Applied(const std::string& version, const std::string& text) {
    AppliedRow r;
    r.component = "main";
    r.version = version;
    const SourceFile file("x.sql", text);
    ScriptRef script;
    script.file = &file;
    script.section = {0, static_cast<uint32_t>(text.size())};
    r.checksum = ScriptChecksum(script);
    r.token_checksum = HashTokens(text, Engine::kPostgresql);
    r.script = text;
    history_.applied.push_back(std::move(r));
    return history_.applied.back();
  }
  Attempt& Tried(const std::string& version, AttemptStatus status, int done) {
    Attempt a;
    a.component = "main";
    a.version = version;
    a.status = status;
    a.units_done = done;
    history_.open.push_back(std::move(a));
    return history_.open.back();
  }
  std::string Show() {
    std::string out;
    for (const MigrationState& m : CompareWithHistory(set_, "main", history_).migrations) {
      out += (out.empty() ? "" : ", ") + (m.version.empty() ? m.name : m.version) + " " + std::string(ToString(m.status));
      if (m.edit == EditKind::kMeaning) out += " edited";
      if (m.edit == EditKind::kComments || m.edit == EditKind::kFormatting) out += " touched";
    }
    return out;
  }
  MigrationSet set_;
  HistorySnapshot history_;
};

TEST_F(StateTest, NothingIsRecorded) {
  Add("1", "A;");
  Add("2", "B;");
  EXPECT_EQ(Show(), "1 pending, 2 pending");
}

TEST_F(StateTest, ALateFileIsOutOfOrder) {
  Add("1", "A;");
  Add("2", "B;");
  Add("3", "C;");
  Applied("1", "A;");
  Applied("3", "C;");
  EXPECT_EQ(Show(), "1 applied, 2 out of order, 3 applied");
  set_.ordered = false;
  EXPECT_EQ(Show(), "1 applied, 2 pending, 3 applied");
}

TEST_F(StateTest, EditsOfTheMeaningAndOfComments) {
  Add("1", "SELECT 1;");
  Add("2", "-- new\nSELECT  2;");
  Add("3", "SELECT 3;\r\n");
  Applied("1", "SELECT 0;");
  Applied("2", "SELECT 2;");
  Applied("3", "SELECT 3;\n");
  EXPECT_EQ(Show(), "1 applied edited, 2 applied touched, 3 applied");
  const SetState s = CompareWithHistory(set_, "main", history_);
  EXPECT_EQ(s.edited, 1);
  EXPECT_FALSE(s.consistent());
}

TEST_F(StateTest, AnEditIsKnownFromTheChecksumsAlone) {
  Add("1", "SELECT 1;");
  Add("2", "-- new\nSELECT 2;");
  Applied("1", "SELECT 0;").script.clear();
  Applied("2", "SELECT 2;").script.clear();
  EXPECT_EQ(Show(), "1 applied edited, 2 applied touched");
}

TEST_F(StateTest, AMissingFileStandsWhereItsVersionWould) {
  Add("1", "A;");
  Add("10", "B;");
  Applied("1", "A;");
  Applied("9", "X;");
  Applied("11", "X;");
  EXPECT_EQ(Show(), "1 applied, 9 missing, 10 pending, 11 missing");
}

TEST_F(StateTest, OfAPartOfTheFolderNothingIsMissing) {
  Add("1", "A;");
  Applied("9", "X;");
  set_.complete = false;
  EXPECT_EQ(Show(), "1 pending");
}

TEST_F(StateTest, Attempts) {
  for (const char* v : {"1", "2", "3", "4"}) Add(v, "A;");
  Tried("1", AttemptStatus::kFailed, 0);
  Tried("2", AttemptStatus::kFailed, 2);
  Tried("3", AttemptStatus::kRunning, 0);
  Tried("4", AttemptStatus::kRunning, 1).backend_alive = true;
  EXPECT_EQ(Show(), "1 failed, 2 interrupted, 3 interrupted, 4 running");
}

TEST_F(StateTest, WhatWasRecordedSinceItFailedIsApplied) {
  Add("1", "A;");
  Applied("1", "A;");
  Tried("1", AttemptStatus::kFailed, 1);
  EXPECT_EQ(Show(), "1 applied");
}

TEST_F(StateTest, AFailedDownLeavesItAppliedAndAHalfDoneOneDoesNot) {
  Add("1", "A;");
  Applied("1", "A;");
  Tried("1", AttemptStatus::kFailed, 0).direction = Direction::kDown;
  EXPECT_EQ(Show(), "1 applied");
  history_.open[0].units_done = 1;
  EXPECT_EQ(Show(), "1 interrupted");
}

TEST_F(StateTest, ARepeatableScriptRunsAgainWhenItChanges) {
  Add("views", "SELECT 1;", /*repeatable=*/true);
  Applied("", "SELECT 1;").name = "views";
  EXPECT_EQ(Show(), "views applied");
  history_.applied[0].checksum = "other";
  history_.applied[0].script = "SELECT 0;";
  EXPECT_EQ(Show(), "views pending");
  EXPECT_TRUE(CompareWithHistory(set_, "main", history_).migrations[0].changed_repeatable);
}

TEST_F(StateTest, RowsOfOtherComponentsDoNotCountAndNamelessOnesDo) {
  Add("1", "A;");
  Applied("1", "A;").component = "other";
  EXPECT_EQ(Show(), "1 pending");
  history_.applied[0].component = "";
  EXPECT_EQ(Show(), "1 applied");
}

}  // namespace
}  // namespace pawl
