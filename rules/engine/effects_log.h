// What each statement of a run does, kept for comparing runs for several server versions.
#ifndef PAWL_RULES_ENGINE_EFFECTS_LOG_H_
#define PAWL_RULES_ENGINE_EFFECTS_LOG_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "rules/rule.h"

namespace pawl {

class EffectsLog {
 public:
  struct Entry {
    Span statement;
    std::string object;        // catalogue key of a table
    LockMode lock = LockMode::kNone;
    Work work = Work::kNone;
  };

  void Add(const SourceFile& file, const StatementFacts& facts);

  // What the innermost statement at this place does to `object`; with an empty `object`, to the table that it works on most.
  // Lock and work are the strongest; an entry without an object: nothing.
  Entry Find(const SourceFile* file, uint32_t at, std::string_view object) const;

 private:
  absl::flat_hash_map<const SourceFile*, std::vector<Entry>> files_;
};

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_EFFECTS_LOG_H_
