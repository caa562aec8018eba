// foreign-key-without-not-valid: a foreign key that is checked at once, under locks on both tables.
//
// A foreign key of a table made in the same migration is not reported, also when it points at a live table: the lock on the
// referenced table is taken either way, and there are no rows to check. missing-lock-timeout and locks-several-tables see it.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/held_locks.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kForeignKeyWithoutNotValid;

namespace {

void Check(const StatementContext& context) {
  for (const AddedConstraint& added : AddedConstraints(context, sql::ConstraintKind::kForeignKey, Work::kScan)) {
    const sql::Constraint& key = *added.constraint;
    // ADD COLUMN ... REFERENCES without a default checks nothing: all its values are null.
    if (added.inline_column()) {
      const sql::Constraint* def = added.command->column->Find(sql::ConstraintKind::kDefault);
      if (def == nullptr || def->expression == nullptr || (def->expression->kind == sql::ExprKind::kConstant &&
                                                           def->expression->constant == sql::ConstantKind::kNull)) continue;
    }
    const std::string table = Quoted(added.alter->name), other = Quoted(key.referenced);
    const Effect* referenced = nullptr;
    const std::string other_key = context.catalog.Resolve(key.referenced);
    for (const Effect& e : context.facts.effects) {
      if (e.command == added.command && e.object == other_key && e.object != added.effect->object && e.live) referenced = &e;
    }
    const std::string_view waits = WhatWaits(added.effect->lock);
    FindingBuilder f = context.Report(kForeignKeyWithoutNotValid, key.span.empty() ? added.command->span : key.span,
                                      referenced != nullptr ? absl::StrCat("adding a foreign key to ", other, " checks every row of ", table,
                                                                           " and blocks ", waits, " of it, and writes to ", other)
                                                            : absl::StrCat("adding a foreign key checks every row of ", table, " and blocks ",
                                                                           waits, " of it"));
    f.Why(absl::StrCat(Holds(context, "ALTER TABLE", table, *added.effect, "while it checks every row"),
                       referenced == nullptr ? "" : absl::StrCat("; ", other, " is locked in `SHARE ROW EXCLUSIVE` mode for as long")));
    f.Lock(*added.effect);
    if (referenced != nullptr) f.Lock(*referenced);
    if (const HeldLock held = ReadsBlockedBefore(context, added.effect->object); held.facts != nullptr && !BlocksReads(added.effect->lock)) {
      f.Note(absl::StrCat("reads of ", table, " wait too: its ", LockWords(held.effect->lock), " from here is held until the transaction ends"),
             context.script.file,
             SpanOf(*held.facts, *held.effect));
    }
    const bool partitioned = added.table != nullptr && added.table->partition_strategy != 0 && context.script.settings->versions.oldest < 18;
    if (partitioned) {
      f.Help(absl::StrCat("NOT VALID is refused on a partitioned table before PostgreSQL 18: add and validate the foreign key on each partition "
                          "of ", table,
                          " first (NOT VALID, then VALIDATE CONSTRAINT); adding it to ", table, " then takes those over without a scan"));
      continue;
    }
    f.Help(NotValidAdvice(context, added));
    OfferNotValid(context, added, f);
  }
}

}  // namespace

constinit const Rule kForeignKeyWithoutNotValid = {
    .info = {
        .name = "foreign-key-without-not-valid",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "a foreign key added without NOT VALID: both tables are locked while every row is checked",
        .page = {
            .what = "`ALTER TABLE ... ADD FOREIGN KEY` locks both tables in `SHARE ROW EXCLUSIVE` mode and looks up every row of the one in the "
                    "other before it lets go.",
            .why = "INSERT, UPDATE and DELETE on both tables wait for the whole check: two large tables, joined.",
            .instead = "Add it with `NOT VALID`: a short lock, and new rows are checked from then on. Then `VALIDATE CONSTRAINT` in a "
                       "transaction of its own, which reads the old "
                       "rows while reads and writes go on.",
            .fix_safety = "Safe where each statement commits on its own: adds `NOT VALID` and a `VALIDATE CONSTRAINT` statement behind it. "
                          "Unsafe elsewhere: adds `NOT VALID` "
                          "only, and `VALIDATE CONSTRAINT` has to go into a later migration.",
            .versions = "A partitioned table takes `NOT VALID` foreign keys from PostgreSQL 18. `NOT ENFORCED` keys (18) check nothing and are "
                        "left alone.",
            .limits = "`ADD COLUMN ... REFERENCES` without a default checks no rows and is not reported; neither is a foreign key of a table "
                      "that the same migration makes.",
            .references = "PostgreSQL documentation, ALTER TABLE, ADD table_constraint [ NOT VALID ]\n"
                          "PostgreSQL documentation, Explicit Locking, table-level locks",
            .elsewhere = "squawk adding-foreign-key-constraint constraint-missing-not-valid; strong_migrations add_foreign_key add_reference; "
                         "atlas PG306; eugene E1",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;\n"
                    "ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fkey;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
