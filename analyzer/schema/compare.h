// Compares two descriptions of a schema (schema.h) and names each difference. What either of them does not know is no difference:
// it is counted.
#ifndef PAWL_ANALYZER_SCHEMA_COMPARE_H_
#define PAWL_ANALYZER_SCHEMA_COMPARE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/schema.h"

namespace pawl {

struct SchemaDifference {
  enum class Side { kMissing /* only expected */, kExtra /* only there */, kDiffers };
  Side side = Side::kDiffers;
  std::string kind;        // "table", "column", "index" ...
  std::string object;      // "public.users", "public.users.email"
  std::string property;    // kDiffers: "type", "default", "valid" ...
  std::string expected, actual;  // as shown; kDiffers
};

struct SchemaComparison {
  std::vector<SchemaDifference> differences;  // by kind of object, then by name
  std::map<std::string, int> objects;         // how many of each kind were expected and looked for
  int values = 0;                             // properties that were compared
  int unknown = 0;                            // properties that one side does not know
};

// Tables in which migration tools keep what they applied are left out where only `actual` has them. Where one side is a history
// its expressions are compared without the type conversions that a server adds.
SchemaComparison CompareSchemas(const SchemaJson& expected, const SchemaJson& actual);

}  // namespace pawl

#endif  // PAWL_ANALYZER_SCHEMA_COMPARE_H_
