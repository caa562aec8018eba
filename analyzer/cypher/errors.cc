// What to say of a statement that does not parse: what stands there, what could, and for known mistakes what was meant.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/cypher/internal/script_parser.h"

namespace pawl::cypher {
namespace {

class Explainer {
 public:
  Explainer(const Text& text, const std::vector<Token>& tokens, const Resolution& resolution, const Stop& stop, Arena& arena, SyntaxError& out)
      : text_(text), t_(tokens), resolution_(resolution), stop_(stop), arena_(arena), out_(out), i_(static_cast<size_t>(stop.token)) {}

  void Run() {
    const Token& found = t_[i_];
    out_.span = text_.Outer(found.span);
    const std::string expected = Expected();
    std::string message;
    if (found.type == antlr4::Token::EOF) {
      message = expected.empty() ? "the statement ends too early" : absl::StrCat("the statement ends too early: expected ", expected);
      if (t_.size() == 1) message = "there is no query behind the prefix";
    } else {
      message = expected.empty() ? absl::StrCat("unexpected ", Quoted(i_)) : absl::StrCat("expected ", expected, ", found ", Quoted(i_));
    }
    out_.expected = arena_.Copy(std::string_view(expected));
    out_.message = arena_.Copy(std::string_view(message));
    Known();
  }

 private:
  size_t Type(size_t i) const { return i < t_.size() ? t_[i].type : antlr4::Token::EOF; }
  std::string_view Written(size_t i) const { return i < t_.size() ? text_.bytes.substr(t_[i].span.begin, t_[i].span.size()) : std::string_view(); }
  bool Expects(size_t type) const { return stop_.expected.contains(type); }
  bool Is(size_t i, std::string_view word) const { return SameWord(Written(i), word); }

  std::string Quoted(size_t i) const {
    std::string_view s = Written(i);
    if (s.size() > 30) s = s.substr(0, 27);
    if (absl::StrContains(s, '`')) return absl::StrCat("the name ", s);
    return s.size() < Written(i).size() ? absl::StrCat("`", s, "...`") : absl::StrCat("`", s, "`");
  }

  // The expected tokens in words: kinds of things first, then the few single tokens left.
  std::string Expected() const {
    if (stop_.alternative_from >= 0) return {};
    const antlr4::misc::IntervalSet& e = stop_.expected;
    auto has = [&](size_t type) { return e.contains(type); };
    std::vector<std::string> parts;
    const bool expression = has(Lex::INTEGER_LITERAL) && has(Lex::STRING_LITERAL) && has(Lex::LBRACKET);
    const bool name = !expression && has(Lex::WORD) && has(Lex::QUOTED_NAME);
    const bool all_names = has(Lex::WORD) && has(Lex::ZONED);   // then every keyword is there because it may be a name
    const bool clause = has(Lex::MATCH) && has(Lex::UNWIND) && !all_names;
    const bool more_clauses = clause && has(antlr4::Token::EOF);
    const bool operation = has(Lex::AND) && has(Lex::PLUS) && !all_names;
    if (expression) parts.push_back("an expression");
    if (name) parts.push_back("a name");
    if (operation) parts.push_back("an operator");
    if (has(Lex::LPAREN) && !expression && !operation) parts.push_back(has(Lex::LPAREN_GROUP) && has(Lex::SHORTEST_PATH) ? "a pattern" : "`(`");
    std::vector<size_t> single;
    for (const antlr4::misc::Interval& interval : e.getIntervals()) {
      for (ssize_t type = interval.a; type <= interval.b; ++type) {
        if (type > 0 && Single(static_cast<size_t>(type), expression, all_names, clause, operation)) single.push_back(static_cast<size_t>(type));
      }
    }
    if (single.size() <= 8) {
      for (size_t type : single) {
        const std::string text = absl::StrCat("`", TokenText(type), "`");
        if (std::find(parts.begin(), parts.end(), text) == parts.end()) parts.push_back(text);
      }
    } else {
      // Too many to read; the closing bracket says most.
      for (size_t type : {Lex::RPAREN, Lex::RBRACKET, Lex::RBRACE, Lex::COMMA}) {
        if (has(type)) parts.push_back(absl::StrCat("`", TokenText(type), "`"));
      }
    }
    if (clause) parts.push_back(more_clauses || !has(Lex::WHERE) ? "a clause such as `MATCH`, `CREATE` or `RETURN`" : "another clause");
    if (has(antlr4::Token::EOF)) parts.push_back("the end of the statement");
    if (parts.empty()) return {};
    if (parts.size() == 1) return parts[0];
    const std::string last = parts.back();
    parts.pop_back();
    return absl::StrCat(absl::StrJoin(parts, ", "), " or ", last);
  }

  bool Single(size_t type, bool expression, bool all_names, bool clause, bool operation) const {
    if (TokenText(type).empty() || IsOpenParenthesis(type) || type == Lex::QUANTIFIER_CALL || type == Lex::REDUCE_CALL || type == Lex::TRIM_CALL ||
        type == Lex::LBRACKET_IN || type == Lex::LBRACKET_PATTERN || type == Lex::EXISTS_BRACE || type == Lex::COUNT_BRACE || type == Lex::COLLECT_BRACE) {
      return false;
    }
    if (IsKeyword(type) && all_names) return false;
    if (clause && (StartsStatement(type) || type == Lex::WHERE || type == Lex::ORDER || type == Lex::SKIP_ || type == Lex::LIMIT || type == Lex::OFFSET || type == Lex::FINISH ||
                   type == Lex::YIELD || type == Lex::NODETACH || type == Lex::SEARCH || type == Lex::UNION || type == Lex::NEXT || type == Lex::USING || type == Lex::ENABLE ||
                   type == Lex::DEALLOCATE || type == Lex::REALLOCATE || type == Lex::DRYRUN || type == Lex::GROUP || type == Lex::LBRACE || type == Lex::WHEN || type == Lex::ELSE)) {
      return false;
    }
    if (expression) {
      switch (type) {
        case Lex::LBRACKET: case Lex::LBRACE: case Lex::DOLLAR: case Lex::PLUS: case Lex::MINUS: case Lex::NOT: case Lex::CASE: case Lex::TRUE: case Lex::FALSE:
        case Lex::NULL_: case Lex::INF: case Lex::INFINITY_: case Lex::NAN_: case Lex::SHORTEST_PATH: case Lex::ALL_SHORTEST_PATHS:
          return false;
        default: break;
      }
    }
    if (operation) {
      switch (type) {
        case Lex::AND: case Lex::OR: case Lex::XOR: case Lex::EQ: case Lex::NEQ: case Lex::NEQ_C: case Lex::LT: case Lex::LE: case Lex::GT: case Lex::GE: case Lex::REGEQ:
        case Lex::CONTAINS: case Lex::IN: case Lex::STARTS: case Lex::ENDS: case Lex::IS: case Lex::COLONCOLON: case Lex::PLUS: case Lex::MINUS: case Lex::DOUBLEBAR:
        case Lex::TIMES: case Lex::DIVIDE: case Lex::PERCENT: case Lex::POW: case Lex::DOT: case Lex::LBRACKET: case Lex::LBRACE: case Lex::COLON: case Lex::IS_LABEL:
          return false;
        default: break;
      }
    }
    return true;
  }

  void Help(std::string_view help) { out_.help = arena_.Copy(help); }
  void Message(std::string_view message) { out_.message = arena_.Copy(message); }
  void Replace(Span inner, std::string_view with) {
    if (text_.offsets != nullptr) return;
    out_.replace_span = text_.Outer(inner);
    out_.replacement = arena_.Copy(with);
    out_.has_replacement = true;
  }

  // Mistakes that occur often, each with what was meant.
  void Known() {
    const size_t found = Type(i_), before = i_ > 0 ? Type(i_ - 1) : antlr4::Token::EOF;
    if (Sql()) return;
    if (resolution_.unopened >= 0 && static_cast<size_t>(resolution_.unopened) == i_ && found != antlr4::Token::EOF) {
      Help(absl::StrCat("this `", Written(i_), "` closes nothing: a bracket is missing before it, or this one is too many"));
      return;
    }
    if (found == antlr4::Token::EOF && resolution_.unclosed >= 0) {
      const Token& open = t_[static_cast<size_t>(resolution_.unclosed)];
      const std::string_view bracket = TokenText(open.type);
      out_.span = text_.Outer(open.span);
      Message(absl::StrCat("this `", bracket, "` is never closed"));
      Help(absl::StrCat("close it with `", bracket == "(" ? ")" : bracket == "[" ? "]" : "}", "`"));
      return;
    }
    if (resolution_.unclosed >= 0 && found != antlr4::Token::EOF && static_cast<size_t>(resolution_.unclosed) < i_) {
      const size_t open = t_[static_cast<size_t>(resolution_.unclosed)].type;
      const bool round = IsOpenParenthesis(open), square = !round && open != Lex::LBRACE;
      if (Expects(round ? Lex::RPAREN : square ? Lex::RBRACKET : Lex::RBRACE) && !Expects(Lex::STRING_LITERAL) && !NearKeyword(i_)) {
        Help(absl::StrCat("the `", TokenText(open), "` before it is never closed"));
        return;
      }
    }
    if (found == Lex::EQ && before == Lex::EQ) {
      Message("`==` is no operator of Cypher");
      Help("compare with one `=`");
      Replace({t_[i_ - 1].span.begin, t_[i_].span.end}, "=");
      return;
    }
    if (found == Lex::EQ && InMap()) {
      Message("a map's key and value are joined with `:`, not with `=`");
      Help("write `{key: value}`");
      Replace(t_[i_].span, ":");
      return;
    }
    if (found == Lex::AMPERSAND && Type(i_ + 1) == Lex::AMPERSAND) {
      Help("write `AND`");
      return;
    }
    if (found == Lex::EXCLAMATION) {
      Help("write `NOT`; not equal is `<>`");
      return;
    }
    if (found == Lex::STRING_LITERAL && before == Lex::STRING_LITERAL) {
      Help(t_[i_ - 1].span.end == t_[i_].span.begin ? "a quote inside a string is written `\\'`, not twice" : "join two strings with `+`");
      return;
    }
    if (found == Lex::GT && before == Lex::MINUS && i_ >= 2 && Type(i_ - 2) == Lex::RPAREN) {
      Message("a relationship without brackets has two dashes");
      Help("write `-->`");
      Replace({t_[i_ - 1].span.begin, t_[i_].span.end}, "-->");
      return;
    }
    if (before == Lex::MINUS && found == Lex::LPAREN && i_ >= 2 && (Type(i_ - 2) == Lex::LT || Type(i_ - 2) == Lex::RPAREN) && Expects(Lex::MINUS)) {
      Help("a relationship without brackets has two dashes: `--`, `-->` or `<--`");
      return;
    }
    if (Is(i_, "GROUP") && Is(i_ + 1, "BY")) {
      Help("Cypher groups by the items that are not aggregated: leave `GROUP BY` out");
      return;
    }
    if (Is(i_, "HAVING")) {
      Help("filter an aggregate with `WITH ..., count(*) AS n WHERE n > 1`");
      return;
    }
    if ((found == Lex::FROM || Is(i_, "FROM")) && HasWord("RETURN")) {
      Help("Cypher has no `FROM`: name what to read in `MATCH` before `RETURN`");
      return;
    }
    if ((found == Lex::JOIN || Is(i_, "INNER") || Is(i_, "LEFT")) && i_ + 1 < t_.size()) {
      Help("Cypher has no joins: write a pattern, `(a)-[:TYPE]->(b)`");
      return;
    }
    if (Is(i_, "LIKE") || Is(i_, "ILIKE")) {
      Help("use `CONTAINS`, `STARTS WITH`, `ENDS WITH` or `=~`");
      return;
    }
    if (Is(i_, "BETWEEN")) {
      Help("write `low <= x <= high`");
      return;
    }
    if (found == Lex::NOT && Type(i_ + 1) == Lex::IN) {
      Message("`NOT IN` is no operator of Cypher");
      Help("write `NOT x IN list`");
      return;
    }
    if ((before == Lex::MATCH || before == Lex::MERGE || before == Lex::CREATE) && found != Lex::LPAREN && found != antlr4::Token::EOF && IsNameLike(found)) {
      if (Constraint()) return;
    }
    if (i_ > 0 && (Type(i_ - 1) == Lex::WORD) && i_ >= 2 && (Type(i_ - 2) == Lex::MATCH || Type(i_ - 2) == Lex::MERGE || Type(i_ - 2) == Lex::CREATE) && Expects(Lex::EQ)) {
      if (NearKeyword(i_ - 1)) return;
      Help(absl::StrCat("a node stands in parentheses: `(", Written(i_ - 1), ")`"));
      return;
    }
    if (Is(i_, "OF") && Is(i_ - 1, "TRANSACTION")) {
      Message("`IN TRANSACTION` is written in the plural");
      Help("write `IN TRANSACTIONS OF ... ROWS`");
      Replace(t_[i_ - 1].span, "TRANSACTIONS");
      return;
    }
    if (Constraint() || Spelt()) return;
    if (found == Lex::DOT && before == Lex::DOT) {
      Help("one dot before a property");
      return;
    }
    if (Expects(Lex::AS) && found == Lex::WORD && !NearKeyword(i_)) {
      Help("an alias stands behind `AS`");
      return;
    }
    if (found == Lex::OPTIONAL || StartsStatement(found)) {
      if (before == Lex::COMMA) Help("a comma is too many before it");
      return;
    }
    if (before == Lex::COMMA && (found == Lex::RPAREN || found == Lex::RBRACKET || found == Lex::RBRACE || found == antlr4::Token::EOF)) {
      Help("the comma before it is too many");
      return;
    }
    if (out_.help.empty()) NearKeyword(i_) || (i_ > 0 && NearKeyword(i_ - 1));
  }

  // Things put the way other languages put them.
  bool Spelt() {
    const size_t found = Type(i_), before = i_ > 0 ? Type(i_ - 1) : antlr4::Token::EOF;
    if (before == Lex::EQ && (found == Lex::GT || found == Lex::LT)) {
      const std::string_view right = found == Lex::GT ? ">=" : "<=";
      Message(absl::StrCat("`=", Written(i_), "` is no operator of Cypher"));
      Help(absl::StrCat("write `", right, "`"));
      Replace({t_[i_ - 1].span.begin, t_[i_].span.end}, right);
      return true;
    }
    if (found == Lex::GT && before == Lex::RBRACKET && Expects(Lex::MINUS)) {
      Help("an arrow is `]->`");
      Replace(t_[i_].span, "->");
      return true;
    }
    if (found == Lex::STRING_LITERAL && Type(i_ + 1) == Lex::COLON && (before == Lex::LBRACE || before == Lex::COMMA)) {
      const std::string_view key = Written(i_).substr(1, Written(i_).size() - 2);
      const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c)); }) &&
                         !absl::ascii_isdigit(static_cast<unsigned char>(key[0]));
      Help("a key stands without quotes, or in backticks");
      Replace(t_[i_].span, plain ? std::string(key) : absl::StrCat("`", key, "`"));
      return true;
    }
    if (IsNameLike(found) && Type(i_ + 1) == Lex::COLON && Expects(Lex::LBRACE) && Expects(Lex::RPAREN)) {
      Help("properties stand in braces: `{key: value}`");
      return true;
    }
    if (found == Lex::COMMA && before == Lex::STRING_LITERAL && i_ >= 2 && Type(i_ - 2) == Lex::IN) {
      Help("a list stands in brackets: `IN ['a', 'b']`");
      return true;
    }
    if (found == Lex::AND && !HasWord("WHERE") && Expects(Lex::COMMA)) {
      Help("the first condition begins with `WHERE`");
      return true;
    }
    if (Is(i_, "UPDATE") && before == Lex::ON) {
      Help("write `ON MATCH SET`");
      return true;
    }
    if (found == Lex::EQ && HasWord("REMOVE") && before != Lex::EQ) {
      Help("`REMOVE` takes the property alone; a value is given with `SET`");
      return true;
    }
    if (before == Lex::COLON && HasWord("SET") && !IsNameLike(found) && Expects(Lex::DOLLAR)) {
      Help("a value is given with `=`: `SET n.key = value`");
      return true;
    }
    if (found == antlr4::Token::EOF && Expects(Lex::ROWS) && HasWord("TRANSACTIONS")) {
      Help("write `OF 1000 ROWS`");
      return true;
    }
    if (found == Lex::NODE && before == Lex::CREATE) {
      Help("write `CREATE (n:Label)`");
      return true;
    }
    return false;
  }

  bool HasWord(std::string_view w) const {
    for (size_t i = 0; i < i_; ++i) {
      if (Is(i, w)) return true;
    }
    return false;
  }

  // Directly inside `{ name`?
  bool InMap() const { return i_ >= 2 && IsNameLike(Type(i_ - 1)) && (Type(i_ - 2) == Lex::LBRACE || Type(i_ - 2) == Lex::COMMA); }

  bool Sql() {
    const bool first = i_ <= 3;
    if (!first) return false;
    std::string_view statement;
    if (Is(0, "SELECT")) statement = "SELECT";
    if (Is(0, "INSERT") && Is(1, "INTO")) statement = "INSERT INTO";
    if (Is(0, "UPDATE")) statement = "UPDATE";
    if (Is(0, "DELETE") && Is(1, "FROM")) statement = "DELETE FROM";
    if (Is(0, "TRUNCATE")) statement = "TRUNCATE";
    if ((Is(0, "CREATE") || Is(0, "ALTER") || Is(0, "DROP")) && (Is(1, "TABLE") || Is(1, "VIEW") || Is(1, "SEQUENCE") || Is(1, "FUNCTION") || Is(1, "SCHEMA") || Is(1, "TYPE") ||
                                                                  Is(1, "EXTENSION") || Is(1, "TRIGGER"))) {
      statement = Written(1);
    }
    if (statement.empty()) return false;
    Message(absl::StrCat("this is SQL, not Cypher: ", Quoted(0), Is(1, "TABLE") || Is(1, "INTO") || Is(1, "FROM") ? absl::StrCat(" ", Quoted(1)) : ""));
    out_.span = text_.Outer(t_[0].span);
    Help("put it into a migration of the SQL database");
    return true;
  }

  // CREATE / DROP of constraints and indexes.
  bool Constraint() {
    size_t k = 0;
    const bool create = Is(0, "CREATE"), drop = Is(0, "DROP");
    if (!create && !drop) return false;
    if (create && Is(1, "UNIQUE") && (Is(2, "INDEX") || Is(2, "CONSTRAINT"))) {
      Message(absl::StrCat("there is no `CREATE UNIQUE ", absl::AsciiStrToUpper(Written(2)), "` in Cypher"));
      Help("write `CREATE CONSTRAINT name IF NOT EXISTS FOR (n:Label) REQUIRE n.key IS UNIQUE`");
      return true;
    }
    for (k = 1; k < t_.size() && Type(k) != Lex::CONSTRAINT && Type(k) != Lex::INDEX; ++k) {
      if (k > 4) return false;
    }
    if (k >= t_.size()) return false;
    if (create && Type(i_) == Lex::ON && Type(i_ + 1) == Lex::COLON && Type(k) == Lex::INDEX) {
      Message("expected `FOR (n:Label) ON (n.property)`, found `ON :`");
      Help("write `FOR (n:Label) ON (n.property)`");
      return true;
    }
    if (i_ > k + 3 && Type(k + 1) == Lex::IF && IsNameLike(Type(i_))) {
      Help("the name stands before `IF NOT EXISTS`");
      return true;
    }
    if (create && Type(k) == Lex::INDEX && Type(i_) == Lex::ON && Expects(Lex::FOR) && IsNameLike(Type(i_ + 1))) {
      Help(absl::StrCat("write `FOR (n:", Written(i_ + 1), ") ON (n.key)`"));
      return true;
    }
    if (create && Type(k) == Lex::INDEX && Type(i_) == Lex::COMMA && Expects(Lex::OPTIONS)) {
      Help("several properties stand in parentheses: `ON (n.a, n.b)`");
      return true;
    }
    if (drop && Type(i_) == Lex::ON && i_ == k + 2) {
      Help("the name is enough: what it is on is not said");
      return true;
    }
    if (Is(i_, "EXIST") && Expects(Lex::EXISTS)) {
      Help("did you mean `EXISTS`?");
      Replace(t_[i_].span, "EXISTS");
      return true;
    }
    if (Is(i_, "IF") || (i_ > 0 && Is(i_ - 1, "IF")) || (i_ > 1 && Is(i_ - 2, "IF"))) {
      Help(create ? "`IF NOT EXISTS` stands behind the name, before `FOR`" : "`IF EXISTS` stands behind the name");
      return true;
    }
    if (create && Type(k) == Lex::CONSTRAINT && (Is(i_, "UNIQUE") || Is(i_, "IS"))) {
      Help("write `FOR (n:Label) REQUIRE n.key IS UNIQUE`");
      return true;
    }
    return false;
  }

  // One or two letters from a keyword that is expected: a slip.
  bool NearKeyword(size_t i) {
    if (Type(i) != Lex::WORD) return false;
    const std::string word = absl::AsciiStrToUpper(Written(i));
    if (word.size() < 3) return false;
    std::string_view best;
    size_t best_distance = word.size() <= 4 ? 2 : 3;
    for (size_t type = 1; type < Lex::CREATE_COMMAND; ++type) {
      const bool fits = i == i_ ? stop_.expected.contains(type) && !(Expects(Lex::ZONED)) : StartsStatement(type) || type == Lex::WHERE || type == Lex::ORDER;
      if (!fits) continue;
      const size_t d = Distance(word, TokenText(type), best_distance);
      if (d < best_distance) {
        best_distance = d;
        best = TokenText(type);
      }
    }
    if (best.empty()) return false;
    out_.span = text_.Outer(t_[i].span);
    Help(absl::StrCat("did you mean `", best, "`?"));
    Replace(t_[i].span, best);
    return true;
  }

  // Edits (insert, delete, replace, swap of neighbours) from a to b; `limit` if there are as many or more.
  static size_t Distance(std::string_view a, std::string_view b, size_t limit) {
    if (a.size() + limit <= b.size() || b.size() + limit <= a.size()) return limit;
    std::vector<size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
      next[0] = i;
      for (size_t j = 1; j <= b.size(); ++j) {
        next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], before[j - 2] + 1);
      }
      before.swap(row);
      row.swap(next);
    }
    return std::min(row[b.size()], limit);
  }

  const Text& text_;
  const std::vector<Token>& t_;
  const Resolution& resolution_;
  const Stop& stop_;
  Arena& arena_;
  SyntaxError& out_;
  size_t i_;
};

}  // namespace

void Explain(const Text& text, const std::vector<Token>& tokens, const Resolution& resolution, const Stop& stop, Arena& arena, SyntaxError& out) {
  Explainer(text, tokens, resolution, stop, arena, out).Run();
}

}  // namespace pawl::cypher
