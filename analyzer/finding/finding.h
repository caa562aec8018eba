// A finding: what a rule has to say about one place, as plain data. Built by rules, never changed by a report.
#ifndef PAWL_ANALYZER_FINDING_FINDING_H_
#define PAWL_ANALYZER_FINDING_FINDING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/source_file.h"
#include "analyzer/source/span.h"

namespace pawl {

enum class Severity : uint8_t { kOff, kNote, kWarning, kError };
std::string_view ToString(Severity s);                       // "off", "note", "warning", "error"
std::optional<Severity> ParseSeverity(std::string_view s);

enum class Engine : uint8_t { kPostgresql, kNeo4j };
std::string_view ToString(Engine e);                         // "postgresql", "neo4j"

// PostgreSQL's table-level lock modes, weakest first (documentation, "Explicit Locking").
enum class LockMode : uint8_t {
  kNone, kAccessShare, kRowShare, kRowExclusive, kShareUpdateExclusive, kShare, kShareRowExclusive, kExclusive, kAccessExclusive,
};
std::string_view ToString(LockMode m);                       // as in pg_locks: "ShareLock"
std::string_view SqlName(LockMode m);                        // as in SQL: "SHARE"
inline bool BlocksReads(LockMode m) { return m == LockMode::kAccessExclusive; }
inline bool BlocksWrites(LockMode m) { return m >= LockMode::kShare; }

struct TextEdit {
  Span span;                   // bytes to replace, in the finding's file
  std::string text;
};

struct Fix {
  bool safe = true;            // false: shown, applied only with --unsafe-fixes
  std::string description;     // imperative, no full stop: "add CONCURRENTLY"
  std::vector<TextEdit> edits; // ascending, not overlapping
};

struct FindingNote {
  std::string message;
  const SourceFile* file = nullptr;  // null: no place, only words
  Span span;
};

struct FindingLock {
  std::string object;          // schema-qualified table
  LockMode mode = LockMode::kNone;
  bool until_commit = true;    // false: released at the end of the statement
};

// One of the server versions that were asked about in one run, and what a finding is there.
struct FindingVersion {
  int version = 0;             // PostgreSQL's major
  bool holds = false;          // false: the rest says what the statement does there instead
  Severity severity = Severity::kOff;
  std::string message;         // as it would stand in a run for this version alone; "" where it does not hold
  std::string_view work;       // what takes the time there, as ToString(Work): "rewrite", "scan", "metadata" ...; "" if not known
  LockMode lock = LockMode::kNone;
};

// A table whose size is known by --statistics, and for how long its work is likely to take.
struct FindingTable {
  std::string object;          // schema-qualified table
  int64_t rows = -1;           // -1: not known
  int64_t bytes = -1;
  std::string_view work;       // as in FindingVersion
  double least_s = 0, most_s = 0;  // seconds, roughly; both 0: not known
};

// What only a run with --statistics, or for several server versions, can say.
struct FindingDetails {
  std::vector<FindingVersion> versions;  // ascending, all that were asked about; empty: one or none was
  std::vector<FindingTable> tables;
};

struct RuleInfo;

struct Finding {
  const RuleInfo* rule = nullptr;
  Severity severity = Severity::kWarning;
  Engine engine = Engine::kPostgresql;
  const SourceFile* file = nullptr;
  Span span;                   // narrowest range that shows the cause
  Span statement;              // the top-level statement; empty for findings about files
  std::string_view migration;  // its version, "" if none
  std::string message;         // what happens: lower-case start, no full stop, the user's names in backticks
  std::string why;             // the consequence, one sentence, with the lock by name
  std::string help;            // what to do instead
  std::vector<FindingNote> notes;
  std::vector<FindingLock> locks;
  std::optional<Fix> fix;
  std::shared_ptr<FindingDetails> details;  // null: none
  uint64_t fingerprint = 0;    // of rule, path and statement tokens: stable when lines move (fingerprint.h)
  bool any_size = false;       // true of small tables, too (the server refuses): --statistics does not quieten it
  bool suppressed = false;     // kept only for SARIF
  std::string_view suppression_reason;
};

}  // namespace pawl

#endif  // PAWL_ANALYZER_FINDING_FINDING_H_
