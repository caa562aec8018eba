// Whether a condition of PL/pgSQL holds, where that is plain: TG_OP compared with literals, true and false, AND, OR, NOT. Part of the parser.
#ifndef PAWL_ANALYZER_SQL_INTERNAL_CONDITION_H_
#define PAWL_ANALYZER_SQL_INTERNAL_CONDITION_H_

#include <cstdint>
#include <string_view>

namespace pawl::sql {

enum class Truth : uint8_t { kUnknown, kFalse, kTrue };

// `operation`: what TG_OP is; "" if that is not known.
Truth Holds(std::string_view condition, std::string_view operation);

}  // namespace pawl::sql

#endif  // PAWL_ANALYZER_SQL_INTERNAL_CONDITION_H_
