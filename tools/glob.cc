#include "tools/glob.h"

#include <cstddef>
#include <string>

namespace pawl {
namespace {

constexpr size_t kNone = std::string_view::npos;

// One segment without '/', '*' as usual: goes back to the last star only, which is enough.
bool MatchSegment(std::string_view pattern, std::string_view s) {
  size_t p = 0, i = 0, star = kNone, from = 0;
  auto literal = [&](size_t at) { return pattern[at] == '\\' && at + 1 < pattern.size() ? at + 1 : at; };
  while (i < s.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = i;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      ++i;
      while (i < s.size() && (static_cast<unsigned char>(s[i]) & 0xC0) == 0x80) ++i;  // a character, not a byte
    } else if (p < pattern.size() && pattern[literal(p)] == s[i]) {
      p = literal(p) + 1;
      ++i;
    } else if (star != kNone) {
      p = star + 1;
      i = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string_view Segment(std::string_view s, size_t at) { return s.substr(at, s.find('/', at) - at); }

// Pattern and path segment by segment; "**" as '*' is above. True also when the path goes on below what the pattern names.
bool MatchPath(std::string_view pattern, std::string_view path) {
  while (pattern.size() > 1 && pattern.back() == '/') pattern.remove_suffix(1);
  size_t p = 0, i = 0, star = kNone, from = 0;
  for (;;) {
    if (p >= pattern.size()) return true;  // the rest of the path is below
    if (i >= path.size()) return Segment(pattern, p) == "**" && p + 2 >= pattern.size();
    const std::string_view want = Segment(pattern, p), have = Segment(path, i);
    if (want == "**") {
      star = p + 3;
      from = i;
      p = star;
    } else if (MatchSegment(want, have)) {
      p += want.size() + 1;
      i += have.size() + 1;
    } else if (star != kNone) {
      from += Segment(path, from).size() + 1;
      i = from;
      p = star;
      if (i >= path.size()) return false;
    } else {
      return false;
    }
  }
}

// The '}' that closes the '{' at `open`, or npos.
size_t ClosingBrace(std::string_view pattern, size_t open) {
  int depth = 0;
  for (size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return kNone;
}

size_t FirstBrace(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') ++i;
    else if (pattern[i] == '{') return i;
  }
  return kNone;
}

bool MatchAlternatives(std::string_view pattern, std::string_view path, int* budget) {
  const size_t open = FirstBrace(pattern);
  const size_t close = open == kNone ? kNone : ClosingBrace(pattern, open);
  if (close == kNone) {
    if (--*budget < 0) return false;
    if (pattern.find('/') != kNone) return MatchPath(pattern, path);
    for (size_t at = 0; at < path.size(); at += Segment(path, at).size() + 1) {
      if (MatchSegment(pattern, Segment(path, at))) return true;
    }
    return false;
  }
  int depth = 0;
  size_t begin = open + 1;
  for (size_t i = open + 1; i <= close && *budget > 0; ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (depth == 0 && (c == ',' || i == close)) {
      const std::string one = std::string(pattern.substr(0, open)).append(pattern.substr(begin, i - begin)).append(pattern.substr(close + 1));
      if (MatchAlternatives(one, path, budget)) return true;
      begin = i + 1;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}') {
      --depth;
    }
  }
  return false;
}

std::string_view WithoutDot(std::string_view s) {
  while (s.substr(0, 2) == "./") s.remove_prefix(2);
  return s;
}

}  // namespace

bool GlobMatch(std::string_view pattern, std::string_view path) {
  int budget = 256;
  return MatchAlternatives(WithoutDot(pattern), WithoutDot(path), &budget);
}

std::string_view GlobProblem(std::string_view pattern) {
  if (pattern.empty()) return "the pattern is empty";
  int depth = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') ++i;
    else if (pattern[i] == '{') ++depth;
    else if (pattern[i] == '}' && --depth < 0) return "`}` without `{`";
  }
  if (depth > 0) return "`{` without `}`";
  return "";
}

}  // namespace pawl
