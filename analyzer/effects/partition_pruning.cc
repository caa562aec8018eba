// Which partitions a condition leaves over, and where a row goes: what the planner and the executor find out before they lock a
// partition (partprune.c, execPartition.c). Only constants count: a value that is known when the statement runs is known after all
// partitions are locked.
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "analyzer/effects/conditions.h"

namespace pawl {
namespace {

using Op = Atom::Op;
using Kind = PartitionValue::Kind;

constexpr int kMaxLevels = 8;
constexpr size_t kMostCompared = 20000;  // bounds that the rows of one INSERT are held against; a dump has more rows than that

bool IsSure(ValueOrder o) { return o != ValueOrder::kUnknown; }

// Whether a value that is `o` to the atom's may satisfy it.
bool May(Op op, ValueOrder o) {
  switch (op) {
    case Op::kEqual: return o == ValueOrder::kEqual || !IsSure(o);
    case Op::kNotEqual: return o != ValueOrder::kEqual;
    case Op::kLess: return o != ValueOrder::kEqual && o != ValueOrder::kGreater;
    case Op::kLessEqual: return o != ValueOrder::kGreater;
    case Op::kGreater: return o != ValueOrder::kEqual && o != ValueOrder::kLess;
    case Op::kGreaterEqual: return o != ValueOrder::kLess;
    default: return true;
  }
}

// One partitioned table and its partitions.
class Level {
 public:
  Level(const CatalogTable& table, std::string_view qualifier, bool alone, const Catalog& catalog) : table_(table), qualifier_(qualifier), alone_(alone) {
    for (const std::string& c : table.partition_columns) types_.push_back(c.empty() ? std::string() : ComparedType(table.FindColumn(c), catalog));
    children_ = catalog.Descendants(table.key);
    std::erase_if(children_, [&](const CatalogTable* t) { return t->partition_of != table.key; });
  }

  const std::vector<const CatalogTable*>& children() const { return children_; }

  bool MayHold(const CatalogTable& child, const sql::Expr& where) const {
    if (types_.empty() || table_.partition_columns[0].empty()) return true;
    if (child.default_partition) return DefaultMay(where);
    if (child.bound == nullptr) return true;
    if (table_.partition_strategy == 'l') {
      return std::any_of(child.bound->list.begin(), child.bound->list.end(), [&](const PartitionValue& v) { return ValueMay(v, where); });
    }
    return table_.partition_strategy != 'r' || RangeMay(*child.bound, where);
  }

  // The partition that a row goes to; null: not known, or there is none.
  const CatalogTable* Route(absl::FunctionRef<PartitionValue(std::string_view)> value) const {
    std::vector<PartitionValue> row;
    for (const std::string& c : table_.partition_columns) {
      row.push_back(c.empty() ? PartitionValue() : value(c));
      if (row.back().kind == Kind::kUnknown) return nullptr;
    }
    if (row.empty()) return nullptr;
    const CatalogTable* by_default = nullptr;
    for (const CatalogTable* t : children_) {
      if (t->default_partition) {
        by_default = t;
        continue;
      }
      if (t->bound == nullptr) return nullptr;
      const std::optional<bool> takes = table_.partition_strategy == 'l' ? ListTakes(*t->bound, row[0]) : RangeTakes(*t->bound, row);
      if (!takes.has_value()) return nullptr;
      if (*takes) return t;
    }
    return by_default;
  }

 private:
  std::vector<Atom> AtomsOf(const sql::Expr& e) const {
    std::vector<Atom> atoms;
    CollectAtoms(e, qualifier_, &atoms);
    // Behind an outer join a null may be the join's.
    if (!alone_) std::erase_if(atoms, [](const Atom& a) { return a.op == Op::kIsNull; });
    return atoms;
  }

  // A value of a list partition.
  bool ValueMay(const PartitionValue& v, const sql::Expr& e) const {
    if (e.kind == sql::ExprKind::kAnd) return std::all_of(e.arguments.begin(), e.arguments.end(), [&](const sql::Expr* a) { return ValueMay(v, *a); });
    if (e.kind == sql::ExprKind::kOr) return std::any_of(e.arguments.begin(), e.arguments.end(), [&](const sql::Expr* a) { return ValueMay(v, *a); });
    for (const Atom& a : AtomsOf(e)) {
      if (a.column != table_.partition_columns[0]) continue;
      if (v.kind == Kind::kNull) {
        if (a.op != Op::kIsNull) return false;
      } else if (a.op == Op::kIsNull) {
        return false;
      } else if (a.op == Op::kNotEqual) {
        if (std::any_of(a.values.begin(), a.values.end(), [&](const PartitionValue& x) { return CompareValues(v, x, types_[0]) == ValueOrder::kEqual; })) return false;
      } else if (a.op != Op::kIsNotNull) {
        if (std::none_of(a.values.begin(), a.values.end(), [&](const PartitionValue& x) { return May(a.op, CompareValues(v, x, types_[0])); })) return false;
      }
    }
    return true;
  }

  bool RangeMay(const CatalogBound& b, const sql::Expr& e) const {
    if (e.kind == sql::ExprKind::kOr) return std::any_of(e.arguments.begin(), e.arguments.end(), [&](const sql::Expr* a) { return RangeMay(b, *a); });
    std::vector<const sql::Expr*> conjuncts;
    CollectConjuncts(e, &conjuncts);
    std::vector<Atom> atoms;
    for (const sql::Expr* c : conjuncts) {
      if (c->kind == sql::ExprKind::kOr) {
        if (!RangeMay(b, *c)) return false;
        continue;
      }
      for (Atom& a : AtomsOf(*c)) atoms.push_back(std::move(a));
    }
    const size_t n = std::min({b.lower.size(), b.upper.size(), types_.size()});
    for (size_t i = 0; i < n; ++i) {
      const bool last = i + 1 == b.upper.size();
      // FROM (1, MINVALUE) TO (2, MINVALUE): 2 itself is beyond it.
      const bool includes_upper = !last && b.upper[i + 1].kind != Kind::kMinimum;
      bool pinned = false;
      for (const Atom& a : atoms) {
        if (a.column != table_.partition_columns[i] || a.op == Op::kNotEqual || a.op == Op::kIsNotNull) continue;
        if (a.op == Op::kIsNull) return false;  // null goes to the DEFAULT partition
        const auto within = [&](const PartitionValue& x) { return Overlaps(a.op, x, b.lower[i], b.upper[i], includes_upper, types_[i]); };
        if (std::none_of(a.values.begin(), a.values.end(), within)) return false;
        pinned = pinned || (a.op == Op::kEqual && a.values.size() == 1);
      }
      // The next column counts where this one has one value, in the condition and in the bound.
      if (!pinned || CompareValues(b.lower[i], b.upper[i], types_[i]) != ValueOrder::kEqual) break;
    }
    return true;
  }

  // Whether some value of [lower, upper) may satisfy `op` x.
  static bool Overlaps(Op op, const PartitionValue& x, const PartitionValue& lower, const PartitionValue& upper, bool includes_upper, std::string_view type) {
    const ValueOrder low = CompareValues(lower, x, type), high = CompareValues(upper, x, type);
    const bool low_is_at_most = low != ValueOrder::kGreater;
    const bool high_is_at_least = high != ValueOrder::kLess && (includes_upper || high != ValueOrder::kEqual);
    switch (op) {
      case Op::kEqual: return low_is_at_most && high_is_at_least;
      case Op::kLess: return low != ValueOrder::kGreater && low != ValueOrder::kEqual;
      case Op::kLessEqual: return low_is_at_most;
      case Op::kGreater:
      case Op::kGreaterEqual: return high_is_at_least;
      default: return true;
    }
  }

  // Whether a value that no other partition takes may satisfy the condition.
  bool DefaultMay(const sql::Expr& e) const {
    if (e.kind == sql::ExprKind::kOr) return std::any_of(e.arguments.begin(), e.arguments.end(), [&](const sql::Expr* a) { return DefaultMay(*a); });
    std::vector<const sql::Expr*> conjuncts;
    CollectConjuncts(e, &conjuncts);
    PartitionValue from, to;
    from.kind = Kind::kMinimum;
    to.kind = Kind::kMaximum;
    bool bounded = false;
    for (const sql::Expr* c : conjuncts) {
      if (c->kind == sql::ExprKind::kOr) {
        if (!DefaultMay(*c)) return false;
        continue;
      }
      for (const Atom& a : AtomsOf(*c)) {
        if (a.column != table_.partition_columns[0]) continue;
        if (a.op == Op::kEqual) {
          if (std::all_of(a.values.begin(), a.values.end(), [&](const PartitionValue& v) { return Taken(v); })) return false;
        } else if (a.op == Op::kIsNull) {
          PartitionValue null;
          null.kind = Kind::kNull;
          if (table_.partition_strategy == 'l' && Taken(null)) return false;
        } else if (table_.partition_strategy == 'r' && a.values.size() == 1) {
          const PartitionValue& v = a.values[0];
          if ((a.op == Op::kGreater || a.op == Op::kGreaterEqual) && CompareValues(from, v, types_[0]) == ValueOrder::kLess) from = v, bounded = true;
          if ((a.op == Op::kLess || a.op == Op::kLessEqual) && CompareValues(to, v, types_[0]) == ValueOrder::kGreater) to = v, bounded = true;
        }
      }
    }
    return !bounded || !Covered(from, to);
  }

  bool Taken(const PartitionValue& v) const {
    return std::any_of(children_.begin(), children_.end(), [&](const CatalogTable* t) {
      if (t->bound == nullptr) return false;
      if (table_.partition_strategy == 'l') return ListTakes(*t->bound, v).value_or(false);
      return types_.size() == 1 && RangeTakes(*t->bound, {v}).value_or(false);
    });
  }

  // Whether the other partitions leave no gap from `from` up to `to`, both included.
  bool Covered(PartitionValue from, const PartitionValue& to) const {
    if (types_.size() != 1) return false;
    for (size_t steps = 0; steps <= children_.size(); ++steps) {
      const CatalogBound* next = nullptr;
      for (const CatalogTable* t : children_) {
        if (t->bound == nullptr || t->bound->lower.size() != 1 || t->bound->upper.size() != 1) continue;
        const ValueOrder low = CompareValues(t->bound->lower[0], from, types_[0]), high = CompareValues(from, t->bound->upper[0], types_[0]);
        if ((low == ValueOrder::kLess || low == ValueOrder::kEqual) && high == ValueOrder::kLess) next = t->bound.get();
      }
      if (next == nullptr) return false;
      from = next->upper[0];
      if (from.kind == Kind::kMaximum || CompareValues(from, to, types_[0]) == ValueOrder::kGreater) return true;
    }
    return false;
  }

  std::optional<bool> ListTakes(const CatalogBound& b, const PartitionValue& v) const {
    bool sure = true;
    for (const PartitionValue& x : b.list) {
      const ValueOrder o = CompareValues(v, x, types_[0]);
      if (o == ValueOrder::kEqual) return true;
      sure = sure && IsSure(o);
    }
    return sure ? std::optional(false) : std::nullopt;
  }

  std::optional<bool> RangeTakes(const CatalogBound& b, const std::vector<PartitionValue>& row) const {
    if (std::any_of(row.begin(), row.end(), [](const PartitionValue& v) { return v.kind == Kind::kNull; })) return false;
    const auto compare = [&](const std::vector<PartitionValue>& bound) {
      for (size_t i = 0; i < row.size() && i < bound.size(); ++i) {
        const ValueOrder o = CompareValues(row[i], bound[i], types_[i]);
        if (o != ValueOrder::kEqual) return o;
      }
      return ValueOrder::kEqual;
    };
    const ValueOrder low = compare(b.lower), high = compare(b.upper);
    if (low == ValueOrder::kLess || high == ValueOrder::kGreater || high == ValueOrder::kEqual) return false;
    const bool inside = (low == ValueOrder::kGreater || low == ValueOrder::kEqual) && high == ValueOrder::kLess;
    return inside ? std::optional(true) : std::nullopt;
  }

  const CatalogTable& table_;
  const std::string_view qualifier_;
  const bool alone_;
  std::vector<std::string> types_;  // of the key's columns
  std::vector<const CatalogTable*> children_;
};

void Prune(const CatalogTable& table, const sql::Expr& where, std::string_view qualifier, bool alone, const Catalog& catalog, int depth, std::vector<const CatalogTable*>* out) {
  if (depth > kMaxLevels) return;
  const Level level(table, qualifier, alone, catalog);
  for (const CatalogTable* child : level.children()) {
    if (!level.MayHold(*child, where)) continue;
    out->push_back(child);
    if (child->partition_strategy != 0) Prune(*child, where, qualifier, alone, catalog, depth + 1, out);
  }
}

void RouteRows(const CatalogTable& table, const std::vector<size_t>& rows, absl::FunctionRef<PartitionValue(size_t, std::string_view)> value, const Catalog& catalog,
               int depth, std::vector<const CatalogTable*>* out) {
  if (depth > kMaxLevels) return;
  const Level level(table, {}, true, catalog);
  std::vector<std::pair<const CatalogTable*, std::vector<size_t>>> taken;  // in the order of the rows
  size_t compared = 0;
  for (size_t row : rows) {
    compared += level.children().size();
    if (compared > kMostCompared) break;
    const CatalogTable* child = level.Route([&](std::string_view column) { return value(row, column); });
    if (child == nullptr) continue;
    auto it = std::find_if(taken.begin(), taken.end(), [&](const auto& entry) { return entry.first == child; });
    if (it == taken.end()) it = taken.insert(taken.end(), {child, {}});
    it->second.push_back(row);
  }
  for (const auto& [child, its_rows] : taken) {
    out->push_back(child);
    if (child->partition_strategy != 0) RouteRows(*child, its_rows, value, catalog, depth + 1, out);
  }
}

}  // namespace

std::vector<const CatalogTable*> PrunedPartitions(const CatalogTable& table, const sql::Expr* where, std::string_view qualifier, bool alone, const Catalog& catalog) {
  std::vector<const CatalogTable*> out;
  if (where == nullptr || table.partition_columns.empty()) {
    out = catalog.Descendants(table.key);
  } else {
    Prune(table, *where, qualifier, alone, catalog, 0, &out);
  }
  return out;
}

void RoutePartitions(const CatalogTable& table, size_t rows, absl::FunctionRef<PartitionValue(size_t, std::string_view)> value, const Catalog& catalog,
                     std::vector<const CatalogTable*>* out) {
  std::vector<size_t> all(rows);
  std::iota(all.begin(), all.end(), size_t{0});
  RouteRows(table, all, value, catalog, 0, out);
}

}  // namespace pawl
