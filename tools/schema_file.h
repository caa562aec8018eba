// Files that describe a schema: snapshots of `pawl schema dump`, and the SQL of pg_dump --schema-only.
#ifndef PAWL_TOOLS_SCHEMA_FILE_H_
#define PAWL_TOOLS_SCHEMA_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "analyzer/schema/schema.h"
#include "analyzer/schema/start.h"

namespace pawl {

// Whether the file is a snapshot: its first character that is not white space is `{`.
bool IsSnapshot(std::string_view text);
// The whole file. kInvalidArgument: it cannot be read.
absl::StatusOr<std::string> ReadSchemaFile(const std::string& path);
// Either kind, as what a history begins with.
absl::StatusOr<std::unique_ptr<StartSchema>> ReadStartSchema(const std::string& path);
// Either kind, as a description.
absl::StatusOr<SchemaJson> ReadSchemaDescription(const std::string& path);

}  // namespace pawl

#endif  // PAWL_TOOLS_SCHEMA_FILE_H_
