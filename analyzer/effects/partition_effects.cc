// ATTACH PARTITION and DETACH PARTITION, of tables and of indexes.
#include <algorithm>
#include <string>

#include "analyzer/effects/conditions.h"
#include "analyzer/effects/internal.h"

namespace pawl {
namespace {

// Whether the foreign key of `parent` points at another partitioned table.
bool PointsAtPartitioned(const CatalogConstraint& k, const CatalogTable* parent, const Catalog& catalog) {
  const CatalogTable* other = k.kind == sql::ConstraintKind::kForeignKey ? catalog.FindTable(k.referenced) : nullptr;
  return other != nullptr && other != parent && other->partition_strategy != 0;
}

// What the foreign keys of the partitioned table, and those that point at it or at what is above it, do as a partition goes.
void DetachForeignKeys(const sql::AlterCommand& c, const CatalogTable& parent, const CatalogTable* child, LockMode lock, const std::vector<const CatalogTable*>& above,
                       const std::vector<const CatalogTable*>& referencing, EffectList* list) {
  for (const CatalogConstraint& k : parent.constraints) {
    if (k.kind != sql::ConstraintKind::kForeignKey || k.referenced == parent.key) continue;
    const CatalogTable* other = list->catalog.FindTable(k.referenced);
    const bool partitioned = PointsAtPartitioned(k, &parent, list->catalog);
    const int version = list->in.server_version;
    if (partitioned && (version == 13 || version == 14)) continue;
    Effect& e = list->AddKey(k.referenced, other, LockMode::kShareRowExclusive, Work::kMetadata, "loses the partition's foreign key triggers");
    e.command = &c;
    if (partitioned && version >= 15) list->AddDescendants(other, Effect(e), /*partitions_only=*/true);
  }
  // No row may point at what goes: the partition is read along with the tables whose foreign keys point at the whole (measured 12-18).
  for (const CatalogTable* r : referencing) {
    Effect& e = list->AddTable(*r, LockMode::kAccessExclusive, Work::kScan, "is scanned for rows that point at the partition");
    e.command = &c;
    Effect part = e;
    part.lock = LockMode::kAccessShare;
    list->AddDescendants(r, part, /*partitions_only=*/true);
  }
  if (referencing.empty()) return;
  if (child != nullptr) {
    // Or its index is looked into, as the planner sees fit.
    Effect& e = list->AddTable(*child, lock, Work::kRows, "is read for rows that others point at");
    e.command = &c;
    e.until_commit = true;
    list->AddDescendants(child, Effect(e), /*partitions_only=*/true);
  }
  for (const CatalogTable* a : above) list->AddTable(*a, LockMode::kAccessShare, Work::kMetadata, "is looked at for its bounds").command = &c;
}

}  // namespace

std::vector<const CatalogTable*> AlreadyIndexed(const CatalogTable& table, const IndexShape& shape, const Catalog& catalog) {
  std::vector<const CatalogTable*> out;
  if (!shape.plain || std::find(shape.columns.begin(), shape.columns.end(), "") != shape.columns.end()) return out;
  const auto count = [&](const CatalogTable& t) {
    return std::count_if(t.indexes.begin(), t.indexes.end(), [&](const CatalogIndex& i) {
      return std::equal(i.columns.begin(), i.columns.end(), shape.columns.begin(), shape.columns.end()) && i.other_columns.size() == shape.others && i.unique == shape.unique &&
             !i.partial && i.method == shape.method && (i.of_constraint || !shape.constraint) && i.definition.find("_ops") == std::string::npos &&
             i.definition.find("collate") == std::string::npos;
    });
  };
  const std::vector<const CatalogTable*> all = catalog.Descendants(table.key);
  // Those nearest to the table first: below one that is attached all are.
  const auto visit = [&](const auto& self, const CatalogTable& parent, bool attached) -> void {
    for (const CatalogTable* d : all) {
      if (d->partition_of != parent.key) continue;
      const bool has = attached || count(*d) > count(parent);  // as many as the parent has are parts of its indexes
      if (has) out.push_back(d);
      if (d->partition_strategy != 0) self(self, *d, has);
    }
  };
  visit(visit, table, false);
  return out;
}

void ScanDefault(const CatalogTable& parent, const CatalogTable* but, const sql::PartitionBound* bound, const sql::AlterCommand* command, EffectList* list) {
  const CatalogTable* d = DefaultPartitionOf(parent, list->catalog);
  if (d == nullptr || d == but) return;
  const auto outside = [&](const CatalogTable& t) { return bound != nullptr && ProvesOutside(t, parent, *bound); };
  const bool proven = outside(*d);
  list->AddTable(*d, LockMode::kAccessExclusive, proven ? Work::kMetadata : Work::kScan,
                 proven ? "has its bound changed; a CHECK proves that no row belongs elsewhere" : "is scanned for rows that belong to the new partition").command = command;
  if (proven) return;  // its own partitions are not even opened (measured 12-18)
  for (const CatalogTable* part : list->catalog.Descendants(d->key)) {
    if (part->partition_of.empty()) continue;
    Effect& e = list->AddTable(*part, LockMode::kAccessExclusive, outside(*part) ? Work::kMetadata : Work::kScan, "is scanned for rows that belong to the new partition");
    e.command = command;
    e.descendant = true;
  }
}

// The new partition is looked up for their foreign keys, and gets triggers; from 15 on that locks who might write (measured 12-18).
void AddReferencingOf(const CatalogTable& parent, const sql::AlterCommand* command, EffectList* list) {
  const bool newer = list->in.server_version >= 15;
  const auto add = [&](const CatalogTable& t) {
    for (const CatalogTable* r : Referencing(t, list->catalog)) {
      list->AddTable(*r, newer ? LockMode::kShareRowExclusive : LockMode::kAccessShare, Work::kMetadata, "has its foreign key point at a new partition, too").command = command;
    }
  };
  add(parent);
  for (const CatalogTable* a : AncestorsOf(parent, list->catalog)) add(*a);
}

void AttachPartition(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list) {
  const CatalogTable* child = list->catalog.FindTable(c.other);
  struct { Work work; const char* action; } r{Work::kMetadata, "becomes a partition"};
  const bool checked = child != nullptr && c.bound != nullptr && ImpliesBound(*child, *c.bound, parent, list->catalog);
  const bool empty = child != nullptr && child->complete && !child->has_rows && !list->Live(child);
  if (!checked && !empty) r = {Work::kScan, "is scanned to check the partition's bound"};
  if (parent != nullptr && child != nullptr && child->complete) {
    for (const CatalogIndex& i : parent->indexes) {
      const bool has = std::any_of(child->indexes.begin(), child->indexes.end(), [&](const CatalogIndex& own) {
        return own.columns == i.columns && own.unique == i.unique && own.method == i.method;
      });
      if (!has && !empty) r = {Work::kBuild, "gets the indexes that the partitioned table has and it lacks"};
    }
  }
  list->Add(child, c.other, LockMode::kAccessExclusive, r.work, r.action).command = &c;
  // Its own partitions are locked whether they are scanned or not (measured 12-18).
  std::vector<const CatalogTable*> parts;
  if (child != nullptr) parts = list->catalog.Descendants(child->key);
  std::erase_if(parts, [](const CatalogTable* p) { return p->partition_of.empty(); });
  for (const CatalogTable* p : parts) {
    const bool spared = p->partition_strategy != 0 || (r.work == Work::kScan && c.bound != nullptr && ImpliesBound(*p, *c.bound, parent, list->catalog));
    list->AddTable(*p, LockMode::kAccessExclusive, spared ? Work::kMetadata : r.work, spared ? "becomes a partition" : r.action).command = &c;
  }
  if (parent == nullptr) return;
  for (const CatalogTable* a : AncestorsOf(*parent, list->catalog)) {
    list->AddTable(*a, LockMode::kAccessShare, Work::kMetadata, "is looked at for its bounds").command = &c;
  }
  ScanDefault(*parent, child, c.bound, &c, list);
  AddReferencingOf(*parent, &c, list);
  for (const CatalogConstraint& k : parent->constraints) {
    if (k.kind != sql::ConstraintKind::kForeignKey || k.referenced == parent->key) continue;
    // The child's own foreign key is taken over where it is the same, and its triggers go; else it gets one, which is checked.
    const bool has = child != nullptr && std::any_of(child->constraints.begin(), child->constraints.end(), [&](const CatalogConstraint& own) {
      return own.kind == k.kind && own.referenced == k.referenced && own.columns == k.columns && own.valid;
    });
    const CatalogTable* other = list->catalog.FindTable(k.referenced);
    const bool partitioned = other != nullptr && other->partition_strategy != 0;
    // The triggers of a key that points at a partitioned table stay on 12, and are on its leaves only before 15 (measured 12-18).
    const bool loses = has && (!partitioned || list->in.server_version >= 15);
    Effect& e = list->AddKey(k.referenced, other, loses ? LockMode::kAccessExclusive : LockMode::kShareRowExclusive,
                             has || empty || !k.valid ? Work::kMetadata : Work::kScan,
                             has ? "loses a foreign key's triggers" : "gets the partition's foreign key triggers");
    e.command = &c;
    list->AddDescendants(other, Effect(e), /*partitions_only=*/true);
    if (has && !loses && list->in.server_version >= 13) AddUntied(k.referenced, false, "loses a foreign key's triggers", &c, list);
    if (has || empty || !k.valid) continue;
    list->Add(child, c.other, LockMode::kAccessExclusive, Work::kScan, "is scanned to check a foreign key").command = &c;
    for (const CatalogTable* p : parts) list->AddTable(*p, LockMode::kAccessExclusive, Work::kScan, "is scanned to check a foreign key").command = &c;
  }
}

void DetachPartition(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list) {
  const CatalogTable* child = list->catalog.FindTable(c.other);
  // The partition: ACCESS EXCLUSIVE from 14, SHARE UPDATE EXCLUSIVE before unless it is the DEFAULT one (measured on 12 and 13). The concurrent form's second
  // transaction takes it too (documentation of DETACH PARTITION).
  const auto partitioned_key = [&](const CatalogConstraint& k) { return PointsAtPartitioned(k, parent, list->catalog); };
  std::vector<const CatalogTable*> above, referencing;
  if (parent != nullptr) {
    above = AncestorsOf(*parent, list->catalog);
    referencing = Referencing(*parent, list->catalog);
    for (const CatalogTable* a : above) {
      for (const CatalogTable* r : Referencing(*a, list->catalog)) referencing.push_back(r);
    }
  }
  // Foreign keys make it stronger before 14: on 12 and 13 those that point at the whole if the partition is not partitioned itself, on 13 its own
  // that point at a partitioned table (measured).
  const bool tied = (!referencing.empty() && (child == nullptr || child->partition_strategy == 0)) || (list->in.server_version == 13 && parent != nullptr && std::any_of(parent->constraints.begin(), parent->constraints.end(), partitioned_key));
  const bool exclusive = list->in.server_version >= 14 || tied || (child != nullptr && child->default_partition);
  const LockMode lock = exclusive ? LockMode::kAccessExclusive : LockMode::kShareUpdateExclusive;
  Effect& e = list->Add(child, c.other, lock, Work::kMetadata, "is detached");
  e.command = &c;
  e.until_commit = !c.concurrently;
  if (child != nullptr) {
    for (const CatalogTable* d : list->catalog.Descendants(child->key)) {
      if (!d->partition_of.empty()) list->AddTable(*d, LockMode::kAccessExclusive, Work::kMetadata, "has its bounds changed").command = &c;
    }
  }
  if (child != nullptr && parent != nullptr && list->in.server_version < 14) {
    // Its indexes part from the partitioned ones.
    for (const CatalogIndex& i : child->indexes) {
      const bool attached = std::any_of(parent->indexes.begin(), parent->indexes.end(), [&](const CatalogIndex& p) { return p.columns == i.columns && p.unique == i.unique; });
      if (!attached) continue;
      Effect& index = list->AddKey(std::string(SchemaOf(child->key)) + "." + i.name, child, LockMode::kAccessExclusive, Work::kMetadata, "is detached");
      index.command = &c;
      index.is_index = true;
    }
  }
  if (parent == nullptr || c.kind == sql::AlterKind::kDetachFinalize) return;
  if (const CatalogTable* d = DefaultPartitionOf(*parent, list->catalog); d != nullptr && d != child && !c.concurrently) {
    list->AddTable(*d, LockMode::kAccessExclusive, Work::kMetadata, "has its bound changed").command = &c;
  }
  // What foreign keys do is the same for the concurrent form, in its own transactions (measured 14-18).
  const size_t first = list->out.size();
  DetachForeignKeys(c, *parent, child, lock, above, referencing, list);
  for (size_t i = first; c.concurrently && i < list->out.size(); ++i) list->out[i].until_commit = false;
}

// ALTER INDEX ... ATTACH PARTITION: the partition's index, and both tables to look whether they fit.
void AttachIndexPartition(const sql::AlterCommand& c, const CatalogTable* table, EffectList* list) {
  const CatalogTable* child = list->catalog.FindIndex(c.other, nullptr);
  Effect& e = list->AddKey(list->catalog.Resolve(c.other), child, LockMode::kAccessExclusive, Work::kMetadata, "becomes a part of a partitioned index");
  e.command = &c;
  e.is_index = true;
  for (const CatalogTable* t : {table, child}) {
    if (t != nullptr) list->AddTable(*t, LockMode::kAccessShare, Work::kMetadata, "is looked at for its columns").command = &c;
  }
}

}  // namespace pawl
