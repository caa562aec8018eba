#include <string>

#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const SetContext& set);
}  // namespace

extern const Rule kDeletedAppliedMigration;
const Rule kDeletedAppliedMigration = {
    .info = {
        .name = "deleted-applied-migration",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "a migration that was applied is gone, or has another name",
        .page = {
            .what = "The reference (git's merge base with the revision of `--since`, or `pawl.sums`) holds a migration that the set does not have "
                    "under that name any more: deleted, moved out of the folder, or renamed so that its runner takes it for another one.",
            .why = "Databases that have applied it have a history that the files no longer tell. Flyway, sqlx and Prisma refuse to go on; others "
                   "cannot roll back past it; and new databases are built without it. A renamed one is taken for new and runs a second time.",
            .instead = "Restore the file under its old name, and undo what it did in a new migration.",
            .fix_safety = "",
            .versions = "",
            .limits = "Needs `--since` or a `pawl.sums`, and the whole folder. A new name with the same version is not reported where the runner "
                      "looks only at versions (golang-migrate, dbmate, goose, sqlx, diesel). Migrations that were squashed on purpose are "
                      "reported; agree on it in review. In the examples, `-- file: NAME` begins a file, and `-- at REF: NAME` one as it was at "
                      "git's merge base.",
            .references = "Flyway documentation, \"Validate\"\nsqlx: `migration was previously applied but is missing in the resolved migrations`",
            .elsewhere = "atlas `migrate validate` (atlas.sum)",
            .bad = "-- at main: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                   "-- at main: 000002_roles.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n"
                   "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n",
            .good = "-- at main: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                    "-- at main: 000002_roles.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n"
                    "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                    "-- file: 000002_roles.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n",
        }},
    .check_set = &Check};

namespace {

std::string_view WhyGone(Layout layout) {
  switch (layout) {
    case Layout::kFlyway:
    case Layout::kSqlx:
    case Layout::kPrisma:
    case Layout::kNeo4jMigrations: return "its runner finds it in the history of databases but not here, and refuses to go on";
    case Layout::kGolangMigrate: return "golang-migrate cannot go on or back from a version whose file is gone, and new databases are built without it";
    default: return "databases that have applied it cannot be rolled back past it, and new ones are built without it";
  }
}

void Check(const SetContext& context) {
  if (context.history == nullptr) return;
  const MigrationSet& set = context.set;
  for (const MissingMigration& m : context.history->missing()) {
    const std::string_view path = m.file->path();
    const std::string at = absl::StrCat(m.reference->git ? "existed at " : "is recorded in ", Quoted(*m.reference));
    const std::string restore = RestoreAdvice(*m.reference, path);
    if (m.renamed_to != nullptr) {
      const Migration& now = *m.renamed_to;
      context.Report(kDeletedAppliedMigration, now.file(), now.anchor, now.version, absl::StrCat(TitleOfPath(path), " ", at, " and was renamed to ", Title(set, now)))
          .Why("its runner knows it by its name: under the new one it is a new migration, which runs again where the old one is applied")
          .Help("give it back its old name");
      continue;
    }
    bool in_file_here = false;  // one changeset of a file that is still there
    for (const auto& file : set.files) in_file_here = in_file_here || file.get() == m.file;
    std::string message;
    if (in_file_here) {
      message = absl::StrCat("changeset `", m.version, "` ", at, " and is gone");
    } else if (!m.moved_to.empty()) {
      message = absl::StrCat(TitleOfPath(path), " ", at, " and was moved to `", m.moved_to, "`, where its runner does not look");
    } else {
      message = absl::StrCat(TitleOfPath(path), " ", at, " and is gone");
    }
    context.Report(kDeletedAppliedMigration, m.file, Span{0, 0}, m.version, std::move(message))
        .Why(std::string(WhyGone(set.layout)))
        .Help(absl::StrCat(restore, ", and undo what it did in a new migration"));
  }
}

}  // namespace
}  // namespace pawl
