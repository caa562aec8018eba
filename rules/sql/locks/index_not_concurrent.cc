// index-not-concurrent: CREATE INDEX without CONCURRENTLY on a table that others use.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/held_locks.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kIndexNotConcurrent;

namespace {

void Check(const StatementContext& context) {
  const auto& index = context.statement.As<sql::CreateIndex>();
  if (index.concurrently || index.only) return;
  const CatalogTable* table = context.catalog.FindTable(index.table);
  if (!context.Live(table)) return;
  if (table != nullptr && table->type == sql::ObjectType::kMaterializedView) return;  // nobody writes to it; only a REFRESH waits
  if (table != nullptr && table->partition_strategy != 0) return;  // index-on-partitioned-parent: CONCURRENTLY is refused there
  if (index.if_not_exists && table != nullptr && table->FindIndex(index.name) != nullptr) return;  // nothing is built
  if (EmptiedHere(context, index.table) || GoneForGood(context.script, context.catalog.Resolve(index.table))) return;
  const std::string name = index.name.empty() ? "the index" : absl::StrCat("index `", index.name, "`");
  const Effect* effect = context.EffectOn(context.catalog.Resolve(index.table));
  FindingBuilder f = context.Report(kIndexNotConcurrent, index.table.span, absl::StrCat("building ", name, " blocks writes to ", Quoted(index.table)));
  f.Why(absl::StrCat("CREATE INDEX holds a `SHARE` lock on ", Quoted(index.table), " for the whole build",
                     context.facts.in_block() ? " and until the transaction ends" : "", ": every INSERT, UPDATE and DELETE on it waits"));
  if (effect != nullptr) {
    f.Lock(*effect);
    if (const HeldLock held = ReadsBlockedBefore(context, effect->object); held.facts != nullptr) {
      f.Note(absl::StrCat("reads of ", Quoted(index.table), " wait too: its ", LockWords(held.effect->lock), " from here is held until the transaction ends"), context.script.file,
             SpanOf(*held.facts, *held.effect));
    }
  }
  if (MayRunConcurrently(context.facts)) {
    f.Help("use CREATE INDEX CONCURRENTLY, which lets writes go on");
    if (!index.if_not_exists) OfferConcurrently(context, index.keyword_span, f);
  } else {
    f.Help(absl::StrCat("use CREATE INDEX CONCURRENTLY and ", OutsideTransactionAdvice(context.script), "; now ", WhyInTransaction(context.script, context.facts)));
  }
}

}  // namespace

constinit const Rule kIndexNotConcurrent = {
    .info = {
        .name = "index-not-concurrent",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "CREATE INDEX without CONCURRENTLY on a live table: writes wait for the whole build",
        .page = {
            .what = "`CREATE INDEX` without `CONCURRENTLY` takes a `SHARE` lock on the table and keeps it until the index is built "
                    "and its transaction ends.",
            .why = "Every INSERT, UPDATE and DELETE on the table waits for the whole build: seconds for thousands of rows, many "
                   "minutes for millions. Sessions pile up behind the lock until the application runs out of connections.",
            .instead = "`CREATE INDEX CONCURRENTLY`, outside a transaction and in a migration of its own, with no short "
                       "`lock_timeout`. If it fails or is cancelled, drop the `INVALID` index it leaves behind and run it again.",
            .fix_safety = "Safe: adds `CONCURRENTLY` where the statement runs outside a transaction and has no `IF NOT EXISTS` (which "
                          "would take a leftover `INVALID` index for the real one). Unsafe under a `lock_timeout` below 5 s, which may cancel it.",
            .versions = "",
            .limits = "A table that no statement of the history made is taken to be live. A table made in the same migration is not: "
                      "nobody can be waiting for it. Nor is one that the script "
                      "has just emptied or drops further down, `IF NOT EXISTS` of an index that the history made, or a materialized view, which only REFRESH writes to.",
            .references = "PostgreSQL documentation, CREATE INDEX, \"Building Indexes Concurrently\"\n"
                          "PostgreSQL documentation, Explicit Locking, table-level locks",
            .elsewhere = "squawk require-concurrent-index-creation; strong_migrations add_index; atlas PG101; eugene E6",
            .bad = "SET lock_timeout = '2s';\n"
                   "CREATE INDEX IF NOT EXISTS orders_customer_idx ON orders (customer_id);\n",
            .good = "CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateIndex},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
