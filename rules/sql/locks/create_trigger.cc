// create-trigger: CREATE TRIGGER blocks writes for a moment, and costs each of them from then on.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kCreateTrigger;

namespace {

// DROP TRIGGER and CREATE TRIGGER of one name: drop-trigger speaks, whose lock is the stronger one and which knows a better way.
bool DroppedBefore(const StatementContext& context, const sql::CreateTrigger& trigger, const std::string& table) {
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement->kind != sql::StatementKind::kDrop || f.statement == &context.statement) continue;
    const auto& drop = f.statement->As<sql::Drop>();
    if (drop.type != sql::ObjectType::kTrigger) continue;
    for (size_t i = 0; i < drop.names.size() && i < drop.tables.size(); ++i) {
      if (drop.names[i].name == trigger.name && context.catalog.Resolve(drop.tables[i]) == table) return true;
    }
  }
  return false;
}

// An earlier CREATE TRIGGER of the transaction on this table, which speaks for both.
bool SpokenFor(const StatementContext& context, const std::string& table) {
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement == &context.statement || f.transaction != context.facts.transaction || f.statement->kind != sql::StatementKind::kCreateTrigger) continue;
    if (context.catalog.Resolve(f.statement->As<sql::CreateTrigger>().table) == table) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& trigger = context.statement.As<sql::CreateTrigger>();
  const CatalogTable* table = context.catalog.FindTable(trigger.table);
  if (!context.Live(table) || (table != nullptr && table->type == sql::ObjectType::kView)) return;
  const std::string key = context.catalog.Resolve(trigger.table);
  if (DroppedBefore(context, trigger, key) || SpokenFor(context, key) || GoneForGood(context.script, key)) return;
  const std::string name = Quoted(trigger.table);
  FindingBuilder f = context.Report(kCreateTrigger, trigger.table.span, absl::StrCat("creating trigger `", trigger.name, "` blocks writes to ",
      name, trigger.replace ? "" : ", and each of them runs it from then on"));
  f.Why(absl::StrCat("CREATE TRIGGER waits for a `SHARE ROW EXCLUSIVE` lock on ", name, context.facts.in_block() ?
                     " and keeps it until the transaction ends" : "",
                     ": behind one long transaction that wrote to the table, all writes queue up"));
  if (const Effect* e = context.EffectOn(key)) f.Lock(*e);
  NoteOthers(context, f, [&](const sql::Statement& s) {
    if (s.kind != sql::StatementKind::kCreateTrigger || context.catalog.Resolve(s.As<sql::CreateTrigger>().table) != key) return Span{};
    const auto& other = s.As<sql::CreateTrigger>();
    return DroppedBefore(context, other, key) ? Span{} : WordIn(context, s.span, other.name);
  });
  f.Help(trigger.row ? "run it under a short lock_timeout, and measure what the trigger adds to bulk writes: it runs once for each row"
                     : "run it under a short lock_timeout, and measure what the trigger adds to each statement");
}

}  // namespace

constinit const Rule kCreateTrigger = {
    .info = {
        .name = "create-trigger",
        .group = RuleGroup::kLocks,
        .severity = Severity::kNote,
        .summary = "CREATE TRIGGER on a live table blocks writes and adds a cost to each of them",
        .page = {
            .what = "`CREATE TRIGGER` takes a `SHARE ROW EXCLUSIVE` lock on the table. From then on its function runs in every write.",
            .why = "While it waits for transactions that wrote to the table, all other writes wait behind it. Later, a row trigger that is "
                   "cheap alone may double the time of bulk writes, "
                   "and an error in it fails them.",
            .instead = "Run it under a short `lock_timeout`; try the trigger with realistic bulk writes first.",
            .fix_safety = "",
            .versions = "",
            .limits = "Triggers on views and on tables made in the same migration are left alone. Where the script drops the trigger first, "
                      "`drop-trigger` speaks instead. Several triggers that one transaction "
                      "makes on a table are one finding.",
            .references = "PostgreSQL documentation, CREATE TRIGGER\n"
                          "PostgreSQL documentation, Explicit Locking, table-level locks",
            .elsewhere = "atlas PG308; MigrationPilot MP090; pgsafe add-trigger",
            .bad = "SET lock_timeout = '2s';\n"
                   "CREATE TRIGGER orders_audit AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();\n",
            .good = "BEGIN;\n"
                    "CREATE TABLE IF NOT EXISTS order_notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL);\n"
                    "CREATE OR REPLACE TRIGGER order_notes_audit AFTER UPDATE ON order_notes FOR EACH ROW EXECUTE FUNCTION audit();\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTrigger},
    .check_statement = Check,
};

}  // namespace pawl
