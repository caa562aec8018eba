// What a Cypher rule is shown: one statement about to run, or a whole script, with the graph's schema so far.
#ifndef PAWL_RULES_CYPHER_CONTEXT_H_
#define PAWL_RULES_CYPHER_CONTEXT_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/catalog/graph.h"
#include "analyzer/cypher/script.h"
#include "rules/rule.h"

namespace pawl {

// One Cypher statement of a script as it runs. Those in string arguments (apoc.periodic.iterate) follow the one that holds them.
struct CypherFacts {
  const cypher::Statement* statement = nullptr;
  uint32_t ordinal = 0;          // over the whole replay: GraphOrigin::statement
  uint32_t transaction = 0;      // equal for statements that share one
  bool wrapped = false;          // a transaction that is not its own is open: the runner's, or one of `:begin`
};

struct CypherScriptContext {
  const MigrationSet* set = nullptr;
  const Migration* migration = nullptr;
  int migration_index = 0;
  Direction direction = Direction::kUp;
  const ScriptRef* ref = nullptr;
  const SourceFile* file = nullptr;
  const cypher::Script* script = nullptr;
  const LintSettings* settings = nullptr;
  const Graph* graph = nullptr;              // as it stands: before the current statement, or after the script
  std::vector<CypherFacts> facts;            // complete when script rules run; up to the current one for statement rules
  std::vector<Finding>* out = nullptr;

  FindingBuilder Report(const Rule& rule, Span span, std::string message) const;
  std::string_view Text(Span s) const { return file->Slice(s); }
  bool is_down() const { return direction == Direction::kDown; }
  bool repeatable() const { return migration->repeatable; }
  // The runner sends the whole script in one transaction. golang-migrate does so with a script of several statements.
  bool runner_wraps() const {
    return ref->transaction == TransactionMode::kFile || (ref->transaction == TransactionMode::kSimpleQuery && script->total_statements > 1);
  }
  // What was made in this script: nobody has data under it, or relies on it, yet.
  bool MadeHere(const GraphOrigin& origin) const { return origin.migration == migration_index; }
};

struct CypherContext {
  const CypherScriptContext& script;
  const CypherFacts& facts;
  const cypher::Statement& statement;
  const Graph& graph;                        // before this statement

  FindingBuilder Report(const Rule& rule, Span span, std::string message) const { return script.Report(rule, span, std::move(message)); }
  std::string_view Text(Span s) const { return script.Text(s); }
};

}  // namespace pawl

#endif  // PAWL_RULES_CYPHER_CONTEXT_H_
