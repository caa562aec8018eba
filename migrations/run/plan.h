// What an apply or rollback will do, before it does it: which migrations, cut into which transactions, with which statements and
// locks. A Plan is the unit of approval: its digest covers every byte that will run, the order, the target and the settings.
#ifndef PAWL_MIGRATIONS_RUN_PLAN_H_
#define PAWL_MIGRATIONS_RUN_PLAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analyzer/effects/effects.h"
#include "analyzer/finding/finding.h"
#include "analyzer/sql/script.h"
#include "migrations/run/state.h"
#include "migrations/set/migration_set.h"

namespace pawl {

// How to tell, after a crash, whether a statement that cannot share a transaction with its record has had its effect.
enum class ProbeKind : uint8_t {
  kRepeat,        // running it again does no harm (VACUUM, REINDEX ...)
  kIndexValid,    // done when the index is there and valid; an invalid one is dropped and built again
  kIndexAbsent,   // done when there is no such index
  kDatabaseExists,
  kDatabaseAbsent,
  kDetached,      // done when `name` is no partition of `table`
  kSchema,        // Neo4j: done when each of `schema` is there, or gone, as it says; a failed index is dropped and built again
  kReindexed,     // running it again does no harm, but the copies that an interrupted REINDEX CONCURRENTLY leaves have to go
  kBatches,       // commits in the middle, and nobody can run it twice: CALL { } IN TRANSACTIONS; a procedure, a DO block with COMMIT
  kUnknown,       // nobody can tell: an operator has to look
};

// A constraint or index of Neo4j that a schema command makes or drops.
struct SchemaTarget {
  bool present = true;           // false: dropped
  bool constraint = false;
  std::string name;              // "" if the server makes one up
  std::string type;              // of a property type constraint, as written
  std::string kind;              // "UNIQUENESS", "KEY", "EXISTENCE", "TYPE"; of an index "RANGE", "TEXT", ...; "" of what is dropped
  bool relationship = false;
  std::vector<std::string> labels, properties;   // or relationship types; empty if only the name is known
  bool if_exists = false;        // IF NOT EXISTS, IF EXISTS
};

struct Probe {
  ProbeKind kind = ProbeKind::kRepeat;
  std::string schema, name;      // as PostgreSQL folds them; schema "" = by search_path
  std::string table_schema, table;
  std::vector<SchemaTarget> targets;   // kSchema
};

// How large a table is, or how many nodes a label has.
struct TableSize {
  std::string table;                   // "public.users"
  int64_t bytes = -1, rows = -1;       // -1: not known
};

struct PlanLock {
  std::string object;            // "public.users"; in Neo4j a label ":Person" or a relationship type "[:KNOWS]"
  LockMode mode = LockMode::kNone;
  Work work = Work::kNone;
  bool until_commit = true;
};

struct PlanStatement {
  std::string_view sql;          // without its `;`
  std::string_view copy_data;    // COPY ... FROM STDIN: its rows
  uint32_t line = 1;             // in the file
  uint32_t offset = 0;           // byte in the file
  bool copy = false;
  bool concurrently = false;     // no lock_timeout: it would leave an invalid index, or half of the batches, behind
  bool session = false;          // SET and the like: what follows counts on it, so a resumed run says it again
  std::vector<PlanLock> locks;   // strongest first
};

// A transaction, or one statement that cannot run in one.
struct PlanUnit {
  bool transaction = true;
  std::string begin = "BEGIN";   // as the file has it: its isolation level counts
  std::vector<PlanStatement> statements;
  Probe probe;                   // !transaction
  bool other_role = false;       // it, or a unit before it, takes another role, which may not write the record
  bool other_encoding = false;   // the same with client_encoding: the record is UTF-8
};

struct PlanMigration {
  const Migration* migration = nullptr;
  std::string version, name, file;
  Direction direction = Direction::kUp;
  std::string checksum, token_checksum;
  std::string_view script;       // the bytes of the file's section
  std::vector<PlanUnit> units;
  TransactionMode mode = TransactionMode::kFile;  // what pawl does: kFile if it is one transaction, kStatement if it is cut into several
  bool changes_settings = false;   // SET without LOCAL, temporary tables, PREPARE ...: the session is put back afterwards
  bool own_lock_timeout = false;   // it sets lock_timeout itself
  bool loses_data = false;
  std::vector<std::string> losses; // "drops table public.orders"
  std::string Key() const;         // its version; of a repeatable one "R__name"
  std::unique_ptr<std::string> uncommented;  // what statements point into where the file has the section commented out
};

struct PlanSettings {
  int64_t lock_timeout_ms = 3000;
  int64_t statement_timeout_ms = 0;       // 0: none
  int64_t window_ms = 0;                  // 0: none
  int retries = 5;
};

struct Plan {
  std::string component;
  Engine engine = Engine::kPostgresql;
  Layout layout = Layout::kPlain;
  std::string root;
  std::string target;            // as DescribeTarget says
  std::string target_identity;   // what tells this database from every other, as far as it tells
  int server_version = 0;        // major
  Direction direction = Direction::kUp;
  PlanSettings settings;
  std::vector<PlanMigration> migrations;
  std::vector<std::string> left;   // pending versions that were not chosen; not part of the digest
  std::string digest;            // "sha256:..."; see PlanDigest
};

// What stands in a file that pawl will not run, with its place: "db/1.sql:3: ...".
struct PlanProblem {
  const SourceFile* file = nullptr;
  uint32_t line = 1;
  std::string message;
};

struct PlanRequest {
  const MigrationSet* set = nullptr;
  std::vector<const Migration*> migrations;  // those to run, in the order in which they run
  Direction direction = Direction::kUp;
  int server_version = 16;                   // major
  bool effects = true;                       // work out locks: needs the whole set replayed
};

// Cuts each script into units. Problems are files that cannot be run as they stand; with any, there is no plan.
std::vector<PlanMigration> PlanMigrations(const PlanRequest& request, std::vector<PlanProblem>* problems);

std::string PlanDigest(const Plan& plan);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_PLAN_H_
