#include "rules/files/common.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "migrations/history/paths.h"

namespace pawl {

std::string TitleOfPath(std::string_view path) {
  std::string_view base = BaseNameOf(path);
  if (base == "migration.sql" || base == "up.sql" || base == "down.sql") {
    const std::string_view folder = BaseNameOf(FolderOf(path));
    if (!folder.empty()) base = folder;
  }
  return absl::StrCat("`", base, "`");
}

std::string Title(const MigrationSet& set, const Migration& m) {
  const std::string file = TitleOfPath(m.file()->path());
  return set.layout == Layout::kLiquibase ? absl::StrCat("changeset `", m.name, "` of ", file) : file;
}

bool IsStep(const Migration& m) { return !m.repeatable && !m.version.empty(); }

std::string Quoted(const HistoryReference& reference) { return absl::StrCat("`", reference.name, "`"); }

std::string RestoreAdvice(const HistoryReference& reference, std::string_view path) {
  if (!reference.git) return absl::StrCat("restore the text that ", Quoted(reference), " was written for");
  const bool plain = path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+@:,=%") == std::string_view::npos;
  const std::string quoted = plain ? std::string(path) : absl::StrCat("'", absl::StrReplaceAll(path, {{"'", "'\\''"}}), "'");
  return absl::StrCat("restore this file with `git checkout ", reference.revision, " -- ", quoted, "`");
}

bool RunnerKeepsChecksums(Layout layout) {
  return layout == Layout::kFlyway || layout == Layout::kSqlx || layout == Layout::kPrisma || layout == Layout::kLiquibase ||
         layout == Layout::kNeo4jMigrations;
}

}  // namespace pawl
