// For people at a terminal: headline, place, code frame, and what to do, as the best compilers show it.
#include <algorithm>
#include <string>

#include "report/formats.h"
#include "report/frame.h"
#include "report/output.h"
#include "report/style.h"
#include "report/text.h"

namespace pawl {
namespace {

// A note this near shares the finding's frame.
constexpr uint32_t kNearLines = 10;
constexpr int kMinWidth = 50;
constexpr int kDefaultWidth = 100;

int Digits(uint32_t n) { return static_cast<int>(std::to_string(n).size()); }

class FullWriter {
 public:
  FullWriter(const ReportInput& input, Sink& sink)
      : out_(sink), style_(input.color), width_(input.width <= 0 ? kDefaultWidth : std::max(input.width, kMinWidth)) {}

  void Write(const Finding& f) {
    Headline(f.severity, RuleName(f), f.message);
    FrameLayout layout{1, width_, f.severity, style_};
    std::vector<Mark> marks;
    std::vector<const FindingNote*> elsewhere;
    std::vector<Mark> far;  // beside `elsewhere`
    if (f.file != nullptr) marks.push_back(MakeMark(*f.file, f.span, true, {}, places_));
    uint32_t last_number = marks.empty() ? 1 : marks[0].last_line;
    for (const FindingNote& n : f.notes) {
      if (n.file == nullptr) continue;
      const Mark mark = MakeMark(*n.file, n.span, false, n.message, places_);
      last_number = std::max(last_number, mark.last_line);
      const bool near = n.file == f.file && mark.first_line + kNearLines >= marks[0].first_line && mark.first_line <= marks[0].last_line + kNearLines;
      if (near) {
        marks.push_back(mark);
      } else {
        elsewhere.push_back(&n);
        far.push_back(mark);
      }
    }
    layout.gutter = Digits(last_number);
    bool framed = false;
    if (f.file != nullptr) {
      Arrow(*f.file, f.span.begin, layout);
      // A finding about the file as a whole has no line to show.
      framed = !(f.span.empty() && f.statement.empty() && f.span.begin == 0 && marks.size() == 1);
      if (framed) WriteFrame(*f.file, marks, layout, places_, out_);
    }
    Remarks(f, layout, framed);
    for (size_t i = 0; i < elsewhere.size(); ++i) {
      Headline(Severity::kNote, {}, elsewhere[i]->message);
      Arrow(*elsewhere[i]->file, elsewhere[i]->span.begin, layout);
      far[i].label = {};
      WriteFrame(*elsewhere[i]->file, {far[i]}, layout, places_, out_);
    }
    out_ << '\n';
  }

  void Write(const ToolProblem& p) {
    out_ << style_.Of(Severity::kError) << "error" << style_.Reset() << style_.Bold() << ": ";
    if (!p.path.empty()) out_ << OneLine(p.path) << ": ";
    out_ << OneLine(p.message) << style_.Reset() << "\n\n";
  }

  void Summary(const ReportInput& input) {
    const bool clean = input.problems.empty() && input.summary.errors + input.summary.warnings + input.summary.notes == 0;
    out_ << (clean ? style_.Good() : style_.Bold()) << SummaryLine(input) << style_.Reset() << '\n';
  }

 private:
  // Headlines are not wrapped: they are what people search for.
  void Headline(Severity s, std::string_view rule, std::string_view message) {
    out_ << style_.Of(s) << ToString(s);
    if (!rule.empty()) out_ << '[' << rule << ']';
    out_ << style_.Reset() << style_.Bold() << ": " << OneLine(message) << style_.Reset() << '\n';
  }

  void Arrow(const SourceFile& file, uint32_t offset, const FrameLayout& layout) {
    const Position at = places_.At(&file, offset);
    out_ << style_.Gutter();
    out_.Append(layout.gutter, ' ');
    if (&file != file_) path_ = OneLine(file.path());
    file_ = &file;
    out_ << "--> " << style_.Reset() << path_ << ':' << at.line << ':' << at.column << '\n';
  }

  void Remarks(const Finding& f, const FrameLayout& layout, bool framed) {
    bool first = true;
    const auto remark = [&](std::string_view name, std::string_view text) {
      if (first && framed) WriteEmptyGutter(layout, out_);
      first = false;
      out_ << style_.Gutter();
      out_.Append(layout.gutter, ' ');
      out_ << " = " << style_.Reset() << style_.Bold() << name << style_.Reset() << ": ";
      out_ << Wrap(text, width_, layout.gutter + 3 + static_cast<int>(name.size()) + 2) << '\n';
    };
    if (!f.why.empty()) remark("why", f.why);
    if (!f.help.empty()) remark("help", f.help);
    if (f.fix.has_value()) {
      remark("fix", f.fix->description + (f.fix->safe ? " (`--fix` does it)" : " (unsafe: only `--fix --unsafe-fixes` does it)"));
    }
    for (const FindingNote& n : f.notes) {
      if (n.file == nullptr) remark("note", n.message);
    }
  }

  Output out_;
  Places places_;
  const Style style_;
  const int width_;
  const SourceFile* file_ = nullptr;  // whose path path_ is
  std::string path_;
};

}  // namespace

void WriteFull(const ReportInput& input, Sink& sink) {
  FullWriter writer(input, sink);
  for (const Finding& f : input.findings) {
    if (!f.suppressed) writer.Write(f);
  }
  for (const ToolProblem& p : input.problems) writer.Write(p);
  if (!input.quiet) writer.Summary(input);
}

}  // namespace pawl
