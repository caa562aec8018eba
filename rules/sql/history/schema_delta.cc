#include "rules/sql/history/schema_delta.h"

#include <algorithm>
#include <utility>

#include "analyzer/catalog/names.h"

namespace pawl {
namespace {

using sql::ObjectType;

bool Agree(std::string_view a, std::string_view b) { return a.empty() || b.empty() || a == b; }

// Constraints have indexes and either is made good by the other; ALTER TABLE also takes an index.
bool SameKind(DeltaKind a, DeltaKind b) {
  if (a == b) return true;
  if (a > b) std::swap(a, b);
  return (a == DeltaKind::kIndex && b == DeltaKind::kConstraint) || (a == DeltaKind::kRelation && b == DeltaKind::kIndex);
}

bool SameId(const DeltaId& a, const DeltaId& b) { return a.name == b.name && Agree(a.table, b.table) && Agree(a.schema, b.schema); }

bool IsPart(DeltaKind k) {
  switch (k) {
    case DeltaKind::kRelation:
    case DeltaKind::kType:
    case DeltaKind::kFunction:
    case DeltaKind::kSchema:
    case DeltaKind::kExtension:
      return false;
    default:
      return true;
  }
}

bool IsChange(DeltaKind k) { return k >= DeltaKind::kColumnType; }
bool IsKey(DeltaKind k) { return k == DeltaKind::kIndex || k == DeltaKind::kConstraint; }

struct KindWord {
  DeltaKind kind;
  const char* word;  // null: not followed
};

KindWord KindOf(ObjectType t) {
  switch (t) {
    case ObjectType::kTable: return {DeltaKind::kRelation, "table"};
    case ObjectType::kForeignTable: return {DeltaKind::kRelation, "foreign table"};
    case ObjectType::kView: return {DeltaKind::kRelation, "view"};
    case ObjectType::kMaterializedView: return {DeltaKind::kRelation, "materialized view"};
    case ObjectType::kSequence: return {DeltaKind::kRelation, "sequence"};
    case ObjectType::kIndex: return {DeltaKind::kIndex, "index"};
    case ObjectType::kSchema: return {DeltaKind::kSchema, "schema"};
    case ObjectType::kType: return {DeltaKind::kType, "type"};
    case ObjectType::kDomain: return {DeltaKind::kType, "domain"};
    case ObjectType::kExtension: return {DeltaKind::kExtension, "extension"};
    case ObjectType::kFunction: return {DeltaKind::kFunction, "function"};
    case ObjectType::kProcedure: return {DeltaKind::kFunction, "procedure"};
    case ObjectType::kRoutine: return {DeltaKind::kFunction, "routine"};
    case ObjectType::kTrigger: return {DeltaKind::kTrigger, "trigger"};
    case ObjectType::kPolicy: return {DeltaKind::kPolicy, "policy"};
    case ObjectType::kColumn: return {DeltaKind::kColumn, "column"};
    case ObjectType::kConstraint: return {DeltaKind::kConstraint, "constraint"};
    default: return {DeltaKind::kRelation, nullptr};
  }
}

bool IsBuiltInType(std::string_view type) {
  const std::string_view base = type.substr(0, type.find_first_of("(["));
  for (std::string_view t : {"varchar", "bpchar", "text", "int2", "int4", "int8", "numeric", "float4", "float8", "bool", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "uuid", "json", "jsonb", "bytea",
                             "inet", "cidr", "xml", "money"}) {
    if (base == t) return true;
  }
  return false;
}

// varchar without a length is text under another name.
std::string_view Unlimited(std::string_view type) { return type == "varchar" ? "text" : type == "varchar[]" ? "text[]" : type; }

DeltaId IdOf(const sql::Name& n) { return {n.schema, {}, n.name}; }
DeltaId PartOf(const sql::Name& table, std::string_view name) { return {table.schema, table.name, name}; }

}  // namespace

std::string_view SchemaDelta::Keep(std::string s) { return names_.emplace_back(std::move(s)); }

const DeltaObject* SchemaDelta::Find(DeltaKind kind, const DeltaId& id, Liveness liveness, bool by_before) const {
  const auto it = by_name_.find(id.name);
  if (it == by_name_.end()) return nullptr;
  const DeltaObject* inexact = nullptr;
  for (const DeltaObject* o : it->second) {
    if (o->exists != (liveness == Liveness::kLive) || !SameKind(o->kind, kind)) continue;
    const DeltaId& own = by_before ? o->before : o->now;
    if (!SameId(own, id)) continue;
    if (o->kind == kind && own.schema == id.schema) return o;
    if (inexact == nullptr) inexact = o;
  }
  return inexact;
}

DeltaObject* SchemaDelta::Find(DeltaKind kind, const DeltaId& id, Liveness liveness, bool by_before) {
  return const_cast<DeltaObject*>(std::as_const(*this).Find(kind, id, liveness, by_before));
}

DeltaObject& SchemaDelta::Add(DeltaKind kind, const char* word, const DeltaId& id) {
  DeltaObject& o = objects_.emplace_back();
  o.kind = kind;
  o.word = word;
  o.before = o.now = id;
  o.by_down = down_;
  o.span = span_;
  by_name_[id.name].push_back(&o);
  return o;
}

DeltaObject& SchemaDelta::Create(DeltaKind kind, const char* word, const DeltaId& id, bool weak) {
  // What the down makes again although the up is thought to have made it was there before in some other way.
  if (DeltaObject* o = Find(kind, id, Liveness::kLive)) {
    if (down_ && o->existed == Existed::kNo) o->existed = Existed::kMaybe;
    return *o;
  }
  DeltaObject* o = Find(kind, id, Liveness::kDead, /*by_before=*/true);
  if (o == nullptr) o = Find(kind, id, Liveness::kDead);
  if (o != nullptr) {
    if (down_ && o->existed == Existed::kNo) o->existed = Existed::kMaybe;
    if (!down_ && (doubtful_ || weak) && o->existed == Existed::kYes) o->existed = Existed::kMaybe;
    o->exists = o->whole = true;
    if (o->existed != Existed::kNo) o->now = o->before;
    return *o;
  }
  if (down_ && IsKey(kind)) odd_makes_.push_back({id.schema, id.table, {}});
  DeltaObject& made = Add(kind, word, id);
  made.existed = doubtful_ ? Existed::kMaybe : Existed::kNo;
  made.weak = weak;
  made.whole = true;
  return made;
}

void SchemaDelta::Drop(DeltaKind kind, const char* word, const DeltaId& id, bool weak) {
  if (DeltaObject* o = Find(kind, id, Liveness::kLive)) {
    o->exists = false;
    if (doubtful_ && !down_) o->existed = Existed::kMaybe;
    if (down_ && o->kind == DeltaKind::kIndex && o->existed == Existed::kNo) ForgetAttached(*o);
    return;
  }
  if (Find(kind, id, Liveness::kDead) != nullptr) return;
  if (down_) {
    if (IsKey(kind) && id.table.empty()) down_drops_index_ = true;
    if (IsKey(kind)) odd_drops_.push_back({id.schema, id.table, {}});
    return;
  }
  DeltaObject& o = Add(kind, word, id);
  o.existed = doubtful_ ? Existed::kMaybe : Existed::kYes;
  o.weak = weak;
  o.exists = false;
}

void SchemaDelta::Rename(DeltaKind kind, const char* word, const DeltaId& id, std::string_view to, bool weak) {
  DeltaObject* o = Find(kind, id, Liveness::kLive);
  if (o == nullptr) {
    o = &Add(kind, word, id);
    o->existed = doubtful_ ? Existed::kMaybe : Existed::kYes;
    o->weak = weak;
  }
  // DROP ... IF EXISTS before what takes its name: a replacement, also where nothing had the name.
  if (!down_) {
    if (DeltaObject* replaced = Find(kind, {id.schema, id.table, to}, Liveness::kDead, /*by_before=*/true); replaced != nullptr && replaced->weak) replaced->existed = Existed::kMaybe;
  }
  const DeltaId was = o->now;
  o->now.name = to;
  by_name_[to].push_back(o);
  if (doubtful_ && !down_) o->existed = Existed::kMaybe;
  if (kind == DeltaKind::kRelation || kind == DeltaKind::kType) {
    for (DeltaObject& part : objects_) {
      if (!IsPart(part.kind) || part.now.table != was.name || !Agree(part.now.schema, was.schema)) continue;
      part.before.table = part.now.table = to;
    }
  } else if (kind == DeltaKind::kColumn) {
    for (DeltaObject& part : objects_) {
      if (part.now.table != was.table) continue;
      if (IsChange(part.kind) && part.now.name == was.name) {
        part.before.name = part.now.name = to;
        by_name_[to].push_back(&part);
      }
      for (std::string_view& c : part.columns) {
        if (c == was.name) c = to;
      }
    }
  } else if (kind == DeltaKind::kSchema) {
    for (DeltaObject& other : objects_) {
      if (other.now.schema == was.name) other.now.schema = other.before.schema = to;
    }
  }
}

void SchemaDelta::Change(DeltaKind kind, const DeltaId& id, bool weak) {
  if (const DeltaObject* column = Find(DeltaKind::kColumn, id, Liveness::kLive); column != nullptr && column->whole) return;
  for (DeltaObject& o : objects_) {
    if (o.kind != kind || !SameId(o.now, id)) continue;
    o.settled = true;
    return;
  }
  if (down_) return;
  DeltaObject& o = Add(kind, kind == DeltaKind::kColumnType ? "type" : kind == DeltaKind::kColumnNull ? "NOT NULL" : "default", id);
  o.existed = Existed::kYes;
  o.weak = weak;
  o.settled = doubtful_;
}

void SchemaDelta::ForgetParts(const DeltaId& table, bool cascade) {
  for (DeltaObject& o : objects_) {
    if (IsPart(o.kind) && o.now.table == table.name && Agree(o.now.schema, table.schema)) o.settled = true;
    if (cascade && o.referenced == table.name) o.settled = true;
    if (o.kind == DeltaKind::kRelation && o.exists && o.partition_of == table.name) {
      o.exists = false;
      ForgetParts(o.now, cascade);
    }
  }
}

// An index on a partitioned table takes the equal ones that its partitions have already, and they go with it. Partitions are not
// known here; they are hardly ever called otherwise than their table with something behind it.
void SchemaDelta::ForgetAttached(const DeltaObject& index) {
  for (DeltaObject& o : objects_) {
    const bool partition = o.now.table.size() > index.now.table.size() && o.now.table.substr(0, index.now.table.size()) == index.now.table;
    if (o.kind == DeltaKind::kIndex && o.exists && o.existed == Existed::kNo && partition && !index.now.table.empty() && o.columns == index.columns) o.settled = true;
  }
}

void SchemaDelta::ForgetColumn(const DeltaId& column, bool cascade) {
  for (DeltaObject& o : objects_) {
    if (cascade && o.referenced == column.table) o.settled = true;
    if (o.now.table != column.table || !Agree(o.now.schema, column.schema)) continue;
    if (IsChange(o.kind) && o.now.name == column.name) o.settled = true;
    if (IsKey(o.kind) && (o.opaque || std::find(o.columns.begin(), o.columns.end(), column.name) != o.columns.end())) o.settled = true;
  }
}

// Nobody knows what went along. Views hang on any table; the rest on types, functions, schemas and extensions.
void SchemaDelta::Cascade(ObjectType type) {
  const bool wide = type != ObjectType::kTable && type != ObjectType::kColumn && type != ObjectType::kView && type != ObjectType::kMaterializedView &&
                    type != ObjectType::kConstraint && type != ObjectType::kIndex && type != ObjectType::kTrigger;
  if (!down_) cascaded_ = true;
  for (DeltaObject& o : objects_) {
    if (!o.exists) continue;
    const bool view = o.kind == DeltaKind::kRelation && (o.word[0] == 'v' || o.word[0] == 'm');
    const bool hanging = view || o.kind == DeltaKind::kTrigger || o.kind == DeltaKind::kPolicy;
    if (hanging || (wide && o.kind != DeltaKind::kSchema && o.kind != DeltaKind::kExtension && (o.kind != DeltaKind::kRelation || o.word[0] == 's'))) o.settled = true;
  }
}

bool SchemaDelta::Whole(const sql::Name& table) {
  const DeltaObject* o = Find(DeltaKind::kRelation, IdOf(table), Liveness::kLive);
  return o != nullptr && o->whole;
}

bool SchemaDelta::Retyped(const sql::TypeName& type) const { return Find(DeltaKind::kType, {type.schema, {}, type.name}, Liveness::kLive) != nullptr; }

void SchemaDelta::CreateTable(const sql::CreateTable& t) {
  DeltaObject& o = Create(DeltaKind::kRelation, t.materialized_view ? "materialized view" : t.foreign ? "foreign table" : "table", IdOf(t.name), t.if_not_exists);
  if (t.temporary) o.settled = true;
  if (cascaded_ && t.materialized_view && o.existed == Existed::kNo) o.existed = Existed::kMaybe;
  o.partition_of = t.partition_of.name;
  if (down_) down_makes_tables_ = true;
}

void SchemaDelta::CreateIndex(const sql::CreateIndex& i) {
  if (Whole(i.table)) return;
  std::vector<std::string_view> used(i.include.begin(), i.include.end());
  std::vector<std::string> named;
  bool opaque = false;
  for (const sql::IndexElement& e : i.elements) {
    if (!e.column.empty()) used.push_back(e.column);
    if (e.expression != nullptr) CollectColumns(*e.expression, &used);
    opaque = opaque || e.expression != nullptr;
    named.push_back(UniqueIn(named, !e.column.empty() ? e.column : e.expression != nullptr ? ExpressionName(*e.expression) : "expr"));
  }
  for (std::string_view c : i.include) named.push_back(UniqueIn(named, c));
  if (i.where != nullptr) CollectColumns(*i.where, &used);
  std::string_view name = i.name;
  if (name.empty()) name = Keep(MakeObjectName(i.table.name, NameAddition(std::vector<std::string_view>(named.begin(), named.end())), "idx"));
  DeltaObject& o = Create(DeltaKind::kIndex, "index", PartOf(i.table, name), i.if_not_exists);
  if (o.now.table.empty()) o.now.table = o.before.table = i.table.name;
  o.generated = o.generated || i.name.empty();
  o.columns = std::move(used);
  o.opaque = opaque;
  for (const DeltaId& t : columns_fell_) {
    if (o.existed == Existed::kNo && t.table == i.table.name) o.existed = Existed::kMaybe;
  }
}

void SchemaDelta::AddConstraint(const sql::Name& table, const sql::Constraint& k, bool weak) {
  const char* label = nullptr;
  std::vector<std::string_view> columns(k.columns.begin(), k.columns.end());
  std::string addition = NameAddition(columns);
  switch (k.kind) {
    case sql::ConstraintKind::kCheck:
      label = "check";
      if (k.expression != nullptr) CollectColumns(*k.expression, &columns);
      addition = columns.size() == 1 ? std::string(columns[0]) : "";
      break;
    case sql::ConstraintKind::kPrimaryKey:
      label = "pkey";
      addition.clear();
      break;
    case sql::ConstraintKind::kUnique: label = "key"; break;
    case sql::ConstraintKind::kForeignKey: label = "fkey"; break;
    case sql::ConstraintKind::kExclusion: label = "excl"; break;
    default: return;
  }
  std::string_view name = k.name;
  if (name.empty() && !k.using_index.empty()) name = k.using_index;
  const bool generated = name.empty();
  if (generated) name = Keep(MakeObjectName(table.name, addition, label));
  // USING INDEX makes the index the constraint's, under the constraint's name.
  if (!k.using_index.empty()) {
    if (DeltaObject* index = Find(DeltaKind::kIndex, PartOf(table, k.using_index), Liveness::kLive)) {
      index->now.name = name;
      if (index->existed == Existed::kNo) index->before.name = name;
      index->word = "constraint";
      index->kind = DeltaKind::kConstraint;
      by_name_[name].push_back(index);
      return;
    }
  }
  DeltaObject& o = Create(DeltaKind::kConstraint, "constraint", PartOf(table, name), weak);
  o.generated = o.generated || generated;
  o.columns = std::move(columns);
  o.opaque = k.kind == sql::ConstraintKind::kExclusion;
  o.referenced = k.referenced.name;
  for (const DeltaId& t : columns_fell_) {
    if (o.existed == Existed::kNo && t.table == table.name) o.existed = Existed::kMaybe;
  }
  if (cascaded_ && o.existed == Existed::kNo) o.existed = Existed::kMaybe;
}

void SchemaDelta::AlterTable(const sql::AlterTable& a) {
  if (a.type != ObjectType::kTable && a.type != ObjectType::kForeignTable) return;
  if (Whole(a.name)) {
    for (const sql::AlterCommand& c : a.commands) {
      if (c.kind != sql::AlterKind::kAttachPartition) continue;
      if (DeltaObject* part = Find(DeltaKind::kRelation, IdOf(c.other), Liveness::kLive)) part->partition_of = a.name.name;
    }
    return;
  }
  for (const sql::AlterCommand& c : a.commands) {
    span_ = c.span.empty() ? statement_->span : c.span;
    const DeltaId id = PartOf(a.name, c.name);
    switch (c.kind) {
      case sql::AlterKind::kAddColumn:
        if (c.column == nullptr) break;
        Create(DeltaKind::kColumn, "column", PartOf(a.name, c.column->name), c.if_not_exists || a.if_exists);
        if (down_ && !c.column->constraints.empty()) odd_makes_.push_back(PartOf(a.name, {}));
        break;
      case sql::AlterKind::kDropColumn:
        Drop(DeltaKind::kColumn, "column", id, c.if_exists || a.if_exists);
        ForgetColumn(id, c.cascade);
        if (!down_) columns_fell_.push_back(id);
        if (c.cascade) Cascade(ObjectType::kColumn);
        break;
      case sql::AlterKind::kAddConstraint:
      case sql::AlterKind::kAddIndexConstraint:
        if (c.constraint == nullptr) break;
        if (down_ && c.constraint->kind == sql::ConstraintKind::kNotNull) {  // 18+: another way to say SET NOT NULL
          for (std::string_view column : c.constraint->columns) Change(DeltaKind::kColumnNull, PartOf(a.name, column), a.if_exists);
        }
        AddConstraint(a.name, *c.constraint, a.if_exists);
        break;
      case sql::AlterKind::kDropConstraint:
        Drop(DeltaKind::kConstraint, "constraint", id, c.if_exists || a.if_exists);
        if (c.cascade) Cascade(ObjectType::kConstraint);
        if (c.cascade && !down_) cascaded_ = true;
        break;
      case sql::AlterKind::kColumnType:
        if (!down_ && c.type != nullptr && Retyped(*c.type)) break;
        Change(DeltaKind::kColumnType, id, a.if_exists);
        if (down_ && c.type != nullptr) CompareType(id, *c.type);
        break;
      case sql::AlterKind::kSetNotNull:
      case sql::AlterKind::kDropNotNull:
        Change(DeltaKind::kColumnNull, id, a.if_exists);
        break;
      case sql::AlterKind::kSetDefault:
      case sql::AlterKind::kDropDefault:
      case sql::AlterKind::kAddIdentity:
      case sql::AlterKind::kDropIdentity:
        Change(DeltaKind::kColumnDefault, id, a.if_exists);
        break;
      case sql::AlterKind::kAttachPartition:
        if (DeltaObject* part = Find(DeltaKind::kRelation, IdOf(c.other), Liveness::kLive)) part->partition_of = a.name.name;
        break;
      default:
        break;
    }
  }
}

void SchemaDelta::DropObjects(const sql::Drop& d) {
  const KindWord k = KindOf(d.type);
  if (d.cascade) Cascade(d.type);
  if (k.word == nullptr) return;
  for (size_t i = 0; i < d.names.size(); ++i) {
    const sql::Name& n = d.names[i];
    span_ = d.names.size() > 1 && !n.span.empty() ? n.span : statement_->span;
    if (k.kind == DeltaKind::kTrigger || k.kind == DeltaKind::kPolicy) {
      if (i >= d.tables.size() || Whole(d.tables[i])) continue;
      Drop(k.kind, k.word, PartOf(d.tables[i], n.name), d.if_exists);
      continue;
    }
    Drop(k.kind, k.word, IdOf(n), d.if_exists);
    if (k.kind == DeltaKind::kRelation || k.kind == DeltaKind::kType) ForgetParts(IdOf(n), d.cascade);
    if (k.kind == DeltaKind::kSchema) {
      for (DeltaObject& o : objects_) {
        if (o.now.schema == n.name || (d.cascade && o.now.schema.empty() && o.kind != DeltaKind::kSchema && o.kind != DeltaKind::kExtension)) o.settled = true;
      }
    }
  }
}

void SchemaDelta::RenameObject(const sql::Rename& r) {
  const KindWord k = KindOf(r.type);
  if (k.word == nullptr) return;
  if (!IsPart(k.kind) || k.kind == DeltaKind::kIndex) {
    DeltaKind kind = k.kind;
    // ALTER TABLE ... RENAME TO also takes an index.
    if (kind == DeltaKind::kRelation) {
      const DeltaObject* o = Find(DeltaKind::kRelation, IdOf(r.name), Liveness::kLive);
      if (o != nullptr) kind = o->kind;
    }
    Rename(kind, k.word, IdOf(r.name), r.new_name, r.if_exists);
    return;
  }
  if (!Whole(r.name)) Rename(k.kind, k.word, PartOf(r.name, r.old_name), r.new_name, r.if_exists);
}

void SchemaDelta::Apply(const sql::Statement& s, bool down) {
  using sql::StatementKind;
  statement_ = &s;
  span_ = s.span;
  down_ = down;
  doubtful_ = s.conditional || s.guarded;
  switch (s.kind) {
    case StatementKind::kCreateTable: CreateTable(s.As<sql::CreateTable>()); break;
    case StatementKind::kCreateIndex: CreateIndex(s.As<sql::CreateIndex>()); break;
    case StatementKind::kAlterTable: AlterTable(s.As<sql::AlterTable>()); break;
    case StatementKind::kDrop: DropObjects(s.As<sql::Drop>()); break;
    case StatementKind::kRename: RenameObject(s.As<sql::Rename>()); break;
    case StatementKind::kSetSchema: {
      const auto& move = s.As<sql::SetSchema>();
      const KindWord k = KindOf(move.type);
      if (k.word == nullptr) break;
      if (DeltaObject* o = Find(k.kind, IdOf(move.name), Liveness::kLive)) o->now.schema = o->before.schema = move.new_schema;
      for (DeltaObject& part : objects_) {
        if (IsPart(part.kind) && part.now.table == move.name.name) part.now.schema = part.before.schema = {};
      }
      break;
    }
    case StatementKind::kCreateView: {
      const auto& v = s.As<sql::CreateView>();
      DeltaObject& o = Create(DeltaKind::kRelation, "view", IdOf(v.name), v.replace);
      if (v.temporary) o.settled = true;
      if (cascaded_ && o.existed == Existed::kNo) o.existed = Existed::kMaybe;
      break;
    }
    case StatementKind::kCreateFunction: {
      const auto& f = s.As<sql::CreateFunction>();
      DeltaObject& o = Create(DeltaKind::kFunction, f.procedure ? "procedure" : "function", IdOf(f.name), f.replace);
      if (cascaded_ && o.existed == Existed::kNo) o.existed = Existed::kMaybe;
      break;
    }
    case StatementKind::kCreateTrigger: {
      const auto& t = s.As<sql::CreateTrigger>();
      if (Whole(t.table)) break;
      DeltaObject& o = Create(DeltaKind::kTrigger, "trigger", PartOf(t.table, t.name), t.replace);
      if (cascaded_ && o.existed == Existed::kNo) o.existed = Existed::kMaybe;
      break;
    }
    case StatementKind::kCreatePolicy: {
      const auto& p = s.As<sql::CreatePolicy>();
      if (!Whole(p.table)) Create(DeltaKind::kPolicy, "policy", PartOf(p.table, p.name), false);
      break;
    }
    case StatementKind::kCreateType: Create(DeltaKind::kType, "type", IdOf(s.As<sql::CreateType>().name), false); break;
    case StatementKind::kCreateDomain: Create(DeltaKind::kType, "domain", IdOf(s.As<sql::CreateDomain>().name), false); break;
    case StatementKind::kAlterEnum: {
      const auto& e = s.As<sql::AlterEnum>();
      if (!e.new_value.empty() && !Find(DeltaKind::kType, IdOf(e.name), Liveness::kLive)) {
        Rename(DeltaKind::kEnumValue, "value", PartOf(e.name, e.value), e.new_value, false);
      }
      break;
    }
    case StatementKind::kCreateSequence: {
      const auto& q = s.As<sql::CreateSequence>();
      DeltaObject& o = Create(DeltaKind::kRelation, "sequence", IdOf(q.name), q.if_not_exists);
      if (q.temporary) o.settled = true;
      break;
    }
    case StatementKind::kCreateSchema: {
      const auto& c = s.As<sql::CreateSchema>();
      DeltaObject& o = Create(DeltaKind::kSchema, "schema", {{}, {}, c.name}, false);
      if (c.if_not_exists) o.settled = true;
      break;
    }
    case StatementKind::kCreateExtension: {
      const auto& c = s.As<sql::CreateExtension>();
      DeltaObject& o = Create(DeltaKind::kExtension, "extension", {{}, {}, c.name}, false);
      if (c.if_not_exists) o.settled = true;
      break;
    }
    case StatementKind::kQuery: {
      const auto& q = s.As<sql::Query>();
      if (q.select_into && !q.target.empty()) Create(DeltaKind::kRelation, "table", IdOf(q.target), false).settled = true;
      break;
    }
    default:
      break;
  }
}

void SchemaDelta::Take(const Replaced& r) {
  const DeltaId id{SchemaOf(r.table), pawl::NameOf(r.table), r.name};
  switch (r.what) {
    case Replaced::What::kIndex:
    case Replaced::What::kConstraint: {
      const DeltaKind kind = r.what == Replaced::What::kIndex ? DeltaKind::kIndex : DeltaKind::kConstraint;
      // One that the up itself made or dropped is followed already.
      if (Find(kind, id, Liveness::kLive) != nullptr || Find(kind, id, Liveness::kDead) != nullptr) return;
      DeltaObject& o = Add(kind, r.what == Replaced::What::kIndex ? "index" : "constraint", id);
      o.existed = Existed::kYes;
      o.exists = false;
      o.with_column = r.column;
      return;
    }
    case Replaced::What::kColumnType:
      for (DeltaObject& o : objects_) {
        if (o.kind == DeltaKind::kColumnType && SameId(o.now, id) && o.old_type.empty()) o.old_type = r.text;
      }
      return;
    case Replaced::What::kFunction:
      if (DeltaObject* o = Find(DeltaKind::kFunction, {SchemaOf(r.table), {}, pawl::NameOf(r.table)}, Liveness::kLive); o != nullptr && o->existed == Existed::kNo && o->weak) {
        o->existed = Existed::kYes;
        o->weak = false;
        o->replaced = true;
      }
      return;
  }
}

// The type that the down gives the column is another than the one before the up. Types that the history makes are left out: one may
// have been renamed to take the other's place.
void SchemaDelta::CompareType(const DeltaId& column, const sql::TypeName& type) {
  for (DeltaObject& o : objects_) {
    if (o.kind != DeltaKind::kColumnType || o.by_down || !SameId(o.now, column) || o.old_type.empty()) continue;
    o.new_type.clear();
    const std::string now = TypeText(type);
    if (now.empty() || doubtful_ || !IsBuiltInType(now) || !IsBuiltInType(o.old_type) || Unlimited(now) == Unlimited(o.old_type)) continue;
    o.new_type = now;
  }
}

std::vector<const DeltaObject*> SchemaDelta::Unreversed() const {
  std::vector<const DeltaObject*> found;
  auto on = [](const std::vector<DeltaId>& tables, const DeltaObject& o) {
    return std::any_of(tables.begin(), tables.end(), [&](const DeltaId& t) { return Agree(t.table, o.now.table) && Agree(t.schema, o.now.schema); });
  };
  for (const DeltaObject& o : objects_) {
    if (!o.new_type.empty() && o.existed == Existed::kYes) {
      found.push_back(&o);
      continue;
    }
    if (o.by_down || o.settled || o.existed == Existed::kMaybe) continue;
    // Where the column stays away, that is what there is to say.
    if (!o.with_column.empty() && Find(DeltaKind::kColumn, {o.now.schema, o.now.table, o.with_column}, Liveness::kLive) == nullptr) continue;
    if (IsChange(o.kind)) {
      found.push_back(&o);
      continue;
    }
    if (o.existed == Existed::kNo) {
      if (!o.exists) continue;
      if (const DeltaObject* was = Find(o.kind, o.now, Liveness::kDead, /*by_before=*/true); was != nullptr && was->existed != Existed::kNo) continue;
      if (o.generated && (down_drops_index_ || on(odd_drops_, o))) continue;
    } else if (!o.exists) {
      if (Find(o.kind, o.before, Liveness::kLive) != nullptr) continue;
      if (IsKey(o.kind) && (on(odd_makes_, o) || (o.now.table.empty() && down_makes_tables_))) continue;
    } else {
      if (!o.renamed() || Find(o.kind, o.before, Liveness::kLive) != nullptr) continue;
      // It may be of a table that the down makes anew, with the index or sequence under its old name.
      if (down_makes_tables_ && o.now.table.empty() && (IsKey(o.kind) || o.word == std::string_view("sequence"))) continue;
    }
    found.push_back(&o);
  }
  return found;
}

}  // namespace pawl
