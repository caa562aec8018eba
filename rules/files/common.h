// Words that the rules about files and history share.
#ifndef PAWL_RULES_FILES_COMMON_H_
#define PAWL_RULES_FILES_COMMON_H_

#include <string>
#include <string_view>

#include "migrations/history/compare.h"
#include "migrations/set/migration_set.h"

namespace pawl {

// What people call the migration, in backticks: its file, its folder where it has one of its own, its changeset.
std::string Title(const MigrationSet& set, const Migration& m);
std::string TitleOfPath(std::string_view path);

// A step of the set's history: versioned, and not run again when it changes.
bool IsStep(const Migration& m);

// "`origin/main`" or "`db/pawl.sums`".
std::string Quoted(const HistoryReference& reference);

// The command that brings back `path` as the reference has it.
std::string RestoreAdvice(const HistoryReference& reference, std::string_view path);

// Whether this layout's runner stores a checksum of what it applied and refuses to go on when a file differs.
bool RunnerKeepsChecksums(Layout layout);

}  // namespace pawl

#endif  // PAWL_RULES_FILES_COMMON_H_
