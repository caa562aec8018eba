#include "migrations/history/paths.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pawl {

std::string NormalPath(std::string_view path) {
  // Nearly always there is nothing to do.
  if (!path.empty() && path != "." && path.back() != '/' && !absl::StartsWith(path, "./") && !absl::StrContains(path, "//") &&
      !absl::StrContains(path, "/./") && !absl::EndsWith(path, "/.")) {
    return std::string(path);
  }
  std::string out;
  if (absl::StartsWith(path, "/")) out.push_back('/');
  for (std::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (!out.empty() && out.back() != '/') out.push_back('/');
    out.append(part);
  }
  return out;
}

std::string JoinPath(std::string_view folder, std::string_view rest) {
  const std::string base = NormalPath(folder);
  if (base.empty()) return NormalPath(rest);
  return NormalPath(absl::StrCat(base, "/", rest));
}

std::string RelativeTo(std::string_view folder, std::string_view path) {
  const std::string base = NormalPath(folder);
  std::string whole = NormalPath(path);
  if (base.empty()) return whole;
  const size_t prefix = base == "/" ? 1 : base.size() + 1;
  if (absl::StartsWith(whole, base) && whole.size() > prefix && whole[prefix - 1] == '/') return whole.substr(prefix);
  return whole;
}

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view BaseNameOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace pawl
