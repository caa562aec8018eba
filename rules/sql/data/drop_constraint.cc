// drop-constraint: DROP CONSTRAINT of a key or check that keeps the rows sound. The primary key is drop-primary-key's.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/data/constraint.h"

namespace pawl {

extern const Rule kDropConstraint;

namespace {

// CHECK (c IS NOT NULL) whose column is NOT NULL by now: the scaffolding of a SET NOT NULL without a scan.
bool IsScaffolding(const CatalogTable* table, const CatalogConstraint* k, const sql::AlterTable& alter) {
  if (table == nullptr || k == nullptr || k->kind != sql::ConstraintKind::kCheck || k->not_null_column.empty()) return false;
  const CatalogColumn* column = table->FindColumn(k->not_null_column);
  if (column != nullptr && column->not_null) return true;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kSetNotNull && c.name == k->not_null_column) return true;
  }
  return false;
}

bool SameColumns(List<std::string_view> a, const std::vector<std::string>& b) {
  if (a.size() != b.size()) return false;
  for (std::string_view c : a) {
    if (!HasColumn(b, c)) return false;
  }
  return true;
}

bool Replaces(const sql::AlterTable& alter, std::string_view name, const CatalogConstraint* k) {
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.constraint == nullptr) continue;
    if (c.constraint->name == name) return true;
    // A new one of the same kind on the same columns; for a CHECK any other, whatever it says.
    if (k == nullptr || c.constraint->kind != k->kind) continue;
    if (k->kind == sql::ConstraintKind::kCheck || SameColumns(c.constraint->columns, k->columns)) return true;
    // A foreign key over more columns, or fewer, to the same table.
    if (k->kind == sql::ConstraintKind::kForeignKey && absl::EndsWith(k->referenced, absl::StrCat(".", c.constraint->referenced.name))) {
      for (std::string_view column : c.constraint->columns) {
        if (HasColumn(k->columns, column)) return true;
      }
    }
  }
  return false;
}

// Something else, from before or of this script, keeps duplicates out: a key or a whole unique index over these columns or fewer.
bool StillUnique(const StatementContext& context, const sql::AlterTable& alter, const CatalogTable* table, const CatalogConstraint* k) {
  if (table == nullptr || k == nullptr || k->kind != sql::ConstraintKind::kUnique) return false;
  const auto dropped = [&](std::string_view name) {
    for (const sql::AlterCommand& c : alter.commands) {
      if (c.kind == sql::AlterKind::kDropConstraint && c.name == name) return true;
    }
    return false;
  };
  const auto within = [&](const auto& columns) {
    bool all = !columns.empty();
    for (std::string_view c : columns) all = all && !c.empty() && HasColumn(k->columns, c);
    return all;
  };
  const auto adds_key = [&](const sql::AlterTable& a) {
    for (const sql::AlterCommand& c : a.commands) {
      if (c.constraint == nullptr || c.kind != sql::AlterKind::kAddConstraint) continue;
      const bool key = c.constraint->kind == sql::ConstraintKind::kPrimaryKey || c.constraint->kind == sql::ConstraintKind::kUnique;
      if (key && within(c.constraint->columns)) return true;
    }
    return false;
  };
  if (adds_key(alter)) return true;
  for (const CatalogIndex& i : table->indexes) {
    if (i.unique && !i.partial && i.name != k->name && !dropped(i.name) && within(i.columns)) return true;
  }
  for (const sql::Statement* s : Later(context)) {
    if (s->kind == sql::StatementKind::kAlterTable && s->As<sql::AlterTable>().name.name == alter.name.name && adds_key(s->As<sql::AlterTable>())) return true;
    if (s->kind != sql::StatementKind::kCreateIndex) continue;
    const auto& i = s->As<sql::CreateIndex>();
    if (!i.unique || i.where != nullptr || i.table.name != alter.name.name || i.elements.empty()) continue;
    bool all = true;
    for (const sql::IndexElement& e : i.elements) all = all && !e.column.empty() && HasColumn(k->columns, e.column);
    if (all) return true;
  }
  return false;
}

// The constraint is changed rather than dropped: one of its name, or of its kind on its columns, comes in the same script.
bool Replaced(const StatementContext& context, const sql::AlterTable& alter, const CatalogTable* table, std::string_view name, const CatalogConstraint* k) {
  if (Replaces(alter, name, k)) return true;
  for (const sql::Statement* s : Later(context)) {
    if (s->kind == sql::StatementKind::kAlterTable && s->As<sql::AlterTable>().name.name == alter.name.name && Replaces(s->As<sql::AlterTable>(), name, k)) return true;
  }
  if (context.statement.outer != nullptr) {  // in a DO block, the rest of which is not in Later
    for (const StatementFacts& f : context.script.facts) {
      if (f.statement->kind == sql::StatementKind::kDo && f.statement->span.Contains(context.statement.span.begin)) {
        for (const sql::Statement* s : f.statement->As<sql::DoBlock>().statements) {
          if (s->kind == sql::StatementKind::kAlterTable && s->As<sql::AlterTable>().name.name == alter.name.name && Replaces(s->As<sql::AlterTable>(), name, k)) return true;
        }
      }
    }
  }
  if (table == nullptr || k == nullptr) return false;
  for (const CatalogConstraint& other : table->constraints) {
    if (&other != k && other.kind == k->kind && other.columns == k->columns && other.origin.migration == context.script.migration_index) return true;
  }
  return false;
}

std::string_view Lets(const CatalogConstraint* k) {
  if (k == nullptr) return "rows that it kept out";
  switch (k->kind) {
    case sql::ConstraintKind::kForeignKey: return "rows that refer to nothing";
    case sql::ConstraintKind::kUnique: return "duplicates";
    case sql::ConstraintKind::kExclusion: return "rows that exclude each other";
    case sql::ConstraintKind::kNotNull: return "nulls";
    default: return "rows that break it";
  }
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (!IsLive(context, alter.name)) return;
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kDropConstraint || IsPrimaryKey(table, c.name) || MadeHere(context, table, c.name)) continue;
    const CatalogConstraint* k = table == nullptr ? nullptr : table->FindConstraint(c.name);
    if (k == nullptr && table != nullptr && table->complete && c.if_exists) continue;  // gone already, or of another name
    if (IsScaffolding(table, k, alter) || Replaced(context, alter, table, c.name, k) || StillUnique(context, alter, table, k) || GoneLater(context, alter, table, c)) continue;
    FindingBuilder f = context.Report(kDropConstraint, c.span,
                                      absl::StrCat("dropping ", ConstraintWords(k == nullptr ? sql::ConstraintKind::kNull : k->kind), " `", c.name, "` lets ", Lets(k), " into ", Quoted(alter.name)));
    f.Why("nothing checks what is written from now on, and the constraint cannot come back as long as one row breaks it");
    f.Help(k != nullptr && k->kind == sql::ConstraintKind::kUnique
               ? "make sure that no code relies on it (ON CONFLICT needs its index, upserts fail at once without it)"
               : "make sure that no code relies on it; a rollback must add it NOT VALID and clean the rows before it can VALIDATE");
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kDropConstraint = {
    .info = {
        .name = "drop-constraint",
        .group = RuleGroup::kData,
        .severity = Severity::kNote,
        .summary = "DROP CONSTRAINT: nothing checks the rows any more",
        .page = {
            .what = "`ALTER TABLE ... DROP CONSTRAINT` removes a CHECK, FOREIGN KEY, UNIQUE or EXCLUDE constraint, and the index of the latter two.",
            .why = "From the commit on rows come in that the constraint kept out. Adding it back later fails as long as one of them is there. Without a unique constraint `INSERT ... ON "
                   "CONFLICT` on its columns fails at once.",
            .instead = "Drop it only when no code relies on it. To change a constraint, add the new one NOT VALID, VALIDATE it, and drop the old one last.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent where the same script adds a constraint of the same name, or of the same kind on the same columns (any CHECK for a CHECK, a foreign key to the same table with a column in common); where a key or a whole unique index over the columns of a UNIQUE, or fewer, is there; where its columns or its table go too; where it was made in the "
                      "same migration; and for `CHECK (c IS NOT NULL)` once `c` is NOT NULL.",
            .references = "PostgreSQL documentation, ALTER TABLE, DROP CONSTRAINT",
            .elsewhere = "squawk ban-drop-constraint; atlas CD101; pgsafe drop-constraint",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_total_positive;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_total_check, ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kDropConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
