#include "migrations/set/discover.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/layout/layout.h"
#include "migrations/set/read_file.h"
#include "migrations/set/walk.h"

namespace pawl {
namespace {

// What belongs into one SetsFromFolder call: one folder, one engine, and of a foreign dialect only what was named by hand.
using GroupKey = std::tuple<std::string, Engine, std::string>;
struct Group {
  int folder = -1;
  bool complete = true;
  bool ordered = true;
  std::vector<std::unique_ptr<SourceFile>> files;
  std::vector<Companion> companions;
  std::vector<std::string> hints;
  FolderSaid said;
};

// Bytes of the paths of a folder's files that name the folder.
size_t PrefixOf(const Folder& f) { return f.path == "." ? 0 : f.path == "/" ? 1 : f.path.size() + 1; }

bool HoldsOneMigration(const Folder& f) {
  if (!LooksLikeMigrationFolder(f.base())) return false;
  const size_t prefix = PrefixOf(f);
  return std::any_of(f.files.begin(), f.files.end(), [&](const auto& source) {
    const NameParts name = ParseName(std::string_view(source->path()).substr(prefix));
    return name.stem == "up" || name.stem == "down" || name.stem == "migration";
  });
}

// For each folder the one whose set its files belong to: itself, or the one above.
std::vector<int> SetFolders(Walker& walker) {
  std::vector<int> target(walker.folders().size(), -1);
  absl::flat_hash_map<std::string, int> releases;  // parent path -> how many release folders with scripts
  for (const Folder& f : walker.folders()) {
    if (!f.files.empty() && LooksLikeVersionFolder(f.base())) ++releases[DirName(f.path)];
  }
  const int count = static_cast<int>(target.size());
  for (int i = 0; i < count; ++i) {
    const Folder& f = walker.folders()[i];
    target[i] = i;
    if (f.files.empty()) continue;
    const bool release = LooksLikeVersionFolder(f.base()) && releases[DirName(f.path)] > 1;
    if (release || HoldsOneMigration(f)) {
      if (const int parent = walker.InternParent(i); parent >= 0) target[i] = parent;
    }
  }
  return target;
}

// Names in the folder above that tell apart layouts whose file names are the same. Looked up only for such names.
void ProbeParent(const std::string& folder, Group* group) {
  const bool ambiguous = std::any_of(group->files.begin(), group->files.end(), [](const auto& source) {
    const NameParts name = ParseName(source->path());
    return name.digits.size() >= 12 || name.base == "up.sql";
  });
  if (!ambiguous) return;
  for (std::string_view name : {"Cargo.toml", "diesel.toml", ".sqlx"}) {
    if (access(absl::StrCat(folder, "/../", name).c_str(), F_OK) == 0) group->hints.push_back(absl::StrCat("../", name));
  }
}

// ---- what the disk says about sets that are not complete -------------------------------------------------------------

// The path that the down of an up script has where each direction is a file; "" where the layout has no such files.
std::string DownPath(const std::string& up) {
  const NameParts name = ParseName(up);
  const std::string_view folder = std::string_view(up).substr(0, up.size() - name.base.size());  // with its slash
  if ((name.stem == "up" && !name.direction) || name.stem == "migration") return absl::StrCat(folder, "down", name.extension);
  if (name.direction == Direction::kUp) {
    const std::string_view before = name.base.substr(0, name.base.size() - name.extension.size() - 2);  // "x." of "x.up.sql"
    return absl::StrCat(folder, before, "down", name.extension);
  }
  if (const auto flyway = ParseFlywayName(name.stem); flyway && flyway->prefix == 'V') return absl::StrCat(folder, "U", name.base.substr(1));
  return "";
}

std::vector<std::string> ListNames(const std::string& folder) {
  std::vector<std::string> names;
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) return names;
  while (const dirent* d = readdir(dir)) {
    if (d->d_name[0] != '.') names.push_back(d->d_name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

// Whether the folder that a few given files come from has downs: by its names, and where a down is a part of a file, by the
// last few files.
bool FolderHasDowns(const std::string& folder, const MigrationSet& set) {
  constexpr size_t kSamples = 5;
  const std::vector<std::string> names = ListNames(folder);
  size_t ups = 0, downs = 0, folders = 0;
  FolderInput sample;
  sample.layout = set.layout;
  sample.engine = set.engine;
  for (auto it = names.rbegin(); it != names.rend(); ++it) {
    if (EngineOfName(*it) != set.engine) {
      if (folders == kSamples || !LooksLikeMigrationFolder(*it)) continue;  // else one folder a migration
      const std::string inner = absl::StrCat(folder, "/", *it, "/");
      const bool down = access((inner + "down.sql").c_str(), F_OK) == 0;
      if (!down && access((inner + "up.sql").c_str(), F_OK) != 0) continue;
      ++folders;
      ++ups;
      downs += down;
      continue;
    }
    const NameParts name = ParseName(*it);
    if (name.direction || ParseFlywayName(name.stem)) {
      const bool down = name.direction == Direction::kDown || (*it)[0] == 'U';
      ++(down ? downs : ups);
      continue;
    }
    if (sample.files.size() == kSamples) continue;
    ReadResult read = ReadRegularFile(AT_FDCWD, absl::StrCat(folder, "/", *it).c_str());
    if (read.outcome == ReadOutcome::kFolder) close(read.folder);
    if (read.outcome == ReadOutcome::kFile) sample.files.push_back(std::make_unique<SourceFile>(*it, std::move(read.text)));
  }
  if (downs > 0) return downs * 5 >= ups;
  if (sample.files.empty()) return false;
  const std::vector<MigrationSet> sampled = SetsFromFolder(std::move(sample));
  return !sampled.empty() && sampled.front().has_downs;
}

void LookOnDisk(const std::string& folder, MigrationSet* set) {
  constexpr size_t kFew = 16;  // in a larger part of a folder, downs would show
  size_t ups = 0, downs = 0;
  if (!set->has_downs && set->migrations.size() > kFew) return;
  for (Migration& m : set->migrations) {
    if (m.repeatable) continue;
    ups += m.up.has_value();
    if (m.up && !m.down) {
      const std::string path = DownPath(m.up->file->path());
      m.down_on_disk = !path.empty() && access(path.c_str(), F_OK) == 0;
    }
    downs += m.down.has_value() || m.down_on_disk;
  }
  set->has_downs = set->has_downs || (downs > 0 && downs * 5 >= ups);
  if (!set->has_downs && downs == 0 && !set->migrations.empty()) set->has_downs = FolderHasDowns(folder, *set);
}

// ---- sets ------------------------------------------------------------------------------------------------------------------

FolderSaid Said(const DiscoverOptions& options, const Folder& folder) {
  FolderSaid said;
  // Files that were named may be all that is known of their folder.
  if (options.said) said = options.said(folder.files.size() == 1 && !folder.walked ? folder.files[0]->path() : folder.path);
  if (options.layout) said.layout = options.layout;
  if (options.engine) said.engine = options.engine;
  if (options.transaction) said.transaction = options.transaction;
  return said;
}

std::map<GroupKey, Group> GroupFiles(Walker& walker, const DiscoverOptions& options) {
  const std::vector<int> target = SetFolders(walker);  // may add folders above; those hold no files of their own
  std::map<GroupKey, Group> groups;
  Group* group = nullptr;  // of the file before: nearly always of this one too
  int group_folder = -1;
  Engine group_engine = Engine::kPostgresql;
  std::string_view group_dialect;
  for (size_t i = 0; i < target.size(); ++i) {
    Folder& f = walker.folders()[i];
    const Folder& set_folder = walker.folders()[target[i]];
    const bool nested = target[i] != static_cast<int>(i);
    bool companions_used = false;
    const size_t prefix = PrefixOf(f);
    if (f.files.empty()) continue;
    const FolderSaid said = Said(options, f);
    for (auto& source : f.files) {
      const NameParts name = ParseName(std::string_view(source->path()).substr(prefix));
      const Engine engine = EngineOfName(name.base).value_or(said.engine.value_or(Engine::kPostgresql));
      const std::string_view dialect = IsForeignDialect(name.dialect) ? name.dialect : std::string_view();
      if (group_folder != target[i] || engine != group_engine || dialect != group_dialect) {
        group = &groups[{set_folder.path, engine, std::string(dialect)}];
        group_folder = target[i];
        group_engine = engine;
        group_dialect = dialect;
      }
      if (!companions_used) {
        companions_used = true;
        for (Companion& c : f.companions) {
          group->companions.push_back({nested ? absl::StrCat(f.base(), "/", c.path) : c.path, std::move(c.text)});
        }
      }
      group->folder = target[i];
      group->said = said;
      group->complete = group->complete && f.walked && set_folder.walked && !f.gaps && !set_folder.gaps && dialect.empty();
      group->ordered = group->ordered && !f.unordered && !set_folder.unordered;
      group->files.push_back(std::move(source));
    }
    f.files.clear();
  }
  return groups;
}

std::vector<MigrationSet> BuildSets(Walker& walker, const DiscoverOptions& options) {
  std::map<GroupKey, Group> groups = GroupFiles(walker, options);
  std::vector<MigrationSet> sets;
  absl::flat_hash_map<std::string, int> flyway_locations;  // parent path -> complete sets
  for (auto& [key, group] : groups) {
    const Folder& folder = walker.folders()[group.folder];
    group.hints = folder.hints;
    ProbeParent(folder.path, &group);
    FolderInput input;
    input.root = folder.path;
    input.prefix = PrefixOf(folder);
    // One release's folder alone is a part of a history.
    input.complete = group.complete && group.ordered && !LooksLikeVersionFolder(folder.base());
    input.ordered = group.ordered;
    input.layout = group.said.layout;
    input.transaction = group.said.transaction;
    input.files = std::move(group.files);
    input.engine = std::get<Engine>(key);
    input.hints = std::move(group.hints);
    input.companions = std::move(group.companions);
    for (MigrationSet& set : SetsFromFolder(std::move(input))) {
      if (!folder.walked) set.root.clear();
      if (!set.complete && set.ordered && !folder.walked) LookOnDisk(folder.path, &set);
      if (set.complete && set.layout == Layout::kFlyway) ++flyway_locations[std::string(DirName(folder.path))];
      sets.push_back(std::move(set));
    }
  }
  // Flyway takes several locations as one history (all/ and dev/): which ones, only its configuration says.
  for (MigrationSet& set : sets) {
    if (!set.complete || set.layout != Layout::kFlyway) continue;
    const auto it = flyway_locations.find(std::string(DirName(set.root)));
    if (it != flyway_locations.end() && it->second > 1) set.complete = false;
  }
  return sets;
}

}  // namespace

Discovered Discover(const DiscoverOptions& options) {
  Discovered d;
  Walker walker(options);
  for (const std::string& path : options.paths) walker.Add(path);
  d.sets = BuildSets(walker, options);
  d.problems = std::move(walker.problems());
  d.skipped = std::move(walker.skipped());
  std::sort(d.problems.begin(), d.problems.end(),
            [](const auto& a, const auto& b) { return std::tie(a.path, a.message) < std::tie(b.path, b.message); });
  std::sort(d.skipped.begin(), d.skipped.end(), [](const auto& a, const auto& b) { return std::tie(a.path, a.reason) < std::tie(b.path, b.reason); });
  return d;
}

MigrationSet SetFromText(std::string path, std::string text, const DiscoverOptions& options) {
  Walker walker(options);
  walker.AddText(std::move(path), std::move(text));
  std::vector<MigrationSet> sets = BuildSets(walker, options);
  return std::move(sets.front());
}

}  // namespace pawl
