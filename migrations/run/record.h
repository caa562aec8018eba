// What a database remembers of a set: the migrations that are applied, and every attempt to run one. Data only; read and written
// through migrations/database/database.h.
#ifndef PAWL_MIGRATIONS_RUN_RECORD_H_
#define PAWL_MIGRATIONS_RUN_RECORD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "migrations/set/migration_set.h"

namespace pawl {

// One row of schema_migrations, or one node (:Migration {status: 'SUCCESS'}): this migration is applied. It is written in the transaction that applies it (of its last part,
// where it has several) and goes in the transaction that reverts it.
struct AppliedRow {
  std::string component;       // the set's name; "" for a set that pawl.toml does not name
  std::string version;
  std::string name;
  std::string file;            // as the plan names it
  std::string status;          // "applied"; "baseline": adopted, pawl did not run it; "marked": repair said so
  std::string checksum;        // SHA-256 of the script's bytes
  std::string recorded_checksum;  // what pawl itself wrote as `checksum`, where the two are kept apart (Neo4j); "" elsewhere
  std::string token_checksum;  // of its tokens without comments and white space (history/edit.h); "" if adopted from a tool that has none
  std::string applied_at;      // ISO 8601, UTC
  int64_t execution_ms = 0;    // of all its parts; worked out by the server when it is written in its transaction
  std::string applied_by;      // who ran pawl
  std::vector<std::string> approvals;
  std::string backup_id;
  std::string plan_digest;
  std::string pawl_version;
  std::string script;          // the text that ran
};

enum class AttemptStatus : uint8_t { kRunning, kApplied, kFailed, kRolledBack, kBaseline, kRepaired };
std::string_view ToString(AttemptStatus s);

// One row of schema_migrations_log, or one node (:__PawlAttempt): somebody ran a migration, or settled one. Append-only but for the attempt that runs.
struct Attempt {
  int64_t id = 0;
  std::string component, version, name;
  Direction direction = Direction::kUp;
  AttemptStatus status = AttemptStatus::kRunning;
  int units_done = 0;          // of the plan's units, committed
  int units_total = 0;
  std::string statement;       // the one that is running, or failed, cut to a few hundred characters
  std::string file;
  uint32_t line = 0;
  std::string checksum;        // of the script that was being run
  std::string error, sqlstate;
  std::string started_at, finished_at;  // ISO 8601, UTC; "" while it runs
  int64_t duration_ms = 0;     // worked out by the server when it is written in the migration's transaction
  std::string run_by, host, plan_digest, note;
  int backend_pid = 0;
  bool backend_alive = false;  // a session with this pid that began when the row says is still there
};

// A migration tool's own table in this database, which pawl reads and never writes.
struct ForeignHistory {
  std::string tool;            // "golang-migrate", "dbmate", "goose", "flyway", "node-pg-migrate", "knex", "prisma", "sqlx", "diesel", "liquibase", "rails", "alembic"
  std::string table;           // schema-qualified
  std::vector<std::string> versions;  // applied, oldest first
  std::vector<std::string> failed;    // that it calls dirty or unsuccessful
  bool single_version = false; // the tool keeps only the newest (golang-migrate): everything up to it is applied
};

struct HistorySnapshot {
  bool exists = false;         // pawl's own tables (nodes) are there
  std::string holder;          // who applies at this moment, where the database tells without being asked twice; "" if nobody
  std::vector<AppliedRow> applied;    // in the order in which they were applied
  std::vector<Attempt> open;          // the newest attempt of each version that is running or failed, unless it was applied since
  std::vector<ForeignHistory> foreign;
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_RECORD_H_
