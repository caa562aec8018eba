// Any names and any bytes, under every layout: files are never lost, and sections stay inside their files.
#include <random>
#include <set>

#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

constexpr std::string_view kNames[] = {
    "1_a.up.sql", "1_a.down.sql", "01_b.up.sql", "2_c.sql", "10.sql", "V1__a.sql", "V1_b.sql", "U1__a.sql", "R__r.sql", "B3__b.sql", "v2__c.sql",
    "20240101000000_a.sql", "202401010000_a.up.sql", "1600000000000_a.sql", "20240101000000_a/migration.sql", "20240101000000_a/down.sql",
    "2024-01-01-000000_a/up.sql", "2024-01-01-000000_a/down.sql", "1_x/up.sql", "0.1/01_a.sql", "0.10/01_a.sql", "seed.sql", "x_down.sql", "up.sql",
    "down.sql", "a.mysql.up.sql", "V1__a.up.cypher", "V1__a.down.cypher", "afterMigrate.sql", ".sql", "_.sql", "V__.sql", "\xFF\xFE.sql",
    "20241812144402_x.sql", "99999999999999999999999999_big.sql",
};
constexpr std::string_view kPieces[] = {
    "-- migrate:up\n", "-- migrate:up transaction:false\n", "-- migrate:down\n", "-- +goose Up\n", "-- +goose Down\n", "-- +goose NO TRANSACTION\n",
    "-- +migrate Up notransaction\n", "-- +migrate Down\n", "--liquibase formatted sql\n", "--changeset a:1\n", "--changeset\n", "--changeset a\n",
    "--rollback DROP TABLE t;\n", "--rollback", "--rollback not required\n", "-- Up migration\n", "-- Down migration\n", "-- DROP TABLE t;\n", "-- Rollback: DROP TABLE t;\n",
    "-- no-transaction\n", "-- atlas:txmode none\n", "SELECT 1;\n", "CREATE INDEX CONCURRENTLY i ON t (x);", "VACUUM;", "/*", "*/", "'", "$a$", "\"", "--", "-- ", "\r\n",
    "\n\n", "\xEF\xBB\xBF", "\xFF", std::string_view("\0", 1), "-- irreversible: gone\n", "irreversible", "--> statement-breakpoint",
};

template <typename T, size_t kSize>
const T& Pick(const T (&from)[kSize], std::mt19937& random) {
  return from[random() % kSize];
}

TEST(RobustnessTest, FilesAreNeverLostAndSectionsStayInside) {
  std::mt19937 random(20240101);
  for (int round = 0; round < 20000; ++round) {
    TestFolder folder;
    std::set<std::string> names;
    for (size_t n = 1 + random() % 6; n > 0; --n) names.insert(std::string(Pick(kNames, random)));
    for (const std::string& name : names) {
      std::string text;
      for (size_t n = random() % 8; n > 0; --n) text += Pick(kPieces, random);
      folder.files.emplace_back(name, text);
    }
    if (random() % 2 == 0) folder.layout = static_cast<Layout>(random() % kLayoutCount);
    if (random() % 8 == 0) folder.engine = Engine::kNeo4j;
    if (random() % 8 == 0) folder.hints.push_back("../Cargo.toml");
    if (random() % 8 == 0) folder.companions.emplace_back("V1__a.sql.conf", "executeInTransaction=false");

    std::multiset<std::string> seen;
    for (const MigrationSet& set : Sets(folder)) {
      std::set<const SourceFile*> own;
      for (const auto& file : set.files) {
        own.insert(file.get());
        seen.insert(file->path().substr(3));
      }
      for (const StrayFile& s : set.strays) ASSERT_TRUE(own.count(s.file)) << round;
      for (const Migration& m : set.migrations) {
        ASSERT_TRUE(m.up || m.down) << round;
        for (const auto& script : {m.up, m.down}) {
          if (!script) continue;
          ASSERT_TRUE(own.count(script->file)) << round;
          ASSERT_LE(script->section.begin, script->section.end) << round << " " << script->file->path();
          ASSERT_LE(script->section.end, script->file->text().size()) << round << " " << script->file->path();
        }
        ASSERT_LE(m.anchor.end, m.file()->text().size()) << round;
        ASSERT_LE(m.anchor.begin, m.anchor.end) << round;
      }
    }
    ASSERT_EQ(seen, std::multiset<std::string>(names.begin(), names.end())) << round;
  }
}

TEST(RobustnessTest, OneLongLineAndManyLines) {
  std::string comments = "-- Down\n";
  for (int i = 0; i < 200000; ++i) comments += "-- irreversibl\n";
  EXPECT_EQ(Sets({{{"01_a.sql", std::string(10 << 20, '-')}, {"02_b.sql", comments}, {"03_c.sql", std::string(1 << 20, '(')}}})[0].migrations.size(), 3u);
}

}  // namespace
}  // namespace pawl
