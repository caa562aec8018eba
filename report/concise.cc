// One line a finding, for grep, editors' error parsers and small terminals: file:line:col: severity[rule] message
#include "report/formats.h"
#include "report/output.h"
#include "report/style.h"
#include "report/text.h"

namespace pawl {

void WriteConcise(const ReportInput& input, Sink& sink) {
  Output out(sink);
  Places places;
  const Style style(input.color);
  const SourceFile* file = nullptr;
  std::string path;
  for (const Finding& f : input.findings) {
    if (f.suppressed) continue;
    if (f.file != nullptr) {
      if (f.file != file) path = OneLine(f.file->path());
      file = f.file;
      const Position at = places.At(f.file, f.span.begin);
      out << style.Bold() << path << style.Reset() << ':' << at.line << ':' << at.column << ": ";
    }
    out << style.Of(f.severity) << ToString(f.severity) << '[' << RuleName(f) << ']' << style.Reset() << ' ' << OneLine(f.message) << '\n';
  }
  for (const ToolProblem& p : input.problems) {
    if (!p.path.empty()) out << style.Bold() << OneLine(p.path) << style.Reset() << ": ";
    out << style.Of(Severity::kError) << "error" << style.Reset() << ": " << OneLine(p.message) << '\n';
  }
  if (!input.quiet) out << SummaryLine(input) << '\n';
}

}  // namespace pawl
