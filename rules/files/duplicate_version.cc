#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const SetContext& set);
}  // namespace

extern const Rule kDuplicateVersion;
const Rule kDuplicateVersion = {
    .info = {
        .name = "duplicate-version",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "two migrations have one version",
        .page = {
            .what = "Two files of a set give the same version to two migrations. It happens when two branches each take the next number and "
                    "git merges them without a conflict, since the names differ.",
            .why = "Runners that record versions apply one of the two and take the other for applied, refuse to start, or fail on their "
                   "history table's primary key after the second one has run.",
            .instead = "Give the newer of the two a version behind all others, before it is applied anywhere.",
            .fix_safety = "",
            .versions = "",
            .limits = "Leading zeros count for nothing where the runner reads a number. Repeatable migrations have no version; Prisma and "
                      "node-pg-migrate know migrations by their whole name, so that one time stamp twice is allowed there; scripts "
                      "of no known layout have no version that a runner records. A set "
                      "with more than three such pairs has a runner that plainly does not mind. In the "
                      "examples, `-- file: NAME` begins a file.",
            .references = "golang-migrate: `duplicate migration version`\nFlyway: `Found more than one migration with version`",
            .elsewhere = "",
            .bad = "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                   "-- file: 000002_roles.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n"
                   "-- file: 000002_teams.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n",
            .good = "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                    "-- file: 000002_roles.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n"
                    "-- file: 000003_teams.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS teams (id bigint PRIMARY KEY);\n",
        }},
    .check_set = &Check};

namespace {

// A runner of a set with more of them than this plainly does not mind: most would not start with one.
constexpr size_t kMostDuplicates = 3;

// The whole name tells migrations apart, not what stands before it; scripts of no layout have no version that anybody records.
bool KnownByWholeName(Layout layout) { return layout == Layout::kPrisma || layout == Layout::kNodePgMigrate || layout == Layout::kPlain; }

std::string_view WithoutZeros(std::string_view digits) {
  while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') digits.remove_prefix(1);
  return digits;
}

// Equal for versions that the runner takes for one.
std::string Key(Layout layout, const std::string& version) {
  switch (layout) {
    case Layout::kDbmate:
    case Layout::kDiesel:
    case Layout::kLiquibase: return version;  // kept as text
    case Layout::kFlyway:
    case Layout::kNeo4jMigrations: {
      // 1, 1.0 and 01_0 are one version.
      std::vector<std::string> parts;
      for (std::string_view part : absl::StrSplit(version, absl::ByAnyChar("._"))) parts.emplace_back(WithoutZeros(part));
      while (parts.size() > 1 && parts.back() == "0") parts.pop_back();
      std::string key;
      for (const std::string& part : parts) absl::StrAppend(&key, part, ".");
      return key;
    }
    default: return std::string(WithoutZeros(version));
  }
}

std::string_view Consequence(Layout layout) {
  switch (layout) {
    case Layout::kGolangMigrate:
    case Layout::kFlyway:
    case Layout::kNeo4jMigrations:
    case Layout::kGoose: return "its runner refuses to start while both are there";
    case Layout::kDbmate: return "its runner takes the second for applied once the first is, and never runs it";
    case Layout::kSqlx:
    case Layout::kDiesel: return "its runner records a version once, so the second fails or is never run";
    default: return "a runner that records versions takes the second for applied once the first is";
  }
}

void Check(const SetContext& context) {
  const MigrationSet& set = context.set;
  if (KnownByWholeName(set.layout)) return;
  absl::flat_hash_map<std::string, const Migration*> first;
  first.reserve(set.migrations.size());
  std::vector<std::pair<const Migration*, const Migration*>> pairs;
  for (const Migration& m : set.migrations) {
    if (!IsStep(m) || !m.up) continue;
    const auto [it, added] = first.try_emplace(Key(set.layout, m.version), &m);
    if (!added) pairs.emplace_back(&m, it->second);
  }
  if (pairs.size() > kMostDuplicates) return;
  for (const auto& [migration, known] : pairs) {
    const Migration& m = *migration;
    const Migration& other = *known;
    context.Report(kDuplicateVersion, m.file(), m.anchor, m.version, absl::StrCat(Title(set, m), " has the same version as ", Title(set, other)))
        .Why(std::string(Consequence(set.layout)))
        .Help("give the newer of the two a version behind all others, before it is applied anywhere")
        .Note(absl::StrCat("version `", other.version, "` is here too"), other.file(), other.anchor);
  }
}

}  // namespace
}  // namespace pawl
