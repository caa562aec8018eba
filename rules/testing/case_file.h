// Cases of rules as text, one file beside each rule.
//
//   # a comment (only before the first case)
//   === flag TITLE         the rule finds something; `flag 2 TITLE`: exactly two
//   === clean TITLE        the rule finds nothing
//   === fix TITLE          its safe fix turns the text into the one below "--- becomes" (`fix! TITLE`: unsafe fixes too)
//   @ transaction: file    file | simple-query | statement (default): what the runner does
//   @ layout: goose        default plain
//   @ server-version: 12   default 14-18, not configured; Cypher: 4.4, 5 (default), 5.26, 25, 2025.06
//   @ complete: yes        the migrations are the whole history
//   @ first-version: 12    the number of the first migration (1)
//   @ edition: community   of Neo4j: community | enterprise; default not known
//   @ forbidden-types: money, json     and @ naming: index = .*_idx   as in pawl.toml
//   @ direction: down      the last migration's text is its down script; its up is the text before "--- down"
//   @ at: text             the first finding's span starts with this text
//   @ severity: note       the first finding's severity
//   @ message: text        the first finding's message, why or help contains this
//   SQL ...
//   --- migration          what stands above is an earlier migration, already applied
//   SQL of the migration under test
// Cases in rules/cypher are Cypher: of layout neo4j-migrations, whose runner opens a transaction unless a script says IN TRANSACTIONS.
#ifndef PAWL_RULES_TESTING_CASE_FILE_H_
#define PAWL_RULES_TESTING_CASE_FILE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/finding/fix.h"
#include "migrations/set/migration_set.h"
#include "rules/conventions.h"
#include "rules/rule.h"

namespace pawl {

// The folders below rules that hold rules and their cases.
inline constexpr const char* kRuleFolders[] = {"sql/compatibility", "sql/data", "sql/design", "sql/history", "sql/locks", "sql/repeatable", "sql/rewrites", "sql/security", "sql/transactions", "cypher"};

struct RuleCase {
  enum class Kind { kFlag, kClean, kFix };
  Kind kind = Kind::kFlag;
  std::string title;
  int line = 0;
  int count = -1;                 // kFlag: exactly so many; -1: one or more
  bool unsafe = false;            // kFix
  std::optional<TransactionMode> transaction;  // else kStatement, of Cypher as its runner does
  Engine engine = Engine::kPostgresql;
  Layout layout = Layout::kPlain;
  LintSettings settings;
  std::shared_ptr<Conventions> conventions;  // what settings.conventions points to
  bool complete = false;          // the set is the whole history
  int first_version = 1;
  bool repeatable = false;
  bool down = false;
  std::string at, severity, message;
  std::vector<std::string> ups;   // the last is under test
  std::string down_text;          // with `down`
  std::string becomes;
};

absl::StatusOr<std::vector<RuleCase>> ParseCases(std::string_view text, Engine engine = Engine::kPostgresql);

// The case as a set, for the engine.
MigrationSet MakeSet(const RuleCase& c);

// A set of one plain migration.
MigrationSet MakeSet(std::string text, Engine engine = Engine::kPostgresql);

// Findings in the migration under test, with only `rule` selected (null: all rules that are on by default).
std::vector<Finding> RunRules(const MigrationSet& set, const Rule* rule, const LintSettings& settings);
std::vector<Finding> RunRules(const MigrationSet& set, const Rule* rule, int server_version);  // 0: not configured

// "16", "5.26" ... of the engine; false if it is none.
bool SetServerVersion(std::string_view text, Engine engine, LintSettings* settings);

// The script under test with one round of fixes made.
std::string ApplyFixes(const MigrationSet& set, const std::vector<Finding>& findings, FixScope scope);

}  // namespace pawl

#endif  // PAWL_RULES_TESTING_CASE_FILE_H_
