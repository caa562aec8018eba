// Names of files as the user gave them, and how they relate.
#ifndef PAWL_MIGRATIONS_HISTORY_PATHS_H_
#define PAWL_MIGRATIONS_HISTORY_PATHS_H_

#include <string>
#include <string_view>

namespace pawl {

// Without "./" and doubled or trailing slashes; "." becomes "". Symbolic links and ".." are left alone.
std::string NormalPath(std::string_view path);

// Both parts normalised; an empty folder is the current one.
std::string JoinPath(std::string_view folder, std::string_view rest);

// `path` below `folder`; `path` itself, normalised, where it is not below.
std::string RelativeTo(std::string_view folder, std::string_view path);

std::string_view FolderOf(std::string_view path);    // "" if it has none, "/" for the root
std::string_view BaseNameOf(std::string_view path);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_PATHS_H_
