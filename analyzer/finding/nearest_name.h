// "Did you mean ...": the known name that is closest to what somebody typed.
#ifndef PAWL_ANALYZER_FINDING_NEAREST_NAME_H_
#define PAWL_ANALYZER_FINDING_NEAREST_NAME_H_

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"

namespace pawl {

// Edits (insert, delete, replace, swap of two neighbours; ASCII letter case ignored) from `a` to `b`, or `limit` + 1 if there
// are more. Names longer than 64 bytes are never near.
uint32_t EditDistance(std::string_view a, std::string_view b, uint32_t limit);

// The nearest of `candidates`, the first of equals; "" when none is near enough to be a likely slip (a third of its length).
std::string_view NearestName(std::string_view typed, absl::Span<const std::string_view> candidates);

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_NEAREST_NAME_H_
