// Runs the selected rules over migration sets: parse (in parallel), replay in order, judge. Findings come out as the rules
// made them, with configured severities; suppressions, baselines and sorting are the caller's (tools/lint.cc).
#ifndef PAWL_RULES_ENGINE_ENGINE_H_
#define PAWL_RULES_ENGINE_ENGINE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "migrations/set/migration_set.h"
#include "rules/engine/effects_log.h"
#include "rules/rule.h"

namespace pawl {

struct EngineOptions {
  absl::Span<const Rule* const> rules;            // all rules there are
  absl::Span<const Severity> severities;          // parallel to `rules`: kOff = do not run
  LintSettings settings;
  int jobs = 1;                                   // parser threads
};

struct EngineSummary {
  uint32_t files = 0;
  uint32_t statements = 0;
  uint32_t not_understood = 0;
  uint32_t of_small_tables = 0;  // findings left out because their tables are small (LintSettings::statistics)
  // Of files that say "pawl:", their top-level statements {begin, full_end}, ascending: what suppressions act on.
  absl::flat_hash_map<const SourceFile*, std::vector<Span>> statements_of;
};

// Keeps what is derived from the selection, so that many sets can be run with one. Not thread-safe.
class RuleEngine {
 public:
  explicit RuleEngine(const EngineOptions& options);

  // Of the sets that are run from now on.
  void set_settings(const LintSettings& settings) { options_.settings = settings; }

  // From now on `log` takes what each statement does; null: nothing does.
  void set_log(EffectsLog* log) { log_ = log; }

  // `history` may be null. `pending` (may be null): by index in set.migrations, those of the batch that is not applied yet, whose
  // tables nobody uses; without it each migration is a batch of its own. Findings are appended in the order of migrations and statements; they point into `set`, which
  // must outlive them.
  void Run(const MigrationSet& set, const HistoryComparison* history, const std::vector<bool>* pending, std::vector<Finding>& findings, EngineSummary& summary);

 private:
  struct Judge;
  void RunCypher(const MigrationSet& set, std::vector<Finding>& findings, EngineSummary& summary);
  void RunScript(ScriptContext& context, Catalog& catalog, std::vector<Finding>& findings);
  void ApplySeverities(std::vector<Finding>& findings, size_t first) const;

  EngineOptions options_;
  absl::flat_hash_map<const RuleInfo*, Severity> configured_;
  // What calling a rule about a statement takes, side by side: rules are large, and all of a kind are asked for each statement.
  struct StatementCheck {
    void (*check)(const StatementContext&);
    AlterKinds alters;
    bool in_down;
  };
  std::vector<StatementCheck> by_kind_[static_cast<int>(sql::StatementKind::kCount)];
  std::vector<const Rule*> script_rules_;
  std::vector<const Rule*> set_rules_;
  std::vector<const Rule*> cypher_rules_;
  std::vector<const Rule*> cypher_script_rules_;
  // With statistics: says sizes in the findings from `first` on, and leaves out those of small tables. `current`: they are of its
  // last statement; else each is of the statement that it stands in.
  void SayTableSizes(const ScriptContext& context, bool current, size_t first);

  uint32_t next_transaction_ = 0;
  uint32_t of_small_tables_ = 0;
  EffectsLog* log_ = nullptr;
};

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_ENGINE_H_
