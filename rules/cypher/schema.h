// What the rules about constraints, indexes and old syntax share: names in words, Neo4j's notion of an equal schema, and the
// procedures and functions that are gone.
#ifndef PAWL_RULES_CYPHER_SCHEMA_H_
#define PAWL_RULES_CYPHER_SCHEMA_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/cypher/common.h"

namespace pawl::cypher_rules {

// EXPLAIN runs nothing.
inline bool Runs(const cypher::Statement& s) { return s.prefix.explain != cypher::Explain::kExplain; }

// A name as it is written in Cypher: in backticks where it needs them.
std::string Written(std::string_view name);

// "`Person` (`email`)"
std::string SchemaWords(std::string_view label, const List<cypher::Name>& properties);
std::string SchemaWords(std::string_view label, const std::vector<std::string>& properties);
// "constraint `person_email`", or "uniqueness constraint on `Person` (`email`)" where it has no name.
std::string ConstraintWords(const GraphConstraint& c);
std::string IndexWords(const GraphIndex& i);
std::string StatementWords(const cypher::Statement& s);  // "`CREATE CONSTRAINT person_email`": for lists of statements

// Neo4j's schema descriptors: entity, label and properties in order.
bool SameSchema(const GraphConstraint& a, const cypher::CreateConstraint& b);
bool SameSchema(const GraphConstraint& a, const cypher::CreateIndex& b);
bool SameSchema(const GraphIndex& a, const cypher::CreateConstraint& b);
bool SameSchema(const GraphIndex& a, const cypher::CreateIndex& b);
bool SameSchema(const cypher::CreateConstraint& a, const cypher::CreateConstraint& b);
inline bool OwnsIndex(cypher::ConstraintKind k) { return k == cypher::ConstraintKind::kUnique || k == cypher::ConstraintKind::kKey; }
// The kind of an index today: what was BTREE is RANGE.
inline cypher::IndexKind Today(cypher::IndexKind k) { return k == cypher::IndexKind::kBtree ? cypher::IndexKind::kRange : k; }

// "person_email_unique": a name that says what it is about, not yet taken in `graph`.
std::string NameFor(const cypher::CreateConstraint& c, const Graph& graph);
std::string NameFor(const cypher::CreateIndex& i, const Graph& graph);

// The variables that patterns of the statement bind to nodes and relationships, and nothing else in it rebinds.
std::vector<std::string_view> EntityVariables(const cypher::Statement& s);

// A call that writes data, by its name: what apoc documents as such.
bool ProcedureWrites(const cypher::Clause& call);
// A query that writes data in the transaction it runs in, or a procedure that does.
bool WritesData(const cypher::Statement& s);

// The value of `key` in the second level of OPTIONS {indexConfig: {...}}; null if it is not written.
const cypher::Expr* IndexConfig(const List<cypher::MapEntry>& options, std::string_view key);
// OPTIONS, or its indexConfig, is a parameter: what it holds is not known.
bool OptionsUnknown(const List<cypher::MapEntry>& options, Span options_span);

// A procedure or function that Neo4j deprecated or removed.
struct OldCall {
  std::string_view name;                 // "dbms.listQueries"
  bool function = false;
  int deprecated = 0, removed = 0;       // 402, 500; 25: with Cypher 25; 0: not
  std::string_view instead;              // what takes its place, as Markdown
  std::string_view replacement;          // "SHOW CONSTRAINTS", a function's new name: means the same in place of the old one; "" if there is none
  std::string_view columns;              // procedures: of these YIELD takes the same from the replacement, separated by ' '
};
const OldCall* FindOldProcedure(std::string_view name);
const OldCall* FindOldFunction(std::string_view name);
bool RemovedIn(const OldCall& c, cypher::Version v);
// Deprecated but still there; `oldest` as in LintSettings.
bool DeprecatedIn(const OldCall& c, cypher::Version v, int oldest);
// "Neo4j 5.0", "Cypher 25".
std::string ReleaseWords(int release);
// The edits that put the replacement in the place of a call; empty if that is not mechanical.
std::vector<TextEdit> ReplaceCall(const CypherContext& context, const ClauseVisit& visit, const OldCall& old);

// A version that is named with its minor number; "5" alone means a 5 that is kept up to date.
inline bool OlderThan(const LintSettings& s, int release) { return s.neo4j_oldest != 0 && s.neo4j_oldest != 500 && s.neo4j_oldest < release; }

}  // namespace pawl::cypher_rules

#endif  // PAWL_RULES_CYPHER_SCHEMA_H_
