// Pieces of SQL text: quoting, and what stands inside a statement that the AST has no text of.
#ifndef PAWL_MIGRATIONS_RUN_SQL_TEXT_H_
#define PAWL_MIGRATIONS_RUN_SQL_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

std::string QuoteIdentifier(std::string_view s);  // "users", cut to the 63 bytes that PostgreSQL keeps
std::string QuoteLiteral(std::string_view s);     // 'it''s', with E'' where it holds a backslash

// What stands in the first parentheses after the word `after` (lower case), from byte `begin` on: "a > 0" of CHECK (a > 0). Empty
// if there is none.
std::string_view InParentheses(std::string_view sql, uint32_t begin, std::string_view after);

// The key expressions of CREATE INDEX, without collation, operator class and order, and its predicate. The grammar allows a
// column, a function call, or anything else in parentheses.
bool IndexParts(std::string_view sql, std::vector<std::string>* keys, std::string* where);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_SQL_TEXT_H_
