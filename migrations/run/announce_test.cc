#include "migrations/run/announce.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

Json PlanOf(const char* duration, std::vector<std::string> blocks) {
  Json statement = {{"sql", "x"}, {"duration", duration}, {"locks", Json::array({{{"object", "public.users"}, {"blocks", blocks}}})}};
  Json m1 = {{"version", "20260101"}, {"name", "add_email"}, {"loses_data", false}, {"parts", Json::array({{{"transaction", true}, {"statements", Json::array({statement})}}})}};
  Json m2 = {{"version", "20260102"}, {"name", "fill"}, {"loses_data", false}, {"parts", Json::array()}};
  return {{"version", 1}, {"component", "operational"}, {"direction", "up"}, {"migrations", Json::array({m1, m2})}};
}

std::string Render(Announcement which, const Json& document, const AnnouncementContext& context = {}) {
  const auto text = RenderAnnouncement(which, document, context);
  return text.ok() ? *text : std::string(text.status().message());
}
#define EXPECT_HAS(text, piece) EXPECT_TRUE(absl::StrContains(text, piece)) << text

TEST(Announce, Scheduled) {
  AnnouncementContext context;
  context.when = "Sunday 02:00 UTC";
  context.contact = "#database-team";
  EXPECT_EQ(Render(Announcement::kScheduled, PlanOf("instant", {"reads", "writes"}), context),
            "🔧 Database migration scheduled: operational\n\nWhen: Sunday 02:00 UTC\nDuration: ~1 minute\nImpact: None (locks for moments)\nRollback: ~1 minute, by down scripts\n\n"
            "Migrations:\n- 20260101 add email\n- 20260102 fill\n\nContact: #database-team\n");
}

TEST(Announce, ImpactComesFromTheLocks) {
  EXPECT_HAS(Render(Announcement::kScheduled, PlanOf("minutes", {"reads", "writes"})), "Impact: Downtime for public.users");
  EXPECT_HAS(Render(Announcement::kScheduled, PlanOf("seconds", {"writes"})), "Impact: Read-only for public.users");
  EXPECT_HAS(Render(Announcement::kScheduled, PlanOf("minutes", {})), "Impact: None");
  EXPECT_HAS(Render(Announcement::kScheduled, PlanOf("long", {})), "Duration: ~30 minutes");
  EXPECT_HAS(Render(Announcement::kScheduled, PlanOf("unknown", {"reads"})), "not known");
  EXPECT_HAS(Render(Announcement::kScheduled, PlanOf("instant", {})), "When: [date and time]");
  Json lossy = PlanOf("instant", {});
  lossy["migrations"][0]["loses_data"] = true;
  EXPECT_HAS(Render(Announcement::kScheduled, lossy), "restoring the backup");
}

TEST(Announce, InProgressByTheLog) {
  AnnouncementContext context;
  context.events = {{{"event", "migration_start"}, {"version", "20260101"}}, {{"event", "migration_finish"}, {"version", "20260101"}, {"status", "applied"}, {"duration_ms", 5}}, {{"event", "migration_start"}, {"version", "20260102"}}};
  const std::string text = Render(Announcement::kInProgress, PlanOf("instant", {}), context);
  EXPECT_HAS(text, "Status: 1/2 migrations applied");
  EXPECT_HAS(text, "Current: 20260102 fill");
  EXPECT_HAS(text, "No action required.");
}

TEST(Announce, CompleteAndFailedNeedARun) {
  EXPECT_HAS(Render(Announcement::kComplete, PlanOf("instant", {})), "a plan does not tell how the run went");
  Json audit = {{"kind", "pawl-audit"}, {"outcome", "done"}, {"applied", 2}, {"duration_ms", 61'000}, {"events", Json::array()}, {"plan", PlanOf("instant", {})}};
  const std::string done = Render(Announcement::kComplete, audit);
  EXPECT_HAS(done, "Applied: 2 migrations\nDuration: 2 minutes\nStatus: All systems operational\n\nChanges:\n- 20260101 add email\n- 20260102 fill\n");
  EXPECT_HAS(Render(Announcement::kFailed, audit), "did not fail");
  audit["applied"] = 1;
  audit["outcome"] = "failed";
  audit["failed"] = {{"version", "20260102"}, {"error", "no such column"}};
  EXPECT_HAS(Render(Announcement::kComplete, audit), "not complete");
  AnnouncementContext context;
  context.channel = "#incidents";
  const std::string failed = Render(Announcement::kFailed, audit, context);
  EXPECT_HAS(failed, "Migration: 20260102 fill\nError: no such column\n");
  EXPECT_HAS(failed, "Impact: 1 of 2 applied");
  EXPECT_HAS(failed, "Updates: #incidents");
  audit["what_next"] = {"roll back"};
  EXPECT_HAS(Render(Announcement::kFailed, audit), "Actions:\n- roll back\n");
}

TEST(Announce, AnythingElseIsRefused) {
  EXPECT_HAS(Render(Announcement::kScheduled, Json::array()), "neither a plan");
  EXPECT_HAS(Render(Announcement::kScheduled, {{"migrations", 3}}), "neither a plan");
  EXPECT_EQ(ParseAnnouncement("done"), std::nullopt);
  EXPECT_EQ(ParseAnnouncement("in-progress"), Announcement::kInProgress);
}

}  // namespace
}  // namespace pawl
