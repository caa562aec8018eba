#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "migrations/history/edit.h"
#include "migrations/layout/text.h"
#include "rules/files/common.h"
#include "rules/rule.h"

namespace pawl {
namespace {

bool DownDoesNothing(const ScriptRef& down, Engine engine) {
  if (!down.commented) return DoesNothing(down.file->text(), down.section, engine);
  return DoesNothing(WithoutCommentMarks(down.file->text(), down.section), down.section, engine);
}

// "It's not possible to drop enum values, so the up has IF NOT EXISTS": says that it cannot be undone, or why it need not be,
// in the author's own words. A bare "nothing to do" or "not reversible" gives no reason.
bool GivesReason(std::string_view text) {
  int words = 0;
  bool in_word = false;
  for (char c : text) {
    const bool letter = absl::ascii_isalpha(static_cast<unsigned char>(c));
    words += letter && !in_word;
    in_word = letter || (in_word && c == '\'');
  }
  if (words < 6) return false;
  for (std::string_view phrase : {"not possible", "impossible", "cannot", "can't", "can not", "not support", "n't support", "no way", "reversible", "because"}) {
    if (absl::StrContainsIgnoreCase(text, phrase)) return true;
  }
  return false;
}

void Check(const SetContext& set);

}  // namespace

extern const Rule kEmptyDown;
const Rule kEmptyDown = {
    .info = {
        .name = "empty-down",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "the down does nothing although the up changes something",
        .page = {
            .what = "The down script holds only comments, white space, `SELECT` of constants, `SET`, or an empty transaction, while the up "
                    "changes the schema or the data. A down that is described in words but not written counts as empty.",
            .why = "The runner reports a successful rollback and records the version as gone, but the schema is still the new one. The next up "
                   "then fails on what already exists, or the old code runs on a schema that it does not know.",
            .instead = "Undo in the down what the up did. Where that cannot be, say so with the reason, in a comment of the down: "
                       "`-- irreversible: the old values are not kept`. Better still, make the down fail with `RAISE EXCEPTION`, so that "
                       "nobody takes it for a rollback.",
            .fix_safety = "",
            .versions = "",
            .limits = "A comment that says in other words why nothing can or need be undone (`cannot`, `not possible`, `because`) is taken for "
                      "such a reason. Whether a down that does something also undoes its up is not judged here. In the examples, `-- file: NAME` begins a file.",
            .references = "Documentation of each runner's `down` or `rollback` command: none of them checks what the script does",
            .elsewhere = "",
            .bad = "-- file: 000001_users.up.sql\n"
                   "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\n"
                   "-- file: 000001_users.down.sql\n"
                   "-- drop the table by hand\n"
                   "SELECT 1;\n",
            .good = "-- file: 000001_users.up.sql\n"
                    "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\n"
                    "-- file: 000001_users.down.sql\n"
                    "DROP TABLE IF EXISTS users;\n",
        }},
    .check_set = &Check};

namespace {

void Check(const SetContext& context) {
  const MigrationSet& set = context.set;
  for (const Migration& m : set.migrations) {
    if (!m.up || !m.down || m.repeatable || m.no_op_down_allowed) continue;
    const ScriptRef& down = *m.down;
    if (!DownDoesNothing(down, set.engine) || DoesNothing(m.up->file->text(), m.up->section, set.engine)) continue;
    if (GivesReason(down.file->Slice(down.section))) continue;
    context.Report(kEmptyDown, down.file, AnchorOf(down.file->text(), down.section), m.version, absl::StrCat("the down of ", Title(set, m), " does nothing"))
        .Why("a rollback would be reported as done and leave everything that the up made; the next up then meets it")
        .Help(absl::StrCat("undo what the up did; if that cannot be, say why in a comment of the down: `", set.engine == Engine::kNeo4j ? "//" : "--", " irreversible: REASON`"))
        .Note("what the up changes starts here", m.up->file, m.anchor);
  }
}

}  // namespace
}  // namespace pawl
