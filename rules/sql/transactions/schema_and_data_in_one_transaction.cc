// schema-and-data-in-one-transaction: a change of many rows while the transaction holds a lock that an earlier schema change took.
//
// work-under-exclusive-lock speaks of scans, builds and rewrites that schema changes do under such a lock; this rule of DML. The
// reverse order is left alone: rows that an UPDATE has locked do not stop other rows, and the schema change comes at the end. But where
// those rows wait for a deferred check, the server refuses the schema change.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kSchemaAndDataInOneTransaction;

namespace {

constexpr int kMaxDepth = 32;

// Columns by which people look up one row, where the catalogue does not say what is unique.
bool NamesOneRow(std::string_view column) {
  for (std::string_view n : {"id", "uuid", "guid", "key", "name", "slug", "code", "email", "username", "version"}) {
    if (column == n) return true;
  }
  return false;
}

bool IsUnique(const CatalogTable* table, std::string_view column) {
  if (table == nullptr) return false;
  for (const CatalogIndex& i : table->indexes) {
    if (i.unique && !i.partial && i.columns.size() == 1 && i.columns[0] == column) return true;
  }
  return false;
}

bool IsFixed(const sql::Expr& e) {
  if (e.kind == sql::ExprKind::kConstant || e.kind == sql::ExprKind::kParameter) return true;
  return e.kind == sql::ExprKind::kCast && !e.arguments.empty() && e.arguments[0] != nullptr && IsFixed(*e.arguments[0]);
}

// `e` holds for few rows: a key equals a constant or one of a list, or a sub-query with LIMIT picks a batch.
bool PicksFew(const sql::Expr* e, const CatalogTable* table, int depth) {
  if (e == nullptr || depth > kMaxDepth) return false;
  switch (e->kind) {
    case sql::ExprKind::kAnd:
      for (const sql::Expr* a : e->arguments) {
        if (PicksFew(a, table, depth + 1)) return true;
      }
      return false;
    case sql::ExprKind::kOr:
      for (const sql::Expr* a : e->arguments) {
        if (!PicksFew(a, table, depth + 1)) return false;
      }
      return !e->arguments.empty();
    case sql::ExprKind::kOperator: {
      if (e->text != "=" && e->text != "IN" && e->text != "= ANY") return false;
      bool key = false, fixed = true;
      for (const sql::Expr* a : e->arguments) {
        if (a == nullptr) continue;
        if (a->kind == sql::ExprKind::kColumn) {
          key = key || NamesOneRow(a->text) || IsUnique(table, a->text);
        } else if (a->query != nullptr && (a->query->limit() != nullptr || PicksFew(a->query->where, nullptr, depth + 1))) {
          return true;
        } else if (!IsFixed(*a) && a->kind != sql::ExprKind::kOther) {
          fixed = false;
        }
      }
      return key && fixed;
    }
    case sql::ExprKind::kSubquery:
      return e->query != nullptr && e->text != "EXISTS" && (e->query->limit() != nullptr || PicksFew(e->query->where, nullptr, depth + 1));
    default:
      return false;
  }
}

// The query reads many rows of a live table.
bool ReadsMany(const StatementContext& context, const sql::Query& q, int depth) {
  if (depth > kMaxDepth || q.limit() != nullptr) return false;
  const CatalogTable* only = q.sources().size() == 1 ? context.catalog.FindTable(q.sources()[0]) : nullptr;
  if (PicksFew(q.where, only, 0)) return false;
  for (const sql::Query* sub : q.subqueries()) {
    if (sub != nullptr && ReadsMany(context, *sub, depth + 1)) return true;
  }
  for (const sql::Cte& c : q.ctes()) {
    if (c.query != nullptr && ReadsMany(context, *c.query, depth + 1)) return true;
  }
  for (const sql::Name& s : q.sources()) {
    bool cte = false;
    for (const sql::Cte& c : q.ctes()) cte = cte || (s.schema.empty() && c.name == s.name);
    if (!cte && context.Live(s)) return true;
  }
  return false;
}

// The part of the query that writes many rows; null if none does.
const sql::Query* WritesMany(const StatementContext& context, const sql::Query& q, int depth = 0) {
  if (depth > kMaxDepth) return nullptr;
  for (const sql::Cte& c : q.ctes()) {
    if (c.query == nullptr) continue;
    if (const sql::Query* found = WritesMany(context, *c.query, depth + 1)) return found;
  }
  switch (q.kind) {
    case sql::QueryKind::kUpdate:
    case sql::QueryKind::kDelete: {
      const CatalogTable* table = context.catalog.FindTable(q.target);
      if (!context.Live(table) || PicksFew(q.where, table, 0)) return nullptr;
      // UPDATE ... FROM (SELECT ... LIMIT 1000): a batch.
      for (const sql::Query* sub : q.subqueries()) {
        if (sub != nullptr && sub->limit() != nullptr) return nullptr;
      }
      for (const sql::Cte& c : q.ctes()) {
        if (c.query != nullptr && c.query->limit() != nullptr) return nullptr;
      }
      return &q;
    }
    case sql::QueryKind::kInsert:
      return q.source != nullptr && q.source->kind == sql::QueryKind::kSelect && ReadsMany(context, *q.source, 0) ? &q : nullptr;
    case sql::QueryKind::kMerge:
      return ReadsMany(context, q, 0) ? &q : nullptr;
    default:
      return nullptr;
  }
}

// A lock that a schema change took and that others wait for until the transaction ends; null if none.
const Effect* HeldLock(const StatementFacts& f) {
  const Effect* best = nullptr;
  switch (f.statement->kind) {
    case sql::StatementKind::kQuery:
    case sql::StatementKind::kLockTable:  // lock-table
    case sql::StatementKind::kCopy:
      return nullptr;
    default:
      break;
  }
  const auto dropped = [&](const Effect& e) {
    if (f.statement->kind != sql::StatementKind::kDrop) return false;
    const auto& d = f.statement->As<sql::Drop>();
    if (d.type == sql::ObjectType::kIndex || d.type == sql::ObjectType::kTrigger || d.type == sql::ObjectType::kPolicy || d.type == sql::ObjectType::kRule) return false;
    for (const sql::Name& n : d.names) {
      if (absl::EndsWith(e.object, n.name)) return true;  // nobody waits for what is gone
    }
    return false;
  };
  for (const Effect& e : f.effects) {
    if (!e.live || !e.until_commit || !BlocksWrites(e.lock) || dropped(e)) continue;
    if (best == nullptr || e.lock > best->lock) best = &e;
  }
  return best;
}

std::string_view Doing(sql::QueryKind k) {
  switch (k) {
    case sql::QueryKind::kUpdate: return "updating";
    case sql::QueryKind::kDelete: return "deleting rows of";
    case sql::QueryKind::kMerge: return "merging into";
    default: return "filling";
  }
}

// ---- Rows first: checks that wait for the end of the transaction ----------------------------------------------------------

bool MadeBefore(const StatementContext& context, const Origin& origin, const sql::Statement& s) { return origin.file != context.script.file || origin.span.begin < s.span.begin; }

// The trigger's definition, which the catalogue does not keep, names the event.
bool FiresOn(const CatalogTrigger& t, std::string_view event) {
  if (t.origin.file == nullptr) return false;
  const std::string text = absl::AsciiStrToLower(t.origin.file->Slice(t.origin.span));
  return absl::StrContains(text.substr(0, text.find(" on ")), event);
}

// What the rows that `s` writes to the table wait for until the transaction ends: "foreign key `k`"; "" if nothing.
std::string WaitsFor(const StatementContext& context, const sql::Statement& s, const CatalogTable& table) {
  std::string_view event;
  const sql::Query* q = nullptr;
  if (s.kind == sql::StatementKind::kCopy) {
    const auto& copy = s.As<sql::Copy>();
    if (copy.from && context.catalog.FindTable(copy.table) == &table) event = "insert";
  } else if (s.kind == sql::StatementKind::kQuery) {
    q = &s.As<sql::Query>();
    if (q->target.empty() || context.catalog.FindTable(q->target) != &table) return {};
    event = q->kind == sql::QueryKind::kInsert ? "insert" : q->kind == sql::QueryKind::kUpdate ? "update" : q->kind == sql::QueryKind::kDelete ? "delete" : "";
  }
  if (event.empty()) return {};
  for (const CatalogConstraint& k : table.constraints) {
    if (k.kind != sql::ConstraintKind::kForeignKey || !k.deferred || !k.enforced || !MadeBefore(context, k.origin, s) || event == "delete") continue;
    // An UPDATE that leaves the key alone queues nothing.
    const bool sets_key = event == "insert" || std::any_of(q->assignments.begin(), q->assignments.end(), [&](const sql::Assignment& a) { return std::find(k.columns.begin(), k.columns.end(), a.column) != k.columns.end(); });
    if (sets_key) return absl::StrCat("foreign key `", k.name, "`");
  }
  for (const CatalogTrigger& t : table.triggers) {
    if (t.deferred && MadeBefore(context, t.origin, s) && FiresOn(t, event)) return absl::StrCat("constraint trigger `", t.name, "`");
  }
  return {};
}

bool Changes(const Catalog& catalog, const sql::Statement& s, const CatalogTable& table, std::string_view* command) {
  const auto any = [&](const List<sql::Name>& names) { return std::any_of(names.begin(), names.end(), [&](const sql::Name& n) { return catalog.FindTable(n) == &table; }); };
  switch (s.kind) {
    case sql::StatementKind::kAlterTable: *command = "ALTER TABLE"; return catalog.FindTable(s.As<sql::AlterTable>().name) == &table;
    case sql::StatementKind::kCreateIndex: *command = "CREATE INDEX"; return catalog.FindTable(s.As<sql::CreateIndex>().table) == &table;
    case sql::StatementKind::kTruncate: *command = "TRUNCATE"; return any(s.As<sql::Truncate>().tables);
    case sql::StatementKind::kDrop: *command = "DROP TABLE"; return s.As<sql::Drop>().type == sql::ObjectType::kTable && any(s.As<sql::Drop>().names);
    default: return false;
  }
}

void CheckPending(const StatementContext& context, const sql::Name& name) {
  const CatalogTable* table = context.catalog.FindTable(name);
  // Of a partitioned table the rows wait in its partitions, which not every command looks at.
  if (table == nullptr || table->partition_strategy != 0 || !context.facts.in_transaction() || context.statement.conditional || context.statement.guarded) return;
  const bool defers = std::any_of(table->constraints.begin(), table->constraints.end(), [](const CatalogConstraint& k) { return k.deferred; }) ||
                      std::any_of(table->triggers.begin(), table->triggers.end(), [](const CatalogTrigger& t) { return t.deferred; });
  if (!defers) return;
  const std::vector<StatementFacts>& facts = context.script.facts;
  std::string waits;
  const sql::Statement* write = nullptr;
  std::string_view command;
  for (size_t i = facts.size() - 1; i-- > 0 && facts[i].transaction == context.facts.transaction;) {
    const sql::Statement& s = *facts[i].statement;
    if (s.tag == "ConstraintsSetStmt") return;  // SET CONSTRAINTS: the checks are done, or others are put off
    if (s.conditional || s.guarded) continue;
    if (Changes(context.catalog, s, *table, &command)) return;  // an earlier one has been told, or wrote nothing before
    std::string found = WaitsFor(context, s, *table);
    if (found.empty()) continue;
    waits = std::move(found);
    write = &s;
    break;
  }
  if (write == nullptr || !Changes(context.catalog, context.statement, *table, &command)) return;
  const bool surely = write->kind == sql::StatementKind::kCopy || (write->As<sql::Query>().source != nullptr && write->As<sql::Query>().source->kind == sql::QueryKind::kValues && !write->As<sql::Query>().on_conflict);
  context.Report(kSchemaAndDataInOneTransaction, name.span,
                 absl::StrCat(command, " of ", Quoted(name), surely ? " fails" : " fails as soon as a row is written", ": rows of this transaction wait for ", waits, ", which is checked at its end"))
      .Why(absl::StrCat("the server refuses the statement with `cannot ", command, " \"", table->key.substr(table->key.find('.') + 1), "\" because it has pending trigger events` and the transaction is rolled back"))
      .Help("say SET CONSTRAINTS ALL IMMEDIATE before it, which checks the rows there, or COMMIT between the two")
      .Note("the rows are written here", context.script.file, write->span)
      .AnySize();
}

void CheckQuery(const StatementContext& context) {
  const std::vector<StatementFacts>& facts = context.script.facts;
  if (facts.size() < 2) return;
  const sql::Query* write = WritesMany(context, context.statement.As<sql::Query>());
  if (write == nullptr) return;
  // Back over the transaction: its first lock, and whether an earlier write has spoken already.
  const StatementFacts* holder = nullptr;
  const Effect* held = nullptr;
  size_t first = facts.size() - 1;
  while (first > 0 && facts[first - 1].transaction == context.facts.transaction) --first;
  for (size_t i = first; i + 1 < facts.size(); ++i) {
    if (held == nullptr) {
      held = HeldLock(facts[i]);
      holder = &facts[i];
    } else if (facts[i].statement->kind == sql::StatementKind::kQuery && WritesMany(context, facts[i].statement->As<sql::Query>()) != nullptr) {
      return;
    }
  }
  if (held == nullptr) return;
  const uint32_t line = context.script.file->PositionAt(holder->statement->span.begin).line;
  FindingBuilder f = context.Report(kSchemaAndDataInOneTransaction, write->target.span,
                                    absl::StrCat(Doing(write->kind), " ", Quoted(write->target), " in the transaction that holds a lock on ", Quoted(held->object), " since line ", line));
  f.Why(absl::StrCat("the ", LockWords(held->lock), " on ", Quoted(held->object), " is held until the transaction ends, so all ", WhatWaits(held->lock),
                     " of it wait while every row is written; lock_timeout bounds the wait for a lock, not how long it is held"));
  f.Help(context.facts.source == TransactionSource::kFile
             ? "COMMIT the schema change first, and write the rows in batches, each in a transaction of its own, or in a later migration"
             : "leave the schema change alone in this migration, and write the rows in batches in a later one that runs outside a transaction");
  f.Note("takes the lock", context.script.file, held->span.empty() ? holder->statement->span : held->span);
  f.Lock(*held);
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kQuery) return CheckQuery(context);
  if (context.script.facts.size() < 2 || context.script.facts.size() > kLookedThrough) return;
  const sql::Statement& s = context.statement;
  switch (s.kind) {
    case sql::StatementKind::kAlterTable: return CheckPending(context, s.As<sql::AlterTable>().name);
    case sql::StatementKind::kCreateIndex: return CheckPending(context, s.As<sql::CreateIndex>().table);
    case sql::StatementKind::kTruncate:
      for (const sql::Name& n : s.As<sql::Truncate>().tables) CheckPending(context, n);
      return;
    case sql::StatementKind::kDrop:
      if (s.As<sql::Drop>().type != sql::ObjectType::kTable) return;
      for (const sql::Name& n : s.As<sql::Drop>().names) CheckPending(context, n);
      return;
    default: return;
  }
}

}  // namespace

constinit const Rule kSchemaAndDataInOneTransaction = {
    .info = {
        .name = "schema-and-data-in-one-transaction",
        .group = RuleGroup::kTransactions,
        .severity = Severity::kWarning,
        .summary = "a schema change and a backfill in one transaction: the lock is held until every row is written, or deferred checks stop the change",
        .page = {
            .what = "A schema change takes a lock that blocks others on a live table, and an UPDATE, DELETE, MERGE or INSERT ... SELECT over many rows follows in the same transaction. Or the other way round: rows are written to a table with a "
                    "foreign key or constraint trigger that is `INITIALLY DEFERRED`, and an ALTER TABLE, CREATE INDEX, TRUNCATE or DROP of that table follows.",
            .why = "Locks are held until the transaction ends. The schema change takes milliseconds, the backfill minutes, and all that time reads or writes of the locked "
                   "table wait. A `lock_timeout` bounds how long the schema change waits for its lock, not how long it holds it. Rows that wait for a deferred check make the server refuse "
                   "the schema change: `cannot ALTER TABLE \"orders\" because it has pending trigger events`.",
            .instead = "Commit the schema change by itself. Write the rows in batches, each in its own transaction, in a later migration or outside of migrations. "
                       "With deferred checks: `SET CONSTRAINTS ALL IMMEDIATE` between the rows and the schema change.",
            .fix_safety = "",
            .versions = "",
            .limits = "How many rows a statement writes is not known: one that picks rows by a unique column, by a constant `id`, `key`, `name` and the like, or by a sub-query with LIMIT is "
                      "taken for few. Rows first and the schema change last is not flagged where no check is deferred: the lock is then short. Rows that are taken from the table that a deferred foreign key points at, deferred "
                      "unique keys, and scripts with SET CONSTRAINTS are left out. Each transaction is flagged once, at its first such statement.",
            .references = "PostgreSQL documentation, Explicit Locking, Table-Level Locks (\"Once acquired, a lock is normally held until the end of the transaction\")\n"
                          "PostgreSQL source, CheckTableNotInUse in src/backend/commands/tablecmds.c (measured on 12 and 18)",
            .elsewhere = "strong_migrations execute; MigrationPilot MP080",
            .bad = "BEGIN;\n"
                   "SET LOCAL lock_timeout = '2s';\n"
                   "ALTER TABLE orders ADD COLUMN IF NOT EXISTS region text;\n"
                   "UPDATE orders SET region = lookup_region(country_code);\n"
                   "COMMIT;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS region text;\n"
                    "UPDATE orders SET region = lookup_region(country_code)\n"
                    "WHERE id IN (SELECT id FROM orders WHERE region IS NULL ORDER BY id LIMIT 5000);\n",
        },
    },
    .kinds = {sql::StatementKind::kQuery, sql::StatementKind::kAlterTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kTruncate, sql::StatementKind::kDrop},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
