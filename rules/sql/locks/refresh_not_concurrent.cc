// refresh-not-concurrent: REFRESH MATERIALIZED VIEW without CONCURRENTLY on a view that others read.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kRefreshNotConcurrent;

namespace {

// CONCURRENTLY needs a unique index on plain columns without a WHERE.
bool HasUsableIndex(const CatalogTable& view) {
  return std::any_of(view.indexes.begin(), view.indexes.end(), [](const CatalogIndex& i) {
    return i.unique && !i.partial && std::none_of(i.columns.begin(), i.columns.end(), [](const std::string& c) { return c.empty(); });
  });
}

void Check(const StatementContext& context) {
  const auto& refresh = context.statement.As<sql::Refresh>();
  if (refresh.concurrently || refresh.with_no_data) return;
  const CatalogTable* view = context.catalog.FindTable(refresh.view);
  if (!context.Live(view)) return;
  const std::string name = Quoted(refresh.view);
  FindingBuilder f = context.Report(kRefreshNotConcurrent, refresh.view.span, absl::StrCat("refreshing ", name, " blocks all who read it"));
  f.Why(absl::StrCat("REFRESH MATERIALIZED VIEW holds an `ACCESS EXCLUSIVE` lock on ", name, " while its query runs", context.facts.in_block() ?
                     " and until the transaction ends" : "",
                     ": every SELECT from it waits"));
  if (!context.facts.effects.empty()) f.Lock(context.facts.effects.front());
  const bool lacks_index = view != nullptr && view->origin.migration >= 0 && !HasUsableIndex(*view);
  f.Help(lacks_index ? absl::StrCat("create a unique index on ", name, " (plain columns, no WHERE), then use REFRESH MATERIALIZED VIEW "
                                                                       "CONCURRENTLY")
                     : "use REFRESH MATERIALIZED VIEW CONCURRENTLY: readers go on; it needs a unique index on plain columns, and a view that "
                       "has been filled before");
  const Span word = WordInStatement(context, "view");
  if (!lacks_index && !word.empty() && context.statement.inside == sql::Inside::kNone) {
    f.UnsafeFix("add CONCURRENTLY, which needs a unique index on the view", {Insert(word.end, " CONCURRENTLY")});
  }
}

}  // namespace

constinit const Rule kRefreshNotConcurrent = {
    .info = {
        .name = "refresh-not-concurrent",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "REFRESH MATERIALIZED VIEW without CONCURRENTLY: readers wait for the whole query",
        .page = {
            .what = "`REFRESH MATERIALIZED VIEW` without `CONCURRENTLY` locks the view in `ACCESS EXCLUSIVE` mode while its query runs.",
            .why = "Everybody who reads the view waits for the whole query, however long it takes.",
            .instead = "`REFRESH MATERIALIZED VIEW CONCURRENTLY`. It needs a `UNIQUE` index on plain columns that covers all rows, and a view "
                       "that is populated. "
                       "It may run inside a transaction.",
            .fix_safety = "Unsafe: adds `CONCURRENTLY`. The server refuses it where the view has no such index or was never filled.",
            .versions = "",
            .limits = "A view made in the same migration, and `WITH NO DATA`, are left alone.",
            .references = "PostgreSQL documentation, REFRESH MATERIALIZED VIEW",
            .elsewhere = "MigrationPilot MP033; pgsafe refresh-matview-non-concurrent",
            .bad = "SET lock_timeout = '2s';\n"
                   "REFRESH MATERIALIZED VIEW order_totals;\n",
            .good = "REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals;\n",
        },
    },
    .kinds = {sql::StatementKind::kRefresh},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
