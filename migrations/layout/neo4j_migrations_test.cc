#include "gtest/gtest.h"
#include "migrations/layout/layout_testing.h"

namespace pawl {
namespace {

TEST(Neo4jMigrationsTest, VersionedAndRepeatable) {
  EXPECT_EQ(Show(Sets({{{"V1_10__b.cypher", "B;"}, {"V1_2__a.cypher", "A;"}, {"R1__c.cypher", "C;"}}, {}, {}, Engine::kNeo4j})),
            "neo4j-migrations ordered\n[1.2] a up=V1_2__a.cypher(file)<A;>\n[1.10] b up=V1_10__b.cypher(file)<B;>\n[1] c repeatable up=R1__c.cypher(file)<C;>\n");
}

TEST(Neo4jMigrationsTest, PairsOfOurOwn) {
  EXPECT_EQ(Show(Sets({{{"V1__a.up.cypher", "A;"}, {"V1__a.down.cypher", "a;"}}, {}, {}, Engine::kNeo4j})),
            "neo4j-migrations ordered has-downs\n[1] a up=V1__a.up.cypher(file)<A;> down=V1__a.down.cypher(file)<a;>\n");
}

TEST(Neo4jMigrationsTest, InTransactionsMakesTheFileRunByStatement) {
  const auto sets = Sets({{{"V1__a.cypher", "MATCH (n) CALL (n) { DELETE n } IN TRANSACTIONS;"}}, {}, {}, Engine::kNeo4j});
  EXPECT_EQ(sets[0].migrations[0].up->transaction, TransactionMode::kStatement);
}

TEST(Neo4jMigrationsTest, Strays) {
  EXPECT_EQ(Show(Sets({{{"V1__a.cypher", "A;"}, {"V2_b.cypher", "B;"}, {"notes.cypher", "N;"}}, {}, {}, Engine::kNeo4j})),
            "neo4j-migrations ordered\n[1] a up=V1__a.cypher(file)<A;>\n"
            "stray V2_b.cypher: does not match V1__name.cypher: a capital V, the version and two underscores must come first\n"
            "plain partial\n[] notes up=notes.cypher(statement)<N;>\n");
}

}  // namespace
}  // namespace pawl
