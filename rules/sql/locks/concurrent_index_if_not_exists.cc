// concurrent-index-if-not-exists: a rerun takes the INVALID index of a failed build for the real one.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kConcurrentIndexIfNotExists;

namespace {

// An earlier statement of this script drops the leftover.
bool DroppedBefore(const StatementContext& context, std::string_view index) {
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement == &context.statement || f.statement->kind != sql::StatementKind::kDrop) continue;
    const auto& drop = f.statement->As<sql::Drop>();
    if (drop.type != sql::ObjectType::kIndex) continue;
    for (const sql::Name& n : drop.names) {
      if (n.name == index) return true;
    }
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& index = context.statement.As<sql::CreateIndex>();
  if (!index.concurrently || !index.if_not_exists || index.name.empty()) return;
  if (context.facts.in_transaction()) return;  // refused: concurrently-in-transaction
  if (!context.Live(index.table) || DroppedBefore(context, index.name)) return;
  const Span word = WordInStatement(context, "if");
  const std::string name = absl::StrCat(index.table.schema.empty() ? "" : absl::StrCat(Identifier(context, index.table.schema), "."),
                                        Identifier(context, index.name));
  const std::string drop = absl::StrCat("DROP INDEX CONCURRENTLY IF EXISTS ", name);
  FindingBuilder f = context.Report(kConcurrentIndexIfNotExists, word.empty() ? index.table.span : Span{word.begin,
      index.table.span.begin > word.end ? word.end : index.table.span.end},
                                    absl::StrCat("a rerun keeps an `INVALID` index `", index.name, "` if an earlier build failed"));
  f.Why("a concurrent build that fails or is cancelled leaves its index behind as `INVALID`: writes maintain it, no query uses it, and IF NOT "
        "EXISTS skips it without an error");
  const bool may_add = MayAddStatement(context);
  f.Help(may_add ? absl::StrCat("drop a leftover first: `", drop, "`, then CREATE INDEX CONCURRENTLY without IF NOT EXISTS")
                 : absl::StrCat("use CREATE INDEX CONCURRENTLY without IF NOT EXISTS, and drop a leftover in the migration before: `", drop,
                                "`"));
  if (may_add) f.UnsafeFix("drop a leftover index first", {Insert(context.statement.span.begin, absl::StrCat(drop, ";\n"))});
}

}  // namespace

constinit const Rule kConcurrentIndexIfNotExists = {
    .info = {
        .name = "concurrent-index-if-not-exists",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "CREATE INDEX CONCURRENTLY IF NOT EXISTS: a leftover INVALID index passes for the real one",
        .page = {
            .what = "A concurrent build that fails (a duplicate key, a deadlock, a timeout, a cancelled session) leaves its index behind, "
                    "marked `INVALID`. "
                    "`IF NOT EXISTS` looks only at the name.",
            .why = "The rerun of the migration succeeds without building anything: the index costs every write and serves no query, a `UNIQUE` "
                   "one enforces nothing "
                   "for old rows, and nobody is told.",
            .instead = "`DROP INDEX CONCURRENTLY IF EXISTS` in front, then `CREATE INDEX CONCURRENTLY` without `IF NOT EXISTS`.",
            .fix_safety = "Unsafe: puts the `DROP INDEX` in front. Where the index exists and is valid, it is dropped and built again.",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, CREATE INDEX, \"Building Indexes Concurrently\"",
            .elsewhere = "MigrationPilot MP070",
            .bad = "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON orders (customer_id);\n",
            .good = "DROP INDEX CONCURRENTLY IF EXISTS orders_customer_idx;\n"
                    "CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateIndex},
    .check_statement = Check,
};

}  // namespace pawl
