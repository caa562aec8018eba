// Flyway's own test for statements that cannot run in a transaction.
#ifndef PAWL_MIGRATIONS_LAYOUT_FLYWAY_STATEMENTS_H_
#define PAWL_MIGRATIONS_LAYOUT_FLYWAY_STATEMENTS_H_

#include <string_view>

namespace pawl {

// Every statement of `text` is one that Flyway runs outside a transaction, and there is at least one. Statements are told
// apart by a small scanner of quotes, dollar quotes and comments; no parser is at hand when files are discovered.
bool HasOnlyNonTransactionalStatements(std::string_view text);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_LAYOUT_FLYWAY_STATEMENTS_H_
