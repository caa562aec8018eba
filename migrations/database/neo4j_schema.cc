// Constraints and indexes of Neo4j: whether a schema command had its effect, and waiting until an index can be used.
#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "migrations/database/crash_point.h"
#include "migrations/database/neo4j.h"
#include "migrations/run/plan_cypher.h"

namespace pawl {
namespace {

constexpr int64_t kAwaitMs = 3'600'000;  // an index that is populated this long without --statement-timeout is left to the server

std::vector<std::string> Names(const Json& v) {
  std::vector<std::string> out;
  if (v.is_array()) {
    for (const Json& n : v) out.push_back(CypherText(n));
  }
  return out;
}

std::string Quoted(std::string_view name) { return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`"); }

std::string Shape(bool relationship, const std::vector<std::string>& labels, const std::vector<std::string>& properties) {
  return absl::StrCat(relationship ? "[:" : "(:", absl::StrJoin(labels, "|"), relationship ? "]" : ")", properties.empty() ? "" : absl::StrCat(" on ", absl::StrJoin(properties, ", ")));
}

std::string What(const SchemaTarget& t) { return absl::StrCat(t.constraint ? "constraint" : "index", t.name.empty() ? "" : " ", t.name.empty() ? absl::StrCat(" ", Shape(t.relationship, t.labels, t.properties)) : t.name); }

}  // namespace

absl::StatusOr<std::vector<Neo4jDatabase::SchemaObject>> Neo4jDatabase::ReadSchema() {
  std::vector<SchemaObject> out;
  for (const bool constraint : {true, false}) {
    const CypherReply r = work_->Run(constraint ? "SHOW CONSTRAINTS YIELD *" : "SHOW INDEXES YIELD *");
    if (!r.ok()) return Failed("cannot look at the schema", *r.error);
    auto column = [&](const char* name) -> int { return static_cast<int>(std::find(r.fields.begin(), r.fields.end(), name) - r.fields.begin()); };
    const int name = column("name"), type = column("type"), entity = column("entityType"), labels = column("labelsOrTypes"), properties = column("properties"), state = column("state"), percent = column("populationPercent"),
              owner = column("owningConstraint"), failure = column("failureMessage");
    for (const Json& row : r.rows) {
      auto at = [&](int i) -> const Json& {
        static const Json kNull;
        return i < static_cast<int>(row.size()) ? row[static_cast<size_t>(i)] : kNull;
      };
      SchemaObject& o = out.emplace_back();
      o.constraint = constraint;
      o.name = CypherText(at(name));
      o.kind = SchemaKindOf(CypherText(at(type)));
      o.relationship = CypherText(at(entity)) == "RELATIONSHIP";
      o.labels = Names(at(labels));
      o.properties = Names(at(properties));
      o.state = constraint ? "ONLINE" : CypherText(at(state));
      o.percent = at(percent).is_number() ? at(percent).get<double>() : 0;
      o.owner = CypherText(at(owner));
      // Before 5.0 it is not told; a constraint's index has its name.
      if (!constraint && owner == static_cast<int>(r.fields.size()) && std::any_of(out.begin(), out.end() - 1, [&](const SchemaObject& c) { return c.constraint && c.name == o.name; })) o.owner = o.name;
      o.failure = CypherText(at(failure));
    }
  }
  return out;
}

// The same object: by its name where it has one, else by what it is on.
bool Neo4jDatabase::Fits(const SchemaObject& o, const SchemaTarget& t, bool by_name) {
  if (o.constraint != t.constraint) return false;
  if (by_name) return o.name == t.name;
  if (o.relationship != t.relationship || o.kind != t.kind) return false;
  auto sorted = [](std::vector<std::string> v) {
    std::sort(v.begin(), v.end());
    return v;
  };
  return sorted(o.labels) == sorted(t.labels) && o.properties == t.properties;
}

// The index that the server made for a constraint and left behind when it was killed: of that name and on that label and property, or it is
// somebody else's.
bool Neo4jDatabase::IsOrphan(const SchemaObject& o, const SchemaTarget& t) {
  return t.present && t.constraint && !o.constraint && o.owner.empty() && !t.name.empty() && o.name == t.name && o.kind == "RANGE" && o.relationship == t.relationship && o.labels == t.labels && o.properties == t.properties;
}

absl::StatusOr<Database::Effect> Neo4jDatabase::Look(const Probe& probe) {
  if (probe.kind == ProbeKind::kRepeat) return Effect::kNotDone;
  if (probe.kind != ProbeKind::kSchema) return Effect::kUnknown;
  const absl::StatusOr<std::vector<SchemaObject>> all = ReadSchema();
  if (!all.ok()) return all.status();
  bool done = true, broken = false;
  for (const SchemaTarget& t : probe.targets) {
    const SchemaObject* named = nullptr;
    const SchemaObject* same = nullptr;
    for (const SchemaObject& o : *all) {
      if (!t.name.empty() && Fits(o, t, true)) named = &o;
      if (!t.labels.empty() && Fits(o, t, false)) same = &o;
      if (IsOrphan(o, t)) broken = true;
      if (t.present && !o.constraint && !t.constraint && ((!t.name.empty() && o.name == t.name) || (t.name.empty() && Fits(o, t, false))) && o.state == "FAILED") broken = true;
    }
    const SchemaObject* there = t.name.empty() || (t.present && same != nullptr && t.if_exists) ? same : named;
    if (!t.present) {
      done = done && (t.name.empty() ? same : named) == nullptr;
    } else {
      // A name alone is not enough: IF NOT EXISTS is content with another object of that name.
      done = done && there != nullptr && (t.labels.empty() || same != nullptr) && (there == same || t.labels.empty());
    }
  }
  return broken ? Effect::kBroken : done ? Effect::kDone : Effect::kNotDone;
}

absl::Status Neo4jDatabase::Clean(const Probe& probe) {
  const absl::StatusOr<std::vector<SchemaObject>> all = ReadSchema();
  if (!all.ok()) return all.status();
  CrashPoint("about to clean up");
  for (const SchemaTarget& t : probe.targets) {
    for (const SchemaObject& o : *all) {
      if (o.constraint || !t.present) continue;
      const bool orphan = IsOrphan(o, t);
      const bool failed = !t.constraint && o.state == "FAILED" && ((!t.name.empty() && o.name == t.name) || (t.name.empty() && Fits(o, t, false)));
      if (!orphan && !failed) continue;
      BeginWatch(settings_, /*locks=*/true);
      const CypherReply r = work_->Run(Marked(absl::StrCat("DROP INDEX ", Quoted(o.name), " IF EXISTS")));
      EndWatch();
      if (!r.ok()) return Failed(absl::StrCat("cannot drop the index ", o.name), *r.error);
    }
  }
  return absl::OkStatus();
}

// What the server says that it did is what the command asks for, unless it found something of that name (IF NOT EXISTS).
bool Neo4jDatabase::IsMade(const Probe& probe, const Json& counters) {
  auto count = [&](const char* name) { return counters.is_object() ? counters.value(name, int64_t{0}) : 0; };
  int64_t constraints = 0, indexes = 0;
  for (const SchemaTarget& t : probe.targets) {
    if (t.present) ++(t.constraint ? constraints : indexes);
  }
  return count("constraintsAdded") == constraints && count("indexesAdded") == indexes;
}

// A constraint is there once all that is there has been checked; an index is made at once and populated behind our back.
bool Neo4jDatabase::IsOnline(const Probe& probe) {
  for (const SchemaTarget& t : probe.targets) {
    if (!t.present || t.constraint) continue;
    // Looking at the schema costs the server twice as much. Seconds; an error says that it is not ONLINE yet, or never will be.
    if (t.name.empty() || !work_->Run("CALL db.awaitIndex($name, 1)", {{"name", t.name}}).ok()) return false;
  }
  return true;
}

bool Neo4jDatabase::IsQuick(const Probe& probe) {
  if (!populated_) populated_ = Populated();
  return IsOnNothing(probe);
}

// Labels and types of which nothing was there: an index of them is ONLINE at once, and what is recorded together is looked at together.
bool Neo4jDatabase::IsOnNothing(const Probe& probe) const {
  return populated_.has_value() && std::all_of(probe.targets.begin(), probe.targets.end(), [&](const SchemaTarget& t) {
    return !t.present || (!t.labels.empty() && std::none_of(t.labels.begin(), t.labels.end(), [&](const std::string& l) { return populated_->contains(t.relationship ? absl::StrCat("[:", l, "]") : l); }));
  });
}

std::optional<DbError> Neo4jDatabase::AwaitTogether() {
  const std::vector<const Probe*> probes = std::exchange(to_await_, {});
  if (probes.empty() || work_->Run("CALL db.awaitIndexes(1)").ok()) return std::nullopt;  // one second; all of the database's
  for (const Probe* p : probes) {
    if (std::optional<DbError> e = Await(*p, settings_)) return e;
  }
  return std::nullopt;
}

// It is there when it is ONLINE. And what IF NOT EXISTS found must be what was
// asked for.
std::optional<DbError> Neo4jDatabase::Await(const Probe& probe, const SessionSettings& settings) {
  const Clock::time_point begin = Clock::now();
  const int64_t limit = settings.statement_timeout_ms > 0 ? settings.statement_timeout_ms : kAwaitMs;
  progress_.clear();
  DbError error;
  for (int pause = 20;; pause = std::min(pause * 2, 500)) {
    const absl::StatusOr<std::vector<SchemaObject>> all = ReadSchema();
    if (!all.ok()) {
      error.text = std::string(all.status().message());
      error.lost = absl::IsUnavailable(all.status());
      return error;
    }
    bool waiting = false;
    for (const SchemaTarget& t : probe.targets) {
      if (!t.present) continue;
      const SchemaObject* named = nullptr;
      const SchemaObject* same = nullptr;
      for (const SchemaObject& o : *all) {
        if (!t.name.empty() && o.name == t.name) named = &o;
        if (!t.labels.empty() && Fits(o, t, false)) same = &o;
      }
      if (same == nullptr && !t.labels.empty()) {
        error.text = named == nullptr ? absl::StrCat("the ", What(t), " is not there, although the server reports success")
                                      : absl::StrCat("a ", named->constraint ? "constraint" : "index", " ", named->name, " is there already, ", named->kind, " of ", Shape(named->relationship, named->labels, named->properties), ", and not what the statement asks for: IF NOT EXISTS took it for that");
        error.advice = "Give the new one another name, or drop the old one first";
        return error;
      }
      const SchemaObject* o = same != nullptr ? same : named;
      if (o == nullptr || o->state == "ONLINE") continue;
      if (o->state == "FAILED") {
        error.text = absl::StrCat("the index ", o->name, " could not be populated: ", o->failure.empty() ? "the server's log says why" : o->failure.substr(0, std::min<size_t>(300, o->failure.find('\n'))));
        return error;
      }
      waiting = true;
      progress_ = absl::StrFormat("populating the index %s: %.0f %%", o->name, o->percent);
    }
    if (!waiting) break;
    const int64_t waited = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
    if (waited > limit) {
      error.text = absl::StrCat("after ", waited / 1000, " s still ", progress_);
      error.advice = "The server goes on populating it. Run the same command again: it waits on, or takes it as done";
      progress_.clear();
      return error;
    }
    for (int left = pause; left > 0; left -= 100) {
      std::this_thread::sleep_for(std::chrono::milliseconds(std::min(left, 100)));
      if (tick_) tick_();
    }
    if (ended_ == Ended::kCanceled) {
      error.text = absl::StrCat("no longer waiting: ", progress_);
      error.canceled = true;
      progress_.clear();
      return error;
    }
  }
  progress_.clear();
  return std::nullopt;
}

}  // namespace pawl
