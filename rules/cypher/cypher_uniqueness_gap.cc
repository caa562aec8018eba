// cypher-uniqueness-gap: a uniqueness constraint is dropped and comes back later; in between duplicates can be written.
//
// In one transaction the server refuses it: that is cypher-drop-create-in-one-transaction's.
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherUniquenessGap;

namespace {

using namespace cypher_rules;

void Report(const CypherContext& context, const cypher::CreateConstraint& made, const SourceFile* dropped_in, Span dropped_at,
    bool earlier) {
  const std::string on = SchemaWords(made.label.text, made.properties);
  FindingBuilder f = context.Report(kCypherUniquenessGap, made.name.empty() ? made.keyword_span : made.name.span,
                                    absl::StrCat("uniqueness of ", on, earlier ? " was given up by an earlier migration and comes back "
                                                                                 "here: duplicates can have come in"
                                                                                     : " is given up and comes back: in between "
                                                                                       "duplicates can come in"));
  f.Why("nothing checks what is written between the two; one duplicate is enough for this statement to fail with "
        "ConstraintCreationFailed, and MERGE had neither index nor lock meanwhile");
  std::string probe = absl::StrCat("MATCH (n:", Written(made.label.text), ") WITH ");
  if (made.entity == cypher::EntityKind::kRelationship) probe = absl::StrCat("MATCH ()-[n:", Written(made.label.text), "]->() WITH ");
  for (const cypher::Name& p : made.properties) absl::StrAppend(&probe, "n.", Written(p.text), " AS ", Written(p.text), ", ");
  absl::StrAppend(&probe, "count(*) AS c WHERE c > 1 RETURN count(*)");
  f.Help(absl::StrCat("stop the writers over both steps, or keep the old constraint; before this statement probe with `", probe, "`"));
  f.Note("dropped here", dropped_in, dropped_at);
}

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (s.kind != cypher::StatementKind::kCreateConstraint || !Runs(s)) return;
  const auto& made = s.As<cypher::CreateConstraint>();
  if (!OwnsIndex(made.kind)) return;
  const CypherScriptContext& script = context.script;
  // Another one that stands checks as much: uniqueness on fewer of the properties.
  std::vector<std::string_view> properties;
  for (const cypher::Name& p : made.properties) properties.push_back(p.text);
  if (!script.is_down() && context.graph.UniqueOn(made.label.text, properties) != nullptr) return;

  // Dropped in this script.
  for (const CypherFacts& f : script.facts) {
    if (f.statement->kind != cypher::StatementKind::kDropSchema || !Runs(*f.statement)) continue;
    const auto& drop = f.statement->As<cypher::DropSchema>();
    if (!drop.constraint || (f.wrapped && context.facts.wrapped && f.transaction == context.facts.transaction)) continue;
    const GraphConstraint* gone = nullptr;
    if (script.is_down()) {
      gone = context.graph.FindConstraint(drop.name.text);
    } else {
      for (const GraphConstraint& c : context.graph.dropped()) {
        if (c.dropped.statement == f.ordinal) gone = &c;
      }
    }
    const bool same = gone != nullptr ? gone->owns_index() && SameSchema(*gone, made) && (script.is_down() ||
        !script.MadeHere(gone->origin)) : !drop.name.empty() && drop.name.text == made.name.text;
    if (same) return Report(context, made, script.file, f.statement->span, false);
  }
  if (script.is_down()) return;
  // Dropped by an earlier migration; the last time counts.
  const auto& dropped = context.graph.dropped();
  for (auto c = dropped.rbegin(); c != dropped.rend(); ++c) {
    if (!c->owns_index() || !SameSchema(*c, made)) continue;
    if (c->dropped.migration < script.migration_index && c->origin.migration != c->dropped.migration) Report(context, made,
        c->dropped.file, c->dropped.span, true);
    return;
  }
}

}  // namespace

constinit const Rule kCypherUniquenessGap = {
    .info = {
        .name = "cypher-uniqueness-gap",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a uniqueness constraint is dropped and made again later: duplicates can come in between",
        .page = {
            .what = "A uniqueness or key constraint is dropped, and one on the same label and properties is made again in a later "
                    "statement or migration.",
            .why = "From the drop on nothing keeps duplicates out, and MERGE has neither the index nor the lock that made it safe under "
                   "concurrency. One duplicate written "
                   "meanwhile makes the second step fail with `ConstraintCreationFailed`, after the first has been committed.",
            .instead = "Keep the old constraint where only its name changes. Where it must go, stop the writers over both steps and "
                       "probe for duplicates before the second.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent while another uniqueness constraint on the label checks as much. Drop and create in one transaction is "
                      "reported by "
                      "`cypher-drop-create-in-one-transaction`, because the server refuses it.",
            .references = "Cypher manual, \"Create property uniqueness constraints\"\nmeasured on Neo4j 5.26.30: 500 "
                          "Neo.DatabaseError.Schema.ConstraintCreationFailed",
            .elsewhere = "",
            .bad = ":begin\n"
                   "DROP CONSTRAINT person_email IF EXISTS;\n"
                   ":commit\n"
                   ":begin\n"
                   "CREATE CONSTRAINT person_email IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n"
                   ":commit\n",
            .good = "CREATE CONSTRAINT person_tenant_email IF NOT EXISTS FOR (p:Person) REQUIRE (p.tenant, p.email) IS UNIQUE;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
