#include "analyzer/catalog/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace pawl {
namespace {

constexpr size_t kMaxNameBytes = 63;  // NAMEDATALEN - 1

// Cuts `s` to at most n bytes without splitting a UTF-8 character (pg_mbcliplen).
std::string_view Clip(std::string_view s, size_t n) {
  if (s.size() <= n) return s;
  while (n > 0 && (static_cast<unsigned char>(s[n]) & 0xC0) == 0x80) --n;
  return s.substr(0, n);
}

void AddOnce(std::string_view s, std::vector<std::string_view>* out) {
  if (std::find(out->begin(), out->end(), s) == out->end()) out->push_back(s);
}

}  // namespace

std::string MakeObjectName(std::string_view name1, std::string_view name2, std::string_view label) {
  const size_t overhead = label.size() + 1 + (name2.empty() ? 0 : 1);
  const size_t available = kMaxNameBytes > overhead ? kMaxNameBytes - overhead : 0;
  size_t n1 = name1.size(), n2 = name2.size();
  while (n1 + n2 > available) {
    if (n1 > n2) {
      --n1;
    } else {
      --n2;
    }
  }
  name1 = Clip(name1, n1);
  if (name2.empty()) return absl::StrCat(name1, "_", label);
  return absl::StrCat(name1, "_", Clip(name2, n2), "_", label);
}

std::string NameAddition(const std::vector<std::string_view>& columns) {
  std::string s;
  for (std::string_view c : columns) {
    if (!s.empty()) s += '_';
    s += c;
    if (s.size() > kMaxNameBytes) break;
  }
  return s;
}

std::string_view ExpressionName(const sql::Expr& e) {
  switch (e.kind) {
    case sql::ExprKind::kColumn:
    case sql::ExprKind::kCall:
      return e.text;
    case sql::ExprKind::kCast:
      if (!e.arguments.empty()) {
        const std::string_view inner = ExpressionName(*e.arguments[0]);
        if (inner != "expr" && inner != "case") return inner;
      }
      return e.type != nullptr ? e.type->name : "expr";
    case sql::ExprKind::kOther: {
      // COALESCE, GREATEST, CASE, ARRAY, ROW name themselves in lower case.
      static constexpr std::string_view kNamed[] = {"coalesce", "greatest", "least", "case", "array", "row", "nullif"};
      for (std::string_view n : kNamed) {
        if (absl::EqualsIgnoreCase(e.text, n)) return n;
      }
      if (absl::EqualsIgnoreCase(e.text, "COLLATE") && !e.arguments.empty()) return ExpressionName(*e.arguments[0]);
      return "expr";
    }
    case sql::ExprKind::kOperator:
      return e.text == "NULLIF" ? "nullif" : "expr";
    default:
      return "expr";
  }
}

std::string UniqueIn(const std::vector<std::string>& names, std::string_view name) {
  std::string candidate(name);
  for (int i = 1; std::find(names.begin(), names.end(), candidate) != names.end(); ++i) {
    const std::string number = absl::StrCat(i);
    candidate = absl::StrCat(Clip(name, kMaxNameBytes - number.size()), number);
  }
  return candidate;
}

std::string FoldText(std::string_view text, bool fold_case) {
  std::string out;
  out.reserve(text.size());
  bool blank = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
      blank = true;
      continue;
    }
    if (c == '-' && i + 1 < text.size() && text[i + 1] == '-') {
      while (i < text.size() && text[i] != '\n') ++i;
      blank = true;
      continue;
    }
    if (c == '/' && i + 1 < text.size() && text[i + 1] == '*') {
      const size_t end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 1;
      blank = true;
      continue;
    }
    if (blank && !out.empty()) {
      // "( a" and "(a" are the same text; so are "a ,b" and "a, b".
      const char last = out.back();
      if (last != '(' && last != ',' && c != ')' && c != ',') out += ' ';
    }
    blank = false;
    if (c == '\'' || c == '"') {
      size_t end = text.find(c, i + 1);
      if (end == std::string_view::npos) end = text.size() - 1;
      out.append(text.substr(i, end - i + 1));
      i = end;
      continue;
    }
    out += fold_case ? absl::ascii_tolower(static_cast<unsigned char>(c)) : c;
  }
  return out;
}

std::string_view FirstParenthesis(std::string_view text) {
  size_t begin = std::string_view::npos;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    size_t end = i;
    if (c == '\'' || c == '"') {
      end = text.find(c, i + 1);
    } else if (c == '-' && text.substr(i, 2) == "--") {
      end = text.find('\n', i);
    } else if (c == '/' && text.substr(i, 2) == "/*") {
      end = text.find("*/", i + 2);
    } else if (c == '(') {
      if (depth++ == 0) begin = i;
    } else if (c == ')') {
      if (depth == 0) return {};
      if (--depth == 0) return text.substr(begin, i - begin + 1);
    } else if (c == ';' && depth == 0) {
      return {};
    }
    if (end == std::string_view::npos) return {};
    i = end;
  }
  return {};
}

void CollectColumns(const sql::Expr& e, std::vector<std::string_view>* columns) {
  if (e.kind == sql::ExprKind::kColumn && e.text != "*") AddOnce(e.text, columns);
  for (const sql::Expr* a : e.arguments) {
    if (a != nullptr) CollectColumns(*a, columns);
  }
}

void CollectNotNull(const sql::Expr& e, std::vector<std::string_view>* columns) {
  const sql::Expr* first = e.arguments.empty() ? nullptr : e.arguments[0];
  switch (e.kind) {
    case sql::ExprKind::kIsNotNull:
      if (first != nullptr && first->kind == sql::ExprKind::kColumn) AddOnce(first->text, columns);
      return;
    case sql::ExprKind::kNot:
      if (first != nullptr && first->kind == sql::ExprKind::kIsNull && !first->arguments.empty() &&
          first->arguments[0]->kind == sql::ExprKind::kColumn) {
        AddOnce(first->arguments[0]->text, columns);
      }
      return;
    case sql::ExprKind::kAnd:
      for (const sql::Expr* a : e.arguments) CollectNotNull(*a, columns);
      return;
    default:
      return;
  }
}

}  // namespace pawl
