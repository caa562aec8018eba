// Cypher in string arguments, what a label's history says, and words. Part of bounds.h.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"

namespace pawl {

using namespace cypher;

Embedding EmbeddingOf(const Statement& s) {
  Embedding e;
  if (!s.embedded || s.outer == nullptr || s.outer->kind != StatementKind::kQuery) return e;
  e.role = EmbeddedRole::kOther;
  std::vector<const Query*> open{&s.outer->As<Query>()};
  while (!open.empty() && e.call == nullptr) {
    const Query* q = open.back();
    open.pop_back();
    for (const Clause* c : q->clauses) {
      if (std::find(c->embedded.begin(), c->embedded.end(), &s) != c->embedded.end()) e.call = c;
      if (c->query != nullptr) open.push_back(c->query);
    }
    open.insert(open.end(), q->parts.begin(), q->parts.end());
  }
  if (e.call == nullptr) return e;
  const auto argument_of = [&](const Statement& of) {
    for (size_t i = 0; i < e.call->arguments.size(); ++i) {
      const Span span = e.call->arguments[i]->span;
      if (of.span.begin >= span.begin && of.span.end <= span.end) return i;
    }
    return e.call->arguments.size();
  };
  const size_t argument = argument_of(s);
  const std::string name = absl::AsciiStrToLower(QualifiedName(e.call->schema, e.call->name.text));
  if (name == "apoc.periodic.iterate") {
    e.role = argument == 0 ? EmbeddedRole::kDriving : argument == 1 ? EmbeddedRole::kAction : EmbeddedRole::kOther;
    for (const Statement* other : e.call->embedded) {
      if (argument_of(*other) == 0) e.driving = other;
      if (argument_of(*other) == 1) e.action = other;
    }
  } else if (name == "apoc.periodic.commit") {
    e.role = EmbeddedRole::kCommit;
  } else if (name == "apoc.periodic.submit" || name == "apoc.cypher.run" || name == "apoc.cypher.doit" || name == "apoc.cypher.runwrite" || name == "apoc.cypher.runmany" || name == "apoc.cypher.runtimeboxed") {
    e.role = EmbeddedRole::kRun;
  }
  return e;
}

bool MadeHere(const Graph& graph, int migration, std::string_view label, bool relationship_type) {
  const auto& names = relationship_type ? graph.types() : graph.labels();
  const auto it = names.find(std::string(label));
  if (it == names.end() || !it->second.seeded || it->second.written.migration != migration) return false;
  // A constraint or index of an earlier migration says that the application has such data already.
  for (const GraphConstraint& c : graph.constraints()) {
    if (c.label == label && c.origin.migration < migration) return false;
  }
  for (const GraphIndex& i : graph.indexes()) {
    if (i.origin.migration < migration && std::find(i.labels.begin(), i.labels.end(), label) != i.labels.end()) return false;
  }
  return true;
}

std::string DescribeRows(const RowCause& cause) {
  if (cause.source == RowSource::kCsv) return "every line of the CSV file";
  if (cause.source == RowSource::kList) return "every number of the range";
  const NodePattern* node = nullptr;
  const RelationshipPattern* relationship = nullptr;
  if (cause.path != nullptr) {
    for (const PathElement& e : cause.path->elements) {
      if (e.node != nullptr && (node == nullptr || (node->labels.names.empty() && !e.node->labels.names.empty()))) node = e.node;
      if (e.relationship != nullptr && relationship == nullptr) relationship = e.relationship;
    }
  }
  std::string out = "every ";
  if (relationship != nullptr) {
    absl::StrAppend(&out, relationship->types.names.empty() ? "" : absl::StrCat("`", relationship->types.names[0].text, "` "), "relationship");
    if (node != nullptr && !node->labels.names.empty()) absl::StrAppend(&out, " of `", node->labels.names[0].text, "` nodes");
  } else {
    absl::StrAppend(&out, node == nullptr || node->labels.names.empty() ? "" : absl::StrCat("`", node->labels.names[0].text, "` "), "node");
  }
  if (cause.filtered) absl::StrAppend(&out, " that passes the filter");
  return out;
}

bool WritesEntities(const Clause& c) {
  if (c.Writes()) return true;
  if (c.kind != ClauseKind::kCallProcedure || !c.schema.starts_with("apoc")) return false;
  if (c.schema == "apoc.create") return c.name.text != "uuids" && !c.name.text.starts_with("v");  // virtual nodes
  return c.schema == "apoc.refactor" || c.schema == "apoc.merge" || c.schema == "apoc.atomic";
}

bool HasClause(const Statement& s, std::initializer_list<ClauseKind> kinds) {
  bool found = false;
  VisitClauses(s, [&](const ClauseVisit& v) { found = found || std::find(kinds.begin(), kinds.end(), v.clause->kind) != kinds.end(); });
  return found;
}

bool HasRowSource(const Statement& s) { return HasClause(s, {ClauseKind::kMatch, ClauseKind::kUnwind, ClauseKind::kLoadCsv}); }

bool Executes(const Statement& s) {
  if (s.kind != StatementKind::kQuery || s.prefix.explain == Explain::kExplain) return false;
  return s.outer == nullptr || s.outer->prefix.explain != Explain::kExplain;
}

}  // namespace pawl
