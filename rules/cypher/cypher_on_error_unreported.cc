// cypher-on-error-unreported: ON ERROR CONTINUE or BREAK where nothing looks at which batches failed.
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {

extern const Rule kCypherOnErrorUnreported;

namespace {

using namespace cypher;

bool LooksAt(const Query& q, size_t from, std::string_view variable) {
  for (size_t i = from; i < q.clauses.size(); ++i) {
    const Clause& c = *q.clauses[i];
    if (c.projection != nullptr && c.projection->star) return true;
    bool found = false;
    VisitExpressions(c, [&](const Expr& e) { found = found || (e.kind == ExprKind::kVariable && e.text == variable) || ((e.kind == ExprKind::kSubquery || e.kind == ExprKind::kPattern) && Mentions(e, variable)); });
    for (const Name& n : c.scope) found = found || n.text == variable;
    for (const Clause* inner : c.clauses) VisitExpressions(*inner, [&](const Expr& e) { found = found || (e.kind == ExprKind::kVariable && e.text == variable); });
    if (found || c.scope_star || (c.query != nullptr && LooksAt(*c.query, 0, variable))) return true;
  }
  return false;
}

void Check(const CypherContext& context) {
  if (!Executes(context.statement)) return;
  VisitClauses(context.statement, [&](const ClauseVisit& v) {
    const InTransactions* t = v.clause->transactions;
    if (t == nullptr || (t->on_error != OnError::kContinue && t->on_error != OnError::kBreak)) return;
    if (v.clause->query == nullptr || !Writes(*v.clause->query)) return;
    const bool goes_on = t->on_error == OnError::kContinue;
    const char* mode = goes_on ? "ON ERROR CONTINUE" : "ON ERROR BREAK";
    if (!t->report_status.empty()) {
      if (LooksAt(*v.query, v.index + 1, t->report_status.text)) return;
      FindingBuilder f = context.Report(kCypherOnErrorUnreported, t->report_status.span, absl::StrCat("batches that fail are lost without a word: nothing looks at ", Ticked(t->report_status.text)));
      f.Why(absl::StrCat("with ", mode, " the statement succeeds whatever fails, so the migration is recorded as done"));
      f.Help(absl::StrCat("end with `WITH ", t->report_status.text, " WHERE ", t->report_status.text, ".errorMessage IS NOT NULL RETURN ", t->report_status.text, ".transactionId, ", t->report_status.text, ".errorMessage`, or leave ON ERROR out, so that the first failure is an error"));
      return;
    }
    FindingBuilder f = context.Report(kCypherOnErrorUnreported, t->on_error_span.empty() ? t->span : t->on_error_span, absl::StrCat("batches that fail are lost without a word: ", mode, " has no REPORT STATUS"));
    f.Why(goes_on ? "the statement succeeds although batches failed, so the migration is recorded as done with part of the data unwritten"
                  : "the statement stops at the first failed batch and still succeeds, so the migration is recorded as done with the rest unwritten");
    f.Help("add `REPORT STATUS AS status` and look at status.errorMessage behind it, or leave ON ERROR out, so that the first failure is an error and a second run goes on");
  });
}

}  // namespace

constinit const Rule kCypherOnErrorUnreported = {
    .info = {
        .name = "cypher-on-error-unreported",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "ON ERROR CONTINUE or BREAK whose REPORT STATUS nobody looks at",
        .page = {
            .what = "With `ON ERROR CONTINUE` or `ON ERROR BREAK`, `CALL { } IN TRANSACTIONS` succeeds even if batches fail. Which ones failed is told only by `REPORT STATUS AS s`, and only to what "
                    "reads `s` behind it.",
            .why = "The runner sees success, records the migration, and never runs it again. The rows of the failed batches keep their old data.",
            .instead = "Leave ON ERROR out: the first failure is then an error, committed batches stay, and a second run does the rest. Or keep it, add REPORT STATUS, and store or return the rows "
                       "with an errorMessage.",
            .fix_safety = "",
            .versions = "ON ERROR and REPORT STATUS are there since Neo4j 5.7.",
            .limits = "That a runner throws away what the statement returns is not known.",
            .references = "Cypher manual, \"CALL subqueries in transactions\", \"Error behavior\" and \"Status report\"\n"
                          "measured on Neo4j 5.26.30: HTTP 202 without errors, the failed batch only in the status rows",
            .elsewhere = "",
            .bad = "MATCH (u:User) WHERE u.active IS NULL\nCALL (u) { SET u.active = true } IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE;\n",
            .good = "MATCH (u:User) WHERE u.active IS NULL\nCALL (u) { SET u.active = true } IN TRANSACTIONS OF 1000 ROWS ON ERROR CONTINUE REPORT STATUS AS s\n"
                    "WITH s WHERE s.errorMessage IS NOT NULL\nRETURN s.transactionId, s.errorMessage;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
