// primary-key-implicit-not-null: PRIMARY KEY USING INDEX on a nullable column scans the table for nulls.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kPrimaryKeyImplicitNotNull;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddIndexConstraint || c.constraint == nullptr ||
        c.constraint->kind != sql::ConstraintKind::kPrimaryKey) continue;
    const Effect* effect = context.EffectOf(c);
    if (effect == nullptr || !effect->live || effect->work < Work::kScan) continue;
    const CatalogTable* table = context.catalog.FindTable(alter.name);
    const CatalogIndex* index = table == nullptr ? nullptr : table->FindIndex(c.constraint->using_index);
    if (index == nullptr) continue;
    for (const std::string& name : index->columns) {
      const CatalogColumn* column = table->FindColumn(name);
      if (column == nullptr || column->not_null || table->ProvesNotNull(name)) continue;  // a column never seen may well be NOT NULL
      FindingBuilder f = context.Report(kPrimaryKeyImplicitNotNull, c.span, absl::StrCat("the primary key sets `", name,
          "` NOT NULL, which reads every row of ", Quoted(alter.name), " under lock"));
      f.Why(Holds(context, "ALTER TABLE", Quoted(alter.name), *effect, "while it looks for nulls"));
      f.Lock(*effect);
      f.Help(absl::StrCat("make `", name, "` NOT NULL first: ", NotNullAdvice(context, alter.name, name)));
      break;
    }
  }
}

}  // namespace

constinit const Rule kPrimaryKeyImplicitNotNull = {
    .info = {
        .name = "primary-key-implicit-not-null",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "PRIMARY KEY USING INDEX on a column that may be null: a scan for nulls under lock",
        .page = {
            .what = "`ADD PRIMARY KEY USING INDEX` sets each key column `NOT NULL`. A column that is not so yet is scanned for nulls under an "
                    "`ACCESS EXCLUSIVE` lock.",
            .why = "All reads and writes of the table wait for the scan, although the index was built without blocking anybody.",
            .instead = "Make the column `NOT NULL` first, by a `CHECK (column IS NOT NULL) NOT VALID` that is validated in a transaction of its "
                       "own.",
            .fix_safety = "",
            .versions = "From PostgreSQL 12 a valid `CHECK` spares the scan.",
            .limits = "Reported only where the history tells that the column may be null.",
            .references = "PostgreSQL documentation, ALTER TABLE, ADD table_constraint_using_index",
            .elsewhere = "atlas PG304; eugene W14",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN uid uuid;\n"
                   "CREATE UNIQUE INDEX CONCURRENTLY orders_uid_idx ON orders (uid);\n"
                   "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_uid_idx;\n",
            .good = "CREATE UNIQUE INDEX CONCURRENTLY orders_uid_idx ON orders (uid);\n"
                    "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_uid_idx;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
