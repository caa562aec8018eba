// unknown-object: a statement uses a table, column or constraint that is not there, as far as the history tells with certainty.
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kUnknownObject;

namespace {

// All that happened to the table is known: its CREATE and everything since was read.
bool Certain(const StatementContext& context, const CatalogTable& table) {
  if (!table.complete || table.temporary || table.type != sql::ObjectType::kTable || !table.inherits.empty()) return false;
  const MigrationSet& set = *context.script.set;
  if (!set.complete || !set.ordered) {
    if (table.origin.migration != context.script.migration_index) return false;
    // IF NOT EXISTS: there may be another one, with other columns.
    constexpr uint32_t kHead = 60;
    const Span made = table.origin.span;
    const std::string_view head = context.Text({made.begin, std::min(made.end, made.begin + kHead)});
    if (absl::StrContainsIgnoreCase(head, "not exists")) return false;
  }
  return context.script.script->not_understood == 0;
}

bool IsSystemColumn(std::string_view c) {
  return c == "ctid" || c == "xmin" || c == "xmax" || c == "cmin" || c == "cmax" || c == "tableoid" || c == "oid" || c.empty() || c == "*";
}

// Written by a person who thought that it may not be there, or in a branch that may not run.
bool Doubtful(const sql::Statement& s) { return s.conditional || s.guarded; }

void ReportColumn(const StatementContext& context, const CatalogTable& table, std::string_view column, Span span) {
  FindingBuilder f = context.Report(kUnknownObject, span, absl::StrCat(Quoted(table.key), " has no column `", column, "`"));
  f.Why(absl::StrCat("no earlier statement gives the table a column of this name: the server refuses with \"column \"", column, "\" does not exist\", and the migration stops here"));
  f.Help("correct the name, or add the column first");
  if (table.origin.file != nullptr) f.Note("the table is made here", table.origin.file, table.origin.span);
}

bool Missing(const CatalogTable& table, std::string_view column) { return !IsSystemColumn(column) && table.FindColumn(column) == nullptr; }

bool Adds(const sql::AlterTable& a, std::string_view column) {
  return std::any_of(a.commands.begin(), a.commands.end(),
                     [&](const sql::AlterCommand& c) { return c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->name == column; });
}

bool AddsConstraint(const sql::AlterTable& a, std::string_view name) {
  return std::any_of(a.commands.begin(), a.commands.end(), [&](const sql::AlterCommand& c) { return c.constraint != nullptr && c.constraint->name == name; });
}

void CheckAlter(const StatementContext& context, const sql::AlterTable& a, const CatalogTable& table) {
  for (const sql::AlterCommand& c : a.commands) {
    const Span span = c.span.empty() ? context.statement.span : c.span;
    switch (c.kind) {
      case sql::AlterKind::kDropColumn:
        if (c.if_exists) break;
        [[fallthrough]];
      case sql::AlterKind::kColumnType:
      case sql::AlterKind::kSetDefault:
      case sql::AlterKind::kDropDefault:
      case sql::AlterKind::kSetNotNull:
      case sql::AlterKind::kDropNotNull:
        if (Missing(table, c.name) && !Adds(a, c.name)) return ReportColumn(context, table, c.name, span);
        break;
      case sql::AlterKind::kAddConstraint:
        if (c.constraint == nullptr) break;
        for (std::string_view column : c.constraint->columns) {
          if (Missing(table, column) && !Adds(a, column)) return ReportColumn(context, table, column, span);
        }
        break;
      case sql::AlterKind::kDropConstraint: {
        if (c.if_exists || c.name.empty() || table.FindConstraint(c.name) != nullptr || table.FindIndex(c.name) != nullptr || AddsConstraint(a, c.name)) break;
        // Generated names differ between servers (NOT NULL since 18, foreign keys before 12): only a name that nobody generates is surely wrong.
        if (absl::EndsWith(c.name, "_not_null") || absl::StartsWith(c.name, table.key.substr(table.key.find('.') + 1))) break;
        FindingBuilder f = context.Report(kUnknownObject, span, absl::StrCat(Quoted(table.key), " has no constraint `", c.name, "`"));
        f.Why("no earlier statement gives the table a constraint of this name: the server refuses, and the migration stops here");
        f.Help("correct the name, or use DROP CONSTRAINT IF EXISTS if it may be missing");
        if (table.origin.file != nullptr) f.Note("the table is made here", table.origin.file, table.origin.span);
        return;
      }
      default:
        break;
    }
  }
}

// Dropped by an earlier statement of this script, which ran for certain, and not made again.
const sql::Statement* DroppedHere(const StatementContext& context, const sql::Name& name) {
  if (context.script.script->not_understood > 0 || context.catalog.FindTable(name) != nullptr) return nullptr;
  const std::string key = context.catalog.Resolve(name);
  const sql::Statement* dropped = nullptr;
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (&s == &context.statement) break;
    switch (s.kind) {
      case sql::StatementKind::kDrop:
        if (s.As<sql::Drop>().type != sql::ObjectType::kTable || Doubtful(s)) break;
        for (const sql::Name& n : s.As<sql::Drop>().names) {
          if (context.catalog.Resolve(n) == key) dropped = &s;
        }
        break;
      case sql::StatementKind::kTransaction:
        if (s.As<sql::Transaction>().kind == sql::TransactionKind::kRollback || s.As<sql::Transaction>().kind == sql::TransactionKind::kRollbackTo) return nullptr;
        break;
      case sql::StatementKind::kVariableSet:
        if (s.As<sql::VariableSet>().name == "search_path") return nullptr;
        break;
      case sql::StatementKind::kCreateTable:
      case sql::StatementKind::kCreateView:
      case sql::StatementKind::kRename:
      case sql::StatementKind::kSetSchema:
      case sql::StatementKind::kCall:
        dropped = nullptr;  // one of them may be it
        break;
      default:
        break;
    }
  }
  return dropped;
}

bool CheckDropped(const StatementContext& context, const sql::Name& name) {
  const sql::Statement* dropped = DroppedHere(context, name);
  if (dropped == nullptr) return false;
  context.Report(kUnknownObject, name.span, absl::StrCat(Quoted(name), " does not exist here: it was dropped above"))
      .Why("the server refuses a statement on a table that is gone, and the migration stops here")
      .Help("move the statement above the DROP TABLE, or take it out")
      .Note("the table is dropped here", context.script.file, dropped->span);
  return true;
}

void Check(const StatementContext& context) {
  const sql::Statement& s = context.statement;
  if (Doubtful(s) || s.inside != sql::Inside::kNone) return;
  switch (s.kind) {
    case sql::StatementKind::kAlterTable: {
      const auto& a = s.As<sql::AlterTable>();
      if (a.type != sql::ObjectType::kTable || a.if_exists) return;
      const CatalogTable* t = context.catalog.FindTable(a.name);
      if (t == nullptr) {
        CheckDropped(context, a.name);
      } else if (Certain(context, *t)) {
        CheckAlter(context, a, *t);
      }
      return;
    }
    case sql::StatementKind::kCreateIndex: {
      const auto& i = s.As<sql::CreateIndex>();
      const CatalogTable* t = context.catalog.FindTable(i.table);
      if (t == nullptr) {
        CheckDropped(context, i.table);
        return;
      }
      if (i.if_not_exists || !Certain(context, *t)) return;
      for (const sql::IndexElement& e : i.elements) {
        if (Missing(*t, e.column)) return ReportColumn(context, *t, e.column, s.span);
      }
      for (std::string_view c : i.include) {
        if (Missing(*t, c)) return ReportColumn(context, *t, c, s.span);
      }
      return;
    }
    case sql::StatementKind::kRename: {
      const auto& r = s.As<sql::Rename>();
      if (r.type != sql::ObjectType::kColumn || r.if_exists) return;
      const CatalogTable* t = context.catalog.FindTable(r.name);
      if (t != nullptr && Certain(context, *t) && Missing(*t, r.old_name)) ReportColumn(context, *t, r.old_name, s.span);
      return;
    }
    case sql::StatementKind::kQuery: {
      const auto& q = s.As<sql::Query>();
      if (q.target.empty() || (q.kind != sql::QueryKind::kInsert && q.kind != sql::QueryKind::kUpdate)) return;
      const CatalogTable* t = context.catalog.FindTable(q.target);
      if (t == nullptr) {
        CheckDropped(context, q.target);
        return;
      }
      if (!Certain(context, *t)) return;
      for (std::string_view c : q.columns) {
        if (Missing(*t, c)) return ReportColumn(context, *t, c, q.target.span);
      }
      for (const sql::Assignment& a : q.assignments) {
        if (Missing(*t, a.column)) return ReportColumn(context, *t, a.column, a.span.empty() ? q.target.span : a.span);
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace

constinit const Rule kUnknownObject = {
    .info = {
        .name = "unknown-object",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "uses a table, column or constraint that does not exist at this point of the history",
        .page = {
            .what = "A statement names a column or constraint that the table does not have, or a table that the same script has dropped: every statement "
                    "that made the table what it is has been read.",
            .why = "The server refuses the statement. In a script without a transaction what ran before it stays, and the version is left half applied.",
            .instead = "Correct the name, or move the statement to where the object exists.",
            .fix_safety = "",
            .versions = "",
            .limits = "Judged only where the CREATE TABLE was seen, in the same migration or in a folder that was given as a whole. Tables that no statement of the history made, "
                      "names inside expressions and queries, bodies of DO blocks and functions, and constraints whose names the server may have generated are not judged.",
            .references = "PostgreSQL documentation, Appendix A, PostgreSQL Error Codes, undefined_column and undefined_table",
            .elsewhere = "MigrationPilot SQ004",
            .bad = "SET lock_timeout = '2s';\n"
                   "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);\n"
                   "CREATE INDEX orders_customer_idx ON orders (costumer_id);\n",
            .good = "SET lock_timeout = '2s';\n"
                    "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, customer_id bigint);\n"
                    "CREATE INDEX IF NOT EXISTS orders_customer_idx ON orders (customer_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kRename, sql::StatementKind::kQuery},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
