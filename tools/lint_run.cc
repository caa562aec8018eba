#include "tools/lint_run.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analyzer/finding/baseline.h"
#include "analyzer/finding/fingerprint.h"
#include "rules/engine/version_matrix.h"
#include "rules/engine_rules/engine_rules.h"
#include "rules/registry.h"
#include "rules/selection.h"
#include "rules/statistics.h"
#include "tools/schema_file.h"
#include "tools/statistics_file.h"

namespace pawl {
namespace {

bool Before(const Finding& a, const Finding& b) {
  if (a.file != b.file) {
    if (a.file == nullptr || b.file == nullptr) return a.file == nullptr;
    const int c = a.file->path().compare(b.file->path());
    if (c != 0) return c < 0;
  }
  if (a.span.begin != b.span.begin) return a.span.begin < b.span.begin;
  if (a.severity != b.severity) return a.severity > b.severity;
  return a.rule->name < b.rule->name;
}

// Findings are large: their places are sorted, and each is moved once, in place.
void SortFindings(std::vector<Finding>& findings) {
  std::vector<uint32_t> order(findings.size());  // order[i]: which one comes to place i
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return Before(findings[a], findings[b]); });
  for (uint32_t first = 0; first < order.size(); ++first) {
    if (order[first] == first) continue;
    // One cycle of the permutation.
    Finding kept = std::move(findings[first]);
    uint32_t to = first;
    while (order[to] != first) {
      findings[to] = std::move(findings[order[to]]);
      to = std::exchange(order[to], to);
    }
    findings[to] = std::move(kept);
    order[to] = to;
  }
}

// One statement that runs twice (a function called twice) is reported once.
void DropDoubles(std::vector<Finding>& findings) {
  findings.erase(std::unique(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
                   return a.rule == b.rule && a.file == b.file && a.span == b.span && a.message == b.message;
                 }),
                 findings.end());
}

std::vector<Severity> InFile(const Config& config, const SourceFile& file, const std::vector<Severity>& severities) {
  std::vector<Severity> effective = severities;
  for (size_t i = 0; i < effective.size(); ++i) {
    if (config.IsIgnored(file.path(), AllRules()[i]->info)) effective[i] = Severity::kOff;
  }
  return effective;
}

// What somebody said of the servers: the command line for all sets, else pawl.toml for one or for all. `versions` receives
// those of PostgreSQL that are asked about, ascending.
LintSettings SettingsFor(const MigrationSet& set, const SetConfig* configured, const LintRequest& request, const Config& config, std::vector<int>* versions) {
  LintSettings settings;
  std::vector<int>& majors = *versions;
  majors = request.server_versions;
  std::vector<std::string> neo4j = request.neo4j_versions;
  if (configured != nullptr && request.neo4j_versions.empty() && set.engine == Engine::kNeo4j) neo4j = configured->server_versions;
  if (majors.empty()) majors = config.PostgresMajors(set.engine == Engine::kPostgresql ? configured : nullptr);
  if (!majors.empty()) {
    settings.versions_configured = true;
    std::sort(majors.begin(), majors.end());
    majors.erase(std::unique(majors.begin(), majors.end()), majors.end());
    settings.versions = {majors.front(), majors.back()};
  }
  for (const std::string& v : neo4j) (void)AddNeo4jVersion(v, &settings);
  if (set.engine == Engine::kNeo4j) settings.versions_configured = settings.neo4j_oldest != 0;
  const std::string& edition = request.edition.empty() && configured != nullptr ? configured->edition : request.edition;
  settings.edition = edition == "community" ? Edition::kCommunity : edition == "enterprise" || edition == "aura" ? Edition::kEnterprise : Edition::kUnknown;
  settings.aura = edition == "aura";
  return settings;
}

// Where the set is: its folder, or of files that were named the first.
const std::string& PlaceOf(const MigrationSet& set) { return set.root.empty() && !set.files.empty() ? set.files[0]->path() : set.root; }

// What one configuration makes of the request; `engine` for the sets that it is the nearest of.
struct Judge {
  std::vector<Severity> severities;
  std::unique_ptr<const TableStatistics> statistics;
  std::unique_ptr<RuleEngine> engine;
};

absl::StatusOr<Judge> MakeJudge(const LintRequest& request, const Config& config) {
  Judge judge;
  SelectionLayer command_line;
  command_line.origin = "the command line";
  if (request.has_select) command_line.select = request.select;
  command_line.ignore = request.ignore;
  command_line.extend_select = request.extend_select;
  const SelectionLayer layers[] = {config.Selection(), std::move(command_line)};
  absl::StatusOr<std::vector<Severity>> severities = SelectRules(AllRules(), layers);
  if (!severities.ok()) return severities.status();
  judge.severities = *std::move(severities);
  if (!request.statistics.empty()) {
    absl::StatusOr<std::unique_ptr<const TableStatistics>> read = ReadStatistics(request.statistics, config.lint.small_table.value_or(kSmallTable));
    if (!read.ok()) return read.status();
    judge.statistics = *std::move(read);
  }
  EngineOptions options;
  options.rules = AllRules();
  options.severities = judge.severities;
  options.jobs = request.jobs;
  judge.engine = std::make_unique<RuleEngine>(options);
  return judge;
}

// One run for each version, one finding for what they say of one thing.
void RunVersions(RuleEngine& engine, const MigrationSet& set, const HistoryComparison* history, const std::vector<bool>* pending, LintSettings settings,
                 const std::vector<int>& versions, std::vector<Finding>& findings, EngineSummary& summary) {
  std::vector<VersionRun> runs(versions.size());
  for (size_t i = 0; i < versions.size(); ++i) {
    runs[i].version = versions[i];
    settings.versions = {versions[i], versions[i]};
    engine.set_settings(settings);
    engine.set_log(&runs[i].log);
    EngineSummary again;  // the same files and statements
    engine.Run(set, history, pending, runs[i].findings, i == 0 ? summary : again);
    DropDoubles(runs[i].findings);
  }
  engine.set_log(nullptr);
  for (Finding& f : MergeVersions(std::move(runs))) findings.push_back(std::move(f));
}

}  // namespace

bool LintResult::Fails(const Finding& f) const {
  const auto own = fail_on_of.find(f.file);
  return !f.suppressed && f.severity >= (own == fail_on_of.end() ? fail_on : own->second);
}

absl::StatusOr<LintResult> RunLint(const LintRequest& request, Configs& configs) {
  std::map<const Config*, Judge> judges;
  const auto judge_of = [&](const Config& config) -> absl::StatusOr<Judge*> {
    const auto known = judges.find(&config);
    if (known != judges.end()) return &known->second;
    absl::StatusOr<Judge> judge = MakeJudge(request, config);
    if (!judge.ok()) return judge.status();
    return &judges.emplace(&config, *std::move(judge)).first->second;
  };

  LintResult result;
  const absl::StatusOr<const Config*> main = configs.At(request.stdin_text ? request.stdin_filename : request.discover.paths.empty() ? "" : request.discover.paths[0]);
  if (!main.ok()) return main.status();
  // A wrong selection is told even where there is nothing to judge.
  if (const absl::StatusOr<Judge*> judge = judge_of(**main); !judge.ok()) return judge.status();
  result.fail_on = request.fail_on.value_or((*main)->lint.fail_on.value_or(Severity::kWarning));

  absl::Status broken_config;
  DiscoverOptions discover = request.discover;
  discover.said = [&](const std::string& path) { return SaidOf(configs, path, &broken_config); };
  if (request.stdin_text) {
    result.discovered.sets.push_back(SetFromText(request.stdin_filename.empty() ? "stdin.sql" : request.stdin_filename, *request.stdin_text, discover));
  } else {
    result.discovered = Discover(discover);
  }
  if (!broken_config.ok()) return broken_config;
  for (const DiscoverProblem& p : result.discovered.problems) result.problems.push_back({p.path, p.message});

  // Room at once for about what comes, so that growing does not move findings (they are large); pages not written cost nothing.
  size_t files = 0;
  for (const MigrationSet& set : result.discovered.sets) files += set.files.size();
  result.findings.reserve(4 * files);
  EngineSummary summary;
  std::map<std::string, std::unique_ptr<StartSchema>> starts;
  std::vector<const Config*> config_of;  // by set
  for (const MigrationSet& set : result.discovered.sets) {
    const absl::StatusOr<const Config*> nearest = configs.At(PlaceOf(set));
    if (!nearest.ok()) return nearest.status();
    const Config& config = **nearest;
    config_of.push_back(&config);
    const absl::StatusOr<Judge*> judge = judge_of(config);
    if (!judge.ok()) return judge.status();
    RuleEngine& engine = *(*judge)->engine;
    const Severity fail_on = request.fail_on.value_or(config.lint.fail_on.value_or(Severity::kWarning));
    if (fail_on != result.fail_on) {
      for (const auto& file : set.files) result.fail_on_of[file.get()] = fail_on;
    }
    const SetConfig* configured = config.SetAt(PlaceOf(set), set.engine);
    const HistoryComparison* history = nullptr;
    if (!request.stdin_text) {
      absl::StatusOr<std::unique_ptr<HistoryComparison>> compared = CompareHistory(set, request.since);
      if (!compared.ok()) {
        if (!request.since.empty()) return compared.status();
        result.problems.push_back({set.root, std::string(compared.status().message())});
      } else if (*compared != nullptr) {
        history = compared->get();
        result.histories.push_back(*std::move(compared));
      }
    }
    std::vector<bool> pending;
    const size_t first = result.findings.size();
    if (!request.since.empty() && history != nullptr) {
      for (const Migration& m : set.migrations) pending.push_back(m.file() != nullptr && history->Touched(m.file()));
    }
    std::vector<int> versions;
    LintSettings settings = SettingsFor(set, configured, request, config, &versions);
    settings.statistics = (*judge)->statistics.get();
    // What the set's history begins with.
    const std::string& schema = request.schema.empty() && configured != nullptr ? configured->schema : request.schema;
    if (!schema.empty() && set.engine == Engine::kPostgresql) {
      std::unique_ptr<StartSchema>& start = starts[schema];
      if (start == nullptr) {
        absl::StatusOr<std::unique_ptr<StartSchema>> read = ReadStartSchema(schema);
        if (!read.ok()) return read.status();
        start = *std::move(read);
      }
      settings.start = start.get();
    }
    settings.conventions = config.lint.conventions.get();
    const std::vector<bool>* batch = pending.empty() ? nullptr : &pending;
    if (versions.size() < 2 || set.engine != Engine::kPostgresql) {
      engine.set_settings(settings);
      engine.Run(set, history, batch, result.findings, summary);
    } else {
      RunVersions(engine, set, history, batch, settings, versions, result.findings, summary);
      result.versions = std::move(versions);
    }
    if (!request.since.empty() && history != nullptr) {
      // The untouched rest formed the catalogue; what is wrong with it was decided when it was new.
      auto untouched = [&](const Finding& f) {
        if (f.file == nullptr || f.rule->name == "deleted-applied-migration") return false;
        const bool of_set = std::any_of(set.files.begin(), set.files.end(), [&](const auto& file) { return file.get() == f.file; });
        return of_set && !history->Touched(f.file);
      };
      result.findings.erase(std::remove_if(result.findings.begin() + first, result.findings.end(), untouched), result.findings.end());
    }
    if (config.HasPathIgnores()) {
      auto ignored = [&](const Finding& f) { return f.file != nullptr && config.IsIgnored(f.file->path(), *f.rule); };
      result.findings.erase(std::remove_if(result.findings.begin() + first, result.findings.end(), ignored), result.findings.end());
    }
    for (const auto& file : set.files) result.files.push_back(file->path());
  }
  std::sort(result.files.begin(), result.files.end());
  SortFindings(result.findings);
  DropDoubles(result.findings);

  // Suppressions: of files that say "pawl:", also of those without findings, whose suppressions are unused.
  if (!summary.statements_of.empty()) {
    std::vector<Finding> added;
    for (size_t i = 0; i < result.discovered.sets.size(); ++i) {
      const MigrationSet& set = result.discovered.sets[i];
      for (const auto& file : set.files) {
        if (!MentionsPawl(file->text())) continue;
        std::vector<Suppression> suppressions = ParseSuppressions(*file, set.engine, summary.statements_of[file.get()]);
        if (suppressions.empty()) continue;
        const auto range = std::equal_range(result.findings.begin(), result.findings.end(), file.get(), [](const auto& a, const auto& b) {
          auto path = [](const auto& x) -> std::string_view {
            if constexpr (std::is_same_v<std::decay_t<decltype(x)>, Finding>) return x.file == nullptr ? std::string_view() : x.file->path();
            else return x->path();
          };
          return path(a) < path(b);
        });
        ApplySuppressions(*file, request.today, absl::MakeSpan(suppressions), absl::Span<Finding>(result.findings.data() + (range.first - result.findings.begin()), range.second - range.first));
        const std::vector<Severity> effective = InFile(*config_of[i], *file, judges.at(config_of[i]).severities);
        SuppressionReport report;
        report.file = file.get();
        report.engine = set.engine;
        report.today = request.today;
        report.rules = AllRules();
        report.effective = effective;
        ReportSuppressions(report, absl::MakeSpan(suppressions), &added);
      }
    }
    for (Finding& f : added) result.findings.push_back(std::move(f));
    SortFindings(result.findings);
  }
  if (request.fingerprints || !request.baseline.empty()) {
    SetFingerprints(absl::MakeSpan(result.findings));
  }
  if (!request.baseline.empty()) {
    absl::StatusOr<Baseline> baseline = ReadBaseline(request.baseline);
    if (!baseline.ok()) return baseline.status();
    // An entry of a file that was not read in this run says nothing about it.
    auto judged = [&](const BaselineEntry& e) {
      return std::binary_search(result.files.begin(), result.files.end(), std::string_view(e.path), [](std::string_view a, std::string_view b) { return StablePath(a) < StablePath(b); });
    };
    for (const StaleEntry& e : ApplyBaseline(*baseline, judged, absl::MakeSpan(result.findings))) {
      result.stale_baseline.push_back(absl::StrCat(request.baseline, ": `", e.entry->rule, "` in ", e.entry->path, " is accepted ", e.entry->count, " times and occurs ", e.found,
                                                   "; write the baseline anew with --write-baseline"));
    }
  }
  LintSummary& s = result.summary;
  s.files = summary.files;
  s.statements = summary.statements;
  s.not_understood = summary.not_understood;
  result.of_small_tables = summary.of_small_tables;
  for (const Finding& f : result.findings) {
    if (f.suppressed) {
      ++s.suppressed;
    } else {
      ++(f.severity == Severity::kError ? s.errors : f.severity == Severity::kWarning ? s.warnings : s.notes);
    }
  }
  return result;
}

}  // namespace pawl
