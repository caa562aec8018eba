#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "migrations/run/audit.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

std::string Escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

// A member as text; "" if it is not there.
std::string Text(const Json& j, const char* key) {
  if (!j.is_object() || !j.contains(key) || j[key].is_null()) return "";
  return j[key].is_string() ? j[key].get<std::string>() : j[key].dump(-1, ' ', false, Json::error_handler_t::replace);
}
const Json& Member(const Json& j, const char* key) {
  static const Json kNone;
  return j.is_object() && j.contains(key) ? j[key] : kNone;
}

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--muted:#57606a;--line:#d0d7de;--ok:#116329;--warn:#7d4e00;--bad:#a40e26;--code:#f6f8fa}"
    "@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--muted:#9da7b1;--line:#30363d;--ok:#56d364;--warn:#e3b341;--bad:#ff7b72;--code:#161b22}}"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}"
    "h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1rem 0 .25rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0}caption{text-align:left;color:var(--muted)}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}"
    "th[scope=row]{width:12rem;font-weight:600}pre,code{font-family:ui-monospace,monospace;font-size:.875rem;background:var(--code)}pre{padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.25rem 0}"
    ".ok{color:var(--ok)}.warning{color:var(--warn)}.failed{color:var(--bad)}.ok,.warning,.failed{font-weight:600}.muted{color:var(--muted)}summary{cursor:pointer}a{color:inherit}"
    "@media print{details>*{display:block}}";

class Page {
 public:
  explicit Page(const Json& audit) : a_(audit) {}

  std::string Write() {
    const std::string component = Text(a_, "component"), outcome = Text(a_, "outcome");
    const std::string title = absl::StrCat(Text(a_, "command"), " ", component, ": ", outcome);
    absl::StrAppend(&out_, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>", Escape(title), "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n<main>\n");
    absl::StrAppend(&out_, "<h1>", Escape(Text(a_, "command")), " ", Escape(component), ": <span class=\"", outcome == "done" ? "ok" : outcome == "dry run" ? "warning" : "failed", "\">", Escape(outcome), "</span></h1>\n");
    if (const std::string message = Text(a_, "message"); !message.empty()) absl::StrAppend(&out_, "<pre>", Escape(message), "</pre>\n");
    Next();
    Facts();
    Migrations();
    CheckTable("before", "Checks before");
    CheckTable("after", "Checks after");
    RowCounts();
    Approvals();
    Events();
    Plan();
    Chain();
    absl::StrAppend(&out_, "</main>\n</body>\n</html>\n");
    return std::move(out_);
  }

 private:
  void Row(std::string_view name, std::string_view value) {
    if (!value.empty()) absl::StrAppend(&out_, "<tr><th scope=\"row\">", Escape(name), "</th><td>", Escape(value), "</td></tr>\n");
  }
  void Header(std::initializer_list<std::string_view> names, std::string_view caption) {
    absl::StrAppend(&out_, "<table>\n<caption>", Escape(caption), "</caption>\n<thead><tr>");
    for (std::string_view n : names) absl::StrAppend(&out_, "<th scope=\"col\">", Escape(n), "</th>");
    absl::StrAppend(&out_, "</tr></thead>\n<tbody>\n");
  }
  void Cells(std::initializer_list<std::string> values) {
    absl::StrAppend(&out_, "<tr>");
    for (const std::string& v : values) absl::StrAppend(&out_, "<td>", v, "</td>");
    absl::StrAppend(&out_, "</tr>\n");
  }
  void End() { absl::StrAppend(&out_, "</tbody>\n</table>\n"); }
  static std::string Marked(const std::string& result) {
    const std::string shape = result == "ok" ? "✓ " : result == "warning" ? "! " : "✗ ";  // not by colour alone
    return absl::StrCat("<span class=\"", result == "ok" || result == "warning" ? result : "failed", "\">", shape, Escape(result), "</span>");
  }

  void Next() {
    const Json& next = Member(a_, "what_next");
    if (!next.is_array() || next.empty()) return;
    absl::StrAppend(&out_, "<h2>What next</h2>\n<ol>\n");
    for (const Json& n : next) absl::StrAppend(&out_, "<li>", Escape(n.is_string() ? n.get<std::string>() : n.dump()), "</li>\n");
    absl::StrAppend(&out_, "</ol>\n");
  }

  void Facts() {
    absl::StrAppend(&out_, "<h2>The run</h2>\n<table>\n<tbody>\n");
    Row("Component", Text(a_, "component"));
    Row("Environment", Text(a_, "environment"));
    Row("Database", absl::StrCat(Text(a_, "target"), " (", Text(a_, "server"), ")"));
    Row("Direction", Text(a_, "direction"));
    Row("Started", Text(a_, "started_at"));
    Row("Finished", Text(a_, "finished_at"));
    Row("Duration", absl::StrCat(Text(a_, "duration_ms"), " ms"));
    Row("Run by", absl::StrCat(Text(a_, "run_by"), " on ", Text(a_, "host")));
    Row("pawl", Text(Member(a_, "tool"), "version"));
    Row("Plan digest", Text(a_, "plan_digest"));
    Row("Exit code", Text(a_, "exit_code"));
    const Json& backup = Member(a_, "backup");
    if (backup.is_object()) {
      Row("Backup", absl::StrCat(Text(backup, "id"), backup.value("verified", false) ? absl::StrCat(" (", Text(backup, "bytes"), " bytes, ", Text(backup, "entries"), " entries, verified, ", Text(backup, "tool"), ")") : ""));
    } else {
      Row("Backup", "none recorded");
    }
    if (const Json& allowed = Member(a_, "allowed"); allowed.is_object()) Row("Allowed in spite of lint", absl::StrCat(Text(allowed, "rules"), ": ", Text(allowed, "reason")));
    End();
  }

  void Migrations() {
    const Json& migrations = Member(Member(a_, "plan"), "migrations");
    if (!migrations.is_array() || migrations.empty()) return;
    absl::StrAppend(&out_, "<h2>Migrations</h2>\n");
    Header({"Version", "Name", "File", "Result", "Time"}, "In the order in which they run");
    for (const Json& m : migrations) {
      std::string result = "not run", time;
      for (const Json& e : Member(a_, "events")) {
        if (Text(e, "event") != "migration_finish" || Text(e, "version") != Text(m, "version")) continue;
        result = Text(e, "status");
        time = e.contains("duration_ms") ? absl::StrCat(Text(e, "duration_ms"), " ms") : "";
      }
      Cells({Escape(Text(m, "version")), Escape(Text(m, "name")), Escape(Text(m, "file")), result == "failed" ? Marked("failed") : Escape(result), Escape(time)});
    }
    End();
  }

  void CheckTable(const char* which, std::string_view title) {
    const Json& checks = Member(Member(a_, "checks"), which);
    if (!checks.is_array() || checks.empty()) return;
    absl::StrAppend(&out_, "<h2>", title, "</h2>\n");
    Header({"Check", "Result", "What was found"}, "In the order in which they were asked");
    for (const Json& c : checks) Cells({Escape(Text(c, "check")), Marked(Text(c, "result")), Escape(Text(c, "detail"))});
    End();
  }

  void RowCounts() {
    const Json& rows = Member(a_, "row_counts");
    if (!rows.is_array() || rows.empty()) return;
    absl::StrAppend(&out_, "<h2>Rows</h2>\n");
    Header({"Table", "Before", "After"}, "Of the tables that pawl.toml names");
    for (const Json& r : rows) Cells({Escape(Text(r, "table")), Escape(Text(r, "before")), Escape(Text(r, "after"))});
    End();
  }

  void Approvals() {
    absl::StrAppend(&out_, "<h2>Approvals</h2>\n");
    const Json& names = Member(a_, "approved_by");
    if (!names.is_array() || names.empty()) {
      absl::StrAppend(&out_, "<p>None.</p>\n");
    } else {
      absl::StrAppend(&out_, "<ul>\n");
      for (const Json& n : names) {
        std::string how;
        for (const Json& a : Member(a_, "approvals")) {
          if (a.value("by", "") == n) how = absl::StrCat(" at ", Text(a, "at"), Text(a, "signature").empty() ? ", unsigned" : ", signed");
        }
        absl::StrAppend(&out_, "<li>", Escape(n.is_string() ? n.get<std::string>() : n.dump()), Escape(how), "</li>\n");
      }
      absl::StrAppend(&out_, "</ul>\n");
    }
  }

  void Events() {
    const Json& events = Member(a_, "events");
    if (!events.is_array() || events.empty()) return;
    absl::StrAppend(&out_, "<h2>Events</h2>\n<details>\n<summary>", events.size(), " events</summary>\n");
    Header({"Time", "Event", "Of", "Details"}, "As the log has them");
    for (const Json& e : events) {
      std::string details;
      for (const auto& [key, value] : e.items()) {
        if (key == "ts" || key == "event" || key == "version" || key == "component" || key == "name" || key == "direction") continue;
        absl::StrAppend(&details, details.empty() ? "" : "\n", key, ": ", value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace));
      }
      Cells({Escape(Text(e, "ts")), Escape(Text(e, "event")), Escape(absl::StrCat(Text(e, "version"), " ", Text(e, "name"))), absl::StrCat("<pre>", Escape(details), "</pre>")});
    }
    End();
    absl::StrAppend(&out_, "</details>\n");
  }

  void Plan() {
    const Json& migrations = Member(Member(a_, "plan"), "migrations");
    if (!migrations.is_array() || migrations.empty()) return;
    absl::StrAppend(&out_, "<h2>What the plan says</h2>\n");
    for (const Json& m : migrations) {
      absl::StrAppend(&out_, "<details>\n<summary>", Escape(Text(m, "version")), " ", Escape(Text(m, "name")), "</summary>\n");
      for (const Json& part : Member(m, "parts")) {
        absl::StrAppend(&out_, "<h3>", part.value("transaction", true) ? "In one transaction" : "Alone, outside a transaction", "</h3>\n");
        for (const Json& s : Member(part, "statements")) {
          absl::StrAppend(&out_, "<pre>", Escape(Text(s, "sql")), "</pre>\n");
          for (const Json& l : Member(s, "locks")) absl::StrAppend(&out_, "<p class=\"muted\">", Escape(Text(l, "mode")), " on ", Escape(Text(l, "object")), ", ", Escape(Text(s, "duration")), "</p>\n");
        }
      }
      absl::StrAppend(&out_, "</details>\n");
    }
  }

  void Chain() {
    const Json& previous = Member(a_, "previous");
    absl::StrAppend(&out_, "<h2>Chain</h2>\n<p>Record ", Escape(Text(a_, "sequence")), previous.is_object() ? absl::StrCat(", after <code>", Escape(Text(previous, "file")), "</code> with SHA-256 <code>", Escape(Text(previous, "sha256")), "</code>") : ", the first of its folder",
                    ".</p>\n");
  }

  const Json& a_;
  std::string out_;
};

}  // namespace

std::string AuditToHtml(const Json& audit) { return Page(audit).Write(); }

}  // namespace pawl
