// Where a Neo4j server listens for HTTP, from the URL that a team has: http(s)://user@host:port/database is said as it is; of
// bolt:// and neo4j://, as drivers have them, the HTTP address beside it is taken.
#ifndef PAWL_MIGRATIONS_DATABASE_NEO4J_TARGET_H_
#define PAWL_MIGRATIONS_DATABASE_NEO4J_TARGET_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "migrations/database/target.h"

namespace pawl {

// Which of the server's two HTTP interfaces to use.
enum class Neo4jApi : uint8_t {
  kChoose,       // what GET / offers: the Query API from 5.26 on, else the transactional one
  kQuery,        // POST /db/NAME/query/v2
  kTransaction,  // POST /db/NAME/tx
};

struct Neo4jTarget {
  bool tls = false;
  std::string host;              // with [] if it is an IPv6 address
  int port = 0;
  std::string database;          // "neo4j" unless said
  std::string user, password;    // "" = no basic authentication
  std::string bearer;            // a token instead of them
  std::string ca_file;           // "" = the system's certificates
  Neo4jApi api = Neo4jApi::kChoose;
  int bolt_port = 0;             // the URL was bolt:// or neo4j://: its port, and host, port and tls are deduced; 0: it was http(s)://
  std::string shown;             // the URL as given without its secrets

  std::string Base() const;      // "http://db1:7474"
};

// Credentials come from the URL, else NEO4J_USERNAME (or NEO4J_USER) and NEO4J_PASSWORD, or NEO4J_TOKEN; the database from the URL's path,
// else NEO4J_DATABASE. ?ca=FILE, ?api=query|transaction, ?database=NAME. kInvalidArgument: it is no such URL; the message does not
// show it, for it may hold a password.
absl::StatusOr<Neo4jTarget> ParseNeo4jTarget(const Target& target);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_NEO4J_TARGET_H_
