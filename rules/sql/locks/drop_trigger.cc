// drop-trigger: DROP TRIGGER takes ACCESS EXCLUSIVE on its table.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/held_locks.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kDropTrigger;

namespace {

bool MadeAgain(const StatementContext& context, std::string_view name, const std::string& table) {
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->kind != sql::StatementKind::kCreateTrigger || s->span.begin < context.statement.span.begin) continue;
    const auto& t = s->As<sql::CreateTrigger>();
    if (t.name == name && context.catalog.Resolve(t.table) == table) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  if (drop.type != sql::ObjectType::kTrigger) return;
  for (size_t i = 0; i < drop.names.size() && i < drop.tables.size(); ++i) {
    const CatalogTable* table = context.catalog.FindTable(drop.tables[i]);
    const std::string key = context.catalog.Resolve(drop.tables[i]);
    if (!context.Live(table) || (table != nullptr && table->type == sql::ObjectType::kView) || DroppedLater(context, key)) continue;
    if (GoneForGood(context.script, key) || ReadsBlockedBefore(context, key).facts != nullptr) continue;  // nothing new: the lock is held
    const std::string name = Quoted(drop.tables[i]);
    FindingBuilder f = context.Report(kDropTrigger, drop.names[i].span, absl::StrCat("dropping trigger `", drop.names[i].name,
        "` blocks reads and writes of ", name));
    f.Why(absl::StrCat("DROP TRIGGER waits for an `ACCESS EXCLUSIVE` lock on ", name, context.facts.in_block() ?
                       " and keeps it until the transaction ends" : "",
                       ": behind one long query, all reads and writes of the table queue up"));
    if (const Effect* e = context.EffectOn(key)) f.Lock(*e);
    NoteOthers(context, f, [&](const sql::Statement& s) {
      if (s.kind != sql::StatementKind::kDrop || s.As<sql::Drop>().type != sql::ObjectType::kTrigger) return Span{};
      const auto& other = s.As<sql::Drop>();
      for (size_t j = 0; j < other.names.size() && j < other.tables.size(); ++j) {
        if (context.catalog.Resolve(other.tables[j]) == key) return other.names[j].span;
      }
      return Span{};
    });
    f.Help(MadeAgain(context, drop.names[i].name, key) && context.script.settings->versions.oldest >= 14
               ? "replace it with CREATE OR REPLACE TRIGGER instead: that blocks writes only, and no write slips through without the trigger"
               : "run it under a short lock_timeout, alone in its transaction");
  }
}

}  // namespace

constinit const Rule kDropTrigger = {
    .info = {
        .name = "drop-trigger",
        .group = RuleGroup::kLocks,
        .severity = Severity::kNote,
        .summary = "DROP TRIGGER takes ACCESS EXCLUSIVE on its table",
        .page = {
            .what = "`DROP TRIGGER` takes an `ACCESS EXCLUSIVE` lock on the table.",
            .why = "The drop itself is quick, the wait is not: it waits for every transaction that uses the table, and every new query waits "
                   "behind it. Until a trigger that is made anew "
                   "exists again, writes go without it.",
            .instead = "To change a trigger, `CREATE OR REPLACE TRIGGER`, which blocks writes only, or `CREATE OR REPLACE FUNCTION` on its "
                       "function, which blocks nobody. To remove it, a short "
                       "`lock_timeout` and a transaction of its own.",
            .fix_safety = "",
            .versions = "`CREATE OR REPLACE TRIGGER` needs PostgreSQL 14.",
            .limits = "Nothing is reported where the script drops the table too, nor where the transaction holds such a lock on it already; several triggers of "
                      "a table are one finding.",
            .references = "PostgreSQL documentation, DROP TRIGGER\n"
                          "PostgreSQL documentation, CREATE TRIGGER, OR REPLACE",
            .elsewhere = "squawk ban-drop-trigger",
            .bad = "SET lock_timeout = '2s';\n"
                   "DROP TRIGGER IF EXISTS orders_audit ON orders;\n",
            .good = "CREATE OR REPLACE FUNCTION orders_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
};

}  // namespace pawl
