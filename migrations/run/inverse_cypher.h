// What would undo the schema commands of a migration that has no undo script: for a person to look at and to put into one. Nothing runs it.
#ifndef PAWL_MIGRATIONS_RUN_INVERSE_CYPHER_H_
#define PAWL_MIGRATIONS_RUN_INVERSE_CYPHER_H_

#include <string>

#include "migrations/set/migration_set.h"

namespace pawl {

// Lines of Cypher, last command first. What cannot be derived is a comment that says so: data, what has no name, and what was dropped and
// no migration of the set has made. "" if `m` changes nothing. The history before `m` tells how a dropped constraint or index was made.
std::string InverseOfCypher(const MigrationSet& set, const Migration& m);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_INVERSE_CYPHER_H_
