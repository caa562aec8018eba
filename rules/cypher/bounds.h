// How many rows a Cypher query works on, as far as its text and the history tell: followed clause by clause, so that a rule can
// ask at each clause what is bound, for how many rows it runs in one transaction, and where those rows come from.
//
// Sizes of graphs are not known. What is told apart is whether something in the text keeps the rows few (a unique key, a LIMIT, a
// literal list, data made by the same migration), may do so (an equality, a walk from a node that is found by key), or does not.
#ifndef PAWL_RULES_CYPHER_BOUNDS_H_
#define PAWL_RULES_CYPHER_BOUNDS_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/catalog/graph.h"
#include "rules/cypher/context.h"

namespace pawl {

enum class Bound : uint8_t { kFew, kUnknown, kMany };

enum class RowSource : uint8_t { kNone, kMatch, kCsv, kList /* UNWIND of a long range() */ };

// What made the rows many.
struct RowCause {
  RowSource source = RowSource::kNone;
  const cypher::Clause* clause = nullptr;
  const cypher::PathPattern* path = nullptr;      // kMatch: the path that nothing restricts
  bool filtered = false;                          // a predicate or property map takes some of them only
};

enum class VariableKind : uint8_t { kNode, kRelationship, kPath, kList, kValue };

struct Variable {
  std::string_view name;
  VariableKind kind = VariableKind::kValue;
  bool created = false;                           // by CREATE in this query: nothing else has it yet
  bool merged = false;                            // by MERGE
  bool aggregate = false;                         // count(*), sum(x) ...
  Bound elements = Bound::kFew;                   // kList: of collect(x)
  RowCause elements_cause;
  const cypher::NodePattern* node = nullptr;      // where it was bound; of a list: its elements'
  const cypher::RelationshipPattern* relationship = nullptr;
};

struct Rows {
  Bound bound = Bound::kFew;
  RowCause cause;
  std::vector<Variable> variables;

  const Variable* Find(std::string_view name) const;
};

// Paths of one MATCH that hang together by shared variables.
struct Component {
  std::vector<const cypher::PathPattern*> paths;
  Bound bound = Bound::kMany;                     // rows it brings; of an anchored one: whether it restricts those there are
  bool anchored = false;                          // holds a variable that was bound before
  bool walks = false;                             // has a relationship
  uint32_t joined = 0;                            // equal for components that WHERE ties together by an equality or a pattern
};

// One clause as it is reached.
struct Step {
  const cypher::Clause* clause = nullptr;
  const cypher::Query* query = nullptr;           // that holds it directly; of what stands in a FOREACH: that of the FOREACH
  size_t index = 0;                               // in query->clauses
  const Rows* before = nullptr;                   // variables in scope and the rows of this query alone
  Bound bound = Bound::kFew;                      // rows for which it runs in one transaction, those around a CALL { } included
  RowCause cause;
  const cypher::Clause* batch = nullptr;          // the CALL { } IN TRANSACTIONS around it
  const Rows* driving = nullptr;                  // with batch: the rows that it cuts into transactions
  const cypher::Query* driving_query = nullptr;   // with batch: the query that holds the CALL, at driving_index
  size_t driving_index = 0;
  const cypher::Clause* foreach_clause = nullptr;
  const std::vector<Component>* components = nullptr;  // MATCH
};

// What calls a statement that stands in a string argument.
enum class EmbeddedRole : uint8_t {
  kNone,      // it does not: a statement of the file
  kDriving,   // apoc.periodic.iterate's first argument: read only
  kAction,    // its second: runs for batches of what the first returned
  kCommit,    // apoc.periodic.commit: runs again and again, each time in a transaction of its own
  kRun,       // apoc.cypher.doIt and the like: runs once
  kOther,     // a trigger, a fragment
};
struct Embedding {
  EmbeddedRole role = EmbeddedRole::kNone;
  const cypher::Clause* call = nullptr;
  const cypher::Statement* driving = nullptr;     // kAction: the first argument's statement; null if it is not a literal
  const cypher::Statement* action = nullptr;      // kDriving: the second's
};
Embedding EmbeddingOf(const cypher::Statement& s);

// Visits every clause of the statement in order, nested ones behind what holds them. `migration`: the one being judged.
void FollowRows(const cypher::Statement& s, const Graph& graph, int migration, const std::function<void(const Step&)>& visit);

// Whether the label (or type) is new in this migration and was so far only written as literal data: its nodes are few, and ours.
bool MadeHere(const Graph& graph, int migration, std::string_view label, bool relationship_type);

// Whether doing `writes` takes rows out of what the clauses `driving` find, so that a second run finds only what is left.
bool Shrinks(const std::vector<const cypher::Clause*>& driving, const std::vector<const cypher::Clause*>& writes);

// "every `User` node", "every `LIKES` relationship", "every node", "every `User` node that the WHERE keeps".
std::string DescribeRows(const RowCause& cause);

// A write by itself, or by one of APOC's procedures that write entities (apoc.create, apoc.refactor, apoc.merge).
bool WritesEntities(const cypher::Clause& c);

// One of the kinds stands anywhere in it. Cheap: ask before following the rows of a statement that cannot concern a rule.
bool HasClause(const cypher::Statement& s, std::initializer_list<cypher::ClauseKind> kinds);
// Something in it can bring many rows.
bool HasRowSource(const cypher::Statement& s);

// It runs, and runs as a query: not EXPLAIN, which does nothing.
bool Executes(const cypher::Statement& s);

}  // namespace pawl

#endif  // PAWL_RULES_CYPHER_BOUNDS_H_
