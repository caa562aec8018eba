#include "migrations/set/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/set/read_file.h"

namespace pawl {
namespace {

constexpr int kMaxDepth = 100;  // each level keeps one descriptor open
constexpr std::string_view kHints[] = {"migration_lock.toml", "atlas.sum", "diesel.toml"};

bool IsCompanion(std::string_view name) { return name == "metadata.toml" || absl::EndsWith(name, ".sql.conf"); }

std::string_view KindOf(unsigned char type) {
  switch (type) {
    case DT_FIFO: return "is a named pipe, not a regular file";
    case DT_SOCK: return "is a socket, not a regular file";
    case DT_CHR: case DT_BLK: return "is a device, not a regular file";
    default: return "is of an unknown kind, not a regular file";
  }
}

unsigned char TypeOf(mode_t mode) {
  if (S_ISREG(mode)) return DT_REG;
  if (S_ISDIR(mode)) return DT_DIR;
  if (S_ISLNK(mode)) return DT_LNK;
  if (S_ISFIFO(mode)) return DT_FIFO;
  if (S_ISSOCK(mode)) return DT_SOCK;
  return DT_CHR;
}

// What x.postgres.up.sql and x.up.sql have in common.
std::string VariantKey(const NameParts& name) { return absl::StrCat(name.stem, name.direction == Direction::kDown ? ".down" : ".up"); }

}  // namespace

std::string TidyPath(std::string_view path) {
  // Nearly always there is nothing to do.
  if (!path.empty() && path != "." && path.back() != '/' && !absl::StartsWith(path, "./") && !absl::StrContains(path, "//") &&
      !absl::StrContains(path, "/./") && !absl::EndsWith(path, "/.")) {
    return std::string(path);
  }
  std::string tidy;
  tidy.reserve(path.size());
  if (absl::StartsWith(path, "/")) tidy = "/";
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (!tidy.empty() && tidy.back() != '/') tidy += '/';
    tidy.append(part.data(), part.size());
  }
  return tidy.empty() ? "." : tidy;
}

std::string_view DirName(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view Folder::base() const { return BaseName(path); }

std::string Folder::Join(std::string_view name) const {
  if (path == ".") return std::string(name);
  return path == "/" ? absl::StrCat("/", name) : absl::StrCat(path, "/", name);
}

int Walker::Intern(std::string_view path) {
  if (!folders_.empty() && folders_.back().path == path) return static_cast<int>(folders_.size()) - 1;
  const auto [it, inserted] = by_path_.try_emplace(path, static_cast<int>(folders_.size()));
  if (inserted) {
    folders_.emplace_back();
    folders_.back().path = std::string(path);
  }
  return it->second;
}

int Walker::InternParent(int folder) {
  const std::string path = folders_[folder].path;
  if (path == "." || path == "/" || BaseName(path) == "..") return -1;
  return Intern(DirName(path));
}

bool Walker::Excluded(const std::string& path, const std::string& name) const {
  return std::any_of(options_.exclude.begin(), options_.exclude.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0 || fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
  });
}

void Walker::AddFile(int folder, std::string path, std::string text) {
  if (options_.paths.size() > 1 && !seen_.insert(path).second) return;
  if (options_.overlay != nullptr) {
    if (const auto it = options_.overlay->find(path); it != options_.overlay->end()) text = it->second;
  }
  folders_[folder].files.push_back(std::make_unique<SourceFile>(std::move(path), std::move(text)));
}

void Walker::AddText(std::string path, std::string text) {
  path = TidyPath(path);
  const int folder = Intern(DirName(path));
  AddFile(folder, std::move(path), std::move(text));
}

ReadResult Walker::ReadNamed(const std::string& path) {
  const std::string_view folder = DirName(path);
  const std::string_view base = BaseName(path);
  if (folder != near_path_) {
    CloseNear();
    near_path_ = std::string(folder);
  }
  // A folder of its own for each migration holds several names to try; elsewhere the folder is worth opening from the third file on.
  const int often = base == "up.sql" || base == "down.sql" ? 1 : 3;
  const bool in_folder = !base.empty() && base != "..";
  if (++near_reads_ >= often && near_fd_ < 0 && in_folder) near_fd_ = open(near_path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (near_fd_ < 0 || !in_folder) return ReadRegularFile(AT_FDCWD, path.c_str());
  return ReadRegularFile(near_fd_, base.data());  // the end of `path`
}

void Walker::CloseNear() {
  if (near_fd_ >= 0) close(near_fd_);
  near_fd_ = -1;
  near_reads_ = 0;
}

void Walker::Add(const std::string& given) {
  std::string path = TidyPath(given);
  if (options_.paths.size() > 1 && seen_.contains(path)) return;
  if (given.empty()) {
    Problem("", "is an empty path: a variable may not be set");
    return;
  }
  ReadResult read = ReadNamed(path);
  switch (read.outcome) {
    case ReadOutcome::kProblem: Problem(std::move(path), std::move(read.problem)); return;
    case ReadOutcome::kFolder: WalkFolder(read.folder, Intern(path), 0); return;
    case ReadOutcome::kFile: break;
  }
  const int folder = Intern(DirName(path));
  const std::string_view base = BaseName(path);
  // What a walk would have found beside it, if it matters to how this one file runs.
  std::string companion;
  if (base == "up.sql" || base == "down.sql") {
    if (folders_[folder].files.empty()) companion = "metadata.toml";
  } else if (absl::EndsWith(base, ".sql") && ParseFlywayName(base.substr(0, base.size() - 4))) {
    companion = absl::StrCat(base, ".conf");
  }
  if (!companion.empty() && !folders_[folder].walked) {
    ReadResult beside = ReadNamed(folders_[folder].Join(companion));
    if (beside.outcome == ReadOutcome::kFile) folders_[folder].companions.push_back({companion, std::move(beside.text)});
    if (beside.outcome == ReadOutcome::kFolder) close(beside.folder);
  }
  AddFile(folder, std::move(path), std::move(read.text));
}

void Walker::WalkFolder(int fd, int folder, int depth) {
  const std::string path = folders_[folder].path;
  if (folders_[folder].walked) {
    close(fd);
    return;
  }
  folders_[folder].walked = true;
  DIR* dir = fdopendir(fd);
  if (dir == nullptr) {
    Problem(path, DescribeOpenError(errno));
    close(fd);
    return;
  }
  std::vector<Entry> entries;
  errno = 0;
  while (const dirent* d = readdir(dir)) {
    if (d->d_name[0] != '.') entries.push_back({d->d_name, d->d_type});
  }
  if (errno != 0) Problem(path, DescribeOpenError(errno));
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });

  // Where x.postgres.up.sql lies beside x.up.sql, PostgreSQL gets the first and the second is for the others.
  absl::flat_hash_set<std::string> variants;
  bool beside_postgres = false;
  for (Entry& e : entries) {
    if (e.type == DT_UNKNOWN) {
      struct stat st;
      e.type = fstatat(fd, e.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 ? TypeOf(st.st_mode) : static_cast<unsigned char>(DT_REG);
    }
    if (const NameParts name = ParseName(e.name); IsPostgresDialect(name.dialect)) variants.insert(VariantKey(name));
    beside_postgres = beside_postgres || (e.type == DT_DIR && IsPostgresDialect(e.name));
    if (e.name == "sqitch.plan") folders_[folder].unordered = true;
  }
  for (const Entry& e : entries) {
    const auto engine = EngineOfName(e.name);
    if (!options_.exclude.empty()) {
      std::string entry_path = folders_[folder].Join(e.name);
      if (Excluded(entry_path, e.name)) {
        if (engine && e.type != DT_DIR) skipped_.push_back({std::move(entry_path), "is excluded"});
        continue;
      }
    }
    if (e.type == DT_DIR) {
      VisitFolder(fd, folder, e, beside_postgres, depth);
      continue;
    }
    if (!engine || (options_.engine && *engine != *options_.engine)) {
      VisitOther(fd, folder, e);
      continue;
    }
    const NameParts name = ParseName(e.name);
    if (IsForeignDialect(name.dialect)) {
      skipped_.push_back({folders_[folder].Join(e.name), absl::StrCat("is for ", name.dialect, ", by its name")});
    } else if (!variants.empty() && name.dialect.empty() && variants.contains(VariantKey(name))) {
      skipped_.push_back({folders_[folder].Join(e.name), "has a variant for PostgreSQL beside it"});
    } else {
      VisitScript(fd, folder, e);
    }
  }
  closedir(dir);
}

void Walker::VisitFolder(int fd, int folder, const Entry& entry, bool beside_postgres, int depth) {
  std::string path = folders_[folder].Join(entry.name);
  if (entry.name == "node_modules") return;
  // "20250517273700_add_presets.sql/migration.sql": a migration's folder may be named like a script.
  const bool script_name = EngineOfName(entry.name).has_value();
  if (script_name && faccessat(fd, (entry.name + "/migration.sql").c_str(), F_OK, 0) != 0 &&
      faccessat(fd, (entry.name + "/up.sql").c_str(), F_OK, 0) != 0) {
    Problem(std::move(path), "is a folder, not a file, though it is named like a script");
    folders_[folder].gaps = true;
    return;
  }
  if (IsUnmistakableForeignDialect(entry.name) || (beside_postgres && IsForeignDialect(entry.name))) {
    skipped_.push_back({std::move(path), absl::StrCat("is for ", entry.name, ", by its name")});
    return;
  }
  if (entry.name == "meta" && faccessat(fd, "meta/_journal.json", F_OK, 0) == 0) folders_[folder].hints.push_back("meta/_journal.json");
  if (depth >= kMaxDepth) {
    Problem(std::move(path), absl::StrCat("is not searched: it lies more than ", kMaxDepth, " folders deep"));
    return;
  }
  const int sub = openat(fd, entry.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (sub < 0) {
    Problem(std::move(path), DescribeOpenError(errno));
    folders_[folder].gaps = true;
    return;
  }
  const int id = Intern(path);
  folders_[id].unordered = folders_[id].unordered || folders_[folder].unordered;
  WalkFolder(sub, id, depth + 1);
}

void Walker::VisitScript(int fd, int folder, const Entry& entry) {
  std::string path = folders_[folder].Join(entry.name);
  if (entry.type != DT_REG && entry.type != DT_LNK) {
    Problem(std::move(path), std::string(KindOf(entry.type)));
    return;
  }
  ReadResult read = ReadRegularFile(fd, entry.name.c_str());
  if (read.outcome == ReadOutcome::kFile) {
    AddFile(folder, std::move(path), std::move(read.text));
    return;
  }
  if (read.outcome == ReadOutcome::kFolder) {
    close(read.folder);
    read.problem = "is a symbolic link to a folder, not to a file";
  } else if (entry.type == DT_LNK && read.problem == DescribeOpenError(ENOENT)) {
    read.problem = "is a symbolic link to a file that does not exist";
  }
  folders_[folder].gaps = true;
  Problem(std::move(path), std::move(read.problem));
}

// Not a script: what it says about those beside it.
void Walker::VisitOther(int fd, int folder, const Entry& entry) {
  Folder& f = folders_[folder];  // nothing here adds folders
  if (entry.type == DT_LNK) {
    struct stat st;
    if (fstatat(fd, entry.name.c_str(), &st, 0) == 0) {
      if (S_ISREG(st.st_mode)) VisitOther(fd, folder, {entry.name, DT_REG});
      if (S_ISDIR(st.st_mode)) skipped_.push_back({f.Join(entry.name), "is a symbolic link to a folder: name it on the command line to search it"});
    } else if (errno == ELOOP) {
      Problem(f.Join(entry.name), DescribeOpenError(ELOOP));
    }
    return;
  }
  if (entry.type != DT_REG) return;
  if (std::find(std::begin(kHints), std::end(kHints), entry.name) != std::end(kHints)) {
    f.hints.push_back(entry.name);
  } else if (IsCompanion(entry.name)) {
    ReadResult read = ReadRegularFile(fd, entry.name.c_str());
    if (read.outcome == ReadOutcome::kFile) f.companions.push_back({entry.name, std::move(read.text)});
    if (read.outcome == ReadOutcome::kFolder) close(read.folder);
  } else if (LooksLikeCodeMigration(entry.name)) {
    f.gaps = true;
  }
}

}  // namespace pawl
