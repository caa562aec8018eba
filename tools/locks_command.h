// `pawl locks`: the lock timeline.
#ifndef PAWL_TOOLS_LOCKS_COMMAND_H_
#define PAWL_TOOLS_LOCKS_COMMAND_H_

#include "tools/cli.h"

namespace pawl {

// 0: shown; 2: a path could not be read, or a wrong option.
int LocksCommand(const CommandLine& command);

}  // namespace pawl

#endif  // PAWL_TOOLS_LOCKS_COMMAND_H_
