// Findings of two rules that say one thing.
#ifndef PAWL_RULES_ENGINE_OVERLAP_H_
#define PAWL_RULES_ENGINE_OVERLAP_H_

#include <cstddef>
#include <vector>

#include "analyzer/finding/finding.h"

namespace pawl {

// From `first` on: where mixed-engines speaks of a file, the statements in the other database's language are syntax errors too, and
// that is said. Other syntax errors of the file stay.
void DropSyntaxErrorsOfMixedFiles(std::vector<Finding>& findings, size_t first);

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_OVERLAP_H_
