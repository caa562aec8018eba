// `pawl lint --add-ignores=REASON`: comments that accept what is found now, so that a project can begin to use pawl.
#ifndef PAWL_ANALYZER_FINDING_ADD_IGNORES_H_
#define PAWL_ANALYZER_FINDING_ADD_IGNORES_H_

#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "analyzer/finding/finding.h"
#include "analyzer/source/source_file.h"

namespace pawl {

// Edits that put `-- pawl: ignore RULE[, RULE] -- reason` (`//` in Cypher) above each top-level statement of `file` that has
// unsuppressed findings among `findings`: as a line of its own with the statement's indentation, below any directive that stands
// above it; as a /* */ comment right before a statement that begins behind another one on its line. Findings without a statement
// get one `ignore-file` line at the top, below a first line that its tool wants first. Findings about suppressions themselves are
// left out. Ascending, for ApplyEdits, EditHistory or UnifiedDiff; line ends as the file has them.
std::vector<TextEdit> AddIgnores(const SourceFile& file, absl::Span<const Finding> findings, std::string_view reason);

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_ADD_IGNORES_H_
