// What each kind of statement needs and leaves behind.
#include "migrations/run/plan_facts_reader.h"

namespace pawl::plan_facts {

void FactsReader::ReadStatement(const Statement& s) {
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

void FactsReader::CreateTable(const sql::CreateTable& t) {
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

void FactsReader::CreateIndex(const sql::CreateIndex& i) {
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

void FactsReader::AddConstraint(const ObjectName& table, const sql::Constraint& c, std::string_view shown) {
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

bool FactsReader::ChangedAny(const ObjectName& table) const {
  return std::any_of(changed_.begin(), changed_.end(), [&](const auto& c) { return MayBe(c.first, table); });
}

void FactsReader::AlterTable(const sql::AlterTable& a) {
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

void FactsReader::Alter(const ObjectName& table, const sql::AlterTable& a, const sql::AlterCommand& c) {
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

std::string_view FactsReader::KindShown(const sql::Constraint& c) {
  switch (c.kind) {
    case ConstraintKind::kPrimaryKey: return "PRIMARY KEY";
    case ConstraintKind::kUnique: return "UNIQUE";
    case ConstraintKind::kForeignKey: return "FOREIGN KEY";
    case ConstraintKind::kCheck: return "CHECK";
    case ConstraintKind::kNotNull: return "NOT NULL";
    default: return "CONSTRAINT";
  }
}

void FactsReader::Drop(const sql::Drop& d) {
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

void FactsReader::Rename(const sql::Rename& r) {
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

}  // namespace pawl::plan_facts
