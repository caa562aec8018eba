// Walks and words that several Cypher rules share.
#ifndef PAWL_RULES_CYPHER_COMMON_H_
#define PAWL_RULES_CYPHER_COMMON_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cypher/context.h"

namespace pawl {

// Where a clause stands: the query's other clauses before it, and what it is nested in.
struct ClauseVisit {
  const cypher::Clause* clause = nullptr;
  const cypher::Query* query = nullptr;              // that holds it directly (its own part of a UNION)
  size_t index = 0;                                  // in query->clauses (of a FOREACH: the FOREACH's place)
  const cypher::Clause* subquery = nullptr;          // the innermost CALL { } around it
  const cypher::Clause* batch = nullptr;             // the innermost CALL { } IN TRANSACTIONS around it
  const cypher::Clause* foreach_clause = nullptr;    // the innermost FOREACH around it
  int depth = 0;
};

// Every clause of a statement in order, nested ones right behind the clause that holds them. Statements in string arguments are
// visited by the engine on their own.
void VisitClauses(const cypher::Statement& s, const std::function<void(const ClauseVisit&)>& visit);

// Every expression of a clause (its patterns' property maps and predicates included), outermost first; subqueries' insides not.
void VisitExpressions(const cypher::Clause& c, const std::function<void(const cypher::Expr&)>& visit);
// The same of all clauses of a statement, subqueries of expressions included.
void VisitExpressions(const cypher::Statement& s, const std::function<void(const cypher::Expr&)>& visit);

bool Writes(const cypher::Query& q);                 // it or anything in it
bool Writes(const cypher::Statement& s);
bool HasInTransactions(const cypher::Statement& s);  // CALL { } IN TRANSACTIONS at any depth

// "`Person`", or "`Person` and `Robot`".
std::string Ticked(std::string_view name);
std::string TickedList(const List<cypher::Name>& names);

}  // namespace pawl

#endif  // PAWL_RULES_CYPHER_COMMON_H_
