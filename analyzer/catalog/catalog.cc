#include "analyzer/catalog/catalog.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "analyzer/catalog/names.h"
#include "analyzer/catalog/replay.h"

namespace pawl {
namespace {

constexpr std::string_view kTemporarySchema = "pg_temp";

// Looks `name` up in a map of catalogue keys: as qualified, or along the search path. "public" is always the last resort:
// a role's own search_path is not written in migrations, and a name that only "public" has can mean nothing else.
template <typename Map>
auto FindIn(Map& map, const sql::Name& name, const std::vector<std::string>& path, bool temporary) {
  KeyBuffer key;
  if (!name.schema.empty()) return map.find(key.Join(name.schema, name.name));
  if (temporary) {
    if (auto it = map.find(key.Join(kTemporarySchema, name.name)); it != map.end()) return it;
  }
  bool seen_public = false;
  for (const std::string& schema : path) {
    if (schema == "public") seen_public = true;
    if (auto it = map.find(key.Join(schema, name.name)); it != map.end()) return it;
  }
  return seen_public ? map.end() : map.find(key.Join("public", name.name));
}

template <typename Vector>
auto* FindByName(Vector& v, std::string_view name) {
  for (auto& x : v) {
    if (x.name == name) return &x;
  }
  return static_cast<decltype(&v[0])>(nullptr);
}

bool Contains(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

}  // namespace

const CatalogColumn* CatalogTable::FindColumn(std::string_view n) const { return FindByName(columns, n); }
CatalogColumn* CatalogTable::FindColumn(std::string_view n) { return FindByName(columns, n); }
const CatalogConstraint* CatalogTable::FindConstraint(std::string_view n) const { return FindByName(constraints, n); }
const CatalogIndex* CatalogTable::FindIndex(std::string_view n) const { return FindByName(indexes, n); }

bool CatalogTable::ProvesNotNull(std::string_view column) const {
  for (const CatalogConstraint& k : constraints) {
    if (!k.valid) continue;
    if (k.kind == sql::ConstraintKind::kCheck && (k.not_null_column == column || Contains(k.more_not_null_columns, column))) return true;
    if (k.kind == sql::ConstraintKind::kPrimaryKey && Contains(k.columns, column)) return true;
  }
  return false;
}

std::string Catalog::Resolve(const sql::Name& name) const {
  if (!name.schema.empty()) return absl::StrCat(name.schema, ".", name.name);
  if (search_path_.size() > 1 || has_temporary_ || search_path_[0] != "public") {
    const auto found = [&](const auto& map) -> const std::string* {
      auto it = FindIn(map, name, search_path_, has_temporary_);
      return it == map.end() ? nullptr : &it->first;
    };
    const std::string* key = found(tables_);
    if (key == nullptr) key = found(index_table_);
    if (key == nullptr) key = found(sequences_);
    if (key == nullptr) key = found(types_);
    if (key == nullptr) key = found(functions_);
    if (key != nullptr) return *key;
  }
  return absl::StrCat(search_path_[0], ".", name.name);
}

const CatalogTable* Catalog::FindTable(const sql::Name& name) const {
  const size_t size = name.schema.size() + name.name.size();
  if (name.name.empty() || size > sizeof(Seen::text)) {
    auto it = FindIn(tables_, name, search_path_, has_temporary_);
    return it == tables_.end() ? nullptr : &it->second;
  }
  Seen& seen = seen_[(size + static_cast<unsigned char>(name.name.back())) % std::size(seen_)];
  const bool same = seen.used && seen.schema_size == name.schema.size() && seen.name_size == name.name.size() &&
                    (name.schema.empty() || std::memcmp(seen.text, name.schema.data(), name.schema.size()) == 0) &&
                    std::memcmp(seen.text + name.schema.size(), name.name.data(), name.name.size()) == 0;
  if (same) return seen.table;
  auto it = FindIn(tables_, name, search_path_, has_temporary_);
  seen.used = true;
  seen.schema_size = static_cast<uint8_t>(name.schema.size());
  seen.name_size = static_cast<uint8_t>(name.name.size());
  name.schema.copy(seen.text, name.schema.size());
  name.name.copy(seen.text + name.schema.size(), name.name.size());
  seen.table = it == tables_.end() ? nullptr : &it->second;
  return seen.table;
}

const CatalogTable* Catalog::FindTable(std::string_view key) const {
  auto it = tables_.find(key);
  return it == tables_.end() ? nullptr : &it->second;
}

const CatalogTable* Catalog::FindIndex(const sql::Name& name, const CatalogIndex** index) const {
  if (index != nullptr) *index = nullptr;
  auto it = FindIn(index_table_, name, search_path_, has_temporary_);
  if (it == index_table_.end()) return nullptr;
  const CatalogTable* t = FindTable(it->second);
  if (t != nullptr && index != nullptr) *index = t->FindIndex(NameOf(it->first));
  return t;
}

const CatalogFunction* Catalog::FindFunction(const sql::Name& name) const {
  auto it = FindIn(functions_, name, search_path_, false);
  return it == functions_.end() ? nullptr : &it->second;
}

const CatalogType* Catalog::FindType(const sql::Name& name) const {
  auto it = FindIn(types_, name, search_path_, false);
  return it == types_.end() ? nullptr : &it->second;
}

bool Catalog::HasSequence(const sql::Name& name) const {
  return FindIn(sequences_, name, search_path_, has_temporary_) != sequences_.end();
}

bool Catalog::HasSchema(std::string_view name) const {
  return schemas_.contains(name) || name == "public" || name == "pg_catalog" || name == "information_schema";
}

std::vector<const CatalogTable*> Catalog::Descendants(std::string_view key) const {
  std::vector<const CatalogTable*> out;
  if (!children_.contains(key)) return out;
  // A history that lost track may hold a cycle: each table counts once.
  absl::flat_hash_set<const CatalogTable*> seen;
  const auto add_children = [&](std::string_view parent) {
    const auto children = children_.find(parent);
    if (children == children_.end()) return;
    for (const std::string& child : children->second) {
      const CatalogTable* t = FindTable(child);
      if (t == nullptr || t->key == key || (t->partition_of != parent && !Contains(t->inherits, parent))) continue;
      if (seen.insert(t).second) out.push_back(t);
    }
  };
  add_children(key);
  for (size_t i = 0; i < out.size(); ++i) add_children(out[i]->key);
  std::sort(out.begin(), out.end(), [](const CatalogTable* a, const CatalogTable* b) { return a->key < b->key; });
  return out;
}

size_t Catalog::MostChildren(std::string_view key) const {
  const auto it = children_.find(key);
  return it == children_.end() ? 0 : it->second.size();
}

const CatalogTable* Catalog::DefaultPartition(std::string_view key) const {
  const auto it = children_.find(key);
  if (it == children_.end()) return nullptr;
  for (const std::string& child : it->second) {
    const CatalogTable* t = FindTable(child);
    if (t != nullptr && t->default_partition && t->partition_of == key) return t;
  }
  return nullptr;
}

std::vector<const CatalogTable*> Catalog::Dependents(std::string_view key, std::string_view column) const {
  std::vector<const CatalogTable*> out;
  const auto add_views = [&](std::string_view of, std::string_view mentioned) {
    if (!targets_.contains(of)) return;
    for (const auto& [k, t] : tables_) {
      if (!Contains(t.uses, of) || std::find(out.begin(), out.end(), &t) != out.end()) continue;
      if (mentioned.empty() || Contains(t.used_columns, mentioned) || Contains(t.used_columns, "*")) out.push_back(&t);
    }
  };
  add_views(key, column);
  for (size_t i = 0; i < out.size(); ++i) add_views(out[i]->key, {});
  std::sort(out.begin(), out.end(), [](const CatalogTable* a, const CatalogTable* b) { return a->key < b->key; });
  return out;
}

std::string_view Catalog::StatisticsTable(const sql::Name& name) const {
  auto it = FindIn(statistics_, name, search_path_, false);
  return it == statistics_.end() ? std::string_view() : std::string_view(it->second);
}

std::string_view Catalog::SequenceOwner(std::string_view sequence) const {
  auto it = sequence_owner_.find(sequence);
  return it == sequence_owner_.end() ? std::string_view() : std::string_view(it->second);
}

std::string_view Catalog::SequenceRole(std::string_view sequence) const {
  auto it = sequence_role_.find(sequence);
  return it == sequence_role_.end() ? std::string_view() : std::string_view(it->second);
}

const std::vector<std::string>* Catalog::FindPublication(std::string_view name) const {
  auto it = publications_.find(name);
  return it == publications_.end() ? nullptr : &it->second;
}

std::vector<const CatalogTable*> Catalog::ReferencedBy(std::string_view key) const {
  std::vector<const CatalogTable*> out;
  if (!targets_.contains(key)) return out;
  for (const auto& [k, t] : tables_) {
    for (const CatalogConstraint& c : t.constraints) {
      if (c.kind == sql::ConstraintKind::kForeignKey && c.referenced == key) {
        out.push_back(&t);
        break;
      }
    }
  }
  std::sort(out.begin(), out.end(), [](const CatalogTable* a, const CatalogTable* b) { return a->key < b->key; });
  return out;
}

void Catalog::Apply(const sql::Statement& statement, const Origin& origin, std::string_view text) {
  if (!outer_search_path_.empty() && origin.transaction != local_transaction_) {
    search_path_ = std::move(outer_search_path_);
    outer_search_path_.clear();
  }
  CatalogReplay(this, origin, text).Run(statement);
  ForgetSeen();
}

void Catalog::ForgetStatements() {
  ForgetSeen();
  replica_ = 0;
  for (const std::string& key : with_empty_) {
    const auto it = tables_.find(key);
    if (it == tables_.end()) continue;
    for (CatalogColumn& c : it->second.columns) c.empty = false;
  }
  with_empty_.clear();
  for (const std::string& key : with_statement_) {
    auto it = functions_.find(key);
    if (it != functions_.end()) it->second.statement = nullptr;
  }
  with_statement_.clear();
  if (!outer_search_path_.empty()) {
    search_path_ = std::move(outer_search_path_);
    outer_search_path_.clear();
  }
  if (!has_temporary_) return;
  has_temporary_ = false;
  absl::erase_if(tables_, [](const auto& entry) { return entry.second.temporary; });
  absl::erase_if(index_table_, [](const auto& entry) { return SchemaOf(entry.second) == kTemporarySchema; });
  absl::erase_if(sequences_, [](const auto& entry) { return SchemaOf(entry.first) == kTemporarySchema; });
}

std::string TypeText(const sql::TypeName& type) {
  if (type.percent_type) return std::string();
  if (type.schema.empty() && type.modifiers.empty()) {
    std::string_view name = type.name;
    if (name == "serial") name = "int4";
    if (name == "bigserial") name = "int8";
    if (name == "smallserial") name = "int2";
    return type.array ? absl::StrCat(name, "[]") : std::string(name);
  }
  return sql::ToString(type);
}

CatalogTable* CatalogReplay::Find(const sql::Name& name) {
  auto it = FindIn(c_.tables_, name, c_.search_path_, c_.has_temporary_);
  return it == c_.tables_.end() ? nullptr : &it->second;
}

CatalogTable* CatalogReplay::Find(std::string_view key) {
  auto it = c_.tables_.find(key);
  return it == c_.tables_.end() ? nullptr : &it->second;
}

CatalogTable* CatalogReplay::Known(const sql::Name& name) {
  if (Table* t = Find(name)) return t;
  std::string key = NewKey(name);
  Table& t = c_.tables_[key];
  t.key = std::move(key);
  return &t;
}

std::string CatalogReplay::NewKey(const sql::Name& name, bool temporary) const {
  if (temporary) return absl::StrCat(kTemporarySchema, ".", name.name);
  return absl::StrCat(name.schema.empty() ? std::string_view(c_.search_path_[0]) : name.schema, ".", name.name);
}

}  // namespace pawl
