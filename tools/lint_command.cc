#include "tools/lint_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/finding/add_ignores.h"
#include "analyzer/finding/baseline.h"
#include "analyzer/finding/diff.h"
#include "analyzer/finding/fix.h"
#include "analyzer/source/atomic_write.h"
#include "migrations/history/sums.h"
#include "tools/config.h"
#include "tools/lint_database.h"
#include "tools/lint_run.h"
#include "tools/terminal.h"

namespace pawl {
namespace {

constexpr int kClean = 0, kFindings = 1, kToolFailed = 2;

int Fail(std::string_view message) {
  const std::string text = absl::StrCat("pawl: ", message, "\n");
  (void)!write(STDERR_FILENO, text.data(), text.size());
  return kToolFailed;
}

// A file descriptor as a Sink; remembers the first error (a full disk, a closed pipe).
class FileSink : public Sink {
 public:
  explicit FileSink(int fd) : fd_(fd) {}
  void Write(std::string_view piece) override {
    while (!piece.empty() && error_ == 0) {
      const ssize_t n = write(fd_, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        error_ = errno;
        return;
      }
      piece.remove_prefix(static_cast<size_t>(n));
    }
  }
  int error() const { return error_; }

 private:
  int fd_;
  int error_ = 0;
};

Date Today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return {local.tm_year + 1900, local.tm_mon + 1, local.tm_mday};
}

Format DefaultFormat() { return isatty(STDOUT_FILENO) ? Format::kFull : Format::kConcise; }

int WriteOut(const CommandLine& command, const LintResult& result) {
  const Format format = command.format.value_or(command.output.empty() ? DefaultFormat() : Format::kFull);
  ReportInput input;
  input.findings = result.findings;
  input.problems = result.problems;
  input.files = result.files;
  input.summary = result.summary;
  input.tool_version = kVersion;
  input.versions = result.versions;
  input.of_small_tables = result.of_small_tables;
  input.quiet = command.quiet;
  if (command.output.empty()) {
    input.color = WantsColor(command.color, STDOUT_FILENO);
    input.width = TerminalWidth(STDOUT_FILENO);
    FileSink sink(STDOUT_FILENO);
    WriteReport(format, input, sink);
    if (sink.error() != 0 && sink.error() != EPIPE) return Fail(absl::StrCat("cannot write the report: ", std::strerror(sink.error())));
    return kClean;
  }
  input.color = command.color == ColorMode::kAlways;
  StringSink sink;
  WriteReport(format, input, sink);
  const absl::Status written = WriteFileAtomically(command.output, sink.text);
  return written.ok() ? kClean : Fail(written.message());
}

// Every format carries the problems; with one that a machine reads, people see them on standard error too.
void ShowProblems(const CommandLine& command, const LintResult& result) {
  const Format format = command.format.value_or(DefaultFormat());
  if (command.output.empty() && !command.diff && (format == Format::kFull || format == Format::kConcise)) return;
  for (const ToolProblem& p : result.problems) Fail(p.path.empty() ? p.message : absl::StrCat(p.path, ": ", p.message));
}

void ShowSets(const LintResult& result) {
  std::string text;
  for (const MigrationSet& s : result.discovered.sets) {
    absl::StrAppend(&text, "pawl: ", s.root.empty() ? "files" : s.root, ": ", ToString(s.layout), ", ", ToString(s.engine), ", ", s.migrations.size(), " migrations\n");
  }
  for (const SkippedFile& s : result.discovered.skipped) absl::StrAppend(&text, "pawl: ", s.path, ": left out: ", s.reason, "\n");
  (void)!write(STDERR_FILENO, text.data(), text.size());
}

// Fixes until nothing changes. `texts` receives path -> history of every file that changed, over texts read here.
struct FixOutcome {
  std::map<std::string, int> broken_before;       // path -> syntax errors, of files that have some
  std::map<std::string, std::string> originals;
  std::map<std::string, EditHistory> histories;   // views of `originals`
  std::map<std::string, std::string> texts;       // as they stand; what DiscoverOptions::overlay reads
};

std::map<std::string, int> SyntaxErrors(const LintResult& result) {
  std::map<std::string, int> out;
  for (const Finding& f : result.findings) {
    if (f.file != nullptr && f.rule != nullptr && f.rule->name == "syntax-error") ++out[f.file->path()];
  }
  return out;
}

absl::StatusOr<LintResult> FixRounds(LintRequest& request, Configs& configs, FixScope scope, FixOutcome& outcome) {
  request.discover.overlay = &outcome.texts;
  for (int round = 0;; ++round) {
    absl::StatusOr<LintResult> result = RunLint(request, configs);
    if (result.ok() && round == 0) outcome.broken_before = SyntaxErrors(*result);
    if (!result.ok() || round == kMaxFixRounds) return result;
    bool changed = false;
    for (size_t i = 0; i < result->findings.size();) {
      const SourceFile* file = result->findings[i].file;
      size_t j = i;
      while (j < result->findings.size() && result->findings[j].file == file) ++j;
      if (file != nullptr) {
        const FixRound fixes = CollectFixes(*file, absl::MakeSpan(result->findings).subspan(i, j - i), scope);
        if (!fixes.edits.empty()) {
          const auto original = outcome.originals.try_emplace(file->path(), file->text()).first;
          EditHistory& history = outcome.histories.try_emplace(file->path(), original->second).first->second;
          history.Apply(fixes.edits);
          outcome.texts[file->path()] = history.Text();
          changed = true;
        }
      }
      i = j;
    }
    if (!changed) return result;
    if (request.stdin_text) request.stdin_text = outcome.texts.begin()->second;
  }
}

int FixFiles(const CommandLine& command, LintRequest& request, Configs& configs) {
  FixOutcome outcome;
  absl::StatusOr<LintResult> result = FixRounds(request, configs, command.unsafe_fixes ? FixScope::kAll : FixScope::kSafe, outcome);
  if (!result.ok()) return Fail(result.status().message());
  // A fix that leaves what does not parse is a bug of ours, and no reason to write that into somebody's file.
  int failed = 0;
  for (const auto& [path, errors] : SyntaxErrors(*result)) {
    if (!outcome.histories.contains(path) || errors <= outcome.broken_before[path]) continue;
    outcome.histories.erase(path);
    if (request.stdin_text) request.stdin_text = outcome.originals[path];
    failed = Fail(absl::StrCat(path, ": its fixes would leave a syntax error, so nothing was written to it. This is a bug in pawl; please report it with the file"));
  }
  if (command.diff) {
    std::string diff;
    for (const auto& [path, history] : outcome.histories) diff += UnifiedDiff(path, outcome.originals[path], history.Edits());
    FileSink(STDOUT_FILENO).Write(diff);
    ShowProblems(command, *result);
    if (failed != 0 || !result->problems.empty()) return kToolFailed;
    return diff.empty() || command.exit_zero ? kClean : kFindings;
  }
  if (request.stdin_text) {  // a filter: the fixed text comes out, findings go to standard error
    FileSink(STDOUT_FILENO).Write(*request.stdin_text);
    ShowProblems(command, *result);
    return failed;
  }
  for (const auto& [path, history] : outcome.histories) {
    if (!history.changed()) continue;
    const absl::Status written = WriteFileAtomically(path, history.Text());
    if (!written.ok()) failed = Fail(written.message());
  }
  const int reported = WriteOut(command, *result);
  ShowProblems(command, *result);
  if (failed != 0 || reported != 0 || !result->problems.empty()) return kToolFailed;
  const bool bad = std::any_of(result->findings.begin(), result->findings.end(), [&](const Finding& f) { return result->Fails(f); });
  return bad && !command.exit_zero ? kFindings : kClean;
}

int AddIgnoresToFiles(const CommandLine& command, const LintResult& result) {
  int failed = 0, files = 0;
  for (size_t i = 0; i < result.findings.size();) {
    const SourceFile* file = result.findings[i].file;
    size_t j = i;
    while (j < result.findings.size() && result.findings[j].file == file) ++j;
    if (file != nullptr) {
      const auto edits = AddIgnores(*file, absl::MakeConstSpan(result.findings).subspan(i, j - i), *command.add_ignores);
      if (!edits.empty()) {
        const absl::Status written = WriteFileAtomically(file->path(), ApplyEdits(file->text(), edits));
        if (written.ok()) ++files;
        else failed = Fail(written.message());
      }
    }
    i = j;
  }
  if (!command.quiet) Fail(absl::StrCat("suppressions added in ", files, files == 1 ? " file" : " files"));
  return failed;
}

}  // namespace

int LintCommand(const CommandLine& command) {
  LintRequest request;
  request.discover.paths = command.paths;
  if (request.discover.paths.empty()) request.discover.paths.push_back(".");
  // Reports, fingerprints and baselines name files from where pawl runs, however they were given.
  char here[PATH_MAX];
  if (getcwd(here, sizeof here) != nullptr) {
    const std::string prefix = absl::StrCat(here, "/");
    for (std::string& p : request.discover.paths) {
      if (absl::StartsWith(p, prefix) && p.size() > prefix.size()) p.erase(0, prefix.size());
    }
  }
  if (!command.database.empty() && command.paths.empty() && !command.isolated) {
    // The set whose database is asked is the one that is meant.
    const absl::StatusOr<Config> sets = command.config.empty() ? FindConfig("") : LoadConfig(command.config);
    if (const SetConfig* set = sets.ok() ? sets->FindSet(command.database) : nullptr; set != nullptr) request.discover.paths = {set->path};
  }
  request.discover.layout = command.layout;
  request.discover.engine = command.engine;
  request.discover.transaction = command.transaction;
  const bool from_stdin = command.paths.size() == 1 && command.paths[0] == "-";
  if (!from_stdin && std::find(command.paths.begin(), command.paths.end(), "-") != command.paths.end()) {
    return Fail("`-` (standard input) cannot be mixed with other paths");
  }
  if (from_stdin) {
    request.stdin_text.emplace();
    request.stdin_filename = command.stdin_filename;
    if (!ReadStandardInput(&*request.stdin_text)) return Fail("cannot read standard input, or it is larger than 64 MiB");
  } else if (!command.stdin_filename.empty()) {
    return Fail("--stdin-filename goes with the path `-`");
  }

  // Static: what the result below points into.
  static Configs configs;
  if (command.isolated) {
    configs = Configs(Config{});
  } else if (!command.config.empty()) {
    absl::StatusOr<Config> loaded = LoadConfig(command.config);
    if (!loaded.ok()) return Fail(loaded.status().message());
    configs = Configs(*std::move(loaded));
  }
  request.fail_on = command.fail_on;
  request.has_select = command.select.has_value();
  if (command.select) request.select = *command.select;
  request.ignore = command.ignore;
  request.extend_select = command.extend_select;
  request.server_versions = command.server_versions;
  request.neo4j_versions = command.neo4j_versions;
  request.edition = command.edition;
  request.since = command.since;
  if (command.write_baseline.empty()) request.baseline = command.baseline;  // a new one has what the old one accepts, too
  request.statistics = command.statistics;
  request.schema = command.schema;
  request.today = Today();
  request.jobs = command.jobs > 0 ? command.jobs : static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 16u));
  const Format format = command.format.value_or(Format::kFull);
  request.fingerprints = !command.write_baseline.empty() || format == Format::kJson || format == Format::kSarif || format == Format::kGitlab;

  if (command.fix || command.diff) return FixFiles(command, request, configs);

  // Static: thousands of findings and files, which the end of the process frees faster.
  static absl::StatusOr<LintResult> result;
  result = RunLint(request, configs);
  if (!result.ok()) return Fail(result.status().message());
  if (!command.database.empty()) {
    if (const int code = AddDatabaseFindings(command, &*result); code != 0) return code;
  }
  if (command.verbose) ShowSets(*result);
  if (command.add_ignores) return AddIgnoresToFiles(command, *result);
  if (command.write_sums) {
    for (const MigrationSet& set : result->discovered.sets) {
      const absl::StatusOr<std::string> written = WriteSums(set);
      if (!written.ok()) return Fail(written.status().message());
      if (!command.quiet) Fail(absl::StrCat("wrote ", *written));
    }
    return kClean;
  }
  if (!command.write_baseline.empty()) {
    const absl::Status written = WriteBaseline(MakeBaseline(result->findings), command.write_baseline);
    if (!written.ok()) return Fail(written.message());
    return kClean;
  }
  const int reported = WriteOut(command, *result);
  ShowProblems(command, *result);
  for (const std::string& stale : result->stale_baseline) Fail(stale);  // said, not failed: the code got better
  if (reported != 0 || !result->problems.empty()) return kToolFailed;
  const bool bad = std::any_of(result->findings.begin(), result->findings.end(), [&](const Finding& f) { return result->Fails(f); });
  return bad && !command.exit_zero ? kFindings : kClean;
}

}  // namespace pawl
