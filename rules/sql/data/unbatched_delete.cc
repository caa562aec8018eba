// unbatched-delete: a DELETE that takes all rows of a live table in one transaction.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/row_share.h"

namespace pawl {

extern const Rule kUnbatchedDelete;

namespace {

void ReportDelete(const StatementContext& context, const sql::Query& write, RowShare share, bool loop) {
  const std::string table = Quoted(write.target);
  std::string message;
  if (loop) {
    message = absl::StrCat("the loop deletes all those rows of ", table, " in one transaction");
  } else if (share == RowShare::kAll) {
    message = absl::StrCat("deleting every row of ", table, " in one statement");
  } else {
    message = absl::StrCat("deleting in one statement every row of ", table, " that another table matches");
  }
  FindingBuilder f = context.Report(kUnbatchedDelete, write.target.span, std::move(message));
  f.Why("every row stays locked until the transaction ends and its dead copy stays until VACUUM, foreign keys and triggers run once for each row, replicas fall behind, and what is committed "
        "is gone for good");
  if (loop && context.facts.in_block() && HasCommitInLoop(context)) {
    f.Help(absl::StrCat("COMMIT fails inside a transaction, and ", WhyInTransaction(context.script, context.facts), ": run the loop outside of one"));
  } else if (loop) {
    f.Help("COMMIT in each turn of the loop, and run the block outside a transaction; or let a job of the application go over the rows");
  } else {
    f.Help("if all rows may really go, delete them in batches of some thousand, each committed by itself (WHERE id IN (SELECT id ... LIMIT 5000), repeated until no row is left), after a backup");
  }
  if (const Effect* effect = context.EffectOn(context.catalog.Resolve(write.target))) f.Lock(*effect);
}

void Check(const StatementContext& context) {
  const auto& query = context.statement.As<sql::Query>();
  if (IsLive(context, query.target) && MergesAll(context, query, "delete")) ReportDelete(context, query, RowShare::kJoined, false);
  for (const sql::Query* write : WritesIn(query, sql::QueryKind::kDelete)) {
    if (!IsLive(context, write->target)) continue;
    const RowShare share = ShareOf(context, *write, query);
    if (share != RowShare::kUnknown) {
      ReportDelete(context, *write, share, false);
    } else if (context.statement.in_loop && !CommitsInLoop(context) && LoopsOverAll(context, *write)) {
      ReportDelete(context, *write, share, true);
    }
  }
}

}  // namespace

constinit const Rule kUnbatchedDelete = {
    .info = {
        .name = "unbatched-delete",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "DELETE of all rows of a live table in one transaction",
        .page = {
            .what = "A `DELETE` without a condition, or joined to a whole other table, removes every row in one transaction. A loop in a DO block or function is one transaction too, unless it "
                    "says COMMIT.",
            .why = "Each row stays locked until the end. Foreign keys are looked up and triggers run row by row, ON DELETE CASCADE multiplies the work, the dead rows stay until VACUUM, "
                   "and replicas lag by the whole transaction. Once committed, only a backup has the rows.",
            .instead = "Delete what is obsolete in batches of some thousand rows, each in its own transaction, from a job that can be stopped. A whole table that is not needed is better "
                       "dropped in a migration of its own; old data of a partitioned table goes with its partition.",
            .fix_safety = "",
            .versions = "COMMIT in a DO block or procedure needs PostgreSQL 11.",
            .limits = "How large the table is is not known. A condition on a value, a range, or a sub-query that is restricted itself may pick few rows and is left alone; so is a search for "
                      "duplicates in the table itself. Tables made in the same migration, and temporary ones, are too.",
            .references = "PostgreSQL documentation, Routine Vacuuming, Recovering Disk Space\n"
                          "PostgreSQL documentation, Explicit Locking, Row-Level Locks",
            .elsewhere = "MigrationPilot MP067",
            .bad = "DELETE FROM sessions;\n",
            .good = "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < '2024-01-01' ORDER BY id LIMIT 5000);\n",
        },
    },
    .kinds = {sql::StatementKind::kQuery},
    .check_statement = Check,
    .in_down = false,
    .grows_with_table = true,
};

}  // namespace pawl
