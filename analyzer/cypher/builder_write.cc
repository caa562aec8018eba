// Clauses that write, and how they are batched.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/builder.h"

namespace pawl::cypher {

Clause* Builder::Create(G::CreateClauseContext* c) {
  Clause* k = NewClause(ClauseKind::kCreate, c, 1);
  k->pattern = PatternOf(c->body, nullptr);
  if (c->unique != nullptr) Use(Form::kCreateUnique, {k->keyword_span.begin, Of(c->unique).end}, {k->keyword_span.begin, Of(c->unique).end}, "MERGE");
  return k;
}

Clause* Builder::Merge(G::MergeClauseContext* c) {
  Clause* k = NewClause(ClauseKind::kMerge, c, 1);
  k->pattern = SinglePath(Path(c->path));
  std::vector<MergeAction> actions;
  for (G::MergeActionContext* a : c->actions) actions.push_back({a->on->getType() == Lex::CREATE, SetItems(a->set), Of(a)});
  k->actions = arena_.Copy(actions);
  return k;
}

List<SetItem> Builder::SetItems(G::SetClauseContext* c) {
  std::vector<SetItem> items;
  for (G::SetItemContext* i : c->items) items.push_back(Assigned(i->target, i->op == nullptr ? nullptr : &Tok(i->op), i->value, Of(i)));
  return arena_.Copy(items);
}

// One item of SET, or of REMOVE (without a value).
SetItem Builder::Assigned(G::OperandContext* target, const Token* op, G::ExpressionContext* value, Span span) {
  SetItem item;
  item.span = span;
  const bool remove = value == nullptr && target->parent != nullptr && dynamic_cast<G::RemoveClauseContext*>(target->parent) != nullptr;
  const Expr* e = Operand(target);
  item.target = e;
  if (op != nullptr) item.operator_span = text_.Outer(op->span);
  if (value != nullptr) item.value = Expression(value);
  if (e->kind == ExprKind::kLabelPredicate) {
    item.kind = SetKind::kLabels;
    item.labels = *e->labels;
    item.target = e->arguments[0];
    if (value != nullptr) Fail(item.operator_span, "labels are set without `=`", "write `SET n:Label`");
    // Only names joined by colons can be given to a node.
    for (size_t i = static_cast<size_t>(Tok(target->test->start).index); i <= static_cast<size_t>(Tok(target->test->stop).index); ++i) {
      const Token& t = tokens_[i];
      if (t.match > static_cast<int32_t>(i)) {
        if (i == 0 || (tokens_[i - 1].type != Lex::DOLLAR && tokens_[i - 1].type != Lex::ALL && tokens_[i - 1].type != Lex::ANY)) {
          Fail(text_.Outer(t.span), "labels to set are joined with `:` only");
        }
        i = static_cast<size_t>(t.match);
      } else if (t.type == Lex::AMPERSAND || t.type == Lex::BAR || t.type == Lex::EXCLAMATION || t.type == Lex::PERCENT) {
        Fail(text_.Outer(t.span), absl::StrCat("labels to set are joined with `:`, not with `", TokenText(t.type), "`"), "write `SET n:A:B`");
      }
    }
    if (item.target->kind != ExprKind::kVariable) Fail(item.target->span, "a label belongs to a variable: `SET n:Label`");
    return item;
  }
  if (e->kind == ExprKind::kProperty && !e->parenthesised) {
    item.kind = SetKind::kProperty;
    item.key = {e->text, e->name_span};
    item.target = e->arguments[0];
  } else if (e->kind == ExprKind::kIndex && !e->parenthesised) {
    item.kind = SetKind::kDynamicProperty;
    item.target = e->arguments[0];
    item.key_expression = e->arguments[1];
    Use(Form::kDynamicName, e->span);
  } else if (e->kind == ExprKind::kVariable && !e->parenthesised && !remove) {
    item.kind = op != nullptr && op->type == Lex::PLUSEQ ? SetKind::kMerge : SetKind::kReplaceAll;
    if (value == nullptr) Fail({e->span.end, e->span.end}, "expected `=`, `+=`, a `.property` or a `:Label` behind the variable");
    return item;
  } else {
    Fail(e->span, remove ? "expected a property or a label of a variable behind `REMOVE`" : "expected a property, a variable or a label to set");
    return item;
  }
  if (!remove && value == nullptr) Fail({e->span.end, e->span.end}, "expected `=` and a value behind the property");
  if (op != nullptr && op->type == Lex::PLUSEQ) Fail(item.operator_span, "`+=` adds a map to a node or relationship, not to a property", "write `SET n.p = n.p + x`");
  return item;
}

Clause* Builder::Foreach(G::ForeachClauseContext* c) {
  Clause* k = NewClause(ClauseKind::kForeach, c, 1);
  k->variable = NameOf(c->variable);
  k->expression = Expression(c->list);
  k->clauses = Clauses(c->clauses);
  k->body_span = {Of(c->clauses.front()).begin, Of(c->clauses.back()).end};
  return k;
}

Clause* Builder::Load(G::LoadClauseContext* c) {
  Clause* k = NewClause(ClauseKind::kLoadCsv, c, 2);
  k->with_headers = c->headers != nullptr;
  k->expression = Expression(c->url);
  k->variable = NameOf(c->variable);
  if (c->terminator != nullptr) k->field_terminator = Literal(Tok(c->terminator));
  return k;
}

const InTransactions* Builder::Transactions(G::InTransactionsContext* c) {
  auto* t = Make<InTransactions>();
  t->span = Of(c);
  t->concurrent = c->concurrent != nullptr;
  if (t->concurrent) Use(Form::kConcurrentTransactions, Of(c->concurrent));
  if (c->degree != nullptr) t->concurrency = Operand(c->degree);
  bool rows = false, error = false, report = false;
  for (G::TransactionsPartContext* p : c->parts) {
    bool& seen = p->rows != nullptr ? rows : p->error != nullptr ? error : report;
    if (seen) Fail(Of(p), absl::StrCat("`", Written(Tok(p->start)), "` is written twice"));
    seen = true;
    if (p->rows != nullptr) {
      t->of_rows = Expression(p->rows);
    } else if (p->error != nullptr) {
      t->on_error_span = Of(p);
      Use(Form::kOnError, t->on_error_span);
      const size_t action = p->action == nullptr ? static_cast<size_t>(Lex::FAIL) : p->action->getType();
      t->on_error = action == Lex::CONTINUE ? OnError::kContinue : action == Lex::BREAK ? OnError::kBreak : OnError::kFail;
      t->retry = p->retry != nullptr;
      if (p->seconds != nullptr) t->retry_seconds = Expression(p->seconds);
      if (t->retry) Use(Form::kOnErrorRetry, t->on_error_span);
    } else {
      t->report_status = NameOf(p->variable);
      Use(Form::kOnError, Of(p));
    }
  }
  return t;
}

}  // namespace pawl::cypher
