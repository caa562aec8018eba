// The parser's parts share one state: the script being built. Not a public interface.
#ifndef PAWL_ANALYZER_SQL_INTERNAL_SCRIPT_PARSER_H_
#define PAWL_ANALYZER_SQL_INTERNAL_SCRIPT_PARSER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/span.h"
#include "analyzer/sql/dynamic_text.h"
#include "analyzer/sql/script.h"

namespace pawl::sql {

struct Shared;  // converter.h

struct ParseError {
  std::string message;
  uint32_t at = 0;  // byte offset in the text that was parsed
};

// What statements found in a body have in common.
struct BodyContext {
  Inside inside = Inside::kNone;
  const Statement* outer = nullptr;
  int depth = 0;                 // bodies within bodies
};

class ScriptParser {
 public:
  ScriptParser(const SourceFile& file, Span section, const ParseOptions& options, Script& out);
  ~ScriptParser();

  void Run();

  // Parses `text` (NUL-terminated at text.size()), which stands at file offset `base`, and appends its statements. On a
  // syntax error nothing is appended and false comes back.
  bool Parse(std::string_view text, uint32_t base, const BodyContext& context, std::vector<Statement*>& statements, ParseError& error);

  // SQL inside: fills in the statements of a DO block, or of a function whose body is wanted now. `text` holds [base, base + text.size()) of the file.
  void ParseBodies(Statement& s, std::string_view text, uint32_t base, int depth);
  // Values of a body's variables before it begins (ParseOptions::as_run).
  void Bind(const DynamicVariables* variables) { variables_ = variables; }
  const DynamicVariables* variables() const { return variables_; }

  Statement* NotUnderstood(Span span, std::string_view why, const BodyContext& context);
  Arena& arena() { return out_.arena; }
  bool as_run() const { return options_.as_run; }

 private:
  // `own`: what `buffer` views, or empty; it becomes a copy that may be changed where one is needed.
  void ParseInPieces(std::string_view buffer, std::string& own);
  // One piece between semicolons: [begin, end) of the buffer. Returns where to go on (end, or earlier after a recovery).
  uint32_t ParsePiece(std::string_view buffer, uint32_t begin, uint32_t end, uint32_t full_end);
  void AddSyntaxError(Span span, const ParseError& error, uint32_t error_at, uint32_t full_end);

  const SourceFile& file_;
  Span section_;
  const ParseOptions& options_;
  Script& out_;
  int recoveries_left_ = 16;     // each may re-read the rest of the file
  std::string scratch_;
  const DynamicVariables* variables_ = nullptr;
  std::unique_ptr<Shared> shared_;  // of a large file
};

// The SQL statements inside a PL/pgSQL body: text[0, size) at file offset base.
std::vector<const Statement*> ParsePlpgsql(ScriptParser& parser, std::string_view text, uint32_t base, const BodyContext& context);

// Blanks templates and client variables at equal length, so that the rest may parse: {{x}}, ${x}, :'x', $%X%$, <%x%>.
// Returns false when there was nothing to mask.
bool MaskTemplates(std::string& text);

// A single-quoted body's doubled quotes, made single at equal length.
std::string UndoubleQuotes(std::string_view body);

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_INTERNAL_SCRIPT_PARSER_H_
