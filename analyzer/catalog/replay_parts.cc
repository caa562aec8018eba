// What hangs on tables without being a part of them: views' queries, triggers, policies, rules, statistics objects,
// publications, owned sequences, owners.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/catalog/relations.h"
#include "analyzer/catalog/replay.h"

namespace pawl {
namespace {

// The name in nextval('...'), if that is what the default is.
const sql::Expr* NextvalArgument(const sql::Expr* e) {
  if (e == nullptr || e->kind != sql::ExprKind::kCall || e->text != "nextval" || e->arguments.empty()) return nullptr;
  const sql::Expr* a = e->arguments[0];
  while (a != nullptr && a->kind == sql::ExprKind::kCast && !a->arguments.empty()) a = a->arguments[0];
  return a != nullptr && a->kind == sql::ExprKind::kConstant ? a : nullptr;
}

void AddOnce(std::vector<std::string>* v, std::string s) {
  if (std::find(v->begin(), v->end(), s) == v->end()) v->push_back(std::move(s));
}

}  // namespace

void CatalogReplay::SetQuery(Table* view, const sql::Query& q) {
  view->uses.clear();
  view->used_columns.clear();
  ForEachRelation(q, [&](const QueryRelation& r) {
    const Table* t = Find(*r.name);
    AddOnce(&view->uses, t != nullptr ? t->key : c_.Resolve(*r.name));
  });
  for (const std::string& key : view->uses) c_.targets_.insert(key);
  std::vector<std::string_view> columns;
  CollectQueryColumns(q, &columns);
  view->used_columns.assign(columns.begin(), columns.end());
}

void CatalogReplay::AddChild(const std::string& parent, const Table& child) {
  std::vector<std::string>& all = c_.children_[parent];
  all.insert(child.default_partition ? all.begin() : all.end(), child.key);
}

void CatalogReplay::DropDependents(const std::string& key) {
  std::vector<std::string> views;
  for (const CatalogTable* v : c_.Dependents(key)) views.push_back(v->key);
  for (const std::string& v : views) DropTable(v);
}

void CatalogReplay::DropDependentsOnColumn(const Table& t, std::string_view column) {
  std::vector<std::string> views;
  for (const CatalogTable* v : c_.Dependents(t.key, column)) views.push_back(v->key);
  for (const std::string& v : views) DropTable(v);
}

void CatalogReplay::CreateTrigger(const sql::CreateTrigger& trigger) {
  Table* t = Known(trigger.table);
  const std::string function = c_.Resolve(trigger.function);
  const auto add = [&](Table* on, bool inherited) {
    std::erase_if(on->triggers, [&](const CatalogTrigger& old) { return old.name == trigger.name; });
    on->triggers.push_back({std::string(trigger.name), function, trigger.row, inherited});
  };
  add(t, false);
  if (!trigger.row || !c_.targets_.contains(t->key)) return;
  for (const CatalogTable* d : c_.Descendants(t->key)) {
    if (!d->partition_of.empty()) add(Find(d->key), true);
  }
}

void CatalogReplay::DropPart(sql::ObjectType type, const sql::Name& table, std::string_view name) {
  Table* t = Find(table);
  if (t == nullptr) return;
  switch (type) {
    case sql::ObjectType::kTrigger:
      for (const CatalogTable* d : c_.Descendants(t->key)) {
        std::erase_if(Find(d->key)->triggers, [&](const CatalogTrigger& x) { return x.name == name && x.inherited; });
      }
      std::erase_if(t->triggers, [&](const CatalogTrigger& x) { return x.name == name; });
      return;
    case sql::ObjectType::kPolicy: std::erase(t->policies, name); return;
    case sql::ObjectType::kRule: std::erase(t->rules, name); return;
    default: return;
  }
}

void CatalogReplay::RenamePart(sql::ObjectType type, Table* t, std::string_view from, std::string_view to) {
  if (type == sql::ObjectType::kTrigger) {
    for (CatalogTrigger& x : t->triggers) {
      if (x.name == from) x.name = to;
    }
    return;
  }
  for (std::string& s : type == sql::ObjectType::kPolicy ? t->policies : t->rules) {
    if (s == from) s = to;
  }
}

void CatalogReplay::CreatePolicy(const sql::CreatePolicy& p) { AddOnce(&Known(p.table)->policies, std::string(p.name)); }

void CatalogReplay::AddSequenceOf(const Table& t, CatalogColumn* column) {
  if (column == nullptr) return;
  column->sequence = absl::StrCat(SchemaOf(t.key), ".", FreeRelationName(t, column->name, "seq"));
  c_.sequences_[column->sequence] = origin_;
  c_.sequence_owner_[column->sequence] = t.key;
}

std::string CatalogReplay::SequenceOf(const sql::Expr* default_expression) const {
  const sql::Expr* a = NextvalArgument(default_expression);
  if (a == nullptr || absl::StrContains(a->text, '"')) return std::string();
  const size_t dot = a->text.find('.');
  if (dot == std::string_view::npos) return c_.Resolve({{}, a->text, {}});
  return std::string(a->text);
}

void CatalogReplay::CreateSequence(const sql::CreateSequence& q) {
  std::string key = NewKey(q.name, q.temporary);
  if (q.temporary) c_.has_temporary_ = true;
  if (!q.owner.empty()) c_.sequence_owner_[key] = c_.Resolve(q.owner);
  c_.sequences_.try_emplace(std::move(key), origin_);
}

void CatalogReplay::Other(const sql::Statement& s) {
  if (s.node == nullptr) return;
  const auto& o = s.As<sql::OtherObject>();
  if (s.tag == "RuleStmt") {
    if (!o.relations.empty()) AddOnce(&Known(o.relations[0])->rules, std::string(o.name.name));
  } else if (s.tag == "CreateStatsStmt") {
    if (!o.relations.empty() && !o.name.empty()) c_.statistics_[NewKey(o.name)] = c_.Resolve(o.relations[0]);
  } else if (s.tag == "CreatePublicationStmt" || s.tag == "AlterPublicationStmt") {
    std::vector<std::string>& tables = c_.publications_[std::string(o.name.name)];
    if (o.text == "set") tables.clear();
    for (const sql::Name& name : o.relations) {
      std::string key = c_.Resolve(name);
      if (o.text == "drop") {
        std::erase(tables, key);
      } else {
        AddOnce(&tables, std::move(key));
      }
    }
  } else if (s.tag == "AlterSeqStmt") {
    if (!o.relations.empty()) c_.sequence_owner_[c_.Resolve(o.name)] = c_.Resolve(o.relations[0]);
  } else if (s.tag == "DropOwnedStmt") {
    std::vector<std::string> gone;
    for (const auto& [key, t] : c_.tables_) {
      if (!t.owner.empty() && std::find(o.roles.begin(), o.roles.end(), t.owner) != o.roles.end()) gone.push_back(key);
    }
    for (const std::string& key : gone) DropTable(key);
  }
}

void CatalogReplay::DropOther(const sql::Drop& d, const sql::Name& name) {
  if (d.type == sql::ObjectType::kStatistics) {
    c_.statistics_.erase(c_.Resolve(name));
  } else {
    c_.publications_.erase(name.name);
  }
}

void CatalogReplay::DropOwnedSequence(std::string_view table, std::string_view column, const std::string& sequence) {
  std::string key = sequence;
  if (key.empty()) key = absl::StrCat(SchemaOf(table), ".", MakeObjectName(NameOf(table), column, "seq"));
  auto owner = c_.sequence_owner_.find(key);
  // A sequence that a statement made and nothing tied to the table stays.
  if (owner == c_.sequence_owner_.end() || owner->second != table) return;
  c_.sequence_owner_.erase(owner);
  c_.sequences_.erase(key);
}

// DROP SEQUENCE ... CASCADE takes the defaults along, DROP FUNCTION ... CASCADE the triggers.
void CatalogReplay::DropSequence(const std::string& key) {
  c_.sequences_.erase(key);
  c_.sequence_owner_.erase(key);
  for (auto& [k, t] : c_.tables_) {
    for (CatalogColumn& c : t.columns) {
      if (c.sequence != key) continue;
      c.sequence.clear();
      c.has_default = false;
    }
  }
}

void CatalogReplay::DropFunction(const std::string& key) {
  c_.functions_.erase(key);
  for (auto& [k, t] : c_.tables_) {
    std::erase_if(t.triggers, [&](const CatalogTrigger& x) { return x.function == key; });
  }
}

}  // namespace pawl
