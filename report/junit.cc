// JUnit XML: a suite a file, a case a finding. A clean file is one passing case, because an empty report fails some services. Notes do
// not fail a build by default, so their case passes and carries the text as output.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "analyzer/source/utf8.h"
#include "report/formats.h"
#include "report/output.h"
#include "report/text.h"

namespace pawl {
namespace {

// Escapes for text and for attributes; drops what XML 1.0 cannot hold at all.
void AppendXml(std::string_view s, Output& out) {
  for (const char *p = s.data(), *end = p + s.size(); p < end;) {
    const int length = Utf8Length(p, end);
    const std::string_view bytes(p, std::max(1, length));
    p += bytes.size();
    if (length == 0) {
      out << "\xEF\xBF\xBD";
      continue;
    }
    if (length > 1) {
      const char32_t code = Utf8Decode(bytes.data(), length);
      if (code != 0xFFFE && code != 0xFFFF) out << bytes;
      continue;
    }
    switch (const char c = bytes[0]) {
      case '&': out << "&amp;"; break;
      case '<': out << "&lt;"; break;
      case '>': out << "&gt;"; break;
      case '"': out << "&quot;"; break;
      case '\n': out << "&#10;"; break;
      case '\r': out << "&#13;"; break;
      case '\t': out << "&#9;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) out << c;
    }
  }
}

struct Counts {
  uint64_t tests = 0, failures = 0, errors = 0;
};

void OpenSuite(std::string_view name, const Counts& counts, Output& out) {
  out << "  <testsuite name=\"";
  AppendXml(name, out);
  out << "\" tests=\"" << counts.tests << "\" failures=\"" << counts.failures << "\" errors=\"" << counts.errors << "\">\n";
}

void WriteCleanSuite(std::string_view path, Output& out) {
  OpenSuite(path, {1, 0, 0}, out);
  out << "    <testcase name=\"nothing to report\" classname=\"";
  AppendXml(path, out);
  out << "\"/>\n  </testsuite>\n";
}

void WriteCase(const Finding& f, Places& places, Output& out) {
  const Span span = Clamp(f.span, f.file);
  const Position at = places.At(f.file, span.begin);
  out << "    <testcase name=\"" << RuleName(f);
  if (f.file != nullptr) out << ':' << at.line << ':' << at.column;
  out << "\" classname=\"";
  AppendXml(f.file == nullptr ? std::string_view("pawl") : PathOf(f), out);
  const bool fails = f.severity >= Severity::kWarning;
  if (f.file != nullptr) {
    out << "\" file=\"";
    AppendXml(PathOf(f), out);
    out << "\" line=\"" << at.line;
  }
  out << "\">\n      ";
  if (fails) {
    out << "<failure type=\"" << ToString(f.severity) << "\" message=\"";
    AppendXml(f.message, out);
    out << "\">";
  } else {
    out << "<system-out>" << ToString(f.severity) << ": ";
    AppendXml(f.message, out);
    out << "&#10;";
  }
  if (f.file != nullptr) {
    AppendXml(PathOf(f), out);
    out << ':' << at.line << ':' << at.column << "&#10;";
  }
  if (!f.why.empty()) {
    out << "why: ";
    AppendXml(f.why, out);
    out << "&#10;";
  }
  if (!f.help.empty()) {
    out << "help: ";
    AppendXml(f.help, out);
    out << "&#10;";
  }
  out << (fails ? "</failure>" : "</system-out>") << "\n    </testcase>\n";
}

void WriteProblems(absl::Span<const ToolProblem> problems, Output& out) {
  OpenSuite("pawl", {problems.size(), 0, problems.size()}, out);
  for (const ToolProblem& p : problems) {
    out << "    <testcase name=\"";
    AppendXml(p.path.empty() ? "pawl" : p.path, out);
    out << "\" classname=\"pawl\">\n      <error type=\"problem\" message=\"";
    AppendXml(p.message, out);
    out << "\"/>\n    </testcase>\n";
  }
  out << "  </testsuite>\n";
}

}  // namespace

void WriteJunit(const ReportInput& input, Sink& sink) {
  Output out(sink);
  Places places;
  std::vector<const Finding*> shown;
  absl::flat_hash_set<std::string_view> with_findings;
  Counts all{input.problems.size(), 0, input.problems.size()};
  for (const Finding& f : input.findings) {
    if (f.suppressed) continue;
    shown.push_back(&f);
    with_findings.insert(PathOf(f));
    ++all.tests;
    if (f.severity >= Severity::kWarning) ++all.failures;
  }
  std::vector<std::string_view> clean;
  for (const std::string_view path : input.files) {
    if (!with_findings.contains(path)) clean.push_back(path);
  }
  const bool nothing = all.tests == 0 && clean.empty();
  all.tests += clean.size() + (nothing ? 1 : 0);

  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pawl\" tests=\"" << all.tests << "\" failures=\"" << all.failures
      << "\" errors=\"" << all.errors << "\">\n";
  if (!input.problems.empty()) WriteProblems(input.problems, out);
  if (nothing) WriteCleanSuite("pawl", out);
  auto next_clean = clean.begin();
  for (size_t i = 0; i < shown.size();) {
    const std::string_view path = PathOf(*shown[i]);
    for (; next_clean != clean.end() && *next_clean < path; ++next_clean) WriteCleanSuite(*next_clean, out);
    Counts counts;
    size_t end = i;
    for (; end < shown.size() && PathOf(*shown[end]) == path; ++end) {
      ++counts.tests;
      if (shown[end]->severity >= Severity::kWarning) ++counts.failures;
    }
    OpenSuite(path.empty() ? "pawl" : path, counts, out);
    for (; i < end; ++i) WriteCase(*shown[i], places, out);
    out << "  </testsuite>\n";
  }
  for (; next_clean != clean.end(); ++next_clean) WriteCleanSuite(*next_clean, out);
  out << "</testsuites>\n";
}

}  // namespace pawl
