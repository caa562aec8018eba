// cypher-concurrent-deadlock: batches that run beside each other and write relationships.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherConcurrentDeadlock;

namespace {

using namespace cypher;

const MapEntry* Entry(const Expr* map, std::string_view key) {
  if (map == nullptr || map->kind != ExprKind::kMap) return nullptr;
  const auto it = std::find_if(map->entries.begin(), map->entries.end(), [&](const MapEntry& m) { return m.key.text == key; });
  return it == map->entries.end() ? nullptr : &*it;
}

bool IsTrue(const Expr* e) { return e != nullptr && e->kind == ExprKind::kLiteral && e->literal == LiteralKind::kBoolean && absl::EqualsIgnoreCase(e->text, "true"); }
bool IsNumber(const Expr* e, std::string_view number) { return e != nullptr && e->kind == ExprKind::kLiteral && e->text == number; }

// "creates `LIKES` relationships", "" if the clause touches none.
std::string Relationships(const Clause& c, const Rows& before) {
  if (c.kind == ClauseKind::kCreate || c.kind == ClauseKind::kInsert || c.kind == ClauseKind::kMerge) {
    if (c.pattern == nullptr) return "";
    for (const PathPattern* path : c.pattern->paths) {
      // Between nodes that the clause makes itself nothing is contended.
      bool shared = false;
      const RelationshipPattern* relationship = nullptr;
      for (const PathElement& e : path->elements) {
        if (e.relationship != nullptr) relationship = e.relationship;
        if (e.node != nullptr) {
          const Variable* v = before.Find(e.node->variable.text);
          shared = shared || (v != nullptr && !v->created) || c.kind == ClauseKind::kMerge;
        }
      }
      if (relationship != nullptr && shared) return absl::StrCat("writes ", relationship->types.names.empty() ? "" : absl::StrCat(Ticked(relationship->types.names[0].text), " "), "relationships");
    }
    return "";
  }
  if (c.kind != ClauseKind::kDelete) return "";
  if (c.detach) return "deletes nodes with their relationships";
  for (const Expr* e : c.arguments) {
    const Variable* v = e->kind == ExprKind::kVariable ? before.Find(e->text) : nullptr;
    if (v != nullptr && v->kind == VariableKind::kRelationship) {
      return absl::StrCat("deletes ", v->relationship == nullptr || v->relationship->types.names.empty() ? "" : absl::StrCat(Ticked(v->relationship->types.names[0].text), " "), "relationships");
    }
  }
  return "";
}

void Report(const CypherContext& context, Span at, const std::string& what, bool apoc) {
  FindingBuilder f = context.Report(kCypherConcurrentDeadlock, at, absl::StrCat("batches running side by side may deadlock: each ", what));
  f.Why("a relationship locks both its end nodes; two batches that meet at two nodes in opposite order end in Neo.TransientError.Transaction.DeadlockDetected, and the one that loses is rolled back");
  f.Help(apoc ? "leave out `parallel: true`, or set `retries: 3` and check failedOperations" : "write IN TRANSACTIONS without CONCURRENT where relationships are written; or order the rows so that batches share no node, and in Cypher 25 add ON ERROR RETRY");
}

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  if (!Executes(s)) return;
  const Embedding embedding = EmbeddingOf(s);
  const Clause* done = nullptr;
  if (embedding.role == EmbeddedRole::kAction) {
    const Expr* config = embedding.call->arguments.size() > 2 ? embedding.call->arguments[2] : nullptr;
    const MapEntry* parallel = Entry(config, "parallel");
    const MapEntry* retries = Entry(config, "retries");
    if (parallel == nullptr || !IsTrue(parallel->value) || (retries != nullptr && !IsNumber(retries->value, "0"))) return;
    const MapEntry* concurrency = Entry(config, "concurrency");
    if (concurrency != nullptr && IsNumber(concurrency->value, "1")) return;
    FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
      const std::string what = done == nullptr ? Relationships(*step.clause, *step.before) : "";
      if (what.empty()) return;
      done = step.clause;
      Report(context, step.clause->keyword_span, what, true);
    });
    return;
  }
  if (!HasInTransactions(s)) return;
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    if (step.batch == nullptr || step.batch == done) return;
    const InTransactions& t = *step.batch->transactions;
    if (!t.concurrent || t.retry || IsNumber(t.concurrency, "1")) return;
    const std::string what = Relationships(*step.clause, *step.before);
    if (what.empty()) return;
    done = step.batch;
    Report(context, t.span, what, false);
  });
}

}  // namespace

constinit const Rule kCypherConcurrentDeadlock = {
    .info = {
        .name = "cypher-concurrent-deadlock",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "concurrent batches that write relationships",
        .page = {
            .what = "`CALL { } IN CONCURRENT TRANSACTIONS`, or `apoc.periodic.iterate` with `parallel: true`, runs several batches at once, and they create or delete relationships.",
            .why = "Writing a relationship locks both of its end nodes. Two batches that reach two shared nodes in opposite order deadlock; the server rolls one of them back with "
                   "`Neo.TransientError.Transaction.DeadlockDetected`, and its rows are not written.",
            .instead = "Run batches that write relationships one after the other: `IN TRANSACTIONS` without CONCURRENT, `parallel: false`. Where the time matters, retry: `ON ERROR RETRY` in Cypher 25, "
                       "`retries` in APOC.",
            .fix_safety = "",
            .versions = "IN CONCURRENT TRANSACTIONS is there since Neo4j 5.21, ON ERROR RETRY in Cypher 25.",
            .limits = "Rows that are ordered so that batches share no node are not recognised.",
            .references = "Cypher manual, \"CALL subqueries in transactions\", \"Concurrent transactions\", \"Deadlocks\"\nOperations manual, \"Concurrent data access\", \"Locks\"\n"
                          "measured on Neo4j 5.26.30: 400 Neo.TransientError.Transaction.DeadlockDetected, that transaction is gone",
            .elsewhere = "",
            .bad = "MATCH (u:User) WHERE NOT (u)-[:LIVES_IN]->() AND u.cityId IS NOT NULL\nCALL (u) {\n  MATCH (c:City {id: u.cityId})\n  MERGE (u)-[:LIVES_IN]->(c)\n} IN 4 CONCURRENT TRANSACTIONS OF 1000 ROWS;\n",
            .good = "MATCH (u:User) WHERE NOT (u)-[:LIVES_IN]->() AND u.cityId IS NOT NULL\nCALL (u) {\n  MATCH (c:City {id: u.cityId})\n  MERGE (u)-[:LIVES_IN]->(c)\n} IN TRANSACTIONS OF 1000 ROWS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
