// How cypher-removed-syntax and cypher-deprecated-syntax see a statement: the uses of old forms, of one cause each.
#ifndef PAWL_RULES_CYPHER_FORMS_USE_H_
#define PAWL_RULES_CYPHER_FORMS_USE_H_

#include <string>
#include <vector>

#include "rules/cypher/schema.h"

namespace pawl::cypher_rules {

// Something old in a statement, and what to write today.
struct OldUse {
  Span span;
  std::string what;                 // "`CREATE INDEX ON :Label(property)`"
  std::string instead;              // Markdown; a whole clause: "write `...`"
  std::string since;                // of the removal or deprecation: "Neo4j 5.0"; "" if unknown
  std::vector<TextEdit> edits;      // empty: not mechanical
  bool safe = true;                 // the edits mean the same
  bool note = false;                // deprecated only: nothing breaks for a long time
};

// What Neo4j has removed for the statement's version, or deprecated, in order of place. Forms that the version does not know yet are
// unsupported-by-server's; id() is cypher-internal-id's.
std::vector<OldUse> OldUses(const CypherContext& context, cypher::Standing standing);

}  // namespace pawl::cypher_rules

#endif  // PAWL_RULES_CYPHER_FORMS_USE_H_
