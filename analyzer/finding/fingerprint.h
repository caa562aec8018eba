// A number that names a finding and stays the same when lines move, comments change or the statement is laid out anew. For
// baselines, code scanning and code quality reports. Not cryptographic: somebody who wants two findings to share one can have it.
#ifndef PAWL_ANALYZER_FINDING_FINGERPRINT_H_
#define PAWL_ANALYZER_FINDING_FINGERPRINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "analyzer/finding/finding.h"

namespace pawl {

// Sets Finding::fingerprint from the rule's name, the file's path, the statement (where the finding has none: what it marks) and,
// among findings that are equal in these, their order. Findings of one file must stand together, in the order of the report;
// suppressed ones count too. The same on every machine and in every version of pawl.
void SetFingerprints(absl::Span<Finding> findings);

// The fingerprint of the first of equal findings, and of the `ordinal`-th (from 0) after it.
uint64_t BaseFingerprint(const Finding& f);
uint64_t NthFingerprint(uint64_t base, uint32_t ordinal);

// Hash of a statement without its comments, white space between other than words, letter case outside quotes, and final `;`.
uint64_t HashStatement(std::string_view statement, Engine engine);

// Without "./" in front, or the folder in which pawl runs: one file, one name.
std::string_view StablePath(std::string_view path);

// 16 hexadecimal digits, and back; false if `s` is something else.
std::string FormatFingerprint(uint64_t fingerprint);
bool ParseFingerprint(std::string_view s, uint64_t* fingerprint);

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_FINGERPRINT_H_
