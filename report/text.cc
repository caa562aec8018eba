#include "report/text.h"

#include <algorithm>
#include <iterator>

#include "analyzer/source/utf8.h"

namespace pawl {
namespace {

struct CodePointRange {
  char32_t first, last;
};

// From Unicode's EastAsianWidth (W and F), rounded to blocks.
constexpr CodePointRange kWide[] = {
    {0x1100, 0x115F}, {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x2614, 0x2615}, {0x26A1, 0x26A1}, {0x2705, 0x2705}, {0x274C, 0x274C},
    {0x2757, 0x2757}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x17000, 0x18CFF}, {0x1B000, 0x1B2FF}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD},
};
// Marks that sit on the character before them.
constexpr CodePointRange kCombining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x06D6, 0x06DC}, {0x093C, 0x093C},
    {0x0941, 0x0948}, {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x200C, 0x200D}, {0x20D0, 0x20FF}, {0x302A, 0x302D}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF},
    {0xE0100, 0xE01EF},
};
// Characters that reorder or hide what is around them, so that source reads differently from what runs.
constexpr CodePointRange kDeceiving[] = {
    {0x0080, 0x009F}, {0x00AD, 0x00AD}, {0x061C, 0x061C}, {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
    {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE007F},
};

template <size_t n>
bool In(const CodePointRange (&table)[n], char32_t c) {
  const auto* it = std::upper_bound(std::begin(table), std::end(table), c, [](char32_t v, const CodePointRange& r) { return v < r.first; });
  return it != std::begin(table) && c <= (it - 1)->last;
}

constexpr int kTabWidth = 4;
constexpr std::string_view kCut = "...";

bool PlainAscii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void AppendGlyphs(std::string_view s, std::string* out) {
  if (PlainAscii(s)) {
    out->append(s);
    return;
  }
  for (const char *p = s.data(), *end = p + s.size(); p < end;) {
    const Glyph g = NextGlyph(p, end);
    AppendUtf8(g.shown, out);
    p += g.bytes;
  }
}

// The length of the next piece of `s` that stays together: up to a space outside backticks.
size_t PieceLength(std::string_view s) {
  bool code = false;
  size_t i = 0;
  for (; i < s.size() && (code || s[i] != ' '); ++i) {
    if (s[i] == '`') code = !code;
  }
  return code ? std::min(s.find(' '), s.size()) : i;  // an odd backtick holds nothing together
}

void WrapLine(std::string_view line, int width, int indent, std::string* out) {
  int column = 0;
  bool first = true;
  while (!line.empty()) {
    size_t length = PieceLength(line);
    if (DisplayWidth(line.substr(0, length)) > width - indent) length = std::min(line.find(' '), line.size());
    const std::string_view piece = line.substr(0, length);
    const int piece_width = DisplayWidth(piece);
    if (!first && column + 1 + piece_width > width - indent) {
      out->push_back('\n');
      out->append(indent, ' ');
      column = 0;
    } else if (!first) {
      out->push_back(' ');
      ++column;
    }
    AppendGlyphs(piece, out);
    column += piece_width;
    first = false;
    line.remove_prefix(length);
    if (!line.empty()) line.remove_prefix(1);
  }
}

int ColumnsOf(const Glyph& g, char c, int column) { return c == '\t' ? kTabWidth - column % kTabWidth : g.width; }

// Columns that all from p on takes when it starts in `column`; more than `limit` if it is more, without looking at the rest. Piles of
// combining marks are taken for too wide.
int Measure(const char* p, const char* end, int column, int limit) {
  if (end - p > 4 * (limit - column + 4)) return limit + 1;
  int width = 0;
  while (p < end && column + width <= limit) {
    const Glyph g = NextGlyph(p, end);
    width += ColumnsOf(g, *p, column + width);
    p += g.bytes;
  }
  return width;
}
bool Fits(const char* p, const char* end, int column, int limit) { return column + Measure(p, end, column, limit) <= limit; }

// Where to begin so that `columns` lie before p, as far as the line goes.
const char* StepBack(const char* p, const char* line_begin, int columns) {
  while (p > line_begin) {
    const char* q = p - 1;
    for (int i = 0; i < 3 && q > line_begin && (static_cast<unsigned char>(*q) & 0xC0) == 0x80; ++i) --q;
    if (q + Utf8Length(q, p) != p) q = p - 1;  // invalid bytes stand alone
    columns -= *q == '\t' ? kTabWidth : NextGlyph(q, p).width;
    if (columns < 0) break;
    p = q;
  }
  return p;
}

}  // namespace

Glyph NextGlyph(const char* p, const char* end) {
  const auto c = static_cast<unsigned char>(*p);
  if (c == '\t') return {U' ', 1, 1};
  if (c < 0x20) return {0x2400u + c, 1, 1};
  if (c == 0x7F) return {0x2421, 1, 1};
  if (c < 0x7F) return {c, 1, 1};
  const int length = Utf8Length(p, end);
  if (length == 0) return {kReplacementCharacter, 1, 1};
  const char32_t code = Utf8Decode(p, length);
  if (In(kDeceiving, code)) return {kReplacementCharacter, 1, length};
  if (code < 0x300) return {code, 1, length};
  return {code, In(kCombining, code) ? 0 : In(kWide, code) ? 2 : 1, length};
}

void AppendUtf8(char32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

std::string OneLine(std::string_view s) {
  std::string out;
  AppendGlyphs(s, &out);
  return out;
}

int DisplayWidth(std::string_view s) {
  if (PlainAscii(s)) return static_cast<int>(s.size());
  int width = 0;
  for (const char *p = s.data(), *end = p + s.size(); p < end;) {
    const Glyph g = NextGlyph(p, end);
    width += g.width;
    p += g.bytes;
  }
  return width;
}

std::string Wrap(std::string_view s, int width, int indent) {
  width = std::max(width, indent + 24);
  while (!s.empty() && (s.back() == '\n' || s.back() == '\r')) s.remove_suffix(1);
  std::string out;
  for (bool first = true;; first = false) {
    const size_t newline = std::min(s.find('\n'), s.size());
    std::string_view line = s.substr(0, newline);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!first) {
      out.push_back('\n');
      if (!line.empty()) out.append(indent, ' ');
    }
    if (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
      AppendGlyphs(line, &out);
    } else {
      WrapLine(line, width, indent, &out);
    }
    if (newline == s.size()) return out;
    s.remove_prefix(newline + 1);
  }
}

Excerpt MakeExcerpt(std::string_view source, Span line, Span focus, int budget) {
  const char* const base = source.data();
  const char* const line_end = base + line.end;
  if (line.begin == 0 && source.substr(0, 3) == "\xEF\xBB\xBF") line.begin = std::min<uint32_t>(3, line.end);
  focus.begin = std::clamp(focus.begin, line.begin, line.end);
  const int limit = std::max(budget, 40);
  const int cut = static_cast<int>(kCut.size());
  const char* const line_begin = base + line.begin;
  const char* p = line_begin;
  Excerpt e;
  int column = 0;
  // A line that is too wide is cut: at its end only if that shows the focus, else so that a quarter of what is shown lies before the
  // focus, or more where little comes after it.
  if (!Fits(p, line_end, 0, limit) && !Fits(p, base + std::clamp(focus.end, focus.begin, line.end), 0, limit - cut)) {
    const char* const at = base + focus.begin;
    const int rest = Measure(at, line_end, 0, limit);
    p = StepBack(at, line_begin, rest < limit * 3 / 4 ? limit - 2 * cut - rest : limit / 4);
    if (p > line_begin) {
      e.text = kCut;
      column = cut;
    }
  }
  e.first_non_blank = -1;
  while (p < line_end) {
    Glyph g = NextGlyph(p, line_end);
    const int width = ColumnsOf(g, *p, column);
    // Near the limit: either all of the rest fits, or the cut mark must.
    if (column + width > limit - static_cast<int>(kCut.size()) && !Fits(p, line_end, column, limit)) break;
    e.cells.push_back({static_cast<uint32_t>(p - base), static_cast<uint32_t>(e.text.size()), column});
    if (e.first_non_blank < 0 && *p != ' ' && *p != '\t') e.first_non_blank = column;
    if (*p == '\t') {
      e.text.append(width, ' ');
    } else {
      AppendUtf8(g.shown, &e.text);
    }
    column += width;
    p += g.bytes;
  }
  if (e.first_non_blank < 0) e.first_non_blank = column;
  e.cells.push_back({static_cast<uint32_t>(p - base), static_cast<uint32_t>(e.text.size()), column});
  if (p < line_end) e.text += kCut;
  return e;
}

Excerpt::Range Excerpt::Find(Span span) const {
  const auto at = [this](uint32_t offset) {
    const auto it = std::lower_bound(cells.begin(), cells.end(), offset, [](const Cell& c, uint32_t o) { return c.offset < o; });
    return it == cells.end() ? cells.back() : *it;
  };
  // A span that starts inside a character starts with it.
  const auto it = std::upper_bound(cells.begin(), cells.end(), span.begin, [](uint32_t o, const Cell& c) { return o < c.offset; });
  const Cell b = it == cells.begin() ? cells.front() : *(it - 1);
  const Cell e = at(std::max(span.begin, span.end));
  return {b.column, std::max(b.column, e.column), b.text, std::max<size_t>(b.text, e.text)};
}

}  // namespace pawl
