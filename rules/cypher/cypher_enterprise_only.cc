// cypher-enterprise-only: what Community Edition does not have, where the target is configured to be one.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherEnterpriseOnly;

namespace {

using namespace cypher_rules;
using cypher::ConstraintKind;

// CREATE USER and its like are there in Community Edition.
bool EnterpriseCommand(std::string_view command) {
  for (std::string_view part : {"DATABASE", "ALIAS", "SERVER", "ROLE"}) {
    if (absl::StrContains(command, part)) return true;
  }
  return command == "GRANT" || command == "DENY" || command == "REVOKE" || absl::StartsWith(command, "ALTER CURRENT GRAPH");
}

void Check(const CypherContext& context) {
  if (context.script.settings->edition != Edition::kCommunity || context.script.settings->aura || !Runs(context.statement)) return;
  const cypher::Statement& s = context.statement;
  if (s.kind == cypher::StatementKind::kCreateConstraint) {
    const auto& c = s.As<cypher::CreateConstraint>();
    if (c.kind == ConstraintKind::kUnique || c.kind == ConstraintKind::kUnknown) return;
    FindingBuilder f = context.Report(kCypherEnterpriseOnly, c.predicate_span.empty() ? c.keyword_span : c.predicate_span,
                                      absl::StrCat("a ", c.kind == ConstraintKind::kExistence ? "property existence"
                                          : cypher::ToString(c.kind),
                                          " constraint needs Neo4j Enterprise Edition, and the target is Community Edition"));
    f.Why("the server refuses it with ConstraintCreationFailed \"requires Neo4j Enterprise Edition\" and the migration stops here; "
          "EXPLAIN of it passes, so a dry run does not show it");
    f.Help(c.kind == ConstraintKind::kKey ? "make a uniqueness constraint, which Community Edition has, and check in the application "
                                            "that the properties are there"
                                          : "check it in the application, or in a query that is run after each deploy");
    return;
  }
  if (s.kind != cypher::StatementKind::kAdministration) return;
  const auto& a = s.As<cypher::Administration>();
  if (!EnterpriseCommand(a.command)) return;
  context.Report(kCypherEnterpriseOnly, s.span, absl::StrCat("`", a.command, "` needs Neo4j Enterprise Edition, and the target is "
                                                                             "Community Edition"))
      .Why("the server refuses it with UnsupportedAdministrationCommand and the migration stops here")
      .Help("Community Edition has one user database and no roles: leave the command to scripts for Enterprise servers");
}

}  // namespace

constinit const Rule kCypherEnterpriseOnly = {
    .info = {
        .name = "cypher-enterprise-only",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "a key, existence or property type constraint where the target is Community Edition",
        .page = {
            .what = "A key, existence or property type constraint, or an administration command about databases, aliases, roles or "
                    "privileges, in a set whose target is configured "
                    "as Community Edition.",
            .why = "Community Edition refuses it with `ConstraintCreationFailed` or `UnsupportedAdministrationCommand`. It works on a "
                   "developer's Enterprise or Desktop "
                   "installation, and `EXPLAIN` of the constraint passes on Community too.",
            .instead = "A uniqueness constraint where duplicates are the concern; existence and types checked in the application.",
            .fix_safety = "",
            .versions = "The same on Neo4j 4.x, 5 and later.",
            .limits = "Only where `edition = \"community\"` is configured. Aura has all of them.",
            .references = "Cypher manual, \"Constraints\", \"Enterprise Edition\"\n"
                          "measured on Neo4j Community 5.26.30: 500 Neo.DatabaseError.Schema.ConstraintCreationFailed \"Node Key "
                          "constraint requires Neo4j Enterprise Edition\"; "
                          "400 Neo.ClientError.Statement.UnsupportedAdministrationCommand",
            .elsewhere = "",
            .bad = "CREATE CONSTRAINT person_email IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS NOT NULL;\n",
            .good = "CREATE CONSTRAINT person_email IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
            .example_community = true,
        }},
    .check_cypher = Check};

}  // namespace pawl
