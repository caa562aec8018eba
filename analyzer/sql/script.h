// One parsed script: its statements in order, and what could not be read.
#ifndef PAWL_ANALYZER_SQL_SCRIPT_H_
#define PAWL_ANALYZER_SQL_SCRIPT_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/arena.h"
#include "analyzer/source/source_file.h"
#include "analyzer/sql/ast.h"

namespace pawl::sql {

// Every byte of the parsed section is white space, a comment, or part of a statement (client commands, masked templates,
// syntax errors and COPY data included).
struct Script {
  Arena arena;
  std::vector<const Statement*> statements;  // top level, in file order
  uint32_t not_understood = 0;               // pieces that were not analysed, statements inside bodies included
  uint32_t total_statements = 0;             // top level, SQL only
};

struct ParseOptions {
  bool templates = true;       // mask ${x}, {{x}}, :'x', $%X%$ when the text does not parse as it stands
  bool commented = false;      // the section is commented out line by line ("-- DROP TABLE t;"): read what stands behind "--"
  // Bodies as they run, for whoever predicts locks: queries that stand in expressions count as statements, the text of an EXECUTE has the
  // values put in that are written down, a loop over literals is gone through as often as it runs. Spans of such statements are rough.
  bool as_run = false;
};

// Fills in the statements inside a function's body. Scripts define many functions and run few of them, so this is done when
// one is called. `function` is a kCreateFunction of `script`; its body is parsed once.
void ParseFunctionBody(const SourceFile& file, const Statement& function, Script& script, const ParseOptions& options = {});

// Parses the bytes [section.begin, section.end) of `file`. Never fails: what does not parse becomes a kSyntaxError
// statement beside the good ones. DO blocks have their statements, functions not yet (ParseFunctionBody). Thread-safe; run it on a fixed pool of threads only (libpg_query takes one thread key
// for each thread that ever parses).
std::unique_ptr<Script> ParseScript(const SourceFile& file, Span section, const ParseOptions& options = {});

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_SCRIPT_H_
