// cypher-drop-create-in-one-transaction: a constraint with an index is dropped and made again on the same schema.
//
// Measured on 5.26.30: refused for uniqueness and key constraints on the same label and properties, under any name, with and without
// IF NOT EXISTS. Accepted: the same name on other properties; DROP INDEX and then CREATE INDEX or CREATE CONSTRAINT.
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherDropCreateInOneTransaction;

namespace {

using namespace cypher_rules;


void Check(const CypherContext& context) {
  if (context.statement.kind != cypher::StatementKind::kCreateConstraint || !context.facts.wrapped) return;
  const auto& made = context.statement.As<cypher::CreateConstraint>();
  if (!OwnsIndex(made.kind)) return;
  for (const CypherFacts& f : context.script.facts) {
    if (f.transaction != context.facts.transaction || f.statement->kind != cypher::StatementKind::kDropSchema || !f.wrapped) continue;
    const auto& drop = f.statement->As<cypher::DropSchema>();
    if (!drop.constraint || !Runs(*f.statement)) continue;
    bool overlaps = false;
    if (drop.legacy) {
      overlaps = OwnsIndex(drop.constraint_kind) && drop.label.text == made.label.text && drop.properties.size() == made.properties.size();
      for (size_t i = 0; overlaps && i < made.properties.size(); ++i) overlaps = drop.properties[i].text == made.properties[i].text;
    } else {
      bool known = false;
      const auto look = [&](const GraphConstraint& c) {
        known = true;
        overlaps = c.owns_index() && SameSchema(c, made);
      };
      // An up has taken it out of the graph by now; a down changes nothing there.
      for (const GraphConstraint& c : context.graph.dropped()) {
        if (c.dropped.statement == f.ordinal && !context.script.is_down()) look(c);
      }
      if (const GraphConstraint* c = context.script.is_down() ? context.graph.FindConstraint(drop.name.text) : nullptr) look(*c);
      // The history does not know it: the same name made again is taken for the same constraint.
      if (!known) overlaps = !drop.name.empty() && drop.name.text == made.name.text;
    }
    if (!overlaps) continue;
    const std::string on = SchemaWords(made.label.text, made.properties);
    FindingBuilder b = context.Report(kCypherDropCreateInOneTransaction, made.name.empty() ? made.keyword_span : made.name.span,
                                      absl::StrCat("a constraint on ", on, " is dropped and made again in one transaction, which the "
                                                                           "server refuses"));
    b.Why("both are backed by an index of the same kind: the server answers \"Trying to create constraint ... in same transaction as "
          "dropping ...\" and rolls the migration back");
    b.Help("drop it in a migration before this one; meanwhile nothing keeps duplicates out, so stop the writers or probe for duplicates "
           "before it is made again");
    b.Note("dropped here", context.script.file, f.statement->span);
    return;
  }
}

}  // namespace

constinit const Rule kCypherDropCreateInOneTransaction = {
    .info = {
        .name = "cypher-drop-create-in-one-transaction",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "a uniqueness or key constraint dropped and made again on the same properties in one transaction",
        .page = {
            .what = "One transaction drops a uniqueness or key constraint and makes one on the same label and properties, under the same "
                    "or another name.",
            .why = "Both are backed by an index on the same schema, and the server does not build one while the other is only dropped, "
                   "not committed. It refuses "
                   "the second statement and the migration is rolled back, every time.",
            .instead = "Drop it in one migration and make it in the next. Between the two duplicates can come in: stop the writers, or "
                       "keep the old constraint "
                       "and give up the new name.",
            .fix_safety = "",
            .versions = "The same on Neo4j 4.x, 5 and later.",
            .limits = "Indexes may be dropped and made in one transaction, and a constraint of the same name on other properties may be "
                      "made. When the dropped name is "
                      "not known from earlier migrations, only the same name counts.",
            .references = "measured on Neo4j 5.26.30: Neo.DatabaseError.Statement.ExecutionFailed \"Trying to create constraint 'c' in "
                          "same transaction as dropping 'c'. This is not "
                          "supported because they are both backed by similar indexes.\"",
            .elsewhere = "",
            .bad = "DROP CONSTRAINT person_email IF EXISTS;\n"
                   "CREATE CONSTRAINT person_email IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
            .good = "DROP CONSTRAINT person_email IF EXISTS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
