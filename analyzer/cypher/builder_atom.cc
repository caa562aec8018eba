// Literals, parameters, maps, CASE, subqueries: what stands between operators.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/builder.h"

namespace pawl::cypher {
namespace {

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

}  // namespace

const Expr* Builder::Literal(const Token& t) {
  Expr* e = New(ExprKind::kLiteral, text_.Outer(t.span));
  std::string_view written = Written(t);
  e->text = written;
  switch (t.type) {
    case Lex::STRING_LITERAL:
      e->literal = LiteralKind::kString;
      e->text = StringValue(t.span);
      break;
    case Lex::INTEGER_LITERAL:
      e->literal = LiteralKind::kInteger;
      if (written.size() > 1 && written[0] == '0') {
        const char second = written[1];
        if (second == 'X') {
          Use(Form::kHexUpper, e->span, e->span, absl::StrCat("0x", written.substr(2)));
        } else if (absl::ascii_isdigit(static_cast<unsigned char>(second)) && written.find_first_not_of("01234567_") == std::string_view::npos) {
          Use(Form::kOctalWithoutO, e->span, e->span, absl::StrCat("0o", written.substr(1)));
        } else if (second != 'x' && second != 'o') {
          Use(Form::kOctalWithoutO, e->span);
        }
      }
      break;
    case Lex::FLOAT_LITERAL: e->literal = LiteralKind::kFloat; break;
    case Lex::TRUE: e->literal = LiteralKind::kBoolean; e->text = "true"; break;
    case Lex::FALSE: e->literal = LiteralKind::kBoolean; e->text = "false"; break;
    case Lex::INF: case Lex::INFINITY_: e->literal = LiteralKind::kInfinity; break;
    case Lex::NAN_: e->literal = LiteralKind::kNaN; break;
    default: e->literal = LiteralKind::kNull; break;
  }
  return e;
}

std::string_view Builder::StringValue(Span literal) {
  const std::string_view body = text_.bytes.substr(literal.begin + 1, literal.size() - 2);
  if (body.find('\\') == std::string_view::npos) return body;
  std::string value;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\' || i + 1 >= body.size()) {
      value += body[i];
      continue;
    }
    switch (const char c = body[++i]; c) {
      case 'b': value += '\b'; break;
      case 'f': value += '\f'; break;
      case 'n': value += '\n'; break;
      case 'r': value += '\r'; break;
      case 't': value += '\t'; break;
      case '\\': case '\'': case '"': case '`': value += c; break;
      case 'u': {
        uint32_t code = 0;
        size_t k = 1;
        for (; k <= 4 && i + k < body.size() && absl::ascii_isxdigit(static_cast<unsigned char>(body[i + k])); ++k) {
          const char d = absl::ascii_tolower(static_cast<unsigned char>(body[i + k]));
          code = code * 16 + static_cast<uint32_t>(d <= '9' ? d - '0' : d - 'a' + 10);
        }
        if (k <= 4) {
          const uint32_t at = literal.begin + 1 + static_cast<uint32_t>(i) - 1;
          Fail(text_.Outer(Span{at, at + 2}), "`\\u` without its four hexadecimal digits", "write the character itself, or `\\\\u` for a backslash and a u");
        }
        i += k - 1;
        AppendUtf8(code, value);
        break;
      }
      default:
        value += '\\';
        value += c;
    }
  }
  return arena_.Copy(std::string_view(value));
}

const Expr* Builder::Parameter(G::ParameterContext* c) {
  Expr* e = New(ExprKind::kParameter, Of(c));
  e->text = c->label != nullptr ? NameOf(c->label).text : Written(Tok(c->number));
  return e;
}

const Expr* Builder::MapExpr(G::MapContext* c) {
  if ((c->keys.size() == 1 && c->colons.empty()) || c->number != nullptr) {
    Expr* e = New(ExprKind::kParameter, Of(c));
    const std::string_view written = c->number != nullptr ? Written(Tok(c->number)) : Written(c->keys[0]);
    e->text = c->number != nullptr ? written : NameOf(c->keys[0]).text;
    Use(Form::kOldParameter, e->span, e->span, absl::StrCat("$", written));
    return e;
  }
  Expr* e = New(ExprKind::kMap, Of(c));
  e->entries = Entries(c);
  return e;
}

List<MapEntry> Builder::Entries(G::MapContext* c) {
  std::vector<MapEntry> entries;
  for (size_t i = 0; i < c->keys.size() && i < c->values.size(); ++i) entries.push_back({NameOf(c->keys[i]), Expression(c->values[i])});
  return arena_.Copy(entries);
}

const Expr* Builder::Case(G::CaseAtomContext* c) {
  Expr* e = New(ExprKind::kCase, Of(c));
  std::vector<const Expr*> arguments;
  if (c->subject != nullptr) arguments.push_back(Expression(c->subject));
  e->case_operand = c->subject != nullptr;
  for (G::CaseBranchContext* branch : c->branches) {
    if (branch->tests.size() > 1 && c->subject == nullptr) Fail(Of(branch->tests[1]), "several values behind `WHEN` need a `CASE` with an operand");
    if (branch->tests.size() > 1) Use(Form::kWhenList, Of(branch->tests[0], branch->tests.back()));
    std::vector<const Expr*> tests;
    for (G::CaseTestContext* t : branch->tests) {
      if (t->value != nullptr) {
        tests.push_back(Expression(t->value));
        continue;
      }
      if (c->subject == nullptr) Fail(Of(t), "a comparison without a left side needs a `CASE` with an operand");
      if (branch->tests.size() == 1) Use(Form::kWhenList, Of(t));
      if (t->test != nullptr) {
        tests.push_back(Predicate(t->test, nullptr));
      } else {
        Expr* comparison = New(ExprKind::kOperator, Of(t));
        comparison->text = TokenText(t->op->getType());
        comparison->arguments = arena_.CopyAll(std::vector<const Expr*>{Arithmetic(t->right)});
        tests.push_back(comparison);
      }
    }
    if (tests.size() == 1) {
      arguments.push_back(tests[0]);
    } else {
      Expr* any = New(ExprKind::kOr, {tests.front()->span.begin, tests.back()->span.end});
      any->arguments = arena_.Copy(tests);
      arguments.push_back(any);
    }
    arguments.push_back(Expression(branch->result));
  }
  if (c->otherwise != nullptr) arguments.push_back(Expression(c->otherwise));
  e->case_else = c->otherwise != nullptr;
  e->arguments = arena_.Copy(arguments);
  return e;
}

const Expr* Builder::Subquery(G::SubqueryAtomContext* c) {
  Expr* e = New(ExprKind::kSubquery, Of(c));
  e->text = TokenText(c->kind->getType());
  e->name_span = Of(c->kind);
  if (e->text == "COUNT") Use(Form::kCountSubquery, e->span);
  if (e->text == "COLLECT") Use(Form::kCollectSubquery, e->span);
  if (c->q != nullptr) {
    e->query = QueryOf(c->q);
    const bool match_only = e->query->parts.empty() && e->query->clauses.size() == 1 && e->query->clauses[0]->kind == ClauseKind::kMatch;
    if (e->text == "EXISTS" && !match_only) Use(Form::kExistsQuery, e->query->span);
    return e;
  }
  if (e->text == "COLLECT") Fail(Of(c->body), "`COLLECT { }` holds a query that ends with `RETURN`, not a pattern alone");
  auto* match = Make<Clause>();
  match->kind = ClauseKind::kMatch;
  if (c->body == nullptr) {
    if (e->text != "EXISTS") Fail(e->span, absl::StrCat("`", e->text, " { }` holds nothing"));
    auto* empty = Make<Query>();
    empty->span = e->span;
    e->query = empty;
    return e;
  }
  match->span = Of(c->body);
  match->pattern = PatternOf(c->body, c->how);
  if (c->condition != nullptr) match->where = Expression(c->condition);
  auto* query = Make<Query>();
  query->span = match->span;
  query->clauses = arena_.CopyAll(std::vector<const Clause*>{match});
  e->query = query;
  return e;
}

const Expr* Builder::Trim(G::TrimAtomContext* c) {
  Expr* e = New(ExprKind::kCall, Of(c));
  e->text = "trim";
  e->name_span = Of(c->start);
  e->arguments = Expressions(c->text);
  if (c->from != nullptr) Use(Form::kTrimFrom, e->span);
  if (c->side != nullptr && c->from == nullptr) Fail(Of(c->side), absl::StrCat("`", TokenText(c->side->getType()), "` needs `FROM` before the text to trim"));
  return e;
}

}  // namespace pawl::cypher
