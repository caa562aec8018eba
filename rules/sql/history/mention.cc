#include "rules/sql/history/mention.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace pawl {

Mention LastIn(const SourceFile& file, Span section, std::string_view name) {
  const auto in_word = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; };
  const std::string_view text = file.Slice(section);
  if (text.size() < name.size()) return {};
  const char first = static_cast<char>(absl::ascii_tolower(static_cast<unsigned char>(name[0])));
  for (size_t at = text.size() - name.size() + 1; at-- > 0;) {
    if (absl::ascii_tolower(static_cast<unsigned char>(text[at])) != first || !absl::EqualsIgnoreCase(text.substr(at, name.size()), name)) continue;
    if ((at > 0 && in_word(text[at - 1])) || (at + name.size() < text.size() && in_word(text[at + name.size()]))) continue;
    return {&file, section.begin + static_cast<uint32_t>(at)};
  }
  return {};
}

bool WentAway(const Mention& m) {
  const std::string_view text = m.file->text();
  const uint32_t from = m.at > 80 ? m.at - 80 : 0;
  std::string before = absl::AsciiStrToLower(text.substr(from, m.at - from));
  if (const size_t semicolon = before.rfind(';'); semicolon != std::string::npos) before.erase(0, semicolon + 1);
  const std::string after = absl::AsciiStrToLower(text.substr(m.at, 160));
  const size_t statement_end = after.find(';');
  const std::string_view rest = std::string_view(after).substr(0, statement_end);
  const bool dropped = absl::StrContains(before, "drop ") && !absl::StrContains(before, " on ");
  const bool renamed = (absl::StrContains(before, "rename ") || absl::StrContains(rest, " rename to ")) && absl::StrContains(rest, " to ");
  return dropped || renamed;
}

}  // namespace pawl
