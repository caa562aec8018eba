// A dry run on the server: run, and rolled back.
#include <algorithm>

#include "migrations/run/runner_internal.h"

namespace pawl {

// All that comes before the first statement which cannot be rolled back, in one transaction, so that each migration finds what
// those before it have made.
RunReport Runner::Rehearse() {
  struct Place { const PlanMigration* migration; size_t statements; };
  std::vector<Place> places;
  PlanUnit all;
  std::string left;  // what was not tried, and why
  for (const PlanMigration& m : plan_.migrations) {
    size_t count = 0;
    for (const PlanUnit& u : m.units) {
      if (!u.transaction) {
        left = absl::StrCat("`", ShownStatement(u.statements[0].sql), "` (", m.file, ":", u.statements[0].line, ") cannot be rolled back: it and what follows was not tried");
        break;
      }
      count += u.statements.size();
      all.statements.insert(all.statements.end(), u.statements.begin(), u.statements.end());
    }
    places.push_back({&m, count});
    if (!left.empty()) break;
  }
  SessionSettings settings = settings_;
  settings.lock_timeout_ms = settings.lock_timeout_ms > 0 ? std::min<int64_t>(settings.lock_timeout_ms, 1000) : 1000;
  unit_ = &all;
  unit_begin_ = looked_ = RunClock::now();
  const UnitOutcome out = db_.TryUnit(all, settings);
  unit_ = nullptr;
  size_t first = 0;
  bool stopped = false;  // by what only a transaction around all of them makes wrong
  for (const Place& p : places) {
    if (!out.ok() && out.failed < first + p.statements) {
      now_ = p.migration;
      // Legal once the migrations before it are committed.
      if (out.error->needs_commit) {
        stopped = true;
        left = absl::StrCat(Label(*p.migration), " needs what is committed before it (", out.error->text, "): it and what follows was not tried");
        break;
      }
    }
    first += p.statements;
    if (!left.empty() && &p == &places.back()) break;  // that has the statement which cannot be rolled back
    if (out.ok() || out.failed >= first) ++report_.done;
    else break;
  }
  if (!out.ok() && !stopped) {
    if (now_ == nullptr && !places.empty()) now_ = places.back().migration;
    Fail(*now_, all, out, "the rehearsal was rolled back; nothing was changed");
    report_.outcome = RunOutcome::kRefused;
    return report_;
  }
  now_ = nullptr;
  RunEvent e = Event("migration_rehearsal");
  e["tried"] = report_.done;
  e["of"] = plan_.migrations.size();
  e["duration_ms"] = static_cast<int64_t>(out.seconds * 1000);
  if (!left.empty()) e["left_out"] = left;
  Send(std::move(e));
  report_.message = left;
  (void)db_.ResetSession();
  return report_;
}

}  // namespace pawl
