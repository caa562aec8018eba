// Whole objects: dropping, renaming, moving; views, types, functions, schemas.
#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "analyzer/catalog/relations.h"
#include "analyzer/catalog/replay.h"

namespace pawl {
namespace {

// Moves the entry at `from` to `to`; what stood there is replaced. Returns the moved value, or null if nothing is at `from`.
template <typename Map>
auto* MoveEntry(Map& map, std::string_view from, std::string to) {
  auto node = map.extract(from);
  if (node.empty()) return static_cast<typename Map::mapped_type*>(nullptr);
  auto value = std::move(node.mapped());
  return &map.insert_or_assign(std::move(to), std::move(value)).first->second;
}

}  // namespace

void CatalogReplay::Run(const sql::Statement& s) {
  end_ = s.span.end;
  using K = sql::StatementKind;
  switch (s.kind) {
    case K::kCreateTable: return CreateTable(s.As<sql::CreateTable>(), s);
    case K::kCreateIndex: return CreateIndex(s.As<sql::CreateIndex>(), s);
    case K::kAlterTable: return AlterTable(s.As<sql::AlterTable>());
    case K::kDrop: return Drop(s.As<sql::Drop>());
    case K::kRename: return Rename(s.As<sql::Rename>());
    case K::kSetSchema: return SetSchema(s.As<sql::SetSchema>());
    case K::kQuery: return Query(s.As<sql::Query>(), 0);
    case K::kCopy: {
      const auto& copy = s.As<sql::Copy>();
      if (!copy.from) return;
      if (Table* t = Find(copy.table)) {
        t->has_rows = true;
        Fill(*t, nullptr);
      }
      return;
    }
    case K::kTruncate: return Truncate(s.As<sql::Truncate>());
    case K::kTransaction: {
      const auto kind = s.As<sql::Transaction>().kind;
      if (kind == sql::TransactionKind::kCommit || kind == sql::TransactionKind::kRollback || kind == sql::TransactionKind::kPrepare) EndTransaction();
      return;
    }
    case K::kVariableSet: return SetVariable(s.As<sql::VariableSet>());
    case K::kCreateFunction: return CreateFunction(s.As<sql::CreateFunction>(), s);
    case K::kCreateType: return CreateType(s.As<sql::CreateType>());
    case K::kAlterEnum: return AlterEnum(s.As<sql::AlterEnum>());
    case K::kCreateDomain: return CreateDomain(s.As<sql::CreateDomain>());
    case K::kAlterDomain: return AlterDomain(s.As<sql::AlterDomain>());
    case K::kCreateSequence: return CreateSequence(s.As<sql::CreateSequence>());
    case K::kCreateSchema: return CreateSchema(s.As<sql::CreateSchema>());
    case K::kCreateView: return CreateView(s.As<sql::CreateView>());
    case K::kCreateTrigger: return CreateTrigger(s.As<sql::CreateTrigger>());
    case K::kCreatePolicy: return CreatePolicy(s.As<sql::CreatePolicy>());
    case K::kCreateExtension: {
      c_.extensions_.try_emplace(std::string(s.As<sql::CreateExtension>().name), origin_);
      return;
    }
    case K::kCluster: {
      const auto& x = s.As<sql::Cluster>();
      if (Table* t = Find(x.table); t != nullptr && !x.index.empty()) t->cluster_index = x.index;
      return;
    }
    case K::kCall:
    case K::kNotUnderstood:
      FillAll();
      return;
    case K::kOther: return Other(s);
    default: return;
  }
}

// ---- DROP -----------------------------------------------------------------------------------------------------------

void CatalogReplay::Drop(const sql::Drop& d) {
  for (size_t i = 0; i < d.names.size(); ++i) {
    const sql::Name& name = d.names[i];
    switch (d.type) {
      case sql::ObjectType::kTable:
      case sql::ObjectType::kView:
      case sql::ObjectType::kMaterializedView:
      case sql::ObjectType::kForeignTable:
        if (Table* t = Find(name)) {
          const std::string key = t->key;
          if (d.cascade) DropDependents(key);
          DropTable(key);
        }
        break;
      case sql::ObjectType::kIndex: {
        const CatalogIndex* index = nullptr;
        const CatalogTable* t = c_.FindIndex(name, &index);
        if (t == nullptr) break;
        const std::string key = t->key;
        if (d.cascade && index != nullptr && index->unique) DropReferences(key, std::vector<std::string>(index->columns), /*exactly=*/true);
        DropIndex(absl::StrCat(SchemaOf(key), ".", name.name));
        break;
      }
      case sql::ObjectType::kSequence: DropSequence(c_.Resolve(name)); break;
      case sql::ObjectType::kSchema: DropSchema(name.name); break;
      case sql::ObjectType::kExtension:
        c_.extensions_.erase(name.name);
        c_.dependents_.DropFunction(name.name);
        break;
      case sql::ObjectType::kType:
      case sql::ObjectType::kDomain: DropType(c_.Resolve(name), d.cascade); break;
      case sql::ObjectType::kFunction:
      case sql::ObjectType::kProcedure:
      case sql::ObjectType::kRoutine: DropFunction(c_.Resolve(name)); break;
      case sql::ObjectType::kTrigger:
      case sql::ObjectType::kPolicy:
      case sql::ObjectType::kRule:
        if (i < d.tables.size()) DropPart(d.type, d.tables[i], name.name);
        break;
      case sql::ObjectType::kStatistics:
      case sql::ObjectType::kPublication: DropOther(d, name); break;
      case sql::ObjectType::kForeignServer: DropForeign(absl::StrCat("server ", name.name)); break;
      case sql::ObjectType::kForeignDataWrapper: DropForeign(absl::StrCat("foreign-data wrapper ", name.name)); break;
      default: break;
    }
  }
}

void CatalogReplay::DropTable(const std::string& key) {
  auto it = c_.tables_.find(key);
  if (it == c_.tables_.end()) return;
  const Table gone = std::move(it->second);
  c_.tables_.erase(it);
  for (const CatalogDependent& d : c_.dependents_.all()) {
    // A rule goes with what its actions name.
    if (d.kind != CatalogDependent::Kind::kRule || d.table == key || std::find(d.uses.begin(), d.uses.end(), key) == d.uses.end()) continue;
    if (Table* t = Find(d.table)) std::erase_if(t->rules, [&](const CatalogRule& r) { return r.name == d.name; });
  }
  if (!c_.dependents_.all().empty()) c_.dependents_.DropTable(key);
  for (const Index& i : gone.indexes) c_.index_table_.erase(absl::StrCat(SchemaOf(key), ".", i.name));
  for (const CatalogColumn& c : gone.columns) {
    if (!c_.sequence_owner_.empty()) DropOwnedSequence(key, c.name, c.sequence);
  }
  if (gone.default_partition) {
    if (Table* parent = Find(gone.partition_of)) parent->has_default_partition = false;
  }
  // Foreign keys at it fall (by CASCADE, or their table goes in the same statement), and so do its partitions.
  auto target = c_.targets_.find(key);
  if (target == c_.targets_.end()) return;
  c_.targets_.erase(target);
  c_.children_.erase(key);
  std::vector<std::string> partitions;
  for (auto& [k, t] : c_.tables_) {
    std::erase_if(t.constraints, [&](const CatalogConstraint& x) { return x.kind == sql::ConstraintKind::kForeignKey && x.referenced == key; });
    std::erase(t.inherits, key);
    std::erase(t.uses, key);
    if (t.partition_of == key) partitions.push_back(k);
  }
  for (const std::string& p : partitions) DropTable(p);
}

// A server or wrapper goes, and the foreign tables that stand on it.
void CatalogReplay::DropForeign(std::string_view what) {
  std::vector<std::string> gone;
  for (const CatalogDependent& d : c_.dependents_.all()) {
    if (d.kind == CatalogDependent::Kind::kForeignTable && std::find(d.functions.begin(), d.functions.end(), what) != d.functions.end()) gone.push_back(d.table);
  }
  for (const std::string& key : gone) DropTable(key);
}

// CASCADE takes the columns of the type along.
void CatalogReplay::DropType(const std::string& key, bool cascade) {
  c_.types_.erase(key);
  if (!cascade) return;
  const bool only = c_.FindType({{}, NameOf(key), {}}) == nullptr;  // no other type is meant by the name alone
  for (auto& [k, t] : c_.tables_) {
    std::vector<std::string> gone;
    for (const CatalogColumn& c : t.columns) {
      std::string_view element = c.type;
      absl::ConsumeSuffix(&element, "[]");
      if (element == key || (only && element == NameOf(key))) gone.push_back(c.name);
    }
    for (const std::string& column : gone) DropColumn(&t, column);
  }
}

void CatalogReplay::DropIndex(const std::string& key) {
  auto it = c_.index_table_.find(key);
  if (it == c_.index_table_.end()) return;
  if (Table* t = Find(it->second)) {
    std::erase_if(t->indexes, [&](const Index& i) { return i.name == NameOf(key); });
    c_.dependents_.Drop(CatalogDependent::Kind::kIndex, t->key, NameOf(key));
  }
  c_.index_table_.erase(it);
}

void CatalogReplay::DropSchema(std::string_view schema) {
  c_.schemas_.erase(schema);
  std::vector<std::string> tables;
  for (const auto& [k, t] : c_.tables_) {
    if (SchemaOf(k) == schema) tables.push_back(k);
  }
  for (const std::string& k : tables) {
    DropDependents(k);
    DropTable(k);
  }
  const auto inside = [&](const auto& entry) { return SchemaOf(entry.first) == schema; };
  for (const auto& entry : c_.functions_) {
    if (inside(entry)) c_.dependents_.DropFunction(entry.first);
  }
  absl::erase_if(c_.functions_, inside);
  absl::erase_if(c_.types_, inside);
  absl::erase_if(c_.sequences_, inside);
}

// ---- RENAME, SET SCHEMA -----------------------------------------------------------------------------------------------

void CatalogReplay::MoveTable(const std::string& from, std::string to, bool indexes_too) {
  Table* t = MoveEntry(c_.tables_, from, to);
  if (t == nullptr) return;
  t->key = to;
  if (!c_.with_empty_.empty()) c_.with_empty_.push_back(to);
  if (!c_.dependents_.all().empty()) c_.dependents_.RenameTable(from, to);
  for (auto& [name, tables] : c_.publications_) std::replace(tables.begin(), tables.end(), from, to);
  if (!t->partition_of.empty()) AddChild(t->partition_of, *t);
  for (const std::string& parent : t->inherits) AddChild(parent, *t);
  for (const Index& i : t->indexes) {
    if (indexes_too) {
      c_.index_table_.erase(absl::StrCat(SchemaOf(from), ".", i.name));
      c_.index_table_.insert_or_assign(absl::StrCat(SchemaOf(to), ".", i.name), to);
    } else {
      c_.index_table_.insert_or_assign(absl::StrCat(SchemaOf(from), ".", i.name), to);
    }
  }
  for (CatalogColumn& c : t->columns) {
    if (c.sequence.empty()) continue;
    auto owner = c_.sequence_owner_.find(c.sequence);
    if (owner == c_.sequence_owner_.end() || owner->second != from) continue;
    owner->second = to;
    if (!indexes_too || SchemaOf(from) == SchemaOf(to)) continue;
    std::string moved = absl::StrCat(SchemaOf(to), ".", NameOf(c.sequence));
    MoveEntry(c_.sequences_, c.sequence, moved);
    MoveEntry(c_.sequence_owner_, c.sequence, moved);
    c.sequence = std::move(moved);
  }
  auto target = c_.targets_.find(from);
  if (target == c_.targets_.end()) return;
  c_.targets_.erase(target);
  c_.targets_.insert(to);
  if (auto children = c_.children_.extract(from); !children.empty()) {
    std::vector<std::string>& all = c_.children_[to];
    all.insert(all.end(), std::make_move_iterator(children.mapped().begin()), std::make_move_iterator(children.mapped().end()));
  }
  for (auto& [k, other] : c_.tables_) {
    for (CatalogConstraint& x : other.constraints) {
      if (x.referenced == from) x.referenced = to;
    }
    if (other.partition_of == from) other.partition_of = to;
    for (std::string& parent : other.inherits) {
      if (parent == from) parent = to;
    }
    for (std::string& used : other.uses) {
      if (used == from) used = to;
    }
  }
}

void CatalogReplay::RenameIndex(const std::string& key, std::string_view to) {
  auto it = c_.index_table_.find(key);
  if (it == c_.index_table_.end()) return;
  const std::string table = it->second;
  c_.index_table_.erase(it);
  c_.index_table_.insert_or_assign(absl::StrCat(SchemaOf(key), ".", to), table);
  Table* t = Find(table);
  if (t == nullptr) return;
  for (Index& i : t->indexes) {
    if (i.name != NameOf(key)) continue;
    i.name = to;
    c_.dependents_.Rename(CatalogDependent::Kind::kIndex, table, NameOf(key), to);
    if (!i.of_constraint) continue;
    for (CatalogConstraint& k : t->constraints) {
      if (k.name == NameOf(key)) k.name = to;
    }
  }
}

void CatalogReplay::RenameType(const std::string& from, std::string to) {
  CatalogType* type = MoveEntry(c_.types_, from, to);
  if (type == nullptr) return;
  type->key = to;
  const std::string_view old_name = NameOf(from), new_name = NameOf(to);
  for (auto& [k, t] : c_.tables_) {
    for (CatalogColumn& c : t.columns) {
      std::string_view element = c.type;
      const bool array = absl::ConsumeSuffix(&element, "[]");
      if (element == old_name) {
        c.type = absl::StrCat(new_name, array ? "[]" : "");
      } else if (element == from) {
        c.type = absl::StrCat(to, array ? "[]" : "");
      }
    }
  }
}

void CatalogReplay::Rename(const sql::Rename& r) {
  switch (r.type) {
    case sql::ObjectType::kColumn: {
      Table* t = Find(r.name);
      if (t == nullptr) return;
      for (const CatalogTable* d : c_.Descendants(t->key)) RenameColumn(Find(d->key), r.old_name, r.new_name);
      RenameColumn(t, r.old_name, r.new_name);
      for (const CatalogTable* view : c_.Dependents(t->key, r.old_name)) {
        std::vector<std::string>& used = Find(view->key)->used_columns;
        std::replace(used.begin(), used.end(), std::string(r.old_name), std::string(r.new_name));
      }
      return;
    }
    case sql::ObjectType::kConstraint:
      if (Table* t = Find(r.name)) RenameConstraint(t, r.old_name, r.new_name);
      return;
    case sql::ObjectType::kTrigger:
    case sql::ObjectType::kPolicy:
    case sql::ObjectType::kRule:
      if (Table* t = Find(r.name)) RenamePart(r.type, t, r.old_name, r.new_name);
      return;
    case sql::ObjectType::kSchema:
      RenameSchema(r.old_name.empty() ? r.name.name : r.old_name, r.new_name);
      return;
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain: {
      const std::string from = c_.Resolve(r.name);
      RenameType(from, absl::StrCat(SchemaOf(from), ".", r.new_name));
      return;
    }
    case sql::ObjectType::kFunction:
    case sql::ObjectType::kProcedure:
    case sql::ObjectType::kRoutine: {
      const std::string from = c_.Resolve(r.name);
      std::string to = absl::StrCat(SchemaOf(from), ".", r.new_name);
      RenameFunctionInDetails(NameOf(from), r.new_name);
      for (auto& [key, t] : c_.tables_) {
        for (CatalogTrigger& x : t.triggers) {
          if (x.function == from) x.function = to;
        }
      }
      c_.dependents_.RenameFunction(from, to);
      if (CatalogFunction* f = MoveEntry(c_.functions_, from, to)) f->key = std::move(to);
      return;
    }
    case sql::ObjectType::kTable:
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView:
    case sql::ObjectType::kForeignTable:
    case sql::ObjectType::kIndex:
    case sql::ObjectType::kSequence: {
      // ALTER TABLE ... RENAME takes any relation, so what counts is what stands there.
      const std::string from = c_.Resolve(r.name);
      std::string to = absl::StrCat(SchemaOf(from), ".", r.new_name);
      if (c_.tables_.contains(from)) {
        MoveTable(from, std::move(to), /*indexes_too=*/false);
      } else if (c_.index_table_.contains(from)) {
        RenameIndex(from, r.new_name);
      } else {
        MoveSequence(from, to);
      }
      return;
    }
    default:
      return;
  }
}

void CatalogReplay::MoveSequence(std::string_view from, const std::string& to) {
  if (MoveEntry(c_.sequences_, from, to) == nullptr) return;
  MoveEntry(c_.sequence_owner_, from, to);
  for (auto& [key, t] : c_.tables_) {
    for (CatalogColumn& c : t.columns) {
      if (c.sequence == from) c.sequence = to;
    }
  }
}

void CatalogReplay::SetSchema(const sql::SetSchema& s) {
  const std::string from = c_.Resolve(s.name);
  std::string to = absl::StrCat(s.new_schema, ".", s.name.name);
  if (from == to) return;
  switch (s.type) {
    case sql::ObjectType::kTable:
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView:
    case sql::ObjectType::kForeignTable:
    case sql::ObjectType::kSequence:
      if (c_.tables_.contains(from)) {
        MoveTable(from, std::move(to), /*indexes_too=*/true);
      } else {
        MoveSequence(from, to);
      }
      return;
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain:
      if (CatalogType* t = MoveEntry(c_.types_, from, to)) t->key = std::move(to);
      return;
    case sql::ObjectType::kFunction:
    case sql::ObjectType::kProcedure:
    case sql::ObjectType::kRoutine:
      c_.dependents_.RenameFunction(from, to);
      if (CatalogFunction* f = MoveEntry(c_.functions_, from, to)) f->key = std::move(to);
      return;
    default:
      return;
  }
}

void CatalogReplay::RenameSchema(std::string_view from, std::string_view to) {
  MoveEntry(c_.schemas_, from, std::string(to));
  const auto moved = [&](std::string_view key) { return absl::StrCat(to, ".", NameOf(key)); };
  const auto keys = [&](const auto& map) {
    std::vector<std::string> out;
    for (const auto& [k, v] : map) {
      if (SchemaOf(k) == from) out.push_back(k);
    }
    return out;
  };
  for (const std::string& k : keys(c_.tables_)) MoveTable(k, moved(k), /*indexes_too=*/true);
  for (const std::string& k : keys(c_.types_)) MoveEntry(c_.types_, k, moved(k))->key = moved(k);
  for (const std::string& k : keys(c_.functions_)) {
    c_.dependents_.RenameFunction(k, moved(k));
    MoveEntry(c_.functions_, k, moved(k))->key = moved(k);
  }
  for (const std::string& k : keys(c_.sequences_)) MoveEntry(c_.sequences_, k, moved(k));
}

// ---- Views, functions, types ------------------------------------------------------------------------------------------

void CatalogReplay::CreateView(const sql::CreateView& v) {
  std::string key = NewKey(v.name, v.temporary);
  if (v.temporary) c_.has_temporary_ = true;
  auto [it, fresh] = c_.tables_.try_emplace(key);
  Table& t = it->second;
  if (!fresh && v.replace && t.type == sql::ObjectType::kView) {
    if (v.query != nullptr) SetQuery(&t, *v.query);
    return;
  }
  t = Table();
  t.key = std::move(key);
  t.type = sql::ObjectType::kView;
  t.temporary = v.temporary;
  t.origin = origin_;
  if (v.query != nullptr) SetQuery(&t, *v.query);
}

void CatalogReplay::CreateFunction(const sql::CreateFunction& f, const sql::Statement& s) {
  std::string key = NewKey(f.name);
  auto [it, fresh] = c_.functions_.try_emplace(key);
  CatalogFunction& function = it->second;
  if (fresh) {
    function.key = key;
    function.origin = origin_;
  }
  function.volatility = f.volatility;
  function.procedure = f.procedure;
  function.security_definer = f.security_definer;
  function.language = f.language;
  std::string arguments = FoldText(FirstParenthesis(From(s.span.begin)), true);
  if (fresh) {
    function.arguments = std::move(arguments);
  } else if (function.arguments != arguments) {
    function.overloaded = true;
  }
  function.statement = &s;
  c_.with_statement_.push_back(key);

  if (!fresh) c_.dependents_.Drop(CatalogDependent::Kind::kFunction, {}, key);
  if (f.queries.empty()) return;
  CatalogDependent d;
  d.kind = CatalogDependent::Kind::kFunction;
  d.name = std::move(key);
  d.origin = origin_;
  std::vector<std::string_view> columns;
  bool derived = false;
  for (const sql::Query* q : f.queries) {
    ForEachRelation(*q, [&](const QueryRelation& r) {
      const Table* t = Find(*r.name);
      std::string used = t != nullptr ? t->key : c_.Resolve(*r.name);
      if (std::find(d.uses.begin(), d.uses.end(), used) == d.uses.end()) d.uses.push_back(std::move(used));
    });
    CollectQueryColumns(*q, &columns);
    ForEachCall(*q, [&](const sql::Expr& call) { AddFunction(call, &d.functions); });
    derived = derived || HasDerivedTables(*q);
  }
  if (!derived) d.used_columns.assign(columns.begin(), columns.end());
  for (const std::string& used : d.uses) c_.targets_.insert(used);
  if (!d.uses.empty() || !d.functions.empty()) c_.dependents_.Add(std::move(d));
}

void CatalogReplay::CreateType(const sql::CreateType& create) {
  std::string key = NewKey(create.name);
  CatalogType t;
  t.key = key;
  t.kind = create.kind;
  t.origin = origin_;
  t.values.reserve(create.values.size());
  t.values_known = create.kind == 'e';
  for (std::string_view v : create.values) t.values.emplace_back(v);
  // A shell type, then the type itself; or the guarded "make it again" idiom, which keeps the first.
  auto [it, fresh] = c_.types_.try_emplace(std::move(key), t);
  if (!fresh && it->second.kind == 'b') it->second = std::move(t);
}

void CatalogReplay::AlterEnum(const sql::AlterEnum& e) {
  std::string key = c_.Resolve(e.name);
  CatalogType& t = c_.types_[key];
  if (t.key.empty()) t.key = std::move(key);  // made before the history: only the values seen are known
  if (!e.new_value.empty()) {
    std::replace(t.values.begin(), t.values.end(), std::string(e.value), std::string(e.new_value));
    RenameValueInDetails(t.key, e.value, e.new_value);
    for (auto& [value, origin] : t.added_values) {
      if (value == e.value) value = e.new_value;
    }
    return;
  }
  if (std::find(t.values.begin(), t.values.end(), e.value) != t.values.end()) return;
  auto at = t.values.end();
  if (!e.neighbour.empty()) {
    at = std::find(t.values.begin(), t.values.end(), e.neighbour);
    if (at != t.values.end() && e.after) ++at;
  }
  t.values.insert(at, std::string(e.value));
  t.added_values.emplace_back(std::string(e.value), origin_);
}

void CatalogReplay::CreateDomain(const sql::CreateDomain& d) {
  std::string key = NewKey(d.name);
  CatalogType t;
  t.key = key;
  t.kind = 'd';
  t.origin = origin_;
  if (d.type != nullptr) t.base = TypeText(*d.type);
  for (const sql::Constraint* k : d.constraints) {
    if (k->kind == sql::ConstraintKind::kCheck || k->kind == sql::ConstraintKind::kNotNull) t.constrained = true;
  }
  c_.types_.try_emplace(std::move(key), std::move(t));
}

void CatalogReplay::AlterDomain(const sql::AlterDomain& d) {
  auto it = c_.types_.find(c_.Resolve(d.name));
  if (it != c_.types_.end() && (d.kind == 'O' || d.kind == 'C')) it->second.constrained = true;
}

void CatalogReplay::CreateSchema(const sql::CreateSchema& s) {
  c_.schemas_.try_emplace(std::string(s.name), origin_);
  if (s.elements.empty()) return;
  // Its elements are made inside it.
  std::vector<std::string> outer = c_.search_path_;
  c_.search_path_.insert(c_.search_path_.begin(), std::string(s.name));
  for (const sql::Statement* e : s.elements) Run(*e);
  c_.search_path_ = std::move(outer);
}

}  // namespace pawl
