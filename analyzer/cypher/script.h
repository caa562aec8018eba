// One parsed Cypher script: its statements in order, comments, and what could not be read.
#ifndef PAWL_ANALYZER_CYPHER_SCRIPT_H_
#define PAWL_ANALYZER_CYPHER_SCRIPT_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "analyzer/cypher/ast.h"
#include "analyzer/source/arena.h"
#include "analyzer/source/source_file.h"

namespace pawl::cypher {

// Every byte of the parsed section is white space, a ';', a comment, or part of a statement (client commands and syntax errors
// included). Spans of statements and comments between them are in order and do not overlap.
struct Script {
  Arena arena;
  std::vector<const Statement*> statements;  // top level, in file order
  std::vector<Span> comments;                // in order; with ParseOptions::comments, those inside statements too
  uint32_t total_statements = 0;             // top level, Cypher only: no client commands
  uint32_t syntax_errors = 0;                // of them, kSyntaxError
  uint32_t not_understood = 0;               // embedded texts that are not a literal or do not parse, so were not analysed
};

struct ParseOptions {
  Version version = Version::k5;   // the language that a statement without a CYPHER prefix is judged by
  bool comments = false;           // fill in Script::comments
};

// Parses the bytes [section.begin, section.end) of `file`, which outlives the script. Statements end at a ';' outside strings,
// comments and backticks; a line that begins with ':' where a statement could begin is a client command (but `:auto STATEMENT`
// is the command `:auto` and then the statement). Never fails: what does not parse becomes a kSyntaxError statement beside
// the good ones. Cypher in the string arguments of apoc.periodic.*, apoc.cypher.* and apoc.trigger.* procedures is parsed too, into
// Clause::embedded. Thread-safe. Generated tables are set up at the first call of the process.
std::unique_ptr<Script> ParseScript(const SourceFile& file, Span section, const ParseOptions& options = {});

// Parses the Cypher in a string literal: `literal` covers it, quotes included, in `file`. Its statements go to the arena of
// `script`, with spans in the outer file, and are marked `embedded` with `outer`. An escape in the literal shortens the text; spans
// are mapped back through it and stay exact.
std::vector<const Statement*> ParseEmbedded(const SourceFile& file, Span literal, const Statement* outer, const ParseOptions& options, Script& script);

}  // namespace pawl::cypher

#endif  // PAWL_ANALYZER_CYPHER_SCRIPT_H_
