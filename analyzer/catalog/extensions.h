// What the extensions that migrations use most bring: their functions, types and operator classes, by name. (Each extension's own SQL
// script; contrib of PostgreSQL 18, pgvector, PostGIS.)
#ifndef PAWL_ANALYZER_CATALOG_EXTENSIONS_H_
#define PAWL_ANALYZER_CATALOG_EXTENSIONS_H_

#include <string_view>

namespace pawl {

// The extension that brings a function, an operator class; "" if it is none that we know.
std::string_view ExtensionOfFunction(std::string_view function);
std::string_view ExtensionOfOpclass(std::string_view opclass);
// The one that lets an index of this method hold a column of this type where no operator class is named; "" if none is needed.
std::string_view ExtensionOfIndexed(std::string_view method, std::string_view type);
// Whether `type`, without schema, length and brackets, is one of the extension's.
bool BringsType(std::string_view extension, std::string_view type);

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_EXTENSIONS_H_
