// Commands as operators' runbooks for Neo4j have them: those that Neo4j 5 no longer has get a finding that names the present form, and
// the others get none.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rules/registry.h"
#include "rules/testing/case_file.h"

namespace pawl {
namespace {

std::vector<Finding> Removed(const MigrationSet& set) { return RunRules(set, FindRule("cypher-removed-syntax"), LintSettings()); }

struct Command {
  std::string_view text;
  std::string_view present;  // in the help
  std::string_view fixed;    // what the fix makes of it; "" if there is none
};

constexpr Command kOutOfDate[] = {
    {"// which constraints are there?\nCALL db.constraints();\n", "SHOW CONSTRAINTS", "// which constraints are there?\nSHOW CONSTRAINTS;\n"},
    {"CALL db.indexes();\n", "SHOW INDEXES", "SHOW INDEXES;\n"},
    {"CALL db.constraints() YIELD name, type\nWHERE name = 'person_email'\nRETURN name, type;\n", "SHOW CONSTRAINTS",
     "SHOW CONSTRAINTS YIELD name, type\nWHERE name = 'person_email'\nRETURN name, type;\n"},
    {"CALL dbms.listTransactions()\nYIELD transactionId, currentQuery, status\nWHERE status <> 'Running'\nRETURN *\n", "SHOW TRANSACTIONS",
     "SHOW TRANSACTIONS\nYIELD transactionId, currentQuery, status\nWHERE status <> 'Running'\nRETURN *\n"},
    {"CALL dbms.listQueries()\nYIELD queryId, query, elapsedTimeMillis\nWHERE elapsedTimeMillis > 30000\nRETURN *\n", "SHOW TRANSACTIONS YIELD transactionId, currentQuery, elapsedTime", ""},
    {"CALL dbms.listQueries() YIELD query, elapsedTimeMillis RETURN *\n", "SHOW TRANSACTIONS", ""},
    {"CALL dbms.killQuery('query-17')\n", "TERMINATE TRANSACTION 'transaction-id'", ""},
};

TEST(RunbookCommands, OutOfDateOnesNameThePresentForm) {
  for (const Command& c : kOutOfDate) {
    SCOPED_TRACE(c.text);
    const MigrationSet set = MakeSet(std::string(c.text), Engine::kNeo4j);
    const std::vector<Finding> found = Removed(set);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].severity, Severity::kError);
    EXPECT_TRUE(absl::StrContains(found[0].message, "is gone since Neo4j 5.0")) << found[0].message;
    EXPECT_TRUE(absl::StrContains(found[0].help, c.present)) << found[0].help;
    EXPECT_EQ(found[0].fix.has_value(), !c.fixed.empty());
    if (!c.fixed.empty()) {
      EXPECT_EQ(ApplyFixes(set, found, FixScope::kSafe), c.fixed);
    }
  }
}

TEST(RunbookCommands, SeveralInOneFile) {
  const MigrationSet set = MakeSet("MATCH (n) RETURN labels(n) AS label, count(n) AS count ORDER BY count DESC;\n\n// Check constraints\nCALL db.constraints();\n\n// Check indexes\nCALL db.indexes();\n", Engine::kNeo4j);
  EXPECT_EQ(Removed(set).size(), 2u);
}

TEST(RunbookCommands, TheOthersAreReadAndLeftAlone) {
  for (std::string_view text : {
           "MATCH (m:Migration)\nWHERE m.status = 'SUCCESS'\nRETURN m.filename, m.appliedAt\nORDER BY m.appliedAt DESC\nLIMIT 5;\n",
           "MATCH (m:Migration {status: 'FAILED'})\nRETURN m.filename, m.description, m.appliedAt\n",
           "MATCH (m:Migration)\nWHERE m.filename CONTAINS 'some_name'\nRETURN m.status\n",
           "// what was applied\nMATCH (m:Migration)\nWHERE m.appliedAt > datetime() - duration('PT1H')\nRETURN m.filename, m.status\nORDER BY m.appliedAt\n",
           "DROP CONSTRAINT constraint_name IF EXISTS;\n",
           "CALL apoc.periodic.iterate(\n  \"MATCH (n:Node) RETURN n\",\n  \"SET n.property = value\",\n  {batchSize: 1000}\n)\n",
           "CALL apoc.periodic.iterate(\n  \"MATCH (n:OldLabel) RETURN n\",\n  \"SET n:NewLabel REMOVE n:OldLabel\",\n  {batchSize: 1000, parallel: false}\n)\n",
           "CREATE INDEX temp_index IF NOT EXISTS\nFOR (n:Node) ON (n.property);\n\n// ...\n\nDROP INDEX temp_index IF EXISTS;\n",
           "MATCH (n)\nWHERE NOT (n)--()\nRETURN labels(n), count(n);\n",
           "SHOW CONSTRAINTS;\nSHOW INDEXES;\nSHOW TRANSACTIONS;\n",
       }) {
    SCOPED_TRACE(text);
    const MigrationSet set = MakeSet(std::string(text), Engine::kNeo4j);
    EXPECT_TRUE(Removed(set).empty());
    EXPECT_TRUE(RunRules(set, FindRule("syntax-error"), LintSettings()).empty());
    EXPECT_TRUE(RunRules(set, FindRule("cypher-deprecated-syntax"), LintSettings()).empty());
  }
}

}  // namespace
}  // namespace pawl
