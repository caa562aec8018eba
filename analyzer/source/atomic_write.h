// Replaces a file as a whole: whoever reads it sees the old text or the new, and after a crash or on a full disk one of the two is
// there.
#ifndef PAWL_ANALYZER_SOURCE_ATOMIC_WRITE_H_
#define PAWL_ANALYZER_SOURCE_ATOMIC_WRITE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pawl {

// Writes `contents` to a new file beside `path`, flushes it to the disk and renames it over `path`. Mode, and owner where the
// system lets us, stay; a symbolic link stays a link and its target is replaced; other hard links keep the old text. A new file
// gets the usual mode (0666 without the umask).
//
// Fails, leaving the old file whole and no other file behind: kPermissionDenied for a file without write permission (also for
// root, who could) or a folder that takes no new file; kFailedPrecondition for what is not a regular file; kNotFound for a folder
// or a link's target that is not there; kResourceExhausted for a full disk; else kInternal. The message names the path and says
// what to do. Thread-safe.
absl::Status WriteFileAtomically(const std::string& path, std::string_view contents);

}  // namespace pawl

#endif  // PAWL_ANALYZER_SOURCE_ATOMIC_WRITE_H_
