#include "rules/engine/programs.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/catalog/relations.h"
#include "analyzer/sql/called_body.h"

namespace pawl {
namespace {

constexpr int kMaxCascades = 8;  // views on views, deletes that delete

const sql::Statement* AsStatement(const sql::Query* q, const sql::Statement& outer, Arena& arena) {
  sql::Statement* s = arena.New<sql::Statement>();
  s->kind = sql::StatementKind::kQuery;
  s->span = outer.span;
  s->full_end = outer.full_end;
  s->node = q;
  s->outer = &outer;
  return s;
}

constexpr size_t kMaxCalled = 64;  // bodies kept of one function, by what it was called with

// A call's arguments that are literals, by the names that the function has for them; empty if none is. Others are not known.
sql::DynamicVariables LiteralArguments(const sql::Expr& call, std::string_view text, std::string* as_text) {
  sql::DynamicVariables values;
  const size_t open = text.find('(');
  const std::vector<std::string> names = open == std::string_view::npos ? std::vector<std::string>() : sql::ArgumentNames(text.substr(open));
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const sql::Expr* e = call.arguments[i];
    while (e != nullptr && e->kind == sql::ExprKind::kCast && !e->arguments.empty()) e = e->arguments[0];
    if (e == nullptr || e->kind != sql::ExprKind::kConstant || e->constant == sql::ConstantKind::kNull) continue;
    const sql::DynamicValue value{std::string(e->text), true, false};
    values[absl::StrCat("$", i + 1)] = value;
    if (i < names.size() && !names[i].empty()) values[names[i]] = value;
    absl::StrAppend(as_text, i, "=", e->text, "\n");
  }
  return values;
}

// The function's body has the word, which is in lower case.
bool Mentions(const SourceFile& file, const sql::Statement& function, std::string_view word) {
  const auto& f = function.As<sql::CreateFunction>();
  if (f.body.begin == 0 || f.body.end > file.text().size()) return false;
  const std::string_view body = file.Slice(f.body);
  const auto same = [](char a, char b) { return absl::ascii_tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(body.begin(), body.end(), word.begin(), word.end(), same) != body.end();
}

bool Contains(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

}  // namespace

// What the rows that one statement writes set off.
class Programs::Firing {
 public:
  Firing(Programs* programs, const Catalog& catalog, Out* out) : programs_(*programs), catalog_(catalog), out_(*out) {}

  // `columns`: those that an UPDATE sets; not given: any.
  void Write(const CatalogTable& table, uint8_t event, const std::optional<std::vector<std::string>>& columns, int depth) {
    if (depth > kMaxCascades) return;
    bool replaced = false;
    for (const CatalogRule& r : table.rules) {
      if (r.event != event) continue;
      replaced = replaced || r.instead;
      const auto rule = programs_.rules_.find({r.origin.file, r.origin.span.begin});
      if (rule != programs_.rules_.end()) out_.push_back({rule->second.actions, rule->second.file, &*rule});
    }
    if (replaced) return;
    const bool view = table.type == sql::ObjectType::kView;
    if (!catalog_.IsReplica()) {
      for (const CatalogTrigger& t : table.triggers) Fire(t, event, columns, &replaced);
    }
    if (view) {
      // Rows are written through a view of one table, unless a trigger takes them.
      const CatalogTable* base = replaced || table.uses.size() != 1 ? nullptr : catalog_.FindTable(table.uses[0]);
      if (base != nullptr) Write(*base, event, columns, depth + 1);
      return;
    }
    if (event == sql::kOnUpdate || event == sql::kOnDelete) {
      for (const CatalogTable* d : catalog_.Descendants(table.key)) {
        for (const CatalogTrigger& t : d->triggers) {
          if (t.row && !t.inherited && !catalog_.IsReplica()) Fire(t, event, columns, &replaced);
        }
      }
    }
    if (!table.keys_off && !catalog_.IsReplica()) Cascade(table, event, columns, depth);
  }

 private:
  void Fire(const CatalogTrigger& t, uint8_t event, const std::optional<std::vector<std::string>>& columns, bool* replaced) {
    if (t.disabled || (t.events & event) == 0) return;
    const bool other_columns = event == sql::kOnUpdate && !t.columns.empty() && columns.has_value() &&
                               std::none_of(t.columns.begin(), t.columns.end(), [&](const std::string& c) { return Contains(*columns, c); });
    if (other_columns) return;
    if (t.timing == 'i') *replaced = true;
    programs_.RunTrigger(t.function, event, &out_);
  }

  // Foreign keys' actions write rows, too, which fire triggers.
  void Cascade(const CatalogTable& table, uint8_t event, const std::optional<std::vector<std::string>>& columns, int depth) {
    if (event != sql::kOnUpdate && event != sql::kOnDelete) return;
    for (const CatalogTable* r : catalog_.ReferencedBy(table.key)) {
      for (const CatalogConstraint& k : r->constraints) {
        if (k.kind != sql::ConstraintKind::kForeignKey || !k.enforced || k.referenced != table.key || r == &table) continue;
        const char action = event == sql::kOnDelete ? k.on_delete : k.on_update;
        if (action == 'a' || action == 'r') continue;
        const bool key = event == sql::kOnDelete || !columns.has_value() ||
                         std::any_of(k.referenced_columns.begin(), k.referenced_columns.end(), [&](const std::string& c) { return Contains(*columns, c); });
        if (!key) continue;
        if (event == sql::kOnDelete && action == 'c') {
          Write(*r, sql::kOnDelete, std::nullopt, depth + 1);
        } else {
          Write(*r, sql::kOnUpdate, k.columns, depth + 1);
        }
      }
    }
  }

  Programs& programs_;
  const Catalog& catalog_;
  Out& out_;
};

List<const sql::Statement*> Programs::Called(Function* function, const sql::Expr* call) {
  const auto& f = function->statement->As<sql::CreateFunction>();
  if (call == nullptr || call->arguments.empty() || f.language != "plpgsql") return {};
  if (!Mentions(*function->file, *function->statement, "execute")) return {};
  std::string key;
  const sql::DynamicVariables values = LiteralArguments(*call, function->file->Slice(function->statement->span), &key);
  if (values.empty()) return {};
  for (const auto& [arguments, statements] : function->called) {
    if (arguments == key) return statements;
  }
  if (function->called.size() >= kMaxCalled) return {};
  return function->called.emplace_back(std::move(key), sql::ParseCalledBody(*function->file, *function->statement, *function->script, values)).second;
}

// A body that asks for TG_OP does other things for other events.
void Programs::RunTrigger(std::string_view function, uint8_t event, Out* out) {
  const auto it = functions_.find(function);
  Function* found = nullptr;
  if (it != functions_.end()) {
    for (Function& f : it->second) {
      if (f.statement->As<sql::CreateFunction>().argument_count == 0) found = &f;
    }
  }
  if (found == nullptr || !Mentions(*found->file, *found->statement, "tg_op")) return Run(function, 0, nullptr, out);
  const char* operation = event == sql::kOnInsert ? "INSERT" : event == sql::kOnUpdate ? "UPDATE" : event == sql::kOnDelete ? "DELETE" : "TRUNCATE";
  for (const auto& [key, statements] : found->called) {
    if (key == operation) return out->push_back({statements, found->file, &found->statement->As<sql::CreateFunction>()});
  }
  const List<const sql::Statement*> statements = sql::ParseCalledBody(*found->file, *found->statement, *found->script, {{"tg_op", {operation, true, false}}});
  found->called.emplace_back(operation, statements);
  out->push_back({statements, found->file, &found->statement->As<sql::CreateFunction>()});
}

bool Programs::Note(const sql::Statement& s, const SourceFile& file, sql::Script& script, const Catalog& catalog) {
  switch (s.kind) {
    case sql::StatementKind::kCreateFunction: {
      const auto& f = s.As<sql::CreateFunction>();
      const CatalogFunction* known = catalog.FindFunction(f.name);  // null in a down script, which the catalogue does not follow
      std::vector<Function>& all = functions_[known != nullptr ? known->key : catalog.Resolve(f.name)];
      // One with as many arguments is taken for the same one, made anew.
      std::erase_if(all, [&](const Function& old) { return old.statement->As<sql::CreateFunction>().argument_count == f.argument_count; });
      all.push_back({&s, &file, &script, {}});
      return true;
    }
    case sql::StatementKind::kOther: {
      if (s.node == nullptr) return false;
      const auto& o = s.As<sql::OtherObject>();
      if (s.tag == "PrepareStmt" && !o.queries.empty()) {
        prepared_[std::string(o.name.name)] = o.queries[0];
        return true;
      }
      if (s.tag != "RuleStmt") return false;
      std::vector<const sql::Statement*> actions;
      for (const sql::Query* q : o.queries) actions.push_back(AsStatement(q, s, script.arena));
      rules_[{&file, s.span.begin}] = {script.arena.CopyAll(actions), &file};
      return true;
    }
    default:
      return false;
  }
}

std::vector<Program> Programs::RunBy(const sql::Statement& s, const Catalog& catalog, Arena& arena) {
  using K = sql::StatementKind;
  Out out;
  switch (s.kind) {
    case K::kQuery:
      Query(s.As<sql::Query>(), catalog, &out);
      break;
    case K::kExplain:
      if (s.tag == "ANALYZE" && s.node != nullptr) Query(s.As<sql::Query>(), catalog, &out);
      break;
    case K::kCreateTable:
      if (const auto& t = s.As<sql::CreateTable>(); t.as_query != nullptr && !t.with_no_data) Query(*t.as_query, catalog, &out);
      break;
    case K::kCall:
      Calls(s.As<sql::Call>().call, catalog, &out);
      break;
    case K::kCopy: {
      const auto& copy = s.As<sql::Copy>();
      if (copy.query != nullptr) Query(*copy.query, catalog, &out);
      if (const CatalogTable* t = copy.from ? catalog.FindTable(copy.table) : nullptr) Firing(this, catalog, &out).Write(*t, sql::kOnInsert, std::nullopt, 0);
      break;
    }
    case K::kTruncate:
      for (const sql::Name& name : s.As<sql::Truncate>().tables) {
        if (const CatalogTable* t = catalog.FindTable(name)) Firing(this, catalog, &out).Write(*t, sql::kOnTruncate, std::nullopt, 0);
      }
      break;
    case K::kAlterTable:
      AlterTable(s.As<sql::AlterTable>(), catalog, &out);
      break;
    case K::kCreateIndex:
      for (const sql::IndexElement& e : s.As<sql::CreateIndex>().elements) Calls(e.expression, catalog, &out);
      Calls(s.As<sql::CreateIndex>().where, catalog, &out);
      break;
    case K::kNotUnderstood:
      if (s.node == nullptr) break;
      if (const auto q = prepared_.find(s.As<sql::OtherObject>().name.name); q != prepared_.end()) {
        const std::vector<const sql::Statement*> one = {AsStatement(q->second, s, arena)};
        out.push_back({arena.CopyAll(one), nullptr, q->second});
      }
      break;
    default:
      break;
  }
  return out;
}

void Programs::Query(const sql::Query& q, const Catalog& catalog, Out* out) {
  if (!functions_.empty()) Calls(q, catalog, out);
  if (functions_.empty() && rules_.empty()) return;
  ForEachRelation(q, [&](const QueryRelation& r) {
    const CatalogTable* table = r.source < 0 ? catalog.FindTable(*r.name) : nullptr;
    if (table == nullptr) return;
    Firing firing(this, catalog, out);
    std::vector<std::string> columns;
    for (const sql::Assignment& a : r.query->assignments) columns.emplace_back(a.column);
    switch (r.query->kind) {
      case sql::QueryKind::kInsert:
        firing.Write(*table, sql::kOnInsert, std::nullopt, 0);
        if (!columns.empty()) firing.Write(*table, sql::kOnUpdate, columns, 0);  // ON CONFLICT DO UPDATE
        return;
      case sql::QueryKind::kUpdate: return firing.Write(*table, sql::kOnUpdate, columns, 0);
      case sql::QueryKind::kDelete: return firing.Write(*table, sql::kOnDelete, std::nullopt, 0);
      default: return;  // MERGE: what it does to the rows is not known here
    }
  });
}

// What is computed for each row: a new column's default, a new type's USING, a CHECK.
void Programs::AlterTable(const sql::AlterTable& alter, const Catalog& catalog, Out* out) {
  if (functions_.empty()) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kColumnType) Calls(c.expression, catalog, out);
    if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && !c.constraint->not_valid) Calls(c.constraint->expression, catalog, out);
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr) continue;
    for (const sql::Constraint* k : c.column->constraints) Calls(k->expression, catalog, out);
  }
}

void Programs::Calls(const sql::Query& q, const Catalog& catalog, Out* out) {
  ForEachCall(q, [&](const sql::Expr& call) { Call(call, catalog, out); });
}

void Programs::Calls(const sql::Expr* e, const Catalog& catalog, Out* out) {
  if (e != nullptr && !functions_.empty()) ForEachCall(*e, [&](const sql::Expr& call) { Call(call, catalog, out); });
}

void Programs::Call(const sql::Expr& call, const Catalog& catalog, Out* out) {
  const sql::Name name{call.schema, call.text, {}};
  const CatalogFunction* f = catalog.FindFunction(name);
  Run(f != nullptr ? f->key : catalog.Resolve(name), static_cast<int>(call.arguments.size()), &call, out);
}

void Programs::Run(std::string_view function, int arguments, const sql::Expr* call, Out* out) {
  const auto it = functions_.find(function);
  if (it == functions_.end() || it->second.empty()) return;
  Function* found = nullptr;
  for (Function& f : it->second) {
    if (f.statement->As<sql::CreateFunction>().argument_count == arguments) found = &f;
  }
  // Defaults and VARIADIC let a call give fewer arguments, or more.
  if (found == nullptr && it->second.size() == 1) found = &it->second[0];
  if (found == nullptr) return;
  const auto& f = found->statement->As<sql::CreateFunction>();
  if (const List<const sql::Statement*> called = Called(found, call); !called.empty()) {
    out->push_back({called, found->file, &f});
    return;
  }
  const auto same = [&](const Program& p) { return p.id == &f; };
  if (std::any_of(out->begin(), out->end(), same)) return;
  sql::ParseOptions options;
  options.as_run = true;
  sql::ParseFunctionBody(*found->file, *found->statement, *found->script, options);
  std::vector<const sql::Statement*> statements(f.statements.begin(), f.statements.end());
  for (const sql::Query* q : f.queries) statements.push_back(AsStatement(q, *found->statement, found->script->arena));
  if (!statements.empty()) out->push_back({found->script->arena.CopyAll(statements), found->file, &f});
}

}  // namespace pawl
