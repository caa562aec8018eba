// What hangs on tables without being a part of them: views' queries, triggers, policies, rules, statistics objects,
// publications, owned sequences, owners.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/catalog/extensions.h"
#include "analyzer/catalog/relations.h"
#include "analyzer/catalog/replay.h"

namespace pawl {
namespace {

// The name in nextval('...'), if that is what the default is.
const sql::Expr* NextvalArgument(const sql::Expr* e) {
  if (e == nullptr || e->kind != sql::ExprKind::kCall || e->text != "nextval" || e->arguments.empty()) return nullptr;
  const sql::Expr* a = e->arguments[0];
  while (a != nullptr && a->kind == sql::ExprKind::kCast && !a->arguments.empty()) {
    if (a->type != nullptr && a->type->name == "text") return nullptr;  // looked up by name at each call: the default does not hold the sequence
    a = a->arguments[0];
  }
  return a != nullptr && a->kind == sql::ExprKind::kConstant ? a : nullptr;
}

void AddOnce(std::vector<std::string>* v, std::string s) {
  if (std::find(v->begin(), v->end(), s) == v->end()) v->push_back(std::move(s));
}

// `f` for each query that stands in `e`, outermost first.
template <typename F>
void ForEachQuery(const sql::Expr* e, F f) {
  if (e == nullptr) return;
  if (e->query != nullptr) f(*e->query);
  for (const sql::Expr* a : e->arguments) ForEachQuery(a, f);
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

  if (c_.functions_.empty() && c_.extensions_.empty() && c_.dependents_.all().empty()) return;
  c_.dependents_.Drop(CatalogDependent::Kind::kView, view->key, {});
  std::vector<std::string> functions;
  ForEachCall(q, [&](const sql::Expr& call) { AddFunction(call, &functions); });
  AddDependent(CatalogDependent::Kind::kView, *view, {}, std::move(functions));
}

void CatalogReplay::AddChild(const std::string& parent, const Table& child) {
  std::vector<std::string>& all = c_.children_[parent];
  all.insert(child.default_partition ? all.begin() : all.end(), child.key);
}

void CatalogReplay::AddFunction(const sql::Expr& call, std::vector<std::string>* functions) const {
  if (const CatalogFunction* f = c_.FindFunction({call.schema, call.text, {}})) {
    AddOnce(functions, f->key);
  } else if (const std::string_view extension = ExtensionOfFunction(call.text); !extension.empty() && c_.extensions_.contains(extension)) {
    AddOnce(functions, std::string(extension));
  }
}

std::vector<std::string> CatalogReplay::FunctionsIn(const sql::Expr* e) const {
  std::vector<std::string> functions;
  if (e == nullptr || e->kind == sql::ExprKind::kConstant || (c_.functions_.empty() && c_.extensions_.empty())) return functions;
  ForEachCall(*e, [&](const sql::Expr& call) { AddFunction(call, &functions); });
  return functions;
}

void CatalogReplay::AddDependent(CatalogDependent::Kind kind, const Table& t, std::string_view name, std::vector<std::string> functions) {
  if (functions.empty()) return;
  CatalogDependent d;
  d.kind = kind;
  d.table = t.key;
  d.name = name;
  d.functions = std::move(functions);
  d.origin = origin_;
  c_.dependents_.Add(std::move(d));
}

void CatalogReplay::AddGenerated(const Table& t, std::string_view column, const sql::Expr* expression) {
  if (expression == nullptr) return;
  CatalogDependent d;
  d.kind = CatalogDependent::Kind::kGenerated;
  d.table = t.key;
  d.name = column;
  d.functions = FunctionsIn(expression);
  std::vector<std::string_view> columns;
  CollectColumns(*expression, &columns);
  d.columns.assign(columns.begin(), columns.end());
  d.origin = origin_;
  if (!d.columns.empty() || !d.functions.empty()) c_.dependents_.Add(std::move(d));
}

void CatalogReplay::AddPolicy(const std::string& table, std::string_view name, std::initializer_list<const sql::Expr*> conditions) {
  CatalogDependent d;
  d.kind = CatalogDependent::Kind::kPolicy;
  d.table = table;
  d.name = name;
  d.origin = origin_;
  std::vector<std::string_view> own, used;
  bool derived = false;
  for (const sql::Expr* e : conditions) {
    if (e == nullptr) continue;
    CollectColumns(*e, &own);
    ForEachRelation(*e, [&](const QueryRelation& r) {
      const Table* t = Find(*r.name);
      AddOnce(&d.uses, t != nullptr ? t->key : c_.Resolve(*r.name));
    });
    ForEachQuery(e, [&](const sql::Query& q) {
      derived = derived || HasDerivedTables(q);
      CollectQueryColumns(q, &used);
    });
    ForEachCall(*e, [&](const sql::Expr& call) { AddFunction(call, &d.functions); });
  }
  d.columns.assign(own.begin(), own.end());
  if (!d.uses.empty()) {
    AddOnce(&d.uses, table);
    if (!derived) d.used_columns.assign(used.begin(), used.end());
    for (const std::string& key : d.uses) c_.targets_.insert(key);
  }
  if (!d.columns.empty() || !d.uses.empty() || !d.functions.empty()) c_.dependents_.Add(std::move(d));
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
    CatalogTrigger x;
    x.name = trigger.name;
    x.function = function;
    x.row = trigger.row;
    x.inherited = inherited;
    x.deferred = trigger.deferred;
    x.events = trigger.events;
    x.timing = trigger.timing;
    x.columns.assign(trigger.columns.begin(), trigger.columns.end());
    x.origin = origin_;
    on->triggers.push_back(std::move(x));
  };
  add(t, false);
  CatalogDependent d;
  d.kind = CatalogDependent::Kind::kTrigger;
  d.table = t->key;
  d.name = trigger.name;
  d.columns.assign(trigger.columns.begin(), trigger.columns.end());
  if (trigger.when != nullptr) {
    std::vector<std::string_view> columns;
    CollectColumns(*trigger.when, &columns);  // OLD.* names none: the server lets each of them go
    for (std::string_view c : columns) AddOnce(&d.columns, std::string(c));
    d.functions = FunctionsIn(trigger.when);
  }
  if (!trigger.from.empty()) {
    d.uses = {c_.Resolve(trigger.from), t->key};
    c_.targets_.insert(d.uses[0]);
  }
  d.origin = origin_;
  if (trigger.replace) c_.dependents_.Drop(d.kind, d.table, d.name);
  if (!d.columns.empty() || !d.functions.empty() || !d.uses.empty()) c_.dependents_.Add(std::move(d));
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
      c_.dependents_.Drop(CatalogDependent::Kind::kTrigger, t->key, name);
      return;
    case sql::ObjectType::kPolicy:
      std::erase(t->policies, name);
      c_.dependents_.Drop(CatalogDependent::Kind::kPolicy, t->key, name);
      return;
    case sql::ObjectType::kRule:
      std::erase_if(t->rules, [&](const CatalogRule& r) { return r.name == name; });
      c_.dependents_.Drop(CatalogDependent::Kind::kRule, t->key, name);
      return;
    default: return;
  }
}

void CatalogReplay::RenamePart(sql::ObjectType type, Table* t, std::string_view from, std::string_view to) {
  if (type == sql::ObjectType::kTrigger) {
    for (CatalogTrigger& x : t->triggers) {
      if (x.name == from) x.name = to;
    }
    c_.dependents_.Rename(CatalogDependent::Kind::kTrigger, t->key, from, to);
    return;
  }
  if (type == sql::ObjectType::kPolicy) {
    c_.dependents_.Rename(CatalogDependent::Kind::kPolicy, t->key, from, to);
    std::replace(t->policies.begin(), t->policies.end(), std::string(from), std::string(to));
    return;
  }
  c_.dependents_.Rename(CatalogDependent::Kind::kRule, t->key, from, to);
  for (CatalogRule& r : t->rules) {
    if (r.name == from) r.name = to;
  }
}

void CatalogReplay::CreatePolicy(const sql::CreatePolicy& p) {
  Table* t = Known(p.table);
  AddOnce(&t->policies, std::string(p.name));
  c_.dependents_.Drop(CatalogDependent::Kind::kPolicy, t->key, p.name);
  AddPolicy(t->key, p.name, {p.using_expression, p.check_expression});
}

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

void CatalogReplay::CreateRule(const sql::OtherObject& o) {
  if (o.relations.empty()) return;
  Table* t = Known(o.relations[0]);
  std::erase_if(t->rules, [&](const CatalogRule& r) { return r.name == o.name.name; });  // CREATE OR REPLACE
  CatalogRule& rule = t->rules.emplace_back();
  rule.name = o.name.name;
  rule.event = o.text == "insert" ? sql::kOnInsert : o.text == "update" ? sql::kOnUpdate : o.text == "delete" ? sql::kOnDelete : 0;
  rule.instead = o.instead && o.expressions.empty();
  rule.origin = origin_;
  c_.dependents_.Drop(CatalogDependent::Kind::kRule, t->key, o.name.name);
  CatalogDependent d;
  d.kind = CatalogDependent::Kind::kRule;
  d.table = t->key;
  d.name = o.name.name;
  d.origin = origin_;
  std::vector<std::string_view> columns;
  const auto add = [&](const auto& part) {
    ForEachRelation(part, [&](const QueryRelation& r) {
      const Table* used = Find(*r.name);
      // Its own table's rows stand in its actions as new and old.
      if (used != nullptr || !r.name->schema.empty() || (r.name->name != "new" && r.name->name != "old")) AddOnce(&d.uses, used != nullptr ? used->key : c_.Resolve(*r.name));
    });
    ForEachCall(part, [&](const sql::Expr& call) { AddFunction(call, &d.functions); });
  };
  for (const sql::Expr* e : o.expressions) add(*e);
  for (const sql::Query* q : o.queries) {
    add(*q);
    CollectQueryColumns(*q, &columns);
  }
  d.used_columns.assign(columns.begin(), columns.end());
  if (d.uses.empty() && d.functions.empty()) return;
  for (const std::string& key : d.uses) c_.targets_.insert(key);
  c_.dependents_.Add(std::move(d));
}

void CatalogReplay::Other(const sql::Statement& s) {
  if (s.node == nullptr) return;
  const auto& o = s.As<sql::OtherObject>();
  if (s.tag == "RuleStmt") {
    CreateRule(o);
  } else if (s.tag == "CreateStatsStmt") {
    if (!o.relations.empty() && !o.name.empty()) c_.statistics_[NewKey(o.name)] = c_.Resolve(o.relations[0]);
  } else if (s.tag == "AlterPolicyStmt") {
    // What it does not say stays as it was, so that what the policy names is not known any more.
    if (o.relations.empty() || o.expressions.empty()) return;
    if (const Table* t = Find(o.relations[0])) c_.dependents_.Drop(CatalogDependent::Kind::kPolicy, t->key, o.name.name);
  } else if (s.tag == "CreatePublicationStmt" || s.tag == "AlterPublicationStmt") {
    constexpr auto kPublication = CatalogDependent::Kind::kPublication;
    std::vector<std::string>& tables = c_.publications_[std::string(o.name.name)];
    if (o.text == "set") {
      for (const std::string& key : tables) c_.dependents_.Drop(kPublication, key, o.name.name);
      tables.clear();
    }
    for (size_t i = 0; i < o.relations.size(); ++i) {
      std::string key = c_.Resolve(o.relations[i]);
      c_.dependents_.Drop(kPublication, key, o.name.name);
      if (o.text == "drop") {
        std::erase(tables, key);
        continue;
      }
      CatalogDependent d;
      d.kind = kPublication;
      d.table = key;
      d.name = o.name.name;
      if (i < o.columns.size()) d.columns.assign(o.columns[i].begin(), o.columns[i].end());
      if (i < o.expressions.size() && o.expressions[i] != nullptr) {
        std::vector<std::string_view> columns;
        CollectColumns(*o.expressions[i], &columns);
        for (std::string_view c : columns) AddOnce(&d.columns, std::string(c));
      }
      d.origin = origin_;
      if (!d.columns.empty()) c_.dependents_.Add(std::move(d));
      AddOnce(&tables, std::move(key));
    }
  } else if (s.tag == "AlterSeqStmt") {
    if (!o.relations.empty()) c_.sequence_owner_[c_.Resolve(o.name)] = c_.Resolve(o.relations[0]);
  } else if (s.tag == "CreateForeignServerStmt") {
    c_.servers_[std::string(o.name.name)] = o.text;
  } else if (s.tag == "DropOwnedStmt") {
    const auto owned = [&](const std::string& role) { return !role.empty() && std::find(o.roles.begin(), o.roles.end(), role) != o.roles.end(); };
    std::vector<std::string> sequences;
    for (const auto& [key, role] : c_.sequence_role_) {
      if (owned(role)) sequences.push_back(key);
    }
    for (const std::string& key : sequences) DropSequence(key);
    std::vector<std::string> gone;
    for (const auto& [key, t] : c_.tables_) {
      if (owned(t.owner)) gone.push_back(key);
    }
    for (const std::string& key : gone) DropTable(key);
  } else if (s.tag == "ReassignOwnedStmt") {
    const auto pass = [&](std::string* role) {
      if (!role->empty() && std::find(o.roles.begin(), o.roles.end(), *role) != o.roles.end()) *role = o.new_text;
    };
    for (auto& [key, t] : c_.tables_) pass(&t.owner);
    for (auto& [key, role] : c_.sequence_role_) pass(&role);
  }
}

void CatalogReplay::DropOther(const sql::Drop& d, const sql::Name& name) {
  if (d.type == sql::ObjectType::kStatistics) {
    c_.statistics_.erase(c_.Resolve(name));
  } else if (auto it = c_.publications_.find(name.name); it != c_.publications_.end()) {
    for (const std::string& key : it->second) c_.dependents_.Drop(CatalogDependent::Kind::kPublication, key, name.name);
    c_.publications_.erase(it);
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
  c_.sequence_role_.erase(key);
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
  c_.dependents_.DropFunction(key);
  for (auto& [k, t] : c_.tables_) {
    std::erase_if(t.triggers, [&](const CatalogTrigger& x) {
      if (x.function != key) return false;
      c_.dependents_.Drop(CatalogDependent::Kind::kTrigger, k, x.name);
      return true;
    });
  }
}

}  // namespace pawl
