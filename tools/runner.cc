#include "tools/runner.h"

#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "migrations/database/neo4j.h"
#include "migrations/database/postgres.h"
#include "analyzer/finding/nearest_name.h"

namespace pawl {
namespace {

std::string Now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const int ms = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000);
  std::tm utc;
  gmtime_r(&seconds, &utc);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms);
  return text;
}

bool Exists(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0;
}

std::string Variable(const char* name) {
  const char* v = std::getenv(name);
  return v == nullptr ? std::string() : std::string(v);
}

}  // namespace

int FailWith(int code, std::string_view message) {
  std::fprintf(stderr, "pawl: %.*s\n", static_cast<int>(message.size()), message.data());
  return code;
}

int FailWith(const absl::Status& status) {
  int code = kExitTool;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable: code = kExitUnreachable; break;
    case absl::StatusCode::kResourceExhausted: code = kExitLocked; break;
    case absl::StatusCode::kFailedPrecondition: code = kExitRefused; break;
    default: break;
  }
  return FailWith(code, status.message());
}

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

std::string WhoRuns() {
  for (const char* name : {"PAWL_USER", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "SUDO_USER"}) {
    if (const std::string v = Variable(name); !v.empty()) return v;
  }
  const passwd* p = getpwuid(getuid());
  if (p != nullptr && p->pw_name != nullptr) return p->pw_name;
  const std::string user = Variable("USER");
  return user.empty() ? absl::StrCat("uid ", getuid()) : user;
}

absl::StatusOr<std::unique_ptr<RunnerSet>> FindRunnerSet(const RunnerOptions& options) {
  auto found = std::make_unique<RunnerSet>();
  RunnerSet& s = *found;
  std::string wanted = options.component.empty() ? options.set : options.component;
  if (!options.isolated) {
    absl::StatusOr<Config> config = options.config.empty() ? FindConfig(Exists(wanted) ? wanted : std::string()) : LoadConfig(options.config);
    if (!config.ok()) return absl::InvalidArgumentError(config.status().message());
    s.config = *std::move(config);
  }
  std::string path = wanted;
  if (const SetConfig* set = s.config.FindSet(wanted); set != nullptr && !wanted.empty()) {
    s.configured = set;
  } else if (wanted.empty() && s.config.sets.size() == 1) {
    s.configured = &s.config.sets[0];
  } else if (wanted.empty() && s.config.sets.size() > 1) {
    std::vector<std::string> names;
    for (const SetConfig& c : s.config.sets) names.push_back(c.name);
    return absl::InvalidArgumentError(absl::StrCat("which set? ", s.config.file, " has ", absl::StrJoin(names, ", ")));
  } else if (wanted.empty()) {
    path = ".";
  } else if (absl::StrContains(wanted, "://")) {
    return absl::InvalidArgumentError("an address of a database stands where a set or a folder is expected (it is not shown, for it may have a password): give it with --url, or better with --url-env NAME");
  } else if (!Exists(wanted)) {
    std::vector<std::string_view> names;
    for (const SetConfig& c : s.config.sets) names.push_back(c.name);
    const std::string_view near = NearestName(wanted, names);
    return absl::InvalidArgumentError(absl::StrCat("`", wanted, "` is neither a set of ", s.config.file.empty() ? "pawl.toml (there is none here)" : s.config.file, " nor a folder", near.empty() ? "" : absl::StrCat("; did you mean `", near, "`?")));
  } else {
    // A folder that pawl.toml knows is that set.
    for (const SetConfig& c : s.config.sets) {
      struct stat a, b;
      if (stat(c.path.c_str(), &a) == 0 && stat(wanted.c_str(), &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino) s.configured = &c;
    }
  }
  if (s.configured != nullptr) {
    path = s.configured->path;
    s.component = s.configured->name;
    s.environment = s.configured->environment;
    s.target.set_url_env = s.configured->url_env;
    s.target.set_env_file = s.configured->env_file;
  }
  if (!options.environment.empty()) s.environment = options.environment;
  s.environment = absl::AsciiStrToLower(absl::StripAsciiWhitespace(s.environment));
  // A guard that a slip of the pen opens is none: "Production", "prod", "prod-eu" are production.
  if (absl::StartsWith(s.environment, "prod")) s.environment = "production";
  if (s.environment.empty()) s.environment = "development";
  s.target.url = options.url;
  s.target.url_env = options.url_env;
  s.target.env_file = options.env_file;

  DiscoverOptions discover;
  discover.paths = {path};
  if (s.configured != nullptr) {
    discover.layout = s.configured->layout;
    discover.engine = s.configured->engine;
    discover.transaction = s.configured->transaction;
  }
  if (options.layout) discover.layout = options.layout;
  s.discovered = Discover(discover);
  for (const DiscoverProblem& p : s.discovered.problems) s.problems.push_back(absl::StrCat(p.path, " ", p.message));
  if (!s.problems.empty()) return absl::InvalidArgumentError(absl::StrCat("not every migration can be read, so nothing is run: ", absl::StrJoin(s.problems, "; ")));
  std::vector<MigrationSet*> sets;
  for (MigrationSet& m : s.discovered.sets) {
    if (!m.migrations.empty()) sets.push_back(&m);
  }
  if (sets.empty()) {
    if (s.discovered.sets.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " holds no migrations"));
    sets.push_back(&s.discovered.sets[0]);
  }
  if (sets.size() > 1) {
    std::vector<std::string> roots;
    for (const MigrationSet* m : sets) roots.push_back(absl::StrCat(m->root, " (", ToString(m->layout), ")"));
    return absl::InvalidArgumentError(absl::StrCat(path, " holds more than one set of migrations: ", absl::StrJoin(roots, ", "), ". Name one of them, or name sets in pawl.toml"));
  }
  s.set = sets[0];
  if (!s.set->strays.empty()) {
    std::vector<std::string> names;
    for (const StrayFile& f : s.set->strays) names.push_back(absl::StrCat(f.file->path(), " (", f.reason, ")"));
    return absl::InvalidArgumentError(absl::StrCat("not every file in ", path, " fits the layout ", ToString(s.set->layout), ", so it is not known what to run: ", absl::StrJoin(names, "; "), ". Rename or move them"));
  }
  s.target.engine = s.set->engine;
  return found;
}

absl::StatusOr<RunnerSession> Connect(const RunnerSet& set, std::string_view command) {
  RunnerSession session;
  absl::StatusOr<Target> target = FindTarget(set.target);
  if (!target.ok()) return absl::InvalidArgumentError(target.status().message());
  session.target = *std::move(target);
  if (set.set->engine == Engine::kNeo4j) {
    absl::StatusOr<std::unique_ptr<Neo4jDatabase>> db = Neo4jDatabase::Open(session.target, set.component, command);
    if (!db.ok()) return db.status();
    session.database = *std::move(db);
    return session;
  }
  absl::StatusOr<std::unique_ptr<PostgresDatabase>> db = PostgresDatabase::Open(session.target, set.component, command);
  if (!db.ok()) return db.status();
  session.database = *std::move(db);
  return session;
}

absl::StatusOr<std::unique_ptr<KnownState>> ReadState(const RunnerSet& set, Database& database) {
  auto known = std::make_unique<KnownState>();
  for (const bool scripts : {false, true}) {
    absl::StatusOr<HistorySnapshot> history = database.ReadHistory(scripts);
    if (!history.ok()) return history.status();
    known->history = *std::move(history);
    known->state = CompareWithHistory(*set.set, set.component, known->history);
    bool edited = false;
    for (const MigrationState& m : known->state.migrations) edited = edited || m.edit != EditKind::kSame || m.changed_repeatable;
    if (!edited) break;
  }
  return known;
}

PlanSettings SettingsOf(const RunnerSet& set, const RunnerOptions& options) {
  const ApplyConfig& c = set.config.apply;
  PlanSettings s;
  s.lock_timeout_ms = options.lock_timeout_ms.value_or(c.lock_timeout_ms.value_or(s.lock_timeout_ms));
  s.statement_timeout_ms = options.statement_timeout_ms.value_or(c.statement_timeout_ms.value_or(s.statement_timeout_ms));
  s.window_ms = options.window_ms.value_or(c.window_ms.value_or(s.window_ms));
  s.retries = options.retries.value_or(static_cast<int>(c.retries.value_or(s.retries)));
  return s;
}

EventPrinter::EventPrinter(const RunnerOptions& options, const Target* target) : options_(options), target_(target) {
  terminal_ = isatty(STDERR_FILENO) == 1 && !options.json;
  if (options.log == "-") {
    log_ = stderr;
  } else if (!options.log.empty()) {
    log_ = std::fopen(options.log.c_str(), "ae");
    close_ = true;
    if (log_ == nullptr) status_ = absl::InvalidArgumentError(absl::StrCat("cannot write the log to ", options.log));
  }
}

EventPrinter::~EventPrinter() {
  if (progress_shown_) std::fputs("\r\033[K", stderr);
  if (close_ && log_ != nullptr) std::fclose(log_);
}

void EventPrinter::operator()(const RunEvent& event) {
  RunEvent e;
  e["ts"] = Now();
  for (const auto& [key, value] : event.items()) e[key] = value;
  if (log_ != nullptr) {
    const std::string line = Redact(*target_, e.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) + "\n";
    const bool whole = std::fwrite(line.data(), 1, line.size(), log_) == line.size() && std::fflush(log_) == 0;
    if (!whole && !log_broken_) {  // the run goes on: what it does is recorded in the database
      log_broken_ = true;
      FailWith(0, absl::StrCat("the log ", options_.log, " lacks events from here on: ", std::strerror(errno)));
    }
  }
  if (!options_.quiet && log_ != stderr) Human(e);
  if (e["event"] != "migration_progress") events_.push_back(std::move(e));
}

void EventPrinter::Human(const RunEvent& e) {
  const std::string event = e.value("event", "");
  std::string label = e.value("version", "");
  if (const std::string name = e.value("name", ""); !name.empty()) absl::StrAppend(&label, label.empty() ? "" : " ", name);
  std::string line;
  bool in_place = false;
  if (event == "migration_finish" && e.value("status", "") != "failed") {
    line = absl::StrCat("  ", label, "  ", e.value("status", ""), "  ", e.value("duration_ms", 0), " ms");
    if (options_.verbose && e.contains("notices")) {
      for (const auto& n : e["notices"]) absl::StrAppend(&line, "\n      ", n.get<std::string>());
    }
  } else if (event == "migration_progress") {
    line = absl::StrCat("  ", label, "  running for ", e.value("running_s", 0), " s");
    if (e.contains("progress")) absl::StrAppend(&line, ", ", e["progress"].get<std::string>());
    if (e.contains("waits_for")) absl::StrAppend(&line, ", waits for ", e["waits_for"][0].get<std::string>());
    if (e.contains("waits_for_us")) absl::StrAppend(&line, "; ", e["waits_for_us"].size(), " waiting for it: ", e["waits_for_us"][0].get<std::string>());
    in_place = terminal_;
    const double now = static_cast<double>(std::clock()) / CLOCKS_PER_SEC + static_cast<double>(std::time(nullptr));
    if (!terminal_ && now - last_plain_ < 10) return;
    last_plain_ = now;
  } else if (event == "migration_retry") {
    line = absl::StrCat("  ", label, "  ", e.value("error", ""), "; trying again (", e.value("retry", 0), " of ", e.value("of", 0), ")");
  } else if (event == "migration_resume") {
    line = absl::StrCat("  ", label, "  goes on after ", e.value("parts_done", 0), " of ", e.value("parts", 0), " parts");
  } else if (event == "migration_cleanup") {
    line = absl::StrCat("  ", label, "  ", e.value("what", ""));
  } else if (event == "run_lock_wait") {
    line = absl::StrCat("  waiting: ", e.value("what", ""), e.contains("held_by") ? absl::StrCat(": ", e["held_by"].get<std::string>()) : "");
  } else if (event == "migration_pre_checks" || event == "migration_post_checks") {
    if (e.value("ok", true) && !options_.verbose) return;
    line = absl::StrCat("  ", e.value("ok", true) ? "ok " : e.value("warning", false) ? "note " : "FAILED ", e.value("check", ""), e.contains("detail") ? absl::StrCat(": ", e["detail"].get<std::string>()) : "");
  } else if (event == "migration_start" && options_.verbose) {
    line = absl::StrCat("  ", label, " …");
  } else {
    return;
  }
  line = Redact(*target_, line);
  if (progress_shown_) std::fputs("\r\033[K", stderr);
  progress_shown_ = false;
  if (in_place) {
    winsize size{};
    const size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col - 1u : 100u;
    if (line.size() > width) line.resize(width);
    std::fputs(line.c_str(), stderr);
    progress_shown_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::fflush(stderr);
}

}  // namespace pawl
