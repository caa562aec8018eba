#include "migrations/run/state.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_replace.h"
#include "analyzer/source/sha256.h"

namespace pawl {
namespace {

// A row of a set that had no name when it was written belongs to the set that has the migration.
bool Belongs(std::string_view row_component, std::string_view component, bool has_file) { return row_component == component || (row_component.empty() && has_file); }

EditKind EditSince(const AppliedRow& row, const ScriptRef& script, Engine engine) {
  if (row.checksum.empty() || row.checksum == ScriptChecksum(script)) return EditKind::kSame;
  if (!row.script.empty()) {
    const Edit edit = ClassifyEdit(row.script, ScriptText(script), engine);
    return edit.kind == EditKind::kSame ? EditKind::kFormatting : edit.kind;
  }
  return !row.token_checksum.empty() && row.token_checksum == HashTokens(ScriptText(script), engine) ? EditKind::kComments : EditKind::kMeaning;
}

}  // namespace

std::string_view ToString(AttemptStatus s) {
  switch (s) {
    case AttemptStatus::kRunning: return "running";
    case AttemptStatus::kApplied: return "applied";
    case AttemptStatus::kFailed: return "failed";
    case AttemptStatus::kRolledBack: return "rolled back";
    case AttemptStatus::kBaseline: return "baseline";
    case AttemptStatus::kRepaired: return "repaired";
  }
  return "";
}

std::string_view ToString(MigrationStatus s) {
  switch (s) {
    case MigrationStatus::kApplied: return "applied";
    case MigrationStatus::kPending: return "pending";
    case MigrationStatus::kOutOfOrder: return "out of order";
    case MigrationStatus::kFailed: return "failed";
    case MigrationStatus::kInterrupted: return "interrupted";
    case MigrationStatus::kRunning: return "running";
    case MigrationStatus::kMissing: return "missing";
  }
  return "";
}

std::string_view ScriptText(const ScriptRef& script) { return script.file->Slice(script.section); }

std::string ScriptChecksum(const ScriptRef& script) {
  const std::string_view text = ScriptText(script);
  if (text.find('\r') == std::string_view::npos) return Sha256Hex(text);
  return Sha256Hex(absl::StrReplaceAll(text, {{"\r\n", "\n"}}));
}

SetState CompareWithHistory(const MigrationSet& set, std::string_view component, const HistorySnapshot& history) {
  // A repeatable script has no version: it is known by its name.
  auto key = [](std::string_view version, std::string_view name) { return version.empty() ? name : version; };
  absl::flat_hash_map<std::string_view, const AppliedRow*> rows;
  for (const AppliedRow& r : history.applied) {
    if (r.component == component || r.component.empty()) rows.insert_or_assign(key(r.version, r.name), &r);
  }
  absl::flat_hash_map<std::string_view, const Attempt*> attempts;
  for (const Attempt& a : history.open) {
    if (a.component == component || a.component.empty()) attempts.insert_or_assign(key(a.version, a.name), &a);
  }
  SetState state;
  absl::flat_hash_map<std::string_view, bool> seen;
  int newest_applied = -1;
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& m = set.migrations[i];
    if (!m.repeatable && rows.contains(key(m.version, m.name))) newest_applied = static_cast<int>(i);
  }
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& m = set.migrations[i];
    MigrationState s;
    s.version = m.version;
    s.name = m.name;
    s.migration = &m;
    const std::string_view k = key(m.version, m.name);
    seen[k] = true;
    if (const auto it = rows.find(k); it != rows.end()) s.row = it->second;
    if (const auto it = attempts.find(k); it != attempts.end()) s.attempt = it->second;
    // Adopted or recorded by hand since it failed. A repeatable script has a row of its last success.
    if (s.row != nullptr && s.attempt != nullptr && s.attempt->direction == Direction::kUp && !m.repeatable) s.attempt = nullptr;
    if (s.row != nullptr) {
      s.status = MigrationStatus::kApplied;
      s.overridden = !s.row->recorded_checksum.empty() && s.row->recorded_checksum != s.row->checksum;
      if (m.up) s.edit = EditSince(*s.row, *m.up, set.engine);
      if (m.repeatable && s.edit != EditKind::kSame) {
        s.status = MigrationStatus::kPending;
        s.changed_repeatable = true;
        s.edit = EditKind::kSame;
      }
    } else if (!m.repeatable && set.ordered && static_cast<int>(i) < newest_applied) {
      s.status = MigrationStatus::kOutOfOrder;
    }
    if (s.attempt != nullptr && s.attempt->status == AttemptStatus::kRunning) {
      s.status = s.attempt->backend_alive ? MigrationStatus::kRunning : MigrationStatus::kInterrupted;
    } else if (s.attempt != nullptr && s.attempt->status == AttemptStatus::kFailed) {
      s.status = s.attempt->units_done > 0 ? MigrationStatus::kInterrupted : s.attempt->direction == Direction::kUp ? MigrationStatus::kFailed : s.status;
    }
    state.migrations.push_back(std::move(s));
  }
  for (const AppliedRow& r : history.applied) {
    if (!Belongs(r.component, component, false) || seen.contains(key(r.version, r.name)) || !set.complete) continue;
    MigrationState s;
    s.status = MigrationStatus::kMissing;
    s.version = r.version;
    s.name = r.name;
    s.row = &r;
    // In its place among those that have a file and follow in the database.
    const auto at = std::find_if(state.migrations.begin(), state.migrations.end(), [&](const MigrationState& other) {
      return other.migration != nullptr && !other.migration->repeatable && (other.version.size() == r.version.size() ? other.version > r.version : other.version.size() > r.version.size());
    });
    state.migrations.insert(at, std::move(s));
  }
  for (const MigrationState& s : state.migrations) {
    switch (s.status) {
      case MigrationStatus::kApplied: ++state.applied; break;
      case MigrationStatus::kPending: ++state.pending; break;
      case MigrationStatus::kOutOfOrder: ++state.out_of_order; break;
      case MigrationStatus::kFailed: ++state.failed; break;
      case MigrationStatus::kInterrupted: ++state.interrupted; break;
      case MigrationStatus::kRunning: ++state.running; break;
      case MigrationStatus::kMissing: ++state.missing; break;
    }
    if (s.edit == EditKind::kMeaning && s.status == MigrationStatus::kApplied) ++state.edited;
  }
  return state;
}

}  // namespace pawl
