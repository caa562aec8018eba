// password-in-migration: a secret in the text. Messages never repeat it.
#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kPasswordInMigration;

namespace {

constexpr std::string_view kHelp =
    "take it out and change it, since it stays in the repository's history; make the role without a password and set it where secrets are kept (\\password, ALTER ROLE from the secret store), or have "
    "the runner fill in a variable such as ${APP_PASSWORD}";

// Filled in by the runner or by psql, or an example for readers.
bool IsPlaceholder(std::string_view s) {
  s = absl::StripAsciiWhitespace(s);
  if (s.empty()) return true;
  for (std::string_view mark : {"${", "{{", "<%", "%(", "#{", "@@", "$(", "{%", "%s", "%L", "%I"}) {
    if (absl::StrContains(s, mark)) return true;
  }
  const char first = s.front(), last = s.back();
  return (first == '<' && last == '>') || (first == '%' && last == '%') || (first == '[' && last == ']') || (first == '{' && last == '}') || (absl::StartsWith(s, "__") && absl::EndsWith(s, "__")) ||
         first == ':' || (first == '$' && s.size() > 1) || s.find_first_not_of("*xX.") == std::string_view::npos;
}

bool IsHash(std::string_view s) { return absl::StartsWith(s, "SCRAM-SHA-256$") || (absl::StartsWith(s, "md5") && s.size() == 35); }

// The inside of the string constant that follows the word `password` (or the option of that name) at or after `from`. Inside an
// EXECUTE'd string the quotes are doubled.
bool FindPassword(std::string_view text, Span in, Span* word, std::string_view* value) {
  sql::Scanner scanner(text, in);
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    const bool named = scanner.Is(t, "password") || (t.kind == sql::TokenKind::kQuotedIdentifier && scanner.Text(t) == "\"password\"");
    if (!named) continue;
    *word = t.span;
    t = scanner.NextCode();
    if (t.kind != sql::TokenKind::kString && t.kind != sql::TokenKind::kDollarString) continue;
    std::string_view s = scanner.Text(t);
    if (s == "''") {
      const std::string_view rest = text.substr(t.span.end, in.end - t.span.end);
      const size_t close = rest.find('\'');  // the statement may end between the two closing quotes
      if (close == std::string_view::npos || close == 0 || absl::ascii_isspace(static_cast<unsigned char>(rest[0]))) continue;
      *value = rest.substr(0, close);
      return true;
    }
    const size_t quote = t.kind == sql::TokenKind::kDollarString ? s.find('$', 1) : s.find('\'');
    if (quote == std::string_view::npos || s.size() < 2 * quote + 2) continue;
    s.remove_prefix(quote + 1);
    s.remove_suffix(t.kind == sql::TokenKind::kDollarString ? quote + 1 : 1);
    *value = s;
    return true;
  }
  return false;
}

FindingBuilder Describe(FindingBuilder f, std::string_view who) {
  return f.Why(absl::StrCat("everybody who can read the repository, its history, the logs of CI or of the server can log in as ", who, ", and all environments share one password"))
      .Help(std::string(kHelp));
}

void CheckRole(const StatementContext& context) {
  const auto& role = context.statement.As<sql::CreateRole>();
  if (!role.has_password) return;
  Span word;
  std::string_view value;
  const std::string_view text = context.script.file->text();
  const uint32_t from = role.password.empty() ? context.statement.span.begin : role.password.begin;
  if (!FindPassword(text, {from, context.statement.span.end}, &word, &value) || IsPlaceholder(value)) return;
  const bool hash = IsHash(value);
  FindingBuilder f = Describe(context.Report(kPasswordInMigration, word, absl::StrCat("the ", hash ? "hash of the password" : "password", " of role `", role.name, "` stands in the migration")), "this role");
  if (!hash) return;
  f.AtSeverity(Severity::kWarning);
  f.Why("a hash can be tried against lists of passwords by everybody who can read the repository, and an MD5 hash is enough to log in by itself");
}

// CREATE USER MAPPING, CREATE SERVER ... OPTIONS (password '...').
void CheckOptions(const StatementContext& context) {
  const std::string_view text = context.Text(context.statement.span);
  if (!absl::StartsWithIgnoreCase(text, "create") && !absl::StartsWithIgnoreCase(text, "alter")) return;
  sql::Scanner scanner(context.script.file->text(), context.statement.span);
  scanner.NextCode();
  const sql::Token kind = scanner.NextCode();
  if (!scanner.Is(kind, "user") && !scanner.Is(kind, "server") && !scanner.Is(kind, "foreign")) return;
  Span word;
  std::string_view value;
  if (!FindPassword(context.script.file->text(), {kind.span.end, context.statement.span.end}, &word, &value) || IsPlaceholder(value)) return;
  Describe(context.Report(kPasswordInMigration, word, "the password of a foreign server stands in the migration"), "its user there");
}

void CheckStatement(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kCreateRole) return CheckRole(context);
  CheckOptions(context);
}

// The string constant that holds the byte at `at`, inside quotes and also in the body of a DO block or function; empty: it is a
// comment, a name or the like.
std::string_view LiteralAt(std::string_view text, Span in, uint32_t at, int depth) {
  sql::Scanner scanner(text, in);
  for (sql::Token t = scanner.Next(); t.kind != sql::TokenKind::kEnd && t.span.begin <= at; t = scanner.Next()) {
    if (!t.span.Contains(at)) continue;
    if (t.kind == sql::TokenKind::kString) return scanner.Text(t);
    if (t.kind != sql::TokenKind::kDollarString || depth > 3) return {};
    const uint32_t tag = static_cast<uint32_t>(scanner.Text(t).find('$', 1) + 1);
    if (t.span.size() < 2 * tag) return {};
    return LiteralAt(text, {t.span.begin + tag, t.span.end - tag}, at, depth + 1);
  }
  return {};
}

bool IsExampleWord(std::string_view s) {
  for (std::string_view w : {"password", "pass", "passwd", "pwd", "secret", "changeme", "example", "token", "pw"}) {
    if (absl::EqualsIgnoreCase(s, w)) return true;
  }
  return false;
}

// scheme://user:password@host around the "://" at `at`: the password, or empty.
std::string_view UriPassword(std::string_view text, size_t at) {
  if (at == 0 || !absl::ascii_isalpha(static_cast<unsigned char>(text[at - 1]))) return {};
  const size_t begin = at + 3;
  const size_t end = text.find_first_of("@/?#'\" \t\r\n,;()", begin);
  if (end == std::string_view::npos || text[end] != '@') return {};
  const std::string_view user = text.substr(begin, end - begin);
  const size_t colon = user.find(':');
  if (colon == std::string_view::npos) return {};
  return user.substr(colon + 1);
}

// The value of password= at `at` (past the sign) in a literal that reads like a connection string.
std::string_view ConnectionPassword(std::string_view text, size_t at, std::string_view literal) {
  bool connection = false;
  for (std::string_view key : {"host=", "dbname=", "hostaddr=", "port=", "user="}) connection = connection || absl::StrContains(literal, key);
  if (!connection) return {};
  const size_t end = text.find_first_of(" '\"\r\n\t;&", at);
  return text.substr(at, end == std::string_view::npos ? std::string_view::npos : end - at);
}

// Connection strings and keys inside string constants, wherever they stand. Only a hit costs more than one search.
void CheckScript(const ScriptContext& script) {
  const std::string_view text = script.file->text();
  const Span section = script.ref->section;
  const std::string_view searched = text.substr(0, std::min<size_t>(section.end, text.size()));
  int tries = 0;  // each look-up reads its statement from the start
  const sql::Statement* last = nullptr;
  const auto literal_at = [&](size_t at) -> std::string_view {
    if (++tries > 20) return {};
    const sql::Statement* s = script.TopLevelAt(static_cast<uint32_t>(at));
    if (s == nullptr || s == last || s->kind == sql::StatementKind::kComment) return {};
    const std::string_view literal = LiteralAt(text, s->span, static_cast<uint32_t>(at), 0);
    return literal;
  };
  const auto report = [&](size_t begin, size_t end, std::string_view what) {
    last = script.TopLevelAt(static_cast<uint32_t>(begin));
    script.Report(kPasswordInMigration, {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}, absl::StrCat(what, " stands in the migration"))
        .Why("everybody who can read the repository, its history, the logs of CI or of the server can use it, and all environments share it")
        .Help("take it out and change it, since it stays in the repository's history; have the runner fill in a variable, or set it where secrets are kept");
  };
  for (size_t at = searched.find("://", section.begin); at != std::string_view::npos; at = searched.find("://", at + 3)) {
    const std::string_view password = UriPassword(searched, at);
    if (password.empty() || IsPlaceholder(password) || IsExampleWord(password) || literal_at(at).empty()) continue;
    report(at, at + 3, "a URL with a password");
  }
  // Signs are rarer than letters.
  for (size_t sign = searched.find('=', section.begin); sign != std::string_view::npos; sign = searched.find('=', sign + 1)) {
    const std::string_view before = searched.substr(section.begin, sign - section.begin);
    if (!absl::EndsWith(before, "word") || !absl::EndsWithIgnoreCase(before, "password")) continue;
    const size_t at = sign - 4;
    const std::string_view literal = literal_at(at);
    if (literal.empty() || IsPlaceholder(ConnectionPassword(searched, at + 5, literal))) continue;
    report(at - 4, at + 4, "a connection string with a password");
  }
  for (size_t dashes = searched.find("-----", section.begin); dashes != std::string_view::npos; dashes = searched.find("-----", dashes + 5)) {
    if (!absl::EndsWith(searched.substr(section.begin, dashes - section.begin), "PRIVATE KEY")) continue;
    const size_t at = dashes - 11;
    const size_t begin = searched.rfind("-----BEGIN", at);
    if (begin == std::string_view::npos || begin + 40 < at || literal_at(at).empty()) continue;
    report(at, at + 11, "a private key");
  }
}

}  // namespace

constinit const Rule kPasswordInMigration = {
    .info = {
        .name = "password-in-migration",
        .group = RuleGroup::kSecurity,
        .severity = Severity::kError,
        .summary = "a password, connection string or key stands in the text of a migration",
        .page = {
            .what = "`CREATE ROLE ... PASSWORD 'literal'`, `ALTER ROLE ... PASSWORD 'literal'`, a user mapping's password option, a connection string with a password, or a private key in a string constant.",
            .why = "The text goes into the repository and stays in its history, into the logs of CI and of the server and into pg_stat_statements. All environments get the same password, and changing it "
                   "means editing an applied migration.",
            .instead = "Make the role without a password (`CREATE ROLE app LOGIN`) and set the password where secrets are kept: psql's `\\password`, the provider's secret store, or a variable that the "
                       "runner fills in (`PASSWORD '${APP_PASSWORD}'`, psql's `:'app_password'`). Change a password that has been committed.",
            .fix_safety = "",
            .versions = "",
            .limits = "Placeholders (`${...}`, `{{...}}`, `:'name'`, `<...>`) are left alone; so are passwords that a program puts together, and example URLs in comments. A hash (`md5...`, `SCRAM-SHA-256$...`) "
                      "is a warning. The message never repeats the secret, but the line it stands on is shown.",
            .references = "PostgreSQL documentation, CREATE ROLE, notes on PASSWORD\n"
                          "PostgreSQL documentation, Password Authentication",
            .elsewhere = "",
            .bad = "CREATE ROLE reporting LOGIN PASSWORD 'nine-blue-otters';\n",
            .good = "CREATE ROLE reporting LOGIN;\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateRole, sql::StatementKind::kOther},
    .check_statement = CheckStatement,
    .check_script = CheckScript,
};

}  // namespace pawl
