// set-access-method: ALTER TABLE ... SET ACCESS METHOD.
#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kSetAccessMethod;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kSetAccessMethod) continue;
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    const std::string method = c.name.empty() ? "the default access method" : absl::StrCat("access method `", c.name, "`");
    context.Report(kSetAccessMethod, c.span, absl::StrCat("moving ", Quoted(alter.name), " to ", method, " rewrites it"))
        .Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, "every row and index is written anew"))
        .Help(absl::StrCat("make a new table with ", method, ", copy the rows in batches with a trigger keeping both in step, and change over; or change partition by partition"))
        .Lock(*effect);
  }
}

}  // namespace

constinit const Rule kSetAccessMethod = {
    .info = {
        .name = "set-access-method",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "SET ACCESS METHOD rewrites the whole table under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ALTER TABLE ... SET ACCESS METHOD` writes every row of the table into the storage of another access method, and builds its indexes anew.",
            .why = "The `ACCESS EXCLUSIVE` lock is held for the whole rewrite: all reads and writes of the table wait, for minutes where it is large.",
            .instead = "Make a new table with `USING`, copy the rows in batches with a trigger keeping both in step, and change over; or attach new partitions that use the other method.",
            .fix_safety = "",
            .versions = "15 and later. On a partitioned table (17 and later) it only says what new partitions will use, and is not flagged.",
            .limits = "A table that was made without `USING` is taken to be stored by `heap`, whatever `default_table_access_method` says.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET ACCESS METHOD",
            .elsewhere = "atlas PG311; pgsafe set-access-method",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE events SET ACCESS METHOD columnar;\n",
            .good = "CREATE TABLE events_2026 (id bigint PRIMARY KEY, at timestamptz NOT NULL) USING heap;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kSetAccessMethod},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
