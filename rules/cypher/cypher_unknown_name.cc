// cypher-unknown-name: a label, relationship type or property that nothing ever wrote, and whose spelling is close to one that was.
//
// Neo4j has no schema for data, and applications write labels that no migration speaks of. So a name is reported only where the whole
// history is here and another known name is one slip away.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/finding/nearest_name.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherUnknownName;

namespace {

using namespace cypher_rules;
using cypher::Clause;
using cypher::ClauseKind;
using cypher::Expr;
using cypher::ExprKind;
using cypher::Name;

enum class What : uint8_t { kLabel, kType, kKey };

class Checker {
 public:
  explicit Checker(const CypherContext& context) : context_(context) {
    for (const auto& [name, unused] : context.graph.labels()) labels_.push_back(name);
    for (const auto& [name, unused] : context.graph.types()) types_.push_back(name);
    for (const auto& [name, unused] : context.graph.keys()) keys_.push_back(name);
    const auto schema = [&](const GraphConstraint& c) {
      (c.entity == cypher::EntityKind::kRelationship ? types_ : labels_).push_back(c.label);
      keys_.insert(keys_.end(), c.properties.begin(), c.properties.end());
    };
    for (const GraphConstraint& c : context.graph.constraints()) schema(c);
    for (const GraphConstraint& c : context.graph.dropped()) schema(c);
    for (const GraphIndex& i : context.graph.indexes()) {
      auto& names = i.entity == cypher::EntityKind::kRelationship ? types_ : labels_;
      names.insert(names.end(), i.labels.begin(), i.labels.end());
      keys_.insert(keys_.end(), i.properties.begin(), i.properties.end());
    }
    for (auto* names : {&labels_, &types_, &keys_}) std::sort(names->begin(), names->end());
  }

  void Run() {
    // What the statement writes itself is known to it.
    VisitClauses(context_.statement, [&](const ClauseVisit& v) {
      const Clause& c = *v.clause;
      if (c.kind == ClauseKind::kMatch && c.pattern != nullptr) return;
      if (c.pattern != nullptr) {
        for (const cypher::PathPattern* p : c.pattern->paths) Own(*p);
      }
      Own(c.items);
      for (const cypher::MergeAction& a : c.actions) Own(a.items);
    });
    VisitClauses(context_.statement, [&](const ClauseVisit& v) {
      const Clause& c = *v.clause;
      if (c.kind == ClauseKind::kMatch && c.pattern != nullptr) {
        for (const cypher::PathPattern* p : c.pattern->paths) Path(*p);
      }
      if (c.kind == ClauseKind::kRemove) {
        for (const cypher::SetItem& i : c.items) {
          if (i.kind == cypher::SetKind::kProperty) One(What::kKey, i.key);
          for (const Name& n : i.labels.names) One(What::kLabel, n);
        }
      }
    });
    const std::vector<std::string_view> entities = EntityVariables(context_.statement);
    VisitExpressions(context_.statement, [&](const Expr& e) {
      if (e.kind == ExprKind::kLabelPredicate && e.labels != nullptr) {
        for (const Name& n : e.labels->names) One(What::kLabel, n, true);
      }
      if (e.kind != ExprKind::kProperty || e.arguments.empty() || e.arguments[0]->kind != ExprKind::kVariable) return;
      if (std::find(entities.begin(), entities.end(), e.arguments[0]->text) != entities.end()) One(What::kKey, {e.text, e.name_span});
    });
  }

 private:
  void Own(const cypher::PathPattern& p) {
    for (const cypher::PathElement& e : p.elements) {
      if (e.node != nullptr) {
        for (const Name& n : e.node->labels.names) own_.push_back(n.text);
        for (const cypher::MapEntry& m : e.node->properties.entries) own_.push_back(m.key.text);
      }
      if (e.relationship != nullptr) {
        for (const Name& n : e.relationship->types.names) own_.push_back(n.text);
        for (const cypher::MapEntry& m : e.relationship->properties.entries) own_.push_back(m.key.text);
      }
    }
  }

  void Own(const List<cypher::SetItem>& items) {
    for (const cypher::SetItem& i : items) {
      if (i.value == nullptr && i.kind != cypher::SetKind::kLabels) continue;  // REMOVE n.k
      if (!i.key.empty()) own_.push_back(i.key.text);
      for (const Name& n : i.labels.names) {
        if (i.value != nullptr || !IsRemove(i)) own_.push_back(n.text);
      }
      if (i.value != nullptr) {
        for (const cypher::MapEntry& m : i.value->entries) own_.push_back(m.key.text);
      }
    }
  }

  bool IsRemove(const cypher::SetItem& item) const {
    bool removed = false;
    VisitClauses(context_.statement, [&](const ClauseVisit& v) {
      if (v.clause->kind == ClauseKind::kRemove && &item >= v.clause->items.data() &&
          &item < v.clause->items.data() + v.clause->items.size()) removed = true;
    });
    return removed;
  }

  void Path(const cypher::PathPattern& p) {
    for (const cypher::PathElement& e : p.elements) {
      if (e.node != nullptr) {
        for (const Name& n : e.node->labels.names) One(What::kLabel, n);
        for (const cypher::MapEntry& m : e.node->properties.entries) One(What::kKey, m.key);
      }
      if (e.relationship != nullptr) {
        for (const Name& n : e.relationship->types.names) One(What::kType, n);
        for (const cypher::MapEntry& m : e.relationship->properties.entries) One(What::kKey, m.key);
      }
      if (e.group != nullptr) Path(*e.group);
    }
  }

  // `or_type`: a predicate may speak of a relationship.
  void One(What what, const Name& name, bool or_type = false) {
    const std::vector<std::string>& known = what == What::kLabel ? labels_ : what == What::kType ? types_ : keys_;
    const auto has = [&](const std::vector<std::string>& in) { return std::binary_search(in.begin(), in.end(), name.text); };
    if (name.text.size() < 4 || has(known) || (or_type && has(types_))) return;
    if (std::find(own_.begin(), own_.end(), name.text) != own_.end() || std::find(told_.begin(), told_.end(),
        name.text) != told_.end()) return;
    // One slip; in a long name two. A plural is a name of its own.
    const uint32_t limit = name.text.size() >= 9 ? 2 : 1;
    std::string_view nearest;
    uint32_t best = limit + 1;
    for (const std::string& k : known) {
      const uint32_t d = EditDistance(name.text, k, limit);
      if (d < best && k.size() >= 4 && !Plural(name.text, k)) {
        best = d;
        nearest = k;
      }
    }
    if (nearest.empty()) return;
    told_.push_back(name.text);
    const char* word = what == What::kLabel ? "label" : what == What::kType ? "relationship type" : "property";
    FindingBuilder f = context_.Report(kCypherUnknownName, name.span, absl::StrCat("no earlier migration speaks of the ", word, " ",
        Ticked(name.text), "; did you mean ", Ticked(nearest), "?"));
    f.Why(what == What::kKey ? "a property that no node has is null: the predicate is never true, or the value is lost, and nothing fails"
                             : "a pattern with a name that nothing has finds nothing: the statement does nothing, and nothing fails");
    f.Help(absl::StrCat("write ", Ticked(nearest), ", if that is what was meant; case counts"));
    if (context_.statement.exact_spans) f.UnsafeFix(absl::StrCat("write `", nearest, "`"), {{name.span, Written(nearest)}});
  }

  static bool Plural(std::string_view a, std::string_view b) {
    const std::string_view longer = a.size() > b.size() ? a : b, shorter = a.size() > b.size() ? b : a;
    if (longer.size() == shorter.size()) return Number(a, b);
    return longer.substr(0, shorter.size()) == shorter && (longer.back() == 's' || (longer.back() >= '0' && longer.back() <= '9'));
  }
  // line1 and line2.
  static bool Number(std::string_view a, std::string_view b) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i] && (a[i] < '0' || a[i] > '9' || b[i] < '0' || b[i] > '9')) return false;
    }
    return true;
  }

  const CypherContext& context_;
  std::vector<std::string> labels_, types_, keys_;
  std::vector<std::string_view> own_, told_;
};

void Check(const CypherContext& context) {
  if (context.statement.kind != cypher::StatementKind::kQuery || !context.script.set->complete) return;
  if (context.graph.labels().empty() && context.graph.constraints().empty() && context.graph.indexes().empty()) return;
  Checker(context).Run();
}

}  // namespace

constinit const Rule kCypherUnknownName = {
    .info = {
        .name = "cypher-unknown-name",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a label, relationship type or property that no earlier migration writes, and that looks misspelt",
        .page = {
            .what = "A pattern, a predicate or a `REMOVE` names a label, a relationship type or a property that no migration of the "
                    "complete set has written, constrained or indexed, and that "
                    "differs by a letter or by case from one that was.",
            .why = "Neo4j does not know wrong names, only unused ones: the pattern finds nothing, the migration succeeds, and the data "
                   "stays as it was.",
            .instead = "The name as it is written elsewhere; Cypher's names are case-sensitive.",
            .fix_safety = "Not safe: the name may be one that only the application writes.",
            .versions = "",
            .limits = "Only where the whole history is given, and only names that are close to a known one: applications write labels "
                      "and properties that no migration speaks of. Names shorter than four "
                      "letters, plurals and numbered names are left alone.",
            .references = "Neo4j status codes, Neo.ClientNotification.Statement.UnknownLabelWarning",
            .elsewhere = "",
            .bad = "CREATE (:Person {email: 'ann@example.com'});\n"
                   "MATCH (p:Persn {email: 'ann@example.com'}) RETURN count(p);\n",
            .good = "MATCH (p:Person {email: 'ann@example.com'}) RETURN count(p);\n",
            .example_complete = true,
        }},
    .check_cypher = Check};

}  // namespace pawl
