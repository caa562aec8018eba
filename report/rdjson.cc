// reviewdog's diagnostic format (its proto/rdf/reviewdog.proto): columns are bytes of the line as stored, from 1, ends are
// exclusive. A byte order mark counts, because a suggestion is applied to the stored line.
#include <algorithm>

#include "report/formats.h"
#include "report/json_writer.h"

namespace pawl {
namespace {

// Edits further apart than this are no suggestion: it would replace, and show, everything between them.
constexpr uint32_t kMaxSuggestion = 8192;

std::string_view SeverityName(Severity s) { return s == Severity::kError ? "ERROR" : s == Severity::kWarning ? "WARNING" : "INFO"; }

void WritePosition(JsonWriter& json, std::string_view key, const LineIndex& lines, uint32_t offset) {
  const uint32_t line = lines.LineAt(offset);
  json.Key(key).BeginObject().Member("line", line).Member("column", offset - lines.LineSpan(line).begin + 1).EndObject();
}

void WriteRange(JsonWriter& json, const SourceFile& file, Span span, Places& places) {
  const LineIndex& lines = places.Lines(file);
  json.Key("range").BeginObject();
  WritePosition(json, "start", lines, span.begin);
  WritePosition(json, "end", lines, span.end);
  json.EndObject();
}

// One suggestion for the whole fix: reviewdog offers each suggestion by itself, and half a fix is none.
void WriteSuggestions(JsonWriter& json, const Finding& f, Places& places) {
  if (!f.fix.has_value() || f.fix->edits.empty() || f.file == nullptr) return;
  const Span whole = Clamp({f.fix->edits.front().span.begin, f.fix->edits.back().span.end}, f.file);
  if (whole.size() > kMaxSuggestion) return;
  json.Key("suggestions").BeginArray().BeginObject();
  WriteRange(json, *f.file, whole, places);
  json.Key("text").BeginString();
  uint32_t at = whole.begin;
  for (const TextEdit& e : f.fix->edits) {
    json.Part(f.file->Slice({at, e.span.begin})).Part(e.text);
    at = e.span.end;
  }
  json.EndString().EndObject().EndArray();
}

void WriteDiagnostic(JsonWriter& json, const Finding& f, Places& places) {
  json.Line().BeginObject().Key("message").BeginString().Part(f.message);
  if (!f.why.empty()) json.Part("\n\nwhy: ").Part(f.why);
  if (!f.help.empty()) json.Part("\n\nhelp: ").Part(f.help);
  json.EndString().Key("location").BeginObject().Member("path", PlainPath(PathOf(f)));
  if (f.file != nullptr) WriteRange(json, *f.file, Clamp(f.span, f.file), places);
  json.EndObject().Member("severity", SeverityName(f.severity)).Key("code").BeginObject().Member("value", RuleName(f)).EndObject();
  WriteSuggestions(json, f, places);
  json.EndObject();
}

}  // namespace

void WriteRdjson(const ReportInput& input, Sink& sink) {
  JsonWriter json(sink);
  Places places;
  Severity worst = input.problems.empty() ? Severity::kOff : Severity::kError;
  for (const Finding& f : input.findings) {
    if (!f.suppressed) worst = std::max(worst, f.severity);
  }
  json.BeginObject().Key("source").BeginObject().Member("name", "pawl").EndObject().Member("severity", SeverityName(worst));
  json.Key("diagnostics").BeginArray();
  for (const ToolProblem& p : input.problems) {
    json.Line().BeginObject().Member("message", p.message).Key("location").BeginObject().Member("path", PlainPath(p.path)).EndObject();
    json.Member("severity", "ERROR").EndObject();
  }
  for (const Finding& f : input.findings) {
    if (!f.suppressed) WriteDiagnostic(json, f, places);
  }
  json.EndArray().EndObject().Finish();
}

}  // namespace pawl
