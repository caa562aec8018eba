// How far a predicate narrows what one node or relationship of a pattern can be. Part of bounds.h.
#ifndef PAWL_RULES_CYPHER_SELECTIVITY_H_
#define PAWL_RULES_CYPHER_SELECTIVITY_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "rules/cypher/bounds.h"

namespace pawl {

// A node or relationship that a pattern (or the scope) holds, and the predicates that may restrict it.
struct Element {
  std::string_view variable;                      // "" if it has no name
  const cypher::NodePattern* node = nullptr;
  const cypher::RelationshipPattern* relationship = nullptr;
  bool bound_before = false;
  int component = 0;
  Bound bound = Bound::kMany;                     // what Narrow() found
};

// What names mean while a predicate is judged.
struct PredicateScope {
  const Graph* graph = nullptr;
  int migration = 0;
  const std::vector<Element>* elements = nullptr;  // of the pattern: a variable of another element is not a known value
};

// Sets `bound` of an element from its labels, its own properties and predicate, and `where` (null: none).
void Narrow(Element& element, const cypher::Expr* where, const PredicateScope& scope);

// The parts of a conjunction.
void SplitAnd(const cypher::Expr* e, std::vector<const cypher::Expr*>& out);

// Whether the expression names the variable, sub-queries and patterns in it included.
bool Mentions(const cypher::Expr& e, std::string_view variable);

// Every part of the expression, itself first; sub-queries are entered.
void VisitParts(const cypher::Expr& e, const std::function<void(const cypher::Expr&)>& visit);
void VisitParts(const cypher::Pattern& p, const std::function<void(const cypher::Expr&)>& visit);
// Every pattern in it: pattern predicates, those of EXISTS { } and COUNT { }.
void VisitPatterns(const cypher::Expr& e, const std::function<void(const cypher::Pattern&)>& visit);

// The aggregating call in an expression; COUNT { } and COLLECT { } are none, and what is in them is theirs.
const cypher::Expr* AggregateIn(const cypher::Expr* e, int depth = 0);

// A LIMIT or range() above it does not keep a transaction small.
inline constexpr int64_t kManyRows = 50'000;
bool IsInteger(const cypher::Expr& e, int64_t* value);
// Whether a LIMIT keeps the rows few; one that is not a literal was chosen by somebody.
bool LimitsRows(const cypher::Expr* limit);

}  // namespace pawl

#endif  // PAWL_RULES_CYPHER_SELECTIVITY_H_
