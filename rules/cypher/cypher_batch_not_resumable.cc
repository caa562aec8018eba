// cypher-batch-not-resumable: batches over a match that finds the same rows again when the statement is run a second time.
//
// Who speaks: only where the rows are many and come from MATCH. Batches of LOAD CSV have their file, batches of UNWIND their list.
// MERGE alone is repeatable, so it only costs the work: a note.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherBatchNotResumable;

namespace {

using namespace cypher;

bool OnlyMerges(const std::vector<const Clause*>& body) {
  return std::all_of(body.begin(), body.end(), [](const Clause* c) {
    return !WritesEntities(*c) || c->kind == ClauseKind::kMerge;
  }) && std::any_of(body.begin(), body.end(), [](const Clause* c) { return c->kind == ClauseKind::kMerge; });
}

// The batch finds by a MATCH of its own what it writes, and does not find it again: a second run only passes over the rows.
bool ShrinksInside(const std::vector<const Clause*>& body) {
  const auto writes = std::find_if(body.begin(), body.end(), [](const Clause* c) {
    return c->kind != ClauseKind::kMatch && c->kind != ClauseKind::kWith && c->kind != ClauseKind::kUnwind;
  });
  const bool found = std::any_of(body.begin(), writes, [](const Clause* c) { return c->kind == ClauseKind::kMatch && !c->optional; });
  return found && Shrinks({body.begin(), writes}, {writes, body.end()});
}

void Report(const CypherContext& context, Span at, const RowCause& cause, const std::vector<const Clause*>& body, bool apoc) {
  FindingBuilder f = context.Report(kCypherBatchNotResumable, at, absl::StrCat("a second run does all batches again: the match finds ", DescribeRows(cause), ", done or not"));
  f.Why(absl::StrCat("batches that are committed stay when a later one fails, and the migration then runs from the start: ",
                     OnlyMerges(body) ? "the MERGEs change nothing, but cost the same time and locks" : "what is computed from the old value, created or counted is applied twice"));
  f.Help(absl::StrCat("let the ", apoc ? "first query" : "MATCH", " leave out what is done, such as WHERE n.newProperty IS NULL, NOT n:NewLabel or NOT (n)-[:NEW]->()"));
  if (OnlyMerges(body)) f.AtSeverity(Severity::kNote);
}

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s)) return;
  const Embedding embedding = EmbeddingOf(s);
  if (embedding.role == EmbeddedRole::kAction) {
    // Judged at the action, whose rows the driving statement finds.
    if (embedding.driving == nullptr || embedding.driving->kind != StatementKind::kQuery || !Writes(s)) return;
    Bound bound = Bound::kFew;
    RowCause cause;
    const Query& q = embedding.driving->As<Query>();
    FollowRows(*embedding.driving, context.graph, context.script.migration_index, [&](const Step& step) {
      if (step.clause->kind == ClauseKind::kReturn && step.query == &q) {
        bound = step.bound;
        cause = step.cause;
      }
    });
    if (bound != Bound::kMany || cause.source != RowSource::kMatch) return;
    const std::vector<const Clause*> driving(q.clauses.begin(), q.clauses.end());
    const Query& action = s.As<Query>();
    const std::vector<const Clause*> body(action.clauses.begin(), action.clauses.end());
    if (!Shrinks(driving, body) && !ShrinksInside(body)) Report(context, s.span, cause, body, true);
    return;
  }
  if (!HasInTransactions(s)) return;
  const Clause* done = nullptr;
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    if (step.batch == nullptr || step.batch == done || !WritesEntities(*step.clause)) return;
    done = step.batch;
    if (step.driving->bound != Bound::kMany || step.driving->cause.source != RowSource::kMatch) return;
    const auto& clauses = step.driving_query->clauses;
    const std::vector<const Clause*> driving(clauses.begin(), clauses.begin() + static_cast<ptrdiff_t>(step.driving_index));
    std::vector<const Clause*> body(step.batch->query->clauses.begin(), step.batch->query->clauses.end());
    for (const Query* part : step.batch->query->parts) body.insert(body.end(), part->clauses.begin(), part->clauses.end());
    if (Shrinks(driving, body) || (step.batch->query->parts.empty() && ShrinksInside(body))) return;
    Report(context, step.batch->transactions->span, step.driving->cause, body, false);
  });
}

}  // namespace

constinit const Rule kCypherBatchNotResumable = {
    .info = {
        .name = "cypher-batch-not-resumable",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a batched write whose match does not leave out what is done",
        .page = {
            .what = "Batches commit one by one. If a later batch fails, or the runner is killed before it records the migration, the statement runs again from the start, and its MATCH finds the rows "
                    "that are done as well.",
            .why = "A price is raised twice, a relationship is created twice, a counter counts double. Where the write is the same the second time, it still takes all the time and locks again.",
            .instead = "Let the MATCH leave out what is done: `WHERE u.active IS NULL` before `SET u.active = true`, `WHERE NOT u:Customer` before `SET u:Customer`, `WHERE NOT (u)-[:HAS]->(:Profile)` "
                       "before the CREATE.",
            .fix_safety = "",
            .versions = "",
            .limits = "A condition on what is written is trusted to leave out what is done. Batches that find what they write by a MATCH of their own are judged by that MATCH, too. Batches that only MERGE get a note; batches driven by LOAD CSV or a list are left alone.",
            .references = "Cypher manual, \"CALL subqueries in transactions\", \"Error behavior\"\nmeasured on Neo4j 5.26.30: \"/ by zero (Transactions committed: 3)\", 6 of 10 rows stay",
            .elsewhere = "",
            .bad = "MATCH (p:Product)\nCALL (p) { SET p.price = p.price * 1.1 } IN TRANSACTIONS OF 10000 ROWS;\n",
            .good = "MATCH (p:Product) WHERE p.priceWithTax IS NULL\nCALL (p) { SET p.priceWithTax = p.price * 1.1 } IN TRANSACTIONS OF 10000 ROWS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
