#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/script_parser.h"
#include "analyzer/cypher/script.h"

namespace pawl::cypher {
namespace {

// Cypher in a string in a string ...
constexpr int kMaxEmbedding = 4;

// Procedures that run the Cypher in their arguments; bit i of `arguments`: argument i.
struct Runner {
  std::string_view name;
  uint32_t arguments;
};
constexpr Runner kRunners[] = {
    {"apoc.periodic.iterate", 3}, {"apoc.periodic.commit", 1}, {"apoc.periodic.submit", 2}, {"apoc.periodic.schedule", 2}, {"apoc.periodic.repeat", 2},
    {"apoc.periodic.submitSchema", 2}, {"apoc.cypher.run", 1}, {"apoc.cypher.runMany", 1}, {"apoc.cypher.runManyReadOnly", 1}, {"apoc.cypher.runSchema", 1},
    {"apoc.cypher.runTimeboxed", 1}, {"apoc.cypher.runWrite", 1}, {"apoc.cypher.doIt", 1}, {"apoc.cypher.parallel", 1}, {"apoc.cypher.parallel2", 1},
    {"apoc.cypher.mapParallel", 1}, {"apoc.cypher.mapParallel2", 1}, {"apoc.trigger.add", 2}, {"apoc.trigger.install", 4}, {"apoc.when", 6}, {"apoc.do.when", 6},
};

uint32_t RunArguments(const Clause& call) {
  if (!call.schema.starts_with("apoc")) return 0;
  const std::string name = QualifiedName(call.schema, call.name.text);
  for (const Runner& r : kRunners) {
    if (r.name == name) return r.arguments;
  }
  return 0;
}

// The text of a string literal (quotes included in `raw`), and for each of its bytes the outer offset.
std::string Decode(std::string_view raw, std::vector<uint32_t>& at) {
  std::string out;
  auto add = [&](char c, size_t i) {
    out += c;
    at.push_back(static_cast<uint32_t>(i));
  };
  const size_t end = raw.size() - 1;
  for (size_t i = 1; i < end; ++i) {
    if (raw[i] != '\\' || i + 1 >= end) {
      add(raw[i], i);
      continue;
    }
    const size_t begin = i++;
    switch (raw[i]) {
      case 'n': add('\n', begin); break;
      case 'r': add('\r', begin); break;
      case 't': case 'b': case 'f': add('\t', begin); break;
      case '\\': case '\'': case '"': case '`': add(raw[i], begin); break;
      default:
        add('\\', begin);
        add(raw[i], i);
    }
  }
  at.push_back(static_cast<uint32_t>(end));
  return out;
}

}  // namespace

bool StartsStatement(size_t type) {
  switch (type) {
    case Lex::MATCH: case Lex::CREATE: case Lex::CREATE_COMMAND: case Lex::MERGE: case Lex::DROP: case Lex::CALL: case Lex::WITH: case Lex::UNWIND: case Lex::RETURN:
    case Lex::OPTIONAL: case Lex::LOAD: case Lex::FOREACH: case Lex::SHOW: case Lex::ALTER: case Lex::GRANT: case Lex::DENY: case Lex::REVOKE: case Lex::USE:
    case Lex::USING: case Lex::INSERT: case Lex::DELETE: case Lex::DETACH: case Lex::SET: case Lex::REMOVE: case Lex::START: case Lex::START_COMMAND: case Lex::STOP:
    case Lex::RENAME: case Lex::TERMINATE: case Lex::LET: case Lex::FILTER:
      return true;
    default: return false;
  }
}

void ScriptParser::Run() {
  for (;;) {
    const RawToken t = scanner_.Next();
    if (t.type == antlr4::Token::EOF) {
      if (tokens_.empty()) return;
      const uint32_t next = Finish(tokens_.back().span.end);
      tokens_.clear();
      scanner_.MoveTo(next);  // a recovery may go on before the end
      continue;
    }
    if (IsBlank(t.type)) {
      if (options_.comments && depth_ == 0 && t.type != Lex::SPACE) script_.comments.push_back(text_.Outer(t.span));
      continue;
    }
    if (t.type == Lex::SEMICOLON) {
      if (tokens_.empty()) continue;
      const uint32_t next = Finish(t.span.end);
      tokens_.clear();
      scanner_.MoveTo(next);
      continue;
    }
    if (tokens_.empty() && t.type == Lex::COLON) {
      ClientCommand(t.span.begin);
      continue;
    }
    if (t.type == Lex::OPEN_STRING || t.type == Lex::OPEN_NAME || t.type == Lex::OPEN_COMMENT) {
      Unterminated(t);
      tokens_.clear();
      continue;
    }
    tokens_.emplace_back(t.type, t.span);
  }
}

void ScriptParser::ClientCommand(uint32_t begin) {
  const std::string_view text = text_.bytes;
  const size_t newline = text.find('\n', begin);
  uint32_t end = static_cast<uint32_t>(newline == std::string_view::npos ? text.size() : newline);
  uint32_t word = begin + 1;
  while (word < end && std::strchr(" \t\r;", text[word]) == nullptr) ++word;
  auto* command = script_.arena.New<cypher::ClientCommand>();
  command->command = script_.arena.Copy(std::string_view(absl::AsciiStrToLower(text.substr(begin, word - begin))));
  // What stands behind :auto is the statement that it runs.
  if (command->command == ":auto") end = word;
  uint32_t last = end;
  while (last > word && std::strchr(" \t\r;", text[last - 1]) != nullptr) --last;
  command->argument = text.substr(word, last - word);
  while (!command->argument.empty() && (command->argument[0] == ' ' || command->argument[0] == '\t')) command->argument.remove_prefix(1);
  Statement* s = NewStatement({begin, last});
  s->kind = StatementKind::kClientCommand;
  s->node = command;
  s->full_end = text_.Outer(end);
  out_.push_back(s);
  scanner_.MoveTo(end);
}

// A quote or comment that nobody closed takes everything behind it. If a statement begins behind a `;` at a line's end inside, the
// text is read on from there.
void ScriptParser::Unterminated(const RawToken& t) {
  if (ClosedTooLate()) return;
  SyntaxError error;
  const Span opening{t.span.begin, t.span.begin + (t.type == Lex::OPEN_COMMENT ? 2u : 1u)};
  error.span = text_.Outer(opening);
  const std::string_view quote = text_.bytes.substr(opening.begin, opening.size());
  error.message = script_.arena.Copy(std::string_view(
      t.type == Lex::OPEN_COMMENT ? std::string("this `/*` is never closed") : absl::StrCat("this ", quote == "`" ? "backtick" : absl::StrCat("`", quote, "`"), " is never closed")));
  error.help = t.type == Lex::OPEN_COMMENT ? "end the comment with `*/`"
               : t.type == Lex::OPEN_NAME  ? "end the name with a backtick; a backtick inside a name is written twice"
                                           : "end the string with the same quote; a quote inside it is written with a backslash before it";
  const uint32_t begin = tokens_.empty() ? t.span.begin : tokens_.front().span.begin;
  const uint32_t cut = recoveries_left_ > 0 ? CutInside(Token(t.type, t.span)) : 0;
  if (cut != 0) {
    --recoveries_left_;
    AddError({begin, cut - 1}, error, cut);
    scanner_.MoveTo(cut);
    return;
  }
  uint32_t end = t.span.end;
  while (end > t.span.begin + 1 && std::strchr(" \t\r\n", text_.bytes[end - 1]) != nullptr) --end;
  AddError({begin, end}, error, end);
}

// A quote closed too late, by the opening quote of another string, swallowed the statements between: says so and goes on at the first.
bool ScriptParser::ClosedTooLate() {
  if (recoveries_left_ <= 0) return false;
  for (const Token& t : tokens_) {
    if (t.type != Lex::STRING_LITERAL && t.type != Lex::QUOTED_NAME) continue;
    const uint32_t cut = CutInside(t);
    if (cut == 0) continue;
    --recoveries_left_;
    SyntaxError error;
    error.message = "this quote is not closed before the next statement";
    error.help = "end the string with the same quote; a quote inside it is written with a backslash before it";
    error.span = text_.Outer(Span{t.span.begin, t.span.begin + 1});
    AddError({tokens_.front().span.begin, cut - 1}, error, cut);
    scanner_.MoveTo(cut);
    return true;
  }
  return false;
}

// Behind the first `;` in a quoted token that ends its line and is followed by a statement's first word; 0 if there is none.
uint32_t ScriptParser::CutInside(const Token& t) const {
  const std::string_view text = text_.bytes;
  for (size_t i = text.find(';', t.span.begin); i < t.span.end; i = text.find(';', i + 1)) {
    size_t after = i + 1;
    while (after < t.span.end && (text[after] == ' ' || text[after] == '\t' || text[after] == '\r')) ++after;
    if (after >= t.span.end || text[after] != '\n') continue;
    while (after < t.span.end && std::strchr(" \t\r\n", text[after]) != nullptr) ++after;
    size_t end = after;
    while (end < t.span.end && absl::ascii_isalpha(static_cast<unsigned char>(text[end]))) ++end;
    if (end > after && StartsStatement(KeywordType(text.substr(after, end - after)))) return static_cast<uint32_t>(i) + 1;
  }
  return 0;
}

Statement* ScriptParser::NewStatement(Span span) {
  Statement* s = script_.arena.New<Statement>();
  s->span = text_.Outer(span);
  s->version = options_.version;
  s->embedded = outer_ != nullptr;
  s->outer = outer_;
  return s;
}

void ScriptParser::Add(Statement* s, uint32_t full_end) {
  s->full_end = text_.Outer(full_end);
  if (depth_ == 0) {
    ++script_.total_statements;
    if (s->kind == StatementKind::kSyntaxError) ++script_.syntax_errors;
  } else if (s->kind == StatementKind::kSyntaxError) {
    ++script_.not_understood;
  }
  out_.push_back(s);
}

void ScriptParser::AddError(Span span, SyntaxError error, uint32_t full_end) {
  Statement* s = NewStatement(span);
  auto* node = script_.arena.New<SyntaxError>();
  *node = error;
  s->kind = StatementKind::kSyntaxError;
  s->node = node;
  s->accepted = s->parses = false;
  Add(s, full_end);
}

// EXPLAIN, PROFILE, CYPHER [version] [key=value ...], in any order and number: taken off the tokens.
void ScriptParser::TakePrefix(Statement& s) {
  size_t i = 0;
  auto word = [&](size_t k) { return k < tokens_.size() && tokens_[k].type == Lex::WORD ? text_.bytes.substr(tokens_[k].span.begin, tokens_[k].span.size()) : std::string_view(); };
  auto name = [&](size_t k) { return Name{text_.bytes.substr(tokens_[k].span.begin, tokens_[k].span.size()), text_.Outer(tokens_[k].span)}; };
  std::vector<QueryOption> options;
  for (;;) {
    if (SameWord(word(i), "EXPLAIN")) {
      s.prefix.explain = Explain::kExplain;
      ++i;
    } else if (SameWord(word(i), "PROFILE")) {
      s.prefix.explain = Explain::kProfile;
      ++i;
    } else if (SameWord(word(i), "CYPHER")) {
      ++i;
      if (i < tokens_.size() && (tokens_[i].type == Lex::INTEGER_LITERAL || tokens_[i].type == Lex::FLOAT_LITERAL)) {
        const Name version = name(i);
        s.prefix.version_span = version.span;
        s.prefix.version = version.text == "25" ? 25 : static_cast<uint8_t>(absl::ascii_isdigit(static_cast<unsigned char>(version.text[0])) ? version.text[0] - '0' : 0);
        if (version.text == "25") s.version = Version::k25;
        if (version.text == "5") s.version = Version::k5;
        if (version.text.starts_with("4.") || version.text.starts_with("3.")) s.version = Version::k44;
        ++i;
      }
      while (i + 2 < tokens_.size() && IsNameLike(tokens_[i].type) && tokens_[i + 1].type == Lex::EQ) {
        options.push_back({name(i), name(i + 2)});
        i += 3;
      }
    } else {
      break;
    }
  }
  if (i == 0) return;
  s.prefix.options = script_.arena.Copy(options);
  s.prefix.span = text_.Outer(Span{tokens_[0].span.begin, tokens_[i - 1].span.end});
  tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<ptrdiff_t>(i));
}

// Parses `tokens_` into `s`, or says what is wrong and at which token.
bool ScriptParser::Build(Statement& s, SyntaxError& error, int32_t& error_token) {
  if (tokens_.empty()) {
    error.message = "there is no query behind the prefix";
    error.span = {s.span.end, s.span.end};
    return false;
  }
  const uint32_t end = tokens_.back().span.end;
  tokens_.emplace_back(antlr4::Token::EOF, Span{end, end});
  const Resolution resolution = ResolveTokens(text_.bytes, tokens_);
  if (resolution.too_deep >= 0) {
    error.message = script_.arena.Copy(std::string_view(absl::StrCat("brackets nest deeper than ", kMaxDepth, " levels")));
    error.help = "split the statement";
    error.span = text_.Outer(tokens_[static_cast<size_t>(resolution.too_deep)].span);
    error_token = resolution.too_deep;
    return false;
  }
  Stop stop;
  G::StatementContext* context = machine_.Parse(tokens_, stop);
  if (context == nullptr) {
    Explain(text_, tokens_, resolution, stop, script_.arena, error);
    error_token = stop.token;
    return false;
  }
  Builder builder(script_.arena, text_, tokens_);
  builder.Statement(context, s);
  if (builder.error().present) {
    error.message = script_.arena.Copy(std::string_view(builder.error().message));
    error.help = script_.arena.Copy(std::string_view(builder.error().help));
    error.span = builder.error().span;
    for (const Token& t : tokens_) {
      if (text_.Outer(t.span.begin) >= error.span.begin) {
        error_token = t.index;
        break;
      }
    }
    return false;
  }
  Judge(s, builder.forms());
  const std::vector<Clause*> calls = std::move(builder.calls());
  if (!calls.empty() && depth_ < kMaxEmbedding) Embedded(calls, s);  // runs the parser again: the contexts are gone afterwards
  return true;
}

void ScriptParser::Judge(Statement& s, std::vector<FormUse>& forms) {
  for (FormUse& use : forms) {
    use.accepted = AcceptedIn(use.form, s.version);
    s.accepted = s.accepted && use.accepted;
    s.parses = s.parses && Info(use.form).parser_passes[static_cast<int>(s.version)];
  }
  s.forms = script_.arena.Copy(forms);
}

void ScriptParser::Embedded(const std::vector<Clause*>& calls, const Statement& s) {
  const std::vector<Token> mine = std::move(tokens_);  // the nested parser has its own; these are looked into for literals
  for (Clause* call : calls) {
    const uint32_t wanted = RunArguments(*call);
    std::vector<const Statement*> statements;
    for (size_t i = 0; i < call->arguments.size() && i < 32; ++i) {
      if ((wanted >> i & 1) == 0) continue;
      const Expr& argument = *call->arguments[i];
      if (argument.kind != ExprKind::kLiteral || argument.literal != LiteralKind::kString) {
        ++script_.not_understood;
        continue;
      }
      const auto token = std::find_if(mine.begin(), mine.end(), [&](const Token& t) { return t.type == Lex::STRING_LITERAL && text_.Outer(t.span.begin) == argument.span.begin; });
      if (token == mine.end()) continue;
      const std::string_view raw = text_.bytes.substr(token->span.begin, token->span.size());
      Text inner;
      std::vector<uint32_t> offsets;
      if (raw.find('\\') == std::string_view::npos && text_.offsets == nullptr) {
        inner = {raw.substr(1, raw.size() - 2), argument.span.begin + 1, nullptr};
      } else {
        inner.bytes = script_.arena.Copy(std::string_view(Decode(raw, offsets)));
        for (uint32_t& at : offsets) at = text_.Outer(token->span.begin + at);
        inner.offsets = &offsets;
      }
      ScriptParser(inner, options_, machine_, script_, &s, depth_ + 1, statements).Run();
    }
    call->embedded = script_.arena.Copy(statements);
  }
}

uint32_t ScriptParser::Finish(uint32_t full_end) {
  const uint32_t begin = tokens_.front().span.begin, end = tokens_.back().span.end;
  const std::vector<Token> all = tokens_;
  Statement* s = NewStatement({begin, end});
  TakePrefix(*s);
  const size_t prefix = all.size() - tokens_.size();
  SyntaxError error;
  int32_t at = 0;
  if (Build(*s, error, at)) {
    Add(s, full_end);
    return full_end;
  }
  const size_t wrong = prefix + static_cast<size_t>(at);
  // A `;` is missing: the mistake is a statement's first word at the beginning of a line, and what stands before it parses.
  if (recoveries_left_ > 0 && wrong > 0 && wrong < all.size() && StartsStatement(all[wrong].type)) {
    const std::string_view between = text_.bytes.substr(all[wrong - 1].span.end, all[wrong].span.begin - all[wrong - 1].span.end);
    if (between.find('\n') != std::string_view::npos) {
      tokens_.assign(all.begin(), all.begin() + static_cast<ptrdiff_t>(wrong));
      const uint32_t head_end = tokens_.back().span.end;
      Statement* head = NewStatement({begin, head_end});
      TakePrefix(*head);
      SyntaxError ignored;
      int32_t unused = 0;
      if (Build(*head, ignored, unused)) {
        --recoveries_left_;
        Add(head, head_end);
        SyntaxError missing;
        missing.message = script_.arena.Copy(std::string_view(
            absl::StrCat("missing `;` before `", text_.bytes.substr(all[wrong].span.begin, all[wrong].span.size()), "`")));
        missing.expected = "`;`";
        missing.span = missing.replace_span = text_.Outer(Span{head_end, head_end});
        missing.replacement = ";";
        missing.has_replacement = true;
        AddError({head_end, head_end}, missing, head_end);
        return all[wrong].span.begin;
      }
    }
  }
  tokens_ = all;
  if (ClosedTooLate()) return scanner_.position();
  AddError({begin, end}, error, full_end);
  return full_end;
}

std::unique_ptr<Script> ParseScript(const SourceFile& file, Span section, const ParseOptions& options) {
  auto script = std::make_unique<Script>();
  const uint32_t size = static_cast<uint32_t>(file.text().size());
  const Span part{std::min(section.begin, size), std::min(section.end, size)};
  const Text text{file.Slice(part), part.begin, nullptr};
  Machine machine;
  ScriptParser(text, options, machine, *script, nullptr, 0, script->statements).Run();
  return script;
}

std::vector<const Statement*> ParseEmbedded(const SourceFile& file, Span literal, const Statement* outer, const ParseOptions& options, Script& script) {
  std::vector<const Statement*> statements;
  if (literal.size() < 2) return statements;
  const std::string_view raw = file.Slice(literal);
  Text inner{raw.substr(1, raw.size() - 2), literal.begin + 1, nullptr};
  std::vector<uint32_t> offsets;
  if (raw.find('\\') != std::string_view::npos) {
    inner.bytes = script.arena.Copy(std::string_view(Decode(raw, offsets)));
    for (uint32_t& at : offsets) at += literal.begin;
    inner.offsets = &offsets;
  }
  Machine machine;
  ScriptParser(inner, options, machine, script, outer, 1, statements).Run();
  return statements;
}

}  // namespace pawl::cypher
