// Cuts one script into transactions and the statements that must stand alone.
#ifndef PAWL_MIGRATIONS_RUN_UNITS_H_
#define PAWL_MIGRATIONS_RUN_UNITS_H_

#include <vector>

#include "migrations/run/plan.h"

namespace pawl {

// Of a parsed script; `text` is what the statements' spans are of (SourceFile::text, or the same with its comment marks blanked).
// A script is one transaction, unless it opens its own, its layout says that it has none, or a statement cannot run in one.
std::vector<PlanUnit> CutIntoUnits(const SourceFile& file, std::string_view text, const sql::Script& script, bool each_alone, std::vector<PlanProblem>* problems);

// PostgreSQL refuses it in a transaction block ("PreventInTransactionBlock" in the server's source).
bool MustStandAlone(const sql::Statement& s);

// The layout's runner would run the statements without a transaction, because the script says so.
bool SaysNoTransaction(const ScriptRef& script, Layout layout);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_UNITS_H_
