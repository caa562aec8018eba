// cypher-non-deterministic: a repeatable or retried script writes a value that is another one in each run.
//
// Who speaks: CREATE is cypher-create-not-idempotent's, batches are cypher-batch-not-resumable's.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {

extern const Rule kCypherNonDeterministic;

namespace {

using namespace cypher;

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view n) { return absl::EqualsIgnoreCase(n, name); });
}

// randomUUID(), rand(): another value each time; datetime() without arguments: the time of the run.
bool IsRandom(const Expr& e) {
  if (e.kind != ExprKind::kCall) return false;
  return (e.schema.empty() && IsOneOf(e.text, {"randomUUID", "rand"})) || (e.schema == "apoc.create" && IsOneOf(e.text, {"uuid", "uuidBase64"}));
}
bool IsClock(const Expr& e) {
  if (e.kind != ExprKind::kCall || !e.arguments.empty()) return false;
  if (e.schema.empty()) return IsOneOf(e.text, {"datetime", "date", "time", "localdatetime", "localtime", "timestamp"});
  return IsOneOf(e.schema, {"datetime", "date", "time", "localdatetime", "localtime"}) && IsOneOf(e.text, {"transaction", "statement", "realtime"});
}

const Expr* Varying(const Expr* value) {
  const Expr* found = nullptr;
  if (value == nullptr) return nullptr;
  VisitParts(*value, [&](const Expr& e) {
    if (found == nullptr && (IsRandom(e) || IsClock(e))) found = &e;
  });
  return found;
}

// coalesce(n.key, randomUUID()): keeps what is there.
bool KeepsOld(const SetItem& i) {
  const Expr* v = i.value;
  return v != nullptr && v->kind == ExprKind::kCall && absl::EqualsIgnoreCase(v->text, "coalesce") && !v->arguments.empty() && v->arguments[0]->kind == ExprKind::kProperty && v->arguments[0]->text == i.key.text;
}

void Check(const CypherContext& context) {
  const Statement& s = context.statement;
  const bool repeatable = context.script.repeatable();
  if (!Executes(s) || s.embedded || !HasClause(s, {ClauseKind::kSet, ClauseKind::kMerge})) return;
  if (!repeatable && (context.facts.wrapped || context.script.runner_wraps())) return;
  // Retried: only where a statement of the script can still fail behind this one.
  if (!repeatable && !context.script.script->statements.empty() && context.script.script->statements.back() == &s) return;
  bool reported = false;
  const auto report = [&](const Expr& e, bool key) {
    if (reported) return;
    reported = true;
    const std::string call = absl::StrCat("`", context.Text(e.span), "`");
    FindingBuilder f = context.Report(kCypherNonDeterministic, e.span, key ? absl::StrCat(call, " in the key of a MERGE: each run creates another node") : absl::StrCat("each run writes another value of ", call));
    f.Why(repeatable ? "a repeatable script runs whenever its text changes, and overwrites what the run before has written and others may have stored since"
                     : "the statements commit one by one, so after a failure the script runs from its start and overwrites what others may have read since");
    f.Help(key ? "merge by a value that is the same in each run" : "set it once only: ON CREATE SET, `WHERE n.key IS NULL`, or coalesce(n.key, ...); or write a literal");
  };
  FollowRows(s, context.graph, context.script.migration_index, [&](const Step& step) {
    const Clause& c = *step.clause;
    if (step.batch != nullptr) return;
    const auto items = [&](const List<SetItem>& list) {
      for (const SetItem& i : list) {
        const Variable* v = i.target != nullptr && i.target->kind == ExprKind::kVariable ? step.before->Find(i.target->text) : nullptr;
        if ((v != nullptr && v->created) || KeepsOld(i)) continue;
        if (const Expr* e = Varying(i.value)) report(*e, false);
      }
    };
    if (c.kind == ClauseKind::kSet) {
      const std::vector<const Clause*> before(step.query->clauses.begin(), step.query->clauses.begin() + static_cast<ptrdiff_t>(step.index));
      if (!Shrinks(before, {&c})) items(c.items);
    }
    if (c.kind != ClauseKind::kMerge || c.pattern == nullptr) return;
    for (const MergeAction& a : c.actions) {
      if (!a.on_create) items(a.items);
    }
    for (const PathPattern* path : c.pattern->paths) {
      for (const PathElement& e : path->elements) {
        const Properties* p = e.node != nullptr ? &e.node->properties : e.relationship != nullptr ? &e.relationship->properties : nullptr;
        if (p == nullptr) continue;
        for (const MapEntry& m : p->entries) {
          if (const Expr* value = Varying(m.value)) report(*value, true);
        }
      }
    }
  });
}

}  // namespace

constinit const Rule kCypherNonDeterministic = {
    .info = {
        .name = "cypher-non-deterministic",
        .group = RuleGroup::kCypher,
        .severity = Severity::kNote,
        .summary = "randomUUID(), rand() or datetime() written by a script that may run again",
        .page = {
            .what = "A script that may run more than once writes a value that differs in each run: `randomUUID()`, `rand()`, or the clock (`datetime()`, `timestamp()`).",
            .why = "The second run overwrites what the first has written. An identifier that the application has handed out since is gone; in the key of a MERGE, each run creates another node.",
            .instead = "Set it once: `ON CREATE SET`, `WHERE n.uuid IS NULL`, or `coalesce(n.uuid, randomUUID())`. Or write a literal.",
            .fix_safety = "",
            .versions = "",
            .limits = "One finding a statement. Scripts that the runner wraps in a transaction roll back whole and are left alone unless they are repeatable.",
            .references = "Cypher manual, \"Scalar functions\", \"randomUUID()\", and \"Temporal functions\"\nmeasured: neo4j-migrations runs a file with IN TRANSACTIONS statement by statement",
            .elsewhere = "",
            .bad = "MATCH (a:App {name: 'shop'}) SET a.token = randomUUID();\nMATCH (s:Session) CALL (s) { DETACH DELETE s } IN TRANSACTIONS;\n",
            .good = "MATCH (a:App {name: 'shop'}) WHERE a.token IS NULL SET a.token = randomUUID();\nMATCH (s:Session) CALL (s) { DETACH DELETE s } IN TRANSACTIONS;\n",
        }},
    .in_down = false,
    .check_cypher = Check};

}  // namespace pawl
