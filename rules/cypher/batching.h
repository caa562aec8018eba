// The rewrite of writes over many rows into batches: CALL (n) { ... } IN TRANSACTIONS OF n ROWS.
#ifndef PAWL_RULES_CYPHER_BATCHING_H_
#define PAWL_RULES_CYPHER_BATCHING_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/cypher/bounds.h"

namespace pawl {

// The edits that put the clauses of `query` from `first` on into a batched subquery; none where that would not mean the same,
// would not be accepted (a subquery, a RETURN behind it, a runner that holds a transaction open), or where a second run would
// do everything again. Rows: what is in scope before `first`.
std::vector<TextEdit> BatchingEdits(const CypherContext& context, const cypher::Query& query, size_t first, const Rows& before);

// "CALL (n) {", or for servers before 5.23 "CALL { WITH n".
std::string OpenSubquery(const CypherContext& context, const std::vector<std::string>& variables);

// The variables of `before` that the clauses use, in order, quoted where the text quotes them.
std::vector<std::string> UsedVariables(const CypherContext& context, const std::vector<const cypher::Clause*>& clauses, const Rows& before);

// "MATCH (n:User) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS" of the statement at hand, for a help line; "" where
// it does not fit one.
std::string BatchedForm(const CypherContext& context, const cypher::Query& query, size_t first, const Rows& before);

// What to do about the runner's transaction: "" or "; ..., so give the statement a file of its own".
std::string RunnerAdvice(const CypherContext& context);

}  // namespace pawl

#endif  // PAWL_RULES_CYPHER_BATCHING_H_
