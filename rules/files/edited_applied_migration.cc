#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const SetContext& set);
}  // namespace

extern const Rule kEditedAppliedMigration;
const Rule kEditedAppliedMigration = {
    .info = {
        .name = "edited-applied-migration",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "a migration changed after it was applied",
        .page = {
            .what = "A file differs from what the reference has: git's merge base with the revision of `--since`, or the checksums in "
                    "`pawl.sums`. An error if its statements changed; a warning if they are the same and only written in another way (white "
                    "space, letter case, quotes, line ends); a note if only comments changed, or only the down script.",
            .why = "A migration runs once. Databases that have it keep what the old text made; new ones get the new text, and nobody notices "
                   "that they differ until a later migration fails on one of them. Runners that store checksums (Flyway, sqlx, Prisma, "
                   "Liquibase) refuse to go on, some of them for a comment.",
            .instead = "Restore the file and put the change into a new migration. If nobody has applied the old text, drop it from the shared "
                       "branch first.",
            .fix_safety = "",
            .versions = "",
            .limits = "Needs `--since` or a `pawl.sums`. What exists on the reference counts as applied. Files that a runner applies again when "
                      "they change (Flyway's `R__`, Liquibase's `runOnChange`) are not meant, nor is a changeset added to a Liquibase file. In "
                      "the examples, `-- file: NAME` begins a file, and `-- at REF: NAME` one as it was at git's merge base.",
            .references = "Flyway documentation, \"Validate\"\nLiquibase documentation, \"Changeset checksums\"",
            .elsewhere = "atlas `migrate validate` (atlas.sum)",
            .bad = "-- at main: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email varchar(80));\n"
                   "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\n",
            .good = "-- at main: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email varchar(80));\n"
                    "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email varchar(80));\n"
                    "-- file: 000002_roles.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n",
        }},
    .check_set = &Check};

namespace {

// "`varchar` became `text`"; what one can say without a diff.
std::string FirstDifference(const MigrationEdit& e) {
  const std::string line = absl::StrCat(" (line ", e.edit.old_line, " there)");
  if (e.edit.old_token.empty()) return absl::StrCat("`", e.edit.new_token, "` and what follows was added at its end");
  if (e.edit.new_token.empty()) return absl::StrCat("`", e.edit.old_token, "`", line, " and what follows was taken out");
  return absl::StrCat("`", e.edit.old_token, "`", line, " became `", e.edit.new_token, "`");
}

std::string Message(const MigrationSet& set, const MigrationEdit& e) {
  const std::string head = absl::StrCat(Title(set, *e.migration), e.reference->git ? " existed at " : " is recorded in ", Quoted(*e.reference));
  if (e.edit.kind != EditKind::kMeaning || !e.has_old_text) return absl::StrCat(head, ", and since then ", e.edit.what);
  return absl::StrCat(head, ", and its statements changed: ", FirstDifference(e));
}

Span Place(const MigrationEdit& e) {
  const uint32_t size = static_cast<uint32_t>(e.file->text().size());
  if (!e.has_old_text) return e.migration->file() == e.file ? e.migration->anchor : Span{0, 0};
  if (!e.edit.at.empty() || e.edit.at.begin == 0) return e.edit.at;
  // Something is missing from the end: show the last character that is left.
  uint32_t at = std::min(e.edit.at.begin, size);
  while (at > 0 && (e.file->text()[at - 1] == '\n' || e.file->text()[at - 1] == '\r' || e.file->text()[at - 1] == ' ')) --at;
  return {at > 0 ? at - 1 : 0, at};
}

void ReportDown(const SetContext& context, const MigrationEdit& e) {
  // A down is read when it is needed, so its text may be put right at any time; only its meaning matters.
  if (e.edit.kind != EditKind::kMeaning) return;
  std::string message = absl::StrCat("the down of ", Title(context.set, *e.migration), " changed since ", Quoted(*e.reference));
  if (e.has_old_text) absl::StrAppend(&message, ": ", FirstDifference(e));
  context.Report(kEditedAppliedMigration, e.file, Place(e), e.migration->version, std::move(message))
      .AtSeverity(Severity::kNote)
      .Why("databases that have applied its up as it was will be rolled back by this new text")
      .Help("check that it still undoes what the up did when it was applied");
}

void Check(const SetContext& context) {
  if (context.history == nullptr) return;
  const MigrationSet& set = context.set;
  const Migration* reported = nullptr;
  for (const MigrationEdit& e : context.history->edits()) {
    if (e.direction == Direction::kDown) {
      if (e.migration != reported) ReportDown(context, e);
      continue;
    }
    FindingBuilder finding = context.Report(kEditedAppliedMigration, e.file, Place(e), e.migration->version, Message(set, e));
    if (e.file == (e.migration->down ? e.migration->down->file : nullptr)) reported = e.migration;
    const bool checksums = RunnerKeepsChecksums(set.layout);
    const std::string restore = RestoreAdvice(*e.reference, e.file->path());
    if (e.unpublished) {
      finding.AtSeverity(Severity::kWarning)
          .Why("git says that it is new, so it may not be applied anywhere yet; the recorded checksum is then out of date")
          .Help("record it anew with `pawl lint --write-sums`");
    } else if (e.edit.kind == EditKind::kMeaning) {
      finding
          .Why(checksums ? absl::StrCat("databases that have applied it keep what the old text made, and ", ToString(set.layout),
                                        " refuses to go on there because the checksum differs")
                         : std::string("databases that have applied it keep what the old text made and never run the new one, so they differ "
                                       "from new databases"))
          .Help(absl::StrCat(restore, ", and put the change into a new migration"));
    } else {
      finding.AtSeverity(e.edit.kind == EditKind::kComments ? Severity::kNote : Severity::kWarning)
          .Why(checksums ? absl::StrCat("its statements are the same, but ", ToString(set.layout), " compares a checksum of the file and may refuse to go on")
                         : std::string("its statements are the same, so databases do not differ, but every such edit has to be reviewed as if they did"))
          .Help(absl::StrCat(restore, ", unless the edit is worth it"));
    }
  }
}

}  // namespace
}  // namespace pawl
