// What the names and values of an equality tell of how many nodes it takes, where no constraint does: a guess, by what people call
// keys. Part of bounds.h.
#ifndef PAWL_RULES_CYPHER_TELLING_H_
#define PAWL_RULES_CYPHER_TELLING_H_

#include <string_view>

#include "analyzer/cypher/ast.h"

namespace pawl {

// Labels of which a graph has one node, or a handful: Config, SchemaVersion.
bool FewNodes(std::string_view label);

// Keys that few values share out among many nodes (status, isActive): an equality on one of them takes a good part of the label.
bool FewValues(std::string_view key);

// Keys that tell one node from the others: uuid, customerId, name, isbn; also one called as its label, (:Currency {currency: 'EUR'}).
bool TellsApart(std::string_view key, const cypher::Labels& labels);

// A literal that looks like a key's value whatever its property is called: 'SKU-17', 'ann@example.com', 4711042.
bool LooksLikeKey(const cypher::Expr& literal);

}  // namespace pawl

#endif  // PAWL_RULES_CYPHER_TELLING_H_
