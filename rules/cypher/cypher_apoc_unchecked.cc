// cypher-apoc-unchecked: apoc.periodic.iterate or commit whose count of failures nobody reads.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {

extern const Rule kCypherApocUnchecked;

namespace {

using namespace cypher;

bool TellsFailures(std::string_view column) {
  static constexpr std::string_view kColumns[] = {"failedOperations", "failedBatches", "errorMessages", "batch", "operations", "failedParams", "failedCommits", "commitErrors", "batchErrors"};
  return std::find(std::begin(kColumns), std::end(kColumns), column) != std::end(kColumns);
}

// Anything behind the call, or its own YIELD ... WHERE, uses one of the columns.
bool Reads(const Query& q, size_t call, const std::vector<std::string_view>& names) {
  for (size_t i = call; i < q.clauses.size(); ++i) {
    const Clause& c = *q.clauses[i];
    if (i > call && c.projection != nullptr && c.projection->star) return true;
    bool found = false;
    const auto look = [&](const Expr& e) { found = found || (e.kind == ExprKind::kVariable && std::find(names.begin(), names.end(), e.text) != names.end()); };
    if (i == call) {
      if (c.where != nullptr) VisitParts(*c.where, look);
    } else {
      VisitExpressions(c, look);
      for (const Name& n : c.scope) found = found || std::find(names.begin(), names.end(), n.text) != names.end();
    }
    if (found) return true;
  }
  return false;
}

void Check(const CypherContext& context) {
  if (!Executes(context.statement)) return;
  VisitClauses(context.statement, [&](const ClauseVisit& v) {
    const Clause& c = *v.clause;
    if (c.kind != ClauseKind::kCallProcedure) return;
    const std::string name = QualifiedName(c.schema, c.name.text);
    if (name != "apoc.periodic.iterate" && name != "apoc.periodic.commit") return;
    // A first argument that only reads is still a batched write; one whose action only reads is not.
    for (const Statement* e : c.embedded) {
      if (e->kind == StatementKind::kQuery && EmbeddingOf(*e).role == EmbeddedRole::kAction && !Writes(*e) && !e->As<Query>().clauses.empty()) {
        bool calls = false;
        VisitClauses(*e, [&](const ClauseVisit& inner) { calls = calls || inner.clause->kind == ClauseKind::kCallProcedure; });
        if (!calls) return;
      }
    }
    const bool iterate = c.name.text == "iterate";
    std::vector<std::string_view> names;
    for (const YieldItem& y : c.yields) {
      if (TellsFailures(y.name.text)) names.push_back(y.alias.empty() ? y.name.text : y.alias.text);
    }
    if (c.yield_star) names = {"failedOperations", "failedBatches", "errorMessages", "failedCommits", "commitErrors", "batchErrors", "batch", "operations"};
    if (!names.empty() && Reads(*v.query, v.index, names)) return;
    FindingBuilder f = context.Report(kCypherApocUnchecked, c.name.span, absl::StrCat("batches of `", name, "` that fail go unnoticed"));
    f.Why(absl::StrCat("the procedure itself succeeds and only counts what failed, in ", iterate ? "failedOperations and errorMessages" : "failedBatches and batchErrors",
                       c.has_yield ? ", which nothing here reads" : "", ": the migration is recorded as done with part of the data unwritten"));
    f.Help(iterate ? "add `YIELD failedOperations, errorMessages CALL apoc.util.validate(failedOperations > 0, 'failed: %s', [errorMessages])`, or use CALL { } IN TRANSACTIONS, which fails by itself"
                   : "add `YIELD failedBatches, batchErrors CALL apoc.util.validate(failedBatches > 0, 'failed: %s', [batchErrors])`, or use CALL { } IN TRANSACTIONS, which fails by itself");
  });
}

}  // namespace

constinit const Rule kCypherApocUnchecked = {
    .info = {
        .name = "cypher-apoc-unchecked",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "apoc.periodic.iterate or commit whose failures nobody reads",
        .page = {
            .what = "`apoc.periodic.iterate` and `apoc.periodic.commit` catch the error of each batch and go on. How many failed is in the columns they return, and nothing in the statement reads these.",
            .why = "The call succeeds, the runner records the migration, and the rows of the failed batches keep their old data.",
            .instead = "`YIELD failedOperations, errorMessages CALL apoc.util.validate(failedOperations > 0, ...)` turns failures into an error. `CALL { } IN TRANSACTIONS` fails by itself and needs no APOC.",
            .fix_safety = "",
            .versions = "",
            .limits = "That a runner throws away what the statement returns is not known: returning failedOperations counts as reading it. The statements in the string arguments are judged by all rules as well.",
            .references = "APOC documentation, \"apoc.periodic.iterate\", \"apoc.periodic.commit\", \"apoc.util.validate\"",
            .elsewhere = "",
            .bad = "CALL apoc.periodic.iterate(\n  'MATCH (n:OldLabel) RETURN n',\n  'SET n:NewLabel REMOVE n:OldLabel',\n  {batchSize: 1000});\n",
            .good = "CALL apoc.periodic.iterate(\n  'MATCH (s:Session) WHERE s.expiresAt < datetime() RETURN s',\n  'DETACH DELETE s',\n  {batchSize: 1000})\n"
                    "YIELD failedOperations, errorMessages\nCALL apoc.util.validate(failedOperations > 0, 'failed: %s', [errorMessages])\nRETURN failedOperations;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
