// SQL inside PL/pgSQL bodies, with true spans. Not a PL/pgSQL compiler: it walks the tokens, knows the block structure as far
// as it says which statements are conditional, looped or guarded, and hands each SQL statement to PostgreSQL's parser.
// (libpg_query's own PL/pgSQL parser gives line numbers only.) Language: PostgreSQL documentation, chapter "PL/pgSQL".
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analyzer/sql/dynamic_text.h"
#include "analyzer/sql/internal/condition.h"
#include "analyzer/sql/internal/script_parser.h"
#include "analyzer/sql/scanner.h"

namespace pawl::sql {
namespace {

class BodyParser {
 public:
  BodyParser(ScriptParser& parser, std::string_view text, uint32_t base, const BodyContext& context)
      : parser_(parser), text_(text), scanner_(text), base_(base), context_(context), as_run_(parser.as_run()) {
    if (as_run_ && parser.variables() != nullptr) variables_ = *parser.variables();
  }

  std::vector<const Statement*> Run() {
    Token t = scanner_.NextCode();
    for (;;) {
      // Around the outermost block only its own parts may stand.
      if (frames_.empty() && t.kind != TokenKind::kEnd) {
        const bool label = t.kind == TokenKind::kOperator && (scanner_.Text(t) == "<<" || scanner_.Text(t) == "#");
        if (closed_ ? t.kind != TokenKind::kSemicolon : !label && !Is(t, "declare") && !Is(t, "begin")) ErrorAt(t);
      }
      if (t.kind == TokenKind::kEnd) break;
      t = Step(t);
    }
    if (!closed_ || !frames_.empty()) ErrorAt(t);
    return {out_.begin(), out_.end()};
  }

 private:
  enum class Kind : uint8_t { kBlock, kIf, kCase, kLoop };
  static constexpr std::string_view kNoThen = "missing \"THEN\" at end of SQL expression";
  static constexpr std::string_view kNoLoop = "missing \"LOOP\" at end of SQL expression";
  struct Frame {
    Kind kind;
    size_t first;            // index in out_ of its first statement
    bool guard = false;      // an IF whose test asks whether something exists
    bool handler = false;    // a block past EXCEPTION
    // ParseOptions::as_run: a loop over values that are written down, and what was assigned inside.
    std::string variable;
    std::vector<std::string> values;
    size_t value = 0;
    uint32_t start = 0;
    std::vector<std::string> assigned;
    bool taken = false;      // an IF of which a branch is known to run: the others do not
    bool skip = false;       // the branch that we are in is known not to run
  };
  static constexpr size_t kMaxTurns = 64;         // of a loop
  static constexpr size_t kMaxStatements = 2000;  // of a body with its loops unrolled

  bool Is(const Token& t, std::string_view word) const { return scanner_.Is(t, word); }

  // The body's blocks do not fit together: the server compiles it as a whole and runs nothing of it. What is said is what it says,
  // except where it names a token further on. The first error counts.
  void Error(uint32_t at, std::string_view message) {
    if (error_) return;
    error_ = true;
    Statement* s = parser_.arena().New<Statement>();
    s->kind = StatementKind::kSyntaxError;
    s->span = {base_ + at, base_ + static_cast<uint32_t>(text_.size())};
    s->full_end = s->span.end;
    s->error_at = base_ + at;
    s->tag = parser_.arena().Copy(message);
    s->inside = context_.inside;
    s->outer = context_.outer;
    out_.push_back(s);
  }
  void ErrorAt(const Token& t) {
    if (error_) return;
    if (t.kind == TokenKind::kEnd) return Error(static_cast<uint32_t>(text_.size()), "syntax error at end of input");
    Error(t.span.begin, "syntax error at or near \"" + std::string(scanner_.Text(t)) + "\"");
  }

  // The frame that an ELSE, END ... is about; null, and an error, if it is of another kind.
  Frame* Top(Kind kind, const Token& t) {
    if (!frames_.empty() && frames_.back().kind == kind) return &frames_.back();
    ErrorAt(t);
    return nullptr;
  }

  // END [IF | LOOP | CASE] [label]: the innermost frame is closed, whichever it is, so that the rest is read as well as it can be.
  void End() {
    const Scanner before = scanner_;
    const Token n = scanner_.NextCode();
    Kind kind = Kind::kBlock;
    if (Is(n, "if")) kind = Kind::kIf;
    if (Is(n, "loop")) kind = Kind::kLoop;
    if (Is(n, "case")) kind = Kind::kCase;
    if (frames_.empty() || frames_.back().kind != kind) ErrorAt(n);
    if (!frames_.empty()) {
      // What an IF or a loop has set may not be so behind it.
      if (frames_.back().kind != Kind::kBlock || frames_.back().handler) {
        for (const std::string& name : frames_.back().assigned) variables_.erase(name);
      }
      std::vector<std::string> assigned = std::move(frames_.back().assigned);
      frames_.pop_back();
      if (!frames_.empty()) frames_.back().assigned.insert(frames_.back().assigned.end(), assigned.begin(), assigned.end());
    }
    if (frames_.empty()) closed_ = true;
    scanner_ = before;
  }

  // As Until, of the word that must end an expression.
  Span Through(std::string_view word, std::string_view missing) {
    Span matched;
    const Span s = Until(word, &matched);
    if (matched.empty()) Error(s.end, missing);
    return s;
  }

  // Passes over tokens up to `word` at parenthesis level 0 and returns the span between.
  Span Until(std::string_view word, Span* matched = nullptr) {
    Span s{scanner_.position(), scanner_.position()};
    int depth = 0, cases = 0;
    for (Token t = scanner_.NextCode(); t.kind != TokenKind::kEnd; t = scanner_.NextCode()) {
      if (t.kind == TokenKind::kOpen) ++depth;
      if (t.kind == TokenKind::kClose) --depth;
      if (Is(t, "case")) ++cases;
      if (depth <= 0 && cases == 0 && Is(t, word)) {
        if (matched != nullptr) *matched = t.span;
        break;
      }
      if (Is(t, "end") && cases > 0) --cases;
      if (depth <= 0 && t.kind == TokenKind::kSemicolon) break;  // malformed: stop at the statement's end
      s.end = t.span.end;
    }
    return s;
  }

  // The rest of a statement: [from, ';'). Moves past the semicolon.
  Span ToSemicolon(uint32_t from) {
    Span s{from, from};
    int depth = 0;
    for (Token t = scanner_.NextCode(); t.kind != TokenKind::kEnd; t = scanner_.NextCode()) {
      if (t.kind == TokenKind::kOpen) ++depth;
      if (t.kind == TokenKind::kClose) --depth;
      if (t.kind == TokenKind::kSemicolon && depth <= 0) break;
      s.end = t.span.end;
    }
    return s;
  }

  Token Step(Token t) {
    if (t.kind == TokenKind::kSemicolon) return scanner_.NextCode();
    if (t.kind == TokenKind::kOperator && scanner_.Text(t) == "<<") {  // <<label>>
      Token n = scanner_.NextCode();
      n = scanner_.NextCode();
      return n.kind == TokenKind::kEnd ? n : scanner_.NextCode();
    }
    if (t.kind == TokenKind::kOperator && scanner_.Text(t) == "#") {  // #variable_conflict use_column: a line of its own
      const size_t line = text_.find('\n', t.span.end);
      scanner_.MoveTo(line == std::string_view::npos ? static_cast<uint32_t>(text_.size()) : static_cast<uint32_t>(line));
      return scanner_.NextCode();
    }
    if (t.kind != TokenKind::kIdentifier) {
      if (t.kind == TokenKind::kOpen) return Sql(t);  // (SELECT ...) as a statement
      ToSemicolon(t.span.end);
      return scanner_.NextCode();
    }
    if (Is(t, "declare")) {
      // Declarations end at the block's BEGIN; a cursor's query or a default may hold anything else.
      Token n = scanner_.NextCode();
      while (n.kind != TokenKind::kEnd && !Is(n, "begin")) {
        const Span s = ToSemicolon(n.span.end);
        if (as_run_) Declare(n, s);
        n = scanner_.NextCode();
      }
      return n;
    }
    if (Is(t, "begin")) {
      frames_.push_back({Kind::kBlock, out_.size()});
      return scanner_.NextCode();
    }
    if (Is(t, "exception")) {
      if (Top(Kind::kBlock, t) != nullptr) {
        frames_.back().handler = true;
        for (size_t i = frames_.back().first; i < out_.size(); ++i) out_[i]->guarded = true;
      }
      return scanner_.NextCode();
    }
    if (Is(t, "when")) {  // of an EXCEPTION section or a CASE
      Until("then");
      return scanner_.NextCode();
    }
    if (Is(t, "if")) {
      const Span test = Through("then", kNoThen);
      AddExpression(test);
      frames_.push_back({Kind::kIf, out_.size(), AsksForExistence(text_.substr(test.begin, test.size()))});
      Branch(test);
      return scanner_.NextCode();
    }
    if (Is(t, "elsif") || Is(t, "elseif")) {
      Top(Kind::kIf, t);
      if (!frames_.empty()) frames_.back().skip = false;  // its test runs where no other branch was taken
      const Span test = Through("then", kNoThen);
      AddExpression(test);
      Branch(test);
      return scanner_.NextCode();
    }
    if (Is(t, "else")) {
      if (frames_.empty() || frames_.back().kind != Kind::kCase) Top(Kind::kIf, t);
      if (!frames_.empty()) frames_.back().skip = frames_.back().taken;
      return scanner_.NextCode();
    }
    if (Is(t, "case")) {
      frames_.push_back({Kind::kCase, out_.size()});
      Token n = scanner_.NextCode();
      if (Is(n, "when")) return n;
      scanner_.MoveTo(n.span.begin);
      AddExpression(Until("when"));
      Until("then");
      return scanner_.NextCode();
    }
    if (Is(t, "loop")) {
      frames_.push_back({Kind::kLoop, out_.size()});
      return scanner_.NextCode();
    }
    if (Is(t, "while")) {
      AddExpression(Through("loop", kNoLoop));
      frames_.push_back({Kind::kLoop, out_.size()});
      return scanner_.NextCode();
    }
    if (Is(t, "for") || Is(t, "foreach")) return For(t);
    if (Is(t, "end")) {
      if (TurnAgain()) return scanner_.NextCode();
      End();
      ToSemicolon(t.span.end);
      return scanner_.NextCode();
    }
    if (Is(t, "execute")) return Execute(t, scanner_.position());
    if (Is(t, "return")) {
      const Token n = scanner_.NextCode();
      if (Is(n, "query")) {
        const Token q = scanner_.NextCode();
        return Is(q, "execute") ? Execute(q, scanner_.position()) : Sql(q);
      }
      if (n.kind != TokenKind::kSemicolon) AddExpression({n.span.begin, ToSemicolon(n.span.begin).end});
      return scanner_.NextCode();
    }
    if (as_run_ && Is(t, "open")) return Open();
    if (as_run_ && (Is(t, "fetch") || Is(t, "get"))) {
      ForgetTargets(ToSemicolon(t.span.begin));
      return scanner_.NextCode();
    }
    for (std::string_view w : {"raise", "exit", "continue", "null", "get", "open", "fetch", "close", "move", "assert"}) {
      if (!Is(t, w)) continue;
      ToSemicolon(t.span.end);
      return scanner_.NextCode();
    }
    // name := expr, name.field = expr, name[i] := expr
    {
      Scanner ahead = scanner_;
      Token n = ahead.NextCode();
      while (n.kind == TokenKind::kOperator && ahead.Text(n) == ".") {
        ahead.NextCode();
        n = ahead.NextCode();
      }
      while (n.kind == TokenKind::kOpen && text_[n.span.begin] == '[') {
        int depth = 1;
        while (depth > 0 && n.kind != TokenKind::kEnd) {
          n = ahead.NextCode();
          if (n.kind == TokenKind::kOpen) ++depth;
          if (n.kind == TokenKind::kClose) --depth;
        }
        n = ahead.NextCode();
      }
      if (n.kind == TokenKind::kOperator && (ahead.Text(n) == ":=" || ahead.Text(n) == "=")) {
        const Span s = ToSemicolon(t.span.end);
        if (as_run_ && n.span.end <= s.end) Assign(t, {n.span.end, s.end});
        return scanner_.NextCode();
      }
    }
    return Sql(t);
  }

  Token For(Token t) {
    const Span target = Until("in");
    Scanner ahead = scanner_;
    const Token first = ahead.NextCode();
    if (Is(t, "for") && Is(first, "execute")) {
      scanner_ = ahead;
      const Span rest = Through("loop", kNoLoop);
      Forget(std::string(TextOf(target)));
      Dynamic({first.span.begin, rest.end}, {rest.begin, rest.end});
    } else {
      const Span range = Through("loop", kNoLoop);
      Forget(std::string(TextOf(target)));
      if (as_run_) {
        if (const auto c = cursors_.find(absl::AsciiStrToLower(TextOf(range).substr(0, TextOf(range).find('(')))); c != cursors_.end()) AddSql(c->second, false);
        if (std::vector<std::string> values = LoopValues(TextOf(range)); !values.empty() && values.size() <= kMaxTurns) {
          frames_.push_back({Kind::kLoop, out_.size()});
          Frame& f = frames_.back();
          f.variable = absl::AsciiStrToLower(TextOf(target).substr(0, TextOf(target).find_first_of(" \t\n")));
          f.values = std::move(values);
          f.start = scanner_.position();
          SetLoopVariable(f);
          return scanner_.NextCode();
        }
      }
      const bool query = Is(first, "select") || Is(first, "with") || Is(first, "values") || Is(first, "insert") || Is(first, "update") || Is(first, "delete") || Is(first, "merge");
      if (Is(t, "for") && query) AddSql({first.span.begin, range.end}, false);
    }
    frames_.push_back({Kind::kLoop, out_.size()});
    return scanner_.NextCode();
  }

  // A test such as IF NOT EXISTS (SELECT 1 FROM pg_constraint ...) or to_regclass(...) IS NULL.
  static bool AsksForExistence(std::string_view test) {
    Scanner scanner(test);
    for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.kind != TokenKind::kIdentifier) continue;
      for (std::string_view w : {"exists", "to_regclass", "to_regtype", "to_regnamespace", "to_regproc", "information_schema", "pg_catalog", "found"}) {
        if (EqualsKeyword(scanner.Text(t), w)) return true;
      }
      if (scanner.Text(t).starts_with("pg_")) return true;
    }
    return false;
  }

  // ---- ParseOptions::as_run ------------------------------------------------------------------------------------------------

  std::string_view TextOf(Span s) const {
    std::string_view t = text_.substr(s.begin, s.size());
    return absl::StripAsciiWhitespace(t);
  }

  void Forget(const std::string& name) {
    if (as_run_) variables_.erase(absl::AsciiStrToLower(name));
  }

  // name [CONSTANT] type [:= value]; name CURSOR [(...)] FOR query.
  void Declare(const Token& name, Span rest) {
    const std::string key = absl::AsciiStrToLower(scanner_.Text(name));
    Scanner scanner(text_, rest);
    int depth = 0;
    bool cursor = false;
    for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.kind == TokenKind::kOpen) ++depth;
      if (t.kind == TokenKind::kClose) --depth;
      if (depth != 0) continue;
      if (scanner.Is(t, "cursor")) cursor = true;
      if (cursor && (scanner.Is(t, "for") || scanner.Is(t, "is"))) {
        cursors_[key] = {t.span.end, rest.end};
        return;
      }
      if (!scanner.Is(t, "default") && scanner.Text(t) != ":=" && scanner.Text(t) != "=") continue;
      const Span value{t.span.end, rest.end};
      variables_[key] = Evaluate(TextOf(value), variables_);
      AddExpression(value);
      return;
    }
  }

  void Assign(const Token& name, Span value) {
    const std::string key = absl::AsciiStrToLower(scanner_.Text(name));
    DynamicValue v = Evaluate(TextOf(value), variables_);
    if (v.known || v.written) {
      variables_[key] = std::move(v);
    } else {
      variables_.erase(key);
    }
    if (!frames_.empty()) frames_.back().assigned.push_back(key);
    AddExpression(value);
  }

  // The variables behind INTO get what nobody knows.
  void ForgetTargets(Span statement) {
    Scanner scanner(text_, statement);
    for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; t = scanner.NextCode()) {
      if (!scanner.Is(t, "into")) continue;
      for (t = scanner.NextCode(); t.kind == TokenKind::kIdentifier; t = scanner.NextCode()) {
        Forget(std::string(scanner.Text(t)));
        Scanner ahead = scanner;
        if (!scanner.Is(t, "strict") && ahead.NextCode().kind != TokenKind::kComma) break;
        if (!scanner.Is(t, "strict")) scanner = ahead;
      }
    }
  }

  Token Open() {
    const Token name = scanner_.NextCode();
    Token n = scanner_.NextCode();
    while (Is(n, "no") || Is(n, "scroll")) n = scanner_.NextCode();
    if (Is(n, "for")) {
      n = scanner_.NextCode();
      return Is(n, "execute") ? Execute(n, scanner_.position()) : Sql(n);
    }
    if (const auto c = cursors_.find(absl::AsciiStrToLower(scanner_.Text(name))); c != cursors_.end()) AddSql(c->second, false);
    if (n.kind != TokenKind::kSemicolon) ToSemicolon(n.span.end);
    return scanner_.NextCode();
  }

  // ARRAY['a', 'b'] of FOREACH, 1..3 of FOR, SELECT unnest(ARRAY[...]). Empty if it is something else.
  std::vector<std::string> LoopValues(std::string_view range) const {
    std::vector<std::string> values;
    Scanner scanner(range);
    Token t = scanner.NextCode();
    if (scanner.Is(t, "array") || (scanner.Is(t, "select") && scanner.Is(scanner.NextCode(), "unnest"))) {
      const size_t begin = scanner.Is(t, "array") ? t.span.end : range.find_first_of("uU", t.span.end);
      return EvaluateArray(absl::StripAsciiWhitespace(range.substr(begin)), variables_);
    }
    const size_t dots = range.find("..");
    if (dots == std::string_view::npos) return values;
    const DynamicValue low = Evaluate(range.substr(0, dots), variables_), high = Evaluate(range.substr(dots + 2), variables_);
    int64_t a = 0, b = 0;
    if (!low.known || !high.known || !absl::SimpleAtoi(low.text, &a) || !absl::SimpleAtoi(high.text, &b)) return values;
    if (b < a || b - a >= static_cast<int64_t>(kMaxTurns)) return values;
    for (int64_t i = a; i <= b; ++i) values.push_back(absl::StrCat(i));
    return values;
  }

  void SetLoopVariable(const Frame& f) { variables_[f.variable] = {f.values[f.value], true, false}; }

  // At the END LOOP of a loop over values that has another one to go.
  bool TurnAgain() {
    if (frames_.empty() || frames_.back().kind != Kind::kLoop || frames_.back().values.empty()) return false;
    Scanner ahead = scanner_;
    Frame& f = frames_.back();
    if (!Is(ahead.NextCode(), "loop") || f.value + 1 >= f.values.size() || out_.size() > kMaxStatements) {
      if (f.value + 1 >= f.values.size()) variables_.erase(f.variable);
      return false;
    }
    ++f.value;
    SetLoopVariable(f);
    scanner_.MoveTo(f.start);
    return true;
  }

  // An expression runs as a SELECT does: its sub-queries and the functions that it calls count.
  void AddExpression(Span s) {
    if (!as_run_ || text_.substr(s.begin, s.size()).find('(') == std::string_view::npos) return;
    std::vector<Statement*> statements;
    ParseError error;
    const std::string sql = absl::StrCat("SELECT ", text_.substr(s.begin, s.size()));
    if (parser_.Parse(sql, base_ + s.begin, context_, statements, error)) Add(statements);
  }

  void Mark(Statement* s) const {
    for (const Frame& f : frames_) {
      s->conditional = s->conditional || f.kind == Kind::kIf || f.kind == Kind::kCase || f.handler;
      s->in_loop = s->in_loop || f.kind == Kind::kLoop;
      s->guarded = s->guarded || f.guard;
    }
  }

  // The branch of an IF with this test begins.
  void Branch(Span test) {
    if (!as_run_ || frames_.empty() || frames_.back().kind != Kind::kIf) return;
    Frame& f = frames_.back();
    const auto operation = variables_.find("tg_op");
    const Truth holds = Holds(TextOf(test), operation == variables_.end() ? std::string_view() : operation->second.text);
    f.skip = f.taken || holds == Truth::kFalse;
    f.taken = f.taken || holds == Truth::kTrue;
  }

  void Add(std::vector<Statement*>& statements) {
    for (const Frame& f : frames_) {
      if (f.skip) return;
    }
    for (Statement* s : statements) {
      Mark(s);
      out_.push_back(s);
    }
  }

  Token Sql(const Token& first) {
    Span s = ToSemicolon(first.span.begin);
    if (s.end < first.span.end) s.end = first.span.end;
    if (as_run_) ForgetTargets(s);
    AddSql(s, Is(first, "perform"));
    return scanner_.NextCode();
  }

  void AddSql(Span s, bool perform) {
    std::string sql(text_.substr(s.begin, s.size()));
    if (perform) std::memcpy(sql.data(), "SELECT ", 7);
    BlankInto(sql);
    std::vector<Statement*> statements;
    ParseError error;
    if (!parser_.Parse(sql, base_ + s.begin, context_, statements, error) &&
        !(MaskTemplates(sql) && parser_.Parse(sql, base_ + s.begin, context_, statements, error))) {
      statements = {parser_.NotUnderstood({base_ + s.begin, base_ + s.end}, "a statement that does not parse outside its body", context_)};
    }
    Add(statements);
  }

  // SELECT ... INTO [STRICT] a, b.c FROM ...: the targets are variables. INSERT INTO and MERGE INTO stay.
  static void BlankInto(std::string& sql) {
    Scanner scanner(sql);
    Token previous;
    int depth = 0;
    for (Token t = scanner.NextCode(); t.kind != TokenKind::kEnd; previous = t, t = scanner.NextCode()) {
      if (t.kind == TokenKind::kOpen) ++depth;
      if (t.kind == TokenKind::kClose) --depth;
      if (depth != 0 || !scanner.Is(t, "into") || scanner.Is(previous, "insert") || scanner.Is(previous, "merge") || previous.kind == TokenKind::kEnd) continue;
      uint32_t end = t.span.end;
      Token n = scanner.NextCode();
      if (scanner.Is(n, "strict")) {
        end = n.span.end;
        n = scanner.NextCode();
      }
      for (;;) {
        const Span name = NameSpanAt(sql, n.span.begin, static_cast<uint32_t>(sql.size()));
        if (name.empty()) break;
        end = name.end;
        scanner.MoveTo(end);
        const Token comma = scanner.NextCode();
        if (comma.kind != TokenKind::kComma) break;
        n = scanner.NextCode();
      }
      for (uint32_t i = t.span.begin; i < end; ++i) {
        if (sql[i] != '\n') sql[i] = ' ';
      }
      return;
    }
  }

  Token Execute(const Token& keyword, uint32_t from) {
    const Span s = ToSemicolon(from);
    Dynamic({keyword.span.begin, s.end}, {from, s.end});
    return scanner_.NextCode();
  }

  // EXECUTE 'literal', 'a' || x || 'b', format('... %I ...', x): what is written is parsed, the rest stands for names.
  void Dynamic(Span statement, Span expression) {
    Statement* outer = parser_.arena().New<Statement>();
    outer->kind = StatementKind::kOther;
    outer->tag = "EXECUTE";
    outer->span = {base_ + statement.begin, base_ + statement.end};
    outer->full_end = outer->span.end;
    outer->outer = context_.outer;
    if (as_run_) ForgetTargets(expression);
    if (as_run_ && AddEvaluated(expression, outer)) return;
    std::string sql(expression.size(), ' ');
    if (!Reconstruct(expression, sql)) {
      std::vector<Statement*> one = {parser_.NotUnderstood(outer->span, "dynamic SQL whose text is not written here", context_)};
      one[0]->outer = outer;
      one[0]->inside = Inside::kExecute;
      return Add(one);
    }
    const BodyContext inner{Inside::kExecute, outer, context_.depth};
    std::vector<Statement*> statements;
    ParseError error;
    if (!parser_.Parse(sql, base_ + expression.begin, inner, statements, error)) {
      statements = {parser_.NotUnderstood(outer->span, "dynamic SQL that does not parse", inner)};
    }
    Add(statements);
  }

  // With the values put in that are known. What is one literal keeps its exact place: the other way does that.
  bool AddEvaluated(Span expression, const Statement* outer) {
    Scanner scanner(text_, expression);
    const TokenKind first = scanner.NextCode().kind;
    const Token next = scanner.NextCode();
    if ((first == TokenKind::kString || first == TokenKind::kDollarString) && (next.kind == TokenKind::kEnd || scanner.Is(next, "using") || scanner.Is(next, "into"))) return false;
    const DynamicValue v = Evaluate(TextOf(expression), variables_);
    if (!v.known && !v.written) return false;
    std::vector<Statement*> statements;
    ParseError error;
    if (!parser_.Parse(v.text, base_ + expression.begin, {Inside::kExecute, outer, context_.depth}, statements, error)) return false;
    for (Statement* s : statements) {
      // Its place in the file is not its own: nobody may read the body there.
      if (s->kind == StatementKind::kCreateFunction) const_cast<CreateFunction&>(s->As<CreateFunction>()).body = {};
    }
    Add(statements);
    return true;
  }

  // Equal-length text of a string expression: literals as they are, everything between them as one name. False when no
  // literal is there at all.
  bool Reconstruct(Span expression, std::string& sql) const {
    Scanner scanner(text_, expression);
    bool format = false, any = false;
    int depth = 0;
    bool gap_named = true;  // nothing before the first literal
    Token t = scanner.NextCode();
    if (scanner.Is(t, "format")) {
      format = true;
      t = scanner.NextCode();
      if (t.kind == TokenKind::kOpen) t = scanner.NextCode();
    }
    for (; t.kind != TokenKind::kEnd; t = scanner.NextCode()) {
      if (t.kind == TokenKind::kOpen) ++depth;
      if (t.kind == TokenKind::kClose) --depth;
      if (scanner.Is(t, "using") || scanner.Is(t, "into")) break;
      if (format && any && (t.kind == TokenKind::kComma || t.kind == TokenKind::kClose)) break;
      const bool literal = (t.kind == TokenKind::kString && text_[t.span.begin] == '\'') || t.kind == TokenKind::kDollarString;
      if (literal && depth <= 0) {
        const std::string_view written = scanner.Text(t);
        const size_t quote = t.kind == TokenKind::kDollarString ? written.find('$', 1) + 1 : 1;
        if (t.unterminated || written.size() < 2 * quote) return false;
        std::string inside(written.substr(quote, written.size() - 2 * quote));
        if (t.kind == TokenKind::kString) inside = UndoubleQuotes(inside);
        if (format) MaskFormat(inside);
        sql.replace(t.span.begin + quote - expression.begin, inside.size(), inside);
        any = true;
        gap_named = false;
      } else if (!literal && any && !gap_named && (t.kind == TokenKind::kIdentifier || t.kind == TokenKind::kParameter)) {
        // A value joined in: a name, one column wide of the literal before it so that '...x' || y stays one word only where
        // the writer left no blank.
        sql[t.span.begin - expression.begin] = 'x';
        for (uint32_t i = t.span.begin + 1; i < t.span.end; ++i) sql[i - expression.begin] = '_';
        gap_named = true;
      }
    }
    return any;
  }

  static void MaskFormat(std::string& s) {
    for (size_t i = 0; i + 1 < s.size(); ++i) {
      if (s[i] != '%') continue;
      if (s[i + 1] == '%') {
        s[i] = ' ';
        ++i;
        continue;
      }
      size_t end = i + 1;
      while (end < s.size() && std::strchr("0123456789$-*", s[end]) != nullptr) ++end;
      if (end >= s.size()) return;
      if (s[end] == 'L') {
        s[i] = s[end] = '\'';
        for (size_t k = i + 1; k < end; ++k) s[k] = 'x';
      } else if (s[end] == 'I' || s[end] == 's') {
        for (size_t k = i; k <= end; ++k) s[k] = k == i ? 'x' : '_';
      }
      i = end;
    }
  }

  ScriptParser& parser_;
  std::string_view text_;
  Scanner scanner_;
  uint32_t base_;
  const BodyContext& context_;
  std::vector<Frame> frames_;
  bool closed_ = false;      // the outermost block has ended
  bool error_ = false;       // the blocks do not fit: said once
  std::vector<Statement*> out_;
  const bool as_run_;
  DynamicVariables variables_;
  absl::flat_hash_map<std::string, Span> cursors_;  // their queries
};

}  // namespace

std::vector<const Statement*> ParsePlpgsql(ScriptParser& parser, std::string_view text, uint32_t base, const BodyContext& context) {
  return BodyParser(parser, text, base, context).Run();
}

}  // namespace pawl::sql
