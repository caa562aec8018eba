#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/cypher/script.h"
#include "analyzer/source/source_file.h"
#include "gtest/gtest.h"

namespace pawl::cypher {
namespace {

// A script with its file, for as long as a test looks at it.
struct Parsed {
  explicit Parsed(std::string text, Version version = Version::k5) : file("a.cypher", std::move(text)) {
    ParseOptions options;
    options.version = version;
    options.comments = true;
    script = ParseScript(file, {0, static_cast<uint32_t>(file.text().size())}, options);
  }
  const Statement& operator[](size_t i) const { return *script->statements.at(i); }
  size_t size() const { return script->statements.size(); }
  std::string Slice(Span s) const { return std::string(file.Slice(s)); }
  const Clause& ClauseAt(size_t i, size_t statement = 0) const { return *(*this)[statement].As<Query>().clauses.at(i); }
  const SyntaxError& Error(size_t i = 0) const { return (*this)[i].As<SyntaxError>(); }

  SourceFile file;
  std::unique_ptr<Script> script;
};

TEST(SplitTest, StatementsCommentsAndClientCommands) {
  const Parsed p("\xEF\xBB\xBF:param x => 'it''s'\r\nMATCH (n) RETURN n; // note; here\r\nCREATE (:`A;B` {t: 'a;\nb'}); /* x; */ RETURN 1\n;;\n:auto MATCH (n) DETACH DELETE n;\n:use system\n");
  ASSERT_EQ(p.size(), 7u);
  EXPECT_EQ(p[0].kind, StatementKind::kClientCommand);
  EXPECT_EQ(p[0].As<ClientCommand>().command, ":param");
  EXPECT_EQ(p[0].As<ClientCommand>().argument, "x => 'it''s'");
  EXPECT_EQ(p.Slice(p[1].span), "MATCH (n) RETURN n");
  EXPECT_EQ(p.Slice(p[2].span), "CREATE (:`A;B` {t: 'a;\nb'})");
  EXPECT_EQ(p.Slice(p[3].span), "RETURN 1");
  EXPECT_EQ(p[4].As<ClientCommand>().command, ":auto");
  EXPECT_EQ(p.Slice(p[5].span), "MATCH (n) DETACH DELETE n");
  EXPECT_EQ(p[6].As<ClientCommand>().argument, "system");
  ASSERT_EQ(p.script->comments.size(), 2u);
  EXPECT_EQ(p.Slice(p.script->comments[0]), "// note; here");
  EXPECT_EQ(p.script->total_statements, 4u);
  EXPECT_EQ(p.script->syntax_errors, 0u);
}

TEST(SplitTest, OneMistakeHidesNoOtherStatement) {
  const Parsed p("CREATE (:A {x: 'oops});\nMATCH (n) RETURN n;\nCREATE (:B {y: 'fine'});\nCREATE (:C {z: \"open;\nMERGE (d:D);\n");
  ASSERT_EQ(p.size(), 5u);
  EXPECT_EQ(p[0].kind, StatementKind::kSyntaxError);
  EXPECT_EQ(p.Slice(p.Error(0).span), "'");
  EXPECT_EQ(p[1].kind, StatementKind::kQuery);
  EXPECT_EQ(p[2].kind, StatementKind::kQuery);
  EXPECT_EQ(p[3].kind, StatementKind::kSyntaxError);
  EXPECT_EQ(p.Slice(p.Error(3).span), "\"");
  EXPECT_EQ(p.Slice(p[4].span), "MERGE (d:D)");
}

TEST(SplitTest, MissingSemicolon) {
  const Parsed p("CREATE INDEX a IF NOT EXISTS FOR (n:A) ON (n.x)\nCREATE INDEX b IF NOT EXISTS FOR (n:B) ON (n.x);");
  ASSERT_EQ(p.size(), 3u);
  EXPECT_EQ(p[0].kind, StatementKind::kCreateIndex);
  EXPECT_EQ(p.Error(1).message, "missing `;` before `CREATE`");
  EXPECT_EQ(p.Error(1).replacement, ";");
  EXPECT_EQ(p[2].As<CreateIndex>().name.text, "b");
}

TEST(SplitTest, DeepBracketsAreAFindingNotACrash) {
  for (const char* pair : {"()", "[]"}) {
    for (size_t n : {10000u, 1000000u}) {
      const Parsed p("RETURN " + std::string(n, pair[0]) + "1" + std::string(n, pair[1]) + "; RETURN 1");
      ASSERT_EQ(p.size(), 2u);
      EXPECT_EQ(p.Error().message, "brackets nest deeper than 400 levels");
      EXPECT_EQ(p[1].kind, StatementKind::kQuery);
    }
  }
  std::string maps, cases, nots = "RETURN ";
  for (int i = 0; i < 10000; ++i) {
    maps += "{a: ";
    cases += "CASE WHEN true THEN ";
    nots += "NOT ";
  }
  EXPECT_EQ(Parsed("RETURN " + maps)[0].kind, StatementKind::kSyntaxError);
  EXPECT_EQ(Parsed("RETURN " + cases + "1")[0].kind, StatementKind::kSyntaxError);
  EXPECT_EQ(Parsed(nots + "true")[0].kind, StatementKind::kSyntaxError);
  std::string long_or = "MATCH (n) WHERE n.x = 0";
  for (int i = 1; i < 20000; ++i) long_or += " OR n.x = " + std::to_string(i);
  const Parsed p(long_or + " RETURN n");
  ASSERT_EQ(p[0].kind, StatementKind::kQuery);
  EXPECT_EQ(p.ClauseAt(0).where->arguments.size(), 20000u);
}

TEST(AstTest, BatchedDelete) {
  const Parsed p("MATCH (n:`Old Label`) WHERE n.seen < $before CALL (n) { DETACH DELETE n } IN 4 CONCURRENT TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE REPORT STATUS AS s RETURN s");
  const Clause& match = p.ClauseAt(0);
  const NodePattern& node = *match.pattern->paths[0]->elements[0].node;
  EXPECT_EQ(node.variable.text, "n");
  EXPECT_EQ(node.labels.names[0].text, "Old Label");
  EXPECT_EQ(p.Slice(node.labels.names[0].span), "`Old Label`");
  EXPECT_EQ(match.where->text, "<");
  EXPECT_EQ(match.where->arguments[1]->kind, ExprKind::kParameter);
  const Clause& call = p.ClauseAt(1);
  ASSERT_EQ(call.kind, ClauseKind::kCallSubquery);
  EXPECT_EQ(call.scope[0].text, "n");
  EXPECT_TRUE(call.query->clauses[0]->detach);
  EXPECT_TRUE(call.transactions->concurrent);
  EXPECT_EQ(call.transactions->of_rows->text, "1000");
  EXPECT_EQ(call.transactions->on_error, OnError::kContinue);
  EXPECT_EQ(call.transactions->report_status.text, "s");
  EXPECT_TRUE(p[0].accepted);
}

TEST(AstTest, MergeSetRemove) {
  const Parsed p("MERGE (a:A {id: $id})-[r:R*1..3]->(b) ON CREATE SET a.x = 1, a += $m ON MATCH SET a = {y: 2}, a:B:C REMOVE a.z, a:D SET a['k'] = 1");
  const Clause& merge = p.ClauseAt(0);
  EXPECT_EQ(merge.pattern->paths[0]->elements.size(), 3u);
  const RelationshipPattern& r = *merge.pattern->paths[0]->elements[1].relationship;
  EXPECT_EQ(r.direction, Direction::kRight);
  EXPECT_EQ(r.length.max, 3u);
  ASSERT_EQ(merge.actions.size(), 2u);
  EXPECT_TRUE(merge.actions[0].on_create);
  EXPECT_EQ(merge.actions[0].items[0].key.text, "x");
  EXPECT_EQ(merge.actions[0].items[1].kind, SetKind::kMerge);
  EXPECT_EQ(merge.actions[1].items[0].kind, SetKind::kReplaceAll);
  EXPECT_EQ(merge.actions[1].items[1].labels.names.size(), 2u);
  EXPECT_EQ(p.ClauseAt(1).items[1].kind, SetKind::kLabels);
  EXPECT_EQ(p.ClauseAt(2).items[0].kind, SetKind::kDynamicProperty);
}

TEST(AstTest, ClausesJoinTheirTails) {
  const Parsed p("MATCH (n) WHERE n.a WITH n, count(*) AS c ORDER BY c DESC SKIP 1 LIMIT 2 WHERE c > 1 RETURN DISTINCT n.x AS x LIMIT 3");
  ASSERT_EQ(p[0].As<Query>().clauses.size(), 3u);
  const Projection& with = *p.ClauseAt(1).projection;
  EXPECT_TRUE(with.order_by[0].descending);
  EXPECT_TRUE(with.skip != nullptr && with.limit != nullptr && with.where != nullptr);
  EXPECT_TRUE(with.items[1].expression->star);
  EXPECT_TRUE(p.ClauseAt(2).projection->distinct);
}

TEST(AstTest, SchemaCommandsAndPlacesForFixes) {
  const Parsed p("CREATE CONSTRAINT c FOR (n:A) REQUIRE (n.x, n.y) IS NODE KEY OPTIONS {indexProvider: 'range-1.0'};\nCREATE FULLTEXT INDEX FOR (n:A|B) ON EACH [n.x];DROP INDEX i");
  const auto& c = p[0].As<CreateConstraint>();
  EXPECT_EQ(c.kind, ConstraintKind::kKey);
  EXPECT_EQ(c.properties[1].text, "y");
  EXPECT_EQ(c.options[0].key.text, "indexProvider");
  EXPECT_EQ(p.Slice({0, c.if_not_exists_at}), "CREATE CONSTRAINT c");
  const auto& i = p[1].As<CreateIndex>();
  EXPECT_EQ(i.kind, IndexKind::kFulltext);
  EXPECT_EQ(i.labels.size(), 2u);
  EXPECT_TRUE(i.name.empty());
  EXPECT_EQ(p.Slice({p[1].span.begin, i.name_at}), "CREATE FULLTEXT INDEX");
  EXPECT_EQ(p[2].As<DropSchema>().name.text, "i");
}

TEST(FormsTest, RemovedFormsAreReadAndRewritten) {
  struct Case {
    const char* text;
    Form form;
    const char* replaced;
    const char* replacement;
  };
  for (const Case& c : {
           Case{"CREATE INDEX ON :A(x, y)", Form::kIndexOn, "ON :A(x, y)", "FOR (n:A) ON (n.x, n.y)"},
           Case{"CREATE CONSTRAINT ON (n:A) ASSERT n.x IS UNIQUE", Form::kConstraintOn, "ON", "FOR"},
           Case{"MATCH (n {x: {p}}) RETURN n", Form::kOldParameter, "{p}", "$p"},
           Case{"MATCH (n) WHERE exists(n.x) RETURN n", Form::kExistsFunction, "exists(n.x)", "(n.x IS NOT NULL)"},
           Case{"MATCH (n) RETURN size((n)-->())", Form::kSizeOfPattern, "size((n)-->())", "COUNT { (n)-->() }"},
           Case{"MATCH ()-[:A|:B]->() RETURN 1", Form::kColonTypeAlternatives, ":", ""},
           Case{"RETURN 0X1F", Form::kHexUpper, "0X1F", "0x1F"},
           Case{"MATCH (n) CALL { WITH n SET n.x = 1 } RETURN n", Form::kImportingWith, "{ WITH n ", "(n) { "},
       }) {
    const Parsed p(c.text);
    ASSERT_EQ(p.size(), 1u);
    ASSERT_NE(p[0].kind, StatementKind::kSyntaxError) << c.text << ": " << p.Error().message;
    const FormUse* use = nullptr;
    for (const FormUse& f : p[0].forms) {
      if (f.form == c.form && use == nullptr) use = &f;
    }
    ASSERT_NE(use, nullptr) << c.text;
    EXPECT_TRUE(use->has_replacement) << c.text;
    EXPECT_EQ(p.Slice(use->replace_span), c.replaced) << c.text;
    EXPECT_EQ(use->replacement, c.replacement) << c.text;
  }
  EXPECT_TRUE(Parsed("CREATE INDEX ON :A(x)", Version::k44)[0].accepted);
  EXPECT_FALSE(Parsed("CREATE INDEX ON :A(x)")[0].accepted);
  EXPECT_FALSE(Parsed("LET x = 1 RETURN x")[0].accepted);
  EXPECT_TRUE(Parsed("CYPHER 25 LET x = 1 RETURN x")[0].accepted);
}

TEST(EmbeddedTest, ApocArgumentsAreParsedWithOuterSpans) {
  const Parsed p("CALL apoc.periodic.iterate('MATCH (n:A {t: \\'x\\'}) RETURN n', \"DETACH DELETE n\", {batchSize: 100})");
  const Clause& call = p.ClauseAt(0);
  ASSERT_EQ(call.embedded.size(), 2u);
  const Statement& first = *call.embedded[0];
  EXPECT_TRUE(first.embedded);
  EXPECT_EQ(first.outer, &p[0]);
  EXPECT_EQ(p.Slice(first.span), "MATCH (n:A {t: \\'x\\'}) RETURN n");
  EXPECT_EQ(p.Slice(first.As<Query>().clauses[1]->span), "RETURN n");
  EXPECT_EQ(p.Slice(call.embedded[1]->As<Query>().clauses[0]->span), "DETACH DELETE n");
}

TEST(PrefixTest, ExplainAndVersion) {
  const Parsed p("EXPLAIN CYPHER 25 runtime=slotted MATCH (n) RETURN n");
  EXPECT_EQ(p[0].prefix.explain, Explain::kExplain);
  EXPECT_EQ(p[0].prefix.version, 25);
  EXPECT_EQ(p[0].version, Version::k25);
  EXPECT_EQ(p[0].prefix.options[0].value.text, "slotted");
}

}  // namespace
}  // namespace pawl::cypher
