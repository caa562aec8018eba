#include "rules/engine/timeline.h"

#include <memory>

#include "gtest/gtest.h"

namespace pawl {
namespace {

MigrationSet OneFile(std::string text, TransactionMode mode) {
  MigrationSet set;
  set.files.push_back(std::make_unique<SourceFile>("1_a.up.sql", std::move(text)));
  Migration m;
  m.version = "1";
  m.name = "a";
  ScriptRef ref;
  ref.file = set.files.back().get();
  ref.section = {0, static_cast<uint32_t>(ref.file->text().size())};
  ref.transaction = mode;
  m.up = ref;
  set.migrations.push_back(std::move(m));
  return set;
}

TEST(Timeline, LocksAddUpUntilCommit) {
  const MigrationSet set = OneFile("ALTER TABLE users ADD COLUMN email text;\nUPDATE users SET email = '';\nCREATE INDEX i ON orders (id);\n", TransactionMode::kFile);
  const auto all = LockTimeline(set, {});
  ASSERT_EQ(all.size(), 1u);
  const TimelineTransaction& t = all[0];
  ASSERT_EQ(t.statements.size(), 3u);
  ASSERT_EQ(t.held.size(), 2u);
  EXPECT_EQ(t.held[0].object, "public.users");
  EXPECT_EQ(t.held[0].mode, LockMode::kAccessExclusive);
  EXPECT_EQ(t.held[0].since, 0u);
  EXPECT_EQ(t.held[0].until, 2u);
  EXPECT_GE(t.held[0].work, Work::kBuild) << "the index is built while users is locked";
  EXPECT_EQ(t.held[1].object, "public.orders");
  EXPECT_EQ(t.held[1].mode, LockMode::kShare);
  EXPECT_EQ(t.held[1].since, 2u);
}

TEST(Timeline, StatementsAloneHaveTransactionsOfTheirOwn) {
  const MigrationSet set = OneFile("ALTER TABLE users ADD COLUMN email text;\nCREATE INDEX CONCURRENTLY i ON orders (id);\n", TransactionMode::kStatement);
  const auto all = LockTimeline(set, {});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].held[0].until, 0u);
  EXPECT_FALSE(BlocksWrites(all[1].held[0].mode)) << ToString(all[1].held[0].mode);
}

TEST(Timeline, AStrongerLockBeginsWhereItIsTaken) {
  const MigrationSet set = OneFile("SELECT 1 FROM users;\nDROP TABLE users;\n", TransactionMode::kFile);
  const auto all = LockTimeline(set, {});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].held[0].mode, LockMode::kAccessExclusive);
  EXPECT_EQ(all[0].statements[all[0].held[0].since].line, 2u);
}

TEST(Timeline, ATableOfTheSameMigrationIsNotLive) {
  const MigrationSet set = OneFile("CREATE TABLE t (id int);\nALTER TABLE t ADD COLUMN x int;\n", TransactionMode::kFile);
  for (const TimelineTransaction& t : LockTimeline(set, {})) {
    for (const HeldObject& h : t.held) EXPECT_FALSE(h.live) << h.object;
  }
}

}  // namespace
}  // namespace pawl
