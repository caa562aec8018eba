// Whether CHECK constraints imply a partition's bound. The server asks predicate_implied_by with the bound as it writes it out
// (get_qual_for_list, get_qual_for_range in partbounds.c) and with all valid CHECK and NOT NULL constraints of the table: the
// documentation of ATTACH PARTITION calls it "a CHECK constraint that matches the desired partition constraint". A column that may hold
// null proves nothing, because a CHECK lets null pass (measured on 17).
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "analyzer/effects/conditions.h"
#include "analyzer/sql/script.h"

namespace pawl {
namespace {

using Op = Atom::Op;

// What the table's constraints say of its columns. Holds the parsed conditions.
class Checks {
 public:
  Checks(const CatalogTable& table, const Catalog& catalog) : table_(table), catalog_(catalog) {
    for (const CatalogConstraint& k : table.constraints) {
      if (k.kind != sql::ConstraintKind::kCheck || !k.valid || k.check.empty()) continue;
      Parse(k.check);
    }
  }

  const std::vector<Atom>& atoms() const { return atoms_; }

  bool NotNull(std::string_view column) const {
    const CatalogColumn* c = table_.FindColumn(column);
    if (c == nullptr) return !table_.complete;  // not known
    return c->not_null || !table_.complete || table_.ProvesNotNull(column);
  }

  // column > v, or column >= v.
  bool Above(std::string_view column, const PartitionValue& v, bool strictly) const {
    return Any(column, [&](const Atom& a, const auto& is) {
      if (a.op == Op::kGreater) return is(v, {ValueOrder::kGreater, ValueOrder::kEqual});
      if (a.op == Op::kGreaterEqual || a.op == Op::kEqual) return is(v, {ValueOrder::kGreater, strictly ? ValueOrder::kGreater : ValueOrder::kEqual});
      return false;
    });
  }

  // column < v, or column <= v.
  bool Below(std::string_view column, const PartitionValue& v, bool strictly) const {
    return Any(column, [&](const Atom& a, const auto& is) {
      if (a.op == Op::kLess) return is(v, {ValueOrder::kLess, ValueOrder::kEqual});
      if (a.op == Op::kLessEqual || a.op == Op::kEqual) return is(v, {ValueOrder::kLess, strictly ? ValueOrder::kLess : ValueOrder::kEqual});
      return false;
    });
  }

  bool Equals(std::string_view column, const PartitionValue& v) const {
    return Any(column, [&](const Atom& a, const auto& is) { return a.op == Op::kEqual && is(v, {ValueOrder::kEqual, ValueOrder::kEqual}); });
  }

  bool OneOf(std::string_view column, const std::vector<PartitionValue>& list) const {
    const std::string type = ComparedType(table_.FindColumn(column), catalog_);
    return std::any_of(atoms_.begin(), atoms_.end(), [&](const Atom& a) {
      if (a.column != column || a.op != Op::kEqual) return false;
      return std::all_of(a.values.begin(), a.values.end(), [&](const PartitionValue& x) {
        return std::any_of(list.begin(), list.end(), [&](const PartitionValue& y) { return CompareValues(x, y, type) == ValueOrder::kEqual; });
      });
    });
  }

 private:
  void Parse(std::string_view check) {
    std::string text = absl::StrCat("SELECT ", check);
    const auto size = static_cast<uint32_t>(text.size());
    files_.push_back(std::make_unique<SourceFile>("", std::move(text)));
    scripts_.push_back(sql::ParseScript(*files_.back(), {0, size}));
    for (const sql::Statement* s : scripts_.back()->statements) {
      if (s->kind != sql::StatementKind::kQuery) continue;
      for (const sql::Expr* e : s->As<sql::Query>().values) {
        if (e != nullptr) CollectAtoms(*e, {}, &atoms_);
      }
    }
  }

  // `f` of an atom on the column, with a test that all of its values compare with `v` in one of two ways.
  template <typename F>
  bool Any(std::string_view column, F f) const {
    const std::string type = ComparedType(table_.FindColumn(column), catalog_);
    return std::any_of(atoms_.begin(), atoms_.end(), [&](const Atom& a) {
      if (a.column != column) return false;
      struct Two { ValueOrder first, second; };
      return f(a, [&](const PartitionValue& v, Two orders) {
        return std::all_of(a.values.begin(), a.values.end(), [&](const PartitionValue& x) {
          const ValueOrder o = CompareValues(x, v, type);
          return o == orders.first || o == orders.second;
        });
      });
    });
  }

  const CatalogTable& table_;
  const Catalog& catalog_;
  std::vector<std::unique_ptr<SourceFile>> files_;
  std::vector<std::unique_ptr<sql::Script>> scripts_;
  std::vector<Atom> atoms_;
};

// (key ...) >= (bound ...), from column `i` on, the columns before it being equal.
bool FromLower(const Checks& checks, const std::vector<std::string>& key, const std::vector<PartitionValue>& bound, size_t i) {
  const PartitionValue& v = bound[i];
  if (v.kind == PartitionValue::Kind::kMinimum) return true;
  if (v.kind != PartitionValue::Kind::kConstant) return false;
  if (checks.Above(key[i], v, /*strictly=*/true)) return true;
  const bool open = i + 1 == bound.size() || bound[i + 1].kind == PartitionValue::Kind::kMinimum;
  if (open) return checks.Above(key[i], v, /*strictly=*/false);
  return checks.Equals(key[i], v) && FromLower(checks, key, bound, i + 1);
}

// (key ...) < (bound ...).
bool ToUpper(const Checks& checks, const std::vector<std::string>& key, const std::vector<PartitionValue>& bound, size_t i) {
  const PartitionValue& v = bound[i];
  if (v.kind == PartitionValue::Kind::kMaximum) return true;
  if (v.kind != PartitionValue::Kind::kConstant) return false;
  if (checks.Below(key[i], v, /*strictly=*/true)) return true;
  if (i + 1 == bound.size() || bound[i + 1].kind == PartitionValue::Kind::kMinimum) return false;
  if (bound[i + 1].kind == PartitionValue::Kind::kMaximum) return checks.Below(key[i], v, /*strictly=*/false);
  return checks.Equals(key[i], v) && ToUpper(checks, key, bound, i + 1);
}

bool Implies(const Checks& checks, const std::vector<std::string>& key, const CatalogBound& bound) {
  if (!bound.list.empty()) {
    const bool with_null = std::any_of(bound.list.begin(), bound.list.end(), [](const PartitionValue& v) { return v.kind == PartitionValue::Kind::kNull; });
    return key.size() == 1 && (with_null || checks.NotNull(key[0])) && checks.OneOf(key[0], bound.list);
  }
  const size_t n = key.size();
  if (n == 0 || bound.lower.size() != n || bound.upper.size() != n) return false;
  if (!std::all_of(key.begin(), key.end(), [&](const std::string& c) { return checks.NotNull(c); })) return false;
  return FromLower(checks, key, bound.lower, 0) && ToUpper(checks, key, bound.upper, 0);
}

// Beside nulls a DEFAULT partition may hold whatever no other one takes: that is implied where each of the others' bounds is ruled out.
bool RulesOut(const Checks& checks, const std::string& column, const CatalogBound& bound, std::string_view type) {
  const auto differs = [&](const PartitionValue& v) {
    return checks.Above(column, v, true) || checks.Below(column, v, true) || std::any_of(checks.atoms().begin(), checks.atoms().end(), [&](const Atom& a) {
             if (a.column != column || (a.op != Op::kNotEqual && a.op != Op::kEqual)) return false;
             const auto equal = [&](const PartitionValue& x) { return CompareValues(x, v, type) == ValueOrder::kEqual; };
             const auto apart = [&](const PartitionValue& x) {
               const ValueOrder o = CompareValues(x, v, type);
               return o != ValueOrder::kEqual && o != ValueOrder::kUnknown;
             };
             return a.op == Op::kNotEqual ? std::any_of(a.values.begin(), a.values.end(), equal) : std::all_of(a.values.begin(), a.values.end(), apart);
           });
  };
  if (!bound.list.empty()) {
    return std::all_of(bound.list.begin(), bound.list.end(), [&](const PartitionValue& v) { return v.kind == PartitionValue::Kind::kConstant && differs(v); });
  }
  if (bound.lower.size() != 1 || bound.upper.size() != 1) return false;
  const bool below = bound.lower[0].kind == PartitionValue::Kind::kConstant && checks.Below(column, bound.lower[0], true);
  return below || (bound.upper[0].kind == PartitionValue::Kind::kConstant && checks.Above(column, bound.upper[0], false));
}

bool ImpliesDefault(const CatalogTable& child, const CatalogTable* parent, const Catalog& catalog) {
  if (parent == nullptr || !parent->complete) return false;
  std::vector<const CatalogTable*> others = catalog.Descendants(parent->key);
  std::erase_if(others, [&](const CatalogTable* t) { return t->partition_of != parent->key || t == &child; });
  if (others.empty()) return true;  // its bound is no bound
  if (parent->partition_columns.size() != 1 || parent->partition_columns[0].empty()) return false;
  const std::string& column = parent->partition_columns[0];
  const Checks checks(child, catalog);
  const std::string type = ComparedType(child.FindColumn(column), catalog);
  return std::all_of(others.begin(), others.end(), [&](const CatalogTable* t) { return t->bound != nullptr && RulesOut(checks, column, *t->bound, type); });
}

}  // namespace

bool ImpliesBound(const CatalogTable& child, const sql::PartitionBound& bound, const CatalogTable* parent, const Catalog& catalog) {
  if (bound.is_default) return ImpliesDefault(child, parent, catalog);
  const std::shared_ptr<const CatalogBound> values = ReadPartitionBound(&bound);
  if (values == nullptr) return false;  // of a hash partition: nobody writes a CHECK with satisfies_hash_partition
  const Checks checks(child, catalog);
  if (parent != nullptr && !parent->partition_columns.empty()) {
    const std::vector<std::string>& key = parent->partition_columns;
    if (std::none_of(key.begin(), key.end(), [](const std::string& c) { return c.empty(); })) return Implies(checks, key, *values);
    // Of an expression nothing is computed here: a CHECK beside it is taken for the one that is needed.
    return std::any_of(child.constraints.begin(), child.constraints.end(), [](const CatalogConstraint& k) { return k.kind == sql::ConstraintKind::kCheck && k.valid; });
  }
  // The table's definition was never seen: whichever column it is partitioned by.
  return std::any_of(checks.atoms().begin(), checks.atoms().end(), [&](const Atom& a) { return Implies(checks, {std::string(a.column)}, *values); });
}

}  // namespace pawl
