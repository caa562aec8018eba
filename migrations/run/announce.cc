#include "migrations/run/announce.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Json& j, const char* key) { return j.is_object() && j.contains(key) && j[key].is_string() ? j[key].get<std::string>() : std::string(); }
int64_t Number(const Json& j, const char* key) { return j.is_object() && j.contains(key) && j[key].is_number() ? j[key].get<int64_t>() : 0; }
const Json& Member(const Json& j, const char* key) {
  static const Json kNone;
  return j.is_object() && j.contains(key) ? j[key] : kNone;
}

std::string OrGap(const std::string& text, std::string_view gap) { return text.empty() ? absl::StrCat("[", gap, "]") : text; }

// "20260101_add_email" as people say it: "20260101 add email".
std::string Label(const Json& m) {
  const std::string version = Text(m, "version"), name = absl::StrReplaceAll(Text(m, "name"), {{"_", " "}, {"-", " "}});
  return absl::StrCat(version, version.empty() || name.empty() ? "" : " ", name);
}

std::string Minutes(int64_t ms) {
  const int64_t minutes = std::max<int64_t>(1, (ms + 59'999) / 60'000);
  return absl::StrCat(minutes, minutes == 1 ? " minute" : " minutes");
}

std::string Impact(const PlanEstimate& e) {
  auto tables = [&] {
    std::vector<std::string> few(e.tables.begin(), e.tables.begin() + static_cast<long>(std::min<size_t>(e.tables.size(), 5)));
    return absl::StrCat(absl::StrJoin(few, ", "), e.tables.size() > few.size() ? " and others" : "");
  };
  if (e.blocks_reads) return absl::StrCat("Downtime for ", tables(), " while it is rewritten or scanned");
  if (e.blocks_writes) return absl::StrCat("Read-only for ", tables(), " while it is scanned or indexed");
  if (!e.known) return "None expected beyond moments; the sizes of some tables are not known";
  return e.any_lock ? "None (locks for moments)" : "None";
}

// How a list of migrations stands, by the events of a run.
struct Progress {
  size_t done = 0;
  std::string current;         // version of the one that runs
  std::string failed, error;
  int64_t spent_ms = 0;
};

Progress ProgressOf(const std::vector<Json>& events) {
  Progress p;
  for (const Json& e : events) {
    const std::string event = Text(e, "event");
    if (event == "migration_start") p.current = Text(e, "version").empty() ? Text(e, "name") : Text(e, "version");
    if (event != "migration_finish") continue;
    p.spent_ms += Number(e, "duration_ms");
    if (Text(e, "status") == "failed") {
      p.failed = Text(e, "version");
      p.error = Text(e, "error");
    } else {
      ++p.done;
    }
    if (p.current == (Text(e, "version").empty() ? Text(e, "name") : Text(e, "version"))) p.current.clear();
  }
  return p;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

class Message {
 public:
  Message(const Json& document, const AnnouncementContext& context) : context_(context), audit_(Text(document, "kind") == "pawl-audit"), document_(document), plan_(audit_ ? Member(document, "plan") : document) {
    estimate_ = EstimateOf(plan_);
    std::vector<Json> events = context.events;
    if (events.empty() && audit_) events = Member(document, "events").get<std::vector<Json>>();
    has_run_ = audit_ || !events.empty();
    progress_ = ProgressOf(events);
  }

  const Json& migrations() const { return Member(plan_, "migrations"); }
  bool has_run() const { return has_run_; }
  bool down() const { return Text(plan_, "direction") == "down"; }

  std::string Scheduled() const {
    std::string out = absl::StrCat("🔧 Database ", down() ? "rollback" : "migration", " scheduled", Of(), "\n\n");
    absl::StrAppend(&out, "When: ", OrGap(context_.when, "date and time"), "\n");
    absl::StrAppend(&out, "Duration: ~", estimate_.minutes, estimate_.minutes == 1 ? " minute" : " minutes", estimate_.known ? "" : " (rough: some tables' sizes are not known)", "\n");
    absl::StrAppend(&out, "Impact: ", Impact(estimate_), "\n");
    absl::StrAppend(&out, "Rollback: ", estimate_.loses_data ? "by restoring the backup (it loses data, so down scripts are not enough)" : absl::StrCat("~", estimate_.minutes, estimate_.minutes == 1 ? " minute" : " minutes", ", by down scripts"), "\n\n");
    absl::StrAppend(&out, down() ? "Rolled back:\n" : "Migrations:\n");
    for (const Json& m : migrations()) absl::StrAppend(&out, "- ", Label(m), "\n");
    absl::StrAppend(&out, "\nContact: ", Contact(), "\n");
    return out;
  }

  std::string InProgress() const {
    std::string out = absl::StrCat("🚀 Database ", down() ? "rollback" : "migration", " in progress", Of(), "\n\n");
    const size_t all = migrations().size();
    absl::StrAppend(&out, "Status: ", progress_.done, "/", all, down() ? " migrations rolled back\n" : " migrations applied\n");
    // By what the rest is estimated at; the ones that are done are no measure of it.
    int rest = 0;
    for (size_t i = progress_.done; i < all; ++i) {
      Json one = {{"migrations", Json::array({migrations()[i]})}};
      rest += EstimateOf(one).minutes;
    }
    absl::StrAppend(&out, "ETA: ", progress_.done >= all ? "now, checks are running" : absl::StrCat("~", std::min(rest, std::max(1, estimate_.minutes)), " minutes remaining"), "\n");
    std::string current = "[migration name]";
    if (progress_.done >= all) current = "post-checks";
    else if (has_run_) current = Label(migrations()[progress_.done]);
    absl::StrAppend(&out, "Current: ", current, "\n\nNo action required.\n");
    return out;
  }

  std::string Complete() const {
    std::string out = absl::StrCat("✅ Database ", down() ? "rollback" : "migration", " complete", Of(), "\n\n");
    const int64_t applied = audit_ ? Number(document_, "applied") : static_cast<int64_t>(progress_.done);
    absl::StrAppend(&out, down() ? "Rolled back: " : "Applied: ", applied, applied == 1 ? " migration\n" : " migrations\n");
    absl::StrAppend(&out, "Duration: ", Minutes(audit_ ? Number(document_, "duration_ms") : progress_.spent_ms), "\n");
    absl::StrAppend(&out, "Status: ", audit_ ? Checked() : "All systems operational", "\n\nChanges:\n");
    for (size_t i = 0; i < migrations().size() && static_cast<int64_t>(i) < applied; ++i) absl::StrAppend(&out, "- ", Label(migrations()[i]), "\n");
    return out;
  }

  std::string Failed() const {
    const Json& failed = Member(document_, "failed");
    std::string which = audit_ ? Text(failed, "version") : progress_.failed, error = audit_ ? Text(failed, "error") : progress_.error;
    if (error.empty()) error = FirstLine(Text(document_, "message"));
    std::vector<std::string> wrong;
    for (const Json& c : Member(Member(document_, "checks"), "after")) {
      if (Text(c, "result") == "failed") wrong.push_back(Text(c, "check"));
    }
    if (error.empty() && !wrong.empty()) error = absl::StrCat("post-checks failed: ", absl::StrJoin(wrong, ", "));
    for (const Json& m : migrations()) {
      if (!which.empty() && Text(m, "version") == which) which = Label(m);
    }
    const int64_t applied = audit_ ? Number(document_, "applied") : static_cast<int64_t>(progress_.done);
    std::string out = absl::StrCat("🚨 Database ", down() ? "rollback" : "migration", " failed", Of(), "\n\n");
    absl::StrAppend(&out, "Migration: ", which.empty() ? "none in particular" : which, "\n");
    absl::StrAppend(&out, "Error: ", OrGap(error, "brief description"), "\n");
    absl::StrAppend(&out, "Status: Investigating\n");
    absl::StrAppend(&out, "Impact: ", applied, " of ", migrations().size(), down() ? " rolled back" : " applied", wrong.empty() ? absl::StrCat(", the failed one ", Text(document_, "outcome") == "connection lost" ? "not known yet" : "undone") : "", "\n\nActions:\n");
    bool any = false;
    for (const Json& n : Member(document_, "what_next")) {
      absl::StrAppend(&out, "- ", n.is_string() ? n.get<std::string>() : n.dump(), "\n");
      any = true;
    }
    if (!any) {
      absl::StrAppend(&out, "- Find out what stands: pawl status\n- Mend the cause and run the same command again, or roll back what is applied: pawl rollback\n");
      const std::string backup = Text(Member(document_, "backup"), "id");
      if (!backup.empty()) absl::StrAppend(&out, "- If that fails, restore the backup ", backup, "\n");
    }
    absl::StrAppend(&out, "\nUpdates: ", OrGap(context_.channel, "channel or thread"), "\n");
    return out;
  }

 private:
  std::string Of() const {
    const std::string component = Text(plan_, "component");
    return component.empty() ? "" : absl::StrCat(": ", component);
  }
  std::string Contact() const { return OrGap(context_.contact.empty() ? Text(document_, "run_by") : context_.contact, "your name or team"); }
  std::string Checked() const {
    size_t failed = 0, all = 0;
    for (const Json& c : Member(Member(document_, "checks"), "after")) {
      ++all;
      failed += Text(c, "result") == "failed";
    }
    return failed > 0 ? absl::StrCat(failed, " of ", all, " checks failed, being looked at") : "All systems operational";
  }

  const AnnouncementContext& context_;
  bool audit_, has_run_ = false;
  const Json& document_;
  const Json& plan_;
  PlanEstimate estimate_;
  Progress progress_;
};

}  // namespace

std::optional<Announcement> ParseAnnouncement(std::string_view name) {
  if (name.empty() || name == "announcement" || name == "scheduled") return Announcement::kScheduled;
  if (name == "progress" || name == "in-progress") return Announcement::kInProgress;
  if (name == "complete") return Announcement::kComplete;
  if (name == "failed") return Announcement::kFailed;
  return std::nullopt;
}

PlanEstimate EstimateOf(const Json& plan) {
  PlanEstimate e;
  double seconds = 0;
  for (const Json& m : Member(plan, "migrations")) {
    if (m.is_object() && m.value("loses_data", false)) e.loses_data = true;
    for (const Json& part : Member(m, "parts")) {
      for (const Json& s : Member(part, "statements")) {
        const std::string duration = Text(s, "duration");
        seconds += duration == "seconds" ? 20 : duration == "minutes" ? 300 : duration == "long" ? 1800 : 0.1;
        const bool lasts = duration == "seconds" || duration == "minutes" || duration == "long";
        const Json& locks = Member(s, "locks");
        if (duration == "unknown" && locks.is_array() && !locks.empty()) e.known = false;
        for (const Json& l : locks) {
          e.any_lock = true;
          if (!lasts) continue;
          for (const Json& b : Member(l, "blocks")) {
            e.blocks_reads = e.blocks_reads || b == "reads";
            e.blocks_writes = e.blocks_writes || b == "writes";
            const std::string table = Text(l, "object");
            if (std::find(e.tables.begin(), e.tables.end(), table) == e.tables.end()) e.tables.push_back(table);
          }
        }
      }
    }
  }
  e.minutes = std::max(1, static_cast<int>(std::ceil(seconds / 60)));
  return e;
}

absl::StatusOr<std::string> RenderAnnouncement(Announcement which, const Json& document, const AnnouncementContext& context) {
  const bool audit = Text(document, "kind") == "pawl-audit";
  const Json& plan = audit ? Member(document, "plan") : document;
  if (!plan.is_object() || !Member(plan, "migrations").is_array()) return absl::InvalidArgumentError("it is neither a plan (`pawl plan`) nor the record of a run (audit-....json)");
  const Message message(document, context);
  if ((which == Announcement::kComplete || which == Announcement::kFailed) && !message.has_run()) {
    return absl::InvalidArgumentError("a plan does not tell how the run went: give the record of the run (audit-....json), or its events with --log FILE");
  }
  // Nobody should be woken, or reassured, by the wrong one.
  const std::string outcome = Text(document, "outcome");
  if (audit && which == Announcement::kFailed && outcome == "done") return absl::InvalidArgumentError("this run did not fail; --message complete tells of it");
  if (audit && which == Announcement::kComplete && outcome != "done") return absl::InvalidArgumentError(absl::StrCat("this run is not complete (", outcome, "); --message failed tells of it"));
  switch (which) {
    case Announcement::kScheduled: return message.Scheduled();
    case Announcement::kInProgress: return message.InProgress();
    case Announcement::kComplete: return message.Complete();
    case Announcement::kFailed: return message.Failed();
  }
  return absl::InvalidArgumentError("no such message");
}

}  // namespace pawl
