// A code frame: some lines of one file with numbers, underlines and labels, in the form that rustc made known.
#ifndef PAWL_REPORT_FRAME_H_
#define PAWL_REPORT_FRAME_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/finding/finding.h"
#include "report/formats.h"
#include "report/output.h"
#include "report/style.h"

namespace pawl {

// What a frame underlines. Lines as Places gives them, so that they are looked up once.
struct Mark {
  Span span;                 // clamped to the file
  uint32_t first_line = 1;
  uint32_t last_line = 1;    // of the last byte
  bool primary = false;      // underlined with ^, else with -
  std::string_view label;
};
Mark MakeMark(const SourceFile& file, Span span, bool primary, std::string_view label, Places& places);

struct FrameLayout {
  int gutter = 1;            // width of the line numbers
  int width = 100;           // of the terminal
  Severity severity = Severity::kNote;
  Style style;
};

// Only the first mark may cover several lines; of the others the first line is underlined. Ends with a newline.
void WriteFrame(const SourceFile& file, const std::vector<Mark>& marks, const FrameLayout& layout, Places& places, Output& out);

// "   |" and a newline
void WriteEmptyGutter(const FrameLayout& layout, Output& out);

// The lines of `mark` that a frame shows: all of a few, else the first two and the last.
std::vector<uint32_t> LinesOf(const Mark& mark);

}  // namespace pawl

#endif  // PAWL_REPORT_FRAME_H_
