// cypher-drop-token-lookup: the index that finds nodes by label, or relationships by type, is dropped.
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherDropTokenLookup;

namespace {

using namespace cypher_rules;

enum class Tokens : uint8_t { kNone, kLabels, kTypes };

// The names that the server gives to the two it makes in each new database (measured), and those that people give.
Tokens ByName(std::string_view name) {
  if (name == "index_343aff4e") return Tokens::kLabels;
  if (name == "index_f7700477") return Tokens::kTypes;
  const std::string lower = absl::AsciiStrToLower(name);
  if (!absl::StrContains(lower, "lookup")) return Tokens::kNone;
  if (absl::StrContains(lower, "label") || absl::StrContains(lower, "node") || absl::StrContains(lower, "token")) return Tokens::kLabels;
  if (absl::StrContains(lower, "type") || absl::StrContains(lower, "rel")) return Tokens::kTypes;
  return Tokens::kNone;
}

void Check(const CypherContext& context) {
  if (context.statement.kind != cypher::StatementKind::kDropSchema || !Runs(context.statement)) return;
  const auto& d = context.statement.As<cypher::DropSchema>();
  if (d.constraint || d.name.empty()) return;
  Tokens tokens = Tokens::kNone;
  if (const GraphIndex* i = context.graph.FindIndex(d.name.text)) {
    if (i->kind != cypher::IndexKind::kLookup) return;
    if (context.script.is_down() && context.script.MadeHere(i->origin)) return;  // the down takes back what its up made
    tokens = i->entity == cypher::EntityKind::kRelationship ? Tokens::kTypes : Tokens::kLabels;
  } else {
    tokens = ByName(d.name.text);
  }
  if (tokens == Tokens::kNone) return;
  const bool labels = tokens == Tokens::kLabels;
  context.Report(kCypherDropTokenLookup, d.name.span, absl::StrCat("dropping ", Ticked(d.name.text), " takes away the index that finds ",
      labels ? "nodes by their label" : "relationships by their type"))
      .Why(labels ? "every MATCH (n:Label) without another index then reads all nodes of the database, and making constraints and "
                    "indexes does so too"
                  : "every MATCH ()-[r:TYPE]->() without another index then reads all relationships of the database, and making "
                    "constraints and indexes does so too")
      .Help(labels ? "leave it; if it is gone, bring it back with `CREATE LOOKUP INDEX node_label_lookup IF NOT EXISTS FOR (n) ON EACH "
                     "labels(n)`"
                   : "leave it; if it is gone, bring it back with `CREATE LOOKUP INDEX relationship_type_lookup IF NOT EXISTS FOR "
                     "()-[r]-() ON EACH type(r)`");
}

}  // namespace

constinit const Rule kCypherDropTokenLookup = {
    .info = {
        .name = "cypher-drop-token-lookup",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "a token lookup index is dropped: each match by label reads the whole database",
        .page = {
            .what = "`DROP INDEX` of a token lookup index: one of the two that every database has from the start, which find nodes by "
                    "label and relationships by type.",
            .why = "Without it each `MATCH (n:Label)` that no other index serves reads all nodes of the database. Queries that took "
                   "milliseconds take minutes, all at once, and filling other "
                   "indexes becomes as slow. Nothing fails, so nobody looks for the cause here.",
            .instead = "Leave both. A clean-up of unused indexes must spare those of type `LOOKUP`.",
            .fix_safety = "",
            .versions = "Lookup indexes are there since Neo4j 4.3.",
            .limits = "Known by earlier migrations, by the names that the server gives (`index_343aff4e`, `index_f7700477`), and by "
                      "names that say `lookup` with `label`, `node`, `token`, `type` or `rel`. A down script "
                      "may drop the one that its up made.",
            .references = "Cypher manual, \"Token lookup indexes\"\nmeasured on Neo4j 5.26.30: a new database has LOOKUP indexes "
                          "index_343aff4e and index_f7700477, and drops them without a word",
            .elsewhere = "",
            .bad = "DROP INDEX index_343aff4e IF EXISTS;\n",
            .good = "DROP INDEX person_name IF EXISTS;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
