// A file's text of another time, taken apart as its set's layout would. Internal to migrations/history.
#ifndef PAWL_MIGRATIONS_HISTORY_OLD_MIGRATIONS_H_
#define PAWL_MIGRATIONS_HISTORY_OLD_MIGRATIONS_H_

#include <string>
#include <string_view>

#include "migrations/history/edit.h"
#include "migrations/set/migration_set.h"

namespace pawl {

// `path` as the user would name it. No migrations if the file was none of this layout.
MigrationSet OldMigrations(const MigrationSet& now, const std::string& path, std::string text);

// The name by which a runner of this layout recognises that it has applied a migration already: its version where that is all
// that counts, else the whole name.
std::string Identity(Layout layout, const Migration& m);

// The same migration among `old` ones: the only one of each file, or the one of the same changeset.
const Migration* FindOld(const MigrationSet& old, const MigrationSet& now, const Migration& m);

// ClassifyEdit of two sections; spans and lines are those of the whole files.
Edit ClassifySections(const ScriptRef& before, const ScriptRef& after, Engine engine);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_OLD_MIGRATIONS_H_
