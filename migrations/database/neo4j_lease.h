// One runner at a time in a Neo4j database: a lease that the server itself gives back when its holder dies.
//
//   (:__PawlLock {id})     written in a transaction that stays open as long as the lease: whoever else merges it waits. The server
//                          ends that transaction when it is left alone for a minute (half a one with the transactional API).
//   (:__PawlRunner {id})   committed: who holds the lease, with a beat every few seconds. One whose beat is old, or whose process is
//                          known to be gone, is dead, and its transactions are ended at once instead of after that minute.
//   (:__PawlFence {id})    the run that may write. Every data transaction of pawl writes to it, so that a run that lost its
//                          lease without noticing (a suspended machine) cannot commit, and what a dead run left open is found.
//
// `id` is the component. No schema command may be sent for these labels while a lease is held: it would wait for its transaction.
#ifndef PAWL_MIGRATIONS_DATABASE_NEO4J_LEASE_H_
#define PAWL_MIGRATIONS_DATABASE_NEO4J_LEASE_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "migrations/database/database.h"
#include "migrations/database/neo4j_http.h"

namespace pawl {

// Who runs, as other runs are told.
struct Neo4jOwner {
  std::string run;         // unlike that of every other run
  std::string command;     // "pawl apply graph"
  std::string user, host;
  int pid = 0;
  std::string machine;     // equal only where `pid` means the same: the system's boot and the process namespace
  std::string address;     // of the connection that works, if the server knows it by that; may be outdated
};
Neo4jOwner ThisOwner(std::string command);

// Of SHOW TRANSACTIONS: an open transaction, and by whom it is blocked.
struct Neo4jTransaction {
  std::string id, query, status, user, started;
  std::string client;      // "127.0.0.1:51234", the address that its connection comes from
  double seconds = 0;
  bool outer = false;      // it belongs to a CALL { } IN TRANSACTIONS
  std::vector<std::string> blocked_by;
};
std::vector<Neo4jTransaction> ParseTransactions(const CypherReply& reply);
// Every open one of this database but the asking one. `direct`: whether the server sees this connection's own address, with nothing in
// between, at what goes by the transactional API.
std::vector<Neo4jTransaction> OpenTransactions(Neo4jConnection& c, bool* direct = nullptr);
absl::Status Terminate(Neo4jConnection& c, const std::vector<std::string>& ids);
Session SessionOf(const Neo4jTransaction& t);
// Names the constraints that pawl's own nodes need and makes those that are missing.
absl::Status PrepareNeo4jSchema(Neo4jConnection& c);

class Neo4jLease {
 public:
  Neo4jLease(const Neo4jConnection& like, std::string component, Neo4jOwner owner);
  ~Neo4jLease();           // gives it back

  // Queries that the next command will ask: planned while this one works, because that takes the server a tenth of a second the first time,
  // and after every change of the schema. At once, and at PlanAhead.
  void set_plan_ahead(std::vector<CypherStatement> queries) { plan_ahead_ = std::move(queries); }
  void PlanAhead();
  // False: somebody else has it, and `holder` says who.
  absl::StatusOr<bool> Try(Session* holder);
  bool held() const { return held_; }
  // It was held and is lost: schema commands must not begin. (Data transactions find out by the fence.)
  bool lost() const { return lost_; }
  // How much longer ago than usual the server last answered it, in seconds; 0: not longer. The time counts in which the process or its
  // machine was suspended and `lost` could not be found out.
  double SecondsInDoubt() const;
  // Whether `t` is its own transaction, of which the Query API tells neither name nor address: it began when ours did.
  bool Is(const Neo4jTransaction& t) const { return t.query.empty() && !begun_.empty() && t.started == begun_; }
  const Neo4jOwner& owner() const { return owner_; }
  // A run that had it and did not give it back; empty if none did.
  struct DeadRun {
    std::string run, address;
  };
  const DeadRun& dead() const { return dead_; }

  // Who has the lease of `component` and lives; nothing if nobody does, and then `dead` is filled in.
  static CypherStatement HolderQuery(const std::string& component);
  static absl::StatusOr<std::optional<Session>> Holder(Neo4jConnection& c, const std::string& component, DeadRun* dead, std::string* run = nullptr);

 private:
  absl::StatusOr<bool> Take(Session* holder);
  CypherReply Guarded(const std::function<CypherReply()>& request, const std::string& marker, const std::function<bool()>& end_blockers, double seconds);
  void Beat();
  void Answered();
  void Explain();
  void Loop();

  std::string component_;
  Neo4jOwner owner_;
  std::unique_ptr<Neo4jConnection> c_, watch_;
  DeadRun dead_;
  std::string begun_;              // when its transaction did, by the server's clock; as Neo4jTransaction::started
  std::vector<CypherStatement> plan_ahead_;
  bool held_ = false;
  std::atomic<bool> lost_{false};
  std::atomic<double> answered_booted_{0}, answered_real_{0};   // when, by clocks that a suspended machine does not stop
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false, plan_again_ = false;   // guarded by mutex_
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_NEO4J_LEASE_H_
