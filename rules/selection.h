// Which rules judge, and how severely: from --select, --ignore, --extend-select and pawl.toml to one severity a rule.
#ifndef PAWL_RULES_SELECTION_H_
#define PAWL_RULES_SELECTION_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analyzer/finding/finding.h"
#include "rules/rule.h"

namespace pawl {

// One place where choices are made. Selectors are rules, groups, or `all` (also those that are off by default).
struct SelectionLayer {
  std::string origin;                               // for errors: "pawl.toml", "the command line"
  std::optional<std::vector<std::string>> select;   // given: only these, whatever earlier layers chose
  std::vector<std::string> ignore;
  std::vector<std::string> extend_select;
  std::vector<std::pair<std::string, Severity>> severity;  // of a rule or a group; kOff ignores it
};

// Effective severity of rules[i] at [i]; kOff: not selected.
//
// Without a layer: each rule's default. Later layers win over earlier ones. Within a layer a rule's name wins over its group, and
// its group over `all`; of equals, ignore wins. Giving a rule a severity other than off also selects it; giving one to a group
// only sets the level of what is selected there. A rule that is off by default and gets selected is a warning.
//
// kInvalidArgument names every unknown selector of all layers, one a line, with the nearest known name.
absl::StatusOr<std::vector<Severity>> SelectRules(absl::Span<const Rule* const> rules, absl::Span<const SelectionLayer> layers);

// "" if `selector` is the name of a rule or group, or `all`; else what to tell the user: "no rule or group is called `x`; did you
// mean `y`?".
std::string UnknownSelector(absl::Span<const Rule* const> rules, std::string_view selector);

// True if `selector` names `rule`, its group, or `all`.
bool Selects(std::string_view selector, const RuleInfo& rule);

// Every selector there is: `all`, groups in use, rules.
std::vector<std::string_view> AllSelectors(absl::Span<const Rule* const> rules);

}  // namespace pawl

#endif  // PAWL_RULES_SELECTION_H_
