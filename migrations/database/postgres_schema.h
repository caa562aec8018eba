// Reads the schema of a PostgreSQL database from its catalogs, as docs/schema/schema-v1.json describes it.
#ifndef PAWL_MIGRATIONS_DATABASE_POSTGRES_SCHEMA_H_
#define PAWL_MIGRATIONS_DATABASE_POSTGRES_SCHEMA_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "migrations/database/connection.h"

namespace pawl {

struct ReadSchemaOptions {
  bool statistics = false;   // sizes and estimated rows too
};

// One read-only transaction of one snapshot: what it gives is how the schema stood at one moment. Members `tool` and `source` are
// set by the caller. Servers 12 to 18. kFailedPrecondition: what the server said.
absl::StatusOr<nlohmann::ordered_json> ReadSchema(PgConnection& connection, const ReadSchemaOptions& options);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_POSTGRES_SCHEMA_H_
