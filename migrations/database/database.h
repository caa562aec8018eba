// A database that migrations are applied to, as the runner sees it: what it remembers, who else is at work, and how a unit of a
// plan runs there. Two implementations: postgres.h and neo4j.h; the runner knows nothing of either engine.
//
// Not thread-safe. Nothing here reconnects by itself or repeats a statement: where the connection goes away in the middle the
// outcome says `lost`, and the runner stops and tells.
#ifndef PAWL_MIGRATIONS_DATABASE_DATABASE_H_
#define PAWL_MIGRATIONS_DATABASE_DATABASE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "migrations/run/plan.h"
#include "migrations/run/record.h"

namespace pawl {

struct ServerInfo {
  std::string product;        // "PostgreSQL"
  std::string version;        // "16.4"
  int major = 0;              // 16; of Neo4j 526 (5.26), 404 (4.4), 202608 (2026.08)
  std::string edition;        // Neo4j's: "community", "enterprise"
  std::string database, user;
  std::string identity;       // tells this database from every other: system identifier and name, or host and name
  bool read_only = false;     // a standby, or default_transaction_read_only
  std::string read_only_why;  // for an operator, with what to do
  std::string pooler;         // why sessions cannot be relied on ("a transaction pooler stands in between"); "" if they can
};

// A session of the server, for messages about who holds or waits for what.
struct Session {
  int pid = 0;                // of PostgreSQL's backend
  std::string id;             // instead: a transaction's name in Neo4j, or where another pawl runs
  std::string application, user, client, state, query;
  double seconds = 0;         // since its transaction (or query, if it has none) began
  bool waits = false;         // it waits for us, rather than we for it
};
std::string Describe(const Session& s);  // "pid 4711 (psql, ada at 10.0.0.7), 73 s: UPDATE users SET ..."

struct DbError {
  std::string code;           // SQLSTATE; "" if the server said nothing
  std::string text;           // one line, nothing secret
  std::string context;
  uint32_t position = 0;      // in the statement, characters from 1; 0: not told
  bool retryable = false;     // a lock was not to be had, or a deadlock: the same again may work
  bool lost = false;          // the connection is gone: whether the statement ran is not known
  bool canceled = false;      // by somebody, or by us
  bool name_taken = false;    // an index of that name is there already
  bool needs_commit = false;  // right once what is before it is committed: only a transaction around all makes it wrong
  bool in_record = false;     // the unit's own statements are done: writing that down in its transaction failed, or the commit did (at_commit)
  bool at_commit = false;
  bool partial = false;       // a statement that commits by itself stopped half-way: some of it stays, and running it again does that twice
  std::string remains;        // what it has left, for an operator: "3 of its batches are committed"
  std::string advice;         // what the server's words do not tell; "" if they do
};

struct UnitOutcome {
  std::optional<DbError> error;
  size_t failed = 0;          // index of the statement in the unit; statements.size(): its commit
  int64_t rows = 0;
  double seconds = 0;
  bool ok() const { return !error.has_value(); }
};

// What is remembered in the same transaction as a unit's effect (or right behind a unit that has none).
struct UnitRecord {
  int64_t attempt = 0;                    // 0: none was begun
  int units_done = 0;                     // once this unit is done
  const AppliedRow* apply = nullptr;      // the last unit of an up: the migration is now applied
  const Attempt* log = nullptr;           // with it, or with `revert`: closes `attempt`, or is a row of its own if none was begun
  bool revert = false;                    // the last unit of a down: the migration is no longer applied
  std::string_view component, version;    // of what is reverted
  int64_t before_ms = 0;                  // what the migration's earlier units took; the server adds this one's
};

struct SessionSettings {
  int64_t lock_timeout_ms = 3000;
  int64_t statement_timeout_ms = 0;
};

// What the server would do for a statement, without doing it.
struct Explained {
  bool asked = false;            // the time did not run out before
  std::optional<DbError> error;
  struct Operator {
    std::string type, details;   // "AllNodesScan"; what the server shows of it
    double rows = -1;            // estimated
  };
  std::vector<Operator> operators;
};

// Called about every 100 ms while the database works; cheap, or it slows the run.
using DatabaseTick = std::function<void()>;

class Database {
 public:
  virtual ~Database() = default;

  virtual const ServerInfo& server() const = 0;

  // Reads in a read-only transaction; an empty snapshot where nothing was ever recorded. With `scripts` the applied texts too.
  virtual absl::StatusOr<HistorySnapshot> ReadHistory(bool scripts) = 0;
  // All attempts, newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<Attempt>> ReadLog(int limit) = 0;
  // Makes the tables if they are not there. Needs the run lock.
  virtual absl::Status PrepareHistory() = 0;

  // One runner a component: tries once. False: `holder` says who.
  virtual absl::StatusOr<bool> TryRunLock(Session* holder) = 0;
  // A session of an earlier run of this component that has not ended: it may still commit. Nothing if there is none.
  virtual absl::StatusOr<std::optional<Session>> FindOrphan() = 0;
  virtual absl::Status CancelSession(const Session& session) = 0;

  // Runs one unit with its record: a transaction as a whole or not at all, a lone statement with the record behind it.
  virtual UnitOutcome RunUnit(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings) = 0;
  // The same without a record, and the transaction is rolled back in the end, deferred constraints checked before.
  virtual UnitOutcome TryUnit(const PlanUnit& unit, const SessionSettings& settings) = 0;
  // After a migration that may have left settings behind.
  virtual absl::Status ResetSession() = 0;

  enum class Effect : uint8_t { kDone, kNotDone, kBroken /* an invalid index */, kUnknown };
  virtual absl::StatusOr<Effect> Look(const Probe& probe) = 0;
  // Takes away what a broken lone statement left behind (an invalid index), without blocking anybody.
  virtual absl::Status Clean(const Probe& probe) = 0;

  // Writes the row and gives its id; a row with an id is written anew.
  virtual absl::StatusOr<int64_t> WriteAttempt(const Attempt& attempt) = 0;
  // For an engine with ProbeKind::kSchema, whose lone statements the schema itself settles: migrations of nothing else are announced several
  // at once (which gives them their ids), run, and recorded at once, each time in one transaction. Withdrawn: those that were not begun.
  // Quick: there is nothing to look through, so that what was announced with it is recorded soon.
  virtual bool IsQuick(const Probe& /*probe*/) { return false; }
  virtual absl::Status Announce(absl::Span<Attempt> /*attempts*/) { return absl::UnimplementedError("this database announces one by one"); }
  virtual std::optional<DbError> Record(absl::Span<const UnitRecord> /*records*/) { return DbError{.text = "this database records one by one"}; }
  virtual absl::Status Withdraw(absl::Span<const Attempt> /*attempts*/) { return absl::UnimplementedError("this database announces one by one"); }
  // The plan has run: what the next command will ask may be made ready.
  virtual void RunEnded() {}
  virtual absl::Status WriteApplied(absl::Span<const AppliedRow> rows) = 0;
  virtual absl::Status RemoveApplied(std::string_view component, std::string_view version) = 0;

  // Whom the running statement waits for, and who waits for it; by a session of its own, usable from a tick.
  virtual std::vector<Session> Blocking() = 0;
  // "building the index: 42 %"; "" if the server tells nothing. From a tick.
  virtual std::string Progress() = 0;
  virtual void Cancel() = 0;                      // the running statement; from a tick or a signal's follow-up
  virtual void set_tick(DatabaseTick tick) = 0;

  // A read-only query, for checks and estimates; values as text, "" for NULL.
  virtual absl::StatusOr<std::vector<std::vector<std::string>>> Ask(std::string_view query) = 0;
  virtual std::vector<std::string> TakeNotices() = 0;
  // A query that counts the rows of a table, or the nodes of a label ("Person") or relationships of a type ("[:KNOWS]").
  virtual std::string CountQuery(std::string_view what) const = 0;
  // How large the plan's objects (PlanLock::object) are; those that are not known are left out.
  virtual std::vector<TableSize> Sizes(const std::vector<std::string>& objects) = 0;
  // The rows that Sizes tells are counted, not estimated: the server keeps them.
  virtual bool counts_are_exact() const { return false; }
  // One for each of `statements`; those that are not reached within `seconds` are left. kUnimplemented: the engine does not explain what has
  // not been prepared.
  virtual absl::StatusOr<std::vector<Explained>> Explain(absl::Span<const std::string_view> /*statements*/, double /*seconds*/) { return absl::UnimplementedError("this database does not explain"); }
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_DATABASE_H_
