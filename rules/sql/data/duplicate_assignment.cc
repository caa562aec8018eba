// duplicate-assignment: a column is assigned twice in an UPDATE, or listed twice in an INSERT. The server refuses both.
#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDuplicateAssignment;

namespace {

constexpr int kMaxDepth = 32;

void CheckAssignments(const StatementContext& context, const sql::Query& q) {
  for (size_t i = 0; i < q.assignments.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (q.assignments[i].column != q.assignments[j].column) continue;
      FindingBuilder f = context.Report(kDuplicateAssignment, q.assignments[i].span.empty() ? q.target.span : q.assignments[i].span,
                                        absl::StrCat("`", q.assignments[i].column, "` of ", Quoted(q.target), " is assigned twice"));
      f.Why(absl::StrCat("the server refuses the statement: multiple assignments to same column \"", q.assignments[i].column, "\""));
      f.Help("keep the assignment that was meant");
      if (!q.assignments[j].span.empty()) f.Note("assigned first here", context.script.file, q.assignments[j].span);
      return;
    }
  }
}

// INSERT INTO t (a, b, a): its columns have no place of their own in the AST, so the list is read again. a[1], a.x set parts only.
void CheckColumns(const StatementContext& context, const sql::Query& q) {
  std::string_view twice;
  for (size_t i = 0; i < q.columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (q.columns[i] == q.columns[j]) twice = q.columns[i];
    }
  }
  if (twice.empty()) return;
  Span at = q.target.span;
  sql::Scanner scanner(context.script.file->text(), {q.target.span.end, context.statement.span.end});
  sql::Token t = scanner.NextCode();
  while (t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kOpen) t = scanner.NextCode();
  for (t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd && t.kind != sql::TokenKind::kClose; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kOpen || t.kind == sql::TokenKind::kOperator) return;
    std::string_view name = scanner.Text(t);
    if (t.kind == sql::TokenKind::kQuotedIdentifier && name.size() > 2) name = name.substr(1, name.size() - 2);
    if (sql::EqualsKeyword(name, twice) || name == twice) at = t.span;
  }
  context.Report(kDuplicateAssignment, at, absl::StrCat("`", twice, "` stands twice in the column list of this INSERT into ", Quoted(q.target)))
      .Why(absl::StrCat("the server refuses the statement: column \"", twice, "\" specified more than once"))
      .Help("put in the column that was meant, and look whether the values still stand under their columns");
}

void CheckQuery(const StatementContext& context, const sql::Query& q, int depth) {
  if (depth > kMaxDepth) return;
  if (!q.assignments.empty()) CheckAssignments(context, q);
  if (!q.columns.empty()) CheckColumns(context, q);
  for (const sql::Cte& c : q.ctes()) {
    if (c.query != nullptr) CheckQuery(context, *c.query, depth + 1);
  }
}

void Check(const StatementContext& context) { CheckQuery(context, context.statement.As<sql::Query>(), 0); }

}  // namespace

constinit const Rule kDuplicateAssignment = {
    .info = {
        .name = "duplicate-assignment",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "a column is assigned twice in an UPDATE or INSERT: the server refuses it",
        .page = {
            .what = "`UPDATE t SET a = 1, a = 2`, `ON CONFLICT DO UPDATE SET a = 1, a = 2` and `INSERT INTO t (a, a)` name the same column twice.",
            .why = "PostgreSQL refuses them: `multiple assignments to same column`, `column specified more than once`. Other databases take the last one, so such a statement may have worked there.",
            .instead = "Keep the assignment that was meant; often the second was to be another column.",
            .fix_safety = "",
            .versions = "The same on all versions.",
            .limits = "Parts of a column (`a[1] = x, a[2] = y`, `a.x = ...`) may be set one by one. The actions of MERGE are not looked at.",
            .references = "PostgreSQL source, process_matched_tle in src/backend/rewrite/rewriteHandler.c and checkInsertTargets in src/backend/parser/parse_target.c (measured on 15)",
            .elsewhere = "squawk ban-duplicate-column-assignments",
            .bad = "UPDATE orders SET region = 'eu', region = 'ch' WHERE id = 1;\n",
            .good = "UPDATE orders SET region = 'eu', country = 'ch' WHERE id = 1;\n",
        },
    },
    .kinds = {sql::StatementKind::kQuery},
    .check_statement = Check,
};

}  // namespace pawl
