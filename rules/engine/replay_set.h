// The catalogue that a whole set makes.
#ifndef PAWL_RULES_ENGINE_REPLAY_SET_H_
#define PAWL_RULES_ENGINE_REPLAY_SET_H_

#include "analyzer/catalog/catalog.h"
#include "migrations/set/migration_set.h"
#include "rules/rule.h"

namespace pawl {

// Replays the up scripts of a PostgreSQL set in their order on `catalog`, after settings.start if there is one. Pieces that were not
// understood are counted.
uint32_t ReplaySet(const MigrationSet& set, const LintSettings& settings, Catalog* catalog);

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_REPLAY_SET_H_
