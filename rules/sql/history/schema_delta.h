// What an up and its down, run one after the other, do to the objects they name: which are new, gone, renamed or changed in the
// end. Works on the statements alone, so that no copy of the catalogue is needed; what was there before is inferred from what
// the statements take for granted. Wherever that leaves room for doubt an object is `kMaybe`, and nobody should report it.
#ifndef PAWL_RULES_SQL_HISTORY_SCHEMA_DELTA_H_
#define PAWL_RULES_SQL_HISTORY_SCHEMA_DELTA_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/source/span.h"
#include "analyzer/sql/ast.h"
#include "rules/rule.h"

namespace pawl {

enum class DeltaKind : uint8_t {
  kRelation, kIndex, kConstraint, kColumn, kType, kFunction, kSchema, kExtension, kTrigger, kPolicy, kEnumValue,
  kColumnType, kColumnNull, kColumnDefault,  // a property of an older column that the up changes
};

enum class Existed : uint8_t { kNo, kYes, kMaybe };

struct DeltaId {
  std::string_view schema;  // "" agrees with any: the search path is not followed
  std::string_view table;   // of parts of a table (of a type: its enum values); "" for an index whose table is not named
  std::string_view name;
};

struct DeltaObject {
  DeltaKind kind = DeltaKind::kRelation;
  const char* word = "";    // for messages: "table"
  DeltaId before, now;      // a part's `table` is the table's present name in both
  Existed existed = Existed::kNo;  // before the up
  bool exists = true;       // now
  bool weak = false;        // IF [NOT] EXISTS, OR REPLACE: whether it did anything depends on what was there
  bool generated = false;   // PostgreSQL chose the name, or so we think
  bool by_down = false;     // the down named it first
  bool whole = false;       // made in the scripts: its parts are not followed
  bool settled = false;     // went with its table, or was touched again: nothing is left to say
  bool opaque = false;      // an index or constraint that may use any column
  std::vector<std::string_view> columns;
  std::string_view referenced, partition_of;
  std::string_view with_column;  // of an older index or constraint: the column with which it falls
  bool replaced = false;         // an older function that the up gives another body
  std::string_view old_type;     // of a change of type: what the column was
  std::string new_type;          // and what the down makes it, where that is another
  Span span;                // in the up's file

  bool renamed() const { return exists && existed != Existed::kNo && now.name != before.name; }
};

class SchemaDelta {
 public:
  // Statements in the order in which they run; all of the up first. They must outlive the delta.
  void Apply(const sql::Statement& s, bool down);
  // What the last statement of the up took away or replaced beside what it names. Must outlive the delta.
  void Take(const Replaced& r);

  // What the up leaves behind, has lost, renamed or changed, in the order of the up.
  std::vector<const DeltaObject*> Unreversed() const;

 private:
  enum class Liveness : uint8_t { kLive, kDead };

  DeltaObject* Find(DeltaKind kind, const DeltaId& id, Liveness liveness, bool by_before = false);
  const DeltaObject* Find(DeltaKind kind, const DeltaId& id, Liveness liveness, bool by_before = false) const;
  DeltaObject& Add(DeltaKind kind, const char* word, const DeltaId& id);
  DeltaObject& Create(DeltaKind kind, const char* word, const DeltaId& id, bool weak);
  void Drop(DeltaKind kind, const char* word, const DeltaId& id, bool weak);
  void Rename(DeltaKind kind, const char* word, const DeltaId& id, std::string_view to, bool weak);
  void Change(DeltaKind kind, const DeltaId& id, bool weak);
  void ForgetParts(const DeltaId& table, bool cascade);
  void ForgetAttached(const DeltaObject& index);
  void ForgetColumn(const DeltaId& column, bool cascade);
  void Cascade(sql::ObjectType type);
  // The table is new as a whole, or none of ours: its parts go with it.
  bool Whole(const sql::Name& table);
  bool Retyped(const sql::TypeName& type) const;
  void CompareType(const DeltaId& column, const sql::TypeName& type);

  void CreateTable(const sql::CreateTable& t);
  void CreateIndex(const sql::CreateIndex& i);
  void AddConstraint(const sql::Name& table, const sql::Constraint& k, bool weak);
  void AlterTable(const sql::AlterTable& a);
  void DropObjects(const sql::Drop& d);
  void RenameObject(const sql::Rename& r);
  std::string_view Keep(std::string s);

  std::deque<DeltaObject> objects_;
  absl::flat_hash_map<std::string_view, std::vector<DeltaObject*>> by_name_;  // under every name it ever had
  std::deque<std::string> names_;
  const sql::Statement* statement_ = nullptr;
  Span span_;
  bool down_ = false;
  bool doubtful_ = false;      // the statement may not run
  bool cascaded_ = false;      // an earlier CASCADE may have taken anything
  bool down_makes_tables_ = false;
  bool down_drops_index_ = false;     // one that the up did not name
  std::vector<DeltaId> columns_fell_;    // tables that lost a column in the up, and with it perhaps indexes
  std::vector<DeltaId> odd_drops_;       // tables of constraints that the down drops and the up did not name
  std::vector<DeltaId> odd_makes_;       // tables of indexes and constraints that the down makes and the up did not name
};

}  // namespace pawl

#endif  // PAWL_RULES_SQL_HISTORY_SCHEMA_DELTA_H_
