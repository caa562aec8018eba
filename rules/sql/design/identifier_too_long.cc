// identifier-too-long: a name longer than 63 bytes is cut off.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "analyzer/sql/scanner.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kIdentifierTooLong;

namespace {

constexpr size_t kMost = 63;  // NAMEDATALEN - 1

// The name as the server reads it: without quotes, doubled ones once.
std::string Unquoted(std::string_view text) {
  std::string out;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    out += text[i];
    if (text[i] == '"') ++i;
  }
  return out;
}

// The server cuts at 63 bytes, and not in the middle of a character.
std::string_view Cut(std::string_view name) {
  size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end);
}

bool InName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

// Looks at one byte in 64, and at the quotes: what has no run of so many bytes need not be split into tokens.
bool MayHoldLongName(std::string_view text) {
  for (size_t i = kMost; i < text.size(); i += kMost + 1) {
    if (!InName(text[i])) continue;
    size_t begin = i, end = i + 1;
    while (begin > 0 && InName(text[begin - 1])) --begin;
    while (end < text.size() && InName(text[end])) ++end;
    if (end - begin > kMost) return true;
  }
  for (size_t quote = text.find('"'); quote != std::string_view::npos;) {
    const size_t next = text.find('"', quote + 1);
    // What lies between two names is as long, but mostly has a line end in it; names have none.
    if (next != std::string_view::npos && next - quote > kMost && text.substr(quote, next - quote).find('\n') == std::string_view::npos) return true;
    quote = next;
  }
  return false;
}

void Check(const ScriptContext& script) {
  std::vector<std::pair<std::string, std::string>> cut;  // as cut off, as written: of those reported
  for (const sql::Statement* s : script.script->statements) {
    if (s->kind == sql::StatementKind::kSyntaxError || s->kind == sql::StatementKind::kClientCommand) continue;
    if (s->kind == sql::StatementKind::kDrop) continue;  // cut in the same way as when it was made, and gone now
    if (!MayHoldLongName(script.Text(s->span))) continue;
    sql::Scanner scanner(script.file->text(), s->span);
    for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.span.size() <= kMost || (t.kind != sql::TokenKind::kIdentifier && t.kind != sql::TokenKind::kQuotedIdentifier)) continue;
      std::string name(scanner.Text(t));
      if (t.kind == sql::TokenKind::kQuotedIdentifier) {
        if (name[0] != '"') continue;  // U&"...": its escapes are not counted here
        name = Unquoted(name);
      } else {
        name = absl::AsciiStrToLower(name);
      }
      if (name.size() <= kMost) continue;
      const std::string_view left = Cut(name);
      const std::pair<std::string, std::string>* same = nullptr;
      bool told = false;
      for (const auto& c : cut) {
        told |= c.second == name;
        if (c.first == left && c.second != name) same = &c;
      }
      if (told) continue;
      FindingBuilder f = script.Report(kIdentifierTooLong, t.span, absl::StrCat("the server cuts this name to `", left, "`"));
      f.Why(same != nullptr ? absl::StrCat("`", same->second, "` is cut to the same name: the two are one")
                            : absl::StrCat("names hold 63 bytes, this one has ", name.size(), ": the rest, `", name.substr(left.size()), "`, is dropped with no more than a NOTICE, and code that looks the full name up in the catalogs does not find it"));
      f.Help("choose a name of at most 63 bytes");
      cut.emplace_back(std::string(left), std::move(name));
    }
  }
}

}  // namespace

constinit const Rule kIdentifierTooLong = {
    .info = {
        .name = "identifier-too-long",
        .group = RuleGroup::kDesign,
        .severity = Severity::kError,
        .summary = "a name longer than 63 bytes is cut off",
        .page = {
            .what = "An identifier is longer than 63 bytes.",
            .why = "The server cuts it off and says so in a NOTICE only. Two names that differ behind the 63rd byte become one: the "
                   "second object fails, or is found to exist already by `IF NOT EXISTS`. Tools that compare names find a difference for "
                   "ever.",
            .instead = "A shorter name; generated names (`orders_customer_id_fkey`) count as well.",
            .fix_safety = "",
            .versions = "",
            .limits = "Names that are only dropped are not judged: they are cut as they were when they were made.",
            .references = "PostgreSQL documentation, Lexical Structure, Identifiers and Key Words",
            .elsewhere = "squawk identifier-too-long; pgsafe identifier-too-long",
            .bad = "CREATE TABLE IF NOT EXISTS monthly_revenue_of_all_customers_by_country_and_payment_method_since (id bigint PRIMARY "
                   "KEY);\n",
            .good = "CREATE TABLE IF NOT EXISTS monthly_revenue_by_country_and_payment_method (id bigint PRIMARY KEY);\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
