#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/builder.h"

namespace pawl::cypher {
namespace {

// Operators in a row that make the tree one level deeper each: NOT NOT ..., a.b.c..., a - b + c - ...
constexpr size_t kMaxChain = 1000;

int Precedence(size_t op) {
  if (op == Lex::POW) return 0;
  if (op == Lex::TIMES || op == Lex::DIVIDE || op == Lex::PERCENT) return 1;
  return 2;
}

}  // namespace

const Expr* Builder::Expression(G::ExpressionContext* c) {
  std::vector<const Expr*> operands;
  std::vector<size_t> operators;
  operands.reserve(c->operands.size());
  size_t n = 0;
  for (G::ComparisonContext* o : c->operands) {
    size_t nots = n;
    while (n < c->negations.size() && Tok(c->negations[n]).index < Tok(o->start).index) ++n;
    const Expr* e = Comparison(o);
    if (n - nots > kMaxChain) Fail(Of(c->negations[nots]), absl::StrCat(n - nots, " times `NOT` in a row: more than this reader follows"));
    // Each NOT of a pair undoes the other, but a tree says what stands there.
    for (size_t i = std::min(n, nots + kMaxChain); i-- > nots;) {
      Expr* negation = New(ExprKind::kNot, {Of(c->negations[i]).begin, e->span.end});
      negation->arguments = arena_.CopyAll(std::vector<const Expr*>{e});
      e = negation;
    }
    operands.push_back(e);
  }
  if (operands.size() == 1) return operands[0];
  for (const antlr4::Token* t : c->operators) operators.push_back(t->getType());
  return FoldLogic(operands, operators, 0, operands.size(), 0);
}

// Splits operands [from, to) at OR, then XOR, then AND. Each level is one node, however many operands it has.
const Expr* Builder::FoldLogic(const std::vector<const Expr*>& operands, const std::vector<size_t>& operators, size_t from, size_t to, int level) {
  if (to - from == 1) return operands[from];
  const size_t split = level == 0 ? Lex::OR : level == 1 ? Lex::XOR : Lex::AND;
  std::vector<const Expr*> parts;
  size_t begin = from;
  for (size_t i = from; i < to; ++i) {
    if (i + 1 < to && operators[i] != split) continue;
    parts.push_back(level == 2 ? operands[i] : FoldLogic(operands, operators, begin, i + 1, level + 1));
    begin = i + 1;
  }
  if (parts.size() == 1) return parts[0];
  Expr* e = New(level == 0 ? ExprKind::kOr : level == 1 ? ExprKind::kXor : ExprKind::kAnd, {parts.front()->span.begin, parts.back()->span.end});
  e->arguments = arena_.Copy(parts);
  return e;
}

const Expr* Builder::Comparison(G::ComparisonContext* c) {
  std::vector<const Expr*> operands;
  size_t p = 0;
  for (size_t i = 0; i < c->operands.size(); ++i) {
    const Expr* e = Arithmetic(c->operands[i]);
    const int32_t next = i + 1 < c->operands.size() ? Tok(c->operands[i + 1]->start).index : INT32_MAX;
    if (p < c->predicates.size() && Tok(c->predicates[p]->start).index < next) e = Predicate(c->predicates[p++], e);
    operands.push_back(e);
  }
  if (operands.size() == 1) return operands[0];
  std::vector<const Expr*> pairs;
  for (size_t i = 0; i + 1 < operands.size(); ++i) {
    const size_t op = c->operators[i]->getType();
    if (op == Lex::NEQ_C) Use(Form::kNotEqualsOfC, Of(c->operators[i]), Of(c->operators[i]), "<>");
    pairs.push_back(Operator(op == Lex::NEQ_C ? "<>" : TokenText(op), operands[i], operands[i + 1]));
  }
  if (pairs.size() == 1) return pairs[0];
  Expr* e = New(ExprKind::kAnd, {operands.front()->span.begin, operands.back()->span.end});
  e->arguments = arena_.Copy(pairs);
  return e;
}

const Expr* Builder::Predicate(G::PredicateContext* c, const Expr* left) {
  // The operand of an extended CASE is not written: left is null then.
  const uint32_t begin = left != nullptr ? left->span.begin : Of(c).begin;
  const Span span{begin, Of(c).end};
  std::vector<const Expr*> arguments;
  if (left != nullptr) arguments.push_back(left);
  Expr* e;
  if (c->op != nullptr) {
    e = New(ExprKind::kOperator, span);
    const size_t op = c->op->getType();
    e->text = op == Lex::STARTS ? "STARTS WITH" : op == Lex::ENDS ? "ENDS WITH" : TokenText(op);
    arguments.push_back(Arithmetic(c->right));
  } else if (c->null != nullptr) {
    e = New(c->negated != nullptr ? ExprKind::kIsNotNull : ExprKind::kIsNull, span);
  } else if (G::TypeContext* type = c->typed; type != nullptr) {
    e = New(ExprKind::kIsTyped, span);
    e->text = Written(type);
    Use(Form::kTypePredicate, Of(c));
    TypeForms(type);
  } else {
    e = New(ExprKind::kIsNormalized, span);
    e->text = c->form != nullptr ? TokenText(c->form->getType()) : "NFC";
    Use(Form::kNormalizedPredicate, Of(c));
  }
  e->negated = c->negated != nullptr;
  e->arguments = arena_.Copy(arguments);
  return e;
}

void Builder::TypeForms(G::TypeContext* c) {
  for (G::TypePartContext* part : c->parts) {
    if (part->base->vector != nullptr) Use(Form::kVectorType, Of(part));
    if (part->base->inner != nullptr) TypeForms(part->base->inner);
  }
}

const Expr* Builder::Arithmetic(G::ArithmeticContext* c) {
  if (c->operands.size() == 1) return Operand(c->operands[0]);
  std::vector<const Expr*> operands;
  std::vector<size_t> operators;
  for (G::OperandContext* o : c->operands) operands.push_back(Operand(o));
  for (const antlr4::Token* t : c->operators) operators.push_back(t->getType());
  for (int level = 0; level < 3; ++level) {
    std::vector<const Expr*> left = {operands[0]};
    std::vector<size_t> rest;
    size_t depth = 0;
    for (size_t i = 0; i < operators.size(); ++i) {
      const size_t op = operators[i];
      if (Precedence(op) != level) {
        rest.push_back(op);
        left.push_back(operands[i + 1]);
        depth = 0;
        continue;
      }
      // A run of one associative operator is one node.
      std::vector<const Expr*> run = {left.back(), operands[i + 1]};
      if (op == Lex::PLUS || op == Lex::TIMES || op == Lex::DOUBLEBAR) {
        while (i + 1 < operators.size() && operators[i + 1] == op) run.push_back(operands[++i + 1]);
      }
      if (op == Lex::DOUBLEBAR) Use(Form::kConcatenation, Of(c->operators[0]));
      if (++depth > kMaxChain) {
        Fail(left.back()->span, "more alternating operators in a row than this reader follows", "put parentheses around parts of the sum");
        return left.back();
      }
      Expr* e = New(ExprKind::kOperator, {run.front()->span.begin, run.back()->span.end});
      e->text = TokenText(op);
      e->arguments = arena_.Copy(run);
      left.back() = e;
    }
    operands = std::move(left);
    operators = std::move(rest);
  }
  return operands[0];
}

const Expr* Builder::Operand(G::OperandContext* c) {
  size_t from = 0;
  const Expr* e = nullptr;
  // A call: names joined by dots, then parentheses.
  size_t call = 0;
  while (call < c->suffixes.size() && c->suffixes[call]->key != nullptr) ++call;
  const bool called = call < c->suffixes.size() && c->suffixes[call]->open != nullptr;
  auto* variable = dynamic_cast<G::VariableAtomContext*>(c->base);
  if (called && variable != nullptr && variable->projection == nullptr) {
    e = Call(c, call);
    from = call + 1;
  } else {
    e = Atom(c->base);
  }
  if (c->suffixes.size() > kMaxChain) Fail(Of(c->suffixes[kMaxChain]), "more properties and indexes in a row than this reader follows");
  for (size_t i = from; i < c->suffixes.size() && i < kMaxChain; ++i) {
    G::SuffixContext* s = c->suffixes[i];
    const Span span{e->span.begin, Of(s).end};
    std::vector<const Expr*> arguments = {e};
    Expr* next;
    if (s->key != nullptr) {
      next = New(ExprKind::kProperty, span);
      const Name key = NameOf(s->key);
      next->text = key.text;
      next->name_span = key.span;
    } else if (s->open != nullptr) {
      Fail(Of(s->open), "unexpected `(`: only a function's name can be called");
      return e;
    } else if (s->range != nullptr) {
      next = New(ExprKind::kSlice, span);
      const Span none{Of(s->range).begin, Of(s->range).begin};
      arguments.push_back(s->from != nullptr ? Expression(s->from) : New(ExprKind::kLiteral, none));
      arguments.push_back(s->to != nullptr ? Expression(s->to) : New(ExprKind::kLiteral, none));
    } else {
      next = New(ExprKind::kIndex, span);
      arguments.push_back(Expression(s->from));
    }
    next->arguments = arena_.Copy(arguments);
    e = next;
  }
  if (c->test != nullptr) {
    Expr* test = New(ExprKind::kLabelPredicate, {e->span.begin, Of(c->test).end});
    auto* labels = Make<Labels>();
    *labels = LabelsOf(c->test, false);
    test->labels = labels;
    test->arguments = arena_.CopyAll(std::vector<const Expr*>{e});
    e = test;
  }
  // A second sign is a negative number's own.
  if (c->signs.size() > 1 && (c->signs.size() > 2 || c->signs[1]->getType() != Lex::MINUS || e->kind != ExprKind::kLiteral ||
                              (e->literal != LiteralKind::kInteger && e->literal != LiteralKind::kFloat))) {
    Fail(Of(c->signs[1]), "one sign before an operand", "put parentheses around the inner one: `-(-x)`");
    return e;
  }
  for (size_t i = c->signs.size(); i-- > 0;) {
    Expr* sign = New(ExprKind::kUnary, {Of(c->signs[i]).begin, e->span.end});
    sign->text = TokenText(c->signs[i]->getType());
    sign->arguments = arena_.CopyAll(std::vector<const Expr*>{e});
    e = sign;
  }
  return e;
}

const Expr* Builder::Call(G::OperandContext* c, size_t call_suffix) {
  auto* base = static_cast<G::VariableAtomContext*>(c->base);
  G::SuffixContext* s = c->suffixes[call_suffix];
  Expr* e = New(ExprKind::kCall, {Of(c->base).begin, Of(s).end});
  const Name first = NameOf(base->variable);
  Name last = first;
  std::string space;
  for (size_t i = 0; i < call_suffix; ++i) {
    absl::StrAppend(&space, space.empty() ? "" : ".", last.text);
    last = NameOf(c->suffixes[i]->key);
  }
  e->schema = call_suffix == 1 ? first.text : arena_.Copy(std::string_view(space));
  e->text = last.text;
  e->name_span = {first.span.begin, last.span.end};
  e->distinct = s->quantifier != nullptr && s->quantifier->getType() == Lex::DISTINCT;
  e->star = s->star != nullptr;
  e->arguments = Expressions(s->arguments);
  if (e->star && (call_suffix > 0 || !SameWord(last.text, "count"))) Fail(Of(s->open), "unexpected `(*)`: only `count(*)` takes a star");
  if (e->schema.empty() && e->arguments.size() == 1) {
    const Expr* argument = e->arguments[0];
    if (SameWord(e->text, "exists") && (argument->kind == ExprKind::kProperty || argument->kind == ExprKind::kIndex)) {
      Use(Form::kExistsFunction, e->span, e->span, absl::StrCat("(", Written(s->arguments[0]), " IS NOT NULL)"));
    } else if (SameWord(e->text, "size") && argument->kind == ExprKind::kPattern) {
      Use(Form::kSizeOfPattern, e->span, e->span, absl::StrCat("COUNT { ", Written(s->arguments[0]), " }"));
    }
  }
  return e;
}

const Expr* Builder::Atom(G::AtomContext* c) {
  if (auto* v = dynamic_cast<G::VariableAtomContext*>(c)) return VariableAtom(v);
  if (auto* l = dynamic_cast<G::LiteralAtomContext*>(c)) return Literal(Tok(l->value));
  if (auto* p = dynamic_cast<G::ParameterAtomContext*>(c)) return Parameter(p->p);
  if (auto* m = dynamic_cast<G::MapAtomContext*>(c)) return MapExpr(m->m);
  if (auto* p = dynamic_cast<G::ParenthesisAtomContext*>(c)) {
    const Expr* inner = Expression(p->inner);
    const_cast<Expr*>(inner)->parenthesised = true;
    return inner;
  }
  if (auto* l = dynamic_cast<G::ListAtomContext*>(c)) {
    Expr* e = New(ExprKind::kList, Of(c));
    e->arguments = Expressions(l->items);
    return e;
  }
  if (auto* l = dynamic_cast<G::ListComprehensionAtomContext*>(c)) {
    const Name variable = NameOf(l->variable);
    const Expr* list = Expression(l->list);
    if (!l->items.empty()) {  // [x IN a, b]: a list after all, its first item a test
      Expr* left = New(ExprKind::kVariable, variable.span);
      left->text = variable.text;
      std::vector<const Expr*> items = {Operator("IN", left, list)};
      for (G::ExpressionContext* item : l->items) items.push_back(Expression(item));
      Expr* e = New(ExprKind::kList, Of(c));
      e->arguments = arena_.Copy(items);
      return e;
    }
    Expr* e = New(ExprKind::kListComprehension, Of(c));
    e->text = variable.text;
    e->arguments = arena_.CopyAll(std::vector<const Expr*>{list});
    if (l->condition != nullptr) e->where = Expression(l->condition);
    if (l->projection != nullptr) e->projection = Expression(l->projection);
    return e;
  }
  if (auto* p = dynamic_cast<G::PatternComprehensionAtomContext*>(c)) {
    Expr* e = New(ExprKind::kPatternComprehension, Of(c));
    e->text = NameOf(p->variable).text;
    auto* path = Make<PathPattern>();
    path->span = Of(p->path);
    PathBody(p->path, *path);
    e->pattern = SinglePath(path);
    if (p->condition != nullptr) e->where = Expression(p->condition);
    e->projection = Expression(p->projection);
    return e;
  }
  if (auto* k = dynamic_cast<G::CaseAtomContext*>(c)) return Case(k);
  if (auto* s = dynamic_cast<G::SubqueryAtomContext*>(c)) return Subquery(s);
  if (auto* q = dynamic_cast<G::QuantifierAtomContext*>(c)) {
    Expr* e = New(ExprKind::kQuantifier, Of(c));
    const std::string_view word = Written(Tok(q->kind));
    e->text = arena_.Copy(std::string_view(absl::AsciiStrToLower(word)));
    e->schema = NameOf(q->variable).text;
    e->name_span = Of(q->kind);
    e->arguments = arena_.CopyAll(std::vector<const Expr*>{Expression(q->list)});
    if (q->condition != nullptr) e->where = Expression(q->condition);
    if (q->projection != nullptr) e->projection = Expression(q->projection);
    if (e->text == "filter" || e->text == "extract") {
      const uint32_t inner = Tok(q->variable->start).span.begin, end = Tok(q->stop).span.begin;
      Use(e->text == "filter" ? Form::kFilterFunction : Form::kExtractFunction, e->span, e->span,
          absl::StrCat("[", text_.bytes.substr(inner, end - inner), "]"));
    } else if (q->projection != nullptr) {
      Fail(Of(q->projection), absl::StrCat("`", word, "` takes no `|`"));
    }
    return e;
  }
  if (auto* r = dynamic_cast<G::ReduceAtomContext*>(c)) {
    Expr* e = New(ExprKind::kReduce, Of(c));
    e->text = NameOf(r->variable).text;
    e->schema = NameOf(r->accumulator).text;
    e->arguments = arena_.CopyAll(std::vector<const Expr*>{Expression(r->initial), Expression(r->list)});
    e->projection = Expression(r->step);
    if (r->test != nullptr) e->where = Expression(r->test);
    const bool all = SameWord(Written(Tok(r->start)), "allReduce");
    if (all) Use(Form::kOther25, Of(r->start));
    if (all != (r->test != nullptr)) Fail(Of(r->start), all ? "`allReduce` needs a test behind the step" : "`reduce` takes no test");
    return e;
  }
  if (auto* t = dynamic_cast<G::TrimAtomContext*>(c)) return Trim(t);
  if (auto* s = dynamic_cast<G::ShortestPathAtomContext*>(c)) {
    Expr* e = New(ExprKind::kPattern, Of(c));
    auto* path = Make<PathPattern>();
    path->span = e->span;
    Shortest(s->s, *path);
    e->pattern = SinglePath(path);
    return e;
  }
  auto* p = static_cast<G::PatternAtomContext*>(c);
  Expr* e = New(ExprKind::kPattern, Of(c));
  e->pattern = PatternExpr(p->path);
  return e;
}

const Expr* Builder::VariableAtom(G::VariableAtomContext* c) {
  const Name name = NameOf(c->variable);
  Expr* e = New(ExprKind::kVariable, name.span);
  e->text = name.text;
  if (c->projection == nullptr) return e;
  Expr* projection = New(ExprKind::kMapProjection, Of(c));
  projection->arguments = arena_.CopyAll(std::vector<const Expr*>{e});
  std::vector<MapEntry> entries;
  for (G::MapProjectionItemContext* item : c->projection->items) {
    MapEntry entry;
    if (item->star != nullptr) {
      entry.key = {"*", Of(item)};
    } else {
      entry.key = NameOf(item->key);
      if (item->value != nullptr) {
        entry.value = Expression(item->value);
      } else {
        const bool property = item->start->getType() == Lex::DOT;
        Expr* value = New(property ? ExprKind::kProperty : ExprKind::kVariable, entry.key.span);
        value->text = entry.key.text;
        value->name_span = entry.key.span;
        if (property) value->arguments = arena_.CopyAll(std::vector<const Expr*>{e});
        entry.value = value;
      }
    }
    entries.push_back(entry);
  }
  projection->entries = arena_.Copy(entries);
  return projection;
}

List<const Expr*> Builder::Expressions(const std::vector<G::ExpressionContext*>& v) {
  if (v.empty()) return {};
  std::vector<const Expr*> out;
  out.reserve(v.size());
  for (G::ExpressionContext* e : v) out.push_back(Expression(e));
  return arena_.Copy(out);
}

Expr* Builder::New(ExprKind kind, Span span) {
  Expr* e = Make<Expr>();
  e->kind = kind;
  e->span = span;
  return e;
}

const Expr* Builder::Operator(std::string_view text, const Expr* a, const Expr* b) {
  Expr* e = New(ExprKind::kOperator, {a->span.begin, b->span.end});
  e->text = text;
  e->arguments = arena_.CopyAll(std::vector<const Expr*>{a, b});
  return e;
}

}  // namespace pawl::cypher
