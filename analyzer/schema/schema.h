// A description of a schema, as docs/schema/schema-v1.json has it: what `pawl schema dump` writes. A member that is missing is not
// known; null means that there is none.
//
// It comes from a history (SchemaFromCatalog) or from a server (migrations/database/postgres_schema.h), becomes SQL that makes
// the same again on a Catalog (SchemaToSql), and two of them are compared (compare.h).
#ifndef PAWL_ANALYZER_SCHEMA_SCHEMA_H_
#define PAWL_ANALYZER_SCHEMA_SCHEMA_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "analyzer/catalog/catalog.h"

namespace pawl {

using SchemaJson = nlohmann::ordered_json;

// What the history on `catalog` has made. The catalogue keeps details (Catalog::KeepDetails); without them defaults and
// expressions are not known. Session objects (temporary tables) are left out. Members `version` and `tool` are the caller's.
SchemaJson SchemaFromCatalog(const Catalog& catalog);

// `text` as a description. kInvalidArgument: what is wrong with it; `shown` names it in the message.
absl::StatusOr<SchemaJson> ParseSchema(std::string_view text, std::string_view shown);

// Statements that make the described schema on an empty Catalog: they are for replaying, not for a server (a function has no body,
// a view no query but the names that it reads). Deterministic.
std::string SchemaToSql(const SchemaJson& schema);

// A type as format_type() writes it, from its canonical name: "character varying(50)[]" from "varchar(50)[]".
std::string ServerTypeName(std::string_view canonical);

// "name", quoted where SQL asks for it.
std::string QuoteName(std::string_view name);

}  // namespace pawl

#endif  // PAWL_ANALYZER_SCHEMA_SCHEMA_H_
