// For the layouts' tests: a folder in memory, and its sets as text.
#ifndef PAWL_MIGRATIONS_LAYOUT_LAYOUT_TESTING_H_
#define PAWL_MIGRATIONS_LAYOUT_LAYOUT_TESTING_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migrations/layout/layout.h"

namespace pawl {

using TestFiles = std::vector<std::pair<std::string, std::string>>;  // path below the folder, text

struct TestFolder {
  TestFiles files;
  std::vector<std::string> hints = {};
  TestFiles companions = {};
  Engine engine = Engine::kPostgresql;
  std::optional<Layout> layout = std::nullopt;
};

inline std::vector<MigrationSet> Sets(const TestFolder& folder) {
  FolderInput input;
  input.root = "db";
  input.prefix = 3;
  input.complete = true;
  input.engine = folder.engine;
  input.layout = folder.layout;
  input.hints = folder.hints;
  for (const auto& [path, text] : folder.files) input.files.push_back(std::make_unique<SourceFile>("db/" + path, text));
  for (const auto& [path, text] : folder.companions) input.companions.push_back({path, text});
  return SetsFromFolder(std::move(input));
}

inline std::string ShowScript(const char* direction, const std::optional<ScriptRef>& script) {
  if (!script) return "";
  static constexpr const char* kModes[] = {"file", "simple-query", "statement"};
  std::string text(script->file->Slice(script->section));
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\n");
  return std::string(" ") + direction + "=" + script->file->path().substr(3) + "(" + kModes[static_cast<int>(script->transaction)] +
         (script->commented ? ",commented" : "") + ")<" + text + ">";
}

// One line a set, a migration, a stray:
//   golang-migrate ordered has-downs
//   [1] a up=1_a.up.sql(simple-query)<X;> down=1_a.down.sql(simple-query)<Y;>
//   stray 2_b.sql: does not match ...
inline std::string Show(const std::vector<MigrationSet>& sets) {
  std::string out;
  for (const MigrationSet& set : sets) {
    out += std::string(ToString(set.layout)) + (set.complete ? "" : " partial") + (set.ordered ? " ordered" : "") + (set.has_downs ? " has-downs" : "") + "\n";
    for (const Migration& m : set.migrations) {
      out += "[" + m.version + "] " + m.name + (m.repeatable ? " repeatable" : "") + (m.no_op_down_allowed ? " irreversible" : "");
      out += ShowScript("up", m.up) + ShowScript("down", m.down) + "\n";
    }
    for (const StrayFile& s : set.strays) out += "stray " + s.file->path().substr(3) + ": " + s.reason + "\n";
  }
  return out;
}

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_LAYOUT_LAYOUT_TESTING_H_
