#include "analyzer/sql/scanner.h"

#include <array>
#include <cstring>

namespace pawl::sql {
namespace {

enum CharClass : uint8_t { kSpace = 1, kIdentStart = 2, kIdentPart = 4, kDigit = 8, kOperatorChar = 16 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> t{};
  for (int c = 0; c < 256; ++c) {
    uint8_t v = 0;
    if (c == ' ' || (c >= 9 && c <= 13)) v |= kSpace;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    const bool digit = c >= '0' && c <= '9';
    if (letter) v |= kIdentStart;
    if (letter || digit || c == '$') v |= kIdentPart;
    if (digit) v |= kDigit;
    for (char o : {'~', '!', '@', '#', '^', '&', '|', '`', '?', '+', '-', '*', '/', '%', '<', '>', '='}) {
      if (c == o) v |= kOperatorChar;
    }
    t[c] = v;
  }
  return t;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();
bool IsClass(char c, uint8_t mask) { return (kClasses[static_cast<unsigned char>(c)] & mask) != 0; }

}  // namespace

bool EqualsKeyword(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != word[i]) return false;
  }
  return true;
}

bool Scanner::Is(const Token& t, std::string_view word) const { return t.kind == TokenKind::kIdentifier && EqualsKeyword(Text(t), word); }

Token Scanner::Quoted(uint32_t begin, char quote, bool backslash_escapes, TokenKind kind) {
  Token t{kind, false, {begin, end_}};
  while (at_ < end_) {
    const char c = text_[at_];
    if (c == '\\' && backslash_escapes && at_ + 1 < end_) {
      at_ += 2;
    } else if (c == quote) {
      if (at_ + 1 < end_ && text_[at_ + 1] == quote) {
        at_ += 2;
      } else {
        t.span.end = ++at_;
        return t;
      }
    } else if (backslash_escapes) {
      ++at_;
    } else {
      const void* next = std::memchr(text_.data() + at_ + 1, quote, end_ - at_ - 1);
      at_ = next == nullptr ? end_ : static_cast<uint32_t>(static_cast<const char*>(next) - text_.data());
    }
  }
  at_ = end_;
  t.unterminated = true;
  return t;
}

Token Scanner::Dollar(uint32_t begin) {
  uint32_t p = begin + 1;
  if (p < end_ && IsClass(text_[p], kDigit)) {
    while (p < end_ && IsClass(text_[p], kDigit)) ++p;
    at_ = p;
    return {TokenKind::kParameter, false, {begin, p}};
  }
  while (p < end_ && text_[p] != '$' && IsClass(text_[p], kIdentPart)) ++p;
  if (p >= end_ || text_[p] != '$') {
    at_ = begin + 1;
    return {TokenKind::kOther, false, {begin, at_}};
  }
  const std::string_view tag = text_.substr(begin, p + 1 - begin);
  const size_t close = text_.substr(0, end_).find(tag, p + 1);
  Token t{TokenKind::kDollarString, close == std::string_view::npos, {begin, end_}};
  if (!t.unterminated) t.span.end = static_cast<uint32_t>(close + tag.size());
  at_ = t.span.end;
  return t;
}

Token Scanner::BlockComment(uint32_t begin) {
  int depth = 1;
  at_ = begin + 2;
  while (at_ + 1 < end_) {
    if (text_[at_] == '/' && text_[at_ + 1] == '*') {
      ++depth;
      at_ += 2;
    } else if (text_[at_] == '*' && text_[at_ + 1] == '/') {
      at_ += 2;
      if (--depth == 0) return {TokenKind::kComment, false, {begin, at_}};
    } else {
      ++at_;
    }
  }
  at_ = end_;
  return {TokenKind::kComment, true, {begin, end_}};
}

Token Scanner::NextCode() {
  Token t = Next();
  while (t.kind == TokenKind::kComment) t = Next();
  return t;
}

Token Scanner::Next() {
  while (at_ < end_ && IsClass(text_[at_], kSpace)) ++at_;
  if (at_ >= end_) return {TokenKind::kEnd, false, {end_, end_}};
  const uint32_t begin = at_;
  const char c = text_[at_];
  const char next = at_ + 1 < end_ ? text_[at_ + 1] : '\0';
  auto one = [&](TokenKind kind) { return Token{kind, false, {begin, at_ = begin + 1}}; };

  if (IsClass(c, kIdentStart)) {
    if (next == '\'' && std::strchr("eEbBxXnN", c) != nullptr) {
      at_ += 2;
      return Quoted(begin, '\'', c == 'e' || c == 'E', TokenKind::kString);
    }
    if ((c == 'u' || c == 'U') && next == '&' && at_ + 2 < end_ && (text_[at_ + 2] == '\'' || text_[at_ + 2] == '"')) {
      const char quote = text_[at_ + 2];
      at_ += 3;
      return Quoted(begin, quote, false, quote == '"' ? TokenKind::kQuotedIdentifier : TokenKind::kString);
    }
    while (at_ < end_ && IsClass(text_[at_], kIdentPart)) ++at_;
    return {TokenKind::kIdentifier, false, {begin, at_}};
  }
  if (IsClass(c, kDigit) || (c == '.' && IsClass(next, kDigit))) {
    ++at_;
    while (at_ < end_) {
      const char d = text_[at_];
      if (d == '.' && at_ + 1 < end_ && text_[at_ + 1] == '.') break;  // 1..10
      const bool exponent_sign = (d == '+' || d == '-') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
      if (!IsClass(d, kIdentPart) && d != '.' && !exponent_sign) break;
      ++at_;
    }
    return {TokenKind::kNumber, false, {begin, at_}};
  }
  switch (c) {
    case '\'':
      ++at_;
      return Quoted(begin, '\'', false, TokenKind::kString);
    case '"':
      ++at_;
      return Quoted(begin, '"', false, TokenKind::kQuotedIdentifier);
    case '$': return Dollar(begin);
    case ';': return one(TokenKind::kSemicolon);
    case ',': return one(TokenKind::kComma);
    case '(':
    case '[': return one(TokenKind::kOpen);
    case ')':
    case ']': return one(TokenKind::kClose);
    case '\\': return one(TokenKind::kBackslash);
    case '.':
    case ':':
      if (next == c || (c == ':' && next == '=')) {
        at_ += 2;
        return {TokenKind::kOperator, false, {begin, at_}};
      }
      return one(TokenKind::kOperator);
    default: break;
  }
  if (c == '-' && next == '-') {
    const void* newline = std::memchr(text_.data() + at_, '\n', end_ - at_);
    at_ = newline == nullptr ? end_ : static_cast<uint32_t>(static_cast<const char*>(newline) - text_.data());
    uint32_t end = at_;
    if (end > begin && text_[end - 1] == '\r') --end;
    return {TokenKind::kComment, false, {begin, end}};
  }
  if (c == '/' && next == '*') return BlockComment(begin);
  if (IsClass(c, kOperatorChar)) {
    ++at_;
    while (at_ < end_ && IsClass(text_[at_], kOperatorChar)) {
      const char following = at_ + 1 < end_ ? text_[at_ + 1] : '\0';
      if ((text_[at_] == '-' && following == '-') || (text_[at_] == '/' && following == '*')) break;
      ++at_;
    }
    return {TokenKind::kOperator, false, {begin, at_}};
  }
  return one(TokenKind::kOther);
}

Span NameSpanAt(std::string_view text, uint32_t begin, uint32_t end) {
  // Nearly always: one unquoted identifier, or several with dots, and no blanks between.
  for (uint32_t at = begin; at < end && IsClass(text[at], kIdentStart);) {
    while (at < end && IsClass(text[at], kIdentPart)) ++at;
    if (at < end && text[at] == '.') {
      ++at;
      continue;
    }
    if (at < end && !IsClass(text[at], kSpace)) return {begin, at};
    uint32_t next = at;
    while (next < end && IsClass(text[next], kSpace)) ++next;
    if (next < end && text[next] != '.' && text[next] != '-' && text[next] != '/') return {begin, at};
    break;
  }
  Scanner scanner(text, {begin, end});
  Span span;
  for (;;) {
    const Token name = scanner.NextCode();
    if (name.kind != TokenKind::kIdentifier && name.kind != TokenKind::kQuotedIdentifier) break;
    if (span.empty()) span.begin = name.span.begin;
    span.end = name.span.end;
    const Token dot = scanner.NextCode();
    if (dot.kind != TokenKind::kOperator || scanner.Text(dot) != ".") break;
  }
  return span;
}

}  // namespace pawl::sql
