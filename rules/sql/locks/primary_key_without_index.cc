// primary-key-without-index: ADD PRIMARY KEY builds its index under ACCESS EXCLUSIVE.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kPrimaryKeyWithoutIndex;

namespace {

// A column of the key is new in this statement and has no value for the rows that are there: it succeeds on an empty table only.
bool NeedsEmptyTable(const AddedConstraint& added) {
  for (const sql::AlterCommand& c : added.alter->commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr || c.if_not_exists || c.column->Find(sql::ConstraintKind::kNotNull) == nullptr) continue;
    const auto& key = added.constraint->columns;
    if (std::find(key.begin(), key.end(), c.column->name) == key.end()) continue;
    const bool filled = c.column->Find(sql::ConstraintKind::kDefault) != nullptr || c.column->Find(sql::ConstraintKind::kIdentity) != nullptr ||
                        c.column->Find(sql::ConstraintKind::kGenerated) != nullptr || (c.column->type != nullptr && c.column->type->name.find("serial") != std::string_view::npos);
    if (!filled) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  for (const AddedConstraint& added : AddedConstraints(context, sql::ConstraintKind::kPrimaryKey, Work::kBuild)) {
    if (NeedsEmptyTable(added)) continue;
    const std::string table = Quoted(added.alter->name);
    FindingBuilder f = context.Report(kPrimaryKeyWithoutIndex, added.constraint->span.empty() ? added.command->span : added.constraint->span,
                                      absl::StrCat("adding a primary key builds an index while reads and writes of ", table, " wait"));
    f.Why(Holds(context, "ALTER TABLE", table, *added.effect, "while it builds the index and looks for nulls"));
    f.Lock(*added.effect);
    f.Help(added.constraint->without_overlaps ? "a key WITHOUT OVERLAPS cannot take over an index: add it while nobody uses the table, with a "
                                                "lock_timeout"
                                              : absl::StrCat(UsingIndexAdvice(context, added), "; columns that may hold nulls need NOT NULL "
                                                             "before that"));
  }
}

}  // namespace

constinit const Rule kPrimaryKeyWithoutIndex = {
    .info = {
        .name = "primary-key-without-index",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "ADD PRIMARY KEY without USING INDEX: the index is built under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ALTER TABLE ... ADD PRIMARY KEY` builds a unique index, and looks for nulls, under an `ACCESS EXCLUSIVE` lock.",
            .why = "All reads and writes of the table wait for the whole build.",
            .instead = "Make the columns `NOT NULL` first (by a validated `CHECK`, so that it needs no scan), `CREATE UNIQUE INDEX "
                       "CONCURRENTLY` outside a transaction, then "
                       "`ADD CONSTRAINT ... PRIMARY KEY USING INDEX`.",
            .fix_safety = "",
            .versions = "",
            .limits = "A column that makes its table be rewritten (`ADD COLUMN id bigserial PRIMARY KEY`) is left to the rules about rewrites. A key with a new NOT NULL column that no "
                      "row has a value for can only be made while the table is empty, and is left to not-null-without-default.",
            .references = "PostgreSQL documentation, ALTER TABLE, ADD table_constraint_using_index",
            .elsewhere = "squawk adding-serial-primary-key-field; atlas PG104; eugene E7; pgsafe add-primary-key-without-index",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD PRIMARY KEY (id);\n",
            .good = "CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON orders (id);\n"
                    "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_pkey;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
