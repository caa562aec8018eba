#include "migrations/run/audit.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/source/sha256.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Fresh(const char* name) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/", name);
  fs::remove_all(folder);
  return folder;
}

AuditRecord Record() {
  AuditRecord r;
  r.plan = {{"component", "operational"}, {"direction", "up"}, {"migrations", Json::array({{{"version", "1"}, {"name", "<b>x</b>"}, {"file", "1.sql"}, {"parts", Json::array()}}})}};
  r.component = "operational";
  r.command = "apply";
  r.direction = "up";
  r.plan_digest = "sha256:abcdef0123456789";
  r.started_at = "2026-11-21T15:31:10.123Z";
  r.before = {{"connectivity", true, false, "PostgreSQL 16.4"}, {"long-transactions", false, true, "pid 1 \"<script>alert(1)</script>\""}};
  r.events = {{{"ts", "2026-11-21T15:31:11.000Z"}, {"event", "migration_finish"}, {"version", "1"}, {"status", "applied"}, {"duration_ms", 12}}};
  r.approved_by = {"ada", "grace"};
  r.report.done = 1;
  r.what_next = {"nothing & nobody"};
  return r;
}

TEST(Audit, WritesBothFilesUnderTheirNames) {
  const std::string folder = Fresh("audit_names");
  const auto files = WriteAudit(folder, AuditToJson(Record(), Target()));
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->json, folder + "/audit-20261121T153110Z-operational-abcdef012345.json");
  EXPECT_EQ(files->sha256, Sha256Hex(Read(files->json)));
  const Json j = Json::parse(Read(files->json));
  EXPECT_EQ(j["sequence"], 1);
  EXPECT_TRUE(j["previous"].is_null());
  EXPECT_EQ(j["outcome"], "done");
  EXPECT_EQ(j["checks"]["before"][1]["result"], "warning");
  EXPECT_TRUE(j["backup"].is_null());
}

TEST(Audit, ThePageEscapesEverythingAndNeedsNothing) {
  const std::string page = AuditToHtml(AuditToJson(Record(), Target()));
  EXPECT_FALSE(absl::StrContains(page, "<script"));
  EXPECT_FALSE(absl::StrContains(page, "<b>"));
  EXPECT_TRUE(absl::StrContains(page, "&lt;script&gt;alert(1)"));
  EXPECT_TRUE(absl::StrContains(page, "nothing &amp; nobody"));
  for (const char* piece : {"http://", "https://", "src=", "@import", "url("}) EXPECT_FALSE(absl::StrContains(page, piece)) << piece;
  for (const char* piece : {"<html lang=\"en\">", "prefers-color-scheme:dark", "<caption>", "scope=\"col\"", "<main>", "<title>"}) EXPECT_TRUE(absl::StrContains(page, piece)) << piece;
}

TEST(Audit, NoPasswordIsInIt) {
  Target t;
  t.url = "postgresql://ada:sw0rdfish@db/app";
  AuditRecord r = Record();
  r.report.message = "cannot log in with sw0rdfish";
  r.events[0]["error"] = "postgresql://ada:sw0rdfish@db/app";
  EXPECT_FALSE(absl::StrContains(AuditToJson(r, t).dump(), "sw0rdfish"));
}

TEST(Audit, TheChainShowsWhatWasChangedOrTaken) {
  const std::string folder = Fresh("audit_chain");
  std::vector<std::string> names;
  for (int i = 0; i < 4; ++i) {
    AuditRecord r = Record();
    r.component = i == 1 ? "zeta" : "operational";  // of the same second, and not in the order of names
    const auto files = WriteAudit(folder, AuditToJson(r, Target()));
    ASSERT_TRUE(files.ok()) << files.status();
    names.push_back(files->json);
  }
  auto chain = VerifyAuditChain(folder);
  ASSERT_TRUE(chain.ok());
  EXPECT_EQ(chain->records, 4);
  EXPECT_TRUE(chain->problems.empty()) << chain->problems[0];

  const std::string second = Read(names[1]);
  std::string forged = second;
  forged.replace(forged.find("grace"), 5, "mallo");
  std::ofstream(names[1], std::ios::binary) << forged;
  chain = VerifyAuditChain(folder);
  ASSERT_EQ(chain->problems.size(), 1u);
  EXPECT_TRUE(absl::StrContains(chain->problems[0], "was changed"));

  std::ofstream(names[1], std::ios::binary) << second;
  EXPECT_TRUE(VerifyAuditChain(folder)->problems.empty());
  fs::remove(names[2]);
  chain = VerifyAuditChain(folder);
  ASSERT_EQ(chain->problems.size(), 1u);
  EXPECT_TRUE(absl::StrContains(chain->problems[0], "1 missing"));
  fs::remove(names[0]);
  EXPECT_EQ(VerifyAuditChain(folder)->problems.size(), 2u);
}

TEST(Audit, AFolderThatCannotBeMadeIsNamed) {
  const std::string folder = Fresh("audit_bad");
  std::ofstream(folder) << "a file";
  const auto files = WriteAudit(folder + "/x", AuditToJson(Record(), Target()));
  ASSERT_FALSE(files.ok());
  EXPECT_TRUE(absl::StrContains(files.status().message(), "audit_bad"));
}

}  // namespace
}  // namespace pawl
