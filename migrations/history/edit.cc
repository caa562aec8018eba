#include "migrations/history/edit.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "analyzer/source/sha256.h"
#include "analyzer/source/source_file.h"
#include "migrations/history/code_stream.h"
#include "migrations/history/same_statements.h"

namespace pawl {
namespace {

constexpr size_t kMaxParsedBytes = 4 << 20;  // beyond it, tokens alone decide
constexpr size_t kMaxShownBytes = 40;

uint32_t LineOf(std::string_view text, uint32_t offset) {
  return 1 + static_cast<uint32_t>(std::count(text.begin(), text.begin() + std::min<size_t>(offset, text.size()), '\n'));
}

// At most one line of `token`, cut between characters.
std::string Shown(std::string_view token) {
  const size_t line = std::min(token.find_first_of("\r\n"), token.size());
  size_t size = std::min(line, kMaxShownBytes);
  while (size > 0 && size < token.size() && (static_cast<unsigned char>(token[size]) & 0xC0) == 0x80) --size;
  return absl::StrCat(token.substr(0, size), size < token.size() ? "..." : "");
}

bool HasOnly(std::string_view text, bool crlf) {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if ((at > 0 && text[at - 1] == '\r') != crlf) return false;
  }
  return true;
}

// Line ends of a whole file change when it is checked out with other settings; inside strings and bodies too. Where both
// texts are uniform but differ, brings the old one to the new one's line ends.
std::string WithLineEndsOf(std::string_view old_text, std::string_view new_text) {
  if (old_text.find('\n') == std::string_view::npos || new_text.find('\n') == std::string_view::npos) return std::string(old_text);
  if (HasOnly(old_text, false) && HasOnly(new_text, true)) return absl::StrReplaceAll(old_text, {{"\n", "\r\n"}});
  if (HasOnly(old_text, true) && HasOnly(new_text, false)) return absl::StrReplaceAll(old_text, {{"\r\n", "\n"}});
  return std::string(old_text);
}

using Same = bool (*)(const CodeStream&, const CodeToken&, const CodeStream&, const CodeToken&);

bool SameExactly(const CodeStream& a, const CodeToken& x, const CodeStream& b, const CodeToken& y) { return a.Text(x.span) == b.Text(y.span); }

bool SameNormally(const CodeStream& a, const CodeToken& x, const CodeStream& b, const CodeToken& y) {
  if (SameExactly(a, x, b, y)) return true;
  return x.kind == y.kind && NormalText(a, x) == NormalText(b, y);
}

// Index of the first token in which they differ; npos if they do not.
size_t FirstDifference(const CodeStream& a, const CodeStream& b, Same same) {
  const size_t common = std::min(a.tokens.size(), b.tokens.size());
  for (size_t i = 0; i < common; ++i) {
    if (!same(a, a.tokens[i], b, b.tokens[i])) return i;
  }
  return a.tokens.size() == b.tokens.size() ? std::string::npos : common;
}

// The text between runner directives, each piece a script of its own.
std::vector<std::string> Pieces(const CodeStream& stream) {
  std::vector<std::string> pieces;
  uint32_t begin = WithoutByteOrderMark(stream.text).begin;
  for (const CodeToken& t : stream.tokens) {
    if (t.kind != CodeKind::kDirective) continue;
    pieces.emplace_back(stream.text.substr(begin, t.span.begin - begin));
    pieces.emplace_back(stream.text.substr(t.span.begin, t.span.size()));
    begin = t.span.end;
  }
  pieces.emplace_back(stream.text.substr(begin));
  return pieces;
}

bool SameTrees(const CodeStream& a, const CodeStream& b) {
  if (a.text.size() > kMaxParsedBytes || b.text.size() > kMaxParsedBytes) return false;
  const std::vector<std::string> left = Pieces(a);
  const std::vector<std::string> right = Pieces(b);
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    const bool directive = i % 2 == 1;
    if (left[i] != right[i] && (directive || !SameStatements(left[i], right[i]))) return false;
  }
  return true;
}

Span FirstDifferentComment(const CodeStream& a, const CodeStream& b) {
  for (size_t i = 0; i < b.comments.size(); ++i) {
    if (i >= a.comments.size() || a.Text(a.comments[i]) != b.Text(b.comments[i])) return b.comments[i];
  }
  const uint32_t end = b.comments.empty() ? 0 : b.comments.back().end;
  return {end, end};
}

bool SameComments(const CodeStream& a, const CodeStream& b) {
  return std::equal(a.comments.begin(), a.comments.end(), b.comments.begin(), b.comments.end(),
                    [&](Span x, Span y) { return a.Text(x) == b.Text(y); });
}

}  // namespace

Edit ClassifyEdit(std::string_view old_text, std::string_view new_text, Engine engine) {
  Edit edit;
  if (old_text == new_text) return edit;
  const std::string before = WithLineEndsOf(old_text, new_text);
  if (before == new_text) {
    edit.kind = EditKind::kFormatting;
    edit.what = "only line ends changed";
    return edit;
  }
  const CodeStream a = ReadCode(before, WithoutByteOrderMark(before), engine);
  const CodeStream b = ReadCode(new_text, WithoutByteOrderMark(new_text), engine);
  const size_t first = FirstDifference(a, b, &SameExactly);
  if (first == std::string::npos) {
    if (SameComments(a, b)) {
      edit.kind = EditKind::kFormatting;
      edit.what = "only white space changed";
      const auto [x, y] = std::mismatch(before.begin(), before.end(), new_text.begin(), new_text.end());
      edit.at.begin = edit.at.end = static_cast<uint32_t>(y - new_text.begin());
      edit.old_line = LineOf(before, static_cast<uint32_t>(x - before.begin()));
      return edit;
    }
    edit.kind = EditKind::kComments;
    edit.what = "only comments changed";
    edit.at = FirstDifferentComment(a, b);
    return edit;
  }
  auto place = [&](size_t index) {
    const uint32_t end = static_cast<uint32_t>(new_text.size());
    edit.at = index < b.tokens.size() ? b.tokens[index].span : Span{end, end};
    edit.old_line = LineOf(before, index < a.tokens.size() ? a.tokens[index].span.begin : static_cast<uint32_t>(before.size()));
    if (index < a.tokens.size()) edit.old_token = Shown(a.Text(a.tokens[index].span));
    if (index < b.tokens.size()) edit.new_token = Shown(b.Text(b.tokens[index].span));
  };
  const size_t normal = FirstDifference(a, b, &SameNormally);
  place(normal == std::string::npos ? first : normal);
  if (normal == std::string::npos) {
    edit.kind = EditKind::kFormatting;
    const bool body = std::any_of(b.tokens.begin(), b.tokens.end(), [](const CodeToken& t) { return t.kind == CodeKind::kBody; });
    edit.what = body ? "only letter case, or comments and white space inside a body, changed" : "only letter case changed";
  } else if (engine == Engine::kPostgresql && SameTrees(a, b)) {
    edit.kind = EditKind::kFormatting;
    edit.what = "the same statements are written in another way";
  } else {
    edit.kind = EditKind::kMeaning;
    edit.what = "statements changed";
  }
  return edit;
}

std::string HashTokens(std::string_view text, Engine engine) {
  CodeReader reader(text, WithoutByteOrderMark(text), engine);
  Sha256 exact;
  for (CodeToken t = reader.Next(); t.kind != CodeKind::kEnd; t = reader.Next()) {
    exact.Update(reader.Text(t));
    exact.Update("\n");
  }
  return exact.FinishHex().substr(0, 32);
}

CodeHashes HashCode(std::string_view text, Engine engine) {
  const CodeStream stream = ReadCode(text, WithoutByteOrderMark(text), engine);
  Sha256 exact, normal;
  for (const CodeToken& t : stream.tokens) {
    exact.Update(stream.Text(t.span));
    exact.Update("\n");
    normal.Update(NormalText(stream, t));
    normal.Update("\n");
  }
  return {exact.FinishHex().substr(0, 32), normal.FinishHex().substr(0, 32)};
}

namespace {

// The first word of the code is one that no statement without effect begins with: true of nearly all scripts, and quickly seen.
bool BeginsWithEffect(std::string_view text, Span section) {
  const size_t end = std::min<size_t>(section.end, text.size());
  size_t at = section.begin;
  while (at < end) {
    if (absl::ascii_isspace(static_cast<unsigned char>(text[at]))) {
      ++at;
      continue;
    }
    if (!absl::StartsWith(text.substr(at, end - at), "--")) break;
    at = std::min(text.find('\n', at), end);
  }
  size_t past = at;
  while (past < end && absl::ascii_isalpha(static_cast<unsigned char>(text[past]))) ++past;
  const std::string_view word = text.substr(std::min(at, end), past - at);
  for (std::string_view effect : {"create", "alter", "drop", "insert", "update", "delete"}) {
    if (absl::EqualsIgnoreCase(word, effect)) return past < end && absl::ascii_isspace(static_cast<unsigned char>(text[past]));
  }
  return false;
}

}  // namespace

bool DoesNothing(std::string_view text, Span section, Engine engine) {
  if (section.begin == 0) section.begin = WithoutByteOrderMark(text).begin;
  if (engine == Engine::kPostgresql && BeginsWithEffect(text, section)) return false;
  CodeReader reader(text, section, engine);
  for (;;) {
    CodeToken t = reader.Next();
    // `:use db` and its like are one token; `:auto MATCH ...` and `:source file` do something.
    while (t.kind == CodeKind::kSemicolon || t.kind == CodeKind::kDirective || (engine == Engine::kNeo4j && absl::StartsWith(reader.Text(t), ":"))) {
      const std::string_view command = absl::StripAsciiWhitespace(reader.Text(t));
      if (absl::StartsWithIgnoreCase(command, ":source") || (absl::StartsWithIgnoreCase(command, ":auto") && command.size() > 6)) return false;
      t = reader.Next();
    }
    if (t.kind == CodeKind::kEnd) return true;
    const bool select = reader.Is(t, "select") || reader.Is(t, "return") || (engine == Engine::kNeo4j && reader.Is(t, "show"));
    const bool session = reader.Is(t, "begin") || reader.Is(t, "commit") || reader.Is(t, "end") || reader.Is(t, "start") || reader.Is(t, "rollback") ||
                         reader.Is(t, "set");
    if (!select && !session) return false;
    for (t = reader.Next(); t.kind != CodeKind::kSemicolon && t.kind != CodeKind::kEnd && t.kind != CodeKind::kDirective; t = reader.Next()) {
      if (!select) continue;
      // A function call or a table may do something; constants and their names do not.
      if (reader.Is(t, "from") || reader.Is(t, "into") || reader.Text(t) == "(") return false;
    }
    if (t.kind == CodeKind::kEnd) return true;
  }
}

}  // namespace pawl
