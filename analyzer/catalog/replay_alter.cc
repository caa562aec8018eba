// ALTER TABLE, and the renaming of parts of a table.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

#include "analyzer/catalog/replay.h"

namespace pawl {
namespace {

bool IsNull(const sql::Expr* e) { return e == nullptr || (e->kind == sql::ExprKind::kConstant && e->constant == sql::ConstantKind::kNull); }

bool Contains(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

void Replace(std::vector<std::string>* v, std::string_view from, std::string_view to) {
  for (std::string& s : *v) {
    if (s == from) s = to;
  }
}

// The column, added with an unknown type where the table's definition was never seen; null where it cannot exist.
CatalogColumn* ColumnOf(CatalogTable* t, std::string_view name) {
  if (CatalogColumn* c = t->FindColumn(name)) return c;
  if (t->complete) return nullptr;
  CatalogColumn& c = t->columns.emplace_back();
  c.name = name;
  return &c;
}

bool Recurses(sql::AlterKind kind) {
  switch (kind) {
    case sql::AlterKind::kAddColumn:
    case sql::AlterKind::kDropColumn:
    case sql::AlterKind::kColumnType:
    case sql::AlterKind::kSetDefault:
    case sql::AlterKind::kDropDefault:
    case sql::AlterKind::kSetNotNull:
    case sql::AlterKind::kDropNotNull:
    case sql::AlterKind::kAddConstraint:
    case sql::AlterKind::kDropConstraint:
    case sql::AlterKind::kValidateConstraint:
      return true;
    default:
      return false;
  }
}

bool IsIndexed(sql::ConstraintKind k) {
  return k == sql::ConstraintKind::kPrimaryKey || k == sql::ConstraintKind::kUnique || k == sql::ConstraintKind::kExclusion;
}

}  // namespace

void CatalogReplay::AlterTable(const sql::AlterTable& a) {
  switch (a.type) {
    case sql::ObjectType::kTable:
    case sql::ObjectType::kForeignTable:
    case sql::ObjectType::kMaterializedView:
      break;
    default:
      // Indexes, views, sequences, composite types: no column of ours changes.
      for (const sql::AlterCommand& c : a.commands) {
        if (c.kind == sql::AlterKind::kOwner) SetOwner(a.name, c.name);
      }
      return;
  }
  Table* t = Find(a.name);
  if (t == nullptr) {
    // ALTER TABLE also takes an index, a view or a sequence.
    if (c_.FindIndex(a.name, nullptr) != nullptr) return;
    if (c_.HasSequence(a.name)) {
      for (const sql::AlterCommand& c : a.commands) {
        if (c.kind == sql::AlterKind::kOwner) SetOwner(a.name, c.name);
      }
      return;
    }
    t = Known(a.name);
    t->type = a.type;
  }
  for (const sql::AlterCommand& c : a.commands) {
    if (&c == &a.commands.back()) return Alter(t, c, a.only);
    const std::string key = t->key;
    Alter(t, c, a.only);
    t = Find(key);  // ATTACH may have made an entry and moved ours
    if (t == nullptr) return;
  }
}

// Of a view or a sequence.
void CatalogReplay::SetOwner(const sql::Name& name, std::string_view role) {
  if (Table* t = Find(name)) {
    t->owner = role;
  } else if (c_.HasSequence(name)) {
    c_.sequence_role_[c_.Resolve(name)] = role;
  }
}

void CatalogReplay::SwitchTriggers(Table* t, const sql::AlterCommand& c) {
  const bool all = c.name == "all" && !c.user_triggers;
  const bool off = c.kind == sql::AlterKind::kDisableTrigger;
  if (all) t->keys_off = off;
  for (CatalogTrigger& x : t->triggers) {
    if (all || c.user_triggers || x.name == c.name) x.disabled = off;
  }
}

void CatalogReplay::AlterDescendants(const std::string& key, const sql::AlterCommand& c) {
  if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->no_inherit) return;
  for (const CatalogTable* d : c_.Descendants(key)) {
    Table* t = Find(d->key);
    if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->kind != sql::ConstraintKind::kCheck) {
      // Keys and foreign keys are not inherited, but partitions have them.
      if (t->partition_of.empty() && c.constraint->kind != sql::ConstraintKind::kNotNull) continue;
      if (IsIndexed(c.constraint->kind)) {
        sql::Constraint unnamed = *c.constraint;
        unnamed.name = {};
        AddConstraint(t, unnamed, {});
        continue;
      }
    }
    Alter(t, c, /*only=*/true);
  }
}

void CatalogReplay::Alter(Table* t, const sql::AlterCommand& c, bool only) {
  // Constraints first fall or change on the children: names are looked up there as written.
  if (!only && Recurses(c.kind) && c_.targets_.contains(t->key)) AlterDescendants(t->key, c);
  switch (c.kind) {
    case sql::AlterKind::kAddColumn:
      if (c.column == nullptr) return;
      if (c.if_not_exists && t->FindColumn(c.column->name) != nullptr) return;
      AddColumn(t, *c.column);
      NoteEmpty(t, *c.column);
      AddColumnConstraints(t, *c.column);
      return;
    case sql::AlterKind::kDropColumn:
      if (c.cascade && c_.targets_.contains(t->key)) {
        const std::string key = t->key;
        DropDependentsOnColumn(*t, c.name);
        DropReferences(key, {std::string(c.name)}, /*exactly=*/false);
        t = Find(key);
      }
      DropColumn(t, c.name);
      return;
    case sql::AlterKind::kColumnType:
      if (CatalogColumn* column = ColumnOf(t, c.name); column != nullptr && c.type != nullptr) {
        column->type = TypeText(*c.type);
        column->collation = c.collation;
      }
      return;
    case sql::AlterKind::kSetDefault:
      if (CatalogColumn* column = ColumnOf(t, c.name)) {
        column->has_default = !IsNull(c.expression);
        column->sequence = SequenceOf(c.expression);
        column->default_text = {};
        c_.dependents_.Drop(CatalogDependent::Kind::kDefault, t->key, c.name);
        AddDependent(CatalogDependent::Kind::kDefault, *t, c.name, FunctionsIn(c.expression));
        if (column->has_default) KeepDefault(column, c.span.begin, c.span.end, /*in_column=*/false);
      }
      return;
    case sql::AlterKind::kDropDefault:
      if (CatalogColumn* column = t->FindColumn(c.name)) {
        column->has_default = false;
        column->default_text = {};
        column->sequence.clear();
        c_.dependents_.Drop(CatalogDependent::Kind::kDefault, t->key, c.name);
      }
      return;
    case sql::AlterKind::kSetNotNull:
      if (CatalogColumn* column = ColumnOf(t, c.name)) column->not_null = true;
      return;
    case sql::AlterKind::kDropNotNull:
      if (CatalogColumn* column = t->FindColumn(c.name)) column->not_null = false;
      return;
    case sql::AlterKind::kSetExpression:
      if (CatalogColumn* column = ColumnOf(t, c.name)) {
        column->generated = column->backfilled = true;
        c_.dependents_.Drop(CatalogDependent::Kind::kGenerated, t->key, c.name);
        AddGenerated(*t, c.name, c.expression);
        KeepGenerated(column, c.span.begin);
      }
      return;
    case sql::AlterKind::kDropExpression:
      if (CatalogColumn* column = t->FindColumn(c.name)) {
        column->generated = false;
        column->default_text = {};
        c_.dependents_.Drop(CatalogDependent::Kind::kGenerated, t->key, c.name);
      }
      return;
    case sql::AlterKind::kSetIdentity:
      if (CatalogColumn* column = t->FindColumn(c.name); column != nullptr && column->identity_kind != 0) KeepIdentity(column, c.span.begin);
      return;
    case sql::AlterKind::kAddIdentity:
      if (CatalogColumn* column = ColumnOf(t, c.name)) {
        column->identity = column->not_null = true;
        KeepIdentity(column, c.span.begin);
      }
      AddSequenceOf(*t, t->FindColumn(c.name));
      return;
    case sql::AlterKind::kDropIdentity:
      if (CatalogColumn* column = t->FindColumn(c.name)) {
        column->identity = false;
        DropOwnedSequence(t->key, c.name, column->sequence);
        column->sequence.clear();
      }
      return;
    case sql::AlterKind::kAddConstraint:
      if (c.constraint == nullptr) return;
      if (c.constraint->using_index.empty()) {
        AddConstraint(t, *c.constraint, {});
      } else {
        AddIndexConstraint(t, *c.constraint);
      }
      return;
    case sql::AlterKind::kAddIndexConstraint:
      if (c.constraint != nullptr) AddIndexConstraint(t, *c.constraint);
      return;
    case sql::AlterKind::kDropConstraint:
      if (c.cascade) {
        if (const CatalogConstraint* k = t->FindConstraint(c.name); k != nullptr && IsIndexed(k->kind)) DropReferences(t->key, k->columns, /*exactly=*/true);
      }
      DropConstraint(t, c.name);
      return;
    case sql::AlterKind::kValidateConstraint:
      for (CatalogConstraint& k : t->constraints) {
        if (k.name != c.name) continue;
        k.valid = k.enforced;
        if (k.kind != sql::ConstraintKind::kNotNull) continue;
        for (const std::string& name : k.columns) {
          if (CatalogColumn* column = t->FindColumn(name)) column->not_null = true;
        }
      }
      return;
    case sql::AlterKind::kAttachPartition:
      Attach(t, c);
      return;
    case sql::AlterKind::kDetachPartition:
    case sql::AlterKind::kDetachFinalize:
      Detach(t, c);
      return;
    case sql::AlterKind::kSetLogged:
    case sql::AlterKind::kSetUnlogged:
      t->unlogged = c.kind == sql::AlterKind::kSetUnlogged;
      return;
    case sql::AlterKind::kAlterConstraint:
      for (CatalogConstraint& k : t->constraints) {
        if (k.name != c.name) continue;
        if (c.enforced != 0) k.enforced = k.valid = c.enforced == 'e';
        if (c.inherit != 0) k.no_inherit = c.inherit == 'n';
        AlterDeferrable(c, &k);
      }
      return;
    case sql::AlterKind::kEnableRowSecurity:
    case sql::AlterKind::kDisableRowSecurity:
      t->row_security = c.kind == sql::AlterKind::kEnableRowSecurity;
      return;
    case sql::AlterKind::kForceRowSecurity:
    case sql::AlterKind::kNoForceRowSecurity:
      t->force_row_security = c.kind == sql::AlterKind::kForceRowSecurity;
      return;
    case sql::AlterKind::kOwner:
      t->owner = c.name;
      return;
    case sql::AlterKind::kEnableTrigger:
    case sql::AlterKind::kDisableTrigger:
      SwitchTriggers(t, c);
      return;
    case sql::AlterKind::kSetTablespace:
      t->tablespace = c.name == "pg_default" ? std::string_view() : c.name;
      return;
    case sql::AlterKind::kSetAccessMethod:
      t->access_method = c.name == "heap" ? std::string_view() : c.name;
      return;
    case sql::AlterKind::kClusterOn:
      t->cluster_index = c.name;
      return;
    case sql::AlterKind::kNoCluster:
      t->cluster_index.clear();
      return;
    case sql::AlterKind::kOfType:
      t->of_type = c_.Resolve(c.other);
      return;
    case sql::AlterKind::kNotOf:
      t->of_type.clear();
      return;
    case sql::AlterKind::kInherit: {
      std::string parent = c_.Resolve(c.other);
      c_.targets_.insert(parent);
      AddChild(parent, *t);
      if (!Contains(t->inherits, parent)) t->inherits.push_back(std::move(parent));
      return;
    }
    case sql::AlterKind::kNoInherit:
      std::erase(t->inherits, c_.Resolve(c.other));
      return;
    default:
      return;
  }
}

void CatalogReplay::NoteEmpty(Table* t, const sql::Column& c) {
  CatalogColumn* column = t->FindColumn(c.name);
  if (column == nullptr || column->backfilled || column->has_default) return;
  column->empty = true;
  if (!Contains(c_.with_empty_, t->key)) c_.with_empty_.push_back(t->key);
}

void CatalogReplay::AlterDeferrable(const sql::AlterCommand& c, CatalogConstraint* constraint) const {
  std::string words = FoldText(From(c.span.begin).substr(0, c.span.end - c.span.begin), true);
  if (absl::StrContains(words, "not deferrable")) {
    constraint->deferrable = constraint->deferred = false;
  } else if (absl::StrContains(words, "deferrable") || absl::StrContains(words, "initially deferred")) {
    constraint->deferrable = true;
    constraint->deferred = absl::StrContains(words, "initially deferred");
  }
}

void CatalogReplay::DropColumn(Table* t, std::string_view name) {
  // A serial or identity column owns its sequence.
  const CatalogColumn* gone = t->FindColumn(name);
  DropOwnedSequence(t->key, name, gone == nullptr ? std::string() : gone->sequence);
  std::erase_if(t->columns, [&](const CatalogColumn& c) { return c.name == name; });
  c_.dependents_.DropColumn(t->key, name);
  // Indexes and constraints that involve the column go with it (documentation of ALTER TABLE, DROP COLUMN).
  std::erase_if(t->constraints, [&](const CatalogConstraint& k) {
    if (!Contains(k.columns, name)) return false;
    if (k.kind == sql::ConstraintKind::kCheck) c_.dependents_.Drop(CatalogDependent::Kind::kCheck, t->key, k.name);
    return true;
  });
  std::erase_if(t->indexes, [&](const Index& i) {
    if (!Contains(i.columns, name) && !Contains(i.other_columns, name)) return false;
    c_.dependents_.Drop(CatalogDependent::Kind::kIndex, t->key, i.name);
    c_.index_table_.erase(absl::StrCat(SchemaOf(t->key), ".", i.name));
    return true;
  });
}

void CatalogReplay::DropConstraint(Table* t, std::string_view name) {
  for (const CatalogConstraint& k : t->constraints) {
    if (k.name != name || k.kind != sql::ConstraintKind::kNotNull) continue;
    for (const std::string& column : k.columns) {
      if (CatalogColumn* c = t->FindColumn(column)) c->not_null = false;
    }
  }
  std::erase_if(t->constraints, [&](const CatalogConstraint& k) { return k.name == name; });
  c_.dependents_.Drop(CatalogDependent::Kind::kCheck, t->key, name);
  std::erase_if(t->indexes, [&](const Index& i) {
    if (!i.of_constraint || i.name != name) return false;
    c_.index_table_.erase(absl::StrCat(SchemaOf(t->key), ".", i.name));
    return true;
  });
}

void CatalogReplay::DropReferences(const std::string& table, const std::vector<std::string>& columns, bool exactly) {
  for (const CatalogTable* r : c_.ReferencedBy(table)) {
    std::erase_if(Find(r->key)->constraints, [&](const CatalogConstraint& k) {
      if (k.kind != sql::ConstraintKind::kForeignKey || k.referenced != table) return false;
      const auto named = [&](const std::string& c) { return Contains(k.referenced_columns, c); };
      return k.referenced_columns.empty() || (exactly ? k.referenced_columns.size() == columns.size() && std::all_of(columns.begin(), columns.end(), named)
                                                      : std::any_of(columns.begin(), columns.end(), named));
    });
  }
}

void CatalogReplay::Attach(Table* parent, const sql::AlterCommand& c) {
  const std::string parent_key = parent->key;
  const std::string child_key = Known(c.other)->key;
  parent = Find(parent_key);
  Table* child = Find(child_key);
  if (parent == nullptr || child == nullptr || parent == child) return;
  c_.targets_.insert(parent_key);
  child->partition_of = parent_key;
  KeepBound(child, c.bound);
  child->bound = ReadPartitionBound(c.bound);
  Fill(*parent, nullptr);  // with the rows of what is attached
  child->default_partition = c.bound != nullptr && c.bound->is_default;
  AddChild(parent_key, *child);
  if (child->default_partition) parent->has_default_partition = true;
  if (parent->partition_strategy == 0) parent->partition_strategy = c.bound != nullptr && c.bound->strategy != 0 ? c.bound->strategy : 'r';
  // The server makes on the partition what the parent has and it lacks.
  CopyAsPartition(*parent, child);
}

void CatalogReplay::Detach(Table* parent, const sql::AlterCommand& c) {
  Table* child = Find(c.other);
  if (child == nullptr) return;
  child->partition_of.clear();
  child->partition_bound = {};
  child->bound = nullptr;
  if (child->default_partition) parent->has_default_partition = false;
  child->default_partition = false;
}

void CatalogReplay::RenameColumn(Table* t, std::string_view from, std::string_view to) {
  if (CatalogColumn* c = t->FindColumn(from)) c->name = to;
  for (const CatalogTable* r : c_.ReferencedBy(t->key)) {
    for (CatalogConstraint& k : Find(r->key)->constraints) {
      if (k.referenced == t->key) Replace(&k.referenced_columns, from, to);
    }
  }
  for (CatalogConstraint& k : t->constraints) {
    Replace(&k.columns, from, to);
    Replace(&k.more_not_null_columns, from, to);
    if (k.not_null_column == from) k.not_null_column = to;
  }
  Replace(&t->partition_columns, from, to);
  RenameInDetails(t, from, to);
  c_.dependents_.RenameColumn(t->key, from, to);
  for (Index& i : t->indexes) {
    if (!Contains(i.columns, from) && !Contains(i.other_columns, from)) continue;
    Replace(&i.columns, from, to);
    Replace(&i.other_columns, from, to);
    i.definition.clear();  // its text still has the old name
  }
}

void CatalogReplay::RenameConstraint(Table* t, std::string_view from, std::string_view to) {
  for (CatalogConstraint& k : t->constraints) {
    if (k.name == from) k.name = to;
  }
  c_.dependents_.Rename(CatalogDependent::Kind::kCheck, t->key, from, to);
  for (Index& i : t->indexes) {
    if (!i.of_constraint || i.name != from) continue;
    i.name = to;
    c_.index_table_.erase(absl::StrCat(SchemaOf(t->key), ".", from));
    c_.index_table_.insert_or_assign(absl::StrCat(SchemaOf(t->key), ".", to), t->key);
  }
}

}  // namespace pawl
