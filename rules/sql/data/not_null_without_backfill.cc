// not-null-without-backfill: a column that was added without a value becomes NOT NULL, and no statement has filled it.
//
// Where the column's history is not known, set-not-null-scan speaks alone; a column that is NOT NULL from the start is
// not-null-without-default's.
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kNotNullWithoutBackfill;

namespace {

constexpr int kMaxDepth = 32;

// As SET NOT NULL takes it: c IS NOT NULL, NOT (c IS NULL), alone or as parts of an AND.
void CollectProven(const sql::Expr& e, int depth, std::vector<std::string_view>* out) {
  if (depth > kMaxDepth || e.arguments.empty() || e.arguments[0] == nullptr) return;
  const sql::Expr& first = *e.arguments[0];
  switch (e.kind) {
    case sql::ExprKind::kAnd:
      for (const sql::Expr* a : e.arguments) {
        if (a != nullptr) CollectProven(*a, depth + 1, out);
      }
      return;
    case sql::ExprKind::kIsNotNull:
      if (first.kind == sql::ExprKind::kColumn) out->push_back(first.text);
      return;
    case sql::ExprKind::kNot:
      if (first.kind == sql::ExprKind::kIsNull && !first.arguments.empty() && first.arguments[0] != nullptr && first.arguments[0]->kind == sql::ExprKind::kColumn) {
        out->push_back(first.arguments[0]->text);
      }
      return;
    default:
      return;
  }
}

// The columns that the command makes, or proves, not null for the rows that are there.
std::vector<std::string_view> Required(const sql::AlterCommand& c, const CatalogTable* table) {
  std::vector<std::string_view> out;
  if (c.kind == sql::AlterKind::kSetNotNull) {
    out.push_back(c.name);
  } else if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && !c.constraint->not_valid && !c.constraint->not_enforced) {
    const sql::Constraint& k = *c.constraint;
    if (k.kind == sql::ConstraintKind::kCheck && k.expression != nullptr) CollectProven(*k.expression, 0, &out);
    if (k.kind == sql::ConstraintKind::kPrimaryKey || k.kind == sql::ConstraintKind::kNotNull) out.assign(k.columns.begin(), k.columns.end());
  } else if (c.kind == sql::AlterKind::kValidateConstraint && table != nullptr) {
    const CatalogConstraint* k = table->FindConstraint(c.name);
    if (k == nullptr || k->valid) return out;
    if (k->kind == sql::ConstraintKind::kCheck && !k->not_null_column.empty()) {
      out.push_back(k->not_null_column);
      out.insert(out.end(), k->more_not_null_columns.begin(), k->more_not_null_columns.end());
    }
    if (k->kind == sql::ConstraintKind::kNotNull) out.assign(k->columns.begin(), k->columns.end());
  }
  return out;
}

// Added to a table that was there already, so that its rows got a null.
bool AddedToOldTable(const CatalogTable& table, const CatalogColumn& column) {
  if (column.origin.migration < 0 || !table.partition_of.empty() || !table.inherits.empty()) return false;
  return std::tuple(column.origin.migration, column.origin.span.begin) > std::tuple(table.origin.migration, table.origin.span.begin);
}

// The column that this statement itself adds without a value before it requires one.
const sql::AlterCommand* AddedBy(const sql::AlterTable& alter, const sql::AlterCommand& until, std::string_view column) {
  for (const sql::AlterCommand& c : alter.commands) {
    if (&c == &until) break;
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr || c.column->name != column) continue;
    const sql::Column& k = *c.column;
    if (k.Find(sql::ConstraintKind::kNotNull) != nullptr || k.Find(sql::ConstraintKind::kIdentity) != nullptr || k.Find(sql::ConstraintKind::kGenerated) != nullptr) return nullptr;
    if (k.type != nullptr && absl::EndsWith(k.type->name, "serial")) return nullptr;
    const sql::Constraint* d = k.Find(sql::ConstraintKind::kDefault);
    return d == nullptr || IsNullConstant(d->expression) ? &c : nullptr;
  }
  return nullptr;
}

// Something in this script may have filled the column in a way that the catalogue does not see.
bool MayBeFilledUnseen(const StatementContext& context) {
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (&s == &context.statement) break;
    if (s.kind == sql::StatementKind::kNotUnderstood || s.kind == sql::StatementKind::kSyntaxError || s.kind == sql::StatementKind::kCall || s.kind == sql::StatementKind::kClientCommand) return true;
    if (s.kind == sql::StatementKind::kDo && s.As<sql::DoBlock>().statements.empty()) return true;
    if (s.kind != sql::StatementKind::kQuery || s.As<sql::Query>().kind != sql::QueryKind::kSelect) continue;
    for (const sql::Expr* v : s.As<sql::Query>().values) {  // SELECT backfill()
      if (v != nullptr && v->kind == sql::ExprKind::kCall && v->text != "set_config" && v->text != "setval") return true;
    }
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  for (const sql::AlterCommand& c : alter.commands) {
    for (std::string_view name : Required(c, table)) {
      const sql::AlterCommand* added_here = AddedBy(alter, c, name);
      const CatalogColumn* column = table == nullptr ? nullptr : table->FindColumn(name);
      if (added_here == nullptr) {
        if (column == nullptr || column->backfilled || column->identity || column->generated || column->not_null || !AddedToOldTable(*table, *column)) continue;
        if (table->ProvesNotNull(name)) continue;
      }
      if (!MayHoldRows(context, alter.name)) continue;
      if (added_here == nullptr && (RemovedRowsHere(context, alter.name) || MayBeFilledUnseen(context))) continue;
      const bool same_migration = added_here != nullptr || column->origin.migration == context.script.migration_index;
      // What an application or a job wrote since an earlier migration is not in the files.
      FindingBuilder f = context.Report(kNotNullWithoutBackfill, c.span,
                                        absl::StrCat("requiring `", name, "` of ", Quoted(alter.name), same_migration
                                                         ? " fails on every row from before: nothing has filled it since it was added"
                                                         : " fails if a row from before has no value: no migration has filled it since it was added"));
      if (!same_migration) f.AtSeverity(Severity::kNote);
      f.Why(absl::StrCat("the column was added without a default, so the rows that stood there have a null in `", name, "`; the server looks at each and refuses the statement at the first one"));
      f.Help(same_migration ? absl::StrCat("add the column with a DEFAULT, or fill `", name, "` in batches after this migration and require it in a later one")
                            : absl::StrCat("fill `", name, "` in batches before this migration; if a job outside of the migrations has done it, accept this finding with a comment that says so"));
      if (added_here != nullptr) {
        f.Note("added here, without a value", context.script.file, added_here->span);
      } else if (column->origin.file != nullptr) {
        f.Note("added here, without a value", column->origin.file, column->origin.span);
      }
      if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
      break;  // one finding a command
    }
  }
}

}  // namespace

constinit const Rule kNotNullWithoutBackfill = {
    .info = {
        .name = "not-null-without-backfill",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "SET NOT NULL on a column that was added without a value and that nothing fills",
        .page = {
            .what = "A column was added to a table with rows, without a default. Now it is made NOT NULL (or part of a primary key, or a `CHECK (c IS NOT NULL)` is validated), and no statement in "
                    "between fills it: the server refuses with `column \"...\" of relation \"...\" contains null values`.",
            .why = "It works on an empty development database and fails on the first table with a row, in the middle of a deploy.",
            .instead = "`ADD COLUMN ... DEFAULT` where one value fits all rows. Else: add it nullable; let the application write it; fill the old rows in batches; then require it in a later "
                       "migration, by a `CHECK (c IS NOT NULL) NOT VALID`, `VALIDATE`, and `SET NOT NULL`.",
            .fix_safety = "",
            .versions = "",
            .limits = "Only columns that the history itself added with ALTER TABLE are judged. Any UPDATE that assigns the column counts as a backfill, whatever its condition; so does a statement in the "
                      "same script that is not understood or calls a function. A column that an earlier migration added gives a warning only: a job outside of the migrations may have filled it.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET NOT NULL",
            .elsewhere = "",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users ADD COLUMN IF NOT EXISTS country text;\n"
                   "ALTER TABLE users ALTER COLUMN country SET NOT NULL;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS country text NOT NULL DEFAULT 'unknown';\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
