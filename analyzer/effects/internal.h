// How effects are collected. Internal to analyzer/effects.
#ifndef PAWL_ANALYZER_EFFECTS_INTERNAL_H_
#define PAWL_ANALYZER_EFFECTS_INTERNAL_H_

#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "analyzer/effects/effects.h"

namespace pawl {

class EffectList {
 public:
  explicit EffectList(const EffectsInput& input) : in(input), catalog(*input.catalog) {}

  // Adds one effect on the relation `name` as written, known or not. The reference lives until the next call.
  Effect& Add(const sql::Name& name, LockMode lock, Work work, const char* action) {
    return Add(catalog.FindTable(name), name, lock, work, action);
  }
  // The same when the look-up is done already; `table` null: never seen.
  Effect& Add(const CatalogTable* table, const sql::Name& name, LockMode lock, Work work, const char* action);
  // On a relation by key: a table, or an index, which has its table's life.
  Effect& AddKey(std::string_view key, const CatalogTable* life, LockMode lock, Work work, const char* action);
  Effect& AddTable(const CatalogTable& table, LockMode lock, Work work, const char* action) { return AddKey(table.key, &table, lock, work, action); }
  // On every known partition and child of `table` (null: none). `partitions_only` leaves out children by INHERITS.
  void AddDescendants(const CatalogTable* table, const Effect& like, bool partitions_only = false);

  // ACCESS EXCLUSIVE on every known view that stands on relation `key` (on its `column`, if not ""), as CASCADE takes it.
  void AddDependents(std::string_view key, std::string_view column, const char* action, const sql::AlterCommand* command);
  // The same on other tables with policies, and with rules, that use it; with a column: rules that mention it.
  void AddPolicies(std::string_view key);
  void AddRules(std::string_view key, std::string_view column);

  bool Live(const CatalogTable* table) const { return in.live == nullptr || in.live(in.live_state, table); }

  const EffectsInput& in;
  const Catalog& catalog;
  absl::InlinedVector<Effect, 8> out;
};

// alter_effects.cc
void AlterTableEffects(const sql::AlterTable& alter, EffectList* list);

// partition_effects.cc: beside the lock on the partitioned table (or index), which may not be known (null).
void AttachPartition(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list);
void DetachPartition(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list);
void AttachIndexPartition(const sql::AlterCommand& c, const CatalogTable* table, EffectList* list);

// query_effects.cc: what running a query locks and does: views and partitions opened, foreign keys' checks and actions.
void QueryEffects(const sql::Query& query, EffectList* list);
// What planning it locks, as EXPLAIN does.
void PlanEffects(const sql::Query& query, EffectList* list);
// What rewriting it locks, as PREPARE does: what stands behind views, but no partitions.
void RewriteEffects(const sql::Query& query, EffectList* list);
// What parsing and storing it locks: the relations it names, not what stands behind a view.
void AddReads(const sql::Query& query, const char* action, EffectList* list);
void AddReads(const sql::Expr& expression, const char* action, EffectList* list);
// One relation that running a query reads, and what stands behind it.
void ReadRelation(std::string_view key, LockMode mode, const char* action, EffectList* list);
void CopyEffects(const sql::Copy& copy, EffectList* list);

// maintenance_effects.cc
void Reindex(const sql::Reindex& r, EffectList* list);
// `tag`: what the statement says beside: "ANALYZE", "TOAST" or "STATISTICS" (nothing but that).
void Vacuum(const sql::Vacuum& v, std::string_view tag, EffectList* list);
void Cluster(const sql::Cluster& c, EffectList* list);
void Refresh(const sql::Refresh& r, EffectList* list);
void Truncate(const sql::Truncate& t, EffectList* list);
void LockTables(const sql::LockTable& l, EffectList* list);

// object_effects.cc
void CreateTrigger(const sql::CreateTrigger& t, EffectList* list);
void CreatePolicy(const sql::CreatePolicy& p, EffectList* list);
void AlterDomain(const sql::AlterDomain& d, EffectList* list);
void Comment(const sql::Comment& c, EffectList* list);
void Grant(const sql::Grant& g, EffectList* list);
void OtherEffects(std::string_view tag, const sql::OtherObject& o, EffectList* list);
// DROP of object number `i` of `d` that is neither a relation nor a schema.
void DropOther(const sql::Drop& d, size_t i, EffectList* list);
// The types that are `type`, a key, or are made of it, domains over domains and arrays included, as the types of columns are written.
// `arrays`: those of arrays, too.
std::vector<std::string> TypesMadeOf(std::string_view type, bool arrays, const Catalog& catalog);
// Tables lose the columns of these types, and views what they read. `but`: tables of this schema go as a whole.
void DropColumnsOfTypes(const std::vector<std::string>& types, std::string_view but, EffectList* list);
// The known tables that are OF the composite type.
void TypedTables(const sql::Name& type, LockMode lock, Work work, const char* action, const sql::AlterCommand* command, EffectList* list);

// cascade_effects.cc: what goes along.
void DropType(const sql::Name& name, EffectList* list);
// What calls a function; the same for the other things that CatalogDependent::functions names. `but`: tables of this schema go as a whole.
void AddCallers(std::string_view function, EffectList* list, std::string_view but = {});
// The same, and the triggers that call it.
void DropCallers(std::string_view function, std::string_view but, EffectList* list);
void OwnedBy(List<std::string_view> roles, const char* action, bool loses_data, EffectList* list);
void DropExtension(std::string_view extension, EffectList* list);
void DropSorting(sql::ObjectType kind, const sql::Name& name, EffectList* list);

// ---- effects.cc

inline std::string_view SchemaOf(std::string_view key) { return key.substr(0, key.find('.')); }
inline bool StoresRows(sql::ObjectType t) { return t == sql::ObjectType::kTable || t == sql::ObjectType::kMaterializedView; }
// Every known table of a schema ("" = all), in order of their keys.
std::vector<const CatalogTable*> TablesIn(std::string_view schema, const Catalog& catalog);
// The DEFAULT partition of `parent`, or null.
const CatalogTable* DefaultPartitionOf(const CatalogTable& parent, const Catalog& catalog);

// SHARE ROW EXCLUSIVE on the table that a new foreign key points at, and on its partitions.
void AddReferenced(const sql::Constraint& key, Work work, const sql::AlterCommand* command, EffectList* list);
// The known tables that `table`'s foreign keys point at, and their partitions. SHARE ROW EXCLUSIVE: they get triggers; ACCESS
// EXCLUSIVE: they lose them.
void AddReferencedOf(const CatalogTable& table, LockMode lock, const char* action, const sql::AlterCommand* command, EffectList* list);
// ACCESS EXCLUSIVE on the tables that have the triggers of a foreign key pointing at `key`, which goes; `always` on that one.
void AddUntied(std::string_view key, bool always, const char* action, const sql::AlterCommand* command, EffectList* list);
// The partitioned tables that `table` is a part of, the nearest first.
std::vector<const CatalogTable*> AncestorsOf(const CatalogTable& table, const Catalog& catalog);
// The known tables with foreign keys of their own, not their parent's, that point at `table`; not `table` itself.
std::vector<const CatalogTable*> Referencing(const CatalogTable& table, const Catalog& catalog);

// bound_proof.cc: its CHECK constraints prove that no row of `table` fits into `bound` of the partitioned table `parent`. False where the
// catalogue keeps no details.
bool ProvesOutside(const CatalogTable& table, const CatalogTable& parent, const sql::PartitionBound& bound);

// partition_effects.cc: the descendants of `table` that a new index of it need not be built on, as they, or what is above them, have one
// like it that is no part of another index yet: it is attached (DefineIndex, indexcmds.c).
struct IndexShape {
  std::vector<std::string_view> columns;  // "" for an expression: fits none
  size_t others = 0;                      // INCLUDE
  bool unique = false;
  bool plain = true;                      // no predicate, no operator classes or collations of its own
  bool constraint = false;
  std::string_view method = "btree";
};
std::vector<const CatalogTable*> AlreadyIndexed(const CatalogTable& table, const IndexShape& shape, const Catalog& catalog);

// partition_effects.cc: what a new partition of `parent` does to the tables that are there.
// The DEFAULT partition, and its own partitions, scanned for rows that belong to the new one, of `bound`; not if it is that itself, `but`.
void ScanDefault(const CatalogTable& parent, const CatalogTable* but, const sql::PartitionBound* bound, const sql::AlterCommand* command, EffectList* list);
// Tables whose foreign keys point at it.
void AddReferencingOf(const CatalogTable& parent, const sql::AlterCommand* command, EffectList* list);

}  // namespace pawl

#endif  // PAWL_ANALYZER_EFFECTS_INTERNAL_H_
