// Version 1 of our own object. docs/schema/lint-v1.json is its contract: every member is always there, `fix` is null where there
// is none, and so are a note's file and place.
#include <charconv>
#include <cmath>
#include <string>

#include "report/formats.h"
#include "report/json_writer.h"

namespace pawl {
namespace {

constexpr size_t kMaxDigits = 10;  // of a uint32_t

inline char* Put(char* to, std::string_view literal) { return CopyBytes(to, literal.data(), literal.size()); }
inline char* Put(char* to, uint32_t n) { return std::to_chars(to, to + kMaxDigits, n).ptr; }

// Places are a third of a report's pieces: they are put together without asking for room for each.
void WriteSpan(JsonWriter& json, const SourceFile* file, Span span, Places& places) {
  span = Clamp(span, file);
  const Position start = places.At(file, span.begin);
  const Position end = places.At(file, span.end);
  json.InPlace(80 + 6 * kMaxDigits, [&](char* to) {
    to = Put(Put(to, "\"start\":{\"line\":"), start.line);
    to = Put(Put(to, ",\"column\":"), start.column);
    to = Put(Put(to, ",\"byte\":"), span.begin);
    to = Put(Put(to, "},\"end\":{\"line\":"), end.line);
    to = Put(Put(to, ",\"column\":"), end.column);
    to = Put(Put(to, ",\"byte\":"), span.end);
    return Put(to, "}");
  });
}

// What only runs for several versions or with --statistics have.
void WriteDetails(JsonWriter& json, const FindingDetails& details) {
  json.Key("versions").BeginArray();
  for (const FindingVersion& v : details.versions) {
    json.BeginObject().Member("version", std::to_string(v.version)).Member("holds", v.holds);
    if (v.holds) {
      json.Member("severity", ToString(v.severity)).Member("message", v.message);
    } else {
      json.Key("severity").Null().Key("message").Null();
    }
    if (v.work.empty()) {
      json.Key("work").Null().Key("lock").Null();
    } else {
      json.Member("work", v.work).Member("lock", ToString(v.lock));
    }
    json.EndObject();
  }
  json.EndArray().Key("tables").BeginArray();
  for (const FindingTable& t : details.tables) {
    json.BeginObject().Member("object", t.object).Key("rows");
    if (t.rows < 0) {
      json.Null();
    } else {
      json.Number(static_cast<uint64_t>(t.rows));
    }
    json.Member("bytes", static_cast<uint64_t>(t.bytes)).Member("work", t.work).Key("seconds").BeginArray();
    json.Number(static_cast<uint64_t>(t.least_s)).Number(static_cast<uint64_t>(std::ceil(t.most_s))).EndArray().EndObject();
  }
  json.EndArray();
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
  if (f.details != nullptr) {
    WriteDetails(json, *f.details);
  } else {
    json.InPlace(32, [](char* to) { return Put(to, "\"versions\":[],\"tables\":[]"); });
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
