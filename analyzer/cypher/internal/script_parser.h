// The parser's parts share one state: the script being built. Not a public interface.
#ifndef PAWL_ANALYZER_CYPHER_INTERNAL_SCRIPT_PARSER_H_
#define PAWL_ANALYZER_CYPHER_INTERNAL_SCRIPT_PARSER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/cypher/internal/builder.h"
#include "analyzer/cypher/internal/tokens.h"
#include "analyzer/cypher/script.h"

namespace pawl::cypher {

// Where and why the generated parser stopped.
struct Stop {
  int32_t token = 0;               // index of the token that does not fit
  int32_t alternative_from = -1;   // where the choice began that no token sequence fits; -1: the token itself is wrong
  antlr4::misc::IntervalSet expected;
};

// One generated parser, used for all statements of a script.
class Machine {
 public:
  Machine();
  ~Machine();
  // Null if the tokens are no statement. The contexts live until the next call.
  G::StatementContext* Parse(std::vector<Token>& tokens, Stop& stop);

 private:
  class Strategy;
  G::StatementContext* Attempt(std::vector<Token>& tokens, Stop& stop, bool exact);

  std::shared_ptr<Strategy> strategy_;
  std::unique_ptr<TokenList> list_;
  std::unique_ptr<G> parser_;
};

// Fills in message, expected, help and replacement of a mistake at `stop`. Spans of `out` are outer ones.
void Explain(const Text& text, const std::vector<Token>& tokens, const Resolution& resolution, const Stop& stop, Arena& arena, SyntaxError& out);

// Words that begin a statement, for recovery.
bool StartsStatement(size_t type);

class ScriptParser {
 public:
  ScriptParser(const Text& text, const ParseOptions& options, Machine& machine, Script& script, const Statement* outer, int depth,
               std::vector<const Statement*>& out)
      : text_(text), options_(options), machine_(machine), script_(script), outer_(outer), depth_(depth), out_(out), scanner_(text.bytes) {}

  void Run();

 private:
  // Ends the statement that `tokens_` holds. Returns where to go on.
  uint32_t Finish(uint32_t full_end);
  void ClientCommand(uint32_t begin);
  bool ClosedTooLate();
  void Unterminated(const RawToken& t);
  void TakePrefix(Statement& s);
  bool Build(Statement& s, SyntaxError& error, int32_t& error_token);
  void Judge(Statement& s, std::vector<FormUse>& forms);
  void Embedded(const std::vector<Clause*>& calls, const Statement& s);
  void Add(Statement* s, uint32_t full_end);
  Statement* NewStatement(Span span);
  void AddError(Span span, SyntaxError error, uint32_t full_end);
  uint32_t CutInside(const Token& t) const;

  const Text& text_;
  const ParseOptions& options_;
  Machine& machine_;
  Script& script_;
  const Statement* outer_;
  int depth_;
  std::vector<const Statement*>& out_;
  Scanner scanner_;
  std::vector<Token> tokens_;
  int recoveries_left_ = 16;   // each reads the rest of the text again
};

}  // namespace pawl::cypher

#endif  // PAWL_ANALYZER_CYPHER_INTERNAL_SCRIPT_PARSER_H_
