// What conditions say of columns: whether a CHECK implies a partition's bound, which partitions a WHERE leaves over, where a row
// goes. As far as the server can tell from constants alone; internal to analyzer/effects.
#ifndef PAWL_ANALYZER_EFFECTS_CONDITIONS_H_
#define PAWL_ANALYZER_EFFECTS_CONDITIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "analyzer/catalog/catalog.h"

namespace pawl {

// One comparison of a column with constants.
struct Atom {
  enum class Op : uint8_t { kEqual /* one of `values` */, kNotEqual /* none of them */, kLess, kLessEqual, kGreater, kGreaterEqual, kIsNull, kIsNotNull };
  std::string_view column;
  Op op = Op::kEqual;
  std::vector<PartitionValue> values;
};

// The comparisons that `e` is the AND of; what is none is left out. A qualified column counts if `qualifier` is "" or its qualifier.
void CollectAtoms(const sql::Expr& e, std::string_view qualifier, std::vector<Atom>* atoms);
// The parts of an AND, or `e` alone.
void CollectConjuncts(const sql::Expr& e, std::vector<const sql::Expr*>* conjuncts);

// The type as CompareValues takes it.
std::string ComparedType(const CatalogColumn* column, const Catalog& catalog);

// Whether the valid CHECK constraints of `child`, and what forbids it nulls, imply the bound that it gets as a partition of `parent`
// (null: not known), so that ATTACH PARTITION does not look through it (ConstraintImpliedByRelConstraint, tablecmds.c).
bool ImpliesBound(const CatalogTable& child, const sql::PartitionBound& bound, const CatalogTable* parent, const Catalog& catalog);

// The partitions of `table`, and theirs, that are left over where `where` holds (null: all): the others are not locked (prune_append_rel_partitions,
// partprune.c; measured 12-18). `alone`: no other relation stands beside it, so that no outer join makes nulls.
std::vector<const CatalogTable*> PrunedPartitions(const CatalogTable& table, const sql::Expr* where, std::string_view qualifier, bool alone, const Catalog& catalog);

// Adds the partitions that rows of `table` go through to where they are stored, as far as that is known. `value`: of a row's column.
void RoutePartitions(const CatalogTable& table, size_t rows, absl::FunctionRef<PartitionValue(size_t, std::string_view)> value, const Catalog& catalog,
                     std::vector<const CatalogTable*>* out);

}  // namespace pawl

#endif  // PAWL_ANALYZER_EFFECTS_CONDITIONS_H_
