// lock-table: an explicit LOCK TABLE, by mode.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kLockTable;

namespace {

void Check(const StatementContext& context) {
  const auto& lock = context.statement.As<sql::LockTable>();
  const Effect* first = nullptr;
  std::vector<std::string> tables;
  for (const Effect& e : context.facts.effects) {
    if (!e.live || e.descendant) continue;
    if (first == nullptr) first = &e;
    tables.emplace_back(e.object);
  }
  if (first == nullptr) return;
  const Span span = lock.tables.empty() ? context.statement.span : Span{lock.tables[0].span.begin, lock.tables[lock.tables.size() - 1].span.end};
  if (!context.facts.in_transaction()) {
    FindingBuilder f = context.Report(kLockTable, span, "LOCK TABLE fails here: no transaction is open");
    f.Why("the server takes LOCK TABLE only inside a transaction block, since the lock would end with the statement; the migration stops here");
    f.Help("open a transaction with BEGIN before it, or tell pawl with --transaction-mode that your runner does");
    return;
  }
  if (first->lock < LockMode::kShareUpdateExclusive) return;  // lets reads and writes go on
  const std::string names = Listed(tables);
  FindingBuilder f = context.Report(kLockTable, span, absl::StrCat("LOCK TABLE blocks ", WhatWaits(first->lock), " of ", names,
                                                                   " until the transaction ends"));
  f.Why(absl::StrCat("the ", LockWords(first->lock), " is held until the transaction ends: all ", WhatWaits(first->lock), " of ", names,
                     " wait for everything that still follows in it"));
  for (const Effect& e : context.facts.effects) {
    if (e.live && !e.descendant) f.Lock(e);
  }
  f.Help("leave it out if the statements that follow take the lock they need; else ask for the weakest mode that does, with NOWAIT or a short "
         "lock_timeout, and commit soon after");
  if (!BlocksWrites(first->lock)) f.AtSeverity(Severity::kNote);
}

}  // namespace

constinit const Rule kLockTable = {
    .info = {
        .name = "lock-table",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "an explicit LOCK TABLE on a live table, by mode",
        .page = {
            .what = "`LOCK TABLE` takes a lock, `ACCESS EXCLUSIVE` unless it says another mode, and keeps it until the transaction ends. "
                    "Outside a transaction it fails.",
            .why = "Everybody who needs the table in a conflicting way waits until the migration commits.",
            .instead = "Lock rows with `SELECT ... FOR UPDATE`, or let the statements take the locks they need. Where a table lock is needed, "
                       "the weakest mode, a short `lock_timeout` or "
                       "`NOWAIT`, and a `COMMIT` soon after.",
            .fix_safety = "",
            .versions = "",
            .limits = "Modes below `SHARE UPDATE EXCLUSIVE`, which block neither reads nor writes nor maintenance, are left alone; `SHARE "
                      "UPDATE EXCLUSIVE` is a note.",
            .references = "PostgreSQL documentation, LOCK\n"
                          "PostgreSQL documentation, Explicit Locking, table-level locks",
            .elsewhere = "MigrationPilot MP065",
            .bad = "BEGIN;\n"
                   "SET LOCAL lock_timeout = '2s';\n"
                   "LOCK TABLE orders IN SHARE MODE;\n"
                   "COMMIT;\n",
            .good = "BEGIN;\n"
                    "SELECT id FROM orders WHERE id = 17 FOR UPDATE;\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kLockTable},
    .check_statement = Check,
};

}  // namespace pawl
