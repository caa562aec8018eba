// Our typed Cypher AST: what rules and the catalogue need of a statement, alike for Cypher 5, Cypher 25 and the forms that Neo4j
// has removed since 3.x. Built once from ANTLR's parse tree, which is freed at once.
//
// All nodes live in the Script's arena and are immutable once parsed. Names are as Neo4j sees them: case kept, backticks
// resolved. Strings hold the value, escapes resolved. Spans are bytes of the outer file, also for Cypher found inside string
// arguments (apoc.periodic.iterate). A part that a statement leaves out is empty (string_view, List, Span) or null (pointer).
#ifndef PAWL_ANALYZER_CYPHER_AST_H_
#define PAWL_ANALYZER_CYPHER_AST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzer/cypher/forms.h"
#include "analyzer/source/arena.h"
#include "analyzer/source/span.h"

namespace pawl::cypher {

struct Expr;
struct Query;
struct Pattern;
struct Statement;

// A name with the place where it stands, backticks included.
struct Name {
  std::string_view text;
  Span span;

  bool empty() const { return text.empty(); }
};

// ---- Labels and types -----------------------------------------------------------------------------------------------

// kLeaf: name. kDynamic: $(expression), $all(...), $any(...). kWildcard: %. The others: operands.
enum class LabelKind : uint8_t { kLeaf, kDynamic, kWildcard, kNot, kAnd, kOr };

// `:A&!B|C`, or the older `:A:B` (kAnd) and `:A|:B` (kOr); for relationships the operands are types.
struct LabelExpr {
  LabelKind kind = LabelKind::kLeaf;
  std::string_view name;
  const Expr* expression = nullptr;     // kDynamic
  bool any = false;                     // kDynamic: $any(...)
  List<const LabelExpr*> operands;
  Span span;                            // without the leading ':' or IS
};

// The label expression of one node or relationship (types, for the latter), both as a tree and flat.
struct Labels {
  const LabelExpr* expression = nullptr;  // null: no label at all
  List<Name> names;                     // every static name in it that is not below a `!`, in order
  bool dynamic = false;                 // holds $(...)
  bool conjunction = false;             // names only, all of them required: `:A`, `:A:B`, `:A&B`
  bool alternatives = false;            // names only, one of them required: `:A|B`, `:A|:B`
  Span span;                            // from the ':' (or IS) to the last token

  bool empty() const { return expression == nullptr; }
};

// ---- Expressions ----------------------------------------------------------------------------------------------------

enum class ExprKind : uint8_t {
  kLiteral,               // text = the value as text; literal says which kind
  kParameter,             // text = its name; $`x` and the old {x} alike
  kVariable,              // text
  kProperty,              // arguments[0] . text; name_span covers the key
  kIndex,                 // arguments[0] [ arguments[1] ]; also a dynamic property
  kSlice,                 // arguments[0] [ arguments[1] .. arguments[2] ]; a missing bound is a literal NULL with an empty span
  kCall,                  // text = the function, schema = its namespace ("apoc.text"); arguments; name_span; `count(*)`: star
  kList,                  // arguments
  kMap,                   // entries
  kMapProjection,         // arguments[0] { entries }: `.key`: key and value alike; `.*`: key "*"; `x`: key x with value x
  kOperator,              // text = "+", "-", "*", "/", "%", "^", "||", "=", "<>", "<", "<=", ">", ">=", "=~", "IN", "CONTAINS",
                          // "STARTS WITH", "ENDS WITH"; arguments[0], arguments[1]. a < b < c: kAnd of the two comparisons
  kUnary,                 // text = "+" or "-"; arguments[0]
  kAnd,
  kOr,
  kXor,
  kNot,
  kIsNull,                // arguments[0]
  kIsNotNull,
  kIsTyped,               // IS [NOT] TYPED / `::`; text = the type as written; negated
  kIsNormalized,          // text = NFC ...; negated
  kLabelPredicate,        // n:A, n IS A: arguments[0], labels
  kCase,                  // arguments: [operand] when then when then ... [else]; case_operand, case_else say which there are
  kListComprehension,     // [text IN arguments[0] WHERE where | projection]
  kPatternComprehension,  // [p = pattern WHERE where | projection]; text = p
  kReduce,                // reduce(text2 = arguments[0], text IN arguments[1] | projection); schema = the accumulator's name
  kQuantifier,            // text = "all", "any", "none", "single"; schema = variable; arguments[0], where
  kPattern,               // a pattern as predicate or value: (a)-->(b), and shortestPath(...) (pattern->paths[0].shortest)
  kSubquery,              // EXISTS, COUNT, COLLECT { query }: text says which; query (a bare pattern is one MATCH in it)
  kOther,                 // text names it; all parts are in arguments
};
enum class LiteralKind : uint8_t { kNull, kInteger, kFloat, kString, kBoolean, kInfinity, kNaN };

struct MapEntry {
  Name key;
  const Expr* value = nullptr;
};

struct Expr {
  ExprKind kind = ExprKind::kOther;
  LiteralKind literal = LiteralKind::kNull;
  bool distinct = false;                // count(DISTINCT x)
  bool star = false;                    // count(*)
  bool negated = false;
  bool case_operand = false;
  bool case_else = false;
  bool parenthesised = false;           // span leaves the parentheses out
  std::string_view schema;
  std::string_view text;
  List<const Expr*> arguments;
  List<MapEntry> entries;
  const Expr* where = nullptr;
  const Expr* projection = nullptr;
  const Labels* labels = nullptr;
  const Pattern* pattern = nullptr;
  const Query* query = nullptr;
  Span span;
  Span name_span;                       // kCall: namespace and name; kProperty: the key
};

// A property map of a pattern: {k: v}, or a parameter that stands for one.
struct Properties {
  List<MapEntry> entries;
  const Expr* parameter = nullptr;      // (n $props), (n {props})
  Span span;

  bool empty() const { return span.empty(); }
};

// ---- Patterns -------------------------------------------------------------------------------------------------------

// How often: `+`, `*`, {n}, {n,m}, and the older [*1..3].
struct Quantifier {
  bool present = false;
  bool has_min = false, has_max = false;  // as written; `*` and `+` have no maximum
  uint64_t min = 1, max = 0;            // what it means; max counts only with has_max
  Span span;

  bool unbounded() const { return present && !has_max; }
};

struct NodePattern {
  Name variable;
  Labels labels;
  Properties properties;
  const Expr* where = nullptr;
  Span span;                            // with its parentheses
};

enum class Direction : uint8_t { kBoth /* -- or <--> */, kRight, kLeft };

struct RelationshipPattern {
  Name variable;
  Labels types;
  Direction direction = Direction::kBoth;
  bool both_arrows = false;             // <-->, written out
  Quantifier length;                    // [*1..3]
  Quantifier quantifier;                // -[]->+, -[]->{1,3}
  Properties properties;
  const Expr* where = nullptr;
  Span span;                            // from its first dash or arrow to the last
};

struct PathPattern;

// One part of a path, in order: node, relationship, node ..., or a parenthesised (quantified) path in place of a node.
enum class ElementKind : uint8_t { kNode, kRelationship, kGroup };
struct PathElement {
  ElementKind kind = ElementKind::kNode;
  const NodePattern* node = nullptr;
  const RelationshipPattern* relationship = nullptr;
  const PathPattern* group = nullptr;   // ((a)-->(b) WHERE ...){1,5}
};

enum class ShortestKind : uint8_t { kNone, kShortestPath, kAllShortestPaths };

struct PathPattern {
  Name variable;                        // p = ...
  ShortestKind shortest = ShortestKind::kNone;  // the functions shortestPath(...), allShortestPaths(...)
  std::string_view selector;            // ANY, ALL, "ANY SHORTEST", "ALL SHORTEST", SHORTEST, "SHORTEST GROUPS"; "" if none
  List<PathElement> elements;
  Quantifier quantifier;                // of a group
  const Expr* where = nullptr;          // of a group
  Span span;
};

struct Pattern {
  std::string_view match_mode;          // "REPEATABLE ELEMENTS", "DIFFERENT RELATIONSHIPS"; "" if none
  List<const PathPattern*> paths;
  Span span;
};

// ---- Clauses --------------------------------------------------------------------------------------------------------

enum class ClauseKind : uint8_t {
  kUse, kMatch, kWith, kReturn, kFinish, kUnwind, kCreate, kInsert, kMerge, kSet, kRemove, kDelete, kForeach, kLoadCsv,
  kCallProcedure, kCallSubquery, kLet, kFilter, kOrderBy /* ORDER BY, SKIP, LIMIT standing alone */, kShow, kTerminate, kSearch,
};
std::string_view ToString(ClauseKind k);  // as in Cypher: "MATCH", "CALL { }"

enum class SetKind : uint8_t {
  kProperty,              // n.key = value
  kDynamicProperty,       // n[expr] = value
  kReplaceAll,            // n = value
  kMerge,                 // n += value
  kLabels,                // n:A:B, n IS A
};

// An item of SET, REMOVE, ON CREATE SET, ON MATCH SET. Of REMOVE: kProperty, kDynamicProperty, kLabels, without a value.
struct SetItem {
  SetKind kind = SetKind::kProperty;
  const Expr* target = nullptr;         // n; or the whole of what stands before the last `.key` or `[...]`
  Name key;                             // kProperty
  const Expr* key_expression = nullptr; // kDynamicProperty
  Labels labels;                        // kLabels
  const Expr* value = nullptr;
  Span operator_span;                   // `=`, `+=`
  Span span;
};

struct SortItem {
  const Expr* expression = nullptr;
  bool descending = false;
};

struct ProjectionItem {
  const Expr* expression = nullptr;     // null for `*`
  Name alias;                           // as written behind AS; empty if none
  Span span;
};

// What WITH, RETURN, YIELD and a stand-alone ORDER BY share.
struct Projection {
  bool distinct = false;
  bool star = false;                    // first item was `*`
  List<ProjectionItem> items;           // without the `*`
  List<SortItem> order_by;
  const Expr* skip = nullptr;           // SKIP, OFFSET
  const Expr* limit = nullptr;
  const Expr* where = nullptr;          // WITH, YIELD
};

struct YieldItem {
  Name name;
  Name alias;                           // as written; empty if none
};

enum class OnError : uint8_t { kUnset, kFail, kContinue, kBreak };

// IN [n] [CONCURRENT] TRANSACTIONS [OF n ROWS] [ON ERROR ...] [REPORT STATUS AS x]
struct InTransactions {
  bool concurrent = false;
  const Expr* concurrency = nullptr;
  const Expr* of_rows = nullptr;
  OnError on_error = OnError::kUnset;
  bool retry = false;                   // ON ERROR RETRY [FOR n SECONDS] [THEN ...]
  const Expr* retry_seconds = nullptr;
  Name report_status;                   // the variable; empty if none
  Span on_error_span;
  Span span;
};

struct MergeAction {
  bool on_create = false;               // false: ON MATCH
  List<SetItem> items;
  Span span;
};

struct Clause {
  ClauseKind kind = ClauseKind::kMatch;
  bool optional = false;                // OPTIONAL MATCH, OPTIONAL CALL
  bool detach = false;                  // DETACH DELETE
  bool nodetach = false;
  bool with_headers = false;            // LOAD CSV
  bool yield_star = false;              // CALL ... YIELD *, SHOW ... YIELD *
  bool has_yield = false;
  bool has_arguments = false;           // CALL p(...) with parentheses
  bool scope_star = false;              // CALL (*) { }
  bool has_scope = false;               // CALL (...) { }
  bool importing_with = false;          // kWith: first clause of a CALL { } without scope clause, imports only
  const Pattern* pattern = nullptr;     // MATCH, CREATE, INSERT, MERGE (one path)
  const Expr* where = nullptr;          // MATCH, FILTER, YIELD ... WHERE, SHOW ... WHERE
  const Expr* expression = nullptr;     // UNWIND and FOREACH: the list; LOAD CSV: the URL; USE: graph as variable, property or call
  const Expr* field_terminator = nullptr;  // LOAD CSV
  Name variable;                        // UNWIND, FOREACH, LOAD CSV
  const Projection* projection = nullptr;  // WITH, RETURN, kOrderBy; LET (items with aliases)
  List<SetItem> items;                  // SET, REMOVE
  List<MergeAction> actions;            // MERGE
  List<const Expr*> arguments;          // DELETE; CALL p(...); TERMINATE, SHOW: ids
  List<const Clause*> clauses;          // FOREACH
  std::string_view schema;              // CALL: the procedure's namespace ("apoc.periodic")
  Name name;                            // CALL: the procedure's last name; span covers the namespace too. SHOW, TERMINATE: keyword words
  List<YieldItem> yields;
  const Query* query = nullptr;         // CALL { }
  List<Name> scope;                     // CALL (a, b) { }
  const InTransactions* transactions = nullptr;  // CALL { } IN TRANSACTIONS
  List<std::string_view> hints;         // MATCH ... USING INDEX etc., as written
  List<const Statement*> embedded;      // CALL: the Cypher in its string arguments, once ParseEmbeddedStatements has read it (script.h)
  Span keyword_span;                    // MATCH, OPTIONAL MATCH, DETACH DELETE, CALL ...
  Span body_span;                       // CALL { }, FOREACH: inside the braces
  Span span;

  bool Writes() const {                 // by itself, not by what it holds
    return kind == ClauseKind::kCreate || kind == ClauseKind::kInsert || kind == ClauseKind::kMerge || kind == ClauseKind::kSet ||
           kind == ClauseKind::kRemove || kind == ClauseKind::kDelete;
  }
};

// WHEN condition THEN query (Cypher 25); the ELSE branch has no condition.
struct WhenBranch {
  const Expr* condition = nullptr;
  const Query* query = nullptr;
  Span span;
};

// A query, at the top or nested: exactly one of `clauses`, `parts` and `branches` is not empty (a nested query may also be empty).
// parts: the arms of UNION, or of NEXT (Cypher 25).
struct Query {
  List<const Clause*> clauses;
  List<const Query*> parts;
  bool union_all = false;               // the first UNION's
  bool next = false;                    // parts are chained with NEXT
  List<WhenBranch> branches;
  bool braces = false;                  // { ... } around a query at the top or in UNION (Cypher 25)
  Span span;
};

// ---- Schema commands ------------------------------------------------------------------------------------------------

enum class EntityKind : uint8_t { kNode, kRelationship, kUnknown };

enum class ConstraintKind : uint8_t { kUnique, kKey, kExistence, kType, kUnknown };
std::string_view ToString(ConstraintKind k);  // "uniqueness", "key", "existence", "property type"

struct CreateConstraint {
  ConstraintKind kind = ConstraintKind::kUnknown;
  EntityKind entity = EntityKind::kNode;
  Name name;                            // empty if unnamed
  const Expr* name_parameter = nullptr; // CREATE CONSTRAINT $name
  bool or_replace = false;
  bool if_not_exists = false;
  bool legacy = false;                  // ON ... ASSERT: removed in 5.0
  Name variable;
  Name label;                           // or relationship type
  List<Name> properties;
  std::string_view type;                // kType: as written
  List<MapEntry> options;
  Span options_span;
  Span keyword_span;                    // CREATE [OR REPLACE] CONSTRAINT
  uint32_t if_not_exists_at = 0;        // where ` IF NOT EXISTS` goes: behind the name or CONSTRAINT
  uint32_t name_at = 0;                 // where ` name` goes: behind CONSTRAINT
  Span on_span;                         // legacy: ON. Else FOR
  Span assert_span;                     // legacy: ASSERT. Else REQUIRE
  Span predicate_span;                  // behind it: n.k IS UNIQUE
};

enum class IndexKind : uint8_t { kRange, kText, kPoint, kFulltext, kVector, kLookup, kBtree /* removed in 5.0 */ };
std::string_view ToString(IndexKind k);  // as in Cypher: "RANGE", "TEXT"

struct CreateIndex {
  IndexKind kind = IndexKind::kRange;
  EntityKind entity = EntityKind::kNode;
  bool kind_written = false;            // CREATE RANGE INDEX, not CREATE INDEX
  Name name;
  const Expr* name_parameter = nullptr;
  bool or_replace = false;
  bool if_not_exists = false;
  bool legacy = false;                  // CREATE INDEX ON :L(p): removed in 5.0
  Name variable;
  List<Name> labels;                    // or relationship types; several only for full-text and vector
  List<Name> properties;                // empty for lookup
  List<Name> with_properties;           // WITH [n.a, n.b]: vector, Cypher 25
  List<MapEntry> options;               // the first level: indexConfig, indexProvider
  Span options_span;
  Span keyword_span;                    // CREATE [OR REPLACE] [KIND] INDEX
  uint32_t if_not_exists_at = 0;
  uint32_t name_at = 0;
  Span on_span;                         // legacy: ON
  Span target_span;                     // legacy: `:L(p)`
};

// DROP CONSTRAINT / DROP INDEX.
struct DropSchema {
  bool constraint = false;
  Name name;                            // empty for the removed forms without a name
  const Expr* name_parameter = nullptr;
  bool if_exists = false;
  bool legacy = false;                  // DROP INDEX ON :L(p), DROP CONSTRAINT ON (n:L) ASSERT ...: removed in 5.0
  ConstraintKind constraint_kind = ConstraintKind::kUnknown;  // legacy
  EntityKind entity = EntityKind::kUnknown;  // legacy
  Name label;                           // legacy
  List<Name> properties;                // legacy
  uint32_t if_exists_at = 0;            // where ` IF EXISTS` goes: behind the name
  Span keyword_span;
  Span on_span;                         // legacy
};

// Administration: databases, aliases, users, roles, privileges, servers. Recognised, not taken apart.
struct Administration {
  std::string_view command;             // its leading keywords, in capitals: "CREATE DATABASE", "GRANT", "ALTER USER"
  Name object;                          // the first name behind them, if there is one
  bool if_exists = false;
  bool if_not_exists = false;
  bool or_replace = false;
  Span password;                        // a password written as a string literal
};

// :param x => 1, :use db, :begin, :source file, :auto ...
struct ClientCommand {
  std::string_view command;             // with its colon, in lower case: ":param"
  std::string_view argument;            // the rest of its line, trimmed
};

// ---- Statements -----------------------------------------------------------------------------------------------------

enum class StatementKind : uint8_t {
  kQuery,              // Query; also SHOW and TERMINATE
  kCreateConstraint,   // CreateConstraint
  kCreateIndex,        // CreateIndex
  kDropSchema,         // DropSchema
  kAdministration,     // Administration
  kClientCommand,      // ClientCommand
  kSyntaxError,        // SyntaxError
  kCount,
};

struct SyntaxError {
  std::string_view message;             // one line, lower case, without a full stop: "expected `)` to close `(`, found `RETURN`"
  std::string_view expected;            // what could stand there, in words; "" if the message says all
  std::string_view help;                // the correction of a known mistake; "" if none
  Span span;                            // the offending token; empty at the end of the text
  std::string_view replacement;         // with has_replacement: put in the place of replace_span it mends the mistake
  Span replace_span;
  bool has_replacement = false;
};

enum class Explain : uint8_t { kNone, kExplain, kProfile };

// CYPHER 25, and options such as runtime=parallel
struct QueryOption {
  Name name;
  Name value;
};

// EXPLAIN, PROFILE, CYPHER 5 k=v: what Neo4j's pre-parser takes off a statement.
struct Prefix {
  Explain explain = Explain::kNone;
  uint8_t version = 0;                  // CYPHER 5, CYPHER 25; older ones as written (4 for 4.4); 0: none
  List<QueryOption> options;
  Span span;                            // empty if there is none
  Span version_span;
};

// One use of a form whose standing differs between versions (forms.h), in order of place.
struct FormUse {
  Form form = Form::kCount;
  bool accepted = true;                 // in the version that the statement is for
  Span span;                            // the form as written
  std::string_view replacement;         // with has_replacement: what to write in the place of replace_span
  Span replace_span;
  bool has_replacement = false;         // the replacement is mechanical and means the same
};

struct Statement {
  StatementKind kind = StatementKind::kQuery;
  Version version = Version::k5;        // what it was judged by: its CYPHER prefix or the configured one
  bool accepted = true;                 // in that version: no syntax error and no form that is not accepted
  bool parses = true;                   // Neo4j's parser alone takes it: some forms are refused only after parsing
  bool embedded = false;                // stands in a string literal of `outer`
  bool exact_spans = true;              // false: in a literal with escapes that change lengths; spans are then the literal's
  Span span;                            // first token to last, prefix included, without ';'
  uint32_t full_end = 0;                // past the ';'
  Prefix prefix;
  List<FormUse> forms;
  const void* node = nullptr;           // the struct that `kind` names
  const Statement* outer = nullptr;     // embedded: the statement whose argument it is

  template <typename T>
  const T& As() const {
    return *static_cast<const T*>(node);
  }
  bool IsSchema() const {
    return kind == StatementKind::kCreateConstraint || kind == StatementKind::kCreateIndex || kind == StatementKind::kDropSchema;
  }
};

// "apoc.periodic.iterate": a call's namespace and name, as written.
std::string QualifiedName(std::string_view schema, std::string_view name);

}  // namespace pawl::cypher

#endif  // PAWL_ANALYZER_CYPHER_AST_H_
