// create-table-as: a query over other tables runs as a part of CREATE TABLE AS, SELECT INTO or CREATE MATERIALIZED VIEW.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kCreateTableAs;

namespace {

void Check(const StatementContext& context) {
  const auto& create = context.statement.As<sql::CreateTable>();
  if (create.as_query == nullptr || create.with_no_data || create.temporary) return;
  // A query over constants, or over what this migration made, is as short as those.
  const Effect* read = nullptr;
  for (const Effect& e : context.facts.effects) {
    if (e.live && e.work == Work::kRows) {
      read = &e;
      break;
    }
  }
  if (read == nullptr) return;
  context.Report(kCreateTableAs, create.name.span,
                 absl::StrCat("creating ", create.materialized_view ? "materialized view " : "", Quoted(create.name), " runs its query over ", Quoted(read->object), " inside the migration"))
      .Why(absl::StrCat("the deploy waits for the whole query", context.facts.in_block() ? ", and so does everybody who waits for a lock that the transaction holds already" : "",
                        "; a timeout or a dropped connection throws the work away"))
      .Help(create.materialized_view ? "create it WITH NO DATA and REFRESH it outside the migration" : "create the table empty and fill it in batches outside the migration")
      .Lock(*read);
}

}  // namespace

constinit const Rule kCreateTableAs = {
    .info = {
        .name = "create-table-as",
        .group = RuleGroup::kLocks,
        .severity = Severity::kOff,
        .summary = "CREATE TABLE AS or a materialized view WITH DATA runs its query inside the migration",
        .page = {
            .what = "`CREATE TABLE AS`, `SELECT INTO` and `CREATE MATERIALIZED VIEW` without `WITH NO DATA` run their query over live tables as a part of the migration.",
            .why = "The deploy takes as long as the query. In a transaction all locks that were taken before are held meanwhile, and an old snapshot keeps VACUUM from cleaning up.",
            .instead = "Create the table empty and fill it in batches; create the materialized view `WITH NO DATA` and refresh it outside the migration.",
            .fix_safety = "",
            .versions = "",
            .limits = "How long the query takes is not known. A query over constants or over tables made in the same migration is not flagged.",
            .references = "PostgreSQL documentation, CREATE TABLE AS\n"
                          "PostgreSQL documentation, CREATE MATERIALIZED VIEW",
            .elsewhere = "MigrationPilot MP096",
            .bad = "CREATE TABLE big_orders AS SELECT * FROM orders WHERE total > 1000;\n",
            .good = "CREATE TABLE big_orders (id bigint PRIMARY KEY, total numeric NOT NULL);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable},
    .check_statement = Check,
};

}  // namespace pawl
