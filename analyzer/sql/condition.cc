#include "analyzer/sql/internal/condition.h"

#include "analyzer/sql/scanner.h"

namespace pawl::sql {
namespace {

constexpr int kMaxDepth = 32;

Truth Not(Truth t) { return t == Truth::kUnknown ? t : t == Truth::kTrue ? Truth::kFalse : Truth::kTrue; }

class ConditionReader {
 public:
  ConditionReader(std::string_view text, std::string_view operation) : scanner_(text), operation_(operation) { Next(); }

  Truth Read() {
    const Truth t = Or(0);
    return token_.kind == TokenKind::kEnd ? t : Truth::kUnknown;
  }

 private:
  void Next() { token_ = scanner_.NextCode(); }
  bool Is(std::string_view word) const { return scanner_.Is(token_, word); }

  Truth Or(int depth) {
    Truth left = And(depth);
    while (Is("or")) {
      Next();
      const Truth right = And(depth);
      left = left == Truth::kTrue || right == Truth::kTrue ? Truth::kTrue : left == Truth::kFalse && right == Truth::kFalse ? Truth::kFalse : Truth::kUnknown;
    }
    return left;
  }

  Truth And(int depth) {
    Truth left = Part(depth);
    while (Is("and")) {
      Next();
      const Truth right = Part(depth);
      left = left == Truth::kFalse || right == Truth::kFalse ? Truth::kFalse : left == Truth::kTrue && right == Truth::kTrue ? Truth::kTrue : Truth::kUnknown;
    }
    return left;
  }

  Truth Part(int depth) {
    if (depth > kMaxDepth) return Skip(Truth::kUnknown);
    if (Is("not")) {
      Next();
      return Not(Part(depth + 1));
    }
    Truth t = Truth::kUnknown;
    if (Is("true") || Is("false")) {
      t = Is("true") ? Truth::kTrue : Truth::kFalse;
      Next();
    } else if (Is("tg_op")) {
      t = Operation();
    } else if (token_.kind == TokenKind::kOpen && scanner_.Text(token_) == "(") {
      Next();
      t = Or(depth + 1);
      if (token_.kind != TokenKind::kClose) return Skip(Truth::kUnknown);
      Next();
    }
    return AtEnd() ? t : Skip(Truth::kUnknown);  // it was the beginning of something else
  }

  // tg_op = 'INSERT', <> 'INSERT', IN ('INSERT', 'UPDATE')
  Truth Operation() {
    Next();
    const std::string_view op = scanner_.Text(token_);
    const bool equal = op == "=" || op == "==", different = op == "<>" || op == "!=", in = Is("in");
    if (!equal && !different && !in) return Truth::kUnknown;
    bool found = false;
    do {
      Next();
      if (in && token_.kind == TokenKind::kOpen) Next();
      const std::string_view value = scanner_.Text(token_);
      if (token_.kind != TokenKind::kString || value.size() < 2 || value[0] != '\'') return Truth::kUnknown;
      found = found || value.substr(1, value.size() - 2) == operation_;
      Next();
    } while (in && token_.kind == TokenKind::kComma);
    if (in) Next();
    if (operation_.empty()) return Truth::kUnknown;
    return found != different ? Truth::kTrue : Truth::kFalse;
  }

  bool AtEnd() const { return token_.kind == TokenKind::kEnd || token_.kind == TokenKind::kClose || Is("and") || Is("or"); }
  Truth Skip(Truth t) {
    int open = 0;
    bool between = false;  // its AND joins no conditions
    for (; token_.kind != TokenKind::kEnd; Next()) {
      if (open == 0 && AtEnd() && !(between && Is("and"))) break;
      if (open == 0 && Is("and")) between = false;
      if (Is("between")) between = true;
      if (token_.kind == TokenKind::kOpen) ++open;
      if (token_.kind == TokenKind::kClose) --open;
    }
    return t;
  }

  Scanner scanner_;
  std::string_view operation_;
  Token token_;
};

}  // namespace

Truth Holds(std::string_view condition, std::string_view operation) { return ConditionReader(condition, operation).Read(); }

}  // namespace pawl::sql
