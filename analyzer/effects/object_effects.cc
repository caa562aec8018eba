// What hangs on tables: triggers, rules, policies, comments, privileges, statistics objects, publications, sequences, types.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/effects/internal.h"

namespace pawl {
namespace {

bool Contains(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

bool IsRelation(sql::ObjectType t) {
  return t == sql::ObjectType::kTable || t == sql::ObjectType::kView || t == sql::ObjectType::kMaterializedView || t == sql::ObjectType::kForeignTable ||
         t == sql::ObjectType::kSequence;
}

// Who may be using a sequence: those who use its owner; without one, whoever could see it. `made` takes what is known of it.
const CatalogTable* LifeOfSequence(const std::string& key, const Catalog& catalog, CatalogTable* made) {
  if (const CatalogTable* owner = catalog.FindTable(catalog.SequenceOwner(key)); owner != nullptr) return owner;
  const auto it = catalog.sequences().find(key);
  if (it == catalog.sequences().end()) return nullptr;
  made->key = key;
  made->type = sql::ObjectType::kSequence;
  made->origin = it->second;
  return made;
}

// A comment or a label on `name`, or on a part of that name of `table`.
void Annotate(sql::ObjectType type, const sql::Name& name, const sql::Name& table, const char* action, EffectList* list) {
  if (IsRelation(type)) {
    list->Add(name, LockMode::kShareUpdateExclusive, Work::kMetadata, action);
    return;
  }
  switch (type) {
    case sql::ObjectType::kIndex: {
      Effect& e = list->AddKey(list->catalog.Resolve(name), list->catalog.FindIndex(name, nullptr), LockMode::kShareUpdateExclusive, Work::kMetadata, action);
      e.is_index = true;
      return;
    }
    case sql::ObjectType::kColumn:
      if (list->catalog.FindTable(table) == nullptr && list->catalog.FindType(table) != nullptr) return;  // a composite type's (measured 12-18)
      list->Add(table, LockMode::kShareUpdateExclusive, Work::kMetadata, action);
      return;
    case sql::ObjectType::kConstraint:
    case sql::ObjectType::kTrigger:
    case sql::ObjectType::kPolicy:
    case sql::ObjectType::kRule:
      list->Add(table, LockMode::kAccessShare, Work::kMetadata, action);
      return;
    default:
      return;
  }
}

void DropPart(const sql::Drop& d, size_t i, EffectList* list) {
  if (i >= d.tables.size()) return;
  const CatalogTable* table = list->catalog.FindTable(d.tables[i]);
  const std::string_view name = d.names[i].name;
  const bool trigger = d.type == sql::ObjectType::kTrigger;
  if (d.if_exists && table != nullptr && table->complete) {
    const bool known = trigger ? std::any_of(table->triggers.begin(), table->triggers.end(), [&](const CatalogTrigger& t) { return t.name == name; })
                       : d.type == sql::ObjectType::kRule ? std::any_of(table->rules.begin(), table->rules.end(), [&](const CatalogRule& r) { return r.name == name; })
                                                          : Contains(table->policies, name);
    if (!known) return;  // the table is looked at, and let go at once
  }
  Effect& e = list->Add(table, d.tables[i], LockMode::kAccessExclusive, Work::kMetadata,
                        trigger ? "drops a trigger" : d.type == sql::ObjectType::kRule ? "drops a rule" : "drops a policy");
  if (!trigger || table == nullptr) return;
  const Effect like = e;
  for (const CatalogTable* p : list->catalog.Descendants(table->key)) {
    if (std::any_of(p->triggers.begin(), p->triggers.end(), [&](const CatalogTrigger& t) { return t.name == name && t.inherited; })) {
      Effect& copy = list->AddTable(*p, like.lock, like.work, like.action);
      copy.descendant = true;
    }
  }
}

void MoveAll(const sql::OtherObject& o, EffectList* list) {
  const std::string_view from = o.text == "pg_default" ? std::string_view() : o.text;
  const std::string_view to = o.new_text == "pg_default" ? std::string_view() : o.new_text;
  if (from == to) return;
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (t->type != o.type || t->tablespace != from || t->partition_strategy != 0) continue;
    if (!o.roles.empty() && std::find(o.roles.begin(), o.roles.end(), t->owner) == o.roles.end()) continue;
    list->AddTable(*t, LockMode::kAccessExclusive, Work::kRewrite, "copies the table");
  }
}

void AddUsedByPolicy(const sql::Name& table, std::string_view policy, EffectList* list) {
  const CatalogTable* t = list->catalog.FindTable(table);
  if (t == nullptr) return;
  for (const CatalogDependent& d : list->catalog.dependents()) {
    if (d.kind != CatalogDependent::Kind::kPolicy || d.table != t->key || d.name != policy) continue;
    for (const std::string& key : d.uses) {
      if (key != t->key) list->AddKey(key, list->catalog.FindTable(key), LockMode::kAccessShare, Work::kMetadata, "is used by a policy");
    }
  }
}

void Publication(std::string_view tag, const sql::OtherObject& o, EffectList* list) {
  const char* action = tag == "CreatePublicationStmt" || o.text == "add" ? "joins a publication" : o.text == "drop" ? "leaves a publication" : "has its publication set";
  for (size_t i = 0; i < o.relations.size(); ++i) {
    const sql::Name& name = o.relations[i];
    const CatalogTable* table = list->catalog.FindTable(name);
    Effect& e = list->Add(table, name, LockMode::kShareUpdateExclusive, Work::kMetadata, action);
    e.span = name.span;
    const bool only = i < 64 && ((o.only >> i) & 1) != 0;
    if (table != nullptr && table->partition_strategy == 0 && !only) list->AddDescendants(table, Effect(e));
  }
  if (o.text != "set") return;
  if (const std::vector<std::string>* old = list->catalog.FindPublication(o.name.name)) {
    for (const std::string& key : *old) list->AddKey(key, list->catalog.FindTable(key), LockMode::kShareUpdateExclusive, Work::kMetadata, "leaves a publication");
  }
}

}  // namespace

std::vector<std::string> TypesMadeOf(std::string_view type, bool arrays, const Catalog& catalog) {
  // Where a type of one name is in several schemas its columns are mixed up: they are kept as they were written.
  std::vector<std::string> out;
  const auto add = [&](std::string_view key) {
    for (std::string_view text : {key, key.substr(key.find('.') + 1)}) {
      out.emplace_back(text);
      if (arrays) out.push_back(std::string(text) + "[]");
    }
  };
  add(type);
  for (size_t done = 0; done != out.size();) {
    done = out.size();
    for (const auto& [key, t] : catalog.types()) {
      if (t.kind == 'd' && Contains(out, t.base) && !Contains(out, key)) add(key);
    }
  }
  return out;
}

void DropColumnsOfTypes(const std::vector<std::string>& types, std::string_view but, EffectList* list) {
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (!but.empty() && SchemaOf(t->key) == but) continue;
    bool loses = false;
    for (const CatalogColumn& c : t->columns) {
      if (!Contains(types, c.type)) continue;
      if (!loses) list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "loses a column").loses_data = true;
      loses = true;
      list->AddDependents(t->key, c.name, "goes with what it reads", nullptr);
    }
  }
}

void CreateTrigger(const sql::CreateTrigger& t, EffectList* list) {
  const CatalogTable* table = list->catalog.FindTable(t.table);
  Effect& e = list->Add(table, t.table, LockMode::kShareRowExclusive, Work::kMetadata, "adds a trigger");
  e.span = t.table.span;
  if (t.row) list->AddDescendants(table, Effect(e), /*partitions_only=*/true);
  if (!t.from.empty()) list->Add(t.from, LockMode::kAccessShare, Work::kMetadata, "is named by a trigger").span = t.from.span;
}

void CreatePolicy(const sql::CreatePolicy& p, EffectList* list) {
  list->Add(p.table, LockMode::kAccessExclusive, Work::kMetadata, "adds a policy").span = p.table.span;
  for (const sql::Expr* e : {p.using_expression, p.check_expression}) {
    if (e != nullptr) AddReads(*e, "is used by a policy", list);
  }
}

// A new constraint on a domain: every column of it is checked under SHARE (measured 12-18).
void AlterDomain(const sql::AlterDomain& d, EffectList* list) {
  const bool unchecked = d.constraint != nullptr && d.constraint->not_valid;
  if (d.kind != 'O' && d.kind != 'V' && (d.kind != 'C' || unchecked)) return;
  // Columns of domains over it are checked along (get_rels_with_domain; measured 12-18).
  const std::vector<std::string> types = TypesMadeOf(list->catalog.Resolve(d.name), /*arrays=*/false, list->catalog);
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (t->partition_strategy != 0) continue;  // it holds no rows (measured 12-18)
    for (const CatalogColumn& c : t->columns) {
      if (!Contains(types, c.type)) continue;
      list->AddTable(*t, LockMode::kShare, Work::kScan, "is scanned to check the domain");
      break;
    }
  }
}

void Comment(const sql::Comment& c, EffectList* list) { Annotate(c.type, c.name, c.table, "sets a comment", list); }

// From 18 on the relation is locked while its rights change; before, nothing is (measured 12-18).
void Grant(const sql::Grant& g, EffectList* list) {
  if (list->in.server_version < 18 || g.all_in_schema || (g.type != sql::ObjectType::kTable && g.type != sql::ObjectType::kSequence)) return;
  for (const sql::Name& name : g.objects) list->Add(name, LockMode::kAccessShare, Work::kMetadata, "has its privileges changed").span = name.span;
}

void TypedTables(const sql::Name& type, LockMode lock, Work work, const char* action, const sql::AlterCommand* command, EffectList* list) {
  const std::string key = list->catalog.Resolve(type);
  for (const CatalogTable* t : TablesIn({}, list->catalog)) {
    if (t->of_type == key) list->AddTable(*t, lock, work, action).command = command;
  }
}

void DropOther(const sql::Drop& d, size_t i, EffectList* list) {
  const sql::Name& name = d.names[i];
  switch (d.type) {
    case sql::ObjectType::kTrigger:
    case sql::ObjectType::kRule:
    case sql::ObjectType::kPolicy:
      return DropPart(d, i, list);
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain:
      if (d.cascade) DropType(name, list);
      return;
    case sql::ObjectType::kSequence: {
      const std::string key = list->catalog.Resolve(name);
      CatalogTable made;
      list->AddKey(key, LifeOfSequence(key, list->catalog, &made), LockMode::kAccessExclusive, Work::kMetadata, "drops the sequence");
      if (!d.cascade) return;
      for (const CatalogTable* t : TablesIn({}, list->catalog)) {
        const bool uses = std::any_of(t->columns.begin(), t->columns.end(), [&](const CatalogColumn& c) { return c.sequence == key; });
        if (uses) list->AddTable(*t, LockMode::kAccessExclusive, Work::kMetadata, "loses a default");
      }
      return;
    }
    case sql::ObjectType::kFunction:
    case sql::ObjectType::kRoutine: {
      if (!d.cascade) return;
      DropCallers(list->catalog.Resolve(name), {}, list);
      return;
    }
    case sql::ObjectType::kExtension:
      if (d.cascade) DropExtension(name.name, list);
      return;
    case sql::ObjectType::kForeignServer:
      if (d.cascade) AddCallers(absl::StrCat("server ", name.name), list);
      return;
    case sql::ObjectType::kForeignDataWrapper:
      if (d.cascade) AddCallers(absl::StrCat("foreign-data wrapper ", name.name), list);
      return;
    case sql::ObjectType::kCollation:
    case sql::ObjectType::kOperatorClass:
      if (d.cascade) DropSorting(d.type, name, list);
      return;
    case sql::ObjectType::kStatistics: {
      const std::string_view key = list->catalog.StatisticsTable(name);
      if (!key.empty()) list->AddKey(key, list->catalog.FindTable(key), LockMode::kShareUpdateExclusive, Work::kMetadata, "loses a statistics object");
      return;
    }
    default:
      return;
  }
}

void OtherEffects(std::string_view tag, const sql::OtherObject& o, EffectList* list) {
  const sql::Name* relation = o.relations.empty() ? nullptr : &o.relations[0];
  if (tag == "CreateStatsStmt") {
    for (const sql::Name& name : o.relations) list->Add(name, LockMode::kShareUpdateExclusive, Work::kMetadata, "gets a statistics object").span = name.span;
  } else if (tag == "RuleStmt" || tag == "AlterPolicyStmt") {
    const bool rule = tag == "RuleStmt";
    if (relation != nullptr) {
      list->Add(*relation, LockMode::kAccessExclusive, Work::kMetadata, rule ? "gets a rule" : "has a policy changed").span = relation->span;
    }
    for (const sql::Expr* e : o.expressions) AddReads(*e, rule ? "is used by a rule" : "is used by a policy", list);
    // What is left as it was is looked up again by the newest minor releases (measured on 14.24, 15.19, 16.15, 17.11 and 18.6; not by
    // 15.18, 13.23 and 12.22), and those are what a major stands for here.
    if (!rule && relation != nullptr && list->in.server_version >= 14) AddUsedByPolicy(*relation, o.name.name, list);
    for (const sql::Query* q : o.queries) AddReads(*q, "is used by a rule", list);
  } else if (tag == "CreatePublicationStmt" || tag == "AlterPublicationStmt") {
    Publication(tag, o, list);
  } else if (tag == "AlterSeqStmt") {
    const std::string key = list->catalog.Resolve(o.name);
    CatalogTable made;  // a sequence without an owner lives as long as itself
    list->AddKey(key, LifeOfSequence(key, list->catalog, &made), LockMode::kShareRowExclusive, Work::kMetadata, "alters the sequence").span = o.name.span;
    if (relation != nullptr) list->Add(*relation, LockMode::kAccessShare, Work::kMetadata, "becomes a sequence's owner").span = relation->span;
  } else if (tag == "AlterObjectDependsStmt") {
    if (o.type == sql::ObjectType::kIndex && relation != nullptr) {
      list->AddKey(list->catalog.Resolve(*relation), list->catalog.FindIndex(*relation, nullptr), LockMode::kAccessExclusive, Work::kMetadata,
                   "is tied to an extension").is_index = true;
    } else if (o.type == sql::ObjectType::kTrigger && relation != nullptr) {
      list->Add(*relation, LockMode::kAccessShare, Work::kMetadata, "has a trigger tied to an extension");
    } else if (o.type == sql::ObjectType::kMaterializedView && relation != nullptr) {
      list->Add(*relation, LockMode::kAccessExclusive, Work::kMetadata, "is tied to an extension");
    }
  } else if (tag == "AlterTableMoveAllStmt") {
    MoveAll(o, list);
  } else if (tag == "DropOwnedStmt") {
    OwnedBy(o.roles, "goes with its owner", true, list);
  } else if (tag == "ReassignOwnedStmt") {
    OwnedBy(o.roles, "changes its owner", false, list);
  } else if (tag == "PrepareStmt" || tag == "DeclareCursorStmt") {
    // PREPARE parses and rewrites, and plans nothing: partitions are not opened. A cursor is planned and started (measured 12-18).
    for (const sql::Query* q : o.queries) tag == "PrepareStmt" ? RewriteEffects(*q, list) : PlanEffects(*q, list);
  } else if (tag == "AlterExtensionContentsStmt") {
    if (IsRelation(o.type)) list->Add(o.name, LockMode::kShareUpdateExclusive, Work::kMetadata, "joins or leaves an extension");
  } else if (tag == "SecLabelStmt") {
    Annotate(o.type, o.name, relation != nullptr ? *relation : sql::Name(), "sets a security label", list);
  }
}

}  // namespace pawl
