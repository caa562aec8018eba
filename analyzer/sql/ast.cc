#include "analyzer/sql/ast.h"

#include "absl/strings/str_cat.h"

namespace pawl::sql {

std::string ToString(const Name& n) { return n.schema.empty() ? std::string(n.name) : absl::StrCat(n.schema, ".", n.name); }

std::string ToString(const TypeName& t) {
  std::string s = t.schema.empty() ? std::string(t.name) : absl::StrCat(t.schema, ".", t.name);
  if (!t.modifiers.empty()) {
    char separator = '(';
    for (int32_t m : t.modifiers) {
      absl::StrAppend(&s, std::string_view(&separator, 1), m);
      separator = ',';
    }
    s += ')';
  }
  if (t.array) s += "[]";
  return s;
}

std::string_view ToString(ObjectType t) {
  switch (t) {
    case ObjectType::kTable: return "TABLE";
    case ObjectType::kIndex: return "INDEX";
    case ObjectType::kView: return "VIEW";
    case ObjectType::kMaterializedView: return "MATERIALIZED VIEW";
    case ObjectType::kSequence: return "SEQUENCE";
    case ObjectType::kForeignTable: return "FOREIGN TABLE";
    case ObjectType::kSchema: return "SCHEMA";
    case ObjectType::kDatabase: return "DATABASE";
    case ObjectType::kType: return "TYPE";
    case ObjectType::kDomain: return "DOMAIN";
    case ObjectType::kExtension: return "EXTENSION";
    case ObjectType::kFunction: return "FUNCTION";
    case ObjectType::kProcedure: return "PROCEDURE";
    case ObjectType::kRoutine: return "ROUTINE";
    case ObjectType::kAggregate: return "AGGREGATE";
    case ObjectType::kTrigger: return "TRIGGER";
    case ObjectType::kRule: return "RULE";
    case ObjectType::kPolicy: return "POLICY";
    case ObjectType::kColumn: return "COLUMN";
    case ObjectType::kConstraint: return "CONSTRAINT";
    case ObjectType::kDomainConstraint: return "DOMAIN CONSTRAINT";
    case ObjectType::kAttribute: return "ATTRIBUTE";
    case ObjectType::kRole: return "ROLE";
    case ObjectType::kTablespace: return "TABLESPACE";
    case ObjectType::kCollation: return "COLLATION";
    case ObjectType::kStatistics: return "STATISTICS";
    case ObjectType::kPublication: return "PUBLICATION";
    case ObjectType::kForeignServer: return "SERVER";
    case ObjectType::kForeignDataWrapper: return "FOREIGN DATA WRAPPER";
    case ObjectType::kOperatorClass: return "OPERATOR CLASS";
    case ObjectType::kOther: return "OBJECT";
  }
  return "OBJECT";
}

}  // namespace pawl::sql
