#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const SetContext& set);
}  // namespace

extern const Rule kBadFileName;
const Rule kBadFileName = {
    .info = {
        .name = "bad-file-name",
        .group = RuleGroup::kHistory,
        .severity = Severity::kWarning,
        .summary = "the file's name does not fit its set's layout, so its runner would skip it in silence",
        .page = {
            .what = "A script lies among the migrations of a set, but its name, or the marker that must head its text, is not one that the "
                    "runner of this layout takes.",
            .why = "Runners skip such files without a word. The migration is reviewed and merged, the deploy succeeds, and the change is on no "
                   "server.",
            .instead = "Rename the file to fit the others, or move it out of the folder if it is no migration.",
            .fix_safety = "",
            .versions = "",
            .limits = "Scripts that plainly are no migrations (`seed.sql`, `schema.sql`) are not reported. Where the layout is taken for another "
                      "than it is, name it with `--layout` or in pawl.toml. In the examples, `-- file: NAME` begins a file.",
            .references = "Each runner's documentation of its file names",
            .elsewhere = "",
            .bad = "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                   "-- file: 000002_teams.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n"
                   "-- file: 000003_roles.sql\n"
                   "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n",
            .good = "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                    "-- file: 000002_teams.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n"
                    "-- file: 000003_roles.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n",
        }},
    .check_set = &Check};

namespace {

void Check(const SetContext& context) {
  for (const StrayFile& stray : context.set.strays) {
    context.Report(kBadFileName, stray.file, Span{0, 0}, "", absl::StrCat(TitleOfPath(stray.file->path()), " ", stray.reason))
        .Why("the deploy would succeed without it, and the change would be on no server")
        .Help("rename the file, or move it out of the folder if it is no migration");
  }
}

}  // namespace
}  // namespace pawl
