// cypher-create-not-idempotent: CREATE of data in a script that may run more than once.
//
// One finding a script, at the first. Who speaks: batches are cypher-batch-not-resumable's.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherCreateNotIdempotent;

namespace {

using namespace cypher;

void Names(const Pattern& p, absl::flat_hash_set<std::string_view>& out) {
  for (const PathPattern* path : p.paths) {
    for (const PathElement& e : path->elements) {
      if (e.node == nullptr && e.relationship == nullptr) continue;
      for (const Name& n : e.node != nullptr ? e.node->labels.names : e.relationship->types.names) out.insert(n.text);
    }
  }
}

struct Found {
  const Clause* clause = nullptr;
  int more = 0;
};

void Check(const CypherScriptContext& context) {
  const bool repeatable = context.repeatable();
  if (context.is_down() || (!repeatable && context.runner_wraps())) return;
  absl::flat_hash_set<std::string_view> deleted;  // labels and types that an earlier statement of the script deletes
  Found found, last;
  for (const CypherFacts& facts : context.facts) {
    const Statement& s = *facts.statement;
    if (s.embedded) continue;
    // A later statement may fail, and the script then runs again from its start.
    if (!repeatable && s.kind != StatementKind::kClientCommand) found = last;
    if (!Executes(s) || !Writes(s) || (facts.wrapped && !repeatable)) continue;
    VisitClauses(s, [&](const ClauseVisit& v) {
      const Clause& c = *v.clause;
      if ((c.kind != ClauseKind::kCreate && c.kind != ClauseKind::kInsert) || c.pattern == nullptr || v.batch != nullptr) return;
      absl::flat_hash_set<std::string_view> made;
      Names(*c.pattern, made);
      if (std::any_of(made.begin(), made.end(), [&](std::string_view n) { return deleted.contains(n); })) return;
      // Guarded by what it reads before, or by what the same query removes.
      const size_t at = v.index;
      const std::vector<const Clause*> before(v.query->clauses.begin(), v.query->clauses.begin() + static_cast<ptrdiff_t>(at));
      const std::vector<const Clause*> writes(v.query->clauses.begin() + static_cast<ptrdiff_t>(at), v.query->clauses.end());
      if (Shrinks(before, writes)) return;
      if (last.clause == nullptr) {
        last.clause = &c;
      } else {
        ++last.more;
      }
    });
    bool deletes = false;
    VisitClauses(s, [&](const ClauseVisit& v) { deletes = deletes || v.clause->kind == ClauseKind::kDelete; });
    if (deletes) {
      VisitClauses(s, [&](const ClauseVisit& v) {
        if (v.clause->kind == ClauseKind::kMatch && v.clause->pattern != nullptr) Names(*v.clause->pattern, deleted);
      });
    }
  }
  if (repeatable) found = last;
  if (found.clause == nullptr) return;
  std::string message = repeatable ? "each run of this repeatable script creates the data again" : "when a later statement fails, the second run creates this data again";
  if (found.more > 0) absl::StrAppend(&message, ", here and in ", found.more, found.more == 1 ? " more CREATE" : " more CREATEs");
  FindingBuilder f = context.Report(kCypherCreateNotIdempotent, found.clause->keyword_span, message);
  f.Why(repeatable ? "a repeatable script runs whenever its text changes: CREATE makes a second copy of each node, or fails under a uniqueness constraint with ConstraintValidationFailed"
                   : "the runner commits the statements one by one: what is done stays, and after a failure the script runs from its start, where CREATE makes copies or fails under a constraint");
  f.Help("write MERGE on the key with ON CREATE SET for the rest, under a uniqueness constraint");
}

}  // namespace

constinit const Rule kCypherCreateNotIdempotent = {
    .info = {
        .name = "cypher-create-not-idempotent",
        .group = RuleGroup::kCypher,
        .severity = Severity::kNote,
        .summary = "CREATE of data in a repeatable script, or in one whose statements commit one by one",
        .page = {
            .what = "A script that may run more than once creates data with CREATE: a repeatable script, or one whose statements each commit by themselves and of which a later one may fail.",
            .why = "The second run creates every node again, or stops at a uniqueness constraint with `ConstraintValidationFailed` and can then never get past it.",
            .instead = "`MERGE` on the key, `ON CREATE SET` for the rest. Or delete what the script made before it makes it again, or ask with `WHERE NOT EXISTS { ... }`.",
            .fix_safety = "",
            .versions = "",
            .limits = "The last statement of a script that is not repeatable is left alone: nothing after it can fail. Scripts that the runner wraps in a transaction roll back whole.",
            .references = "Cypher manual, \"MERGE\"\nmeasured on Neo4j 5.26.30: 400 Neo.ClientError.Schema.ConstraintValidationFailed; neo4j-migrations runs a file with IN TRANSACTIONS statement by statement",
            .elsewhere = "",
            .bad = "CREATE (:Import {name: 'users'});\nMATCH (s:Session) CALL (s) { DETACH DELETE s } IN TRANSACTIONS;\n",
            .good = "MATCH (s:Session) CALL (s) { DETACH DELETE s } IN TRANSACTIONS;\n",
        }},
    .in_down = false,
    .check_cypher_script = Check};

}  // namespace pawl
