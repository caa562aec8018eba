// From bytes to the token types that the parser decides by. Not a public interface.
//
// Three steps, each byte and token once: the generated lexer's automaton finds the token's end; words become keywords by a hash
// table; ResolveTokens gives brackets and some keywords the meaning that the tokens around them tell (CypherLexer.g4, `tokens`).
#ifndef PAWL_ANALYZER_CYPHER_INTERNAL_TOKENS_H_
#define PAWL_ANALYZER_CYPHER_INTERNAL_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/span.h"
#include "antlr4-runtime.h"
#include "grammars/CypherLexer.h"

namespace pawl::cypher {

using Lex = grammar::CypherLexer;

// A token of one statement. Spans are offsets in the text that is parsed; `match` is the index of the bracket's other end, -1 if
// it has none.
class Token final : public antlr4::Token {
 public:
  Token() = default;
  Token(size_t token_type, Span where) : type(token_type), span(where) {}

  size_t type = 0;
  Span span;
  int32_t index = 0;
  int32_t match = -1;

  std::string getText() const override { return {}; }  // the parser never asks: messages are made of spans
  size_t getType() const override { return type; }
  size_t getLine() const override { return 0; }
  size_t getCharPositionInLine() const override { return 0; }
  size_t getChannel() const override { return 0; }
  size_t getTokenIndex() const override { return static_cast<size_t>(index); }
  size_t getStartIndex() const override { return span.begin; }
  size_t getStopIndex() const override { return span.end; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return {}; }
};

// The section's bytes as ANTLR's characters. Positions count from the text's beginning.
class ByteStream final : public antlr4::CharStream {
 public:
  explicit ByteStream(std::string_view text) : text_(text) {}
  void consume() override { ++at_; }
  size_t LA(ssize_t i) override {
    const size_t p = at_ + static_cast<size_t>(i) - 1;
    return p < text_.size() ? static_cast<unsigned char>(text_[p]) : antlr4::IntStream::EOF;
  }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  size_t index() override { return at_; }
  void seek(size_t index) override { at_ = index; }
  size_t size() override { return text_.size(); }
  std::string getSourceName() const override { return {}; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string toString() const override { return {}; }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

struct RawToken {
  size_t type = 0;   // Lex::..., antlr4::Token::EOF at the end
  Span span;
};

// All tokens of a text in order, white space and comments included: every byte belongs to exactly one.
class Scanner {
 public:
  explicit Scanner(std::string_view text);
  ~Scanner();
  RawToken Next();
  void MoveTo(uint32_t at) { stream_.seek(at); }
  uint32_t position() { return static_cast<uint32_t>(stream_.index()); }

 private:
  std::string_view text_;
  ByteStream stream_;
  Lex lexer_;
};

inline bool IsBlank(size_t type) { return type == Lex::SPACE || type == Lex::LINE_COMMENT || type == Lex::BLOCK_COMMENT; }
inline bool IsKeyword(size_t type) { return type >= 1 && type < Lex::CREATE_COMMAND; }
inline bool IsNameLike(size_t type) { return type == Lex::WORD || type == Lex::QUOTED_NAME || IsKeyword(type); }
inline bool IsOpenParenthesis(size_t type) { return type == Lex::LPAREN || type == Lex::LPAREN_PATTERN || type == Lex::LPAREN_GROUP; }

// The keyword's token type, WORD if it is none.
size_t KeywordType(std::string_view word);
// As the keyword is written: "NULL" for NULL_, "shortestPath"; a bracket or operator as it stands; "" for token types without a fixed text.
std::string_view TokenText(size_t type);

// What ResolveTokens found beyond types. Indexes are of tokens, -1: none.
struct Resolution {
  int32_t too_deep = -1;       // the bracket that nests deeper than kMaxDepth
  int32_t unclosed = -1;       // the innermost bracket that is never closed
  int32_t unopened = -1;       // the first closing bracket that closes nothing, or something else
};

// Brackets in brackets. Enough for any statement that a person or a tool writes, and safe on the smallest usual stack (8 MiB) in
// sanitizer builds too; Neo4j's own parser gives up at about the same place.
inline constexpr int kMaxDepth = 400;

// `tokens` are one statement's, without blanks, ending with EOF.
Resolution ResolveTokens(std::string_view text, std::vector<Token>& tokens);

// The statement's tokens as ANTLR's stream.
class TokenList final : public antlr4::TokenStream {
 public:
  explicit TokenList(std::vector<Token>& tokens) : tokens_(tokens) {}
  void consume() override {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  size_t LA(ssize_t i) override { return At(i).type; }
  antlr4::Token* LT(ssize_t k) override { return k < 0 && at_ < static_cast<size_t>(-k) ? nullptr : &At(k); }
  antlr4::Token* get(size_t index) const override { return &tokens_[index]; }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  size_t index() override { return at_; }
  void seek(size_t index) override { at_ = index; }
  size_t size() override { return tokens_.size(); }
  std::string getSourceName() const override { return {}; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText() override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }

 private:
  Token& At(ssize_t k) const {
    const size_t i = k > 0 ? at_ + static_cast<size_t>(k) - 1 : at_ - static_cast<size_t>(-k);
    return tokens_[i < tokens_.size() ? i : tokens_.size() - 1];
  }

  std::vector<Token>& tokens_;
  size_t at_ = 0;
};

}  // namespace pawl::cypher

#endif  // PAWL_ANALYZER_CYPHER_INTERNAL_TOKENS_H_
