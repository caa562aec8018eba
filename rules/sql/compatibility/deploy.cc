#include "rules/sql/compatibility/deploy.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

// Keep a file of very many statements from costing their square.
constexpr size_t kMostLater = 3000;
constexpr size_t kMostBefore = 3000;

bool EndsTransaction(const sql::Statement& s) {
  if (s.kind != sql::StatementKind::kTransaction) return false;
  const auto kind = s.As<sql::Transaction>().kind;
  return kind == sql::TransactionKind::kCommit || kind == sql::TransactionKind::kRollback || kind == sql::TransactionKind::kPrepare;
}

void AddBody(const sql::Statement& s, uint32_t from, bool same, std::vector<LaterStatement>& out) {
  if (s.kind != sql::StatementKind::kDo) return;
  for (const sql::Statement* inner : s.As<sql::DoBlock>().statements) {
    if (inner->span.begin > from) out.push_back({inner, same});
  }
}

// The new name of a RENAME or SET SCHEMA of an object of this kind; empty if the statement is neither.
sql::Name NewName(const sql::Statement& s, NameKind kind) {
  sql::Name n;
  if (s.kind == sql::StatementKind::kRename) {
    const auto& r = s.As<sql::Rename>();
    if (KindOf(r.type) == kind) n = {r.name.schema, r.new_name, {}};
  } else if (s.kind == sql::StatementKind::kSetSchema) {
    const auto& m = s.As<sql::SetSchema>();
    if (KindOf(m.type) == kind) n = {m.new_schema, m.name.name, {}};
  }
  return n;
}

// A name that is nothing but a placeholder (mask.cc): which object it is, is not known here.
bool IsMasked(std::string_view name) { return name.size() > 1 && name[0] == 'x' && name.find_first_not_of('_', 1) == std::string_view::npos; }

}  // namespace

NameKind KindOf(sql::ObjectType type) {
  switch (type) {
    case sql::ObjectType::kTable:
    case sql::ObjectType::kIndex:
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView:
    case sql::ObjectType::kSequence:
    case sql::ObjectType::kForeignTable: return NameKind::kRelation;
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain: return NameKind::kType;
    case sql::ObjectType::kFunction:
    case sql::ObjectType::kProcedure:
    case sql::ObjectType::kRoutine:
    case sql::ObjectType::kAggregate: return NameKind::kRoutine;
    case sql::ObjectType::kSchema: return NameKind::kSchema;
    case sql::ObjectType::kExtension: return NameKind::kExtension;
    default: return NameKind::kOther;
  }
}

std::string Words(sql::ObjectType type) { return absl::AsciiStrToLower(sql::ToString(type)); }

bool Same(const sql::Name& a, const sql::Name& b) { return a.name == b.name && (a.schema.empty() || b.schema.empty() || a.schema == b.schema); }

bool Gives(const sql::Statement& s, NameKind kind, const sql::Name& name) {
  using K = sql::StatementKind;
  switch (s.kind) {
    case K::kCreateTable: return kind == NameKind::kRelation && Same(s.As<sql::CreateTable>().name, name);
    case K::kCreateView: return kind == NameKind::kRelation && Same(s.As<sql::CreateView>().name, name);
    case K::kCreateSequence: return kind == NameKind::kRelation && Same(s.As<sql::CreateSequence>().name, name);
    case K::kCreateIndex: return kind == NameKind::kRelation && s.As<sql::CreateIndex>().name == name.name;
    case K::kCreateType: return kind == NameKind::kType && Same(s.As<sql::CreateType>().name, name);
    case K::kCreateDomain: return kind == NameKind::kType && Same(s.As<sql::CreateDomain>().name, name);
    case K::kCreateFunction: return kind == NameKind::kRoutine && Same(s.As<sql::CreateFunction>().name, name);
    case K::kCreateSchema: return kind == NameKind::kSchema && s.As<sql::CreateSchema>().name == name.name;
    case K::kCreateExtension: return kind == NameKind::kExtension && s.As<sql::CreateExtension>().name == name.name;
    case K::kRename:
    case K::kSetSchema: {
      const sql::Name given = NewName(s, kind);
      return !given.empty() && Same(given, name);
    }
    case K::kAlterTable: {
      // An identity column makes its sequence: table_column_seq.
      if (kind != NameKind::kRelation) return false;
      const auto& alter = s.As<sql::AlterTable>();
      for (const sql::AlterCommand& c : alter.commands) {
        if (c.kind == sql::AlterKind::kAddIdentity && absl::StrCat(alter.name.name, "_", c.name, "_seq") == name.name) return true;
      }
      return false;
    }
    default: return false;
  }
}

bool Frees(const sql::Statement& s, NameKind kind, const sql::Name& name) {
  if (s.kind == sql::StatementKind::kDrop) {
    const auto& d = s.As<sql::Drop>();
    if (KindOf(d.type) != kind) return false;
    return std::any_of(d.names.begin(), d.names.end(), [&](const sql::Name& n) { return Same(n, name); });
  }
  if (s.kind == sql::StatementKind::kRename) return KindOf(s.As<sql::Rename>().type) == kind && Same(s.As<sql::Rename>().name, name);
  if (s.kind == sql::StatementKind::kSetSchema) return KindOf(s.As<sql::SetSchema>().type) == kind && Same(s.As<sql::SetSchema>().name, name);
  return false;
}

std::vector<LaterStatement> StatementsAfter(const StatementContext& context) {
  std::vector<LaterStatement> out;
  const sql::Statement& top = *context.facts.top;
  const uint32_t here = context.statement.span.begin;
  AddBody(top, here, true, out);
  const auto& all = context.script.script->statements;
  auto it = std::upper_bound(all.begin(), all.end(), top.span.begin, [](uint32_t at, const sql::Statement* s) { return at < s->span.begin; });
  bool same = context.facts.in_block();
  for (; it != all.end() && out.size() < kMostLater; ++it) {
    if (EndsTransaction(**it)) same = false;
    out.push_back({*it, same});
    AddBody(**it, here, same, out);
  }
  return out;
}

std::span<const StatementFacts> FactsBefore(const StatementContext& context) {
  const std::vector<StatementFacts>& facts = context.script.facts;  // the current statement's is the last
  const size_t end = facts.empty() ? 0 : facts.size() - 1;
  const size_t begin = end > kMostBefore ? end - kMostBefore : 0;
  return {facts.data() + begin, end - begin};
}

LaterStatement GivenLater(const StatementContext& context, NameKind kind, const sql::Name& name) {
  if (kind == NameKind::kOther) return {};
  for (const LaterStatement& l : StatementsAfter(context)) {
    if (Gives(*l.statement, kind, name)) return l;
  }
  return {};
}

bool RenamedToHere(const StatementContext& context, NameKind kind, const sql::Name& name) {
  for (const StatementFacts& f : FactsBefore(context)) {
    const sql::Name given = NewName(*f.statement, kind);
    if (!given.empty() && Same(given, name)) return true;
  }
  return false;
}

bool FreedBefore(const StatementContext& context, NameKind kind, const sql::Name& name) {
  for (const StatementFacts& f : FactsBefore(context)) {
    if (Frees(*f.statement, kind, name)) return true;
  }
  return false;
}

bool MadeHere(const ScriptContext& script, const Origin& origin) {
  if (origin.migration < 0) return false;
  if (origin.migration == script.migration_index) return true;
  return script.pending != nullptr && (*script.pending)[origin.migration];
}

bool OthersKnow(const StatementContext& context, NameKind kind, const sql::Name& name) {
  if (name.schema == "pg_temp" || IsMasked(name.name)) return false;
  if (RenamedToHere(context, kind, name)) return false;
  switch (kind) {
    case NameKind::kRelation: {
      if (const CatalogTable* t = context.catalog.FindTable(name)) return context.Live(t);
      const CatalogIndex* index = nullptr;
      if (const CatalogTable* t = context.catalog.FindIndex(name, &index)) return context.Live(t) && (index == nullptr || !MadeHere(context.script, index->origin));
      break;
    }
    case NameKind::kType:
      if (const CatalogType* t = context.catalog.FindType(name); t != nullptr && t->origin.migration >= 0) return !MadeHere(context.script, t->origin);
      break;
    case NameKind::kRoutine:
      if (const CatalogFunction* f = context.catalog.FindFunction(name)) return !MadeHere(context.script, f->origin);
      break;
    default: break;
  }
  for (const StatementFacts& f : FactsBefore(context)) {
    if (Gives(*f.statement, kind, name)) return false;
  }
  return true;
}

CompatibilityView FindCompatibilityView(const StatementContext& context, const sql::Name& old_name, const sql::Name& new_name) {
  for (const LaterStatement& l : StatementsAfter(context)) {
    if (!l.same_transaction || l.statement->kind != sql::StatementKind::kCreateView) continue;
    const auto& view = l.statement->As<sql::CreateView>();
    if (!Same(view.name, old_name) || view.query == nullptr) continue;
    const sql::Query& q = *view.query;
    const bool reads = std::any_of(q.sources().begin(), q.sources().end(), [&](const sql::Name& n) { return Same(n, new_name); });
    if (!reads) continue;
    const bool plain = q.kind == sql::QueryKind::kSelect && q.sources().size() == 1 && q.subqueries().empty() && q.ctes().empty() && q.where == nullptr && q.limit() == nullptr;
    return {l.statement, plain};
  }
  return {};
}

Span NameSpan(const StatementContext& context, const sql::Name& name) {
  if (!name.span.empty()) return name.span;
  const std::string_view text = context.script.file->text();
  const Span whole = context.statement.span;
  sql::Scanner scanner(text, whole);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind != sql::TokenKind::kIdentifier && t.kind != sql::TokenKind::kQuotedIdentifier) continue;
    const Span s = sql::NameSpanAt(text, t.span.begin, whole.end);
    if (s.empty()) continue;
    std::string_view written = text.substr(s.begin, s.size());
    if (absl::EndsWith(written, "\"")) written.remove_suffix(1);
    if (absl::EndsWithIgnoreCase(written, name.name)) {
      const size_t before = written.size() - name.name.size();
      if (before == 0 || written[before - 1] == '.' || written[before - 1] == '"') return s;
    }
    scanner.MoveTo(s.end);
  }
  return whole;
}

std::string AtLine(const StatementContext& context, const sql::Statement& s) {
  return absl::StrCat("line ", context.script.file->PositionAt(s.span.begin).line);
}

}  // namespace pawl
