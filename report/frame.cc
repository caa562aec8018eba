#include "report/frame.h"

#include <algorithm>
#include <string>

#include "report/text.h"

namespace pawl {
namespace {

// A span of up to this many lines is shown whole.
constexpr uint32_t kWholeLines = 4;

class FrameWriter {
 public:
  FrameWriter(const SourceFile& file, const std::vector<Mark>& marks, const FrameLayout& layout, Places& places, Output& out)
      : marks_(marks), layout_(layout), lines_(places.Lines(file)), text_(file.text()), out_(out),
        block_(!marks.empty() && marks[0].last_line > marks[0].first_line ? &marks[0] : nullptr) {}

  void Write() {
    std::vector<uint32_t> shown;
    for (const Mark& m : marks_) {
      if (&m == block_) {
        shown = LinesOf(m);
      } else {
        shown.push_back(m.first_line);
      }
    }
    std::sort(shown.begin(), shown.end());
    shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
    uint32_t before = 0;
    for (const uint32_t line : shown) {
      if (before != 0 && line == before + 2) {
        Line(before + 1);
      } else if (before != 0 && line > before + 1) {
        Gap();
      }
      Line(line);
      before = line;
    }
  }

 private:
  void Number(uint32_t line) {
    const std::string digits = std::to_string(line);
    out_ << layout_.style.Gutter();
    out_.Append(std::max<int>(layout_.gutter - static_cast<int>(digits.size()), 0), ' ');
    out_ << std::string_view(digits) << " |" << layout_.style.Reset();
  }
  void NoNumber() {
    out_ << layout_.style.Gutter();
    out_.Append(layout_.gutter, ' ');
    out_ << " |" << layout_.style.Reset();
  }
  std::string_view Color(const Mark& m) const { return m.primary ? layout_.style.Of(layout_.severity) : layout_.style.Secondary(); }

  void Gap() {
    out_ << layout_.style.Gutter() << "..." << layout_.style.Reset();
    if (in_block_) {
      out_.Append(std::max(layout_.gutter - 1, 0), ' ');
      out_ << ' ' << Color(*block_) << '|' << layout_.style.Reset();
    }
    out_ << '\n';
  }

  // The column between the numbers and the source that holds the side of a block of several lines.
  void Margin(std::string_view block_side) {
    out_ << ' ';
    if (block_ == nullptr) return;
    if (block_side == " ") {
      out_ << "  ";
    } else {
      out_ << Color(*block_) << block_side << layout_.style.Reset() << ' ';
    }
  }

  void Line(uint32_t number) {
    const Span line = lines_.LineSpan(number);
    const bool starts = block_ != nullptr && number == block_->first_line, ends = block_ != nullptr && number == block_->last_line;
    Span focus{line.begin, line.begin};
    const Mark* first = nullptr;
    for (const Mark& m : marks_) {
      if (&m != block_ && m.first_line == number && first == nullptr) first = &m;
    }
    if (first != nullptr) {
      focus = first->span;
    } else if (starts) {
      focus = {block_->span.begin, block_->span.begin + 1};
    } else if (ends) {
      focus = {block_->span.end - 1, block_->span.end};
    }
    const int budget = layout_.width - layout_.gutter - 3 - (block_ == nullptr ? 0 : 2);
    const Excerpt excerpt = MakeExcerpt(text_, line, focus, budget);
    const Excerpt::Range block_start = starts ? excerpt.Find({block_->span.begin, block_->span.begin}) : Excerpt::Range();
    const bool from_margin = starts && block_start.begin <= excerpt.first_non_blank;

    Number(number);
    if (!excerpt.text.empty() || in_block_ || from_margin) {
      Margin(from_margin ? "/" : in_block_ ? "|" : " ");
      out_ << std::string_view(excerpt.text);
    }
    out_ << '\n';
    if (starts && !from_margin) {
      NoNumber();
      out_ << "  " << Color(*block_);
      out_.Append(block_start.begin + 1, '_');
      out_ << '^' << layout_.style.Reset() << '\n';
    }
    if (starts) in_block_ = true;
    std::vector<const Mark*> here;
    for (const Mark& m : marks_) {
      if (&m != block_ && m.first_line == number) here.push_back(&m);
    }
    std::stable_sort(here.begin() + (!here.empty() && here[0]->primary ? 1 : 0), here.end(),
                     [](const Mark* a, const Mark* b) { return a->span.begin < b->span.begin; });
    for (const Mark* m : here) Underline(*m, line, excerpt);
    if (ends) {
      const int end = excerpt.Find({line.begin, block_->span.end}).end;
      NoNumber();
      out_ << ' ' << Color(*block_) << '|';
      out_.Append(std::max(end, 1), '_');
      out_ << '^';
      Label(*block_, std::max(end, 1) + 1);
      in_block_ = false;
    }
  }

  void Underline(const Mark& m, Span line, const Excerpt& excerpt) {
    const Excerpt::Range at = excerpt.Find({m.span.begin, std::min(m.span.end, line.end)});
    NoNumber();
    Margin(in_block_ ? "|" : " ");
    out_.Append(at.begin, ' ');
    out_ << Color(m);
    const int length = std::max(at.end - at.begin, 1);
    out_.Append(length, m.primary ? '^' : '-');
    Label(m, at.begin + length);
  }

  // After an underline that ends before `column`; closes its colour and its line.
  void Label(const Mark& m, int column) {
    if (!m.label.empty()) {
      const int indent = layout_.gutter + 3 + (block_ == nullptr ? 0 : 2) + column + 1;
      const bool beside = layout_.width - indent >= 30 || DisplayWidth(m.label) <= layout_.width - indent;
      // Too far right for prose: the label goes below, from the left.
      if (!beside) {
        out_ << layout_.style.Reset() << '\n';
        NoNumber();
        Margin(in_block_ && &m != block_ ? "|" : " ");
        out_ << Color(m);
      } else {
        out_ << ' ';
      }
      const int from = beside ? column + 1 : 0;
      const std::string wrapped = Wrap(m.label, layout_.width - (indent - column - 1) - from, 0);
      std::string_view rest = wrapped;
      for (bool first = true; !rest.empty(); first = false) {
        const size_t newline = std::min(rest.find('\n'), rest.size());
        if (!first) {
          out_ << layout_.style.Reset() << '\n';
          NoNumber();
          Margin(in_block_ && &m != block_ ? "|" : " ");
          out_.Append(from, ' ');
          out_ << Color(m);
        }
        out_ << rest.substr(0, newline);
        rest.remove_prefix(std::min(newline + 1, rest.size()));
      }
    }
    out_ << layout_.style.Reset() << '\n';
  }

  const std::vector<Mark>& marks_;
  const FrameLayout& layout_;
  const LineIndex& lines_;
  const std::string_view text_;
  Output& out_;
  const Mark* const block_;   // the mark that covers several lines, or null
  bool in_block_ = false;
};

}  // namespace

Mark MakeMark(const SourceFile& file, Span span, bool primary, std::string_view label, Places& places) {
  Mark m{Clamp(span, &file), 1, 1, primary, label};
  const LineIndex& lines = places.Lines(file);
  m.first_line = lines.LineAt(m.span.begin);
  m.last_line = std::max(m.first_line, places.LastLine(&file, m.span));
  // The end of a file that ends with a newline is no line to show: point behind the last one instead.
  if (m.span.empty() && m.first_line > 1 && lines.LineSpan(m.first_line).empty() && m.first_line == lines.line_count()) {
    --m.first_line;
    m.last_line = m.first_line;
    m.span.begin = m.span.end = lines.LineSpan(m.first_line).end;
  }
  return m;
}

std::vector<uint32_t> LinesOf(const Mark& mark) {
  if (mark.last_line - mark.first_line >= kWholeLines) return {mark.first_line, mark.first_line + 1, mark.last_line};
  std::vector<uint32_t> lines;
  for (uint32_t l = mark.first_line; l <= mark.last_line; ++l) lines.push_back(l);
  return lines;
}

void WriteEmptyGutter(const FrameLayout& layout, Output& out) {
  out << layout.style.Gutter();
  out.Append(layout.gutter, ' ');
  out << " |" << layout.style.Reset() << '\n';
}

void WriteFrame(const SourceFile& file, const std::vector<Mark>& marks, const FrameLayout& layout, Places& places, Output& out) {
  WriteEmptyGutter(layout, out);
  FrameWriter(file, marks, layout, places, out).Write();
}

}  // namespace pawl
