#include "analyzer/finding/add_ignores.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rules/rule.h"

namespace pawl {
namespace {

using Names = std::vector<std::string_view>;

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::string_view TrimBlanks(std::string_view s) {
  while (!s.empty() && IsBlank(s.front())) s.remove_prefix(1);
  while (!s.empty() && (IsBlank(s.back()) || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

// One line, and nothing that ends or opens a block comment: PostgreSQL's nest.
std::string CleanReason(std::string_view reason) {
  std::string out;
  for (char c : reason) {
    if (static_cast<unsigned char>(c) < 32) c = ' ';
    if (!out.empty() && ((c == '/' && out.back() == '*') || (c == '*' && out.back() == '/'))) out += ' ';
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string Directive(std::string_view word, const Names& names, std::string_view reason) {
  return absl::StrCat("pawl: ", word, " ", absl::StrJoin(names, ", "), reason.empty() ? "" : " -- ", reason);
}

// Where a line for the whole file goes. Liquibase and sqlx look for their directive in the first line.
uint32_t TopOfFile(const SourceFile& file) {
  const uint32_t begin = file.encoding().bom ? 3 : 0;
  const std::string_view text = file.text().substr(begin);
  const size_t newline = text.find('\n');
  std::string_view first = TrimBlanks(text.substr(0, newline));
  if (newline == std::string_view::npos || !absl::StartsWith(first, "--")) return begin;
  first = TrimBlanks(first.substr(2));
  const bool directive = absl::StartsWithIgnoreCase(first, "liquibase ") || first == "no-transaction";
  return directive ? begin + static_cast<uint32_t>(newline) + 1 : begin;
}

}  // namespace

std::vector<TextEdit> AddIgnores(const SourceFile& file, absl::Span<const Finding> findings, std::string_view reason) {
  const std::string_view text = file.text();
  const std::string cleaned = CleanReason(reason);
  const std::string_view line_end = file.encoding().crlf ? "\r\n" : "\n";
  if (file.encoding().utf16) return {};

  Names of_file;
  std::map<uint32_t, Names> of_statements;  // by where the statement begins
  Engine engine = Engine::kPostgresql;
  for (const Finding& f : findings) {
    if (f.file != &file || f.suppressed || f.rule == nullptr || f.rule->name == "unused-suppression") continue;
    engine = f.engine;
    Names& names = f.statement.empty() ? of_file : of_statements[f.statement.begin];
    if (std::find(names.begin(), names.end(), f.rule->name) == names.end()) names.push_back(f.rule->name);
  }
  const std::string_view mark = engine == Engine::kNeo4j ? "// " : "-- ";

  std::map<uint32_t, std::string> inserted;  // ordered, and joined where two meet
  if (!of_file.empty()) absl::StrAppend(&inserted[TopOfFile(file)], mark, Directive("ignore-file", of_file, cleaned), line_end);
  for (const auto& [begin, names] : of_statements) {
    if (begin > text.size()) continue;
    const size_t newline = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
    uint32_t line = newline == std::string_view::npos ? 0 : static_cast<uint32_t>(newline) + 1;
    if (line == 0 && file.encoding().bom && begin >= 3) line = 3;
    const std::string_view before = text.substr(line, begin - line);
    const std::string directive = Directive("ignore", names, cleaned);
    // In a section that is commented out, "-- " stands before each line and the new one needs it too.
    const std::string_view code = TrimBlanks(before);
    if (code.empty() || code == "--") {
      absl::StrAppend(&inserted[line], before, mark, directive, line_end);
    } else {
      absl::StrAppend(&inserted[begin], "/* ", directive, " */ ");
    }
  }
  std::vector<TextEdit> edits;
  for (auto& [at, what] : inserted) edits.push_back({{at, at}, std::move(what)});
  return edits;
}

}  // namespace pawl
