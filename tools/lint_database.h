// pawl lint --database: what a database says was applied, beside the files, and data that a pending constraint would meet.
#ifndef PAWL_TOOLS_LINT_DATABASE_H_
#define PAWL_TOOLS_LINT_DATABASE_H_

#include <string>

#include "tools/cli.h"
#include "tools/lint_run.h"

namespace pawl {

// Adds findings of edited-applied-migration, deleted-applied-migration, out-of-order-version and, of a set of Cypher,
// cypher-constraint-may-fail-on-data. `command.database`: a set of pawl.toml, or the URL of the database of the first path's set. 0, or
// the exit code of what has been said on standard error: no such set, or the database cannot be reached.
int AddDatabaseFindings(const CommandLine& command, LintResult* result);

}  // namespace pawl

#endif  // PAWL_TOOLS_LINT_DATABASE_H_
