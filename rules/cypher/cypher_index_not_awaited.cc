// cypher-index-not-awaited: data work that relies on an index made just before, while the index is still being filled; and a wait in
// the transaction that makes the index, which cannot succeed.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherIndexNotAwaited;

namespace {

using namespace cypher_rules;
using cypher::ClauseKind;
using cypher::Expr;
using cypher::ExprKind;
using cypher::IndexKind;

// A property of `variable` that a predicate can look up: n.k = ..., n.k IN ..., n.k > ..., n.k STARTS WITH ....
void LookedUp(const Expr* e, std::string_view variable, std::vector<std::string_view>& keys, int depth = 0) {
  if (e == nullptr || depth > 60) return;
  if (e->kind == ExprKind::kAnd) {
    for (const Expr* a : e->arguments) LookedUp(a, variable, keys, depth + 1);
    return;
  }
  if (e->kind != ExprKind::kOperator && e->kind != ExprKind::kIsNotNull) return;
  if (e->text == "<>" || e->text == "=~") return;
  for (const Expr* a : e->arguments) {
    if (a->kind == ExprKind::kProperty && !a->arguments.empty() && a->arguments[0]->kind == ExprKind::kVariable &&
        a->arguments[0]->text == variable) keys.push_back(a->text);
  }
}

const GraphIndex* Serving(const CypherContext& context, cypher::EntityKind entity, const cypher::Labels& labels,
    const std::vector<std::string_view>& keys) {
  for (const GraphIndex& i : context.graph.indexes()) {
    if (i.awaited || i.origin.migration != context.script.migration_index || i.entity != entity || i.properties.empty()) continue;
    if (i.kind == IndexKind::kFulltext || i.kind == IndexKind::kVector || i.kind == IndexKind::kLookup) continue;
    const bool label = std::any_of(labels.names.begin(), labels.names.end(),
        [&](const cypher::Name& n) { return std::find(i.labels.begin(), i.labels.end(), n.text) != i.labels.end(); });
    // A composite index serves when all its properties are asked for; the first alone may do.
    if (label && std::find(keys.begin(), keys.end(), i.properties[0]) != keys.end()) return &i;
  }
  return nullptr;
}

// Data of this label was first made by this very migration: few rows, all of them new.
bool OnlyNewData(const CypherContext& context, const GraphIndex& i) {
  if (!context.script.set->complete || i.labels.empty() || i.entity != cypher::EntityKind::kNode) return false;
  const auto it = context.graph.labels().find(i.labels[0]);
  return it != context.graph.labels().end() && it->second.written.migration == context.script.migration_index;
}

void Report(const CypherContext& context, const GraphIndex& i, Span at, bool query) {
  const std::string what = IndexWords(i);
  FindingBuilder f = context.Report(kCypherIndexNotAwaited, at, query ? absl::StrCat(what, " may not be online when this asks it")
      : absl::StrCat("this looks up ", SchemaWords(i.labels.empty() ? "" : i.labels[0], i.properties), " while ", what,
      " may still be filling"));
  f.Why(query ? "CREATE INDEX returns at once and the index fills in the background: until it is online the procedure fails or finds "
                "only a part"
              : "CREATE INDEX returns at once and the index fills in the background: until it is online each look-up scans every node of "
                "the label");
  f.Help("write `CALL db.awaitIndexes(300);` between the two");
  f.Note("made here", i.origin.file, i.origin.span);
  const auto& all = context.script.script->statements;
  const auto made = std::find_if(all.begin(), all.end(), [&](const cypher::Statement* s) { return s->span.Contains(i.origin.span.begin); });
  if (made != all.end() && (*made)->full_end > 0 && i.origin.file == context.script.file) f.UnsafeFix("await the indexes",
      {{{(*made)->full_end, (*made)->full_end}, "\nCALL db.awaitIndexes(300);"}});
}

// The index is not committed, so the wait sees it as it will never become: measured, the call fails when its time is over.
bool AwaitsOwn(const CypherContext& context, const ClauseVisit& v) {
  const std::string name = cypher::QualifiedName(v.clause->schema, v.clause->name.text);
  if (name != "db.awaitIndexes" && name != "db.awaitIndex") return false;
  if (!context.facts.wrapped) return true;
  for (const CypherFacts& f : context.script.facts) {
    if (f.transaction != context.facts.transaction || !f.wrapped || f.statement->kind != cypher::StatementKind::kCreateIndex ||
        !Runs(*f.statement)) continue;
    FindingBuilder b = context.Report(kCypherIndexNotAwaited, v.clause->span, absl::StrCat("this waits for ",
        StatementWords(*f.statement), " in the transaction that makes it, so it never comes online"));
    b.Why("the index is built when its transaction commits: the call waits its whole time, fails with ProcedureCallFailed \"Expected all "
          "indexes to come online\", and the migration is rolled back");
    b.Help("make the index in a migration of its own and begin the next one with `CALL db.awaitIndexes(300);`");
    b.Note("made here", context.script.file, f.statement->span);
    break;
  }
  return true;
}

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (s.kind != cypher::StatementKind::kQuery || !Runs(s)) return;
  const bool writes = WritesData(s) || s.embedded;
  bool found = false;
  VisitClauses(s, [&](const ClauseVisit& v) {
    if (found) return;
    const cypher::Clause& c = *v.clause;
    if (c.kind == ClauseKind::kCallProcedure) {
      if (AwaitsOwn(context, v) || context.facts.wrapped || c.schema.size() < 9 || c.arguments.empty()) return;
      const bool asks = (absl::EqualsIgnoreCase(c.schema, "db.index.fulltext") || absl::EqualsIgnoreCase(c.schema, "db.index.vector")) &&
          absl::StartsWithIgnoreCase(c.name.text, "query");
      if (!asks || c.arguments[0]->kind != ExprKind::kLiteral) return;
      const GraphIndex* i = context.graph.FindIndex(c.arguments[0]->text);
      if (i == nullptr || i->awaited || i->origin.migration != context.script.migration_index) return;
      found = true;
      Report(context, *i, c.arguments[0]->span, true);
      return;
    }
    // Schema and data in one transaction is refused: cypher-schema-and-data speaks.
    if (context.facts.wrapped || !writes || c.pattern == nullptr || (c.kind != ClauseKind::kMatch && c.kind != ClauseKind::kMerge)) return;
    for (const cypher::PathPattern* p : c.pattern->paths) {
      for (const cypher::PathElement& e : p->elements) {
        const cypher::Labels* labels = e.node != nullptr ? &e.node->labels : e.relationship != nullptr ? &e.relationship->types : nullptr;
        if (labels == nullptr || labels->empty()) continue;
        const cypher::Properties& properties = e.node != nullptr ? e.node->properties : e.relationship->properties;
        const cypher::Name& variable = e.node != nullptr ? e.node->variable : e.relationship->variable;
        std::vector<std::string_view> keys;
        for (const cypher::MapEntry& m : properties.entries) keys.push_back(m.key.text);
        if (!variable.empty()) {
          LookedUp(c.where, variable.text, keys);
          LookedUp(e.node != nullptr ? e.node->where : e.relationship->where, variable.text, keys);
        }
        if (keys.empty() || found) continue;
        const GraphIndex* i = Serving(context, e.node != nullptr ? cypher::EntityKind::kNode : cypher::EntityKind::kRelationship,
            *labels, keys);
        if (i == nullptr || OnlyNewData(context, *i)) continue;
        found = true;
        Report(context, *i, e.node != nullptr ? e.node->span : e.relationship->span, false);
      }
    }
  });
}

}  // namespace

constinit const Rule kCypherIndexNotAwaited = {
    .info = {
        .name = "cypher-index-not-awaited",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "data work that relies on an index made just before, without db.awaitIndexes",
        .page = {
            .what = "A script makes an index and then writes data by a look-up on what it indexes, or asks a full-text or vector index, "
                    "without waiting for it. Also: "
                    "`CALL db.awaitIndexes()` in the transaction that makes the index.",
            .why = "`CREATE INDEX` returns before the index is filled. Until it is online the planner scans all nodes of the label, for "
                   "each row anew, and procedures that ask "
                   "the index fail or find only a part. A wait inside the transaction that makes the index cannot succeed, because the "
                   "index is built after the commit.",
            .instead = "`CALL db.awaitIndexes(300);` between the two, each in a transaction of its own. Uniqueness and key constraints "
                       "need none: they come with a full index.",
            .fix_safety = "Not safe: the call fails the migration where the index takes longer than the time given.",
            .versions = "",
            .limits = "Indexes made by earlier migrations are taken to be online. Where a runner wraps the file, "
                      "`cypher-schema-and-data` speaks of the writes.",
            .references = "Operations manual, \"Procedures\", db.awaitIndexes\nmeasured on Neo4j 5.26.30: in the transaction of the "
                          "CREATE INDEX, Neo.ClientError.Procedure.ProcedureCallFailed",
            .elsewhere = "",
            .bad = "CREATE INDEX person_email IF NOT EXISTS FOR (p:Person) ON (p.email);\n"
                   "CALL db.awaitIndexes(300);\n",
            .good = "CREATE INDEX person_email IF NOT EXISTS FOR (p:Person) ON (p.email);\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
