// schema-and-data-in-one-transaction: a change of many rows while the transaction holds a lock that an earlier schema change took.
//
// work-under-exclusive-lock speaks of scans, builds and rewrites that schema changes do under such a lock; this rule of DML. The
// reverse order is left alone: rows that an UPDATE has locked do not stop other rows, and the schema change comes at the end.
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

void Check(const StatementContext& context) {
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

}  // namespace

constinit const Rule kSchemaAndDataInOneTransaction = {
    .info = {
        .name = "schema-and-data-in-one-transaction",
        .group = RuleGroup::kTransactions,
        .severity = Severity::kWarning,
        .summary = "a schema change and a backfill in one transaction: the lock is held until every row is written",
        .page = {
            .what = "A schema change takes a lock that blocks others on a live table, and an UPDATE, DELETE, MERGE or INSERT ... SELECT over many rows follows in the same transaction.",
            .why = "Locks are held until the transaction ends. The schema change takes milliseconds, the backfill minutes, and all that time reads or writes of the locked "
                   "table wait. A `lock_timeout` bounds how long the schema change waits for its lock, not how long it holds it.",
            .instead = "Commit the schema change by itself. Write the rows in batches, each in its own transaction, in a later migration or outside of migrations.",
            .fix_safety = "",
            .versions = "",
            .limits = "How many rows a statement writes is not known: one that picks rows by a unique column, by a constant `id`, `key`, `name` and the like, or by a sub-query with LIMIT is "
                      "taken for few. Rows first and the schema change last is not flagged: the lock is then short. Each transaction is flagged once, at its first such statement.",
            .references = "PostgreSQL documentation, Explicit Locking, Table-Level Locks (\"Once acquired, a lock is normally held until the end of the transaction\")",
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
    .kinds = {sql::StatementKind::kQuery},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
