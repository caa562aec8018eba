// Taking the run lock, and waiting for what an earlier run has left at work.
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "migrations/run/apply.h"

namespace pawl {
namespace {

using Clock = std::chrono::steady_clock;
double Since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

}  // namespace

absl::Status TakeRunLock(Database& database, int64_t wait_ms, const RunListener& listener) {
  const Clock::time_point begin = Clock::now();
  double said = -10;
  auto wait = [&](const char* what, const Session& who) {
    const double waited = Since(begin);
    if (waited - said >= 5 && listener) {
      RunEvent e;
      e["event"] = "run_lock_wait";
      e["what"] = what;
      if (who.pid != 0 || !who.id.empty()) e["held_by"] = Describe(who);
      listener(e);
      said = waited;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return waited * 1000 < static_cast<double>(wait_ms);
  };
  for (;;) {
    Session holder;
    const absl::StatusOr<bool> got = database.TryRunLock(&holder);
    if (!got.ok()) return got.status();
    if (*got) break;
    if (!wait("another pawl is applying to this database", holder)) {
      return absl::ResourceExhaustedError(absl::StrCat("another pawl is applying to this database: ", holder.pid == 0 && holder.id.empty() ? "it has just ended" : Describe(holder), ". Wait for it, or give --wait 10m to let pawl wait"));
    }
  }
  // A killed run's session ends within half a second where the server checks its clients; where it cannot, it ends with its statement.
  const int64_t patience = std::max<int64_t>(wait_ms, 3000);
  for (;;) {
    const absl::StatusOr<std::optional<Session>> orphan = database.FindOrphan();
    if (!orphan.ok()) return orphan.status();
    if (!orphan->has_value()) return absl::OkStatus();
    if (!wait("the session of an earlier, killed run still works", **orphan) && Since(begin) * 1000 > static_cast<double>(patience)) {
      return absl::ResourceExhaustedError(absl::StrCat("the session of an earlier run that was killed is still at work and may commit: ", Describe(**orphan), ". Wait until it ends, or end it with `pawl repair --cancel`"));
    }
  }
}

}  // namespace pawl
