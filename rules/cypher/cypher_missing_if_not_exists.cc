// cypher-missing-if-not-exists: a schema command that fails when it runs a second time.
#include "absl/strings/str_cat.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherMissingIfNotExists;

namespace {

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  const bool constraint = s.kind == cypher::StatementKind::kCreateConstraint;
  cypher::Name name, label;
  uint32_t at;
  bool replaces;
  Span keyword;
  if (constraint) {
    const auto& c = s.As<cypher::CreateConstraint>();
    if ((c.if_not_exists && !c.or_replace) || c.legacy) return;  // the removed form is cypher-removed-syntax's
    name = c.name;
    label = c.label;
    at = c.if_not_exists_at;
    keyword = c.keyword_span;
    replaces = c.or_replace;
  } else if (s.kind == cypher::StatementKind::kCreateIndex) {
    const auto& i = s.As<cypher::CreateIndex>();
    if ((i.if_not_exists && !i.or_replace) || i.legacy) return;
    name = i.name;
    if (!i.labels.empty()) label = i.labels[0];
    at = i.if_not_exists_at;
    keyword = i.keyword_span;
    replaces = i.or_replace;
  } else {
    return;
  }
  const char* what = constraint ? "constraint" : "index";
  const std::string subject = !name.empty() ? absl::StrCat(what, " ", Ticked(name.text)) : absl::StrCat(what, label.empty() ? "" : absl::StrCat(" on ", Ticked(label.text)));
  if (replaces) {  // accepted by the grammar, and by no server
    context.Report(kCypherMissingIfNotExists, name.empty() ? keyword : name.span, absl::StrCat("the server refuses OR REPLACE for the ", subject))
        .Why("constraints and indexes cannot be replaced: the statement ends with \"`OR REPLACE` cannot be used together with this command\" and the migration with it")
        .Help(absl::StrCat("write CREATE ", constraint ? "CONSTRAINT" : "INDEX", " ... IF NOT EXISTS; where the definition changes, DROP ", constraint ? "CONSTRAINT" : "INDEX", " ... IF EXISTS before it"));
    return;
  }
  FindingBuilder f = context.Report(kCypherMissingIfNotExists, name.empty() ? keyword : name.span, absl::StrCat("making the ", subject, " fails when it is there already"));
  f.Why("schema commands never share a transaction with the record of the migration: after a crash between the two, the migration runs again and stops here with EquivalentSchemaRuleAlreadyExists");
  f.Help("write IF NOT EXISTS; the server then says that nothing was to do, and goes on");
  if (at > 0) f.SafeFix("add IF NOT EXISTS", {{{at, at}, " IF NOT EXISTS"}});
}

}  // namespace

constinit const Rule kCypherMissingIfNotExists = {
    .info = {
        .name = "cypher-missing-if-not-exists",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "CREATE CONSTRAINT or CREATE INDEX without IF NOT EXISTS",
        .page = {
            .what = "`CREATE CONSTRAINT` and `CREATE INDEX` fail when an equal constraint or index, or another one of the same name, exists. With `OR REPLACE` the server refuses them in any case.",
            .why = "Neo4j does not let a schema command share a transaction with the data that records the migration. A runner that is killed "
                   "between the two leaves the constraint in place and the migration unrecorded, and every later run stops at it.",
            .instead = "`CREATE CONSTRAINT name IF NOT EXISTS ...`, `CREATE INDEX name IF NOT EXISTS ...`.",
            .fix_safety = "Safe: where nothing of the kind exists the statement means the same.",
            .versions = "`IF NOT EXISTS` is there since Neo4j 4.1.",
            .limits = "`IF NOT EXISTS` also accepts another constraint of the same name; see `cypher-conflicting-index`.",
            .references = "Cypher manual, \"Create constraints\", \"Create indexes\"\nmeasured on Neo4j 5.26.30: 400 Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists",
            .elsewhere = "",
            .bad = "CREATE CONSTRAINT person_email FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
            .good = "CREATE CONSTRAINT person_email IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
