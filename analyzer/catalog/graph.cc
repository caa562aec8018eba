#include "analyzer/catalog/graph.h"

#include <algorithm>

namespace pawl {
namespace {

using namespace cypher;

std::vector<std::string> Texts(const List<Name>& names) {
  std::vector<std::string> out;
  for (const Name& n : names) out.emplace_back(n.text);
  return out;
}

bool SameProperties(const std::vector<std::string>& a, const std::vector<std::string_view>& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const std::string& p) { return std::find(b.begin(), b.end(), p) != b.end(); });
}

}  // namespace

const GraphConstraint* Graph::FindConstraint(std::string_view name) const {
  const auto it = std::find_if(constraints_.begin(), constraints_.end(), [&](const GraphConstraint& c) { return !name.empty() && c.name == name; });
  return it == constraints_.end() ? nullptr : &*it;
}

const GraphIndex* Graph::FindIndex(std::string_view name) const {
  const auto it = std::find_if(indexes_.begin(), indexes_.end(), [&](const GraphIndex& i) { return !name.empty() && i.name == name; });
  return it == indexes_.end() ? nullptr : &*it;
}

const GraphConstraint* Graph::UniqueOn(std::string_view label, const std::vector<std::string_view>& properties) const {
  for (const GraphConstraint& c : constraints_) {
    if (!c.owns_index() || c.label != label) continue;
    if (std::all_of(c.properties.begin(), c.properties.end(), [&](const std::string& p) { return std::find(properties.begin(), properties.end(), p) != properties.end(); })) return &c;
  }
  return nullptr;
}

const GraphConstraint* Graph::ConstraintOn(EntityKind entity, std::string_view label, const std::vector<std::string_view>& properties) const {
  for (const GraphConstraint& c : constraints_) {
    if (c.entity == entity && c.label == label && SameProperties(c.properties, properties)) return &c;
  }
  return nullptr;
}

const GraphIndex* Graph::IndexOn(EntityKind entity, std::string_view label, const std::vector<std::string_view>& properties) const {
  for (const GraphIndex& i : indexes_) {
    if (i.entity == entity && i.labels.size() == 1 && i.labels[0] == label && SameProperties(i.properties, properties)) return &i;
  }
  return nullptr;
}

void Graph::Apply(const Statement& s, const GraphOrigin& at) {
  if (s.prefix.explain == Explain::kExplain) return;  // runs nothing
  GraphOrigin origin = at;
  switch (s.kind) {
    case StatementKind::kQuery: {
      bool seeds = !s.embedded;
      ApplyQuery(s.As<Query>(), at, seeds);
      break;
    }
    case StatementKind::kCreateConstraint: {
      const auto& c = s.As<CreateConstraint>();
      // IF NOT EXISTS leaves alone what is there under the name or on the same schema.
      std::vector<std::string_view> properties;
      for (const Name& p : c.properties) properties.push_back(p.text);
      const GraphConstraint* there = FindConstraint(c.name.text);
      if (there == nullptr) {
        const GraphConstraint* same = ConstraintOn(c.entity, c.label.text, properties);
        if (same != nullptr && same->kind == c.kind) there = same;
      }
      if (there != nullptr && (c.if_not_exists || !c.or_replace)) break;
      if (!c.name.empty()) origin.span = c.name.span;
      constraints_.push_back({std::string(c.name.text), c.kind, c.entity, std::string(c.label.text), Texts(c.properties), std::string(c.type), origin, {}});
      break;
    }
    case StatementKind::kCreateIndex: {
      const auto& i = s.As<CreateIndex>();
      if (FindIndex(i.name.text) != nullptr) break;
      // One of the same kind on the same schema: refused, or nothing is made.
      if (std::any_of(indexes_.begin(), indexes_.end(), [&](const GraphIndex& g) { return g.kind == i.kind && g.entity == i.entity && g.labels == Texts(i.labels) && g.properties == Texts(i.properties); })) break;
      if (!i.name.empty()) origin.span = i.name.span;
      indexes_.push_back({std::string(i.name.text), i.kind, i.entity, Texts(i.labels), Texts(i.properties), false, origin});
      break;
    }
    case StatementKind::kDropSchema: {
      const auto& d = s.As<DropSchema>();
      std::vector<std::string_view> properties;
      for (const Name& p : d.properties) properties.push_back(p.text);
      if (d.constraint) {
        const auto gone = std::find_if(constraints_.begin(), constraints_.end(), [&](const GraphConstraint& c) {
          return d.name.empty() ? c.label == d.label.text && SameProperties(c.properties, properties) && (d.constraint_kind == ConstraintKind::kUnknown || c.kind == d.constraint_kind) : c.name == d.name.text;
        });
        if (gone == constraints_.end()) break;
        gone->dropped = at;
        dropped_.push_back(std::move(*gone));
        constraints_.erase(gone);
      } else {
        std::erase_if(indexes_, [&](const GraphIndex& i) { return d.name.empty() ? i.labels.size() == 1 && i.labels[0] == d.label.text && SameProperties(i.properties, properties) : i.name == d.name.text; });
      }
      break;
    }
    default: break;
  }
}

void Graph::ApplyQuery(const Query& q, const GraphOrigin& at, bool& seeds) {
  for (const Clause* c : q.clauses) ApplyClause(*c, at, seeds);
  for (const Query* part : q.parts) ApplyQuery(*part, at, seeds);
  for (const WhenBranch& b : q.branches) {
    if (b.query != nullptr) ApplyQuery(*b.query, at, seeds);
  }
}

void Graph::ApplyClause(const Clause& c, const GraphOrigin& at, bool& seeds) {
  switch (c.kind) {
    case ClauseKind::kMatch:
      if (c.pattern != nullptr) ReadPattern(*c.pattern, at);
      seeds = false;
      break;
    case ClauseKind::kLoadCsv: seeds = false; break;
    case ClauseKind::kUnwind:
      if (c.expression != nullptr && c.expression->kind != ExprKind::kList && c.expression->kind != ExprKind::kVariable) seeds = false;
      break;
    case ClauseKind::kCreate:
    case ClauseKind::kInsert:
    case ClauseKind::kMerge:
      if (c.pattern != nullptr) WritePattern(*c.pattern, at, seeds);
      for (const MergeAction& a : c.actions) WriteItems(a.items, at, seeds);
      break;
    case ClauseKind::kSet: WriteItems(c.items, at, seeds); break;
    case ClauseKind::kForeach:
      for (const Clause* inner : c.clauses) ApplyClause(*inner, at, seeds);
      break;
    case ClauseKind::kCallSubquery:
      if (c.query != nullptr) ApplyQuery(*c.query, at, seeds);
      break;
    case ClauseKind::kCallProcedure:
      if (c.schema == "db" && (c.name.text == "awaitIndexes" || c.name.text == "awaitIndex")) {
        for (GraphIndex& i : indexes_) i.awaited = true;
      }
      if (c.has_yield) seeds = false;
      for (const Statement* s : c.embedded) Apply(*s, at);
      break;
    default: break;
  }
}

const GraphOrigin* Graph::Matched(cypher::EntityKind entity, std::string_view name) const {
  const auto& names = entity == cypher::EntityKind::kNode ? matched_labels_ : matched_types_;
  const auto it = names.find(name);
  return it == names.end() ? nullptr : &it->second;
}

void Graph::ReadPattern(const Pattern& p, const GraphOrigin& at) {
  auto read = [&](absl::flat_hash_map<std::string, GraphOrigin>& names, const List<Name>& found) {
    for (const Name& n : found) {
      if (!names.contains(n.text)) names.emplace(std::string(n.text), at);
    }
  };
  for (const PathPattern* path : p.paths) {
    for (const PathElement& e : path->elements) {
      if (e.node != nullptr) read(matched_labels_, e.node->labels.names);
      if (e.relationship != nullptr) read(matched_types_, e.relationship->types.names);
    }
  }
}

void Graph::WritePattern(const Pattern& p, const GraphOrigin& at, bool seeds) {
  auto write = [&](absl::flat_hash_map<std::string, GraphName>& names, std::string_view name) {
    GraphName& written = names.try_emplace(std::string(name), GraphName{at}).first->second;
    written.seeded = written.seeded && seeds;
  };
  auto properties = [&](const Properties& of) {
    for (const MapEntry& e : of.entries) write(keys_, e.key.text);
  };
  for (const PathPattern* path : p.paths) {
    for (const PathElement& e : path->elements) {
      if (e.node != nullptr) {
        for (const Name& n : e.node->labels.names) write(labels_, n.text);
        properties(e.node->properties);
      }
      if (e.relationship != nullptr) {
        for (const Name& n : e.relationship->types.names) write(types_, n.text);
        properties(e.relationship->properties);
      }
    }
  }
}

void Graph::WriteItems(const List<SetItem>& items, const GraphOrigin& at, bool seeds) {
  for (const SetItem& i : items) {
    if (i.kind == SetKind::kProperty) keys_.try_emplace(std::string(i.key.text), GraphName{at});
    if (i.kind == SetKind::kLabels) {
      for (const Name& n : i.labels.names) {
        GraphName& written = labels_.try_emplace(std::string(n.text), GraphName{at}).first->second;
        written.seeded = written.seeded && seeds;
      }
    }
    if (i.kind == SetKind::kReplaceAll || i.kind == SetKind::kMerge) WriteMap(i.value, at);
  }
}

void Graph::WriteMap(const Expr* e, const GraphOrigin& at) {
  if (e == nullptr || e->kind != ExprKind::kMap) return;
  for (const MapEntry& m : e->entries) keys_.try_emplace(std::string(m.key.text), GraphName{at});
}

}  // namespace pawl
