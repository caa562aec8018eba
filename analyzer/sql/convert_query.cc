// Queries and expressions of the raw tree.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/scanner.h"
#include "analyzer/sql/internal/converter.h"

namespace pawl::sql {
namespace {

// A VALUES list of a seed file can have a million rows; rules need to see what kind of thing stands there, not all of it.
constexpr int kMaxValueRows = 8;

std::string_view KeywordName(SQLValueFunctionOp op) {
  switch (op) {
    case SVFOP_CURRENT_DATE: return "current_date";
    case SVFOP_CURRENT_TIME:
    case SVFOP_CURRENT_TIME_N: return "current_time";
    case SVFOP_CURRENT_TIMESTAMP:
    case SVFOP_CURRENT_TIMESTAMP_N: return "current_timestamp";
    case SVFOP_LOCALTIME:
    case SVFOP_LOCALTIME_N: return "localtime";
    case SVFOP_LOCALTIMESTAMP:
    case SVFOP_LOCALTIMESTAMP_N: return "localtimestamp";
    case SVFOP_CURRENT_ROLE: return "current_role";
    case SVFOP_CURRENT_USER: return "current_user";
    case SVFOP_USER: return "user";
    case SVFOP_SESSION_USER: return "session_user";
    case SVFOP_CURRENT_CATALOG: return "current_catalog";
    case SVFOP_CURRENT_SCHEMA: return "current_schema";
  }
  return "current_user";
}

std::string_view SubLinkText(SubLinkType t) {
  switch (t) {
    case EXISTS_SUBLINK: return "EXISTS";
    case ALL_SUBLINK: return "ALL";
    case ANY_SUBLINK: return "ANY";
    case ARRAY_SUBLINK: return "ARRAY";
    default: return "";
  }
}

}  // namespace

std::string_view Converter::Str(const Node* n) {
  if (n == nullptr) return {};
  if (IsA(n, String)) return Str(strVal(n));
  if (IsA(n, A_Star)) return "*";
  return {};
}

List<std::string_view> Converter::Strings(const ::List* list) {
  Scratch<std::string_view> v;
  for (Node* n : Nodes<Node>{list}) v.push_back(Str(n));
  return arena_.CopyAll(v);
}

Span Converter::TokenAt(int location) const {
  if (location < 0 || static_cast<size_t>(location) >= text_.size()) return {begin_, begin_};
  if (!exact_ends_) return {base_ + static_cast<uint32_t>(location), base_ + static_cast<uint32_t>(location)};
  Scanner scanner(text_, {static_cast<uint32_t>(location), static_cast<uint32_t>(text_.size())});
  const Token t = scanner.Next();
  return {base_ + t.span.begin, base_ + t.span.end};
}

Name Converter::RelName(const RangeVar* r) {
  Name n;
  if (r == nullptr) return n;
  n.schema = Str(r->schemaname);
  n.name = Str(r->relname);
  if (r->location >= 0) {
    const Span s = NameSpanAt(text_, static_cast<uint32_t>(r->location), static_cast<uint32_t>(text_.size()));
    n.span = {base_ + s.begin, base_ + s.end};
  }
  return n;
}

Name Converter::NameOf(const ::List* strings, int location) {
  Name n;
  const int count = Nodes<Node>{strings}.size();
  if (count > 0) n.name = Str(static_cast<Node*>(strings->elements[count - 1].ptr_value));
  if (count > 1) n.schema = Str(static_cast<Node*>(strings->elements[count - 2].ptr_value));
  if (location >= 0) {
    const Span s = NameSpanAt(text_, static_cast<uint32_t>(location), static_cast<uint32_t>(text_.size()));
    n.span = {base_ + s.begin, base_ + s.end};
  }
  return n;
}

const TypeName* Converter::ConvertType(const ::TypeName* t) {
  if (t == nullptr) return nullptr;
  TypeName* out = arena_.New<TypeName>();
  const Name n = NameOf(t->names, -1);
  out->name = n.name;
  if (n.schema != "pg_catalog") out->schema = n.schema;
  out->setof = t->setof;
  out->array = t->arrayBounds != nullptr;
  out->percent_type = t->pct_type;
  Scratch<int32_t> modifiers;
  for (Node* m : Nodes<Node>{t->typmods}) {
    if (IsA(m, A_Const) && IsA(&reinterpret_cast<A_Const*>(m)->val.node, Integer)) modifiers.push_back(intVal(&reinterpret_cast<A_Const*>(m)->val.node));
  }
  out->modifiers = arena_.CopyAll(modifiers);
  if (t->location >= 0 && !exact_ends_) {
    out->span = {base_ + static_cast<uint32_t>(t->location), base_ + static_cast<uint32_t>(t->location)};
  } else if (t->location >= 0) {
    // The parser gives the start only; a type's name may go on for several words, (n) and [].
    const uint32_t begin = static_cast<uint32_t>(t->location);
    Span s = NameSpanAt(text_, begin, static_cast<uint32_t>(text_.size()));
    if (s.empty()) s = {begin, begin};
    Scanner scanner(text_, {s.end, static_cast<uint32_t>(text_.size())});
    int depth = 0;
    for (Token k = scanner.NextCode(); k.kind != TokenKind::kEnd; k = scanner.NextCode()) {
      bool part = depth > 0;
      if (k.kind == TokenKind::kOpen) {
        ++depth;
        part = true;
      } else if (k.kind == TokenKind::kClose) {
        part = depth-- > 0;
      } else if (k.kind == TokenKind::kIdentifier && depth == 0) {
        for (std::string_view w : {"varying", "precision", "time", "zone", "with", "without", "array"}) part = part || scanner.Is(k, w);
        if (scanner.Is(k, "with") || scanner.Is(k, "without")) part = out->name.starts_with("time");
      }
      if (!part) break;
      s.end = k.span.end;
    }
    out->span = {base_ + begin, base_ + s.end};
  }
  return out;
}

List<const Expr*> Converter::ConvertExprs(const ::List* list) {
  Scratch<const Expr*> v;
  for (Node* n : Nodes<Node>{list}) {
    if (n != nullptr) v.push_back(ConvertExpr(n));
  }
  return arena_.CopyAll(v);
}

const Expr* Converter::And(const Scratch<const Expr*>& parts) {
  if (parts.empty()) return nullptr;
  if (parts.size() == 1) return parts[0];
  Expr* e = arena_.New<Expr>();
  e->kind = ExprKind::kAnd;
  e->span = parts[0]->span;
  e->arguments = arena_.CopyAll(parts);
  return e;
}

std::string_view Converter::ConstantText(std::string_view value, int location) {
  if (shared_ != nullptr && location >= 0 && !value.empty()) {
    const std::string_view at = shared_->file.substr(std::min<size_t>(At(location), shared_->file.size()));
    for (const size_t quote : {size_t{1}, size_t{0}}) {
      if (at.substr(0, quote) == std::string_view("'", quote) && at.substr(std::min(quote, at.size()), value.size()) == value) return at.substr(quote, value.size());
    }
  }
  return arena_.Copy(value);
}

List<std::string_view> Converter::InsertColumns(const ::List* targets) {
  const Nodes<ResTarget> list{targets};
  if (shared_ != nullptr && !shared_->columns.empty()) {
    size_t i = 0;
    bool same = true;
    for (ResTarget* t : list) {
      same = same && i < shared_->columns.size() && t->name != nullptr && shared_->columns[i] == t->name;
      ++i;
    }
    if (same && i == shared_->columns.size()) return shared_->columns;
  }
  Scratch<std::string_view> columns;
  for (ResTarget* t : list) columns.push_back(Str(t->name));
  const List<std::string_view> copied = arena_.CopyAll(columns);
  if (shared_ != nullptr) shared_->columns = copied;
  return copied;
}

const Expr* Converter::ConvertExpr(const Node* node) {
  if (node == nullptr) return nullptr;
  Expr* e = arena_.New<Expr>();
  if (++depth_ > kMaxDepth) {
    --depth_;
    return e;
  }
  Scratch<const Expr*> arguments;
  auto add = [&](const Node* n) {
    if (n == nullptr) return;
    if (IsA(n, List)) {
      for (Node* m : Nodes<Node>{reinterpret_cast<const ::List*>(n)}) {
        if (m != nullptr) arguments.push_back(ConvertExpr(m));
      }
    } else {
      arguments.push_back(ConvertExpr(n));
    }
  };
  auto add_list = [&](const ::List* l) { add(reinterpret_cast<const Node*>(l)); };
  int location = -1;

  switch (nodeTag(node)) {
    case T_A_Const: {
      const auto* c = reinterpret_cast<const A_Const*>(node);
      location = c->location;
      e->kind = ExprKind::kConstant;
      if (c->isnull) break;
      const Node* v = &c->val.node;
      switch (nodeTag(v)) {
        case T_Integer:
          e->constant = ConstantKind::kInteger;
          e->text = ConstantText(std::to_string(intVal(v)), location);
          break;
        case T_Float:
          e->constant = ConstantKind::kFloat;
          e->text = Str(castNode(Float, const_cast<Node*>(v))->fval);
          break;
        case T_Boolean:
          e->constant = ConstantKind::kBoolean;
          e->text = boolVal(v) ? "true" : "false";
          break;
        case T_BitString:
          e->constant = ConstantKind::kBits;
          break;
        default:
          e->constant = ConstantKind::kString;
          e->text = IsA(v, String) ? ConstantText(castNode(String, const_cast<Node*>(v))->sval, location) : Str(v);
      }
      break;
    }
    case T_ColumnRef: {
      const auto* c = reinterpret_cast<const ColumnRef*>(node);
      e->kind = ExprKind::kColumn;
      const Name n = NameOf(c->fields, c->location);
      e->schema = n.schema;
      e->text = n.name;
      e->span = n.span;
      break;
    }
    case T_FuncCall: {
      const auto* f = reinterpret_cast<const FuncCall*>(node);
      e->kind = ExprKind::kCall;
      const Name n = NameOf(f->funcname, f->location);
      if (n.schema != "pg_catalog") e->schema = n.schema;
      e->text = n.name;
      e->span = n.span;
      add_list(f->args);
      add(f->agg_filter);
      for (SortBy* by : Nodes<SortBy>{f->agg_order}) {
        if (!IsA(by->node, ColumnRef)) add(by->node);
      }
      break;
    }
    case T_NamedArgExpr: {
      --depth_;
      return ConvertExpr(reinterpret_cast<const Node*>(reinterpret_cast<const NamedArgExpr*>(node)->arg));
    }
    case T_TypeCast: {
      const auto* c = reinterpret_cast<const TypeCast*>(node);
      e->kind = ExprKind::kCast;
      e->type = ConvertType(c->typeName);
      location = c->location;
      add(c->arg);
      break;
    }
    case T_A_Expr: {
      const auto* a = reinterpret_cast<const A_Expr*>(node);
      e->kind = ExprKind::kOperator;
      location = a->location;
      const std::string_view op = NameOf(a->name, -1).name;
      switch (a->kind) {
        case AEXPR_OP_ANY: e->text = op == "=" ? "= ANY" : "ANY"; break;
        case AEXPR_OP_ALL: e->text = "ALL"; break;
        case AEXPR_DISTINCT: e->text = "IS DISTINCT FROM"; break;
        case AEXPR_NOT_DISTINCT: e->text = "IS NOT DISTINCT FROM"; break;
        case AEXPR_NULLIF: e->text = "NULLIF"; break;
        case AEXPR_IN: e->text = op == "=" ? "IN" : "NOT IN"; break;
        case AEXPR_LIKE:
        case AEXPR_ILIKE:
        case AEXPR_SIMILAR: e->text = op.starts_with("!") ? "NOT LIKE" : "LIKE"; break;
        case AEXPR_BETWEEN:
        case AEXPR_BETWEEN_SYM: e->text = "BETWEEN"; break;
        case AEXPR_NOT_BETWEEN:
        case AEXPR_NOT_BETWEEN_SYM: e->text = "NOT BETWEEN"; break;
        default: e->text = op;
      }
      add(a->lexpr);
      add(a->rexpr);
      break;
    }
    case T_BoolExpr: {
      const auto* b = reinterpret_cast<const BoolExpr*>(node);
      e->kind = b->boolop == AND_EXPR ? ExprKind::kAnd : b->boolop == OR_EXPR ? ExprKind::kOr : ExprKind::kNot;
      location = b->location;
      add_list(b->args);
      break;
    }
    case T_NullTest: {
      const auto* t = reinterpret_cast<const NullTest*>(node);
      e->kind = t->nulltesttype == IS_NULL ? ExprKind::kIsNull : ExprKind::kIsNotNull;
      location = t->location;
      add(reinterpret_cast<const Node*>(t->arg));
      break;
    }
    case T_BooleanTest:
      e->text = "IS TRUE";
      location = reinterpret_cast<const BooleanTest*>(node)->location;
      add(reinterpret_cast<const Node*>(reinterpret_cast<const BooleanTest*>(node)->arg));
      break;
    case T_SubLink: {
      const auto* s = reinterpret_cast<const SubLink*>(node);
      e->kind = ExprKind::kSubquery;
      location = s->location;
      e->text = SubLinkText(s->subLinkType);
      e->query = ConvertQuery(s->subselect);
      add(s->testexpr);
      break;
    }
    case T_SQLValueFunction:
      e->kind = ExprKind::kKeyword;
      e->text = KeywordName(reinterpret_cast<const SQLValueFunction*>(node)->op);
      location = reinterpret_cast<const SQLValueFunction*>(node)->location;
      break;
    case T_ParamRef:
      e->kind = ExprKind::kParameter;
      location = reinterpret_cast<const ParamRef*>(node)->location;
      break;
    case T_SetToDefault:
      e->kind = ExprKind::kDefault;
      break;
    case T_CaseExpr: {
      const auto* c = reinterpret_cast<const CaseExpr*>(node);
      e->text = "CASE";
      location = c->location;
      add(reinterpret_cast<const Node*>(c->arg));
      for (CaseWhen* w : Nodes<CaseWhen>{c->args}) {
        add(reinterpret_cast<const Node*>(w->expr));
        add(reinterpret_cast<const Node*>(w->result));
      }
      add(reinterpret_cast<const Node*>(c->defresult));
      break;
    }
    case T_CoalesceExpr:
      e->text = "COALESCE";
      location = reinterpret_cast<const CoalesceExpr*>(node)->location;
      add_list(reinterpret_cast<const CoalesceExpr*>(node)->args);
      break;
    case T_MinMaxExpr:
      e->text = "GREATEST";
      location = reinterpret_cast<const MinMaxExpr*>(node)->location;
      add_list(reinterpret_cast<const MinMaxExpr*>(node)->args);
      break;
    case T_A_ArrayExpr:
      e->text = "ARRAY";
      location = reinterpret_cast<const A_ArrayExpr*>(node)->location;
      add_list(reinterpret_cast<const A_ArrayExpr*>(node)->elements);
      break;
    case T_RowExpr:
      e->text = "ROW";
      location = reinterpret_cast<const RowExpr*>(node)->location;
      add_list(reinterpret_cast<const RowExpr*>(node)->args);
      break;
    case T_A_Indirection:
      e->text = "INDIRECTION";
      add(reinterpret_cast<const A_Indirection*>(node)->arg);
      for (Node* n : Nodes<Node>{reinterpret_cast<const A_Indirection*>(node)->indirection}) {
        if (!IsA(n, A_Indices)) continue;
        add(reinterpret_cast<const A_Indices*>(n)->lidx);
        add(reinterpret_cast<const A_Indices*>(n)->uidx);
      }
      break;
    case T_CollateClause:
      e->text = "COLLATE";
      location = reinterpret_cast<const CollateClause*>(node)->location;
      add(reinterpret_cast<const CollateClause*>(node)->arg);
      break;
    case T_ResTarget:
      --depth_;
      return ConvertExpr(reinterpret_cast<const ResTarget*>(node)->val);
    case T_MultiAssignRef:
      --depth_;
      return ConvertExpr(reinterpret_cast<const MultiAssignRef*>(node)->source);
    default:
      e->text = "OTHER";
  }
  if (location >= 0) e->span = TokenAt(location);
  if (e->span.begin == 0 && !arguments.empty()) e->span = arguments[0]->span;
  e->arguments = arena_.CopyAll(arguments);
  --depth_;
  return e;
}

List<Assignment> Converter::Assignments(const ::List* targets) {
  Scratch<Assignment> v;
  for (ResTarget* t : Nodes<ResTarget>{targets}) {
    Assignment a;
    a.column = Str(t->name);
    a.value = t->val == nullptr ? nullptr : ConvertExpr(t->val);
    a.span = TokenAt(t->location);
    if (t->indirection == nullptr) v.push_back(a);  // a[1] = x, a.field = x set a part only
  }
  return arena_.CopyAll(v);
}

void Converter::AddWith(const WithClause* with, QueryClauses& clauses) {
  if (with == nullptr) return;
  Scratch<Cte> ctes;
  for (CommonTableExpr* c : Nodes<CommonTableExpr>{with->ctes}) {
    Cte cte;
    cte.name = Str(c->ctename);
    cte.query = ConvertQuery(c->ctequery);
    if (cte.query != nullptr) ctes.push_back(cte);
  }
  clauses.ctes = arena_.CopyAll(ctes);
}

// What stands where no rule looks (ORDER BY, a function's arguments in FROM): its subqueries count, for they read tables.
void Converter::AddHidden(const Node* node, Scratch<const Query*>& subqueries) {
  if (node == nullptr || IsA(node, ColumnRef) || IsA(node, A_Const) || IsA(node, GroupingSet)) return;
  if (IsA(node, SortBy)) return AddHidden(reinterpret_cast<const SortBy*>(node)->node, subqueries);
  const bool exact = exact_ends_;
  exact_ends_ = false;
  AddSubqueries(ConvertExpr(node), subqueries);
  exact_ends_ = exact;
}

// FROM f(x). For whoever wants to know what runs it counts as FROM (SELECT f(x)); else only its arguments' sub-queries matter.
void Converter::AddFunction(const Node* node, Scratch<const Query*>& subqueries) {
  if (!as_run_ || node == nullptr || !IsA(node, FuncCall)) return AddHidden(node, subqueries);
  const bool exact = exact_ends_;
  exact_ends_ = false;
  if (const Expr* call = ConvertExpr(node)) {
    Query* q = arena_.New<Query>();
    q->values = arena_.CopyAll(Scratch<const Expr*>{call});
    subqueries.push_back(q);
  }
  exact_ends_ = exact;
}

void Converter::AddHidden(const ::List* list, Scratch<const Query*>& subqueries) {
  for (Node* n : Nodes<Node>{list}) AddHidden(n, subqueries);
}

void Converter::AddSubqueries(const Expr* e, Scratch<const Query*>& subqueries) {
  if (e == nullptr) return;
  if (e->query != nullptr) subqueries.push_back(e->query);
  for (const Expr* a : e->arguments) AddSubqueries(a, subqueries);
}

void Converter::AddFrom(const Node* item, QueryClauses& clauses, Scratch<Name>& sources, Scratch<std::string_view>& aliases,
                        Scratch<const Query*>& subqueries, Scratch<const Expr*>& conditions) {
  if (item == nullptr || ++depth_ > kMaxDepth) return;
  if (IsA(item, RangeVar)) {
    const auto* r = reinterpret_cast<const RangeVar*>(item);
    if (!r->inh && sources.size() < kOnlyTarget) clauses.only |= uint64_t{1} << sources.size();
    sources.push_back(RelName(r));
    aliases.push_back(r->alias == nullptr ? std::string_view() : Str(r->alias->aliasname));
  } else if (IsA(item, JoinExpr)) {
    const auto* j = reinterpret_cast<const JoinExpr*>(item);
    AddFrom(j->larg, clauses, sources, aliases, subqueries, conditions);
    AddFrom(j->rarg, clauses, sources, aliases, subqueries, conditions);
    if (j->quals != nullptr) conditions.push_back(ConvertExpr(j->quals));
  } else if (IsA(item, RangeSubselect)) {
    const Query* sub = ConvertQuery(reinterpret_cast<const RangeSubselect*>(item)->subquery);
    if (sub != nullptr) subqueries.push_back(sub);
  } else if (IsA(item, RangeTableSample)) {
    AddFrom(reinterpret_cast<const RangeTableSample*>(item)->relation, clauses, sources, aliases, subqueries, conditions);
  } else if (IsA(item, RangeFunction)) {
    for (::List* f : Nodes<::List>{reinterpret_cast<const RangeFunction*>(item)->functions}) {
      if (f != nullptr && f->length > 0) AddFunction(static_cast<const Node*>(f->elements[0].ptr_value), subqueries);
    }
  }
  --depth_;
}

const Query* Converter::ConvertQuery(const Node* node) {
  if (node == nullptr || ++depth_ > kMaxDepth) {
    if (node != nullptr) --depth_;
    return nullptr;
  }
  Query* q = arena_.New<Query>();
  QueryClauses clauses;
  Scratch<Name> sources;
  Scratch<std::string_view> aliases;
  Scratch<const Query*> subqueries;
  Scratch<const Expr*> conditions, values;
  auto add_values = [&](const ::List* list) {
    for (Node* n : Nodes<Node>{list}) values.push_back(ConvertExpr(n));
  };
  auto target = [&](const RangeVar* r) {
    q->target = RelName(r);
    if (r != nullptr && r->alias != nullptr) clauses.target_alias = Str(r->alias->aliasname);
    if (r != nullptr && !r->inh) clauses.only |= uint64_t{1} << kOnlyTarget;
  };
  auto from = [&](const ::List* list) {
    for (Node* n : Nodes<Node>{list}) AddFrom(n, clauses, sources, aliases, subqueries, conditions);
  };
  auto returning = [&](const ReturningClause* r) {
    if (r != nullptr) add_values(r->exprs);
  };
  bool known = true;

  switch (nodeTag(node)) {
    case T_SelectStmt: {
      const auto* s = reinterpret_cast<const SelectStmt*>(node);
      AddWith(s->withClause, clauses);
      if (s->op != SETOP_NONE) {
        // A long UNION ALL chain leans left: walk it instead of recursing.
        Scratch<const SelectStmt*> right;
        const SelectStmt* arm = s;
        for (; arm->op != SETOP_NONE && arm->larg != nullptr; arm = arm->larg) right.push_back(arm->rarg);
        if (const Query* first = ConvertQuery(reinterpret_cast<const Node*>(arm))) subqueries.push_back(first);
        for (auto it = right.rbegin(); it != right.rend(); ++it) {
          if (const Query* sub = ConvertQuery(reinterpret_cast<const Node*>(*it))) subqueries.push_back(sub);
        }
        break;
      }
      if (s->valuesLists != nullptr) {
        q->kind = QueryKind::kValues;
        q->value_rows = static_cast<uint32_t>(s->valuesLists->length);
        int row = 0;
        const bool exact = exact_ends_;
        exact_ends_ = false;
        for (::List* r : Nodes<::List>{s->valuesLists}) {
          if (row++ >= kMaxValueRows) break;
          add_values(r);
        }
        exact_ends_ = exact;
        break;
      }
      add_values(s->targetList);
      from(s->fromClause);
      q->where = ConvertExpr(s->whereClause);
      clauses.limit = ConvertExpr(s->limitCount);
      AddSubqueries(clauses.limit, subqueries);
      AddHidden(s->limitOffset, subqueries);
      AddHidden(s->sortClause, subqueries);
      AddHidden(s->groupClause, subqueries);
      AddHidden(s->distinctClause, subqueries);
      for (WindowDef* w : Nodes<WindowDef>{s->windowClause}) {
        AddHidden(w->partitionClause, subqueries);
        AddHidden(w->orderClause, subqueries);
      }
      q->locking = s->lockingClause != nullptr;
      if (q->locking) {
        Scratch<std::string_view> locked;
        bool every = false;
        for (LockingClause* l : Nodes<LockingClause>{s->lockingClause}) {
          every = every || l->lockedRels == nullptr;
          for (RangeVar* r : Nodes<RangeVar>{l->lockedRels}) locked.push_back(Str(r->relname));
        }
        if (!every) clauses.locked = arena_.CopyAll(locked);
      }
      if (s->havingClause != nullptr) values.push_back(ConvertExpr(s->havingClause));
      if (s->intoClause != nullptr) {
        q->select_into = true;
        q->target = RelName(s->intoClause->rel);
      }
      break;
    }
    case T_InsertStmt: {
      const auto* s = reinterpret_cast<const InsertStmt*>(node);
      q->kind = QueryKind::kInsert;
      AddWith(s->withClause, clauses);
      target(s->relation);
      q->columns = InsertColumns(s->cols);
      q->source = ConvertQuery(s->selectStmt);
      if (s->onConflictClause != nullptr) {
        q->on_conflict = true;
        q->on_conflict_nothing = s->onConflictClause->action == ONCONFLICT_NOTHING;
        q->assignments = Assignments(s->onConflictClause->targetList);
        AddHidden(s->onConflictClause->whereClause, subqueries);
      }
      returning(s->returningClause);
      break;
    }
    case T_UpdateStmt: {
      const auto* s = reinterpret_cast<const UpdateStmt*>(node);
      q->kind = QueryKind::kUpdate;
      AddWith(s->withClause, clauses);
      target(s->relation);
      q->assignments = Assignments(s->targetList);
      from(s->fromClause);
      q->where = ConvertExpr(s->whereClause);
      returning(s->returningClause);
      break;
    }
    case T_DeleteStmt: {
      const auto* s = reinterpret_cast<const DeleteStmt*>(node);
      q->kind = QueryKind::kDelete;
      AddWith(s->withClause, clauses);
      target(s->relation);
      from(s->usingClause);
      q->where = ConvertExpr(s->whereClause);
      returning(s->returningClause);
      break;
    }
    case T_MergeStmt: {
      const auto* s = reinterpret_cast<const MergeStmt*>(node);
      q->kind = QueryKind::kMerge;
      AddWith(s->withClause, clauses);
      target(s->relation);
      AddFrom(s->sourceRelation, clauses, sources, aliases, subqueries, conditions);
      if (s->joinCondition != nullptr) conditions.push_back(ConvertExpr(s->joinCondition));
      for (MergeWhenClause* w : Nodes<MergeWhenClause>{s->mergeWhenClauses}) {
        AddHidden(w->condition, subqueries);
        AddHidden(w->targetList, subqueries);
        AddHidden(w->values, subqueries);
      }
      returning(s->returningClause);
      break;
    }
    default:
      known = false;
  }
  --depth_;
  if (!known) return nullptr;
  q->values = arena_.CopyAll(values);
  clauses.sources = arena_.CopyAll(sources);
  clauses.source_aliases = arena_.CopyAll(aliases);
  clauses.subqueries = arena_.CopyAll(subqueries);
  clauses.join_condition = And(conditions);
  if (!clauses.sources.empty() || !clauses.subqueries.empty() || !clauses.ctes.empty() || !clauses.target_alias.empty() || clauses.limit != nullptr ||
      clauses.join_condition != nullptr || clauses.only != 0 || !clauses.locked.empty()) {
    QueryClauses* kept = arena_.New<QueryClauses>();
    *kept = clauses;
    q->clauses = kept;
  }
  return q;
}

}  // namespace pawl::sql
