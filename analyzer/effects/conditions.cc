#include "analyzer/effects/conditions.h"

#include "absl/strings/strip.h"

namespace pawl {
namespace {

using Op = Atom::Op;

constexpr int kMaxDepth = 64;

Op Turned(Op op) {  // 5 < a is a > 5
  switch (op) {
    case Op::kLess: return Op::kGreater;
    case Op::kLessEqual: return Op::kGreaterEqual;
    case Op::kGreater: return Op::kLess;
    case Op::kGreaterEqual: return Op::kLessEqual;
    default: return op;
  }
}

Op Negated(Op op) {
  switch (op) {
    case Op::kEqual: return Op::kNotEqual;
    case Op::kNotEqual: return Op::kEqual;
    case Op::kLess: return Op::kGreaterEqual;
    case Op::kLessEqual: return Op::kGreater;
    case Op::kGreater: return Op::kLessEqual;
    case Op::kGreaterEqual: return Op::kLess;
    case Op::kIsNull: return Op::kIsNotNull;
    case Op::kIsNotNull: return Op::kIsNull;
  }
  return op;
}

bool ReadOp(std::string_view text, Op* op) {
  if (text == "=" || text == "IN" || text == "= ANY") *op = Op::kEqual;
  else if (text == "<>" || text == "!=" || text == "NOT IN") *op = Op::kNotEqual;
  else if (text == "<") *op = Op::kLess;
  else if (text == "<=") *op = Op::kLessEqual;
  else if (text == ">") *op = Op::kGreater;
  else if (text == ">=") *op = Op::kGreaterEqual;
  else return false;
  return true;
}

bool IsColumn(const sql::Expr& e, std::string_view qualifier) {
  return e.kind == sql::ExprKind::kColumn && e.text != "*" && (e.schema.empty() || qualifier.empty() || e.schema == qualifier);
}

// Reads constants; false if one of them is none, or is null: no comparison with null holds, and nobody writes one.
bool ReadValues(List<const sql::Expr*> from, size_t first, std::vector<PartitionValue>* values) {
  for (size_t i = first; i < from.size(); ++i) {
    PartitionValue v = ReadPartitionValue(from[i]);
    if (v.kind != PartitionValue::Kind::kConstant) return false;
    values->push_back(std::move(v));
  }
  return !values->empty();
}

void Collect(const sql::Expr& e, std::string_view qualifier, bool negated, int depth, std::vector<Atom>* atoms) {
  if (depth > kMaxDepth) return;
  switch (e.kind) {
    case sql::ExprKind::kAnd:
    case sql::ExprKind::kOr:
      if ((e.kind == sql::ExprKind::kAnd) == negated) return;  // one of several: nothing is certain
      for (const sql::Expr* a : e.arguments) Collect(*a, qualifier, negated, depth + 1, atoms);
      return;
    case sql::ExprKind::kNot:
      if (e.arguments.size() == 1) Collect(*e.arguments[0], qualifier, !negated, depth + 1, atoms);
      return;
    case sql::ExprKind::kIsNull:
    case sql::ExprKind::kIsNotNull: {
      if (e.arguments.size() != 1 || !IsColumn(*e.arguments[0], qualifier)) return;
      const Op op = e.kind == sql::ExprKind::kIsNull ? Op::kIsNull : Op::kIsNotNull;
      atoms->push_back({e.arguments[0]->text, negated ? Negated(op) : op, {}});
      return;
    }
    case sql::ExprKind::kOperator:
      break;
    default:
      return;
  }
  if (e.arguments.size() < 2) return;
  const sql::Expr& left = *e.arguments[0];
  if (e.text == "BETWEEN" && e.arguments.size() == 3 && IsColumn(left, qualifier)) {
    Atom low{left.text, Op::kGreaterEqual, {}}, high{left.text, Op::kLessEqual, {}};
    if (negated || !ReadValues({e.arguments.begin() + 1, 1}, 0, &low.values) || !ReadValues({e.arguments.begin() + 2, 1}, 0, &high.values)) return;
    atoms->push_back(std::move(low));
    atoms->push_back(std::move(high));
    return;
  }
  Atom atom;
  if (!ReadOp(e.text, &atom.op)) return;
  const bool list = e.text == "IN" || e.text == "NOT IN" || e.text == "= ANY";
  if (IsColumn(left, qualifier)) {
    atom.column = left.text;
    const sql::Expr& right = *e.arguments[1];
    const bool array = e.text == "= ANY" && right.kind == sql::ExprKind::kOther && right.text == "ARRAY";
    if (e.text == "= ANY" && !array) return;
    if (!list && e.arguments.size() != 2) return;
    if (!ReadValues(array ? right.arguments : e.arguments, array ? 0 : 1, &atom.values)) return;
  } else {
    const sql::Expr& right = *e.arguments[1];
    if (list || e.arguments.size() != 2 || !IsColumn(right, qualifier)) return;
    atom.column = right.text;
    atom.op = Turned(atom.op);
    if (!ReadValues({e.arguments.begin(), 1}, 0, &atom.values)) return;
  }
  if (negated) atom.op = Negated(atom.op);
  atoms->push_back(std::move(atom));
}

void Conjuncts(const sql::Expr& e, int depth, std::vector<const sql::Expr*>* out) {
  if (e.kind != sql::ExprKind::kAnd || depth > kMaxDepth) {
    out->push_back(&e);
    return;
  }
  for (const sql::Expr* a : e.arguments) Conjuncts(*a, depth + 1, out);
}

}  // namespace

void CollectAtoms(const sql::Expr& e, std::string_view qualifier, std::vector<Atom>* atoms) { Collect(e, qualifier, false, 0, atoms); }
void CollectConjuncts(const sql::Expr& e, std::vector<const sql::Expr*>* conjuncts) { Conjuncts(e, 0, conjuncts); }

std::string ComparedType(const CatalogColumn* column, const Catalog& catalog) {
  if (column == nullptr) return {};
  std::string type = column->type;
  for (int depth = 0; depth < 8; ++depth) {
    const size_t dot = type.find('.');
    const std::string_view text = type;
    const sql::Name name = dot == std::string::npos ? sql::Name{{}, text, {}} : sql::Name{text.substr(0, dot), text.substr(dot + 1), {}};
    const CatalogType* t = catalog.FindType(name);
    if (t == nullptr) return type;
    if (t->kind == 'e') return "enum";
    if (t->kind != 'd') return {};
    type = std::string(t->base);
  }
  return {};
}

}  // namespace pawl
