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

// What somebody has to look at after a crash, and what just goes on.
TEST(PlanCypherTest, OnlyBatchesThatCertainlyMayRunAgainDo) {
  const auto repeatable = [](const std::string& driving, const std::string& body, const char* imports = "(p)") {
    return Cut(driving + " CALL " + imports + " { " + body + " } IN TRANSACTIONS OF 100 ROWS;") == "A*";
  };
  const std::string all = "MATCH (p:P)", unseen = "MATCH (p:P) WHERE p.seen IS NULL";
  // The rows that are done are not found again.
  EXPECT_TRUE(repeatable(unseen, "SET p.n = p.n + 1, p.seen = true"));
  EXPECT_TRUE(repeatable(unseen + " AND p.n > 3", "SET p.n = p.n + 1 SET p += {seen: datetime()}"));
  EXPECT_TRUE(repeatable("MATCH (p:P) WITH p WHERE p.id IS NULL", "SET p.id = randomUUID()"));
  EXPECT_TRUE(repeatable("MATCH (p:P {state: 'old'})", "SET p.n = p.n + 1, p.state = 'new'"));
  EXPECT_TRUE(repeatable("MATCH (p:P) WHERE p.state = 'old'", "SET p.state = 'new' CREATE (:Log {at: datetime()})"));
  EXPECT_TRUE(repeatable("MATCH (p:P) WHERE p.old IS NOT NULL", "SET p.n = p.n + p.old REMOVE p.old"));
  EXPECT_TRUE(repeatable("MATCH (p:Old)", "SET p:New, p.n = p.n + 1 REMOVE p:Old"));
  EXPECT_TRUE(repeatable("MATCH (p:P) WHERE NOT p:Done", "SET p:Done, p.n = p.n + 1"));
  EXPECT_TRUE(repeatable(all, "DETACH DELETE p"));
  EXPECT_TRUE(repeatable("MATCH (a:A)-[r:OLD]->(b:B)", "CREATE (a)-[:NEW {at: timestamp()}]->(b) DELETE r", "(a, b, r)"));
  EXPECT_TRUE(repeatable("MATCH (p:P) WHERE NOT (p)-[:IN]->()", "CREATE (p)-[:IN]->(:Place {name: p.place})"));
  EXPECT_TRUE(repeatable("MATCH (p:P) WHERE NOT EXISTS { (p)-[:IN]->() }", "MERGE (p)-[:IN]->(:Place {name: p.place})"));
  // Doing it twice is doing it once.
  EXPECT_TRUE(repeatable(all, "SET p.full = p.first + ' ' + p.last"));
  EXPECT_TRUE(repeatable("MATCH (p:P) WHERE p.full IS NULL", "SET p.full = trim(p.first)"));
  EXPECT_TRUE(repeatable(all, "MERGE (c:City {name: p.city}) ON CREATE SET c.made = datetime() MERGE (p)-[:LIVES_IN]->(c)"));
  EXPECT_TRUE(repeatable("LOAD CSV WITH HEADERS FROM 'file:///p.csv' AS row", "MERGE (p:P {id: row.id}) SET p.name = row.name", "(row)"));
  EXPECT_TRUE(repeatable("UNWIND range(1, 100000) AS i", "MERGE (:P {i: i})", "(i)"));
  EXPECT_TRUE(repeatable(all, "REMOVE p.obsolete"));

  EXPECT_FALSE(repeatable(all, "SET p.n = p.n + 1"));
  EXPECT_FALSE(repeatable(all, "CREATE (:Log {of: p.id})"));
  EXPECT_FALSE(repeatable(all, "SET p.at = datetime()"));
  EXPECT_FALSE(repeatable(all, "MERGE (c:C {i: p.i}) ON CREATE SET c.n = 1 ON MATCH SET c.n = c.n + 1"));
  EXPECT_FALSE(repeatable(all, "MERGE (:C {i: randomUUID()})"));
  EXPECT_FALSE(repeatable(all, "MERGE (p)-[:EV {at: timestamp()}]->(:C {i: p.i})"));
  EXPECT_FALSE(repeatable(all, "MERGE (c:C {i: p.i}) SET c.i = c.i + 1"));
  EXPECT_FALSE(repeatable("MATCH (p:P) WITH p ORDER BY p.i LIMIT 2", "DETACH DELETE p"));
  EXPECT_FALSE(repeatable("MATCH (p:P) WITH p SKIP 2", "DETACH DELETE p"));
  EXPECT_FALSE(repeatable("MATCH (p:P) WHERE p.seen IS NULL OR p.i > 2", "SET p.n = p.n + 1, p.seen = true"));
  EXPECT_FALSE(repeatable(unseen, "SET p.n = p.n + 1, p.seen = p.nope"));
  EXPECT_FALSE(repeatable(unseen, "SET p.n = p.n + 1, p.seen = CASE WHEN p.i > 2 THEN null ELSE true END"));
  EXPECT_FALSE(repeatable(unseen, "SET p.n = p.n + 1, p.seen = true REMOVE p.seen"));
  EXPECT_FALSE(repeatable(unseen, "SET p.n = p.n + 1 WITH p WHERE p.i > 2 SET p.seen = true"));
  EXPECT_FALSE(repeatable(unseen, "SET p.n = p.n + 1 FOREACH (x IN p.list | SET p.seen = true)"));
  EXPECT_FALSE(repeatable(unseen, "MATCH (p)-[:X]->(q) SET p.n = p.n + 1, p.seen = true"));
  EXPECT_FALSE(repeatable(unseen, "SET p.n = p.n + 1 CREATE (q:Q) SET q.seen = true"));
  EXPECT_FALSE(repeatable(unseen, "SET p.n = p.n + 1, p.seen = true CREATE (:P)"));
  EXPECT_FALSE(repeatable("MATCH (p:P)-[:X]->(q:Q) WHERE p.seen IS NULL", "SET p.seen = true, q.n = q.n + 1", "(p, q)"));
  EXPECT_FALSE(repeatable("MATCH (p)-[r:OLD]-(q)", "CREATE (p)-[:NEW]->(q) DELETE r", "(p, q, r)"));
  EXPECT_FALSE(repeatable("MATCH (p:P) WHERE NOT (p)-[:IN]->()", "MATCH (p)-[:WAS]->(q) CREATE (p)-[:IN]->(q)"));
  EXPECT_FALSE(repeatable("MATCH (p:P) WITH p.city AS city, count(*) AS n", "MERGE (c:City {name: city}) SET c.n = n", "(city, n)"));
  EXPECT_FALSE(repeatable("MATCH (p:P)-[:KNOWS]->(:Done)", "SET p:Done"));
  EXPECT_FALSE(repeatable(all, "SET p = {n: 1}"));
  EXPECT_FALSE(repeatable(all, "CALL apoc.create.node(['X'], {}) YIELD node RETURN node"));
  EXPECT_FALSE(repeatable("MATCH (p:P|Q)", "SET p.n = p.n + 1 REMOVE p:P"));
}

TEST(PlanCypherTest, ParametersHaveNoValue) {
  const std::string told = Cut("MATCH (a:A {id: $id}) SET a.n = 1;");
  EXPECT_NE(told.find("`$id` has no value"), std::string::npos) << told;
  EXPECT_EQ(Cut("MATCH (a:A {id: '$id'}) SET a.`$x` = 1;"), "T(1)");
}

TEST(PlanCypherTest, CommandsOfTheShell) {
  EXPECT_EQ(Cut(":begin\nCREATE (:A);\n:commit\n:begin\nCREATE (:B);\n:commit\n"), "T(1) T(1)");
  EXPECT_EQ(Cut(":begin\nCREATE (:A);\n"), "T(1) 1: `:begin` opens a transac");
  EXPECT_EQ(Cut(":use other;\nCREATE (:A);\n"), "T(1) 1: `:use` is a command of c");
  EXPECT_EQ(Cut("CREATE DATABASE x;"), "1: `CREATE DATABASE` is a c");
}

}  // namespace
}  // namespace pawl
