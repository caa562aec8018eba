// The unified diff of one file, as `git apply` and `patch -p1` take it.
#ifndef PAWL_ANALYZER_FINDING_DIFF_H_
#define PAWL_ANALYZER_FINDING_DIFF_H_

#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "analyzer/finding/finding.h"

namespace pawl {

// `edits`: ascending, not overlapping, in `original`. Three lines of context; line ends are bytes like others. "" when the text
// stays the same. The path is given as `a/path` and `b/path`, without "./" or "/" in front, quoted as git does where needed.
std::string UnifiedDiff(std::string_view path, std::string_view original, absl::Span<const TextEdit> edits);

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_DIFF_H_
