#include "analyzer/catalog/dependents.h"

#include <algorithm>
#include <utility>

namespace pawl {
namespace {

bool Contains(const std::vector<std::string>& v, std::string_view s) { return std::find(v.begin(), v.end(), s) != v.end(); }

void Replace(std::vector<std::string>* v, std::string_view from, std::string_view to) {
  for (std::string& s : *v) {
    if (s == from) s = to;
  }
}

// Their order means nothing: the last one takes the place of one that goes.
template <typename Predicate>
void EraseIf(std::vector<CatalogDependent>* v, Predicate goes) {
  for (size_t i = 0; i < v->size();) {
    if (!goes((*v)[i])) {
      ++i;
      continue;
    }
    if (i + 1 < v->size()) (*v)[i] = std::move(v->back());
    v->pop_back();
  }
}

}  // namespace

void DependentList::Drop(Kind kind, std::string_view table, std::string_view name) {
  EraseIf(&all_, [&](const CatalogDependent& d) { return d.kind == kind && d.name == name && d.table == table; });
}

void DependentList::DropTable(std::string_view table) {
  EraseIf(&all_, [&](const CatalogDependent& d) { return d.table == table || Contains(d.uses, table); });
}

void DependentList::DropColumn(std::string_view table, std::string_view column) {
  EraseIf(&all_, [&](const CatalogDependent& d) {
    if (d.table != table) return false;
    const bool of_column = (d.kind == Kind::kDefault || d.kind == Kind::kGenerated) && d.name == column;
    return of_column || Contains(d.columns, column);
  });
}

void DependentList::DropFunction(std::string_view function) {
  EraseIf(&all_, [&](const CatalogDependent& d) { return (d.kind == Kind::kFunction && d.name == function) || Contains(d.functions, function); });
}

void DependentList::Rename(Kind kind, std::string_view table, std::string_view from, std::string_view to) {
  for (CatalogDependent& d : all_) {
    if (d.kind == kind && d.table == table && d.name == from) d.name = to;
  }
}

void DependentList::RenameTable(std::string_view from, const std::string& to) {
  for (CatalogDependent& d : all_) {
    if (d.table == from) d.table = to;
    Replace(&d.uses, from, to);
  }
}

void DependentList::RenameColumn(std::string_view table, std::string_view from, std::string_view to) {
  for (CatalogDependent& d : all_) {
    if (d.table == table) {
      Replace(&d.columns, from, to);
      if (d.kind == Kind::kDefault || d.kind == Kind::kGenerated) {
        if (d.name == from) d.name = to;
      }
    }
    if (Contains(d.uses, table)) Replace(&d.used_columns, from, to);
  }
}

void DependentList::RenameFunction(std::string_view from, const std::string& to) {
  for (CatalogDependent& d : all_) {
    if (d.kind == Kind::kFunction && d.name == from) d.name = to;
    Replace(&d.functions, from, to);
  }
}

}  // namespace pawl
