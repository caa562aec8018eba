#include "report/sarif_rules.h"

#include <algorithm>

#include "analyzer/source/utf8.h"

namespace pawl {
namespace {

// Limits of GitHub's code scanning.
constexpr size_t kMaxDescription = 1024;

void AddSection(std::string_view heading, std::string_view text, bool markdown, std::string* out) {
  if (text.empty()) return;
  if (!out->empty()) out->append("\n\n");
  if (markdown) out->append("## ");
  out->append(heading);
  out->append(markdown ? "\n\n" : "\n");
  out->append(text);
}

std::string Fenced(std::string_view sql) {
  if (sql.empty()) return {};
  std::string s = "```sql\n";
  s.append(sql);
  if (s.back() != '\n') s.push_back('\n');
  return s + "```";
}

std::string Help(const RuleInfo& rule, bool markdown) {
  const RulePage& page = rule.page;
  std::string out;
  AddSection("What happens", page.what, markdown, &out);
  AddSection("Why it hurts", page.why, markdown, &out);
  AddSection("Instead", page.instead, markdown, &out);
  AddSection("Fix safety", page.fix_safety, markdown, &out);
  AddSection("Versions", page.versions, markdown, &out);
  AddSection("Known limits", page.limits, markdown, &out);
  AddSection("Bad", markdown ? Fenced(page.bad) : std::string(page.bad), markdown, &out);
  AddSection("Good", markdown ? Fenced(page.good) : std::string(page.good), markdown, &out);
  AddSection("References", page.references, markdown, &out);
  AddSection("Same rule elsewhere", page.elsewhere, markdown, &out);
  if (out.empty()) out = rule.summary.empty() ? rule.name : rule.summary;
  return out;
}

void WriteText(JsonWriter& json, std::string_view key, std::string_view text) {
  json.Key(key).BeginObject().Member("text", text).EndObject();
}

}  // namespace

std::string_view SarifLevel(Severity s) { return s == Severity::kOff ? std::string_view("none") : ToString(s); }

std::string PascalCase(std::string_view kebab) {
  std::string out;
  bool upper = true;
  for (const char c : kebab) {
    if (c == '-') {
      upper = true;
      continue;
    }
    out.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    upper = false;
  }
  return out;
}

std::string Shorten(std::string_view s, size_t limit) {
  size_t points = 0, cut = 0;  // cut: where the last word that leaves room for "..." ends
  for (const char *p = s.data(), *end = p + s.size(); p < end; ++points) {
    if (points == limit) {
      return std::string(s.substr(0, cut)) + "...";
    }
    if ((*p == ' ' || *p == '\n') && points + 3 <= limit) cut = p - s.data();
    if (cut == 0 && points + 3 == limit) cut = p - s.data();  // one endless word
    p += std::max(1, Utf8Length(p, end));
  }
  return std::string(s);
}

void WriteSarifRule(JsonWriter& json, const RuleInfo* rule) {
  static constexpr RuleInfo kUnknown = {"unknown", RuleGroup::kDesign, Severity::kWarning, "a finding without a rule", {}};
  if (rule == nullptr) rule = &kUnknown;
  json.Line().BeginObject().Member("id", rule->name).Member("name", PascalCase(rule->name));
  const std::string_view summary = rule->summary.empty() ? rule->name : rule->summary;
  WriteText(json, "shortDescription", Shorten(summary, kMaxDescription));
  WriteText(json, "fullDescription", Shorten(rule->page.what.empty() ? summary : rule->page.what, kMaxDescription));
  json.Key("help").BeginObject().Member("text", Help(*rule, false)).Member("markdown", Help(*rule, true)).EndObject();
  // A rule that is off by default but was selected: it is shown, so it has a level.
  const Severity level = rule->severity == Severity::kOff ? Severity::kWarning : rule->severity;
  json.Key("defaultConfiguration").BeginObject();
  if (rule->severity == Severity::kOff) json.Member("enabled", false);
  json.Member("level", SarifLevel(level)).EndObject();
  json.Key("properties").BeginObject().Key("tags").BeginArray().String("migrations").String(ToString(rule->group)).EndArray();
  json.Member("precision", "high");
  json.Member("problem.severity", level == Severity::kError ? "error" : level == Severity::kWarning ? "warning" : "recommendation");
  json.EndObject().EndObject();
}

}  // namespace pawl
