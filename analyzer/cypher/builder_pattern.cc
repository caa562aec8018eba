#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/builder.h"

namespace pawl::cypher {
namespace {

// Collects what rules ask for most: the names that are not negated.
void CollectNames(const LabelExpr& e, std::vector<Name>& names, bool& dynamic) {
  switch (e.kind) {
    case LabelKind::kLeaf: names.push_back({e.name, e.span}); break;
    case LabelKind::kDynamic: dynamic = true; break;
    case LabelKind::kAnd: case LabelKind::kOr:
      for (const LabelExpr* o : e.operands) CollectNames(*o, names, dynamic);
      break;
    default: break;
  }
}

bool OnlyLeaves(const LabelExpr& e, LabelKind joined) {
  if (e.kind == LabelKind::kLeaf) return true;
  if (e.kind != joined) return false;
  for (const LabelExpr* o : e.operands) {
    if (!OnlyLeaves(*o, joined)) return false;
  }
  return true;
}

}  // namespace

const Pattern* Builder::PatternOf(G::PatternContext* c, G::MatchModeContext* how) {
  auto* pattern = Make<Pattern>();
  pattern->span = Of(c);
  if (how != nullptr) {
    pattern->match_mode = how->start->getType() == Lex::REPEATABLE ? "REPEATABLE ELEMENTS" : "DIFFERENT RELATIONSHIPS";
    Use(Form::kMatchMode, Of(how));
  }
  std::vector<const PathPattern*> paths;
  for (G::PathPatternContext* p : c->paths) paths.push_back(Path(p));
  pattern->paths = arena_.Copy(paths);
  return pattern;
}

const Pattern* Builder::SinglePath(const PathPattern* path) {
  auto* pattern = Make<Pattern>();
  pattern->span = path->span;
  pattern->paths = arena_.CopyAll(std::vector<const PathPattern*>{path});
  return pattern;
}

PathPattern* Builder::Path(G::PathPatternContext* c) {
  auto* path = Make<PathPattern>();
  path->span = Of(c);
  path->variable = NameOf(c->variable);
  path->selector = Selector(c->selector);
  PathBody(c->body, *path);
  return path;
}

std::string_view Builder::Selector(G::PathSelectorContext* c) {
  if (c == nullptr) return {};
  Use(Form::kPathSelector, Of(c));
  if (c->start->getType() == Lex::SHORTEST && c->stop == c->start) Fail(Of(c), "`SHORTEST` needs a number of paths, or `PATH` or `GROUP`", "write `SHORTEST 1`");
  if (c->walk != nullptr) Use(Form::kOther25, Of(c->walk));
  if (c->groups != nullptr) return "SHORTEST GROUPS";
  if (c->shortest != nullptr) return c->start->getType() == Lex::ANY ? "ANY SHORTEST" : c->start->getType() == Lex::ALL ? "ALL SHORTEST" : "SHORTEST";
  return c->start->getType() == Lex::ANY ? "ANY" : "ALL";
}

void Builder::PathBody(G::PathBodyContext* c, PathPattern& out) {
  if (c->shortest != nullptr) {
    Shortest(c->shortest, out);
  } else {
    out.elements = Elements(c->elements, true);
  }
}

void Builder::Shortest(G::ShortestPathContext* c, PathPattern& out) {
  out.shortest = c->kind->getType() == Lex::SHORTEST_PATH ? ShortestKind::kShortestPath : ShortestKind::kAllShortestPaths;
  out.elements = Elements(c->elements, true);
}

List<PathElement> Builder::Elements(const std::vector<G::PathElementContext*>& v, bool groups) {
  std::vector<PathElement> elements;
  ElementKind last = ElementKind::kRelationship;  // a path begins with a node or a group
  bool first = true;
  for (G::PathElementContext* c : v) {
    PathElement e;
    if (c->node != nullptr) {
      e.kind = ElementKind::kNode;
      if (!first && last == ElementKind::kNode) Use(Form::kQuantifiedPath, Of(c));  // two nodes side by side are one
      e.node = Node(c->node);
    } else if (c->relationship != nullptr) {
      e.kind = ElementKind::kRelationship;
      if (first || last != ElementKind::kNode) {
        Fail(Of(c), first ? "a path begins with a node, not with a relationship" : "a relationship stands between two nodes",
             first ? "write `()` before it" : "write a node, `()`, between the two");
      }
      e.relationship = Relationship(c->relationship, c->repeat);
    } else {
      e.kind = ElementKind::kGroup;
      if (!groups || (!first && last == ElementKind::kRelationship)) Fail(Of(c->start), "a relationship leads to a node, not to a group of parentheses");
      e.group = Group(c->group, c->repeat);
    }
    last = e.kind;
    first = false;
    elements.push_back(e);
  }
  if (!first && last == ElementKind::kRelationship) Fail(Of(v.back()), "the relationship leads to no node", "write a node behind it: `()`");
  return arena_.Copy(elements);
}

const NodePattern* Builder::Node(G::NodePatternContext* c) {
  auto* node = Make<NodePattern>();
  node->span = Of(c);
  node->variable = NameOf(c->variable);
  if (c->label != nullptr) node->labels = LabelsOf(c->label, false);
  if (c->property != nullptr) node->properties = PropertyMap(c->property);
  if (c->condition != nullptr) {
    node->where = Expression(c->condition);
  }
  return node;
}

const RelationshipPattern* Builder::Relationship(G::RelationshipPatternContext* c, G::RepetitionContext* repeat) {
  auto* r = Make<RelationshipPattern>();
  r->span = Of(c);
  r->variable = NameOf(c->variable);
  r->direction = c->left != nullptr ? (c->right != nullptr ? Direction::kBoth : Direction::kLeft) : c->right != nullptr ? Direction::kRight : Direction::kBoth;
  r->both_arrows = c->left != nullptr && c->right != nullptr;
  if (c->types != nullptr) r->types = LabelsOf(c->types, true);
  if (c->length != nullptr) {
    Quantifier& q = r->length;
    q.present = true;
    q.span = Of(c->length);
    q.has_min = c->length->from != nullptr;
    if (q.has_min) q.min = Number(c->length->from);
    q.has_max = c->length->to != nullptr || (q.has_min && c->length->range == nullptr);
    DecimalOnly(c->length->from);
    DecimalOnly(c->length->to);
    if (q.has_max) q.max = c->length->to != nullptr ? Number(c->length->to) : q.min;
  }
  if (c->property != nullptr) r->properties = PropertyMap(c->property);
  if (c->condition != nullptr) {
    r->where = Expression(c->condition);
    Use(Form::kInlineWhere, r->where->span);
  }
  r->quantifier = Repetition(repeat);
  if (inserting_ && c->bracket == nullptr) Fail(r->span, "`INSERT` needs a relationship's type: `-[:TYPE]->`");
  if (inserting_ && (c->length != nullptr || c->condition != nullptr || repeat != nullptr)) Fail(r->span, "`INSERT` makes plain relationships: `-[:TYPE {key: value}]->`");
  return r;
}

Quantifier Builder::Repetition(G::RepetitionContext* c) {
  Quantifier q;
  if (c == nullptr) return q;
  Use(Form::kQuantifiedPath, Of(c));
  q.present = true;
  q.span = Of(c);
  if (c->symbol != nullptr) {
    q.min = c->symbol->getType() == Lex::PLUS ? 1 : 0;
    return q;
  }
  q.has_min = c->from != nullptr;
  q.min = q.has_min ? Number(c->from) : 0;
  q.has_max = c->to != nullptr || c->range == nullptr;
  if (q.has_max) q.max = c->to != nullptr ? Number(c->to) : q.min;
  return q;
}

const PathPattern* Builder::Group(G::GroupPatternContext* c, G::RepetitionContext* repeat) {
  auto* group = Make<PathPattern>();
  group->span = Of(c);
  group->variable = NameOf(c->variable);
  group->selector = Selector(c->selector);
  group->elements = Elements(c->elements, true);
  if (c->condition != nullptr) group->where = Expression(c->condition);
  group->quantifier = Repetition(repeat);
  return group;
}

const Pattern* Builder::PatternExpr(G::PatternExpressionContext* c) {
  auto* path = Make<PathPattern>();
  path->span = Of(c);
  auto* node = Make<NodePattern>();
  node->span = {Of(c).begin, Of(c->close).end};
  node->variable = NameOf(c->variable);
  if (c->label != nullptr) node->labels = LabelsOf(c->label, false);
  if (c->property != nullptr) node->properties = PropertyMap(c->property);
  if (c->condition != nullptr) node->where = Expression(c->condition);
  std::vector<PathElement> elements = {{ElementKind::kNode, node, nullptr, nullptr}};
  for (size_t i = 0; i < c->relationships.size(); ++i) {
    elements.push_back({ElementKind::kRelationship, nullptr, Relationship(c->relationships[i], nullptr), nullptr});
    if (i < c->nodes.size()) elements.push_back({ElementKind::kNode, Node(c->nodes[i]), nullptr, nullptr});
  }
  path->elements = arena_.Copy(elements);
  return SinglePath(path);
}

void Builder::DecimalOnly(const antlr4::Token* t) {
  if (t == nullptr) return;
  const std::string_view digits = Written(Tok(t));
  if (digits.find_first_not_of("0123456789_") != std::string_view::npos || (digits.size() > 1 && digits[0] == '0')) Fail(Of(t), "a path's length is a decimal number");
}

Properties Builder::PropertyMap(G::PropertyMapContext* c) {
  Properties p;
  p.span = Of(c);
  if (c->p != nullptr) {
    p.parameter = Parameter(c->p);
    return p;
  }
  const Expr* e = MapExpr(c->m);
  if (e->kind == ExprKind::kParameter) {
    p.parameter = e;
  } else {
    p.entries = e->entries;
  }
  return p;
}

Labels Builder::LabelsOf(G::LabelsContext* c, bool relationship) {
  Labels labels;
  labels.span = Of(c);
  const size_t before = forms_.size();
  labels.expression = Disjunction(c->value);
  if (relationship) {
    // What is deprecated of `|:` depends on where it stands.
    for (size_t i = before; i < forms_.size(); ++i) {
      if (forms_[i].form == Form::kColonLabelAlternatives) forms_[i].form = Form::kColonTypeAlternatives;
    }
  }
  if (c->colon == nullptr) Use(Form::kIsLabel, labels.span);
  std::vector<Name> names;
  CollectNames(*labels.expression, names, labels.dynamic);
  labels.names = arena_.Copy(names);
  labels.conjunction = !labels.dynamic && OnlyLeaves(*labels.expression, LabelKind::kAnd);
  labels.alternatives = !labels.dynamic && labels.expression->kind == LabelKind::kOr && OnlyLeaves(*labels.expression, LabelKind::kOr);
  const bool single_or_old = labels.conjunction || (relationship && labels.alternatives);
  if (!single_or_old) Use(labels.dynamic ? Form::kDynamicName : Form::kLabelExpression, labels.span);
  return labels;
}

const LabelExpr* Builder::Disjunction(G::LabelDisjunctionContext* c) {
  if (inserting_ && !c->bars.empty()) Fail(Of(c->bars[0]), "labels to insert are joined with `&`");
  for (const antlr4::Token* colon : c->colons) Use(Form::kColonLabelAlternatives, Of(colon), Of(colon), "");
  if (c->operands.size() == 1) return Conjunction(c->operands[0]);
  auto* e = Make<LabelExpr>();
  e->kind = LabelKind::kOr;
  e->span = Of(c);
  std::vector<const LabelExpr*> operands;
  for (G::LabelConjunctionContext* o : c->operands) operands.push_back(Conjunction(o));
  e->operands = arena_.Copy(operands);
  return e;
}

const LabelExpr* Builder::Conjunction(G::LabelConjunctionContext* c) {
  for (const antlr4::Token* op : c->operators) {
    if (inserting_ && op->getType() == Lex::COLON) Fail(Of(op), "labels to insert are joined with `&`", "write `INSERT (n:A&B)`, or use `CREATE`");
    if (op->getType() == Lex::AMPERSAND) Use(Form::kLabelExpression, Of(op));
  }
  if (c->operands.size() == 1) return Factor(c->operands[0]);
  auto* e = Make<LabelExpr>();
  e->kind = LabelKind::kAnd;
  e->span = Of(c);
  std::vector<const LabelExpr*> operands;
  for (G::LabelFactorContext* o : c->operands) operands.push_back(Factor(o));
  e->operands = arena_.Copy(operands);
  return e;
}

const LabelExpr* Builder::Factor(G::LabelFactorContext* c) {
  if (inserting_ && (c->leaf == nullptr || !c->nots.empty())) Fail(Of(c), "`INSERT` takes names of labels only");
  const LabelExpr* e;
  if (c->inner != nullptr) {
    e = Disjunction(c->inner);
  } else {
    auto* leaf = Make<LabelExpr>();
    leaf->span = Of(c);
    if (c->leaf != nullptr) {
      const Name name = NameOf(c->leaf);
      leaf->name = name.text;
      leaf->span = name.span;
    } else if (c->wildcard != nullptr) {
      leaf->kind = LabelKind::kWildcard;
    } else {
      leaf->kind = LabelKind::kDynamic;
      leaf->any = c->quantifier != nullptr && c->quantifier->getType() == Lex::ANY;
      leaf->expression = Expression(c->expr);
    }
    e = leaf;
  }
  if (c->nots.empty()) return e;
  // Two `!` undo each other; the tree needs one at most.
  if (c->nots.size() % 2 == 0) return e;
  auto* negation = Make<LabelExpr>();
  negation->kind = LabelKind::kNot;
  negation->span = Of(c);
  negation->operands = arena_.CopyAll(std::vector<const LabelExpr*>{e});
  return negation;
}

}  // namespace pawl::cypher
