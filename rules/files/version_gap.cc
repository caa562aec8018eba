#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {
void Check(const SetContext& set);
}  // namespace

extern const Rule kVersionGap;
const Rule kVersionGap = {
    .info = {
        .name = "version-gap",
        .group = RuleGroup::kHistory,
        .severity = Severity::kNote,
        .summary = "a number is missing in a sequence that has no gaps otherwise",
        .page = {
            .what = "The set counts its migrations 1, 2, 3 ..., and a number is left out.",
            .why = "A migration may be missing from this checkout: deleted, not committed, or still on another branch. When it arrives later, "
                   "it sorts before what is applied by then, and many runners never run it.",
            .instead = "Find the missing file, or renumber what is not applied anywhere yet.",
            .fix_safety = "",
            .versions = "",
            .limits = "Only whole folders whose versions are numbers of at most five digits, most of them one after the other. A step of more "
                      "than ten is taken for intended. A sequence may begin anywhere. In the examples, `-- file: NAME` begins a file.",
            .references = "tern: `missing migration`; golang-migrate reads versions in order and passes over what appears before the current one",
            .elsewhere = "",
            .bad = "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);\n"
                   "-- file: 000002_roles.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS roles (id bigint PRIMARY KEY);\n"
                   "-- file: 000004_teams.up.sql\n"
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

constexpr int kLargest = 99999;    // larger ones are dates and times
constexpr int kMaxMissing = 9;     // a larger step opens a new series

struct Gap {
  const Migration* after;          // the migration behind the gap
  const Migration* before;
  int first;                       // missing numbers
  int last;
};

void Check(const SetContext& context) {
  const MigrationSet& set = context.set;
  if (!set.complete || !set.ordered) return;
  std::vector<Gap> gaps;
  int steps = 0, jumps = 0, previous = 0;
  const Migration* before = nullptr;
  for (const Migration& m : set.migrations) {
    if (!IsStep(m)) continue;
    int number = 0;
    const bool digits = m.version.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || !absl::SimpleAtoi(m.version, &number) || number > kLargest) {
      // A set may have begun with numbers and gone on with time stamps: these have no successor.
      before = nullptr;
      continue;
    }
    if (before != nullptr && number > previous) {
      if (number == previous + 1) ++steps;
      else if (number - previous - 1 <= kMaxMissing) gaps.push_back({&m, before, previous + 1, number - 1});
      else ++jumps;
    }
    before = &m;
    previous = number;
  }
  // 10, 20, 30 and 1, 3, 5 have no number missing.
  if (steps == 0 || static_cast<int>(gaps.size()) + jumps > steps) return;
  for (const Gap& gap : gaps) {
    const Migration& m = *gap.after;
    const std::string missing = gap.first == gap.last ? absl::StrCat("number ", gap.first) : absl::StrCat("numbers ", gap.first, " to ", gap.last);
    context.Report(kVersionGap, m.file(), m.anchor, m.version, absl::StrCat(missing, gap.first == gap.last ? " is" : " are", " missing before ", Title(set, m)))
        .Why("a migration that turns up there later sorts before what is applied by then, and many runners never run it")
        .Help("find the missing file, or renumber what is not applied anywhere yet")
        .Note("the one before the gap", gap.before->file(), gap.before->anchor);
  }
}

}  // namespace
}  // namespace pawl
