// Runs another program and collects what it prints. No shell: arguments reach the program as they are.
#ifndef PAWL_MIGRATIONS_HISTORY_SUBPROCESS_H_
#define PAWL_MIGRATIONS_HISTORY_SUBPROCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pawl {

struct SubprocessResult {
  int exit_code = 0;        // 128 + the signal's number if a signal ended it
  std::string out;
  std::string err;
};

// `argv[0]` is looked up in PATH. `environment` holds NAME=VALUE strings and is the whole environment of the child.
// Writes `input` to its standard input while reading both outputs, so neither side waits for the other for ever.
//
// NotFound if there is no such program; Internal if the system refuses (no memory, no file descriptors). A program that ran
// and failed is a result, not an error. Thread-safe.
absl::StatusOr<SubprocessResult> RunProgram(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                                            std::string_view input = {});

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_SUBPROCESS_H_
