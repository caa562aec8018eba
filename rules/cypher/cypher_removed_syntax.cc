// cypher-removed-syntax: what the target version of Neo4j no longer accepts, and what takes its place.
#include "absl/strings/str_cat.h"
#include "rules/cypher/forms_use.h"

namespace pawl {

extern const Rule kCypherRemovedSyntax;

namespace {

void Check(const CypherContext& context) {
  for (const cypher_rules::OldUse& old : cypher_rules::OldUses(context, cypher::Standing::kRemoved)) {
    FindingBuilder f = context.Report(kCypherRemovedSyntax, old.span, absl::StrCat(old.what, old.since.empty() ? " is gone"
        : absl::StrCat(" is gone since ", old.since)));
    f.Why("the server refuses the statement and the migration stops here, on every server of the target version and on every new one");
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

constinit const Rule kCypherRemovedSyntax = {
    .info = {
        .name = "cypher-removed-syntax",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "syntax, a procedure or a function that the target version of Neo4j has removed",
        .page = {
            .what = "A form that earlier versions of Neo4j had and the target version has not: `CREATE CONSTRAINT ON ... ASSERT`, "
                    "`CREATE INDEX ON`, `BTREE` indexes, `USING PERIODIC COMMIT`, `exists(n.p)`, "
                    "`size()` of a pattern, `{param}`, `CALL db.constraints()`, `CALL dbms.listQueries()`, `SET n = r` in Cypher 25, and "
                    "others. The message says since when it is gone and what is written today.",
            .why = "The server refuses the statement, and the migration stops there. Old migrations of a set break like this with an "
                   "upgrade: databases that are built anew run "
                   "them all.",
            .instead = "The present form that the message names. Where a runner's checksum forbids to edit an applied migration, let new "
                       "databases begin with a baseline instead.",
            .fix_safety = "Safe where the new form means the same; constraints and indexes also get a name and `IF NOT EXISTS`. What is "
                          "only close (`CREATE UNIQUE`, `USING PERIODIC COMMIT`) is changed with "
                          "`--unsafe-fixes` only.",
            .versions = "Judged for the configured version, or for the `CYPHER 5` or `CYPHER 25` that a statement begins with; Neo4j 5 "
                        "where nothing is configured.",
            .limits = "Procedures of plug-ins are not known. What the target version does not have yet is reported by "
                      "`unsupported-by-server`.",
            .references = "Cypher manual, \"Additions, deprecations, removals, and compatibility\"\nOperations manual, \"Procedures\"\n"
                          "measured on Neo4j 5.26.30: `CALL db.constraints()` gives Neo.ClientError.Procedure.ProcedureNotFound",
            .elsewhere = "",
            .bad = "CREATE CONSTRAINT ON (p:Person) ASSERT p.email IS UNIQUE;\n",
            .good = "CREATE CONSTRAINT person_email_unique IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
