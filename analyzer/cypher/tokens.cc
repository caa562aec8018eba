#include "analyzer/cypher/internal/tokens.h"

#include <array>
#include <cstring>

namespace pawl::cypher {
namespace {

constexpr size_t kSlots = 1024;          // a power of two, more than three times the keywords
constexpr size_t kLongestKeyword = 16;   // allShortestPaths

// Keywords by their text, filled once from the generated vocabulary, so that no list is kept twice.
class KeywordTable {
 public:
  static const KeywordTable& Get() {
    static const KeywordTable* const table = new KeywordTable;
    return *table;
  }
  size_t Find(std::string_view word) const {
    if (word.size() > kLongestKeyword) return Lex::WORD;
    char upper[kLongestKeyword];
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < word.size(); ++i) {
      const char c = word[i];
      upper[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      hash = (hash ^ static_cast<unsigned char>(upper[i])) * 16777619u;
    }
    for (size_t slot = hash % kSlots; slots_[slot] != 0; slot = (slot + 1) % kSlots) {
      const std::string& text = texts_[slots_[slot]];
      if (text.size() == word.size() && std::memcmp(text.data(), upper, word.size()) == 0) return slots_[slot];
    }
    return Lex::WORD;
  }
  std::string_view Text(size_t type) const { return texts_[type]; }

 private:
  KeywordTable() {
    ByteStream nothing("");
    const Lex lexer(&nothing);
    for (size_t type = 1; type < Lex::CREATE_COMMAND; ++type) {
      // NULL_, SKIP_ and others bear an underscore because C or C++ knows their names; no keyword has one itself.
      for (char c : lexer.getVocabulary().getSymbolicName(type)) {
        if (c != '_') texts_[type] += c;
      }
      uint32_t hash = 2166136261u;
      for (char c : texts_[type]) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
      size_t slot = hash % kSlots;
      while (slots_[slot] != 0) slot = (slot + 1) % kSlots;
      slots_[slot] = static_cast<uint16_t>(type);
    }
  }

  std::array<uint16_t, kSlots> slots_ = {};
  std::array<std::string, Lex::CREATE_COMMAND> texts_;
};

bool StartsCommand(size_t type) {
  switch (type) {
    case Lex::OR: case Lex::CONSTRAINT: case Lex::INDEX: case Lex::RANGE: case Lex::TEXT: case Lex::POINT: case Lex::VECTOR: case Lex::BTREE:
    case Lex::FULLTEXT: case Lex::LOOKUP: case Lex::DATABASE: case Lex::COMPOSITE: case Lex::ALIAS: case Lex::USER: case Lex::ROLE:
    case Lex::IMMUTABLE: case Lex::AUTH:
      return true;
    default: return false;
  }
}

// Token types that cannot begin an expression: a keyword before one of them is a name.
bool EndsOperand(size_t type) {
  switch (type) {
    case Lex::RPAREN: case Lex::RBRACKET: case Lex::RBRACE: case Lex::COMMA: case Lex::AS: case antlr4::Token::EOF: case Lex::SEMICOLON: case Lex::EQ: case Lex::NEQ:
    case Lex::LT: case Lex::LE: case Lex::GT: case Lex::GE: case Lex::REGEQ: case Lex::TIMES: case Lex::DIVIDE: case Lex::PERCENT:
    case Lex::POW: case Lex::DOUBLEBAR: case Lex::DOT: case Lex::COLON: case Lex::BAR: case Lex::BAR_SEPARATOR: case Lex::PLUSEQ:
      return true;
    default: return false;
  }
}

bool IsTypeWord(size_t type) {
  switch (type) {
    case Lex::NOTHING: case Lex::NULL_: case Lex::BOOL: case Lex::BOOLEAN: case Lex::VARCHAR: case Lex::STRING: case Lex::INT: case Lex::SIGNED: case Lex::INTEGER:
    case Lex::FLOAT: case Lex::DATE: case Lex::DURATION: case Lex::POINT: case Lex::LOCAL: case Lex::ZONED: case Lex::TIME: case Lex::TIMESTAMP:
    case Lex::NODE: case Lex::VERTEX: case Lex::RELATIONSHIP: case Lex::EDGE: case Lex::MAP: case Lex::PATH: case Lex::LIST: case Lex::ARRAY:
    case Lex::PROPERTY: case Lex::ANY: case Lex::VECTOR: case Lex::DATETIME: case Lex::TIMEZONE: case Lex::VALUE: case Lex::ZONE:
      return true;
    default: return false;
  }
}

class Resolver {
 public:
  explicit Resolver(std::vector<Token>& tokens) : t_(tokens) {}

  Resolution Run() {
    for (size_t i = 0; i < t_.size(); ++i) t_[i].index = static_cast<int32_t>(i);
    Match();
    for (size_t i = 0; i + 1 < t_.size(); ++i) {
      if (IsKeyword(t_[i].type)) {
        Keyword(i);
      } else if (t_[i].type == Lex::LPAREN) {
        Parenthesis(i);
      } else if (t_[i].type == Lex::LBRACKET) {
        Bracket(i);
      }
    }
    Bars();
    return result_;
  }

 private:
  size_t Type(size_t i) const { return i < t_.size() ? t_[i].type : antlr4::Token::EOF; }
  size_t Before(size_t i) const { return i == 0 ? antlr4::Token::EOF : t_[i - 1].type; }

  // Pairs brackets, and measures how deep they nest. CASE nests too, and so does LIST<.
  void Match() {
    std::vector<int32_t> open;
    int depth = 0;
    for (size_t i = 0; i < t_.size(); ++i) {
      const size_t type = t_[i].type;
      if (type == Lex::LPAREN || type == Lex::LBRACKET || type == Lex::LBRACE) {
        open.push_back(static_cast<int32_t>(i));
        ++depth;
      } else if (type == Lex::RPAREN || type == Lex::RBRACKET || type == Lex::RBRACE) {
        const size_t opening = type == Lex::RPAREN ? Lex::LPAREN : type == Lex::RBRACKET ? Lex::LBRACKET : Lex::LBRACE;
        if (open.empty() || t_[open.back()].type != opening) {
          if (result_.unopened < 0) result_.unopened = static_cast<int32_t>(i);
        } else {
          t_[i].match = open.back();
          t_[open.back()].match = static_cast<int32_t>(i);
          open.pop_back();
          --depth;
        }
      } else if (type == Lex::CASE || (type == Lex::LT && i > 0 && (t_[i - 1].type == Lex::LIST || t_[i - 1].type == Lex::ARRAY))) {
        ++depth;
      } else if (depth > 0 && (type == Lex::END || (type == Lex::GT && i > 0 && IsTypeWord(t_[i - 1].type)))) {
        --depth;
      }
      if (depth > kMaxDepth && result_.too_deep < 0) result_.too_deep = static_cast<int32_t>(i);
    }
    if (!open.empty()) result_.unclosed = open.back();
  }

  void Keyword(size_t i) {
    Token& t = t_[i];
    const size_t before = Before(i), next = Type(i + 1);
    const bool literal = t.type == Lex::TRUE || t.type == Lex::FALSE || t.type == Lex::NULL_ || t.type == Lex::END;
    if (before == Lex::DOT || (!literal && (next == Lex::DOT || (next == Lex::EQ && t.type != Lex::WHEN) ||
                                            (next == Lex::COLON && !(t.type == Lex::ON && before == Lex::INDEX))))) {
      t.type = Lex::WORD;
      return;
    }
    switch (t.type) {
      case Lex::CREATE:
        if (StartsCommand(next) && Type(i + 2) != Lex::EQ) t.type = Lex::CREATE_COMMAND;
        break;
      case Lex::START:
        if (next == Lex::DATABASE) t.type = Lex::START_COMMAND;
        break;
      case Lex::EXISTS:
        if (next == Lex::LBRACE) t.type = Lex::EXISTS_BRACE;
        break;
      case Lex::COUNT:
        if (next == Lex::LBRACE) t.type = Lex::COUNT_BRACE;
        break;
      case Lex::COLLECT:
        if (next == Lex::LBRACE) t.type = Lex::COLLECT_BRACE;
        break;
      case Lex::ANY: case Lex::NONE: case Lex::SINGLE: case Lex::EXTRACT: case Lex::ALL: case Lex::FILTER:
        if (next == Lex::LPAREN && IsNameLike(Type(i + 2)) && Type(i + 3) == Lex::IN && (t.type != Lex::FILTER || HoldsWhere(i + 1))) {
          t.type = Lex::QUANTIFIER_CALL;
        } else if (t.type == Lex::ALL && ((next == Lex::LPAREN && (before == Lex::RETURN || before == Lex::WITH)) || (EndsOperand(next) && next != Lex::TIMES))) {
          t.type = Lex::WORD;
        }
        break;
      case Lex::REDUCE: case Lex::ALL_REDUCE:
        if (next == Lex::LPAREN && IsNameLike(Type(i + 2)) && Type(i + 3) == Lex::EQ && HoldsBar(i + 1)) t.type = Lex::REDUCE_CALL;
        break;
      case Lex::TRIM:
        if (next == Lex::LPAREN) t.type = Lex::TRIM_CALL;
        break;
      case Lex::SHORTEST_PATH: case Lex::ALL_SHORTEST_PATHS:
        if (next != Lex::LPAREN) t.type = Lex::WORD;
        break;
      case Lex::INF: case Lex::INFINITY_: case Lex::NAN_:
        if (next == Lex::LPAREN) t.type = Lex::WORD;
        break;
      case Lex::NOT: case Lex::CASE:
        if (EndsOperand(next)) t.type = Lex::WORD;
        break;
      case Lex::DISTINCT:
        if (EndsOperand(next) && next != Lex::TIMES) t.type = Lex::WORD;
        break;
      case Lex::WHEN:
        if (next == Lex::RPAREN || next == Lex::RBRACKET || next == Lex::RBRACE || next == Lex::COMMA || next == Lex::AS || next == antlr4::Token::EOF) t.type = Lex::WORD;
        break;
      case Lex::IS:
        if (next == Lex::RPAREN || next == Lex::RBRACKET) {
          t.type = Lex::WORD;
        } else if (next != Lex::NOT && next != Lex::NULL_ && next != Lex::TYPED && next != Lex::COLONCOLON && next != Lex::NORMALIZED && next != Lex::NFC &&
                   next != Lex::NFD && next != Lex::NFKC && next != Lex::NFKD) {
          t.type = Lex::IS_LABEL;
        }
        break;
      case Lex::WHERE:
        if (next == Lex::RPAREN || next == Lex::RBRACKET) t.type = Lex::WORD;
        break;
      case Lex::IF: case Lex::FOR: case Lex::ON:
        if ((before == Lex::INDEX || before == Lex::CONSTRAINT) && (next == Lex::IF || next == Lex::FOR)) t.type = Lex::WORD;
        break;
      default: break;
    }
  }

  // WHERE directly inside the bracket at i?
  bool HoldsWhere(size_t i) const {
    const int32_t end = t_[i].match;
    for (int32_t k = static_cast<int32_t>(i) + 1; k < end; ++k) {
      if (t_[k].match > k) {
        k = t_[k].match;
      } else if (t_[k].type == Lex::WHERE) {
        return true;
      }
    }
    return false;
  }

  void Parenthesis(size_t i) {
    if (Type(i + 1) == Lex::LPAREN || (IsNameLike(Type(i + 1)) && Type(i + 2) == Lex::EQ)) {
      t_[i].type = Lex::LPAREN_GROUP;
    } else if (StartsPath(i)) {
      t_[i].type = Lex::LPAREN_PATTERN;
    }
  }

  // `(` that begins a node with a relationship and a further node behind it: (a)-[r]->(b). The same tokens can be arithmetic,
  // (a) - [1] - (b): what stands in the brackets tells.
  bool StartsPath(size_t i) const {
    if (t_[i].match < 0 || Before(i) == Lex::WORD || Before(i) == Lex::QUOTED_NAME) return false;
    if (!LooksLikeElement(i, false)) return false;
    size_t k = static_cast<size_t>(t_[i].match) + 1;
    if (Type(k) == Lex::LT || Type(k) == Lex::ARROW_LEFT) ++k;
    if (Type(k) != Lex::MINUS && Type(k) != Lex::DASH) return false;
    ++k;
    if (Type(k) == Lex::LBRACKET) {
      if (t_[k].match < 0 || !LooksLikeElement(k, true)) return false;
      k = static_cast<size_t>(t_[k].match) + 1;
    }
    if (Type(k) != Lex::MINUS && Type(k) != Lex::DASH) return false;
    ++k;
    if (Type(k) == Lex::GT || Type(k) == Lex::ARROW_RIGHT) ++k;
    return Type(k) == Lex::LPAREN && LooksLikeElement(k, false);
  }

  // Whether the inside of a bracket can be a node's or relationship's: empty, a variable and then its end or a part of a pattern.
  bool LooksLikeElement(size_t i, bool relationship) const {
    size_t k = i + 1;
    if (IsNameLike(Type(k))) {
      const size_t after = Type(k + 1);
      if (after == Lex::RPAREN || after == Lex::RBRACKET || after == Lex::COLON || after == Lex::LBRACE || after == Lex::DOLLAR || after == Lex::WHERE ||
          after == Lex::IS || after == Lex::IS_LABEL || (relationship && after == Lex::TIMES)) {
        return true;
      }
    }
    const size_t first = Type(k);
    return first == Lex::RPAREN || first == Lex::RBRACKET || first == Lex::COLON || first == Lex::LBRACE || first == Lex::DOLLAR || first == Lex::WHERE ||
           first == Lex::IS || first == Lex::IS_LABEL || (relationship && first == Lex::TIMES);
  }

  void Bracket(size_t i) {
    if (IsNameLike(Type(i + 1)) && Type(i + 2) == Lex::IN) {
      t_[i].type = Lex::LBRACKET_IN;
      return;
    }
    const size_t k = IsNameLike(Type(i + 1)) && Type(i + 2) == Lex::EQ ? i + 3 : i + 1;
    if (Type(k) == Lex::LPAREN && StartsPath(k) && HoldsBar(i)) t_[i].type = Lex::LBRACKET_PATTERN;
  }

  bool HoldsBar(size_t i) const {
    const int32_t end = t_[i].match;
    for (int32_t k = static_cast<int32_t>(i) + 1; k < end; ++k) {
      if (t_[k].match > k) {
        k = t_[k].match;
      } else if (t_[k].type == Lex::BAR) {
        return true;
      }
    }
    return false;
  }

  // Finds the `|` that separates in comprehensions, reduce, FOREACH: the first that cannot join labels or types, else the last.
  void Bars() {
    std::vector<int32_t> bars;
    std::vector<size_t> first_bar;      // of each open bracket, in `bars`
    for (size_t i = 0; i < t_.size(); ++i) {
      if (t_[i].type == Lex::BAR) {
        bars.push_back(static_cast<int32_t>(i));
      } else if (t_[i].match > static_cast<int32_t>(i)) {
        first_bar.push_back(bars.size());
      } else if (t_[i].match >= 0) {
        const int32_t opening = t_[i].match;
        const size_t from = first_bar.back();
        first_bar.pop_back();
        const size_t type = t_[opening].type;
        const size_t before = Before(static_cast<size_t>(opening));
        if (from < bars.size() && (type == Lex::LBRACKET_IN || type == Lex::LBRACKET_PATTERN || before == Lex::QUANTIFIER_CALL || before == Lex::REDUCE_CALL ||
                                   before == Lex::FOREACH)) {
          size_t chosen = bars.size() - 1;
          for (size_t b = from; b < bars.size(); ++b) {
            if (!JoinsLabels(static_cast<size_t>(bars[b]))) {
              chosen = b;
              break;
            }
          }
          t_[bars[chosen]].type = Lex::BAR_SEPARATOR;
        }
        bars.resize(from);
      }
    }
  }

  bool JoinsLabels(size_t bar) const {
    size_t next = bar + 1;
    if (Type(next) == Lex::COLON) return true;                       // :A|:B
    if (IsTypeWord(Type(next)) && bar > 0 && (IsTypeWord(t_[bar - 1].type) || t_[bar - 1].type == Lex::GT || t_[bar - 1].type == Lex::EXCLAMATION)) return true;
    size_t last = bar - 1;
    if (t_[last].type == Lex::RPAREN) {
      if (t_[last].match < 1) return false;
      last = static_cast<size_t>(t_[last].match);
    } else if (!IsNameLike(t_[last].type) && t_[last].type != Lex::PERCENT) {
      return false;
    }
    const size_t lead = Before(last);
    if (lead != Lex::COLON && lead != Lex::BAR && lead != Lex::AMPERSAND && lead != Lex::EXCLAMATION && lead != Lex::IS_LABEL && lead != Lex::DOLLAR) return false;
    while (Type(next) == Lex::EXCLAMATION) ++next;
    if (Type(next) == Lex::PERCENT) return true;
    if (!IsNameLike(Type(next))) return false;
    const size_t after = Type(next + 1);
    return after != Lex::DOT && !IsOpenParenthesis(after) && after != Lex::LBRACKET && after != Lex::LBRACE;
  }

  std::vector<Token>& t_;
  Resolution result_;
};

}  // namespace

Scanner::Scanner(std::string_view text) : text_(text), stream_(text), lexer_(&stream_) {}
Scanner::~Scanner() = default;

RawToken Scanner::Next() {
  const uint32_t begin = position();
  if (begin >= text_.size()) return {antlr4::Token::EOF, {static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(text_.size())}};
  size_t type = lexer_.getInterpreter<antlr4::atn::LexerATNSimulator>()->match(&stream_, 0);
  const Span span{begin, position()};
  if (type == Lex::WORD) type = KeywordType(text_.substr(span.begin, span.size()));
  return {type, span};
}

size_t KeywordType(std::string_view word) { return KeywordTable::Get().Find(word); }

std::string_view TokenText(size_t type) {
  if (type == Lex::SHORTEST_PATH) return "shortestPath";
  if (type == Lex::ALL_SHORTEST_PATHS) return "allShortestPaths";
  if (IsKeyword(type)) return KeywordTable::Get().Text(type);
  switch (type) {
    case Lex::CREATE_COMMAND: return "CREATE";
    case Lex::START_COMMAND: return "START";
    case Lex::LPAREN: case Lex::LPAREN_PATTERN: case Lex::LPAREN_GROUP: return "(";
    case Lex::LBRACKET: case Lex::LBRACKET_IN: case Lex::LBRACKET_PATTERN: return "[";
    case Lex::BAR: case Lex::BAR_SEPARATOR: return "|";
    case Lex::EXISTS_BRACE: return "EXISTS";
    case Lex::COUNT_BRACE: return "COUNT";
    case Lex::COLLECT_BRACE: return "COLLECT";
    case Lex::QUANTIFIER_CALL: return "ALL";
    case Lex::REDUCE_CALL: return "reduce";
    case Lex::TRIM_CALL: return "trim";
    case Lex::IS_LABEL: return "IS";
    case Lex::DOTDOT: return "..";
    case Lex::DOT: return ".";
    case Lex::COMMA: return ",";
    case Lex::SEMICOLON: return ";";
    case Lex::COLONCOLON: return "::";
    case Lex::COLON: return ":";
    case Lex::RPAREN: return ")";
    case Lex::RBRACKET: return "]";
    case Lex::LBRACE: return "{";
    case Lex::RBRACE: return "}";
    case Lex::DOLLAR: return "$";
    case Lex::EQ: return "=";
    case Lex::PLUSEQ: return "+=";
    case Lex::NEQ: return "<>";
    case Lex::NEQ_C: return "!=";
    case Lex::LE: return "<=";
    case Lex::GE: return ">=";
    case Lex::LT: return "<";
    case Lex::GT: return ">";
    case Lex::REGEQ: return "=~";
    case Lex::PLUS: return "+";
    case Lex::MINUS: return "-";
    case Lex::TIMES: return "*";
    case Lex::DIVIDE: return "/";
    case Lex::PERCENT: return "%";
    case Lex::POW: return "^";
    case Lex::DOUBLEBAR: return "||";
    case Lex::AMPERSAND: return "&";
    case Lex::EXCLAMATION: return "!";
    default: return {};
  }
}

Resolution ResolveTokens(std::string_view, std::vector<Token>& tokens) { return Resolver(tokens).Run(); }

}  // namespace pawl::cypher
