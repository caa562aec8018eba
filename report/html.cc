// One self-contained page: nothing is fetched and no script runs, so it opens from a build's artifacts as it is. Light and dark follow
// the reader's setting; headings, landmarks, and words beside every colour serve screen readers and the keyboard; the filter is plain
// checkboxes.
#include <algorithm>
#include <string>

#include "report/formats.h"
#include "report/output.h"
#include "report/text.h"

namespace pawl {
namespace {

constexpr int kCodeWidth = 160;
constexpr uint32_t kWholeLines = 6;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>pawl: migration report</title>
<style>
:root { color-scheme: light dark; --bg: #fff; --fg: #1b1f24; --soft: #57606a; --line: #d0d7de; --code: #f6f8fa; --mark: #fff1c2;
  --error: #b3141e; --warning: #7a4d00; --note: #0a58b0; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #0f1318; --fg: #e6e9ed; --soft: #a0a9b4; --line: #39414b; --code: #181e26; --mark: #5a4310;
    --error: #ff8a85; --warning: #f0bd4f; --note: #7db9ff; } }
body { margin: 0 auto; max-width: 68rem; padding: 1rem 1.5rem 4rem; background: var(--bg); color: var(--fg);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--note); }
:focus-visible { outline: 3px solid var(--note); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
article { border: 1px solid var(--line); border-left: .4rem solid; border-radius: .3rem; margin: .75rem 0; padding: .75rem 1rem; }
article.error { border-left-color: var(--error); }
article.warning { border-left-color: var(--warning); }
article.note { border-left-color: var(--note); }
.error .level { color: var(--error); }
.warning .level { color: var(--warning); }
.note .level { color: var(--note); }
.place, .soft { color: var(--soft); }
p { margin: .4rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { background: var(--code); padding: .5rem .75rem; overflow-x: auto; border-radius: .3rem; margin: .5rem 0; tab-size: 4; }
pre .no { color: var(--soft); user-select: none; }
mark { background: var(--mark); color: inherit; }
dl { margin: .4rem 0; display: grid; grid-template-columns: max-content 1fr; gap: .2rem .75rem; }
dt { font-weight: 600; }
dd { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left; }
fieldset { border: 1px solid var(--line); border-radius: .3rem; display: inline-block; }
label { margin-right: 1rem; }
body:has(#show-error:not(:checked)) article.error, body:has(#show-warning:not(:checked)) article.warning,
body:has(#show-note:not(:checked)) article.note { display: none; }
@media print { .skip, fieldset { display: none; } article { break-inside: avoid; } }
</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<header>
<h1>Migration report</h1>
)";

void AppendHtml(std::string_view safe, Output& out) {
  for (const char c : safe) {
    switch (c) {
      case '&': out << "&amp;"; break;
      case '<': out << "&lt;"; break;
      case '>': out << "&gt;"; break;
      case '"': out << "&quot;"; break;
      case '\'': out << "&#39;"; break;
      default: out << c;
    }
  }
}

// Prose with code in backticks; newlines stay.
void AppendProse(std::string_view s, Output& out) {
  bool code = false;
  const auto ticks = std::count(s.begin(), s.end(), '`');
  while (!s.empty()) {
    const size_t end = std::min(s.find_first_of("`\n"), s.size());
    AppendHtml(OneLine(s.substr(0, end)), out);
    if (end == s.size()) break;
    if (s[end] == '\n') {
      out << '\n';
    } else if (ticks % 2 != 0) {
      out << '`';
    } else {
      out << (code ? "</code>" : "<code>");
      code = !code;
    }
    s.remove_prefix(end + 1);
  }
}

class HtmlWriter {
 public:
  explicit HtmlWriter(Sink& sink) : out_(sink) {}

  void Write(const ReportInput& input) {
    out_ << kHead;
    Overview(input);
    out_ << "</header>\n<main id=\"findings\" tabindex=\"-1\">\n";
    if (!input.problems.empty()) Problems(input.problems);
    const SourceFile* file = nullptr;
    bool open = false, any = false;
    for (const Finding& f : input.findings) {
      if (f.suppressed) continue;
      if (!open || f.file != file) {
        if (open) out_ << "</section>\n";
        ++sections_;
        out_ << "<section aria-labelledby=\"file-" << sections_ << "\">\n<h2 id=\"file-" << sections_ << "\">";
        if (f.file != nullptr) {
          out_ << "<code>";
          AppendHtml(OneLine(f.file->path()), out_);
          out_ << "</code>";
        } else {
          out_ << "The set as a whole";
        }
        out_ << "</h2>\n";
        open = true;
      }
      file = f.file;
      any = true;
      Write(f);
    }
    if (open) out_ << "</section>\n";
    if (!any && input.problems.empty()) out_ << "<p>Nothing to report.</p>\n";
    out_ << "</main>\n</body>\n</html>\n";
  }

 private:
  void Overview(const ReportInput& input) {
    const LintSummary& s = input.summary;
    out_ << "<p>";
    AppendHtml(SummaryLine(input), out_);
    out_ << ".</p>\n<p class=\"soft\">pawl ";
    AppendHtml(OneLine(input.tool_version), out_);
    out_ << "</p>\n";
    if (s.errors + s.warnings + s.notes == 0) return;
    out_ << "<fieldset><legend>Show</legend>\n";
    Filter("error", "errors", s.errors);
    Filter("warning", "warnings", s.warnings);
    Filter("note", "notes", s.notes);
    out_ << "</fieldset>\n";
  }

  void Filter(std::string_view level, std::string_view words, uint32_t count) {
    if (count == 0) return;
    out_ << "<label><input type=\"checkbox\" id=\"show-" << level << "\" checked> " << words << " (" << count << ")</label>\n";
  }

  void Problems(absl::Span<const ToolProblem> problems) {
    out_ << "<section aria-labelledby=\"problems\">\n<h2 id=\"problems\">Not checked</h2>\n<ul>\n";
    for (const ToolProblem& p : problems) {
      out_ << "<li>";
      if (!p.path.empty()) {
        out_ << "<code>";
        AppendHtml(OneLine(p.path), out_);
        out_ << "</code>: ";
      }
      AppendProse(p.message, out_);
      out_ << "</li>\n";
    }
    out_ << "</ul>\n</section>\n";
  }

  void Write(const Finding& f) {
    out_ << "<article class=\"" << ToString(f.severity) << "\">\n<h3><span class=\"level\">" << ToString(f.severity) << "</span>: ";
    AppendProse(f.message, out_);
    out_ << "</h3>\n<p class=\"place\">";
    if (f.file != nullptr) {
      const Position at = places_.At(f.file, f.span.begin);
      out_ << "line " << at.line << ", column " << at.column << ", ";
    }
    out_ << "rule <code>" << RuleName(f) << "</code></p>\n";
    if (f.file != nullptr && !(f.span.empty() && f.statement.empty())) Code(*f.file, f.span);
    const bool remarks = !f.why.empty() || !f.help.empty() || f.fix.has_value() ||
                         std::any_of(f.notes.begin(), f.notes.end(), [](const FindingNote& n) { return n.file == nullptr; });
    if (remarks) out_ << "<dl>\n";
    Entry("Why", f.why);
    Entry("Help", f.help);
    if (f.fix.has_value()) {
      Entry("Fix", f.fix->description + (f.fix->safe ? " (`pawl lint --fix` does it)" : " (unsafe: only `pawl lint --fix --unsafe-fixes` does it)"));
    }
    for (const FindingNote& n : f.notes) {
      if (n.file == nullptr) Entry("Note", n.message);
    }
    if (remarks) out_ << "</dl>\n";
    for (const FindingNote& n : f.notes) {
      if (n.file != nullptr) Note(f, n);
    }
    if (!f.locks.empty()) Locks(f);
    out_ << "</article>\n";
  }

  void Entry(std::string_view term, std::string_view text) {
    if (text.empty()) return;
    out_ << "<dt>" << term << "</dt><dd>";
    AppendProse(text, out_);
    out_ << "</dd>\n";
  }

  void Note(const Finding& f, const FindingNote& n) {
    const Position at = places_.At(n.file, n.span.begin);
    out_ << "<p>Note: ";
    AppendProse(n.message, out_);
    out_ << " <span class=\"place\">(";
    if (n.file != f.file) {
      out_ << "<code>";
      AppendHtml(OneLine(n.file->path()), out_);
      out_ << "</code>, ";
    }
    out_ << "line " << at.line << ")</span></p>\n";
    Code(*n.file, n.span);
  }

  void Locks(const Finding& f) {
    out_ << "<table>\n<caption class=\"soft\">Locks</caption>\n<thead><tr><th scope=\"col\">On</th><th scope=\"col\">Mode</th><th scope=\"col\">Blocks</th>"
            "<th scope=\"col\">Held until</th></tr></thead>\n<tbody>\n";
    for (const FindingLock& l : f.locks) {
      out_ << "<tr><td><code>";
      AppendHtml(OneLine(l.object), out_);
      out_ << "</code></td><td>" << ToString(l.mode) << "</td><td>"
           << (BlocksReads(l.mode) ? "reads and writes" : BlocksWrites(l.mode) ? "writes" : "neither reads nor writes") << "</td><td>"
           << (l.until_commit ? "the transaction ends" : "the statement ends") << "</td></tr>\n";
    }
    out_ << "</tbody>\n</table>\n";
  }

  // The span's lines with the span marked; of many lines the first few and the last.
  void Code(const SourceFile& file, Span span) {
    span = Clamp(span, &file);
    const LineIndex& lines = places_.Lines(file);
    const uint32_t first = lines.LineAt(span.begin), last = std::max(first, places_.LastLine(&file, span));
    const auto width = std::to_string(last).size();
    out_ << "<pre tabindex=\"0\" aria-label=\"source\">";
    for (uint32_t line = first; line <= last; ++line) {
      if (last - first >= kWholeLines && line == first + kWholeLines / 2 && line < last) {
        out_ << "...\n";
        line = last;
      }
      const Span at = lines.LineSpan(line);
      const Span marked{std::max(span.begin, at.begin), std::min(span.end, at.end)};
      const Excerpt excerpt = MakeExcerpt(file.text(), at, marked, kCodeWidth);
      const Excerpt::Range range = excerpt.Find(marked);
      const std::string number = std::to_string(line);
      out_ << "<span class=\"no\">";
      out_.Append(width - number.size(), ' ');
      out_ << std::string_view(number) << " | </span>";
      const std::string_view text = excerpt.text;
      AppendHtml(text.substr(0, range.text_begin), out_);
      if (range.text_end > range.text_begin) {
        out_ << "<mark>";
        AppendHtml(text.substr(range.text_begin, range.text_end - range.text_begin), out_);
        out_ << "</mark>";
      }
      AppendHtml(text.substr(range.text_end), out_);
      out_ << '\n';
    }
    out_ << "</pre>\n";
  }

  Output out_;
  Places places_;
  uint32_t sections_ = 0;
};

}  // namespace

void WriteHtml(const ReportInput& input, Sink& sink) { HtmlWriter(sink).Write(input); }

}  // namespace pawl
