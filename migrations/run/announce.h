// The four messages that runbooks send around: a migration is scheduled, in progress, complete, failed. From a plan (plan.json), the
// events of a run, or the record of one (audit). Pure.
#ifndef PAWL_MIGRATIONS_RUN_ANNOUNCE_H_
#define PAWL_MIGRATIONS_RUN_ANNOUNCE_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pawl {

enum class Announcement : uint8_t { kScheduled, kInProgress, kComplete, kFailed };

// "announcement", "progress" (or "in-progress"), "complete", "failed".
std::optional<Announcement> ParseAnnouncement(std::string_view name);

struct AnnouncementContext {
  std::string when;            // of the window; "" leaves a gap to fill in
  std::string contact;         // person or team; "" = who made the run, or a gap
  std::string channel;         // where updates go; "" leaves a gap
  // What a run has logged so far (--log), for kInProgress and for the others from a plan alone.
  std::vector<nlohmann::ordered_json> events;
};

// `document`: plan.json, or the JSON of an audit record. kInvalidArgument: it is neither, or the message needs a run and there is none.
absl::StatusOr<std::string> RenderAnnouncement(Announcement which, const nlohmann::ordered_json& document, const AnnouncementContext& context);

// What follows from a plan's statements and locks; minutes are rough and never 0.
struct PlanEstimate {
  int minutes = 1;
  bool known = true;           // false: some statement's duration cannot be told from the plan
  bool blocks_reads = false, blocks_writes = false;   // for longer than an instant
  bool any_lock = false;
  bool loses_data = false;
  std::vector<std::string> tables;                    // that are blocked so
};
PlanEstimate EstimateOf(const nlohmann::ordered_json& plan);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_ANNOUNCE_H_
