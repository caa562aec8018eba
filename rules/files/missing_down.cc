#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "migrations/history/paths.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {

std::string HowToAdd(const MigrationSet& set, const Migration& m) {
  std::string_view base = BaseNameOf(m.file()->path());
  switch (set.layout) {
    case Layout::kDbmate: return "add a `-- migrate:down` section to the file";
    case Layout::kGoose: return "add a `-- +goose Down` section to the file";
    case Layout::kNodePgMigrate: return "add a `-- Down Migration` section to the file";
    case Layout::kLiquibase: return "add `--rollback` lines to the changeset";
    case Layout::kFlyway: return absl::StrCat("add `U", m.version, "__", m.name, ".sql`");
    case Layout::kDiesel: return "add `down.sql` beside its `up.sql`";
    default: break;
  }
  for (std::string_view extension : {".sql", ".cypher", ".cql", ".cyp"}) {
    std::string_view stem = base;
    if (absl::ConsumeSuffix(&stem, extension) && absl::ConsumeSuffix(&stem, ".up")) return absl::StrCat("add `", stem, ".down", extension, "`");
  }
  if (set.engine == Engine::kNeo4j) {
    const size_t dot = base.rfind('.');
    const std::string_view stem = base.substr(0, dot), extension = dot == std::string_view::npos ? "" : base.substr(dot);
    return absl::StrCat("rename it to `", stem, ".up", extension, "` and add `", stem, ".down", extension, "`");
  }
  return "add a section under `-- Down migration` at its end, commented out";
}

void Check(const SetContext& set);

}  // namespace

extern const Rule kMissingDown;
const Rule kMissingDown = {
    .info = {
        .name = "missing-down",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "the migration has no down script, and others of its set have one",
        .page = {
            .what = "A migration has an up and no down: no file, no section and no commented-out form, whichever the layout uses. "
                    "Repeatable migrations have none by nature and are not meant.",
            .why = "When a deploy goes wrong there is no tested way back from this step, and a rollback of several steps stops at it. The "
                   "down is then written by hand, in a hurry, on production.",
            .instead = "Write the down together with the up, while it is known what the up does. Where nothing can be undone, say so in a "
                       "comment of the up with the reason: `-- irreversible: the old values are not kept`.",
            .fix_safety = "",
            .versions = "",
            .limits = "Reported only where the set uses downs: at least one migration in five has one. A down that lies beside an up given "
                      "alone is looked for on the disk. In the examples, `-- file: NAME` begins a file.",
            .references = "golang-migrate, MIGRATIONS.md, \"Migration Filename Format\"\nAny runner's documentation of its `down` or `rollback` command",
            .elsewhere = "MigrationPilot `--fail-on irreversible`",
            .bad = "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\n"
                   "-- file: 000001_users.down.sql\n"
                   "DROP TABLE IF EXISTS users;\n"
                   "-- file: 000002_email_comment.up.sql\n"
                   "COMMENT ON COLUMN users.email IS 'as the user typed it';\n",
            .good = "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\n"
                    "-- file: 000001_users.down.sql\n"
                    "DROP TABLE IF EXISTS users;\n"
                    "-- file: 000002_email_comment.up.sql\n"
                    "COMMENT ON COLUMN users.email IS 'as the user typed it';\n"
                    "-- file: 000002_email_comment.down.sql\n"
                    "COMMENT ON COLUMN users.email IS NULL;\n",
        }},
    .check_set = &Check};

namespace {

void Check(const SetContext& context) {
  const MigrationSet& set = context.set;
  if (!set.has_downs) return;
  for (const Migration& m : set.migrations) {
    if (!IsStep(m) || !m.up || m.down || m.down_on_disk || m.no_op_down_allowed) continue;
    context.Report(kMissingDown, m.file(), m.anchor, m.version, absl::StrCat(Title(set, m), " has no down script, as other migrations here have"))
        .Why("after a bad deploy there is no prepared way back from this step, and a rollback of several steps stops at it")
        .Help(absl::StrCat(HowToAdd(set, m), "; if the step cannot be undone, say why in a comment: `", set.engine == Engine::kNeo4j ? "//" : "--", " irreversible: REASON`"));
  }
}

}  // namespace
}  // namespace pawl
