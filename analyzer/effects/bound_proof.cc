// Whether a table's CHECK constraints prove that none of its rows belongs to a new partition: the server then leaves the scan of the
// DEFAULT partition out (ConstraintImpliedByRelConstraint, tablecmds.c; predtest.c). Only what is plain is proven here: one key column
// compared with constants.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "analyzer/effects/internal.h"
#include "analyzer/sql/scanner.h"

namespace pawl {
namespace {

using sql::Scanner;
using sql::Token;
using sql::TokenKind;

// One comparison of the key with a constant, or with several of which it equals one (IN).
struct Atom {
  std::string_view op;
  std::vector<std::string> values;
};

enum class Order : uint8_t { kNone, kNumber, kText };  // of values: unknown; as numbers; as ISO dates have it, letter by letter

Order OrderOf(std::string_view type) {
  for (std::string_view t : {"int2", "int4", "int8", "numeric", "float4", "float8"}) {
    if (type == t || (absl::StartsWith(type, t) && type.size() > t.size() && type[t.size()] == '(')) return Order::kNumber;
  }
  return type == "date" || absl::StartsWith(type, "timestamp") ? Order::kText : Order::kNone;
}

bool IsIsoDate(std::string_view s) {
  if (s.size() < 10 || s[4] != '-' || s[7] != '-') return false;
  return std::all_of(s.begin(), s.end(), [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' || c == ':' || c == ' ' || c == '.'; });
}

// a < b: -1, a = b: 0, a > b: 1; nothing where that is not plain.
std::optional<int> Compare(std::string_view a, std::string_view b, Order order) {
  if (order == Order::kNumber) {
    double x = 0, y = 0;
    if (!absl::SimpleAtod(a, &x) || !absl::SimpleAtod(b, &y)) return std::nullopt;
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (order == Order::kText) {
    if (!IsIsoDate(a) || !IsIsoDate(b)) return std::nullopt;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return std::nullopt;
}

class AtomReader {
 public:
  AtomReader(std::string_view check, std::string_view column) : scanner_(check), column_(column) { Next(); }

  // The parts of `a AND b AND c` that compare the column; other parts are passed over. Nothing where an OR makes them worthless.
  std::vector<Atom> Read() {
    Conjunction(0);
    if (failed_ || token_.kind != TokenKind::kEnd) atoms_.clear();
    return std::move(atoms_);
  }

 private:
  void Next() { token_ = scanner_.NextCode(); }
  bool Is(std::string_view word) const { return token_.kind == TokenKind::kIdentifier && scanner_.Is(token_, word); }

  void Conjunction(int depth) {
    if (depth > 16) {
      failed_ = true;
      return;
    }
    for (;;) {
      if (token_.kind == TokenKind::kOpen && scanner_.Text(token_) == "(") {
        Next();
        Conjunction(depth + 1);
        if (token_.kind != TokenKind::kClose) failed_ = true;
        Next();
      } else {
        Part();
      }
      if (failed_ || !Is("and")) return;
      Next();
    }
  }

  void Part() {
    const std::string name = absl::AsciiStrToLower(absl::StrReplaceAll(scanner_.Text(token_), {{"\"", ""}}));
    if (name != column_) {
      failed_ = true;  // something else: what it ends with is not known
      return;
    }
    Next();
    Atom atom;
    if (token_.kind == TokenKind::kOperator) {
      atom.op = scanner_.Text(token_);
      Next();
      if (!Value(&atom.values)) return;
    } else if (Is("in")) {
      atom.op = "=";
      Next();
      if (token_.kind != TokenKind::kOpen) {
        failed_ = true;
        return;
      }
      do {
        Next();
        if (!Value(&atom.values)) return;
      } while (token_.kind == TokenKind::kComma);
      Next();
    } else if (Is("is")) {
      Next();
      if (Is("not")) Next();
      Next();
      return;
    } else {
      failed_ = true;
      return;
    }
    atoms_.push_back(std::move(atom));
  }

  bool Value(std::vector<std::string>* out) {
    bool minus = false;
    if (Is("date") || Is("timestamp") || Is("timestamptz")) Next();
    if (token_.kind == TokenKind::kOperator && scanner_.Text(token_) == "-") {
      minus = true;
      Next();
    }
    std::string_view text = scanner_.Text(token_);
    if (token_.kind == TokenKind::kString && text.size() >= 2 && text[0] == '\'') {
      out->push_back(absl::StrReplaceAll(text.substr(1, text.size() - 2), {{"''", "'"}}));
    } else if (token_.kind == TokenKind::kNumber) {
      out->push_back((minus ? "-" : "") + std::string(text));
    } else {
      failed_ = true;
      return false;
    }
    Next();
    if (token_.kind == TokenKind::kOperator && scanner_.Text(token_) == "::") {
      Next();
      while (token_.kind == TokenKind::kIdentifier && !Is("and") && !Is("or")) Next();
    }
    return true;
  }

  Scanner scanner_;
  std::string_view column_;
  Token token_;
  bool failed_ = false;
  std::vector<Atom> atoms_;
};

// The constant of a bound as text; nothing for MINVALUE, MAXVALUE, nulls and expressions.
std::optional<std::string> ConstantOf(const sql::Expr* e) {
  while (e != nullptr && e->kind == sql::ExprKind::kCast && !e->arguments.empty()) e = e->arguments[0];
  if (e == nullptr || e->kind != sql::ExprKind::kConstant || e->constant == sql::ConstantKind::kNull) return std::nullopt;
  return std::string(e->text);
}

bool ExcludesValue(const Atom& a, const std::string& value, Order order) {
  if (a.op == "=") {
    return std::all_of(a.values.begin(), a.values.end(), [&](const std::string& v) {
      const std::optional<int> c = Compare(value, v, order);
      return c.has_value() ? *c != 0 : order == Order::kNone && value != v;
    });
  }
  if (a.op == "<>" || a.op == "!=") return value == a.values[0];
  const std::optional<int> c = Compare(value, a.values[0], order);
  if (!c.has_value()) return false;
  return (a.op == "<" && *c >= 0) || (a.op == "<=" && *c > 0) || (a.op == ">" && *c <= 0) || (a.op == ">=" && *c < 0);
}

// Nothing in [low, high) passes.
bool ExcludesRange(const Atom& a, const std::optional<std::string>& low, const std::optional<std::string>& high, Order order) {
  const auto below = [&](const std::string& v, bool or_same) {  // v < low
    const std::optional<int> c = low.has_value() ? Compare(v, *low, order) : std::nullopt;
    return c.has_value() && (*c < 0 || (or_same && *c == 0));
  };
  const auto above = [&](const std::string& v) {  // v >= high
    const std::optional<int> c = high.has_value() ? Compare(v, *high, order) : std::nullopt;
    return c.has_value() && *c >= 0;
  };
  if (a.op == "=") return std::all_of(a.values.begin(), a.values.end(), [&](const std::string& v) { return below(v, false) || above(v); });
  if (a.op == "<") return below(a.values[0], true);
  if (a.op == "<=") return below(a.values[0], false);
  return (a.op == ">" || a.op == ">=") && above(a.values[0]);
}

}  // namespace

bool ProvesOutside(const CatalogTable& table, const CatalogTable& parent, const sql::PartitionBound& bound) {
  // "RANGE (at)": one column.
  const std::string_view key = parent.partition_key;
  const size_t open = key.find('('), close = key.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
  const std::string column = absl::AsciiStrToLower(absl::StripAsciiWhitespace(key.substr(open + 1, close - open - 1)));
  const CatalogColumn* c = parent.FindColumn(column);
  if (c == nullptr) return false;
  const Order order = OrderOf(c->type);
  std::vector<Atom> atoms;
  for (const CatalogConstraint& k : table.constraints) {
    if (k.kind != sql::ConstraintKind::kCheck || !k.valid || k.check.empty()) continue;
    for (Atom& a : AtomReader(k.check, column).Read()) atoms.push_back(std::move(a));
  }
  if (bound.strategy == 'l') {
    return !bound.list.empty() && std::all_of(bound.list.begin(), bound.list.end(), [&](const sql::Expr* e) {
      const std::optional<std::string> value = ConstantOf(e);
      return value.has_value() && std::any_of(atoms.begin(), atoms.end(), [&](const Atom& a) { return ExcludesValue(a, *value, order); });
    });
  }
  if (bound.strategy != 'r' || bound.lower.size() != 1 || bound.upper.size() != 1) return false;
  const std::optional<std::string> low = ConstantOf(bound.lower[0]), high = ConstantOf(bound.upper[0]);
  return std::any_of(atoms.begin(), atoms.end(), [&](const Atom& a) { return ExcludesRange(a, low, high, order); });
}

}  // namespace pawl
