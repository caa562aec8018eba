#include "absl/strings/str_cat.h"
#include "rules/engine_rules/engine_rules.h"

namespace pawl {
namespace {

// psql runs scripts of these layouts, so its commands belong there.
bool RunByPsql(Layout l) { return l == Layout::kPlain || l == Layout::kNumbered || l == Layout::kTimestampSlug; }

void Check(const ScriptContext& script) {
  for (const StatementFacts& f : script.facts) {
    const sql::Statement& s = *f.statement;
    if (s.kind == sql::StatementKind::kNotUnderstood) {
      script.Report(kNotUnderstood, s.span, absl::StrCat(s.tag, ": not analysed"))
          .Why("what it does to the schema and which locks it takes is not known, so nothing is said about it")
          .Help("review it by hand, or write the statement out");
    } else if (s.kind == sql::StatementKind::kClientCommand && !RunByPsql(script.set->layout)) {
      script.Report(kNotUnderstood, s.span, absl::StrCat("`", s.tag, "` is a command of psql, which ", ToString(script.set->layout), " does not run"))
          .Why("the runner sends the line to the server, which refuses it")
          .Help("remove the command, or write what it does as SQL");
    }
  }
}

}  // namespace

const Rule kNotUnderstood = {
    .info = {
        .name = "not-understood",
        .group = RuleGroup::kHistory,
        .severity = Severity::kNote,
        .summary = "a piece that was not analysed: dynamic SQL, an unknown client command, a body in another language",
        .page = {
            .what = "What runs here is known only to the server at run time: a string that is put together and executed, a body in another "
                    "language, a command of a client that pawl does not know, or a file that is included from elsewhere. It was counted, not "
                    "checked.",
            .why = "A lock, a table rewrite or a lost column in this piece is not reported. Without this note, a report with no findings would "
                   "look like a promise that it does not make.",
            .instead = "Write the statements themselves where the names are known. Otherwise review the piece by hand and say so: "
                       "`-- pawl: ignore not-understood -- reviewed by ...`.",
            .fix_safety = "",
            .versions = "",
            .limits = "`EXECUTE` of a literal, and of `format()` with a literal, is parsed and checked. What is computed from variables or "
                      "read from tables is not.",
            .references = "PostgreSQL documentation, \"Executing Dynamic Commands\"",
            .elsewhere = "strong_migrations execute; MigrationPilot MP063; pgsafe unchecked-do-block",
            .bad = "DO $$\n"
                   "DECLARE\n"
                   "  command text := current_setting('deploy.command');\n"
                   "BEGIN\n"
                   "  EXECUTE command;\n"
                   "END $$;\n",
            .good = "CREATE TABLE IF NOT EXISTS measurements (id bigint PRIMARY KEY);\n",
        }},
    .check_script = Check};

}  // namespace pawl
