// The schema as the history has made it so far. Unknown is a value: an object that no statement made may exist on the
// server all the same, and every rule decides what it says about it.
//
// Keys are "schema.name"; an unqualified name is looked up along search_path (default: public) and made in its first
// schema. Not thread-safe; one Catalog follows one set.
#ifndef PAWL_ANALYZER_CATALOG_CATALOG_H_
#define PAWL_ANALYZER_CATALOG_CATALOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "analyzer/catalog/dependents.h"
#include "analyzer/catalog/partitions.h"
#include "analyzer/source/arena.h"
#include "analyzer/source/source_file.h"
#include "analyzer/sql/ast.h"

namespace pawl {

struct CatalogColumn {
  std::string name;
  std::string type;            // canonical with modifiers: "varchar(50)", "int4", "numeric(10,2)", "text[]"; "" = unknown
  bool not_null = false;
  bool has_default = false;
  bool identity = false;
  bool generated = false;
  bool virtual_ = false;       // generated when it is read (18+): holds nothing
  bool backfilled = false;     // filled since its creation: by an UPDATE, by the INSERT that gave an empty table its rows, or by its default
  bool empty = false;          // an ALTER TABLE of this script added it, and nothing has given it a value since
  std::string collation;       // as written; "" = the type's own
  std::string sequence;        // key of the sequence that its default draws from
  std::string_view default_text;  // detail: its default, or its expression if it is generated
  char identity_kind = 0;      // detail: 'a' ALWAYS, 'd' BY DEFAULT
  Origin origin;
};

struct CatalogConstraint {
  std::string name;
  sql::ConstraintKind kind = sql::ConstraintKind::kCheck;
  std::vector<std::string> columns;
  std::string referenced;      // FOREIGN KEY: catalogue key of the other table
  std::vector<std::string> referenced_columns;  // empty: not known
  char on_delete = 'a';        // as in sql::Constraint
  char on_update = 'a';
  std::string not_null_column; // CHECK that implies (column IS NOT NULL): that column, the first where there are several
  std::vector<std::string> more_not_null_columns;  // CHECK (a IS NOT NULL AND b IS NOT NULL): b ...
  std::string check;           // CHECK: its condition as written, in parentheses, white space folded
  bool valid = true;
  bool enforced = true;        // false: NOT ENFORCED (18+)
  bool no_inherit = false;
  bool deferrable = false;
  bool deferred = false;       // INITIALLY DEFERRED
  Origin origin;
};

struct CatalogTrigger {
  std::string name;
  std::string function;        // catalogue key
  bool row = false;
  bool inherited = false;      // a partition's copy of its parent's
  bool deferred = false;       // a constraint trigger, INITIALLY DEFERRED
  bool disabled = false;
  uint8_t events = 0;          // sql::TriggerEvent
  char timing = 'a';           // as in sql::CreateTrigger
  std::vector<std::string> columns;  // UPDATE OF
  Origin origin;
};

struct CatalogRule {
  std::string name;
  uint8_t event = 0;           // sql::TriggerEvent; 0: SELECT
  bool instead = false;        // DO INSTEAD without a condition: the statement itself does nothing
  Origin origin;
};

struct CatalogIndex {
  std::string name;
  std::vector<std::string> columns;  // key columns; "" for an expression
  std::vector<std::string> other_columns;  // used beside the key: INCLUDE, in expressions, in WHERE
  bool unique = false;
  bool partial = false;
  bool concurrent = false;     // built concurrently
  bool of_constraint = false;
  std::string method;
  std::string definition;      // normalised text, to tell redefinitions; "" if not known (a column was renamed since)
  std::string_view tail;       // detail: what stands behind the table's name in CREATE INDEX
  Origin origin;
};

struct CatalogTable {
  std::string key;             // "schema.name"
  sql::ObjectType type = sql::ObjectType::kTable;
  bool complete = false;       // its CREATE was seen: a column not listed does not exist
  bool temporary = false;
  bool unlogged = false;
  bool has_rows = false;       // an INSERT or COPY since its creation
  char partition_strategy = 0; // 'l', 'r', 'h' when partitioned
  std::string partition_of;
  std::vector<std::string> inherits;  // keys of its parents by INHERITS
  std::vector<std::string> partition_columns;  // that it is partitioned by; "" for an expression; none: not known
  std::shared_ptr<const CatalogBound> bound;   // as a partition; null: hash, DEFAULT, or not known
  bool has_default_partition = false;
  bool default_partition = false;     // it is its parent's DEFAULT partition
  std::vector<CatalogColumn> columns;
  std::vector<CatalogConstraint> constraints;
  std::vector<CatalogIndex> indexes;
  std::vector<CatalogTrigger> triggers;
  std::vector<std::string> policies;
  std::vector<CatalogRule> rules;
  std::vector<std::string> uses;          // a view: keys of the relations that its query names
  std::vector<std::string> used_columns;  // and the columns, of whichever relation; "*" where it takes all
  std::string owner;           // as a statement set it; "" = whoever ran CREATE
  std::string tablespace;      // "" = the default one
  std::string access_method;   // "" = the default one
  std::string of_type;         // CREATE TABLE ... OF: the type's key
  std::string cluster_index;   // what CLUSTER without a name takes
  bool row_security = false;
  bool force_row_security = false;
  bool keys_off = false;       // DISABLE TRIGGER ALL: its foreign keys check nothing
  std::string_view partition_key;    // detail: "RANGE (created_at)"
  std::string_view partition_bound;  // detail: "FOR VALUES IN ('a')", "DEFAULT"
  Origin origin;

  const CatalogColumn* FindColumn(std::string_view name) const;
  CatalogColumn* FindColumn(std::string_view name);
  const CatalogConstraint* FindConstraint(std::string_view name) const;
  const CatalogIndex* FindIndex(std::string_view name) const;
  // A valid CHECK, or the primary key, proves that the column holds no null: SET NOT NULL need not look (12+).
  bool ProvesNotNull(std::string_view column) const;
};

struct CatalogFunction {
  std::string key;
  char volatility = 'v';
  bool procedure = false;
  bool security_definer = false;
  std::string language;
  std::string arguments;       // in parentheses as first written, white space folded, lower case
  bool overloaded = false;     // made again with other arguments: two functions, or one whose arguments were written in another way
  const sql::Statement* statement = nullptr;  // only while its script is alive: this file's functions
  Origin origin;
};

struct CatalogType {
  std::string key;
  char kind = 'e';             // e enum, c composite, d domain, r range, b base
  std::vector<std::string> values;  // enum
  bool values_known = false;        // enum: its CREATE was seen, so that `values` are all of them
  std::string base;            // domain: its base type
  bool constrained = false;    // domain: NOT NULL or a CHECK, so that a new column of it must be checked row by row
  Origin origin;
  // ALTER TYPE ... ADD VALUE: where each later value came from.
  std::vector<std::pair<std::string, Origin>> added_values;
};

class Catalog {
 public:
  Catalog() { search_path_ = {"public"}; }
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // "schema.name" of a name as written, by search_path and by what exists.
  std::string Resolve(const sql::Name& name) const;

  const CatalogTable* FindTable(const sql::Name& name) const;   // tables, views, materialized views, foreign tables
  const CatalogTable* FindTable(std::string_view key) const;
  // The table that has an index of this name; `index` (may be null) receives the index.
  const CatalogTable* FindIndex(const sql::Name& name, const CatalogIndex** index) const;
  const CatalogFunction* FindFunction(const sql::Name& name) const;
  const CatalogType* FindType(const sql::Name& name) const;
  bool HasSequence(const sql::Name& name) const;
  // Key of the table that a statistics object is on, that a sequence is owned by; "" if not known.
  std::string_view StatisticsTable(const sql::Name& name) const;
  std::string_view SequenceOwner(std::string_view sequence) const;
  // The role that owns a sequence, as a statement set it; "" if none did.
  std::string_view SequenceRole(std::string_view sequence) const;
  // Keys of the tables that a publication lists; null if it is not known.
  const std::vector<std::string>* FindPublication(std::string_view name) const;
  const absl::flat_hash_map<std::string, CatalogFunction>& functions() const { return functions_; }
  const absl::flat_hash_map<std::string, CatalogType>& types() const { return types_; }
  const absl::flat_hash_map<std::string, Origin>& sequences() const { return sequences_; }
  const absl::flat_hash_map<std::string, Origin>& schemas() const { return schemas_; }
  const absl::flat_hash_map<std::string, Origin>& extensions() const { return extensions_; }
  // The session's time zone is UTC, by a SET of the history.
  bool IsUtc() const { return utc_; }
  // session_replication_role is replica: no triggers fire, foreign keys' among them.
  bool IsReplica() const { return replica_ != 0; }
  bool HasSchema(std::string_view name) const;
  const absl::flat_hash_map<std::string, CatalogTable>& tables() const { return tables_; }
  // The known partitions of a table, theirs included, and children by INHERITS; in order of their keys.
  std::vector<const CatalogTable*> Descendants(std::string_view key) const;
  // How many partitions and children it has at most: no look at any.
  size_t MostChildren(std::string_view key) const;
  // Its DEFAULT partition; null if it is not known.
  const CatalogTable* DefaultPartition(std::string_view key) const;
  // What stands on tables, columns and functions beside views and foreign keys.
  const std::vector<CatalogDependent>& dependents() const { return dependents_.all(); }
  // The known views that read `key` (and, unless it is "", mention `column`), and the views that read those; in order of keys.
  std::vector<const CatalogTable*> Dependents(std::string_view key, std::string_view column = {}) const;
  // The known tables whose foreign keys point at `key`, in order of their keys.
  std::vector<const CatalogTable*> ReferencedBy(std::string_view key) const;

  // Replays one statement. `text` is the file's. `origin` says where we are. Statements inside a DO block or a function are
  // not replayed with it: the caller applies each when it runs.
  void Apply(const sql::Statement& statement, const Origin& origin, std::string_view text);
  // From now on the fields that say "detail" are filled in. Whoever writes the schema down needs them, lint does not.
  void KeepDetails() {
    if (details_ == nullptr) details_ = std::make_unique<Arena>();
  }
  // What there is now is older than the history: its tables may hold rows.
  void MarkOld() {
    for (auto& [key, table] : tables_) table.has_rows = true;
  }
  // A script ends: forgets pointers into its AST, its temporary tables and its SET LOCAL.
  void ForgetStatements();

 private:
  friend class CatalogReplay;

  // A name that FindTable has looked up, and its answer: the rules ask for the same few tables many times in each statement.
  struct Seen {
    bool used = false;
    uint8_t schema_size = 0;
    uint8_t name_size = 0;
    char text[126];                // schema and name, one behind the other
    const CatalogTable* table = nullptr;
  };
  void ForgetSeen() const {
    for (Seen& s : seen_) s.used = false;
  }

  absl::flat_hash_map<std::string, CatalogTable> tables_;
  absl::flat_hash_map<std::string, std::string> index_table_;  // index key -> table key
  absl::flat_hash_map<std::string, CatalogFunction> functions_;
  absl::flat_hash_map<std::string, CatalogType> types_;
  absl::flat_hash_map<std::string, Origin> sequences_;
  absl::flat_hash_map<std::string, Origin> schemas_;
  absl::flat_hash_map<std::string, Origin> extensions_;
  absl::flat_hash_map<std::string, std::string> statistics_;      // statistics object -> table key
  absl::flat_hash_map<std::string, std::string> sequence_owner_;  // sequence key -> table key
  absl::flat_hash_map<std::string, std::string> sequence_role_;   // sequence key -> role
  absl::flat_hash_map<std::string, std::string> servers_;         // foreign server -> its wrapper
  absl::flat_hash_map<std::string, std::vector<std::string>> publications_;
  std::unique_ptr<Arena> details_;                // what the details point into; null: none are kept
  bool utc_ = false;
  char replica_ = 0;                              // 's' by SET, 'l' by SET LOCAL
  absl::flat_hash_set<std::string> targets_;      // keys that a foreign key, partition, child or view has ever pointed at
  absl::flat_hash_map<std::string, std::vector<std::string>> children_;  // keys of what was ever a partition or child; the last DEFAULT partition first
  DependentList dependents_;
  std::vector<std::string> with_statement_;       // functions that still have their statement
  std::vector<std::string> search_path_;
  std::vector<std::string> outer_search_path_;    // what SET LOCAL hides; empty: nothing
  uint32_t local_transaction_ = 0;                // whose SET LOCAL it is
  std::vector<std::string> with_empty_;           // keys of tables with columns that are `empty`, or were
  bool has_temporary_ = false;
  mutable Seen seen_[4];           // of the catalogue as it stands: Apply and ForgetStatements empty it
};

// Canonical text of a type: "varchar(50)", "int4[]".
std::string TypeText(const sql::TypeName& type);

}  // namespace pawl

#endif  // PAWL_ANALYZER_CATALOG_CATALOG_H_
