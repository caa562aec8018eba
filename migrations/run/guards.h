// Checks before and after a run: what can be asked of a database so that a migration that cannot work is refused before it changes
// anything, and one that went wrong is noticed at once.
#ifndef PAWL_MIGRATIONS_RUN_GUARDS_H_
#define PAWL_MIGRATIONS_RUN_GUARDS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "migrations/database/database.h"
#include "migrations/database/target.h"
#include "migrations/run/backup.h"
#include "migrations/run/plan.h"
#include "migrations/run/plan_facts.h"

namespace pawl {

struct GuardQuery {
  std::string name, query;
  std::string expect;          // "" = true
};

struct GuardConfig {
  std::vector<GuardQuery> before, after;
  std::vector<std::string> row_counts;   // tables as SQL names them; labels ("Person") and relationship types ("[:KNOWS]")
  std::string health_url;                // asked by GET after the run; 2xx is well
  // For each migration of the plan: -1, or how many of its units an interrupted run has committed. May be shorter than the plan.
  std::vector<int> units_done;
};

struct CheckResult {
  std::string check;           // "connectivity", "long-transactions", "before: name"
  bool ok = true;
  bool warning = false;        // not well, but no reason to refuse
  std::string detail;          // what was found and, if not well, what to do
  std::string file = {};       // of the statement that it is about; "" = of none
  uint32_t line = 0;
};

using RowCounts = std::vector<std::pair<std::string, int64_t>>;  // table, rows; -1: cannot be counted

// In the order in which they were asked. Nothing is changed, each question is cut off after a few seconds, and all of them after a
// minute; what was cut off says so and refuses nothing. To be called under the run lock, before anything is written. The
// database's tick is taken over and empty afterwards.
//
// Names: connectivity, writable, session, server-version, privileges, extensions, connections, long-transactions,
// prepared-transactions, pending-locks, replication, disk-space, invalid-indexes, objects, data (one for each statement that rows
// may stop), before: NAME. Of Neo4j: edition, and explain (the server's plans of data statements).
std::vector<CheckResult> RunPreChecks(Database& database, const Plan& plan, const GuardConfig& config);

// The same, for who has read the plan's facts.
std::vector<CheckResult> RunPreChecks(Database& database, const Plan& plan, const PlanFacts& facts, const GuardConfig& config);

// After a run that succeeded. Names: objects, invalid-objects, rows of TABLE, after: NAME, health. `after` gets the rows of the
// tables of `before`, counted once for the checks and for the record.
std::vector<CheckResult> RunPostChecks(Database& database, const Plan& plan, const PlanFacts& facts, const GuardConfig& config, const RowCounts& before,
                                       RowCounts* after);

// Labels and relationship types that a plan of Cypher changes, as CountRows takes them; none of SQL.
std::vector<std::string> LabelsOf(const Plan& plan);

// Ten seconds a table at most; a larger one is -1.
RowCounts CountRows(Database& database, const std::vector<std::string>& tables);

// What to do now that post-checks have failed, in the order of the runbooks' decision tree: is the application broken, is it slow,
// is data wrong; roll back by down scripts where that is safe, else restore the backup. Empty if none has failed.
std::vector<std::string> NextSteps(const Plan& plan, const std::vector<CheckResult>& post, std::string_view backup_id);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_GUARDS_H_
