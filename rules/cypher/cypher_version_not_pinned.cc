// cypher-version-not-pinned: statements that do not say their language, where databases have either.
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherVersionNotPinned;

namespace {

using namespace cypher_rules;

bool Unpinned(const cypher::Statement& s) {
  return !s.embedded && s.prefix.version == 0 && s.kind != cypher::StatementKind::kClientCommand &&
      s.kind != cypher::StatementKind::kSyntaxError;
}

void Check(const CypherScriptContext& script) {
  const LintSettings& settings = *script.settings;
  // A server older than 2025.06 has one language.
  if (settings.neo4j_newest != 0 && settings.neo4j_newest < 202506) return;
  const bool old_too = settings.neo4j_oldest != 0 && settings.neo4j_oldest < 202506;
  const std::string language = settings.cypher_version == cypher::Version::k25 ? "CYPHER 25" : "CYPHER 5";
  const cypher::Statement* first = nullptr;
  int count = 0;
  std::vector<TextEdit> edits;
  for (const cypher::Statement* s : script.script->statements) {
    if (!Unpinned(*s)) continue;
    if (first == nullptr) first = s;
    ++count;
    edits.push_back({{s->span.begin, s->span.begin}, absl::StrCat(language, " ")});
  }
  if (first == nullptr) return;
  FindingBuilder f = script.Report(kCypherVersionNotPinned, first->span,
                                   count == 1 ? std::string("this statement does not say whether it is Cypher 5 or Cypher 25")
                                       : absl::StrCat(count, " statements do not say whether they are Cypher 5 or Cypher 25; this is the "
                                                             "first"));
  f.Why("each database has a default language since Neo4j 2025.06, and the next one that is made may have another: the statement is then "
        "refused, or means something else");
  f.Help(absl::StrCat("begin each with `", language, "`", old_too ? ", which Neo4j 5 knows since 5.21; `CYPHER 25` it does not" : ""));
  // Which of the two was meant is known only where the targets are.
  if (settings.neo4j_newest != 0 && settings.cypher_version != cypher::Version::k44 && !OlderThan(settings,
      521)) f.SafeFix(absl::StrCat("begin with `", language, "`"), std::move(edits));
}

}  // namespace

constinit const Rule kCypherVersionNotPinned = {
    .info = {
        .name = "cypher-version-not-pinned",
        .group = RuleGroup::kCypher,
        .severity = Severity::kOff,
        .summary = "no CYPHER 5 or CYPHER 25 where the servers have both languages",
        .page = {
            .what = "Statements that do not begin with `CYPHER 5` or `CYPHER 25`, in a set whose servers have both languages. Reported "
                    "once for each file.",
            .why = "A statement without a version is read in the default language of its database, which an administrator can change and "
                   "which a new database may have otherwise. A migration is run on all "
                   "of them, years apart.",
            .instead = "`CYPHER 5 MATCH ...`, or `CYPHER 25` where all servers are 2025.06 or newer.",
            .fix_safety = "Safe: the statements are pinned to the language that they are judged by, which the configured versions tell. "
                          "Without configured versions nothing is offered.",
            .versions = "Neo4j 2025.06 and later have both; silent where only older servers are configured.",
            .limits = "",
            .references = "Cypher manual, \"Select Cypher version\"",
            .elsewhere = "",
            .bad = "CREATE INDEX person_name IF NOT EXISTS FOR (p:Person) ON (p.name);\n",
            .good = "CYPHER 5 CREATE INDEX person_name IF NOT EXISTS FOR (p:Person) ON (p.name);\n",
        }},
    .check_cypher_script = Check};

}  // namespace pawl
