// File name patterns as people know them from .gitignore and ruff.
#ifndef PAWL_TOOLS_GLOB_H_
#define PAWL_TOOLS_GLOB_H_

#include <string_view>

namespace pawl {

// Whether `pattern` names the file, or a folder that it is in. Both with '/'; a "./" in front is left out.
//
//   *      any characters but '/'          **     any folders, also none: "db/**/x.sql", "**/seeds"
//   ?      one character but '/'           {a,b}  a or b (may be nested)
//   \x     the character x itself
//
// A pattern without '/' is looked for at any depth: "*.down.sql", "seeds". Others begin at the root of the path. Linear in the
// product of the lengths for each way to choose from braces, of which 256 are looked at.
bool GlobMatch(std::string_view pattern, std::string_view path);

// "" if the pattern makes sense, else what is wrong with it: "`{` without `}`".
std::string_view GlobProblem(std::string_view pattern);

}  // namespace pawl

#endif  // PAWL_TOOLS_GLOB_H_
