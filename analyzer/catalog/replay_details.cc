// What only a description of the schema needs: texts of defaults, generated columns, partitions. Kept where the catalogue was told
// to (Catalog::KeepDetails), because lint replays millions of columns and reads none of it.
#include <string>

#include "absl/strings/str_cat.h"

#include "analyzer/catalog/replay.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

using sql::Scanner;
using sql::Token;
using sql::TokenKind;

// Words that end the DEFAULT of a column's definition: what else may stand there (ColConstraint, gram.y). None of them can be a
// part of the expression outside parentheses (b_expr).
bool EndsColumnDefault(std::string_view word) {
  static constexpr std::string_view kWords[] = {"not",        "null",    "check",   "unique",  "primary",    "references", "constraint",
                                                "collate",    "generated", "deferrable", "initially", "storage", "compression", "default"};
  for (std::string_view w : kWords) {
    if (sql::EqualsKeyword(word, w)) return true;
  }
  return false;
}

// The expression behind the first DEFAULT in text: up to a comma, a closing parenthesis, a semicolon or, in a column's
// definition, the next part of it.
std::string_view DefaultIn(std::string_view text, bool in_column) {
  Scanner scanner(text);
  Token t = scanner.NextCode();
  while (t.kind != TokenKind::kEnd && !scanner.Is(t, "default")) t = scanner.NextCode();
  t = scanner.NextCode();
  if (t.kind == TokenKind::kEnd) return {};
  const uint32_t begin = t.span.begin;
  uint32_t end = begin;
  int depth = 0;
  for (bool first = true; t.kind != TokenKind::kEnd; t = scanner.NextCode(), first = false) {
    if (t.kind == TokenKind::kClose && depth-- == 0) break;
    if (t.kind == TokenKind::kOpen || scanner.Is(t, "case")) ++depth;
    if (depth > 0 && scanner.Is(t, "end")) --depth;  // CASE ... END
    if (depth == 0 && (t.kind == TokenKind::kComma || t.kind == TokenKind::kSemicolon)) break;
    if (in_column && depth == 0 && !first && t.kind == TokenKind::kIdentifier && EndsColumnDefault(scanner.Text(t))) break;
    end = t.span.end;
  }
  return text.substr(begin, end - begin);
}

// `text` with the name `from` of a column, or of a function, replaced by `to` where it stands as a name of its own.
std::string RenameIn(std::string_view text, std::string_view from, std::string_view to, bool function = false) {
  std::string out;
  Scanner scanner(text);
  uint32_t copied = 0;
  for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; t = scanner.NextCode()) {
    const std::string_view word = scanner.Text(t);
    const bool same = t.kind == TokenKind::kQuotedIdentifier ? word.size() == from.size() + 2 && word.substr(1, from.size()) == from
                                                            : t.kind == TokenKind::kIdentifier && sql::EqualsKeyword(word, from);
    if (!same) continue;
    if ((t.span.end < text.size() && text[t.span.end] == '(') != function) continue;  // name( is a function
    absl::StrAppend(&out, text.substr(copied, t.span.begin - copied), "\"", to, "\"");
    copied = t.span.end;
  }
  absl::StrAppend(&out, text.substr(copied));
  return out;
}

}  // namespace

void CatalogReplay::KeepDefault(CatalogColumn* column, uint32_t begin, uint32_t end, bool in_column) {
  if (c_.details_ == nullptr) return;
  std::string_view text = From(begin);
  if (end > begin) text = text.substr(0, end - begin);
  column->default_text = c_.details_->Copy(FoldText(DefaultIn(text, in_column), false));
}

void CatalogReplay::KeepGenerated(CatalogColumn* column, uint32_t begin) {
  if (c_.details_ != nullptr) column->default_text = c_.details_->Copy(FoldText(FirstParenthesis(From(begin)), false));
}

void CatalogReplay::KeepIdentity(CatalogColumn* column, uint32_t begin) {
  if (c_.details_ == nullptr) return;
  const std::string_view text = From(begin);
  Scanner scanner(text);
  column->identity_kind = 0;
  for (Token t = scanner.NextCode(); t.kind == TokenKind::kIdentifier || t.kind == TokenKind::kQuotedIdentifier; t = scanner.NextCode()) {
    if (scanner.Is(t, "always")) column->identity_kind = 'a';
    if (scanner.Is(t, "default")) column->identity_kind = 'd';
    if (column->identity_kind != 0) return;
  }
}

void CatalogReplay::KeepPartitionKey(Table* t, const sql::Statement& s) {
  if (c_.details_ == nullptr || s.span.end > text_.size()) return;
  const std::string_view text = text_.substr(s.span.begin, s.span.end - s.span.begin);
  Scanner scanner(text);
  int depth = 0;
  for (Token k = scanner.NextCode(); k.kind != TokenKind::kEnd; k = scanner.NextCode()) {
    if (k.kind == TokenKind::kOpen) ++depth;
    if (k.kind == TokenKind::kClose) --depth;
    if (depth != 0 || !scanner.Is(k, "partition") || !scanner.Is(scanner.NextCode(), "by")) continue;
    const std::string_view rest = text.substr(scanner.position());
    const std::string_view key = FirstParenthesis(rest);
    if (!key.empty()) t->partition_key = c_.details_->Copy(FoldText(rest.substr(0, static_cast<size_t>(key.data() + key.size() - rest.data())), false));
    return;
  }
}

void CatalogReplay::KeepBound(Table* t, const sql::PartitionBound* bound) {
  if (c_.details_ == nullptr || bound == nullptr) return;
  if (bound->is_default) {
    t->partition_bound = "DEFAULT";
    return;
  }
  // FROM (...) TO (...), IN (...), WITH (...): the span is at its first word or parenthesis.
  const std::string_view text = From(bound->span.begin);
  std::string_view part = FirstParenthesis(text);
  if (part.empty()) return;
  size_t end = static_cast<size_t>(part.data() + part.size() - text.data());
  if (bound->strategy == 'r') {
    part = FirstParenthesis(text.substr(end));
    if (part.empty()) return;
    end = static_cast<size_t>(part.data() + part.size() - text.data());
  }
  const std::string folded = FoldText(text.substr(0, end), false);
  const std::string_view word = bound->strategy == 'r' ? "FROM " : bound->strategy == 'h' ? "WITH " : "IN ";
  const size_t parenthesis = folded.find('(');
  t->partition_bound = c_.details_->Copy(absl::StrCat("FOR VALUES ", word, std::string_view(folded).substr(parenthesis)));
}

// The default of a column of the type shows the value by its new name.
void CatalogReplay::RenameValueInDetails(std::string_view type, std::string_view from, std::string_view to) {
  if (c_.details_ == nullptr) return;
  const std::string old_value = absl::StrCat("'", from, "'"), new_value = absl::StrCat("'", to, "'");
  for (auto& [key, t] : c_.tables_) {
    for (CatalogColumn& c : t.columns) {
      if (!c.default_text.starts_with(old_value) || (c.type != type && c.type != NameOf(type))) continue;
      c.default_text = c_.details_->Copy(absl::StrCat(new_value, c.default_text.substr(old_value.size())));
    }
  }
}

void CatalogReplay::RenameFunctionInDetails(std::string_view from, std::string_view to) {
  if (c_.details_ == nullptr) return;
  for (auto& [key, t] : c_.tables_) {
    for (CatalogColumn& c : t.columns) {
      if (!c.default_text.empty()) c.default_text = c_.details_->Copy(RenameIn(c.default_text, from, to, /*function=*/true));
    }
  }
}

void CatalogReplay::RenameInDetails(Table* t, std::string_view from, std::string_view to) {
  for (CatalogConstraint& k : t->constraints) {
    if (k.kind == sql::ConstraintKind::kCheck && !k.check.empty()) k.check = RenameIn(k.check, from, to);
  }
  if (c_.details_ == nullptr) return;
  for (CatalogColumn& c : t->columns) {
    if (c.generated) c.default_text = c_.details_->Copy(RenameIn(c.default_text, from, to));
  }
  for (Index& i : t->indexes) i.tail = c_.details_->Copy(RenameIn(i.tail, from, to));
  t->partition_key = c_.details_->Copy(RenameIn(t->partition_key, from, to));
}

}  // namespace pawl
