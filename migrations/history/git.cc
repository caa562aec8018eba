#include "migrations/history/git.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "migrations/history/subprocess.h"

extern char** environ;

namespace pawl {
namespace {

// The caller's environment without what a hook (git sets GIT_DIR, GIT_INDEX_FILE and GIT_PREFIX for it) or a habit would
// make git answer about another repository or in another language. GIT_DIR stays where GIT_WORK_TREE stands beside it:
// that pair is somebody's set-up.
std::vector<std::string> GitEnvironment() {
  std::vector<std::string> out;
  const bool has_work_tree = getenv("GIT_WORK_TREE") != nullptr;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string_view v = *e;
    if (absl::StartsWith(v, "GIT_DIR=") && !has_work_tree) continue;
    bool drop = false;
    for (std::string_view name : {"GIT_INDEX_FILE=", "GIT_PREFIX=", "GIT_LITERAL_PATHSPECS=", "GIT_GLOB_PATHSPECS=", "GIT_NOGLOB_PATHSPECS=",
                                  "GIT_ICASE_PATHSPECS=", "GIT_EXTERNAL_DIFF=", "GIT_DIFF_OPTS=", "LC_ALL=", "LANGUAGE="}) {
      drop = drop || absl::StartsWith(v, name);
    }
    if (!drop) out.emplace_back(v);
  }
  out.push_back("LC_ALL=C");
  out.push_back("GIT_OPTIONAL_LOCKS=0");
  out.push_back("GIT_TERMINAL_PROMPT=0");
  return out;
}

class Git {
 public:
  explicit Git(std::string folder) : folder_(std::move(folder)), environment_(GitEnvironment()) {}

  absl::StatusOr<SubprocessResult> Run(std::vector<std::string> arguments, std::string_view input = {}) const {
    std::vector<std::string> argv = {"git", "-C", folder_, "--literal-pathspecs", "-c", "diff.relative=false"};
    argv.insert(argv.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
    absl::StatusOr<SubprocessResult> result = RunProgram(argv, environment_, input);
    if (absl::IsNotFound(result.status())) {
      return absl::NotFoundError("`--since` needs the `git` program, and there is none in PATH: install git, or lint without `--since`");
    }
    return result;
  }

  // For commands that do not fail unless something is wrong that only git can explain.
  absl::StatusOr<std::string> Output(std::vector<std::string> arguments, std::string_view input = {}) const {
    const std::string name = arguments[0];
    absl::StatusOr<SubprocessResult> result = Run(std::move(arguments), input);
    if (!result.ok()) return result.status();
    if (result->exit_code != 0) return Refused(name, *result);
    return std::move(result->out);
  }

  absl::Status Refused(std::string_view command, const SubprocessResult& result) const {
    return absl::FailedPreconditionError(absl::StrCat("`git ", command, "` failed in `", folder_, "` (exit code ", result.exit_code,
                                                      "): ", absl::StripAsciiWhitespace(result.err)));
  }

 private:
  std::string folder_;
  std::vector<std::string> environment_;
};

struct WorkTree {
  std::string top;
  bool shallow = false;
};

absl::StatusOr<WorkTree> FindWorkTree(const std::string& folder, const std::string& shown) {
  const Git git(folder);
  // Two calls: one option that does not apply would make git print nothing for the others.
  absl::StatusOr<SubprocessResult> top = git.Run({"rev-parse", "--show-toplevel"});
  if (!top.ok()) return top.status();
  if (top->exit_code != 0) {
    if (absl::StrContains(top->err, "not a git repository") || absl::StrContains(top->err, "must be run in a work tree")) {
      return absl::FailedPreconditionError(absl::StrCat(
          "`--since` compares with git, but `", shown, "` is in no git work tree: run it in a checkout, or lint without `--since`"));
    }
    return git.Refused("rev-parse", *top);  // "dubious ownership" names its own remedy
  }
  WorkTree tree;
  tree.top = std::string(absl::StripSuffix(top->out, "\n"));
  absl::StatusOr<std::string> shallow = git.Output({"rev-parse", "--is-shallow-repository"});
  if (!shallow.ok()) return shallow.status();
  tree.shallow = absl::StartsWith(*shallow, "true");
  return tree;
}

constexpr std::string_view kDeepen = "run `git fetch --unshallow`, or set `fetch-depth: 0` in the CI's checkout step";

absl::StatusOr<std::string> FindMergeBase(const Git& git, const WorkTree& tree, std::string_view ref) {
  // A leading '-' would be an option of git's; no revision begins so.
  bool known = !ref.empty() && ref[0] != '-';
  if (known) {
    absl::StatusOr<SubprocessResult> commit = git.Run({"rev-parse", "--verify", "--quiet", absl::StrCat(ref, "^{commit}")});
    if (!commit.ok()) return commit.status();
    known = commit->exit_code == 0;
  }
  if (!known) {
    std::string help = "name a branch, tag or commit that `git log` knows";
    if (tree.shallow) {
      help = absl::StrCat("this clone is shallow and may lack it: ", kDeepen, ", and fetch the branch with `git fetch origin`");
    } else if (absl::StrContains(ref, '/')) {
      help = "fetch it first, for instance with `git fetch origin`";
    }
    return absl::InvalidArgumentError(absl::StrCat("`--since ", ref, "`: git knows no such commit in `", tree.top, "`; ", help));
  }
  absl::StatusOr<SubprocessResult> head = git.Run({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"});
  if (!head.ok()) return head.status();
  if (head->exit_code != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("`--since ", ref, "`: the current branch of `", tree.top, "` has no commit yet, so there is nothing to compare; commit first"));
  }
  absl::StatusOr<SubprocessResult> base = git.Run({"merge-base", std::string(ref), "HEAD"});
  if (!base.ok()) return base.status();
  if (base->exit_code == 0) return std::string(absl::StripAsciiWhitespace(base->out));
  if (base->exit_code != 1) return git.Refused("merge-base", *base);
  if (tree.shallow) {
    return absl::FailedPreconditionError(absl::StrCat("`--since ", ref, "`: this clone is shallow, so git cannot tell where HEAD left `", ref,
                                                      "`; ", kDeepen));
  }
  return absl::FailedPreconditionError(absl::StrCat("`--since ", ref, "`: HEAD and `", ref,
                                                    "` have no common ancestor; name a revision that this branch grew from"));
}

// Folders relative to the top of the work tree; empty means all of it.
absl::StatusOr<std::vector<std::string>> RelativeFolders(const std::vector<std::string>& real, const WorkTree& tree) {
  std::vector<std::string> relative;
  const size_t prefix = tree.top == "/" ? 1 : tree.top.size() + 1;
  for (const std::string& folder : real) {
    if (folder == tree.top) return std::vector<std::string>();
    if (!absl::StartsWith(folder, tree.top) || folder[prefix - 1] != '/') {
      return absl::FailedPreconditionError(absl::StrCat("`--since` compares files of one git work tree at a time, but `", folder,
                                                        "` is not in `", tree.top, "`; lint them in separate calls"));
    }
    relative.push_back(folder.substr(prefix));
  }
  std::sort(relative.begin(), relative.end());
  std::vector<std::string> kept;
  for (std::string& folder : relative) {
    if (kept.empty() || (folder != kept.back() && !absl::StartsWith(folder, kept.back() + "/"))) kept.push_back(std::move(folder));
  }
  // More would only make git's command line long: the whole tree costs little more.
  if (kept.size() > 500) kept.clear();
  return kept;
}

void AppendFolders(const std::vector<std::string>& folders, std::vector<std::string>& arguments) {
  arguments.push_back("--");
  for (const std::string& folder : folders) arguments.push_back(folder + "/");
}

// Path to blob id, regular files only.
using Tree = std::map<std::string, std::string, std::less<>>;

// `git ls-tree -z`: "<mode> SP <type> SP <id> TAB <path> NUL".
Tree ParseTree(std::string_view out) {
  Tree tree;
  for (std::string_view record : absl::StrSplit(out, '\0', absl::SkipEmpty())) {
    const size_t tab = record.find('\t');
    if (tab == std::string_view::npos || !absl::StartsWith(record, "100")) continue;  // 120000 symlink, 160000 submodule
    const std::vector<std::string_view> fields = absl::StrSplit(record.substr(0, tab), ' ');
    if (fields.size() == 3) tree.emplace(record.substr(tab + 1), fields[2]);
  }
  return tree;
}

// `git diff --raw -z`: ":<mode> <mode> <id> <id> <status> NUL <path> NUL [<new path> NUL]".
std::map<std::string, GitFile> ParseDiff(std::string_view out, const Tree& base) {
  std::map<std::string, GitFile> files;
  const std::vector<std::string_view> fields = absl::StrSplit(out, '\0');
  for (size_t i = 0; i + 1 < fields.size();) {
    const std::string_view header = fields[i];
    const size_t space = header.rfind(' ');
    const char status = space == std::string_view::npos || space + 1 >= header.size() ? ' ' : header[space + 1];
    const bool two = status == 'R' || status == 'C';
    if (i + 1 + two >= fields.size()) break;
    GitFile file;
    file.old_path = std::string(fields[i + 1]);
    file.path = std::string(fields[i + 1 + two]);
    i += 2 + two;
    const bool at_base = base.contains(file.old_path);
    if (status == 'R' && at_base) {
      file.change = GitChange::kRenamed;
    } else if (status == 'D') {
      if (!at_base) continue;
      file.change = GitChange::kDeleted;
    } else {  // A, M, T (a symlink became a file), U (a merge in progress)
      file.change = at_base && !two ? GitChange::kModified : GitChange::kAdded;
      if (file.change == GitChange::kAdded) file.old_path.clear();
    }
    files[file.path] = std::move(file);
  }
  return files;
}

// `git cat-file --batch`: "<id> SP blob SP <size> LF <bytes> LF" for each id asked for.
absl::Status ReadBlobs(const Git& git, const Tree& base, std::vector<GitFile>& files) {
  std::string wanted;
  for (const GitFile& f : files) {
    if (!f.old_path.empty()) absl::StrAppend(&wanted, base.find(f.old_path)->second, "\n");
  }
  if (wanted.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> out = git.Output({"cat-file", "--batch"}, wanted);
  if (!out.ok()) return out.status();
  std::string_view rest = *out;
  for (GitFile& f : files) {
    if (f.old_path.empty()) continue;
    const size_t line_end = rest.find('\n');
    const std::vector<std::string_view> header = absl::StrSplit(rest.substr(0, line_end), ' ');
    uint64_t size = 0;
    if (line_end == std::string_view::npos || header.size() != 3 || !absl::SimpleAtoi(header[2], &size) || rest.size() - line_end - 1 < size) {
      return absl::FailedPreconditionError(
          absl::StrCat("git has no content for `", f.old_path, "` at the merge base (a partial clone that cannot reach its server?); fetch it, "
                       "for instance with `git fetch --refetch`"));
    }
    f.old_text = std::string(rest.substr(line_end + 1, size));
    rest.remove_prefix(std::min(rest.size(), line_end + 1 + size + 1));
  }
  return absl::OkStatus();
}

}  // namespace

bool GitComparison::AtBase(std::string_view path) const { return std::binary_search(base_paths.begin(), base_paths.end(), path); }

const GitFile* GitComparison::Find(std::string_view path) const {
  auto it = std::lower_bound(changed.begin(), changed.end(), path, [](const GitFile& f, std::string_view p) { return f.path < p; });
  return it != changed.end() && it->path == path ? &*it : nullptr;
}

std::string RealFolder(const std::string& folder) {
  char buffer[PATH_MAX];
  return realpath(folder.empty() ? "." : folder.c_str(), buffer) == nullptr ? std::string() : std::string(buffer);
}

absl::StatusOr<GitComparison> CompareWithGit(absl::Span<const std::string> folders, std::string_view ref) {
  std::vector<std::string> real;
  for (const std::string& folder : folders) {
    real.push_back(RealFolder(folder));
    if (real.back().empty()) return absl::NotFoundError(absl::StrCat("there is no folder `", folder, "`"));
  }
  if (real.empty()) real.push_back(RealFolder(""));
  absl::StatusOr<WorkTree> tree = FindWorkTree(real[0], folders.empty() || folders[0].empty() ? "." : folders[0]);
  if (!tree.ok()) return tree.status();
  const Git git(tree->top);
  absl::StatusOr<std::string> merge_base = FindMergeBase(git, *tree, ref);
  if (!merge_base.ok()) return merge_base.status();
  absl::StatusOr<std::vector<std::string>> relative = RelativeFolders(real, *tree);
  if (!relative.ok()) return relative.status();

  GitComparison result;
  result.ref = std::string(ref);
  result.base = *merge_base;
  result.top = tree->top;

  std::vector<std::string> list = {"ls-tree", "-r", "-z", "--full-tree", result.base};
  AppendFolders(*relative, list);
  absl::StatusOr<std::string> listing = git.Output(std::move(list));
  if (!listing.ok()) return listing.status();
  const Tree base = ParseTree(*listing);
  for (const auto& [path, id] : base) result.base_paths.push_back(path);

  // Against the work tree and not HEAD, so that what is not committed counts. `git diff` knows the repository's line-end and
  // clean filters, which a comparison of bytes would not.
  std::vector<std::string> diff = {"diff", "--raw", "-z", "-M", "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv",
                                   "--ignore-submodules=all", result.base};
  AppendFolders(*relative, diff);
  absl::StatusOr<std::string> changes = git.Output(std::move(diff));
  if (!changes.ok()) return changes.status();
  for (auto& [path, file] : ParseDiff(*changes, base)) result.changed.push_back(std::move(file));
  if (absl::Status status = ReadBlobs(git, base, result.changed); !status.ok()) return status;
  return result;
}

}  // namespace pawl
