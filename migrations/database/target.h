// Where a set's database is: from --url, --url-env, a set's url-env, an env file, DATABASE_URL (NEO4J_URL, NEO4J_URI), or libpq's own PG*
// variables.
#ifndef PAWL_MIGRATIONS_DATABASE_TARGET_H_
#define PAWL_MIGRATIONS_DATABASE_TARGET_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "analyzer/finding/finding.h"

namespace pawl {

// NAME=VALUE lines of an env file before the process's own environment; what is set in the environment wins, as for every
// dotenv reader, so that an operator can override a file for one run.
class Environment {
 public:
  // kNotFound, kInvalidArgument with the line. Reads NAME=VALUE, `export NAME=VALUE`, '...' and "..." values, # comments.
  absl::Status Load(const std::string& file);
  // "" if it is set nowhere.
  std::string Get(const std::string& name) const;
  const std::map<std::string, std::string>& loaded() const { return loaded_; }

 private:
  std::map<std::string, std::string> loaded_;
};

struct Target {
  Engine engine = Engine::kPostgresql;
  std::string url;            // as given: postgresql://..., key=value words, service=NAME or "" (PG* variables); http://... (neo4j_target.h); may hold a password
  std::string origin;         // for messages: "--url", "DB_URL of migrate.env", "DATABASE_URL", "the PG* variables"
  std::string search_path;    // set in the session; "" = the server's default
  std::string role;
  Environment environment;    // of libpq's PG* variables in an env file
};

struct TargetRequest {
  std::string url, url_env, env_file;
  std::string set_url_env, set_env_file;   // of pawl.toml
  Engine engine = Engine::kPostgresql;
};

// kInvalidArgument: a named variable is not set, a file cannot be read; kNotFound: nothing names a database.
absl::StatusOr<Target> FindTarget(const TargetRequest& request);

// A connection string for messages, logs and plans: no password, no other secret ("postgresql://ada@db1:5432/app"). Of what
// cannot be parsed nothing is shown at all.
std::string DescribeTarget(const Target& target);

// `text` with every occurrence of the target's password (as given and percent-decoded) replaced by "***".
std::string Redact(const Target& target, std::string_view text);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_TARGET_H_
