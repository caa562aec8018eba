// `pawl rules` and `pawl explain RULE`.
#ifndef PAWL_TOOLS_RULES_COMMAND_H_
#define PAWL_TOOLS_RULES_COMMAND_H_

#include <string>

#include "rules/rule.h"
#include "tools/cli.h"

namespace pawl {

int RulesCommand(const CommandLine& command);
int ExplainCommand(const CommandLine& command);

// The rule's page in Markdown; docs/rules holds the same text.
std::string RulePageMarkdown(const Rule& rule);

}  // namespace pawl

#endif  // PAWL_TOOLS_RULES_COMMAND_H_
