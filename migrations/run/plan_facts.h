// What a plan's statements need of the database before they run, and what must be there afterwards, read from their AST alone.
// The guards turn it into questions (guards.h). Pure.
//
// It errs on the quiet side: where an earlier statement of the plan may have changed what a later one finds (data that it fills,
// a DO block that nobody can read), nothing is predicted. A prediction that is wrong would refuse a good migration.
#ifndef PAWL_MIGRATIONS_RUN_PLAN_FACTS_H_
#define PAWL_MIGRATIONS_RUN_PLAN_FACTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrations/run/plan.h"

namespace pawl {

// A possibly schema-qualified name as PostgreSQL folds it; schema "" = by search_path.
struct ObjectName {
  std::string schema, name;
  bool operator==(const ObjectName&) const = default;
};
std::string Shown(const ObjectName& n);   // public.users
std::string Quoted(const ObjectName& n);  // "public"."users"

enum class ObjectKind : uint8_t { kRelation, kColumn, kConstraint, kType, kLabel, kExtension, kSchema, kFunction, kTrigger, kPolicy };

// "This object is there (or is not)".
struct ObjectFact {
  ObjectKind kind = ObjectKind::kRelation;
  ObjectName name;             // for kColumn, kConstraint, kLabel, kTrigger, kPolicy the name only: of `owner`
  ObjectName owner;            // their table or type; of an index its table
  bool present = true;
  bool valid = false;          // an index or constraint that must be valid as well
  bool if_there = false;       // before: absent is fine too, but if it is there it must be valid (IF NOT EXISTS)
  bool is_index = false;
  std::string place;           // "db/3_x.up.sql:4"
  size_t migration = 0;        // index in the plan
};
std::string Shown(const ObjectFact& f);  // "index public.users_email_idx"

enum class ProbeOf : uint8_t {
  kNulls,        // SET NOT NULL, PRIMARY KEY
  kDuplicates,   // UNIQUE, PRIMARY KEY, CREATE UNIQUE INDEX
  kOrphans,      // FOREIGN KEY
  kCheck,        // CHECK
  kValidate,     // VALIDATE CONSTRAINT of one that the database has: what it checks is asked there
  kRows,         // any row at all is one too many: ADD COLUMN ... NOT NULL without a default
};

// A question about rows that are there now; a row that answers it makes the statement fail.
struct DataProbe {
  ProbeOf of = ProbeOf::kNulls;
  ObjectName table;
  std::vector<std::string> columns;      // of the table, that must exist for the question to make sense
  std::vector<std::string> keys;         // kDuplicates: SQL of each key
  std::string condition;                 // kCheck: SQL; kDuplicates: the index's WHERE, or ""
  bool nulls_not_distinct = false;
  ObjectName referenced;                 // kOrphans
  std::vector<std::string> referenced_columns;  // empty: the primary key
  std::string constraint;                // kValidate
  std::string absent_column;             // kRows: a column that must not exist yet
  std::string type;                      // kRows: whose type may have a default of its own
  std::string statement;                 // "ALTER TABLE users: SET NOT NULL email", for messages
  std::string place;
  size_t migration = 0;
};

struct TouchedTable {
  ObjectName name;
  bool owner = false;          // the statement is allowed to the owner only
  bool references = false;     // a foreign key points at it
  bool exclusive = false;      // nobody else may even read
  bool concurrently = false;
};

struct PlanFacts {
  std::vector<DataProbe> probes;
  std::vector<ObjectFact> before, after;
  std::vector<TouchedTable> tables;            // that the plan does not make itself, each once
  std::vector<std::string> creates_in;         // schemas; "" is the first of the search_path
  std::vector<std::string> extensions;         // to create
  bool creates_schema = false;
  bool concurrently = false;                   // a build that waits for every older transaction
  bool changes_role = false;                   // SET ROLE: who will run what is not known
};

// `done`: for each migration -1, or, of one that was interrupted, how many of its units are committed; may be shorter than the plan.
PlanFacts FactsOf(const Plan& plan, const std::vector<int>& done = {});

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_PLAN_FACTS_H_
