// Cypher scripts cut into what a runner sends: data in explicit transactions, schema commands and CALL { } IN TRANSACTIONS each alone.
// From the AST; what a statement is, its text never decides.
#ifndef PAWL_MIGRATIONS_RUN_PLAN_CYPHER_H_
#define PAWL_MIGRATIONS_RUN_PLAN_CYPHER_H_

#include <string>
#include <string_view>
#include <vector>

#include "migrations/run/plan.h"

namespace pawl {

// The type that SHOW CONSTRAINTS or SHOW INDEXES tells, which differs between versions ("UNIQUENESS", "NODE_PROPERTY_UNIQUENESS"; "BTREE" of
// an index without a kind before 5.0), as SchemaTarget::kind has it.
std::string SchemaKindOf(std::string_view shown);

// PlanMigrations for a set of Cypher.
std::vector<PlanMigration> PlanCypherMigrations(const PlanRequest& request, std::vector<PlanProblem>* problems);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_PLAN_CYPHER_H_
