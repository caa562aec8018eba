#include "rules/sql/locks/lock_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

constexpr size_t kMaxName = 63;  // NAMEDATALEN - 1

// name1_name2_label, the longer of the first two cut first. Source: makeObjectName, src/backend/commands/indexcmds.c.
std::string ObjectName(std::string_view name1, std::string_view name2, std::string_view label) {
  size_t overhead = label.size() + 1 + (name2.empty() ? 0 : 1);
  size_t n1 = name1.size(), n2 = name2.size();
  while (n1 + n2 + overhead > kMaxName) {
    if (n1 > n2) --n1;
    else --n2;
  }
  auto whole = [](std::string_view s, size_t n) {  // no half characters
    while (n > 0 && n < s.size() && (static_cast<unsigned char>(s[n]) & 0xC0) == 0x80) --n;
    return s.substr(0, n);
  };
  std::string out(whole(name1, n1));
  if (!name2.empty()) absl::StrAppend(&out, "_", whole(name2, n2));
  absl::StrAppend(&out, "_", label);
  return out;
}

void CollectColumns(const sql::Expr& e, std::vector<std::string_view>* columns, int depth = 0) {
  if (depth > 64) return;
  if (e.kind == sql::ExprKind::kColumn && std::find(columns->begin(), columns->end(), e.text) == columns->end()) columns->push_back(e.text);
  for (const sql::Expr* a : e.arguments) {
    if (a != nullptr) CollectColumns(*a, columns, depth + 1);
  }
}

std::string ColumnList(const StatementContext& context, List<std::string_view> columns) {
  return absl::StrJoin(columns, ", ", [&](std::string* out, std::string_view c) { absl::StrAppend(out, Identifier(context, c)); });
}

}  // namespace

bool MayAddStatement(const StatementContext& context) {
  return MayRunConcurrently(context.facts) && context.script.ref->transaction == TransactionMode::kStatement && !context.script.InStatementBlock(context.facts.top->span.begin);
}

std::string Identifier(const StatementContext& context, std::string_view name) {
  const bool plain = !name.empty() && !absl::ascii_isdigit(name[0]) && name[0] != '$' && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '$';
  });
  std::string quoted = absl::StrCat("\"", name, "\"");
  return plain && !absl::StrContains(context.Text(context.statement.span), quoted) ? std::string(name) : quoted;
}

std::string Listed(const std::vector<std::string>& keys) {
  if (keys.empty()) return "";
  if (keys.size() == 1) return Quoted(keys[0]);
  if (keys.size() == 2) return absl::StrCat(Quoted(keys[0]), " and ", Quoted(keys[1]));
  if (keys.size() == 3) return absl::StrCat(Quoted(keys[0]), ", ", Quoted(keys[1]), " and ", Quoted(keys[2]));
  return absl::StrCat(Quoted(keys[0]), ", ", Quoted(keys[1]), " and ", keys.size() - 2, " more");
}

Span WordInStatement(const StatementContext& context, std::string_view word) { return WordIn(context, context.statement.span, word); }

Span WordIn(const StatementContext& context, Span in, std::string_view word) {
  sql::Scanner scanner(context.script.file->text(), in);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kIdentifier && scanner.Is(t, word)) return t.span;
  }
  return {};
}

void OfferConcurrently(const StatementContext& context, Span word, FindingBuilder& finding) {
  if (word.empty()) return;
  std::vector<TextEdit> edits = {Insert(word.end, " CONCURRENTLY")};
  if (ShortForConcurrently(context.facts.lock_timeout)) {
    finding.UnsafeFix("add CONCURRENTLY; the lock_timeout in force is short for it", std::move(edits));
  } else {
    finding.SafeFix("add CONCURRENTLY", std::move(edits));
  }
}

bool DroppedLater(const StatementContext& context, std::string_view table_key) {
  if (context.script.script->statements.size() > kLookedThrough) return false;
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->span.begin <= context.statement.span.begin || s->kind != sql::StatementKind::kDrop) continue;
    const auto& drop = s->As<sql::Drop>();
    if (drop.type != sql::ObjectType::kTable && drop.type != sql::ObjectType::kMaterializedView && drop.type != sql::ObjectType::kView) continue;
    for (const sql::Name& n : drop.names) {
      if (context.catalog.Resolve(n) == table_key) return true;
    }
  }
  return false;
}

GoneNames::GoneNames(const ScriptContext& script) {
  const auto add = [](Names& names, const sql::Name& n) {
    if (n.schema.empty()) names.plain.insert(n.name);
    else names.qualified.insert(absl::StrCat(n.schema, ".", n.name));
  };
  for (const sql::Statement* s : script.script->statements) {
    switch (s->kind) {
      case sql::StatementKind::kDrop: {
        const auto& d = s->As<sql::Drop>();
        const bool relation = d.type == sql::ObjectType::kTable || d.type == sql::ObjectType::kMaterializedView || d.type == sql::ObjectType::kView;
        for (const sql::Name& n : d.names) {
          if (d.type == sql::ObjectType::kSchema) schemas_.insert(n.name);
          if (relation) add(dropped_, n);
        }
        break;
      }
      case sql::StatementKind::kCreateTable: add(made_, s->As<sql::CreateTable>().name); break;
      case sql::StatementKind::kCreateView: add(made_, s->As<sql::CreateView>().name); break;
      case sql::StatementKind::kRename: {
        const auto& r = s->As<sql::Rename>();
        if (r.old_name.empty()) add(made_, {r.name.schema, r.new_name, {}});
        break;
      }
      default:
        break;
    }
  }
}

bool GoneNames::Has(std::string_view key) const {
  const size_t dot = key.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view schema = key.substr(0, dot), name = key.substr(dot + 1);
  const auto in = [&](const Names& names) { return names.plain.contains(name) || names.qualified.contains(key); };
  return (in(dropped_) || schemas_.contains(schema)) && !in(made_);
}

bool GoneForGood(const ScriptContext& script, std::string_view key) { return script.script->statements.size() <= kLookedThrough && GoneNames(script).Has(key); }

std::string Holds(const StatementContext& context, std::string_view command, std::string_view object, const Effect& effect,
                  std::string_view while_what) {
  const bool an = effect.lock == LockMode::kAccessExclusive || effect.lock == LockMode::kExclusive;
  return absl::StrCat(command, " holds ", an ? "an " : "a ", LockWords(effect.lock), " on ", object, " ", while_what,
                      effect.until_commit && context.facts.in_block() ? " and until the transaction ends" : "", ": all ", WhatWaits(effect.lock),
                          " of it wait");
}

std::string ConstraintName(const StatementContext& context, const sql::AlterTable& alter, const sql::Constraint& k, bool first) {
  if (!k.name.empty()) return std::string(k.name);
  std::vector<std::string_view> columns(k.columns.begin(), k.columns.end());
  std::string_view label = "check";
  switch (k.kind) {
    case sql::ConstraintKind::kForeignKey: label = "fkey"; break;
    case sql::ConstraintKind::kUnique: label = "key"; break;
    case sql::ConstraintKind::kPrimaryKey:
      label = "pkey";
      columns.clear();
      break;
    case sql::ConstraintKind::kExclusion: label = "excl"; break;
    case sql::ConstraintKind::kNotNull: label = "not_null"; break;
    default:
      // A CHECK is named after its column when it uses exactly one (ChooseConstraintName in AddRelationNewConstraints).
      if (!k.column_constraint && k.expression != nullptr) {
        columns.clear();
        CollectColumns(*k.expression, &columns);
        if (columns.size() > 1) columns.clear();
      }
      break;
  }
  const CatalogTable* table = first ? nullptr : context.catalog.FindTable(alter.name);
  const std::string addition = absl::StrJoin(columns, "_");
  std::string name = ObjectName(alter.name.name, addition, label);
  for (int i = 1; table != nullptr && (table->FindConstraint(name) != nullptr || table->FindIndex(name) != nullptr); ++i) {
    name = ObjectName(alter.name.name, addition, absl::StrCat(label, i));
  }
  return name;
}

std::vector<AddedConstraint> AddedConstraints(const StatementContext& context, sql::ConstraintKind kind, Work least) {
  std::vector<AddedConstraint> out;
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (alter.type != sql::ObjectType::kTable) return out;
  const CatalogTable* table = nullptr;
  for (const sql::AlterCommand& c : alter.commands) {
    const bool column = c.kind == sql::AlterKind::kAddColumn && c.column != nullptr;
    if (!column && (c.kind != sql::AlterKind::kAddConstraint || c.constraint == nullptr)) continue;
    const sql::Constraint* k = column ? c.column->Find(kind) : c.constraint->kind == kind ? c.constraint : nullptr;
    if (k == nullptr || k->not_valid || k->not_enforced) continue;
    const Effect* e = context.EffectOf(c);
    if (e == nullptr || !e->live || e->work < least || (column && e->work == Work::kRewrite) || EmptiedHere(context, alter.name)) continue;
    if (table == nullptr) table = context.catalog.FindTable(alter.name);
    out.push_back({&alter, &c, k, table, e});
  }
  return out;
}

std::string NotValidAdvice(const StatementContext& context, const AddedConstraint& added) {
  const std::string name = Identifier(context, ConstraintName(context, *added.alter, *added.constraint));
  const std::string validate = absl::StrCat("`ALTER TABLE ", context.Text(added.alter->name.span), " VALIDATE CONSTRAINT ", name, "`");
  std::string add = "add it with NOT VALID";
  if (added.inline_column()) add = absl::StrCat("add the column without it, then the constraint with ADD CONSTRAINT ", name, " ... NOT VALID");
  if (MayAddStatement(context)) return absl::StrCat(add, ", then run ", validate, ", which reads the rows while reads and writes go on");
  if (context.facts.source == TransactionSource::kFile) {
    return absl::StrCat(add, ", and run ", validate, " after the COMMIT: in a transaction of its own it lets reads and writes go on");
  }
  return absl::StrCat(add, ", and run ", validate, " in a later migration: it lets reads and writes go on, unless the transaction that adds the "
                                                   "constraint still holds its lock");
}

void OfferNotValid(const StatementContext& context, const AddedConstraint& added, FindingBuilder& finding) {
  const sql::Constraint& k = *added.constraint;
  if (added.inline_column() || context.statement.inside == sql::Inside::kExecute) return;
  if (!MayAddStatement(context)) {
    finding.UnsafeFix("add NOT VALID; VALIDATE CONSTRAINT has to follow in a later migration", {Insert(k.span.end, " NOT VALID")});
    return;
  }
  const std::string name = Identifier(context, ConstraintName(context, *added.alter, k));
  std::vector<TextEdit> edits;
  if (k.name.empty()) edits.push_back(Insert(k.span.begin, absl::StrCat("CONSTRAINT ", name, " ")));
  const std::string validate = absl::StrCat(";\nALTER TABLE ", added.alter->if_exists ? "IF EXISTS " : "", context.Text(added.alter->name.span),
                                            " VALIDATE CONSTRAINT ", name);
  const uint32_t end = context.statement.span.end;
  if (k.span.end == end) {
    edits.push_back(Insert(end, absl::StrCat(" NOT VALID", validate)));
  } else {
    edits.push_back(Insert(k.span.end, " NOT VALID"));
    edits.push_back(Insert(end, validate));
  }
  finding.SafeFix("add NOT VALID, and VALIDATE CONSTRAINT in a statement of its own", std::move(edits));
}

std::string UsingIndexAdvice(const StatementContext& context, const AddedConstraint& added) {
  const sql::Constraint& k = *added.constraint;
  const std::string name = Identifier(context, ConstraintName(context, *added.alter, k));
  const std::string_view table = context.Text(added.alter->name.span);
  const std::string_view what = k.kind == sql::ConstraintKind::kPrimaryKey ? "PRIMARY KEY" : "UNIQUE";
  const std::string columns = ColumnList(context, k.columns);
  if (added.table != nullptr && added.table->partition_strategy != 0) {
    // CREATE UNIQUE INDEX ... ON ONLY and ATTACH PARTITION would make an index and no constraint (measured on 17).
    return absl::StrCat("USING INDEX is refused on a partitioned table, but it takes over the constraints that its partitions have: on each of them `CREATE UNIQUE INDEX CONCURRENTLY` on (", columns,
                        ") and `ADD CONSTRAINT ... ", what, " USING INDEX`; then `ALTER TABLE ", table, " ADD CONSTRAINT ", name, " ", what, " (", columns, ")` builds nothing");
  }
  const std::string add = absl::StrCat(added.inline_column() ? "add the column without it, then run " : "first run ",
                                       "`CREATE UNIQUE INDEX CONCURRENTLY ", name, " ON ", table, " (", columns, ")",
                                       k.nulls_not_distinct ? " NULLS NOT DISTINCT" : "", "`");
  const std::string use = absl::StrCat("`ALTER TABLE ", table, " ADD CONSTRAINT ", name, " ", what, " USING INDEX ", name, "`");
  if (MayAddStatement(context)) return absl::StrCat(add, ", then ", use);
  const std::string why = WhyInTransaction(context.script, context.facts);
  return absl::StrCat(add, " (", OutsideTransactionAdvice(context.script), why.empty() ? "" : "; here ", why, "), then ", use);
}

std::string NotNullAdvice(const StatementContext& context, const sql::Name& table, std::string_view column) {
  const std::string_view t = context.Text(table.span);
  const std::string c = Identifier(context, column);
  const std::string name = Identifier(context, ObjectName(table.name, column, "not_null"));
  const bool named = context.script.settings->versions.oldest >= 18;
  if (const CatalogTable* known = context.catalog.FindTable(table); named && known != nullptr) {
    // A second one is refused.
    for (const CatalogConstraint& k : known->constraints) {
      if (k.kind != sql::ConstraintKind::kNotNull || k.valid || std::find(k.columns.begin(), k.columns.end(), column) == k.columns.end()) continue;
      return absl::StrCat("run `ALTER TABLE ", t, " VALIDATE CONSTRAINT ", Identifier(context, k.name), "` instead, which reads the rows while reads and writes go on");
    }
  }
  const std::string add = named ? absl::StrCat("`ALTER TABLE ", t, " ADD CONSTRAINT ", name, " NOT NULL ", c, " NOT VALID`")
                                : absl::StrCat("`ALTER TABLE ", t, " ADD CONSTRAINT ", name, " CHECK (", c, " IS NOT NULL) NOT VALID`");
  const std::string validate = absl::StrCat("`ALTER TABLE ", t, " VALIDATE CONSTRAINT ", name, "`");
  const std::string apart = MayAddStatement(context) ? "" : context.facts.source == TransactionSource::kFile ? " in a transaction of its own" :
      " in a later migration";
  if (named) return absl::StrCat("run ", add, ", then ", validate, apart, ", which reads the rows while reads and writes go on");
  return absl::StrCat("run ", add, ", then ", validate, apart, ", which reads the rows while reads and writes go on; after that SET NOT NULL",
                      apart.empty() ? "" : ", again apart,", " needs no scan, and the constraint can be dropped");
}

namespace {

// The down drops a table that its up made.
bool TakesBackTable(const ScriptContext& script, std::string_view key) {
  if (!script.is_down() || script.up == nullptr || script.up->script == nullptr || !GoneForGood(script, key)) return false;
  const std::string_view name = key.substr(key.find('.') + 1);
  return std::any_of(script.up->script->statements.begin(), script.up->script->statements.end(), [&](const sql::Statement* s) {
    return s->kind == sql::StatementKind::kCreateTable && s->As<sql::CreateTable>().name.name == name;
  });
}

}  // namespace

const Effect* BlockingRequest(const StatementFacts& facts, const ScriptContext* rollback) {
  const sql::Statement& s = *facts.statement;
  switch (s.kind) {
    case sql::StatementKind::kLockTable:
      if (s.As<sql::LockTable>().nowait) return nullptr;
      break;
    case sql::StatementKind::kRefresh:
      if (s.As<sql::Refresh>().concurrently) return nullptr;
      break;
    default:
      break;
  }
  for (const Effect& e : facts.effects) {
    if (!e.live || !BlocksWrites(e.lock)) continue;
    if (!e.until_commit && e.command != nullptr && e.command->concurrently) continue;
    if (rollback != nullptr && TakesBackTable(*rollback, e.object)) continue;
    return &e;
  }
  return nullptr;
}

namespace {

// `SET name` at a value, by SET or set_config; null if the statement is something else.
const sql::VariableSet* SettingOf(const sql::Statement& s, std::string_view name) {
  if (s.kind != sql::StatementKind::kVariableSet) return nullptr;
  const auto& v = s.As<sql::VariableSet>();
  return v.name == name && !v.reset ? &v : nullptr;
}

}  // namespace

namespace {

// index-not-concurrent, drop-index-not-concurrent or reindex-not-concurrent speaks of this statement.
bool WantsConcurrently(const StatementFacts& f) {
  switch (f.statement->kind) {
    case sql::StatementKind::kCreateIndex:
      // Of a partitioned table there is no such form.
      return !f.statement->As<sql::CreateIndex>().only && std::none_of(f.effects.begin(), f.effects.end(), [](const Effect& e) { return e.descendant; });
    case sql::StatementKind::kDrop:
      return f.statement->As<sql::Drop>().type == sql::ObjectType::kIndex && !f.statement->As<sql::Drop>().cascade;
    case sql::StatementKind::kReindex:
      return true;
    default:
      return false;
  }
}

}  // namespace

Unguarded FirstUnguarded(const ScriptContext& script, bool but_concurrent) {
  for (size_t i = 0; i < script.facts.size(); ++i) {
    const StatementFacts& f = script.facts[i];
    if (f.effects.empty() || f.lock_timeout.ms > 0) continue;
    const Effect* e = BlockingRequest(f, but_concurrent ? &script : nullptr);
    if (e == nullptr || (but_concurrent && WantsConcurrently(f))) continue;
    Unguarded u{TimeoutGap::kMissing, &f, e, nullptr};
    const Timeout& t = f.lock_timeout;
    if (t.ms == 0) {
      u.gap = TimeoutGap::kDisabled;
      u.set = t.set_by;
    } else if (t.lost_at_commit) {
      u.gap = TimeoutGap::kLost;
      u.set = t.set_by;
    } else if (t.set_by != nullptr) {
      const bool reset = t.set_by->kind == sql::StatementKind::kVariableSet && t.set_by->As<sql::VariableSet>().reset;
      if (!reset) return {};  // a value that cannot be read: a variable of the runner's, say
    } else {
      for (size_t j = 0; j < script.facts.size() && u.set == nullptr; ++j) {
        if (j == i) continue;
        const StatementFacts& other = script.facts[j];
        const sql::VariableSet* v = SettingOf(*other.statement, "lock_timeout");
        if (v == nullptr) continue;
        if (j < i && v->local && other.source == TransactionSource::kNone) u.gap = TimeoutGap::kLocalOutside;
        else if (j > i) u.gap = TimeoutGap::kLate;
        else continue;
        u.set = other.statement;
      }
    }
    return u;
  }
  return {};
}

Span SpanOf(const StatementFacts& facts, const Effect& effect) { return effect.span.empty() ? facts.statement->span : effect.span; }
uint32_t LineOf(const ScriptContext& script, Span span) { return script.file->PositionAt(span.begin).line; }

bool ReportedInFile(const ScriptContext& script, const Rule& rule) {
  if (script.out == nullptr) return false;
  for (auto it = script.out->rbegin(); it != script.out->rend() && it->file == script.file; ++it) {
    if (it->rule == &rule.info) return true;
  }
  return false;
}

}  // namespace pawl
