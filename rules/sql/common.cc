#include "rules/sql/common.h"

#include <string.h>  // memmem

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/sql/scanner.h"

namespace pawl {

std::string OutsideTransactionAdvice(const ScriptContext& script) {
  switch (script.set->layout) {
    case Layout::kGoose: return "put it into a migration of its own that says `-- +goose NO TRANSACTION`";
    case Layout::kDbmate: return "put it into a migration of its own under `-- migrate:up transaction:false`";
    case Layout::kSqlx: return "put it into a migration of its own whose first line is `-- no-transaction`";
    case Layout::kDiesel: return "put it into a migration of its own with `run_in_transaction = false` in its metadata.toml";
    case Layout::kFlyway: return "put it into a migration of its own with `executeInTransaction=false` in its script configuration file";
    case Layout::kGolangMigrate:
    case Layout::kPrisma: return "put it into a migration file of its own: a single statement is sent without a transaction";
    case Layout::kLiquibase: return "put it into a changeset of its own with `runInTransaction:false`";
    case Layout::kNodePgMigrate: return "put it into a migration of its own that is run with `--no-transaction`";
    default: return "put it into a migration of its own that runs outside a transaction";
  }
}

namespace {

// Who runs the files, for messages; layouts that are only a way to name files do not tell.
std::string_view Runner(const ScriptContext& script) {
  switch (script.set->layout) {
    case Layout::kPlain:
    case Layout::kNumbered:
    case Layout::kTimestampSlug: return "the runner";
    default: return ToString(script.set->layout);
  }
}

}  // namespace

bool IsPlaceholder(std::string_view name) {
  return name.size() > 1 && name[0] == 'x' && name.find_first_not_of('_', 1) == std::string_view::npos;
}

std::string WhyInTransaction(const ScriptContext& script, const StatementFacts& facts) {
  switch (facts.source) {
    case TransactionSource::kNone: return "";
    case TransactionSource::kRunner: return absl::StrCat(Runner(script), " runs the whole file in one transaction");
    case TransactionSource::kImplicit:
      if (script.set->layout == Layout::kGoose || script.set->layout == Layout::kSqlMigrate) return absl::StrCat(Runner(script), " sends what stands between StatementBegin and StatementEnd as one query, and several statements in one query are one transaction");
      return absl::StrCat(Runner(script), " sends the file as one query, and several statements in one query are one transaction");
    case TransactionSource::kFile: return absl::StrCat("the file's BEGIN on line ", facts.begin == nullptr ? 1 : script.file->PositionAt(facts.begin->span.begin).line, " is still open");
    case TransactionSource::kBody: return "a DO block or function always runs in a transaction";
  }
  return "";
}

bool MayRunConcurrently(const StatementFacts& facts) { return facts.source == TransactionSource::kNone && facts.statement == facts.top; }

std::string Quoted(std::string_view key) {
  const size_t dot = key.find('.');
  if (dot != std::string_view::npos && IsPlaceholder(key.substr(0, dot))) key.remove_prefix(dot + 1);
  key = absl::StripPrefix(key, "public.");
  return IsPlaceholder(key) ? "`<named at run time>`" : absl::StrCat("`", key, "`");
}
std::string Quoted(const sql::Name& name) {
  if (IsPlaceholder(name.name)) return "`<named at run time>`";
  return absl::StrCat("`", IsPlaceholder(name.schema) ? std::string(name.name) : sql::ToString(name), "`");
}

bool Mentions(std::string_view text, std::string_view name) {
  if (name.empty()) return false;
  const auto in_word = [&](size_t at) { return at < text.size() && (absl::ascii_isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_'); };
  const std::string upper = absl::AsciiStrToUpper(name);
  for (std::string_view spelling : {name, std::string_view(upper)}) {
    // string_view::find stops at every byte that equals the first one; memmem does not.
    for (size_t from = 0; from < text.size();) {
      const void* found = memmem(text.data() + from, text.size() - from, spelling.data(), spelling.size());
      if (found == nullptr) break;
      const size_t at = static_cast<size_t>(static_cast<const char*>(found) - text.data());
      if ((at == 0 || !in_word(at - 1)) && !in_word(at + spelling.size())) return true;
      from = at + 1;
    }
  }
  return false;
}

bool IsAccepted(const ScriptContext& script, const Rule& rule, const sql::Statement& s) {
  if (!script.mentions_pawl) return false;
  constexpr uint32_t kHead = 2048;
  const auto asks = [&](std::string_view text, std::string_view directive) {
    for (size_t mark = text.find(directive); mark != std::string_view::npos; mark = text.find(directive, mark + 1)) {
      if (Mentions(text.substr(mark, text.find('\n', mark) - mark), rule.info.name)) return true;
    }
    return false;
  };
  const sql::Statement* top = script.TopLevelAt(s.span.begin);
  const Span of = top == nullptr ? s.span : top->span;
  const std::string_view text = script.file->text();
  const auto& all = script.script->statements;
  const auto at = std::lower_bound(all.begin(), all.end(), of.begin, [](const sql::Statement* a, uint32_t begin) { return a->span.begin < begin; });
  const uint32_t from = at == all.begin() ? script.ref->section.begin : (*(at - 1))->span.end;
  return asks(text.substr(from, std::min(text.find('\n', of.end), text.size()) - from), "pawl: ignore") || asks(text.substr(0, kHead), "pawl: ignore-file");
}

Span WordsIn(const ScriptContext& script, Span in, std::string_view words) {
  const std::vector<std::string_view> wanted = absl::StrSplit(words, ' ');
  sql::Scanner scanner(script.file->text(), in);
  size_t at = 0;
  Span begin;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    const auto fits = [&](std::string_view w) { return t.kind == sql::TokenKind::kIdentifier ? scanner.Is(t, w) : t.kind != sql::TokenKind::kQuotedIdentifier && scanner.Text(t) == w; };
    if (!fits(wanted[at])) at = 0;
    if (!fits(wanted[at])) continue;
    if (at == 0) begin = t.span;
    if (++at == wanted.size()) return {begin.begin, t.span.end};
  }
  return {};
}

bool EmptiedHere(const StatementContext& context, const sql::Name& table) {
  if (context.script.facts.size() > kLookedThrough) return false;
  const std::string key = context.catalog.Resolve(table);
  bool empty = false;
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (&s == &context.statement) break;
    if (s.kind == sql::StatementKind::kTruncate && !s.conditional) {
      for (const sql::Name& n : s.As<sql::Truncate>().tables) empty = empty || context.catalog.Resolve(n) == key;
    } else if (s.kind == sql::StatementKind::kQuery) {
      const auto& q = s.As<sql::Query>();
      if (q.kind == sql::QueryKind::kSelect || q.target.empty() || context.catalog.Resolve(q.target) != key) continue;
      if (q.kind == sql::QueryKind::kDelete) {
        const bool all = q.where == nullptr || (q.where->kind == sql::ExprKind::kConstant && q.where->text == "true");
        empty = empty || (all && !s.conditional && q.sources().empty() && q.subqueries().empty());
      } else if (q.kind != sql::QueryKind::kUpdate) {
        empty = false;
      }
    } else if (s.kind == sql::StatementKind::kCopy) {
      const auto& c = s.As<sql::Copy>();
      if (c.from && context.catalog.Resolve(c.table) == key) empty = false;
    }
  }
  return empty;
}

bool InUtc(const ScriptContext& script, const sql::Statement& before) {
  bool utc = false;
  for (const StatementFacts& f : script.facts) {
    if (f.statement == &before) break;
    if (f.statement->kind != sql::StatementKind::kVariableSet) continue;
    const auto& v = f.statement->As<sql::VariableSet>();
    if (v.reset && v.name.empty()) utc = false;  // RESET ALL
    if (absl::EqualsIgnoreCase(v.name, "timezone")) utc = !v.reset && (absl::EqualsIgnoreCase(v.value, "utc") || absl::EqualsIgnoreCase(v.value, "etc/utc"));
  }
  return utc;
}

bool KeepsTimestamps(const ScriptContext& script, const sql::Statement& statement, const sql::AlterCommand& c) {
  if (c.kind != sql::AlterKind::kColumnType || c.type == nullptr || c.type->array || (c.type->name != "timestamp" && c.type->name != "timestamptz")) return false;
  const bool plain = c.expression == nullptr || (c.expression->kind == sql::ExprKind::kColumn && c.expression->text == c.name);
  return plain && script.settings->versions.oldest >= 12 && InUtc(script, statement);
}

std::string_view WhatWaits(LockMode mode) {
  if (BlocksReads(mode)) return "reads and writes";
  if (BlocksWrites(mode)) return "writes";
  return "other schema changes";
}

std::string LockWords(LockMode mode) { return absl::StrCat("`", SqlName(mode), "` lock"); }

}  // namespace pawl
