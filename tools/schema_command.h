// pawl schema dump, pawl schema check.
#ifndef PAWL_TOOLS_SCHEMA_COMMAND_H_
#define PAWL_TOOLS_SCHEMA_COMMAND_H_

#include "tools/runner_options.h"

namespace pawl {

int SchemaCommand(const RunnerOptions& options);

}  // namespace pawl

#endif  // PAWL_TOOLS_SCHEMA_COMMAND_H_
