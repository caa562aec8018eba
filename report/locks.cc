#include "report/locks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace pawl {
namespace {

std::string_view OpenedBy(TransactionSource s) {
  switch (s) {
    case TransactionSource::kRunner: return "one transaction, opened by the runner";
    case TransactionSource::kImplicit: return "one implicit transaction: sent as one query";
    case TransactionSource::kFile: return "a transaction of the file's own";
    case TransactionSource::kBody: return "the transaction of one statement";
    case TransactionSource::kNone: return "one statement, a transaction of its own";
  }
  return "";
}

std::string Title(const TimelineTransaction& t) {
  return absl::StrCat(t.migration->version, t.migration->version.empty() ? "" : " ", t.migration->name, t.direction == Direction::kDown ? " (down)" : "", "  ", t.file->path());
}

bool Shown(const HeldObject& h, bool all) { return all || (h.live && BlocksWrites(h.mode)); }

std::string Until(const TimelineTransaction& t, const HeldObject& h) {
  if (!h.until_commit) return "until the statement ends";
  const size_t more = t.statements.size() - 1 - h.since;
  return more == 0 ? "until its transaction ends" : absl::StrCat("until COMMIT, over ", more, more == 1 ? " more statement" : " more statements", " (to line ", t.statements.back().line, ")");
}

std::string Escape(std::string_view s) {
  std::string out;
  for (char c : s) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string_view ColorClass(LockMode m) { return BlocksReads(m) ? "reads" : BlocksWrites(m) ? "writes" : "none"; }

// Objects down, statements across; a bar from the statement that takes the lock to the end of its hold.
void Picture(const TimelineTransaction& t, const std::vector<const HeldObject*>& held, std::string* out) {
  constexpr int kLeft = 230, kColumn = 110, kRow = 30, kTop = 26;
  const int columns = static_cast<int>(std::min<size_t>(t.statements.size(), 40));
  const int width = kLeft + kColumn * columns + 20, height = kTop + kRow * static_cast<int>(held.size()) + 10;
  absl::StrAppendFormat(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"timeline\"><svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", width, height, width, height,
                        Escape(absl::StrCat("locks of ", Title(t), "; the table below says the same")));
  for (int c = 0; c < columns; ++c) {
    absl::StrAppendFormat(out, "<text class=\"axis\" x=\"%d\" y=\"16\">line %d</text><line class=\"grid\" x1=\"%d\" y1=\"22\" x2=\"%d\" y2=\"%d\"/>\n", kLeft + c * kColumn + 4, t.statements[static_cast<size_t>(c)].line, kLeft + c * kColumn,
                          kLeft + c * kColumn, height - 6);
  }
  for (size_t i = 0; i < held.size(); ++i) {
    const HeldObject& h = *held[i];
    const int y = kTop + kRow * static_cast<int>(i);
    const int from = std::min(static_cast<int>(h.since), columns - 1), to = std::min(static_cast<int>(h.until), columns - 1);
    std::string name = h.object.size() > 30 ? absl::StrCat(h.object.substr(0, 29), "…") : h.object;
    absl::StrAppendFormat(out, "<text x=\"4\" y=\"%d\">%s</text><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"3\"><title>%s</title></rect><text class=\"label\" x=\"%d\" y=\"%d\">%s</text>\n", y + 18, Escape(name),
                          ColorClass(h.mode), kLeft + from * kColumn + 2, y + 4, (to - from + 1) * kColumn - 4, Escape(absl::StrCat(SqlName(h.mode), " on ", h.object, " ", Until(t, h))), kLeft + from * kColumn + 8, y + 18,
                          Escape(SqlName(h.mode)));
  }
  absl::StrAppend(out, "</svg></div>\n");
}

constexpr char kStyle[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;--reads:#c62828;--writes:#b35c00;--none:#3b6ea5;--on:#fff}"
    "@media(prefers-color-scheme:dark){:root{--bg:#0f1317;--fg:#e6edf3;--dim:#9aa5b1;--line:#333c46;--reads:#e5534b;--writes:#c98a2b;--none:#5a8fc7;--on:#0b0e11}}"
    "body{font:15px/1.5 system-ui,sans-serif;background:var(--bg);color:var(--fg);margin:2rem auto;max-width:72rem;padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.05rem;margin:2rem 0 .2rem}"
    "p{margin:.2rem 0;color:var(--dim)}.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px;margin:.5rem 0}.scroll:focus-visible{outline:3px solid var(--none)}"
    "svg text{font:12px ui-monospace,monospace;fill:var(--fg)}svg .axis{fill:var(--dim)}svg .label{fill:var(--on)}svg .grid{stroke:var(--line)}.reads{fill:var(--reads)}.writes{fill:var(--writes)}.none{fill:var(--none)}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}code{font:.85rem ui-monospace,monospace}";

}  // namespace

std::string LocksText(const std::vector<LocksInput>& sets, bool all) {
  std::string out;
  for (const LocksInput& set : sets) {
    for (const TimelineTransaction& t : set.transactions) {
      std::string body;
      for (const HeldObject& h : t.held) {
        if (!Shown(h, all)) continue;
        absl::StrAppend(&body, "  ", SqlName(h.mode), " on ", h.object, " since line ", t.statements[h.since].line, ", ", Until(t, h));
        if (const std::string_view who = Blocked(h.mode); !who.empty() && h.live) absl::StrAppend(&body, ": ", who, " wait");
        if (h.work > Work::kMetadata) absl::StrAppend(&body, ", while it ", h.work == Work::kRows ? "changes rows" : h.work == Work::kScan ? "scans" : h.work == Work::kBuild ? "builds an index" : "rewrites a table");
        absl::StrAppend(&body, "\n      ", t.statements[h.since].sql, "\n");
      }
      if (body.empty()) continue;
      absl::StrAppend(&out, Title(t), "\n  ", OpenedBy(t.source), "\n", body, "\n");
    }
  }
  return out.empty() ? "no transaction takes a lock that others wait for\n" : out;
}

std::string LocksJson(const std::vector<LocksInput>& sets, int server_version) {
  using Json = nlohmann::ordered_json;
  Json j;
  j["version"] = 1;
  j["server_version"] = server_version;
  j["transactions"] = Json::array();
  for (const LocksInput& set : sets) {
    for (const TimelineTransaction& t : set.transactions) {
      Json jt;
      jt["migration"] = t.migration->version;
      jt["name"] = t.migration->name;
      jt["direction"] = t.direction == Direction::kUp ? "up" : "down";
      jt["file"] = t.file->path();
      jt["transaction"] = OpenedBy(t.source);
      if (set.server_version != 0 && set.server_version != server_version) jt["server_version"] = set.server_version;
      jt["statements"] = Json::array();
      for (const TimelineStatement& s : t.statements) {
        Json js = {{"line", s.line}, {"sql", s.sql}, {"locks", Json::array()}};
        for (const TimelineLock& l : s.locks) {
          Json jl = {{"object", l.object}, {"mode", ToString(l.mode)}, {"work", ToString(l.work)}, {"held", l.until_commit ? "transaction" : "statement"}, {"live", l.live}};
          if (l.index) {
            jl["index"] = true;
            jl["table"] = l.index_of;
          }
          js["locks"].push_back(std::move(jl));
        }
        jt["statements"].push_back(std::move(js));
      }
      jt["objects"] = Json::array();
      for (const HeldObject& h : t.held) {
        Json blocks = Json::array();
        if (h.live && BlocksReads(h.mode)) blocks.push_back("reads");
        if (h.live && BlocksWrites(h.mode)) blocks.push_back("writes");
        jt["objects"].push_back({{"object", h.object}, {"mode", ToString(h.mode)}, {"since_line", t.statements[h.since].line}, {"until_line", t.statements[h.until].line}, {"held", h.until_commit ? "transaction" : "statement"},
                                 {"work_meanwhile", ToString(h.work)}, {"blocks", std::move(blocks)}, {"live", h.live}});
      }
      j["transactions"].push_back(std::move(jt));
    }
  }
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string LocksHtml(const std::vector<LocksInput>& sets, int server_version, bool all) {
  std::string out = absl::StrCat("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Lock timeline</title><style>", kStyle,
                                 "</style></head><body><main>\n<h1>Lock timeline</h1>\n<p>PostgreSQL ", server_version,
                                 ". Red: reads and writes wait. Orange: writes wait. Blue: other schema changes wait. A bar begins at the statement that takes the lock and ends where it is let go.</p>\n");
  bool any = false;
  for (const LocksInput& set : sets) {
    for (const TimelineTransaction& t : set.transactions) {
      std::vector<const HeldObject*> held;
      for (const HeldObject& h : t.held) {
        if (Shown(h, all)) held.push_back(&h);
      }
      if (held.empty()) continue;
      any = true;
      absl::StrAppend(&out, "<section><h2>", Escape(Title(t)), "</h2>\n<p>", OpenedBy(t.source), "</p>\n");
      Picture(t, held, &out);
      absl::StrAppend(&out, "<table><thead><tr><th scope=\"col\">object</th><th scope=\"col\">lock</th><th scope=\"col\">since</th><th scope=\"col\">until</th><th scope=\"col\">who waits</th></tr></thead><tbody>\n");
      for (const HeldObject* h : held) {
        const std::string_view who = h->live ? Blocked(h->mode) : "";
        absl::StrAppend(&out, "<tr><td><code>", Escape(h->object), "</code></td><td>", SqlName(h->mode), "</td><td>line ", t.statements[h->since].line, "<br><code>", Escape(t.statements[h->since].sql), "</code></td><td>", Until(t, *h),
                        "</td><td>", who.empty() ? "nobody" : who, "</td></tr>\n");
      }
      absl::StrAppend(&out, "</tbody></table></section>\n");
    }
  }
  if (!any) absl::StrAppend(&out, "<p>No transaction takes a lock that others wait for.</p>\n");
  absl::StrAppend(&out, "</main></body></html>\n");
  return out;
}

}  // namespace pawl
