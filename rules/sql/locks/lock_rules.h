// What the rules about locks ask and say in the same way.
#ifndef PAWL_RULES_SQL_LOCKS_LOCK_RULES_H_
#define PAWL_RULES_SQL_LOCKS_LOCK_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

// A fix may put a statement of its own beside this one: top level, and each statement of the script commits. Not where the
// runner sends the file as one query, in which a second statement would make one transaction of both.
bool MayAddStatement(const StatementContext& context);

// `name` as SQL, in quotes where it needs them or where the statement has it in quotes.
std::string Identifier(const StatementContext& context, std::string_view name);

// "`a`", "`a` and `b`", "`a`, `b` and 3 more".
std::string Listed(const std::vector<std::string>& keys);

// The span just behind the first word `word` (lower case) of the statement, for an insertion; empty if it is not there.
Span WordInStatement(const StatementContext& context, std::string_view word);
Span WordIn(const StatementContext& context, Span in, std::string_view word);

// A lock_timeout in force that is likely to cancel a concurrent build, which waits for every older transaction: 5 s is what
// published runbooks use around CONCURRENTLY.
inline constexpr int64_t kShortForConcurrently = 5 * 1000;  // ms
inline bool ShortForConcurrently(const Timeout& t) { return t.ms > 0 && t.ms < kShortForConcurrently; }

// Adds CONCURRENTLY behind the keyword at `word`: a safe fix, unless the lock_timeout in force is likely to cancel the build.
void OfferConcurrently(const StatementContext& context, Span word, FindingBuilder& finding);

// A later top-level statement of this script drops the table, so that a lock on it before tells nothing new.
bool DroppedLater(const StatementContext& context, std::string_view table_key);

// Tables and views that a statement of this script drops, and none makes again: nobody waits for their locks in the end.
class GoneNames {
 public:
  explicit GoneNames(const ScriptContext& script);
  bool Has(std::string_view key) const;  // "schema.name"

 private:
  struct Names {
    absl::flat_hash_set<std::string_view> plain;  // without a schema
    absl::flat_hash_set<std::string> qualified;
  };
  Names dropped_, made_;
  absl::flat_hash_set<std::string_view> schemas_;
};

// The same for one question.
bool GoneForGood(const ScriptContext& script, std::string_view key);

// Later top-level statements of this transaction that `same` takes for one more of the current: notes of the finding that
// speaks for all of them.
template <typename F>
void NoteOthers(const StatementContext& context, FindingBuilder& finding, F&& same);

// "ALTER TABLE holds an `ACCESS EXCLUSIVE` lock on `t` while it reads every row and until the transaction ends: all reads
// and writes of it wait". `object` names what is locked.
std::string Holds(const StatementContext& context, std::string_view command, std::string_view object, const Effect& effect,
                  std::string_view while_what);

// The name that a constraint has or PostgreSQL would give it (ChooseConstraintName, ChooseIndexName): a free one before the
// statement, unless `first` asks for the one that is tried first.
std::string ConstraintName(const StatementContext& context, const sql::AlterTable& alter, const sql::Constraint& constraint, bool first = false);

// One constraint that an ALTER TABLE adds to a table that others use, with work that grows with the table.
struct AddedConstraint {
  const sql::AlterTable* alter = nullptr;
  const sql::AlterCommand* command = nullptr;
  const sql::Constraint* constraint = nullptr;
  const CatalogTable* table = nullptr;  // null: never seen
  const Effect* effect = nullptr;       // on the table itself
  bool inline_column() const { return command->kind == sql::AlterKind::kAddColumn; }
};
// The constraints of `kind` in this ALTER TABLE whose command does `least` or more on a live table. One that stands in an ADD
// COLUMN which rewrites the table is left out: the rules about rewrites speak of that column.
std::vector<AddedConstraint> AddedConstraints(const StatementContext& context, sql::ConstraintKind kind, Work least);

// What to do instead of checking rows at once, for this script's transactions. No full stop.
std::string NotValidAdvice(const StatementContext& context, const AddedConstraint& added);
// NOT VALID, and VALIDATE behind it where a statement may be added.
void OfferNotValid(const StatementContext& context, const AddedConstraint& added, FindingBuilder& finding);

// "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a, b), then ALTER TABLE ... USING INDEX i", for this table and script.
std::string UsingIndexAdvice(const StatementContext& context, const AddedConstraint& added);

// The ways to SET NOT NULL without a scan under lock, with the user's names. No full stop.
std::string NotNullAdvice(const StatementContext& context, const sql::Name& table, std::string_view column);

// ---- Locks over a whole script ----------------------------------------------------------------------------------------------

// The statement asks for a lock for which reads or writes of a live table must wait, and which a lock_timeout is for: not
// the CONCURRENTLY forms, which wait for others while nobody waits for them, and not NOWAIT. Null if it does not.
// In a down script, given as `rollback`, neither on a table that its up made and that it drops again.
const Effect* BlockingRequest(const StatementFacts& facts, const ScriptContext* rollback = nullptr);

// The first statement of a script that asks for a blocking lock with no lock_timeout in force, and why there is none.
enum class TimeoutGap {
  kNone,           // all are guarded, or the value cannot be read
  kMissing,        // nothing in the script sets it, or a RESET took it away
  kDisabled,       // set to 0
  kLate,           // set only after the statement
  kLost,           // SET LOCAL of a transaction that is over
  kLocalOutside,   // SET LOCAL outside a transaction
};
struct Unguarded {
  TimeoutGap gap = TimeoutGap::kNone;
  const StatementFacts* facts = nullptr;
  const Effect* effect = nullptr;
  const sql::Statement* set = nullptr;  // the SET that does not help; null with kMissing
};
// `but_concurrent`: leaves out what index-not-concurrent and its kin want run CONCURRENTLY, where a short timeout does harm.
Unguarded FirstUnguarded(const ScriptContext& script, bool but_concurrent = false);

template <typename F>
void NoteOthers(const StatementContext& context, FindingBuilder& finding, F&& same) {
  constexpr size_t kShown = 4;
  if (!context.facts.in_block()) return;
  size_t found = 0;
  for (const sql::Statement* s : context.script.script->statements) {
    if (s->span.begin <= context.facts.top->span.begin) continue;
    if (s->kind == sql::StatementKind::kTransaction) {
      const sql::TransactionKind k = s->As<sql::Transaction>().kind;
      if (k == sql::TransactionKind::kCommit || k == sql::TransactionKind::kRollback) break;
    }
    const Span at = same(*s);
    if (at.empty()) continue;
    if (++found <= kShown) finding.Note(absl::StrCat("the same goes for ", context.Text(at)), context.script.file, at);
  }
  if (found > kShown) finding.Note(absl::StrCat("and for ", found - kShown, " more"));
}

// Where to show an effect: its span, else its statement's.
Span SpanOf(const StatementFacts& facts, const Effect& effect);
uint32_t LineOf(const ScriptContext& script, Span span);

// True when this run already reported `rule` in this file (a file that holds an up and a down script).
bool ReportedInFile(const ScriptContext& script, const Rule& rule);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_LOCKS_LOCK_RULES_H_
