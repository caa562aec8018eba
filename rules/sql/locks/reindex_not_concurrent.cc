// reindex-not-concurrent: REINDEX without CONCURRENTLY on what others use.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kReindexNotConcurrent;

namespace {

void Check(const StatementContext& context) {
  const auto& reindex = context.statement.As<sql::Reindex>();
  if (reindex.concurrently) return;
  const bool index = reindex.target == "INDEX", table = reindex.target == "TABLE";
  if (index && !context.Live(context.catalog.FindIndex(reindex.name, nullptr))) return;
  if (table && !context.Live(reindex.name)) return;
  const std::string what = absl::StrCat(absl::AsciiStrToLower(reindex.target), reindex.name.empty() ? "" : " ", reindex.name.empty() ? "" : Quoted(reindex.name));
  FindingBuilder f = context.Report(kReindexNotConcurrent, reindex.name.empty() ? context.statement.span : reindex.name.span,
                                    absl::StrCat("rebuilding ", index || table ? "" : "the indexes of ", what, " blocks writes, and queries that plan with ",
                                                 index ? "it" : "its indexes"));
  f.Why("REINDEX holds a `SHARE` lock on the table and an `ACCESS EXCLUSIVE` lock on the index for the whole build: writes wait, and so does every query that has to look at the index");
  if (!context.facts.effects.empty()) f.Lock(context.facts.effects.front());
  if (reindex.target == "SYSTEM") {
    f.Help("the indexes of system catalogues have no concurrent form: run this by hand while nobody works, not from a migration");
  } else if (context.script.settings->versions.oldest < 12) {
    f.Help("before PostgreSQL 12 REINDEX has no concurrent form: build a second index with CREATE INDEX CONCURRENTLY, then drop the old one and rename");
  } else if (MayRunConcurrently(context.facts)) {
    f.Help(absl::StrCat("use REINDEX ", reindex.target, " CONCURRENTLY, which lets reads and writes go on"));
    OfferConcurrently(context, WordInStatement(context, absl::AsciiStrToLower(reindex.target)), f);
  } else {
    f.Help(absl::StrCat("use REINDEX ", reindex.target, " CONCURRENTLY and ", OutsideTransactionAdvice(context.script), "; now ",
                        WhyInTransaction(context.script, context.facts)));
  }
}

}  // namespace

constinit const Rule kReindexNotConcurrent = {
    .info = {
        .name = "reindex-not-concurrent",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "REINDEX without CONCURRENTLY: writes, and often reads, wait for the whole rebuild",
        .page = {
            .what = "`REINDEX` without `CONCURRENTLY` holds a `SHARE` lock on the table and an `ACCESS EXCLUSIVE` lock on each index that it rebuilds.",
            .why = "Writes wait for the whole rebuild. Queries wait too: the planner opens every index of the tables it plans for.",
            .instead = "`REINDEX ... CONCURRENTLY`, outside a transaction. If it fails, drop the `INVALID` index whose name ends in `_ccnew` and run it again.",
            .fix_safety = "Safe: adds `CONCURRENTLY` where the statement runs outside a transaction. Unsafe under a `lock_timeout` below 5 s, which may cancel it.",
            .versions = "`CONCURRENTLY` needs PostgreSQL 12. `REINDEX SYSTEM` has no concurrent form.",
            .limits = "",
            .references = "PostgreSQL documentation, REINDEX, \"Rebuilding Indexes Concurrently\"",
            .elsewhere = "squawk require-concurrent-reindex; MigrationPilot MP021; pgsafe reindex-non-concurrent",
            .bad = "REINDEX INDEX orders_customer_idx;\n",
            .good = "REINDEX INDEX CONCURRENTLY orders_customer_idx;\n",
        },
    },
    .kinds = {sql::StatementKind::kReindex},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
