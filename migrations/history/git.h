// What git knows of the files below some folders: what they were at the merge base with a given revision, and what has
// become of them since, uncommitted changes included. Facts come from the `git` program (2.25 or newer), run without a shell;
// nothing in the repository is written, its index included.
#ifndef PAWL_MIGRATIONS_HISTORY_GIT_H_
#define PAWL_MIGRATIONS_HISTORY_GIT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace pawl {

enum class GitChange : uint8_t { kAdded, kModified, kDeleted, kRenamed };

// One file that is not as it was. Paths are bytes as stored, relative to the top of the work tree, '/' separated.
struct GitFile {
  GitChange change = GitChange::kModified;
  std::string path;      // now; for kDeleted where it was
  std::string old_path;  // at the base; "" for kAdded
  std::string old_text;  // at the base, as git stores it (before any line-end conversion); "" for kAdded
};

struct GitComparison {
  std::string ref;       // as asked for
  std::string base;      // full id of the merge base of `ref` and HEAD
  std::string top;       // absolute path of the work tree, symlinks resolved; no '/' at the end
  std::vector<GitFile> changed;         // sorted by path; a file that git does not track is not listed
  std::vector<std::string> base_paths;  // every regular file at the base below the folders, sorted

  std::string short_base() const { return base.substr(0, 10); }
  bool AtBase(std::string_view path) const;
  const GitFile* Find(std::string_view path) const;  // by its path now (kDeleted: then); null: unchanged or not tracked
};

// `folders` are paths as the user named them ("" is the current one); all must lie in one work tree, which may be a linked
// one or a clone of any depth. Symbolic links and submodules are left out.
//
// Errors say what to do next. NotFound: no git program, or a folder that does not exist; FailedPrecondition: the folder is
// in no work tree, HEAD has no commit, no common ancestor, a clone too shallow to know it, or git itself refuses;
// InvalidArgument: `ref` names no commit.
absl::StatusOr<GitComparison> CompareWithGit(absl::Span<const std::string> folders, std::string_view ref);

// Absolute path of a folder with symlinks resolved, "" if it does not exist.
std::string RealFolder(const std::string& folder);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_GIT_H_
