// Mistakes that people make, and what they are told: the correction where one is known, else what could stand there.
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cypher/script.h"
#include "analyzer/source/source_file.h"
#include "gtest/gtest.h"

namespace pawl::cypher {
namespace {

struct Mistake {
  const char* statement;
  const char* told;   // the help, or the message where there is none
};

constexpr Mistake kMistakes[] = {
    {"MATCH (n) WHERE n.x => 1 RETURN n", "write `>=`"},
    {"MATCH (n) WHERE n.x =< 1 RETURN n", "write `<=`"},
    {"MATCH (a)-[:R]>(b) RETURN a", "an arrow is `]->`"},
    {"CREATE (n {'name': 1})", "a key stands without quotes, or in backticks"},
    {"CREATE (n:Person name: 'Ann')", "properties stand in braces: `{key: value}`"},
    {"MATCH (n) WHERE n.x IN 'a', 'b' RETURN n", "a list stands in brackets: `IN ['a', 'b']`"},
    {"MATCH (n) AND n.x > 1 RETURN n", "the first condition begins with `WHERE`"},
    {"MERGE (n:P {id: 1}) ON UPDATE SET n.x = 1", "write `ON MATCH SET`"},
    {"MATCH (n) REMOVE n.x = null", "`REMOVE` takes the property alone; a value is given with `SET`"},
    {"MATCH (n) SET n.x : 1", "a value is given with `=`: `SET n.key = value`"},
    {"MATCH (n) SET n.x = 1 WHERE n.y = 2", "filter before the write: `MATCH ... WHERE ...`, then the write"},
    {"MATCH (n) DELETE n WHERE n.y = 2", "filter before the write: `MATCH ... WHERE ...`, then the write"},
    {"MATCH (n) CALL { WITH n DELETE n } IN TRANSACTIONS OF 100", "write `OF 1000 ROWS`"},
    {"CREATE NODE (n:Person)", "write `CREATE (n:Label)`"},
    {"CREATE INDEX i ON Person(name)", "write `FOR (n:Person) ON (n.key)`"},
    {"CREATE INDEX i FOR (n:P) ON n.a, n.b", "several properties stand in parentheses: `ON (n.a, n.b)`"},
    {"DROP INDEX i ON Person", "the name is enough: what it is on is not said"},
    {"SELECT * FROM users", "put it into a migration of the SQL database"},
    {"INSERT INTO users VALUES (1)", "put it into a migration of the SQL database"},
    {"UPDATE users SET x = 1", "put it into a migration of the SQL database"},
    {"CREATE TABLE t (id int)", "put it into a migration of the SQL database"},
    {"ALTER TABLE t ADD COLUMN x int", "put it into a migration of the SQL database"},
    {"MTACH (n) RETURN n", "did you mean `MATCH`?"},
    {"MATCH (n) RETRUN n", "did you mean `RETURN`?"},
    {"MATCH (n) WEHRE n.x = 1 RETURN n", "did you mean `WHERE`?"},
    {"MATCH (n) SET n.x == 1", "compare with one `=`"},
    {"MATCH (n {a = 1}) RETURN n", "write `{key: value}`"},
    {"MATCH (n RETURN n", "the `(` before it is never closed"},
    {"MATCH (n)) RETURN n", "this `)` closes nothing: a bracket is missing before it, or this one is too many"},
    {"MATCH n RETURN n", "a node stands in parentheses: `(n)`"},
    {"MATCH (a)->(b) RETURN a", "write `-->`"},
    {"MATCH (a)-[:R](b) RETURN a", "expected `-`, found `(`"},
    {"MATCH (a)-(b) RETURN a", "a relationship without brackets has two dashes: `--`, `-->` or `<--`"},
    {"MATCH (n) RETURN n WHERE n.x = 1", "filter before `RETURN`: `WITH ... WHERE ... RETURN ...`"},
    {"MATCH (n) WHERE n.x WHERE n.y RETURN n", "join two conditions with `AND`"},
    {"RETURN 'it''s'", "a quote inside a string is written `\\'`, not twice"},
    {"RETURN 'a' 'b'", "join two strings with `+`"},
    {"RETURN 'open", "end the string with the same quote; a quote inside it is written with a backslash before it"},
    {"RETURN `open", "end the name with a backtick; a backtick inside a name is written twice"},
    {"RETURN 1 /* open", "end the comment with `*/`"},
    {"RETURN true && false", "write `AND`"},
    {"RETURN !true", "write `NOT`; not equal is `<>`"},
    {"RETURN 1 NOT IN [1]", "write `NOT x IN list`"},
    {"RETURN 'a' LIKE 'b'", "use `CONTAINS`, `STARTS WITH`, `ENDS WITH` or `=~`"},
    {"RETURN 1 BETWEEN 0 AND 2", "write `low <= x <= high`"},
    {"RETURN count(*) total", "an alias stands behind `AS`"},
    {"MATCH (n) RETURN n HAVING n > 1", "filter an aggregate with `WITH ..., count(*) AS n WHERE n > 1`"},
    {"CREATE UNIQUE CONSTRAINT c FOR (n:A) REQUIRE n.x", "write `CREATE CONSTRAINT name IF NOT EXISTS FOR (n:Label) REQUIRE n.key IS UNIQUE`"},
    {"CREATE INDEX i ON :A(x)", "expected `FOR` or `IF`, found `ON`"},
    {"CREATE INDEX IF NOT EXISTS i FOR (n:A) ON (n.x)", "the name stands before `IF NOT EXISTS`"},
    {"CREATE INDEX i IF NOT EXIST FOR (n:A) ON (n.x)", "did you mean `EXISTS`?"},
    {"DROP INDEX i IF EXIST", "did you mean `EXISTS`?"},
    {"CREATE CONSTRAINT c FOR (n:A) REQUIRE n.x UNIQUE", "write `FOR (n:Label) REQUIRE n.key IS UNIQUE`"},
    {"CREATE FULLTEXT INDEX i FOR (n:A) ON (n.x)", "write `ON EACH [n.key]`"},
    {"CREATE INDEX i FOR (n) ON (n.x)", "write it behind a colon: `(n:Label)`"},
    {"CREATE INDEX i FOR (n:A|B) ON (n.x)", "write one index for each"},
    {"CREATE LOOKUP INDEX i FOR (n:A) ON EACH labels(n)", "a token lookup index takes no label or type: it holds them all"},
    {"CREATE CONSTRAINT c FOR (n:A) REQUIRE (n.x, n.y) IS NOT NULL", "write one constraint for each property"},
    {"MATCH (n) SET n:A|B", "write `SET n:A:B`"},
    {"MATCH (n) SET n.x += 1", "write `SET n.p = n.p + x`"},
    {"MATCH (n) SET n", "expected `=`, `+=`, a `.property` or a `:Label` behind the variable"},
    {"CALL { } RETURN 1", "`CALL { }` holds no query"},
    {"CALL { CREATE (:A) } IN TRANSACTION OF 10 ROWS", "write `IN TRANSACTIONS OF ... ROWS`"},
    {"UNWIND [1, 2] x RETURN x", "an alias stands behind `AS`"},
    {"RETURN [1, 2,]", "the comma before it is too many"},
    {"RETURN CASE WHEN true THEN 1", "the statement ends too early: expected an operator, `ELSE`, `END` or `WHEN`"},
    {"MATCH (n) DROP INDEX i", "end the query with `;` before it"},
    {"RETURN f(x)(y)", "unexpected `(`: only a function's name can be called"},
    {"MATCH (a)-->", "write a node behind it: `()`"},
    {"RETURN 1 AS", "the statement ends too early: expected a name"},
    {"WITH 1 AS x,", "the comma before it is too many"},
    {"EXPLAIN", "there is no query behind the prefix"},
};

TEST(ErrorsTest, EveryMistakeIsExplained) {
  for (const Mistake& m : kMistakes) {
    const std::string text = m.statement;
    const SourceFile file("a.cypher", text);
    const auto script = ParseScript(file, {0, static_cast<uint32_t>(text.size())});
    ASSERT_EQ(script->statements.size(), 1u) << text;
    const Statement& s = *script->statements[0];
    ASSERT_EQ(s.kind, StatementKind::kSyntaxError) << text;
    const auto& e = s.As<SyntaxError>();
    EXPECT_EQ(std::string(e.help.empty() ? e.message : e.help), m.told) << text;
    EXPECT_FALSE(e.message.empty()) << text;
    EXPECT_LE(e.message.size(), 200u) << text;
    EXPECT_FALSE(absl::ascii_isupper(static_cast<unsigned char>(e.message[0]))) << text;
    EXPECT_NE(e.message.back(), '.') << text;
    EXPECT_LE(e.span.end, text.size()) << text;
  }
}

// What is offered as a replacement mends the statement.
TEST(ErrorsTest, ReplacementsMend) {
  int replaced = 0;
  for (const Mistake& m : kMistakes) {
    std::string text = m.statement;
    const SourceFile file("a.cypher", text);
    const auto script = ParseScript(file, {0, static_cast<uint32_t>(text.size())});
    const auto& e = script->statements[0]->As<SyntaxError>();
    if (!e.has_replacement) continue;
    ++replaced;
    text.replace(e.replace_span.begin, e.replace_span.size(), std::string(e.replacement));
    const SourceFile mended("b.cypher", text);
    const auto again = ParseScript(mended, {0, static_cast<uint32_t>(text.size())});
    EXPECT_NE(again->statements[0]->kind, StatementKind::kSyntaxError) << text;
  }
  EXPECT_GE(replaced, 5);
}

}  // namespace
}  // namespace pawl::cypher
