// ALTER TABLE: the table of facts in lock_table.cc, refined by what the subcommand says and the catalogue knows.
#include <algorithm>
#include <string>

#include "analyzer/effects/internal.h"
#include "analyzer/effects/lock_table.h"

namespace pawl {
namespace {

constexpr const char* kReferencedAction = "re-checks the foreign keys that depend on the column";

bool IsNull(const sql::Expr* e) { return e == nullptr || (e->kind == sql::ExprKind::kConstant && e->constant == sql::ConstantKind::kNull); }

bool Contains(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

bool IsSerial(std::string_view t) {
  return t == "serial" || t == "bigserial" || t == "smallserial" || t == "serial4" || t == "serial8" || t == "serial2";
}

struct Refined {
  Work work = Work::kMetadata;
  const char* action = "";

  // Keeps the dearer of two things that one subcommand does.
  void AtLeast(Work w, const char* a) {
    if (w > work) {
      work = w;
      action = a;
    }
  }
};

Refined AddColumn(const sql::AlterCommand& c, const CatalogTable* table, const EffectList& list) {
  Refined r{Work::kMetadata, "adds a column"};
  const sql::Column& column = *c.column;
  if (c.if_not_exists && table != nullptr && table->FindColumn(column.name) != nullptr) return r;
  const sql::Constraint* def = column.Find(sql::ConstraintKind::kDefault);
  const bool has_default = def != nullptr && !IsNull(def->expression);
  if (column.type != nullptr) {
    if (IsSerial(column.type->name)) r.AtLeast(Work::kRewrite, "rewrites the table to number its rows");
    const CatalogType* type = list.catalog.FindType({column.type->schema, column.type->name, {}});
    // A domain with constraints is checked for each row, also when the value is null (ATExecAddColumn; measured 12-18).
    if (type != nullptr && type->constrained) r.AtLeast(Work::kRewrite, "rewrites the table to check the domain");
  }
  for (const sql::Constraint* k : column.constraints) {
    switch (k->kind) {
      case sql::ConstraintKind::kDefault:
        if (!has_default) break;
        if (list.in.server_version < 11 || IsVolatile(*k->expression, list.catalog, nullptr)) {
          r.AtLeast(Work::kRewrite, "rewrites the table to compute the default");
        }
        break;
      case sql::ConstraintKind::kIdentity:
        r.AtLeast(Work::kRewrite, "rewrites the table to number its rows");
        break;
      case sql::ConstraintKind::kGenerated:
        if (k->stored) r.AtLeast(Work::kRewrite, "rewrites the table to compute the column");
        break;
      case sql::ConstraintKind::kPrimaryKey:
      case sql::ConstraintKind::kUnique:
        r.AtLeast(Work::kBuild, "builds an index");
        break;
      case sql::ConstraintKind::kCheck:
        // Also without a default: the rows are read, though all hold null (measured 12-18).
        if (!k->not_enforced) r.AtLeast(Work::kScan, "scans the table to check a constraint");
        break;
      case sql::ConstraintKind::kForeignKey:
        // Nulls need no check: only a default makes the server look (measured 12-18).
        if (has_default && !k->not_enforced) r.AtLeast(Work::kScan, "scans the table to check a foreign key");
        break;
      default:
        break;
    }
  }
  return r;
}

// USING that is the column itself or a cast of it to the new type changes nothing (measured 12-18).
bool IsPlainUsing(const sql::Expr* e, std::string_view column, const sql::TypeName& type) {
  if (e == nullptr) return true;
  if (e->kind == sql::ExprKind::kCast && e->type != nullptr && !e->arguments.empty()) {
    return TypeText(*e->type) == TypeText(type) && IsPlainUsing(e->arguments[0], column, type);
  }
  return e->kind == sql::ExprKind::kColumn && e->text == column;
}

// Domains stand for their base type. On the way out their length is forgotten: a domain over varchar(10) to varchar(10) is
// checked again (measured 12-18).
std::string BaseType(std::string_view type, bool old_type, const Catalog& catalog, bool* constrained) {
  std::string text(type);
  for (int depth = 0; depth < 8; ++depth) {
    const size_t dot = text.find('.');
    const sql::Name name = dot == std::string::npos ? sql::Name{{}, text, {}}
                                                    : sql::Name{std::string_view(text).substr(0, dot), std::string_view(text).substr(dot + 1), {}};
    const CatalogType* t = catalog.FindType(name);
    if (t == nullptr || t->kind != 'd') return text;
    if (t->constrained) *constrained = true;
    text = t->base;
    if (old_type) text = text.substr(0, text.find('('));
  }
  return text;
}

Refined ColumnType(const sql::AlterCommand& c, const CatalogTable* table, const EffectList& list) {
  const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
  if (c.type == nullptr) return {Work::kRewrite, "rewrites the table"};
  if (!IsPlainUsing(c.expression, c.name, *c.type)) return {Work::kRewrite, "rewrites the table"};
  if (column == nullptr || column->type.empty()) return {Work::kRewrite, "may rewrite the table (the old type is not known)"};
  bool to_constrained = false, ignored = false;
  const std::string from = BaseType(column->type, true, list.catalog, &ignored);
  const std::string to = BaseType(TypeText(*c.type), false, list.catalog, &to_constrained);
  if (to_constrained && column->type != TypeText(*c.type)) return {Work::kRewrite, "rewrites the table to check the domain"};
  Refined r{Work::kMetadata, "changes a column's type without touching its rows"};
  switch (ClassifyTypeChange(from, to, list.in.server_version)) {
    case TypeChange::kFree:
      break;
    case TypeChange::kIndexRebuild: {
      const bool indexed = !table->complete || std::any_of(table->indexes.begin(), table->indexes.end(), [&](const CatalogIndex& i) {
        return Contains(i.columns, c.name) || Contains(i.other_columns, c.name);
      });
      if (indexed) r = {Work::kBuild, "rebuilds the column's indexes"};
      break;
    }
    case TypeChange::kScan:
      r = {Work::kScan, "scans the table to check the new type"};
      break;
    case TypeChange::kRewrite:
      return {Work::kRewrite, "rewrites the table"};
    case TypeChange::kUnknown:
      return {Work::kRewrite, "may rewrite the table (the old type is not known)"};
  }
  // Its CHECK constraints are made anew, and so checked anew (measured 12-18).
  for (const CatalogConstraint& k : table->constraints) {
    if (k.kind == sql::ConstraintKind::kCheck && k.valid && Contains(k.columns, c.name)) {
      r.AtLeast(Work::kScan, "scans the table to re-check the column's constraints");
    }
  }
  return r;
}

Refined AddConstraint(const sql::Constraint& k) {
  const bool unchecked = k.not_valid || k.not_enforced;
  switch (k.kind) {
    case sql::ConstraintKind::kPrimaryKey:
    case sql::ConstraintKind::kUnique:
    case sql::ConstraintKind::kExclusion:
      return {Work::kBuild, "builds an index"};
    case sql::ConstraintKind::kForeignKey:
      if (unchecked) return {Work::kMetadata, "adds a foreign key without checking rows"};
      return {Work::kScan, "scans the table to check a foreign key"};
    case sql::ConstraintKind::kNotNull:
      if (unchecked) return {Work::kMetadata, "adds a constraint without checking rows"};
      return {Work::kScan, "scans the table for nulls"};
    default:
      if (unchecked) return {Work::kMetadata, "adds a constraint without checking rows"};
      return {Work::kScan, "scans the table to check a constraint"};
  }
}

// PRIMARY KEY USING INDEX sets NOT NULL on the way, which scans unless that is proven (measured 12-18).
Refined AddIndexConstraint(const sql::Constraint& k, const CatalogTable* table) {
  Refined r{Work::kMetadata, "makes an index a constraint"};
  if (k.kind != sql::ConstraintKind::kPrimaryKey || table == nullptr) return r;
  const CatalogIndex* index = table->FindIndex(k.using_index);
  if (index == nullptr) return r;
  for (const std::string& name : index->columns) {
    const CatalogColumn* column = table->FindColumn(name);
    if ((column != nullptr && column->not_null) || table->ProvesNotNull(name)) continue;
    r.AtLeast(Work::kScan, "scans the table for nulls");
  }
  return r;
}

Refined Refine(const sql::AlterCommand& c, const CatalogTable* table, const EffectList& list) {
  const AlterFact& fact = FactOf(c.kind);
  switch (c.kind) {
    case sql::AlterKind::kAddColumn:
      if (c.column != nullptr) return AddColumn(c, table, list);
      break;
    case sql::AlterKind::kColumnType:
      return ColumnType(c, table, list);
    case sql::AlterKind::kSetNotNull: {
      const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
      if (column != nullptr && column->not_null) return {Work::kMetadata, "forbids nulls"};
      if (table != nullptr && list.in.server_version >= 12 && table->ProvesNotNull(c.name)) {
        return {Work::kMetadata, "forbids nulls, which a valid CHECK proves"};
      }
      break;
    }
    case sql::AlterKind::kSetLogged:
    case sql::AlterKind::kSetUnlogged:
    case sql::AlterKind::kSetAccessMethod:
    case sql::AlterKind::kSetTablespace:
      // A partitioned table holds no rows: this is for its future partitions (documentation of ALTER TABLE).
      if (table != nullptr && table->partition_strategy != 0) return {Work::kMetadata, "changes what new partitions get"};
      if (c.kind != sql::AlterKind::kSetLogged && c.kind != sql::AlterKind::kSetUnlogged) break;
      if (table != nullptr && table->complete && table->unlogged == (c.kind == sql::AlterKind::kSetUnlogged)) {
        return {Work::kMetadata, "is so already"};
      }
      break;
    case sql::AlterKind::kAddConstraint:
      if (c.constraint != nullptr) return AddConstraint(*c.constraint);
      break;
    case sql::AlterKind::kAddIndexConstraint:
      if (c.constraint != nullptr) return AddIndexConstraint(*c.constraint, table);
      break;
    case sql::AlterKind::kValidateConstraint: {
      const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(c.name);
      if (k != nullptr && k->valid) return {Work::kMetadata, "validates a constraint that is valid already"};
      break;
    }
    default:
      break;
  }
  return {fact.work, fact.action};
}

LockMode LockOf(const sql::AlterCommand& c) {
  if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->kind == sql::ConstraintKind::kForeignKey) {
    return LockMode::kShareRowExclusive;  // 9.5+
  }
  if (c.kind == sql::AlterKind::kDetachPartition && c.concurrently) return LockMode::kShareUpdateExclusive;  // 14+
  return FactOf(c.kind).lock;
}

// The DEFAULT partition of `parent`, or null.
const CatalogTable* DefaultPartition(const CatalogTable& parent, const Catalog& catalog) {
  if (!parent.has_default_partition) return nullptr;
  for (const CatalogTable* p : catalog.Descendants(parent.key)) {
    if (p->default_partition && p->partition_of == parent.key) return p;
  }
  return nullptr;
}

void Attach(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list) {
  const CatalogTable* child = list->catalog.FindTable(c.other);
  Refined r{Work::kMetadata, "becomes a partition"};
  // The scan is left out where a valid CHECK implies the bound. Whether it does is not proven here: having one is taken for it.
  const bool checked = child != nullptr && std::any_of(child->constraints.begin(), child->constraints.end(), [](const CatalogConstraint& k) {
    return k.kind == sql::ConstraintKind::kCheck && k.valid;
  });
  const bool empty = child != nullptr && child->complete && !child->has_rows;
  if (!checked && !empty) r = {Work::kScan, "is scanned to check the partition's bound"};
  if (parent != nullptr && child != nullptr && child->complete) {
    for (const CatalogIndex& i : parent->indexes) {
      const bool has = std::any_of(child->indexes.begin(), child->indexes.end(), [&](const CatalogIndex& own) {
        return own.columns == i.columns && own.unique == i.unique && own.method == i.method;
      });
      if (!has && !empty) r.AtLeast(Work::kBuild, "gets the indexes that the partitioned table has and it lacks");
    }
  }
  list->Add(child, c.other, LockMode::kAccessExclusive, r.work, r.action).command = &c;
  if (parent == nullptr) return;
  if (const CatalogTable* d = DefaultPartition(*parent, list->catalog); d != nullptr && d != child) {
    list->AddTable(*d, LockMode::kAccessExclusive, Work::kScan, "is scanned for rows that belong to the new partition").command = &c;
  }
  AddReferencedOf(*parent, LockMode::kShareRowExclusive, "gets the partition's foreign key triggers", &c, list);
}

void Detach(const sql::AlterCommand& c, const CatalogTable* parent, EffectList* list) {
  const CatalogTable* child = list->catalog.FindTable(c.other);
  // The partition: ACCESS EXCLUSIVE from 14, SHARE UPDATE EXCLUSIVE before (measured on 12). The concurrent form's second
  // transaction takes it too (documentation of DETACH PARTITION).
  const LockMode lock = list->in.server_version >= 14 ? LockMode::kAccessExclusive : LockMode::kShareUpdateExclusive;
  Effect& e = list->Add(child, c.other, lock, Work::kMetadata, "is detached");
  e.command = &c;
  e.until_commit = !c.concurrently;
  if (parent == nullptr || c.concurrently || c.kind == sql::AlterKind::kDetachFinalize) return;
  if (const CatalogTable* d = DefaultPartition(*parent, list->catalog); d != nullptr && d != child) {
    list->AddTable(*d, LockMode::kAccessExclusive, Work::kMetadata, "has its bound changed").command = &c;
  }
  AddReferencedOf(*parent, LockMode::kShareRowExclusive, "loses the partition's foreign key triggers", &c, list);
}

// Tables that foreign keys tie to a constraint or column that goes or changes.
void AddTied(const sql::AlterCommand& c, const CatalogTable& table, EffectList* list) {
  const bool retype = c.kind == sql::AlterKind::kColumnType;
  for (const CatalogConstraint& k : table.constraints) {
    const bool hit = c.kind == sql::AlterKind::kDropConstraint ? k.name == c.name : Contains(k.columns, c.name);
    if (!hit) continue;
    if (k.kind == sql::ConstraintKind::kForeignKey && k.referenced != table.key) {
      // Its triggers on the referenced table go (measured 12-18).
      list->AddKey(k.referenced, list->catalog.FindTable(k.referenced), LockMode::kAccessExclusive, Work::kMetadata,
                   retype ? kReferencedAction : "loses the foreign key's triggers").command = &c;
    }
    const bool is_key = k.kind == sql::ConstraintKind::kPrimaryKey || k.kind == sql::ConstraintKind::kUnique;
    if (is_key && (retype || c.cascade)) {
      for (const CatalogTable* t : list->catalog.ReferencedBy(table.key)) {
        if (t == &table) continue;
        list->AddTable(*t, LockMode::kAccessExclusive, retype ? Work::kScan : Work::kMetadata,
                       retype ? kReferencedAction : "loses its foreign key").command = &c;
      }
    }
  }
}

// ALTER INDEX, VIEW, SEQUENCE and the like, which the parser writes as ALTER TABLE.
void AlterOther(const sql::AlterTable& alter, EffectList* list) {
  const bool index = alter.type == sql::ObjectType::kIndex;
  const CatalogTable* table = index ? list->catalog.FindIndex(alter.name, nullptr) : list->catalog.FindTable(alter.name);
  for (const sql::AlterCommand& c : alter.commands) {
    LockMode lock = LockMode::kAccessExclusive;
    Work work = Work::kMetadata;
    const char* action = "is altered";
    if (index && c.kind == sql::AlterKind::kSetTablespace) {
      work = Work::kRewrite;
      action = "is copied to another tablespace";
    } else if (index) {
      lock = LockMode::kShareUpdateExclusive;
    } else if (alter.type == sql::ObjectType::kType) {
      return;
    }
    Effect& e = list->AddKey(list->catalog.Resolve(alter.name), table, lock, work, action);
    e.command = &c;
    e.span = c.span;
    e.is_index = index;
  }
}

}  // namespace

void AlterTableEffects(const sql::AlterTable& alter, EffectList* list) {
  if (alter.type != sql::ObjectType::kTable && alter.type != sql::ObjectType::kForeignTable && alter.type != sql::ObjectType::kMaterializedView) {
    return AlterOther(alter, list);
  }
  const CatalogTable* table = list->catalog.FindTable(alter.name);
  // One lock for the whole statement: the strongest that any subcommand needs (AlterTableGetLockLevel).
  LockMode strongest = LockMode::kNone;
  for (const sql::AlterCommand& c : alter.commands) strongest = std::max(strongest, LockOf(c));

  for (const sql::AlterCommand& c : alter.commands) {
    const size_t first = list->out.size();
    const Refined r = Refine(c, table, *list);
    Effect& e = list->Add(table, alter.name, strongest, r.work, r.action);
    e.command = &c;
    e.loses_data = c.kind == sql::AlterKind::kDropColumn;
    e.until_commit = !(c.kind == sql::AlterKind::kDetachPartition && c.concurrently);
    if (!alter.only && FactOf(c.kind).recurses && table != nullptr) {
      const Effect like = e;
      // Keys and foreign keys go to partitions, not to children by INHERITS.
      const bool partitions_only =
          c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->kind != sql::ConstraintKind::kCheck &&
          c.constraint->kind != sql::ConstraintKind::kNotNull;
      list->AddDescendants(table, like, partitions_only);
      if (partitions_only && list->in.server_version >= 18 && c.constraint->kind != sql::ConstraintKind::kForeignKey) {
        // 18 locks children by INHERITS too, and does nothing to them (measured).
        for (const CatalogTable* d : list->catalog.Descendants(table->key)) {
          if (d->partition_of.empty()) list->AddTable(*d, strongest, Work::kNone, "is locked with its parent").command = &c;
        }
      }
    }
    switch (c.kind) {
      case sql::AlterKind::kAddColumn:
        if (c.column == nullptr) break;
        if (const sql::Constraint* k = c.column->Find(sql::ConstraintKind::kForeignKey)) {
          AddReferenced(*k, r.work == Work::kMetadata ? Work::kMetadata : Work::kScan, &c, list);
        }
        break;
      case sql::AlterKind::kAddConstraint:
        if (c.constraint != nullptr && c.constraint->kind == sql::ConstraintKind::kForeignKey) AddReferenced(*c.constraint, r.work, &c, list);
        break;
      case sql::AlterKind::kValidateConstraint: {
        const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(c.name);
        if (k != nullptr && k->kind == sql::ConstraintKind::kForeignKey && !k->valid) {
          list->AddKey(k->referenced, list->catalog.FindTable(k->referenced), LockMode::kRowShare, Work::kScan, "is read to check a foreign key").command = &c;
        }
        break;
      }
      case sql::AlterKind::kDropColumn:
      case sql::AlterKind::kDropConstraint:
      case sql::AlterKind::kColumnType:
        if (table != nullptr) AddTied(c, *table, list);
        break;
      case sql::AlterKind::kAttachPartition:
        Attach(c, table, list);
        break;
      case sql::AlterKind::kDetachPartition:
      case sql::AlterKind::kDetachFinalize:
        Detach(c, table, list);
        break;
      case sql::AlterKind::kInherit:
        list->Add(c.other, LockMode::kShareUpdateExclusive, Work::kMetadata, "gets a child").command = &c;
        break;
      case sql::AlterKind::kNoInherit:
        list->Add(c.other, LockMode::kAccessShare, Work::kMetadata, "loses a child").command = &c;
        break;
      default:
        break;
    }
    for (size_t i = first; i < list->out.size(); ++i) list->out[i].span = c.span;
  }
}

}  // namespace pawl
