// How effects are collected. Internal to analyzer/effects.
#ifndef PAWL_ANALYZER_EFFECTS_INTERNAL_H_
#define PAWL_ANALYZER_EFFECTS_INTERNAL_H_

#include <string_view>

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

  bool Live(const CatalogTable* table) const { return in.live == nullptr || in.live(in.live_state, table); }

  const EffectsInput& in;
  const Catalog& catalog;
  absl::InlinedVector<Effect, 8> out;
};

// alter_effects.cc
void AlterTableEffects(const sql::AlterTable& alter, EffectList* list);

// query_effects.cc
void QueryEffects(const sql::Query& query, EffectList* list);

// effects.cc: SHARE ROW EXCLUSIVE on the table that a new foreign key points at, and on its partitions.
void AddReferenced(const sql::Constraint& key, Work work, const sql::AlterCommand* command, EffectList* list);
// The known tables that `table`'s foreign keys point at.
void AddReferencedOf(const CatalogTable& table, LockMode lock, const char* action, const sql::AlterCommand* command, EffectList* list);

}  // namespace pawl

#endif  // PAWL_ANALYZER_EFFECTS_INTERNAL_H_
