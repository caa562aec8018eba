#include "migrations/layout/text.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace pawl {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

// Comments such as "-- ====" or "-- *** Down ***": the ornaments are no words.
std::string_view TrimOrnaments(std::string_view s) {
  auto ornament = [](char c) { return IsBlank(c) || c == '=' || c == '-' || c == '#' || c == '*' || c == '+' || c == '~' || c == '@'; };
  while (!s.empty() && ornament(s.front())) s.remove_prefix(1);
  while (!s.empty() && ornament(s.back())) s.remove_suffix(1);
  return s;
}

constexpr std::string_view kCommands[] = {
    "drop",  "alter",  "create",   "delete", "update", "insert", "truncate", "begin",  "commit", "set",  "do",   "select",
    "grant", "revoke", "comment", "with",   "reindex", "vacuum", "lock",   "merge", "copy",   "call", "refresh", "reset",
};

bool BeginsWithCommand(std::string_view s) {
  const std::string_view word = FirstWord(s);
  for (std::string_view c : kCommands) {
    if (word.size() > c.size() && word[c.size()] != ';') continue;
    if (word.size() >= c.size() && absl::EqualsIgnoreCase(word.substr(0, c.size()), c)) return word.size() < s.size() || absl::EndsWith(s, ";");
  }
  return false;
}

// In a comment of Cypher; the words alone begin too many sentences.
bool BeginsWithCypher(std::string_view s) {
  if (BeginsWithCommand(s)) return true;
  for (std::string_view c : {"MATCH (", "MATCH(", "OPTIONAL MATCH (", "MERGE (", "MERGE(", "UNWIND ", "CALL {", "CALL ("}) {
    if (absl::StartsWithIgnoreCase(s, c)) return true;
  }
  return false;
}

constexpr std::string_view kWord = "irreversible";

// By how much a search may move on that finds this byte where the word's last one should be (Horspool); 0: it is the last one.
constexpr std::array<uint8_t, 256> MakeSkips() {
  std::array<uint8_t, 256> t{};
  for (uint8_t& skip : t) skip = static_cast<uint8_t>(kWord.size());
  for (size_t i = 0; i < kWord.size(); ++i) {
    const auto c = static_cast<unsigned char>(kWord[i]);
    t[c] = t[c - 32] = static_cast<uint8_t>(kWord.size() - 1 - i);
  }
  return t;
}
constexpr std::array<uint8_t, 256> kSkips = MakeSkips();
constexpr size_t kAfterLast = kWord.size() - 1 - kWord.substr(0, kWord.size() - 1).rfind(kWord.back());

// Few scripts have the word at all, and a search that looks at every twelfth byte says which.
bool SaysIrreversible(std::string_view s) {
  for (size_t last = kWord.size() - 1; last < s.size();) {
    const uint8_t skip = kSkips[static_cast<unsigned char>(s[last])];
    if (skip == 0 && absl::EqualsIgnoreCase(s.substr(last + 1 - kWord.size(), kWord.size()), kWord)) return true;
    last += skip == 0 ? kAfterLast : skip;
  }
  return false;
}

enum class Heading : uint8_t { kNone, kUp, kDown };

// "Up migration", "Down:", "ROLLBACK", "Down migration (rollback)". Prose such as "down to 3 rows" is none. `*rest` is what
// stands behind a colon.
Heading HeadingOf(std::string_view comment, std::string_view* rest) {
  *rest = {};
  const std::string_view words = TrimOrnaments(comment);
  std::string_view s = words;
  if (const auto after = AfterPrefix(s, "migration ")) s = TrimBlanks(*after);  // "Migration down"
  if (const auto after = AfterPrefix(s, "migration: ")) s = TrimBlanks(*after);
  Heading heading = Heading::kNone;
  std::optional<std::string_view> behind;
  if ((behind = AfterPrefix(s, "down"))) heading = Heading::kDown;
  else if ((behind = AfterPrefix(s, "rollback"))) heading = Heading::kDown;
  else if ((behind = AfterPrefix(s, "up"))) heading = Heading::kUp;
  if (heading == Heading::kNone) return heading;
  std::string_view b = *behind;
  if (b.empty()) return heading;
  if (b[0] == ':') {
    *rest = TrimBlanks(b.substr(1));
    return rest->empty() || BeginsWithCommand(*rest) ? heading : Heading::kNone;
  }
  if (!IsBlank(b[0])) return Heading::kNone;
  b = TrimBlanks(b);
  for (std::string_view w : {"migration", "script", "section", "steps", "sql"}) {
    if (const auto after = AfterPrefix(b, w)) {
      if (after->empty() || (*after)[0] == ':' || (*after)[0] == ' ' || (*after)[0] == '(') {
        if (!after->empty() && (*after)[0] == ':') *rest = TrimBlanks(after->substr(1));
        return rest->empty() || BeginsWithCommand(*rest) ? heading : Heading::kNone;
      }
    }
  }
  return !b.empty() && b[0] == '(' ? heading : Heading::kNone;
}

}  // namespace

Lines::Lines(std::string_view text, Span section) : text_(text), begin_(section.begin), next_(section.begin), end_(section.end) {
  if (end_ > text_.size()) end_ = static_cast<uint32_t>(text_.size());
  if (next_ == 0 && text_.substr(0, 3) == "\xEF\xBB\xBF" && end_ >= 3) next_ = 3;
}

bool Lines::Next() {
  if (next_ >= end_) return false;
  begin_ = next_;
  const void* newline = std::memchr(text_.data() + begin_, '\n', end_ - begin_);
  uint32_t line_end = end_;
  next_ = end_;
  if (newline != nullptr) {
    line_end = static_cast<uint32_t>(static_cast<const char*>(newline) - text_.data());
    next_ = line_end + 1;
    if (line_end > begin_ && text_[line_end - 1] == '\r') --line_end;
  }
  line_ = text_.substr(begin_, line_end - begin_);
  return true;
}

std::optional<std::string_view> Lines::Comment() const {
  std::string_view s = line_;
  while (!s.empty() && (s[0] == ' ' || s[0] == '\t')) s.remove_prefix(1);
  if (s.size() < 2 || !((s[0] == '-' && s[1] == '-') || (s[0] == '/' && s[1] == '/'))) return std::nullopt;
  return TrimBlanks(s.substr(2));
}

bool Lines::Blank() const { return TrimBlanks(line_).empty(); }

std::string_view TrimBlanks(std::string_view s) {
  while (!s.empty() && IsBlank(s.front())) s.remove_prefix(1);
  while (!s.empty() && IsBlank(s.back())) s.remove_suffix(1);
  return s;
}

std::string_view FirstWord(std::string_view s) {
  size_t n = 0;
  while (n < s.size() && !IsBlank(s[n])) ++n;
  return s.substr(0, n);
}

std::optional<std::string_view> AfterPrefix(std::string_view s, std::string_view prefix) {
  if (!absl::StartsWithIgnoreCase(s, prefix)) return std::nullopt;
  return s.substr(prefix.size());
}

bool ContainsIgnoreCase(std::string_view s, std::string_view lower) {
  const char low = lower[0], up = absl::ascii_toupper(static_cast<unsigned char>(low));
  for (size_t i = 0; i + lower.size() <= s.size(); ++i) {
    if ((s[i] == low || s[i] == up) && absl::EqualsIgnoreCase(s.substr(i, lower.size()), lower)) return true;
  }
  return false;
}

uint16_t HeaderMarks(std::string_view text) {
  uint16_t marks = 0;
  bool first = true, in_block = false;
  for (Lines lines(text); lines.Next();) {
    if (in_block) {
      in_block = lines.line().find("*/") == std::string_view::npos;
      continue;
    }
    if (lines.Blank()) continue;
    const auto comment = lines.Comment();
    if (!comment) {
      const std::string_view line = TrimBlanks(lines.line());
      if (!absl::StartsWith(line, "/*")) break;
      const size_t close = line.find("*/", 2);
      if (close != std::string_view::npos && close + 2 != line.size()) break;  // code behind the comment
      in_block = close == std::string_view::npos;
      first = false;
      continue;
    }
    if (!comment->empty()) {
      switch ((*comment)[0]) {
        case 'm':
          if (absl::StartsWith(*comment, "migrate:up") || absl::StartsWith(*comment, "migrate:down")) marks |= kMarkDbmate;
          if (absl::StartsWith(*comment, "morph:nontransactional")) marks |= kMarkNoTransaction;
          break;
        case '+':
          if (absl::StartsWith(*comment, "+goose")) marks |= kMarkGoose;
          if (absl::StartsWith(*comment, "+migrate")) marks |= kMarkSqlMigrate;
          break;
        case 'l': case 'L':
          if (first && absl::StartsWithIgnoreCase(*comment, "liquibase formatted sql")) marks |= kMarkLiquibase;
          break;
        case 'n':
          if (first && absl::StartsWith(*comment, "no-transaction")) marks |= kMarkSqlxNoTransaction;
          break;
        case 'a':
          if (const auto mode = AfterPrefix(*comment, "atlas:txmode"); mode && TrimBlanks(*mode) == "none") marks |= kMarkNoTransaction;
          break;
        case 'u': case 'U': {
          std::string_view rest;
          if (HeadingOf(*comment, &rest) == Heading::kUp) marks |= kMarkUpHeading;
          break;
        }
        default: break;
      }
    }
    first = false;
  }
  return marks;
}

Headings FindHeadings(std::string_view text) {
  Headings h;
  bool done = false;  // the run of commented lines is over
  uint32_t last_command_line_end = 0;
  for (Lines lines(text); lines.Next();) {
    const auto comment = lines.Comment();
    if (!comment) {
      if (h.down && !lines.Blank()) {
        h.down_has_code = true;
        done = true;
        if (h.commented) h.code_behind_comments = true;
      }
      continue;
    }
    std::string_view rest;
    const Heading heading = HeadingOf(*comment, &rest);
    if (heading == Heading::kUp) {
      h.up = true;
    } else if (heading == Heading::kDown) {
      // The last heading counts: "-- Rollback:" may head a hint before the code as well.
      h.down = true;
      h.down_begin = lines.begin();
      h.down_has_code = h.code_behind_comments = done = false;
      h.commented.reset();
      if (!rest.empty()) {
        const uint32_t at = static_cast<uint32_t>(rest.data() - text.data());
        h.commented = Span{at, last_command_line_end = static_cast<uint32_t>(at + rest.size())};
      }
    } else if (h.down && !done) {
      const bool cypher = absl::StartsWith(TrimBlanks(lines.line()), "//");
      if (!h.commented && (cypher ? BeginsWithCypher(*comment) : BeginsWithCommand(*comment))) h.commented = Span{lines.begin(), 0};
      // Trailing prose and ornaments are not part of it: it ends with the last line that ends a statement.
      if (h.commented && (last_command_line_end <= h.commented->begin || absl::EndsWith(*comment, ";"))) last_command_line_end = lines.next();
    }
    if (h.commented) h.commented->end = last_command_line_end;
  }
  return h;
}

Span AnchorOf(std::string_view text, Span section) {
  Span any;
  bool in_block = false;
  for (Lines lines(text, section); lines.Next();) {
    if (lines.Blank()) continue;
    std::string_view line = TrimBlanks(lines.line());
    const uint32_t at = static_cast<uint32_t>(line.data() - text.data());
    const Span span{at, static_cast<uint32_t>(at + line.size())};
    if (any.empty()) any = span;
    if (in_block) {
      in_block = line.find("*/") == std::string_view::npos;
      continue;
    }
    if (absl::StartsWith(line, "--") || absl::StartsWith(line, "//")) continue;
    if (absl::StartsWith(line, "/*")) {
      const size_t close = line.find("*/", 2);
      in_block = close == std::string_view::npos;
      if (in_block || close + 2 == line.size()) continue;
    }
    return span;
  }
  return any.empty() ? Span{section.begin, section.begin} : any;
}

bool HasCode(std::string_view text, Span section) {
  const Span anchor = AnchorOf(text, section);
  const std::string_view line = text.substr(anchor.begin, anchor.size());
  if (line.empty() || absl::StartsWith(line, "--") || absl::StartsWith(line, "//")) return false;
  return !(absl::StartsWith(line, "/*") && (line.find("*/") == std::string_view::npos || line.find("*/") + 2 == line.size()));
}

bool DeclaresIrreversible(std::string_view text, Span section) {
  section.end = std::min<uint32_t>(section.end, static_cast<uint32_t>(text.size()));
  if (section.begin >= section.end || !SaysIrreversible(text.substr(section.begin, section.size()))) return false;
  for (Lines lines(text, section); lines.Next();) {
    std::string_view s = TrimBlanks(lines.line());
    if (!absl::StartsWith(s, "--") && !absl::StartsWith(s, "//") && !absl::StartsWith(s, "/*") && !absl::StartsWith(s, "*")) continue;
    for (size_t i = 2; i + kWord.size() <= s.size(); ++i) {
      if (!absl::EqualsIgnoreCase(s.substr(i, kWord.size()), kWord)) continue;
      std::string_view why = TrimBlanks(s.substr(i + kWord.size()));
      std::optional<std::string_view> reason;
      for (std::string_view separator : {":", "--", "-", "\xE2\x80\x94", "\xE2\x80\x93", ",", "because ", "since ", "as "}) {
        if ((reason = AfterPrefix(why, separator))) break;
      }
      if (!reason) break;
      int letters = 0;
      for (char c : *reason) letters += absl::ascii_isalpha(static_cast<unsigned char>(c)) || (c & 0x80);
      if (letters >= 3) return true;
      break;
    }
  }
  return false;
}

bool DeclaresNoTransaction(std::string_view text, Span section) {
  constexpr std::string_view kWord = "pawl: no-transaction";
  section.end = std::min<uint32_t>(section.end, static_cast<uint32_t>(text.size()));
  if (section.begin >= section.end || text.substr(section.begin, section.size()).find(kWord) == std::string_view::npos) return false;
  for (Lines lines(text, section); lines.Next();) {
    const std::string_view s = TrimBlanks(lines.line());
    if (absl::StartsWith(s, "//") && absl::StartsWith(TrimBlanks(s.substr(2)), kWord)) return true;
  }
  return false;
}

}  // namespace pawl
