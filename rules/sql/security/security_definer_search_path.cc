// security-definer-search-path: a function with its owner's rights that looks names up along the caller's search_path.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kSecurityDefinerSearchPath;

namespace {

// A later ALTER FUNCTION name ... SET search_path in the script. The tree keeps no more of it than its text.
bool SetLater(const StatementContext& context, std::string_view name) {
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->span.begin <= context.statement.span.begin) continue;
    if (s->kind == sql::StatementKind::kCreateFunction || s->kind == sql::StatementKind::kCreateTable || s->kind == sql::StatementKind::kQuery) continue;
    const std::string_view text = context.Text(s->span);
    if ((absl::StartsWithIgnoreCase(text, "alter") || s->kind == sql::StatementKind::kDo) && absl::StrContainsIgnoreCase(text, "search_path") && absl::StrContainsIgnoreCase(text, name)) return true;
  }
  return false;
}

Span NameSpan(const StatementContext& context, std::string_view name) {
  const std::string_view text = context.script.file->text();
  sql::Scanner scanner(text, context.statement.span);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind != sql::TokenKind::kIdentifier && t.kind != sql::TokenKind::kQuotedIdentifier) continue;
    const Span s = sql::NameSpanAt(text, t.span.begin, context.statement.span.end);
    if (s.empty()) continue;
    std::string_view written = text.substr(s.begin, s.size());
    if (absl::EndsWith(written, "\"")) written.remove_suffix(1);
    if (absl::EndsWithIgnoreCase(written, name)) return s;
    scanner.MoveTo(s.end);
  }
  return context.statement.span;
}

// SET search_path TO DEFAULT says no more than to leave the clause away.
bool SetsDefault(const StatementContext& context, const sql::CreateFunction& function) {
  sql::Scanner scanner(context.script.file->text(), context.statement.span);
  bool path = false, to = false;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (!function.body.empty() && t.span.begin <= function.body.begin && t.span.end >= function.body.end) continue;
    if (path && to && scanner.Is(t, "default")) return true;
    to = path && !to && (scanner.Is(t, "to") || scanner.Text(t) == "=");
    path = to || scanner.Is(t, "search_path");
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& function = context.statement.As<sql::CreateFunction>();
  if (!function.security_definer || (function.sets_search_path && !SetsDefault(context, function)) || function.name.schema == "pg_temp") return;
  if (function.language == "c" || function.language == "internal") return;
  if (function.body.empty() && (function.language.empty() || function.language == "sql")) return;  // BEGIN ATOMIC: names are looked up once, here
  if (absl::StrContainsIgnoreCase(context.Text(function.body), "search_path")) return;             // it sets one itself
  if (SetLater(context, function.name.name)) return;
  const std::string what = absl::StrCat(function.procedure ? "procedure " : "function ", Quoted(function.name));
  context.Report(kSecurityDefinerSearchPath, NameSpan(context, function.name.name), absl::StrCat(what, " runs with its owner's rights but along its caller's search_path"))
      .Why("a caller who can create objects in any schema, pg_temp included, puts a table, function or operator of the same name before the real one, and it runs with the rights of the owner")
      .Help("add SET search_path = '' and qualify every name in the body, or SET search_path = pg_catalog, app, pg_temp with pg_temp last; or leave out SECURITY DEFINER");
}

}  // namespace

constinit const Rule kSecurityDefinerSearchPath = {
    .info = {
        .name = "security-definer-search-path",
        .group = RuleGroup::kSecurity,
        .severity = Severity::kWarning,
        .summary = "a SECURITY DEFINER function without SET search_path",
        .page = {
            .what = "A `SECURITY DEFINER` function runs with its owner's rights, but without `SET search_path` it looks up tables, functions and operators along the search_path of whoever calls it.",
            .why = "A caller who can create objects in some schema, and everybody can in `pg_temp`, makes one with a name that the body uses and puts that schema first. The function then reads, or runs, "
                   "the caller's object with the owner's rights: a way from any login to the owner, which often is a superuser.",
            .instead = "`SET search_path = ''` in the function's definition and qualified names in the body, or `SET search_path = pg_catalog, app, pg_temp`, with schemas only that trusted roles can write "
                       "and `pg_temp` last. A body in the `BEGIN ATOMIC` form (14+) is looked up once, when it is made. Often `SECURITY DEFINER` is not needed at all.",
            .fix_safety = "",
            .versions = "",
            .limits = "Whether the listed schemas are trusted is not known. `ALTER FUNCTION ... SECURITY DEFINER` is not judged. Silent where the script sets the function's search_path with ALTER FUNCTION, "
                      "or the body sets it.",
            .references = "PostgreSQL documentation, CREATE FUNCTION, \"Writing SECURITY DEFINER Functions Safely\"",
            .elsewhere = "MigrationPilot MP099",
            .bad = "CREATE FUNCTION is_admin(login text) RETURNS boolean LANGUAGE sql SECURITY DEFINER\n"
                   "AS $$ SELECT EXISTS (SELECT 1 FROM admins WHERE name = login) $$;\n",
            .good = "CREATE OR REPLACE FUNCTION is_admin(login text) RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = ''\n"
                    "AS $$ SELECT EXISTS (SELECT 1 FROM app.admins WHERE name = login) $$;\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateFunction},
    .check_statement = Check,
};

}  // namespace pawl
