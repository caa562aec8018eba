#include "migrations/history/same_statements.h"

extern "C" {
#include "pg_query.h"
// PostgreSQL's own headers; they define short macros, so nothing else may follow.
#include "pg_query_internal.h"
#include "nodes/nodes.h"
}

namespace pawl {
namespace {

// In a function of its own, with nothing to destroy: PG_TRY jumps.
bool EqualTrees(const char* a, const char* b) {
  PgQueryInternalParsetreeAndError left = pg_query_raw_parse(a, PG_QUERY_PARSE_DEFAULT);
  PgQueryInternalParsetreeAndError right = pg_query_raw_parse(b, PG_QUERY_PARSE_DEFAULT);
  volatile bool same = false;
  if (left.error == nullptr && right.error == nullptr) {
    MemoryContext context = CurrentMemoryContext;
    PG_TRY();
    { same = equal(left.tree, right.tree); }
    PG_CATCH();
    {
      MemoryContextSwitchTo(context);
      FlushErrorState();
    }
    PG_END_TRY();
  }
  for (PgQueryInternalParsetreeAndError* r : {&left, &right}) {
    free(r->stderr_buffer);
    if (r->error != nullptr) pg_query_free_error(r->error);
  }
  return same;
}

}  // namespace

bool SameStatements(const std::string& a, const std::string& b) {
  if (a.find('\0') != std::string::npos || b.find('\0') != std::string::npos) return false;
  MemoryContext context = pg_query_enter_memory_context();
  const bool same = EqualTrees(a.c_str(), b.c_str());
  pg_query_exit_memory_context(context);
  return same;
}

}  // namespace pawl
