// GitLab's Code Quality report (a subset of Code Climate's): a list of issues. GitLab drops issues with equal fingerprints and does
// not show check_name, so the fingerprint is made unique and the description names the rule.
#include "absl/container/flat_hash_map.h"
#include "report/formats.h"
#include "report/json_writer.h"

namespace pawl {
namespace {

std::string_view SeverityName(Severity s) { return s == Severity::kError ? "critical" : s == Severity::kWarning ? "major" : "info"; }

// FNV-1a, for problems: they have no fingerprint of their own.
uint64_t Hash(std::string_view s, uint64_t h = 0xcbf29ce484222325u) {
  for (const char c : s) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

class Issues {
 public:
  explicit Issues(Sink& sink) : json_(sink) { json_.BeginArray(); }

  void Add(std::string_view description, std::string_view check, uint64_t fingerprint, std::string_view severity, std::string_view path,
           uint32_t first_line, uint32_t last_line) {
    json_.Line().BeginObject().Key("description").BeginString().Part(check).Part(": ").Part(description).EndString();
    // Equal findings get their fingerprint hashed with their number: stable, and different from every other by all we know.
    const uint32_t seen = seen_[fingerprint]++;
    if (seen > 0) fingerprint = Hash(std::to_string(seen), fingerprint);
    json_.Member("check_name", check).Key("fingerprint").Hex(fingerprint).Member("severity", severity);
    json_.Key("location").BeginObject().Member("path", PlainPath(path));
    json_.Key("lines").BeginObject().Member("begin", first_line).Member("end", last_line).EndObject().EndObject().EndObject();
  }
  void Finish() { json_.Line().EndArray().Finish(); }

 private:
  JsonWriter json_;
  absl::flat_hash_map<uint64_t, uint32_t> seen_;
};

}  // namespace

void WriteGitlab(const ReportInput& input, Sink& sink) {
  Issues issues(sink);
  Places places;
  for (const ToolProblem& p : input.problems) {
    issues.Add(p.message, "problem", Hash(p.message, Hash(p.path)), "blocker", p.path.empty() ? "." : p.path, 1, 1);
  }
  for (const Finding& f : input.findings) {
    if (f.suppressed) continue;
    const Span span = Clamp(f.span, f.file);
    const uint32_t first = places.At(f.file, span.begin).line;
    issues.Add(f.message, RuleName(f), f.fingerprint, SeverityName(f.severity), f.file == nullptr ? "." : PathOf(f), first,
               places.LastLine(f.file, span));
  }
  issues.Finish();
}

}  // namespace pawl
