// One form for the many ways to write an expression, so that what a file says can be compared with what a server says of it:
// PostgreSQL shows `status IN ('a', 'b')` as `((status)::text = ANY ((ARRAY['a'::character varying, ...])::text[]))`.
#ifndef PAWL_ANALYZER_SQL_EXPRESSION_FORM_H_
#define PAWL_ANALYZER_SQL_EXPRESSION_FORM_H_

#include <string>
#include <string_view>

namespace pawl::sql {

// Parentheses, white space, letter case, IN, BETWEEN, NOT LIKE, ELSE NULL, schemas of functions and the like make no difference;
// constants are their text ('0' is 0). Without `casts` no type conversion makes one either: a server adds them where the file
// has none. Not SQL; "" if `expression` is not one.
std::string ExpressionForm(std::string_view expression, bool casts);

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_EXPRESSION_FORM_H_
