// The digest of a plan: of the plan as it will run (PlanDigest), and of what a plan.json shows (ParsePlan). One walk over the fields, so that
// the two cannot part.
#ifndef PAWL_MIGRATIONS_RUN_PLAN_DIGEST_H_
#define PAWL_MIGRATIONS_RUN_PLAN_DIGEST_H_

#include <string>
#include <string_view>

#include "analyzer/source/sha256.h"
#include "migrations/run/plan.h"

namespace pawl {

// What a plan.json shows of a statement: all of it, unless it is very long or no UTF-8, which JSON cannot hold. Then its digest stands
// beside, and the plan's covers the ASCII of what is shown, too.
bool IsShownWhole(std::string_view sql);
std::string_view Excerpt(std::string_view sql);

class PlanDigester {
 public:
  PlanDigester(std::string_view component, std::string_view engine, std::string_view target_identity, Direction direction, const PlanSettings& settings);
  void Migration(std::string_view key, std::string_view name, std::string_view checksum);
  void BeginPart(std::string_view begin);   // how its transaction begins; "alone" if it has none
  void Statement(std::string_view sql);
  void Excerpted(std::string_view sql_sha256, std::string_view excerpt);  // a statement that is not shown whole
  void CopyData(std::string_view sha256);   // of the statement before
  void EndPart() { hash_.Update("\n"); }
  std::string Finish();                     // "sha256:..."

 private:
  void Field(std::string_view text);        // with its length, so that no two lists of fields give the same bytes

  Sha256 hash_;
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_PLAN_DIGEST_H_
