// What a second run of a script meets: statements that fail because the first run, which stopped later, has committed them.
#ifndef PAWL_RULES_SQL_REPEATABLE_RERUN_H_
#define PAWL_RULES_SQL_REPEATABLE_RERUN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"

namespace pawl {

enum class RerunRisk : uint8_t {
  kNone,          // nothing comes after it that could fail
  kAllOrNothing,  // it shares one transaction with all that comes after
  kPartial,       // it commits before something that may fail
};

// A statement, or a part of one, that a second run trips over.
struct RerunPlace {
  const sql::Statement* statement = nullptr;
  Span span;                       // the narrowest place to show
  std::string what;                // "CREATE TABLE `orders`"
  RerunRisk risk = RerunRisk::kNone;
  std::optional<TextEdit> edit;    // makes it repeatable
};

// CREATE ... and ADD ... without IF NOT EXISTS, where the grammar has it. Left out: what the script drops before, temporary
// objects, CREATE INDEX CONCURRENTLY (concurrent-index-if-not-exists says why), bodies that test first or handle the error.
std::vector<RerunPlace> FindCreations(const ScriptContext& script);
// DROP ... without IF EXISTS. Left out: what the script makes before.
std::vector<RerunPlace> FindDrops(const ScriptContext& script);

// Reports `places` as one finding of `rule`, at the first that matters most; nothing where no place has a risk. `clause`: "IF NOT
// EXISTS". `partial_only`: what is all or nothing is not worth a word. Lowered to a note where it is, or where `note` says so.
void ReportRerun(const ScriptContext& script, const Rule& rule, const std::vector<RerunPlace>& places, std::string_view clause, bool partial_only, bool note);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_REPEATABLE_RERUN_H_
