// The half of unknown-object that speaks of what is there already.
#ifndef PAWL_RULES_SQL_HISTORY_ALREADY_THERE_H_
#define PAWL_RULES_SQL_HISTORY_ALREADY_THERE_H_

#include "rules/rule.h"

namespace pawl {

extern const Rule kUnknownObject;

// Reports the CREATE or ADD of a name that the complete history has. `altered`: the table of an ALTER TABLE if all of it is known, else null.
void CheckMade(const StatementContext& context, const CatalogTable* altered);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_HISTORY_ALREADY_THERE_H_
