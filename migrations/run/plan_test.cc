#include "migrations/run/plan.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "migrations/run/plan_json.h"
#include "migrations/run/units.h"

namespace pawl {
namespace {

struct Planned {
  MigrationSet set;
  std::vector<PlanMigration> migrations;
  std::vector<PlanProblem> problems;
};

// A plan of one file a migration, without effects.
std::unique_ptr<Planned> PlanOf(const std::vector<std::string>& texts, Layout layout = Layout::kPlain, TransactionMode mode = TransactionMode::kStatement, bool commented = false) {
  auto p = std::make_unique<Planned>();
  p->set.layout = layout;
  PlanRequest request;
  for (const std::string& text : texts) {
    p->set.files.push_back(std::make_unique<SourceFile>(absl::StrCat("m/", p->set.files.size() + 1, ".sql"), text));
    Migration m;
    m.version = absl::StrCat(p->set.files.size());
    ScriptRef up;
    up.file = p->set.files.back().get();
    up.section = {0, static_cast<uint32_t>(text.size())};
    up.transaction = mode;
    up.commented = commented;
    m.up = up;
    p->set.migrations.push_back(std::move(m));
  }
  request.set = &p->set;
  for (const Migration& m : p->set.migrations) request.migrations.push_back(&m);
  request.effects = false;
  p->migrations = PlanMigrations(request, &p->problems);
  return p;
}

// Units as "tx(2) alone tx(1)", and problems as "!line".
std::string Cut(const std::string& text, Layout layout = Layout::kPlain, TransactionMode mode = TransactionMode::kStatement) {
  const std::unique_ptr<Planned> p = PlanOf({text}, layout, mode);
  std::string out;
  for (const PlanUnit& u : p->migrations[0].units) absl::StrAppend(&out, out.empty() ? "" : " ", u.transaction ? absl::StrCat(u.begin == "BEGIN" ? "tx" : u.begin, "(", u.statements.size(), ")") : "alone");
  for (const PlanProblem& problem : p->problems) absl::StrAppend(&out, out.empty() ? "" : " ", "!", problem.line);
  return out;
}

TEST(UnitsTest, AFileIsOneTransaction) {
  EXPECT_EQ(Cut("CREATE TABLE a (); CREATE TABLE b ();"), "tx(2)");
  EXPECT_EQ(Cut(""), "");
  EXPECT_EQ(Cut("-- nothing\n"), "");
}

TEST(UnitsTest, WhatCannotBeInATransactionStandsAlone) {
  EXPECT_EQ(Cut("CREATE TABLE a (x int); CREATE INDEX CONCURRENTLY i ON a (x); DROP TABLE b;"), "tx(1) alone tx(1)");
  for (const char* s : {"VACUUM a", "REINDEX INDEX CONCURRENTLY i", "REINDEX SCHEMA s", "DROP INDEX CONCURRENTLY i", "CREATE DATABASE d", "DROP DATABASE d", "ALTER SYSTEM SET work_mem = '1MB'", "CLUSTER",
                        "ALTER TABLE a DETACH PARTITION b CONCURRENTLY", "DO $$ BEGIN COMMIT; END $$", "DISCARD ALL", "CREATE TABLESPACE t LOCATION '/x'"}) {
    EXPECT_EQ(Cut(s), "alone") << s;
  }
  for (const char* s : {"ANALYZE a", "REINDEX INDEX i", "DO $$ BEGIN PERFORM 1; END $$", "ALTER TABLE a DETACH PARTITION b", "CALL p()", "ALTER TYPE t ADD VALUE 'x'", "CLUSTER a USING i"}) EXPECT_EQ(Cut(s), "tx(1)") << s;
}

TEST(UnitsTest, TheFilesOwnTransactions) {
  EXPECT_EQ(Cut("BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; SELECT 3; END; SELECT 4;"), "tx(1) tx(2) tx(1)");
  EXPECT_EQ(Cut("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;"), "BEGIN ISOLATION LEVEL SERIALIZABLE(1)");
  EXPECT_EQ(Cut("SELECT 1; COMMIT; SELECT 2;"), "tx(1) tx(1)");
  EXPECT_EQ(Cut("BEGIN; SAVEPOINT s; SELECT 1; RELEASE s; COMMIT;"), "tx(3)");
  EXPECT_EQ(Cut("BEGIN;\nSELECT 1;"), "tx(1) !1");
  EXPECT_EQ(Cut("BEGIN;\nSELECT 1;\nROLLBACK;\nCOMMIT;"), "tx(1) !3");
  EXPECT_EQ(Cut("BEGIN;\nCREATE INDEX CONCURRENTLY i ON a (x);\nCOMMIT;"), "!2");
}

TEST(UnitsTest, ALayoutWithoutTransaction) {
  EXPECT_EQ(Cut("SELECT 1; SELECT 2;", Layout::kGoose, TransactionMode::kStatement), "tx(1) tx(1)");
  EXPECT_EQ(Cut("SELECT 1; SELECT 2;", Layout::kGoose, TransactionMode::kFile), "tx(2)");
  EXPECT_EQ(Cut("CALL p();", Layout::kGoose, TransactionMode::kStatement), "alone");
}

TEST(UnitsTest, WhatIsNotSqlIsAProblemWithItsLine) {
  EXPECT_EQ(Cut("SELECT 1;\n\\i other.sql\n"), "tx(1) !2");
  EXPECT_EQ(Cut("\\echo hello\nSELECT 1;"), "tx(1)");
  EXPECT_EQ(Cut("SELECT 1;\nCREATE TABEL x ();"), "tx(1) !2");
  EXPECT_EQ(Cut("CREATE TABLE ${schema}.x ();"), "!1");
  EXPECT_EQ(Cut("COPY a TO STDOUT;"), "!1");
  EXPECT_EQ(Cut("PREPARE TRANSACTION 'x';"), "!1");
  EXPECT_EQ(Cut(std::string("SELECT 1;\nSELECT 'a\0b';", 22)).find("!2") != std::string::npos, true);
  EXPECT_EQ(Cut("SELECT 1;\nSELECT 'caf\xE9';"), "tx(2) !2");
  EXPECT_EQ(Cut("SET client_encoding = 'LATIN1';\nSELECT 'caf\xE9';"), "tx(2)");
}

TEST(UnitsTest, CopyHasItsData) {
  const auto p = PlanOf({"COPY a (x) FROM stdin;\n1\n2\n\\.\nSELECT 1;"});
  ASSERT_EQ(p->migrations[0].units.size(), 1u);
  const PlanStatement& s = p->migrations[0].units[0].statements[0];
  EXPECT_TRUE(s.copy);
  EXPECT_EQ(s.sql, "COPY a (x) FROM stdin");
  EXPECT_EQ(s.copy_data, "1\n2\n");
  EXPECT_EQ(p->migrations[0].units[0].statements[1].line, 5u);
}

TEST(UnitsTest, SettingsAndRolesAreKnown) {
  auto p = PlanOf({"SET search_path TO x; SET LOCAL work_mem = '1MB'; SELECT set_config('a.b', 'c', false);"});
  const std::vector<PlanStatement>& s = p->migrations[0].units[0].statements;
  EXPECT_TRUE(s[0].session);
  EXPECT_FALSE(s[1].session);
  EXPECT_TRUE(s[2].session);
  EXPECT_TRUE(p->migrations[0].changes_settings);
  EXPECT_FALSE(p->migrations[0].units[0].other_role);
  p = PlanOf({"SET ROLE app; CREATE TABLE a (); VACUUM a; SELECT 1;"});
  for (const PlanUnit& u : p->migrations[0].units) EXPECT_TRUE(u.other_role);
}

TEST(UnitsTest, Probes) {
  auto probe = [](const std::string& text) { return PlanOf({text})->migrations[0].units[0].probe; };
  Probe p = probe("CREATE INDEX CONCURRENTLY I ON s.\"T\" (x)");
  EXPECT_EQ(p.kind, ProbeKind::kIndexValid);
  EXPECT_EQ(p.name, "i");
  EXPECT_EQ(p.schema, "s");
  EXPECT_EQ(p.table, "T");
  EXPECT_EQ(probe("CREATE INDEX CONCURRENTLY ON t (x)").kind, ProbeKind::kUnknown);
  EXPECT_EQ(probe("DROP INDEX CONCURRENTLY s.i").kind, ProbeKind::kIndexAbsent);
  EXPECT_EQ(probe("REINDEX TABLE CONCURRENTLY t").kind, ProbeKind::kReindexed);
  EXPECT_EQ(probe("REINDEX DATABASE d").kind, ProbeKind::kRepeat);
  EXPECT_EQ(probe("DO $$ BEGIN COMMIT; END $$").kind, ProbeKind::kBatches);
  p = probe("ALTER TABLE a DETACH PARTITION s.b CONCURRENTLY");
  EXPECT_EQ(p.kind, ProbeKind::kDetached);
  EXPECT_EQ(p.name, "b");
  EXPECT_EQ(p.table, "a");
}

TEST(UnitsTest, ACommentedDownKeepsItsPlaces) {
  const auto p = PlanOf({"\n-- DROP TABLE a;\n-- DROP TABLE b;\n"}, Layout::kNumbered, TransactionMode::kFile, /*commented=*/true);
  ASSERT_EQ(p->migrations[0].units.size(), 1u);
  EXPECT_EQ(p->migrations[0].units[0].statements[1].sql, "DROP TABLE b");
  EXPECT_EQ(p->migrations[0].units[0].statements[1].line, 3u);
}

std::string DigestOf(const std::vector<std::string>& texts, const PlanSettings& settings = {}, std::string_view identity = "db", Direction direction = Direction::kUp) {
  const auto p = PlanOf(texts);
  Plan plan;
  plan.settings = settings;
  plan.target_identity = std::string(identity);
  plan.direction = direction;
  plan.migrations = std::move(p->migrations);
  return PlanDigest(plan);
}

TEST(PlanDigestTest, CoversEveryByteTheOrderTheTargetAndTheSettings) {
  const std::string whole = DigestOf({"SELECT 1;", "SELECT 2;"});
  EXPECT_EQ(whole, DigestOf({"SELECT 1;", "SELECT 2;"}));
  EXPECT_EQ(whole.substr(0, 7), "sha256:");
  EXPECT_EQ(whole.size(), 71u);
  EXPECT_NE(whole, DigestOf({"SELECT 1;", "SELECT 3;"}));
  EXPECT_NE(whole, DigestOf({"SELECT 2;", "SELECT 1;"}));
  EXPECT_NE(whole, DigestOf({"SELECT 1;"}));
  EXPECT_NE(whole, DigestOf({"SELECT 1; -- a comment counts too: it was reviewed", "SELECT 2;"}));
  EXPECT_NE(whole, DigestOf({"SELECT 1;", "SELECT 2;"}, {}, "other"));
  EXPECT_NE(whole, DigestOf({"SELECT 1;", "SELECT 2;"}, {}, "db", Direction::kDown));
  PlanSettings s;
  s.lock_timeout_ms = 1;
  EXPECT_NE(whole, DigestOf({"SELECT 1;", "SELECT 2;"}, s));
  s = {};
  s.retries = 0;
  EXPECT_NE(whole, DigestOf({"SELECT 1;", "SELECT 2;"}, s));
  EXPECT_NE(DigestOf({"COPY a FROM stdin;\n1\n\\.\n"}), DigestOf({"COPY a FROM stdin;\n2\n\\.\n"}));
}

// What is approved is what the file shows: whoever changes one of them changes the digest.
TEST(PlanJsonTest, TheDigestIsOfWhatIsShown) {
  const std::string comment(30000, 'x');
  const auto p = PlanOf({"CREATE TABLE a (b int);\nCOPY a FROM stdin;\n1\n\\.\n", absl::StrCat("SELECT /* ", comment, " */ 'gr\xc3\xbc\xc3\x9f';"), "SELECT 'gr\xfc\xdf';", "VACUUM;"});
  ASSERT_NE(p, nullptr);
  Plan plan;
  plan.component = "c";
  plan.target_identity = "db";
  plan.migrations = std::move(p->migrations);
  plan.digest = PlanDigest(plan);
  const std::string text = PlanToJson(plan, {}, "1").dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const auto read = ParsePlan(text, "plan.json");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->digest, plan.digest);
  EXPECT_EQ(read->versions.size(), 4u);
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"CREATE TABLE a (b int)", "SELECT 1"}, {"VACUUM", "SELECT 1"}, {"/* xxx", "/* yyy"}, {"\"db\"", "\"other\""}, {"3000", "4000"}, {"SELECT 'gr", "SELECT 'gg"}}) {
    ASSERT_TRUE(absl::StrContains(text, from)) << from;
    EXPECT_FALSE(ParsePlan(absl::StrReplaceAll(text, {{from, to}}), "plan.json").ok()) << from;
  }
  auto twice = nlohmann::ordered_json::parse(text);
  twice["migrations"].push_back(twice["migrations"][0]);
  EXPECT_FALSE(ParsePlan(twice.dump(), "plan.json").ok());
  auto none = nlohmann::ordered_json::parse(text);
  none["migrations"] = nlohmann::ordered_json::array();
  EXPECT_FALSE(ParsePlan(none.dump(), "plan.json").ok());
}

}  // namespace
}  // namespace pawl
