// drop-view-or-routine: DROP VIEW, MATERIALIZED VIEW, FUNCTION, PROCEDURE, AGGREGATE.
//
// With CASCADE drop-cascade speaks.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kDropViewOrRoutine;

namespace {

// A function that is dropped behind its trigger, or behind a table (drop-table has spoken): nobody calls a trigger's function.
bool OfTrigger(const StatementContext& context) {
  for (const StatementFacts& f : FactsBefore(context)) {
    if (f.statement->kind != sql::StatementKind::kDrop) continue;
    const sql::ObjectType type = f.statement->As<sql::Drop>().type;
    if (type == sql::ObjectType::kTrigger || type == sql::ObjectType::kTable) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  bool routine = false;
  switch (drop.type) {
    case sql::ObjectType::kFunction: routine = true; if (OfTrigger(context)) return; break;
    case sql::ObjectType::kProcedure:
    case sql::ObjectType::kRoutine:
    case sql::ObjectType::kAggregate: routine = true; break;
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView: break;
    default: return;
  }
  if (drop.cascade) return;
  const NameKind kind = KindOf(drop.type);
  std::vector<std::string> gone;
  Span span;
  const sql::Statement* again = nullptr;
  for (const sql::Name& name : drop.names) {
    if (!OthersKnow(context, kind, name)) continue;
    const LaterStatement later = GivenLater(context, kind, name);
    if (later.statement != nullptr) {
      // Made again: a replacement. Outside a transaction it is missing for a moment, if it is there at all.
      const bool known = routine ? context.catalog.FindFunction(name) != nullptr : context.catalog.FindTable(name) != nullptr;
      if (later.same_transaction || !known) continue;
      again = later.statement;
    }
    if (gone.empty()) span = NameSpan(context, name);
    gone.push_back(Quoted(name));
  }
  if (gone.empty()) return;
  const std::string names = absl::StrJoin(gone, ", ");
  const std::string what = absl::StrCat(Words(drop.type), gone.size() > 1 ? "s " : " ", names);
  if (again != nullptr) {
    FindingBuilder f = context.Report(kDropViewOrRoutine, span, absl::StrCat(what, gone.size() > 1 ? " are" : " is", " missing from here to ", AtLine(context, *again)));
    f.Why("each statement commits on its own: queries in between fail, and so it stays if the script stops there");
    f.Help(routine ? "put both statements into one transaction, or use CREATE OR REPLACE where the arguments and the result type stay"
                   : "put both statements into one transaction, or use CREATE OR REPLACE VIEW where columns are only added at the end");
    return;
  }
  FindingBuilder f = context.Report(kDropViewOrRoutine, span, absl::StrCat("dropping ", what, " breaks code that still uses ", gone.size() > 1 ? "them" : "it"));
  f.Why(routine ? "calls in running code and in the bodies of other functions, which the server does not check, fail from the moment of commit"
                : "every query of the old code that reads from it fails from the moment of commit, and so do functions whose bodies name it, which the server does not check");
  f.Help("make sure that no running code uses it: deploy the code without it first, then drop it in a later migration");
}

}  // namespace

constinit const Rule kDropViewOrRoutine = {
    .info = {
        .name = "drop-view-or-routine",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kNote,
        .summary = "a view or routine is dropped while code that uses it may run",
        .page = {
            .what = "`DROP VIEW`, `DROP MATERIALIZED VIEW`, `DROP FUNCTION` and `DROP PROCEDURE` take the object away at the moment of commit. The server refuses only if another stored object depends on it; "
                    "what applications send and the bodies of functions are not looked at.",
            .why = "Code that still reads the view or calls the routine fails until its last process is replaced. No rows are lost: the definition can be made again.",
            .instead = "Deploy code without it first, then drop it in a later migration. To change one, drop and create it in the same transaction, or use `CREATE OR REPLACE`.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent where the same transaction makes the object again, for objects made in the same migration, and for functions dropped after a trigger or table in the same script. Overloads of one name "
                      "are not told apart.",
            .references = "PostgreSQL documentation, DROP VIEW, DROP FUNCTION\n"
                          "PostgreSQL documentation, Dependency Tracking",
            .elsewhere = "squawk ban-drop-view, ban-drop-function",
            .bad = "DROP VIEW IF EXISTS active_users;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "BEGIN;\n"
                    "DROP VIEW IF EXISTS active_users;\n"
                    "CREATE VIEW active_users AS SELECT id, name FROM users WHERE active;\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
