// cypher-conflicting-index: a constraint or index that cannot be made, or is not made, because of one that the history has.
//
// All measured on 5.26.30 (codes in the messages). Properties count in order: UNIQUE on (a, b) and on (b, a) are two constraints.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherConflictingIndex;

namespace {

using namespace cypher_rules;
using cypher::ConstraintKind;
using cypher::IndexKind;

struct Subject {
  const CypherContext& context;
  Span at;
  std::string what;        // "constraint `c`"
  bool guarded = false;    // IF NOT EXISTS
};

void Fails(const Subject& s, std::string why_not, std::string_view code, std::string help, const GraphOrigin& there) {
  FindingBuilder f = s.context.Report(kCypherConflictingIndex, s.at, absl::StrCat(s.what, " cannot be made: ", why_not));
  f.Why(absl::StrCat("the server refuses the statement with ", code, s.guarded ? "; IF NOT EXISTS does not help here" : ""));
  f.Help(std::move(help));
  f.Note("made here", there.file, there.span);
}

// IF NOT EXISTS: nothing is made and nobody is told.
void Skipped(const Subject& s, std::string why_not, std::string why, std::string help, const GraphOrigin& there) {
  FindingBuilder f = s.context.Report(kCypherConflictingIndex, s.at, absl::StrCat(s.what, " is not made: ", why_not));
  f.AtSeverity(Severity::kWarning);
  f.Why(std::move(why));
  f.Help(std::move(help));
  f.Note("made here", there.file, there.span);
}

constexpr std::string_view kSilent = "with IF NOT EXISTS the server takes what is there for what was asked, makes nothing and reports "
                                     "success";

// A definition of this name that is another one. True if it was reported.
bool NameTaken(const Subject& s, const Graph& graph, std::string_view name, bool constraint, const auto& same_constraint,
    const auto& same_index) {
  if (name.empty()) return false;
  const std::string help = "give it a name of its own, or drop the other one first in a migration before this";
  if (const GraphConstraint* c = graph.FindConstraint(name); c != nullptr && !same_constraint(*c)) {
    const std::string other = absl::StrCat("the name belongs to a ", ToString(c->kind), " constraint on ", SchemaWords(c->label,
        c->properties));
    if (s.guarded && (constraint || c->owns_index())) {
      Skipped(s, other, std::string(kSilent), help, c->origin);
    } else {
      Fails(s, other, "ConstraintWithNameAlreadyExists", help, c->origin);
    }
    return true;
  }
  if (const GraphIndex* i = graph.FindIndex(name); i != nullptr && !same_index(*i)) {
    const std::string other = absl::StrCat("the name belongs to a ", ToString(i->kind), " index", i->labels.empty() ? ""
        : absl::StrCat(" on ", SchemaWords(i->labels[0], i->properties)));
    if (s.guarded && !constraint) {
      Skipped(s, other, std::string(kSilent), help, i->origin);
    } else {
      Fails(s, other, "IndexWithNameAlreadyExists", help, i->origin);
    }
    return true;
  }
  return false;
}

void Constraint(const CypherContext& context, const cypher::CreateConstraint& c) {
  const Graph& graph = context.graph;
  const std::string on = SchemaWords(c.label.text, c.properties);
  const Subject s{context, c.name.empty() ? c.keyword_span : c.name.span, c.name.empty() ? absl::StrCat("the constraint on ", on)
      : absl::StrCat("constraint ", Ticked(c.name.text)), c.if_not_exists};
  const auto equal = [&](const GraphConstraint& g) { return SameSchema(g, c) && g.kind == c.kind && (c.kind != ConstraintKind::kType ||
      absl::EqualsIgnoreCase(g.type, c.type)); };
  if (NameTaken(s, graph, c.name.text, true, equal, [&](const GraphIndex&) { return false; })) return;
  for (const GraphConstraint& g : graph.constraints()) {
    if (!SameSchema(g, c)) continue;
    if (equal(g)) {
      if (g.name == c.name.text) return;  // made again: cypher-missing-if-not-exists speaks where it fails
      if (c.if_not_exists) {
        if (c.name.empty()) return;
        return Skipped(s, absl::StrCat(ConstraintWords(g), " is on ", on, " already"),
                       absl::StrCat("a ", ToString(g.kind), " constraint has one name: ", kSilent, "; a later DROP CONSTRAINT ",
                           Written(c.name.text), " then finds nothing"),
                       absl::StrCat("leave it out, or use the name that it has"), g.origin);
      }
      return Fails(s, absl::StrCat(ConstraintWords(g), " is on ", on, " already"), "ConstraintAlreadyExists",
          "leave it out, or use the name that it has", g.origin);
    }
    if (OwnsIndex(g.kind) && OwnsIndex(c.kind)) {
      return Fails(s, absl::StrCat(ConstraintWords(g), " on ", on, " has its index on the same properties"), "ConstraintAlreadyExists",
                   absl::StrCat("drop ", ConstraintWords(g), " in a migration before this one"), g.origin);
    }
    if (g.kind == ConstraintKind::kType && c.kind == ConstraintKind::kType) {
      return Fails(s, absl::StrCat(ConstraintWords(g), " asks for the type ", g.type), "an error about the conflicting constraint",
          absl::StrCat("drop ", ConstraintWords(g), " before"), g.origin);
    }
  }
  if (!OwnsIndex(c.kind)) return;
  for (const GraphIndex& i : graph.indexes()) {
    if (Today(i.kind) != IndexKind::kRange || !SameSchema(i, c)) continue;
    return Fails(s, absl::StrCat(IndexWords(i), " is on ", on, " already, and a constraint brings its own"), "IndexAlreadyExists",
                 i.name.empty() ? "drop the index before; `SHOW INDEXES` tells the name that the server gave it"
                     : absl::StrCat("write `DROP INDEX ", Written(i.name), " IF EXISTS` before it"), i.origin);
  }
}

void Index(const CypherContext& context, const cypher::CreateIndex& i) {
  const Graph& graph = context.graph;
  const std::string on = i.labels.empty() ? "" : SchemaWords(i.labels[0].text, i.properties);
  const Subject s{context, i.name.empty() ? i.keyword_span : i.name.span, i.name.empty() ? absl::StrCat("the index on ", on)
      : absl::StrCat("index ", Ticked(i.name.text)), i.if_not_exists};
  const auto equal = [&](const GraphIndex& g) { return SameSchema(g, i) && Today(g.kind) == Today(i.kind); };
  if (NameTaken(s, graph, i.name.text, false, [&](const GraphConstraint&) { return false; }, equal)) return;
  if (Today(i.kind) == IndexKind::kRange) {
    for (const GraphConstraint& g : graph.constraints()) {
      if (!g.owns_index() || !SameSchema(g, i)) continue;
      const std::string there = absl::StrCat(ConstraintWords(g), " has an index on ", on, " already");
      if (i.if_not_exists) return Skipped(s, there, std::string(kSilent), "leave it out: the constraint's index serves the same "
                                                                          "queries", g.origin);
      return Fails(s, there, "ConstraintAlreadyExists", "leave it out: the constraint's index serves the same queries", g.origin);
    }
  }
  for (const GraphIndex& g : graph.indexes()) {
    if (!equal(g)) continue;
    if (g.name == i.name.text || (i.if_not_exists && i.name.empty())) return;
    const std::string there = absl::StrCat(IndexWords(g), i.labels.empty() ? " is there already" : absl::StrCat(" is on ", on, " already"));
    if (i.if_not_exists) return Skipped(s, there, absl::StrCat(kSilent, "; a later DROP INDEX ", Written(i.name.text),
        " then finds nothing"), "leave it out, or use the name that it has", g.origin);
    return Fails(s, there, "IndexAlreadyExists", "leave it out, or use the name that it has", g.origin);
  }
}

void Drop(const CypherContext& context, const cypher::DropSchema& d) {
  if (d.constraint || d.name.empty()) return;
  const GraphConstraint* c = context.graph.FindConstraint(d.name.text);
  if (c == nullptr || !c->owns_index()) return;
  const Subject s{context, d.name.span, absl::StrCat("index ", Ticked(d.name.text)), d.if_exists};
  FindingBuilder f = context.Report(kCypherConflictingIndex, d.name.span, absl::StrCat(s.what, " cannot be dropped: it belongs to the "
                                                                                               "constraint of that name"));
  f.Why(absl::StrCat("the server refuses the statement with IndexDropFailed", d.if_exists ? "; IF EXISTS does not help here" : ""));
  f.Help(absl::StrCat("write `DROP CONSTRAINT ", Written(d.name.text), " IF EXISTS`, if duplicates may come in from then on"));
  f.Note("made here", c->origin.file, c->origin.span);
}

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  // A down script is shown the graph as its up left it, without what it has dropped itself.
  if (!Runs(s) || context.script.is_down()) return;
  if (s.kind == cypher::StatementKind::kCreateConstraint) Constraint(context, s.As<cypher::CreateConstraint>());
  if (s.kind == cypher::StatementKind::kCreateIndex) Index(context, s.As<cypher::CreateIndex>());
  if (s.kind == cypher::StatementKind::kDropSchema) Drop(context, s.As<cypher::DropSchema>());
}

}  // namespace

constinit const Rule kCypherConflictingIndex = {
    .info = {
        .name = "cypher-conflicting-index",
        .group = RuleGroup::kCypher,
        .severity = Severity::kError,
        .summary = "a constraint or index that cannot be made because the history has one on the same schema, or of the same name",
        .page = {
            .what = "The history has a range index where a uniqueness or key constraint is to be made, a constraint where an index is to "
                    "be made, a second name for the same "
                    "schema, or another definition under the same name. Also: `DROP INDEX` of an index that a constraint owns.",
            .why = "The server refuses the statement, and the migration stops there. With `IF NOT EXISTS` some of these pass in silence "
                   "instead: nothing is made, "
                   "success is reported, and a later `DROP` of the new name finds nothing.",
            .instead = "Drop the index before the constraint (`DROP INDEX name IF EXISTS`; both may stand in one transaction). Leave out "
                       "what is there already. Give each "
                       "definition a name of its own.",
            .fix_safety = "",
            .versions = "",
            .limits = "Knows what earlier migrations of the set made; indexes and constraints made by hand are not known. What `IF NOT "
                      "EXISTS` passes in silence is a warning. "
                      "Down scripts are not judged.",
            .references = "measured on Neo4j 5.26.30: Neo.ClientError.Schema.IndexAlreadyExists, ConstraintAlreadyExists, "
                          "IndexWithNameAlreadyExists, ConstraintWithNameAlreadyExists; "
                          "Neo.DatabaseError.Schema.IndexDropFailed; with IF NOT EXISTS the notification IndexOrConstraintAlreadyExists "
                          "\"has no effect\"",
            .elsewhere = "",
            .bad = "CREATE INDEX person_email IF NOT EXISTS FOR (p:Person) ON (p.email);\n"
                   "CREATE CONSTRAINT person_email_unique IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
            .good = "DROP INDEX person_email IF EXISTS;\n"
                    "CREATE CONSTRAINT person_email_unique IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
