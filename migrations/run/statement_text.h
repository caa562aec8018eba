// Statements and their places, for messages and logs.
#ifndef PAWL_MIGRATIONS_RUN_STATEMENT_TEXT_H_
#define PAWL_MIGRATIONS_RUN_STATEMENT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "migrations/run/plan.h"

namespace pawl {

// In one line, cut to some hundred bytes between two characters, and UTF-8 whatever the file holds: it is written into the database.
std::string ShownStatement(std::string_view text);

// A statement of Cypher with '' for each string and 0 for each number: two that differ in nothing else are planned alike, since the server takes
// literals for parameters.
std::string WithoutLiterals(std::string_view cypher);

// The line in the file of a position that the server tells (characters from 1; 0: the statement's own line).
uint32_t LineOf(const PlanStatement& s, uint32_t position);

// "0003 (add_email)"
std::string Label(const PlanMigration& m);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_STATEMENT_TEXT_H_
