// All rules, in the catalogue's order.
#ifndef PAWL_RULES_REGISTRY_H_
#define PAWL_RULES_REGISTRY_H_

#include <string_view>

#include "absl/types/span.h"
#include "rules/rule.h"

namespace pawl {

absl::Span<const Rule* const> AllRules();
const Rule* FindRule(std::string_view name);  // null if unknown

}  // namespace pawl

#endif  // PAWL_RULES_REGISTRY_H_
