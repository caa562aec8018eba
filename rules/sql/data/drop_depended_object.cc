// drop-depended-object: dropping, or retyping, what something else stands on, without CASCADE. The server refuses it.
//
// With CASCADE it goes through, and drop-cascade says what falls.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropDependedObject;

namespace {

struct Dependent {
  std::string words;     // "view `v`"
  Origin origin;
};

bool Holds(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

std::string_view ViewWord(const CatalogTable& view) { return view.type == sql::ObjectType::kMaterializedView ? "materialized view " : "view "; }

bool Before(const Origin& a, const Origin& b) { return a.migration != b.migration ? a.migration < b.migration : a.file == b.file && a.span.begin < b.span.begin; }

// The view certainly stands on this column: it names it, and none of the other relations in its query may have one of that name.
bool Reads(const StatementContext& context, const CatalogTable& view, const CatalogTable& table, std::string_view column) {
  if (!Holds(view.uses, table.key)) return false;
  const CatalogColumn* known = table.FindColumn(column);
  if (view.uses.size() == 1 && Holds(view.used_columns, "*")) return known != nullptr && Before(known->origin, view.origin);
  if (!Holds(view.used_columns, column)) return false;
  return std::all_of(view.uses.begin(), view.uses.end(), [&](const std::string& key) {
    if (key == table.key) return true;
    const CatalogTable* other = context.catalog.FindTable(key);
    return other != nullptr && other->complete && other->type == sql::ObjectType::kTable && other->FindColumn(column) == nullptr;
  });
}

// The expression that a generated column is computed from, as the statement that made the column has it; "" if it is not found.
std::string_view GeneratedFrom(const CatalogColumn& column) {
  if (!column.generated || column.origin.file == nullptr) return {};
  const std::string_view text = column.origin.file->Slice(column.origin.span);
  sql::Scanner scanner(text);
  bool named = false;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kIdentifier && sql::EqualsKeyword(scanner.Text(t), column.name)) named = true;
    if (t.kind == sql::TokenKind::kComma) named = false;
    if (!named || !scanner.Is(t, "as")) continue;
    const sql::Token open = scanner.NextCode();
    if (open.kind != sql::TokenKind::kOpen) return {};
    int depth = 1;
    uint32_t end = open.span.end;
    while (depth > 0) {
      t = scanner.NextCode();
      if (t.kind == sql::TokenKind::kEnd) break;
      if (t.kind == sql::TokenKind::kOpen) ++depth;
      if (t.kind == sql::TokenKind::kClose) --depth;
      end = t.span.end;
    }
    return text.substr(open.span.begin, end - open.span.begin);
  }
  return {};
}

bool Names(std::string_view expression, std::string_view column) {
  sql::Scanner scanner(expression);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kIdentifier && sql::EqualsKeyword(scanner.Text(t), column)) return true;
  }
  return false;
}

void Report(const StatementContext& context, Span span, std::string_view what, std::string_view object, const std::vector<Dependent>& on_it, std::string_view says, std::string_view help) {
  if (on_it.empty()) return;
  std::vector<std::string> words;
  for (const Dependent& d : on_it) words.push_back(d.words);
  const bool one = words.size() == 1;
  FindingBuilder f = context.Report(kDropDependedObject, span, absl::StrCat(what, " ", object, " fails: ", Joined(words, 3), one ? " depends" : " depend", " on it"));
  f.Why(absl::StrCat("the server refuses with `", says, "` and the migration stops here; what ran before it in a file without a transaction stays done"));
  f.Help(std::string(help));
  for (size_t i = 0; i < on_it.size() && i < 3; ++i) {
    if (on_it[i].origin.file != nullptr) f.Note(absl::StrCat(on_it[i].words, " is made here"), on_it[i].origin.file, on_it[i].origin.span);
  }
}

std::string Plain(std::string_view key) { return std::string(key.substr(key.find('.') + 1)); }

void DropRelation(const StatementContext& context, const sql::Drop& drop, const sql::Name& name) {
  const CatalogTable* table = context.catalog.FindTable(name);
  if (table == nullptr) return;
  const auto goes_too = [&](const CatalogTable& other) {
    return std::any_of(drop.names.begin(), drop.names.end(), [&](const sql::Name& n) { return context.catalog.Resolve(n) == other.key; });
  };
  std::vector<Dependent> on_it;
  for (const CatalogTable* view : context.catalog.Dependents(table->key)) {
    if (Holds(view->uses, table->key) && !goes_too(*view)) on_it.push_back({absl::StrCat(ViewWord(*view), Quoted(view->key)), view->origin});
  }
  for (const CatalogTable* other : context.catalog.ReferencedBy(table->key)) {
    if (other == table || goes_too(*other) || !other->partition_of.empty()) continue;
    for (const CatalogConstraint& k : other->constraints) {
      if (k.kind == sql::ConstraintKind::kForeignKey && k.referenced == table->key) on_it.push_back({absl::StrCat("foreign key `", k.name, "` of ", Quoted(other->key)), k.origin});
    }
  }
  Report(context, name.span, "dropping", Quoted(name), on_it, absl::StrCat("cannot drop ", table->type == sql::ObjectType::kTable ? "table " : ViewWord(*table), Plain(table->key), " because other objects depend on it"),
         "drop what depends on it first, by name, or move it to what takes this one's place");
}

void DropFunction(const StatementContext& context, const sql::Name& name) {
  const CatalogFunction* function = context.catalog.FindFunction(name);
  if (function == nullptr) return;
  // A trigger's function takes no arguments; another one of this name may.
  const std::string_view text = context.script.file->text().substr(name.span.end, 64);
  sql::Scanner scanner(text);
  const sql::Token open = scanner.NextCode();
  if (open.kind == sql::TokenKind::kOpen && scanner.NextCode().kind != sql::TokenKind::kClose) return;
  std::vector<Dependent> on_it;
  for (const auto& [key, table] : context.catalog.tables()) {
    for (const CatalogTrigger& t : table.triggers) {
      if (t.function == function->key && !t.inherited) on_it.push_back({absl::StrCat("trigger `", t.name, "` of ", Quoted(key)), {}});
    }
  }
  std::sort(on_it.begin(), on_it.end(), [](const Dependent& a, const Dependent& b) { return a.words < b.words; });
  Report(context, name.span, "dropping", Quoted(name), on_it, absl::StrCat("cannot drop function ", Plain(function->key), "() because other objects depend on it"), "drop the triggers first, or give them another function");
}

void DropType(const StatementContext& context, const sql::Name& name) {
  const CatalogType* type = context.catalog.FindType(name);
  if (type == nullptr) return;
  std::vector<Dependent> on_it;
  for (const auto& [key, table] : context.catalog.tables()) {
    if (table.type != sql::ObjectType::kTable) continue;
    for (const CatalogColumn& c : table.columns) {
      const std::string_view base = std::string_view(c.type).substr(0, c.type.find_first_of("(["));
      const size_t dot = base.find('.');
      const sql::Name of{dot == std::string_view::npos ? std::string_view() : base.substr(0, dot), dot == std::string_view::npos ? base : base.substr(dot + 1), {}};
      if (of.name == name.name && context.catalog.FindType(of) == type) on_it.push_back({absl::StrCat("column `", c.name, "` of ", Quoted(key)), c.origin});
    }
  }
  std::sort(on_it.begin(), on_it.end(), [](const Dependent& a, const Dependent& b) { return a.words < b.words; });
  Report(context, name.span, "dropping type", Quoted(name), on_it, absl::StrCat("cannot drop type ", Plain(type->key), " because other objects depend on it"), "change or drop the columns first");
}

void CheckDrop(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  if (drop.cascade) return;
  for (const sql::Name& name : drop.names) {
    if (IsPlaceholder(name.name)) continue;
    switch (drop.type) {
      case sql::ObjectType::kTable:
      case sql::ObjectType::kView:
      case sql::ObjectType::kMaterializedView:
      case sql::ObjectType::kForeignTable: DropRelation(context, drop, name); break;
      case sql::ObjectType::kFunction: DropFunction(context, name); break;
      case sql::ObjectType::kType:
      case sql::ObjectType::kDomain: DropType(context, name); break;
      default: break;
    }
  }
}

void CheckColumn(const StatementContext& context, const sql::AlterTable& alter, const CatalogTable& table, const sql::AlterCommand& c) {
  const bool drop = c.kind == sql::AlterKind::kDropColumn;
  const CatalogColumn* column = table.FindColumn(c.name);
  if (column == nullptr) return;
  std::vector<Dependent> on_it;
  for (const CatalogTable* view : context.catalog.Dependents(table.key, c.name)) {
    if (Reads(context, *view, table, c.name)) on_it.push_back({absl::StrCat(ViewWord(*view), Quoted(view->key)), view->origin});
  }
  const bool by_view = !on_it.empty();
  for (const CatalogColumn& g : table.columns) {
    const bool goes_too = std::any_of(alter.commands.begin(), alter.commands.end(), [&](const sql::AlterCommand& other) { return &other < &c && other.kind == sql::AlterKind::kDropColumn && other.name == g.name; });
    if (&g != column && !goes_too && Names(GeneratedFrom(g), c.name)) on_it.push_back({absl::StrCat("generated column `", g.name, "`"), g.origin});
  }
  if (drop) {
    for (const CatalogTable* other : context.catalog.ReferencedBy(table.key)) {
      if (other == &table || !other->partition_of.empty()) continue;
      for (const CatalogConstraint& k : other->constraints) {
        if (k.kind != sql::ConstraintKind::kForeignKey || k.referenced != table.key || !HasColumn(k.referenced_columns, c.name)) continue;
        on_it.push_back({absl::StrCat("foreign key `", k.name, "` of ", Quoted(other->key)), k.origin});
      }
    }
  }
  const std::string object = absl::StrCat("`", c.name, "` of ", Quoted(alter.name));
  if (drop) {
    Report(context, c.span, "dropping", object, on_it, absl::StrCat("cannot drop column ", c.name, " of table ", Plain(table.key), " because other objects depend on it"), "drop or replace what depends on the column first, by name");
  } else {
    Report(context, c.span, "a new type for", object, on_it, by_view ? "cannot alter type of a column used by a view or rule" : "cannot alter type of a column used by a generated column",
           by_view ? "drop the view, change the type and make the view again, in one transaction" : "drop the generated column first; adding it again writes the table anew");
  }
}

void CheckAlter(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr || alter.type != sql::ObjectType::kTable) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.cascade || IsPlaceholder(c.name)) continue;
    if (c.kind == sql::AlterKind::kDropColumn || c.kind == sql::AlterKind::kColumnType) CheckColumn(context, alter, *table, c);
  }
}

void Check(const StatementContext& context) {
  // In an IF the writer may have asked; under an exception handler a failure is expected.
  if (context.statement.conditional || context.statement.guarded) return;
  if (context.statement.kind == sql::StatementKind::kDrop) CheckDrop(context);
  else CheckAlter(context);
}

}  // namespace

constinit const Rule kDropDependedObject = {
    .info = {
        .name = "drop-depended-object",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "drops or retypes what a view, foreign key, trigger or column of the history depends on: the server refuses it",
        .page = {
            .what = "A table, view, column, type or function is dropped without `CASCADE`, or a column gets a new type, while something that the history made depends on it: a view that "
                    "reads it, a foreign key that points at it, a trigger that calls it, a column of that type, a generated column that is computed from it.",
            .why = "The server refuses the statement and the migration stops: `cannot drop ... because other objects depend on it`, `cannot alter type of a column used by a view or rule`. "
                   "Writing CASCADE to silence it drops the dependent objects.",
            .instead = "Drop the dependent object by name, make the change, and make the object again, in one transaction. For a foreign key, decide what becomes of the rows that point here.",
            .fix_safety = "",
            .versions = "The same on 12 to 18.",
            .limits = "Objects of the history are known, others are not. A view over several relations counts for a column only where no other of them has one of that name, a `SELECT *` only "
                      "where the table is its only one. Policies, and the bodies of functions (which the server does not look into either), are not read. Renames are not reported: views "
                      "and keys follow them. Statements in an IF, or under an exception handler, are not judged.",
            .references = "PostgreSQL documentation, Dependency Tracking\n"
                          "PostgreSQL source, findDependentObjects in src/backend/catalog/dependency.c; RememberAllDependentForRebuilding in src/backend/commands/tablecmds.c (measured on 15 and 18)",
            .elsewhere = "MigrationPilot MP052",
            .bad = "CREATE TABLE IF NOT EXISTS carts (id bigint PRIMARY KEY, state text);\n"
                   "CREATE OR REPLACE VIEW open_carts AS SELECT id FROM carts WHERE state = 'open';\n"
                   "SET lock_timeout = '2s';\n"
                   "ALTER TABLE carts DROP COLUMN IF EXISTS state;\n",
            .good = "CREATE TABLE IF NOT EXISTS carts (id bigint PRIMARY KEY, state text);\n"
                    "CREATE OR REPLACE VIEW open_carts AS SELECT id FROM carts WHERE state = 'open';\n"
                    "SET lock_timeout = '2s';\n"
                    "DROP VIEW IF EXISTS open_carts;\n"
                    "ALTER TABLE carts DROP COLUMN IF EXISTS state;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kDropColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
