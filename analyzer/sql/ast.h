// Our typed SQL AST: what rules, catalogue and effects need of a statement, and nothing that changes with each PostgreSQL
// major. Converted once from libpg_query's raw tree (convert.cc), which is freed at once.
//
// All nodes live in the Script's arena, are immutable once parsed, and hold string_views into that arena. Names are as
// PostgreSQL sees them: folded to lower case unless quoted. Spans are bytes of the outer file, also for SQL found inside
// function bodies and string literals. A field that PostgreSQL leaves out is empty (string_view, List) or null (pointer).
#ifndef PAWL_ANALYZER_SQL_AST_H_
#define PAWL_ANALYZER_SQL_AST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzer/source/arena.h"
#include "analyzer/source/span.h"

namespace pawl::sql {

struct Expr;
struct Query;
struct Statement;

// A possibly schema-qualified name. `span` covers the name as written, quotes and qualification included.
struct Name {
  std::string_view schema;
  std::string_view name;
  Span span;

  bool empty() const { return name.empty(); }
};
std::string ToString(const Name& n);  // schema.name, unquoted: for messages

// `name` is canonical: int -> int4, bigint -> int8, varchar, timestamptz, bool ...; serial types stay serial, bigserial,
// smallserial. pg_catalog is dropped from `schema`.
struct TypeName {
  std::string_view schema;
  std::string_view name;
  List<int32_t> modifiers;  // (n) or (p, s); interval's field mask first
  bool array = false;
  bool setof = false;
  bool percent_type = false;  // column%TYPE
  Span span;
};
std::string ToString(const TypeName& t);

enum class ExprKind : uint8_t {
  kConstant,    // text = the value as text; constant says which kind
  kColumn,      // text = the last name; schema = its qualifier ("" if none); `*` for a star
  kCall,        // text = function, schema = its schema; arguments
  kCast,        // arguments[0], type
  kOperator,    // text = operator ("=", "IN", "BETWEEN", "LIKE", "= ANY" ...); arguments
  kAnd,
  kOr,
  kNot,
  kIsNull,      // arguments[0]
  kIsNotNull,
  kSubquery,    // query; text = "EXISTS", "ANY", "ALL", "ARRAY" or "" for a scalar one; arguments[0] = left side if any
  kKeyword,     // text = current_timestamp, current_date, current_user ...
  kParameter,   // $1
  kDefault,     // DEFAULT in VALUES or SET
  kOther,       // CASE, COALESCE, ARRAY, ROW ...: text names it; all parts are in arguments
};
enum class ConstantKind : uint8_t { kNull, kInteger, kFloat, kString, kBoolean, kBits };

struct Expr {
  ExprKind kind = ExprKind::kOther;
  ConstantKind constant = ConstantKind::kNull;
  std::string_view schema;
  std::string_view text;
  List<const Expr*> arguments;
  const TypeName* type = nullptr;
  const Query* query = nullptr;
  Span span;  // begin is exact; end is the end of the first token where the parser tells no more
};

// ---- Columns, constraints -------------------------------------------------------------------------------------------

enum class ConstraintKind : uint8_t { kNotNull, kNull, kDefault, kCheck, kPrimaryKey, kUnique, kForeignKey, kExclusion, kIdentity, kGenerated };

struct Constraint {
  ConstraintKind kind = ConstraintKind::kCheck;
  std::string_view name;                 // "" if unnamed
  List<std::string_view> columns;        // key columns; for a column constraint the column itself
  std::string_view using_index;          // ADD CONSTRAINT ... USING INDEX
  const Expr* expression = nullptr;      // CHECK, DEFAULT, GENERATED
  Name referenced;                       // FOREIGN KEY
  List<std::string_view> referenced_columns;
  char on_delete = 'a';                  // PostgreSQL's codes: a no action, r restrict, c cascade, n set null, d set default
  char on_update = 'a';
  bool not_valid = false;
  bool not_enforced = false;             // 18+
  bool deferrable = false;
  bool deferred = false;                 // INITIALLY DEFERRED
  bool no_inherit = false;
  bool stored = false;                   // GENERATED ... STORED (false: VIRTUAL, 18+)
  bool nulls_not_distinct = false;       // 15+
  bool without_overlaps = false;         // 18+
  bool column_constraint = false;        // written inside a column's definition
  Span span;
};

struct Column {
  std::string_view name;
  const TypeName* type = nullptr;        // null in typed tables and partitions
  List<const Constraint*> constraints;
  std::string_view collation;
  std::string_view compression;          // 14+
  Span span;                             // the whole definition
  Span name_span;

  const Constraint* Find(ConstraintKind k) const {
    for (const Constraint* c : constraints) {
      if (c->kind == k) return c;
    }
    return nullptr;
  }
};

// ---- Statements -----------------------------------------------------------------------------------------------------

enum class ObjectType : uint8_t {
  kTable, kIndex, kView, kMaterializedView, kSequence, kForeignTable, kSchema, kDatabase, kType, kDomain, kExtension,
  kFunction, kProcedure, kRoutine, kAggregate, kTrigger, kRule, kPolicy, kColumn, kConstraint, kDomainConstraint, kAttribute,
  kRole, kTablespace, kCollation, kOther, kStatistics, kPublication, kForeignServer, kForeignDataWrapper, kOperatorClass,
};
std::string_view ToString(ObjectType t);  // as in SQL: "TABLE", "MATERIALIZED VIEW"

struct PartitionBound {
  bool is_default = false;
  char strategy = 0;          // 'l' list, 'r' range, 'h' hash
  List<const Expr*> list;
  List<const Expr*> lower;
  List<const Expr*> upper;
  Span span;
};

struct CreateTable {
  Name name;
  bool if_not_exists = false;
  bool temporary = false;
  bool unlogged = false;
  bool foreign = false;
  List<const Column*> columns;
  List<const Constraint*> constraints;   // table constraints
  List<Name> inherits;                   // INHERITS (...)
  Name partition_of;
  const PartitionBound* bound = nullptr;
  char partition_strategy = 0;           // PARTITION BY: 'l', 'r', 'h'
  List<const Expr*> partition_key;
  List<Name> like;
  std::string_view access_method;
  std::string_view tablespace;
  bool of_type = false;
  Name type_name;                        // OF: the composite type
  std::string_view server;               // of a foreign table
  const Query* as_query = nullptr;       // CREATE TABLE AS, SELECT INTO
  bool materialized_view = false;        // with as_query
  bool with_no_data = false;
};

struct IndexElement {
  std::string_view column;               // "" for an expression
  const Expr* expression = nullptr;
  std::string_view opclass;
  std::string_view collation;
  bool descending = false;
};

struct CreateIndex {
  std::string_view name;                 // "" if unnamed
  Name table;
  bool unique = false;
  bool concurrently = false;
  bool if_not_exists = false;
  bool only = false;                     // ON ONLY
  bool nulls_not_distinct = false;
  std::string_view method;               // "btree" if left out
  List<IndexElement> elements;
  List<std::string_view> include;
  const Expr* where = nullptr;
  std::string_view tablespace;
  Span keyword_span;                     // INDEX, after which CONCURRENTLY goes
};

enum class AlterKind : uint8_t {
  kAddColumn, kDropColumn, kColumnType, kSetDefault, kDropDefault, kSetNotNull, kDropNotNull, kSetExpression, kDropExpression,
  kAddIdentity, kSetIdentity, kDropIdentity, kSetStatistics, kSetStorage, kSetCompression, kSetOptions,
  kAddConstraint, kAddIndexConstraint /* USING INDEX */, kDropConstraint, kValidateConstraint, kAlterConstraint,
  kAttachPartition, kDetachPartition, kDetachFinalize, kInherit, kNoInherit, kOfType, kNotOf,
  kSetLogged, kSetUnlogged, kSetAccessMethod, kSetTablespace, kClusterOn, kNoCluster,
  kEnableTrigger, kDisableTrigger, kEnableRule, kDisableRule, kEnableRowSecurity, kDisableRowSecurity, kForceRowSecurity,
  kNoForceRowSecurity, kReplicaIdentity, kSetRelOptions, kResetRelOptions, kOwner, kOther,
};

struct AlterCommand {
  AlterKind kind = AlterKind::kOther;
  std::string_view name;                 // column, constraint, trigger, index, access method, tablespace, new owner
  const Column* column = nullptr;        // kAddColumn
  const TypeName* type = nullptr;        // kColumnType
  std::string_view collation;            // kColumnType: COLLATE
  List<std::string_view> options;        // kSetRelOptions, kResetRelOptions: names of the parameters
  const Expr* expression = nullptr;      // USING of kColumnType; value of kSetDefault
  const Constraint* constraint = nullptr;  // kAddConstraint, kAddIndexConstraint
  Name other;                            // partition or parent of ATTACH, DETACH, INHERIT
  const PartitionBound* bound = nullptr;
  bool concurrently = false;             // DETACH
  bool cascade = false;
  bool if_exists = false;
  bool if_not_exists = false;            // ADD COLUMN
  bool user_triggers = false;            // trigger USER (ALL: name is "all")
  char trigger_mode = 0;                 // ENABLE: 'a' ALWAYS, 'r' REPLICA
  char enforced = 0;                     // kAlterConstraint (18+): 'e' ENFORCED, 'n' NOT ENFORCED
  char inherit = 0;                      // kAlterConstraint (18+): 'i' INHERIT, 'n' NO INHERIT
  Span span;
};

struct AlterTable {
  ObjectType type = ObjectType::kTable;
  Name name;
  bool only = false;
  bool if_exists = false;
  List<AlterCommand> commands;
};

struct Drop {
  ObjectType type = ObjectType::kOther;
  List<Name> names;                      // for triggers, rules, policies: the object's name; its table is in `tables`
  List<Name> tables;
  bool concurrently = false;
  bool if_exists = false;
  bool cascade = false;
};

struct Rename {
  ObjectType type = ObjectType::kOther;  // kColumn, kConstraint: of `name`
  Name name;                             // the object, or the table that holds it
  std::string_view old_name;             // column, constraint, trigger ... "" when the object itself is renamed
  std::string_view new_name;
  bool if_exists = false;
};

struct SetSchema {
  ObjectType type = ObjectType::kOther;
  Name name;
  std::string_view new_schema;
  bool if_exists = false;
};

enum class TransactionKind : uint8_t { kBegin, kCommit, kRollback, kSavepoint, kRelease, kRollbackTo, kPrepare, kOther };
struct Transaction {
  TransactionKind kind = TransactionKind::kOther;
  bool chain = false;
};

struct VariableSet {
  std::string_view name;
  std::string_view value;                // first value as text, lower case left alone; "" for DEFAULT
  List<std::string_view> values;
  bool local = false;
  bool reset = false;                    // RESET or SET ... TO DEFAULT; name "" = RESET ALL
};

struct LockTable {
  List<Name> tables;
  uint64_t only = 0;                     // bit i: ONLY stands before tables[i], for the first 64
  int mode = 8;                          // PostgreSQL's lock numbers, 1 ACCESS SHARE ... 8 ACCESS EXCLUSIVE
  bool nowait = false;
};

struct Reindex {
  std::string_view target;               // INDEX, TABLE, SCHEMA, DATABASE, SYSTEM
  Name name;
  bool concurrently = false;
};

struct Cluster { Name table; std::string_view index; };

struct Vacuum {
  bool vacuum = true;                    // false: ANALYZE
  bool full = false;
  List<Name> tables;
  uint64_t only = 0;                     // as in LockTable (18+)
};

struct Refresh { Name view; bool concurrently = false; bool with_no_data = false; };

// What fires a trigger, bit by bit.
enum TriggerEvent : uint8_t { kOnInsert = 1, kOnUpdate = 2, kOnDelete = 4, kOnTruncate = 8 };

struct CreateTrigger {
  std::string_view name;
  Name table;
  Name function;
  Name from;                             // CREATE CONSTRAINT TRIGGER ... FROM
  List<std::string_view> columns;        // UPDATE OF
  const Expr* when = nullptr;
  bool replace = false;
  bool constraint = false;
  bool deferred = false;                 // INITIALLY DEFERRED
  bool row = false;
  uint8_t events = 0;                    // TriggerEvent
  char timing = 'a';                     // 'b' BEFORE, 'a' AFTER, 'i' INSTEAD OF
};

struct CreateFunction {
  Name name;
  bool procedure = false;
  bool replace = false;
  uint16_t argument_count = 0;
  const TypeName* returns = nullptr;
  std::string_view language;
  char volatility = 'v';                 // 'i' immutable, 's' stable, 'v' volatile
  bool security_definer = false;
  bool sets_search_path = false;
  Span body;                             // inside the quotes; empty if none
  List<const Statement*> statements;     // SQL inside, in order, once ParseFunctionBody has read it (script.h)
  List<const Query*> queries;            // BEGIN ATOMIC or RETURN body (14+): parsed along with the statement
  bool body_parsed = false;
};

struct DoBlock {
  std::string_view language;
  Span body;
  List<const Statement*> statements;     // SQL inside, in order
};

struct CreateType { Name name; char kind = 'e'; /* e enum, c composite, r range, b base/shell */ List<std::string_view> values; };
struct AlterEnum {
  Name name;
  std::string_view value;                // added, or the old name of a renamed one
  std::string_view new_value;            // RENAME VALUE
  std::string_view neighbour;            // BEFORE/AFTER
  bool after = true;
  bool if_not_exists = false;
};
struct CreateDomain { Name name; const TypeName* type = nullptr; List<const Constraint*> constraints; };
struct AlterDomain {
  Name name;
  char kind = 0;                         // PostgreSQL's: 'T' default, 'N' drop not null, 'O' set not null, 'C' add, 'X' drop, 'V' validate
  std::string_view constraint_name;
  const Constraint* constraint = nullptr;
  bool cascade = false;
  bool if_exists = false;
};

struct CreateSequence { Name name; Name owner; /* OWNED BY: its table */ bool if_not_exists = false; bool temporary = false; };
struct CreateSchema { std::string_view name; bool if_not_exists = false; List<const Statement*> elements; };
struct CreateExtension { std::string_view name; bool if_not_exists = false; };
struct CreateView { Name name; bool replace = false; bool temporary = false; const Query* query = nullptr; };
struct CreatePolicy { std::string_view name; Name table; const Expr* using_expression = nullptr; const Expr* check_expression = nullptr; };
struct CreateRole { std::string_view name; bool alter = false; bool has_password = false; Span password; };
struct Grant { bool grant = true; bool all_privileges = false; bool to_public = false; bool all_in_schema = false; ObjectType type = ObjectType::kOther; List<Name> objects; };
struct Copy { Name table; bool from = false; bool stdin_data = false; const Query* query = nullptr; };
struct Truncate { List<Name> tables; bool cascade = false; uint64_t only = 0; /* as in LockTable */ };
struct CreateDatabase { std::string_view name; };
struct Comment { ObjectType type = ObjectType::kOther; Name name; Name table; /* of a column, constraint, trigger, rule or policy */ };
struct Call { const Expr* call = nullptr; };

// What no rule reads one by one, but what locks relations: CreateStatsStmt, AlterStatsStmt, RuleStmt, AlterPolicyStmt,
// CreatePublicationStmt, AlterPublicationStmt, AlterSeqStmt, AlterObjectDependsStmt, AlterTableMoveAllStmt, DropOwnedStmt,
// ReassignOwnedStmt, SecLabelStmt, PrepareStmt, DeclareCursorStmt, AlterExtensionContentsStmt, CreateForeignServerStmt. The node of a
// kOther statement whose tag is one of these.
struct OtherObject {
  ObjectType type = ObjectType::kOther;
  Name name;                             // the object itself: statistics object, rule, policy, publication, sequence ...
  List<Name> relations;                  // that it is made on, that are added or dropped; AlterSeqStmt: the owner's table
  List<const Query*> queries;            // a rule's actions; what is prepared, what a cursor reads
  uint64_t only = 0;                     // as in LockTable, of `relations`
  List<const Expr*> expressions;         // conditions of a policy or rule; of a publication, beside `relations`: null without WHERE
  List<List<std::string_view>> columns;  // of a publication, beside `relations`: the columns that it names (15+)
  List<std::string_view> roles;
  // AlterPublicationStmt: add, drop, set; AlterTableMoveAllStmt: the old tablespace; RuleStmt: select, insert, update, delete;
  // CreateForeignServerStmt: the wrapper.
  std::string_view text;
  std::string_view new_text;             // AlterTableMoveAllStmt: the new tablespace; ReassignOwnedStmt: the new owner
  bool cascade = false;
  bool instead = false;                  // RuleStmt: DO INSTEAD
};

struct Cte { std::string_view name; const Query* query = nullptr; };
struct Assignment { std::string_view column; const Expr* value = nullptr; Span span; };

enum class QueryKind : uint8_t { kSelect, kValues, kInsert, kUpdate, kDelete, kMerge };

// The parts of a Query that most do not have: a script of 100,000 INSERTs holds 200,000 queries, so they are kept apart.
struct QueryClauses {
  std::string_view target_alias;
  List<Name> sources;
  List<std::string_view> source_aliases;
  List<const Query*> subqueries;
  List<Cte> ctes;
  List<std::string_view> locked;  // FOR UPDATE OF ...: names or aliases; empty: all of this level
  const Expr* join_condition = nullptr;
  const Expr* limit = nullptr;
  uint64_t only = 0;              // bit i: ONLY stands before sources[i], for the first 63; bit 63: before the target
};
inline constexpr int kOnlyTarget = 63;
inline constexpr QueryClauses kNoClauses;

// SELECT, VALUES, INSERT, UPDATE, DELETE, MERGE, at the top or nested.
struct Query {
  QueryKind kind = QueryKind::kSelect;
  bool on_conflict = false;
  bool on_conflict_nothing = false;
  bool select_into = false;
  bool locking = false;                  // FOR UPDATE / SHARE
  uint32_t value_rows = 0;               // VALUES: number of rows
  Name target;                           // INSERT, UPDATE, DELETE, MERGE; SELECT INTO
  List<const Expr*> values;              // select list; VALUES rows flattened; RETURNING last
  List<Assignment> assignments;          // UPDATE SET; ON CONFLICT DO UPDATE SET
  List<std::string_view> columns;        // INSERT's column list
  const Query* source = nullptr;         // INSERT ... SELECT/VALUES
  const Expr* where = nullptr;
  const QueryClauses* clauses = &kNoClauses;  // never null

  std::string_view target_alias() const { return clauses->target_alias; }
  List<Name> sources() const { return clauses->sources; }                              // FROM / USING relations of this level (CTE names included)
  List<std::string_view> source_aliases() const { return clauses->source_aliases; }    // parallel to `sources`
  List<const Query*> subqueries() const { return clauses->subqueries; }                // FROM (SELECT ...), UNION arms
  List<Cte> ctes() const { return clauses->ctes; }
  const Expr* join_condition() const { return clauses->join_condition; }               // JOIN ... ON, and MERGE's ON; several are joined with kAnd
  const Expr* limit() const { return clauses->limit; }
  List<std::string_view> locked() const { return clauses->locked; }
  bool IsOnly(size_t source) const { return source < kOnlyTarget && ((clauses->only >> source) & 1) != 0; }
  bool IsOnlyTarget() const { return (clauses->only >> kOnlyTarget) != 0; }
};

enum class StatementKind : uint8_t {
  kCreateTable, kCreateIndex, kAlterTable, kDrop, kRename, kSetSchema, kQuery, kCopy, kTruncate, kTransaction, kVariableSet,
  kLockTable, kReindex, kCluster, kVacuum, kRefresh, kCreateTrigger, kCreateFunction, kDo, kCreateType, kAlterEnum, kCreateDomain,
  kAlterDomain, kCreateSequence, kCreateSchema, kCreateExtension, kCreateView, kCreatePolicy, kCreateRole, kGrant,
  kCreateDatabase, kComment, kCall,
  kExplain,       // EXPLAIN: `query` inside is in `node` as Query when it is one; `tag` is "ANALYZE" when that runs it
  kOther,         // understood as SQL, of no consequence for any rule so far; `tag` names it; `node` is null or an OtherObject
  kNotUnderstood, // dynamic SQL, non-SQL body piece; `tag` says why; EXECUTE of a prepared statement: `node` is an OtherObject with its name
  kSyntaxError,   // `tag` is the server's message; error_at its place
  kClientCommand, // psql meta-command; tag = the command with its backslash
  kCount,
};

// Where SQL inside other SQL came from.
enum class Inside : uint8_t { kNone, kDo, kFunction, kExecute };

struct Statement {
  StatementKind kind = StatementKind::kOther;
  Inside inside = Inside::kNone;
  bool conditional = false;   // in IF/CASE/loop/EXCEPTION of a body: may not run
  bool in_loop = false;
  bool guarded = false;       // its block has an EXCEPTION handler (the duplicate_object idiom), or an IF [NOT] EXISTS test guards it
  Span span;                  // first token to last, without ';'
  uint32_t full_end = 0;      // past the ';' (and COPY data)
  uint32_t error_at = 0;
  std::string_view tag;       // PostgreSQL's node name, e.g. "CreateStatsStmt", or as `kind` says
  const void* node = nullptr; // the struct that `kind` names
  const Statement* outer = nullptr;  // the DO, CREATE FUNCTION or EXECUTE that holds it

  template <typename T>
  const T& As() const {
    return *static_cast<const T*>(node);
  }
};

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_AST_H_
