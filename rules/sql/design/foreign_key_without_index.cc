// foreign-key-without-index: the referencing columns of a foreign key have no index.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kForeignKeyWithoutIndex;

namespace {

// Finds the rows of a key: its first columns are those of the key, in whatever order, or it is unique and has no other columns.
template <typename Names>
bool Serves(const Names& index, bool unique, List<std::string_view> key) {
  const auto in = [](std::string_view name, const auto& names, size_t first) {
    return std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(first, names.size())), name) !=
           names.begin() + static_cast<std::ptrdiff_t>(std::min(first, names.size()));
  };
  if (unique && !index.empty() && std::all_of(index.begin(), index.end(), [&](std::string_view c) { return in(c, key, key.size()); })) return true;
  return index.size() >= key.size() && std::all_of(key.begin(), key.end(), [&](std::string_view c) { return in(c, index, key.size()); });
}

bool IsKey(sql::ConstraintKind kind) { return kind == sql::ConstraintKind::kPrimaryKey || kind == sql::ConstraintKind::kUnique; }

bool CoveredBy(const sql::Column& column, List<std::string_view> key) {
  return std::find(key.begin(), key.end(), column.name) != key.end() &&
         (column.Find(sql::ConstraintKind::kPrimaryKey) != nullptr || column.Find(sql::ConstraintKind::kUnique) != nullptr);
}

// `column IS NOT NULL`: a row with a NULL in the key refers to nothing and is never looked for.
bool HoldsForKeys(const sql::Expr& where, List<std::string_view> key) {
  if (where.kind != sql::ExprKind::kIsNotNull || where.arguments.empty() || where.arguments[0] == nullptr) return false;
  return where.arguments[0]->kind == sql::ExprKind::kColumn && std::find(key.begin(), key.end(), where.arguments[0]->text) != key.end();
}

// An index, or a key of the table, that the statement makes.
bool MakesIndex(const sql::Statement& s, const sql::Name& table, List<std::string_view> key) {
  switch (s.kind) {
    case sql::StatementKind::kCreateIndex: {
      const auto& index = s.As<sql::CreateIndex>();
      if (!SameTable(index.table, table) || (index.where != nullptr && !HoldsForKeys(*index.where, key))) return false;
      std::vector<std::string_view> columns;
      for (const sql::IndexElement& e : index.elements) columns.push_back(e.column);
      return Serves(columns, index.unique, key);
    }
    case sql::StatementKind::kCreateTable: {
      const auto& create = s.As<sql::CreateTable>();
      if (!SameTable(create.name, table)) return false;
      for (const sql::Column* c : create.columns) {
        if (CoveredBy(*c, key)) return true;
      }
      for (const sql::Constraint* k : create.constraints) {
        if (IsKey(k->kind) && Serves(k->columns, true, key)) return true;
      }
      return false;
    }
    case sql::StatementKind::kAlterTable: {
      const auto& alter = s.As<sql::AlterTable>();
      if (!SameTable(alter.name, table)) return false;
      for (const sql::AlterCommand& c : alter.commands) {
        if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && IsKey(c.constraint->kind) && Serves(c.constraint->columns, true, key)) return true;
        if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && CoveredBy(*c.column, key)) return true;
      }
      return false;
    }
    case sql::StatementKind::kDo:
      for (const sql::Statement* inner : s.As<sql::DoBlock>().statements) {
        if (MakesIndex(*inner, table, key)) return true;
      }
      return false;
    case sql::StatementKind::kDrop: {  // the table goes again
      const auto& drop = s.As<sql::Drop>();
      return drop.type == sql::ObjectType::kTable && std::any_of(drop.names.begin(), drop.names.end(), [&](const sql::Name& n) { return SameTable(n, table); });
    }
    default: return false;
  }
}

// Where indexes may exist that the history has not seen: columns that were there before an unknown table's first statement.
bool MayHaveIndex(const StatementContext& context, const NewConstraint& k, List<std::string_view> key) {
  const auto known = [](const CatalogTable& t, List<std::string_view> columns) {
    return std::any_of(t.indexes.begin(), t.indexes.end(), [&](const CatalogIndex& i) { return (!i.partial || absl::EndsWithIgnoreCase(i.definition, "is not null")) && Serves(i.columns, i.unique, columns); }) ||
           std::any_of(t.constraints.begin(), t.constraints.end(), [&](const CatalogConstraint& c) { return IsKey(c.kind) && Serves(c.columns, true, columns); });
  };
  if (k.creates_table || k.column != nullptr) return false;  // the column is new
  const CatalogTable* table = context.catalog.FindTable(*k.table);
  if (table == nullptr) {
    // All of its columns may come with this statement.
    const auto& commands = context.statement.As<sql::AlterTable>().commands;
    return !std::all_of(key.begin(), key.end(), [&](std::string_view c) {
      return std::any_of(commands.begin(), commands.end(), [&](const sql::AlterCommand& a) { return a.column != nullptr && a.column->name == c; });
    });
  }
  if (known(*table, key)) return true;
  if (table->complete) return false;
  return !std::all_of(key.begin(), key.end(), [&](std::string_view c) { return table->FindColumn(c) != nullptr; });
}

std::string Word(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"') return std::string(text.substr(1, text.size() - 2));
  return absl::AsciiStrToLower(text);
}

// CREATE INDEX ... ON table (key columns first) stands in the text, read by its tokens.
bool TextMakesIndex(std::string_view text, Span section, const sql::Name& table, List<std::string_view> key) {
  sql::Scanner scanner(text, section);
  bool index = false;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kSemicolon) index = false;
    if (scanner.Is(t, "index")) index = true;
    if (!index || !scanner.Is(t, "on")) continue;
    index = false;
    std::string last;
    for (t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kOpen && t.kind != sql::TokenKind::kSemicolon; t = scanner.NextCode()) {
      if (scanner.Is(t, "only") || scanner.Is(t, "using")) {
        if (scanner.Is(t, "using")) scanner.NextCode();
        continue;
      }
      if (t.kind == sql::TokenKind::kIdentifier || t.kind == sql::TokenKind::kQuotedIdentifier) last = Word(scanner.Text(t));
    }
    if (t.kind != sql::TokenKind::kOpen || last != table.name) continue;
    std::vector<std::string> columns;
    bool first = true;  // of an element: its column; an opclass or order may follow
    for (t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kClose && t.kind != sql::TokenKind::kSemicolon; t = scanner.NextCode()) {
      if (t.kind == sql::TokenKind::kComma) first = true;
      else if (first) columns.push_back(Word(scanner.Text(t))), first = false;
    }
    bool partial = false, not_null = false;
    for (; t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kSemicolon; t = scanner.NextCode()) {
      partial |= scanner.Is(t, "where");
      not_null |= partial && scanner.Is(t, "not");
    }
    if ((!partial || not_null) && Serves(columns, false, key)) return true;
  }
  return false;
}

// A later migration may make the index. The next few are looked through; where more follow, the foreign key is long in use, and
// nothing is said.
bool MayComeLater(const StatementContext& context, const sql::Name& table, List<std::string_view> key) {
  constexpr uint32_t kMostText = 32 * 1024;
  uint32_t text = 0;
  const auto& migrations = context.script.set->migrations;
  const size_t next = static_cast<size_t>(context.script.migration_index) + 1;
  for (size_t i = next; i < migrations.size(); ++i) {
    if (migrations[i].up) text += migrations[i].up->section.size();
    if (text > kMostText) return true;
  }
  // Reading tokens is slow, and few of the later texts name the table at all.
  for (size_t i = next; i < migrations.size(); ++i) {
    if (!migrations[i].up) continue;
    const ScriptRef& up = *migrations[i].up;
    if (Mentions(up.file->Slice(up.section), table.name) && TextMakesIndex(up.file->text(), up.section, table, key)) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  for (const NewConstraint& k : NewConstraints(context, sql::ConstraintKind::kForeignKey)) {
    const List<std::string_view> key = k.constraint->columns;
    if (key.empty() || MayHaveIndex(context, k, key) || MakesIndex(context.statement, *k.table, key)) continue;
    const absl::Span<const sql::Statement* const> later = Following(context);
    if (std::any_of(later.begin(), later.end(), [&](const sql::Statement* s) { return MakesIndex(*s, *k.table, key); }) ||
        (MayComeLater(context, *k.table, key) && !IsAccepted(context.script, kForeignKeyWithoutIndex, context.statement))) {
      continue;  // what a comment accepts is told as long as the comment stands, or that would be unused one day
    }
    const std::string parent = Quoted(k.constraint->referenced);
    context.Report(kForeignKeyWithoutIndex, k.constraint->span, absl::StrCat("no index on ", ColumnList(key), " of ", Quoted(*k.table), " serves its foreign key"))
        .Why(absl::StrCat("each row of ", parent, " that is deleted, or whose key changes, has ", Quoted(*k.table), " read from end to end, with the row locked meanwhile"))
        .Help(absl::StrCat(k.creates_table ? "CREATE INDEX on " : "CREATE INDEX CONCURRENTLY on ", ColumnList(key), k.creates_table ? ", now that the table is empty" : ", before the foreign key is added"));
  }
}

}  // namespace

constinit const Rule kForeignKeyWithoutIndex = {
    .info = {
        .name = "foreign-key-without-index",
        .group = RuleGroup::kDesign,
        .severity = Severity::kWarning,
        .summary = "the referencing columns of a foreign key have no index",
        .page = {
            .what = "A foreign key is made and no index finds its rows: none begins with the referencing columns, none is unique on a part of them.",
            .why = "The server makes an index for the referenced side only. For each row of the referenced table that is deleted, or "
                   "whose key changes, it looks for rows that refer to it: without an index, by reading the whole table. Deletes get "
                   "slow, hold their locks long, and joins from parent to child do the same.",
            .instead = "`CREATE INDEX` on the columns, in the same migration for a new table; `CREATE INDEX CONCURRENTLY` before the foreign "
                       "key for a table with rows.",
            .fix_safety = "",
            .versions = "",
            .limits = "A column that was there before the first statement the history has on its table may have an index nobody saw: "
                      "nothing is said, nor where a migration soon after makes the index, nor for migrations that many others follow.",
            .references = "PostgreSQL documentation, Constraints, Foreign Keys",
            .elsewhere = "eugene E15; MigrationPilot MP016; pgsafe fk-without-covering-index; pg-migration-lint PGM501",
            .bad = "CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));\n",
            .good = "CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));\n"
                    "CREATE INDEX IF NOT EXISTS items_order_id ON items (order_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kAddConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
