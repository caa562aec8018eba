// Files replaced as a whole or not at all.
#ifndef PAWL_MIGRATIONS_HISTORY_ATOMIC_FILE_H_
#define PAWL_MIGRATIONS_HISTORY_ATOMIC_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pawl {

// Writes a temporary file beside `path`, syncs it and renames it over `path`, so that a crash at any point leaves the old or
// the new content. Keeps the permissions of the file that was there; a new one gets 0644 less the umask. A symbolic link is
// followed. Errors name the file and the reason.
absl::Status WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_ATOMIC_FILE_H_
