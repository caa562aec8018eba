#include "tools/locks_command.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "analyzer/source/atomic_write.h"
#include "migrations/set/discover.h"
#include "report/locks.h"
#include "tools/schema_file.h"
#include "tools/terminal.h"

namespace pawl {

int LocksCommand(const CommandLine& command) {
  DiscoverOptions discover;
  discover.paths = command.paths.empty() ? std::vector<std::string>{"."} : command.paths;
  discover.layout = command.layout;
  discover.transaction = command.transaction;
  const Format format = command.format.value_or(Format::kFull);
  if (format != Format::kFull && format != Format::kJson && format != Format::kHtml) {
    std::fprintf(stderr, "pawl: --format: locks are shown as full, json or html\n");
    return 2;
  }
  Discovered discovered;
  if (command.paths.size() == 1 && command.paths[0] == "-") {
    std::string text;
    if (!ReadStandardInput(&text)) {
      std::fprintf(stderr, "pawl: cannot read standard input, or it is larger than 64 MiB\n");
      return 2;
    }
    discovered.sets.push_back(SetFromText(command.stdin_filename.empty() ? "stdin.sql" : command.stdin_filename, std::move(text), discover));
  } else {
    discovered = Discover(discover);
  }
  LintSettings settings;
  if (!command.server_versions.empty()) {
    settings.versions.oldest = *std::min_element(command.server_versions.begin(), command.server_versions.end());
    settings.versions.newest = *std::max_element(command.server_versions.begin(), command.server_versions.end());
  }
  std::unique_ptr<StartSchema> start;
  if (!command.schema.empty()) {
    absl::StatusOr<std::unique_ptr<StartSchema>> read = ReadStartSchema(command.schema);
    if (!read.ok()) {
      std::fprintf(stderr, "pawl: %s\n", std::string(read.status().message()).c_str());
      return 2;
    }
    start = *std::move(read);
    settings.start = start.get();
  }
  std::vector<LocksInput> sets;
  std::vector<TimelineGap> gaps;
  for (const MigrationSet& set : discovered.sets) sets.push_back({&set, LockTimeline(set, settings, &gaps)});
  const int version = settings.versions.oldest;
  const std::string text = format == Format::kJson ? LocksJson(sets, version) : format == Format::kHtml ? LocksHtml(sets, version, command.verbose) : LocksText(sets, command.verbose);
  int code = 0;
  for (const TimelineGap& g : gaps) {
    std::fprintf(stderr, "pawl: %s:%u: does not parse, so its locks are not shown: %s\n", g.file->path().c_str(), g.line, g.message.c_str());
    code = 1;
  }
  for (const DiscoverProblem& p : discovered.problems) {
    std::fprintf(stderr, "pawl: %s: %s\n", p.path.c_str(), p.message.c_str());
    code = 2;
  }
  if (command.output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else if (const absl::Status s = WriteFileAtomically(command.output, text); !s.ok()) {
    std::fprintf(stderr, "pawl: %s\n", std::string(s.message()).c_str());
    code = 2;
  }
  return code;
}

}  // namespace pawl
