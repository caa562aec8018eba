// cypher-deprecated-syntax: what the target version accepts and warns of, and what takes its place.
#include "absl/strings/str_cat.h"
#include "rules/cypher/forms_use.h"

namespace pawl {

extern const Rule kCypherDeprecatedSyntax;

namespace {

void Check(const CypherContext& context) {
  for (const cypher_rules::OldUse& old : cypher_rules::OldUses(context, cypher::Standing::kDeprecated)) {
    FindingBuilder f = context.Report(kCypherDeprecatedSyntax, old.span, absl::StrCat(old.what, " is deprecated"));
    if (old.note) f.AtSeverity(Severity::kNote);
    f.Why("the server still runs it, with a notification; a coming version refuses it, and a new database must run all migrations");
    f.Help(old.instead.empty() ? "write it in today's form" : old.instead);
    if (old.edits.empty()) continue;
    if (old.safe) {
      f.SafeFix("write today's form", old.edits);
    } else {
      f.UnsafeFix("write today's form", old.edits);
    }
  }
}

}  // namespace

constinit const Rule kCypherDeprecatedSyntax = {
    .info = {
        .name = "cypher-deprecated-syntax",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "syntax that the target version accepts but will lose: importing WITH, [:A|:B], SET n = r",
        .page = {
            .what = "A form that the target version still runs and warns of: `CALL { WITH x ... }`, `[:A|:B]`, `SET a = b` of a whole "
                    "node or relationship, properties of what the same `CREATE` makes, "
                    "`OPTIONS {indexProvider: ...}`, and others.",
            .why = "A migration must run for as long as new databases are built from the set. What is deprecated today stops it after an "
                   "upgrade, and then a checksum may forbid to change it.",
            .instead = "The present form that the message names: `CALL (x) { ... }`, `[:A|B]`, `SET a = properties(b)`.",
            .fix_safety = "Safe: the new form means the same.",
            .versions = "Judged for the configured version. The scope clause `CALL (x)` came with Neo4j 5.23, and with an older server "
                        "configured the importing `WITH` is not reported. `CALL { ... }` that imports nothing is a note.",
            .limits = "`id()` is reported by `cypher-internal-id`. `[r:A|:B]` with a variable, properties or a length is gone since 5.0 "
                      "and reported by `cypher-removed-syntax`.",
            .references = "Cypher manual, \"Additions, deprecations, removals, and compatibility\"\nmeasured on Neo4j 5.26.30: "
                          "Neo.ClientNotification.Statement.FeatureDeprecationWarning for each of them",
            .elsewhere = "",
            .bad = "MATCH (a:Person {id: 1})-[:KNOWS|:LIKES]->(b:Person) RETURN count(b);\n",
            .good = "MATCH (a:Person {id: 1})-[:KNOWS|LIKES]->(b:Person) RETURN count(b);\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
