#include "analyzer/effects/effects.h"

#include <algorithm>
#include <string>

#include "analyzer/effects/internal.h"

namespace pawl {
namespace {

// ---- CREATE ---------------------------------------------------------------------------------------------------------

void CreateTable(const sql::CreateTable& t, EffectList* list) {
  if (t.if_not_exists && list->catalog.FindTable(t.name) != nullptr) return;  // does nothing, and locks nothing
  // The new table is locked too, but nobody can see it.
  const std::string key = list->catalog.Resolve(t.name);
  const auto references = [&](const sql::Constraint& k) {
    if (k.kind == sql::ConstraintKind::kForeignKey && list->catalog.Resolve(k.referenced) != key) AddReferenced(k, Work::kMetadata, nullptr, list);
  };
  for (const sql::Column* c : t.columns) {
    for (const sql::Constraint* k : c->constraints) references(*k);
  }
  for (const sql::Constraint* k : t.constraints) references(*k);
  // PARTITION OF (measured 12-18): the parent and its DEFAULT partition, which is scanned for rows that now belong elsewhere.
  // ATTACH PARTITION is gentler on the parent.
  if (!t.partition_of.empty()) {
    const CatalogTable* parent = list->catalog.FindTable(t.partition_of);
    list->Add(parent, t.partition_of, LockMode::kAccessExclusive, Work::kMetadata, "gets a partition").span = t.partition_of.span;
    if (parent != nullptr) {
      ScanDefault(*parent, nullptr, t.bound, nullptr, list);
      AddReferencingOf(*parent, nullptr, list);
      AddReferencedOf(*parent, LockMode::kShareRowExclusive, "gets the partition's foreign key triggers", nullptr, list);
    }
  }
  for (const sql::Name& parent : t.inherits) {
    list->Add(parent, LockMode::kShareUpdateExclusive, Work::kMetadata, "gets a child").span = parent.span;
  }
  for (const sql::Name& source : t.like) list->Add(source, LockMode::kAccessShare, Work::kMetadata, "is copied from").span = source.span;
  if (t.as_query == nullptr) return;
  if (t.with_no_data) {
    AddReads(*t.as_query, "is used by the query", list);
  } else {
    QueryEffects(*t.as_query, list);
  }
}

void CreateIndex(const sql::CreateIndex& i, EffectList* list) {
  const CatalogTable* table = list->catalog.FindTable(i.table);
  bool exists = false;
  if (i.if_not_exists && !i.name.empty()) {
    const std::string_view schema = table != nullptr ? SchemaOf(table->key) : i.table.schema;
    exists = list->catalog.FindIndex({schema, i.name, {}}, nullptr) != nullptr;
  }
  // The lock is taken before the name is looked up, on partitions, too (measured 12-18).
  const LockMode lock = i.concurrently ? LockMode::kShareUpdateExclusive : LockMode::kShare;
  const bool parent_only = i.only && table != nullptr && table->partition_strategy != 0;  // an index of no rows, for partitions' own to join
  const bool builds = !exists && !parent_only;
  Effect& e = list->Add(table, i.table, lock, builds ? Work::kBuild : Work::kMetadata,
                        exists ? "looks for an index that exists already" : parent_only ? "makes an index without its partitions'" : "builds an index");
  e.until_commit = !i.concurrently;
  e.span = i.table.span;
  if (i.only || table == nullptr) return;
  const size_t first = list->out.size();
  list->AddDescendants(table, Effect(e), /*partitions_only=*/true);
  if (first == list->out.size()) return;
  IndexShape shape;
  for (const sql::IndexElement& part : i.elements) {
    shape.columns.push_back(part.column);
    shape.plain = shape.plain && part.opclass.empty() && part.collation.empty();
  }
  shape.plain = shape.plain && i.where == nullptr;
  shape.others = i.include.size();
  shape.unique = i.unique;
  if (!i.method.empty()) shape.method = i.method;
  for (const CatalogTable* d : AlreadyIndexed(*table, shape, list->catalog)) {
    for (size_t n = first; n < list->out.size(); ++n) {
      if (list->out[n].object != d->key) continue;
      list->out[n].work = Work::kMetadata;
      list->out[n].action = "has such an index, which becomes a part of the new one";
    }
  }
}

void CreateView(const sql::CreateView& v, EffectList* list) {
  const CatalogTable* old = list->catalog.FindTable(v.name);
  if (v.replace && old != nullptr) list->Add(old, v.name, LockMode::kAccessExclusive, Work::kMetadata, "replaces the view").span = v.name.span;
  if (v.query != nullptr) AddReads(*v.query, "is used by a view", list);
}

// ---- DROP, RENAME, SET SCHEMA ---------------------------------------------------------------------------------------------

void DropTable(const CatalogTable* table, const sql::Name& name, sql::ObjectType type, bool cascade, EffectList* list) {
  const bool is_view = type == sql::ObjectType::kView;
  const size_t first = list->out.size();
  Effect& e = list->Add(table, name, LockMode::kAccessExclusive, Work::kMetadata, is_view ? "drops the view" : "drops the table");
  e.loses_data = type == sql::ObjectType::kTable;
  if (table == nullptr) return;
  if (cascade) {
    list->AddDependents(table->key, {}, "goes with what it reads", nullptr);
    list->AddPolicies(table->key);
    list->AddRules(table->key, {});
    for (const CatalogDependent& d : list->catalog.dependents()) {
      // A function whose body is parsed when it is made (BEGIN ATOMIC) goes, and what calls it.
      if (d.kind == CatalogDependent::Kind::kFunction && std::find(d.uses.begin(), d.uses.end(), table->key) != d.uses.end()) AddCallers(d.name, list);
    }
    if (list->in.thorough) DropType(name, list);  // columns of the table's row type
  }
  list->AddDescendants(table, Effect(list->out[first]), /*partitions_only=*/!cascade);
  // A partition's foreign keys are its parent's: their triggers stay (measured 12-18).
  if (table->partition_of.empty()) AddReferencedOf(*table, LockMode::kAccessExclusive, "loses the foreign key's triggers", nullptr, list);
  if (cascade) {
    for (const CatalogTable* t : list->catalog.ReferencedBy(table->key)) {
      if (t != table) list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "loses its foreign key");
    }
  }
  if (table->partition_of.empty()) return;
  list->AddKey(table->partition_of, list->catalog.FindTable(table->partition_of), LockMode::kAccessExclusive, Work::kMetadata, "loses a partition");
  if (cascade) {
    // Foreign keys that point at the whole go with its part (measured 12-18).
    for (const CatalogTable* a : AncestorsOf(*table, list->catalog)) {
      const std::vector<const CatalogTable*> referencing = Referencing(*a, list->catalog);
      for (const CatalogTable* r : referencing) {
        const Effect like = list->AddTable(*r, LockMode::kAccessExclusive, Work::kMetadata, "loses its foreign key");
        list->AddDescendants(r, like, /*partitions_only=*/true);
      }
      if (!referencing.empty()) AddUntied(a->key, false, "loses the foreign key's triggers", nullptr, list);
    }
  }
  const CatalogTable* parent = list->catalog.FindTable(table->partition_of);
  const CatalogTable* d = parent == nullptr ? nullptr : DefaultPartitionOf(*parent, list->catalog);
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

// Keys of a map of the catalogue that are in the schema, in order.
template <typename Map>
std::vector<std::string> KeysIn(std::string_view schema, const Map& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map) {
    if (SchemaOf(entry.first) == schema) keys.push_back(entry.first);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

void DropSchema(const sql::Name& name, bool cascade, EffectList* list) {
  const std::vector<const CatalogTable*> tables = TablesIn(name.name, list->catalog);
  for (const CatalogTable* t : tables) {
    Effect& e = list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "goes with its schema");
    e.loses_data = StoresRows(t->type);
  }
  if (!cascade) return;
  // Sequences that belong to no table (the others go with theirs).
  for (const auto& [key, origin] : list->catalog.sequences()) {
    if (SchemaOf(key) != name.name || !list->catalog.SequenceOwner(key).empty()) continue;
    CatalogTable made;
    made.key = key;
    made.type = sql::ObjectType::kSequence;
    made.origin = origin;
    list->AddKey(key, &made, LockMode::kAccessExclusive, Work::kMetadata, "goes with its schema");
  }
  for (const std::string& type : KeysIn(name.name, list->catalog.types())) {
    DropColumnsOfTypes(TypesMadeOf(type, /*arrays=*/true, list->catalog), name.name, list);
  }
  for (const std::string& function : KeysIn(name.name, list->catalog.functions())) DropCallers(function, name.name, list);
  const auto outside = [&](std::string_view key) { return SchemaOf(key) != name.name; };
  for (const CatalogTable* t : tables) {
    for (const CatalogTable* v : list->catalog.Dependents(t->key)) {
      if (outside(v->key)) list->AddTable(*v, LockMode::kAccessExclusive, Work::kMetadata, "goes with what it reads");
    }
    list->AddPolicies(t->key);
    list->AddRules(t->key, {});
    for (const CatalogTable* r : list->catalog.ReferencedBy(t->key)) {
      if (outside(r->key)) list->AddTable(*r, LockMode::kAccessExclusive, Work::kMetadata, "loses its foreign key");
    }
    for (const CatalogConstraint& k : t->constraints) {
      if (k.kind == sql::ConstraintKind::kForeignKey && outside(k.referenced)) {
        AddUntied(k.referenced, false, "loses the foreign key's triggers", nullptr, list);
      }
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
      case sql::ObjectType::kSchema:
        DropSchema(name, d.cascade, list);
        break;
      default:
        DropOther(d, i, list);
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
      // A trigger's copies on partitions are renamed along from 15 on (measured).
      // Of constraints only those that children inherit; keys and foreign keys of partitions have names of their own (measured 12-18).
      const CatalogConstraint* k = r.type == sql::ObjectType::kConstraint && table != nullptr ? table->FindConstraint(r.old_name) : nullptr;
      const bool inherited = k == nullptr || k->kind == sql::ConstraintKind::kCheck || k->kind == sql::ConstraintKind::kNotNull;
      const bool along = r.type == sql::ObjectType::kColumn || (r.type == sql::ObjectType::kConstraint && inherited) ||
                         (r.type == sql::ObjectType::kTrigger && list->in.server_version >= 15);
      if (along) list->AddDescendants(table, Effect(e), r.type == sql::ObjectType::kTrigger);
      return;
    }
    case sql::ObjectType::kIndex:
      // 12+; ACCESS EXCLUSIVE before.
      list->AddKey(list->catalog.Resolve(r.name), list->catalog.FindIndex(r.name, nullptr), LockMode::kShareUpdateExclusive, Work::kMetadata,
                   "renames the index").span = r.name.span;
      return;
    case sql::ObjectType::kSequence:
      list->AddKey(list->catalog.Resolve(r.name), nullptr, LockMode::kAccessExclusive, Work::kMetadata, "renames the sequence").span = r.name.span;
      return;
    case sql::ObjectType::kAttribute:
      if (r.old_name.empty()) return;
      TypedTables(r.name, LockMode::kAccessExclusive, Work::kMetadata, "has a column renamed", nullptr, list);
      return;
    default:
      return;
  }
}

void Compute(const sql::Statement& s, EffectList* list);

// What its elements make and name is in the schema, and nobody can see it yet.
void CreateSchema(const sql::CreateSchema& schema, EffectList* list) {
  const size_t first = list->out.size();
  for (const sql::Statement* e : schema.elements) Compute(*e, list);
  std::vector<std::string> made;
  for (const sql::Statement* e : schema.elements) {
    const sql::Name* name = e->kind == sql::StatementKind::kCreateTable  ? &e->As<sql::CreateTable>().name
                            : e->kind == sql::StatementKind::kCreateView ? &e->As<sql::CreateView>().name
                                                                         : nullptr;
    if (name == nullptr) continue;
    if (name->schema.empty()) made.push_back(list->catalog.Resolve(*name));  // looked up in vain, as the schema is not there yet
    made.push_back(std::string(schema.name) + "." + std::string(name->name));
  }
  const auto is_made = [&](const Effect& e) { return std::find(made.begin(), made.end(), e.object) != made.end(); };
  list->out.erase(std::remove_if(list->out.begin() + static_cast<ptrdiff_t>(first), list->out.end(), is_made), list->out.end());
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
                            x.type == sql::ObjectType::kForeignTable || x.type == sql::ObjectType::kSequence;
      if (relation) list->Add(x.name, LockMode::kAccessExclusive, Work::kMetadata, "moves it to another schema").span = x.name.span;
      return;
    }
    case K::kQuery: return QueryEffects(s.As<sql::Query>(), list);
    case K::kCopy: return CopyEffects(s.As<sql::Copy>(), list);
    case K::kTruncate: return Truncate(s.As<sql::Truncate>(), list);
    case K::kLockTable: return LockTables(s.As<sql::LockTable>(), list);
    case K::kReindex: return Reindex(s.As<sql::Reindex>(), list);
    case K::kCluster: return Cluster(s.As<sql::Cluster>(), list);
    case K::kVacuum: return Vacuum(s.As<sql::Vacuum>(), s.tag, list);
    case K::kRefresh: return Refresh(s.As<sql::Refresh>(), list);
    case K::kCreateTrigger: return CreateTrigger(s.As<sql::CreateTrigger>(), list);
    case K::kCreateView: return CreateView(s.As<sql::CreateView>(), list);
    case K::kCreatePolicy: return CreatePolicy(s.As<sql::CreatePolicy>(), list);
    case K::kAlterDomain: return AlterDomain(s.As<sql::AlterDomain>(), list);
    case K::kComment: return Comment(s.As<sql::Comment>(), list);
    case K::kGrant: return Grant(s.As<sql::Grant>(), list);
    case K::kCreateSequence:
      if (s.As<sql::CreateSequence>().if_not_exists && list->catalog.HasSequence(s.As<sql::CreateSequence>().name)) return;
      if (const sql::Name& owner = s.As<sql::CreateSequence>().owner; !owner.empty()) {
        list->Add(owner, LockMode::kAccessShare, Work::kMetadata, "gets a sequence").span = owner.span;
      }
      return;
    case K::kCreateFunction:
      // The body of a function in SQL is parsed when it is made, and so locks what it names.
      for (const sql::Query* q : s.As<sql::CreateFunction>().queries) AddReads(*q, "is used by a function", list);
      if (s.As<sql::CreateFunction>().language != "sql") return;
      for (const sql::Statement* inner : s.As<sql::CreateFunction>().statements) {
        if (inner->kind == K::kQuery) AddReads(inner->As<sql::Query>(), "is used by a function", list);
      }
      return;
    case K::kExplain:
      if (s.node == nullptr) return;
      if (s.tag == "ANALYZE") return QueryEffects(s.As<sql::Query>(), list);
      return PlanEffects(s.As<sql::Query>(), list);
    case K::kOther:
      if (s.node != nullptr) OtherEffects(s.tag, s.As<sql::OtherObject>(), list);
      return;
    case K::kCreateSchema:
      CreateSchema(s.As<sql::CreateSchema>(), list);
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

void EffectList::AddDependents(std::string_view key, std::string_view column, const char* action, const sql::AlterCommand* command) {
  for (const CatalogTable* v : catalog.Dependents(key, column)) AddTable(*v, LockMode::kAccessExclusive, Work::kMetadata, action).command = command;
}

void EffectList::AddPolicies(std::string_view key) {
  for (const CatalogDependent& d : catalog.dependents()) {
    if (d.kind != CatalogDependent::Kind::kPolicy || d.table == key || std::find(d.uses.begin(), d.uses.end(), key) == d.uses.end()) continue;
    AddKey(d.table, catalog.FindTable(d.table), LockMode::kAccessExclusive, Work::kMetadata, "loses a policy");
  }
}

void EffectList::AddRules(std::string_view key, std::string_view column) {
  for (const CatalogDependent& d : catalog.dependents()) {
    const bool trigger = d.kind == CatalogDependent::Kind::kTrigger && column.empty();  // CREATE CONSTRAINT TRIGGER ... FROM
    if ((d.kind != CatalogDependent::Kind::kRule && !trigger) || d.table == key || std::find(d.uses.begin(), d.uses.end(), key) == d.uses.end()) continue;
    const bool mentions = column.empty() || std::any_of(d.used_columns.begin(), d.used_columns.end(), [&](const std::string& c) { return c == column || c == "*"; });
    if (mentions) AddKey(d.table, catalog.FindTable(d.table), LockMode::kAccessExclusive, Work::kMetadata, trigger ? "loses a trigger" : "loses a rule");
  }
}

std::vector<const CatalogTable*> TablesIn(std::string_view schema, const Catalog& catalog) {
  std::vector<const CatalogTable*> v;
  for (const auto& [key, t] : catalog.tables()) {
    if (schema.empty() || SchemaOf(key) == schema) v.push_back(&t);
  }
  std::sort(v.begin(), v.end(), [](const CatalogTable* a, const CatalogTable* b) { return a->key < b->key; });
  return v;
}

const CatalogTable* DefaultPartitionOf(const CatalogTable& parent, const Catalog& catalog) {
  return parent.has_default_partition ? catalog.DefaultPartition(parent.key) : nullptr;
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
    if (lock == LockMode::kAccessExclusive) {
      AddUntied(k.referenced, false, action, command, list);
      continue;
    }
    const CatalogTable* other = list->catalog.FindTable(k.referenced);
    Effect& e = list->AddKey(k.referenced, other, lock, Work::kMetadata, action);
    e.command = command;
    list->AddDescendants(other, Effect(e), /*partitions_only=*/true);
  }
}

void AddUntied(std::string_view key, bool always, const char* action, const sql::AlterCommand* command, EffectList* list) {
  const CatalogTable* table = list->catalog.FindTable(key);
  // Partitioned tables have such triggers from 15 on; before, only their leaves have them (measured 12-18).
  const auto has = [&](const CatalogTable* t) { return t == nullptr || t->partition_strategy == 0 || list->in.server_version >= 15; };
  if (always || has(table)) list->AddKey(key, table, LockMode::kAccessExclusive, Work::kMetadata, action).command = command;
  if (table == nullptr) return;
  for (const CatalogTable* d : list->catalog.Descendants(table->key)) {
    if (!d->partition_of.empty() && has(d)) list->AddTable(*d, LockMode::kAccessExclusive, Work::kMetadata, action).command = command;
  }
}

std::vector<const CatalogTable*> AncestorsOf(const CatalogTable& table, const Catalog& catalog) {
  std::vector<const CatalogTable*> v;
  for (const CatalogTable* t = &table; !t->partition_of.empty();) {
    t = catalog.FindTable(t->partition_of);
    if (t == nullptr || t == &table || std::find(v.begin(), v.end(), t) != v.end()) break;
    v.push_back(t);
  }
  return v;
}

std::vector<const CatalogTable*> Referencing(const CatalogTable& table, const Catalog& catalog) {
  std::vector<const CatalogTable*> v = catalog.ReferencedBy(table.key);
  std::erase_if(v, [&](const CatalogTable* r) {
    if (r == &table) return true;
    const CatalogTable* parent = r->partition_of.empty() ? nullptr : catalog.FindTable(r->partition_of);
    return parent != nullptr && (parent == &table || std::any_of(parent->constraints.begin(), parent->constraints.end(), [&](const CatalogConstraint& k) {
      return k.kind == sql::ConstraintKind::kForeignKey && k.referenced == table.key;
    }));
  });
  return v;
}

Effects ComputeEffects(const EffectsInput& input) {
  EffectList list(input);
  Compute(*input.statement, &list);
  return input.arena->CopyAll(list.out);
}

}  // namespace pawl
