// A baseline: the findings that a project had when it began to use pawl. They are not reported; new ones are; and the file can
// only shrink. Entries are kept by rule, path and statement (fingerprint.h), never by line.
#ifndef PAWL_ANALYZER_FINDING_BASELINE_H_
#define PAWL_ANALYZER_FINDING_BASELINE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analyzer/finding/finding.h"

namespace pawl {

// Finding::suppression_reason of what a baseline accepts; told from a comment that says the same by its address.
inline constexpr std::string_view kBaselineReason = "baseline";

struct BaselineEntry {
  std::string rule;
  std::string path;            // '/' separated, without "./"
  uint64_t fingerprint = 0;    // BaseFingerprint
  uint32_t count = 1;          // how many equal findings are accepted
  std::string statement;       // for people: its beginning, literals left out; "" if there is none
};

struct Baseline {
  std::vector<BaselineEntry> entries;  // by path, rule, fingerprint
};

// Of the unsuppressed findings.
Baseline MakeBaseline(absl::Span<const Finding> findings);

// Sorted, an entry a line, so that a version control system shows what came and went.
std::string FormatBaseline(const Baseline& baseline);

// `path` is for messages, which say what is wrong, where, and what to do. kInvalidArgument; ReadBaseline also kNotFound and
// kInternal for what cannot be read.
absl::StatusOr<Baseline> ParseBaseline(std::string_view text, std::string_view path);
absl::StatusOr<Baseline> ReadBaseline(const std::string& path);
// Atomically; errors as WriteFileAtomically's.
absl::Status WriteBaseline(const Baseline& baseline, const std::string& path);

// An entry that accepts more than there is: the baseline must shrink.
struct StaleEntry {
  const BaselineEntry* entry = nullptr;  // in the given baseline
  uint32_t found = 0;                    // < entry->count
};

// Marks the findings that the baseline accepts as suppressed, with "baseline" as the reason; of more equal findings than it
// accepts, the last ones stay. Findings that are suppressed already do not count. Gives the stale entries among those for which
// `judged` says that their file (or its absence) and rule were looked at in this run.
std::vector<StaleEntry> ApplyBaseline(const Baseline& baseline, absl::FunctionRef<bool(const BaselineEntry&)> judged,
                                      absl::Span<Finding> findings);

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_BASELINE_H_
