// REINDEX, VACUUM, ANALYZE, CLUSTER, REFRESH, TRUNCATE, LOCK.
#include <algorithm>
#include <string>

#include "analyzer/effects/internal.h"

namespace pawl {
namespace {

bool IsOnly(uint64_t bits, size_t i) { return i < 64 && ((bits >> i) & 1) != 0; }

void ReindexTable(const CatalogTable* table, const sql::Name& name, bool concurrently, bool until_commit, EffectList* list) {
  const LockMode lock = concurrently ? LockMode::kShareUpdateExclusive : LockMode::kShare;
  const bool none = table != nullptr && table->complete && table->indexes.empty();
  list->Add(table, name, lock, none ? Work::kMetadata : Work::kBuild, none ? "has no index to rebuild" : "rebuilds its indexes").until_commit = until_commit;
  if (table == nullptr || concurrently) return;
  // Planning any query locks every index of its tables: who reads waits too.
  for (const CatalogIndex& i : table->indexes) {
    Effect& e = list->AddKey(std::string(SchemaOf(table->key)) + "." + i.name, table, LockMode::kAccessExclusive, Work::kBuild, "is rebuilt");
    e.until_commit = until_commit;
    e.is_index = true;
  }
}

// A transaction for each partition (14+). To find them, the concurrent form takes SHARE on all of them first (find_all_inheritors
// in ReindexPartitions; measured 14-18).
void ReindexPartitions(const CatalogTable& table, EffectList* list) {
  for (const CatalogTable* p : list->catalog.Descendants(table.key)) {
    if (p->partition_of.empty()) continue;
    const bool none = p->complete && p->indexes.empty();
    list->AddTable(*p, LockMode::kShare, none ? Work::kMetadata : Work::kBuild, none ? "has no index to rebuild" : "rebuilds its indexes").until_commit = false;
  }
}

// Of an index only the tables at the bottom are touched, as by their own REINDEX (measured 14-18).
void ReindexIndexPartitions(const CatalogTable& table, bool concurrently, EffectList* list) {
  for (const CatalogTable* p : list->catalog.Descendants(table.key)) {
    if (p->partition_of.empty() || p->partition_strategy != 0) continue;
    list->AddTable(*p, concurrently ? LockMode::kShareUpdateExclusive : LockMode::kShare, Work::kBuild, "rebuilds an index").until_commit = false;
  }
}

}  // namespace

void Reindex(const sql::Reindex& r, EffectList* list) {
  if (r.target == "TABLE") {
    const CatalogTable* table = list->catalog.FindTable(r.name);
    const bool partitioned = table != nullptr && table->partition_strategy != 0;
    ReindexTable(table, r.name, r.concurrently, !r.concurrently && !partitioned, list);
    if (partitioned) ReindexPartitions(*table, list);
    return;
  }
  if (r.target == "INDEX") {
    const CatalogTable* table = list->catalog.FindIndex(r.name, nullptr);
    const bool partitioned = table != nullptr && table->partition_strategy != 0;
    const bool until_commit = !r.concurrently && !partitioned;
    if (table != nullptr) {
      const LockMode lock = r.concurrently ? LockMode::kShareUpdateExclusive : LockMode::kShare;
      list->AddTable(*table, lock, Work::kBuild, "rebuilds an index").until_commit = until_commit;
    }
    const LockMode lock = r.concurrently ? LockMode::kShareUpdateExclusive : LockMode::kAccessExclusive;
    Effect& e = list->AddKey(list->catalog.Resolve(r.name), table, lock, Work::kBuild, "is rebuilt");
    e.until_commit = until_commit;
    e.is_index = true;
    if (partitioned) ReindexIndexPartitions(*table, r.concurrently, list);
    return;
  }
  for (const CatalogTable* t : TablesIn(r.target == "SCHEMA" ? r.name.name : std::string_view(), list->catalog)) {
    if (StoresRows(t->type) && t->partition_strategy == 0) ReindexTable(t, {}, r.concurrently, false, list);
  }
}

void Vacuum(const sql::Vacuum& v, std::string_view tag, EffectList* list) {
  if (tag == "STATISTICS") return;  // ONLY_DATABASE_STATS (16+): of the whole database, no table is opened
  const LockMode lock = v.full ? LockMode::kAccessExclusive : LockMode::kShareUpdateExclusive;
  const bool toast_only = tag == "TOAST" && !v.full;  // PROCESS_MAIN false (16+)
  const bool samples = !v.vacuum || tag == "ANALYZE";
  const Work work = v.full ? Work::kRewrite : toast_only ? Work::kMetadata : Work::kScan;
  const char* action = toast_only ? "vacuums its TOAST table" : v.full ? "rewrites the table" : v.vacuum ? "vacuums the table" : "samples the table";
  for (size_t i = 0; i < v.tables.size(); ++i) {
    const CatalogTable* table = list->catalog.FindTable(v.tables[i]);
    Effect& e = list->Add(table, v.tables[i], lock, work, action);
    e.until_commit = !v.vacuum;
    e.span = v.tables[i].span;
    if (table == nullptr) continue;
    const Effect like = e;
    const bool only = IsOnly(v.only, i);
    for (const CatalogTable* d : list->catalog.Descendants(table->key)) {
      // Children by INHERITS are done along from 18 on; before, and under ONLY, ANALYZE of their parent only samples them (measured 12-18).
      const bool done = !only && (!d->partition_of.empty() || list->in.server_version >= 18);
      if (!done && !samples) continue;
      Effect& child = list->AddTable(*d, done ? lock : LockMode::kAccessShare, done ? work : v.vacuum ? Work::kRows : Work::kScan, done ? action : "is sampled for its parent's statistics");
      child.until_commit = like.until_commit;
      child.span = like.span;
      child.descendant = true;
    }
  }
  if (!v.tables.empty()) return;
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (StoresRows(t->type)) list->AddTable(*t, lock, work, action).until_commit = false;  // a transaction each
  }
}

void Cluster(const sql::Cluster& c, EffectList* list) {
  if (c.table.empty()) {
    for (const CatalogTable* t : TablesIn({}, list->catalog)) {
      if (!t->cluster_index.empty()) list->AddTable(*t, LockMode::kAccessExclusive, Work::kRewrite, "rewrites the table").until_commit = false;
    }
    return;
  }
  const CatalogTable* table = list->catalog.FindTable(c.table);
  Effect& e = list->Add(table, c.table, LockMode::kAccessExclusive, Work::kRewrite, "rewrites the table");
  e.span = c.table.span;
  if (table == nullptr || table->partition_strategy == 0) return;
  e.until_commit = false;  // 15+: a transaction for each partition
  const Effect like = e;
  for (const CatalogTable* p : list->catalog.Descendants(table->key)) {
    // Only the tables at the bottom hold rows (measured 15-18).
    if (p->partition_of.empty() || p->partition_strategy != 0) continue;
    Effect& d = list->AddTable(*p, like.lock, like.work, like.action);
    d.span = like.span;
    d.until_commit = false;
    d.descendant = true;
  }
}

void Refresh(const sql::Refresh& r, EffectList* list) {
  const LockMode lock = r.concurrently ? LockMode::kExclusive : LockMode::kAccessExclusive;
  const Work work = r.with_no_data ? Work::kMetadata : r.concurrently ? Work::kRows : Work::kRewrite;
  const CatalogTable* view = list->catalog.FindTable(r.view);
  list->Add(view, r.view, lock, work,
            r.with_no_data ? "empties the view" : r.concurrently ? "runs the view's query and merges its rows" : "runs the view's query and rewrites it")
      .span = r.view.span;
  if (view == nullptr || r.with_no_data) return;
  for (const std::string& key : view->uses) ReadRelation(key, LockMode::kAccessShare, "is read by the view's query", list);
}

void Truncate(const sql::Truncate& t, EffectList* list) {
  std::vector<const CatalogTable*> reached;
  for (size_t i = 0; i < t.tables.size(); ++i) {
    const sql::Name& name = t.tables[i];
    const CatalogTable* table = list->catalog.FindTable(name);
    Effect& e = list->Add(table, name, LockMode::kAccessExclusive, Work::kMetadata, "removes all rows");
    e.loses_data = true;
    e.span = name.span;
    if (!IsOnly(t.only, i)) list->AddDescendants(table, Effect(e));
    if (table == nullptr) continue;
    reached.push_back(table);
    if (list->in.server_version < 14 && !table->partition_of.empty()) {
      list->AddKey(table->partition_of, list->catalog.FindTable(table->partition_of), LockMode::kAccessShare, Work::kMetadata, "is looked at for its bounds");
    }
  }
  if (!t.cascade) return;
  // Foreign keys of the partitioned table above are a partition's, too, and what is emptied is emptied with its partitions
  // (heap_truncate_find_FKs; measured 12-18).
  const auto reach = [&](const CatalogTable* r) {
    if (std::find(reached.begin(), reached.end(), r) != reached.end()) return;
    reached.push_back(r);
    list->AddTable(*r, LockMode::kAccessExclusive, Work::kMetadata, "loses all rows by CASCADE").loses_data = true;
  };
  for (size_t i = 0; i < reached.size(); ++i) {
    std::vector<const CatalogTable*> emptied = list->catalog.Descendants(reached[i]->key);
    std::erase_if(emptied, [](const CatalogTable* t) { return t->partition_of.empty(); });
    emptied.push_back(reached[i]);
    for (const CatalogTable* a : AncestorsOf(*reached[i], list->catalog)) emptied.push_back(a);
    for (const CatalogTable* t : emptied) {
      for (const CatalogTable* r : list->catalog.ReferencedBy(t->key)) {
        reach(r);
        for (const CatalogTable* d : list->catalog.Descendants(r->key)) {
          if (!d->partition_of.empty()) reach(d);
        }
      }
    }
  }
}

void LockTables(const sql::LockTable& l, EffectList* list) {
  const LockMode mode = l.mode >= 1 && l.mode <= 8 ? static_cast<LockMode>(l.mode) : LockMode::kAccessExclusive;
  for (size_t i = 0; i < l.tables.size(); ++i) {
    const CatalogTable* table = list->catalog.FindTable(l.tables[i]);
    Effect& e = list->Add(table, l.tables[i], mode, Work::kNone, "locks the table");
    e.span = l.tables[i].span;
    if (!IsOnly(l.only, i)) list->AddDescendants(table, Effect(e));
    if (table == nullptr || table->type != sql::ObjectType::kView) continue;
    // What a view stands on is locked along (LockViewRecurse).
    std::vector<std::string_view> under(table->uses.begin(), table->uses.end());
    for (size_t j = 0; j < under.size(); ++j) {
      const CatalogTable* t = list->catalog.FindTable(under[j]);
      Effect& u = list->AddKey(under[j], t, mode, Work::kNone, "is locked with the view");
      list->AddDescendants(t, Effect(u));
      if (t == nullptr || t->type != sql::ObjectType::kView) continue;
      for (const std::string& key : t->uses) {
        if (std::find(under.begin(), under.end(), key) == under.end()) under.push_back(key);
      }
    }
  }
}
static_assert(static_cast<int>(LockMode::kAccessShare) == 1 && static_cast<int>(LockMode::kAccessExclusive) == 8,
              "LockMode follows PostgreSQL's numbers (lockdefs.h)");

}  // namespace pawl
