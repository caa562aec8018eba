#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const SetContext& set);
}  // namespace

extern const Rule kOutOfOrderVersion;
const Rule kOutOfOrderVersion = {
    .info = {
        .name = "out-of-order-version",
        .group = RuleGroup::kHistory,
        .severity = Severity::kWarning,
        .summary = "a new migration sorts before one that is applied already",
        .page = {
            .what = "A migration that was added since the reference has a version before one that the reference holds. The reference is git's "
                    "merge base (`--since`), else `pawl.sums`.",
            .why = "Databases that are past it meet it late. golang-migrate then never runs it, Flyway and node-pg-migrate refuse to go on, and "
                   "others apply it after migrations that were written without it: such a database has seen another order than a new one.",
            .instead = "Before merging, rename the migration so that it sorts behind all others.",
            .fix_safety = "",
            .versions = "",
            .limits = "Needs `--since` or a `pawl.sums`. In the examples, `-- file: NAME` begins a file, and `-- at REF: NAME` one as it was at "
                      "git's merge base.",
            .references = "Flyway documentation, \"Out Of Order\"\ngolang-migrate issue 179",
            .elsewhere = "atlas non-linear history check (`migrate lint`)",
            .bad = "-- at main: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                   "-- at main: 000003_teams.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n"
                   "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                   "-- file: 000002_roles.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n"
                   "-- file: 000003_teams.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n",
            .good = "-- at main: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                    "-- at main: 000002_teams.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n"
                    "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                    "-- file: 000002_teams.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n"
                    "-- file: 000003_roles.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n",
        }},
    .check_set = &Check};

namespace {

std::string_view Consequence(Layout layout) {
  switch (layout) {
    case Layout::kGolangMigrate: return "golang-migrate looks only behind the version that a database is at, and never runs it there";
    case Layout::kFlyway:
    case Layout::kNeo4jMigrations: return "databases that are past it fail validation, unless out-of-order runs are allowed";
    case Layout::kNodePgMigrate: return "node-pg-migrate refuses to run where a later one is applied (\"Not run migration ... is preceding already run migration\")";
    case Layout::kGoose: return "goose reports it as missing and refuses to go on where a later one is applied, unless told otherwise";
    default: return "databases that are past it apply it late or never, so that they have seen another order than a new one";
  }
}

void Check(const SetContext& context) {
  const MigrationSet& set = context.set;
  if (context.history == nullptr || !set.ordered || set.layout == Layout::kLiquibase) return;  // changesets are not ordered by name
  const HistoryReference* reference = context.history->reference();
  const Migration* last_known = nullptr;  // of those that the reference holds
  const Migration* last = nullptr;
  for (const Migration& m : set.migrations) {
    if (!IsStep(m) || !m.up) continue;
    last = &m;
    if (context.history->Existed(m.up->file)) last_known = &m;
  }
  if (last_known == nullptr) return;
  for (const Migration& m : set.migrations) {
    if (&m == last_known) return;
    if (!IsStep(m) || !m.up || context.history->Existed(m.up->file) || m.version == last_known->version) continue;
    context.Report(kOutOfOrderVersion, m.up->file, m.anchor, m.version,
                   absl::StrCat("new migration ", Title(set, m), " sorts before ", Title(set, *last_known), ", which ", Quoted(*reference), " has already"))
        .Why(std::string(Consequence(set.layout)))
        .Help(absl::StrCat("rename it so that it sorts behind ", Title(set, *last), ", the last one"))
        .Note("applied before this one", last_known->file(), last_known->anchor);
  }
}

}  // namespace
}  // namespace pawl
