// A function's body as one call of it runs: for whoever predicts locks.
#ifndef PAWL_ANALYZER_SQL_CALLED_BODY_H_
#define PAWL_ANALYZER_SQL_CALLED_BODY_H_

#include "analyzer/sql/dynamic_text.h"
#include "analyzer/sql/script.h"

namespace pawl::sql {

// As ParseFunctionBody with ParseOptions::as_run, but with these values of its arguments, and not kept: each call parses. In PL/pgSQL only.
List<const Statement*> ParseCalledBody(const SourceFile& file, const Statement& function, Script& script, const DynamicVariables& arguments);

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_CALLED_BODY_H_
