// Templates and client variables, masked at equal length so that every span stays true.
#include <cstring>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "analyzer/sql/internal/script_parser.h"
#include "analyzer/sql/scanner.h"

namespace pawl::sql {
namespace {

void Blank(std::string& text, size_t begin, size_t end) {
  for (size_t i = begin; i < end && i < text.size(); ++i) {
    if (text[i] != '\n' && text[i] != '\r') text[i] = ' ';
  }
}

// A name of the same length; joins with what stands beside it: {{.Prefix}}_users is one identifier.
void AsName(std::string& text, size_t begin, size_t end) {
  for (size_t i = begin; i < end && i < text.size(); ++i) text[i] = i == begin ? 'x' : '_';
}

// {{ if x }}, {{- end }}, {{#each}}: control words give no text of their own.
bool IsControl(std::string_view inside) {
  while (!inside.empty() && std::strchr("{-~ \t", inside[0]) != nullptr) inside.remove_prefix(1);
  if (inside.empty() || std::strchr("#/%^!>", inside[0]) != nullptr) return true;
  std::string_view word = inside.substr(0, inside.find_first_of(" \t-}~"));
  for (std::string_view w : {"if", "else", "elseif", "elif", "end", "endif", "range", "with", "block", "define", "template", "for", "endfor", "set", "include", "import", "macro", "endmacro", "comment"}) {
    if (word == w) return true;
  }
  return inside.find(":=") != std::string_view::npos;
}

struct Form {
  std::string_view open;
  std::string_view close;
  bool control;  // always blank
};
constexpr Form kForms[] = {
    {"{{", "}}", false}, {"{%", "%}", true}, {"{#", "#}", true}, {"${", "}", false}, {"$%", "%$", false}, {"#{", "}", false},
    {"<%=", "%>", false}, {"<%", "%>", true}, {"%(", ")s", false}, {"@@", "@@", false},
};

}  // namespace

bool MaskTemplates(std::string& text) {
  bool masked = false;
  for (const Form& form : kForms) {
    for (size_t at = text.find(form.open); at != std::string::npos; at = text.find(form.open, at + 1)) {
      const size_t close = text.find(form.close, at + form.open.size());
      if (close == std::string::npos || close - at > 4096) continue;
      const size_t end = close + form.close.size();
      const std::string_view inside = std::string_view(text).substr(at + form.open.size(), close - at - form.open.size());
      if (form.control || (form.open == "{{" && IsControl(inside))) Blank(text, at, end);
      else AsName(text, at, end);
      masked = true;
    }
  }
  // psql: :name, :'name', :"name"; not ::type, := or an array slice's [1:2].
  Scanner scanner(text);
  for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == TokenKind::kOther && scanner.Text(t) == "@" ) continue;
    if (t.kind != TokenKind::kOperator || scanner.Text(t) != ":" || t.span.end >= text.size()) continue;
    const char next = text[t.span.end];
    if (next == '\'' || next == '"' || absl::ascii_isalpha(next) || next == '_') {
      text[t.span.begin] = ' ';
      masked = true;
    }
  }
  return masked;
}

std::string UndoubleQuotes(std::string_view body) {
  std::string out(body);
  bool open = false;
  for (size_t i = 0; i + 1 < out.size(); ++i) {
    if (out[i] != '\'' || out[i + 1] != '\'') continue;
    if (open && i + 3 < out.size() && out[i + 2] == '\'' && out[i + 3] == '\'') {
      out[i + 2] = out[i + 3] = ' ';  // a quote inside the inner string: keep it doubled
      i += 3;
      continue;
    }
    out[open ? i + 1 : i] = ' ';
    open = !open;
    ++i;
  }
  return out;
}

}  // namespace pawl::sql
