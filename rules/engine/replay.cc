#include "rules/engine/replay.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace pawl {
namespace {

constexpr int kMaxCallDepth = 3;   // functions calling functions calling functions
constexpr int kMaxProgramDepth = 12;  // where they are followed: triggers firing triggers
constexpr int kMaxProgramVisits = 2000;
constexpr int kMaxWalkDepth = 32;  // nesting of queries and expressions searched for calls

bool IsLive(const void* state, const CatalogTable* table) { return static_cast<const ScriptContext*>(state)->Live(table); }

}  // namespace

std::optional<int64_t> ParseDuration(std::string_view value) {
  value = absl::StripAsciiWhitespace(value);
  size_t digits = 0;
  while (digits < value.size() && (absl::ascii_isdigit(value[digits]) || value[digits] == '.' || (digits == 0 && value[digits] == '-'))) ++digits;
  double number = 0;
  if (digits == 0 || !absl::SimpleAtod(value.substr(0, digits), &number)) return std::nullopt;
  const std::string_view unit = absl::StripAsciiWhitespace(value.substr(digits));
  double factor = 0;
  if (unit.empty() || unit == "ms") factor = 1;
  else if (unit == "us") factor = 0.001;
  else if (unit == "s") factor = 1000;
  else if (unit == "min") factor = 60 * 1000;
  else if (unit == "h") factor = 3600 * 1000;
  else if (unit == "d") factor = 24.0 * 3600 * 1000;
  else return std::nullopt;
  const double ms = number * factor;
  if (!(std::abs(ms) <= std::numeric_limits<int32_t>::max())) return std::nullopt;  // no value of a setting: the server refuses it
  return static_cast<int64_t>(ms);
}

ScriptReplay::ScriptReplay(ScriptContext& context, Catalog& catalog, uint32_t& next_transaction, Visitor visitor, void* state)
    : context_(context), catalog_(catalog), next_transaction_(next_transaction), visitor_(visitor), state_(state) {}

void ScriptReplay::Run() {
  const auto& statements = context_.script->statements;
  size_t sql_statements = 0;
  for (const sql::Statement* s : statements) sql_statements += s->kind != sql::StatementKind::kClientCommand;
  switch (context_.ref->transaction) {
    case TransactionMode::kFile: source_ = TransactionSource::kRunner; break;
    case TransactionMode::kSimpleQuery: source_ = sql_statements > 1 ? TransactionSource::kImplicit : TransactionSource::kNone; break;
    case TransactionMode::kStatement: break;
  }
  transaction_ = ++next_transaction_;
  if (context_.is_down()) context_.created_by_down = &created_by_down_;
  context_.facts.reserve(statements.size());
  context_.replaced.clear();
  const bool blocks = context_.ref->transaction == TransactionMode::kStatement && (context_.set->layout == Layout::kGoose || context_.set->layout == Layout::kSqlMigrate);
  for (size_t i = 0; i < statements.size(); ++i) {
    if (blocks) EnterOrLeaveBlock(i);
    Visit(*statements[i], *statements[i], false, 0);
  }
}

// Several statements between StatementBegin and StatementEnd are one query, and so one transaction, also where the file has none.
void ScriptReplay::EnterOrLeaveBlock(size_t i) {
  const auto& all = context_.script->statements;
  // Of two neighbours with nothing but blanks and comments between them: whether a mark stands there.
  const auto marked = [&](size_t next) {
    const std::string_view between = context_.file->Slice({all[next - 1]->span.end, all[next]->span.begin});
    return between.find(" StatementEnd") != std::string_view::npos || between.find(" StatementBegin") != std::string_view::npos;
  };
  if (i > 0 && source_ == TransactionSource::kImplicit && marked(i)) {
    EndTransaction(true);
    source_ = TransactionSource::kNone;
  }
  if (source_ == TransactionSource::kNone && i + 1 < all.size() && (i == 0 || marked(i)) && !marked(i + 1) && context_.InStatementBlock(all[i]->span.begin)) {
    transaction_ = ++next_transaction_;
    source_ = TransactionSource::kImplicit;
  }
}

void ScriptReplay::EndTransaction(bool commit) {
  for (Setting* s : {&lock_timeout_, &statement_timeout_}) {
    if (s->local.has_value()) {
      if (commit && s->session.ms == kUnset) {
        s->session.lost_at_commit = true;
        s->session.set_by = s->local->set_by;
      }
      s->local.reset();
    }
  }
  begin_ = nullptr;
  transaction_ = ++next_transaction_;
}

void ScriptReplay::Transact(const sql::Transaction& t, const sql::Statement& s, bool body) {
  switch (t.kind) {
    case sql::TransactionKind::kBegin:
      if (source_ == TransactionSource::kNone || source_ == TransactionSource::kImplicit) {
        if (source_ == TransactionSource::kNone) transaction_ = ++next_transaction_;
        source_ = TransactionSource::kFile;
        begin_ = &s;
      }
      break;
    case sql::TransactionKind::kCommit:
    case sql::TransactionKind::kRollback:
    case sql::TransactionKind::kPrepare: {
      const TransactionSource was = source_;
      const sql::Statement* begin = begin_;
      EndTransaction(t.kind == sql::TransactionKind::kCommit);
      if (body) break;  // COMMIT inside a procedure or DO: the body goes on in a new transaction
      if (t.chain) {
        begin_ = begin;
        break;
      }
      // The file ended its own or its runner's transaction; what follows in a simple query is implicit again.
      source_ = was == TransactionSource::kFile && context_.ref->transaction == TransactionMode::kSimpleQuery ? TransactionSource::kImplicit : TransactionSource::kNone;
      break;
    }
    default:
      break;
  }
}

void ScriptReplay::Assign(std::string_view name, std::string_view value, bool local, bool reset, const sql::Statement& s) {
  auto set = [&](Setting& setting) {
    Timeout t;
    if (!reset) t.ms = ParseDuration(value).value_or(kUnset);
    t.set_by = &s;
    if (local) {
      // SET LOCAL outside a transaction does nothing; a DO block or function has one, its statement's.
      if (source_ != TransactionSource::kNone || bodies_ > 0) setting.local = t;
    } else {
      setting.local.reset();
      setting.session = t;
    }
  };
  if (name == "lock_timeout" || (reset && name.empty())) set(lock_timeout_);
  if (name == "statement_timeout" || (reset && name.empty())) set(statement_timeout_);
}

void ScriptReplay::Set(const sql::VariableSet& v, const sql::Statement& s) { Assign(v.name, v.value, v.local, v.reset, s); }

void ScriptReplay::SetConfig(const sql::Expr& call, const sql::Statement& s) {
  if (call.arguments.size() != 3) return;
  const sql::Expr& local = *call.arguments[2];
  if (call.arguments[0]->kind != sql::ExprKind::kConstant || call.arguments[1]->kind != sql::ExprKind::kConstant) return;
  Assign(call.arguments[0]->text, call.arguments[1]->text, local.text == "true", false, s);
}

void ScriptReplay::Visit(const sql::Statement& s, const sql::Statement& top, bool body, int depth) {
  // Outside a block each top-level statement is a transaction of its own; a body shares that of its statement.
  if (!body && source_ == TransactionSource::kNone) transaction_ = ++next_transaction_;
  StatementFacts& f = context_.facts.emplace_back();
  f.statement = &s;
  f.top = &top;
  f.transaction = transaction_;
  f.source = body && source_ == TransactionSource::kNone ? TransactionSource::kBody : source_;
  f.begin = begin_;
  f.lock_timeout = lock_timeout_.Current();
  f.statement_timeout = statement_timeout_.Current();
  EffectsInput input;
  input.arena = &context_.script->arena;
  input.statement = &s;
  input.catalog = &catalog_;
  input.server_version = context_.settings->versions.oldest;
  input.live = IsLive;
  input.live_state = &context_;
  input.thorough = programs_ != nullptr;
  f.effects = ComputeEffects(input);
  visitor_(state_, context_, catalog_);
  std::vector<Program> programs;
  if (programs_ != nullptr) programs = programs_->RunBy(s, catalog_, context_.script->arena);
  if (!context_.is_down() && context_.migration != nullptr && context_.migration->down) NoteReplaced(s);

  if (!context_.is_down()) {
    const SourceFile* file = body_file_ != nullptr ? body_file_ : context_.file;
    catalog_.Apply(s, Origin{context_.migration_index, transaction_, file, s.span}, file->text());
  } else if (s.kind == sql::StatementKind::kCreateTable) {
    created_by_down_.insert(catalog_.Resolve(s.As<sql::CreateTable>().name));
  }
  if (programs_ != nullptr && body_file_ == nullptr) noted_ = programs_->Note(s, *context_.file, *context_.script, catalog_) || noted_;
  switch (s.kind) {
    case sql::StatementKind::kTransaction: Transact(s.As<sql::Transaction>(), s, body); break;
    case sql::StatementKind::kVariableSet: Set(s.As<sql::VariableSet>(), s); break;
    case sql::StatementKind::kDo: VisitBody(s.As<sql::DoBlock>().statements, top, depth + 1); break;
    case sql::StatementKind::kCreateFunction:
      if (programs_ == nullptr) functions_[s.As<sql::CreateFunction>().name.name] = &s;
      break;
    case sql::StatementKind::kCall:
      if (s.As<sql::Call>().call != nullptr) VisitCall(*s.As<sql::Call>().call, top, depth, 0);
      break;
    case sql::StatementKind::kQuery: VisitCalls(s.As<sql::Query>(), top, depth, 0); break;
    default: break;
  }
  if (!programs.empty()) VisitPrograms(programs, top, depth);
}

void ScriptReplay::VisitPrograms(const std::vector<Program>& programs, const sql::Statement& top, int depth) {
  if (depth >= kMaxProgramDepth) return;
  if (running_.empty()) visits_ = 0;
  const SourceFile* outer = body_file_;
  for (const Program& p : programs) {
    if (std::find(running_.begin(), running_.end(), p.id) != running_.end() || visits_ > kMaxProgramVisits) continue;
    running_.push_back(p.id);
    ++bodies_;
    body_file_ = p.file == nullptr ? outer : p.file == context_.file ? nullptr : p.file;
    for (const sql::Statement* s : p.statements) {
      ++visits_;
      Visit(*s, top, true, depth + 1);
    }
    --bodies_;
    running_.pop_back();
  }
  body_file_ = outer;
}

void ScriptReplay::NoteReplaced(const sql::Statement& s) {
  if (s.conditional || s.guarded) return;
  if (s.kind == sql::StatementKind::kCreateFunction) {
    const auto& create = s.As<sql::CreateFunction>();
    if (!create.replace) return;
    const CatalogFunction* f = catalog_.FindFunction(create.name);
    if (f != nullptr && f->origin.migration >= 0 && f->origin.migration < context_.migration_index && !f->overloaded) context_.replaced.push_back({Replaced::What::kFunction, &s, f->key, {}, {}, f->arguments});
    return;
  }
  if (s.kind != sql::StatementKind::kAlterTable) return;
  const auto& alter = s.As<sql::AlterTable>();
  const CatalogTable* table = catalog_.FindTable(alter.name);
  if (table == nullptr || alter.type != sql::ObjectType::kTable) return;
  for (const sql::AlterCommand& c : alter.commands) {
    const auto names = [&](const std::vector<std::string>& columns) { return std::find(columns.begin(), columns.end(), c.name) != columns.end(); };
    if (c.kind == sql::AlterKind::kColumnType) {
      const CatalogColumn* column = table->FindColumn(c.name);
      if (column != nullptr && !column->type.empty()) context_.replaced.push_back({Replaced::What::kColumnType, &s, table->key, column->name, column->name, column->type});
    } else if (c.kind == sql::AlterKind::kDropColumn) {
      const std::string column(c.name);
      for (const CatalogIndex& i : table->indexes) {
        if (!i.of_constraint && (names(i.columns) || names(i.other_columns))) context_.replaced.push_back({Replaced::What::kIndex, &s, table->key, i.name, column, {}});
      }
      for (const CatalogConstraint& k : table->constraints) {
        if (k.kind != sql::ConstraintKind::kNotNull && names(k.columns)) context_.replaced.push_back({Replaced::What::kConstraint, &s, table->key, k.name, column, {}});
      }
    }
  }
}

void ScriptReplay::VisitBody(List<const sql::Statement*> body, const sql::Statement& top, int depth) {
  if (depth > kMaxCallDepth) return;
  ++bodies_;
  for (const sql::Statement* s : body) Visit(*s, top, true, depth);
  --bodies_;
  if (bodies_ == 0 && source_ == TransactionSource::kNone) {
    lock_timeout_.local.reset();
    statement_timeout_.local.reset();
  }
}

void ScriptReplay::VisitCalls(const sql::Query& q, const sql::Statement& top, int depth, int query_depth) {
  if (query_depth > kMaxWalkDepth) return;
  for (const sql::Expr* e : q.values) {
    if (e != nullptr) VisitCall(*e, top, depth, 0);
  }
  if (q.source != nullptr) VisitCalls(*q.source, top, depth, query_depth + 1);
}

void ScriptReplay::VisitCall(const sql::Expr& e, const sql::Statement& top, int depth, int expression_depth) {
  if (e.kind == sql::ExprKind::kCall) {
    if (e.text == "set_config") SetConfig(e, top);
    if (!functions_.empty()) {
      const auto it = functions_.find(e.text);
      if (it != functions_.end()) {
        sql::ParseFunctionBody(*context_.file, *it->second, *context_.script);
        VisitBody(it->second->As<sql::CreateFunction>().statements, top, depth + 1);
      }
    }
  }
  if (expression_depth > kMaxWalkDepth) return;
  for (const sql::Expr* a : e.arguments) {
    if (a != nullptr) VisitCall(*a, top, depth, expression_depth + 1);
  }
}

}  // namespace pawl
