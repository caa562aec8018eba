// cypher-constraint-may-fail-on-data: a constraint on a label that may have data: one node that breaks it fails the migration.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherConstraintMayFailOnData;

namespace {

using namespace cypher_rules;
using cypher::ConstraintKind;

// The first file is "0042": what came before it is kept elsewhere. Dates and timestamps say nothing about that.
bool BeginsLater(const MigrationSet& set) {
  for (const Migration& m : set.migrations) {
    int version = 0;
    if (!m.repeatable) return absl::SimpleAtoi(m.version, &version) && version > 1 && version < 1000;
  }
  return false;
}

// The application cannot have data of it: the complete history begins with this migration, or never spoke of the label before.
bool New(const CypherContext& context, const cypher::CreateConstraint& c) {
  const CypherScriptContext& script = context.script;
  const auto& names = c.entity == cypher::EntityKind::kNode ? context.graph.labels() : context.graph.types();
  const auto it = names.find(std::string(c.label.text));
  const bool written = it != names.end() && it->second.written.migration >= 0;
  if (written && it->second.written.migration < script.migration_index) return false;
  // Read before anything here has made it: others have.
  const GraphOrigin* matched = context.graph.Matched(c.entity, c.label.text);
  if (matched != nullptr && (!written || matched->statement < it->second.written.statement)) return false;
  if (!script.set->complete || BeginsLater(*script.set)) return written;  // by this very script
  if (script.migration_index == 0) return true;
  const auto before = [&](const GraphOrigin& o) { return o.migration < script.migration_index; };
  const auto about = [&](const GraphConstraint& g) { return g.entity == c.entity && g.label == c.label.text && before(g.origin); };
  if (std::any_of(context.graph.constraints().begin(), context.graph.constraints().end(), about)) return false;
  if (std::any_of(context.graph.dropped().begin(), context.graph.dropped().end(), about)) return false;
  return std::none_of(context.graph.indexes().begin(), context.graph.indexes().end(), [&](const GraphIndex& i) {
    return i.entity == c.entity && before(i.origin) && std::find(i.labels.begin(), i.labels.end(), c.label.text) != i.labels.end();
  });
}

// An uniqueness that other constraints already guarantee, or one that cypher-uniqueness-gap speaks of.
bool Told(const CypherContext& context, const cypher::CreateConstraint& c) {
  for (const GraphConstraint& g : context.graph.constraints()) {
    if (SameSchema(g, c) && (g.kind == c.kind || OwnsIndex(g.kind))) return true;
    // Fewer properties are unique already, so these are.
    if (c.kind == ConstraintKind::kUnique && g.owns_index() && g.entity == c.entity && g.label == c.label.text &&
        std::all_of(g.properties.begin(), g.properties.end(), [&](const std::string& p) {
          return std::any_of(c.properties.begin(), c.properties.end(), [&](const cypher::Name& mine) { return mine.text == p; });
        })) {
      return true;
    }
  }
  if (!OwnsIndex(c.kind)) return false;
  return std::any_of(context.graph.dropped().begin(), context.graph.dropped().end(),
      [&](const GraphConstraint& g) { return g.owns_index() && SameSchema(g, c); });
}

std::string Probe(const cypher::CreateConstraint& c) {
  const std::string match = c.entity == cypher::EntityKind::kRelationship ? absl::StrCat("MATCH ()-[n:", Written(c.label.text),
      "]->()") : absl::StrCat("MATCH (n:", Written(c.label.text), ")");
  std::string with, there, missing;
  for (const cypher::Name& p : c.properties) {
    const std::string key = absl::StrCat("n.", Written(p.text));
    absl::StrAppend(&with, key, " AS ", Written(p.text), ", ");
    absl::StrAppend(&there, there.empty() ? "" : " AND ", key, " IS NOT NULL");
    absl::StrAppend(&missing, missing.empty() ? "" : " OR ", key, " IS NULL");
  }
  switch (c.kind) {
    case ConstraintKind::kExistence: return absl::StrCat(match, " WHERE ", missing, " RETURN count(n)");
    case ConstraintKind::kType: return absl::StrCat(match, " WHERE NOT n.", Written(c.properties[0].text), " IS :: ", c.type,
        " RETURN count(n)");
    case ConstraintKind::kKey: return absl::StrCat(match, " WITH ", with, "count(*) AS c WHERE c > 1", c.properties.size() == 1
        ? absl::StrCat(" OR ", Written(c.properties[0].text), " IS NULL") : "", " RETURN count(*)");
    default: return absl::StrCat(match, " WHERE ", there, " WITH ", with, "count(*) AS c WHERE c > 1 RETURN count(*)");
  }
}

std::string_view Breaks(ConstraintKind k) {
  switch (k) {
    case ConstraintKind::kExistence: return "one without it";
    case ConstraintKind::kType: return "one value of another type";
    case ConstraintKind::kKey: return "one duplicate or missing value";
    default: return "one duplicate";
  }
}

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (s.kind != cypher::StatementKind::kCreateConstraint || !Runs(s)) return;
  const auto& c = s.As<cypher::CreateConstraint>();
  if (c.kind == ConstraintKind::kUnknown || c.properties.empty() || New(context, c) || Told(context, c)) return;
  const std::string on = SchemaWords(c.label.text, c.properties);
  FindingBuilder f = context.Report(kCypherConstraintMayFailOnData, c.predicate_span.empty() ? c.keyword_span : c.predicate_span,
                                    absl::StrCat("the ", cypher::ToString(c.kind), " constraint on ", on, " fails if the data has ",
                                        Breaks(c.kind)));
  f.Why("the server checks every node or relationship when it makes the constraint and stops at the first that breaks it, with "
        "ConstraintCreationFailed");
  f.Help(absl::StrCat("probe each database before the deploy, it must give 0: `", Probe(c), "`"));
}

}  // namespace

constinit const Rule kCypherConstraintMayFailOnData = {
    .info = {
        .name = "cypher-constraint-may-fail-on-data",
        .group = RuleGroup::kCypher,
        .severity = Severity::kNote,
        .summary = "a constraint on existing data: gives the query that finds what would break it",
        .page = {
            .what = "A uniqueness, key, existence or property type constraint is made on a label or type that may have data already.",
            .why = "The server checks all of the data when it makes the constraint. One duplicate, missing or mistyped value fails the "
                   "statement and the migration with it, on the one "
                   "database that has it: production.",
            .instead = "Run the probe query of the message on each database first, and clean what it finds in a migration before this one.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent in the first migration of a complete set (one that begins with version 0, 1 or a date), for a label that "
                      "the set never spoke of before, and for one "
                      "whose data this script makes. A constraint that comes back after "
                      "it was dropped is reported by `cypher-uniqueness-gap`.",
            .references = "Cypher manual, \"Create constraints\"\nmeasured on Neo4j 5.26.30: 500 "
                          "Neo.DatabaseError.Schema.ConstraintCreationFailed \"Both Node(1) and Node(2) have the label ...\"",
            .elsewhere = "",
            .bad = "CREATE CONSTRAINT person_email IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
            .good = "CREATE INDEX person_email IF NOT EXISTS FOR (p:Person) ON (p.email);\n",
        }},
    .in_down = false,
    .check_cypher = Check};

}  // namespace pawl
