// drop-cascade: CASCADE on a DROP takes along what the file does not name.
//
// The object itself is the matter of drop-table, drop-column, drop-constraint ...; this rule speaks of the others, at the word CASCADE.
// DROP SCHEMA ... CASCADE is drop-schema's, unless something outside of the schema is known to fall.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropCascade;

namespace {

using sql::ObjectType;

bool MadeByAnEarlierStatement(const StatementContext& context, ObjectType type, const sql::Name& name) {
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (&s == &context.statement) break;
    if (type == ObjectType::kSequence && s.kind == sql::StatementKind::kCreateSequence && s.As<sql::CreateSequence>().name.name == name.name) return true;
    if (type == ObjectType::kExtension && s.kind == sql::StatementKind::kCreateExtension && s.As<sql::CreateExtension>().name == name.name) return true;
  }
  return false;
}

// Made in this migration: only what this migration made can depend on it.
bool MadeHere(const StatementContext& context, ObjectType type, const sql::Name& name) {
  const auto here = [&](const auto* object) { return object != nullptr && object->origin.migration == context.script.migration_index; };
  switch (type) {
    case ObjectType::kTable:
    case ObjectType::kView:
    case ObjectType::kMaterializedView:
    case ObjectType::kForeignTable:
      return !IsLive(context, name);
    case ObjectType::kType:
    case ObjectType::kDomain:
      return here(context.catalog.FindType(name));
    case ObjectType::kFunction:
    case ObjectType::kProcedure:
    case ObjectType::kRoutine:
      return here(context.catalog.FindFunction(name));
    case ObjectType::kSequence:
    case ObjectType::kExtension:
      return MadeByAnEarlierStatement(context, type, name);
    default:
      return false;
  }
}

// Nothing ever depends on these.
bool StandsAlone(ObjectType type) {
  switch (type) {
    case ObjectType::kTrigger:
    case ObjectType::kRule:
    case ObjectType::kPolicy:
    case ObjectType::kRole:
    case ObjectType::kDatabase:
    case ObjectType::kTablespace:
    case ObjectType::kDomainConstraint:
      return true;
    default:
      return false;
  }
}

std::string_view Dependents(ObjectType type) {
  switch (type) {
    case ObjectType::kTable:
    case ObjectType::kForeignTable: return "views and foreign keys";
    case ObjectType::kView:
    case ObjectType::kMaterializedView: return "other views, and rules";
    case ObjectType::kFunction:
    case ObjectType::kProcedure:
    case ObjectType::kRoutine:
    case ObjectType::kAggregate: return "triggers, views, policies, column defaults and indexes";
    case ObjectType::kType:
    case ObjectType::kDomain: return "columns with their values, functions and views";
    case ObjectType::kExtension: return "columns of its types with their values, indexes, functions and views";
    case ObjectType::kSequence: return "column defaults";
    default: return "other objects";
  }
}

// The foreign keys of other tables at `key` that the history knows.
void AddForeignKeys(const StatementContext& context, std::string_view key, const std::vector<std::string>& named, std::vector<std::string>* out) {
  for (const CatalogTable* t : context.catalog.ReferencedBy(key)) {
    if (t->key == key || HasColumn(named, t->key)) continue;
    for (const CatalogConstraint& k : t->constraints) {
      if (k.kind == sql::ConstraintKind::kForeignKey && k.referenced == key) out->push_back(absl::StrCat("foreign key `", k.name, "` of ", Quoted(t->key)));
    }
  }
}

// All tables that top-level statements of the script drop: what refers to one from another of them falls anyway.
std::vector<std::string> TablesDroppedHere(const StatementContext& context) {
  std::vector<std::string> out;
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->kind != sql::StatementKind::kDrop || s->As<sql::Drop>().type != ObjectType::kTable) continue;
    for (const sql::Name& n : s->As<sql::Drop>().names) out.push_back(context.catalog.Resolve(n));
  }
  return out;
}

// `harmless`: the history knows the object and nothing else that would fall.
void ReportAt(const StatementContext& context, Span span, const std::string& what, const std::vector<std::string>& known, std::string_view dependents, const Effect* effect, bool harmless = false) {
  FindingBuilder f = context.Report(kDropCascade, span, absl::StrCat("CASCADE also drops ", known.empty() ? absl::StrCat("everything that depends on ", what) : absl::StrCat(Joined(known, 6), ", and what else depends on ", what)));
  f.Why(absl::StrCat("what falls is not written in this file: ", dependents, " that use it go without a question, those that others made too, and only a NOTICE tells of them"));
  if (harmless) f.AtSeverity(Severity::kWarning);
  f.Help("leave CASCADE away: the server then refuses and lists what depends on it; drop or change these by name first");
  if (effect != nullptr) f.Lock(*effect);
}

void CheckDrop(const StatementContext& context, const sql::Drop& drop) {
  if (!drop.cascade || StandsAlone(drop.type)) return;
  std::vector<std::string> named, what, known;
  for (const sql::Name& n : drop.names) named.push_back(context.catalog.Resolve(n));
  if (drop.type == ObjectType::kTable) {
    for (std::string& key : TablesDroppedHere(context)) named.push_back(std::move(key));
  }
  bool harmless = drop.type == ObjectType::kTable;
  for (size_t i = 0; i < drop.names.size(); ++i) {
    const sql::Name& n = drop.names[i];
    if (MadeHere(context, drop.type, n)) continue;
    if (drop.type == ObjectType::kIndex) {
      // Only a foreign key can depend on an index, and only on a unique one that no constraint owns.
      const CatalogIndex* index = nullptr;
      const CatalogTable* table = context.catalog.FindIndex(n, &index);
      if (table == nullptr || index == nullptr || !index->unique || index->of_constraint) continue;
      const size_t before = known.size();
      AddForeignKeys(context, table->key, {}, &known);
      if (known.size() == before) continue;
    } else if (drop.type == ObjectType::kSchema) {
      const std::string prefix = absl::StrCat(n.name, ".");
      const size_t before = known.size();
      for (const auto& [key, table] : context.catalog.tables()) {
        if (!absl::StartsWith(key, prefix)) continue;
        std::vector<std::string> keys;
        AddForeignKeys(context, key, {}, &keys);
        for (std::string& k : keys) {
          if (!absl::StrContains(k, absl::StrCat("of `", prefix))) known.push_back(std::move(k));
        }
      }
      if (known.size() == before) continue;
      std::sort(known.begin(), known.end());
    } else if (drop.type == ObjectType::kType || drop.type == ObjectType::kDomain) {
      for (const Effect& e : context.facts.effects) {
        if (e.loses_data) known.push_back(absl::StrCat("columns of ", Quoted(e.object)));
      }
    } else if (const CatalogTable* table = context.catalog.FindTable(n)) {
      AddForeignKeys(context, table->key, named, &known);
      harmless = harmless && table->complete;
    } else {
      harmless = false;
    }
    what.push_back(absl::StrCat("`", sql::ToString(n), "`"));
  }
  if (what.empty()) return;
  ReportAt(context, LastWord(context.script, context.statement.span, "cascade"), Joined(what), known, Dependents(drop.type), nullptr, harmless && known.empty());
}

bool MayBeReferredTo(const CatalogTable* table, std::string_view constraint) {
  const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(constraint);
  if (k != nullptr) return k->kind == sql::ConstraintKind::kPrimaryKey || k->kind == sql::ConstraintKind::kUnique;
  // The names that PostgreSQL gives to what nothing can depend on.
  for (std::string_view suffix : {"_fkey", "_check", "_excl", "_not_null"}) {
    if (absl::EndsWith(constraint, suffix)) return false;
  }
  return true;
}

void CheckAlter(const StatementContext& context, const sql::AlterTable& alter) {
  for (const sql::AlterCommand& c : alter.commands) {
    if (!c.cascade || (c.kind != sql::AlterKind::kDropColumn && c.kind != sql::AlterKind::kDropConstraint)) continue;
    if (!IsLive(context, alter.name)) return;
    const CatalogTable* table = context.catalog.FindTable(alter.name);
    std::vector<std::string> known;
    if (c.kind == sql::AlterKind::kDropConstraint) {
      if (!MayBeReferredTo(table, c.name)) continue;
      const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(c.name);
      if (k != nullptr && k->origin.migration == context.script.migration_index) continue;
      // Which key a foreign key points at is known only where there is one.
      if (table != nullptr) AddForeignKeys(context, table->key, {}, &known);
    } else {
      const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(c.name);
      if (column != nullptr && column->origin.migration == context.script.migration_index) continue;
      if (column == nullptr && table != nullptr && table->complete && c.if_exists) continue;
      bool key = false;
      if (table != nullptr) {
        for (const CatalogIndex& i : table->indexes) key = key || (i.unique && HasColumn(i.columns, c.name));
      }
      if (key) AddForeignKeys(context, table->key, {}, &known);
    }
    const std::string what = absl::StrCat(c.kind == sql::AlterKind::kDropConstraint ? "constraint `" : "column `", c.name, "`");
    ReportAt(context, LastWord(context.script, c.span, "cascade"), what, known,
             c.kind == sql::AlterKind::kDropConstraint ? "foreign keys of other tables" : "views, generated columns, policies and foreign keys of other tables", context.EffectOf(c));
  }
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kDrop) return CheckDrop(context, context.statement.As<sql::Drop>());
  CheckAlter(context, context.statement.As<sql::AlterTable>());
}

}  // namespace

constinit const Rule kDropCascade = {
    .info = {
        .name = "drop-cascade",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "CASCADE on a DROP: what falls with it is not written in the file",
        .page = {
            .what = "`DROP ... CASCADE` (also of a column or a constraint in ALTER TABLE) drops everything that depends on the object, and what depends on that, and so on.",
            .why = "The file names one thing and the server drops many: views, foreign keys, triggers, policies, defaults, whole columns when a type or extension goes. What they are "
                   "depends on the database that the migration meets; production often has views that no migration made. A NOTICE in the log is all that tells.",
            .instead = "Leave `CASCADE` away. The server then refuses if anything depends on the object and lists it; drop or change that by name, in the same migration or an "
                       "earlier one.",
            .fix_safety = "",
            .versions = "",
            .limits = "The foreign keys and columns that are named are those that the history knows; views and functions are not tracked. Silent where nothing can depend on the object: "
                      "triggers, policies, CHECK and FOREIGN KEY constraints, and objects that the same migration made. Down scripts are not judged.",
            .references = "PostgreSQL documentation, Dependency Tracking",
            .elsewhere = "MigrationPilot MP022",
            .bad = "SET lock_timeout = '2s';\n"
                   "DROP VIEW IF EXISTS daily_totals CASCADE;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop, sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
