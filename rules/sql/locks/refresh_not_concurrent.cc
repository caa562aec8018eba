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

// A command that is put together may have made an index that nobody sees.
bool MayHaveOther(const StatementContext& context, const CatalogTable& view) {
  const MigrationSet& set = *context.script.set;
  const std::string_view name = std::string_view(view.key).substr(view.key.find('.') + 1);
  for (int i = view.origin.migration; i <= context.script.migration_index; ++i) {
    const Migration& m = set.migrations[static_cast<size_t>(i)];
    if (!m.up) return true;
    const std::string_view text = m.up->file->Slice(m.up->section);
    if (Mentions(text, name) && Mentions(text, "execute")) return true;
  }
  return false;
}

// With CONCURRENTLY: refused where no index is fit for it, or where the view was never filled (measured on 12 and 18).
void CheckConcurrent(const StatementContext& context, const sql::Refresh& refresh) {
  const CatalogTable* view = context.catalog.FindTable(refresh.view);
  const sql::Statement& s = context.statement;
  if (view == nullptr || view->type != sql::ObjectType::kMaterializedView || view->origin.file == nullptr || view->origin.migration < 0 || s.conditional || s.guarded || s.inside == sql::Inside::kFunction) return;
  const bool made_here = view->origin.migration == context.script.migration_index;
  const std::string name = Quoted(refresh.view);
  if ((made_here || context.script.set->complete) && !HasUsableIndex(*view) && !MayHaveOther(context, *view)) {
    context.Report(kRefreshNotConcurrent, refresh.view.span, absl::StrCat("refreshing ", name, " concurrently fails: it has no unique index for all rows"))
        .Why(absl::StrCat("the server refuses the statement with `cannot refresh materialized view \"", view->key, "\" concurrently` and the migration stops here: the rows are told apart by a unique index on "
                                                                                                               "plain columns, without a WHERE"))
        .Help(absl::StrCat("create a unique index on ", name, " (plain columns, no WHERE) before"))
        .Note("the view is made here", view->origin.file, view->origin.span)
        .AnySize();
  }
}

void Check(const StatementContext& context) {
  const auto& refresh = context.statement.As<sql::Refresh>();
  if (refresh.concurrently) return CheckConcurrent(context, refresh);
  if (refresh.with_no_data) return;
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
            .what = "`REFRESH MATERIALIZED VIEW` without `CONCURRENTLY` locks the view in `ACCESS EXCLUSIVE` mode while its query runs. Or: with `CONCURRENTLY`, of a view that the history has made without "
                    "a unique index on plain columns, or with one for a part of the rows only.",
            .why = "Everybody who reads the view waits for the whole query, however long it takes. `CONCURRENTLY` without such an index is refused: `cannot refresh materialized view ... concurrently`.",
            .instead = "`REFRESH MATERIALIZED VIEW CONCURRENTLY`. It needs a `UNIQUE` index on plain columns that covers all rows, and a view "
                       "that is populated. "
                       "It may run inside a transaction.",
            .fix_safety = "Unsafe: adds `CONCURRENTLY`. The server refuses it where the view has no such index or was never filled.",
            .versions = "",
            .limits = "A view made in the same migration, and `WITH NO DATA`, are left alone. That an index is missing is said where all of a set's migrations are given, or the view is made in the same one.",
            .references = "PostgreSQL documentation, REFRESH MATERIALIZED VIEW (the refusal measured on 12 and 18)",
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
