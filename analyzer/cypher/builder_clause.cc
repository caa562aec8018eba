#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/builder.h"

namespace pawl::cypher {

void Builder::Statement(G::StatementContext* c, cypher::Statement& out) {
  if (c->q != nullptr) {
    out.kind = StatementKind::kQuery;
    const Query* query = QueryOf(c->q);
    out.node = query;
    if (c->c != nullptr) {
      // USE graph CREATE INDEX ...
      const bool use_only = query->clauses.size() == 1 && query->clauses[0]->kind == ClauseKind::kUse;
      if (!use_only) Fail(Of(c->c->start), absl::StrCat("expected the end of the statement, found `", Written(Tok(c->c->start)), "`"), "end the query with `;` before it");
      Command(c->c, out);
    }
  } else if (c->c != nullptr) {
    Command(c->c, out);
  }
  std::stable_sort(forms_.begin(), forms_.end(), [](const FormUse& a, const FormUse& b) { return a.span.begin < b.span.begin; });
}

const Query* Builder::QueryOf(G::QueryContext* c) {
  if (c->parts.size() == 1) return Regular(c->parts[0]);
  auto* query = Make<Query>();
  query->span = Of(c);
  query->next = true;
  Use(Form::kNext, Of(c->parts[1]->start));
  std::vector<const Query*> parts;
  for (G::RegularQueryContext* r : c->parts) parts.push_back(Regular(r));
  query->parts = arena_.Copy(parts);
  return query;
}

const Query* Builder::Regular(G::RegularQueryContext* c) {
  if (!c->branches.empty()) {
    auto* query = Make<Query>();
    query->span = Of(c);
    std::vector<WhenBranch> branches;
    for (G::WhenBranchContext* b : c->branches) branches.push_back({Expression(b->condition), Arm(b->body), Of(b)});
    if (c->otherwise != nullptr) branches.push_back({nullptr, Arm(c->otherwise), Of(c->otherwise)});
    query->branches = arena_.Copy(branches);
    Use(Form::kWhen, Of(c->start));
    return query;
  }
  if (c->arms.size() == 1) return Arm(c->arms[0]);
  auto* query = Make<Query>();
  query->span = Of(c);
  query->union_all = c->unions[0]->quantifier != nullptr && c->unions[0]->quantifier->getType() == Lex::ALL;
  for (G::UnionKindContext* u : c->unions) {
    if (u->quantifier != nullptr && u->quantifier->getType() == Lex::DISTINCT) Use(Form::kUnionDistinct, Of(u));
  }
  std::vector<const Query*> parts;
  for (G::QueryArmContext* arm : c->arms) parts.push_back(Arm(arm));
  query->parts = arena_.Copy(parts);
  for (const Query* part : parts) {
    if (!part->clauses.empty() && part->clauses[0]->kind == ClauseKind::kShow) {
      Use(Form::kShowComposed, part->clauses[0]->keyword_span);
      break;
    }
  }
  return query;
}

const Query* Builder::Arm(G::QueryArmContext* c) {
  if (c->inner != nullptr) {
    Use(Form::kQueryBraces, Of(c));
    auto* query = const_cast<Query*>(QueryOf(c->inner));
    query->braces = true;
    return query;
  }
  auto* query = Make<Query>();
  query->span = Of(c);
  query->clauses = Clauses(c->clauses);
  return query;
}

// Clauses, with WHERE, ORDER BY, SKIP, LIMIT, YIELD and USING put where they belong.
List<const Clause*> Builder::Clauses(const std::vector<G::ClauseContext*>& v) {
  std::vector<Clause*> clauses;
  for (G::ClauseContext* c : v) {
    if (Join(c, clauses)) continue;
    if (c->use != nullptr && !clauses.empty()) Use(Form::kUseNotFirst, Of(c->start));
    clauses.push_back(ClauseOf(c));
  }
  CheckShow(clauses);
  std::vector<const Clause*> out(clauses.begin(), clauses.end());
  return arena_.Copy(out);
}

// In Cypher 5, SHOW and TERMINATE stand with their like, and a RETURN behind their YIELD, only.
void Builder::CheckShow(const std::vector<Clause*>& clauses) {
  auto command = [](const Clause* c) { return c->kind == ClauseKind::kShow || c->kind == ClauseKind::kTerminate; };
  const Clause* first = nullptr;
  for (const Clause* c : clauses) {
    if (first == nullptr && command(c)) first = c;
  }
  if (first == nullptr) return;
  // 4.4 takes no more than one of them, with its YIELD and RETURN.
  if (std::count_if(clauses.begin(), clauses.end(), command) > 1) Use(Form::kOther5, first->keyword_span);
  const Clause* last = nullptr;
  for (const Clause* c : clauses) {
    const bool fits = command(c) || (last == nullptr && c->kind == ClauseKind::kUse) ||
                      (c->kind == ClauseKind::kReturn && c == clauses.back() && last != nullptr && command(last) && last->has_yield);
    if (!fits) {
      Use(Form::kShowComposed, first->keyword_span);
      return;
    }
    last = c;
  }
}

bool Builder::Join(G::ClauseContext* c, std::vector<Clause*>& clauses) {
  Clause* last = clauses.empty() ? nullptr : clauses.back();
  const uint32_t end = Of(c).end;
  auto* projection = last == nullptr ? nullptr : const_cast<Projection*>(last->projection);
  if (c->where != nullptr) {
    const Expr* condition = Expression(c->where->condition);
    if (last != nullptr && last->kind == ClauseKind::kWith && projection->where == nullptr) {
      projection->where = condition;
    } else if (last != nullptr && last->where == nullptr && (last->kind == ClauseKind::kMatch || last->has_yield || last->kind == ClauseKind::kShow || last->kind == ClauseKind::kTerminate)) {
      last->where = condition;
      if (last->kind == ClauseKind::kTerminate && !last->has_yield) Use(Form::kOther5, Of(c));
      if (projection != nullptr) projection->where = condition;
    } else {
      const bool writes = last != nullptr && (last->kind == ClauseKind::kSet || last->kind == ClauseKind::kRemove || last->kind == ClauseKind::kDelete ||
                                              last->kind == ClauseKind::kCreate || last->kind == ClauseKind::kMerge || last->kind == ClauseKind::kForeach);
      Fail(Of(c->start), "`WHERE` stands behind `MATCH`, `WITH` or `YIELD` only",
           writes                                                    ? "filter before the write: `MATCH ... WHERE ...`, then the write"
           : last != nullptr && last->kind == ClauseKind::kReturn    ? "filter before `RETURN`: `WITH ... WHERE ... RETURN ...`"
           : last != nullptr && last->where == nullptr && projection == nullptr ? "filter in `WITH * WHERE ...`"
                                                                     : "join two conditions with `AND`");
      return true;
    }
    last->span.end = end;
    return true;
  }
  if (c->order != nullptr || c->page != nullptr) {
    const bool skip = c->page != nullptr && c->page->kind->getType() != Lex::LIMIT;
    const bool open = projection != nullptr && projection->where == nullptr &&
                      (last->kind == ClauseKind::kWith || last->kind == ClauseKind::kReturn || last->kind == ClauseKind::kOrderBy || (last->kind == ClauseKind::kShow || last->kind == ClauseKind::kTerminate)) &&
                      projection->limit == nullptr && (c->page == nullptr || !skip || projection->skip == nullptr) &&
                      (c->order == nullptr || (projection->order_by.empty() && projection->skip == nullptr));
    if (!open) {
      last = NewClause(ClauseKind::kOrderBy, c, c->order != nullptr ? 2 : 1);
      projection = Make<Projection>();
      last->projection = projection;
      clauses.push_back(last);
      Use(Form::kStandaloneOrderBy, last->keyword_span);
    }
    if (c->order != nullptr) {
      std::vector<SortItem> items;
      for (G::SortItemContext* s : c->order->items) {
        items.push_back({Expression(s->value), s->order != nullptr && (s->order->getType() == Lex::DESC || s->order->getType() == Lex::DESCENDING)});
      }
      projection->order_by = arena_.Copy(items);
    } else {
      (skip ? projection->skip : projection->limit) = Expression(c->page->count);
      if (c->page->kind->getType() == Lex::OFFSET) Use(Form::kOffset, Of(c->page->kind));
    }
    last->span.end = end;
    return true;
  }
  if (c->group != nullptr) {
    Use(Form::kOther25, Of(c));
    (void)Expressions(c->group->items);
    const bool takes = last != nullptr && (last->kind == ClauseKind::kReturn || last->kind == ClauseKind::kWith) && projection->order_by.empty();
    if (!takes) Fail(Of(c->start), "`GROUP BY` stands behind `RETURN` or `WITH` only");
    return true;
  }
  if (c->yield != nullptr) {
    const bool takes = last != nullptr && !last->has_yield && last->where == nullptr &&
                       (last->kind == ClauseKind::kCallProcedure || last->kind == ClauseKind::kShow || last->kind == ClauseKind::kTerminate);
    if (!takes) {
      Fail(Of(c->start), "`YIELD` stands behind a procedure's call or `SHOW` only");
      return true;
    }
    last->has_yield = true;
    if (last->kind == ClauseKind::kTerminate) Use(Form::kOther5, Of(c));
    last->yield_star = c->yield->star != nullptr;
    std::vector<YieldItem> items;
    for (G::YieldItemContext* item : c->yield->items) items.push_back({NameOf(item->source), NameOf(item->alias)});
    last->yields = arena_.Copy(items);
    if (last->kind != ClauseKind::kCallProcedure) last->projection = Make<Projection>();
    last->span.end = end;
    return true;
  }
  if (c->using_ != nullptr) {
    if (c->using_->periodic != nullptr) {
      Use(Form::kPeriodicCommit, Of(c));
      if (last != nullptr) Fail(Of(c->start), "`USING PERIODIC COMMIT` stands before `LOAD CSV` only");
      return true;
    }
    if (last == nullptr || last->kind != ClauseKind::kMatch || last->where != nullptr) {
      Fail(Of(c->start), "`USING` stands behind a `MATCH`, before its `WHERE`");
      return true;
    }
    if (c->using_->kind != nullptr && c->using_->kind->getType() == Lex::POINT) Use(Form::kOther5, Of(c));
    if (c->using_->kind != nullptr && c->using_->kind->getType() == Lex::BTREE) Use(Form::kUsingBtree, Of(c), Of(c->using_->kind), "RANGE");
    std::vector<std::string_view> hints(last->hints.begin(), last->hints.end());
    hints.push_back(Written(c));
    last->hints = arena_.Copy(hints);
    last->span.end = end;
    return true;
  }
  return false;
}

Clause* Builder::NewClause(ClauseKind kind, antlr4::ParserRuleContext* c, size_t keywords) {
  auto* clause = Make<Clause>();
  clause->kind = kind;
  clause->span = Of(c);
  const size_t first = static_cast<size_t>(Tok(c->start).index);
  clause->keyword_span = {clause->span.begin, text_.Outer(tokens_[first + keywords - 1].span.end - 1) + 1};
  return clause;
}

Clause* Builder::ClauseOf(G::ClauseContext* c) {
  const bool optional = c->start->getType() == Lex::OPTIONAL;
  if (c->match != nullptr) {
    Clause* k = Match(c->match);
    if (optional) {
      k->optional = true;
      k->span.begin = k->keyword_span.begin = Of(c).begin;
    }
    return k;
  }
  if (c->call != nullptr) {
    Clause* k = CallClause(c->call, optional);
    if (optional) {
      k->optional = true;
      k->span.begin = k->keyword_span.begin = Of(c).begin;
      Use(Form::kOptionalCall, k->keyword_span);
    }
    return k;
  }
  if (c->use != nullptr) return Use(c->use);
  if (c->projection != nullptr) return ProjectionClause(c->projection);
  if (c->unwind != nullptr) {
    Clause* k = NewClause(ClauseKind::kUnwind, c, 1);
    k->expression = Expression(c->unwind->list);
    k->variable = NameOf(c->unwind->variable);
    return k;
  }
  if (c->create != nullptr) return Create(c->create);
  if (c->insert != nullptr) {
    Clause* k = NewClause(ClauseKind::kInsert, c, 1);
    inserting_ = true;
    k->pattern = PatternOf(c->insert->body, nullptr);
    inserting_ = false;
    Use(Form::kInsert, k->keyword_span);
    return k;
  }
  if (c->merge != nullptr) return Merge(c->merge);
  if (c->set != nullptr) {
    Clause* k = NewClause(ClauseKind::kSet, c, 1);
    k->items = SetItems(c->set);
    return k;
  }
  if (c->remove != nullptr) {
    Clause* k = NewClause(ClauseKind::kRemove, c, 1);
    std::vector<SetItem> items;
    for (G::OperandContext* o : c->remove->items) items.push_back(Assigned(o, nullptr, nullptr, Of(o)));
    k->items = arena_.Copy(items);
    return k;
  }
  if (c->delete_ != nullptr) {
    const antlr4::Token* detach = c->delete_->detach;
    Clause* k = NewClause(ClauseKind::kDelete, c, detach != nullptr ? 2 : 1);
    k->detach = detach != nullptr && detach->getType() == Lex::DETACH;
    k->nodetach = detach != nullptr && !k->detach;
    if (k->nodetach) Use(Form::kNoDetach, k->keyword_span);
    k->arguments = Expressions(c->delete_->items);
    return k;
  }
  if (c->foreach != nullptr) return Foreach(c->foreach);
  if (c->load != nullptr) return Load(c->load);
  if (c->let != nullptr) {
    Clause* k = NewClause(ClauseKind::kLet, c, 1);
    Use(Form::kLet, k->keyword_span);
    auto* projection = Make<Projection>();
    std::vector<ProjectionItem> items;
    for (G::LetItemContext* i : c->let->items) items.push_back({Expression(i->value), NameOf(i->variable), Of(i)});
    projection->items = arena_.Copy(items);
    k->projection = projection;
    return k;
  }
  if (c->filter != nullptr) {
    Clause* k = NewClause(ClauseKind::kFilter, c, 1);
    Use(Form::kFilter, k->keyword_span);
    k->where = Expression(c->filter->condition);
    return k;
  }
  if (c->search != nullptr) {
    Clause* k = NewClause(ClauseKind::kSearch, c, 1);
    Use(Form::kSearch, k->keyword_span);
    k->variable = NameOf(c->search->variable);
    k->expression = Expression(c->search->vector);
    if (c->search->condition != nullptr) k->where = Expression(c->search->condition);
    return k;
  }
  if (c->show != nullptr) return Show(c->show);
  if (c->terminate != nullptr) {
    Clause* k = NewClause(ClauseKind::kTerminate, c, 2);
    k->arguments = Expressions(c->terminate->ids);
    if (k->arguments.size() == 1 && k->arguments[0]->kind != ExprKind::kLiteral && k->arguments[0]->kind != ExprKind::kParameter) Use(Form::kOther5, k->arguments[0]->span);
    k->name = {"TRANSACTIONS", k->keyword_span};
    if (k->arguments.empty()) Fail(k->keyword_span, "`TERMINATE TRANSACTIONS` needs the transactions' ids");
    return k;
  }
  if (c->start_ != nullptr) {
    Use(Form::kStart, Of(c->start_));
    return NewClause(ClauseKind::kMatch, c, 1);
  }
  Clause* k = NewClause(ClauseKind::kFinish, c, 1);
  Use(Form::kFinish, k->span);
  return k;
}

Clause* Builder::Use(G::UseClauseContext* c) {
  Clause* k = NewClause(ClauseKind::kUse, c, 1);
  Expr* e = New(c->open != nullptr ? ExprKind::kCall : ExprKind::kVariable, {Of(c->parts.front()).begin, Of(c->parts.back()).end});
  std::string text;
  for (size_t i = 0; i < c->parts.size(); ++i) absl::StrAppend(&text, i == 0 ? "" : ".", NameOf(c->parts[i]).text);
  e->text = arena_.Copy(std::string_view(text));
  e->arguments = Expressions(c->arguments);
  k->expression = e;
  if (c->open != nullptr && c->parts.size() > 1) Use(Form::kOther5, Of(c));  // graph.byName(...) with a namespace
  if (c->inner != nullptr) {
    k->query = QueryOf(c->inner);
    Use(Form::kQueryBraces, Of(c));
  }
  return k;
}

Clause* Builder::Match(G::MatchClauseContext* c) {
  Clause* k = NewClause(ClauseKind::kMatch, c, 1);
  k->pattern = PatternOf(c->body, c->how);
  return k;
}

Clause* Builder::ProjectionClause(G::ProjectionClauseContext* c) {
  Clause* k = NewClause(c->kind->getType() == Lex::WITH ? ClauseKind::kWith : ClauseKind::kReturn, c, 1);
  auto* projection = Make<Projection>();
  projection->distinct = c->distinct != nullptr && c->distinct->getType() == Lex::DISTINCT;
  if (c->distinct != nullptr && !projection->distinct) Use(Form::kOther25, Of(c->distinct));
  projection->star = c->star != nullptr;
  std::vector<ProjectionItem> items;
  for (G::ProjectionItemContext* i : c->items) items.push_back({Expression(i->value), NameOf(i->alias), Of(i)});
  projection->items = arena_.Copy(items);
  k->projection = projection;
  return k;
}

Clause* Builder::CallClause(G::CallClauseContext* c, bool optional) {
  if (c->procedure != nullptr) {
    Clause* k = NewClause(ClauseKind::kCallProcedure, c, 1);
    std::string space;
    for (size_t i = 0; i + 1 < c->procedure->parts.size(); ++i) absl::StrAppend(&space, i == 0 ? "" : ".", NameOf(c->procedure->parts[i]).text);
    k->schema = arena_.Copy(std::string_view(space));
    k->name = NameOf(c->procedure->parts.back());
    k->name.span.begin = Of(c->procedure).begin;
    k->has_arguments = c->open != nullptr;
    k->arguments = Expressions(c->arguments);
    calls_.push_back(k);
    return k;
  }
  Clause* k = NewClause(ClauseKind::kCallSubquery, c, 1);
  k->body_span = {Of(c->lbrace).end, Of(c->rbrace).begin};
  if (c->scope != nullptr) {
    k->has_scope = true;
    k->scope_star = c->scope->star != nullptr;
    k->scope = Names(c->scope->names);
    Use(Form::kScopeClause, Of(c->scope));
  }
  if (c->body == nullptr) {
    Fail({Of(c->lbrace).begin, Of(c->rbrace).end}, "`CALL { }` holds no query");
  } else {
    k->query = QueryOf(c->body);
    if (c->scope == nullptr) ImportingWith(*k, c);
  }
  if (c->transactions != nullptr) k->transactions = Transactions(c->transactions);
  (void)optional;
  return k;
}

// CALL { WITH a, b ... }: says which variables it takes; `CALL (a, b) { ... }` says the same today.
void Builder::ImportingWith(Clause& call, G::CallClauseContext* c) {
  bool any = false;
  const Query* query = call.query;
  List<const Query*> arms = query->parts;
  if (arms.empty()) arms = List<const Query*>(&query, 1);
  for (const Query* arm : arms) {
    if (arm->clauses.empty() || arm->clauses[0]->kind != ClauseKind::kWith) continue;
    auto* with = const_cast<Clause*>(arm->clauses[0]);
    const Projection& p = *with->projection;
    bool imports = !p.distinct && p.order_by.empty() && p.skip == nullptr && p.limit == nullptr && p.where == nullptr;
    for (const ProjectionItem& item : p.items) imports = imports && item.expression->kind == ExprKind::kVariable && item.alias.empty();
    if (!imports) continue;
    with->importing_with = any = true;
    FormUse& use = Use(Form::kImportingWith, with->span);
    if (arms.size() > 1 || arm->clauses.size() < 2 || text_.offsets != nullptr) continue;
    // `{ WITH a, b` as it stands becomes `(a, b) {`, and what follows stays.
    const uint32_t open = Tok(c->lbrace).span.begin;
    std::string names;
    if (p.star) names = "*";
    for (const ProjectionItem& item : p.items) absl::StrAppend(&names, names.empty() ? "" : ", ", text_.bytes.substr(item.expression->span.begin - text_.base, item.expression->span.size()));
    use.replace_span = {text_.Outer(open), arm->clauses[1]->span.begin};
    use.replacement = arena_.Copy(std::string_view(absl::StrCat(
        "(", names, ") {", text_.bytes.substr(open + 1, with->span.begin - text_.base - open - 1))));
    use.has_replacement = true;
  }
  if (!any) {
    const Span at{Of(c->lbrace).begin, Of(c->lbrace).begin};
    Use(Form::kCallWithoutScope, {call.keyword_span.begin, Of(c->lbrace).end}, at, "() ");
  }
}

Clause* Builder::Show(G::ShowClauseContext* c) {
  Clause* k = NewClause(ClauseKind::kShow, c, 1);
  std::string words;
  const size_t last = static_cast<size_t>(Tok(c->stop).index);
  for (size_t i = static_cast<size_t>(Tok(c->start).index) + 1; i <= last && IsKeyword(tokens_[i].type); ++i) absl::StrAppend(&words, words.empty() ? "" : " ", TokenText(tokens_[i].type));
  k->name = {arena_.Copy(std::string_view(words)), Of(c->what)};
  k->arguments = Expressions(c->what->ids);
  if (c->what->output != nullptr) Use(Form::kShowBriefVerbose, Of(c->what->output));
  if (c->what->indexKind != nullptr && c->what->indexKind->getType() == Lex::BTREE) Use(Form::kShowBtree, Of(c->what->indexKind), Of(c->what->indexKind), "RANGE");
  if (G::ConstraintKindContext* kind = c->what->constraints; kind != nullptr) {
    if (kind->old != nullptr) Use(Form::kShowExists, Of(kind->old), Of(kind->old), "EXISTENCE");
    if (kind->new_ != nullptr) Use(Form::kOther25, Of(kind));
  }
  if (c->what->graph != nullptr) Use(Form::kGraphType, Of(c->what));
  ShowForms(c, words);
  return k;
}

}  // namespace pawl::cypher
