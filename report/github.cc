// GitHub's workflow commands: annotations on the changed lines, and the same text in the job's log. GitHub keeps 10 of a kind a step
// and 50 a job, so the worst come first.
#include "report/formats.h"
#include "report/output.h"
#include "report/text.h"

namespace pawl {
namespace {

constexpr size_t kShownOfAKind = 10;

// Percent-encodes what a command's text, and in `property` also what a property's value, cannot hold (actions/toolkit, command.ts).
void AppendEscaped(std::string_view s, bool property, Output& out) {
  for (const char *p = s.data(), *end = p + s.size(); p < end;) {
    const Glyph g = NextGlyph(p, end);
    switch (*p) {
      case '%': out << "%25"; break;
      case '\r': out << "%0D"; break;
      case '\n': out << "%0A"; break;
      case ':': out << (property ? "%3A" : ":"); break;
      case ',': out << (property ? "%2C" : ","); break;
      default: {
        std::string shown;
        AppendUtf8(g.shown, &shown);
        out << std::string_view(shown);
      }
    }
    p += g.bytes;
  }
}

void WriteFinding(const Finding& f, Places& places, Output& out) {
  out << "::" << (f.severity == Severity::kError ? "error" : f.severity == Severity::kWarning ? "warning" : "notice") << " title=";
  AppendEscaped(RuleName(f), true, out);
  const Span span = Clamp(f.span, f.file);
  const Position start = places.At(f.file, span.begin), end = places.At(f.file, span.end);
  if (f.file != nullptr) {
    out << ",file=";
    AppendEscaped(PlainPath(f.file->path()), true, out);
    const uint32_t last_line = places.LastLine(f.file, span);
    out << ",line=" << start.line << ",endLine=" << last_line;
    if (end.line == start.line) out << ",col=" << start.column << ",endColumn=" << end.column;  // GitHub refuses columns on several lines
  }
  out << "::";
  if (f.file != nullptr) {
    AppendEscaped(OneLine(f.file->path()), false, out);
    out << ':' << start.line << ':' << start.column << ": ";
  }
  AppendEscaped(OneLine(f.message), false, out);
  if (!f.why.empty()) {
    out << "%0Awhy: ";
    AppendEscaped(f.why, false, out);
  }
  if (!f.help.empty()) {
    out << "%0Ahelp: ";
    AppendEscaped(f.help, false, out);
  }
  out << '\n';
}

}  // namespace

void WriteGithub(const ReportInput& input, Sink& sink) {
  Output out(sink);
  Places places;
  for (const ToolProblem& p : input.problems) {
    out << "::error title=pawl";
    if (!p.path.empty()) {
      out << ",file=";
      AppendEscaped(PlainPath(p.path), true, out);
    }
    out << "::";
    if (!p.path.empty()) {
      AppendEscaped(OneLine(p.path), false, out);
      out << ": ";
    }
    AppendEscaped(p.message, false, out);
    out << '\n';
  }
  size_t errors = input.problems.size(), warnings = 0, notes = 0;
  for (const Finding* f : WorstFirst(input.findings)) {
    ++(f->severity == Severity::kError ? errors : f->severity == Severity::kWarning ? warnings : notes);
    WriteFinding(*f, places, out);
  }
  if (input.quiet) return;
  out << SummaryLine(input) << '\n';
  if (errors > kShownOfAKind || warnings > kShownOfAKind || notes > kShownOfAKind) {
    out << "GitHub shows the first " << uint64_t{kShownOfAKind} << " annotations of each kind on the changes; all of them are in this log\n";
  }
}

}  // namespace pawl
