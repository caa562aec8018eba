#include "migrations/history/old_migrations.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/history/paths.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

// The bytes of `path` that name the folder of the set. For files given one by one the set has no folder: then it is what
// stands before the file's name, or before its own folder where the layout gives each migration one.
size_t PrefixOf(const MigrationSet& now, std::string_view path) {
  if (now.complete) {
    const std::string root = NormalPath(now.root);
    if (root.empty()) return 0;
    if (absl::StartsWith(path, root) && path.size() > root.size() && path[root.size()] == '/') return root.size() + 1;
  }
  std::string_view folder = FolderOf(path);
  const std::string_view base = BaseNameOf(path);
  const bool own_folder = now.layout == Layout::kPrisma || now.layout == Layout::kDiesel ||
                          (now.layout == Layout::kTimestampSlug && (base == "migration.sql" || base == "up.sql" || base == "down.sql"));
  if (own_folder) folder = FolderOf(folder);
  return folder.empty() ? 0 : folder.size() + 1;
}

// Liquibase's "path::id::author" without the path, which a renamed file does not keep.
std::string_view Changeset(std::string_view version) {
  const size_t colons = version.find("::");
  return colons == std::string_view::npos ? version : version.substr(colons);
}

}  // namespace

MigrationSet OldMigrations(const MigrationSet& now, const std::string& path, std::string text) {
  FolderInput input;
  input.prefix = PrefixOf(now, path);
  input.root = input.prefix == 0 ? "" : path.substr(0, input.prefix - 1);
  input.layout = now.layout;
  input.engine = now.engine;
  input.files.push_back(std::make_unique<SourceFile>(path, std::move(text)));
  std::vector<MigrationSet> sets = SetsFromFolder(std::move(input));
  for (MigrationSet& set : sets) {
    const bool history = std::any_of(set.migrations.begin(), set.migrations.end(),
                                     [](const Migration& m) { return m.repeatable || !m.version.empty(); });
    if (history) return std::move(set);
  }
  return {};
}

std::string Identity(Layout layout, const Migration& m) {
  switch (layout) {
    case Layout::kGolangMigrate:
    case Layout::kDbmate:
    case Layout::kGoose:
    case Layout::kSqlx:
    case Layout::kDiesel: return m.version;
    default: return absl::StrCat(m.version, "\n", m.name);
  }
}

const Migration* FindOld(const MigrationSet& old, const MigrationSet& now, const Migration& m) {
  const bool alone = old.migrations.size() == 1 && now.layout != Layout::kLiquibase;
  for (const Migration& o : old.migrations) {
    if (alone || Changeset(o.version) == Changeset(m.version)) return &o;
  }
  return nullptr;
}

Edit ClassifySections(const ScriptRef& before, const ScriptRef& after, Engine engine) {
  Edit edit = ClassifyEdit(before.file->Slice(before.section), after.file->Slice(after.section), engine);
  edit.at.begin += after.section.begin;
  edit.at.end += after.section.begin;
  const std::string_view head = before.file->text().substr(0, before.section.begin);
  edit.old_line += static_cast<uint32_t>(std::count(head.begin(), head.end(), '\n'));
  return edit;
}

}  // namespace pawl
