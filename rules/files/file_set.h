// Sets of files as text, for tests and for the examples of rules about files:
//
//   -- file: 000001_users.up.sql        a file of the set; its text follows
//   -- at main: 000001_users.up.sql     a file as it was at git's merge base with main
#ifndef PAWL_RULES_FILES_FILE_SET_H_
#define PAWL_RULES_FILES_FILE_SET_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/finding/finding.h"
#include "migrations/history/compare.h"
#include "migrations/set/migration_set.h"
#include "rules/rule.h"

namespace pawl {

struct FileSet {
  std::unique_ptr<MigrationSet> set;                // complete, root "db"; the layout is recognised
  std::unique_ptr<HistoryComparison> history;       // null if the text has no "-- at"
};
FileSet ParseFileSet(std::string_view text);

// Findings with only `rule` selected (null: all rules that are on by default).
std::vector<Finding> RunRules(const FileSet& files, const Rule* rule);

// "error db/0001_a.sql:2:1 message", one a line.
std::string Describe(const std::vector<Finding>& findings);

}  // namespace pawl

#endif  // PAWL_RULES_FILES_FILE_SET_H_
