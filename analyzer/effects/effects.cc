#include "analyzer/effects/effects.h"

#include <algorithm>
#include <string>

#include "analyzer/effects/internal.h"

namespace pawl {
namespace {

std::string_view SchemaOf(std::string_view key) { return key.substr(0, key.find('.')); }

// Every known table of a schema ("" = all), in order of their keys.
std::vector<const CatalogTable*> TablesIn(std::string_view schema, const Catalog& catalog) {
  std::vector<const CatalogTable*> v;
  for (const auto& [key, t] : catalog.tables()) {
    if (schema.empty() || SchemaOf(key) == schema) v.push_back(&t);
  }
  std::sort(v.begin(), v.end(), [](const CatalogTable* a, const CatalogTable* b) { return a->key < b->key; });
  return v;
}

const CatalogTable* DefaultPartition(std::string_view parent, const Catalog& catalog) {
  const CatalogTable* p = catalog.FindTable(parent);
  if (p == nullptr || !p->has_default_partition) return nullptr;
  for (const CatalogTable* t : catalog.Descendants(parent)) {
    if (t->default_partition && t->partition_of == parent) return t;
  }
  return nullptr;
}

bool StoresRows(sql::ObjectType t) {
  return t == sql::ObjectType::kTable || t == sql::ObjectType::kMaterializedView;
}

// ---- CREATE ---------------------------------------------------------------------------------------------------------

void CreateTable(const sql::CreateTable& t, EffectList* list) {
  if (t.if_not_exists && list->catalog.FindTable(t.name) != nullptr) return;  // does nothing, and locks nothing
  // The new table is locked too, but nobody can see it.
  for (const sql::Column* c : t.columns) {
    for (const sql::Constraint* k : c->constraints) {
      if (k->kind == sql::ConstraintKind::kForeignKey) AddReferenced(*k, Work::kMetadata, nullptr, list);
    }
  }
  for (const sql::Constraint* k : t.constraints) {
    if (k->kind == sql::ConstraintKind::kForeignKey) AddReferenced(*k, Work::kMetadata, nullptr, list);
  }
  // PARTITION OF (measured 12-18): the parent and its DEFAULT partition, which is scanned for rows that now belong elsewhere.
  // ATTACH PARTITION is gentler on the parent.
  if (!t.partition_of.empty()) {
    const CatalogTable* parent = list->catalog.FindTable(t.partition_of);
    list->Add(parent, t.partition_of, LockMode::kAccessExclusive, Work::kMetadata, "gets a partition").span = t.partition_of.span;
    if (parent != nullptr) {
      if (const CatalogTable* d = DefaultPartition(parent->key, list->catalog)) {
        list->AddTable(*d, LockMode::kAccessExclusive, Work::kScan, "is scanned for rows that belong to the new partition");
      }
      AddReferencedOf(*parent, LockMode::kShareRowExclusive, "gets the partition's foreign key triggers", nullptr, list);
    }
  }
  for (const sql::Name& parent : t.inherits) {
    list->Add(parent, LockMode::kShareUpdateExclusive, Work::kMetadata, "gets a child").span = parent.span;
  }
  for (const sql::Name& source : t.like) list->Add(source, LockMode::kAccessShare, Work::kMetadata, "is copied from").span = source.span;
  if (t.as_query != nullptr && !t.with_no_data) QueryEffects(*t.as_query, list);
}

void CreateIndex(const sql::CreateIndex& i, EffectList* list) {
  const CatalogTable* table = list->catalog.FindTable(i.table);
  bool exists = false;
  if (i.if_not_exists && !i.name.empty()) {
    const std::string_view schema = table != nullptr ? SchemaOf(table->key) : i.table.schema;
    exists = list->catalog.FindIndex({schema, i.name, {}}, nullptr) != nullptr;
  }
  // The lock is taken before the name is looked up.
  const LockMode lock = i.concurrently ? LockMode::kShareUpdateExclusive : LockMode::kShare;
  Effect& e = list->Add(table, i.table, lock, exists ? Work::kMetadata : Work::kBuild, exists ? "looks for an index that exists already" : "builds an index");
  e.until_commit = !i.concurrently;
  e.span = i.table.span;
  if (!i.only && !exists) list->AddDescendants(table, Effect(e), /*partitions_only=*/true);
}

void CreateTrigger(const sql::CreateTrigger& t, EffectList* list) {
  const CatalogTable* table = list->catalog.FindTable(t.table);
  Effect& e = list->Add(table, t.table, LockMode::kShareRowExclusive, Work::kMetadata, "adds a trigger");
  e.span = t.table.span;
  if (t.row) list->AddDescendants(table, Effect(e), /*partitions_only=*/true);
}

void CreateView(const sql::CreateView& v, EffectList* list) {
  const CatalogTable* old = list->catalog.FindTable(v.name);
  if (v.replace && old != nullptr) list->Add(old, v.name, LockMode::kAccessExclusive, Work::kMetadata, "replaces the view").span = v.name.span;
  if (v.query == nullptr) return;
  const size_t first = list->out.size();
  QueryEffects(*v.query, list);
  for (size_t i = first; i < list->out.size(); ++i) {
    list->out[i].work = Work::kMetadata;
    list->out[i].action = "is used by a view";
  }
}

// ---- DROP, RENAME, SET SCHEMA ---------------------------------------------------------------------------------------------

void DropTable(const CatalogTable* table, const sql::Name& name, sql::ObjectType type, bool cascade, EffectList* list) {
  const bool is_view = type == sql::ObjectType::kView;
  Effect& e = list->Add(table, name, LockMode::kAccessExclusive, Work::kMetadata, is_view ? "drops the view" : "drops the table");
  e.loses_data = type == sql::ObjectType::kTable;
  if (table == nullptr) return;
  list->AddDescendants(table, Effect(e), /*partitions_only=*/!cascade);
  // A partition's foreign keys are its parent's: their triggers stay (measured 12-18).
  if (table->partition_of.empty()) AddReferencedOf(*table, LockMode::kAccessExclusive, "loses the foreign key's triggers", nullptr, list);
  if (cascade) {
    for (const CatalogTable* t : list->catalog.ReferencedBy(table->key)) {
      if (t != table) list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "loses its foreign key");
    }
  }
  if (table->partition_of.empty()) return;
  list->AddKey(table->partition_of, list->catalog.FindTable(table->partition_of), LockMode::kAccessExclusive, Work::kMetadata, "loses a partition");
  const CatalogTable* d = DefaultPartition(table->partition_of, list->catalog);
  if (d != nullptr && d != table) list->AddTable(*d, LockMode::kAccessExclusive, Work::kMetadata, "has its bound changed");
}

void DropIndex(const sql::Name& name, bool concurrently, EffectList* list) {
  const LockMode lock = concurrently ? LockMode::kShareUpdateExclusive : LockMode::kAccessExclusive;
  const CatalogTable* table = list->catalog.FindIndex(name, nullptr);
  if (table != nullptr) {
    Effect& e = list->AddTable(*table, lock, Work::kMetadata, "drops an index");
    e.until_commit = !concurrently;
    list->AddDescendants(table, Effect(e), /*partitions_only=*/true);
  }
  std::string key = table != nullptr && name.schema.empty() ? std::string(SchemaOf(table->key)) + "." + std::string(name.name) : list->catalog.Resolve(name);
  Effect& index = list->AddKey(key, table, lock, Work::kMetadata, "drops the index");
  index.until_commit = !concurrently;
  index.is_index = true;
}

// DROP TYPE ... CASCADE drops the columns of that type.
void DropType(const sql::Name& name, EffectList* list) {
  const std::string key = list->catalog.Resolve(name);
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    for (const CatalogColumn& c : t->columns) {
      std::string_view type = c.type;
      if (type.ends_with("[]")) type.remove_suffix(2);
      if (type != name.name && type != key) continue;
      list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "loses a column").loses_data = true;
      break;
    }
  }
}

void Drop(const sql::Drop& d, EffectList* list) {
  for (size_t i = 0; i < d.names.size(); ++i) {
    const sql::Name& name = d.names[i];
    const size_t first = list->out.size();
    switch (d.type) {
      case sql::ObjectType::kTable:
      case sql::ObjectType::kView:
      case sql::ObjectType::kMaterializedView:
      case sql::ObjectType::kForeignTable:
        DropTable(list->catalog.FindTable(name), name, d.type, d.cascade, list);
        break;
      case sql::ObjectType::kIndex:
        DropIndex(name, d.concurrently, list);
        break;
      case sql::ObjectType::kTrigger:
      case sql::ObjectType::kRule:
      case sql::ObjectType::kPolicy:
        if (i < d.tables.size()) {
          list->Add(d.tables[i], LockMode::kAccessExclusive, Work::kMetadata,
                    d.type == sql::ObjectType::kTrigger ? "drops a trigger" : d.type == sql::ObjectType::kRule ? "drops a rule" : "drops a policy");
        }
        break;
      case sql::ObjectType::kSchema:
        for (const CatalogTable* t : TablesIn(name.name, list->catalog)) {
          Effect& e = list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "goes with its schema");
          e.loses_data = StoresRows(t->type);
        }
        break;
      case sql::ObjectType::kType:
      case sql::ObjectType::kDomain:
        if (d.cascade) DropType(name, list);
        break;
      default:
        break;
    }
    for (size_t j = first; j < list->out.size(); ++j) list->out[j].span = name.span;
  }
}

void Rename(const sql::Rename& r, EffectList* list) {
  switch (r.type) {
    case sql::ObjectType::kTable:
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView:
    case sql::ObjectType::kForeignTable:
    case sql::ObjectType::kTrigger:
    case sql::ObjectType::kRule:
    case sql::ObjectType::kPolicy:
    case sql::ObjectType::kColumn:
    case sql::ObjectType::kConstraint: {
      const bool part = !r.old_name.empty();
      const CatalogTable* table = list->catalog.FindTable(r.name);
      Effect& e = list->Add(table, r.name, LockMode::kAccessExclusive, Work::kMetadata, part ? "renames a part of it" : "renames it");
      e.span = r.name.span;
      if (r.type == sql::ObjectType::kColumn || r.type == sql::ObjectType::kConstraint) list->AddDescendants(table, Effect(e));
      return;
    }
    case sql::ObjectType::kIndex:
      // 12+; ACCESS EXCLUSIVE before.
      list->AddKey(list->catalog.Resolve(r.name), list->catalog.FindIndex(r.name, nullptr), LockMode::kShareUpdateExclusive, Work::kMetadata,
                   "renames the index").span = r.name.span;
      return;
    default:
      return;
  }
}

// ---- Maintenance ------------------------------------------------------------------------------------------------------------

void ReindexTable(const CatalogTable* table, const sql::Name& name, bool concurrently, bool until_commit, EffectList* list) {
  const LockMode lock = concurrently ? LockMode::kShareUpdateExclusive : LockMode::kShare;
  list->Add(table, name, lock, Work::kBuild, "rebuilds its indexes").until_commit = until_commit;
  if (table == nullptr || concurrently) return;
  // Planning any query locks every index of its tables: who reads waits too.
  for (const CatalogIndex& i : table->indexes) {
    Effect& e = list->AddKey(std::string(SchemaOf(table->key)) + "." + i.name, table, LockMode::kAccessExclusive, Work::kBuild, "is rebuilt");
    e.until_commit = until_commit;
    e.is_index = true;
  }
}

void Reindex(const sql::Reindex& r, EffectList* list) {
  if (r.target == "TABLE") {
    const CatalogTable* table = list->catalog.FindTable(r.name);
    ReindexTable(table, r.name, r.concurrently, !r.concurrently, list);
    if (table == nullptr) return;
    for (const CatalogTable* p : list->catalog.Descendants(table->key)) {
      if (!p->partition_of.empty()) ReindexTable(p, {}, r.concurrently, false, list);  // 14+: a transaction each
    }
    return;
  }
  if (r.target == "INDEX") {
    const CatalogTable* table = list->catalog.FindIndex(r.name, nullptr);
    if (table != nullptr) {
      const LockMode lock = r.concurrently ? LockMode::kShareUpdateExclusive : LockMode::kShare;
      list->AddTable(*table, lock, Work::kBuild, "rebuilds an index").until_commit = !r.concurrently;
    }
    const LockMode lock = r.concurrently ? LockMode::kShareUpdateExclusive : LockMode::kAccessExclusive;
    Effect& e = list->AddKey(list->catalog.Resolve(r.name), table, lock, Work::kBuild, "is rebuilt");
    e.until_commit = !r.concurrently;
    e.is_index = true;
    return;
  }
  for (const CatalogTable* t : TablesIn(r.target == "SCHEMA" ? r.name.name : std::string_view(), list->catalog)) {
    if (StoresRows(t->type)) ReindexTable(t, {}, r.concurrently, false, list);
  }
}

void Vacuum(const sql::Vacuum& v, EffectList* list) {
  const LockMode lock = v.full ? LockMode::kAccessExclusive : LockMode::kShareUpdateExclusive;
  const Work work = v.full ? Work::kRewrite : Work::kScan;
  const char* action = v.full ? "rewrites the table" : v.vacuum ? "vacuums the table" : "samples the table";
  for (const sql::Name& name : v.tables) {
    Effect& e = list->Add(name, lock, work, action);
    e.until_commit = !v.vacuum;
    e.span = name.span;
  }
  if (!v.tables.empty()) return;
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (StoresRows(t->type)) list->AddTable(*t, lock, work, action).until_commit = false;  // a transaction each
  }
}

void Truncate(const sql::Truncate& t, EffectList* list) {
  std::vector<const CatalogTable*> reached;
  for (const sql::Name& name : t.tables) {
    const CatalogTable* table = list->catalog.FindTable(name);
    Effect& e = list->Add(table, name, LockMode::kAccessExclusive, Work::kMetadata, "removes all rows");
    e.loses_data = true;
    e.span = name.span;
    list->AddDescendants(table, Effect(e));
    if (table != nullptr) reached.push_back(table);
  }
  if (!t.cascade) return;
  for (size_t i = 0; i < reached.size(); ++i) {
    for (const CatalogTable* r : list->catalog.ReferencedBy(reached[i]->key)) {
      if (std::find(reached.begin(), reached.end(), r) != reached.end()) continue;
      reached.push_back(r);
      list->AddTable(*r, LockMode::kAccessExclusive, Work::kMetadata, "loses all rows by CASCADE").loses_data = true;
    }
  }
}

void LockTables(const sql::LockTable& l, EffectList* list) {
  const LockMode mode = l.mode >= 1 && l.mode <= 8 ? static_cast<LockMode>(l.mode) : LockMode::kAccessExclusive;
  for (const sql::Name& name : l.tables) {
    const CatalogTable* table = list->catalog.FindTable(name);
    Effect& e = list->Add(table, name, mode, Work::kNone, "locks the table");
    e.span = name.span;
    list->AddDescendants(table, Effect(e));
  }
}
static_assert(static_cast<int>(LockMode::kAccessShare) == 1 && static_cast<int>(LockMode::kAccessExclusive) == 8,
              "LockMode follows PostgreSQL's numbers (lockdefs.h)");

// A new constraint on a domain: every column of it is checked under SHARE (measured 12-18).
void AlterDomain(const sql::AlterDomain& d, EffectList* list) {
  const bool unchecked = d.constraint != nullptr && d.constraint->not_valid;
  if (d.kind != 'O' && d.kind != 'V' && (d.kind != 'C' || unchecked)) return;
  const std::string key = list->catalog.Resolve(d.name);
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    for (const CatalogColumn& c : t->columns) {
      if (c.type != d.name.name && c.type != key) continue;
      list->AddTable(*t, LockMode::kShare, Work::kScan, "is scanned to check the domain");
      break;
    }
  }
}

void Comment(const sql::Comment& c, EffectList* list) {
  switch (c.type) {
    case sql::ObjectType::kTable:
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView:
    case sql::ObjectType::kForeignTable:
      list->Add(c.name, LockMode::kShareUpdateExclusive, Work::kMetadata, "sets a comment");
      return;
    case sql::ObjectType::kIndex:
      list->AddKey(list->catalog.Resolve(c.name), list->catalog.FindIndex(c.name, nullptr), LockMode::kShareUpdateExclusive, Work::kMetadata, "sets a comment");
      return;
    case sql::ObjectType::kColumn:
      // Of schema.table.column the name keeps the last two parts.
      list->Add({{}, c.name.schema, c.name.span}, LockMode::kShareUpdateExclusive, Work::kMetadata, "sets a comment");
      return;
    default:
      return;
  }
}

void Compute(const sql::Statement& s, EffectList* list) {
  using K = sql::StatementKind;
  switch (s.kind) {
    case K::kCreateTable: return CreateTable(s.As<sql::CreateTable>(), list);
    case K::kCreateIndex: return CreateIndex(s.As<sql::CreateIndex>(), list);
    case K::kAlterTable: return AlterTableEffects(s.As<sql::AlterTable>(), list);
    case K::kDrop: return Drop(s.As<sql::Drop>(), list);
    case K::kRename: return Rename(s.As<sql::Rename>(), list);
    case K::kSetSchema: {
      const auto& x = s.As<sql::SetSchema>();
      const bool relation = x.type == sql::ObjectType::kTable || x.type == sql::ObjectType::kView || x.type == sql::ObjectType::kMaterializedView ||
                            x.type == sql::ObjectType::kForeignTable;
      if (relation) list->Add(x.name, LockMode::kAccessExclusive, Work::kMetadata, "moves it to another schema").span = x.name.span;
      return;
    }
    case K::kQuery: return QueryEffects(s.As<sql::Query>(), list);
    case K::kCopy: {
      const auto& x = s.As<sql::Copy>();
      if (x.query != nullptr) return QueryEffects(*x.query, list);
      list->Add(x.table, x.from ? LockMode::kRowExclusive : LockMode::kAccessShare, Work::kRows, x.from ? "inserts rows" : "reads rows").span = x.table.span;
      return;
    }
    case K::kTruncate: return Truncate(s.As<sql::Truncate>(), list);
    case K::kLockTable: return LockTables(s.As<sql::LockTable>(), list);
    case K::kReindex: return Reindex(s.As<sql::Reindex>(), list);
    case K::kCluster: {
      const auto& x = s.As<sql::Cluster>();
      if (!x.table.empty()) list->Add(x.table, LockMode::kAccessExclusive, Work::kRewrite, "rewrites the table").span = x.table.span;
      return;
    }
    case K::kVacuum: return Vacuum(s.As<sql::Vacuum>(), list);
    case K::kRefresh: {
      const auto& x = s.As<sql::Refresh>();
      const LockMode lock = x.concurrently ? LockMode::kExclusive : LockMode::kAccessExclusive;
      const Work work = x.with_no_data ? Work::kMetadata : x.concurrently ? Work::kRows : Work::kRewrite;
      list->Add(x.view, lock, work, x.with_no_data ? "empties the view" : x.concurrently ? "runs the view's query and merges its rows" : "runs the view's query and rewrites it")
          .span = x.view.span;
      return;
    }
    case K::kCreateTrigger: return CreateTrigger(s.As<sql::CreateTrigger>(), list);
    case K::kCreateView: return CreateView(s.As<sql::CreateView>(), list);
    case K::kCreatePolicy: {
      const auto& x = s.As<sql::CreatePolicy>();
      list->Add(x.table, LockMode::kAccessExclusive, Work::kMetadata, "adds a policy").span = x.table.span;
      return;
    }
    case K::kAlterDomain: return AlterDomain(s.As<sql::AlterDomain>(), list);
    case K::kComment: return Comment(s.As<sql::Comment>(), list);
    case K::kCreateSchema:
      for (const sql::Statement* e : s.As<sql::CreateSchema>().elements) Compute(*e, list);
      return;
    default:
      return;  // locks no table, or is not understood
  }
}

}  // namespace

std::string_view ToString(Work w) {
  switch (w) {
    case Work::kNone: return "none";
    case Work::kMetadata: return "metadata";
    case Work::kScan: return "scan";
    case Work::kBuild: return "build";
    case Work::kRewrite: return "rewrite";
    case Work::kRows: return "rows";
  }
  return "none";
}

Effect& EffectList::Add(const CatalogTable* table, const sql::Name& name, LockMode lock, Work work, const char* action) {
  Effect& e = out.emplace_back();
  e.object = table != nullptr ? in.arena->Copy(table->key) : in.arena->Copy(catalog.Resolve(name));
  e.lock = lock;
  e.work = work;
  e.action = action;
  e.live = Live(table);
  return e;
}

Effect& EffectList::AddKey(std::string_view key, const CatalogTable* life, LockMode lock, Work work, const char* action) {
  Effect& e = out.emplace_back();
  e.object = in.arena->Copy(key);
  e.lock = lock;
  e.work = work;
  e.action = action;
  e.live = Live(life);
  return e;
}

void EffectList::AddDescendants(const CatalogTable* table, const Effect& like, bool partitions_only) {
  if (table == nullptr) return;
  for (const CatalogTable* d : catalog.Descendants(table->key)) {
    if (partitions_only && d->partition_of.empty()) continue;
    Effect& e = out.emplace_back(like);
    e.object = in.arena->Copy(d->key);
    e.live = Live(d);
    e.descendant = true;
  }
}

void AddReferenced(const sql::Constraint& key, Work work, const sql::AlterCommand* command, EffectList* list) {
  const CatalogTable* table = list->catalog.FindTable(key.referenced);
  Effect& e = list->Add(table, key.referenced, LockMode::kShareRowExclusive, work, "gets a foreign key's triggers");
  e.command = command;
  e.span = key.referenced.span;
  list->AddDescendants(table, Effect(e), /*partitions_only=*/true);
}

void AddReferencedOf(const CatalogTable& table, LockMode lock, const char* action, const sql::AlterCommand* command, EffectList* list) {
  for (const CatalogConstraint& k : table.constraints) {
    if (k.kind != sql::ConstraintKind::kForeignKey || k.referenced == table.key) continue;
    list->AddKey(k.referenced, list->catalog.FindTable(k.referenced), lock, Work::kMetadata, action).command = command;
  }
}

Effects ComputeEffects(const EffectsInput& input) {
  EffectList list(input);
  Compute(*input.statement, &list);
  return input.arena->CopyAll(list.out);
}

}  // namespace pawl
