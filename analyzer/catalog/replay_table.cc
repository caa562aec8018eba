// CREATE TABLE, CREATE INDEX, and what makes columns, constraints and indexes.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/catalog/extensions.h"
#include "analyzer/catalog/replay.h"

namespace pawl {
namespace {

bool IsNull(const sql::Expr* e) { return e == nullptr || (e->kind == sql::ExprKind::kConstant && e->constant == sql::ConstantKind::kNull); }

bool IsSerial(std::string_view type) {
  return type == "serial" || type == "bigserial" || type == "smallserial" || type == "serial4" || type == "serial8" || type == "serial2";
}

void Append(const std::vector<std::string_view>& from, std::vector<std::string>* to) {
  for (std::string_view s : from) {
    if (std::find(to->begin(), to->end(), s) == to->end()) to->emplace_back(s);
  }
}

std::vector<std::string_view> Views(const std::vector<std::string>& v) { return {v.begin(), v.end()}; }

// The middle part of the name that PostgreSQL gives an index without one.
std::string IndexNameAddition(const sql::CreateIndex& create) {
  std::vector<std::string> named;
  for (const sql::IndexElement& e : create.elements) {
    named.push_back(UniqueIn(named, !e.column.empty() ? e.column : e.expression != nullptr ? ExpressionName(*e.expression) : "expr"));
  }
  for (std::string_view c : create.include) named.push_back(UniqueIn(named, c));
  return NameAddition(Views(named));
}

// What a LIKE clause takes along beside names, types and not-nulls, read from the words behind its table's name.
struct LikeOptions {
  bool defaults = false, constraints = false, indexes = false, identity = false, generated = false;
};

LikeOptions ReadLikeOptions(std::string_view text) {
  LikeOptions o;
  const auto word = [&text] {
    text = absl::StripLeadingAsciiWhitespace(text);
    size_t n = 0;
    while (n < text.size() && absl::ascii_isalpha(static_cast<unsigned char>(text[n]))) ++n;
    const std::string_view w = text.substr(0, n);
    text.remove_prefix(n);
    return w;
  };
  for (;;) {
    const std::string_view verb = word();
    const bool including = absl::EqualsIgnoreCase(verb, "including");
    if (!including && !absl::EqualsIgnoreCase(verb, "excluding")) return o;
    const std::string_view what = word();
    const bool all = absl::EqualsIgnoreCase(what, "all");
    if (all || absl::EqualsIgnoreCase(what, "defaults")) o.defaults = including;
    if (all || absl::EqualsIgnoreCase(what, "constraints")) o.constraints = including;
    if (all || absl::EqualsIgnoreCase(what, "indexes")) o.indexes = including;
    if (all || absl::EqualsIgnoreCase(what, "identity")) o.identity = including;
    if (all || absl::EqualsIgnoreCase(what, "generated")) o.generated = including;
  }
}

}  // namespace

bool CatalogReplay::RelationExists(std::string_view schema, std::string_view name) const {
  KeyBuffer buffer;
  const std::string_view key = buffer.Join(schema, name);
  return c_.tables_.contains(key) || c_.index_table_.contains(key) || c_.sequences_.contains(key);
}

std::string CatalogReplay::FreeRelationName(const Table& t, std::string_view addition, std::string_view label) const {
  const std::string_view schema = SchemaOf(t.key);
  std::string name = MakeObjectName(NameOf(t.key), addition, label);
  for (int pass = 1; RelationExists(schema, name) || t.FindConstraint(name) != nullptr; ++pass) {
    name = MakeObjectName(NameOf(t.key), addition, absl::StrCat(label, pass));
  }
  return name;
}

std::string CatalogReplay::FreeConstraintName(const Table& t, std::string_view addition, std::string_view label) const {
  std::string name = MakeObjectName(NameOf(t.key), addition, label);
  for (int pass = 1; t.FindConstraint(name) != nullptr; ++pass) {
    name = MakeObjectName(NameOf(t.key), addition, absl::StrCat(label, pass));
  }
  return name;
}

void CatalogReplay::AddIndex(Table* t, Index index) {
  std::string key = absl::StrCat(SchemaOf(t->key), ".", index.name);
  auto [it, fresh] = c_.index_table_.try_emplace(std::move(key), t->key);
  if (!fresh) {
    // The name was taken by an index whose end we did not see.
    Table* other = it->second == t->key ? t : Find(it->second);
    if (other != nullptr) std::erase_if(other->indexes, [&](const Index& i) { return i.name == index.name; });
    it->second = t->key;
  }
  t->indexes.push_back(std::move(index));
}

void CatalogReplay::AddColumn(Table* t, const sql::Column& c) {
  CatalogColumn* column = t->FindColumn(c.name);
  if (column == nullptr) {
    column = &t->columns.emplace_back();
  } else if (c.type == nullptr) {
    // "col WITH OPTIONS ...", a column's entry in a partition: what is not said stays.
  } else {
    *column = CatalogColumn();
    c_.dependents_.Drop(CatalogDependent::Kind::kDefault, t->key, c.name);
    c_.dependents_.Drop(CatalogDependent::Kind::kGenerated, t->key, c.name);
  }
  column->name = c.name;
  column->origin = origin_;
  bool sequence = false;
  if (c.type != nullptr) {
    column->type = TypeText(*c.type);
    sequence = IsSerial(c.type->name);
  }
  if (sequence) column->not_null = column->has_default = column->backfilled = true;
  for (const sql::Constraint* k : c.constraints) {
    switch (k->kind) {
      case sql::ConstraintKind::kNotNull:
      case sql::ConstraintKind::kPrimaryKey:
        column->not_null = true;
        break;
      case sql::ConstraintKind::kDefault:
        column->has_default = column->backfilled = !IsNull(k->expression);
        column->sequence = SequenceOf(k->expression);
        AddDependent(CatalogDependent::Kind::kDefault, *t, c.name, FunctionsIn(k->expression));
        if (column->has_default) KeepDefault(column, k->span.begin, UINT32_MAX, /*in_column=*/true);
        break;
      case sql::ConstraintKind::kIdentity:
        column->identity = column->not_null = column->backfilled = sequence = true;
        KeepIdentity(column, k->span.begin);
        break;
      case sql::ConstraintKind::kGenerated:
        column->generated = column->backfilled = true;
        column->virtual_ = !k->stored;
        AddGenerated(*t, c.name, k->expression);
        KeepGenerated(column, k->span.begin);
        break;
      default:
        break;
    }
  }
  if (!c.collation.empty()) column->collation = c.collation;
  if (sequence) AddSequenceOf(*t, column);
}

void CatalogReplay::AddColumnConstraints(Table* t, const sql::Column& c) {
  for (const sql::Constraint* k : c.constraints) {
    switch (k->kind) {
      case sql::ConstraintKind::kCheck:
      case sql::ConstraintKind::kPrimaryKey:
      case sql::ConstraintKind::kUnique:
      case sql::ConstraintKind::kForeignKey:
        AddConstraint(t, *k, c.name);
        break;
      default:
        break;
    }
  }
}

void CatalogReplay::AddConstraint(Table* t, const sql::Constraint& k, std::string_view column) {
  CatalogConstraint out;
  out.kind = k.kind;
  out.origin = origin_;
  out.valid = (creating_ || !k.not_valid) && !k.not_enforced;
  out.enforced = !k.not_enforced;
  out.no_inherit = k.no_inherit;
  out.deferrable = k.deferrable;
  out.deferred = k.deferred;
  std::vector<std::string_view> columns(k.columns.begin(), k.columns.end());
  if (columns.empty() && !column.empty()) columns.push_back(column);

  std::string_view label;
  std::string addition;
  switch (k.kind) {
    case sql::ConstraintKind::kCheck: {
      columns.clear();
      if (k.expression != nullptr) {
        CollectColumns(*k.expression, &columns);
        std::vector<std::string_view> not_null;
        CollectNotNull(*k.expression, &not_null);
        for (size_t i = 0; i < not_null.size(); ++i) {
          if (i == 0) {
            out.not_null_column = not_null[0];
          } else {
            out.more_not_null_columns.emplace_back(not_null[i]);
          }
        }
      }
      if (k.span.begin < text_.size()) out.check = FoldText(FirstParenthesis(text_.substr(k.span.begin)), false);
      label = "check";
      // One column gives its name, several none (AddRelationNewConstraints, heap.c).
      if (columns.size() == 1) addition = columns[0];
      break;
    }
    case sql::ConstraintKind::kForeignKey:
      out.referenced = c_.Resolve(k.referenced);
      out.referenced_columns.assign(k.referenced_columns.begin(), k.referenced_columns.end());
      out.on_delete = k.on_delete;
      out.on_update = k.on_update;
      if (const Table* other = out.referenced == t->key ? t : Find(out.referenced); other != nullptr && out.referenced_columns.empty()) {
        for (const CatalogConstraint& key : other->constraints) {
          if (key.kind == sql::ConstraintKind::kPrimaryKey) out.referenced_columns = key.columns;
        }
      }
      c_.targets_.insert(out.referenced);
      label = "fkey";
      addition = NameAddition(columns);
      break;
    case sql::ConstraintKind::kPrimaryKey:
      label = "pkey";
      break;
    case sql::ConstraintKind::kUnique:
      label = "key";
      addition = NameAddition(columns);
      break;
    case sql::ConstraintKind::kExclusion:
      label = "excl";
      addition = NameAddition(columns);
      break;
    case sql::ConstraintKind::kNotNull:
      label = "not_null";
      addition = NameAddition(columns);
      break;
    default:
      return;
  }
  Append(columns, &out.columns);

  if (k.kind == sql::ConstraintKind::kPrimaryKey) DropPrimaryKey(t);
  const bool indexed = k.kind == sql::ConstraintKind::kPrimaryKey || k.kind == sql::ConstraintKind::kUnique || k.kind == sql::ConstraintKind::kExclusion;
  if (!k.name.empty()) {
    out.name = k.name;
    std::erase_if(t->constraints, [&](const CatalogConstraint& old) { return old.name == out.name; });
  } else {
    out.name = indexed ? FreeRelationName(*t, addition, label) : FreeConstraintName(*t, addition, label);
  }
  if (k.kind == sql::ConstraintKind::kPrimaryKey || k.kind == sql::ConstraintKind::kNotNull) {
    for (const std::string& name : out.columns) {
      CatalogColumn* c = t->FindColumn(name);
      if (c == nullptr && !t->complete) {
        c = &t->columns.emplace_back();
        c->name = name;
      }
      if (c != nullptr && out.valid) c->not_null = true;
    }
  }
  if (indexed) {
    Index index;
    index.name = out.name;
    index.columns = out.columns;
    index.unique = k.kind != sql::ConstraintKind::kExclusion;
    index.of_constraint = true;
    index.method = k.kind == sql::ConstraintKind::kExclusion ? "gist" : "btree";
    index.origin = origin_;
    if (k.kind == sql::ConstraintKind::kExclusion) AddExcluded(*t, out.name, out.columns, index.method);
    AddIndex(t, std::move(index));
  }
  if (k.kind == sql::ConstraintKind::kCheck) AddDependent(CatalogDependent::Kind::kCheck, *t, out.name, FunctionsIn(k.expression));
  t->constraints.push_back(std::move(out));
}

// The extension without which a constraint's index cannot be.
void CatalogReplay::AddExcluded(const Table& t, std::string_view constraint, const std::vector<std::string>& columns, std::string_view method) {
  std::vector<std::string> extensions;
  for (const std::string& name : columns) {
    const CatalogColumn* c = t.FindColumn(name);
    const std::string_view extension = c == nullptr ? std::string_view() : ExtensionOfIndexed(method, c->type);
    if (!extension.empty() && extensions.empty() && c_.extensions_.contains(extension)) extensions.emplace_back(extension);
  }
  AddDependent(CatalogDependent::Kind::kCheck, t, constraint, std::move(extensions));
}

// A table has one primary key: where there is another, its end was not seen (dynamic SQL), or the new one is in an IF.
void CatalogReplay::DropPrimaryKey(Table* t) {
  for (const CatalogConstraint& k : t->constraints) {
    if (k.kind != sql::ConstraintKind::kPrimaryKey) continue;
    DropConstraint(t, std::string(k.name));
    return;
  }
}

void CatalogReplay::AddIndexConstraint(Table* t, const sql::Constraint& k) {
  if (k.kind == sql::ConstraintKind::kPrimaryKey) DropPrimaryKey(t);
  Index index;
  index.unique = true;
  index.method = "btree";
  index.origin = origin_;
  index.name = k.using_index;
  for (size_t i = 0; i < t->indexes.size(); ++i) {
    if (t->indexes[i].name != k.using_index) continue;
    index = std::move(t->indexes[i]);
    t->indexes.erase(t->indexes.begin() + static_cast<ptrdiff_t>(i));
    c_.index_table_.erase(absl::StrCat(SchemaOf(t->key), ".", k.using_index));
    break;
  }
  // The index takes the constraint's name (documentation of ALTER TABLE, ADD table_constraint_using_index).
  if (!k.name.empty()) index.name = k.name;
  index.of_constraint = true;
  CatalogConstraint out;
  out.name = index.name;
  out.kind = k.kind;
  out.columns = index.columns;
  out.deferrable = k.deferrable;
  out.origin = origin_;
  if (k.kind == sql::ConstraintKind::kPrimaryKey) {
    for (const std::string& name : out.columns) {
      if (CatalogColumn* c = t->FindColumn(name)) c->not_null = true;
    }
  }
  std::erase_if(t->constraints, [&](const CatalogConstraint& old) { return old.name == out.name; });
  AddIndex(t, std::move(index));
  t->constraints.push_back(std::move(out));
}

void CatalogReplay::CopyLike(const sql::Name& source, Table* t) {
  const Table* from = Find(source);
  if (from == nullptr || !from->complete) t->complete = false;
  if (from == nullptr) return;
  const LikeOptions o = source.span.end <= text_.size() ? ReadLikeOptions(text_.substr(source.span.end)) : LikeOptions();
  for (const CatalogColumn& c : from->columns) {
    CatalogColumn& copy = t->columns.emplace_back();
    copy.name = c.name;
    copy.type = c.type;
    copy.not_null = c.not_null;
    copy.has_default = c.has_default && o.defaults;
    copy.identity = c.identity && o.identity;
    copy.generated = c.generated && o.generated;
    copy.backfilled = copy.has_default || copy.identity || copy.generated;
    copy.origin = origin_;
    copy.virtual_ = c.virtual_ && o.generated;
    copy.collation = c.collation;
    if (copy.has_default || copy.generated) copy.default_text = c.default_text;
    if (copy.identity) copy.identity_kind = c.identity_kind;
    if (copy.has_default) copy.sequence = c.sequence;
    if (copy.identity) AddSequenceOf(*t, &t->columns.back());
  }
  if (o.constraints) {
    for (const CatalogConstraint& k : from->constraints) {
      if (k.kind != sql::ConstraintKind::kCheck) continue;
      t->constraints.push_back(k);
      t->constraints.back().valid = true;  // the new table is empty
      t->constraints.back().origin = origin_;
    }
  }
  if (o.indexes) {
    for (const Index& i : from->indexes) {
      const CatalogConstraint* k = i.of_constraint ? from->FindConstraint(i.name) : nullptr;
      const bool primary = k != nullptr && k->kind == sql::ConstraintKind::kPrimaryKey;
      Index copy = i;
      copy.name = FreeRelationName(*t, primary ? "" : NameAddition(Views(i.columns)), primary ? "pkey" : k != nullptr ? "key" : "idx");
      copy.origin = origin_;
      if (k != nullptr) {
        t->constraints.push_back(*k);
        t->constraints.back().name = copy.name;
        t->constraints.back().origin = origin_;
      }
      AddIndex(t, std::move(copy));
    }
  }
}

void CatalogReplay::CopyAsPartition(const Table& parent, Table* t) {
  if (t->columns.empty()) t->columns = parent.columns;
  for (const Index& i : parent.indexes) {
    const CatalogConstraint* k = i.of_constraint ? parent.FindConstraint(i.name) : nullptr;
    const bool has = std::any_of(t->indexes.begin(), t->indexes.end(), [&](const Index& own) {
      return own.columns == i.columns && own.unique == i.unique && own.method == i.method && own.partial == i.partial;
    });
    if (has) continue;
    const bool primary = k != nullptr && k->kind == sql::ConstraintKind::kPrimaryKey;
    Index copy = i;
    copy.name = FreeRelationName(*t, primary ? "" : NameAddition(Views(i.columns)), primary ? "pkey" : k != nullptr ? "key" : "idx");
    copy.origin = origin_;
    if (k != nullptr) {
      t->constraints.push_back(*k);
      t->constraints.back().name = copy.name;
      t->constraints.back().origin = origin_;
    }
    AddIndex(t, std::move(copy));
  }
  for (const CatalogTrigger& x : parent.triggers) {
    const bool has = std::any_of(t->triggers.begin(), t->triggers.end(), [&](const CatalogTrigger& own) { return own.name == x.name; });
    if (!x.row || has) continue;
    CatalogTrigger copy = x;
    copy.inherited = true;
    t->triggers.push_back(std::move(copy));
  }
  for (const CatalogConstraint& k : parent.constraints) {
    const bool kept = k.kind == sql::ConstraintKind::kCheck || k.kind == sql::ConstraintKind::kForeignKey;
    if (!kept || t->FindConstraint(k.name) != nullptr) continue;
    t->constraints.push_back(k);
    t->constraints.back().origin = origin_;
  }
}

void CatalogReplay::CopyAsChild(const Table& parent, Table* t) {
  for (const CatalogColumn& c : parent.columns) {
    if (t->FindColumn(c.name) == nullptr) t->columns.push_back(c);
  }
  for (const CatalogConstraint& k : parent.constraints) {
    if (k.kind == sql::ConstraintKind::kCheck && !k.no_inherit && t->FindConstraint(k.name) == nullptr) t->constraints.push_back(k);
  }
}

void CatalogReplay::CreateTable(const sql::CreateTable& create, const sql::Statement& s) {
  const bool may_exist = create.if_not_exists || s.conditional || s.guarded;
  std::string key = NewKey(create.name, create.temporary);
  if (auto it = c_.tables_.find(key); it != c_.tables_.end()) {
    if (may_exist) return;
    DropTable(key);
  }
  Table t;
  t.key = std::move(key);
  t.type = create.materialized_view ? sql::ObjectType::kMaterializedView : create.foreign ? sql::ObjectType::kForeignTable : sql::ObjectType::kTable;
  t.complete = create.as_query == nullptr && !create.of_type;
  t.temporary = create.temporary;
  t.unlogged = create.unlogged;
  t.has_rows = create.as_query != nullptr && !create.with_no_data;
  t.partition_strategy = create.partition_strategy;
  t.tablespace = create.tablespace == "pg_default" ? std::string_view() : create.tablespace;
  t.access_method = create.access_method == "heap" ? std::string_view() : create.access_method;
  if (create.of_type) t.of_type = c_.Resolve(create.type_name);
  if (create.materialized_view && create.as_query != nullptr) SetQuery(&t, *create.as_query);
  t.origin = origin_;
  if (create.temporary) c_.has_temporary_ = true;
  t.columns.reserve(create.columns.size());

  for (const sql::Name& like : create.like) CopyLike(like, &t);
  for (const sql::Name& name : create.inherits) {
    const Table* parent = Find(name);
    t.inherits.push_back(parent != nullptr ? parent->key : c_.Resolve(name));
    c_.targets_.insert(t.inherits.back());
    AddChild(t.inherits.back(), t);
    if (parent == nullptr || !parent->complete) t.complete = false;
    if (parent != nullptr) CopyAsChild(*parent, &t);
  }
  if (!create.partition_of.empty()) {
    const Table* parent = Find(create.partition_of);
    t.partition_of = parent != nullptr ? parent->key : c_.Resolve(create.partition_of);
    c_.targets_.insert(t.partition_of);
    t.default_partition = create.bound != nullptr && create.bound->is_default;
    AddChild(t.partition_of, t);
    if (parent == nullptr || !parent->complete) t.complete = false;
    if (parent != nullptr) t.columns = parent->columns;
    KeepBound(&t, create.bound);
    t.bound = ReadPartitionBound(create.bound);
  }
  for (const sql::Expr* e : create.partition_key) {
    t.partition_columns.emplace_back(e != nullptr && e->kind == sql::ExprKind::kColumn ? e->text : std::string_view());
  }
  if (create.partition_strategy != 0) KeepPartitionKey(&t, s);
  for (const sql::Column* c : create.columns) AddColumn(&t, *c);
  if (create.foreign && !create.server.empty()) {
    std::vector<std::string> stands_on = {absl::StrCat("server ", create.server)};
    if (const auto it = c_.servers_.find(create.server); it != c_.servers_.end()) stands_on.push_back(absl::StrCat("foreign-data wrapper ", it->second));
    c_.dependents_.Drop(CatalogDependent::Kind::kForeignTable, t.key, {});
    AddDependent(CatalogDependent::Kind::kForeignTable, t, {}, std::move(stands_on));
  }
  creating_ = true;
  for (const sql::Column* c : create.columns) AddColumnConstraints(&t, *c);
  for (const sql::Constraint* k : create.constraints) AddConstraint(&t, *k, {});
  creating_ = false;
  DropRedundantKeys(&t);
  if (!t.partition_of.empty()) {
    if (Table* parent = Find(t.partition_of)) {
      if (t.default_partition) parent->has_default_partition = true;
      CopyAsPartition(*parent, &t);
    }
  }
  for (CatalogColumn& c : t.columns) c.empty = false;  // copied from a parent
  std::string at = t.key;
  c_.tables_.insert_or_assign(std::move(at), std::move(t));
}

// Of two keys on the same columns in one CREATE TABLE the server makes one: the primary key, else the first; an unnamed one takes the
// other's name (transformIndexConstraints, parse_utilcmd.c).
void CatalogReplay::DropRedundantKeys(Table* t) {
  const auto is_key = [](const CatalogConstraint& k) { return k.kind == sql::ConstraintKind::kPrimaryKey || k.kind == sql::ConstraintKind::kUnique; };
  for (size_t i = 0; i < t->constraints.size(); ++i) {
    const CatalogConstraint& k = t->constraints[i];
    if (k.kind != sql::ConstraintKind::kUnique) continue;
    const auto same = [&](const CatalogConstraint& other) {
      return &other != &k && is_key(other) && other.columns == k.columns && other.deferrable == k.deferrable && (other.kind == sql::ConstraintKind::kPrimaryKey || &other < &k);
    };
    if (std::none_of(t->constraints.begin(), t->constraints.end(), same)) continue;
    DropConstraint(t, std::string(k.name));
    --i;
  }
}

// The extension that brings the operator class of a part of an index.
void CatalogReplay::AddIndexed(const Table& t, std::string_view method, const sql::IndexElement& e, std::vector<std::string>* functions) const {
  std::string_view extension = ExtensionOfOpclass(e.opclass);
  if (e.opclass.empty() && method != "btree" && !e.column.empty()) {
    if (const CatalogColumn* c = t.FindColumn(e.column)) extension = ExtensionOfIndexed(method, c->type);
  }
  if (!extension.empty() && c_.extensions_.contains(extension)) functions->emplace_back(extension);
}

void CatalogReplay::CreateIndex(const sql::CreateIndex& create, const sql::Statement& s) {
  Table* t = Known(create.table);
  if (create.if_not_exists && !create.name.empty() && RelationExists(SchemaOf(t->key), create.name)) return;
  Index index;
  index.unique = create.unique;
  index.partial = create.where != nullptr;
  index.concurrent = create.concurrently;
  index.method = create.method.empty() ? std::string_view("btree") : create.method;
  index.origin = origin_;
  index.columns.reserve(create.elements.size());
  std::vector<std::string_view> used(create.include.begin(), create.include.end());
  for (const sql::IndexElement& e : create.elements) {
    index.columns.emplace_back(e.column);
    if (e.expression != nullptr) CollectColumns(*e.expression, &used);
  }
  if (create.where != nullptr) CollectColumns(*create.where, &used);
  Append(used, &index.other_columns);

  // What stands behind the table's name tells one definition from another.
  const uint32_t begin = create.table.span.end, end = std::min<uint32_t>(s.span.end, static_cast<uint32_t>(text_.size()));
  if (begin < end) {
    std::string tail = FoldText(text_.substr(begin, end - begin), true);
    while (!tail.empty() && (tail.back() == ';' || tail.back() == ' ')) tail.pop_back();
    std::string_view rest = tail;
    if (absl::ConsumePrefix(&rest, "using btree")) {
      rest = absl::StripLeadingAsciiWhitespace(rest);
      tail.erase(0, tail.size() - rest.size());
    }
    if (create.unique) tail.insert(0, "unique ");
    index.definition = std::move(tail);
    if (c_.details_ != nullptr) index.tail = c_.details_->Copy(text_.substr(begin, end - begin));
  }
  std::vector<std::string> functions;
  for (const sql::IndexElement& e : create.elements) {
    if (e.expression != nullptr) Append(Views(FunctionsIn(e.expression)), &functions);
    AddIndexed(*t, index.method, e, &functions);
  }
  if (create.where != nullptr) Append(Views(FunctionsIn(create.where)), &functions);
  index.name = create.name.empty() ? FreeRelationName(*t, IndexNameAddition(create), "idx") : std::string(create.name);
  AddDependent(CatalogDependent::Kind::kIndex, *t, index.name, std::move(functions));
  const bool partitioned = !create.only && c_.targets_.contains(t->key);
  if (!partitioned) {
    AddIndex(t, std::move(index));
    return;
  }
  const std::string key = t->key;
  AddIndex(t, index);
  for (const CatalogTable* p : c_.Descendants(key)) {
    if (p->partition_of.empty()) continue;  // a child by INHERITS keeps its own indexes
    Index copy = index;
    copy.name = FreeRelationName(*p, IndexNameAddition(create), "idx");
    AddIndex(Find(p->key), std::move(copy));
  }
}

}  // namespace pawl
