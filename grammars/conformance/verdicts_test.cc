// Every statement of corpus/ is accepted or refused as Neo4j's own parser does it, by the verdicts recorded in verdicts.tsv
// (grammars/conformance/run.sh record). A corpus file has one statement a line.
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/cypher/script.h"
#include "analyzer/source/source_file.h"
#include "gtest/gtest.h"

namespace pawl::cypher {
namespace {

constexpr char kFolder[] = "grammars/conformance/";

// Where we do not follow 4.4's parser: it takes what the server refuses a moment later, or two mistakes that nobody makes.
constexpr std::string_view kOtherIn44[] = {
    "RETURN reduce(acc = 0, x IN [1, 2])",
    "RETURN [, 1]",
    "USE $x MATCH (n) RETURN n",
    "CREATE CONSTRAINT c FOR (n:A) REQUIRE exists(n.x)",
    "TERMINATE TRANSACTIONS",
};

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream in(kFolder + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool Parses(const std::string& statement, Version version) {
  const SourceFile file("statement.cypher", statement);
  ParseOptions options;
  options.version = version;
  const auto script = ParseScript(file, {0, static_cast<uint32_t>(statement.size())}, options);
  for (const Statement* s : script->statements) {
    if (!s->parses) return false;
  }
  return !script->statements.empty();
}

TEST(VerdictsTest, AgreeWithNeo4j) {
  std::map<std::string, std::vector<std::string>> files;
  int statements = 0;
  for (const std::string& row : Lines("verdicts.tsv")) {
    std::istringstream in(row);
    std::string name, line, neo4j44, cypher5, cypher25;
    in >> name >> line >> neo4j44 >> cypher5 >> cypher25;
    if (name == "file") continue;
    if (files.count(name) == 0) files[name] = Lines("corpus/" + name);
    const size_t n = static_cast<size_t>(std::stoul(line));
    ASSERT_LE(n, files[name].size()) << name << ": run grammars/conformance/run.sh record";
    const std::string& statement = files[name][n - 1];
    const bool other = std::find(std::begin(kOtherIn44), std::end(kOtherIn44), statement) != std::end(kOtherIn44);
    EXPECT_EQ(Parses(statement, Version::k44) != other, neo4j44 == "accept") << name << ":" << line << ", Neo4j 4.4: " << statement;
    EXPECT_EQ(Parses(statement, Version::k5), cypher5 == "accept") << name << ":" << line << ", Cypher 5: " << statement;
    EXPECT_EQ(Parses(statement, Version::k25), cypher25 == "accept") << name << ":" << line << ", Cypher 25: " << statement;
    ++statements;
  }
  EXPECT_GE(statements, 400);
}

}  // namespace
}  // namespace pawl::cypher
