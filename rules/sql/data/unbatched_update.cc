// unbatched-update: an UPDATE that goes over all rows of a live table in one transaction.
//
// schema-and-data-in-one-transaction speaks of the lock that a schema change holds meanwhile; this rule of the rows.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/row_share.h"

namespace pawl {

extern const Rule kUnbatchedUpdate;

namespace {

std::string Columns(const sql::Query& q) {
  std::vector<std::string> names;
  for (const sql::Assignment& a : q.assignments) names.push_back(absl::StrCat("`", a.column, "`"));
  return names.empty() ? "columns" : Joined(names, 3);
}

void ReportUpdate(const StatementContext& context, const sql::Query& update, RowShare share, bool loop) {
  const std::string table = Quoted(update.target);
  std::string message;
  if (loop) {
    message = absl::StrCat("the loop updates all rows of ", table, " in one transaction");
  } else if (share == RowShare::kAll) {
    message = absl::StrCat("updating every row of ", table, " in one statement");
  } else if (share == RowShare::kUnfilled) {
    message = absl::StrCat("setting ", Columns(update), " in one statement in all rows of ", table, " that are not done yet");
  } else {
    message = absl::StrCat("updating in one statement every row of ", table, " that another table matches");
  }
  FindingBuilder f = context.Report(kUnbatchedUpdate, update.target.span, std::move(message));
  f.Why(absl::StrCat("every row stays locked until the transaction ends, so other writers of it wait; each leaves a dead copy that VACUUM cannot remove meanwhile, replicas fall behind, and a "
                     "failure near the end loses all the work"));
  if (loop && context.facts.in_block() && HasCommitInLoop(context)) {
    f.Help(absl::StrCat("COMMIT fails inside a transaction, and ", WhyInTransaction(context.script, context.facts), ": run the loop outside of one"));
  } else if (loop) {
    f.Help("COMMIT in each turn of the loop, and run the block outside a transaction; or let a job of the application go over the rows");
  } else {
    f.Help("update in batches of some thousand rows, each committed by itself (WHERE id IN (SELECT id ... WHERE not yet done LIMIT 5000), repeated until no row is left), after this migration");
  }
  if (const Effect* effect = context.EffectOn(context.catalog.Resolve(update.target))) f.Lock(*effect);
}

void Check(const StatementContext& context) {
  const auto& query = context.statement.As<sql::Query>();
  if (IsLive(context, query.target) && MergesAll(context, query, "update")) ReportUpdate(context, query, RowShare::kJoined, false);
  for (const sql::Query* update : WritesIn(query, sql::QueryKind::kUpdate)) {
    if (!IsLive(context, update->target)) continue;
    const RowShare share = ShareOf(context, *update, query);
    if (share != RowShare::kUnknown) {
      ReportUpdate(context, *update, share, false);
    } else if (context.statement.in_loop && !CommitsInLoop(context) && LoopsOverAll(context, *update)) {
      ReportUpdate(context, *update, share, true);
    }
  }
}

}  // namespace

constinit const Rule kUnbatchedUpdate = {
    .info = {
        .name = "unbatched-update",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "UPDATE of all rows of a live table in one transaction",
        .page = {
            .what = "An `UPDATE` without a condition, with one that only leaves out what is done already, or joined to a whole other table, writes every row of the table in one transaction. "
                    "A loop in a DO block or function is one transaction too, unless it says COMMIT.",
            .why = "Each row that is updated stays locked until the end, and leaves a dead copy: the table and its indexes may double. VACUUM cannot clean up behind it, replicas and "
                   "logical subscribers lag by the whole transaction, and if it fails or is cancelled after an hour, the hour is lost.",
            .instead = "Write the rows in batches of some thousand, each in its own transaction: by ranges of the primary key, or `WHERE id IN (SELECT id FROM t WHERE column IS NULL ORDER BY "
                       "id LIMIT 5000)` until nothing is left. Do that after the deploy, from a job that can be stopped and started again. A new column is best given a DEFAULT: from 11 on "
                       "that costs nothing.",
            .fix_safety = "",
            .versions = "COMMIT in a DO block or procedure needs PostgreSQL 11.",
            .limits = "How large the table is is not known. A condition on a value (`status = 'x'`), a range of constants, a list, or a sub-query that is restricted itself may pick few rows and "
                      "is left alone. Tables made in the same migration, and temporary ones, are too.",
            .references = "PostgreSQL documentation, Routine Vacuuming, Recovering Disk Space\n"
                          "PostgreSQL documentation, Explicit Locking, Row-Level Locks",
            .elsewhere = "MigrationPilot MP011",
            .bad = "UPDATE orders SET region = lookup_region(country_code);\n",
            .good = "UPDATE orders SET region = lookup_region(country_code)\n"
                    "WHERE id IN (SELECT id FROM orders WHERE region IS NULL ORDER BY id LIMIT 5000);\n",
        },
    },
    .kinds = {sql::StatementKind::kQuery},
    .check_statement = Check,
    .in_down = false,
    .grows_with_table = true,
};

}  // namespace pawl
