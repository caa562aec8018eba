// PostgreSQL's node structs, for the few files that read libpg_query's raw tree. Include it after the standard headers: it
// defines macros (ERROR, Max, snprintf ...) that clash with others, which is why no public header may include it.
#ifndef PAWL_ANALYZER_SQL_INTERNAL_PG_TREE_H_
#define PAWL_ANALYZER_SQL_INTERNAL_PG_TREE_H_

extern "C" {
#include "pg_query.h"
#include "postgres.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "pg_query_internal.h"
}
#undef snprintf
#undef vsnprintf
#undef printf
#undef fprintf
#undef sprintf
#undef strerror
#undef Max
#undef Min
#undef Abs

namespace pawl::sql {

// A PostgreSQL List as a C++ range of T*.
template <typename T>
struct Nodes {
  const ::List* list;
  struct Iterator {
    const ListCell* cell;
    T* operator*() const { return static_cast<T*>(cell->ptr_value); }
    Iterator& operator++() {
      ++cell;
      return *this;
    }
    bool operator!=(const Iterator& o) const { return cell != o.cell; }
  };
  Iterator begin() const { return {list == nullptr ? nullptr : list->elements}; }
  Iterator end() const { return {list == nullptr ? nullptr : list->elements + list->length}; }
  int size() const { return list == nullptr ? 0 : list->length; }
};

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_INTERNAL_PG_TREE_H_
