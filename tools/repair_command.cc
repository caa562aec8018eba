// pawl repair, pawl baseline, pawl new: the record put right by hand, adopted from another tool, and the next migration's files.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analyzer/source/atomic_write.h"
#include "migrations/history/edit.h"
#include "tools/runner.h"

namespace pawl {
namespace {

std::string Key(const MigrationState& m) { return m.version.empty() ? absl::StrCat("R__", m.name) : m.version; }

AppliedRow RowOf(const RunnerSet& set, const Migration& m, std::string status) {
  AppliedRow r;
  r.component = set.component;
  r.version = m.version;
  r.name = m.name;
  r.status = std::move(status);
  r.applied_by = WhoRuns();
  r.pawl_version = kVersion;
  if (m.up) {
    r.checksum = ScriptChecksum(*m.up);
    r.token_checksum = HashTokens(ScriptText(*m.up), set.set->engine);
    r.script = std::string(ScriptText(*m.up));
  }
  return r;
}

Attempt LogOf(const RunnerSet& set, std::string_view version, std::string_view name, AttemptStatus status, std::string note) {
  Attempt a;
  a.component = set.component;
  a.version = std::string(version);
  a.name = std::string(name);
  a.status = status;
  a.units_done = a.units_total = 1;
  a.run_by = WhoRuns();
  a.host = HostName();
  a.note = std::move(note);
  return a;
}

bool Confirmed(const RunnerOptions& options, const std::string& question) {
  if (options.yes) return true;
  if (isatty(STDIN_FILENO) != 1) return false;
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  char answer[16] = "";
  return std::fgets(answer, sizeof answer, stdin) != nullptr && (answer[0] == 'y' || answer[0] == 'Y');
}

// The name by which another tool records a migration of this set.
bool SameMigration(const Migration& m, const std::string& foreign) {
  if (m.version == foreign || m.name == foreign || absl::StrCat(m.version, "_", m.name) == foreign) return true;
  std::string stem = foreign;
  for (std::string_view ending : {".sql", ".js", ".ts", ".up.sql"}) {
    if (absl::EndsWith(stem, ending)) stem.resize(stem.size() - ending.size());
  }
  if (absl::StrCat(m.version, "_", m.name) == stem || (m.up && absl::StrContains(m.up->file->path(), absl::StrCat("/", stem)))) return true;
  int64_t a, b;
  if (absl::SimpleAtoi(m.version, &a) && absl::SimpleAtoi(foreign, &b)) return a == b;
  // diesel keeps 2020-01-01-000000 as 20200101000000.
  std::string digits;
  for (char c : m.version) {
    if (absl::ascii_isdigit(c)) digits += c;
  }
  return !digits.empty() && digits == foreign;
}

}  // namespace

int RepairCommand(const RunnerOptions& options) {
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(options);
  if (!set.ok()) return FailWith(set.status());
  absl::StatusOr<RunnerSession> session = Connect(**set, "repair");
  if (!session.ok()) return FailWith(session.status());
  Database& db = *session->database;
  if (options.cancel) {
    Session holder;
    const absl::StatusOr<bool> lock = db.TryRunLock(&holder);
    if (!lock.ok()) return FailWith(lock.status());
    if (!*lock) return FailWith(kExitLocked, absl::StrCat("another pawl is at work, and it is alive: ", Describe(holder)));
    const absl::StatusOr<std::optional<Session>> orphan = db.FindOrphan();
    if (!orphan.ok()) return FailWith(orphan.status());
    if (!orphan->has_value()) {
      std::printf("no session of an earlier run is left\n");
      return kExitDone;
    }
    if (!Confirmed(options, absl::StrCat("cancel ", Describe(**orphan), "?"))) return FailWith(kExitRefused, "nothing was changed: say --yes");
    if (const absl::Status s = db.CancelSession(**orphan); !s.ok()) return FailWith(s);
    std::printf("canceled %s\n", Describe(**orphan).c_str());
    return kExitDone;
  }
  const int chosen = options.retry + options.mark_applied + options.mark_rolled_back;
  if (const absl::Status locked = TakeRunLock(db, options.wait_ms.value_or(60'000), nullptr); !locked.ok()) return FailWith(locked);
  absl::StatusOr<std::unique_ptr<KnownState>> known = ReadState(**set, db);
  if (!known.ok()) return FailWith(known.status());
  std::vector<const MigrationState*> broken;
  for (const MigrationState& m : (*known)->state.migrations) {
    const bool named = !options.version.empty() && (Key(m) == options.version || absl::StrCat(m.version, "_", m.name) == options.version);
    if (named || (options.version.empty() && (m.status == MigrationStatus::kFailed || m.status == MigrationStatus::kInterrupted))) broken.push_back(&m);
  }
  if (broken.empty()) {
    if (!options.version.empty()) return FailWith(kExitTool, absl::StrCat("there is no migration `", options.version, "`"));
    std::printf("nothing to repair: no migration is failed or interrupted\n");
    return kExitDone;
  }
  if (chosen != 1) {
    for (const MigrationState* m : broken) {
      std::printf("%s %s: %s", Key(*m).c_str(), m->name.c_str(), std::string(ToString(m->status)).c_str());
      if (m->attempt != nullptr) std::printf(", %d of %d parts are committed; stopped at %s:%u: %s", m->attempt->units_done, m->attempt->units_total, m->attempt->file.c_str(), m->attempt->line, m->attempt->statement.c_str());
      std::printf("\n");
    }
    return FailWith(kExitTool, "say one of --retry (run it, or the rest of it, again), --mark-applied (it is all there), --mark-rolled-back (nothing of it is left)");
  }
  if (broken.size() > 1 && options.version.empty()) return FailWith(kExitTool, "more than one migration needs repair: name one with --version");
  const MigrationState& m = *broken[0];
  const char* what = options.retry ? m.attempt != nullptr && m.attempt->units_done > 0 ? "go on where it stopped" : "be run again" : options.mark_applied ? "be recorded as applied" : "be recorded as not applied";
  if (!Confirmed(options, absl::StrCat("shall ", Key(m), " ", what, "?"))) return FailWith(kExitRefused, "nothing was changed: say --yes");
  if (const absl::Status s = db.PrepareHistory(); !s.ok()) return FailWith(s);
  absl::Status done;
  if (options.retry) {
    if (m.attempt == nullptr) return FailWith(kExitTool, absl::StrCat("migration ", Key(m), " is ", ToString(m.status), ": there is no attempt to be repeated"));
    // Its committed parts stay committed; the one that was running counts as not done.
    Attempt again = *m.attempt;
    again.status = AttemptStatus::kFailed;
    if (again.error.empty()) again.error = absl::StrCat("interrupted; ", WhoRuns(), " says that it shall run again", options.reason.empty() ? "" : ": ", options.reason);
    if (const absl::StatusOr<int64_t> id = db.WriteAttempt(again); !id.ok()) return FailWith(id.status());
    if (again.units_done > 0) std::printf("%s %s goes on at part %d of %d with the next `pawl %s`\n", Key(m).c_str(), m.name.c_str(), again.units_done + 1, again.units_total, again.direction == Direction::kDown ? "rollback" : "apply");
    else std::printf("%s %s is now pending\n", Key(m).c_str(), m.name.c_str());
    return kExitDone;
  }
  if (options.mark_applied) {
    if (m.migration == nullptr) return FailWith(kExitTool, absl::StrCat("the file of ", Key(m), " is gone, so its checksum cannot be recorded"));
    done = db.WriteApplied({RowOf(**set, *m.migration, "marked")});
  } else if (options.mark_rolled_back) {
    done = db.RemoveApplied((*set)->component, Key(m));
  }
  if (!done.ok()) return FailWith(done);
  // The newest row of the log decides: this one closes whatever attempt was open.
  const absl::StatusOr<int64_t> id = db.WriteAttempt(LogOf(**set, m.version, m.name, AttemptStatus::kRepaired, absl::StrCat(what, options.reason.empty() ? "" : ": ", options.reason)));
  if (!id.ok()) return FailWith(id.status());
  std::printf("%s %s is now %s\n", Key(m).c_str(), m.name.c_str(), options.mark_applied ? "applied" : "pending");
  return kExitDone;
}

int BaselineCommand(const RunnerOptions& options) {
  absl::StatusOr<std::unique_ptr<RunnerSet>> set = FindRunnerSet(options);
  if (!set.ok()) return FailWith(set.status());
  absl::StatusOr<RunnerSession> session = Connect(**set, "baseline");
  if (!session.ok()) return FailWith(session.status());
  Database& db = *session->database;
  if (const absl::Status locked = TakeRunLock(db, options.wait_ms.value_or(60'000), nullptr); !locked.ok()) return FailWith(locked);
  absl::StatusOr<std::unique_ptr<KnownState>> known = ReadState(**set, db);
  if (!known.ok()) return FailWith(known.status());
  std::vector<const Migration*> adopt;
  std::string how;
  const std::vector<Migration>& all = (*set)->set->migrations;
  if (!options.from.empty()) {
    const ForeignHistory* history = nullptr;
    std::vector<std::string> found;
    for (const ForeignHistory& f : (*known)->history.foreign) {
      found.push_back(f.tool);
      if (f.tool == options.from) history = &f;
    }
    if (history == nullptr) return FailWith(kExitTool, absl::StrCat("this database has no table of `", options.from, "`", found.empty() ? "" : absl::StrCat("; it has one of ", absl::StrJoin(found, ", "))));
    if (!history->failed.empty()) return FailWith(kExitRefused, absl::StrCat(history->tool, " says that ", absl::StrJoin(history->failed, ", "), " failed: settle that with ", history->tool, " first"));
    std::vector<std::string> unknown;
    for (const std::string& v : history->versions) {
      const auto at = std::find_if(all.begin(), all.end(), [&](const Migration& m) { return SameMigration(m, v); });
      if (at == all.end()) unknown.push_back(v);
      else if (!history->single_version) adopt.push_back(&*at);
      else for (auto m = all.begin(); m <= at; ++m) adopt.push_back(&*m);
    }
    if (!unknown.empty()) return FailWith(kExitRefused, absl::StrCat(history->tool, " has applied ", absl::StrJoin(unknown, ", "), ", and there is no such file; nothing was recorded"));
    how = absl::StrCat("from ", history->tool, "'s ", history->table);
  } else {
    if (options.to.empty()) return FailWith(kExitTool, "say up to which version the database is already migrated, with --to VERSION, or from whose record, with --from TOOL");
    const auto at = std::find_if(all.begin(), all.end(), [&](const Migration& m) { return SameMigration(m, options.to); });
    if (at == all.end()) return FailWith(kExitTool, absl::StrCat("there is no migration `", options.to, "`"));
    for (auto m = all.begin(); m <= at; ++m) adopt.push_back(&*m);
    how = absl::StrCat("up to ", options.to);
  }
  absl::flat_hash_set<const Migration*> recorded;
  for (const MigrationState& m : (*known)->state.migrations) {
    if (m.row != nullptr) recorded.insert(m.migration);
  }
  std::erase_if(adopt, [&](const Migration* m) { return recorded.contains(m) || m->repeatable; });
  if (adopt.empty()) {
    std::printf("nothing to adopt: all of them are recorded\n");
    return kExitDone;
  }
  if (!Confirmed(options, absl::StrCat("record ", adopt.size(), " migrations as applied, ", how, ", without running them?"))) return FailWith(kExitRefused, "nothing was changed: say --yes");
  std::vector<AppliedRow> rows;
  for (const Migration* m : adopt) rows.push_back(RowOf(**set, *m, "baseline"));
  if (const absl::Status s = db.WriteApplied(rows); !s.ok()) return FailWith(s);
  const absl::StatusOr<int64_t> id = db.WriteAttempt(LogOf(**set, adopt.back()->version, adopt.back()->name, AttemptStatus::kBaseline, absl::StrCat(adopt.size(), " migrations ", how, options.reason.empty() ? "" : ": ", options.reason)));
  if (!id.ok()) return FailWith(id.status());
  std::printf("%zu migrations are recorded as applied, %s\n", adopt.size(), how.c_str());
  return kExitDone;
}

int NewCommand(const RunnerOptions& options) {
  if (options.message.empty()) return FailWith(kExitTool, "what does the migration do? `pawl new add_email`");
  std::string slug;
  for (char c : options.message) slug += absl::ascii_isalnum(c) ? absl::ascii_tolower(c) : '_';
  RunnerOptions find = options;
  absl::StatusOr<std::unique_ptr<RunnerSet>> found = FindRunnerSet(find);
  if (!found.ok()) return FailWith(found.status());
  const MigrationSet& set = *(*found)->set;
  char stamp[32], dashed[32];
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  gmtime_r(&now, &utc);
  std::strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", &utc);
  std::strftime(dashed, sizeof dashed, "%Y-%m-%d-%H%M%S", &utc);
  // The next number, as wide as the others; timestamps where versions are timestamps.
  std::string last;
  for (const Migration& m : set.migrations) {
    if (!m.version.empty()) last = m.version;
  }
  int64_t number = 0;
  std::string version = stamp;
  if (absl::SimpleAtoi(last, &number) && last.size() < 12) version = absl::StrFormat("%0*d", static_cast<int>(last.size()), number + 1);
  else if (last.size() == 12) version.resize(12);
  else if (last.size() == 13) version = absl::StrCat(static_cast<int64_t>(now) * 1000);
  const std::string up_comment = absl::StrCat("-- ", options.message, "\n");
  std::vector<std::pair<std::string, std::string>> files;
  switch (set.layout) {
    case Layout::kGolangMigrate: files = {{absl::StrCat(version, "_", slug, ".up.sql"), up_comment}, {absl::StrCat(version, "_", slug, ".down.sql"), up_comment}}; break;
    case Layout::kSqlx: {
      const bool pairs = set.has_downs;
      if (pairs) files = {{absl::StrCat(version, "_", slug, ".up.sql"), up_comment}, {absl::StrCat(version, "_", slug, ".down.sql"), up_comment}};
      else files = {{absl::StrCat(version, "_", slug, ".sql"), up_comment}};
      break;
    }
    case Layout::kDbmate: files = {{absl::StrCat(version, "_", slug, ".sql"), "-- migrate:up\n\n\n-- migrate:down\n\n"}}; break;
    case Layout::kGoose: files = {{absl::StrCat(version, "_", slug, ".sql"), "-- +goose Up\n\n\n-- +goose Down\n\n"}}; break;
    case Layout::kSqlMigrate: files = {{absl::StrCat(version, "_", slug, ".sql"), "-- +migrate Up\n\n\n-- +migrate Down\n\n"}}; break;
    case Layout::kFlyway: files = {{absl::StrCat("V", last.size() < 12 && number > 0 ? absl::StrCat(number + 1) : version, "__", slug, ".sql"), up_comment}}; break;
    case Layout::kPrisma: files = {{absl::StrCat(stamp, "_", slug, "/migration.sql"), up_comment}}; break;
    case Layout::kDiesel: files = {{absl::StrCat(dashed, "_", slug, "/up.sql"), up_comment}, {absl::StrCat(dashed, "_", slug, "/down.sql"), up_comment}}; break;
    case Layout::kNodePgMigrate: files = {{absl::StrCat(version, "_", slug, ".sql"), "-- Up Migration\n\n\n-- Down Migration\n\n"}}; break;
    case Layout::kLiquibase: files = {{absl::StrCat(version, "_", slug, ".sql"), absl::StrCat("--liquibase formatted sql\n\n--changeset ", WhoRuns(), ":", slug, "\n\n--rollback \n")}}; break;
    case Layout::kNeo4jMigrations: files = {{absl::StrCat("V", number > 0 ? absl::StrCat(number + 1) : version, "__", slug, ".cypher"), absl::StrCat("// ", options.message, "\n")}}; break;
    default: files = {{absl::StrCat(version, "_", slug, ".sql"), absl::StrCat("-- Migration: ", options.message, "\n-- Up migration\n\n\n-- Down migration (rollback)\n-- \n")}}; break;
  }
  const std::string root = set.root.empty() ? "." : set.root;
  for (const auto& [name, text] : files) {
    const std::string path = absl::StrCat(root, "/", name);
    if (const size_t slash = name.find('/'); slash != std::string::npos) mkdir(absl::StrCat(root, "/", name.substr(0, slash)).c_str(), 0777);
    struct stat st;
    if (stat(path.c_str(), &st) == 0) return FailWith(kExitTool, absl::StrCat(path, " is already there"));
    if (const absl::Status s = WriteFileAtomically(path, text); !s.ok()) return FailWith(kExitTool, s.message());
    std::printf("%s\n", path.c_str());
  }
  return kExitDone;
}

}  // namespace pawl
