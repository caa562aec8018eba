// Rules as SARIF's reportingDescriptors: what a viewer shows beside a result. Internal to report/.
#ifndef PAWL_REPORT_SARIF_RULES_H_
#define PAWL_REPORT_SARIF_RULES_H_

#include <string>
#include <string_view>

#include "report/json_writer.h"
#include "rules/rule.h"

namespace pawl {

// "error", "warning", "note", "none".
std::string_view SarifLevel(Severity s);
// `rule` may be null.
void WriteSarifRule(JsonWriter& json, const RuleInfo* rule);
// "index-not-concurrent" -> "IndexNotConcurrent"
std::string PascalCase(std::string_view kebab);
// At most `limit` code points, cut at a word's end with "..." in place of the rest.
std::string Shorten(std::string_view s, size_t limit);

}  // namespace pawl

#endif  // PAWL_REPORT_SARIF_RULES_H_
