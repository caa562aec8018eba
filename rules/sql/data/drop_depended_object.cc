// drop-depended-object: dropping, or retyping, what something else stands on, without CASCADE. The server refuses it.
//
// With CASCADE it goes through, and drop-cascade says what falls.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/catalog/extensions.h"
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

// What reads these relations and columns (a view, a policy, the body of a function) certainly stands on this column: it names it, and none
// of the other relations may have one of that name.
bool Reads(const StatementContext& context, const std::vector<std::string>& uses, const std::vector<std::string>& used_columns, const Origin& origin, const CatalogTable& table, std::string_view column) {
  if (!Holds(uses, table.key)) return false;
  const CatalogColumn* known = table.FindColumn(column);
  if (uses.size() == 1 && Holds(used_columns, "*")) return known != nullptr && Before(known->origin, origin);
  if (!Holds(used_columns, column)) return false;
  return std::all_of(uses.begin(), uses.end(), [&](const std::string& key) {
    if (key == table.key) return true;
    const CatalogTable* other = context.catalog.FindTable(key);
    return other != nullptr && other->complete && other->type == sql::ObjectType::kTable && other->FindColumn(column) == nullptr;
  });
}

using DependentKind = CatalogDependent::Kind;

std::string Words(const StatementContext& context, const CatalogDependent& d) {
  switch (d.kind) {
    case DependentKind::kDefault: return absl::StrCat("default of column `", d.name, "` of ", Quoted(d.table));
    case DependentKind::kGenerated: return absl::StrCat("generated column `", d.name, "` of ", Quoted(d.table));
    case DependentKind::kCheck: return absl::StrCat("constraint `", d.name, "` of ", Quoted(d.table));
    case DependentKind::kIndex: return absl::StrCat("index `", d.name, "`");
    case DependentKind::kPolicy: return absl::StrCat("policy `", d.name, "` of ", Quoted(d.table));
    case DependentKind::kTrigger: return absl::StrCat("trigger `", d.name, "` of ", Quoted(d.table));
    case DependentKind::kRule: return absl::StrCat("rule `", d.name, "` of ", Quoted(d.table));
    case DependentKind::kForeignTable: return absl::StrCat("foreign table ", Quoted(d.table));
    case DependentKind::kFunction: return absl::StrCat("function ", Quoted(d.name));
    case DependentKind::kPublication: return absl::StrCat("publication `", d.name, "`");
    case DependentKind::kView: {
      const CatalogTable* view = context.catalog.FindTable(d.table);
      return absl::StrCat(view == nullptr ? "view " : ViewWord(*view), Quoted(d.table));
    }
  }
  return {};
}

void Sort(std::vector<Dependent>* v) {
  std::sort(v->begin(), v->end(), [](const Dependent& a, const Dependent& b) { return a.words < b.words; });
}

// Whatever calls the function, or one of the extension.
std::vector<Dependent> Callers(const StatementContext& context, std::string_view function) {
  std::vector<Dependent> found;
  for (const CatalogDependent& d : context.catalog.dependents()) {
    if (Holds(d.functions, function) && (d.table.empty() || context.catalog.FindTable(d.table) != nullptr)) found.push_back({Words(context, d), d.origin});
  }
  return found;
}

// A type as lists of arguments have it, under one name: "integer" and "int" are "int4".
std::string PlainType(std::string_view type) {
  constexpr std::string_view kSame[][2] = {{"integer", "int4"},  {"int", "int4"},     {"bigint", "int8"},       {"smallint", "int2"},   {"boolean", "bool"},
                                           {"decimal", "numeric"}, {"real", "float4"}, {"timestamp with time zone", "timestamptz"}, {"character varying", "varchar"}, {"double precision", "float8"}};
  std::string s = absl::AsciiStrToLower(absl::StripAsciiWhitespace(type));
  for (const auto& [long_name, name] : kSame) {
    if (s == long_name || absl::EndsWith(s, absl::StrCat(" ", long_name))) return s.replace(s.size() - long_name.size(), long_name.size(), name);
  }
  return s;
}

// The arguments of a DROP FUNCTION, as written, are those that the function was made with: "(int)" those of "(a integer, OUT b text)".
// False wherever one has to know more than the words.
bool SameArguments(std::string_view dropped, std::string_view made) {
  const auto parts = [](std::string_view list) {
    std::vector<std::string> out;
    absl::ConsumePrefix(&list, "(");
    absl::ConsumeSuffix(&list, ")");
    if (absl::StripAsciiWhitespace(list).empty()) return out;
    for (std::string_view part : absl::StrSplit(list, ',')) {
      part = absl::StripAsciiWhitespace(part);
      if (absl::StartsWithIgnoreCase(part, "out ")) continue;
      for (std::string_view end : {" default ", ":=", "="}) part = part.substr(0, part.find(end));
      out.push_back(PlainType(part));
    }
    return out;
  };
  const std::vector<std::string> a = parts(dropped), b = parts(made);
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && !absl::EndsWith(b[i], absl::StrCat(" ", a[i]))) return false;
  }
  return true;
}

// Newer servers have functions of these names themselves, and an unqualified call means theirs.
bool MayBeBuiltIn(std::string_view function) {
  for (std::string_view f : {"gen_random_uuid", "uuidv4", "uuidv7", "uuid_extract_timestamp", "date_bin", "string_to_table", "trim_array", "array_sort", "array_reverse", "array_shuffle", "array_sample",
                             "random_normal", "casefold", "bit_count", "regexp_count", "regexp_like", "regexp_instr", "regexp_substr", "starts_with", "sha256", "any_value"}) {
    if (function == f) return true;
  }
  return false;
}

// Its name without schema, length and brackets.
std::string_view BaseType(std::string_view type) {
  type = type.substr(0, type.find_first_of("(["));
  return type.substr(type.find('.') == std::string_view::npos ? 0 : type.find('.') + 1);
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

void Report(const StatementContext& context, Span span, std::string_view what, std::string_view object, const std::vector<Dependent>& on_it, std::string_view says, std::string_view help, std::string_view note = {}) {
  if (on_it.empty()) return;
  std::vector<std::string> words;
  for (const Dependent& d : on_it) words.push_back(d.words);
  const bool one = words.size() == 1;
  FindingBuilder f = context.Report(kDropDependedObject, span, absl::StrCat(what, " ", object, " fails: ", Joined(words, 3), one ? " depends" : " depend", " on it"));
  f.Why(absl::StrCat("the server refuses with `", says, "` and the migration stops here; what ran before it in a file without a transaction stays done"));
  f.Help(std::string(help));
  if (!note.empty()) f.Note(std::string(note));
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
  for (const CatalogDependent& d : context.catalog.dependents()) {
    if (!Holds(d.uses, table->key) || d.table == table->key) continue;
    const CatalogTable* on = d.table.empty() ? nullptr : context.catalog.FindTable(d.table);
    if (d.kind == DependentKind::kRule && on != nullptr && Holds(on->uses, table->key)) continue;  // of a view that is told already
    if (d.table.empty() || (on != nullptr && !goes_too(*on))) on_it.push_back({Words(context, d), d.origin});
  }
  Report(context, name.span, "dropping", Quoted(name), on_it, absl::StrCat("cannot drop ", table->type == sql::ObjectType::kTable ? "table " : ViewWord(*table), Plain(table->key), " because other objects depend on it"),
         "drop what depends on it first, by name, or move it to what takes this one's place");
}

void DropFunction(const StatementContext& context, const sql::Name& name) {
  const CatalogFunction* function = context.catalog.FindFunction(name);
  if (function == nullptr) return;
  const std::string_view text = context.script.file->text().substr(name.span.end, 512);
  sql::Scanner scanner(text);
  const sql::Token open = scanner.NextCode();
  const bool listed = open.kind == sql::TokenKind::kOpen;
  std::vector<Dependent> on_it;
  // A trigger's function takes no arguments; another one of this name may.
  if (!listed || scanner.NextCode().kind == sql::TokenKind::kClose) {
    for (const auto& [key, table] : context.catalog.tables()) {
      for (const CatalogTrigger& t : table.triggers) {
        if (t.function == function->key && !t.inherited) on_it.push_back({absl::StrCat("trigger `", t.name, "` of ", Quoted(key)), t.origin});
      }
    }
    Sort(&on_it);
  }
  const bool calls = !on_it.empty();
  const std::string_view arguments = listed ? text.substr(open.span.begin, text.find(')', open.span.begin) + 1 - open.span.begin) : std::string_view(function->arguments);
  if (!function->overloaded && !MayBeBuiltIn(name.name) && (!listed || SameArguments(arguments, function->arguments))) {
    std::vector<Dependent> callers = Callers(context, function->key);
    Sort(&callers);
    on_it.insert(on_it.end(), callers.begin(), callers.end());
  }
  Report(context, name.span, "dropping", Quoted(name), on_it, absl::StrCat("cannot drop function ", Plain(function->key), arguments, " because other objects depend on it"),
         calls ? "drop the triggers first, or give them another function" : "change or drop what calls it first, or replace the function with CREATE OR REPLACE");
}

void DropType(const StatementContext& context, const sql::Drop& drop, const sql::Name& name) {
  const CatalogType* type = context.catalog.FindType(name);
  if (type == nullptr) return;
  const auto is_it = [&](std::string_view written) {
    const std::string_view base = written.substr(0, written.find_first_of("(["));
    const size_t dot = base.find('.');
    const sql::Name of{dot == std::string_view::npos ? std::string_view() : base.substr(0, dot), dot == std::string_view::npos ? base : base.substr(dot + 1), {}};
    return of.name == name.name && context.catalog.FindType(of) == type;
  };
  std::vector<Dependent> on_it;
  for (const auto& [key, table] : context.catalog.tables()) {
    if (table.type != sql::ObjectType::kTable) continue;
    for (const CatalogColumn& c : table.columns) {
      if (is_it(c.type)) on_it.push_back({absl::StrCat("column `", c.name, "` of ", Quoted(key)), c.origin});
    }
  }
  for (const auto& [key, other] : context.catalog.types()) {
    const bool goes_too = std::any_of(drop.names.begin(), drop.names.end(), [&](const sql::Name& n) { return context.catalog.FindType(n) == &other; });
    if (&other != type && other.kind == 'd' && !goes_too && is_it(other.base)) on_it.push_back({absl::StrCat("domain ", Quoted(key)), other.origin});
  }
  Sort(&on_it);
  Report(context, name.span, "dropping type", Quoted(name), on_it, absl::StrCat("cannot drop type ", Plain(type->key), " because other objects depend on it"), "change or drop the columns first");
}

void DropExtension(const StatementContext& context, const sql::Name& name) {
  if (!context.catalog.extensions().contains(name.name)) return;
  std::vector<Dependent> on_it = Callers(context, name.name);
  for (const auto& [key, table] : context.catalog.tables()) {
    if (table.type != sql::ObjectType::kTable) continue;
    for (const CatalogColumn& c : table.columns) {
      const std::string_view type = BaseType(c.type);
      if (BringsType(name.name, type) && context.catalog.FindType({{}, type, {}}) == nullptr) on_it.push_back({absl::StrCat("column `", c.name, "` of ", Quoted(key)), c.origin});
    }
  }
  Sort(&on_it);
  Report(context, name.span, "dropping extension", Quoted(name), on_it, absl::StrCat("cannot drop extension ", name.name, " because other objects depend on it"), "change or drop what uses the extension first, by name");
}

void DropSequence(const StatementContext& context, const sql::Name& name) {
  if (!context.catalog.HasSequence(name)) return;
  const std::string sequence = context.catalog.Resolve(name);
  std::vector<Dependent> on_it;
  bool identity = false;
  for (const auto& [key, table] : context.catalog.tables()) {
    for (const CatalogColumn& c : table.columns) {
      if (c.sequence != sequence || (!c.has_default && !c.identity)) continue;
      identity = identity || c.identity;
      on_it.push_back({absl::StrCat(c.identity ? "identity column `" : "default of column `", c.name, "` of ", Quoted(key)), c.origin});
    }
  }
  Sort(&on_it);
  Report(context, name.span, "dropping sequence", Quoted(name), on_it, absl::StrCat("cannot drop sequence ", Plain(sequence), identity ? " because a column requires it" : " because other objects depend on it"),
         "drop the default first: ALTER TABLE ... ALTER COLUMN ... DROP DEFAULT (of an identity column DROP IDENTITY, which takes the sequence along)");
}

void DropSchema(const StatementContext& context, std::string_view schema, Span span) {
  std::vector<Dependent> on_it;
  const auto inside = [&](std::string_view key) { return key.size() > schema.size() && key.substr(0, schema.size()) == schema && key[schema.size()] == '.'; };
  for (const auto& [key, table] : context.catalog.tables()) {
    if (inside(key) && table.origin.file != nullptr) on_it.push_back({absl::StrCat(table.type == sql::ObjectType::kTable ? "table " : ViewWord(table), Quoted(key)), table.origin});
  }
  for (const auto& [key, type] : context.catalog.types()) {
    if (inside(key) && type.origin.file != nullptr) on_it.push_back({absl::StrCat("type ", Quoted(key)), type.origin});
  }
  Sort(&on_it);
  Report(context, span, "dropping schema", absl::StrCat("`", schema, "`"), on_it, absl::StrCat("cannot drop schema ", schema, " because other objects depend on it"), "drop what is in it first, by name, or move it with SET SCHEMA");
}

// Foreign keys that stand on the unique index over these columns, which is the table's only one over them: of two, nobody knows here
// which one the server chose.
std::vector<Dependent> KeysOn(const StatementContext& context, const CatalogTable& table, const std::vector<std::string>& columns) {
  const auto same = [&](const std::vector<std::string>& other) { return other.size() == columns.size() && std::is_permutation(columns.begin(), columns.end(), other.begin()); };
  std::vector<Dependent> on_it;
  if (!table.complete) return on_it;
  if (std::count_if(table.indexes.begin(), table.indexes.end(), [&](const CatalogIndex& i) { return i.unique && !i.partial && same(i.columns); }) != 1) return on_it;
  for (const CatalogTable* other : context.catalog.ReferencedBy(table.key)) {
    if (!other->partition_of.empty()) continue;
    for (const CatalogConstraint& k : other->constraints) {
      if (k.kind == sql::ConstraintKind::kForeignKey && k.referenced == table.key && same(k.referenced_columns)) on_it.push_back({absl::StrCat("foreign key `", k.name, "` of ", Quoted(other->key)), k.origin});
    }
  }
  return on_it;
}

void DropIndex(const StatementContext& context, const sql::Name& name) {
  const CatalogIndex* index = nullptr;
  const CatalogTable* table = context.catalog.FindIndex(name, &index);
  if (table == nullptr || index == nullptr || !index->unique || index->of_constraint) return;  // drop-index-of-constraint
  Report(context, name.span, "dropping index", Quoted(name), KeysOn(context, *table, index->columns), absl::StrCat("cannot drop index ", name.name, " because other objects depend on it"),
         "drop the foreign keys first; made again with a unique index over the same columns in place, they stand on that one");
}

void DropConstraint(const StatementContext& context, const sql::AlterTable& alter, const CatalogTable& table, const sql::AlterCommand& c) {
  const CatalogConstraint* key = table.FindConstraint(c.name);
  if (key == nullptr || (key->kind != sql::ConstraintKind::kPrimaryKey && key->kind != sql::ConstraintKind::kUnique) || !table.partition_of.empty()) return;
  // A foreign key of the table at itself may go in the same statement, before.
  if (std::any_of(alter.commands.begin(), alter.commands.end(), [&](const sql::AlterCommand& other) { return &other < &c && other.kind == sql::AlterKind::kDropConstraint; })) return;
  Report(context, c.span, "dropping constraint", absl::StrCat("`", c.name, "` of ", Quoted(alter.name)), KeysOn(context, table, key->columns),
         absl::StrCat("cannot drop constraint ", c.name, " on table ", Plain(table.key), " because other objects depend on it"), "drop the foreign keys first, by name; they can be made again once another unique key is there");
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
      case sql::ObjectType::kDomain: DropType(context, drop, name); break;
      case sql::ObjectType::kExtension: DropExtension(context, name); break;
      case sql::ObjectType::kSequence: DropSequence(context, name); break;
      case sql::ObjectType::kSchema: DropSchema(context, name.name, name.span); break;
      case sql::ObjectType::kIndex: DropIndex(context, name); break;
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
    if (Reads(context, view->uses, view->used_columns, view->origin, table, c.name)) on_it.push_back({absl::StrCat(ViewWord(*view), Quoted(view->key)), view->origin});
  }
  const bool by_view = !on_it.empty();
  std::string_view used_by;  // as the server words it
  for (const CatalogDependent& d : context.catalog.dependents()) {
    const bool own = d.table == table.key && Holds(d.columns, c.name);
    if (d.kind == DependentKind::kTrigger && own) {
      used_by = "in a trigger definition";
    } else if (d.kind == DependentKind::kPolicy && (own || Reads(context, d.uses, d.used_columns, d.origin, table, c.name))) {
      used_by = "in a policy definition";
    } else if (d.kind == DependentKind::kFunction && Reads(context, d.uses, d.used_columns, d.origin, table, c.name)) {
      used_by = "by a function or procedure";
    } else if (d.kind == DependentKind::kPublication && own) {
      used_by = "by a publication WHERE clause";  // also where it is only listed
    } else {
      continue;
    }
    on_it.push_back({Words(context, d), d.origin});
  }
  std::vector<Dependent> generated;
  for (const CatalogColumn& g : table.columns) {
    const bool goes_too = std::any_of(alter.commands.begin(), alter.commands.end(), [&](const sql::AlterCommand& other) { return &other < &c && other.kind == sql::AlterKind::kDropColumn && other.name == g.name; });
    if (&g != column && !goes_too && Names(GeneratedFrom(g), c.name)) generated.push_back({absl::StrCat("generated column `", g.name, "`"), g.origin});
  }
  const bool only_generated = on_it.empty();
  on_it.insert(on_it.end(), generated.begin(), generated.end());
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
    // 12 to 14 drop a generated column along with what it is computed from, without a word (measured on 12 to 15 and 18).
    const ServerVersions& versions = context.script.settings->versions;
    const bool goes_along = !generated.empty() && versions.oldest < 15;
    if (goes_along && only_generated && on_it.size() == generated.size() && versions.newest < 15) {
      std::vector<std::string> names;
      for (const Dependent& d : generated) names.push_back(d.words);
      context.Report(kDropDependedObject, c.span, absl::StrCat("dropping ", object, " drops ", Joined(names, 3), " along"))
          .Why("before PostgreSQL 15 the server takes a generated column along with the column that it is computed from, and says nothing; later ones refuse the statement")
          .Help("if its values are wanted, put them into an ordinary column first; else drop it here by name, before the other");
      return;
    }
    Report(context, c.span, "dropping", object, on_it, absl::StrCat("cannot drop column ", c.name, " of table ", Plain(table.key), " because other objects depend on it"), "drop or replace what depends on the column first, by name",
           goes_along ? "PostgreSQL 14 and older do not refuse it: they drop the generated column along, in silence" : "");
  } else {
    const bool by_generated = !by_view && used_by.empty();
    Report(context, c.span, "a new type for", object, on_it, absl::StrCat("cannot alter type of a column used ", by_view ? "by a view or rule" : by_generated ? "by a generated column" : used_by),
           by_generated ? "drop the generated column first; adding it again writes the table anew" : absl::StrCat("drop the ", by_view ? "view" : absl::StrContains(used_by, "trigger") ? "trigger" : absl::StrContains(used_by, "policy") ? "policy" : absl::StrContains(used_by, "publication") ? "publication" : "function", ", change the type and make it again, in one transaction"));
  }
}

void CheckAlter(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr || alter.type != sql::ObjectType::kTable) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.cascade || IsPlaceholder(c.name)) continue;
    if (c.kind == sql::AlterKind::kDropConstraint) DropConstraint(context, alter, *table, c);
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
        .summary = "drops or retypes what a view, key, trigger, policy, function or column of the history depends on: the server refuses it",
        .page = {
            .what = "A table, view, column, type, function, unique key, sequence, extension or schema is dropped without `CASCADE`, or a column gets a new type, while something that the history made "
                    "depends on it: a view or policy that reads it, a foreign key that points at it, a trigger that calls it or names the column in UPDATE OF or WHEN, a column of that type, a "
                    "generated column that is computed from it, a default, CHECK, index or policy that calls the function, a function `BEGIN ATOMIC` that names it, a publication that lists the "
                    "column, what lies in the schema.",
            .why = "The server refuses the statement and the migration stops: `cannot drop ... because other objects depend on it`, `cannot alter type of a column used by a view or rule`. "
                   "Writing CASCADE to silence it drops the dependent objects.",
            .instead = "Drop the dependent object by name, make the change, and make the object again, in one transaction. For a foreign key, decide what becomes of the rows that point here.",
            .fix_safety = "",
            .versions = "The same on 12 to 18, with one exception: 12 to 14 drop a generated column along with the column that it is computed from, without a word. Functions `BEGIN ATOMIC` are there from 14 "
                        "on, column lists of publications from 15 on.",
            .limits = "Objects of the history are known, others are not. A view, policy or function over several relations counts for a column only where no other of them has one of that name, a `SELECT *` "
                      "only where the table is its only one; a policy that ALTER POLICY changed is not known any more. Bodies of functions in quotes are not read: the server does not look into "
                      "them either. A function counts where the history has one of its name. Of two unique keys over the same columns nobody knows here which one a foreign key stands on. Renames "
                      "are not reported: views and keys follow them. Statements in an IF, or under an exception handler, are not judged.",
            .references = "PostgreSQL documentation, Dependency Tracking\n"
                          "PostgreSQL source, findDependentObjects in src/backend/catalog/dependency.c; RememberAllDependentForRebuilding in src/backend/commands/tablecmds.c (measured on 12, 15 and 18)",
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
    .alters = {sql::AlterKind::kDropColumn, sql::AlterKind::kColumnType, sql::AlterKind::kDropConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
