// cypher-unnamed-schema: a constraint or index whose name the server makes up.
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherUnnamedSchema;

namespace {

using namespace cypher_rules;

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (!Runs(s)) return;
  std::string on, name;
  Span keyword;
  uint32_t at = 0;
  const bool constraint = s.kind == cypher::StatementKind::kCreateConstraint;
  // The removed forms, which had no other way, are cypher-removed-syntax's: its fix gives them a name.
  if (constraint) {
    const auto& c = s.As<cypher::CreateConstraint>();
    if (!c.name.empty() || c.name_parameter != nullptr || c.legacy) return;
    on = SchemaWords(c.label.text, c.properties);
    name = NameFor(c, context.graph);
    keyword = c.keyword_span;
    at = c.name_at;
  } else if (s.kind == cypher::StatementKind::kCreateIndex) {
    const auto& i = s.As<cypher::CreateIndex>();
    if (!i.name.empty() || i.name_parameter != nullptr || i.legacy) return;
    on = i.kind == cypher::IndexKind::kLookup ? "tokens" : SchemaWords(i.labels.empty() ? "" : i.labels[0].text, i.properties);
    name = NameFor(i, context.graph);
    keyword = i.keyword_span;
    at = i.name_at;
  } else {
    return;
  }
  const char* what = constraint ? "constraint" : "index";
  FindingBuilder f = context.Report(kCypherUnnamedSchema, keyword, absl::StrCat("the ", what, " on ", on, " has no name, so the server "
                                                                                                          "makes one up"));
  f.Why(absl::StrCat("Neo4j 5 drops a ", what, " by its name only: a later migration or a down script would have to guess what this "
                                               "server called it"));
  f.Help(absl::StrCat("give it a name, for instance `", name, "`"));
  // Not safe: where the migration has run, the object has the made-up name, and with IF NOT EXISTS keeps it.
  if (at > 0 && s.exact_spans) f.UnsafeFix(absl::StrCat("name it `", name, "`"), {{{at, at}, absl::StrCat(" ", name)}});
}

}  // namespace

constinit const Rule kCypherUnnamedSchema = {
    .info = {
        .name = "cypher-unnamed-schema",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a constraint or index without a name: nothing can drop it later by name",
        .page = {
            .what = "`CREATE CONSTRAINT` or `CREATE INDEX` without a name: the server derives one such as `constraint_4b2a8f1c`.",
            .why = "Since Neo4j 5 a constraint or index can only be dropped by its name; dropping by definition is gone. The generated "
                   "names differ between "
                   "servers and versions, so that a later migration or a down script cannot name the object without looking it up first.",
            .instead = "Give it a name that says what it is about: `CREATE CONSTRAINT person_email_unique IF NOT EXISTS FOR ...`.",
            .fix_safety = "Not safe: a server on which the migration has run keeps the generated name, and a later `DROP ... IF EXISTS` "
                          "of the new name does nothing there.",
            .versions = "Names are there since Neo4j 4.0; drop by definition was removed in 5.0.",
            .limits = "The removed forms `CREATE INDEX ON :Label(property)` and `CREATE CONSTRAINT ON ...` are reported by "
                      "`cypher-removed-syntax`.",
            .references = "Cypher manual, \"Create constraints\", \"Create indexes\"",
            .elsewhere = "",
            .bad = "CREATE INDEX IF NOT EXISTS FOR (p:Person) ON (p.name);\n",
            .good = "CREATE INDEX person_name IF NOT EXISTS FOR (p:Person) ON (p.name);\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
