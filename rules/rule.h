// What a rule is, and what it is shown. A rule is data plus one or more small pure functions: it reads facts and reports
// findings; it does no I/O and keeps no state between calls.
//
// To add a rule: rules/<group>/<name>.cc defines `extern const Rule kName;` beside its page, <name>.cases holds its cases, and
// rules/registry.cc gets one line.
#ifndef PAWL_RULES_RULE_H_
#define PAWL_RULES_RULE_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "analyzer/catalog/catalog.h"
#include "analyzer/cypher/forms.h"
#include "analyzer/effects/effects.h"
#include "analyzer/finding/finding.h"
#include "analyzer/source/source_file.h"
#include "analyzer/sql/ast.h"
#include "analyzer/sql/script.h"
#include "migrations/set/migration_set.h"

namespace pawl {

class HistoryComparison;
class TableStatistics;       // rules/statistics.h
struct Conventions;          // rules/conventions.h
struct CypherContext;        // rules/cypher/context.h
struct CypherScriptContext;

enum class RuleGroup : uint8_t { kLocks, kTransactions, kData, kCompatibility, kRepeatable, kHistory, kCypher, kDesign, kSecurity };
std::string_view ToString(RuleGroup g);  // "locks", "transactions", "data", "compatibility", "repeatable", "history", "cypher", "design", "security"

// Everything `pawl explain` and docs/rules show. Every field is whole sentences in Markdown; none is empty except where said.
struct RulePage {
  std::string_view what;         // What happens
  std::string_view why;          // Why it hurts
  std::string_view instead;      // Instead
  std::string_view fix_safety;   // "" if the rule offers no fix
  std::string_view versions;     // "" if the same on all servers
  std::string_view limits;       // Known limits; "" if none known
  std::string_view references;   // documentation section or server source, one a line
  std::string_view elsewhere;    // same rule in other tools: "squawk require-concurrent-index-creation; ..."; "" if none
  std::string_view bad;          // a whole migration file that the rule flags exactly once
  std::string_view good;         // the same purpose, clean under all rules
  int example_version = 0;       // the server version for which `bad` is judged; 0: whatever is the default
  bool example_community = false;  // of Neo4j: `bad` is judged for a Community server
  bool example_complete = false;   // of Neo4j: `bad` is a whole history
  bool example_aura = false;       // of Neo4j: `bad` is judged for Aura
  std::string_view example_forbidden_types = {};  // `bad` is judged with these, comma-separated, as `forbidden-types`
};

struct RuleInfo {
  std::string_view name;         // kebab-case, final
  RuleGroup group;
  Severity severity;             // default; kOff = opt-in
  std::string_view summary;      // one line for `pawl rules`
  RulePage page;
};

// ---- What a rule sees -----------------------------------------------------------------------------------------------

enum class TransactionSource : uint8_t {
  kNone,      // no transaction: each statement commits
  kRunner,    // the runner wraps the script
  kImplicit,  // one simple query of several statements
  kFile,      // BEGIN in the file
  kBody,      // inside a DO block or function: one statement, so one transaction, even where none is open
};

// A timeout setting as it stands before a statement. Milliseconds; kUnset: the script never set it (or a COMMIT/RESET took
// it away); 0: explicitly disabled.
inline constexpr int64_t kUnset = -1;
struct Timeout {
  int64_t ms = kUnset;
  const sql::Statement* set_by = nullptr;
  bool lost_at_commit = false;   // a SET LOCAL was in force earlier and ended with its transaction
};

// One executed statement and what it does. The list of a script is flat: a DO block's entry is followed by those of the
// statements inside it, a call of a function made in this file by those of its body.
struct StatementFacts {
  const sql::Statement* statement = nullptr;
  const sql::Statement* top = nullptr;      // the top-level statement it runs under; == statement at the top level
  Effects effects;
  uint32_t transaction = 0;                 // equal for statements of one transaction
  TransactionSource source = TransactionSource::kNone;
  const sql::Statement* begin = nullptr;    // BEGIN, when source is kFile
  Timeout lock_timeout;
  Timeout statement_timeout;

  bool in_transaction() const { return source != TransactionSource::kNone; }
  // A transaction that other statements share, so that what this one locks stays locked while they run.
  bool in_block() const { return source == TransactionSource::kRunner || source == TransactionSource::kImplicit || source == TransactionSource::kFile; }
};

// What an up takes away or replaces beside what it names, as the catalogue had it: its down has to bring that back.
struct Replaced {
  enum class What : uint8_t { kIndex, kConstraint, kColumnType, kFunction };
  What what = What::kIndex;
  const sql::Statement* statement = nullptr;
  std::string table;            // catalogue key; of a function its own
  std::string name;             // index, constraint, column
  std::string column;           // with which an index or constraint falls
  std::string text;             // the column's type before
};

enum class Edition : uint8_t { kUnknown, kCommunity, kEnterprise };

class StartSchema;  // analyzer/schema/start.h

struct LintSettings {
  ServerVersions versions;
  bool versions_configured = false;         // somebody named them: newer syntax is a finding
  bool runner_sets_lock_timeout = false;    // the runner is pawl
  // Of Neo4j: the language that a statement without a CYPHER prefix is judged by, and the server, if somebody named it.
  cypher::Version cypher_version = cypher::Version::k5;
  int neo4j_oldest = 0, neo4j_newest = 0;   // 404 is 4.4, 526 is 5.26, 202506 is 2025.06; 0: not configured
  Edition edition = Edition::kUnknown;
  bool aura = false;
  const TableStatistics* statistics = nullptr;  // null: sizes are not known
  const Conventions* conventions = nullptr;     // null: the default ones
  const StartSchema* start = nullptr;           // what the history begins with; null: an empty database
};

// Adds a version of Neo4j that migrations must run on: "4.4", "5", "5.26", "2025.06", or a language, "25". False if it is none.
bool AddNeo4jVersion(std::string_view version, LintSettings* settings);

// Builds one finding; `Report(...)` gives it, and it is complete as it stands: the calls add to it.
class FindingBuilder {
 public:
  explicit FindingBuilder(Finding* f) : f_(f) {}
  FindingBuilder& Why(std::string s) { if (f_) f_->why = std::move(s); return *this; }
  FindingBuilder& Help(std::string s) { if (f_) f_->help = std::move(s); return *this; }
  FindingBuilder& Note(std::string s) { if (f_) f_->notes.push_back({std::move(s), nullptr, {}}); return *this; }
  FindingBuilder& Note(std::string s, const SourceFile* file, Span span) { if (f_) f_->notes.push_back({std::move(s), file, span}); return *this; }
  FindingBuilder& Lock(const Effect& e) { if (f_) f_->locks.push_back({std::string(e.object), e.lock, e.until_commit}); return *this; }
  FindingBuilder& SafeFix(std::string description, std::vector<TextEdit> edits) { if (f_) f_->fix = Fix{true, std::move(description), std::move(edits)}; return *this; }
  FindingBuilder& UnsafeFix(std::string description, std::vector<TextEdit> edits) { if (f_) f_->fix = Fix{false, std::move(description), std::move(edits)}; return *this; }
  FindingBuilder& AnySize() { if (f_) f_->any_size = true; return *this; }
  FindingBuilder& AtSeverity(Severity s) { if (f_ && s < f_->severity) f_->severity = s; return *this; }  // lowers, never raises

 private:
  Finding* f_;  // null: the finding is not wanted
};

struct Rule;

// One script in its set, after parsing, while it is replayed.
struct ScriptContext {
  const MigrationSet* set = nullptr;
  const Migration* migration = nullptr;
  int migration_index = 0;                  // in set->migrations
  Direction direction = Direction::kUp;
  const ScriptRef* ref = nullptr;
  const SourceFile* file = nullptr;
  sql::Script* script = nullptr;
  const LintSettings* settings = nullptr;
  const std::vector<bool>* pending = nullptr;       // by index in set->migrations: part of the batch that is not applied yet
  const absl::flat_hash_set<std::string>* created_by_down = nullptr;  // down scripts only: tables this script made itself
  std::vector<StatementFacts> facts;        // complete when script rules run; up to and including the current one for statement rules
  std::vector<Replaced> replaced;           // of an up whose migration has a down
  const ScriptContext* up = nullptr;  // of a down script: its up, replayed just before, its facts and script still alive; null if none
  std::vector<Finding>* out = nullptr;
  bool mentions_pawl = true;          // the file may hold directives of ours (analyzer/finding/suppression.h)

  // The default severity and texts come from the rule; why and help should be set by the caller when they can name things.
  // Cold: few calls of a rule come here, and what builds the texts is kept away from what decides.
  [[gnu::cold]] FindingBuilder Report(const Rule& rule, Span span, std::string message) const;
  std::string_view Text(Span s) const { return file->Slice(s); }
  bool is_down() const { return direction == Direction::kDown; }

  // Others may be using the table: not made in this migration or pending batch, not temporary. A table never seen is live.
  bool Live(const CatalogTable* table) const;
  // Between `-- +goose StatementBegin` and `StatementEnd` (sql-migrate: `-- +migrate`): sent as one query, whatever is in it.
  bool InStatementBlock(uint32_t offset) const;
  // The top-level statement at a place; null if none.
  const sql::Statement* TopLevelAt(uint32_t offset) const;
};

// One statement about to run.
struct StatementContext {
  const ScriptContext& script;
  const StatementFacts& facts;              // this statement's; == script.facts.back()
  const sql::Statement& statement;          // == *facts.statement
  const Catalog& catalog;                   // as it stands before this statement

  [[gnu::cold]] FindingBuilder Report(const Rule& rule, Span span, std::string message) const { return script.Report(rule, span.begin == 0 && span.end == 0 ? statement.span : span, std::move(message)); }
  std::string_view Text(Span s) const { return script.Text(s); }

  // A partition that was made here, filled and attached to a live table is live: writes to that table reach it.
  bool Live(const sql::Name& table) const { return Live(catalog.FindTable(table)); }
  bool Live(const CatalogTable* table) const;
  // The effect on `object` with the strongest lock, or null.
  const Effect* EffectOn(std::string_view object) const;
  const Effect* EffectOf(const sql::AlterCommand& command) const;
};

// The set as a whole, its names and its history, before anything is replayed.
struct SetContext {
  const MigrationSet& set;
  const HistoryComparison* history = nullptr;  // null: no git, no database to compare with
  std::vector<Finding>* out = nullptr;

  FindingBuilder Report(const Rule& rule, const SourceFile* file, Span span, std::string_view version, std::string message) const;
};

// A set of at most 64 kinds.
template <typename Enum>
class SetOf {
 public:
  constexpr SetOf() = default;
  constexpr SetOf(std::initializer_list<Enum> kinds) {
    for (Enum k : kinds) Add(k);
  }
  static constexpr SetOf All() {
    SetOf all;
    all.bits_ = ~uint64_t{0};
    return all;
  }
  constexpr void Add(Enum k) { bits_ |= uint64_t{1} << static_cast<int>(k); }
  constexpr bool Has(Enum k) const { return (bits_ >> static_cast<int>(k)) & 1; }
  constexpr bool Meets(SetOf other) const { return (bits_ & other.bits_) != 0; }

 private:
  uint64_t bits_ = 0;
};
using Kinds = SetOf<sql::StatementKind>;
using AlterKinds = SetOf<sql::AlterKind>;
static_assert(static_cast<int>(sql::StatementKind::kCount) <= 64 && static_cast<int>(sql::AlterKind::kOther) < 64);

struct Rule {
  RuleInfo info;
  Kinds kinds;                                              // for check_statement
  AlterKinds alters = AlterKinds::All();                    // and of ALTER TABLE only those with one of these subcommands
  void (*check_statement)(const StatementContext&) = nullptr;
  void (*check_script)(const ScriptContext&) = nullptr;     // after all statements of the script
  void (*check_set)(const SetContext&) = nullptr;
  bool in_down = true;                                      // also judges down scripts
  void (*check_cypher)(const CypherContext&) = nullptr;     // each statement of a Cypher script
  void (*check_cypher_script)(const CypherScriptContext&) = nullptr;  // after all of them
  // The harm is the time that its work takes, which grows with the table: said with the size where that is known, and not at all
  // of a table that is known to be small (--statistics), but for findings with AnySize.
  bool grows_with_table = false;
};

}  // namespace pawl

#endif  // PAWL_RULES_RULE_H_
