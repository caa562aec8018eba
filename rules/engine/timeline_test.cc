#include "rules/engine/timeline.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

using ::testing::ElementsAre;

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

void AddFile(MigrationSet* set, std::string text) {
  const std::string version = std::to_string(set->migrations.size() + 1);
  set->files.push_back(std::make_unique<SourceFile>(version + "_b.up.sql", std::move(text)));
  Migration m;
  m.version = version;
  m.name = "b";
  ScriptRef ref;
  ref.file = set->files.back().get();
  ref.section = {0, static_cast<uint32_t>(ref.file->text().size())};
  ref.transaction = TransactionMode::kFile;
  m.up = ref;
  set->migrations.push_back(std::move(m));
}

// What the last file's statements lock: "table mode", in the order of the names.
std::vector<std::string> LocksOfLast(const MigrationSet& set) {
  std::vector<std::string> out;
  for (const TimelineTransaction& t : LockTimeline(set, {})) {
    if (t.file != set.files.back().get()) continue;
    for (const TimelineStatement& s : t.statements) {
      for (const TimelineLock& l : s.locks) out.push_back(l.object.substr(7) + " " + std::string(ToString(l.mode)));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> AfterSetup(std::string setup, std::string text) {
  MigrationSet set = OneFile(std::move(setup), TransactionMode::kFile);
  AddFile(&set, std::move(text));
  return LocksOfLast(set);
}

constexpr const char* kSetup = R"(
CREATE TABLE a (id int, name text); CREATE TABLE b (id int); CREATE TABLE c (id int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO b VALUES (1); RETURN NULL; END $$;
CREATE TRIGGER t AFTER UPDATE OF name ON a FOR EACH ROW EXECUTE FUNCTION f();
CREATE RULE r AS ON DELETE TO a DO INSTEAD UPDATE c SET id = 1;
CREATE FUNCTION again(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM again(n); DELETE FROM b; RETURN 1; END $$;
CREATE FUNCTION index_of(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE INDEX ON %I (id)', t); END $$;
)";

TEST(Timeline, TriggersAndRulesOfEarlierFiles) {
  EXPECT_THAT(AfterSetup(kSetup, "UPDATE a SET name = '';"), ElementsAre("a RowExclusiveLock", "b RowExclusiveLock"));
  EXPECT_THAT(AfterSetup(kSetup, "UPDATE a SET id = 1;"), ElementsAre("a RowExclusiveLock"));
  EXPECT_THAT(AfterSetup(kSetup, "DELETE FROM a;"), ElementsAre("a RowExclusiveLock", "c RowExclusiveLock"));
  EXPECT_THAT(AfterSetup(std::string(kSetup) + "ALTER TABLE a DISABLE TRIGGER t; DROP RULE r ON a; ALTER TABLE a RENAME TO aa;", "UPDATE aa SET name = ''; DELETE FROM aa;"),
              ElementsAre("aa RowExclusiveLock", "aa RowExclusiveLock"));
}

TEST(Timeline, ATriggersBranchForItsEvent) {
  const std::string setup =
      "CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE TABLE c (id int);"
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (TG_OP = 'INSERT') OR false THEN INSERT INTO b VALUES (1); "
      "ELSIF TG_OP IN ('UPDATE', 'DELETE') AND new.id > 1 THEN DELETE FROM c; END IF; RETURN NULL; END $$;"
      "CREATE TRIGGER t AFTER INSERT OR DELETE ON a FOR EACH ROW EXECUTE FUNCTION f();";
  EXPECT_THAT(AfterSetup(setup, "INSERT INTO a VALUES (1);"), ElementsAre("a RowExclusiveLock", "b RowExclusiveLock"));
  EXPECT_THAT(AfterSetup(setup, "DELETE FROM a;"), ElementsAre("a RowExclusiveLock", "c RowExclusiveLock"));
}

TEST(Timeline, FunctionsOfEarlierFiles) {
  EXPECT_THAT(AfterSetup(kSetup, "SELECT again(1);"), ElementsAre("b RowExclusiveLock")) << "and it ends";
  EXPECT_THAT(AfterSetup(kSetup, "SELECT index_of('b'), index_of('c');"), ElementsAre("b ShareLock", "c ShareLock"));
  EXPECT_THAT(AfterSetup(kSetup, "SELECT index_of(name) FROM a;"), ElementsAre("a AccessShareLock")) << "nobody knows which";
}

TEST(Timeline, BodiesAsTheyRun) {
  EXPECT_THAT(AfterSetup(kSetup, "DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['b', 'c'] LOOP EXECUTE 'LOCK TABLE ' || t; END LOOP; END $$;"),
              ElementsAre("b AccessExclusiveLock", "c AccessExclusiveLock"));
  EXPECT_THAT(AfterSetup(kSetup, "DO $$ DECLARE s text := 'b'; BEGIN SELECT 'c' INTO s; EXECUTE 'LOCK TABLE ' || s; END $$;"), ElementsAre()) << "the value is another one now";
  EXPECT_THAT(AfterSetup(kSetup, "DO $$ DECLARE s text := 'b'; BEGIN IF now() > '2020-01-01' THEN s := 'c'; END IF; EXECUTE 'LOCK TABLE ' || s; END $$;"), ElementsAre());
  EXPECT_THAT(AfterSetup(kSetup, "DO $$ BEGIN CREATE TABLE n (id int); CREATE INDEX ON n (id); END $$;"), ElementsAre()) << "nobody sees it";
  EXPECT_THAT(AfterSetup(kSetup, "PREPARE p AS DELETE FROM b; EXECUTE p;"), ElementsAre("b RowExclusiveLock", "b RowExclusiveLock"));
}

TEST(Timeline, ADownScriptsFunctionsAreItsOwn) {
  MigrationSet set = OneFile("CREATE TABLE a (id int);", TransactionMode::kFile);
  set.files.push_back(std::make_unique<SourceFile>("1_a.down.sql", "CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE a; END $$; SELECT g();"));
  ScriptRef down;
  down.file = set.files.back().get();
  down.section = {0, static_cast<uint32_t>(down.file->text().size())};
  down.transaction = TransactionMode::kFile;
  set.migrations[0].down = down;
  EXPECT_THAT(LocksOfLast(set), ElementsAre("a AccessExclusiveLock"));
  AddFile(&set, "SELECT g();");
  EXPECT_THAT(LocksOfLast(set), ElementsAre());
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
