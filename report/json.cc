// Version 1 of our own object. docs/schema/lint-v1.json is its contract: every member is always there, `fix` is null where there
// is none, and so are a note's file and place.
#include "report/formats.h"
#include "report/json_writer.h"

namespace pawl {
namespace {

void WritePosition(JsonWriter& json, std::string_view key, const SourceFile* file, uint32_t offset, Places& places) {
  const Position p = places.At(file, offset);
  json.Key(key).BeginObject().Member("line", p.line).Member("column", p.column).Member("byte", offset).EndObject();
}

void WriteSpan(JsonWriter& json, const SourceFile* file, Span span, Places& places) {
  span = Clamp(span, file);
  WritePosition(json, "start", file, span.begin, places);
  WritePosition(json, "end", file, span.end, places);
}

void WriteFinding(JsonWriter& json, const Finding& f, Places& places) {
  json.BeginObject();
  json.Member("rule", RuleName(f)).Member("severity", ToString(f.severity)).Member("engine", ToString(f.engine));
  json.Member("file", PathOf(f)).Member("migration", f.migration);
  WriteSpan(json, f.file, f.span, places);
  json.Member("message", f.message).Member("why", f.why).Member("help", f.help);
  json.Key("notes").BeginArray();
  for (const FindingNote& n : f.notes) {
    json.BeginObject().Member("message", n.message);
    if (n.file != nullptr) {
      json.Member("file", n.file->path());
      WriteSpan(json, n.file, n.span, places);
    } else {
      json.Key("file").Null().Key("start").Null().Key("end").Null();
    }
    json.EndObject();
  }
  json.EndArray().Key("locks").BeginArray();
  for (const FindingLock& l : f.locks) {
    json.BeginObject().Member("object", l.object).Member("mode", ToString(l.mode)).Key("blocks").BeginArray();
    if (BlocksReads(l.mode)) json.String("reads");
    if (BlocksWrites(l.mode)) json.String("writes");
    json.EndArray().Member("held", l.until_commit ? "transaction" : "statement").EndObject();
  }
  json.EndArray().Key("fix");
  if (f.fix.has_value()) {
    json.BeginObject().Member("safety", f.fix->safe ? "safe" : "unsafe").Member("description", f.fix->description);
    json.Key("edits").BeginArray();
    for (const TextEdit& e : f.fix->edits) {
      json.BeginObject().Member("file", PathOf(f)).Member("start_byte", e.span.begin).Member("end_byte", e.span.end);
      json.Member("text", e.text).EndObject();
    }
    json.EndArray().EndObject();
  } else {
    json.Null();
  }
  json.Key("fingerprint").Hex(f.fingerprint).EndObject();
}

}  // namespace

void WriteJson(const ReportInput& input, Sink& sink) {
  JsonWriter json(sink);
  Places places;
  const LintSummary& s = input.summary;
  json.BeginObject().Member("version", 1).Key("tool").BeginObject().Member("name", "pawl").Member("version", input.tool_version).EndObject();
  json.Line().Key("summary").BeginObject().Member("files", s.files).Member("statements", s.statements).Member("errors", s.errors);
  json.Member("warnings", s.warnings).Member("notes", s.notes).Member("not_understood", s.not_understood).EndObject();
  json.Line().Key("findings").BeginArray();
  for (const Finding& f : input.findings) {
    if (f.suppressed) continue;
    json.Line();
    WriteFinding(json, f, places);
  }
  json.EndArray().Line().Key("problems").BeginArray();
  for (const ToolProblem& p : input.problems) json.Line().BeginObject().Member("path", p.path).Member("message", p.message).EndObject();
  json.EndArray().EndObject().Finish();
}

}  // namespace pawl
