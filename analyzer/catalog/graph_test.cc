#include "analyzer/catalog/graph.h"

#include <memory>
#include <string>

#include "analyzer/cypher/script.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

// Replays `text`, each statement as one of migration 0, 1, 2 ...
struct Replayed {
  SourceFile file;
  std::unique_ptr<cypher::Script> script;
  Graph graph;

  explicit Replayed(std::string text) : file("a.cypher", std::move(text)), script(cypher::ParseScript(file, {0, static_cast<uint32_t>(file.text().size())})) {
    uint32_t n = 0;
    for (const cypher::Statement* s : script->statements) {
      graph.Apply(*s, {static_cast<int>(n), n, &file, s->span});
      ++n;
    }
  }
};

TEST(Graph, ConstraintsAndIndexes) {
  const Replayed r(
      "CREATE CONSTRAINT a IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n"
      "CREATE INDEX b IF NOT EXISTS FOR (p:Person) ON (p.name, p.age);\n");
  ASSERT_NE(r.graph.FindConstraint("a"), nullptr);
  EXPECT_EQ(r.graph.FindConstraint("a")->label, "Person");
  EXPECT_NE(r.graph.UniqueOn("Person", {"email", "x"}), nullptr);
  EXPECT_EQ(r.graph.UniqueOn("Person", {"name"}), nullptr);
  EXPECT_NE(r.graph.IndexOn(cypher::EntityKind::kNode, "Person", {"age", "name"}), nullptr);
  EXPECT_FALSE(r.graph.FindIndex("b")->awaited);
}

TEST(Graph, DropKeepsWhatWasDropped) {
  const Replayed r("CREATE CONSTRAINT a FOR (p:Person) REQUIRE p.email IS UNIQUE;\nDROP CONSTRAINT a IF EXISTS;\nDROP INDEX nothing IF EXISTS;");
  EXPECT_TRUE(r.graph.constraints().empty());
  ASSERT_EQ(r.graph.dropped().size(), 1u);
  EXPECT_EQ(r.graph.dropped()[0].dropped.migration, 1);
}

TEST(Graph, IfNotExistsLeavesWhatIsThere) {
  const Replayed r("CREATE CONSTRAINT a FOR (p:Person) REQUIRE p.email IS UNIQUE;\nCREATE CONSTRAINT a IF NOT EXISTS FOR (c:Car) REQUIRE c.id IS UNIQUE;");
  ASSERT_EQ(r.graph.constraints().size(), 1u);
  EXPECT_EQ(r.graph.constraints()[0].label, "Person");
}

TEST(Graph, AwaitIndexes) {
  const Replayed r("CREATE INDEX b FOR (p:Person) ON (p.name);\nCALL db.awaitIndexes(300);");
  EXPECT_TRUE(r.graph.FindIndex("b")->awaited);
}

TEST(Graph, NamesThatWereWritten) {
  const Replayed r(
      "CREATE (:Person {name: 'a'})-[:KNOWS {since: 1}]->(:Robot);\n"
      "MATCH (p:Person) SET p.age = 1, p:Adult, p += {seen: true};\n"
      "MATCH (x:OnlyRead) RETURN x.nothing;");
  EXPECT_TRUE(r.graph.LabelWritten("Person"));
  EXPECT_TRUE(r.graph.LabelWritten("Robot"));
  EXPECT_TRUE(r.graph.LabelWritten("Adult"));
  EXPECT_FALSE(r.graph.LabelWritten("OnlyRead"));
  ASSERT_NE(r.graph.Matched(cypher::EntityKind::kNode, "OnlyRead"), nullptr);
  EXPECT_EQ(r.graph.Matched(cypher::EntityKind::kRelationship, "OnlyRead"), nullptr);
  EXPECT_EQ(r.graph.Matched(cypher::EntityKind::kNode, "Robot"), nullptr);
  EXPECT_TRUE(r.graph.TypeWritten("KNOWS"));
  for (const char* key : {"name", "since", "age", "seen"}) EXPECT_TRUE(r.graph.KeyWritten(key)) << key;
  EXPECT_FALSE(r.graph.KeyWritten("nothing"));
}

}  // namespace
}  // namespace pawl
