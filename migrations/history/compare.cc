#include "migrations/history/compare.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/history/old_migrations.h"
#include "migrations/history/paths.h"
#include "migrations/layout/names.h"

namespace pawl {
namespace {

// Between the user's names of files and paths in the repository. A folder that does not exist (text from standard input) is
// taken as relative to the top.
class PathMap {
 public:
  PathMap(const MigrationSet& set, std::string_view top) : set_(set), top_(top == "/" ? "" : top) {}

  // "" if the file is not in the work tree.
  std::string InRepository(std::string_view path) {
    const std::string normal = NormalPath(path);
    const std::string folder(FolderOf(normal));
    auto [it, added] = folders_.try_emplace(folder);
    if (added) {
      const std::string real = RealFolder(folder);
      it->second = real.empty() ? absl::StrCat(top_, folder.empty() ? "" : "/", folder) : real;
    }
    if (it->second == top_) return std::string(BaseNameOf(normal));
    if (!absl::StartsWith(it->second, top_) || it->second[top_.size()] != '/') return {};
    return absl::StrCat(it->second.substr(top_.size() + 1), "/", BaseNameOf(normal));
  }

  // The name that the user would give to a path in the repository.
  std::string ForUser(std::string_view path) {
    const std::string root = NormalPath(set_.root);
    if (set_.complete) {
      std::string real = RealFolder(root);
      if (real.empty()) return std::string(path);
      const std::string whole = absl::StrCat(top_, "/", path);
      if (real != "/") real.push_back('/');
      if (absl::StartsWith(whole, real)) return JoinPath(root, whole.substr(real.size()));
    }
    const std::string folder = absl::StrCat(top_, FolderOf(path).empty() ? "" : "/", FolderOf(path));
    for (const auto& [named, real] : folders_) {
      if (real == folder) return JoinPath(named, BaseNameOf(path));
    }
    return std::string(path);
  }

 private:
  const MigrationSet& set_;
  std::string top_;
  absl::flat_hash_map<std::string, std::string> folders_;  // as named, real
};

bool IsHistory(const Migration& m) { return !m.repeatable && !m.version.empty(); }

const Migration* MigrationOf(const MigrationSet& set, const SourceFile* file) {
  for (const Migration& m : set.migrations) {
    if (m.up && m.up->file == file) return &m;
  }
  for (const Migration& m : set.migrations) {
    if (m.down && m.down->file == file) return &m;
  }
  return nullptr;
}

bool IsDownName(Layout layout, std::string_view path) {
  const NameParts name = ParseName(path);
  if (name.direction == Direction::kDown || name.base == "down.sql") return true;
  if (layout != Layout::kFlyway && layout != Layout::kNeo4jMigrations) return false;
  const std::optional<FlywayName> flyway = ParseFlywayName(name.stem);
  return flyway && flyway->prefix == 'U';
}

// "0001_add_users/up.sql"
bool HoldsOneMigration(std::string_view folder, std::string_view file) {
  const NameParts name = ParseName(file);
  return (name.stem == "up" || name.stem == "down" || name.stem == "migration") && LooksLikeMigrationFolder(BaseNameOf(folder));
}

Edit EditFromHashes(const CodeHashes& recorded, const SourceFile& file, Engine engine) {
  Edit edit;
  edit.kind = EditKind::kMeaning;
  edit.what = "statements changed";
  if (recorded.exact.empty()) {
    edit.what = "its bytes changed";
    return edit;
  }
  const CodeHashes now = HashCode(file.text(), engine);
  if (now.exact == recorded.exact) {
    edit.kind = EditKind::kComments;
    edit.what = "only comments or white space changed";
  } else if (now.normal == recorded.normal) {
    edit.kind = EditKind::kFormatting;
    edit.what = "only letter case, or comments and white space inside a body, changed";
  }
  return edit;
}

}  // namespace

const HistoryReference* HistoryComparison::AddReference(bool git, std::string name, std::string revision) {
  references_.push_back(std::make_unique<HistoryReference>(HistoryReference{git, std::move(name), std::move(revision)}));
  return references_.back().get();
}

void HistoryComparison::AddEdits(const SourceFile& file, std::string_view old_path, std::string_view old_text, const HistoryReference* reference) {
  const MigrationSet old = OldMigrations(set_, std::string(old_path), std::string(old_text));
  if (old.migrations.empty()) return;
  const size_t first = edits_.size();
  const Migration* only = nullptr;
  int count = 0;
  bool meaning = false;
  auto add = [&](const Migration& m, Direction direction, const ScriptRef& before, const ScriptRef& after) {
    Edit edit = ClassifySections(before, after, set_.engine);
    if (edit.kind == EditKind::kSame) return;
    meaning = meaning || edit.kind == EditKind::kMeaning;
    edits_.push_back({&m, direction, &file, std::move(edit), reference});
  };
  for (const Migration& m : set_.migrations) {
    const bool up = m.up && m.up->file == &file;
    const bool down = m.down && m.down->file == &file;
    if ((!up && !down) || !IsHistory(m)) continue;
    only = &m;
    ++count;
    const Migration* was = FindOld(old, set_, m);
    if (was == nullptr) continue;
    if (up && was->up) add(m, Direction::kUp, *was->up, *m.up);
    if (down && was->down) add(m, Direction::kDown, *was->down, *m.down);
  }
  for (const Migration& o : old.migrations) {
    if (set_.layout != Layout::kLiquibase || !IsHistory(o)) continue;
    const bool there = std::any_of(set_.migrations.begin(), set_.migrations.end(), [&](const Migration& m) {
      return m.file() == &file && FindOld(old, set_, m) == &o;
    });
    if (!there) missing_.push_back({&file, o.version, nullptr, "", reference});
  }
  // What stands outside the sections decides too: a marker that moved, "-- +goose NO TRANSACTION". In a changelog that is
  // other changesets.
  if (count != 1 || meaning || set_.layout == Layout::kLiquibase) return;
  Edit whole = ClassifyEdit(old_text, file.text(), set_.engine);
  if (whole.kind == EditKind::kSame || (edits_.size() > first && whole.kind != EditKind::kMeaning)) return;
  edits_.resize(first);
  const Direction direction = only->up && only->up->file == &file ? Direction::kUp : Direction::kDown;
  edits_.push_back({only, direction, &file, std::move(whole), reference});
}

void HistoryComparison::AddMissing(std::string old_path, std::string old_text, std::string moved_to, const HistoryReference* reference) {
  const bool has_text = reference->git;
  std::vector<std::string> versions;
  if (has_text) {
    const MigrationSet old = OldMigrations(set_, old_path, old_text);
    for (const Migration& m : old.migrations) {
      if (m.up && IsHistory(m)) versions.push_back(m.version);
    }
  } else if (!IsDownName(set_.layout, old_path)) {
    versions.emplace_back(ParseName(old_path).digits);
  }
  if (versions.empty()) return;  // no migration, or only a down: rule missing-down speaks of that
  old_files_.push_back(std::make_unique<SourceFile>(std::move(old_path), std::move(old_text)));
  missing_.push_back({old_files_.back().get(), std::move(versions.front()), nullptr, std::move(moved_to), reference});
}

void HistoryComparison::AddGit(GitComparison git) {
  has_git_ = true;
  const HistoryReference* reference = AddReference(true, git.ref, git.short_base());
  PathMap paths(set_, git.top);
  absl::flat_hash_set<std::string> here;
  std::vector<const SourceFile*> added;
  absl::flat_hash_map<const SourceFile*, const GitFile*> renamed;
  for (const auto& file : set_.files) {
    const std::string path = paths.InRepository(file->path());
    here.insert(path);
    const GitFile* change = git.Find(path);
    const bool at_base = git.AtBase(path);
    if (change == nullptr && at_base) {
      existed_.insert(file.get());
    } else if (change != nullptr && change->change == GitChange::kRenamed) {
      renamed.emplace(file.get(), change);
    } else if (change != nullptr && at_base) {
      // kDeleted with the file here: taken out of the index but not off the disk.
      existed_.insert(file.get());
      if (change->change == GitChange::kDeleted && change->old_text == file->text()) continue;
      touched_.insert(file.get());
      AddEdits(*file, file->path(), change->old_text, reference);
    } else {
      touched_.insert(file.get());
      added.push_back(file.get());
    }
  }
  // A file moved without telling git: git lists the old name as deleted and does not know the new one.
  std::vector<const GitFile*> deleted;
  for (const GitFile& change : git.changed) {
    if (change.change == GitChange::kRenamed && !here.contains(change.path)) deleted.push_back(&change);
    if (change.change != GitChange::kDeleted || here.contains(change.path)) continue;
    auto same = std::find_if(added.begin(), added.end(), [&](const SourceFile* f) { return f->text() == change.old_text && !change.old_text.empty(); });
    if (same == added.end()) {
      // Renamed and edited, too much for git to see, but to its runner the same migration.
      const MigrationSet old = OldMigrations(set_, paths.ForUser(change.old_path), change.old_text);
      same = std::find_if(added.begin(), added.end(), [&](const SourceFile* f) {
        const Migration* now = MigrationOf(set_, f);
        return now != nullptr && IsHistory(*now) && old.migrations.size() == 1 && Identity(set_.layout, old.migrations[0]) == Identity(set_.layout, *now) &&
               old.migrations[0].up.has_value() == (now->up && now->up->file == f);
      });
    }
    if (same != added.end()) {
      renamed.emplace(*same, &change);
      added.erase(same);
    } else {
      deleted.push_back(&change);
    }
  }
  for (const auto& [file, change] : renamed) {
    touched_.insert(file);
    const std::string old_path = paths.ForUser(change->old_path);
    const MigrationSet old = OldMigrations(set_, old_path, change->old_text);
    const Migration* now = MigrationOf(set_, file);
    if (now == nullptr || old.migrations.empty()) continue;
    existed_.insert(file);
    if (change->old_text != file->text()) AddEdits(*file, old_path, change->old_text, reference);
    const Migration& was = old.migrations.front();
    if (!was.up || !IsHistory(was) || Identity(set_.layout, was) == Identity(set_.layout, *now)) continue;
    AddMissing(old_path, change->old_text, "", reference);
    if (!missing_.empty() && missing_.back().file->path() == old_path) missing_.back().renamed_to = now;
  }
  for (const GitFile* change : deleted) {
    if (!set_.complete) break;
    AddMissing(paths.ForUser(change->old_path), change->old_text,
               change->change == GitChange::kRenamed ? paths.ForUser(change->path) : std::string(), reference);
  }
  SortResults();
}

void HistoryComparison::AddSums(const Sums& sums, std::string_view folder) {
  const std::string name = JoinPath(folder, kSumsFileName);
  const HistoryReference* reference = AddReference(false, name, "");
  absl::flat_hash_set<std::string> here;
  std::vector<const SourceFile*> added;
  for (const auto& file : set_.files) {
    const std::string path = RelativeTo(folder, file->path());
    here.insert(path);
    const SumsEntry* entry = sums.Find(path);
    if (entry == nullptr) {
      added.push_back(file.get());
      continue;
    }
    if (!has_git_) existed_.insert(file.get());
    const Migration* m = MigrationOf(set_, file.get());
    if (m == nullptr || !IsHistory(*m) || Matches(*entry, file->text())) continue;
    const bool known = std::any_of(edits_.begin(), edits_.end(), [&](const MigrationEdit& e) { return e.file == file.get(); });
    if (known) continue;  // git has said more about it
    const Direction direction = m->up && m->up->file == file.get() ? Direction::kUp : Direction::kDown;
    MigrationEdit edit{m, direction, file.get(), EditFromHashes(entry->code, *file, set_.engine), reference, /*has_old_text=*/false};
    edit.unpublished = has_git_ && !Existed(file.get());
    edits_.push_back(std::move(edit));
  }
  for (const SumsEntry& entry : sums.entries) {
    if (!set_.complete) break;
    const std::string path = JoinPath(folder, entry.path);
    struct stat unused;
    if (here.contains(entry.path) || stat(path.c_str(), &unused) == 0) continue;
    if (std::any_of(missing_.begin(), missing_.end(), [&](const MissingMigration& m) { return m.file->path() == path; })) continue;
    const auto same = std::find_if(added.begin(), added.end(), [&](const SourceFile* f) { return Matches(entry, f->text()); });
    const size_t before = missing_.size();
    AddMissing(path, "", "", reference);
    if (same == added.end() || missing_.size() == before) continue;
    missing_.back().renamed_to = MigrationOf(set_, *same);
    if (!has_git_) existed_.insert(*same);
  }
  SortResults();
}

void HistoryComparison::SortResults() {
  absl::flat_hash_map<const Migration*, size_t> order;
  for (const Migration& m : set_.migrations) order.emplace(&m, order.size());
  std::stable_sort(edits_.begin(), edits_.end(),
                   [&](const MigrationEdit& a, const MigrationEdit& b) { return order.at(a.migration) < order.at(b.migration); });
  std::stable_sort(missing_.begin(), missing_.end(),
                   [](const MissingMigration& a, const MissingMigration& b) { return a.file->path() < b.file->path(); });
}

absl::StatusOr<std::unique_ptr<HistoryComparison>> CompareHistory(const MigrationSet& set, const std::string& since) {
  std::vector<std::string> folders = {NormalPath(set.root)};
  std::vector<std::string> candidates = folders;  // for pawl.sums
  if (!set.complete) {
    absl::flat_hash_set<std::string> seen;
    folders.clear();
    candidates.clear();
    std::string_view before;  // the folder of the file before: mostly of this one too
    for (const auto& file : set.files) {
      const std::string_view named = FolderOf(file->path());
      if (!folders.empty() && named == before) continue;
      before = named;
      std::string folder(FolderOf(NormalPath(file->path())));
      if (!seen.insert(folder).second) continue;
      // A layout may give each migration a folder of its own: pawl.sums lies beside those.
      if (!HoldsOneMigration(folder, file->path())) candidates.push_back(folder);
      const std::string_view above = FolderOf(folder);
      if (candidates.empty() || candidates.back() != above) candidates.emplace_back(above);
      folders.push_back(std::move(folder));
    }
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  }
  auto comparison = std::make_unique<HistoryComparison>(set);
  if (!since.empty()) {
    std::vector<std::string> existing = folders;
    if (!set.complete) std::erase_if(existing, [](const std::string& f) { return RealFolder(f).empty(); });
    absl::StatusOr<GitComparison> git = CompareWithGit(existing, since);
    if (!git.ok()) return git.status();
    comparison->AddGit(*std::move(git));
  }
  for (const std::string& folder : candidates) {
    absl::StatusOr<std::optional<Sums>> sums = ReadSums(JoinPath(folder, kSumsFileName));
    if (!sums.ok()) return sums.status();
    if (*sums) comparison->AddSums(**sums, folder);
  }
  if (comparison->reference() == nullptr) return nullptr;
  return comparison;
}

}  // namespace pawl
