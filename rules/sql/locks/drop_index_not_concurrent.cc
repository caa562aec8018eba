// drop-index-not-concurrent: DROP INDEX without CONCURRENTLY on a table that others use.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/held_locks.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kDropIndexNotConcurrent;

namespace {

// DROP INDEX IF EXISTS i; CREATE INDEX i: only in case a run before stopped half-way.
bool MadeLater(const StatementContext& context, const sql::Name& index) {
  constexpr int kLookAhead = 500;  // it follows soon
  const auto& all = context.script.script->statements;
  auto it = std::upper_bound(all.begin(), all.end(), context.statement.span.begin, [](uint32_t at, const sql::Statement* s) { return at < s->span.begin; });
  for (int n = 0; it != all.end() && n < kLookAhead; ++it, ++n) {
    if ((*it)->kind == sql::StatementKind::kCreateIndex && (*it)->As<sql::CreateIndex>().name == index.name) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  if (drop.type != sql::ObjectType::kIndex || drop.concurrently) return;
  // One statement, one finding: on the first index whose table is in use.
  for (const sql::Name& name : drop.names) {
    const CatalogIndex* index = nullptr;
    const CatalogTable* table = context.catalog.FindIndex(name, &index);
    if (!context.Live(table)) continue;
    if (index != nullptr && index->of_constraint) continue;  // refused by the server: drop-index-of-constraint
    if (table != nullptr && (table->partition_strategy != 0 || DroppedLater(context, table->key))) continue;  // no CONCURRENTLY there; nobody's loss
    // The transaction keeps everybody from the table already: an ALTER TABLE of it, or another DROP INDEX, which names this one.
    if (table != nullptr && ReadsBlockedBefore(context, table->key).facts != nullptr) continue;
    // The history made no such index: an old server may have one, most have none.
    const bool may_be_none = index == nullptr && drop.if_exists && context.script.migration_index > 0;
    if (may_be_none && (context.script.is_down() || MadeLater(context, name))) continue;
    const std::string on = table == nullptr ? may_be_none ? "its table, if it exists" : "its table" : Quoted(table->key);
    const Effect* effect = nullptr;
    for (const Effect& e : context.facts.effects) {
      if (e.span == name.span && (effect == nullptr || effect->is_index)) effect = &e;
    }
    FindingBuilder f = context.Report(kDropIndexNotConcurrent, name.span, absl::StrCat("dropping index ", Quoted(name), " blocks reads and writes of ", on));
    f.Why(absl::StrCat("DROP INDEX waits for an `ACCESS EXCLUSIVE` lock on ", table == nullptr ? "its table" : on, context.facts.in_block() ? " and keeps it until the transaction ends" : "",
                       ": behind one long query, all reads and writes of the table queue up"));
    if (effect != nullptr) f.Lock(*effect);
    // A rollback takes back what the up built, seldom and on purpose.
    if (context.script.is_down() || may_be_none) f.AtSeverity(Severity::kNote);
    if (table != nullptr) {
      NoteOthers(context, f, [&](const sql::Statement& s) {
        if (s.kind != sql::StatementKind::kDrop) return Span{};
        const auto& other = s.As<sql::Drop>();
        if (other.type != sql::ObjectType::kIndex || other.concurrently) return Span{};
        for (const sql::Name& n : other.names) {
          if (context.catalog.FindIndex(n, nullptr) == table) return n.span;
        }
        return Span{};
      });
    }
    if (drop.cascade) {
      f.Help("CASCADE has no concurrent form: drop what depends on the index first, then use DROP INDEX CONCURRENTLY");
    } else if (MayRunConcurrently(context.facts)) {
      f.Help(drop.names.size() == 1 ? "use DROP INDEX CONCURRENTLY" : "use DROP INDEX CONCURRENTLY, in one statement for each index");
      const Span word = WordInStatement(context, "index");
      if (drop.names.size() == 1 && !word.empty()) f.SafeFix("add CONCURRENTLY", {Insert(word.end, " CONCURRENTLY")});
    } else {
      f.Help(absl::StrCat("use DROP INDEX CONCURRENTLY and ", OutsideTransactionAdvice(context.script), "; now ", WhyInTransaction(context.script, context.facts)));
    }
    return;
  }
}

}  // namespace

constinit const Rule kDropIndexNotConcurrent = {
    .info = {
        .name = "drop-index-not-concurrent",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "DROP INDEX without CONCURRENTLY: reads and writes of the table queue behind its lock",
        .page = {
            .what = "`DROP INDEX` without `CONCURRENTLY` takes an `ACCESS EXCLUSIVE` lock on the index's table.",
            .why = "The drop itself is quick, the wait is not: it waits for every transaction that uses the table, and while it waits, every "
                   "new query on the table waits behind it.",
            .instead = "`DROP INDEX CONCURRENTLY`, outside a transaction, one index a statement. If it is cancelled, run it again.",
            .fix_safety = "Safe: adds `CONCURRENTLY` where the statement runs outside a transaction, names one index and has no `CASCADE`.",
            .versions = "",
            .limits = "An index of a partitioned table is left out: `CONCURRENTLY` is refused for it. Said once for each table and transaction, and not where "
                      "the transaction holds such a lock on the table already. A note in down scripts, and with `IF EXISTS` where no migration made the index; nothing if the script then makes it.",
            .references = "PostgreSQL documentation, DROP INDEX, CONCURRENTLY",
            .elsewhere = "squawk require-concurrent-index-deletion; strong_migrations remove_index; atlas PG102; MigrationPilot MP009",
            .bad = "SET lock_timeout = '2s';\n"
                   "DROP INDEX IF EXISTS orders_customer_idx;\n",
            .good = "DROP INDEX CONCURRENTLY IF EXISTS orders_customer_idx;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
};

}  // namespace pawl
