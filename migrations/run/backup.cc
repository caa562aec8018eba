#include "migrations/run/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "migrations/database/neo4j_target.h"
#include "migrations/history/subprocess.h"

extern char** environ;

namespace pawl {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double Since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

// The end of what a program said on standard error: usually the reason.
std::string LastWords(const Target& target, std::string_view err) {
  std::vector<std::string_view> lines = absl::StrSplit(err, '\n', absl::SkipWhitespace());
  if (lines.size() > 4) lines.erase(lines.begin(), lines.end() - 4);
  for (std::string_view& l : lines) l = absl::StripAsciiWhitespace(l);
  return Redact(target, lines.empty() ? std::string("it said nothing") : absl::StrJoin(lines, "; "));
}

// Runs a program and tells meanwhile how large the file is.
absl::StatusOr<SubprocessResult> RunWatched(const std::vector<std::string>& argv, const std::vector<std::string>& environment, const std::string& file, const BackupRequest& request) {
  absl::StatusOr<SubprocessResult> result = absl::InternalError("not run");
  std::atomic<bool> done{false};
  std::thread runner([&] {
    result = RunProgram(argv, environment);
    done.store(true);
  });
  const Clock::time_point begin = Clock::now();
  for (double told = 0; !done.load(); std::this_thread::sleep_for(std::chrono::milliseconds(5))) {
    if (!request.progress || Since(begin) - told < 1) continue;
    told = Since(begin);
    struct stat st;
    request.progress(!file.empty() && stat(file.c_str(), &st) == 0 ? static_cast<int64_t>(st.st_size) : -1, told);
  }
  runner.join();
  return result;
}

struct Tools {
  std::string dump, restore, version;
  int major = 0;
};

std::vector<std::string> Folders() {
  std::vector<std::string> out;
  std::error_code error;
  for (const char* base : {"/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"}) {
    for (const auto& e : fs::directory_iterator(base, error)) out.push_back((e.path() / "bin").string());
  }
  for (const auto& e : fs::directory_iterator("/usr", error)) {
    if (absl::StartsWith(e.path().filename().string(), "pgsql-")) out.push_back((e.path() / "bin").string());
  }
  if (const char* path = std::getenv("PATH"); path != nullptr) {
    for (std::string_view p : absl::StrSplit(path, ':', absl::SkipEmpty())) out.emplace_back(p);
  }
  return out;
}

absl::StatusOr<Tools> FindTools(int server_major, const std::vector<std::string>& environment) {
  Tools best;
  for (const std::string& folder : Folders()) {
    const std::string dump = absl::StrCat(folder, "/pg_dump"), restore = absl::StrCat(folder, "/pg_restore");
    if (access(dump.c_str(), X_OK) != 0 || access(restore.c_str(), X_OK) != 0) continue;
    const absl::StatusOr<SubprocessResult> said = RunProgram({dump, "--version"}, environment);
    if (!said.ok() || said->exit_code != 0) continue;
    const int major = MajorOf(said->out);
    if (major <= best.major) continue;
    best = {dump, restore, std::string(absl::StripAsciiWhitespace(said->out)), major};
  }
  const std::string otherwise = absl::StrCat("; install postgresql-client-", server_major == 0 ? "N" : absl::StrCat(server_major), ", give --backup-id of a backup made otherwise, or set backup-command in pawl.toml");
  if (best.major == 0) return absl::FailedPreconditionError(absl::StrCat("there is no pg_dump in PATH, /usr/lib/postgresql or /usr/pgsql-*", otherwise));
  if (best.major < server_major) return absl::FailedPreconditionError(absl::StrCat("the newest pg_dump here is of version ", best.major, ", which cannot dump a server of version ", server_major, otherwise));
  return best;
}

absl::Status Flush(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return absl::FailedPreconditionError(absl::StrCat("cannot open ", path, ": ", strerror(errno)));
  const int failed = fsync(fd);
  const int error = errno;
  close(fd);
  if (failed != 0 && error != EINVAL) return absl::FailedPreconditionError(absl::StrCat("cannot flush ", path, " to the disk: ", strerror(error)));
  return absl::OkStatus();
}

std::string Stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm local;
  localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &local);
  return text;
}

// Removes the file unless it is kept.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  ~Unfinished() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

absl::StatusOr<Backup> RunCommand(const BackupRequest& request, const std::vector<std::string>& environment) {
  const Clock::time_point begin = Clock::now();
  const absl::StatusOr<SubprocessResult> said = RunWatched({"/bin/sh", "-c", request.command}, environment, "", request);
  if (!said.ok()) return said.status();
  if (said->exit_code != 0) return absl::FailedPreconditionError(absl::StrCat("backup-command ended with ", said->exit_code, ": ", LastWords(*request.target, said->err)));
  Backup b;
  for (std::string_view line : absl::StrSplit(said->out, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty()) b.id = Redact(*request.target, line);
  }
  if (b.id.empty()) return absl::FailedPreconditionError("backup-command printed nothing: its last line must be the backup's id");
  b.seconds = Since(begin);
  b.tool = "backup-command";
  if (const absl::Status s = CheckBackupFile(*request.target, &b); !s.ok()) return s;
  return b;
}

}  // namespace

int MajorOf(std::string_view said) {
  const size_t at = said.find("(PostgreSQL) ");
  if (at == std::string_view::npos) return 0;
  int major = 0;
  const std::string_view digits = said.substr(at + 13);
  size_t n = 0;
  while (n < digits.size() && absl::ascii_isdigit(static_cast<unsigned char>(digits[n]))) ++n;
  return absl::SimpleAtoi(digits.substr(0, n), &major) ? major : 0;
}

absl::StatusOr<std::vector<std::string>> ChildEnvironment(const Target& target) {
  std::map<std::string, std::string> all;
  for (char** e = environ; e != nullptr && *e != nullptr; ++e) {
    const std::string_view line = *e;
    const size_t equals = line.find('=');
    if (equals != std::string_view::npos) all[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 1));
  }
  for (const auto& [name, value] : target.environment.loaded()) {
    if (absl::StartsWith(name, target.engine == Engine::kNeo4j ? "NEO4J_" : "PG")) all.try_emplace(name, value);
  }
  if (target.engine == Engine::kNeo4j) {
    const absl::StatusOr<Neo4jTarget> t = ParseNeo4jTarget(target);
    if (!t.ok()) return t.status();
    all["NEO4J_DATABASE"] = t->database;
    if (!t->user.empty()) all["NEO4J_USERNAME"] = t->user;
    if (!t->password.empty()) all["NEO4J_PASSWORD"] = t->password;
  } else if (!target.url.empty()) {
    char* error = nullptr;
    PQconninfoOption* options = PQconninfoParse(target.url.c_str(), &error);
    if (error != nullptr) PQfreemem(error);  // it may quote the password
    if (options == nullptr) return absl::InvalidArgumentError(absl::StrCat("the connection string of ", target.origin, " cannot be read"));
    bool host = false;
    for (const PQconninfoOption* o = options; o->keyword != nullptr; ++o) host = host || (o->val != nullptr && strcmp(o->keyword, "host") == 0);
    // Another host's address would win over the name in the URL.
    if (host) all.erase("PGHOSTADDR");
    for (const PQconninfoOption* o = options; o->keyword != nullptr; ++o) {
      if (o->val != nullptr && o->envvar != nullptr) all[o->envvar] = o->val;
    }
    PQconninfoFree(options);
  }
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [name, value] : all) out.push_back(absl::StrCat(name, "=", value));
  return out;
}

namespace {

// Whether pg_restore can read `file`, called `what` in messages; and how many entries it has.
absl::Status ReadBack(const Target& target, const Tools& tools, const std::vector<std::string>& environment, const std::string& file, std::string_view what, Backup* backup) {
  const absl::StatusOr<SubprocessResult> listed = RunProgram({tools.restore, "--list", file}, environment);
  if (!listed.ok()) return listed.status();
  if (listed->exit_code != 0) return absl::FailedPreconditionError(absl::StrCat(what, " cannot be read back: pg_restore --list ended with ", listed->exit_code, ": ", LastWords(target, listed->err)));
  backup->entries = 0;
  for (std::string_view line : absl::StrSplit(listed->out, '\n')) backup->entries += !line.empty() && line[0] != ';';
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckBackupFile(const Target& target, Backup* backup) {
  struct stat st;
  if (stat(backup->id.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return absl::OkStatus();
  backup->bytes = static_cast<int64_t>(st.st_size);
  if (st.st_size == 0) return absl::FailedPreconditionError(absl::StrCat("the backup ", backup->id, " is empty"));
  char head[5] = "";
  const int fd = open(backup->id.c_str(), O_RDONLY | O_CLOEXEC);
  const bool dump = fd >= 0 && read(fd, head, sizeof head) == static_cast<ssize_t>(sizeof head) && std::string_view(head, sizeof head) == "PGDMP";
  if (fd >= 0) close(fd);
  if (!dump) return absl::OkStatus();
  const absl::StatusOr<std::vector<std::string>> environment = ChildEnvironment(target);
  if (!environment.ok()) return environment.status();
  const absl::StatusOr<Tools> tools = FindTools(0, *environment);
  if (!tools.ok()) return absl::OkStatus();  // nothing here to read it with
  return ReadBack(target, *tools, *environment, backup->id, absl::StrCat("the backup ", backup->id), backup);
}

absl::StatusOr<Backup> TakeBackup(const BackupRequest& request) {
  const absl::StatusOr<std::vector<std::string>> environment = ChildEnvironment(*request.target);
  if (!environment.ok()) return environment.status();
  if (!request.command.empty()) return RunCommand(request, *environment);
  if (request.target->engine == Engine::kNeo4j) {
    return absl::FailedPreconditionError("pawl cannot dump a Neo4j database by itself: name the command in pawl.toml, such as backup-command = \"neo4j-admin database dump neo4j --to-path=/backups && echo /backups/neo4j.dump\", or give --backup-id");
  }

  const absl::StatusOr<Tools> tools = FindTools(request.server_major, *environment);
  if (!tools.ok()) return tools.status();
  std::error_code error;
  fs::create_directories(request.folder, error);
  if (error) return absl::FailedPreconditionError(absl::StrCat("cannot make the folder ", request.folder, ": ", error.message()));
  std::string path = absl::StrCat(request.folder, "/pre-migration-", Stamp(), ".dump");
  for (int n = 2; access(path.c_str(), F_OK) == 0; ++n) path = absl::StrCat(request.folder, "/pre-migration-", Stamp(), "-", n, ".dump");
  const std::string unfinished = absl::StrCat(path, ".", getpid(), ".unfinished");
  // Made before pg_dump opens it: it holds the database, so it is nobody else's to read.
  const int fd = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return absl::FailedPreconditionError(absl::StrCat("cannot write to the folder ", request.folder, ": ", strerror(errno)));
  close(fd);
  Unfinished guard(unfinished);

  const Clock::time_point begin = Clock::now();
  const absl::StatusOr<SubprocessResult> dumped = RunWatched({tools->dump, "-Fc", "--no-password", "--lock-wait-timeout=30000", "-f", unfinished}, *environment, unfinished, request);
  if (!dumped.ok()) return dumped.status();
  if (dumped->exit_code != 0) return absl::FailedPreconditionError(absl::StrCat("pg_dump ended with ", dumped->exit_code, ": ", LastWords(*request.target, dumped->err)));
  if (const absl::Status s = Flush(unfinished); !s.ok()) return s;
  Backup b;
  if (const absl::Status s = ReadBack(*request.target, *tools, *environment, unfinished, "the dump", &b); !s.ok()) return s;
  struct stat st;
  if (stat(unfinished.c_str(), &st) == 0) b.bytes = static_cast<int64_t>(st.st_size);
  if (b.bytes <= 0) return absl::FailedPreconditionError("the dump is empty");
  if (rename(unfinished.c_str(), path.c_str()) != 0) return absl::FailedPreconditionError(absl::StrCat("cannot rename ", unfinished, " to ", path, ": ", strerror(errno)));
  guard.Keep();
  if (const absl::Status s = Flush(request.folder); !s.ok()) return s;
  b.id = path;
  b.seconds = Since(begin);
  b.tool = tools->version;
  return b;
}

absl::StatusOr<std::string> TakeBackup(const Target& target, const std::string& folder) {
  BackupRequest request;
  request.target = &target;
  request.folder = folder;
  absl::StatusOr<Backup> b = TakeBackup(request);
  if (!b.ok()) return b.status();
  return b->id;
}

}  // namespace pawl
