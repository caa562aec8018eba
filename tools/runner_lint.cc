#include "tools/runner_lint.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/finding/suppression.h"
#include "migrations/run/plan.h"
#include "rules/engine/engine.h"
#include "rules/registry.h"
#include "rules/selection.h"

namespace pawl {

absl::StatusOr<std::vector<Finding>> LintPending(RunnerSet& runner, const std::vector<PlanMigration>& planned, const ServerInfo& server, const std::vector<std::string>& allow) {
  MigrationSet& set = *runner.set;
  for (const std::string& name : allow) {
    if (FindRule(name) == nullptr) return absl::InvalidArgumentError(absl::StrCat("--allow: there is no rule `", name, "`; `pawl rules` lists them"));
  }
  // Judged as pawl will run them, which is not as the layout's runner would.
  std::vector<bool> pending(set.migrations.size());
  std::vector<TransactionMode> layouts(set.migrations.size());
  for (const PlanMigration& p : planned) {
    const size_t i = static_cast<size_t>(p.migration - set.migrations.data());
    pending[i] = true;
    layouts[i] = std::exchange(set.migrations[i].up->transaction, p.mode);
  }
  std::vector<SelectionLayer> layers = {runner.config.Selection()};
  SelectionLayer line;
  line.origin = "--allow";
  line.ignore = allow;
  layers.push_back(line);
  absl::StatusOr<std::vector<Severity>> severities = SelectRules(AllRules(), layers);
  if (!severities.ok()) return severities.status();
  EngineOptions options;
  options.rules = AllRules();
  options.severities = *severities;
  if (set.engine == Engine::kNeo4j) {
    options.settings.neo4j_oldest = options.settings.neo4j_newest = server.major;
    options.settings.cypher_version = server.major < 500 ? cypher::Version::k44 : cypher::Version::k5;
    options.settings.edition = server.edition == "community" ? Edition::kCommunity : server.edition == "enterprise" ? Edition::kEnterprise : Edition::kUnknown;
  } else {
    options.settings.versions = {server.major, server.major};
  }
  options.settings.versions_configured = true;
  options.settings.runner_sets_lock_timeout = true;
  RuleEngine engine(options);
  EngineSummary summary;
  std::vector<Finding> findings;
  engine.Run(set, nullptr, &pending, findings, summary);
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    if (pending[i]) set.migrations[i].up->transaction = layouts[i];
  }
  auto of_pending = [&](const SourceFile* file) {
    for (size_t i = 0; i < set.migrations.size(); ++i) {
      if (pending[i] && set.migrations[i].up && set.migrations[i].up->file == file) return true;
    }
    return false;
  };
  // Spans of downs in the same file are not about to run.
  auto in_up = [&](const Finding& f) {
    for (size_t i = 0; i < set.migrations.size(); ++i) {
      const Migration& m = set.migrations[i];
      if (!pending[i] || !m.up || m.up->file != f.file) continue;
      if (!m.down || m.down->file != f.file) return true;
      return f.span.begin < m.down->section.begin || f.span.begin >= m.down->section.end;
    }
    return false;
  };
  findings.erase(std::remove_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.file == nullptr || !of_pending(f.file) || !in_up(f) || runner.config.IsIgnored(f.file->path(), *f.rule); }),
                 findings.end());
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) { return a.file->path() != b.file->path() ? a.file->path() < b.file->path() : a.span.begin < b.span.begin; });
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  gmtime_r(&now, &utc);
  const Date today{utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday};
  for (size_t i = 0; i < findings.size();) {
    size_t j = i;
    while (j < findings.size() && findings[j].file == findings[i].file) ++j;
    const SourceFile& file = *findings[i].file;
    if (file.text().find("pawl:") != std::string_view::npos) {
      std::vector<Suppression> suppressions = ParseSuppressions(file, set.engine, summary.statements_of[&file]);
      ApplySuppressions(file, today, absl::MakeSpan(suppressions), absl::MakeSpan(findings).subspan(i, j - i));
    }
    i = j;
  }
  findings.erase(std::remove_if(findings.begin(), findings.end(), [](const Finding& f) { return f.suppressed; }), findings.end());
  return findings;
}

}  // namespace pawl
