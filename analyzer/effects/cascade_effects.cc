// What goes along with what: by type, owner, function, extension, server, collation, operator class.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/catalog/extensions.h"
#include "analyzer/effects/internal.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

bool Contains(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

// A type or name without its schema and length.
std::string_view Plain(std::string_view type) {
  type = type.substr(0, type.find('('));
  return type.substr(type.rfind('.') == std::string_view::npos ? 0 : type.rfind('.') + 1);
}

// Whether the text of an index's definition has the word.
bool Mentions(std::string_view definition, std::string_view word) {
  sql::Scanner scanner(definition);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    std::string_view text = scanner.Text(t);
    if (t.kind == sql::TokenKind::kQuotedIdentifier && text.size() > 2) text = text.substr(1, text.size() - 2);
    if (text == word) return true;
  }
  return false;
}

// The columns whose type goes, and the views that read them.
void DropColumns(absl::FunctionRef<bool(std::string_view type)> goes, EffectList* list) {
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    for (const CatalogColumn& c : t->columns) {
      std::string_view type = c.type;
      if (type.ends_with("[]")) type.remove_suffix(2);
      if (type.empty() || !goes(type)) continue;
      list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "loses a column").loses_data = true;
      list->AddDependents(t->key, c.name, "goes with what it reads", nullptr);
      break;
    }
  }
}

}  // namespace

// DROP TYPE ... CASCADE drops the columns of that type, and the tables OF it.
void DropType(const sql::Name& name, EffectList* list) {
  const std::string key = list->catalog.Resolve(name);
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (t->of_type == key) list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "goes with its type").loses_data = true;
  }
  DropColumnsOfTypes(TypesMadeOf(key, /*arrays=*/true, list->catalog), {}, list);
}

void DropCallers(std::string_view function, std::string_view but, EffectList* list) {
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (!but.empty() && SchemaOf(t->key) == but) continue;
    const bool uses = std::any_of(t->triggers.begin(), t->triggers.end(), [&](const CatalogTrigger& x) { return x.function == function; });
    if (uses) list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "loses a trigger");
  }
  AddCallers(function, list, but);
}

// Measured 12-18.
void AddCallers(std::string_view function, EffectList* list, std::string_view but) {
  using Kind = CatalogDependent::Kind;
  for (const CatalogDependent& d : list->catalog.dependents()) {
    if (d.table.empty() || d.kind == Kind::kTrigger || d.kind == Kind::kPublication || !Contains(d.functions, function)) continue;
    if (!but.empty() && SchemaOf(d.table) == but) continue;
    const char* action = d.kind == Kind::kView ? "goes with what it calls" : d.kind == Kind::kForeignTable ? "goes with its server" : d.kind == Kind::kGenerated ? "loses a column" : "loses what calls the function";
    list->AddKey(d.table, list->catalog.FindTable(d.table), LockMode::kAccessExclusive, Work::kMetadata, action).loses_data = d.kind == Kind::kGenerated;
    if (d.kind == Kind::kView) list->AddDependents(d.table, {}, "goes with what it reads", nullptr);
    if (d.kind == Kind::kGenerated) list->AddDependents(d.table, d.name, "goes with what it reads", nullptr);
  }
}

// Tables, views and sequences of these owners.
void OwnedBy(List<std::string_view> roles, const char* action, bool loses_data, EffectList* list) {
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (t->owner.empty() || std::find(roles.begin(), roles.end(), t->owner) == roles.end()) continue;
    list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, action).loses_data = loses_data && StoresRows(t->type);
  }
  std::vector<std::string_view> sequences;
  for (const auto& [key, origin] : list->catalog.sequences()) {
    const std::string_view role = list->catalog.SequenceRole(key);
    if (!role.empty() && std::find(roles.begin(), roles.end(), role) != roles.end()) sequences.push_back(key);
  }
  std::sort(sequences.begin(), sequences.end());
  for (std::string_view key : sequences) list->AddKey(key, nullptr, LockMode::kAccessExclusive, Work::kMetadata, action);
}

// An extension takes along the columns of its types, of domains over them too, and the indexes and constraints that need its operator
// classes (measured 12-18).
void DropExtension(std::string_view extension, EffectList* list) {
  AddCallers(extension, list);
  std::vector<std::string> domains;
  for (const auto& [key, type] : list->catalog.types()) {
    if (type.kind == 'd' && BringsType(extension, Plain(type.base))) domains.push_back(key);
  }
  DropColumns([&](std::string_view type) {
    return BringsType(extension, Plain(type)) || std::any_of(domains.begin(), domains.end(), [&](const std::string& d) { return type == d || (type == Plain(d) && SchemaOf(d) == "public"); });
  }, list);
}

// A collation takes along its columns and the indexes that name it, an operator class the indexes (measured 12-18).
void DropSorting(sql::ObjectType kind, const sql::Name& name, EffectList* list) {
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    const bool columns = kind == sql::ObjectType::kCollation && std::any_of(t->columns.begin(), t->columns.end(), [&](const CatalogColumn& c) { return c.collation == name.name; });
    const bool indexes = std::any_of(t->indexes.begin(), t->indexes.end(), [&](const CatalogIndex& i) { return Mentions(i.definition, name.name); });
    if (!columns && !indexes) continue;
    list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, columns ? "loses a column" : "loses an index").loses_data = columns;
  }
}

}  // namespace pawl
