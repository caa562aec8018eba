// Forms of Cypher whose standing differs between versions: what each is called, where it is accepted, deprecated and removed,
// and what takes its place. The parser records every use with its place (Statement::forms); rules name and rewrite them.
// The standing is that of Neo4j's own parsers (4.4.44, 5.26.30, 2026.08.1), recorded in grammars/conformance; what is deprecated,
// and what was before 4.4, is from the manuals' lists.
#ifndef PAWL_ANALYZER_CYPHER_FORMS_H_
#define PAWL_ANALYZER_CYPHER_FORMS_H_

#include <cstdint>
#include <string_view>

namespace pawl::cypher {

// The language: Neo4j 4.4's, Cypher 5 (all of Neo4j 5, and the default of the calendar versions), Cypher 25.
enum class Version : uint8_t { k44, k5, k25 };
std::string_view ToString(Version v);  // "Neo4j 4.4", "Cypher 5", "Cypher 25"

enum class Form : uint8_t {
  // Removed with Neo4j 4.0.
  kOldParameter,            // {param}
  kCreateUnique,            // CREATE UNIQUE
  kStart,                   // START n = node(0)
  kFilterFunction,          // filter(x IN list WHERE ...)
  kExtractFunction,         // extract(x IN list | ...)
  // Removed with Neo4j 5.0.
  kConstraintOn,            // CREATE CONSTRAINT ON ... ASSERT, also the mixed ON ... REQUIRE and FOR ... ASSERT
  kDropConstraintOn,        // DROP CONSTRAINT ON ... ASSERT
  kIndexOn,                 // CREATE INDEX ON :L(p)
  kDropIndexOn,             // DROP INDEX ON :L(p)
  kBtreeIndex,              // CREATE BTREE INDEX
  kPeriodicCommit,          // USING PERIODIC COMMIT
  kExistsFunction,          // exists(n.p); exists((a)-->(b)) stays
  kExistenceByExists,       // REQUIRE exists(n.p)
  kSizeOfPattern,           // size((a)-->(b))
  kHexUpper,                // 0X1F
  kOctalWithoutO,           // 0123
  kColonTypeProperties,     // [:A|:B {k: v}], [x:A|:B], [:A|:B*]
  kShowBriefVerbose,        // SHOW INDEXES BRIEF | VERBOSE [OUTPUT]
  kUsingBtree,              // USING BTREE INDEX
  // Deprecated in Cypher 5, removed in Cypher 25.
  kColonTypeAlternatives,   // [:A|:B]
  kSetEntity,               // SET a = b, SET a += b where b is a node or relationship: use properties(b)
  kUnicodeEscapeName,       // a name with characters that Cypher 25 does not take unquoted
  kRangeFrom,               // other forms that Cypher 25 removed
  // Deprecated.
  kImportingWith,           // CALL { WITH a ... }: use CALL (a) { ... }
  kCallWithoutScope,        // CALL { ... } without scope clause: use CALL () { ... }
  // New in Neo4j 5.
  kLabelExpression,         // (n:A|B), (n:!A), (n:A&B), IS
  kQuantifiedPath,          // ((a)-->(b)){1,5}, -[]->+
  kInlineWhere,             // [r WHERE ...]
  kCountSubquery,           // COUNT { }
  kCollectSubquery,         // COLLECT { }
  kExistsQuery,             // EXISTS { RETURN ... }: whole queries
  kPathSelector,            // MATCH ANY SHORTEST ...
  kTypePredicate,           // IS :: STRING
  kNormalizedPredicate,     // IS NORMALIZED
  kDynamicName,             // n[$k] = 1, :$(expr)
  kScopeClause,             // CALL (a) { }
  kOptionalCall,            // OPTIONAL CALL
  kConcurrentTransactions,  // IN CONCURRENT TRANSACTIONS
  kOnError,                 // ON ERROR, REPORT STATUS
  kFinish,                  // FINISH
  kInsert,                  // INSERT
  kNoDetach,                // NODETACH DELETE
  kPropertyTypeConstraint,  // REQUIRE n.p IS :: STRING
  kRelationshipKey,         // relationship key and uniqueness constraints
  kVectorIndex,             // CREATE VECTOR INDEX
  kConcatenation,           // ||
  kOffset,                  // OFFSET
  kStandaloneOrderBy,       // ORDER BY, SKIP, LIMIT as clauses
  kMatchMode,               // MATCH REPEATABLE ELEMENTS
  // New in Cypher 25.
  kLet,                     // LET x = 1
  kFilter,                  // FILTER x > 1
  kWhen,                    // WHEN ... THEN ... ELSE
  kNext,                    // NEXT
  kQueryBraces,             // { RETURN 1 } UNION { RETURN 2 }
  kOnErrorRetry,            // ON ERROR RETRY
  kVectorType,              // VECTOR<FLOAT>(3)
  kVectorWith,              // CREATE VECTOR INDEX ... WITH [...], several labels
  kSearch,                  // SEARCH n IN (VECTOR INDEX ...)
  kGraphType,               // ALTER CURRENT GRAPH TYPE ...
  kColonLabelAlternatives,  // (n:A|:B)
  kIsLabel,                 // n IS A
  kNotEqualsOfC,            // a != b: accepted nowhere, only read
  kShowComposed,            // SHOW ... beside other clauses
  kShowBtree,               // SHOW BTREE INDEXES: removed in 5.0
  kShowExists,              // SHOW EXISTS CONSTRAINTS: removed in 5.0
  kUseNotFirst,             // USE behind other clauses: the parser takes it, the server does not
  kDefaultLanguage,         // CREATE DATABASE ... DEFAULT LANGUAGE CYPHER 25
  kOther25,                 // other forms of Cypher 25
  kWhenList,                // CASE x WHEN 1, > 3 THEN ...
  kTrimFrom,                // trim(BOTH x FROM y)
  kUnionDistinct,           // UNION DISTINCT
  kOther5,                  // other forms of Neo4j 5, administration for the most part
  kCount,
};

enum class Standing : uint8_t { kAccepted, kDeprecated, kRemoved, kNotYet };

// What is known of a form. `what` names it in a finding ("`CREATE CONSTRAINT ON ... ASSERT`"), `instead` says what to write ("" for
// the new ones), `since` and `removed` are releases for people ("5.0"; "" if unknown or not applicable). The server refuses some
// forms only after parsing: `parser_passes` tells which, by version.
struct FormInfo {
  std::string_view what;
  std::string_view instead;
  std::string_view since;
  std::string_view removed;
  Standing standing[3];       // by Version
  bool parser_passes[3];
};
const FormInfo& Info(Form f);

inline Standing StandingIn(Form f, Version v) { return Info(f).standing[static_cast<int>(v)]; }
inline bool AcceptedIn(Form f, Version v) {
  const Standing s = StandingIn(f, v);
  return s == Standing::kAccepted || s == Standing::kDeprecated;
}

}  // namespace pawl::cypher

#endif  // PAWL_ANALYZER_CYPHER_FORMS_H_
