// Rules whose findings come from the engine itself, not from a check function: what could not be read, and what the comments
// that suppress findings are worth. Their pages, severities and names are those of any rule.
#ifndef PAWL_RULES_ENGINE_RULES_ENGINE_RULES_H_
#define PAWL_RULES_ENGINE_RULES_ENGINE_RULES_H_

#include <vector>

#include "absl/types/span.h"
#include "analyzer/finding/finding.h"
#include "analyzer/finding/suppression.h"
#include "analyzer/source/source_file.h"
#include "rules/rule.h"

namespace pawl {

extern const Rule kSyntaxError;
extern const Rule kNotUnderstood;
extern const Rule kUnusedSuppression;

struct SuppressionReport {
  const SourceFile* file = nullptr;
  Engine engine = Engine::kPostgresql;
  Date today;
  absl::Span<const Rule* const> rules;       // all there are
  absl::Span<const Severity> effective;      // of rules[i] in this file; a rule that did not run leaves no suppression unused
};

// Adds findings of kUnusedSuppression to `out`: for suppressions that suppress nothing, name unknown rules, give no reason, have
// expired, or cannot be read. Call it once for each file, after ApplySuppressions has seen all other findings of that file. The
// findings made here may be suppressed too (`ignore-file unused-suppression -- generated file`): that is done here. Nothing is
// added when kUnusedSuppression itself is off in `effective`.
void ReportSuppressions(const SuppressionReport& report, absl::Span<Suppression> suppressions, std::vector<Finding>* out);

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_RULES_ENGINE_RULES_H_
