#include "migrations/run/plan_facts.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/ast.h"
#include "analyzer/sql/script.h"
#include "migrations/run/sql_text.h"

namespace pawl {
namespace {

using sql::AlterKind;
using sql::ConstraintKind;
using sql::ObjectType;
using sql::Statement;
using sql::StatementKind;

ObjectName Of(const sql::Name& n) { return {std::string(n.schema), std::string(n.name)}; }
ObjectName Of(std::string_view name) { return {"", std::string(name)}; }

// The same relation, as far as names tell: an unqualified one may be in any schema.
bool MayBe(const ObjectName& a, const ObjectName& b) { return a.name == b.name && (a.schema == b.schema || a.schema.empty() || b.schema.empty()); }

enum class Verb : uint8_t { kSchema, kData, kOpaque, kSet, kOther };

// By its first word, so that a file of 100,000 INSERTs is not parsed again.
Verb VerbOf(std::string_view sql) {
  size_t n = 0;
  while (n < sql.size() && absl::ascii_isalpha(static_cast<unsigned char>(sql[n]))) ++n;
  const std::string word = absl::AsciiStrToLower(sql.substr(0, n));
  if (word == "alter" || word == "create" || word == "drop") return Verb::kSchema;
  if (word == "insert" || word == "update" || word == "delete" || word == "merge" || word == "with" || word == "copy" || word == "truncate") return Verb::kData;
  if (word == "do" || word == "call" || word == "select" || word == "execute" || word == "import") return Verb::kOpaque;
  if (word == "set" || word == "reset") return Verb::kSet;
  return Verb::kOther;
}

bool IsSerial(const sql::Column& c) {
  return c.type != nullptr && (c.type->name == "serial" || c.type->name == "bigserial" || c.type->name == "smallserial");
}

class Reader {
 public:
  Reader(const Plan& plan, const std::vector<int>& done) : plan_(plan), done_(done) {}

  PlanFacts Run() {
    for (size_t m = 0; m < plan_.migrations.size(); ++m) {
      const PlanMigration& migration = plan_.migrations[m];
      path_changed_ = false;
      const size_t done = m < done_.size() && done_[m] > 0 ? static_cast<size_t>(done_[m]) : 0;
      for (size_t u = 0; u < migration.units.size(); ++u) {
        migration_ = m;
        committed_ = u < done;
        // It may have had its effect: nobody has looked yet.
        uncertain_ = m < done_.size() && done_[m] >= 0 && u == done && !migration.units[u].transaction;
        alone_ = !migration.units[u].transaction;
        for (const PlanStatement& s : migration.units[u].statements) Read(migration, s);
      }
    }
    return std::move(facts_);
  }

 private:
  void Read(const PlanMigration& migration, const PlanStatement& s) {
    switch (VerbOf(s.sql)) {
      case Verb::kData:
        if (!committed_) data_.push_back(s.sql);
        return;
      case Verb::kOpaque: return ReadOpaque(s.sql);
      case Verb::kSet: {
        const std::string low = absl::AsciiStrToLower(s.sql.substr(0, 200));
        if (absl::StrContains(low, "search_path")) path_changed_ = true;
        if (absl::StrContains(low, "role") || absl::StrContains(low, "session authorization")) facts_.changes_role = true;
        return;
      }
      case Verb::kOther: return;
      case Verb::kSchema: break;
    }
    place_ = absl::StrCat(migration.file, ":", s.line);
    sql_ = s.sql;
    const SourceFile file(migration.file, std::string(s.sql));
    const std::unique_ptr<sql::Script> script = sql::ParseScript(file, {0, static_cast<uint32_t>(s.sql.size())}, {.templates = false});
    for (const Statement* statement : script->statements) ReadStatement(*statement);
  }

  void ReadOpaque(std::string_view sql) {
    std::string low = absl::AsciiStrToLower(sql);
    if (absl::StrContains(low, "search_path")) path_changed_ = true;
    if (absl::StartsWith(low, "select") && (absl::StrContains(low, "set_config(") || absl::StrContains(low, "setval("))) return;
    if (!committed_) opaque_ = true;
    // What it may take away is not expected any more.
    if (absl::StrContains(low, "execute") && (absl::StrContains(low, "drop") || absl::StrContains(low, "rename"))) facts_.after.clear();
    std::erase_if(facts_.after, [&](const ObjectFact& f) { return absl::StrContains(low, absl::AsciiStrToLower(f.name.name)); });
  }

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
  bool RowsChange(const ObjectName& table) {
    const std::string low = absl::AsciiStrToLower(table.name);
    for (; lowered_.size() < data_.size();) {
      lowered_.push_back(absl::AsciiStrToLower(data_[lowered_.size()]));
    }
    return std::any_of(lowered_.begin(), lowered_.end(), [&](const std::string& d) {
      // A deletion may cascade to tables that it does not name.
      return absl::StrContains(d, low) || absl::StartsWith(d, "delete") || absl::StartsWith(d, "truncate");
    });
  }

  // ---- Facts

  void Before(ObjectFact f) {
    const bool part = !f.owner.name.empty();
    if (Unpredictable(part ? f.owner : f.name) || (part && ChangedPart(f.owner, f.name.name))) return;
    if (extended_ && f.present && !part) return;
    f.place = place_;
    f.migration = migration_;
    facts_.before.push_back(std::move(f));
  }
  void After(ObjectFact f) {
    if (!after_names_.insert(f.name.name).second) Forget([&](const ObjectFact& o) { return Same(o, f); });
    if (Unknowable(f.owner.name.empty() || f.is_index ? f.name : f.owner)) return;
    f.place = place_;
    f.migration = migration_;
    facts_.after.push_back(std::move(f));
  }
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

  void Touch(const ObjectName& n, bool owner, bool exclusive) {
    if (committed_ || Made(n) || Unknowable(n) || n.name.empty()) return;
    for (TouchedTable& t : facts_.tables) {
      if (!(t.name == n)) continue;
      t.owner = t.owner || owner;
      t.exclusive = t.exclusive || exclusive;
      t.concurrently = t.concurrently || alone_;
      return;
    }
    facts_.tables.push_back({n, owner, false, exclusive, alone_});
  }
  void Refer(const ObjectName& n) {
    Touch(n, false, false);
    for (TouchedTable& t : facts_.tables) t.references = t.references || t.name == n;
  }
  void CreateIn(const std::string& schema) {
    if (committed_ || path_changed_ || std::find(made_schemas_.begin(), made_schemas_.end(), schema) != made_schemas_.end()) return;
    if (std::find(facts_.creates_in.begin(), facts_.creates_in.end(), schema) == facts_.creates_in.end()) facts_.creates_in.push_back(schema);
  }

  // Columns and constraints that the plan has added, renamed, dropped or retyped.
  bool ChangedPart(const ObjectName& table, std::string_view name) const {
    return std::any_of(changed_.begin(), changed_.end(), [&](const auto& c) { return c.second == name && MayBe(c.first, table); });
  }
  void Change(const ObjectName& table, std::string_view name) { changed_.emplace_back(table, std::string(name)); }

  void Probe(DataProbe p) {
    if (Unpredictable(p.table) || RowsChange(p.table)) return;
    for (const std::string& c : p.columns) {
      if (ChangedPart(p.table, c)) return;
    }
    if (p.of == ProbeOf::kOrphans && (Unpredictable(p.referenced) || RowsChange(p.referenced))) return;
    p.place = place_;
    p.migration = migration_;
    facts_.probes.push_back(std::move(p));
  }
  DataProbe NewProbe(ProbeOf of, const ObjectName& table, std::string statement) const {
    DataProbe p;
    p.of = of;
    p.table = table;
    p.statement = std::move(statement);
    return p;
  }

  // ---- Statements

  void ReadStatement(const Statement& s) {
    switch (s.kind) {
      case StatementKind::kCreateTable: return CreateTable(s.As<sql::CreateTable>());
      case StatementKind::kCreateIndex: return CreateIndex(s.As<sql::CreateIndex>());
      case StatementKind::kAlterTable: return AlterTable(s.As<sql::AlterTable>());
      case StatementKind::kDrop: return Drop(s.As<sql::Drop>());
      case StatementKind::kRename: return Rename(s.As<sql::Rename>());
      case StatementKind::kSetSchema: {
        const auto& x = s.As<sql::SetSchema>();
        Touch(Of(x.name), true, true);
        ForgetOf(Of(x.name));
        Forget([&](const ObjectFact& f) { return f.owner.name.empty() && MayBe(f.name, Of(x.name)); });
        Make({std::string(x.new_schema), std::string(x.name.name)});
        Make(Of(x.name));
        return;
      }
      case StatementKind::kCreateView: {
        const auto& v = s.As<sql::CreateView>();
        if (v.temporary) return Make(Of(v.name));
        if (!v.replace) Before(Relation(Of(v.name), false));
        CreateIn(std::string(v.name.schema));
        Make(Of(v.name));
        return After(Relation(Of(v.name), true));
      }
      case StatementKind::kCreateSequence: {
        const auto& q = s.As<sql::CreateSequence>();
        if (!q.if_not_exists && !q.temporary) Before(Relation(Of(q.name), false));
        Make(Of(q.name));
        if (q.temporary) return;
        CreateIn(std::string(q.name.schema));
        return After(Relation(Of(q.name), true));
      }
      case StatementKind::kCreateType: {
        const auto& t = s.As<sql::CreateType>();
        Before(Thing(ObjectKind::kType, Of(t.name), false));
        CreateIn(std::string(t.name.schema));
        Make(Of(t.name));
        return After(Thing(ObjectKind::kType, Of(t.name), true));
      }
      case StatementKind::kCreateDomain: {
        const auto& d = s.As<sql::CreateDomain>();
        Before(Thing(ObjectKind::kType, Of(d.name), false));
        CreateIn(std::string(d.name.schema));
        Make(Of(d.name));
        return After(Thing(ObjectKind::kType, Of(d.name), true));
      }
      case StatementKind::kAlterEnum: {
        const auto& e = s.As<sql::AlterEnum>();
        const ObjectName type = Of(e.name);
        if (!e.new_value.empty()) {
          Before(Part(ObjectKind::kLabel, type, e.value, true));
          After(Part(ObjectKind::kLabel, type, e.value, false));
        } else {
          if (!e.if_not_exists) Before(Part(ObjectKind::kLabel, type, e.value, false));
          if (!e.neighbour.empty()) Before(Part(ObjectKind::kLabel, type, e.neighbour, true));
        }
        Change(type, e.value);
        Change(type, e.new_value);
        return After(Part(ObjectKind::kLabel, type, e.new_value.empty() ? e.value : e.new_value, true));
      }
      case StatementKind::kCreateSchema: {
        const auto& c = s.As<sql::CreateSchema>();
        if (!c.if_not_exists && !c.name.empty()) Before(Thing(ObjectKind::kSchema, Of(c.name), false));
        if (!committed_) facts_.creates_schema = true;
        made_schemas_.emplace_back(c.name);
        if (!c.name.empty()) After({.kind = ObjectKind::kSchema, .name = Of(c.name)});
        return;
      }
      case StatementKind::kCreateExtension: {
        const auto& e = s.As<sql::CreateExtension>();
        if (!committed_ && !opaque_) facts_.extensions.emplace_back(e.name);
        extended_ = true;  // it brings types, functions and tables of its own
        return After({.kind = ObjectKind::kExtension, .name = Of(e.name)});
      }
      case StatementKind::kCreateFunction: {
        const auto& f = s.As<sql::CreateFunction>();
        CreateIn(std::string(f.name.schema));
        return After(Thing(ObjectKind::kFunction, Of(f.name), true));
      }
      case StatementKind::kCreateTrigger: {
        const auto& t = s.As<sql::CreateTrigger>();
        if (!t.replace) Before(Part(ObjectKind::kTrigger, Of(t.table), t.name, false));
        Touch(Of(t.table), false, false);
        Change(Of(t.table), t.name);
        return After(Part(ObjectKind::kTrigger, Of(t.table), t.name, true));
      }
      case StatementKind::kCreatePolicy: {
        const auto& p = s.As<sql::CreatePolicy>();
        Before(Part(ObjectKind::kPolicy, Of(p.table), p.name, false));
        Touch(Of(p.table), true, true);
        Change(Of(p.table), p.name);
        return After(Part(ObjectKind::kPolicy, Of(p.table), p.name, true));
      }
      default: return;
    }
  }

  void CreateTable(const sql::CreateTable& t) {
    const ObjectName name = Of(t.name);
    if (t.temporary || name.schema == "pg_temp") return Make(name);
    if (!t.if_not_exists) Before(Relation(name, false));
    for (const sql::Constraint* c : t.constraints) {
      if (c->kind == ConstraintKind::kForeignKey) Refer(Of(c->referenced));
    }
    for (const sql::Column* c : t.columns) {
      if (const sql::Constraint* f = c->Find(ConstraintKind::kForeignKey)) Refer(Of(f->referenced));
    }
    if (!t.partition_of.empty()) Touch(Of(t.partition_of), true, true);
    CreateIn(name.schema);
    Make(name);
    After(Relation(name, true));
    // A table of another shape that was there before is what IF NOT EXISTS passes over in silence.
    if (t.if_not_exists) {
      for (const sql::Column* c : t.columns) After(Part(ObjectKind::kColumn, name, c->name, true));
    }
  }

  void CreateIndex(const sql::CreateIndex& i) {
    const ObjectName table = Of(i.table), index = {table.schema, std::string(i.name)};
    if (!i.name.empty()) {
      ObjectFact f = Relation(index, false);
      f.is_index = true;
      if (i.if_not_exists) f.if_there = f.valid = true;
      if (!Made(table)) Before(f);
    }
    if (!Made(table)) Before(Relation(table, true));
    Touch(table, true, false);
    if (i.concurrently && !committed_) facts_.concurrently = true;
    if (i.unique) {
      DataProbe p = NewProbe(ProbeOf::kDuplicates, table, absl::StrCat("CREATE UNIQUE INDEX ", i.name));
      if (IndexParts(sql_, &p.keys, &p.condition)) {
        for (const sql::IndexElement& e : i.elements) {
          if (!e.column.empty()) p.columns.emplace_back(e.column);
        }
        p.nulls_not_distinct = i.nulls_not_distinct;
        Probe(std::move(p));
      }
    }
    if (i.name.empty()) return;
    Make(index);
    ObjectFact f = Relation(index, true);
    f.is_index = true;
    f.valid = !i.only;
    f.owner = table;
    After(std::move(f));
  }

  void AddConstraint(const ObjectName& table, const sql::Constraint& c, std::string_view shown) {
    const std::string name(c.name);
    if (!name.empty()) {
      Before(Part(ObjectKind::kConstraint, table, name, false));
      ObjectFact f = Part(ObjectKind::kConstraint, table, name, true);
      f.valid = !c.not_valid && !c.not_enforced;
      After(std::move(f));
    }
    DataProbe p = NewProbe(ProbeOf::kCheck, table, absl::StrCat("ALTER TABLE ", Shown(table), " ADD ", name.empty() ? "" : absl::StrCat("CONSTRAINT ", name, " "), shown));
    for (std::string_view column : c.columns) p.columns.emplace_back(column);
    switch (c.kind) {
      case ConstraintKind::kNotNull:
      case ConstraintKind::kPrimaryKey:
        for (const std::string& column : p.columns) {
          DataProbe n = p;
          n.of = ProbeOf::kNulls;
          n.columns = {column};
          if (!c.not_valid) Probe(std::move(n));
        }
        if (c.kind == ConstraintKind::kNotNull) break;
        [[fallthrough]];
      case ConstraintKind::kUnique:
        p.of = ProbeOf::kDuplicates;
        for (const std::string& column : p.columns) p.keys.push_back(QuoteIdentifier(column));
        p.nulls_not_distinct = c.nulls_not_distinct;
        if (!p.keys.empty() && !c.without_overlaps) Probe(std::move(p));
        break;
      case ConstraintKind::kForeignKey:
        p.of = ProbeOf::kOrphans;
        p.referenced = Of(c.referenced);
        for (std::string_view column : c.referenced_columns) p.referenced_columns.emplace_back(column);
        Refer(p.referenced);
        if (c.not_enforced) break;
        if (c.not_valid) not_valid_.push_back({table, name, std::move(p)});
        else Probe(std::move(p));
        break;
      case ConstraintKind::kCheck:
        p.columns.clear();  // they are not told; a question that fails says nothing
        p.condition = std::string(InParentheses(sql_, c.span.begin, "check"));
        if (p.condition.empty() || c.not_enforced || ChangedAny(table)) break;
        if (c.not_valid) not_valid_.push_back({table, name, std::move(p)});
        else Probe(std::move(p));
        break;
      default: break;
    }
    if (!name.empty()) Change(table, name);
  }

  // A condition names columns that nobody has listed.
  bool ChangedAny(const ObjectName& table) const {
    return std::any_of(changed_.begin(), changed_.end(), [&](const auto& c) { return MayBe(c.first, table); });
  }

  void AlterTable(const sql::AlterTable& a) {
    const ObjectName table = Of(a.name);
    if (!a.if_exists) Before(Relation(table, true));
    bool exclusive = false;
    for (const sql::AlterCommand& c : a.commands) {
      exclusive = exclusive || !(c.kind == AlterKind::kValidateConstraint || c.kind == AlterKind::kSetStatistics || c.kind == AlterKind::kAttachPartition ||
                                 (c.kind == AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->kind == ConstraintKind::kForeignKey));
    }
    Touch(table, true, exclusive);
    for (const sql::AlterCommand& c : a.commands) Alter(table, a, c);
  }

  void Alter(const ObjectName& table, const sql::AlterTable& a, const sql::AlterCommand& c) {
    const std::string shown = absl::StrCat("ALTER TABLE ", Shown(table));
    switch (c.kind) {
      case AlterKind::kAddColumn: {
        if (c.column == nullptr || a.type != ObjectType::kTable) return;
        const sql::Column& column = *c.column;
        if (!c.if_not_exists) Before(Part(ObjectKind::kColumn, table, column.name, false));
        const bool not_null = column.Find(ConstraintKind::kNotNull) != nullptr || column.Find(ConstraintKind::kPrimaryKey) != nullptr;
        const bool filled = column.Find(ConstraintKind::kDefault) != nullptr || column.Find(ConstraintKind::kIdentity) != nullptr || column.Find(ConstraintKind::kGenerated) != nullptr || IsSerial(column);
        if (not_null && !filled && !ChangedPart(table, column.name)) {
          DataProbe p = NewProbe(ProbeOf::kRows, table, absl::StrCat(shown, " ADD COLUMN ", column.name, " NOT NULL without a default"));
          p.absent_column = std::string(column.name);
          if (column.type != nullptr) p.type = Quoted({std::string(column.type->schema), std::string(column.type->name)});
          Probe(std::move(p));
        }
        if (!not_null && !filled) empty_columns_.emplace_back(table, std::string(column.name));
        if (const sql::Constraint* f = column.Find(ConstraintKind::kForeignKey)) Refer(Of(f->referenced));
        Change(table, column.name);
        return After(Part(ObjectKind::kColumn, table, column.name, true));
      }
      case AlterKind::kDropColumn:
        if (!c.if_exists) Before(Part(ObjectKind::kColumn, table, c.name, true));
        Change(table, c.name);
        // Its indexes and constraints go with it; which they are is not known here.
        Forget([&](const ObjectFact& f) { return (f.kind == ObjectKind::kConstraint || f.is_index) && MayBe(f.owner, table); });
        return After(Part(ObjectKind::kColumn, table, c.name, false));
      case AlterKind::kSetNotNull: {
        Before(Part(ObjectKind::kColumn, table, c.name, true));
        DataProbe p = NewProbe(ProbeOf::kNulls, table, absl::StrCat(shown, " ALTER COLUMN ", c.name, " SET NOT NULL"));
        p.columns = {std::string(c.name)};
        if (std::find(empty_columns_.begin(), empty_columns_.end(), std::pair(table, std::string(c.name))) != empty_columns_.end()) {
          p.of = ProbeOf::kRows;  // added by this plan, and nothing has filled it: any row holds a null
          p.absent_column = std::string(c.name);
          p.columns.clear();
        }
        return Probe(std::move(p));
      }
      case AlterKind::kColumnType:
      case AlterKind::kSetExpression: return Change(table, c.name);
      case AlterKind::kSetDefault:
      case AlterKind::kAddIdentity: return;
      case AlterKind::kAddConstraint:
        if (c.constraint != nullptr) AddConstraint(table, *c.constraint, KindShown(*c.constraint));
        return;
      case AlterKind::kAddIndexConstraint: {
        if (c.constraint == nullptr) return;
        const std::string index(c.constraint->using_index), name(c.constraint->name.empty() ? c.constraint->using_index : c.constraint->name);
        ObjectFact f = Relation({table.schema, index}, true);
        f.is_index = f.valid = true;
        if (!index.empty()) Before(f);
        Forget([&](const ObjectFact& o) { return o.is_index && o.name.name == index; });  // it takes the constraint's name
        Make({table.schema, name});
        return After(Part(ObjectKind::kConstraint, table, name, true));
      }
      case AlterKind::kDropConstraint:
        if (!c.if_exists) Before(Part(ObjectKind::kConstraint, table, c.name, true));
        Change(table, c.name);
        if (c.cascade) Forget([](const ObjectFact& f) { return f.kind == ObjectKind::kConstraint; });
        return After(Part(ObjectKind::kConstraint, table, c.name, false));
      case AlterKind::kValidateConstraint: {
        const auto added = std::find_if(not_valid_.begin(), not_valid_.end(), [&](const NotValid& n) { return n.name == c.name && MayBe(n.table, table); });
        if (added != not_valid_.end()) {
          DataProbe p = added->probe;
          p.statement = absl::StrCat(shown, " VALIDATE CONSTRAINT ", c.name);
          Probe(std::move(p));
        } else {
          Before(Part(ObjectKind::kConstraint, table, c.name, true));
          DataProbe p = NewProbe(ProbeOf::kValidate, table, absl::StrCat(shown, " VALIDATE CONSTRAINT ", c.name));
          p.constraint = std::string(c.name);
          if (!ChangedPart(table, c.name)) Probe(std::move(p));
        }
        ObjectFact f = Part(ObjectKind::kConstraint, table, c.name, true);
        f.valid = true;
        return After(std::move(f));
      }
      case AlterKind::kAttachPartition:
      case AlterKind::kDetachPartition:
      case AlterKind::kInherit:
      case AlterKind::kNoInherit:
        if (c.kind == AlterKind::kDetachPartition && c.concurrently && !committed_) facts_.concurrently = true;
        return Touch(Of(c.other), true, true);
      default: return;
    }
  }

  static std::string_view KindShown(const sql::Constraint& c) {
    switch (c.kind) {
      case ConstraintKind::kPrimaryKey: return "PRIMARY KEY";
      case ConstraintKind::kUnique: return "UNIQUE";
      case ConstraintKind::kForeignKey: return "FOREIGN KEY";
      case ConstraintKind::kCheck: return "CHECK";
      case ConstraintKind::kNotNull: return "NOT NULL";
      default: return "CONSTRAINT";
    }
  }

  void Drop(const sql::Drop& d) {
    for (size_t i = 0; i < d.names.size(); ++i) {
      const ObjectName name = Of(d.names[i]);
      switch (d.type) {
        case ObjectType::kTable:
        case ObjectType::kView:
        case ObjectType::kMaterializedView:
        case ObjectType::kForeignTable:
        case ObjectType::kSequence:
        case ObjectType::kIndex: {
          if (!d.if_exists) Before(Relation(name, true));
          if (d.type == ObjectType::kTable) Touch(name, true, true);
          if (d.type == ObjectType::kIndex && d.concurrently && !committed_) facts_.concurrently = true;
          ForgetOf(name);
          Make(name);
          After(Relation(name, false));
          break;
        }
        case ObjectType::kType:
        case ObjectType::kDomain:
          if (!d.if_exists) Before(Thing(ObjectKind::kType, name, true));
          ForgetOf(name);
          Make(name);
          After(Thing(ObjectKind::kType, name, false));
          break;
        case ObjectType::kSchema:
          Forget([&](const ObjectFact& f) { return f.name.schema == name.name || f.owner.schema == name.name || f.name.schema.empty(); });
          opaque_ = opaque_ || (d.cascade && !committed_);
          After({.kind = ObjectKind::kSchema, .name = name, .present = false});
          break;
        case ObjectType::kExtension:
          opaque_ = opaque_ || !committed_;
          After({.kind = ObjectKind::kExtension, .name = name, .present = false});
          break;
        case ObjectType::kTrigger:
        case ObjectType::kPolicy: {
          if (i >= d.tables.size()) break;
          const ObjectKind kind = d.type == ObjectType::kTrigger ? ObjectKind::kTrigger : ObjectKind::kPolicy;
          const ObjectName table = Of(d.tables[i]);
          if (!d.if_exists) Before(Part(kind, table, name.name, true));
          Touch(table, true, true);
          Change(table, name.name);
          After(Part(kind, table, name.name, false));
          break;
        }
        case ObjectType::kFunction:
        case ObjectType::kProcedure:
        case ObjectType::kRoutine:
        case ObjectType::kAggregate:
          Forget([&](const ObjectFact& f) { return f.kind == ObjectKind::kFunction && MayBe(f.name, name); });
          break;
        default: break;
      }
    }
    if (!d.cascade) return;
    // Views, constraints, columns of other tables: whatever hangs on it went as well.
    const bool tables_stay = d.type == ObjectType::kTable || d.type == ObjectType::kView || d.type == ObjectType::kSequence || d.type == ObjectType::kFunction;
    Forget([&](const ObjectFact& f) { return f.present && (!tables_stay || f.kind != ObjectKind::kRelation); });
  }

  void Rename(const sql::Rename& r) {
    const ObjectName table = Of(r.name);
    if (r.type == ObjectType::kColumn || r.type == ObjectType::kConstraint) {
      const ObjectKind kind = r.type == ObjectType::kColumn ? ObjectKind::kColumn : ObjectKind::kConstraint;
      Touch(table, true, true);
      if (!r.if_exists) Before(Part(kind, table, r.old_name, true));
      Before(Part(kind, table, r.new_name, false));
      Change(table, r.old_name);
      Change(table, r.new_name);
      After(Part(kind, table, r.old_name, false));
      return After(Part(kind, table, r.new_name, true));
    }
    const ObjectName renamed = {table.schema, std::string(r.new_name)};
    const bool relation = r.type == ObjectType::kTable || r.type == ObjectType::kIndex || r.type == ObjectType::kView || r.type == ObjectType::kMaterializedView || r.type == ObjectType::kSequence;
    if (!relation) {
      const ObjectName& named = r.old_name.empty() ? table : Of(r.old_name);
      Forget([&](const ObjectFact& f) { return f.name.name == named.name || f.owner.name == named.name; });
      return Make(named), Make(renamed);
    }
    if (!r.if_exists) Before(Relation(table, true));
    Before(Relation(renamed, false));
    if (r.type == ObjectType::kTable) Touch(table, true, true);
    ForgetOf(table);
    Make(table);
    Make(renamed);
    After(Relation(table, false));
    After(Relation(renamed, true));
  }

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

}  // namespace

std::string Shown(const ObjectName& n) { return n.schema.empty() ? n.name : absl::StrCat(n.schema, ".", n.name); }

std::string Quoted(const ObjectName& n) { return n.schema.empty() ? QuoteIdentifier(n.name) : absl::StrCat(QuoteIdentifier(n.schema), ".", QuoteIdentifier(n.name)); }

std::string Shown(const ObjectFact& f) {
  switch (f.kind) {
    case ObjectKind::kRelation: return absl::StrCat(f.is_index ? "index " : "", Shown(f.name));
    case ObjectKind::kColumn: return absl::StrCat("column ", Shown(f.owner), ".", f.name.name);
    case ObjectKind::kConstraint: return absl::StrCat("constraint ", f.name.name, " of ", Shown(f.owner));
    case ObjectKind::kType: return absl::StrCat("type ", Shown(f.name));
    case ObjectKind::kLabel: return absl::StrCat("value '", f.name.name, "' of type ", Shown(f.owner));
    case ObjectKind::kExtension: return absl::StrCat("extension ", f.name.name);
    case ObjectKind::kSchema: return absl::StrCat("schema ", f.name.name);
    case ObjectKind::kFunction: return absl::StrCat("function ", Shown(f.name));
    case ObjectKind::kTrigger: return absl::StrCat("trigger ", f.name.name, " of ", Shown(f.owner));
    case ObjectKind::kPolicy: return absl::StrCat("policy ", f.name.name, " of ", Shown(f.owner));
  }
  return f.name.name;
}

PlanFacts FactsOf(const Plan& plan, const std::vector<int>& done) { return Reader(plan, done).Run(); }

}  // namespace pawl
