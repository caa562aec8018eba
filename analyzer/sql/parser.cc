#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/sql/called_body.h"
#include "analyzer/sql/script.h"
#include "analyzer/sql/scanner.h"
#include "analyzer/sql/internal/script_parser.h"
#include "analyzer/sql/internal/converter.h"

namespace pawl::sql {
namespace {

// Above this a script is parsed statement by statement at once: one call on megabytes is slower and holds its whole tree.
constexpr size_t kWholeScriptLimit = 64 * 1024;
constexpr size_t kLarge = 1 << 20;  // statements share what they can
// Bodies within bodies: a DO that EXECUTEs a DO ...
constexpr int kMaxBodyDepth = 4;

class RawTree {
 public:
  explicit RawTree(const char* sql) : context_(pg_query_enter_memory_context()), result_(pg_query_raw_parse(sql, 0)) {}
  ~RawTree() {
    pg_query_exit_memory_context(context_);
    std::free(result_.stderr_buffer);
    if (result_.error != nullptr) pg_query_free_error(result_.error);
  }
  RawTree(const RawTree&) = delete;
  RawTree& operator=(const RawTree&) = delete;
  const ::List* tree() const { return result_.tree; }
  const PgQueryError* error() const { return result_.error; }

 private:
  MemoryContext context_;
  PgQueryInternalParsetreeAndError result_;
};

// The parser counts characters from 1; an invalid byte counts as one.
uint32_t ByteOffset(std::string_view text, int character) {
  size_t i = 0;
  for (int n = 1; n < character && i < text.size(); ++n) {
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) ++i;
  }
  return static_cast<uint32_t>(i);
}

// End of the last token of [begin, end): statements' lengths can include comments behind them.
uint32_t TrimEnd(std::string_view text, uint32_t begin, uint32_t end) {
  while (end > begin && std::strchr(" \t\r\n\f\v", text[end - 1]) != nullptr) --end;
  // Only when the last line holds a comment need the tokens be walked.
  const std::string_view s = text.substr(begin, end - begin);
  const void* line = memrchr(s.data(), '\n', s.size());
  const std::string_view last = line == nullptr ? s : s.substr(static_cast<const char*>(line) - s.data() + 1);
  if (last.find("--") == std::string_view::npos && !s.ends_with("*/")) return end;
  Scanner scanner(text, {begin, end});
  uint32_t code_end = begin;
  for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; t = scanner.NextCode()) code_end = t.span.end;
  return code_end;
}

bool StartsStatement(std::string_view word) {
  for (std::string_view w : {"create", "alter", "drop", "insert", "update", "delete", "select", "with", "begin", "commit", "rollback", "set", "grant", "revoke",
                             "comment", "do", "truncate", "copy", "reindex", "vacuum", "analyze", "lock", "refresh", "call", "merge", "reset", "end"}) {
    if (EqualsKeyword(word, w)) return true;
  }
  return false;
}

// Directives that end a statement although no semicolon stands there.
bool EndsStatement(std::string_view comment) {
  if (!comment.starts_with("--")) return false;
  comment.remove_prefix(2);
  if (comment.starts_with("> statement-breakpoint")) return true;
  while (!comment.empty() && comment[0] == ' ') comment.remove_prefix(1);
  return comment.starts_with("+goose ") || comment.starts_with("+migrate ") || comment.starts_with("migrate:") || comment.starts_with("changeset ") ||
         comment.starts_with("rollback ");
}

}  // namespace

ScriptParser::ScriptParser(const SourceFile& file, Span section, const ParseOptions& options, Script& out) : file_(file), section_(section), options_(options), out_(out) {}
ScriptParser::~ScriptParser() = default;

Statement* ScriptParser::NotUnderstood(Span span, std::string_view why, const BodyContext& context) {
  Statement* s = arena().New<Statement>();
  s->kind = StatementKind::kNotUnderstood;
  s->span = span;
  s->full_end = span.end;
  s->tag = why;
  s->inside = context.inside;
  s->outer = context.outer;
  ++out_.not_understood;
  return s;
}

bool ScriptParser::Parse(std::string_view text, uint32_t base, const BodyContext& context, std::vector<Statement*>& statements, ParseError& error) {
  const size_t first = statements.size();
  {
    RawTree raw(text.data());
    if (raw.error() != nullptr) {
      error.message = raw.error()->message;
      error.at = raw.error()->cursorpos > 0 ? ByteOffset(text, raw.error()->cursorpos) : 0;
      return false;
    }
    for (RawStmt* r : Nodes<RawStmt>{raw.tree()}) {
      Statement* s = arena().New<Statement>();
      const uint32_t begin = static_cast<uint32_t>(r->stmt_location);
      const uint32_t end = r->stmt_len == 0 ? static_cast<uint32_t>(text.size()) : begin + static_cast<uint32_t>(r->stmt_len);
      s->span = {base + begin, base + TrimEnd(text, begin, end)};
      s->full_end = base + end + (end < text.size() && text[end] == ';' ? 1 : 0);
      s->inside = context.inside;
      s->outer = context.outer;
      Converter(arena(), text, base, shared_.get(), options_.as_run).Convert(r->stmt, *s);
      if (s->kind == StatementKind::kNotUnderstood) ++out_.not_understood;
      statements.push_back(s);
    }
  }
  for (size_t i = first; i < statements.size(); ++i) {
    if (statements[i]->kind == StatementKind::kDo) ParseBodies(*statements[i], text, base, context.depth);
  }
  return true;
}

void ScriptParser::ParseBodies(Statement& s, std::string_view text, uint32_t base, int depth) {
  Span body;
  std::string_view language;
  Inside inside = Inside::kDo;
  List<const Statement*>* list = nullptr;
  if (s.kind == StatementKind::kDo) {
    auto& d = const_cast<DoBlock&>(s.As<DoBlock>());
    body = d.body;
    language = d.language;
    list = &d.statements;
  } else if (s.kind == StatementKind::kCreateFunction) {
    auto& f = const_cast<CreateFunction&>(s.As<CreateFunction>());
    body = f.body;
    language = f.language;
    list = &f.statements;
    inside = Inside::kFunction;
  }
  if (list == nullptr || body.empty()) return;
  const BodyContext context{inside, &s, depth + 1};
  const bool plpgsql = EqualsKeyword(language, "plpgsql"), sql = EqualsKeyword(language, "sql");
  if (depth >= kMaxBodyDepth || (!plpgsql && !sql)) {
    if (inside == Inside::kDo) *list = arena().Copy(std::vector<const Statement*>{NotUnderstood(body, "a DO block in another language", context)});
    return;
  }
  // The body as its own text: a quoted body's doubled quotes are made single at equal length.
  const std::string_view raw = text.substr(body.begin - base, body.size());
  const bool quoted = text[body.begin - base - 1] == '\'';
  const std::string inner = quoted ? UndoubleQuotes(raw) : std::string(raw);
  if (plpgsql) {
    *list = arena().Copy(ParsePlpgsql(*this, inner, body.begin, context));
    return;
  }
  std::vector<Statement*> statements;
  ParseError error;
  std::vector<const Statement*> result;
  if (!Parse(inner, body.begin, context, statements, error)) result.push_back(NotUnderstood(body, "a function body that does not parse", context));
  for (Statement* inner_statement : statements) result.push_back(inner_statement);
  *list = arena().Copy(result);
}

void ScriptParser::AddSyntaxError(Span span, const ParseError& error, uint32_t error_at, uint32_t full_end) {
  Statement* s = arena().New<Statement>();
  s->kind = StatementKind::kSyntaxError;
  s->span = span;
  s->full_end = full_end;
  s->tag = arena().Copy(error.message);
  s->error_at = error_at;
  out_.statements.push_back(s);
  ++out_.total_statements;
}

uint32_t ScriptParser::ParsePiece(std::string_view buffer, uint32_t begin, uint32_t end, uint32_t full_end) {
  const uint32_t base = section_.begin;
  std::vector<Statement*> statements;
  ParseError error;
  auto attempt = [&](std::string& text, uint32_t at) {
    if (!Parse(text, base + at, {}, statements, error)) return false;
    for (Statement* s : statements) {
      if (s == statements.back()) s->full_end = base + full_end;
      out_.statements.push_back(s);
      ++out_.total_statements;
    }
    return true;
  };
  std::string piece(buffer.substr(begin, end - begin));
  if (attempt(piece, begin)) return full_end;
  if (options_.templates) {
    std::string masked = piece;
    ParseError first = error;
    if (MaskTemplates(masked) && attempt(masked, begin)) {
      ++out_.not_understood;
      return full_end;
    }
    error = first;
  }
  const uint32_t error_at = begin + error.at;
  // Recovery 1: the error is a statement's first word at the start of a line: a semicolon is missing before it.
  if (recoveries_left_ > 0 && error.at > 0) {
    Scanner scanner(buffer, {error_at, end});
    const Token t = scanner.NextCode();
    uint32_t line = error_at;
    while (line > begin && (buffer[line - 1] == ' ' || buffer[line - 1] == '\t')) --line;
    if (t.kind == TokenKind::kIdentifier && line > begin && buffer[line - 1] == '\n' && StartsStatement(scanner.Text(t))) {
      std::string head(buffer.substr(begin, error_at - begin));
      statements.clear();
      ParseError head_error;
      if (Parse(head, base + begin, {}, statements, head_error) && !statements.empty()) {
        --recoveries_left_;
        for (Statement* s : statements) out_.statements.push_back(s);
        out_.total_statements += static_cast<uint32_t>(statements.size());
        // The word itself belongs to the statement that it begins.
        AddSyntaxError({base + error_at, base + error_at}, error, base + error_at, base + error_at);
        return error_at;
      }
    }
  }
  // Recovery 2: a quote that nobody closed, or closed too late, swallowed the statements behind it: go on after the next ';'
  // at the end of a line inside that quote when a statement starts there.
  if (recoveries_left_ > 0) {
    Scanner scanner(buffer, {begin, end});
    for (Token t = scanner.Next(); t.kind != TokenKind::kEnd; t = scanner.Next()) {
      const bool quote = t.kind == TokenKind::kString || t.kind == TokenKind::kQuotedIdentifier || (t.unterminated && t.kind != TokenKind::kOther);
      if (!quote || (!t.unterminated && t.span.end <= error_at)) continue;
      for (uint32_t i = t.span.begin; i < t.span.end; ++i) {
        const void* next = std::memchr(buffer.data() + i, ';', t.span.end - i);
        if (next == nullptr) break;
        i = static_cast<uint32_t>(static_cast<const char*>(next) - buffer.data());
        uint32_t after = i + 1;
        while (after < t.span.end && (buffer[after] == ' ' || buffer[after] == '\t' || buffer[after] == '\r')) ++after;
        if (after >= t.span.end || buffer[after] != '\n') continue;
        Scanner rest(buffer, {after, end});
        const Token word = rest.NextCode();
        if (word.kind != TokenKind::kIdentifier || !StartsStatement(rest.Text(word))) continue;
        --recoveries_left_;
        AddSyntaxError({base + begin, base + i}, error, base + error_at, base + i + 1);
        return i + 1;
      }
    }
  }
  AddSyntaxError({base + begin, base + TrimEnd(buffer, begin, end)}, error, base + error_at, base + full_end);
  return full_end;
}

void ScriptParser::ParseInPieces(std::string_view buffer, std::string& own) {
  const uint32_t base = section_.begin;
  const uint32_t size = static_cast<uint32_t>(buffer.size());
  Scanner scanner(buffer);
  uint32_t begin = UINT32_MAX;    // of the current statement; none yet
  uint32_t code_end = 0;          // end of its last token
  int words = 0;                  // tokens of the statement so far, as far as they matter
  bool create = false, routine = false, rule = false, copy = false, from_stdin = false, after_begin = false;
  int atomic_depth = 0, parentheses = 0;
  std::string_view previous;
  auto reset = [&] {
    begin = UINT32_MAX;
    words = 0;
    create = routine = rule = copy = from_stdin = after_begin = false;
    atomic_depth = parentheses = 0;
    previous = {};
  };
  auto finish = [&](uint32_t end, uint32_t full_end) {
    if (begin == UINT32_MAX) return;
    const uint32_t next = ParsePiece(buffer, begin, end, full_end);
    scanner.MoveTo(next);
    reset();
  };
  for (;;) {
    const Token t = scanner.Next();
    if (t.kind == TokenKind::kEnd) {
      if (begin == UINT32_MAX) break;
      finish(code_end, code_end);
      continue;  // a recovery may have moved back
    }
    if (t.kind == TokenKind::kComment) {
      if (t.unterminated) {
        if (begin != UINT32_MAX) finish(code_end, code_end);
        AddSyntaxError({base + t.span.begin, base + t.span.end}, {"unterminated /* comment", 0}, base + t.span.begin, base + t.span.end);
        scanner.MoveTo(size);
      } else if (begin != UINT32_MAX && EndsStatement(scanner.Text(t))) {
        finish(code_end, code_end);
      }
      continue;
    }
    if (t.kind == TokenKind::kBackslash) {
      // psql: the command takes the rest of its line; \g and its kin end the statement before it, \; joins.
      const void* newline = std::memchr(buffer.data() + t.span.begin, '\n', size - t.span.begin);
      uint32_t line_end = newline == nullptr ? size : static_cast<uint32_t>(static_cast<const char*>(newline) - buffer.data());
      uint32_t word_end = t.span.end;
      while (word_end < line_end && std::strchr(" \t\r;", buffer[word_end]) == nullptr) ++word_end;
      const std::string_view command = buffer.substr(t.span.begin, word_end - t.span.begin);
      const bool sends = command.starts_with("\\g") || command == "\\watch" || command == "\\crosstabview" || command == "\\";
      if (begin != UINT32_MAX && !sends) {  // in the middle of a statement: psql runs it and goes on reading
        if (own.empty()) {
          own = std::string(buffer);
          buffer = own;
          scanner = Scanner(buffer);
        }
        for (uint32_t i = t.span.begin; i < line_end; ++i) own[i] = ' ';
        scanner.MoveTo(line_end);
        continue;
      }
      if (begin != UINT32_MAX) finish(code_end, line_end);
      Statement* s = arena().New<Statement>();
      s->kind = StatementKind::kClientCommand;
      while (line_end > t.span.end && std::strchr(" \t\r", buffer[line_end - 1]) != nullptr) --line_end;
      s->span = {base + t.span.begin, base + line_end};
      s->full_end = s->span.end;
      s->tag = arena().Copy(command);
      out_.statements.push_back(s);
      if (scanner.position() < line_end) scanner.MoveTo(line_end);
      continue;
    }
    if (t.kind == TokenKind::kSemicolon) {
      if (begin == UINT32_MAX) continue;
      if (atomic_depth > 0 || (rule && parentheses > 0)) continue;
      const bool has_data = copy && from_stdin;
      uint32_t full_end = t.span.end;
      if (has_data) {
        // psql reads data lines up to one that holds \. alone.
        const size_t data = buffer.find('\n', full_end);
        size_t line = data == std::string::npos ? size : data + 1;
        const size_t first = line;
        while (line < size) {
          size_t next = buffer.find('\n', line);
          if (next == std::string::npos) next = size;
          std::string_view content = buffer.substr(line, next - line);
          if (content.ends_with('\r')) content.remove_suffix(1);
          line = next < size ? next + 1 : size;
          if (content == "\\.") break;
        }
        if (line > first) full_end = static_cast<uint32_t>(line);
      }
      finish(t.span.begin, full_end);
      continue;
    }
    const std::string_view word = scanner.Text(t);
    if (begin == UINT32_MAX) begin = t.span.begin;
    code_end = t.span.end;
    if (t.kind == TokenKind::kOpen) ++parentheses;
    if (t.kind == TokenKind::kClose) --parentheses;
    if (t.kind == TokenKind::kIdentifier) {
      if (words == 0) {
        create = EqualsKeyword(word, "create");
        copy = EqualsKeyword(word, "copy");
      } else if (create && words <= 3) {
        routine = routine || EqualsKeyword(word, "function") || EqualsKeyword(word, "procedure");
        rule = rule || EqualsKeyword(word, "rule");
      }
      if (copy && EqualsKeyword(previous, "from") && EqualsKeyword(word, "stdin")) from_stdin = true;
      if (routine) {
        // BEGIN ATOMIC ... END holds semicolons of its own.
        if (EqualsKeyword(word, "atomic") && after_begin && atomic_depth == 0) atomic_depth = 1;
        else if (atomic_depth > 0 && EqualsKeyword(word, "case")) ++atomic_depth;
        else if (atomic_depth > 0 && EqualsKeyword(word, "end")) --atomic_depth;
        after_begin = EqualsKeyword(word, "begin");
      }
    }
    previous = word;
    ++words;
  }
}

void ScriptParser::Run() {
  const std::string_view all = file_.text();
  section_.end = std::min<uint32_t>(section_.end, static_cast<uint32_t>(all.size()));
  if (section_.begin >= section_.end) return;
  const std::string_view text = all.substr(section_.begin, section_.size());
  const Encoding& encoding = file_.encoding();
  const bool as_stored = section_.end == all.size() && !(encoding.bom && section_.begin == 0) && !encoding.nul && !options_.commented && !encoding.utf16;
  if (encoding.utf16) {
    ParseError error{"the file is UTF-16, which PostgreSQL does not read", 0};
    AddSyntaxError(section_, error, section_.begin, section_.end);
    return;
  }
  // Nearly every script parses in one call.
  auto parses_whole = [&](std::string_view whole) {
    if (whole.size() > kWholeScriptLimit) return false;
    std::vector<Statement*> statements;
    ParseError error;
    if (!Parse(whole, section_.begin, {}, statements, error)) {
      out_.not_understood = 0;
      return false;
    }
    out_.statements.assign(statements.begin(), statements.end());
    out_.total_statements = static_cast<uint32_t>(statements.size());
    return true;
  };
  if (as_stored && parses_whole(text)) return;
  if (as_stored) {  // no copy: it may be large
    if (text.size() > kLarge) shared_ = std::make_unique<Shared>(Shared{all, {}});
    std::string changed;
    return ParseInPieces(text, changed);
  }
  std::string buffer(text);
  if (section_.begin == 0 && encoding.bom) buffer.replace(0, 3, "   ");
  if (encoding.nul) {
    for (char& c : buffer) c = c == '\0' ? ' ' : c;
  }
  if (options_.commented) buffer = WithoutCommentMarks(buffer, {0, static_cast<uint32_t>(buffer.size())});
  if (parses_whole(buffer)) return;
  ParseInPieces(buffer, buffer);
}

void ParseFunctionBody(const SourceFile& file, const Statement& function, Script& script, const ParseOptions& options) {
  auto& f = const_cast<CreateFunction&>(function.As<CreateFunction>());
  if (f.body_parsed || f.body.begin == 0 || f.body.end > file.text().size()) return;
  f.body_parsed = true;
  int depth = 0;
  for (const Statement* s = function.outer; s != nullptr; s = s->outer) ++depth;
  ScriptParser(file, {}, options, script).ParseBodies(const_cast<Statement&>(function), file.text(), 0, depth);
}

List<const Statement*> ParseCalledBody(const SourceFile& file, const Statement& function, Script& script, const DynamicVariables& arguments) {
  const auto& f = function.As<CreateFunction>();
  if (f.body.begin == 0 || f.body.end > file.text().size() || !EqualsKeyword(f.language, "plpgsql")) return {};
  Statement copy = function;
  CreateFunction* body = script.arena.New<CreateFunction>();
  body->language = f.language;
  body->body = f.body;
  copy.node = body;
  ParseOptions options;
  options.as_run = true;
  ScriptParser parser(file, {}, options, script);
  parser.Bind(&arguments);
  Statement* kept = script.arena.New<Statement>();
  *kept = copy;
  parser.ParseBodies(*kept, file.text(), 0, 0);
  return body->statements;
}

std::unique_ptr<Script> ParseScript(const SourceFile& file, Span section, const ParseOptions& options) {
  auto script = std::make_unique<Script>();
  ScriptParser(file, section, options, *script).Run();
  return script;
}

}  // namespace pawl::sql
