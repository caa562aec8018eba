#include "analyzer/sql/expression_form.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/internal/pg_tree.h"

namespace pawl::sql {
namespace {

constexpr int kMaxDepth = 200;

// "3 minutes", "00:03:00", "1 year 2 mons": months, days and microseconds; "" if it is written in another way.
std::string IntervalForm(std::string_view text) {
  struct Unit {
    std::string_view name;
    int part;        // 0 months, 1 days, 2 microseconds
    int64_t factor;
  };
  static constexpr Unit kUnits[] = {{"year", 0, 12}, {"mon", 0, 1}, {"month", 0, 1}, {"week", 1, 7}, {"day", 1, 1}, {"hour", 2, 3600000000}, {"minute", 2, 60000000}, {"min", 2, 60000000},
                                    {"second", 2, 1000000}, {"sec", 2, 1000000}, {"millisecond", 2, 1000}, {"h", 2, 3600000000}, {"m", 2, 60000000}, {"s", 2, 1000000}, {"d", 1, 1}};
  double parts[3] = {0, 0, 0};
  size_t i = 0;
  bool any = false;
  const auto number = [&](double* out) {
    size_t end = i;
    while (end < text.size() && (absl::ascii_isdigit(text[end]) || text[end] == '.' || text[end] == '-' || text[end] == '+')) ++end;
    const bool good = end > i && absl::SimpleAtod(text.substr(i, end - i), out);
    i = end;
    return good;
  };
  while (i < text.size()) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    double n = 0;
    if (!number(&n)) return {};
    if (i < text.size() && text[i] == ':') {  // h:m[:s]
      double factor = 3600e6;
      const double sign = n < 0 ? -1 : 1;
      parts[2] += n * factor;
      while (i < text.size() && text[i] == ':' && factor > 1e6) {
        ++i;
        factor /= 60;
        if (!number(&n)) return {};
        parts[2] += sign * n * factor;
      }
    } else {
      while (i < text.size() && text[i] == ' ') ++i;
      size_t end = i;
      while (end < text.size() && absl::ascii_isalpha(text[end])) ++end;
      std::string word = absl::AsciiStrToLower(text.substr(i, end - i));
      i = end;
      const Unit* unit = nullptr;
      for (const Unit& u : kUnits) {
        if (word == u.name || (word.size() == u.name.size() + 1 && word.back() == 's' && absl::StartsWith(word, u.name))) unit = &u;
      }
      if (unit == nullptr) return {};
      parts[unit->part] += n * static_cast<double>(unit->factor);
    }
    any = true;
  }
  return any ? absl::StrCat("'", parts[0], " ", parts[1], " ", static_cast<int64_t>(parts[2]), "'") : std::string();
}

// "1970-01-01", "epoch", "1970-01-01T00:00:00+00:00": date and time without a time zone that is UTC.
std::string TimeForm(std::string_view text) {
  if (absl::EqualsIgnoreCase(text, "epoch")) return "'1970-01-01 00:00:00'";
  const bool date = text.size() >= 10 && absl::ascii_isdigit(text[0]) && text[4] == '-' && text[7] == '-';
  if (!date) return {};
  std::string out(text);
  if (out.size() > 10 && out[10] == 'T') out[10] = ' ';
  for (std::string_view zone : {"+00:00", "+00", "Z", "z", " UTC"}) {
    if (out.size() > 16 && absl::EndsWith(out, zone)) {
      out.resize(out.size() - zone.size());
      break;
    }
  }
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  if (out.size() == 10) out += " 00:00:00";
  if (out.size() == 16) out += ":00";
  return absl::StrCat("'", out, "'");
}

class Writer {
 public:
  Writer(bool casts, std::string* out) : casts_(casts), out_(*out) {}

  void Write(const Node* node) {
    if (node == nullptr) return Add("none");
    if (++depth_ > kMaxDepth) {
      Add("...");
    } else {
      WriteNode(node);
    }
    --depth_;
  }

 private:
  template <typename T>
  static const T* As(const Node* n) {
    return reinterpret_cast<const T*>(n);
  }
  static const Node* AsNode(const void* n) { return static_cast<const Node*>(n); }

  void Add(std::string_view s) { out_.append(s); }
  // (head a b c)
  void Open(std::string_view head) { absl::StrAppend(&out_, "(", head); }
  void Argument(const Node* n) {
    Add(" ");
    Write(n);
  }
  void Arguments(const ::List* list) {
    for (Node* n : Nodes<Node>{list}) Argument(n);
  }
  void Close() { Add(")"); }
  void Call(std::string_view head, std::initializer_list<const Node*> arguments) {
    Open(head);
    for (const Node* n : arguments) Argument(n);
    Close();
  }

  static std::string_view LastName(const ::List* names) {
    const int n = Nodes<Node>{names}.size();
    if (n == 0) return {};
    const Node* last = AsNode(names->elements[n - 1].ptr_value);
    return IsA(last, String) ? strVal(last) : "*";
  }

  void Constant(const A_Const* c) {
    if (c->isnull) return Add("null");
    const Node* v = &c->val.node;
    switch (nodeTag(v)) {
      case T_Integer: absl::StrAppend(&out_, "'", intVal(v), "'"); return;
      case T_Float: absl::StrAppend(&out_, "'", As<Float>(v)->fval, "'"); return;
      case T_Boolean: Add(boolVal(v) ? "'true'" : "'false'"); return;
      case T_BitString: absl::StrAppend(&out_, "'", As<BitString>(v)->bsval, "'"); return;
      default: absl::StrAppend(&out_, "'", strVal(v), "'"); return;
    }
  }

  // What a cast makes of a constant's text.
  void TypedConstant(const A_Const* c, std::string_view type, bool array) {
    if (!c->isnull && IsA(&c->val.node, String)) {
      const std::string_view text = strVal(&c->val.node);
      if (array) return PlainList(text);
      if (type == "bytea" && (text.empty() || text == "\\x")) return Add("''");
      std::string form;
      if (type == "interval") form = IntervalForm(text);
      if (type == "timestamp" || type == "timestamptz" || type == "date") form = TimeForm(text);
      if (!form.empty()) return Add(form);
      if (type == "bool") return Add(absl::StartsWithIgnoreCase("true", text) || text == "1" || absl::EqualsIgnoreCase(text, "on") ? "'true'" : "'false'");
      if (type == "jsonb") {
        std::string folded(text);
        std::erase_if(folded, [](char ch) { return absl::ascii_isspace(static_cast<unsigned char>(ch)); });
        absl::StrAppend(&out_, "'", folded, "'");
        return;
      }
    }
    Constant(c);
  }

  // '{"a", b}' as the server shows it: '{a,b}'.
  void PlainList(std::string_view text) {
    std::string out(text);
    std::erase_if(out, [](char ch) { return ch == '"' || absl::ascii_isspace(static_cast<unsigned char>(ch)); });
    absl::StrAppend(&out_, "'", out, "'");
  }

  void Cast(const ::TypeCast* c) {
    const ::TypeName* t = c->typeName;
    const std::string_view type = LastName(t->names);
    if (casts_) {
      Open(absl::StrCat("cast ", type, t->arrayBounds != nullptr ? "[]" : ""));
      Arguments(t->typmods);
      Add(" ");
    }
    if (IsA(c->arg, A_Const)) {
      TypedConstant(As<A_Const>(c->arg), type, t->arrayBounds != nullptr);
    } else {
      Write(c->arg);
    }
    if (casts_) Close();
  }

  // Parts of a AND (b AND c), or of OR, side by side.
  void Flatten(const BoolExpr* b) {
    for (Node* n : Nodes<Node>{b->args}) {
      if (IsA(n, BoolExpr) && As<BoolExpr>(n)->boolop == b->boolop) {
        Flatten(As<BoolExpr>(n));
      } else {
        Argument(n);
      }
    }
  }

  static const Node* WithoutCasts(const Node* n) {
    while (n != nullptr && IsA(n, TypeCast)) n = As<::TypeCast>(n)->arg;
    return n;
  }

  // x op ANY (list), where a list of one is a plain comparison.
  void AnyOf(std::string_view op, bool all, const Node* left, const ::List* elements) {
    if (Nodes<Node>{elements}.size() == 1) return Call(op, {left, AsNode(elements->elements[0].ptr_value)});
    Open(absl::StrCat(op, all ? "all" : "any"));
    Argument(left);
    Add(" [");
    Arguments(elements);
    Add("]");
    Close();
  }

  void Operator(const A_Expr* a) {
    const std::string_view op = LastName(a->name);
    const Node *l = a->lexpr, *r = a->rexpr;
    switch (a->kind) {
      case AEXPR_OP_ANY:
      case AEXPR_OP_ALL: {
        const bool all = a->kind == AEXPR_OP_ALL;
        const Node* array = WithoutCasts(r);
        if (array != nullptr && IsA(array, A_ArrayExpr)) return AnyOf(op, all, l, As<A_ArrayExpr>(array)->elements);
        return Call(absl::StrCat(op, all ? "all" : "any"), {l, r});
      }
      case AEXPR_IN: return AnyOf(op, op == "<>", l, As<::List>(r));
      case AEXPR_DISTINCT: return Call("distinct", {l, r});
      case AEXPR_NOT_DISTINCT:
        Add("(not ");
        Call("distinct", {l, r});
        return Close();
      case AEXPR_NULLIF: return Call("nullif", {l, r});
      case AEXPR_BETWEEN:
      case AEXPR_NOT_BETWEEN: {
        const bool in = a->kind == AEXPR_BETWEEN;
        const ::List* ends = As<::List>(r);
        Add(in ? "(and " : "(or ");
        Call(in ? ">=" : "<", {l, AsNode(ends->elements[0].ptr_value)});
        Add(" ");
        Call(in ? "<=" : ">", {l, AsNode(ends->elements[1].ptr_value)});
        return Close();
      }
      default:
        Open(op);
        if (l != nullptr) Argument(l);
        // json #> '{a, b}': the path is an array, with or without a cast.
        if ((op == "#>" || op == "#>>" || op == "#-") && IsA(WithoutCasts(r), A_Const) && IsA(&As<A_Const>(WithoutCasts(r))->val.node, String)) {
          Add(" ");
          PlainList(strVal(&As<A_Const>(WithoutCasts(r))->val.node));
        } else if (r != nullptr) {
          Argument(r);
        }
        return Close();
    }
  }

  void Function(const FuncCall* f) {
    std::string name = absl::AsciiStrToLower(LastName(f->funcname));
    if (name == "extract") name = "date_part";  // as servers before 14 show it
    if (name == "date" && Nodes<Node>{f->args}.size() == 1 && !casts_) return Write(AsNode(f->args->elements[0].ptr_value));
    Open(name);
    if (f->agg_distinct) Add(" distinct");
    if (f->agg_star) Add(" *");
    const bool sequence = name == "nextval" || name == "currval" || name == "setval";
    for (Node* n : Nodes<Node>{f->args}) {
      const Node* plain = WithoutCasts(n);
      if (sequence && plain != nullptr && IsA(plain, A_Const) && !As<A_Const>(plain)->isnull && IsA(&As<A_Const>(plain)->val.node, String)) {
        // 'public."Seq"'::regclass, 'seq': the name alone; the schema depends on the search_path of whoever shows it.
        std::string_view text = strVal(&As<A_Const>(plain)->val.node);
        const size_t dot = text.rfind('.');
        if (dot != std::string_view::npos) text.remove_prefix(dot + 1);
        if (text.size() > 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
        absl::StrAppend(&out_, " '", text, "'");
      } else {
        Argument(n);
      }
    }
    Close();
  }

  void WriteNode(const Node* node) {
    switch (nodeTag(node)) {
      case T_A_Const: return Constant(As<A_Const>(node));
      case T_ColumnRef: return Add(LastName(As<ColumnRef>(node)->fields));
      case T_TypeCast: return Cast(As<::TypeCast>(node));
      case T_FuncCall: return Function(As<FuncCall>(node));
      case T_A_Expr: return Operator(As<A_Expr>(node));
      case T_BoolExpr: {
        const auto* b = As<BoolExpr>(node);
        Open(b->boolop == AND_EXPR ? "and" : b->boolop == OR_EXPR ? "or" : "not");
        if (b->boolop == NOT_EXPR) {
          Arguments(b->args);
        } else {
          Flatten(b);
        }
        return Close();
      }
      case T_NullTest: return Call(As<NullTest>(node)->nulltesttype == IS_NULL ? "isnull" : "notnull", {AsNode(As<NullTest>(node)->arg)});
      case T_BooleanTest: return Call(absl::StrCat("is", static_cast<int>(As<BooleanTest>(node)->booltesttype)), {AsNode(As<BooleanTest>(node)->arg)});
      case T_CaseExpr: {
        const auto* c = As<CaseExpr>(node);
        Open("case");
        if (c->arg != nullptr) Argument(AsNode(c->arg));
        for (CaseWhen* w : Nodes<CaseWhen>{c->args}) {
          Add(" when");
          Argument(AsNode(w->expr));
          Argument(AsNode(w->result));
        }
        const Node* otherwise = WithoutCasts(AsNode(c->defresult));
        if (otherwise != nullptr && !(IsA(otherwise, A_Const) && As<A_Const>(otherwise)->isnull)) {
          Add(" else");
          Argument(AsNode(c->defresult));
        }
        return Close();
      }
      case T_CoalesceExpr:
        Open("coalesce");
        Arguments(As<CoalesceExpr>(node)->args);
        return Close();
      case T_MinMaxExpr:
        Open(As<MinMaxExpr>(node)->op == IS_GREATEST ? "greatest" : "least");
        Arguments(As<MinMaxExpr>(node)->args);
        return Close();
      case T_A_ArrayExpr:
        Add("[");
        Arguments(As<A_ArrayExpr>(node)->elements);
        return Add("]");
      case T_RowExpr:
        Open("row");
        Arguments(As<RowExpr>(node)->args);
        return Close();
      case T_SQLValueFunction: {
        const auto* f = As<SQLValueFunction>(node);
        absl::StrAppend(&out_, "(value", static_cast<int>(f->op), " ", f->typmod);
        return Close();
      }
      case T_A_Indirection:
        Open("part");
        Argument(As<A_Indirection>(node)->arg);
        for (Node* n : Nodes<Node>{As<A_Indirection>(node)->indirection}) Argument(n);
        return Close();
      case T_A_Indices: return Call("at", {As<A_Indices>(node)->lidx, As<A_Indices>(node)->uidx});
      case T_String: return Add(strVal(node));
      case T_CollateClause:
        Open(absl::StrCat("collate ", LastName(As<CollateClause>(node)->collname)));
        Argument(As<CollateClause>(node)->arg);
        return Close();
      case T_NamedArgExpr: return Call(absl::StrCat("named ", As<NamedArgExpr>(node)->name), {AsNode(As<NamedArgExpr>(node)->arg)});
      default: absl::StrAppend(&out_, "<", static_cast<int>(nodeTag(node)), ">"); return;
    }
  }

  const bool casts_;
  std::string& out_;
  int depth_ = 0;
};

}  // namespace

std::string ExpressionForm(std::string_view expression, bool casts) {
  if (expression.empty() || expression.find('\0') != std::string_view::npos) return {};
  const std::string sql = absl::StrCat("SELECT (", expression, "\n)");
  const MemoryContext context = pg_query_enter_memory_context();
  const PgQueryInternalParsetreeAndError parsed = pg_query_raw_parse(sql.c_str(), 0);
  std::string out;
  if (parsed.error == nullptr && parsed.tree != nullptr && parsed.tree->length == 1) {
    const Node* statement = static_cast<RawStmt*>(parsed.tree->elements[0].ptr_value)->stmt;
    if (IsA(statement, SelectStmt)) {
      const ::List* targets = reinterpret_cast<const SelectStmt*>(statement)->targetList;
      if (targets != nullptr && targets->length == 1) {
        Writer(casts, &out).Write(static_cast<ResTarget*>(targets->elements[0].ptr_value)->val);
      }
    }
  }
  pg_query_exit_memory_context(context);
  if (parsed.stderr_buffer != nullptr) free(parsed.stderr_buffer);
  if (parsed.error != nullptr) pg_query_free_error(parsed.error);
  return out;
}

}  // namespace pawl::sql
