#include "rules/files/file_set.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "migrations/layout/layout.h"
#include "rules/engine/engine.h"
#include "rules/registry.h"

namespace pawl {

FileSet ParseFileSet(std::string_view text) {
  std::map<std::string, std::string> now, then;
  std::string ref;
  std::string* current = nullptr;
  bool cypher = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    std::string_view name = absl::StripSuffix(line, "\n");
    if (absl::ConsumePrefix(&name, "-- file: ")) {
      current = &now[absl::StrCat("db/", name)];
      cypher = cypher || absl::EndsWith(name, ".cypher");
    } else if (absl::ConsumePrefix(&name, "-- at ")) {
      const size_t colon = name.find(": ");
      ref = std::string(name.substr(0, colon));
      current = &then[absl::StrCat("db/", name.substr(colon + 2))];
    } else if (current != nullptr) {
      current->append(line);
    }
  }
  FolderInput input;
  input.root = "db";
  input.prefix = 3;
  input.complete = true;
  input.engine = cypher ? Engine::kNeo4j : Engine::kPostgresql;
  for (const auto& [path, content] : now) input.files.push_back(std::make_unique<SourceFile>(path, content));
  std::vector<MigrationSet> sets = SetsFromFolder(std::move(input));
  FileSet result;
  result.set = std::make_unique<MigrationSet>(sets.empty() ? MigrationSet() : std::move(sets[0]));
  if (then.empty()) return result;

  GitComparison git;
  git.ref = ref;
  git.base = "0123456789abcdef0123456789abcdef01234567";
  for (const auto& [path, content] : then) {
    git.base_paths.push_back(path);
    const auto it = now.find(path);
    if (it == now.end()) git.changed.push_back({GitChange::kDeleted, path, path, content});
    else if (it->second != content) git.changed.push_back({GitChange::kModified, path, path, content});
  }
  result.history = std::make_unique<HistoryComparison>(*result.set);
  result.history->AddGit(std::move(git));
  return result;
}

std::vector<Finding> RunRules(const FileSet& files, const Rule* rule) {
  std::vector<Severity> severities;
  for (const Rule* r : AllRules()) {
    const bool selected = rule == nullptr || r == rule;
    const Severity on = r->info.severity == Severity::kOff && rule != nullptr ? Severity::kWarning : r->info.severity;
    severities.push_back(selected ? on : Severity::kOff);
  }
  EngineOptions options;
  options.rules = AllRules();
  options.severities = severities;
  RuleEngine engine(options);
  std::vector<Finding> findings;
  EngineSummary summary;
  engine.Run(*files.set, files.history.get(), nullptr, findings, summary);
  return findings;
}

std::string Describe(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) {
    const Position p = f.file->PositionAt(f.span.begin);
    absl::StrAppend(&out, ToString(f.severity), " ", f.file->path(), ":", p.line, ":", p.column, " ", f.message, "\n");
  }
  return out;
}

}  // namespace pawl
