// Reads a plan's statements for plan_facts.h; for plan_facts*.cc alone.
#ifndef PAWL_MIGRATIONS_RUN_PLAN_FACTS_READER_H_
#define PAWL_MIGRATIONS_RUN_PLAN_FACTS_READER_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/ast.h"
#include "analyzer/sql/script.h"
#include "migrations/run/plan_facts.h"
#include "migrations/run/sql_text.h"

namespace pawl::plan_facts {

using sql::AlterKind;
using sql::ConstraintKind;
using sql::ObjectType;
using sql::Statement;
using sql::StatementKind;

inline ObjectName Of(const sql::Name& n) { return {std::string(n.schema), std::string(n.name)}; }
inline ObjectName Of(std::string_view name) { return {"", std::string(name)}; }

// The same relation, as far as names tell: an unqualified one may be in any schema.
inline bool MayBe(const ObjectName& a, const ObjectName& b) { return a.name == b.name && (a.schema == b.schema || a.schema.empty() || b.schema.empty()); }

enum class Verb : uint8_t { kSchema, kData, kOpaque, kSet, kOther };

// By its first word, so that a file of 100,000 INSERTs is not parsed again.
inline Verb VerbOf(std::string_view sql) {
  size_t n = 0;
  while (n < sql.size() && absl::ascii_isalpha(static_cast<unsigned char>(sql[n]))) ++n;
  const std::string word = absl::AsciiStrToLower(sql.substr(0, n));
  if (word == "alter" || word == "create" || word == "drop") return Verb::kSchema;
  if (word == "insert" || word == "update" || word == "delete" || word == "merge" || word == "with" || word == "copy" || word == "truncate") return Verb::kData;
  if (word == "do" || word == "call" || word == "select" || word == "execute" || word == "import") return Verb::kOpaque;
  if (word == "set" || word == "reset") return Verb::kSet;
  return Verb::kOther;
}

inline bool IsSerial(const sql::Column& c) {
  return c.type != nullptr && (c.type->name == "serial" || c.type->name == "bigserial" || c.type->name == "smallserial");
}

class FactsReader {
 public:
  FactsReader(const Plan& plan, const std::vector<int>& done) : plan_(plan), done_(done) {}

  PlanFacts Run();

 private:
  void Read(const PlanMigration& migration, const PlanStatement& s);

  void ReadOpaque(std::string_view sql);

  // ---- What the plan itself has done so far

  bool Made(const ObjectName& n) const {
    const auto at = made_.find(n.name);
    return at != made_.end() && std::any_of(at->second.begin(), at->second.end(), [&](const std::string& schema) { return schema == n.schema || schema.empty() || n.schema.empty(); });
  }
  bool Unknowable(const ObjectName& n) const { return path_changed_ && n.schema.empty(); }
  // What the database holds now says nothing of what this statement will find.
  bool Unpredictable(const ObjectName& n) const { return committed_ || uncertain_ || opaque_ || Made(n) || Unknowable(n); }
  void Make(const ObjectName& n) { made_[n.name].push_back(n.schema); }

  // An earlier statement may have changed the rows.
  bool RowsChange(const ObjectName& table);

  // ---- Facts

  void Before(ObjectFact f);
  void After(ObjectFact f);
  static bool Same(const ObjectFact& a, const ObjectFact& b) {
    return a.kind == b.kind && a.name.name == b.name.name && (a.name.schema.empty() || b.name.schema.empty() || a.name.schema == b.name.schema) && (a.is_index || b.is_index || MayBe(a.owner, b.owner));
  }
  template <typename Test>
  void Forget(Test test) {
    std::erase_if(facts_.after, test);
  }
  void ForgetOf(const ObjectName& table) {
    Forget([&](const ObjectFact& f) { return !f.owner.name.empty() && MayBe(f.owner, table); });
  }

  static ObjectFact Relation(const ObjectName& n, bool present) { return {.kind = ObjectKind::kRelation, .name = n, .present = present}; }
  static ObjectFact Part(ObjectKind kind, const ObjectName& owner, std::string_view name, bool present) { return {.kind = kind, .name = Of(name), .owner = owner, .present = present}; }
  static ObjectFact Thing(ObjectKind kind, const ObjectName& n, bool present) { return {.kind = kind, .name = n, .present = present}; }

  void Touch(const ObjectName& n, bool owner, bool exclusive);
  void Refer(const ObjectName& n) {
    Touch(n, false, false);
    for (TouchedTable& t : facts_.tables) t.references = t.references || t.name == n;
  }
  void CreateIn(const std::string& schema);

  // Columns and constraints that the plan has added, renamed, dropped or retyped.
  bool ChangedPart(const ObjectName& table, std::string_view name) const {
    return std::any_of(changed_.begin(), changed_.end(), [&](const auto& c) { return c.second == name && MayBe(c.first, table); });
  }
  void Change(const ObjectName& table, std::string_view name) { changed_.emplace_back(table, std::string(name)); }

  void Probe(DataProbe p);
  DataProbe NewProbe(ProbeOf of, const ObjectName& table, std::string statement) const {
    DataProbe p;
    p.of = of;
    p.table = table;
    p.statement = std::move(statement);
    return p;
  }

  // ---- Statements

  void ReadStatement(const Statement& s);

  void CreateTable(const sql::CreateTable& t);

  void CreateIndex(const sql::CreateIndex& i);

  void AddConstraint(const ObjectName& table, const sql::Constraint& c, std::string_view shown);

  // A condition names columns that nobody has listed.
  bool ChangedAny(const ObjectName& table) const;

  void AlterTable(const sql::AlterTable& a);

  void Alter(const ObjectName& table, const sql::AlterTable& a, const sql::AlterCommand& c);

  static std::string_view KindShown(const sql::Constraint& c);

  void Drop(const sql::Drop& d);

  void Rename(const sql::Rename& r);

  struct NotValid {
    ObjectName table;
    std::string name;
    DataProbe probe;
  };

  const Plan& plan_;
  const std::vector<int>& done_;
  PlanFacts facts_;
  size_t migration_ = 0;
  std::string place_;
  std::string_view sql_;
  bool committed_ = false, uncertain_ = false, alone_ = false;
  bool path_changed_ = false, opaque_ = false, extended_ = false;
  absl::flat_hash_map<std::string, std::vector<std::string>> made_;  // by name, their schemas: created, dropped or renamed by the plan: not as it is now
  absl::flat_hash_set<std::string> after_names_;                    // of everything that is or was in facts_.after
  std::vector<std::string> made_schemas_;
  std::vector<std::pair<ObjectName, std::string>> changed_;         // columns, constraints ...
  std::vector<std::pair<ObjectName, std::string>> empty_columns_;   // added by the plan, null in every row
  std::vector<NotValid> not_valid_;
  std::vector<std::string_view> data_;                              // statements that write rows
  std::vector<std::string> lowered_;
};

}  // namespace pawl::plan_facts

#endif  // PAWL_MIGRATIONS_RUN_PLAN_FACTS_READER_H_
