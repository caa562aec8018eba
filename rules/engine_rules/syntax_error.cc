#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "rules/cypher/context.h"
#include "rules/engine_rules/engine_rules.h"

namespace pawl {
namespace {

// A file for another database would fill the screen: the first ones tell enough.
constexpr int kMostInOneScript = 10;

// A PL/pgSQL body whose blocks do not fit together. Not where something is filled in before it runs: that may hold blocks, too.
void CheckBodies(const ScriptContext& script) {
  for (const StatementFacts& f : script.facts) {
    const sql::Statement& s = *f.statement;
    if (s.kind != sql::StatementKind::kSyntaxError || s.outer == nullptr) continue;
    const std::string_view body = script.Text(s.outer->span);
    if (absl::StrContains(body, "{{") || absl::StrContains(body, "${") || absl::StrContains(body, "{%") || absl::StrContains(body, "<%") || absl::StrContains(body, "ATOMIC") ||
        absl::StrContains(body, "atomic")) {
      continue;
    }
    const std::string_view text = script.file->text();
    uint32_t begin = std::min(s.error_at, static_cast<uint32_t>(text.size())), end = begin;
    while (end < s.span.end && (text[end] == '_' || absl::ascii_isalnum(static_cast<unsigned char>(text[end])))) ++end;
    if (end == begin) end = std::min(begin + 1, static_cast<uint32_t>(text.size()));
    script.Report(kSyntaxError, {begin, end}, absl::StrCat(s.tag, " in the ", s.inside == sql::Inside::kFunction ? "function's" : "DO block's", " PL/pgSQL"))
        .Why(s.inside == sql::Inside::kFunction ? "the server compiles a body before it runs it: the call fails and the migration stops here"
                                                : "the server compiles a body before it runs it: nothing of the block happens and the migration stops here")
        .Help("close each IF with END IF, each LOOP with END LOOP, each CASE with END CASE and each BEGIN with END");
  }
}

// goose and sql-migrate send what they have read when a line ends with `;`, whatever that stands in: their `endsWithSemicolon` looks at the
// last word of the line before one that begins with `--`.
bool EndsStatement(std::string_view line) {
  if (!absl::StrContains(line, ';')) return false;
  std::string_view last;
  for (std::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t\r\v\f"), absl::SkipEmpty())) {
    if (absl::StartsWith(word, "--")) break;
    last = word;
  }
  return absl::EndsWith(last, ";");
}

void CheckCut(const ScriptContext& script) {
  const bool goose = script.set->layout == Layout::kGoose;
  if (!goose && script.set->layout != Layout::kSqlMigrate) return;
  const std::string_view text = script.file->text(), mark = goose ? "-- +goose" : "-- +migrate", tool = goose ? "goose" : "sql-migrate";
  for (const sql::Statement* s : script.script->statements) {
    if (s->kind == sql::StatementKind::kSyntaxError || s->outer != nullptr) continue;
    for (size_t from = s->span.begin, end = text.find('\n', from); end < s->span.end; from = end + 1, end = text.find('\n', from)) {
      if (!EndsStatement(text.substr(from, end - from))) continue;
      if (script.InStatementBlock(s->span.begin)) break;
      const uint32_t at = static_cast<uint32_t>(text.rfind(';', end));
      FindingBuilder f = script.Report(kSyntaxError, {at, at + 1}, absl::StrCat(tool, " sends the statement in pieces: it ends one at every line that ends with `;`, also inside quotes"));
      f.Why("the server gets half a statement, refuses it and the migration stops here");
      f.Help(absl::StrCat("put `", mark, " StatementBegin` on a line above it and `", mark, " StatementEnd` on a line below"));
      const size_t line = text.rfind('\n', s->span.begin) + 1, after = std::min(text.find('\n', s->span.end), text.size());
      const bool alone = absl::StripAsciiWhitespace(text.substr(line, s->span.begin - line)).empty() && absl::StripAsciiWhitespace(text.substr(s->span.end, after - s->span.end)) == ";";
      const std::string_view eol = end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
      const uint32_t above = static_cast<uint32_t>(line), below = static_cast<uint32_t>(after > 0 && after < text.size() && text[after - 1] == '\r' ? after - 1 : after);
      if (alone) f.SafeFix("mark it as one statement", {{{above, above}, absl::StrCat(mark, " StatementBegin", eol)}, {{below, below}, absl::StrCat(eol, mark, " StatementEnd")}});
      break;
    }
  }
}

void Check(const ScriptContext& script) {
  CheckBodies(script);
  CheckCut(script);
  int found = 0, more = 0;
  FindingBuilder last(nullptr);
  for (const sql::Statement* s : script.script->statements) {
    if (s->kind != sql::StatementKind::kSyntaxError) continue;
    if (++found > kMostInOneScript) {
      ++more;
      continue;
    }
    // One token is marked; at the end of input there is none, and the statement's last byte stands for it.
    uint32_t begin = s->error_at, end = begin;
    const std::string_view text = script.file->text();
    if (begin >= s->span.end && s->span.end > s->span.begin) begin = end = s->span.end - 1;
    auto word = [&](uint32_t at) { return at < text.size() && (static_cast<unsigned char>(text[at]) >= 0x80 || text[at] == '_' || absl::ascii_isalnum(static_cast<unsigned char>(text[at]))); };
    const uint32_t limit = s->span.empty() ? static_cast<uint32_t>(text.size()) : s->span.end;
    while (end < limit && word(end)) ++end;
    if (end == begin && end < text.size()) ++end;
    last = script.Report(kSyntaxError, {begin, end}, std::string(s->tag));
    last.Why("the server refuses the statement and the migration stops here; without a transaction what stands before it stays applied");
    last.Help("correct the statement, or move it out of the migration if it is meant for another server or tool");
  }
  if (more > 0) last.Note(absl::StrCat(more, " more statements of this script do not parse"));
}

// What the parser reads and no version of Neo4j accepts.
void CheckForms(const CypherContext& context) {
  for (const cypher::FormUse& use : context.statement.forms) {
    if (use.accepted || (use.form != cypher::Form::kNotEqualsOfC && use.form != cypher::Form::kColonLabelAlternatives)) continue;
    const cypher::FormInfo& info = cypher::Info(use.form);
    FindingBuilder f = context.Report(kSyntaxError, use.span, absl::StrCat(info.what, " is no Cypher"));
    f.Why("Neo4j refuses the statement and the migration stops here; statements before it that ran in transactions of their own stay applied");
    f.Help(absl::StrCat("write ", info.instead));
    if (use.has_replacement && context.statement.exact_spans) f.SafeFix(absl::StrCat("write ", info.instead), {{use.replace_span, std::string(use.replacement)}});
  }
}

void CheckCypher(const CypherContext& context) {
  CheckForms(context);
  if (context.statement.kind != cypher::StatementKind::kSyntaxError) return;
  const auto& e = context.statement.As<cypher::SyntaxError>();
  Span span = e.span;
  if (span.empty()) span.begin = span.end > 0 ? span.end - 1 : 0;  // at the end of the text: its last byte
  FindingBuilder f = context.Report(kSyntaxError, span, std::string(e.message));
  f.Why("Neo4j refuses the statement and the migration stops here; statements before it that ran in transactions of their own stay applied");
  f.Help(e.help.empty() ? "correct the statement, or move it out of the migration if it is meant for another server or tool" : std::string(e.help));
  if (e.has_replacement) f.UnsafeFix(std::string("replace it"), {{e.replace_span, std::string(e.replacement)}});
}

}  // namespace

const Rule kSyntaxError = {
    .info = {
        .name = "syntax-error",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "PostgreSQL's own parser does not accept the statement; the rest of the file is still checked",
        .page = {
            .what = "The server's parser stops at the marked place. The message is the server's own. Statements before and behind it are "
                    "checked as usual. Also reported: a body whose PL/pgSQL blocks do not fit together, and a statement that goose or sql-migrate "
                    "would cut in pieces for want of StatementBegin and StatementEnd.",
            .why = "The migration fails when it reaches the statement. Where the file does not run in one transaction, the statements before "
                   "it have then been applied and those behind it have not, and the runner marks the version as failed or dirty.",
            .instead = "Correct the statement at the marked place. When it is meant for another server or another tool, move it out of the "
                       "migration.",
            .fix_safety = "The lines that goose and sql-migrate need are comments; everything else is left to you.",
            .versions = "Read with the grammar of PostgreSQL 18. What an older server would not accept is reported as "
                        "`unsupported-by-server`.",
            .limits = "Placeholders such as `${name}`, `{{ name }}` and `:'name'` are read as a name or a value. One that stands for a keyword "
                      "or for a whole clause may be reported here.",
            .references = "PostgreSQL documentation, \"SQL Commands\"\nsrc/backend/parser/gram.y",
            .elsewhere = "squawk syntax-error",
            .bad = "CREATE TABEL accounts (id bigint PRIMARY KEY);\n",
            .good = "CREATE TABLE IF NOT EXISTS accounts (id bigint PRIMARY KEY);\n",
        }},
    .check_script = Check,
    .check_cypher = CheckCypher};

}  // namespace pawl
