// Whether CALL { } IN TRANSACTIONS that was cut off may simply be run again. The runner asks; so what cannot be proven is not
// repeatable, and somebody looks. (Lint's Shrinks in rules/cypher/bounds.h asks the other way round: it keeps quiet where it may be.)
#ifndef PAWL_MIGRATIONS_RUN_REPEATABLE_CYPHER_H_
#define PAWL_MIGRATIONS_RUN_REPEATABLE_CYPHER_H_

#include "analyzer/cypher/ast.h"

namespace pawl {

// True if one of two things is certain, whichever batches are committed:
//
// - the rows that are done are not found again: the batch deletes what the MATCH finds, or sets, on every path, what its WHERE asks
//   to be missing (WHERE n.k IS NULL ... SET n.k = a value that is no null; REMOVE n:L of MATCH (n:L); ...), and makes nothing that
//   the MATCH would find;
// - doing a row twice is doing it once: values come from what the statement does not write, functions give the same each time,
//   nodes are merged, and the MATCH does not ask for what is written.
bool MayRunAgain(const cypher::Statement& s);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_REPEATABLE_CYPHER_H_
