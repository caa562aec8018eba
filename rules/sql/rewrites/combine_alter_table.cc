// combine-alter-table: several ALTER TABLE on one table, one right after the other, that could be one.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kCombineAlterTable;

namespace {

// May share a statement with others. Left out: what cannot (partitions), what must come in a later transaction (VALIDATE), and
// what the server does in an order of its own that would change the meaning: a DROP CONSTRAINT or DROP DEFAULT comes first
// (ATController's passes in tablecmds.c), so that SET NOT NULL no longer finds the CHECK that proves it.
bool MayShare(sql::AlterKind k) {
  switch (k) {
    case sql::AlterKind::kAddColumn:
    case sql::AlterKind::kDropColumn:
    case sql::AlterKind::kColumnType:
    case sql::AlterKind::kSetDefault:
    case sql::AlterKind::kSetNotNull:
    case sql::AlterKind::kDropNotNull:
    case sql::AlterKind::kAddConstraint:
    case sql::AlterKind::kAddIndexConstraint:
      return true;
    default:
      return false;
  }
}

std::string_view Target(const sql::AlterCommand& c) {
  if (c.column != nullptr) return c.column->name;
  if (c.constraint != nullptr) return c.constraint->name;
  return c.name;
}

bool Names(const sql::AlterCommand& c, std::string_view column) {
  if (Target(c) == column) return true;
  if (c.constraint == nullptr) return false;
  // A CHECK may name any column; what it names is not looked up.
  if (c.constraint->expression != nullptr) return true;
  return std::find(c.constraint->columns.begin(), c.constraint->columns.end(), column) != c.constraint->columns.end();
}

// The statement's facts, where it is an ALTER TABLE of a live table that may share.
const sql::AlterTable* Candidate(const StatementFacts& f) {
  if (f.statement->kind != sql::StatementKind::kAlterTable || f.statement != f.top) return nullptr;
  const auto& a = f.statement->As<sql::AlterTable>();
  if (a.type != sql::ObjectType::kTable || a.commands.empty() || f.effects.empty() || !f.effects[0].live) return nullptr;
  for (const sql::AlterCommand& c : a.commands) {
    if (!MayShare(c.kind)) return nullptr;
  }
  return &a;
}

LockMode LockOf(const StatementFacts& f) { return f.effects[0].lock; }
// It has a part in the one pass over the rows (ATRewriteTable). Indexes are built and foreign keys looked up one after the other
// in any case.
bool Looks(const ScriptContext& script, const StatementFacts& f) {
  return std::any_of(f.effects.begin(), f.effects.end(), [&](const Effect& e) {
    if (e.object != f.effects[0].object || (e.work != Work::kScan && e.work != Work::kRewrite) || e.command == nullptr) return false;
    const sql::Constraint* k = e.command->constraint;
    if (k != nullptr && k->kind != sql::ConstraintKind::kCheck && k->kind != sql::ConstraintKind::kNotNull) return false;
    return !KeepsTimestamps(script, *f.statement, *e.command);
  });
}

// `b` can join `a`: nothing in it depends on what `a` does.
bool Independent(const sql::AlterTable& a, const sql::AlterTable& b) {
  for (const sql::AlterCommand& x : a.commands) {
    for (const sql::AlterCommand& y : b.commands) {
      if (!Target(x).empty() && Names(y, Target(x))) return false;
    }
  }
  return true;
}

void Report(const ScriptContext& script, const std::vector<const StatementFacts*>& run) {
  if (run.size() < 2) return;
  const bool one_transaction = run[0]->in_block();
  const size_t looks = static_cast<size_t>(std::count_if(run.begin(), run.end(), [&](const StatementFacts* f) { return Looks(script, *f); }));
  // In one transaction the lock is taken once; what could be saved is a pass over the rows.
  if (one_transaction && looks < 2) return;
  const auto& table = run[0]->statement->As<sql::AlterTable>().name;
  FindingBuilder f = script.Report(kCombineAlterTable, run[1]->statement->As<sql::AlterTable>().name.span,
                                   absl::StrCat(run.size(), " ALTER TABLE in a row on ", Quoted(table), looks >= 2 ? " could go over its rows once" : " could be one statement"));
  if (one_transaction) {
    f.Why(absl::StrCat("each goes over all rows of ", Quoted(table), " by itself while the ", LockWords(LockOf(*run[0])), " is held; one ALTER TABLE does it in one pass"));
  } else {
    f.Why(absl::StrCat("each waits anew for its ", LockWords(LockOf(*run[0])), " on ", Quoted(table), ", and whoever comes later waits behind it", looks >= 2 ? "; each also goes over all rows by itself" : ""));
  }
  f.Help(absl::StrCat("write one ALTER TABLE ", sql::ToString(table), " with the parts separated by commas"));
  f.Note("the first of them", script.file, run[0]->statement->span);
}

void Check(const ScriptContext& script) {
  std::vector<const StatementFacts*> run;
  const auto flush = [&] {
    Report(script, run);
    run.clear();
  };
  for (const StatementFacts& f : script.facts) {
    const sql::AlterTable* alter = Candidate(f);
    if (alter == nullptr) {
      flush();
      continue;
    }
    if (!run.empty()) {
      const StatementFacts& first = *run[0];
      bool joins = first.effects[0].object == f.effects[0].object && LockOf(first) == LockOf(f) && first.in_block() == f.in_block() &&
                   (!f.in_block() || first.transaction == f.transaction) && first.statement->As<sql::AlterTable>().only == alter->only;
      for (const StatementFacts* r : run) joins = joins && Independent(r->statement->As<sql::AlterTable>(), *alter);
      if (!joins) flush();
    }
    run.push_back(&f);
  }
  flush();
}

}  // namespace

constinit const Rule kCombineAlterTable = {
    .info = {
        .name = "combine-alter-table",
        .group = RuleGroup::kLocks,
        .severity = Severity::kNote,
        .summary = "several ALTER TABLE in a row on one table that could be one statement",
        .page = {
            .what = "Several `ALTER TABLE` on the same live table follow each other, none of which depends on the one before.",
            .why = "Outside a transaction each waits for its lock anew, with everybody else queueing behind it. In one transaction the lock is taken once, but scans and rewrites are done "
                   "one after the other while it is held; a single `ALTER TABLE` does all of them in one pass over the rows.",
            .instead = "Write one `ALTER TABLE` with its parts separated by commas.",
            .fix_safety = "",
            .versions = "",
            .limits = "In one transaction only flagged where two or more go over the rows; foreign keys and indexes are worked on one by one in any case. Left out where one part names what another makes, for VALIDATE CONSTRAINT (which belongs into a later "
                      "transaction), DROP CONSTRAINT and DROP DEFAULT (which the server would do first), and partitions.",
            .references = "PostgreSQL documentation, ALTER TABLE, Notes (\"multiple table scans or rewrites can thereby be combined into a single pass over the table\")",
            .elsewhere = "eugene W12; MigrationPilot MP058",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS region text;\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders\n"
                    "  ADD COLUMN IF NOT EXISTS region text,\n"
                    "  ADD COLUMN IF NOT EXISTS note text;\n",
        },
    },
    .check_script = Check,
    .grows_with_table = true,
};

}  // namespace pawl
