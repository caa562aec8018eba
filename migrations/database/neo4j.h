// Neo4j behind the runner's Database, over HTTP: one connection that works, one that watches, and the lease (neo4j_lease.h) with a
// connection and a thread of its own.
//
// A unit that is a transaction runs in one explicit transaction with its record. A lone statement (a schema command, CALL { } IN
// TRANSACTIONS) runs in the transaction that the server makes of it, is awaited, and recorded behind it. What is remembered, and in
// which nodes: neo4j_history.cc.
#ifndef PAWL_MIGRATIONS_DATABASE_NEO4J_H_
#define PAWL_MIGRATIONS_DATABASE_NEO4J_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "migrations/database/database.h"
#include "migrations/database/neo4j_http.h"
#include "migrations/database/neo4j_lease.h"
#include "migrations/database/target.h"

namespace pawl {

class Neo4jDatabase : public Database {
 public:
  // kUnavailable: not reachable, or no log-in; kInvalidArgument: the URL is none. `component`: whose history and lock; `command`: for
  // other runs to see.
  static absl::StatusOr<std::unique_ptr<Neo4jDatabase>> Open(const Target& target, std::string component, std::string_view command);

  const ServerInfo& server() const override { return server_; }
  absl::StatusOr<HistorySnapshot> ReadHistory(bool scripts) override;
  absl::StatusOr<std::vector<Attempt>> ReadLog(int limit) override;
  absl::Status PrepareHistory() override;
  absl::StatusOr<bool> TryRunLock(Session* holder) override;
  absl::StatusOr<std::optional<Session>> FindOrphan() override;
  absl::Status CancelSession(const Session& session) override;
  UnitOutcome RunUnit(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings) override;
  UnitOutcome TryUnit(const PlanUnit& unit, const SessionSettings& settings) override;
  absl::Status ResetSession() override { return absl::OkStatus(); }
  absl::StatusOr<Effect> Look(const Probe& probe) override;
  absl::Status Clean(const Probe& probe) override;
  absl::StatusOr<int64_t> WriteAttempt(const Attempt& attempt) override;
  bool IsQuick(const Probe& probe) override;
  absl::Status Announce(absl::Span<Attempt> attempts) override;
  std::optional<DbError> Record(absl::Span<const UnitRecord> records) override;
  absl::Status Withdraw(absl::Span<const Attempt> attempts) override;
  void RunEnded() override;
  absl::Status WriteApplied(absl::Span<const AppliedRow> rows) override;
  absl::Status RemoveApplied(std::string_view component, std::string_view version) override;
  std::vector<Session> Blocking() override;
  std::string Progress() override;
  void Cancel() override;
  void set_tick(DatabaseTick tick) override { tick_ = std::move(tick); }
  absl::StatusOr<std::vector<std::vector<std::string>>> Ask(std::string_view query) override;
  std::vector<std::string> TakeNotices() override { return std::exchange(notices_, {}); }
  std::string CountQuery(std::string_view what) const override;
  std::vector<TableSize> Sizes(const std::vector<std::string>& objects) override;
  bool counts_are_exact() const override { return true; }
  absl::StatusOr<std::vector<Explained>> Explain(absl::Span<const std::string_view> statements, double seconds) override;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Ended : uint8_t { kNot, kLock, kTimeout, kCanceled };   // why we ended our own statement

  Neo4jDatabase(const Target& target, std::string component) : target_(target), component_(std::move(component)) {}
  absl::Status Learn();
  absl::Status Failed(std::string_view what, const CypherError& e) const;
  Neo4jConnection& Watcher();

  // neo4j_run.cc
  UnitOutcome RunTransaction(const PlanUnit& unit, const UnitRecord* record, const SessionSettings& settings);
  bool FitsOneRequest(const PlanUnit& unit, const SessionSettings& settings) const;
  UnitOutcome RunAlone(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings);
  std::optional<DbError> RecordAlone(const UnitRecord& record);
  std::optional<DbError> WriteAlone(const CypherStatement& statement);  // one that gives a row, unless the run is no longer ours
  DbError ErrorFrom(const CypherError& e) const;
  DbError BatchError(const PlanUnit& unit, const CypherReply& reply) const;
  DbError TakenOver();
  bool IsStillOurs();
  bool LookAtBatches(const CypherReply& reply, DbError* error);
  static bool IsMade(const Probe& probe, const Json& counters);
  bool IsOnline(const Probe& probe);
  bool IsOnNothing(const Probe& probe) const;
  std::optional<DbError> AwaitTogether();
  std::optional<absl::flat_hash_set<std::string>> Populated();
  std::optional<DbError> Await(const Probe& probe, const SessionSettings& settings);
  void Watch();                                    // while a statement of ours runs
  void BeginWatch(const SessionSettings& settings, bool locks);
  void EndWatch() { watching_ = false; }
  // How a statement of this run is known among the open transactions: by the address that its connection comes from, where the server sees
  // that; else, and where another run has to know it, by a comment in its text. A text of its own costs the server half the time of a
  // small statement: it keeps what it has read and planned by texts. (CALL tx.setMetaData would be tidier; on 5.26 it fails with
  // Transaction.Terminated every now and then once some other transaction has been terminated.)
  bool IsOurs(const Neo4jTransaction& t) const;
  std::string Marked(std::string_view statement) const;
  std::string InOneRequest(std::string_view statement) const { return known_by_address_ ? std::string(statement) : Marked(statement); }
  void Notice(const CypherReply& reply);
  struct SchemaObject {
    std::string name, kind, state, failure, owner;
    bool constraint = false, relationship = false;
    double percent = 0;
    std::vector<std::string> labels, properties;
  };
  absl::StatusOr<std::vector<SchemaObject>> ReadSchema();
  static bool IsOrphan(const SchemaObject& o, const SchemaTarget& t);
  static bool Fits(const SchemaObject& o, const SchemaTarget& t, bool by_name);

  // neo4j_history.cc
  // What is written with a unit, or (`alone`) in a transaction of its own, where no row comes back if the run is no longer ours; no text if
  // nothing is written.
  CypherStatement Written(const UnitRecord& record, bool alone);
  std::string LogKey(int64_t id) const;
  Json LogOf(const Attempt& attempt, int64_t id) const;
  static CypherStatement InfoQuery();
  static CypherStatement LabelsQuery();
  CypherStatement AppliedQuery(bool scripts) const;
  absl::Status ReadApplied(bool scripts, HistorySnapshot* h);
  Json RowParameters(const AppliedRow& row) const;
  absl::StatusOr<int64_t> NextId();

  Target target_;
  std::string component_;
  Neo4jOwner owner_;
  std::unique_ptr<Neo4jConnection> work_, watch_;
  std::unique_ptr<Neo4jLease> lease_;
  ServerInfo server_;
  DatabaseTick tick_;
  std::vector<std::string> notices_;
  int64_t next_id_ = 0;            // of the log; 0: not asked yet
  bool prepared_ = false;
  bool may_be_open_ = true;        // attempts of earlier runs that a later one closes
  std::string announced_;          // the key of the (:Migration) that says RUNNING
  bool blocked_by_lease_ = false;  // as blockers_
  bool known_by_address_ = false;  // asked by FindOrphan
  std::string progress_;           // while an index is awaited
  std::vector<const Probe*> to_await_;   // of the migrations that are recorded together
  std::optional<absl::flat_hash_set<std::string>> populated_;  // when they were announced, and no data was written since

  // Of the statement that runs.
  bool watching_ = false, watch_locks_ = false;
  Clock::time_point began_, looked_, blocked_since_;
  bool blocked_ = false;
  SessionSettings settings_;
  Ended ended_ = Ended::kNot;
  std::vector<Session> blockers_;
  std::string activity_;
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_NEO4J_H_
