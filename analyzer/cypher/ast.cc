#include "analyzer/cypher/ast.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace pawl::cypher {

std::string_view ToString(ClauseKind k) {
  switch (k) {
    case ClauseKind::kUse: return "USE";
    case ClauseKind::kMatch: return "MATCH";
    case ClauseKind::kWith: return "WITH";
    case ClauseKind::kReturn: return "RETURN";
    case ClauseKind::kFinish: return "FINISH";
    case ClauseKind::kUnwind: return "UNWIND";
    case ClauseKind::kCreate: return "CREATE";
    case ClauseKind::kInsert: return "INSERT";
    case ClauseKind::kMerge: return "MERGE";
    case ClauseKind::kSet: return "SET";
    case ClauseKind::kRemove: return "REMOVE";
    case ClauseKind::kDelete: return "DELETE";
    case ClauseKind::kForeach: return "FOREACH";
    case ClauseKind::kLoadCsv: return "LOAD CSV";
    case ClauseKind::kCallProcedure: return "CALL";
    case ClauseKind::kCallSubquery: return "CALL { }";
    case ClauseKind::kLet: return "LET";
    case ClauseKind::kFilter: return "FILTER";
    case ClauseKind::kOrderBy: return "ORDER BY";
    case ClauseKind::kShow: return "SHOW";
    case ClauseKind::kTerminate: return "TERMINATE";
    case ClauseKind::kSearch: return "SEARCH";
  }
  return {};
}

std::string_view ToString(ConstraintKind k) {
  switch (k) {
    case ConstraintKind::kUnique: return "uniqueness";
    case ConstraintKind::kKey: return "key";
    case ConstraintKind::kExistence: return "existence";
    case ConstraintKind::kType: return "property type";
    case ConstraintKind::kUnknown: return "unknown";
  }
  return {};
}

std::string_view ToString(IndexKind k) {
  switch (k) {
    case IndexKind::kRange: return "RANGE";
    case IndexKind::kText: return "TEXT";
    case IndexKind::kPoint: return "POINT";
    case IndexKind::kFulltext: return "FULLTEXT";
    case IndexKind::kVector: return "VECTOR";
    case IndexKind::kLookup: return "LOOKUP";
    case IndexKind::kBtree: return "BTREE";
  }
  return {};
}

std::string QualifiedName(std::string_view schema, std::string_view name) { return schema.empty() ? std::string(name) : absl::StrCat(schema, ".", name); }

}  // namespace pawl::cypher
