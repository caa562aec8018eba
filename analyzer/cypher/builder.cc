// What all parts of the builder share: names, places, mistakes, forms.
#include "analyzer/cypher/internal/builder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace pawl::cypher {

Name Builder::NameAt(const antlr4::Token* token) {
  const Token& t = Tok(token);
  Name name{Written(t), text_.Outer(t.span)};
  if (t.type == Lex::WORD && name.text.find('$') != std::string_view::npos) Use(Form::kUnicodeEscapeName, name.span);
  if (t.type == Lex::QUOTED_NAME) {
    name.text = name.text.substr(1, name.text.size() - 2);
    if (name.text.find('`') != std::string_view::npos) name.text = arena_.Copy(std::string_view(absl::StrReplaceAll(name.text, {{"``", "`"}})));
  }
  return name;
}

List<Name> Builder::Names(const std::vector<G::NameContext*>& v) {
  std::vector<Name> names;
  for (G::NameContext* n : v) names.push_back(NameOf(n));
  return arena_.Copy(names);
}

uint64_t Builder::Number(const antlr4::Token* t) const {
  const std::string digits = absl::StrReplaceAll(Written(Tok(t)), {{"_", ""}});
  uint64_t n = 0;
  return absl::SimpleAtoi(digits, &n) ? n : UINT64_MAX;
}

void Builder::Fail(Span outer, std::string_view message, std::string_view help) {
  if (error_.present) return;
  error_ = {true, outer, std::string(message), std::string(help)};
}

FormUse& Builder::Use(Form form, Span outer) {
  forms_.push_back({form, true, outer, {}, {}, false});
  return forms_.back();
}

void Builder::Use(Form form, Span outer, Span replace, std::string_view replacement) {
  FormUse& use = Use(form, outer);
  use.replace_span = replace;
  use.replacement = arena_.Copy(replacement);
  use.has_replacement = text_.offsets == nullptr;
}

bool SameWord(std::string_view a, std::string_view b) { return absl::EqualsIgnoreCase(a, b); }

}  // namespace pawl::cypher
