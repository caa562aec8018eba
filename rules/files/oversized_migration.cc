#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const ScriptContext& script);
}  // namespace

extern const Rule kOversizedMigration;
const Rule kOversizedMigration = {
    .info = {
        .name = "oversized-migration",
        .group = RuleGroup::kHistory,
        .severity = Severity::kOff,
        .summary = "one migration makes many unrelated changes",
        .page = {
            .what = "The up changes more than ten groups of tables that have nothing to do with each other: no statement of the file touches two "
                    "of the groups.",
            .why = "When one of the changes fails or has to be taken back, so have all the others, and in a transaction the first lock is held "
                   "until the last change is done. Nobody can review such a file as one step.",
            .instead = "Make a migration of each change, or of the few that need each other.",
            .fix_safety = "",
            .versions = "",
            .limits = "The first migration of a set is left alone: it makes the schema. Counted by the locks that statements take on tables; other objects do "
                      "not count. In the examples, `-- file: NAME` begins a file.",
            .references = "PostgreSQL documentation, \"Explicit Locking\": a lock is held until the end of its transaction",
            .elsewhere = "",
            .bad = "-- file: 000001_schema.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS t0 (id bigint PRIMARY KEY);\n"
                   "-- file: 000002_everything.up.sql\n"
                   "ALTER TABLE t1 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t2 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t3 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t4 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t5 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t6 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t7 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t8 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t9 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t10 ADD COLUMN IF NOT EXISTS note text;\n"
                   "ALTER TABLE t11 ADD COLUMN IF NOT EXISTS note text;\n",
            .good = "-- file: 000001_schema.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS t0 (id bigint PRIMARY KEY);\n"
                    "-- file: 000002_note.up.sql\n"
                    "ALTER TABLE t0 ADD COLUMN IF NOT EXISTS note text;\n",
        }},
    .check_script = &Check,
    .in_down = false};

namespace {

constexpr size_t kMaxGroups = 10;

// Disjoint sets of tables that some statement touches together.
class Groups {
 public:
  size_t Add(std::string_view object) {
    const auto [it, added] = index_.try_emplace(object, parent_.size());
    if (added) parent_.push_back(it->second);
    return Root(it->second);
  }
  void Join(size_t a, size_t b) { parent_[Root(a)] = Root(b); }
  size_t Count() const {
    size_t n = 0;
    for (size_t i = 0; i < parent_.size(); ++i) n += parent_[i] == i;
    return n;
  }

 private:
  size_t Root(size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  absl::flat_hash_map<std::string_view, size_t> index_;
  std::vector<size_t> parent_;
};

void Check(const ScriptContext& script) {
  if (script.migration_index == 0 || script.is_down()) return;
  Groups groups;
  const sql::Statement* at = nullptr;  // of the first change too many
  for (const StatementFacts& facts : script.facts) {
    size_t first = std::string::npos;
    for (const Effect& e : facts.effects) {
      if (e.lock <= LockMode::kRowExclusive) continue;  // rows, not the schema; read and referenced tables
      const size_t group = groups.Add(e.object);
      if (first == std::string::npos) first = group;
      else groups.Join(first, group);
    }
    if (at == nullptr && groups.Count() > kMaxGroups) at = facts.top;
  }
  const size_t count = groups.Count();
  if (count <= kMaxGroups || at == nullptr) return;
  script.Report(kOversizedMigration, at->span, absl::StrCat("the migration changes ", count, " groups of tables that have nothing to do with each other"))
      .Why("if one change fails or must be taken back, so must all, and in a transaction the first lock is held until the last change is done")
      .Help("make a migration of each change, or of the few that need each other");
}

}  // namespace
}  // namespace pawl
