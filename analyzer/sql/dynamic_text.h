// The text that an expression of PL/pgSQL gives, as far as it is written down: literals, variables whose value is known, ||, format(),
// quote_ident() and their like. For EXECUTE.
#ifndef PAWL_ANALYZER_SQL_DYNAMIC_TEXT_H_
#define PAWL_ANALYZER_SQL_DYNAMIC_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace pawl::sql {

// Stands in the text for what is not known; a name with this in it is nobody's.
inline constexpr std::string_view kUnknownPart = "x_unknown_";

struct DynamicValue {
  std::string text;
  bool known = false;    // all of it; else kUnknownPart stands for what is missing
  bool written = false;  // a literal is in it: as the text of a statement it says something
};

// Values of variables, by their names in lower case.
using DynamicVariables = absl::flat_hash_map<std::string, DynamicValue>;

// `expression` ends before USING or INTO, if there are any.
DynamicValue Evaluate(std::string_view expression, const DynamicVariables& variables);

// The elements of ARRAY['a', 'b'], '{a,b}' (with a cast or not) or unnest() of one. Empty where one is not known.
std::vector<std::string> EvaluateArray(std::string_view expression, const DynamicVariables& variables);

// The names of a function's arguments that a call gives, in order, from "(a int, OUT b text)"; "" for one without a name.
std::vector<std::string> ArgumentNames(std::string_view list);

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_DYNAMIC_TEXT_H_
