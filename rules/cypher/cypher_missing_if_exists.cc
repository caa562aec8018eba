// cypher-missing-if-exists: a DROP that fails when it runs a second time.
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherMissingIfExists;

namespace {

using namespace cypher_rules;

// This script makes it first, so a second run makes it again before it drops it.
bool MadeBefore(const CypherContext& context, std::string_view name, bool constraint) {
  for (const CypherFacts& f : context.script.facts) {
    if (f.statement->kind == cypher::StatementKind::kCreateConstraint && constraint &&
        f.statement->As<cypher::CreateConstraint>().name.text == name) return true;
    if (f.statement->kind == cypher::StatementKind::kCreateIndex && !constraint &&
        f.statement->As<cypher::CreateIndex>().name.text == name) return true;
  }
  return false;
}

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (s.kind != cypher::StatementKind::kDropSchema || !Runs(s)) return;
  const auto& d = s.As<cypher::DropSchema>();
  if (d.if_exists || d.legacy) return;  // the removed forms are cypher-removed-syntax's
  if (!d.name.empty() && MadeBefore(context, d.name.text, d.constraint)) return;
  const char* what = d.constraint ? "constraint" : "index";
  const std::string subject = d.name.empty() ? absl::StrCat("the ", what) : absl::StrCat(what, " ", Ticked(d.name.text));
  FindingBuilder f = context.Report(kCypherMissingIfExists, d.name.empty() ? d.keyword_span : d.name.span, absl::StrCat("dropping ",
      subject, " fails when it is not there"));
  f.Why(absl::StrCat("schema commands never share a transaction with the record of the migration: after a crash between the two, the "
                     "migration runs again and stops here with ",
                     d.constraint ? "ConstraintDropFailed" : "IndexDropFailed"));
  f.Help("write IF EXISTS; the server then says that nothing was to do, and goes on");
  if (d.if_exists_at > 0 && s.exact_spans) f.SafeFix("add IF EXISTS", {{{d.if_exists_at, d.if_exists_at}, " IF EXISTS"}});
}

}  // namespace

constinit const Rule kCypherMissingIfExists = {
    .info = {
        .name = "cypher-missing-if-exists",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "DROP CONSTRAINT or DROP INDEX without IF EXISTS",
        .page = {
            .what = "`DROP CONSTRAINT` and `DROP INDEX` fail when nothing of that name exists.",
            .why = "Neo4j does not let a schema command share a transaction with the data that records the migration. A runner that is "
                   "killed between the two "
                   "leaves the constraint dropped and the migration unrecorded, and every later run stops at it. It also stops on a "
                   "server where somebody "
                   "dropped it by hand.",
            .instead = "`DROP CONSTRAINT name IF EXISTS`, `DROP INDEX name IF EXISTS`.",
            .fix_safety = "Safe: where the name exists the statement means the same.",
            .versions = "`IF EXISTS` is there since Neo4j 4.1.",
            .limits = "Silent where the same script makes the constraint or index first: a second run makes it again before it drops it.",
            .references = "Cypher manual, \"Drop constraints\", \"Drop indexes\"\nmeasured on Neo4j 5.26.30: 400 "
                          "Neo.DatabaseError.Schema.ConstraintDropFailed, 500 Neo.DatabaseError.Schema.IndexDropFailed",
            .elsewhere = "",
            .bad = "DROP INDEX person_name;\n",
            .good = "DROP INDEX person_name IF EXISTS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
