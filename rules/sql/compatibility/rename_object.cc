// rename-object: everything with a name that code or tools may use, beside tables and columns.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kRenameObject;

namespace {

// What ALTER TABLE ... RENAME renames here; kTable if that is a table (rename-table).
sql::ObjectType TypeOf(const StatementContext& context, const sql::Rename& r) {
  if (r.type != sql::ObjectType::kTable) return r.type;
  if (const CatalogTable* t = context.catalog.FindTable(r.name)) return t->type;
  const CatalogIndex* index = nullptr;
  if (context.catalog.FindIndex(r.name, &index) != nullptr) return sql::ObjectType::kIndex;
  return context.catalog.HasSequence(r.name) ? sql::ObjectType::kSequence : sql::ObjectType::kTable;
}

// Indexes, constraints and sequences are named after their table and columns, trigger functions after their trigger, and follow
// the renaming of these: the rule about that has spoken, or the old name was nobody's.
bool Follows(const StatementContext& context, const sql::Rename& r, sql::ObjectType type) {
  const bool routine = KindOf(type) == NameKind::kRoutine;
  const auto leads = [&](const sql::Statement& s) {
    if (s.kind != sql::StatementKind::kRename || &s == &context.statement) return false;
    const auto& t = s.As<sql::Rename>();
    if (routine) return t.type == sql::ObjectType::kTrigger;
    const std::string_view name = type == sql::ObjectType::kConstraint ? r.old_name : r.name.name;
    if (t.type == sql::ObjectType::kColumn) return absl::StrContains(name, t.old_name) || absl::StrContains(r.new_name, t.new_name);
    if (t.type != sql::ObjectType::kTable) return false;
    if (type == sql::ObjectType::kConstraint && (Same({t.name.schema, t.new_name, {}}, r.name) || Same(t.name, r.name))) return true;
    return absl::StrContains(name, t.name.name) || absl::StrContains(r.new_name, t.new_name);
  };
  for (const StatementFacts& f : FactsBefore(context)) {
    if (leads(*f.statement)) return true;
  }
  for (const LaterStatement& l : StatementsAfter(context)) {
    if (leads(*l.statement)) return true;
  }
  return false;
}

struct Consequence {
  std::string why, help;
  bool note = false;
};

Consequence ConsequenceOf(sql::ObjectType type, const std::string& name) {
  Consequence c;
  switch (type) {
    case sql::ObjectType::kIndex:
      c.note = true;
      c.why = "queries do not name indexes, so they go on; planner hints, monitoring, REINDEX jobs and later migrations that name it fail";
      c.help = "search scripts, dashboards and later migrations for the old name; else nothing is to be done";
      break;
    case sql::ObjectType::kConstraint:
    case sql::ObjectType::kDomainConstraint:
      c.note = true;
      c.why = "INSERT ... ON CONFLICT ON CONSTRAINT with the old name fails, and code that tells errors apart by the constraint's name no longer knows this one";
      c.help = "search the code for the old name; where it is used, teach it both names before this migration";
      break;
    case sql::ObjectType::kSchema:
      c.why = absl::StrCat("every name that is qualified with ", name, ", and every search_path that lists it, stops working at the moment of commit: all tables, functions and types in it at once");
      c.help = "make the new schema beside the old one, move the objects over with views of the old names left behind, and drop the old schema when nothing uses it";
      break;
    case sql::ObjectType::kRole:
      c.why = "processes that log in under the old name can no longer connect, and a password stored as MD5 is cleared by the renaming";
      c.help = "make a second role, grant it what the old one has, switch the code, then drop the old role";
      break;
    case sql::ObjectType::kSequence:
      c.why = absl::StrCat("column defaults follow, but code and ORMs that call nextval or setval with ", name, " fail from the moment of commit");
      c.help = "leave the sequence's name alone unless no code names it";
      break;
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain:
    case sql::ObjectType::kAttribute:
      c.why = absl::StrCat("columns follow, but casts to ", name, " in running code, in PL/pgSQL bodies and in drivers that look types up by name fail from the moment of commit");
      c.help = "make the new name beside the old one (CREATE DOMAIN over the type, or a second type), switch the code, drop the old one later; or leave the name alone";
      break;
    case sql::ObjectType::kFunction:
    case sql::ObjectType::kProcedure:
    case sql::ObjectType::kRoutine:
    case sql::ObjectType::kAggregate:
      c.why = absl::StrCat("calls of ", name, " in running code and in the bodies of other functions fail from the moment of commit; only triggers, defaults and views follow");
      c.help = "make the routine under the new name, let the old one call it, and drop the old one in a later migration";
      break;
    default:
      c.why = absl::StrCat("from the moment of commit every query of the old code that names ", name, " fails with \"relation does not exist\"");
      c.help = "make a second one under the new name, switch the code, and drop the old one in a later migration";
      break;
  }
  return c;
}

void Check(const StatementContext& context) {
  const auto& rename = context.statement.As<sql::Rename>();
  const sql::ObjectType type = TypeOf(context, rename);
  switch (type) {
    case sql::ObjectType::kIndex:
    case sql::ObjectType::kView:
    case sql::ObjectType::kMaterializedView:
    case sql::ObjectType::kSequence:
    case sql::ObjectType::kSchema:
    case sql::ObjectType::kType:
    case sql::ObjectType::kDomain:
    case sql::ObjectType::kFunction:
    case sql::ObjectType::kProcedure:
    case sql::ObjectType::kRoutine:
    case sql::ObjectType::kAggregate:
    case sql::ObjectType::kConstraint:
    case sql::ObjectType::kDomainConstraint:
    case sql::ObjectType::kAttribute:
    case sql::ObjectType::kRole: break;
    default: return;  // rename-table, rename-column; triggers, policies and rules are named by nobody
  }
  if (IsPlaceholder(rename.old_name.empty() ? rename.name.name : rename.old_name)) return;  // nobody knows which
  const bool part = !rename.old_name.empty();  // of the object `name`: a constraint, an attribute
  const NameKind kind = KindOf(type);
  const std::string name = part ? absl::StrCat("`", rename.old_name, "`") : Quoted(rename.name);
  const sql::Statement* again = nullptr;
  if (part) {
    const NameKind holder = type == sql::ObjectType::kConstraint ? NameKind::kRelation : NameKind::kType;
    if (type == sql::ObjectType::kConstraint) {
      const CatalogTable* table = context.catalog.FindTable(rename.name);
      if (!context.Live(table)) return;
      const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(rename.old_name);
      if (k != nullptr && MadeHere(context.script, k->origin)) return;
    } else if (!OthersKnow(context, holder, rename.name)) {
      return;
    }
  } else {
    if (!OthersKnow(context, kind, rename.name)) return;
    const sql::Name new_name = {rename.name.schema, rename.new_name, {}};
    if (kind != NameKind::kOther && FreedBefore(context, kind, new_name)) return;  // the second half of a swap
    if (kind == NameKind::kRelation && FindCompatibilityView(context, rename.name, new_name).statement != nullptr) return;
    const LaterStatement later = GivenLater(context, kind, rename.name);
    if (later.same_transaction) return;  // a swap: the name lives on
    again = later.statement;
  }
  const bool may_follow = type == sql::ObjectType::kIndex || type == sql::ObjectType::kConstraint || type == sql::ObjectType::kSequence || kind == NameKind::kRoutine;
  if (may_follow && Follows(context, rename, type)) return;

  Consequence c = ConsequenceOf(type, name);
  if (again != nullptr) {
    if (c.note) return;
    c.why = absl::StrCat("the name comes back on ", AtLine(context, *again), ", but each statement commits on its own: until then code that uses ", name, " fails, and so it stays if the script stops in between");
    c.help = "put both statements into one transaction";
  }
  const Span span = part ? NameSpan(context, {{}, rename.old_name, {}}) : NameSpan(context, rename.name);
  FindingBuilder f = context.Report(kRenameObject, span,
                                    absl::StrCat("renaming ", type == sql::ObjectType::kDomainConstraint ? "constraint" : Words(type), " ", name, " to `", rename.new_name, "` breaks ",
                                                 c.note ? "what uses it by name" : "code that is still running"));
  f.Why(std::move(c.why)).Help(std::move(c.help));
  if (c.note) f.AtSeverity(Severity::kNote);
}

}  // namespace

constinit const Rule kRenameObject = {
    .info = {
        .name = "rename-object",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kWarning,
        .summary = "a schema, view, routine, type, sequence, index, constraint or role is renamed while code that knows the old name runs",
        .page = {
            .what = "`ALTER ... RENAME TO` takes the old name of a schema, view, function, type, sequence or role away at the moment of commit. What the server stores by identity (defaults, views, "
                    "triggers, foreign keys) follows; what is text (applications, bodies of functions, search_path settings) does not.",
            .why = "Old code goes on asking for the old name until its last process is replaced, and gets an error each time. A renamed schema breaks everything in it at once.",
            .instead = "Make the new name beside the old one, switch the code, and drop the old name in a later migration: a second view, a function that calls the other, a domain over a type. "
                       "Or leave the name alone.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent where the same transaction gives the name to another object (a swap, or the \"rename the old type, make the new one\" idiom) and for objects made in the same migration. "
                      "Indexes and constraints are a note, since queries do not name them, and are silent where a table or column that they are named after is renamed too; so are functions where a trigger is.",
            .references = "PostgreSQL documentation, ALTER TYPE, ALTER VIEW, ALTER FUNCTION, ALTER SCHEMA, ALTER SEQUENCE, ALTER INDEX, ALTER ROLE\n"
                          "PostgreSQL documentation, INSERT, ON CONFLICT ON CONSTRAINT",
            .elsewhere = "squawk renaming-object; strong_migrations rename_schema; pgsafe rename",
            .bad = "ALTER TYPE order_status RENAME TO order_state;\n",
            .good = "BEGIN;\n"
                    "ALTER FUNCTION order_total(bigint) RENAME TO order_total_v1;\n"
                    "CREATE FUNCTION order_total(id bigint) RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT order_total_v1(id) $$;\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kRename},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
