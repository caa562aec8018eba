// Cypher over HTTP: one kept-alive connection to a Neo4j server, by its Query API (5.26 and later, Aura) or its transactional API.
// Never sends a statement twice: after a lost connection nobody knows whether it ran.
//
// Shapes of both APIs: Neo4j's HTTP API manual. A reply is a success only if its status is 2xx and it holds no `errors`: an error that comes up
// while rows are sent arrives with status 202.
//
// Blocking calls call the connection's tick about every 100 ms. Not thread-safe: one thread a connection.
#ifndef PAWL_MIGRATIONS_DATABASE_NEO4J_HTTP_H_
#define PAWL_MIGRATIONS_DATABASE_NEO4J_HTTP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "migrations/database/neo4j_target.h"

namespace pawl {

using Json = nlohmann::json;

// What the server, or the way to it, says went wrong.
struct CypherError {
  std::string code;              // "Neo.ClientError.Statement.SyntaxError"; "" if the server did not answer
  std::string message;           // one line, without the place
  int64_t offset = -1;           // in the statement, UTF-16 units from 0 as Java counts them; -1: not told
  bool lost = false;             // no answer, or the server is going down: whether it ran is not known
};

struct CypherReply {
  std::optional<CypherError> error;
  int http = 0;                  // status; 0: no answer
  std::vector<std::string> fields;
  std::vector<Json> rows;        // each an array, a value a field
  Json counters;                 // containsUpdates, nodesCreated, ...; null if not asked for
  Json plan;                     // of EXPLAIN and PROFILE: the root operator; null otherwise
  Json notifications;            // array; null if there are none

  bool ok() const { return !error.has_value(); }
  // The one value of a query that gives one, as text; "" for null or no row.
  std::string Value() const;
};

struct CypherStatement {
  std::string text;
  Json parameters;               // null: none
};

// A value as text: strings as they are, null as "", others as JSON.
std::string CypherText(const Json& value);

struct Neo4jServer {
  std::string version, edition;  // "5.26.30", "community"
  bool query_api = false;        // it offers the Query API with explicit transactions
  bool transactional_api = false;
  int number = 0;                // 526 of 5.26, 404 of 4.4, 202608 of 2026.08: as lint counts them
};

class Neo4jConnection {
 public:
  using Tick = std::function<void()>;

  // Asks GET / what the server is and chooses the API. kUnavailable: nothing listens there, it is no Neo4j, or it does not let us in; the
  // message is for an operator and holds no secret.
  static absl::StatusOr<std::unique_ptr<Neo4jConnection>> Open(const Neo4jTarget& target);
  // Another connection to the same server, made with the first request.
  std::unique_ptr<Neo4jConnection> Another() const;
  ~Neo4jConnection();
  Neo4jConnection(const Neo4jConnection&) = delete;

  // In a transaction of its own, which the server begins and ends (CALL { } IN TRANSACTIONS needs that). `read`: a write in it is
  // refused.
  CypherReply Run(std::string_view statement, const Json& parameters = nullptr, bool read = false);

  // All in one transaction and one request: a third of the time that a few small statements take one by one. The transactional API has that,
  // the Query API has not. A reply for each that ran; the last one has the error if there is one, behind all of them that of the commit.
  bool can_run_together() const { return server_.transactional_api && target_.api != Neo4jApi::kQuery; }
  std::vector<CypherReply> RunTogether(const std::vector<CypherStatement>& statements);

  // An explicit transaction; one at a time. It is gone after any error, as the server has it, and after a minute (transactional API:
  // half a one) without a request.
  CypherReply Begin(std::string_view statement, const Json& parameters = nullptr);
  CypherReply InTransaction(std::string_view statement, const Json& parameters = nullptr);
  // Runs `statement` (none if empty), then commits.
  CypherReply Commit(std::string_view statement = {}, const Json& parameters = nullptr);
  CypherReply Rollback();
  bool in_transaction() const { return !transaction_.empty(); }

  // Waits for rows at most this long; 0: for ever. A request that is cut off is `lost`.
  void set_timeout(double seconds) { timeout_seconds_ = seconds; }
  void set_tick(Tick tick) { tick_ = std::move(tick); }
  // Its requests are no crash points (crash_point.h): they are another thread's.
  void set_background() { background_ = true; }
  // "127.0.0.1:51234" as this side sees it, of the connection in use; "" before the first request.
  std::string LocalAddress() const;
  const Neo4jServer& server() const { return server_; }
  const Neo4jTarget& target() const { return target_; }
  bool query_api() const { return query_api_; }

 private:
  struct Transport;
  explicit Neo4jConnection(const Neo4jTarget& target);
  absl::Status Learn();
  CypherReply Send(const char* method, const std::string& path, const std::string& body, bool read = false);
  CypherReply SendQuery(const std::string& path, std::string_view statement, const Json& parameters, bool read, bool end);
  CypherReply SendLegacy(const std::string& path, std::string_view statement, const Json& parameters, bool read, bool end);
  absl::Status Unreachable(const std::string& why) const;

  Neo4jTarget target_;
  Neo4jServer server_;
  std::unique_ptr<Transport> transport_;
  bool query_api_ = true;
  bool background_ = false;
  double timeout_seconds_ = 0;
  Tick tick_;
  std::string transaction_;      // path of the open one: "/db/neo4j/query/v2/tx/4241a1"
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_NEO4J_HTTP_H_
