// ATTACH PARTITION and DETACH PARTITION, of tables and of indexes.
#include <algorithm>
#include <string>

#include "analyzer/effects/internal.h"

namespace pawl {

void AttachPartition(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list) {
  const CatalogTable* child = list->catalog.FindTable(c.other);
  struct { Work work; const char* action; } r{Work::kMetadata, "becomes a partition"};
  // The scan is left out where a valid CHECK implies the bound. Whether it does is not proven here: having one is taken for it, unless it
  // lets nulls pass, which a bound does not (measured on 17).
  const bool checked = child != nullptr && std::any_of(child->constraints.begin(), child->constraints.end(), [&](const CatalogConstraint& k) {
    if (k.kind != sql::ConstraintKind::kCheck || !k.valid) return false;
    return k.columns.empty() || !child->complete || std::any_of(k.columns.begin(), k.columns.end(), [&](const std::string& name) {
      const CatalogColumn* column = child->FindColumn(name);
      return column == nullptr || column->not_null || child->ProvesNotNull(name);
    });
  });
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
  if (parent == nullptr) return;
  if (const CatalogTable* d = DefaultPartitionOf(*parent, list->catalog); d != nullptr && d != child) {
    list->AddTable(*d, LockMode::kAccessExclusive, Work::kScan, "is scanned for rows that belong to the new partition").command = &c;
  }
  for (const CatalogConstraint& k : parent->constraints) {
    if (k.kind != sql::ConstraintKind::kForeignKey || k.referenced == parent->key) continue;
    // The child's own foreign key is taken over where it is the same, and its triggers go; else it gets one, which is checked.
    const bool has = child != nullptr && std::any_of(child->constraints.begin(), child->constraints.end(), [&](const CatalogConstraint& own) {
      return own.kind == k.kind && own.referenced == k.referenced && own.columns == k.columns && own.valid;
    });
    list->AddKey(k.referenced, list->catalog.FindTable(k.referenced), has ? LockMode::kAccessExclusive : LockMode::kShareRowExclusive,
                 has || empty || !k.valid ? Work::kMetadata : Work::kScan,
                 has ? "loses a foreign key's triggers" : "gets the partition's foreign key triggers").command = &c;
    if (!has && !empty && k.valid) list->Add(child, c.other, LockMode::kAccessExclusive, Work::kScan, "is scanned to check a foreign key").command = &c;
  }
}

void DetachPartition(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list) {
  const CatalogTable* child = list->catalog.FindTable(c.other);
  // The partition: ACCESS EXCLUSIVE from 14, SHARE UPDATE EXCLUSIVE before unless it is the DEFAULT one (measured on 12 and 13). The concurrent form's second
  // transaction takes it too (documentation of DETACH PARTITION).
  const bool exclusive = list->in.server_version >= 14 || (child != nullptr && child->default_partition);
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
  if (parent == nullptr || c.concurrently || c.kind == sql::AlterKind::kDetachFinalize) return;
  if (const CatalogTable* d = DefaultPartitionOf(*parent, list->catalog); d != nullptr && d != child) {
    list->AddTable(*d, LockMode::kAccessExclusive, Work::kMetadata, "has its bound changed").command = &c;
  }
  AddReferencedOf(*parent, LockMode::kShareRowExclusive, "loses the partition's foreign key triggers", &c, list);
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
