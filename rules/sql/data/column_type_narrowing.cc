// column-type-narrowing: ALTER COLUMN TYPE to a type that cannot hold all that the old one could.
//
// What the change costs is column-type-rewrite's.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kColumnTypeNarrowing;

namespace {

bool IsNumber(std::string_view t) { return absl::StartsWith(t, "int") || absl::StartsWith(t, "numeric") || absl::StartsWith(t, "float"); }
bool IsText(std::string_view t) { return absl::StartsWith(t, "text") || absl::StartsWith(t, "varchar") || absl::StartsWith(t, "bpchar") || absl::StartsWith(t, "citext") || absl::StartsWith(t, "name"); }

// USING column::type, the conversion that the server would make anyway; another expression says what to do with what does not fit.
bool IsPlainCast(const sql::Expr& e, std::string_view column) {
  const sql::Expr* x = &e;
  for (int i = 0; i < 8 && x->kind == sql::ExprKind::kCast && !x->arguments.empty() && x->arguments[0] != nullptr; ++i) x = x->arguments[0];
  return x->kind == sql::ExprKind::kColumn && x->text == column;
}

// The script has looked after the values itself: an UPDATE of the column or a DELETE before.
bool Prepared(const StatementContext& context, const sql::Name& table, std::string_view column) {
  if (RemovedRowsHere(context, table)) return true;
  const std::string key = context.catalog.Resolve(table);
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement->kind != sql::StatementKind::kQuery) continue;
    const auto& q = f.statement->As<sql::Query>();
    if (q.kind != sql::QueryKind::kUpdate || context.catalog.Resolve(q.target) != key) continue;
    for (const sql::Assignment& a : q.assignments) {
      if (a.column == column) return true;
    }
  }
  return false;
}

std::string What(std::string_view from, const sql::TypeName& to, bool cast) {
  const std::string type = TypeText(to);
  if (IsText(type)) {
    const std::string limit = to.modifiers.empty() ? "the limit" : absl::StrCat(to.modifiers[0], " characters");
    return cast ? absl::StrCat("cuts off what is longer than ", limit) : absl::StrCat("fails on a value longer than ", limit);
  }
  if (IsText(from)) return absl::StrCat("fails on a text that is no ", type);
  if (IsNumber(from) && IsNumber(type)) {
    const bool rounds = absl::StartsWith(from, "numeric") || absl::StartsWith(from, "float") || absl::StartsWith(type, "float");
    return rounds ? "rounds values, and fails on one that is out of its range" : "fails on a value that is out of its range";
  }
  if (absl::StartsWith(from, "time") || from == "interval") return "cuts off a part of each value";
  return "fails on a value that it cannot hold, or cuts off a part of it";
}

std::string Probe(const StatementContext& context, const sql::Name& table, const sql::AlterCommand& c, std::string_view from) {
  const std::string type = TypeText(*c.type), name = sql::ToString(table);
  if (IsText(type) && !c.type->modifiers.empty()) return absl::StrCat("SELECT count(*) FROM ", name, " WHERE length(", c.name, "::text) > ", c.type->modifiers[0]);
  std::string_view low, high;
  if (type == "int2") low = "-32768", high = "32767";
  if (type == "int4") low = "-2147483648", high = "2147483647";
  if (!low.empty() && IsNumber(from)) return absl::StrCat("SELECT count(*) FROM ", name, " WHERE ", c.name, " NOT BETWEEN ", low, " AND ", high);
  return "";
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr) return;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kColumnType || c.type == nullptr) continue;
    const CatalogColumn* column = table->FindColumn(c.name);
    if (column == nullptr || column->type.empty() || !IsNarrowing(column->type, TypeText(*c.type))) continue;
    if (c.expression != nullptr && !IsPlainCast(*c.expression, c.name)) continue;
    // No row is looked at: a domain without conditions over the same type, a foreign table.
    if (const Effect* effect = context.EffectOf(c); effect != nullptr && effect->work == Work::kMetadata) continue;
    if (!MayHoldRows(context, alter.name) || Prepared(context, alter.name, c.name)) continue;
    FindingBuilder f = context.Report(kColumnTypeNarrowing, c.type->span.empty() ? c.span : c.type->span,
                                      absl::StrCat("changing `", c.name, "` of ", Quoted(alter.name), " from ", column->type, " to ", TypeText(*c.type), " ",
                                                   What(column->type, *c.type, c.expression != nullptr)));
    f.Why("it depends on the rows that are there: what the column could hold until now, the new type cannot; the deploy stops here, or values are changed for good without a word");
    const std::string probe = Probe(context, alter.name, c, column->type);
    f.Help(absl::StrCat(probe.empty() ? "look first what is in the column" : absl::StrCat("look first what is in the column: ", probe),
                        "; to restrict what comes in, a CHECK constraint (NOT VALID, then VALIDATE) does the same without touching a row"));
    if (column->origin.file != nullptr && column->origin.migration >= 0) f.Note(absl::StrCat("`", c.name, "` comes from here"), column->origin.file, column->origin.span);
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kColumnTypeNarrowing = {
    .info = {
        .name = "column-type-narrowing",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "a type change that can lose data or fail on rows",
        .page = {
            .what = "`ALTER COLUMN ... TYPE` to a type that holds less: a shorter varchar, a smaller integer, a numeric with fewer digits, a timestamp made a date, a text made a number.",
            .why = "If one row does not fit, the server refuses the whole statement, after it has read the table under an `ACCESS EXCLUSIVE` lock. Where the conversion rounds or cuts (numeric to a "
                   "smaller scale, timestamp to date, `USING c::varchar(20)`), values are changed in silence and cannot be had back.",
            .instead = "Look at the rows first. To limit what comes in, add a CHECK constraint NOT VALID and VALIDATE it. To change the type, add a new column, fill it in batches with an expression "
                       "that says what happens to values that do not fit, and change over.",
            .fix_safety = "",
            .versions = "",
            .limits = "The old type comes from the history; where it is not known, the rule is silent. A USING expression other than a cast of the column, and an UPDATE of the column or a DELETE "
                      "earlier in the script, are taken to have dealt with the values.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET DATA TYPE\n"
                          "PostgreSQL documentation, Character Types (an explicit cast truncates without an error)",
            .elsewhere = "strong_migrations change_column; MigrationPilot MP044",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users ADD COLUMN IF NOT EXISTS bio varchar(500);\n"
                   "ALTER TABLE users ALTER COLUMN bio TYPE varchar(100);\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE users ADD CONSTRAINT users_bio_length CHECK (length(bio) <= 100) NOT VALID;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
