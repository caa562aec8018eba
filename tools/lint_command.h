// `pawl lint` and `pawl fix`: run, report, fix, exit code.
#ifndef PAWL_TOOLS_LINT_COMMAND_H_
#define PAWL_TOOLS_LINT_COMMAND_H_

#include "tools/cli.h"

namespace pawl {

// 0: nothing at or above --fail-on; 1: findings; 2: the tool could not do (a part of) its work.
int LintCommand(const CommandLine& command);

}  // namespace pawl

#endif  // PAWL_TOOLS_LINT_COMMAND_H_
