#include "rules/sql/data/data.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

constexpr int kMaxDepth = 32;

bool MadeByThisDown(const StatementContext& context, const sql::Name& table) {
  const auto* made = context.script.created_by_down;
  return context.script.is_down() && made != nullptr && made->contains(context.catalog.Resolve(table));
}

// The query or one of its CTEs deletes from, or merges into, the table.
bool Removes(const StatementContext& context, const sql::Query& q, std::string_view key, int depth) {
  if (depth > kMaxDepth) return false;
  if ((q.kind == sql::QueryKind::kDelete || q.kind == sql::QueryKind::kMerge) && context.catalog.Resolve(q.target) == key) return true;
  for (const sql::Cte& c : q.ctes()) {
    if (c.query != nullptr && Removes(context, *c.query, key, depth + 1)) return true;
  }
  return false;
}

bool Truncates(const StatementContext& context, const sql::Truncate& t, std::string_view key) {
  for (const sql::Name& n : t.tables) {
    if (context.catalog.Resolve(n) == key) return true;
  }
  return false;
}

}  // namespace

bool IsLive(const StatementContext& context, const sql::Name& table) { return context.Live(table) && !MadeByThisDown(context, table); }

bool MayHoldRows(const StatementContext& context, const sql::Name& table) {
  if (MadeByThisDown(context, table)) return false;
  const CatalogTable* t = context.catalog.FindTable(table);
  if (!context.Live(t) && !t->has_rows) return false;
  return !EmptiedHere(context, table);
}

bool RemovedRowsHere(const StatementContext& context, const sql::Name& table) {
  const std::string key = context.catalog.Resolve(table);
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (&s == &context.statement) break;
    if (s.kind == sql::StatementKind::kQuery && Removes(context, s.As<sql::Query>(), key, 0)) return true;
    if (s.kind == sql::StatementKind::kTruncate && Truncates(context, s.As<sql::Truncate>(), key)) return true;
  }
  return false;
}

Span LastWord(const ScriptContext& script, Span in, std::string_view word) {
  Span found = in;
  sql::Scanner scanner(script.file->text(), in);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (scanner.Is(t, word)) found = t.span;
  }
  return found;
}

std::string Joined(const std::vector<std::string>& parts, size_t most) {
  std::string out;
  const size_t shown = parts.size() <= most ? parts.size() : most - 1;
  for (size_t i = 0; i < shown; ++i) absl::StrAppend(&out, i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ", parts[i]);
  if (shown < parts.size()) absl::StrAppend(&out, " and ", parts.size() - shown, " more");
  return out;
}

std::string Listed(const std::vector<std::string>& names, size_t most) {
  std::vector<std::string> quoted;
  for (const std::string& n : names) quoted.push_back(Quoted(n));
  return Joined(quoted, most);
}

std::string_view ConstraintWords(sql::ConstraintKind kind) {
  switch (kind) {
    case sql::ConstraintKind::kPrimaryKey: return "primary key";
    case sql::ConstraintKind::kForeignKey: return "foreign key";
    case sql::ConstraintKind::kUnique: return "unique constraint";
    case sql::ConstraintKind::kExclusion: return "exclusion constraint";
    case sql::ConstraintKind::kCheck: return "CHECK constraint";
    default: return "constraint";
  }
}

FallsWith FallsWithColumn(const CatalogTable& table, std::string_view column) {
  FallsWith out;
  for (const CatalogConstraint& k : table.constraints) {
    if (k.kind == sql::ConstraintKind::kNotNull || !HasColumn(k.columns, column)) continue;
    const bool shared = k.columns.size() > 1 || k.kind == sql::ConstraintKind::kPrimaryKey;
    (shared ? out.shared : out.own).push_back(absl::StrCat(ConstraintWords(k.kind), " `", k.name, "`", shared ? absl::StrCat(" (", Commas(k.columns), ")") : ""));
  }
  for (const CatalogIndex& i : table.indexes) {
    if (i.of_constraint || (!HasColumn(i.columns, column) && !HasColumn(i.other_columns, column))) continue;
    const bool shared = i.columns.size() + i.other_columns.size() > 1;
    std::string columns = HasColumn(i.columns, "") ? "" : absl::StrCat(" (", Commas(i.columns), ")");
    (shared ? out.shared : out.own).push_back(absl::StrCat(i.unique ? "unique index `" : "index `", i.name, "`", shared ? columns : ""));
  }
  return out;
}

std::string Commas(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) absl::StrAppend(&out, out.empty() ? "" : ", ", n);
  return out;
}

std::vector<const sql::Statement*> Later(const StatementContext& context) {
  // What is done about a statement follows it soon; in a dump of a hundred thousand nobody looks through the rest at each.
  constexpr size_t kLookAhead = 500;
  const auto& all = context.script.script->statements;
  auto it = std::upper_bound(all.begin(), all.end(), context.facts.top->span.begin, [](uint32_t at, const sql::Statement* s) { return at < s->span.begin; });
  std::vector<const sql::Statement*> out;
  for (; it != all.end() && out.size() < kLookAhead; ++it) out.push_back(*it);
  return out;
}

bool MadeAgainLater(const StatementContext& context, const sql::Name& table) {
  for (const sql::Statement* s : Later(context)) {
    if (s->kind == sql::StatementKind::kCreateTable && s->As<sql::CreateTable>().name.name == table.name) return true;
    if (s->kind != sql::StatementKind::kRename) continue;
    const auto& r = s->As<sql::Rename>();
    if (r.old_name.empty() && r.new_name == table.name) return true;
  }
  return false;
}

}  // namespace pawl
