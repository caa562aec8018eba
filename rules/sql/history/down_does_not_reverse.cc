// down-does-not-reverse: up and then down does not give back the schema that was there before.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/catalog/names.h"
#include "rules/sql/common.h"
#include "rules/sql/history/schema_delta.h"

namespace pawl {

extern const Rule kDownDoesNotReverse;

namespace {

constexpr size_t kNamed = 3;

// Functions that a script calls for their own sake and that leave the schema alone. Any other call of a SELECT without FROM
// may do anything.
bool LeavesSchemaAlone(std::string_view function) {
  constexpr std::string_view kKnown[] = {"set_config", "current_setting", "setval",  "nextval", "currval", "lastval", "now",  "version", "pg_sleep", "pg_notify",
                                         "count",      "max",             "min",     "coalesce", "to_regclass", "pg_get_serial_sequence", "concat", "format", "md5", "random",
                                         "gen_random_uuid", "uuid_generate_v4", "pg_advisory_lock", "pg_advisory_unlock", "pg_advisory_xact_lock", "row_number", "array_agg",
                                         "string_agg", "jsonb_build_object", "json_build_object", "lower", "upper", "exists"};
  return std::find(std::begin(kKnown), std::end(kKnown), function) != std::end(kKnown);
}

bool CallsUnknown(const sql::Expr& e, int depth) {
  if (e.kind == sql::ExprKind::kCall && !LeavesSchemaAlone(e.text)) return true;
  if (depth > 16) return true;
  return std::any_of(e.arguments.begin(), e.arguments.end(), [&](const sql::Expr* a) { return a != nullptr && CallsUnknown(*a, depth + 1); });
}

// Nobody can tell what the statement does to the schema.
bool IsOpaque(const sql::Statement& s) {
  if (s.inside == sql::Inside::kExecute) return true;  // names put together at run time
  switch (s.kind) {
    case sql::StatementKind::kNotUnderstood:
    case sql::StatementKind::kSyntaxError:
    case sql::StatementKind::kClientCommand:
    case sql::StatementKind::kCall:
      return true;
    case sql::StatementKind::kTransaction: {
      const auto kind = s.As<sql::Transaction>().kind;
      return kind == sql::TransactionKind::kRollback || kind == sql::TransactionKind::kRollbackTo;
    }
    case sql::StatementKind::kQuery: {
      const auto& q = s.As<sql::Query>();
      if (q.kind != sql::QueryKind::kSelect) return false;
      return std::any_of(q.values.begin(), q.values.end(), [](const sql::Expr* e) { return e != nullptr && CallsUnknown(*e, 0); });
    }
    case sql::StatementKind::kOther:
      return s.tag == "DropOwnedStmt" || s.tag == "ImportForeignSchemaStmt";
    default:
      return false;
  }
}

bool IsOpaque(const ScriptContext& script) {
  if (script.script->not_understood > 0 || script.ref->commented) return true;
  for (const StatementFacts& f : script.facts) {
    if (IsOpaque(*f.statement)) return true;
  }
  // Templates are masked before parsing: the names are not the real ones.
  const std::string_view text = script.Text(script.ref->section);
  return absl::StrContains(text, "{{") || absl::StrContains(text, "${");
}

// The schema or the rows are different after it.
bool DoesSomething(const sql::Statement& s) {
  switch (s.kind) {
    case sql::StatementKind::kTransaction:
    case sql::StatementKind::kVariableSet:
    case sql::StatementKind::kLockTable:
    case sql::StatementKind::kExplain:
    case sql::StatementKind::kComment:
    case sql::StatementKind::kVacuum:
      return false;
    case sql::StatementKind::kQuery: {
      const auto& q = s.As<sql::Query>();
      return q.kind != sql::QueryKind::kSelect || q.select_into;
    }
    default:
      return true;
  }
}

// The author says that something is meant to stay, or the down refuses to run.
bool SaysWhy(std::string_view script) {
  const std::string text = absl::AsciiStrToLower(script);
  for (std::string_view phrase : {"raise exception", "irreversible", "not reversible", "intentional", "deliberate", "on purpose", "cannot be", "can't be", "can not be", "cannot restore", "can't restore",
                                  "not possible", "impossible"}) {
    if (absl::StrContains(text, phrase)) return true;
  }
  return false;
}

bool MentionedBefore(const ScriptContext& script, std::string_view name) {
  for (int i = 0; i < script.migration_index; ++i) {
    const auto& up = script.set->migrations[i].up;
    if (up && Mentions(up->file->Slice(up->section), name)) return true;
  }
  return false;
}

// IF [NOT] EXISTS and OR REPLACE say that the author did not know whether the object was there; the migrations before tell.
bool Certain(const ScriptContext& script, const DeltaObject& o) {
  if (!o.weak) return true;
  if (!script.set->ordered) return false;
  return MentionedBefore(script, o.before.name) == (o.existed == Existed::kYes);
}

std::string NameOf(const DeltaObject& o) {
  const DeltaId& id = o.exists && o.existed == Existed::kNo ? o.now : o.before;
  switch (o.kind) {
    case DeltaKind::kColumn: return absl::StrCat("column `", id.table, ".", id.name, "`");
    case DeltaKind::kColumnType:
    case DeltaKind::kColumnNull:
    case DeltaKind::kColumnDefault: return absl::StrCat("the ", o.kind == DeltaKind::kColumnNull ? "nullability" : o.word, " of `", id.table, ".", id.name, "`");
    case DeltaKind::kIndex: return absl::StrCat(o.word, " `", id.name, "`");
    case DeltaKind::kConstraint:
    case DeltaKind::kTrigger:
    case DeltaKind::kPolicy: return absl::StrCat(o.word, " `", id.name, "` of `", id.table, "`");
    case DeltaKind::kEnumValue: return absl::StrCat("value `", id.name, "` of type `", id.table, "`");
    default: return id.schema.empty() || id.schema == "public" ? absl::StrCat(o.word, " `", id.name, "`") : absl::StrCat(o.word, " `", id.schema, ".", id.name, "`");
  }
}

enum class Outcome : uint8_t { kLeft, kLost, kRenamed, kChanged };

Outcome OutcomeOf(const DeltaObject& o) {
  if (o.kind >= DeltaKind::kColumnType) return Outcome::kChanged;
  if (o.existed == Existed::kNo) return Outcome::kLeft;
  return o.exists ? Outcome::kRenamed : Outcome::kLost;
}

std::string NoteOf(const DeltaObject& o) {
  switch (OutcomeOf(o)) {
    case Outcome::kLeft: return absl::StrCat("the up makes ", NameOf(o), " here");
    case Outcome::kLost:
      if (o.replaced) return absl::StrCat("the up replaces ", NameOf(o), " here, which an earlier migration has made");
      if (!o.with_column.empty()) return absl::StrCat(NameOf(o), " goes with column `", o.with_column, "` here");
      return absl::StrCat("the up drops ", NameOf(o), " here");
    case Outcome::kRenamed: return absl::StrCat("the up renames ", NameOf(o), " to `", o.now.name, "` here");
    case Outcome::kChanged:
      if (!o.new_type.empty()) return absl::StrCat("the up changes ", NameOf(o), " here: it was ", o.old_type, ", and the down makes it ", o.new_type);
      return absl::StrCat("the up changes ", NameOf(o), " here");
  }
  return {};
}

const sql::Statement* FirstStatement(const ScriptContext& script) {
  for (const sql::Statement* s : script.script->statements) {
    if (DoesSomething(*s)) return s;
  }
  return nullptr;
}

// A function that is replaced has the arguments of the older one; with others it is another function.
bool SameArguments(const ScriptContext& up, const Replaced& r) {
  return r.what != Replaced::What::kFunction || FoldText(FirstParenthesis(up.Text(r.statement->span)), true) == r.text;
}

void Check(const ScriptContext& script) {
  if (!script.is_down() || script.up == nullptr || script.migration->repeatable || script.migration->no_op_down_allowed) return;
  const sql::Statement* first = FirstStatement(script);
  if (first == nullptr) return;  // empty-down speaks
  const ScriptContext& up = *script.up;
  if (IsOpaque(script) || IsOpaque(up)) return;

  SchemaDelta delta;
  // What the catalogue says of the time before holds where no migration is missing.
  size_t taken = script.set->complete ? 0 : up.replaced.size();
  for (const StatementFacts& f : up.facts) {
    delta.Apply(*f.statement, /*down=*/false);
    for (; taken < up.replaced.size() && up.replaced[taken].statement == f.statement; ++taken) {
      if (SameArguments(up, up.replaced[taken])) delta.Take(up.replaced[taken]);
    }
  }
  for (const StatementFacts& f : script.facts) delta.Apply(*f.statement, /*down=*/true);
  const std::string_view up_text = up.Text(up.ref->section);
  std::vector<const DeltaObject*> left = delta.Unreversed();
  if (left.empty() || SaysWhy(script.Text(script.ref->section))) return;
  std::optional<bool> owned;
  std::erase_if(left, [&](const DeltaObject* o) {
    // A sequence that a column owns goes with it.
    if (std::string_view(o->word) == "sequence") {
      if (!owned) owned = absl::StrContainsIgnoreCase(up_text, "owned by");
      if (*owned) return true;
    }
    return !Certain(script, *o);
  });
  if (left.empty()) return;

  // Left over, lost, still renamed, still changed; of each kind the first names.
  std::string said;
  size_t named = 0;
  for (Outcome outcome : {Outcome::kLeft, Outcome::kLost, Outcome::kRenamed, Outcome::kChanged}) {
    std::vector<std::string> names;
    size_t all = 0;
    for (const DeltaObject* o : left) {
      if (OutcomeOf(*o) != outcome) continue;
      ++all;
      if (named + names.size() < kNamed) names.push_back(outcome == Outcome::kRenamed ? absl::StrCat(NameOf(*o), " as `", o->now.name, "`") : NameOf(*o));
    }
    if (names.empty()) continue;
    named += names.size();
    absl::StrAppend(&said, said.empty() ? "the down " : ", ",
                    outcome == Outcome::kLeft      ? "leaves "
                    : outcome == Outcome::kLost    ? "does not bring back "
                    : outcome == Outcome::kRenamed ? "leaves "
                                                   : "does not restore ");
    for (size_t i = 0; i < names.size(); ++i) absl::StrAppend(&said, i == 0 ? "" : i + 1 == names.size() && all == names.size() ? " and " : ", ", names[i]);
    if (all > names.size()) absl::StrAppend(&said, " and ", all - names.size(), " more");
    if (outcome == Outcome::kLeft) absl::StrAppend(&said, " behind");
  }
  const Outcome worst = OutcomeOf(*left[0]);
  FindingBuilder f = script.Report(kDownDoesNotReverse, first->span, std::move(said));
  f.Why(worst == Outcome::kLost    ? "after a rollback the older code looks for what is gone, and the up fails if it is run again"
        : worst == Outcome::kLeft  ? "after a rollback the schema is not the one before; the up meets its own remains if it is run again"
                                   : "after a rollback the older code meets a schema that it was not written for");
  f.Help(worst == Outcome::kLost ? "make it again in the down, or say in a comment there why it stays away: `-- irreversible: REASON`"
         : worst == Outcome::kLeft ? "drop it in the down, or say in a comment there why it stays: `-- irreversible: REASON`"
                                   : "change it back in the down, or say in a comment there why it stays: `-- irreversible: REASON`");
  for (size_t i = 0; i < left.size() && i < kNamed; ++i) f.Note(NoteOf(*left[i]), up.file, left[i]->span);
}

}  // namespace

constinit const Rule kDownDoesNotReverse = {
    .info = {
        .name = "down-does-not-reverse",
        .group = RuleGroup::kHistory,
        .severity = Severity::kError,
        .summary = "up and then down does not give back the schema: something is left over or lost",
        .page = {
            .what = "The up makes, drops, renames or changes an object and the down does not undo it, neither by name nor together with its table "
                    "or schema: a table, column, index, constraint, type, view, function, sequence, trigger, policy, schema or extension. So do an index or constraint that goes with a dropped column and does not "
                    "come back with it, a column that gets another type back than it had, and a function that an earlier migration has made, which the up replaces and the down drops.",
            .why = "The runner reports a successful rollback and forgets the version, but the schema is neither the old one nor the new one. The up "
                   "then fails on its own remains, or the older code runs on a schema that it does not know; it comes out when a rollback is needed most.",
            .instead = "Undo in the down every statement of the up, the last first, with the same names. What cannot be undone belongs "
                       "into a comment of the down: `-- irreversible: the old values are not kept`.",
            .fix_safety = "",
            .versions = "",
            .limits = "Names and existence are compared, definitions are not: a function or view that both replace, and a table that is made again "
                      "with other columns, count as restored. What goes with a column, older types and older functions are known where all of a set's migrations are given; of types, built-in ones. Enum values, which PostgreSQL cannot remove, are left out, and so are rows. Nothing is said "
                      "where either script has dynamic SQL, templates, client commands or calls of functions that are not in the file. In the examples, `-- file: NAME` begins a file.",
            .references = "PostgreSQL documentation, ALTER TABLE\nPostgreSQL documentation, Dependency Tracking",
            .elsewhere = "",
            .bad = "-- file: 000001_users_phone.up.sql\n"
                   "ALTER TABLE users ADD COLUMN IF NOT EXISTS phone text;\n"
                   "ALTER TABLE users ADD COLUMN IF NOT EXISTS phone_country text;\n"
                   "-- file: 000001_users_phone.down.sql\n"
                   "ALTER TABLE users DROP COLUMN IF EXISTS phone;\n",
            .good = "-- file: 000001_users_phone.up.sql\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS phone text;\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS phone_country text;\n"
                    "-- file: 000001_users_phone.down.sql\n"
                    "ALTER TABLE users DROP COLUMN IF EXISTS phone_country;\n"
                    "ALTER TABLE users DROP COLUMN IF EXISTS phone;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
