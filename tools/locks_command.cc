#include "tools/locks_command.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "analyzer/source/atomic_write.h"
#include "migrations/set/discover.h"
#include "report/locks.h"
#include "tools/config.h"
#include "tools/schema_file.h"
#include "tools/terminal.h"

namespace pawl {
namespace {

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "pawl: %s\n", std::string(status.message()).c_str());
  return 2;
}

}  // namespace

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
  Configs configs;
  if (command.isolated) {
    configs = Configs(Config{});
  } else if (!command.config.empty()) {
    absl::StatusOr<Config> loaded = LoadConfig(command.config);
    if (!loaded.ok()) return Fail(loaded.status());
    configs = Configs(*std::move(loaded));
  }
  absl::Status broken_config;
  discover.said = [&](const std::string& path) { return SaidOf(configs, path, &broken_config); };
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
  if (!broken_config.ok()) return Fail(broken_config);
  std::map<std::string, std::unique_ptr<StartSchema>> starts;
  std::vector<LocksInput> sets;
  std::vector<TimelineGap> gaps;
  for (const MigrationSet& set : discovered.sets) {
    const std::string& place = set.root.empty() && !set.files.empty() ? set.files[0]->path() : set.root;
    const absl::StatusOr<const Config*> config = configs.At(place);
    if (!config.ok()) return Fail(config.status());
    const SetConfig* configured = (*config)->SetAt(place, set.engine);
    LintSettings settings;
    const std::vector<int> majors = command.server_versions.empty() ? (*config)->PostgresMajors(configured) : command.server_versions;
    if (!majors.empty()) settings.versions = {*std::min_element(majors.begin(), majors.end()), *std::max_element(majors.begin(), majors.end())};
    if (const std::string& schema = command.schema.empty() && configured != nullptr ? configured->schema : command.schema; !schema.empty()) {
      std::unique_ptr<StartSchema>& start = starts[schema];
      if (start == nullptr) {
        absl::StatusOr<std::unique_ptr<StartSchema>> read = ReadStartSchema(schema);
        if (!read.ok()) return Fail(read.status());
        start = *std::move(read);
      }
      settings.start = start.get();
    }
    sets.push_back({&set, LockTimeline(set, settings, &gaps), settings.versions.oldest});
  }
  const int version = sets.empty() ? LintSettings().versions.oldest : sets[0].server_version;
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
