// Parts of the guards, for guards*.cc alone.
#ifndef PAWL_MIGRATIONS_RUN_GUARDS_INTERNAL_H_
#define PAWL_MIGRATIONS_RUN_GUARDS_INTERNAL_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "migrations/database/database.h"
#include "migrations/run/guards.h"
#include "migrations/run/plan_facts.h"

namespace pawl {

using Rows = std::vector<std::vector<std::string>>;

// Asks a database questions that end in time.
class Asker {
 public:
  explicit Asker(Database& database, double total_seconds = 60) : database_(database), end_(Clock::now() + Seconds(total_seconds)) {}
  ~Asker() { database_.set_tick(nullptr); }
  Asker(const Asker&) = delete;

  // kDeadlineExceeded: cut off after `seconds`, or no time was left to begin.
  absl::StatusOr<Rows> Ask(std::string_view query, double seconds = 5);
  Database& database() { return database_; }

 private:
  using Clock = std::chrono::steady_clock;
  static Clock::duration Seconds(double s) { return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s)); }

  Database& database_;
  Clock::time_point end_;
};

// The server's own state (guards_server.cc).
void CheckServer(Asker& asker, const Plan& plan, const PlanFacts& facts, std::vector<CheckResult>* out);
// Rows that would make a statement fail (guards_data.cc).
void CheckData(Asker& asker, const std::vector<DataProbe>& probes, std::vector<CheckResult>* out);

// What the database has of each of `facts` (guards_objects.cc).
enum class Found : char { kMissing = '-', kThere = '+', kInvalid = '!', kUnknown = '?' };
absl::StatusOr<std::vector<Found>> Look(Asker& asker, const std::vector<ObjectFact>& facts);
void CheckObjectsBefore(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out);
void CheckObjectsAfter(Asker& asker, const PlanFacts& facts, std::vector<CheckResult>* out);

// A Neo4j database (guards_graph.cc). `done` as GuardConfig::units_done.
void CheckGraphBefore(Asker& asker, const Plan& plan, const std::vector<int>& done, std::vector<CheckResult>* out);
void CheckGraphAfter(Asker& asker, const Plan& plan, std::vector<CheckResult>* out);

// (VALUES ('"public"."users"'), ...): the tables that the plan touches, as text that to_regclass takes. "" if there are none.
std::string TablesOf(const PlanFacts& facts, bool (*which)(const TouchedTable&) = nullptr);

// "a, b, c and 4 more"
std::string Few(const std::vector<std::string>& all, size_t shown = 8, std::string_view between = ", ");
// "1.4 GB"
std::string ShowBytes(int64_t bytes);
// "73 s", "5 min", "2 h"
std::string ShowSeconds(double seconds);

// `needed` bytes for what the plan builds and rewrites; `free` of the disk, -1 if nobody can tell.
CheckResult JudgeDisk(int64_t needed, int64_t free);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_GUARDS_INTERNAL_H_
