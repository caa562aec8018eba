// Findings to people and machines: one file a format, all from the same data.
#ifndef PAWL_REPORT_REPORT_H_
#define PAWL_REPORT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "analyzer/finding/finding.h"
#include "report/sink.h"
#include "rules/rule.h"

namespace pawl {

enum class Format : uint8_t { kFull, kConcise, kJson, kSarif, kGithub, kGitlab, kJunit, kRdjson, kHtml };
std::optional<Format> ParseFormat(std::string_view s);
std::string_view ToString(Format f);

struct LintSummary {
  uint32_t files = 0;
  uint32_t statements = 0;
  uint32_t errors = 0;
  uint32_t warnings = 0;
  uint32_t notes = 0;
  uint32_t not_understood = 0;
  uint32_t suppressed = 0;
};

// The tool could not do a part of its work (an unreadable file, a folder that is not there).
struct ToolProblem {
  std::string path;              // "" if it is about no file
  std::string message;           // what happened and what to do
};

struct ReportInput {
  absl::Span<const Finding> findings;      // sorted by file, span, rule; suppressed ones included (Finding::suppressed)
  absl::Span<const ToolProblem> problems;
  std::vector<std::string_view> files;     // every file that was linted, sorted
  LintSummary summary;
  std::string_view tool_version;
  bool color = false;                      // kFull, kConcise
  int width = 100;                         // kFull: columns of the terminal
  std::vector<int> versions;               // PostgreSQL majors, each judged by itself (Finding::details); empty: not more than one
  uint32_t of_small_tables = 0;            // findings left out because --statistics knows their tables to be small
  bool quiet = false;                      // no summary line, no hints
};

void WriteReport(Format format, const ReportInput& input, Sink& sink);

}  // namespace pawl

#endif  // PAWL_REPORT_REPORT_H_
