// Where a history speaks of a name: for rules that must know that nothing else made it, or took it away.
#ifndef PAWL_RULES_SQL_HISTORY_MENTION_H_
#define PAWL_RULES_SQL_HISTORY_MENTION_H_

#include <cstdint>
#include <string_view>

#include "analyzer/source/source_file.h"

namespace pawl {

// Where a name stands last in a text.
struct Mention {
  const SourceFile* file = nullptr;  // null: nowhere
  uint32_t at = 0;
};

Mention LastIn(const SourceFile& file, Span section, std::string_view name);

// The name's mention is the statement that took it away: DROP ... name, RENAME ... name TO.
bool WentAway(const Mention& m);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_HISTORY_MENTION_H_
