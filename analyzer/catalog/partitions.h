// Bounds of partitions as values that can be compared, where that can be done as the server would: integers, numbers, dates, times,
// and the equality of texts. Whatever is not plain is not known.
#ifndef PAWL_ANALYZER_CATALOG_PARTITIONS_H_
#define PAWL_ANALYZER_CATALOG_PARTITIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/ast.h"

namespace pawl {

// A constant of a bound, or of a condition that is held against one.
struct PartitionValue {
  enum class Kind : uint8_t { kUnknown, kNull, kMinimum, kConstant, kMaximum };
  Kind kind = Kind::kUnknown;
  sql::ConstantKind constant = sql::ConstantKind::kNull;
  std::string text;
  std::string type;            // of the cast that stands around it; "" = none
};

struct CatalogBound {
  std::vector<PartitionValue> list;          // IN
  std::vector<PartitionValue> lower, upper;  // FROM, TO
};

PartitionValue ReadPartitionValue(const sql::Expr* e);
// Null of a DEFAULT and of a HASH partition: nothing of theirs is compared.
std::shared_ptr<const CatalogBound> ReadPartitionBound(const sql::PartitionBound* bound);

// kDifferent: not equal, and which comes first depends on a collation or the like.
enum class ValueOrder : uint8_t { kUnknown, kDifferent, kLess, kEqual, kGreater };
// `a` against `b` as values of a column of the type: CatalogColumn::type, a domain's base type, or "enum".
ValueOrder CompareValues(const PartitionValue& a, const PartitionValue& b, std::string_view type);

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_PARTITIONS_H_
