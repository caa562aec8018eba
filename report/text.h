// Text for people: safe to print on a terminal, with the width that it will have there.
#ifndef PAWL_REPORT_TEXT_H_
#define PAWL_REPORT_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/span.h"

namespace pawl {

// One character as it is shown. Control characters (escape sequences could rewrite the terminal) become their pictures from
// U+2400, characters that reorder or hide text and invalid bytes become U+FFFD.
struct Glyph {
  char32_t shown = 0;
  int width = 1;   // columns: 0 for combining marks, 2 for wide East Asian characters and emoji
  int bytes = 1;   // consumed
};
// p < end. A tab is shown as one space; who knows the column expands it.
Glyph NextGlyph(const char* p, const char* end);

void AppendUtf8(char32_t c, std::string* out);

// `s` with all of it safe and on one line (a newline is shown as its picture).
std::string OneLine(std::string_view s);
int DisplayWidth(std::string_view s);

// `s` safe, broken at spaces so that no line is wider than `width` where that is possible; every line but the first starts with
// `indent` spaces. Code in backticks is not broken unless it is wider than a line. Lines of `s` that start with a space (code)
// stay as they are. No newline at the end.
std::string Wrap(std::string_view s, int width, int indent);

// A part of one line of source, ready to print: safe, tabs expanded, cut to `budget` columns around what matters. Costs no more
// than its budget, however long the line is.
struct Excerpt {
  std::string text;             // UTF-8; starts or ends with "..." where it was cut
  // Display columns and bytes of `text` where the source's bytes [span.begin, span.end) are; clipped to what is shown. An empty
  // span gives an empty range.
  struct Range {
    int begin = 0, end = 0;
    size_t text_begin = 0, text_end = 0;
  };
  Range Find(Span span) const;
  int first_non_blank = 0;      // column

  struct Cell {
    uint32_t offset;            // in the source
    uint32_t text;              // in `text`
    int column;
  };
  std::vector<Cell> cells;      // one a character, and one for the end
};
// `line` without its line end; `focus`: what must be seen, inside `line` or at its end.
Excerpt MakeExcerpt(std::string_view source, Span line, Span focus, int budget);

}  // namespace pawl

#endif  // PAWL_REPORT_TEXT_H_
