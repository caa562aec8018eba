// SARIF 2.1.0 (OASIS standard), with everything that GitHub's code scanning shows and the rest that other viewers use. Valid whatever
// the input: a report that its reader refuses hides all findings.
#include <algorithm>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "analyzer/finding/baseline.h"
#include "report/formats.h"
#include "report/json_writer.h"
#include "report/line_hash.h"
#include "report/sarif_rules.h"

namespace pawl {
namespace {

// Code scanning refuses a run with more.
constexpr size_t kMaxResults = 25000;

constexpr std::string_view kSchema = "https://json.schemastore.org/sarif-2.1.0.json";

// Percent-encodes all but unreserved characters and '/': a path is bytes, and ':' in its first part would read as a scheme.
void WriteArtifact(JsonWriter& json, std::string_view path) {
  path = PlainPath(path);
  const bool absolute = !path.empty() && path.front() == '/';
  json.Key("artifactLocation").BeginObject().Key("uri").BeginString();
  if (absolute) json.Part("file://");
  constexpr char kDigits[] = "0123456789ABCDEF";
  size_t run = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) continue;
    const char escape[] = {'%', kDigits[(c >> 4) & 15], kDigits[c & 15]};
    json.Part(path.substr(run, i - run)).Part(std::string_view(escape, 3));
    run = i + 1;
  }
  json.Part(path.substr(run)).EndString();
  if (!absolute) json.Member("uriBaseId", "%SRCROOT%");
  json.EndObject();
}

void WriteRegion(JsonWriter& json, std::string_view key, const SourceFile* file, Span span, Places& places) {
  span = Clamp(span, file);
  const Position start = places.At(file, span.begin), end = places.At(file, span.end);
  json.Key(key).BeginObject().Member("startLine", start.line).Member("startColumn", start.column);
  json.Member("endLine", end.line).Member("endColumn", end.column);
  json.Member("byteOffset", span.begin).Member("byteLength", span.size()).EndObject();
}

void WritePhysicalLocation(JsonWriter& json, const SourceFile* file, Span span, Places& places) {
  json.Key("physicalLocation").BeginObject();
  WriteArtifact(json, file->path());
  WriteRegion(json, "region", file, span, places);
  json.EndObject();
}

// Ends a sentence that its writer left open, as headlines are.
void WriteSentence(JsonWriter& json, std::string_view s) {
  json.Part(s);
  if (!s.empty() && s.back() != '.' && s.back() != ':' && s.back() != '?') json.Part(".");
}

// In a link's text, brackets and backslashes are escaped (3.11.6).
void WriteLink(JsonWriter& json, std::string_view text, uint32_t id) {
  json.Part("[");
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == ']' || text[i] == '\\') {
      json.Part(text.substr(0, i)).Part("\\");
      text.remove_prefix(i);
      i = 0;  // the escaped character itself is skipped by ++i
    }
  }
  json.Part(text).Part("](").Part(std::to_string(id)).Part(")");
}

// The first sentence becomes the alert's title.
void WriteMessage(JsonWriter& json, const Finding& f) {
  json.Key("message").BeginObject().Key("text").BeginString();
  WriteSentence(json, f.message);
  if (!f.why.empty()) {
    json.Part(" ");
    WriteSentence(json, f.why);
  }
  if (!f.help.empty()) {
    json.Part("\n\nhelp: ");
    WriteSentence(json, f.help);
  }
  uint32_t id = 0;
  for (const FindingNote& n : f.notes) {
    json.Part("\nnote: ");
    if (n.file == nullptr) {
      WriteSentence(json, n.message);
    } else {
      WriteLink(json, n.message, ++id);
    }
  }
  json.EndString().EndObject();
}

void WriteRelatedLocations(JsonWriter& json, const Finding& f, Places& places) {
  uint32_t id = 0;
  for (const FindingNote& n : f.notes) {
    if (n.file == nullptr) continue;
    if (id == 0) json.Key("relatedLocations").BeginArray();
    json.BeginObject().Member("id", ++id);
    WritePhysicalLocation(json, n.file, n.span, places);
    json.Key("message").BeginObject().Member("text", n.message).EndObject().EndObject();
  }
  if (id > 0) json.EndArray();
}

void WriteFix(JsonWriter& json, const Finding& f, Places& places) {
  if (!f.fix.has_value() || f.fix->edits.empty() || f.file == nullptr) return;
  json.Key("fixes").BeginArray().BeginObject().Key("description").BeginObject().Key("text").BeginString().Part(f.fix->description);
  if (!f.fix->safe) json.Part(" (unsafe: check it before you apply it)");
  json.EndString().EndObject().Key("artifactChanges").BeginArray().BeginObject();
  WriteArtifact(json, f.file->path());
  json.Key("replacements").BeginArray();
  for (const TextEdit& e : f.fix->edits) {
    json.BeginObject();
    WriteRegion(json, "deletedRegion", f.file, e.span, places);
    json.Key("insertedContent").BeginObject().Member("text", e.text).EndObject().EndObject();
  }
  json.EndArray().EndObject().EndArray().EndObject().EndArray();
}

// The line hashes of the file at hand: findings come sorted by file.
class CurrentHashes {
 public:
  std::string Of(const SourceFile& file, uint32_t line) {
    if (file_ != &file) hashes_.emplace(file.text());
    file_ = &file;
    return hashes_->Of(line);
  }

 private:
  const SourceFile* file_ = nullptr;
  std::optional<LineHashes> hashes_;
};

void WriteResult(JsonWriter& json, const Finding& f, size_t rule_index, Places& places, CurrentHashes& hashes) {
  json.Line().BeginObject().Member("ruleId", RuleName(f)).Member("ruleIndex", uint64_t{rule_index}).Member("level", SarifLevel(f.severity));
  WriteMessage(json, f);
  json.Key("locations").BeginArray().BeginObject();
  if (f.file != nullptr) {
    WritePhysicalLocation(json, f.file, f.span, places);
  } else {  // code scanning refuses a report in which a result has no location
    json.Key("physicalLocation").BeginObject();
    WriteArtifact(json, ".");
    json.EndObject();
  }
  json.EndObject().EndArray();
  WriteRelatedLocations(json, f, places);
  json.Key("partialFingerprints").BeginObject();
  if (f.file != nullptr) {
    const std::string hash = hashes.Of(*f.file, places.At(f.file, Clamp(f.span, f.file).begin).line);
    if (!hash.empty()) json.Member("primaryLocationLineHash", hash);
  }
  json.Key("pawl/v1").Hex(f.fingerprint).EndObject();
  WriteFix(json, f, places);
  // Always there: absent would mean that nobody looked for suppressions (3.27.23).
  json.Key("suppressions").BeginArray();
  if (f.suppressed) {
    json.BeginObject().Member("kind", f.suppression_reason.data() == kBaselineReason.data() ? "external" : "inSource").Member("status", "accepted");
    if (!f.suppression_reason.empty()) json.Member("justification", f.suppression_reason);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

// What is kept of too many results: the worst, in the order given; live ones before suppressed ones.
std::vector<const Finding*> Select(absl::Span<const Finding> findings) {
  std::vector<const Finding*> kept;
  kept.reserve(findings.size());
  for (const Finding& f : findings) kept.push_back(&f);
  if (kept.size() <= kMaxResults) return kept;
  const auto weight = [](const Finding* f) { return f->suppressed ? -1 : static_cast<int>(f->severity); };
  std::stable_sort(kept.begin(), kept.end(), [&](const Finding* a, const Finding* b) { return weight(a) > weight(b); });
  kept.resize(kMaxResults);
  std::sort(kept.begin(), kept.end());  // they all point into one array: back to its order
  return kept;
}

void WriteNotification(JsonWriter& json, std::string_view level, std::string_view path, std::string_view message) {
  json.Line().BeginObject().Member("level", level).Key("message").BeginObject().Member("text", message).EndObject();
  if (!path.empty()) {
    json.Key("locations").BeginArray().BeginObject().Key("physicalLocation").BeginObject();
    WriteArtifact(json, path);
    json.EndObject().EndObject().EndArray();
  }
  json.EndObject();
}

void WriteInvocation(JsonWriter& json, const ReportInput& input, size_t kept) {
  json.Line().Key("invocations").BeginArray().BeginObject().Member("executionSuccessful", input.problems.empty());
  json.Key("toolExecutionNotifications").BeginArray();
  for (const ToolProblem& p : input.problems) WriteNotification(json, "error", p.path, p.message);
  if (kept < input.findings.size()) {
    WriteNotification(json, "warning", "",
                      "only the " + std::to_string(kept) + " worst of " + std::to_string(input.findings.size()) +
                          " findings are in this report, since code scanning takes no more; `--format json` gives all of them");
  }
  json.EndArray().EndObject().EndArray();
}

}  // namespace

void WriteSarif(const ReportInput& input, Sink& sink) {
  const std::vector<const Finding*> results = Select(input.findings);
  absl::flat_hash_map<const RuleInfo*, size_t> rule_index;
  std::vector<const RuleInfo*> rules;
  for (const Finding* f : results) {
    if (rule_index.try_emplace(f->rule, rules.size()).second) rules.push_back(f->rule);
  }

  JsonWriter json(sink);
  Places places;
  json.BeginObject().Member("$schema", kSchema).Member("version", "2.1.0").Key("runs").BeginArray().BeginObject();
  json.Key("tool").BeginObject().Key("driver").BeginObject().Member("name", "pawl");
  if (!input.tool_version.empty()) json.Member("version", input.tool_version).Member("semanticVersion", input.tool_version);
  json.Key("rules").BeginArray();
  for (const RuleInfo* rule : rules) WriteSarifRule(json, rule);
  json.EndArray().EndObject().EndObject();
  json.Line().Key("automationDetails").BeginObject().Member("id", "pawl/").EndObject();
  json.Member("columnKind", "unicodeCodePoints");
  json.Key("originalUriBaseIds").BeginObject().Key("%SRCROOT%").BeginObject().Key("description").BeginObject();
  json.Member("text", "the folder that pawl ran in: the root of the repository").EndObject().EndObject().EndObject();
  WriteInvocation(json, input, results.size());
  json.Line().Key("results").BeginArray();
  CurrentHashes hashes;
  for (const Finding* f : results) WriteResult(json, *f, rule_index[f->rule], places, hashes);
  json.EndArray().EndObject().EndArray().EndObject().Finish();
}

}  // namespace pawl
