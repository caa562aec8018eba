#include "migrations/run/statement_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace pawl {

namespace {

constexpr size_t kShown = 300;  // bytes of a statement in logs

}  // namespace

std::string ShownStatement(std::string_view sql) {
  std::string out;
  bool space = false;
  for (size_t i = 0; i < sql.size();) {
    const unsigned char c = static_cast<unsigned char>(sql[i]);
    size_t bytes = c < 0x80 ? 1 : c >= 0xF0 && c < 0xF5 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 0;
    for (size_t k = 1; k < bytes; ++k) {
      if (i + k >= sql.size() || (static_cast<unsigned char>(sql[i + k]) & 0xC0) != 0x80) bytes = 0;
    }
    if (out.size() >= kShown) return out + "…";
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!(blank && space)) {
      if (bytes == 0 || c == 0) out += '?';
      else if (blank) out += ' ';
      else out += sql.substr(i, bytes);
    }
    space = blank;
    i += std::max<size_t>(bytes, 1);
  }
  return out;
}

std::string WithoutLiterals(std::string_view cypher) {
  std::string out;
  out.reserve(cypher.size());
  auto word = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80; };
  for (size_t i = 0; i < cypher.size();) {
    const char c = cypher[i];
    if (c == '\'' || c == '"') {
      size_t end = i + 1;
      while (end < cypher.size() && cypher[end] != c) end += cypher[end] == '\\' ? 2 : 1;
      out += "''";
      i = std::min(end + 1, cypher.size());
    } else if (c == '`') {
      const size_t end = std::min(cypher.find('`', i + 1), cypher.size() - 1);
      out.append(cypher.substr(i, end + 1 - i));
      i = end + 1;
    } else if (word(c)) {
      const bool number = absl::ascii_isdigit(static_cast<unsigned char>(c));
      const size_t begin = i;
      while (i < cypher.size() && word(cypher[i])) ++i;
      if (number) out += '0';
      else out.append(cypher.substr(begin, i - begin));
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

std::string Label(const PlanMigration& m) { return absl::StrCat(m.version.empty() ? "repeatable" : m.version, m.name.empty() ? "" : absl::StrCat(" (", m.name, ")")); }

uint32_t LineOf(const PlanStatement& s, uint32_t position) {
  uint32_t line = s.line, characters = 0;
  if (position == 0) return line;
  for (char c : s.sql) {  // characters, of which each begins with a byte that is no continuation
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++characters >= position) break;
    line += c == '\n';
  }
  return line;
}

}  // namespace pawl
