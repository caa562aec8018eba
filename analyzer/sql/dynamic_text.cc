#include "analyzer/sql/dynamic_text.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "analyzer/sql/scanner.h"

namespace pawl::sql {
namespace {

constexpr int kMaxDepth = 32;

DynamicValue Unknown() { return {std::string(kUnknownPart), false, false}; }

// Quotes are never wrong.
std::string QuoteIdent(std::string_view s) { return absl::StrCat("\"", absl::StrReplaceAll(s, {{"\"", "\"\""}}), "\""); }

std::string QuoteLiteral(std::string_view s) { return absl::StrCat("'", absl::StrReplaceAll(s, {{"'", "''"}}), "'"); }

// format(): %s, %I, %L, %%, with n$ and widths ("String Functions and Operators", format).
DynamicValue Format(const std::vector<DynamicValue>& arguments) {
  if (arguments.empty() || !arguments[0].known) return Unknown();
  DynamicValue out{"", true, true};
  const std::string& f = arguments[0].text;
  size_t next = 1;
  for (size_t i = 0; i < f.size(); ++i) {
    if (f[i] != '%') {
      out.text += f[i];
      continue;
    }
    size_t end = i + 1;
    while (end < f.size() && (absl::ascii_isdigit(static_cast<unsigned char>(f[end])) || f[end] == '$' || f[end] == '-' || f[end] == '*')) ++end;
    if (end >= f.size()) break;
    int position = 0;
    const std::string_view between = std::string_view(f).substr(i + 1, end - i - 1);
    if (const size_t dollar = between.find('$'); dollar != std::string_view::npos && absl::SimpleAtoi(between.substr(0, dollar), &position)) next = static_cast<size_t>(position);
    if (f[end] == '%') {
      out.text += '%';
    } else {
      const DynamicValue value = next < arguments.size() ? arguments[next] : Unknown();
      ++next;
      out.known = out.known && value.known;
      out.text += f[end] == 'L' ? QuoteLiteral(value.text) : f[end] == 'I' ? QuoteIdent(value.text) : value.text;
    }
    i = end;
  }
  return out;
}

class Evaluator {
 public:
  Evaluator(std::string_view text, const DynamicVariables& variables) : text_(text), scanner_(text), variables_(variables) { Next(); }

  DynamicValue Expression(int depth) {
    DynamicValue left = Term(depth);
    while (!AtEnd()) {
      const std::string_view op = token_.kind == TokenKind::kOperator ? scanner_.Text(token_) : std::string_view();
      if (op == "||") {
        Next();
        const DynamicValue right = Term(depth);
        // A text that is known in part says something as a statement, but is no name.
        left.text += right.known ? right.text : std::string(right.written ? right.text : kUnknownPart);
        left.known = left.known && right.known;
        left.written = left.written || right.written;
      } else if (op == "+" || op == "-") {
        Next();
        const DynamicValue right = Term(depth);
        int64_t a = 0, b = 0;
        const bool numbers = left.known && right.known && absl::SimpleAtoi(left.text, &a) && absl::SimpleAtoi(right.text, &b);
        left = numbers ? DynamicValue{absl::StrCat(op == "+" ? a + b : a - b), true, false} : Unknown();
      } else {
        Skip();
        return Unknown();
      }
    }
    return left;
  }

  // The elements of an array; false where one is not known.
  bool Array(std::vector<std::string>* out) {
    if (Is("unnest")) {
      Next();
      Next();
    }
    if (Is("array")) {
      Next();
      if (token_.kind != TokenKind::kOpen || text_[token_.span.begin] != '[') return false;
      do {
        Next();
        const DynamicValue v = Expression(0);
        if (!v.known) return false;
        out->push_back(v.text);
      } while (token_.kind == TokenKind::kComma);
      return token_.kind == TokenKind::kClose;
    }
    if (token_.kind != TokenKind::kString) return false;
    const DynamicValue v = Term(0);
    if (!v.known || v.text.size() < 2 || v.text.front() != '{' || v.text.back() != '}' || v.text.find('"') != std::string::npos) return false;
    for (std::string_view s : absl::StrSplit(std::string_view(v.text).substr(1, v.text.size() - 2), ',')) out->emplace_back(absl::StripAsciiWhitespace(s));
    return true;
  }

 private:
  void Next() { token_ = scanner_.NextCode(); }
  bool Is(std::string_view word) const { return token_.kind == TokenKind::kIdentifier && scanner_.Is(token_, word); }
  bool AtEnd() const {
    return token_.kind == TokenKind::kEnd || token_.kind == TokenKind::kComma || token_.kind == TokenKind::kClose || token_.kind == TokenKind::kSemicolon || Is("using") || Is("into");
  }
  void Skip() {
    int depth = 0;
    for (; token_.kind != TokenKind::kEnd; Next()) {
      if (depth == 0 && AtEnd()) return;
      if (token_.kind == TokenKind::kOpen) ++depth;
      if (token_.kind == TokenKind::kClose) --depth;
    }
  }

  DynamicValue Term(int depth) {
    DynamicValue v = depth > kMaxDepth ? Unknown() : Plain(depth);
    if (depth > kMaxDepth) Skip();
    while (token_.kind == TokenKind::kOperator && scanner_.Text(token_) == "::") {  // a cast: the text stays what it is
      Next();
      while (token_.kind == TokenKind::kIdentifier || token_.kind == TokenKind::kQuotedIdentifier || (token_.kind == TokenKind::kOperator && scanner_.Text(token_) == ".")) {
        if (Is("using") || Is("into")) break;
        Next();
      }
      if (token_.kind == TokenKind::kOpen) {  // (10), []
        while (token_.kind != TokenKind::kEnd && token_.kind != TokenKind::kClose) Next();
        Next();
      }
    }
    return v;
  }

  DynamicValue Plain(int depth) {
    const std::string_view written = scanner_.Text(token_);
    switch (token_.kind) {
      case TokenKind::kString: {
        const size_t quote = written.find('\'');
        const bool escapes = quote == 1 && (written[0] == 'E' || written[0] == 'e');
        const bool bad = token_.unterminated || quote > 1 || (quote == 1 && !escapes) || (escapes && written.find('\\') != std::string_view::npos);
        Next();
        if (bad) return Unknown();
        return {absl::StrReplaceAll(written.substr(quote + 1, written.size() - quote - 2), {{"''", "'"}}), true, true};
      }
      case TokenKind::kDollarString: {
        const size_t quote = written.find('$', 1) + 1;
        const bool bad = token_.unterminated || written.size() < 2 * quote;
        Next();
        if (bad) return Unknown();
        return {std::string(written.substr(quote, written.size() - 2 * quote)), true, true};
      }
      case TokenKind::kParameter: {
        const auto it = variables_.find(written);
        Next();
        return it == variables_.end() ? Unknown() : it->second;
      }
      case TokenKind::kNumber: Next(); return {std::string(written), true, false};
      case TokenKind::kOpen: {
        Next();
        DynamicValue v = Expression(depth + 1);
        Next();
        return v;
      }
      case TokenKind::kIdentifier: return Name(depth);
      default:
        if (!AtEnd()) Next();
        return Unknown();
    }
  }

  // A variable, a record's field, or a call.
  DynamicValue Name(int depth) {
    std::string name = absl::AsciiStrToLower(scanner_.Text(token_));
    Next();
    while (token_.kind == TokenKind::kOperator && scanner_.Text(token_) == ".") {
      Next();
      absl::StrAppend(&name, ".", absl::AsciiStrToLower(scanner_.Text(token_)));
      Next();
    }
    if (token_.kind != TokenKind::kOpen || text_[token_.span.begin] != '(') {
      const auto it = variables_.find(name);
      if (token_.kind == TokenKind::kOpen) Skip();
      return it == variables_.end() ? Unknown() : it->second;
    }
    std::vector<DynamicValue> arguments;
    do {
      Next();
      if (token_.kind == TokenKind::kClose) break;
      arguments.push_back(Expression(depth + 1));
    } while (token_.kind == TokenKind::kComma);
    if (token_.kind != TokenKind::kClose) {
      Skip();
    }
    Next();
    if (name == "format") return Format(arguments);
    if (name == "concat") {
      DynamicValue out{"", true, false};
      for (const DynamicValue& a : arguments) {
        out.text += a.text;
        out.known = out.known && a.known;
        out.written = out.written || a.written;
      }
      return out;
    }
    if (arguments.size() != 1 || !arguments[0].known) return Unknown();
    if (name == "quote_ident") return {QuoteIdent(arguments[0].text), true, false};
    if (name == "quote_literal") return {QuoteLiteral(arguments[0].text), true, false};
    if (name == "lower") return {absl::AsciiStrToLower(arguments[0].text), true, false};
    if (name == "upper") return {absl::AsciiStrToUpper(arguments[0].text), true, false};
    return Unknown();
  }

  std::string_view text_;
  Scanner scanner_;
  const DynamicVariables& variables_;
  Token token_;
};

}  // namespace

DynamicValue Evaluate(std::string_view expression, const DynamicVariables& variables) { return Evaluator(expression, variables).Expression(0); }

std::vector<std::string> ArgumentNames(std::string_view list) {
  std::vector<std::string> names;
  Scanner scanner(list);
  Token t = scanner.NextCode();
  if (t.kind != TokenKind::kOpen) return names;
  for (;;) {
    t = scanner.NextCode();
    if (t.kind == TokenKind::kEnd || t.kind == TokenKind::kClose) return names;
    bool out = false;
    while (scanner.Is(t, "in") || scanner.Is(t, "out") || scanner.Is(t, "inout") || scanner.Is(t, "variadic")) {
      out = out || scanner.Is(t, "out");
      t = scanner.NextCode();
    }
    // A name, if a type stands behind it: "integer" alone is one, "double precision" and s.t are not told from a name and its type.
    const std::string_view first = scanner.Text(t);
    Token next = scanner.NextCode();
    const bool named = (t.kind == TokenKind::kIdentifier || t.kind == TokenKind::kQuotedIdentifier) && (next.kind == TokenKind::kIdentifier || next.kind == TokenKind::kQuotedIdentifier);
    if (!out) names.push_back(named ? absl::AsciiStrToLower(first) : std::string());
    int depth = 0;
    for (; next.kind != TokenKind::kEnd; next = scanner.NextCode()) {
      if (depth == 0 && (next.kind == TokenKind::kComma || next.kind == TokenKind::kClose)) break;
      if (next.kind == TokenKind::kOpen) ++depth;
      if (next.kind == TokenKind::kClose) --depth;
    }
    if (next.kind != TokenKind::kComma) return names;
  }
}

std::vector<std::string> EvaluateArray(std::string_view expression, const DynamicVariables& variables) {
  std::vector<std::string> out;
  if (!Evaluator(expression, variables).Array(&out)) out.clear();
  return out;
}

}  // namespace pawl::sql
