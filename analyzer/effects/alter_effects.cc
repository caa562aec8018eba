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

// `keys`: with the column's keys and foreign keys, which children by INHERITS do not get.
Refined AddColumn(const sql::AlterCommand& c, const CatalogTable* table, bool keys, const EffectList& list) {
  Refined r{Work::kMetadata, "adds a column"};
  const sql::Column& column = *c.column;
  if (c.if_not_exists && table != nullptr && table->FindColumn(column.name) != nullptr) return r;
  const sql::Constraint* def = column.Find(sql::ConstraintKind::kDefault);
  const bool has_default = def != nullptr && !IsNull(def->expression);
  if (column.type != nullptr) {
    if (IsSerial(column.type->name)) r.AtLeast(Work::kRewrite, "rewrites the table to number its rows");
    // A domain with constraints, or over one, is checked for each row, also when the value is null (ATExecAddColumn; measured 12-18).
    bool constrained = false;
    if (!column.type->array) (void)BaseType(TypeText(*column.type), false, list.catalog, &constrained);
    if (constrained) r.AtLeast(Work::kRewrite, "rewrites the table to check the domain");
  }
  for (const sql::Constraint* k : column.constraints) {
    const bool is_key = k->kind == sql::ConstraintKind::kPrimaryKey || k->kind == sql::ConstraintKind::kUnique || k->kind == sql::ConstraintKind::kForeignKey;
    if (is_key && !keys) continue;
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
        // 18: what is not stored is computed for each row, to see that it is not null (measured).
        else if (column.Find(sql::ConstraintKind::kNotNull) != nullptr) r.AtLeast(Work::kScan, "scans the table for nulls");
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

// USING that is the column itself or a cast of it to the new type changes nothing (measured 12-18), nor does a collation.
bool IsPlainUsing(const sql::Expr* e, std::string_view column, const sql::TypeName& type) {
  if (e == nullptr) return true;
  if (e->kind == sql::ExprKind::kCast && e->type != nullptr && !e->arguments.empty()) {
    return TypeText(*e->type) == TypeText(type) && IsPlainUsing(e->arguments[0], column, type);
  }
  if (e->kind == sql::ExprKind::kOther && e->text == "COLLATE" && !e->arguments.empty()) return IsPlainUsing(e->arguments[0], column, type);
  return e->kind == sql::ExprKind::kColumn && e->text == column;
}

// An index is made anew without being built where its file can be kept. It cannot where the collation changes, and where the
// index has expressions or a predicate (CheckIndexCompatible, indexcmds.c).
bool RebuildsIndexes(const CatalogTable& table, std::string_view column, bool all) {
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const CatalogIndex& i) {
    if (!Contains(i.columns, column) && !Contains(i.other_columns, column)) return false;
    return all || i.partial || Contains(i.columns, "");
  });
}

bool IsTimestamp(std::string_view type) { return type.starts_with("timestamp"); }

Refined ColumnType(const sql::AlterCommand& c, const CatalogTable* table, const EffectList& list) {
  const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
  if (c.type == nullptr) return {Work::kRewrite, "rewrites the table"};
  if (table != nullptr && table->type == sql::ObjectType::kForeignTable) return {Work::kMetadata, "changes a column's type; the rows are elsewhere"};
  if (!IsPlainUsing(c.expression, c.name, *c.type)) return {Work::kRewrite, "rewrites the table"};
  if (column == nullptr || column->type.empty()) return {Work::kRewrite, "may rewrite the table (the old type is not known)"};
  bool to_constrained = false, ignored = false;
  const std::string from = BaseType(column->type, true, list.catalog, &ignored);
  const std::string to = BaseType(TypeText(*c.type), false, list.catalog, &to_constrained);
  const bool same = column->type == TypeText(*c.type);
  Refined r{Work::kMetadata, "changes a column's type without touching its rows"};
  if (column->virtual_) return r;  // 18: nothing of it is stored (measured)
  if (to_constrained && !same) return {Work::kRewrite, "rewrites the table to check the domain"};
  TypeChange change = same ? TypeChange::kFree : ClassifyTypeChange(from, to, list.in.server_version);
  // Between timestamp and timestamptz nothing changes in a session whose time zone is UTC (12+).
  if (change == TypeChange::kRewrite && IsTimestamp(from) && IsTimestamp(to) && list.catalog.IsUtc()) {
    // The cast forgets the precision, so that a new one is applied to each row (measured 12-18).
    change = ClassifyTypeChange(to.starts_with("timestamptz") ? "timestamptz" : "timestamp", to, list.in.server_version);
    if (change == TypeChange::kFree) change = TypeChange::kIndexRebuild;
  }
  const std::string_view collation = c.collation == "default" ? std::string_view() : c.collation;
  const bool recollated = collation != column->collation;
  switch (change) {
    case TypeChange::kFree:
      // The files of a partitioned index's parts are not kept (measured 12-18).
      if (RebuildsIndexes(*table, c.name, recollated || (table->partition_strategy != 0 && !same))) r = {Work::kBuild, "rebuilds the column's indexes"};
      break;
    case TypeChange::kIndexRebuild:
      if (!table->complete || RebuildsIndexes(*table, c.name, true)) r = {Work::kBuild, "rebuilds the column's indexes"};
      break;
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

bool Drops(List<sql::AlterCommand> commands, std::string_view constraint) {
  return std::any_of(commands.begin(), commands.end(), [&](const sql::AlterCommand& c) { return c.kind == sql::AlterKind::kDropConstraint && c.name == constraint; });
}

// Whether a null in the column is ruled out by what the statement leaves in place: DROP CONSTRAINT comes first in it.
bool ProvesNotNull(const CatalogTable& table, std::string_view column, List<sql::AlterCommand> commands) {
  const CatalogColumn* c = table.FindColumn(column);
  if (c != nullptr && c->not_null) return true;
  const bool drops = std::any_of(commands.begin(), commands.end(), [](const sql::AlterCommand& x) { return x.kind == sql::AlterKind::kDropConstraint; });
  if (!drops) return table.ProvesNotNull(column);
  CatalogTable rest;
  for (const CatalogConstraint& k : table.constraints) {
    if (!Drops(commands, k.name)) rest.constraints.push_back(k);
  }
  return rest.ProvesNotNull(column);
}

Refined AddConstraint(const sql::AlterTable& alter, const sql::Constraint& k, const CatalogTable* table) {
  const bool unchecked = k.not_valid || k.not_enforced;
  switch (k.kind) {
    case sql::ConstraintKind::kPrimaryKey:
    case sql::ConstraintKind::kUnique:
    case sql::ConstraintKind::kExclusion:
      if (alter.only && table != nullptr && table->partition_strategy != 0) return {Work::kMetadata, "makes an index without its partitions'"};
      return {Work::kBuild, "builds an index"};
    case sql::ConstraintKind::kForeignKey:
      if (unchecked) return {Work::kMetadata, "adds a foreign key without checking rows"};
      return {Work::kScan, "scans the table to check a foreign key"};
    case sql::ConstraintKind::kNotNull:
      if (unchecked) return {Work::kMetadata, "adds a constraint without checking rows"};
      if (table != nullptr && !k.columns.empty() && ProvesNotNull(*table, k.columns[0], alter.commands)) {
        return {Work::kMetadata, "forbids nulls, which is proven already"};
      }
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

Refined Refine(const sql::AlterTable& alter, const sql::AlterCommand& c, const CatalogTable* table, const EffectList& list) {
  const AlterFact& fact = FactOf(c.kind);
  switch (c.kind) {
    case sql::AlterKind::kAddColumn:
      if (c.column != nullptr) return AddColumn(c, table, /*keys=*/true, list);
      break;
    case sql::AlterKind::kColumnType:
      return ColumnType(c, table, list);
    case sql::AlterKind::kSetNotNull: {
      const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
      if (column != nullptr && column->not_null) return {Work::kMetadata, "forbids nulls"};
      if (table != nullptr && list.in.server_version >= 12 && ProvesNotNull(*table, c.name, alter.commands)) {
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
      if (table != nullptr && table->complete) {
        const bool same_space = c.kind == sql::AlterKind::kSetTablespace && table->tablespace == (c.name == "pg_default" ? std::string_view() : c.name);
        const bool same_method = c.kind == sql::AlterKind::kSetAccessMethod && table->access_method == (c.name == "heap" ? std::string_view() : c.name);
        if (same_space || same_method) return {Work::kMetadata, "is so already"};
      }
      if (c.kind != sql::AlterKind::kSetLogged && c.kind != sql::AlterKind::kSetUnlogged) break;
      if (table != nullptr && table->complete && table->unlogged == (c.kind == sql::AlterKind::kSetUnlogged)) {
        return {Work::kMetadata, "is so already"};
      }
      break;
    case sql::AlterKind::kAddConstraint:
      if (c.constraint != nullptr) return AddConstraint(alter, *c.constraint, table);
      break;
    case sql::AlterKind::kSetExpression: {
      const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
      if (column != nullptr && column->virtual_) return {Work::kMetadata, "changes a column that is computed when it is read"};
      break;
    }
    case sql::AlterKind::kAlterConstraint: {
      const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(c.name);
      if (c.enforced == 'e' && (k == nullptr || !k->enforced)) return {Work::kScan, "scans the table to check a foreign key"};
      break;
    }
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
  if (c.kind == sql::AlterKind::kSetRelOptions || c.kind == sql::AlterKind::kResetRelOptions) {
    // One that decides what is in the write-ahead log needs everybody out (AlterTableGetRelOptionsLockLevel).
    for (std::string_view option : c.options) {
      if (option == "user_catalog_table") return LockMode::kAccessExclusive;
    }
  }
  if (c.kind == sql::AlterKind::kDetachPartition && c.concurrently) return LockMode::kShareUpdateExclusive;  // 14+
  return FactOf(c.kind).lock;
}

// A primary key makes its columns NOT NULL on the way.
bool NeedsNotNull(const sql::Constraint& key, const CatalogTable& table) {
  return std::any_of(key.columns.begin(), key.columns.end(), [&](std::string_view name) {
    const CatalogColumn* c = table.FindColumn(name);
    return c == nullptr || !c->not_null;
  });
}

// Whether the foreign key `k` points at the key `key` of its table.
bool PointsAt(const CatalogConstraint& k, const CatalogConstraint& key) {
  if (k.referenced_columns.empty()) return true;  // not known
  return k.referenced_columns.size() == key.columns.size() &&
         std::is_permutation(k.referenced_columns.begin(), k.referenced_columns.end(), key.columns.begin());
}

// Tables that foreign keys tie to a constraint or column that goes or changes.
void AddTied(const sql::AlterCommand& c, bool rewrites, const CatalogTable& table, EffectList* list) {
  const bool retype = c.kind == sql::AlterKind::kColumnType;
  const Work again = retype && rewrites ? Work::kScan : Work::kMetadata;  // a key is checked anew where its values may be others
  for (const CatalogConstraint& k : table.constraints) {
    const bool hit = c.kind == sql::AlterKind::kDropConstraint ? k.name == c.name : Contains(k.columns, c.name);
    if (!hit) continue;
    if (k.kind == sql::ConstraintKind::kForeignKey && k.referenced != table.key) {
      // Its triggers on the referenced table go (measured 12-18).
      if (retype) {
        const CatalogTable* other = list->catalog.FindTable(k.referenced);
        Effect& e = list->AddKey(k.referenced, other, LockMode::kAccessExclusive, k.valid ? again : Work::kMetadata, kReferencedAction);
        e.command = &c;
        const Effect part = e;
        // Before 15 a partitioned table gets triggers and loses none (as in AddUntied; measured 12-18).
        if (other != nullptr && other->partition_strategy != 0 && list->in.server_version < 15) e.lock = LockMode::kShareRowExclusive;
        list->AddDescendants(other, part, /*partitions_only=*/true);
      } else {
        AddUntied(k.referenced, c.kind == sql::AlterKind::kDropConstraint, "loses the foreign key's triggers", &c, list);
      }
    }
    const bool is_key = k.kind == sql::ConstraintKind::kPrimaryKey || k.kind == sql::ConstraintKind::kUnique;
    if (!is_key || (!retype && !c.cascade)) continue;
    for (const CatalogTable* t : list->catalog.ReferencedBy(table.key)) {
      if (t == &table) continue;
      bool points = false;
      Work checked = Work::kMetadata;
      for (const CatalogConstraint& f : t->constraints) {
        if (f.kind != sql::ConstraintKind::kForeignKey || f.referenced != table.key || !PointsAt(f, k)) continue;
        points = true;
        if (f.valid) checked = std::max(checked, again);
      }
      if (points) list->AddTable(*t, LockMode::kAccessExclusive, checked, retype ? kReferencedAction : "loses its foreign key").command = &c;
    }
  }
}

// ALTER CONSTRAINT ... [NOT] ENFORCED (18+): the referenced table gets or loses triggers.
void AddEnforced(const sql::AlterCommand& c, const CatalogTable& table, EffectList* list) {
  const CatalogConstraint* k = table.FindConstraint(c.name);
  if (c.enforced == 0 || k == nullptr || k->kind != sql::ConstraintKind::kForeignKey || k->referenced == table.key || k->enforced == (c.enforced == 'e')) return;
  const bool gets = c.enforced == 'e';
  list->AddKey(k->referenced, list->catalog.FindTable(k->referenced), gets ? LockMode::kShareRowExclusive : LockMode::kAccessExclusive,
               gets ? Work::kScan : Work::kMetadata, gets ? "gets a foreign key's triggers" : "loses the foreign key's triggers").command = &c;
}

// Which partitions and children a subcommand goes to, and what it does to them.
void AddRecursed(const sql::AlterTable& alter, const sql::AlterCommand& c, const CatalogTable& table, const Effect& like, EffectList* list) {
  const bool newest = list->in.server_version >= 18;
  const sql::Constraint* added = c.kind == sql::AlterKind::kAddConstraint ? c.constraint : nullptr;
  const bool inherited = added == nullptr || added->kind == sql::ConstraintKind::kCheck || added->kind == sql::ConstraintKind::kNotNull;
  bool partitions = true, children = true, children_only_locked = false, sets_not_null = false;
  if (added != nullptr && !inherited) {
    // Keys and foreign keys go to partitions, not to children by INHERITS. 18 locks those too, and does nothing to them (measured).
    // A primary key is a SET NOT NULL, too, which goes to all of them, needed or not (measured 12-18).
    sets_not_null = added->kind == sql::ConstraintKind::kPrimaryKey;
    children = newest || sets_not_null;
    children_only_locked = true;
  } else if (added != nullptr && added->no_inherit) {
    partitions = children = newest;
    children_only_locked = true;
  } else if (c.kind == sql::AlterKind::kDropConstraint) {
    const CatalogConstraint* k = table.FindConstraint(c.name);
    if (k != nullptr && k->kind != sql::ConstraintKind::kCheck && k->kind != sql::ConstraintKind::kNotNull) children = false;
    if (k != nullptr && k->no_inherit) partitions = children = false;
  }
  // ONLY keeps the change from children, but those of a dropped column or constraint learn that it is theirs now.
  if (alter.only && c.kind != sql::AlterKind::kDropColumn && c.kind != sql::AlterKind::kDropConstraint) return;
  // Identity columns of partitions are their parent's from 17 on; where the sequence is at is kept once. Children by INHERITS have
  // none of it (ATExecSetIdentity; measured 12-18).
  if (c.kind == sql::AlterKind::kAddIdentity || c.kind == sql::AlterKind::kSetIdentity || c.kind == sql::AlterKind::kDropIdentity) {
    const bool kind = c.kind != sql::AlterKind::kSetIdentity || std::find(c.options.begin(), c.options.end(), "generated") != c.options.end();
    partitions = list->in.server_version >= 17 && kind;
    children = false;
  }
  // Nothing to do here, nothing to do there (measured 12-18).
  if (c.kind == sql::AlterKind::kAddColumn && c.if_not_exists && c.column != nullptr && table.FindColumn(c.column->name) != nullptr) return;
  if (c.kind == sql::AlterKind::kDropColumn && c.if_exists && table.complete && table.FindColumn(c.name) == nullptr) return;
  std::vector<const CatalogTable*> indexed;
  if (added != nullptr && (added->kind == sql::ConstraintKind::kPrimaryKey || added->kind == sql::ConstraintKind::kUnique) && table.partition_strategy != 0) {
    IndexShape shape;
    shape.columns.assign(added->columns.begin(), added->columns.end());
    shape.unique = shape.constraint = true;
    indexed = AlreadyIndexed(table, shape, list->catalog);
  }
  for (const CatalogTable* d : list->catalog.Descendants(table.key)) {
    const bool partition = !d->partition_of.empty();
    if (partition ? !partitions : !children) continue;
    if (alter.only && d->partition_of != table.key && !Contains(d->inherits, table.key)) continue;
    const bool only_locked = alter.only || (children_only_locked && (!partition || inherited));
    Effect& e = list->AddTable(*d, like.lock, only_locked ? Work::kNone : like.work, only_locked ? "is locked with its parent" : like.action);
    // Making a partition's own index takes less than the parent's lock, except on 18, where it is locked before (measured).
    if (added != nullptr && !inherited && added->kind != sql::ConstraintKind::kForeignKey && !newest) e.lock = LockMode::kShare;
    if (added != nullptr && added->kind == sql::ConstraintKind::kPrimaryKey && !newest && ((sets_not_null && !partition) || NeedsNotNull(*added, *d))) e.lock = like.lock;
    if (std::find(indexed.begin(), indexed.end(), d) != indexed.end()) {
      e.work = Work::kMetadata;
      e.action = "has such a key, which becomes a part of the new one";
    }
    // 18: a NOT NULL that is inherited from now on is checked below.
    if (c.inherit == 'i') {
      const CatalogConstraint* k = table.FindConstraint(c.name);
      if (k == nullptr || k->columns.empty() || !ProvesNotNull(*d, k->columns[0], {})) e.work = Work::kScan;
    }
    if (sets_not_null && !partition && std::any_of(added->columns.begin(), added->columns.end(), [&](std::string_view name) { return !ProvesNotNull(*d, name, {}); })) {
      e.work = Work::kScan;
      e.action = "scans the table for nulls";
    }
    if (c.kind == sql::AlterKind::kAddColumn && !partition && c.column != nullptr && !only_locked) {
      const Refined own = AddColumn(c, d, /*keys=*/false, *list);
      e.work = own.work;
      e.action = own.action;
    }
    // A child that has it already is not looked through (measured 12-18).
    if (e.work == Work::kScan && c.kind == sql::AlterKind::kSetNotNull && ProvesNotNull(*d, c.name, {})) e.work = Work::kMetadata;
    if (e.work == Work::kScan && added != nullptr && added->kind == sql::ConstraintKind::kCheck && !added->name.empty()) {
      // Unless the statement drops it before: then the child's goes, too.
      if (const CatalogConstraint* k = d->FindConstraint(added->name); k != nullptr && k->kind == added->kind && !Drops(alter.commands, added->name)) e.work = Work::kMetadata;
    }
    e.command = &c;
    e.descendant = true;
    e.loses_data = like.loses_data;
    e.until_commit = like.until_commit;
  }
}

// A row trigger's copies on partitions are switched along; a foreign key's own triggers, which ALL means too, are on partitioned
// tables from 15 on (measured 12-18).
void AddTriggersOfPartitions(const sql::AlterCommand& c, const CatalogTable& table, const Effect& like, EffectList* list) {
  if (table.partition_strategy == 0) return;
  const bool all = !c.user_triggers && c.name == "all";
  bool along = std::any_of(table.triggers.begin(), table.triggers.end(), [&](const CatalogTrigger& t) { return t.row && (all || c.user_triggers || t.name == c.name); });
  if (all && list->in.server_version >= 15) {
    along = along || !list->catalog.ReferencedBy(table.key).empty() ||
            std::any_of(table.constraints.begin(), table.constraints.end(), [](const CatalogConstraint& k) { return k.kind == sql::ConstraintKind::kForeignKey; });
  }
  if (along) list->AddDescendants(&table, like, /*partitions_only=*/true);
}

// ALTER INDEX, VIEW, SEQUENCE and the like, which the parser writes as ALTER TABLE.
void AlterOther(const sql::AlterTable& alter, EffectList* list) {
  const bool index = alter.type == sql::ObjectType::kIndex;
  const CatalogTable* table = index ? list->catalog.FindIndex(alter.name, nullptr) : list->catalog.FindTable(alter.name);
  for (const sql::AlterCommand& c : alter.commands) {
    LockMode lock = LockMode::kAccessExclusive;
    Work work = Work::kMetadata;
    const char* action = "is altered";
    if (index && c.kind == sql::AlterKind::kSetTablespace && table != nullptr && table->partition_strategy != 0) {
      action = "changes what new partitions' indexes get";
    } else if (index && c.kind == sql::AlterKind::kSetTablespace) {
      work = Work::kRewrite;
      action = "is copied to another tablespace";
    } else if (index) {
      lock = LockMode::kShareUpdateExclusive;
    } else if (alter.type == sql::ObjectType::kType) {
      const bool retype = c.kind == sql::AlterKind::kColumnType;
      if (c.cascade) TypedTables(alter.name, LockMode::kAccessExclusive, retype ? Work::kRewrite : Work::kMetadata, "follows its type", &c, list);
      continue;
    }
    if (index && c.kind == sql::AlterKind::kAttachPartition) AttachIndexPartition(c, table, list);
    Effect& e = list->AddKey(list->catalog.Resolve(alter.name), table, lock, work, action);
    e.command = &c;
    e.span = c.span;
    e.is_index = index;
  }
}

// DROP COLUMN ... CASCADE: the views on it, the columns that are computed from it, and the views on those.
void AddDependentsOfColumn(const CatalogTable& table, const sql::AlterCommand& c, EffectList* list) {
  list->AddDependents(table.key, c.name, "goes with what it reads", &c);
  for (const CatalogDependent& d : list->catalog.dependents()) {
    if (d.kind != CatalogDependent::Kind::kGenerated || d.table != table.key || d.name == c.name || !Contains(d.columns, c.name)) continue;
    list->AddDependents(table.key, d.name, "goes with what it reads", &c);
  }
}

// On 12 a new column that is NOT NULL makes the rows be read if another new column has a foreign key; either alone does not (measured).
bool TestsRows(List<sql::AlterCommand> commands) {
  bool not_null = false, points = false;
  for (const sql::AlterCommand& c : commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr) continue;
    not_null = not_null || c.column->Find(sql::ConstraintKind::kNotNull) != nullptr;
    points = points || c.column->Find(sql::ConstraintKind::kForeignKey) != nullptr;
  }
  return not_null && points;
}

// PRIMARY KEY USING INDEX sets NOT NULL, which goes to children, too (measured 12-18).
void AddNotNullOfChildren(const sql::Constraint& k, const CatalogTable& table, const Effect& like, EffectList* list) {
  const CatalogIndex* index = table.FindIndex(k.using_index);
  if (index == nullptr) return;
  const auto may_be_null = [](const CatalogTable& t, std::string_view name) {
    const CatalogColumn* c = t.FindColumn(name);
    return c == nullptr || !c->not_null;
  };
  if (std::none_of(index->columns.begin(), index->columns.end(), [&](const std::string& name) { return may_be_null(table, name); })) return;
  for (const CatalogTable* d : list->catalog.Descendants(table.key)) {
    const bool scans = std::any_of(index->columns.begin(), index->columns.end(), [&](const std::string& name) { return may_be_null(*d, name) && !d->ProvesNotNull(name); });
    Effect& e = list->AddTable(*d, like.lock, scans ? Work::kScan : Work::kMetadata, scans ? "scans the table for nulls" : "forbids nulls");
    e.command = like.command;
    e.descendant = true;
  }
}

// No row points anywhere: one of these columns is made by the same statement or script and holds nothing yet, which is enough (MATCH
// SIMPLE), or the table is made by the script and has no rows.
bool PointsNowhere(const sql::AlterTable& alter, const CatalogTable* table, List<std::string_view> columns, const EffectList& list) {
  if (table != nullptr && table->complete && !table->has_rows && table->partition_strategy == 0 && !list.Live(table)) return true;
  return std::any_of(columns.begin(), columns.end(), [&](std::string_view name) {
    const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(name);
    if (column != nullptr && column->empty) return true;
    return std::any_of(alter.commands.begin(), alter.commands.end(), [&](const sql::AlterCommand& c) {
      return c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->name == name && !c.if_not_exists &&
             c.column->Find(sql::ConstraintKind::kDefault) == nullptr && c.column->Find(sql::ConstraintKind::kIdentity) == nullptr &&
             c.column->Find(sql::ConstraintKind::kGenerated) == nullptr;
    });
  });
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

  // One subcommand that rewrites the table makes the others' keys be checked anew.
  bool rewrites = false;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kColumnType || c.kind == sql::AlterKind::kAddColumn) rewrites = rewrites || Refine(alter, c, table, *list).work == Work::kRewrite;
  }
  const bool tests_rows = list->in.server_version < 13 && TestsRows(alter.commands);

  for (const sql::AlterCommand& c : alter.commands) {
    const size_t first = list->out.size();
    Refined r = Refine(alter, c, table, *list);
    if (tests_rows && c.kind == sql::AlterKind::kAddColumn) r.AtLeast(Work::kScan, "scans the table for nulls");
    Effect& e = list->Add(table, alter.name, strongest, r.work, r.action);
    e.command = &c;
    e.loses_data = c.kind == sql::AlterKind::kDropColumn;
    e.until_commit = !(c.kind == sql::AlterKind::kDetachPartition && c.concurrently);
    const Effect like = e;
    if (FactOf(c.kind).recurses && table != nullptr) AddRecursed(alter, c, *table, like, list);
    switch (c.kind) {
      case sql::AlterKind::kAddColumn:
        if (c.column == nullptr) break;
        if (const sql::Constraint* k = c.column->Find(sql::ConstraintKind::kForeignKey)) {
          // Without a value there is no key to look up.
          const sql::Constraint* def = c.column->Find(sql::ConstraintKind::kDefault);
          const bool valued = (def != nullptr && !IsNull(def->expression)) || c.column->Find(sql::ConstraintKind::kIdentity) != nullptr ||
                              c.column->Find(sql::ConstraintKind::kGenerated) != nullptr || (c.column->type != nullptr && IsSerial(c.column->type->name));
          const bool looked_up = valued && r.work != Work::kMetadata && !PointsNowhere(alter, table, {}, *list);
          AddReferenced(*k, looked_up ? Work::kScan : Work::kMetadata, &c, list);
        }
        break;
      case sql::AlterKind::kAddConstraint:
        if (c.constraint != nullptr && c.constraint->kind == sql::ConstraintKind::kForeignKey) {
          AddReferenced(*c.constraint, PointsNowhere(alter, table, c.constraint->columns, *list) ? Work::kMetadata : r.work, &c, list);
        }
        break;
      case sql::AlterKind::kAlterConstraint:
        if (table != nullptr) AddEnforced(c, *table, list);
        break;
      case sql::AlterKind::kAddIndexConstraint:
        if (table != nullptr && c.constraint != nullptr && c.constraint->kind == sql::ConstraintKind::kPrimaryKey) AddNotNullOfChildren(*c.constraint, *table, like, list);
        break;
      case sql::AlterKind::kValidateConstraint: {
        const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(c.name);
        if (k != nullptr && k->kind == sql::ConstraintKind::kForeignKey && !k->valid) {
          const CatalogTable* other = list->catalog.FindTable(k->referenced);
          const std::vector<std::string_view> columns(k->columns.begin(), k->columns.end());
          const bool nowhere = PointsNowhere(alter, table, columns, *list);
          Effect& read = list->AddKey(k->referenced, other, LockMode::kRowShare, nowhere ? Work::kMetadata : Work::kScan, "is read to check a foreign key");
          read.command = &c;
          Effect part = read;
          part.lock = LockMode::kAccessShare;
          list->AddDescendants(other, part, /*partitions_only=*/true);
        }
        break;
      }
      case sql::AlterKind::kDropColumn:
      case sql::AlterKind::kDropConstraint:
      case sql::AlterKind::kColumnType:
        if (table == nullptr) break;
        AddTied(c, rewrites, *table, list);
        if (c.kind != sql::AlterKind::kDropColumn || !c.cascade) break;
        AddDependentsOfColumn(*table, c, list);
        list->AddRules(table->key, c.name);
        break;
      case sql::AlterKind::kAttachPartition:
        AttachPartition(c, table, list);
        break;
      case sql::AlterKind::kDetachPartition:
      case sql::AlterKind::kDetachFinalize:
        DetachPartition(c, table, list);
        break;
      case sql::AlterKind::kEnableTrigger:
      case sql::AlterKind::kDisableTrigger:
        if (table != nullptr && !alter.only) AddTriggersOfPartitions(c, *table, like, list);
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
