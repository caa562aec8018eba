// plan.json: a plan on paper, to be reviewed, approved and applied. Only what identifies it is read back; what will run comes from
// the migrations' files, and the digest tells whether they are still the same.
#ifndef PAWL_MIGRATIONS_RUN_PLAN_JSON_H_
#define PAWL_MIGRATIONS_RUN_PLAN_JSON_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "migrations/run/plan.h"

namespace pawl {

struct Approval {
  std::string by;
  std::string at;          // ISO 8601, UTC
  std::string digest;      // of the plan that was approved
  std::string over;        // the digest that was signed, where it is not the plan's own but that of the release it is part of; "" = `digest`
  std::string signature;   // of the digest, by ssh-keygen -Y sign (namespace "pawl"); "" if unsigned
};

struct PlanFile {
  std::string component, root, digest, target, target_identity;
  Direction direction = Direction::kUp;
  PlanSettings settings;
  std::vector<std::string> versions;   // in the order in which they run; repeatable ones by "R__name"
  std::vector<std::string> left;       // what was pending too when the plan was made
  std::vector<Approval> approvals;
  std::vector<PlanFile> parts;         // of a release: the plans of its sets, in the order in which they run; `versions` are "set version"
  nlohmann::ordered_json whole;        // as it was read, for writing it back with one approval more
};

// How long a statement may take, from what it does and how large its table is: "instant", "seconds", "minutes", "long", "unknown".
std::string_view DurationClass(const PlanStatement& s, int64_t table_bytes);

nlohmann::ordered_json PlanToJson(const Plan& plan, const std::vector<TableSize>& sizes, std::string_view pawl_version);
// The plans of several sets as one, in the order in which they run: one digest, so that one approval is for all of them.
nlohmann::ordered_json ReleaseToJson(const std::vector<nlohmann::ordered_json>& plans, std::string_view pawl_version);
// A plan or a release; kInvalidArgument, for a release also if its digest is not that of its plans. `shown` names the file in errors.
// Approvals of a release count for each of its parts.
absl::StatusOr<PlanFile> ParsePlan(std::string_view text, std::string_view shown);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_PLAN_JSON_H_
