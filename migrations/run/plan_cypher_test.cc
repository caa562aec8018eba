#include "migrations/run/plan_cypher.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

// "T(2) S A*": a transaction of two statements, a schema command, a lone statement (* if it may run again), or the problems.
std::string Cut(const std::string& text) {
  MigrationSet set;
  set.engine = Engine::kNeo4j;
  set.layout = Layout::kNumbered;
  set.files.push_back(std::make_unique<SourceFile>("1_x.cypher", text));
  Migration m;
  m.version = "1";
  m.up = ScriptRef{set.files[0].get(), {0, static_cast<uint32_t>(text.size())}, TransactionMode::kStatement, false};
  set.migrations.push_back(std::move(m));
  PlanRequest request;
  request.set = &set;
  request.migrations = {&set.migrations[0]};
  request.server_version = 526;
  std::vector<PlanProblem> problems;
  const std::vector<PlanMigration> planned = PlanCypherMigrations(request, &problems);
  std::vector<std::string> out;
  for (const PlanUnit& u : planned[0].units) {
    if (u.transaction) out.push_back(absl::StrCat("T(", u.statements.size(), ")"));
    else out.push_back(u.probe.kind == ProbeKind::kSchema ? "S" : u.probe.kind == ProbeKind::kRepeat ? "A*" : "A");
  }
  for (const PlanProblem& p : problems) out.push_back(absl::StrCat(p.line, ": ", p.message.substr(0, 24)));
  return absl::StrJoin(out, " ");
}

TEST(PlanCypherTest, DataIsOneTransaction) {
  EXPECT_EQ(Cut("CREATE (:A); CREATE (:B);\nMATCH (a:A) SET a.x = ';' // no end;\n;"), "T(3)");
  EXPECT_EQ(Cut("// nothing\n"), "");
}

TEST(PlanCypherTest, SchemaCommandsStandAlone) {
  EXPECT_EQ(Cut("CREATE INDEX i FOR (a:A) ON (a.x); DROP CONSTRAINT c;"), "S S");
  EXPECT_EQ(Cut("CREATE INDEX i FOR (a:A) ON (a.x); CALL db.awaitIndexes();"), "S T(1)");
}

TEST(PlanCypherTest, SchemaAndDataNeedTheFilesWord) {
  EXPECT_EQ(Cut("CREATE INDEX i FOR (a:A) ON (a.x);\nCREATE (:A);"), "S T(1) 2: the file changes the sch");
  EXPECT_EQ(Cut("// pawl: no-transaction\nCREATE INDEX i FOR (a:A) ON (a.x);\nCREATE (:A); CREATE (:B);"), "S T(1) T(1)");
}

TEST(PlanCypherTest, BatchesStandAloneAndAreKnownToGoOn) {
  EXPECT_EQ(Cut("MATCH (a:A) WHERE a.x IS NULL CALL (a) { SET a.x = 1 } IN TRANSACTIONS;"), "A*");
  EXPECT_EQ(Cut("MATCH (a:A) CALL (a) { SET a.x = a.x + 1 } IN TRANSACTIONS OF 10 ROWS;"), "A");
  EXPECT_EQ(Cut("CREATE (:A); MATCH (a:A) CALL (a) { CREATE (:B) } IN TRANSACTIONS; CREATE (:C);"), "T(1) A T(1)");
  EXPECT_EQ(Cut("RETURN 'CALL { } IN TRANSACTIONS';"), "T(1)");
}

TEST(PlanCypherTest, CommandsOfTheShell) {
  EXPECT_EQ(Cut(":begin\nCREATE (:A);\n:commit\n:begin\nCREATE (:B);\n:commit\n"), "T(1) T(1)");
  EXPECT_EQ(Cut(":begin\nCREATE (:A);\n"), "T(1) 1: `:begin` opens a transac");
  EXPECT_EQ(Cut(":use other;\nCREATE (:A);\n"), "T(1) 1: `:use` is a command of c");
  EXPECT_EQ(Cut("CREATE DATABASE x;"), "1: `CREATE DATABASE` is a c");
}

}  // namespace
}  // namespace pawl
