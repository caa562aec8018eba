#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/history/edit.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {

// Empty by design: the first migration of an adopted database, which stands for what was there before, and one whose name
// says so.
bool MeantToBeEmpty(const MigrationSet& set, const Migration& m) {
  if (&m == &set.migrations.front() && absl::StrContainsIgnoreCase(m.name, "baseline")) return true;
  return absl::StrContainsIgnoreCase(m.name, "noop") || absl::StrContainsIgnoreCase(m.name, "no_op") || absl::StrContainsIgnoreCase(m.name, "no-op");
}

void Check(const SetContext& set);

}  // namespace

extern const Rule kEmptyMigration;
const Rule kEmptyMigration = {
    .info = {
        .name = "empty-migration",
        .group = RuleGroup::kHistory,
        .severity = Severity::kWarning,
        .summary = "the up does nothing",
        .page = {
            .what = "The up script holds only comments, white space, `SELECT` of constants (the templates of some tools begin with one), "
                    "`SET`, or an empty transaction.",
            .why = "The runner records the version as applied. SQL that is added to the file later never runs where it was applied empty, and "
                   "nothing says so.",
            .instead = "Write the migration before it is merged, or delete the file.",
            .fix_safety = "",
            .versions = "",
            .limits = "The first migration of a set is left alone if its name says `baseline`: it stands for what an adopted database had "
                      "before. So is one whose name says `noop`. In the examples, `-- file: NAME` begins a file.",
            .references = "Documentation of goose and sql-migrate: `create` writes a template that does nothing",
            .elsewhere = "",
            .bad = "-- file: 000001_add_phone.up.sql\n"
                   "-- TODO: add the phone column\n",
            .good = "-- file: 000001_add_phone.up.sql\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS phone text;\n",
        }},
    .check_set = &Check};

namespace {

void Check(const SetContext& context) {
  const MigrationSet& set = context.set;
  for (const Migration& m : set.migrations) {
    if (!m.up || m.version.empty() || !DoesNothing(m.up->file->text(), m.up->section, set.engine) || MeantToBeEmpty(set, m)) continue;
    context.Report(kEmptyMigration, m.up->file, m.anchor, m.version, absl::StrCat(Title(set, m), " holds no statement that does anything"))
        .Why(absl::StrCat("its runner records it as applied, and ", set.engine == Engine::kNeo4j ? "Cypher" : "SQL", " that is added to it later never runs where it was"))
        .Help("write it before it is merged, or delete it");
  }
}

}  // namespace
}  // namespace pawl
