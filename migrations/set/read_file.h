// Reading regular files without ever waiting: for the walk over migration folders.
#ifndef PAWL_MIGRATIONS_SET_READ_FILE_H_
#define PAWL_MIGRATIONS_SET_READ_FILE_H_

#include <cstdint>
#include <string>

namespace pawl {

enum class ReadOutcome : uint8_t { kFile, kFolder, kProblem };

struct ReadResult {
  ReadOutcome outcome = ReadOutcome::kProblem;
  std::string text;     // kFile
  int folder = -1;      // kFolder: an open descriptor, which the caller closes
  std::string problem;  // kProblem: "is a named pipe, not a regular file"
};

// Opens `name` below the folder `at` (AT_FDCWD: as a path of its own) and reads it whole. Follows symbolic links. Never blocks
// on a pipe, and never opens a terminal as its own. Files over kMaxFileBytes are a problem.
ReadResult ReadRegularFile(int at, const char* name);

// What an errno of open() or opendir() means to an operator.
std::string DescribeOpenError(int error);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_SET_READ_FILE_H_
