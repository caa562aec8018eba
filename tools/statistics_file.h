// Reads the sizes of tables out of what `pawl schema dump --statistics` writes (docs/schema/schema-v1.json, `statistics`).
#ifndef PAWL_TOOLS_STATISTICS_FILE_H_
#define PAWL_TOOLS_STATISTICS_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rules/statistics.h"

namespace pawl {

// kNotFound, kInternal: the file cannot be read. kInvalidArgument: it is no such file; the message says what to do.
absl::StatusOr<std::unique_ptr<const TableStatistics>> ReadStatistics(const std::string& path, int64_t small_table);
// `path`: for messages.
absl::StatusOr<std::unique_ptr<const TableStatistics>> ParseStatistics(std::string_view text, std::string_view path, int64_t small_table);

}  // namespace pawl

#endif  // PAWL_TOOLS_STATISTICS_FILE_H_
