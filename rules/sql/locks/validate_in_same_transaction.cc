// validate-in-same-transaction: VALIDATE while the transaction still holds the lock with which the constraint was added.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kValidateInSameTransaction;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kValidateConstraint || !context.Live(alter.name)) continue;
    const std::string key = context.catalog.Resolve(alter.name);
    for (const StatementFacts& earlier : context.script.facts) {
      if (earlier.transaction != context.facts.transaction || earlier.statement->kind != sql::StatementKind::kAlterTable) continue;
      const auto& other = earlier.statement->As<sql::AlterTable>();
      const sql::AlterCommand* add = nullptr;
      for (const sql::AlterCommand& a : other.commands) {
        if (a.kind != sql::AlterKind::kAddConstraint || a.constraint == nullptr || !a.constraint->not_valid) continue;
        if (context.catalog.Resolve(other.name) == key && ConstraintName(context, other, *a.constraint, /*first=*/true) == c.name) add = &a;
      }
      if (add == nullptr) continue;
      const std::string table = Quoted(alter.name);
      LockMode held = LockMode::kShareRowExclusive;
      for (const Effect& e : earlier.effects) {
        if (e.command == add && e.object == key) held = e.lock;
      }
      FindingBuilder f = context.Report(kValidateInSameTransaction, c.span,
                                        absl::StrCat("validating `", c.name, "` here blocks ", WhatWaits(held), " of ", table,
                                                     " for the whole scan"));
      f.Why(absl::StrCat("the transaction that added the constraint still holds ", held == LockMode::kAccessExclusive ? "an " : "a ",
                         LockWords(held), " on ", table,
                         ": NOT VALID gains nothing"));
      f.Note("the constraint is added here, in the same transaction", context.script.file, add->span);
      if (const Effect* e = context.EffectOf(c)) f.Lock(*e);
      f.Help(context.facts.source == TransactionSource::kFile ? "COMMIT before the VALIDATE CONSTRAINT"
             : context.facts.source == TransactionSource::kNone ? "put VALIDATE CONSTRAINT into a statement of its own"
                                                                 : absl::StrCat("put VALIDATE CONSTRAINT into a later migration: ",
                                                                                WhyInTransaction(context.script, context.facts)));
      break;
    }
  }
}

}  // namespace

constinit const Rule kValidateInSameTransaction = {
    .info = {
        .name = "validate-in-same-transaction",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "NOT VALID and VALIDATE in one transaction: the strong lock is held through the scan",
        .page = {
            .what = "A constraint is added with `NOT VALID` and validated in the same transaction. The lock of the first statement is held "
                    "until the transaction ends, and so "
                    "through the scan of the second.",
            .why = "The table is blocked for as long as without `NOT VALID`: reads and writes after adding a `CHECK`, writes after adding a "
                   "foreign key.",
            .instead = "Commit between the two, or put `VALIDATE CONSTRAINT` into a later migration.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, ALTER TABLE, VALIDATE CONSTRAINT",
            .elsewhere = "squawk constraint-missing-not-valid; strong_migrations validate_foreign_key validate_check_constraint",
            .bad = "BEGIN;\n"
                   "SET LOCAL lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD CONSTRAINT orders_amount_positive CHECK (amount > 0) NOT VALID;\n"
                   "ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_positive;\n"
                   "COMMIT;\n",
            .good = "BEGIN;\n"
                    "SET LOCAL lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD CONSTRAINT orders_amount_positive CHECK (amount > 0) NOT VALID;\n"
                    "COMMIT;\n"
                    "ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_positive;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kValidateConstraint},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
