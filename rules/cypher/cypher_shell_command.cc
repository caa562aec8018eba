// cypher-shell-command: a command of cypher-shell or Neo4j Browser in a migration.
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherShellCommand;

namespace {

using namespace cypher_rules;

// cypher-shell may be what runs these.
bool MayBeShell(Layout l) { return l == Layout::kPlain || l == Layout::kNumbered || l == Layout::kTimestampSlug; }

std::string_view Instead(std::string_view command) {
  if (command == ":param" || command == ":params") return "give the value in the statement, or let the runner pass the parameter";
  if (command == ":use") return "name the database in the runner's configuration, or begin the statement with `USE name`";
  if (command == ":begin" || command == ":commit" || command == ":rollback") return "leave it out: the runner opens and commits the "
                                                                                    "transaction";
  if (command == ":source" || command == ":play") return "put the statements of that file here";
  if (command == ":auto") return "leave it out: a runner that sends the statement in a transaction of its own needs no `:auto`";
  return "leave it out, or write what it does as Cypher";
}

// The `:auto` and the blanks behind it.
Span Removable(const CypherContext& context) {
  const std::string_view text = context.script.file->text();
  Span gone = context.statement.span;
  while (gone.end < text.size() && (text[gone.end] == ' ' || text[gone.end] == '\t')) ++gone.end;
  return gone;
}

void Check(const CypherContext& context) {
  if (context.statement.kind != cypher::StatementKind::kClientCommand) return;
  const auto& c = context.statement.As<cypher::ClientCommand>();
  const Layout layout = context.script.set->layout;
  if (layout == Layout::kNeo4jMigrations && c.command == ":use") return;  // it knows this one
  const bool shell = MayBeShell(layout);
  FindingBuilder f = context.Report(kCypherShellCommand, context.statement.span, absl::StrCat("`", c.command,
      "` is a command of cypher-shell, which a driver does not know"));
  if (shell) {
    f.AtSeverity(Severity::kWarning);
    f.Why("the file runs with cypher-shell only: any other runner sends the line to the server, which refuses it as a syntax error");
  } else {
    f.Why("the runner sends the line to the server, which refuses it as a syntax error, and the migration stops here");
  }
  f.Help(std::string(Instead(c.command)));
  if (c.command == ":auto") f.SafeFix("leave `:auto` out", {{Removable(context), ""}});
}

}  // namespace

constinit const Rule kCypherShellCommand = {
    .info = {
        .name = "cypher-shell-command",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = ":param, :use, :begin, :source, :auto: commands of cypher-shell that a driver refuses",
        .page = {
            .what = "A line that begins with a colon: a command of cypher-shell or Neo4j Browser, not of Cypher.",
            .why = "Runners send statements through a driver. The server does not know these commands and refuses them with a syntax "
                   "error, after what stands before them "
                   "has perhaps been committed.",
            .instead = "Values in the statement or as parameters of the runner; the database in the runner's configuration; transactions "
                       "left to the runner; no `:auto`.",
            .fix_safety = "Safe: outside cypher-shell and Browser, `:auto` has no meaning.",
            .versions = "",
            .limits = "In a plain folder, which cypher-shell may run, it is a warning. neo4j-migrations knows `:use`, which is not "
                      "reported there.",
            .references = "Operations manual, \"Cypher Shell\"\nmeasured: Neo4j answers `:param`, `:use` and `:auto` with "
                          "Neo.ClientError.Statement.SyntaxError; neo4j-migrations 2.19.2 fails on `:auto` and `:param`",
            .elsewhere = "",
            .bad = ":param since => 2020\n"
                   "CREATE INDEX person_since IF NOT EXISTS FOR (p:Person) ON (p.since);\n",
            .good = "CREATE INDEX person_since IF NOT EXISTS FOR (p:Person) ON (p.since);\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
