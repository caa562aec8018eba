#include "rules/cypher/bounds.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/cypher/script.h"
#include "analyzer/source/source_file.h"
#include "gtest/gtest.h"
#include "rules/cypher/selectivity.h"

namespace pawl {
namespace {

using namespace cypher;

// A script, and the graph as the statements before the last have made it.
class Parsed {
 public:
  explicit Parsed(std::string text, int made_in = 0) : file_("t.cypher", std::move(text)), script_(ParseScript(file_, {0, static_cast<uint32_t>(file_.text().size())})) {
    for (size_t i = 0; i + 1 < script_->statements.size(); ++i) graph_.Apply(*script_->statements[i], {made_in, static_cast<uint32_t>(i), &file_, script_->statements[i]->span});
  }
  const Statement& last() const { return *script_->statements.back(); }
  const Graph& graph() const { return graph_; }

 private:
  SourceFile file_;
  std::unique_ptr<Script> script_;
  Graph graph_;
};

constexpr int kThis = 1;  // the migration being judged; what Parsed applies was made in `made_in`

std::string_view Show(Bound b) { return b == Bound::kFew ? "few" : b == Bound::kUnknown ? "unknown" : "many"; }

// The bound of the first clause that writes.
std::string_view AtWrite(std::string text, int made_in = 0) {
  const Parsed p(std::move(text), made_in);
  EXPECT_EQ(p.last().kind, StatementKind::kQuery);
  std::string_view found = "no write";
  FollowRows(p.last(), p.graph(), kThis, [&](const Step& step) {
    if (found == "no write" && step.clause->Writes()) found = Show(step.bound);
  });
  return found;
}

TEST(FollowRows, UnrestrictedMatchesAreMany) {
  EXPECT_EQ(AtWrite("MATCH (n:A) SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n) DETACH DELETE n"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE n.x IS NULL SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE n.at < 5 DELETE n"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE NOT n.k = 5 DELETE n"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A {active: true}) SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A {status: 'NEW'}) SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A)-[:R]->(m:B) SET m.x = n.x"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE n.k = n.l SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE n.k = 1 OR n.x > 2 SET n.x = 1"), "many");
}

TEST(FollowRows, KeysRestrict) {
  const std::string unique = "CREATE CONSTRAINT c FOR (n:A) REQUIRE n.k IS UNIQUE; ";
  EXPECT_EQ(AtWrite(unique + "MATCH (n:A {k: 1}) SET n.x = 1"), "few");
  EXPECT_EQ(AtWrite(unique + "MATCH (n:A) WHERE n.k IN [1, 2] SET n.x = 1"), "few");
  EXPECT_EQ(AtWrite(unique + "MATCH (n:B {k: 1}) SET n.x = 1"), "unknown");
  const std::string both = "CREATE CONSTRAINT c FOR (n:A) REQUIRE (n.k, n.l) IS UNIQUE; ";
  EXPECT_EQ(AtWrite(both + "MATCH (n:A {k: 1}) WHERE n.l = 2 SET n.x = 1"), "few");
  EXPECT_EQ(AtWrite(both + "MATCH (n:A {k: 1}) SET n.x = 1"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n) WHERE elementId(n) = $id SET n.x = 1"), "few");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE n.k = 1 OR n.k = 2 SET n.x = 1"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE n.k >= 1 AND n.k < 9 SET n.x = 1"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE toLower(n.mail) = 'x' SET n.x = 1"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE (n)-[:IN]->(:C {code: 'DE'}) SET n.x = 1"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n:A) WHERE (n)-[:IN]->() SET n.x = 1"), "many");
}

TEST(FollowRows, WalksFromAKeyAreUnknown) {
  EXPECT_EQ(AtWrite("MATCH (n:A {k: 1})-[:R]->(m) SET m.x = 1"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n:A {k: 1}) MATCH (m:B) SET m.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (m:B) MATCH (m)-[:R]->(n:A {k: 1}) SET m.x = 1"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (m:B) OPTIONAL MATCH (m)-[:R]->(n:A {k: 1}) SET m.x = 1"), "many");
}

TEST(FollowRows, ProjectionsChangeTheRows) {
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH n LIMIT 100 SET n.x = 1"), "few");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH n LIMIT 9000000 SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH count(n) AS c CREATE (:S {c: c})"), "few");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH DISTINCT n.k AS k MERGE (:K {k: k})"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH DISTINCT n SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH n, count(*) AS c SET n.c = c"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH collect(n) AS ns CREATE (:S {c: size(ns)})"), "few");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH collect(n) AS ns UNWIND ns AS n SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH collect(n)[..10] AS ns UNWIND ns AS n SET n.x = 1"), "few");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH collect(n) AS ns FOREACH (n IN ns | SET n.x = 1)"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH n.k AS k, collect(n) AS ns WHERE size(ns) > 1 UNWIND tail(ns) AS n DELETE n"), "unknown");
  EXPECT_EQ(AtWrite("MATCH (n:A) WITH n WHERE n.k = 7 SET n.x = 1"), "unknown");
}

TEST(FollowRows, ListsAndFiles) {
  EXPECT_EQ(AtWrite("UNWIND [1, 2] AS i CREATE (:A {k: i})"), "few");
  EXPECT_EQ(AtWrite("UNWIND $rows AS r CREATE (:A {k: r.k})"), "few");
  EXPECT_EQ(AtWrite("UNWIND range(1, 100) AS i CREATE (:A {k: i})"), "few");
  EXPECT_EQ(AtWrite("UNWIND range(1, 1000000) AS i CREATE (:A {k: i})"), "many");
  EXPECT_EQ(AtWrite("LOAD CSV FROM 'u' AS r CREATE (:A {k: r[0]})"), "many");
  EXPECT_EQ(AtWrite("LOAD CSV FROM 'u' AS r WITH r WHERE r[0] IS NOT NULL CREATE (:A {k: r[0]})"), "many");
  EXPECT_EQ(AtWrite("LOAD CSV FROM 'u' AS r WITH DISTINCT r[0] AS k MERGE (:A {k: k})"), "unknown");
}

TEST(FollowRows, Subqueries) {
  EXPECT_EQ(AtWrite("MATCH (n:A) CALL (n) { SET n.x = 1 }"), "many");
  EXPECT_EQ(AtWrite("MATCH (n:A) CALL (n) { SET n.x = 1 } IN TRANSACTIONS"), "few");
  EXPECT_EQ(AtWrite("CALL { MATCH (n:A) SET n.x = 1 } IN TRANSACTIONS"), "many");
  EXPECT_EQ(AtWrite("CALL { MATCH (n:A) RETURN n } SET n.x = 1"), "many");
  EXPECT_EQ(AtWrite("CALL { MATCH (n:A) RETURN count(n) AS c } CREATE (:S {c: c})"), "few");
  EXPECT_EQ(AtWrite("MATCH (n:A {k: 1}) CALL { WITH n MATCH (n)-[:R]->(m) RETURN m } SET m.x = 1"), "unknown");
  bool seen = false;
  const Parsed p("MATCH (n:A) CALL (n) { MATCH (n)-->(m) DELETE m } IN TRANSACTIONS");
  FollowRows(p.last(), p.graph(), kThis, [&](const Step& step) {
    if (step.clause->kind != ClauseKind::kDelete) return;
    seen = true;
    ASSERT_NE(step.batch, nullptr);
    ASSERT_NE(step.driving, nullptr);
    EXPECT_EQ(step.driving->bound, Bound::kMany);
    EXPECT_EQ(step.driving_index, 1u);
    EXPECT_NE(step.before->Find("m"), nullptr);
    EXPECT_NE(step.before->Find("n"), nullptr);
  });
  EXPECT_TRUE(seen);
}

TEST(FollowRows, VariablesKnowWhereTheyCameFrom) {
  const Parsed p("MATCH (a:A)-[r:R]->(b) CREATE (c:C) MERGE (d:D {k: 1}) WITH a AS x, r, c, d, collect(b) AS bs DELETE r");
  bool seen = false;
  FollowRows(p.last(), p.graph(), kThis, [&](const Step& step) {
    if (step.clause->kind != ClauseKind::kDelete) return;
    seen = true;
    EXPECT_EQ(step.before->Find("a"), nullptr);
    ASSERT_NE(step.before->Find("x"), nullptr);
    EXPECT_EQ(step.before->Find("x")->kind, VariableKind::kNode);
    EXPECT_EQ(step.before->Find("r")->kind, VariableKind::kRelationship);
    EXPECT_TRUE(step.before->Find("c")->created);
    EXPECT_TRUE(step.before->Find("d")->merged);
    EXPECT_EQ(step.before->Find("bs")->kind, VariableKind::kList);
    EXPECT_EQ(DescribeRows(step.cause), "every `R` relationship of `A` nodes");
  });
  EXPECT_TRUE(seen);
}

std::vector<Component> ComponentsOf(const std::string& text) {
  const Parsed p(text);
  std::vector<Component> out;
  FollowRows(p.last(), p.graph(), kThis, [&](const Step& step) {
    if (step.components != nullptr) out = *step.components;
  });
  return out;
}

TEST(FollowRows, ComponentsAndTies) {
  EXPECT_EQ(ComponentsOf("MATCH (a:A), (b:B) CREATE (a)-[:R]->(b)").size(), 2u);
  EXPECT_EQ(ComponentsOf("MATCH (a:A)-->(b), (b)-->(c) CREATE (a)-[:R]->(c)").size(), 1u);
  const auto tied = ComponentsOf("MATCH (a:A), (b:B) WHERE a.k = b.k CREATE (a)-[:R]->(b)");
  ASSERT_EQ(tied.size(), 2u);
  EXPECT_EQ(tied[0].joined, tied[1].joined);
  const auto loose = ComponentsOf("MATCH (a:A), (b:B) WHERE a.k < b.k CREATE (a)-[:R]->(b)");
  EXPECT_NE(loose[0].joined, loose[1].joined);
  const auto keyed = ComponentsOf("MATCH (a:A), (b:B {k: a.k}) CREATE (a)-[:R]->(b)");
  EXPECT_EQ(keyed[0].joined, keyed[1].joined);
}

TEST(MadeHere, OnlySeedsOfThisMigration) {
  EXPECT_EQ(AtWrite("CREATE (:T {k: 1}); MATCH (t:T) SET t.x = 1", kThis), "few");
  EXPECT_EQ(AtWrite("CREATE (:T {k: 1}); MATCH (t:T) SET t.x = 1", 0), "many");
  EXPECT_EQ(AtWrite("MATCH (u:U) SET u:T; MATCH (t:T) SET t.x = 1", kThis), "many");
  EXPECT_EQ(AtWrite("MATCH (u:U) CREATE (:T); MATCH (t:T) SET t.x = 1", kThis), "many");
}

bool ShrinksAt(const std::string& text) {
  const Parsed p(text);
  const auto& clauses = p.last().As<Query>().clauses;
  std::vector<const Clause*> driving, writes;
  for (const Clause* c : clauses) (writes.empty() && !c->Writes() ? driving : writes).push_back(c);
  return Shrinks(driving, writes);
}

TEST(Shrinks, WhatIsDoneIsLeftOut) {
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) DELETE n"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) WHERE n.x IS NULL SET n.x = 1"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) WHERE n.x IS NOT NULL REMOVE n.x"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) WHERE n.x IS NOT NULL SET n.x = null"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A {x: 1}) SET n.x = 2"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) WHERE n.x < 2 SET n += {x: 2}"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) REMOVE n:A"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) WHERE NOT n:B SET n:B"));
  EXPECT_TRUE(ShrinksAt("MATCH (n:A) WHERE NOT (n)-[:R]->() CREATE (n)-[:R]->(:B)"));
  EXPECT_TRUE(ShrinksAt("OPTIONAL MATCH (n:A) WITH n WHERE n IS NULL CREATE (:A)"));
  EXPECT_FALSE(ShrinksAt("MATCH (n:A) SET n.x = 1"));
  EXPECT_FALSE(ShrinksAt("MATCH (n:A) WHERE n.x IS NOT NULL SET n.x = 1"));
  EXPECT_FALSE(ShrinksAt("MATCH (n:A) WHERE n.x > 1 SET n.x = n.x + 1"));
  EXPECT_FALSE(ShrinksAt("MATCH (n:A) WHERE n.y IS NULL SET n.x = 1"));
  EXPECT_FALSE(ShrinksAt("MATCH (n:A) SET n:B"));
  EXPECT_FALSE(ShrinksAt("MATCH (n:A) CREATE (n)-[:R]->(:B)"));
}

TEST(EmbeddingOf, RolesByArgument) {
  const Parsed p("CALL apoc.periodic.iterate('MATCH (n:A) RETURN n', 'SET n.x = 1', {})");
  const Clause& call = *p.last().As<Query>().clauses[0];
  ASSERT_EQ(call.embedded.size(), 2u);
  EXPECT_EQ(EmbeddingOf(p.last()).role, EmbeddedRole::kNone);
  EXPECT_EQ(EmbeddingOf(*call.embedded[0]).role, EmbeddedRole::kDriving);
  EXPECT_EQ(EmbeddingOf(*call.embedded[0]).action, call.embedded[1]);
  EXPECT_EQ(EmbeddingOf(*call.embedded[1]).role, EmbeddedRole::kAction);
  EXPECT_EQ(EmbeddingOf(*call.embedded[1]).driving, call.embedded[0]);
  const Variable* n = nullptr;
  FollowRows(*call.embedded[1], p.graph(), kThis, [&](const Step& step) {
    EXPECT_EQ(step.bound, Bound::kFew);
    n = step.before->Find("n");
    EXPECT_NE(n, nullptr);
  });
}

}  // namespace
}  // namespace pawl
