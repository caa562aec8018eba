// set-not-null-scan: SET NOT NULL reads every row under ACCESS EXCLUSIVE, unless a valid CHECK proves it.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kSetNotNullScan;

namespace {

bool SaysNotNull(const sql::Expr& e, std::string_view column) {
  if (e.kind == sql::ExprKind::kIsNotNull && !e.arguments.empty()) return e.arguments[0]->kind == sql::ExprKind::kColumn &&
      e.arguments[0]->text == column;
  if (e.kind != sql::ExprKind::kAnd) return false;
  return std::any_of(e.arguments.begin(), e.arguments.end(), [&](const sql::Expr* a) { return a != nullptr && SaysNotNull(*a, column); });
}

// A down script leaves the catalogue as it is: a CHECK that the script itself added and validated is found here.
bool ProvenByScript(const StatementContext& context, std::string_view table, std::string_view column) {
  std::vector<std::string_view> open;
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement == &context.statement || f.statement->kind != sql::StatementKind::kAlterTable) continue;
    const auto& alter = f.statement->As<sql::AlterTable>();
    if (context.catalog.Resolve(alter.name) != table) continue;
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr && c.constraint->kind == sql::ConstraintKind::kCheck &&
          c.constraint->expression != nullptr &&
          SaysNotNull(*c.constraint->expression, column)) {
        if (!c.constraint->not_valid) return true;
        open.push_back(c.constraint->name);
      }
      if (c.kind == sql::AlterKind::kValidateConstraint && std::find(open.begin(), open.end(), c.name) != open.end()) return true;
    }
  }
  return false;
}

// A constraint that the history has not seen, and whose name speaks of nulls or of the column, was validated before: the second
// half of CHECK (... IS NOT NULL) NOT VALID, VALIDATE, SET NOT NULL, whose first half is in a migration that is not here.
bool ValidatedBefore(const StatementContext& context, std::string_view key, std::string_view column) {
  const CatalogTable* table = context.catalog.FindTable(key);
  if (table != nullptr && table->complete) return false;
  for (const StatementFacts& f : context.script.facts) {
    if (f.statement == &context.statement || f.statement->kind != sql::StatementKind::kAlterTable) continue;
    const auto& alter = f.statement->As<sql::AlterTable>();
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind != sql::AlterKind::kValidateConstraint || context.catalog.Resolve(alter.name) != key) continue;
      if (table != nullptr && table->FindConstraint(c.name) != nullptr && !table->FindConstraint(c.name)->check.empty()) continue;
      if (absl::StrContainsIgnoreCase(c.name, "null") || absl::StrContainsIgnoreCase(c.name, column)) return true;
    }
  }
  return false;
}

// The valid CHECK that would have spared the scan, if the same statement drops it; "" if none.
std::string_view ProofDroppedHere(const StatementContext& context, const sql::AlterTable& alter, std::string_view column) {
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr || !table->ProvesNotNull(column)) return "";
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kDropConstraint && table->FindConstraint(c.name) != nullptr) return c.name;
  }
  return "";
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (alter.type != sql::ObjectType::kTable) return;
  FindingBuilder finding(nullptr);
  bool reported = false;
  for (const sql::AlterCommand& c : alter.commands) {
    const bool named = c.kind == sql::AlterKind::kAddConstraint && c.constraint != nullptr &&
        c.constraint->kind == sql::ConstraintKind::kNotNull;  // 18+
    if (c.kind != sql::AlterKind::kSetNotNull && !named) continue;
    const Effect* effect = context.EffectOf(c);
    if (effect == nullptr || !effect->live || effect->work < Work::kScan || EmptiedHere(context, alter.name)) continue;
    const std::string_view column = !named ? c.name : c.constraint->columns.empty() ? std::string_view() : c.constraint->columns[0];
    if (context.script.is_down() && context.script.settings->versions.oldest >= 12 && ProvenByScript(context, effect->object, column)) continue;
    if (context.script.settings->versions.oldest >= 12 && ValidatedBefore(context, effect->object, column)) continue;
    const std::string table = Quoted(alter.name);
    if (reported) {  // the statement goes over the rows once
      finding.Note(absl::StrCat("`", column, "` is checked in the same scan: it needs a constraint of its own"), context.script.file, c.span);
      continue;
    }
    FindingBuilder f = context.Report(kSetNotNullScan, c.span, absl::StrCat("setting `", column, "` NOT NULL reads every row of ", table,
                                                                            " while reads and writes of it wait"));
    f.Why(Holds(context, "ALTER TABLE", table, *effect, "while it looks for nulls"));
    f.Lock(*effect);
    finding = f;
    reported = true;
    if (context.script.settings->versions.oldest < 12) {
      f.Help("before PostgreSQL 12 SET NOT NULL always reads the table: keep a CHECK (... IS NOT NULL) that was added NOT VALID and validated "
             "apart instead");
    } else if (const std::string_view dropped = ProofDroppedHere(context, alter, column); !dropped.empty()) {
      f.Help(absl::StrCat("put DROP CONSTRAINT `", dropped, "` into a statement of its own behind this one: within one ALTER TABLE it is done first, and what proved that there is no null is gone"));
    } else {
      f.Help(NotNullAdvice(context, alter.name, column));
    }
  }
}

}  // namespace

constinit const Rule kSetNotNullScan = {
    .info = {
        .name = "set-not-null-scan",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "SET NOT NULL without a valid CHECK: every row is read under ACCESS EXCLUSIVE",
        .page = {
            .what = "`ALTER COLUMN ... SET NOT NULL` reads the whole table under an `ACCESS EXCLUSIVE` lock to make sure that there is no null.",
            .why = "All reads and writes of the table wait for the scan.",
            .instead = "`ADD CONSTRAINT ... CHECK (column IS NOT NULL) NOT VALID`; `VALIDATE CONSTRAINT` in a transaction of its own; then `SET "
                       "NOT NULL`, which believes the valid "
                       "`CHECK`; then drop the `CHECK`. From PostgreSQL 18: `ADD CONSTRAINT ... NOT NULL column NOT VALID`, then `VALIDATE "
                       "CONSTRAINT`.",
            .fix_safety = "",
            .versions = "Before PostgreSQL 12 the `CHECK` does not spare the scan. `NOT NULL ... NOT VALID` needs PostgreSQL 18.",
            .limits = "A `CHECK` counts when it says `column IS NOT NULL`, alone or joined by AND. Several columns of one statement are one finding.",
            .references = "PostgreSQL documentation, ALTER TABLE, SET NOT NULL",
            .elsewhere = "squawk adding-not-nullable-field; strong_migrations change_column_null; atlas PG303 MF104; eugene E2",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "UPDATE orders SET customer_id = 0 WHERE customer_id IS NULL AND id BETWEEN 1 AND 5000;\n"
                    "ALTER TABLE orders ADD CONSTRAINT orders_customer_id_not_null CHECK (customer_id IS NOT NULL) NOT VALID;\n"
                    "ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_id_not_null;\n"
                    "ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kSetNotNull, sql::AlterKind::kAddConstraint},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
