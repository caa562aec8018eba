// Equality of two SQL texts as PostgreSQL's parser sees them.
#ifndef PAWL_MIGRATIONS_HISTORY_SAME_STATEMENTS_H_
#define PAWL_MIGRATIONS_HISTORY_SAME_STATEMENTS_H_

#include <string>

namespace pawl {

// True if both texts parse and give equal raw parse trees, places in the text apart (PostgreSQL's equalfuncs.c). False when
// one does not parse, holds a NUL byte, or nests too deeply to compare. See sql::ParseScript for which threads may call it.
bool SameStatements(const std::string& a, const std::string& b);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_SAME_STATEMENTS_H_
