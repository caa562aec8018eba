// From paths to migration sets: the one place that walks folders and reads script files. What a folder means is the layouts'
// business (migrations/layout); nothing here parses SQL.
#ifndef PAWL_MIGRATIONS_SET_DISCOVER_H_
#define PAWL_MIGRATIONS_SET_DISCOVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/set/migration_set.h"

namespace pawl {

// Files over this size are a problem, not a migration.
inline constexpr uint64_t kMaxFileBytes = 64u << 20;

// What somebody says of a folder's migrations; what is not said is recognised.
struct FolderSaid {
  std::optional<Layout> layout;
  std::optional<Engine> engine;                // of files whose extension says none
  std::optional<TransactionMode> transaction;
};

struct DiscoverOptions {
  std::vector<std::string> paths;              // files (any name is taken) and folders (searched through)
  std::optional<Layout> layout;                // else recognised, folder by folder
  std::optional<Engine> engine;                // of files whose extension says none; in folders, only this engine's files
  std::optional<TransactionMode> transaction;  // else what the layout's runner does
  // Path -> text to use instead of what is on the disk (fixes that are not written yet); may be null.
  const std::map<std::string, std::string>* overlay = nullptr;
  // Of a folder, or of a file that was named by itself, by its path; the options above win. May be empty.
  std::function<FolderSaid(const std::string& path)> said;
  std::vector<std::string> exclude;            // shell patterns for what folders hold: of the whole path or of the last part
};

// A path that could not be read, said for an operator: "is a named pipe, not a regular file".
struct DiscoverProblem {
  std::string path;
  std::string message;
};

// A script that a folder holds and that is left out on purpose, to be counted and shown with --verbose.
struct SkippedFile {
  std::string path;
  std::string reason;                          // "is for mysql"
};

struct Discovered {
  std::vector<MigrationSet> sets;              // by folder; the order does not depend on the order of the paths
  std::vector<DiscoverProblem> problems;       // by path
  std::vector<SkippedFile> skipped;            // by path
};

// Never throws and never fails as a whole: what cannot be read is a problem beside the sets of the rest.
//
// Folders: hidden ones, node_modules and symbolic links to folders are not entered; files are taken by extension (.sql;
// .cypher .cql .cyp); symbolic links to regular files are read. A folder's scripts are one set and `complete`; the folders
// of one migration each (Prisma, diesel) and of one release each (0.1/, 0.2/) belong to the set of the folder above. Scripts
// that the folder's layout would not run, and that nobody meant it to, form a second, plain set of the same folder.
// Files given one by one form sets by the same rules that are not `complete`; whether the down of a lone up is on the disk is
// looked up (Migration::down_on_disk), and so is whether its folder has downs at all (MigrationSet::has_downs).
Discovered Discover(const DiscoverOptions& options);

// A path as sets and findings name it: without "./" and doubled or trailing slashes; "." if nothing is left. ".." stays.
std::string TidyPath(std::string_view path);

// The set of one script that is given as text; `path` is the name that it has, or will have, on the disk. Looks on the disk
// for its neighbours as for a file given alone.
MigrationSet SetFromText(std::string path, std::string text, const DiscoverOptions& options);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_SET_DISCOVER_H_
