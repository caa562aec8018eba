// cypher-rename-in-place: a label, property or relationship type renamed by one migration while code reads the old name.
//
// Two statements of one script are one step: nothing is deployed between them. A match that takes some nodes of a label only moves
// those (a state), and is no rename.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/cypher/bounds.h"
#include "rules/cypher/common.h"
#include "rules/cypher/selectivity.h"

namespace pawl {

extern const Rule kCypherRenameInPlace;

namespace {

using namespace cypher;

// Half of a rename: `from` copied or joined by `to`, on the nodes or relationships of `owner`.
struct Copy {
  bool label = false;
  std::string_view owner, from, to;
};

class Script {
 public:
  explicit Script(const CypherScriptContext& context) : context_(context) {}

  void Statement(const cypher::Statement& s) {
    if (!Executes(s) || !HasClause(s, {ClauseKind::kSet, ClauseKind::kRemove, ClauseKind::kDelete, ClauseKind::kCallProcedure})) return;
    if (!s.embedded && !HasClause(s, {ClauseKind::kMatch, ClauseKind::kCallProcedure})) return;
    const Embedding embedding = EmbeddingOf(s);
    Bound outer = Bound::kFew;
    RowCause outer_cause;
    if (embedding.role == EmbeddedRole::kAction && embedding.driving != nullptr && embedding.driving->kind == StatementKind::kQuery) {
      const Query* top = &embedding.driving->As<Query>();
      FollowRows(*embedding.driving, *context_.graph, context_.migration_index, [&](const Step& step) {
        if (step.clause->kind != ClauseKind::kReturn || step.query != top) return;
        outer = step.bound;
        outer_cause = step.cause;
      });
    }
    // All that is copied before all that goes: REMOVE may stand before SET.
    for (const bool removing : {false, true}) {
      FollowRows(s, *context_.graph, context_.migration_index, [&](const Step& step) {
        Bound bound = std::max(step.bound, outer);
        RowCause cause = step.bound >= outer ? step.cause : outer_cause;
        if (step.driving != nullptr && step.driving->bound > bound) {
          bound = step.driving->bound;
          cause = step.driving->cause;
        }
        if (!removing && step.clause->kind == ClauseKind::kCallProcedure) Procedure(*step.clause);
        if (bound != Bound::kMany || cause.source != RowSource::kMatch) return;
        if (removing) {
          Goes(step, cause);
        } else if (step.clause->kind == ClauseKind::kCallProcedure) {
          SetType(step, cause);
        } else {
          Copies(step);
        }
      });
    }
  }

 private:
  static std::string_view OwnerOf(const Variable* v) {
    if (v == nullptr) return {};
    if (v->node != nullptr && !v->node->labels.names.empty()) return v->node->labels.names[0].text;
    if (v->relationship != nullptr && !v->relationship->types.names.empty()) return v->relationship->types.names[0].text;
    return {};
  }
  static const Variable* Target(const SetItem& i, const Rows& rows) { return i.target != nullptr && i.target->kind == ExprKind::kVariable ? rows.Find(i.target->text) : nullptr; }

  void Copies(const Step& step) {
    const Clause& c = *step.clause;
    if (c.kind == ClauseKind::kSet) {
      for (const SetItem& i : c.items) {
        const Variable* v = Target(i, *step.before);
        if (v == nullptr || v->created) continue;
        if (i.kind == SetKind::kLabels && v->node != nullptr) {
          for (const Name& to : i.labels.names) {
            for (const Name& from : v->node->labels.names) copies_.push_back({true, from.text, from.text, to.text});
          }
        }
        if (i.kind == SetKind::kProperty && i.value != nullptr) {
          VisitParts(*i.value, [&](const Expr& e) {
            if (e.kind == ExprKind::kProperty && e.text != i.key.text && e.arguments.size() == 1 && e.arguments[0]->kind == ExprKind::kVariable && e.arguments[0]->text == i.target->text) {
              copies_.push_back({false, OwnerOf(v), e.text, i.key.text});
            }
          });
        }
      }
    }
    if ((c.kind == ClauseKind::kCreate || c.kind == ClauseKind::kMerge || c.kind == ClauseKind::kInsert) && c.pattern != nullptr) {
      for (const PathPattern* path : c.pattern->paths) {
        if (path->elements.size() != 3 || path->elements[1].relationship == nullptr || path->elements[1].relationship->types.names.size() != 1) continue;
        const auto bound = [&](const PathElement& e) { return e.node != nullptr && step.before->Find(e.node->variable.text) != nullptr; };
        if (bound(path->elements[0]) && bound(path->elements[2])) types_.push_back({path->elements[1].relationship->types.names[0].text, path->elements[0].node->variable.text, path->elements[2].node->variable.text});
      }
    }
  }

  void Goes(const Step& step, const RowCause& cause) {
    const Clause& c = *step.clause;
    if (c.kind == ClauseKind::kRemove || c.kind == ClauseKind::kSet) {
      for (const SetItem& i : c.items) {
        const Variable* v = Target(i, *step.before);
        if (v == nullptr) continue;
        const bool null = i.value != nullptr && i.value->kind == ExprKind::kLiteral && i.value->literal == LiteralKind::kNull;
        if (i.kind == SetKind::kLabels && c.kind == ClauseKind::kRemove && !OnlySome(cause)) {
          for (const Name& n : i.labels.names) {
            for (const Copy& copy : copies_) {
              if (copy.label && copy.from == n.text && copy.to != n.text) {
                Report(i.span, "label", copy.from, copy.to);
                return;
              }
            }
          }
        }
        if (i.kind == SetKind::kProperty && (c.kind == ClauseKind::kRemove || null)) {
          for (const Copy& copy : copies_) {
            const std::string_view owner = OwnerOf(v);
            if (copy.label || copy.from != i.key.text || (!owner.empty() && !copy.owner.empty() && owner != copy.owner)) continue;
            Report(i.span, "property", copy.from, copy.to);
            break;
          }
        }
      }
    }
    if (c.kind != ClauseKind::kDelete || OnlySome(cause)) return;
    for (const Expr* e : c.arguments) {
      const Variable* v = e->kind == ExprKind::kVariable ? step.before->Find(e->text) : nullptr;
      if (v == nullptr || v->kind != VariableKind::kRelationship || v->relationship == nullptr || v->relationship->types.names.size() != 1) continue;
      const std::string_view from = v->relationship->types.names[0].text;
      const auto [left, right] = EndsOf(cause, v->relationship);
      for (const NewType& t : types_) {
        const bool same = (t.left == left && t.right == right) || (t.left == right && t.right == left);
        if (t.type == from || !same || left.empty() || right.empty()) continue;
        Report(e->span, "relationship type", from, t.type);
        return;
      }
    }
  }

  // The variables at the ends of a matched relationship.
  static std::pair<std::string_view, std::string_view> EndsOf(const RowCause& cause, const RelationshipPattern* r) {
    if (cause.path == nullptr) return {};
    const auto& elements = cause.path->elements;
    for (size_t i = 1; i + 1 < elements.size(); ++i) {
      if (elements[i].relationship == r && elements[i - 1].node != nullptr && elements[i + 1].node != nullptr) return {elements[i - 1].node->variable.text, elements[i + 1].node->variable.text};
    }
    return {};
  }

  // The match asks for more than what is being renamed: a property with a certain value.
  static bool OnlySome(const RowCause& cause) {
    bool some = false;
    if (cause.path != nullptr) {
      for (const PathElement& e : cause.path->elements) some = some || (e.node != nullptr && !e.node->properties.empty()) || (e.relationship != nullptr && !e.relationship->properties.empty());
    }
    if (cause.clause != nullptr && cause.clause->where != nullptr) {
      VisitParts(*cause.clause->where, [&](const Expr& e) { some = some || e.kind == ExprKind::kProperty; });
    }
    return some;
  }

  void Procedure(const Clause& c) {
    if (c.schema != "apoc.refactor.rename") return;
    const std::string_view what = c.name.text == "label" ? "label" : c.name.text == "type" ? "relationship type" : c.name.text == "nodeProperty" || c.name.text == "typeProperty" ? "property" : "";
    if (what.empty() || c.arguments.size() < 2) return;
    const auto text = [&](const Expr* e) { return e->kind == ExprKind::kLiteral && e->literal == LiteralKind::kString ? e->text : context_.Text(e->span); };
    Report(c.name.span, what, text(c.arguments[0]), text(c.arguments[1]));
  }

  // apoc.refactor.setType(r, 'NEW') for every relationship of a type.
  void SetType(const Step& step, const RowCause& cause) {
    const Clause& c = *step.clause;
    if (c.schema != "apoc.refactor" || c.name.text != "setType" || c.arguments.size() != 2 || OnlySome(cause)) return;
    const Expr* r = c.arguments[0];
    const Expr* to = c.arguments[1];
    const Variable* v = r->kind == ExprKind::kVariable ? step.before->Find(r->text) : nullptr;
    if (v == nullptr || v->relationship == nullptr || v->relationship->types.names.size() != 1) return;
    if (to->kind != ExprKind::kLiteral || to->literal != LiteralKind::kString || to->text == v->relationship->types.names[0].text) return;
    Report(c.name.span, "relationship type", v->relationship->types.names[0].text, to->text);
  }

  void Report(Span at, std::string_view what, std::string_view from, std::string_view to) {
    FindingBuilder f = context_.Report(kCypherRenameInPlace, at, absl::StrCat("the ", what, " `", from, "` becomes `", to, "` in one step"));
    f.Why(absl::StrCat("code that is running asks for `", from, "` and finds nothing, without an error; what it still writes under the old name is missed by the new code"));
    f.Help(absl::StrCat("write `", to, "` beside `", from, "` first, deploy code that writes both and reads `", to, "`, and remove `", from, "` in a later migration"));
  }

  struct NewType {
    std::string_view type, left, right;
  };
  const CypherScriptContext& context_;
  std::vector<Copy> copies_;
  std::vector<NewType> types_;
};

void Check(const CypherScriptContext& context) {
  Script script(context);
  for (const CypherFacts& facts : context.facts) script.Statement(*facts.statement);
}

}  // namespace

constinit const Rule kCypherRenameInPlace = {
    .info = {
        .name = "cypher-rename-in-place",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a label, property or relationship type renamed in one step",
        .page = {
            .what = "One migration gives all nodes of a label (or relationships of a type) a new label, property key or type and takes the old one away.",
            .why = "Code that is deployed at that moment still asks for the old name. Neo4j answers with no rows instead of an error, and what that code writes under the old name is lost to the new code.",
            .instead = "Three steps: write the new name beside the old one; deploy code that writes both and reads the new; remove the old one in a later migration.",
            .fix_safety = "",
            .versions = "",
            .limits = "What code reads is not known. A label that moves only for nodes with a certain property value is taken as a state, and data that the same migration made is left alone.",
            .references = "Cypher manual, \"SET\", \"REMOVE\"\nAPOC documentation, \"apoc.refactor.rename\", \"apoc.refactor.setType\"",
            .elsewhere = "",
            .bad = "MATCH (p:Person) WHERE p.mail IS NOT NULL\nCALL (p) { SET p.email = p.mail REMOVE p.mail } IN TRANSACTIONS;\n",
            .good = "MATCH (p:Person) WHERE p.mail IS NOT NULL AND p.email IS NULL\nCALL (p) { SET p.email = p.mail } IN TRANSACTIONS;\n",
        }},
    .in_down = false,
    .check_cypher_script = Check};

}  // namespace pawl
