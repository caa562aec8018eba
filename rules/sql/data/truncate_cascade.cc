// truncate-cascade: TRUNCATE ... CASCADE also empties every table that refers to the one that is named.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kTruncateCascade;

namespace {

void Check(const StatementContext& context) {
  const auto& truncate = context.statement.As<sql::Truncate>();
  if (!truncate.cascade) return;
  std::vector<std::string> named, live, others;
  for (const sql::Name& name : truncate.tables) {
    named.push_back(context.catalog.Resolve(name));
    if (IsLive(context, name)) live.emplace_back(sql::ToString(name));
  }
  // What the history knows to refer to them: by effects, which follow the foreign keys.
  const Effect* lock = nullptr;
  for (const Effect& e : context.facts.effects) {
    if (!e.loses_data || !e.live || HasColumn(named, e.object) || e.descendant || HasColumn(others, e.object)) continue;
    others.emplace_back(e.object);
    if (lock == nullptr) lock = &e;
  }
  if (others.empty() && live.empty()) return;  // a table made here: only what was made here can refer to it
  const std::string what = others.empty() ? absl::StrCat("every table that refers to ", Listed(live.empty() ? named : live)) : Listed(others, 5);
  FindingBuilder f = context.Report(kTruncateCascade, LastWord(context.script, context.statement.span, "cascade"), absl::StrCat("CASCADE also deletes every row of ", what));
  f.Why("a foreign key is enough, whatever its ON DELETE says, and it goes on from table to table: rows are gone for good that this file does not name, each table under an "
        "`ACCESS EXCLUSIVE` lock");
  f.Help(others.empty() ? "leave CASCADE away: then the server refuses and names the tables that refer to it"
                        : "leave CASCADE away; if these tables must be emptied too, name them, after a backup");
  if (lock != nullptr) f.Lock(*lock);
}

}  // namespace

constinit const Rule kTruncateCascade = {
    .info = {
        .name = "truncate-cascade",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "TRUNCATE ... CASCADE: every table that refers to it loses all rows too",
        .page = {
            .what = "`TRUNCATE ... CASCADE` also empties every table with a foreign key to the named one, and every table that refers to those, and so on.",
            .why = "Which tables that are is not written in the file and changes with each foreign key that anybody adds. `ON DELETE SET NULL` or `RESTRICT` do not protect "
                   "them: truncation does not look at single rows.",
            .instead = "Leave `CASCADE` away. If other tables refer to the table, the server then refuses and names them, and you can decide for each.",
            .fix_safety = "",
            .versions = "",
            .limits = "The tables that are listed are those that the history knows; the server may have more. The rows of the named table itself are the matter of `truncate`.",
            .references = "PostgreSQL documentation, TRUNCATE, CASCADE",
            .elsewhere = "squawk ban-truncate-cascade; MigrationPilot MP036",
            .bad = "SET lock_timeout = '2s';\n"
                   "TRUNCATE accounts CASCADE;\n",
            .good = "DELETE FROM accounts WHERE id IN (SELECT id FROM accounts WHERE closed_at < '2020-01-01' ORDER BY id LIMIT 5000);\n",
        },
    },
    .kinds = {sql::StatementKind::kTruncate},
    .check_statement = Check,
};

}  // namespace pawl
