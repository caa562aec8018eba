#include "migrations/run/guards.h"

#include <deque>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "migrations/run/guards_internal.h"

namespace pawl {
namespace {

// Answers questions by a piece of their text; what it does not know it refuses. Counts what it is asked.
class FakeDatabase : public Database {
 public:
  ServerInfo info{.product = "PostgreSQL", .version = "16.4", .major = 16, .database = "app", .user = "ada"};
  std::deque<std::pair<std::string, std::vector<std::vector<std::string>>>> answers;
  std::vector<std::string> asked;

  const ServerInfo& server() const override { return info; }
  absl::StatusOr<std::vector<std::vector<std::string>>> Ask(std::string_view query) override {
    asked.emplace_back(query);
    for (const auto& [piece, rows] : answers) {
      if (absl::StrContains(query, piece)) return rows;
    }
    return absl::FailedPreconditionError("no answer");
  }
  void set_tick(DatabaseTick) override {}

  absl::StatusOr<HistorySnapshot> ReadHistory(bool) override { return absl::UnimplementedError(""); }
  absl::StatusOr<std::vector<Attempt>> ReadLog(int) override { return absl::UnimplementedError(""); }
  absl::Status PrepareHistory() override { return absl::UnimplementedError(""); }
  absl::StatusOr<bool> TryRunLock(Session*) override { return absl::UnimplementedError(""); }
  absl::StatusOr<std::optional<Session>> FindOrphan() override { return absl::UnimplementedError(""); }
  absl::Status CancelSession(const Session&) override { return absl::UnimplementedError(""); }
  UnitOutcome RunUnit(const PlanUnit&, const UnitRecord&, const SessionSettings&) override { return {}; }
  UnitOutcome TryUnit(const PlanUnit&, const SessionSettings&) override { return {}; }
  absl::Status ResetSession() override { return absl::UnimplementedError(""); }
  absl::StatusOr<Effect> Look(const Probe&) override { return Effect::kUnknown; }
  absl::Status Clean(const Probe&) override { return absl::UnimplementedError(""); }
  absl::StatusOr<int64_t> WriteAttempt(const Attempt&) override { return absl::UnimplementedError(""); }
  absl::Status WriteApplied(absl::Span<const AppliedRow>) override { return absl::UnimplementedError(""); }
  absl::Status RemoveApplied(std::string_view, std::string_view) override { return absl::UnimplementedError(""); }
  std::vector<Session> Blocking() override { return {}; }
  std::string Progress() override { return ""; }
  void Cancel() override {}
  std::vector<std::string> TakeNotices() override { return {}; }
  std::string CountQuery(std::string_view what) const override { return absl::StrCat("SELECT count(*) FROM ", what); }
  std::vector<TableSize> Sizes(const std::vector<std::string>&) override { return {}; }
};

const CheckResult* Find(const std::vector<CheckResult>& all, std::string_view name) {
  for (const CheckResult& c : all) {
    if (c.check == name) return &c;
  }
  return nullptr;
}
bool Refuses(const CheckResult* c) { return c != nullptr && !c->ok && !c->warning; }

TEST(Guards, AStandbyAndAPoolerAreRefused) {
  FakeDatabase db;
  db.info.read_only = true;
  db.info.pooler = "a pooler stands in between";
  const std::vector<CheckResult> got = RunPreChecks(db, Plan(), GuardConfig());
  EXPECT_TRUE(Refuses(Find(got, "writable")));
  EXPECT_TRUE(Refuses(Find(got, "session")));
  EXPECT_TRUE(db.asked.empty());  // nothing more to ask of it
}

TEST(Guards, ConfiguredQueriesAreTrueOrAsExpected) {
  FakeDatabase db;
  db.answers = {{"SELECT good", {{"t"}}}, {"SELECT bad", {{"f"}}}, {"SELECT seven", {{"7"}}}, {"SELECT none", {}}};
  GuardConfig config;
  config.before = {{"a", "SELECT good", ""}, {"b", "SELECT bad", ""}, {"c", "SELECT seven", "7"}, {"d", "SELECT seven", "8"}, {"e", "SELECT none", ""}, {"f", "SELECT error", ""}, {"", "SELECT good", "true"}};
  const std::vector<CheckResult> got = RunPreChecks(db, Plan(), config);
  EXPECT_TRUE(Find(got, "before: a")->ok);
  EXPECT_TRUE(Refuses(Find(got, "before: b")));
  EXPECT_TRUE(Find(got, "before: c")->ok);
  EXPECT_EQ(Find(got, "before: d")->detail, "gives `7`, not `8`");
  EXPECT_TRUE(Refuses(Find(got, "before: e")));
  EXPECT_TRUE(Refuses(Find(got, "before: f")));
  EXPECT_TRUE(Find(got, "before: SELECT good")->ok);
}

// A server that tells nothing (a role without rights) refuses nothing.
TEST(Guards, WhatCannotBeAskedRefusesNothing) {
  FakeDatabase db;
  Plan plan;
  plan.migrations.emplace_back();
  plan.migrations[0].file = "1.sql";
  plan.migrations[0].units.emplace_back();
  PlanStatement s;
  s.sql = "ALTER TABLE users ALTER email SET NOT NULL";
  plan.migrations[0].units[0].statements.push_back(s);
  for (const CheckResult& c : RunPreChecks(db, plan, GuardConfig())) EXPECT_FALSE(Refuses(&c)) << c.check << ": " << c.detail;
}

TEST(Guards, AnotherMajorIsAWarning) {
  FakeDatabase db;
  Plan plan;
  plan.server_version = 15;
  const std::vector<CheckResult> got = RunPreChecks(db, plan, GuardConfig());
  const CheckResult* version = Find(got, "server-version");
  ASSERT_NE(version, nullptr);
  EXPECT_TRUE(!version->ok && version->warning);
}

TEST(Guards, RowCountsTellTheDifference) {
  FakeDatabase db;
  db.answers = {{"FROM users", {{"12"}}}};
  const RowCounts before = {{"users", 10}, {"gone", 3}, {"users u", -1}};
  RowCounts after;
  const std::vector<CheckResult> got = RunPostChecks(db, Plan(), PlanFacts(), GuardConfig(), before, &after);
  EXPECT_EQ(Find(got, "rows of users")->detail, "10 before, 12 now (+2)");
  EXPECT_EQ(Find(got, "rows of gone")->detail, "3 before, not countable now");
}

TEST(Guards, DiskIsJudgedByTwiceWhatIsWritten) {
  EXPECT_TRUE(JudgeDisk(1000, 2000).ok);
  const CheckResult full = JudgeDisk(1000, 1999);
  EXPECT_TRUE(Refuses(&full));
  EXPECT_TRUE(JudgeDisk(1000, -1).ok);
  const CheckResult large = JudgeDisk(int64_t{5} << 30, -1);
  EXPECT_TRUE(!large.ok && large.warning);
}

TEST(Guards, ShowsNumbersForPeople) {
  EXPECT_EQ(ShowBytes(-1), "an unknown amount");
  EXPECT_EQ(ShowBytes(999), "999 bytes");
  EXPECT_EQ(ShowBytes(1'400'000'000), "1.4 GB");
  EXPECT_EQ(ShowSeconds(73), "73 s");
  EXPECT_EQ(ShowSeconds(300), "5 min");
  EXPECT_EQ(Few({"a", "b", "c"}, 2), "a, b, and 1 more");
}

TEST(Guards, NextStepsFollowTheDecisionTree) {
  Migration reversible;
  reversible.down.emplace();
  Plan plan;
  plan.component = "operational";
  plan.migrations.emplace_back();
  plan.migrations[0].migration = &reversible;
  EXPECT_TRUE(NextSteps(plan, {{"objects", true, false, ""}, {"x", false, true, ""}}, "").empty());
  std::vector<std::string> steps = NextSteps(plan, {{"health", false, false, ""}}, "b.dump");
  ASSERT_GE(steps.size(), 3u);
  EXPECT_TRUE(absl::StrContains(steps[1], "`pawl rollback operational --steps 1`"));
  EXPECT_TRUE(absl::StrContains(steps[1], "b.dump"));
  plan.migrations[0].loses_data = true;  // a down script cannot bring rows back
  steps = NextSteps(plan, {{"after: sums", false, false, ""}}, "b.dump");
  EXPECT_TRUE(absl::StrContains(steps[1], "restore the backup b.dump"));
  EXPECT_FALSE(absl::StrContains(steps[1], "pawl rollback"));
  Migration one_way;
  plan.migrations[0].migration = &one_way;
  EXPECT_TRUE(absl::StrContains(NextSteps(plan, {{"health", false, false, ""}}, "")[1], "not every migration has a down script"));
}

}  // namespace
}  // namespace pawl
