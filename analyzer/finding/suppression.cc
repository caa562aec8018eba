#include "analyzer/finding/suppression.h"

#include <algorithm>
#include <cstring>

#include "analyzer/finding/nearest_name.h"
#include "analyzer/sql/scanner.h"
#include "rules/rule.h"

namespace pawl {
namespace {

constexpr std::string_view kMarker = "pawl:";

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsSpace(char c) { return IsBlank(c) || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool IsNameChar(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

// The next "pawl:" in text[from, end), or npos. Looks for the colon, which SQL has far fewer of than the letter p.
size_t FindMarker(std::string_view text, size_t from, size_t end) {
  for (size_t at = from + kMarker.size() - 1; at < end;) {
    const void* colon = std::memchr(text.data() + at, ':', end - at);
    if (colon == nullptr) break;
    at = static_cast<size_t>(static_cast<const char*>(colon) - text.data());
    if (text.substr(at + 1 - kMarker.size(), kMarker.size()) == kMarker) return at + 1 - kMarker.size();
    ++at;
  }
  return std::string_view::npos;
}

// Comments of text[region) that hold the marker. Bodies in dollar quotes are looked into.
void FindSqlComments(std::string_view text, Span region, int depth, std::vector<Span>* out) {
  sql::Scanner scanner(text, region);
  for (sql::Token t = scanner.Next(); t.kind != sql::TokenKind::kEnd; t = scanner.Next()) {
    const bool body = t.kind == sql::TokenKind::kDollarString;
    if (!body && t.kind != sql::TokenKind::kComment) continue;
    if (FindMarker(text, t.span.begin, t.span.end) == std::string_view::npos) continue;
    if (!body) {
      out->push_back(t.span);
    } else if (depth < 4) {
      const size_t tag = text.find('$', t.span.begin + 1);  // of the opening $tag$
      const uint32_t quote = static_cast<uint32_t>(tag + 1 - t.span.begin);
      if (t.span.size() >= 2 * quote) FindSqlComments(text, {t.span.begin + quote, t.span.end - quote}, depth + 1, out);
    }
  }
}

// Cypher: // and /* */ (not nested), '...', "..." with backslash escapes, `...`.
void FindCypherComments(std::string_view text, Span region, std::vector<Span>* out) {
  uint32_t at = region.begin;
  while (at < region.end) {
    const char c = text[at];
    const uint32_t begin = at++;
    if (c == '\'' || c == '"' || c == '`') {
      while (at < region.end && text[at] != c) at += text[at] == '\\' && c != '`' ? 2 : 1;
      ++at;
      continue;
    }
    if (c != '/' || at >= region.end) continue;
    if (text[at] == '/') {
      while (at < region.end && text[at] != '\n') ++at;
    } else if (text[at] == '*') {
      const size_t close = text.substr(0, region.end).find("*/", at + 1);
      at = close == std::string_view::npos ? region.end : static_cast<uint32_t>(close + 2);
    } else {
      continue;
    }
    if (FindMarker(text, begin, at) != std::string_view::npos) out->push_back({begin, at});
  }
}

// Reads one directive; a cursor over text[at, end).
class DirectiveReader {
 public:
  DirectiveReader(std::string_view text, uint32_t at, uint32_t end) : text_(text), at_(at), end_(end) {}

  bool Read(Suppression* s) {
    at_ += kMarker.size();
    SkipBlank();
    s->word_span = Name();
    s->word = Slice(s->word_span);
    if (s->word == "ignore") {
      s->kind = Suppression::Kind::kStatement;
    } else if (s->word == "ignore-file") {
      s->kind = Suppression::Kind::kFile;
    } else {
      static constexpr std::string_view kWords[] = {"ignore", "ignore-file"};
      if (NearestName(s->word, kWords).empty()) return false;  // some other remark to or about pawl
      s->kind = Suppression::Kind::kMisspelt;
      return true;
    }
    for (;;) {
      SkipBlank();
      if (AtReason() || at_ >= end_ || AtUntil()) break;
      const Span name = Name();
      if (name.empty()) break;
      s->names.push_back({Slice(name), name, false});
      SkipBlank();
      if (at_ >= end_ || text_[at_] != ',') break;
      ++at_;
    }
    if (AtUntil()) {
      s->has_until = true;
      at_ += 5;
      SkipBlank();
      const uint32_t begin = at_;
      while (at_ < end_ && !IsBlank(text_[at_])) ++at_;
      s->until_span = {begin, at_};
      s->until_text = Slice(s->until_span);
      s->until = ParseDate(s->until_text);
      SkipBlank();
    }
    const uint32_t stray = at_;
    while (at_ < end_ && !AtReason()) ++at_;
    s->stray = Trim(Slice({stray, at_}));
    if (AtReason()) s->reason = Trim(Slice({at_ + 2, end_}));
    return true;
  }

 private:
  std::string_view Slice(Span s) const { return text_.substr(s.begin, s.size()); }
  static std::string_view Trim(std::string_view s) {
    while (!s.empty() && IsSpace(s.front())) s.remove_prefix(1);
    while (!s.empty() && IsSpace(s.back())) s.remove_suffix(1);
    return s;
  }
  void SkipBlank() {
    while (at_ < end_ && IsBlank(text_[at_])) ++at_;
  }
  // `--` that begins a word: a name has dashes only inside.
  bool AtReason() const { return at_ + 1 < end_ && text_[at_] == '-' && text_[at_ + 1] == '-' && IsBlank(text_[at_ - 1]); }
  bool AtUntil() const {
    return end_ - at_ >= 5 && text_.substr(at_, 5) == "until" && (at_ + 5 == end_ || IsBlank(text_[at_ + 5])) && at_ > 0;
  }
  Span Name() {
    const uint32_t begin = at_;
    while (at_ < end_ && IsNameChar(text_[at_])) ++at_;
    return {begin, at_};
  }

  std::string_view text_;
  uint32_t at_;
  uint32_t end_;
};

bool IsDecoration(char c) { return IsSpace(c) || c == '-' || c == '/' || c == '*' || c == '!'; }

// A directive must be the first thing that its comment says.
bool ReadComment(std::string_view text, Span comment, Suppression* s) {
  uint32_t at = comment.begin;
  while (at < comment.end && IsDecoration(text[at])) ++at;
  if (text.substr(at, kMarker.size()) != kMarker) return false;
  uint32_t end = at;
  while (end < comment.end && text[end] != '\n' && text.substr(end, 2) != "*/") ++end;
  while (end > at && IsSpace(text[end - 1])) --end;
  s->comment = comment;
  while (s->comment.end > end && IsSpace(text[s->comment.end - 1])) --s->comment.end;  // the CR of a CRLF
  s->directive = {at, end};
  // Behind a "--", a "/*" is no comment of its own: it stands in a line that is commented out as a whole, and deleting that
  // comment would bring the rest of the line to life.
  const bool block = text.substr(comment.begin, 2) == "/*";
  const bool opens_block = text.substr(comment.begin, at - comment.begin).find("/*") != std::string_view::npos;
  const bool whole_line = comment.end >= text.size() || text[comment.end] == '\n' || text[comment.end - 1] == '\n' || text[comment.end] == '\r';
  s->removable = block ? std::all_of(text.begin() + end, text.begin() + comment.end, IsDecoration) : !opens_block && whole_line;
  return DirectiveReader(text, at, end).Read(s);
}

bool OneLine(std::string_view text, uint32_t from, uint32_t to) {
  return from <= to && text.substr(from, to - from).find('\n') == std::string_view::npos;
}

// The statement that a comment acts on: `next` is the index of the first statement that begins behind the comment's begin.
Span CoveredStatement(std::string_view text, Span comment, absl::Span<const Span> statements, size_t next) {
  const Span* following = next < statements.size() ? &statements[next] : nullptr;
  if (next > 0) {
    const Span& previous = statements[next - 1];
    if (comment.begin < previous.end) return previous;
    const bool in_front = following != nullptr && text[comment.begin] == '/' && text.substr(comment.end - 2, 2) == "*/" &&
                          OneLine(text, comment.begin, following->begin);
    // From its last byte: COPY data ends with the line end behind \. there
    if (!in_front && !previous.empty() && OneLine(text, previous.end - 1, comment.begin)) return previous;
  }
  if (following != nullptr) return *following;
  const uint32_t end = static_cast<uint32_t>(text.size());
  return {end, end};
}

bool Matches(std::string_view name, const RuleInfo& rule) { return name == rule.name || name == "all" || name == ToString(rule.group); }

// True if the finding is dealt with.
bool Apply(Suppression& s, Date today, Finding& f) {
  for (SuppressedName& n : s.names) {
    if (!Matches(n.name, *f.rule)) continue;
    n.used = true;
    if (s.Expired(today)) return false;
    f.suppressed = true;
    f.suppression_reason = s.reason;
    return true;
  }
  return false;
}

}  // namespace

bool MentionsPawl(std::string_view text) {
  // Colons are rare; the letters are not.
  for (size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    if (text.substr(0, colon).ends_with("pawl")) return true;
  }
  return false;
}

std::optional<Date> ParseDate(std::string_view s) {
  if (s.size() != 10 || s[4] != '-' || s[7] != '-') return std::nullopt;
  auto number = [&](size_t at, size_t n) {
    int v = 0;
    for (char c : s.substr(at, n)) {
      if (c < '0' || c > '9') return -1;
      v = v * 10 + (c - '0');
    }
    return v;
  };
  const Date d{number(0, 4), number(5, 2), number(8, 2)};
  if (d.year < 0 || d.month < 1 || d.month > 12 || d.day < 1) return std::nullopt;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
  if (d.day > kDays[d.month - 1] + (d.month == 2 && leap ? 1 : 0)) return std::nullopt;
  return d;
}

std::vector<Suppression> ParseSuppressions(const SourceFile& file, Engine engine, absl::Span<const Span> statements) {
  const std::string_view text = file.text();
  const uint32_t size = static_cast<uint32_t>(text.size());
  std::vector<Suppression> out;
  std::vector<Span> comments;
  size_t marker = FindMarker(text, 0, size);
  while (marker != std::string_view::npos) {
    // Statements and the gaps between them are read each for itself: a stray quote in one hides no comment of another.
    const auto after = std::upper_bound(statements.begin(), statements.end(), marker, [](size_t at, const Span& s) { return at < s.begin; });
    Span region{0, after == statements.end() ? size : after->begin};
    if (after != statements.begin()) {
      const Span& before = *(after - 1);
      if (marker < before.end) {
        region = before;
        // A comment on the statement's last line may run on past its end.
        const size_t newline = text.find('\n', before.end);
        const uint32_t line_end = newline == std::string_view::npos ? size : static_cast<uint32_t>(newline);
        region.end = std::min(line_end, after == statements.end() ? size : after->begin);
      } else {
        region.begin = before.end;
      }
    }
    comments.clear();
    if (engine == Engine::kNeo4j) {
      FindCypherComments(text, region, &comments);
    } else {
      FindSqlComments(text, region, 0, &comments);
    }
    for (Span comment : comments) {
      if (!out.empty() && comment.begin < out.back().comment.end) continue;
      Suppression s;
      if (!ReadComment(text, comment, &s)) continue;
      if (s.kind == Suppression::Kind::kFile) {
        s.covers = {0, size};
      } else {
        const auto next = std::upper_bound(statements.begin(), statements.end(), comment.begin,
                                           [](uint32_t at, const Span& x) { return at < x.begin; });
        s.covers = CoveredStatement(text, s.comment, statements, static_cast<size_t>(next - statements.begin()));
      }
      out.push_back(std::move(s));
    }
    marker = FindMarker(text, std::max<size_t>(region.end, marker + 1), size);
  }
  return out;
}

void ApplySuppressions(const SourceFile& file, Date today, absl::Span<Suppression> suppressions, absl::Span<Finding> findings) {
  if (suppressions.empty()) return;
  // Those of statements ascend by what they cover, as the comments do; several may cover one statement.
  std::vector<Suppression*> of_statements, of_file;
  for (Suppression& s : suppressions) {
    if (s.kind == Suppression::Kind::kStatement) of_statements.push_back(&s);
    if (s.kind == Suppression::Kind::kFile) of_file.push_back(&s);
  }
  for (Finding& f : findings) {
    if (f.file != &file || f.suppressed || f.rule == nullptr) continue;
    const uint32_t anchor = f.statement.empty() ? f.span.begin : f.statement.begin;
    auto first = std::partition_point(of_statements.begin(), of_statements.end(), [&](Suppression* s) { return s->covers.end <= anchor; });
    bool done = false;
    for (; !done && first != of_statements.end() && (*first)->covers.Contains(anchor); ++first) done = Apply(**first, today, f);
    for (auto it = of_file.begin(); !done && it != of_file.end(); ++it) done = Apply(**it, today, f);
  }
}

}  // namespace pawl
