// What a statement does to a server, as facts that a real server can confirm. Rules judge these; they never work out a lock
// for themselves. Sources: PostgreSQL's AlterTableGetLockLevel (tablecmds.c), the documentation's "Explicit Locking" and
// ALTER TABLE notes, and measurement.
#ifndef PAWL_ANALYZER_EFFECTS_EFFECTS_H_
#define PAWL_ANALYZER_EFFECTS_EFFECTS_H_

#include <string_view>

#include "analyzer/catalog/catalog.h"
#include "analyzer/finding/finding.h"
#include "analyzer/source/arena.h"
#include "analyzer/sql/ast.h"

namespace pawl {

// What takes the time while the lock is held, cheapest first. Each but kMetadata grows with the table.
enum class Work : uint8_t { kNone, kMetadata, kScan, kBuild, kRewrite, kRows /* reads or writes rows: DML */ };
std::string_view ToString(Work w);

struct Effect {
  std::string_view object;     // catalogue key of the relation; lives in EffectsInput::arena
  LockMode lock = LockMode::kNone;
  Work work = Work::kNone;
  bool until_commit = true;    // false: CONCURRENTLY forms, VACUUM: not held to the end of a transaction
  bool live = true;            // the relation may be in use by others (see ScriptState::Live)
  bool loses_data = false;
  bool is_index = false;       // `object` is an index
  bool descendant = false;     // a partition or child of the relation that is named, locked along with it
  const char* action = "";     // words for messages: "builds an index", "rewrites the table"
  const sql::AlterCommand* command = nullptr;  // the ALTER TABLE subcommand it belongs to
  Span span;
};

using Effects = List<Effect>;

// Server versions as majors: 12 ... 18. Lint's --server-version list; facts are for the oldest unless a rule asks otherwise.
struct ServerVersions {
  int oldest = 14;
  int newest = 18;
};

struct EffectsInput {
  Arena* arena = nullptr;                // takes the effects and their names
  const sql::Statement* statement = nullptr;
  const Catalog* catalog = nullptr;      // before the statement
  int server_version = 16;
  bool (*live)(const void* state, const CatalogTable* table) = nullptr;  // who is live; null: everything
  const void* live_state = nullptr;
  bool thorough = false;                 // also what takes a look at the whole catalogue and no rule judges: for `pawl locks`
};

// Of each ALTER TABLE subcommand the altered table comes first, then its partitions, then other tables. Nothing is said of the
// relation that a CREATE makes: nobody can see it yet.
Effects ComputeEffects(const EffectsInput& input);

// ---- Facts shared by effects and rules ------------------------------------------------------------------------------

// True when evaluating `e` for each row may give different values, so that ADD COLUMN ... DEFAULT rewrites the table.
// Built-in volatile functions by name (pg_proc.provolatile = 'v'), user functions from the catalogue (unknown: volatile).
// `cause` (may be null) receives the function's name.
bool IsVolatile(const sql::Expr& e, const Catalog& catalog, std::string_view* cause);

enum class TypeChange : uint8_t {
  kFree,             // metadata only
  kIndexRebuild,     // no table rewrite but dependent indexes are rebuilt
  kScan,             // checks every row without rewriting
  kRewrite,
  kUnknown,          // the old type is not known
};
// `from` and `to` as CatalogColumn::type. Source: ATColumnChangeRequiresRewrite, measured on 12-18.
TypeChange ClassifyTypeChange(std::string_view from, std::string_view to, int server_version);
// True when values of `from` may fail or lose information in `to` (varchar(100) -> varchar(50), bigint -> int).
bool IsNarrowing(std::string_view from, std::string_view to);

}  // namespace pawl

#endif  // PAWL_ANALYZER_EFFECTS_EFFECTS_H_
