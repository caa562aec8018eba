// cypher-load-csv-file-url: LOAD CSV of a local file where the target is Aura.
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

extern const Rule kCypherLoadCsvFileUrl;

namespace {

using namespace cypher;

// The literal that a URL begins with: 'file:///x.csv', 'file:///' + $name.
const Expr* Beginning(const Expr* e) {
  for (int i = 0; e != nullptr && i < 100; ++i) {
    if (e->kind == ExprKind::kLiteral && e->literal == LiteralKind::kString) return e;
    if (e->kind != ExprKind::kOperator || (e->text != "+" && e->text != "||") || e->arguments.empty()) return nullptr;
    e = e->arguments[0];
  }
  return nullptr;
}

void Check(const CypherContext& context) {
  if (!context.script.settings->aura || !Executes(context.statement)) return;
  VisitClauses(context.statement, [&](const ClauseVisit& v) {
    if (v.clause->kind != ClauseKind::kLoadCsv) return;
    const Expr* url = Beginning(v.clause->expression);
    if (url == nullptr || !absl::StartsWithIgnoreCase(url->text, "file:")) return;
    FindingBuilder f = context.Report(kCypherLoadCsvFileUrl, url->span, absl::StrCat("Aura cannot read ", Ticked(url->text)));
    f.Why("a file: URL names a file in the import folder of the server, and on Aura nobody can put one there: the statement fails");
    f.Help("put the file where Aura can fetch it, and load it from an https:// URL, or send the rows as a parameter from the client");
  });
}

}  // namespace

constinit const Rule kCypherLoadCsvFileUrl = {
    .info = {
        .name = "cypher-load-csv-file-url",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "LOAD CSV FROM 'file:///...' where the target is Aura",
        .page = {
            .what = "`LOAD CSV FROM 'file:///...'` reads from the import folder of the server's machine. Aura gives no access to it.",
            .why = "The migration works on a developer's server and fails on Aura.",
            .instead = "A file at an `https://` URL that Aura can reach, or rows sent as a parameter.",
            .fix_safety = "",
            .versions = "",
            .limits = "Judged only where the target is configured to be Aura. A URL that is a parameter is not known.",
            .references = "Cypher manual, \"LOAD CSV\", \"Import CSV files\"\nAura documentation, \"Importing data\"",
            .elsewhere = "",
            .bad = "LOAD CSV WITH HEADERS FROM 'file:///users.csv' AS row\nCALL (row) {\n  MATCH (u:User {id: row.id})\n  SET u.name = row.name\n} IN TRANSACTIONS OF 1000 ROWS;\n",
            .good = "LOAD CSV WITH HEADERS FROM 'https://example.org/users.csv' AS row\nCALL (row) {\n  MATCH (u:User {id: row.id})\n  SET u.name = row.name\n} IN TRANSACTIONS OF 1000 ROWS;\n",
            .example_aura = true,
        }},
    .check_cypher = Check};

}  // namespace pawl
