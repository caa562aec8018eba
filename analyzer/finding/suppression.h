// Comments by which the author of a migration accepts a finding:
//
//     -- pawl: ignore RULE[, RULE...] [until YYYY-MM-DD] [-- reason]        this statement, or the next one
//     -- pawl: ignore-file RULE[, RULE...] [until YYYY-MM-DD] [-- reason]   the whole file
//
// likewise in /* */ and, in Cypher, after //. RULE is a rule, a group of rules, or `all`. A comment inside a statement, or
// behind it on its last line, acts on that statement; any other one on the statement that follows. A comment inside a
// function's or DO block's body acts on the whole top-level statement.
//
// Pure functions over one file; safe to call from any thread.
#ifndef PAWL_ANALYZER_FINDING_SUPPRESSION_H_
#define PAWL_ANALYZER_FINDING_SUPPRESSION_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "analyzer/finding/finding.h"
#include "analyzer/source/source_file.h"

namespace pawl {

// Whether `text` says "pawl:" anywhere: the others need not be read for suppressions.
bool MentionsPawl(std::string_view text);

struct Date {
  int year = 0;
  int month = 0;
  int day = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};
// YYYY-MM-DD of a day that exists.
std::optional<Date> ParseDate(std::string_view s);

struct SuppressedName {
  std::string_view name;          // as written: a rule, a group or "all"; a view of the file's text
  Span span;
  bool used = false;              // a finding matched it (also when the suppression has expired)
};

struct Suppression {
  enum class Kind : uint8_t {
    kStatement,                   // ignore
    kFile,                        // ignore-file
    kMisspelt,                    // a word close to those ("pawl: ingore"): suppresses nothing, is reported
  };
  Kind kind = Kind::kStatement;
  std::string_view word;          // "ignore", "ignore-file", or the misspelt one
  Span word_span;
  std::vector<SuppressedName> names;
  std::string_view stray;         // words behind the names that nothing introduces: a forgotten `--` or `,`
  std::string_view reason;        // "" if none; a view of the file's text
  bool has_until = false;
  std::string_view until_text;
  Span until_span;
  std::optional<Date> until;      // nullopt with has_until: no date, which counts as expired
  Span comment;                   // with its markers, without the line end
  Span directive;                 // from "pawl:" to the end of what was read
  bool removable = false;         // the comment says nothing else: it may be deleted whole
  Span covers;                    // the statement, or the whole file; empty if no statement follows

  // The last day counts.
  bool Expired(Date today) const { return has_until && (!until || *until < today); }
};

// `statements`: the file's top-level statements, {span.begin, full_end}, ascending, of all of its sections. The suppressions
// come in the order of the text. Nearly free for a file that never says "pawl:".
std::vector<Suppression> ParseSuppressions(const SourceFile& file, Engine engine, absl::Span<const Span> statements);

// Sets Finding::suppressed and suppression_reason (a view of `file`'s text) for the findings of `file` among `findings` that an
// unexpired suppression covers, and marks the names used. Pass one file's findings: the rest is only looked at and left alone.
// A statement's suppression is taken before the file's, and the first name before later ones.
void ApplySuppressions(const SourceFile& file, Date today, absl::Span<Suppression> suppressions, absl::Span<Finding> findings);

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_SUPPRESSION_H_
