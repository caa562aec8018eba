// foreign-key-without-on-delete: a foreign key that does not say what a delete does.
#include "analyzer/sql/scanner.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kForeignKeyWithoutOnDelete;

namespace {

// The words ON DELETE stand in the statement at or behind the constraint: NO ACTION that is written is a decision, too.
bool SaysOnDelete(const StatementContext& context, const sql::Constraint& k) {
  if (k.on_delete != 'a') return true;
  const Span behind{k.span.begin, context.facts.top->span.end};
  sql::Scanner scanner(context.script.file->text(), behind);
  bool on = false;
  int depth = 0;
  bool references = false;
  for (sql::Token t = scanner.NextCode(); t.kind != sql::TokenKind::kEnd; t = scanner.NextCode()) {
    if (t.kind == sql::TokenKind::kOpen) ++depth;
    if (t.kind == sql::TokenKind::kClose && --depth < 0) return false;
    if ((t.kind == sql::TokenKind::kComma && depth == 0) || t.kind == sql::TokenKind::kSemicolon) return false;
    if (references && on && scanner.Is(t, "delete")) return true;
    on = scanner.Is(t, "on");
    references |= scanner.Is(t, "references");
  }
  return false;
}

void Check(const StatementContext& context) {
  for (const NewConstraint& k : NewConstraints(context, sql::ConstraintKind::kForeignKey)) {
    if (SaysOnDelete(context, *k.constraint)) continue;
    context.Report(kForeignKeyWithoutOnDelete, k.constraint->span,
                   absl::StrCat("the foreign key from ", Quoted(*k.table), " to ", Quoted(k.constraint->referenced), " does not say what happens on a delete"))
        .Why(absl::StrCat("without ON DELETE, deleting a row of ", Quoted(k.constraint->referenced), " that is referred to fails at the end of the statement, which is not always what was meant"))
        .Help("write the action: ON DELETE RESTRICT, NO ACTION, SET NULL or CASCADE");
  }
}

}  // namespace

constinit const Rule kForeignKeyWithoutOnDelete = {
    .info = {
        .name = "foreign-key-without-on-delete",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a foreign key that does not say what a delete does",
        .page = {
            .what = "A foreign key is declared without an `ON DELETE` clause.",
            .why = "The default, `NO ACTION`, makes deletes fail that application code may count on. A written action shows that "
                   "somebody thought of it.",
            .instead = "`ON DELETE NO ACTION`, `RESTRICT`, `SET NULL` or `CASCADE`, as the data needs it.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Constraints, Foreign Keys",
            .elsewhere = "MigrationPilot MP086",
            .bad = "CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));\n"
                   "CREATE INDEX IF NOT EXISTS items_order_id ON items (order_id);\n",
            .good = "CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id) ON DELETE RESTRICT);\n"
                    "CREATE INDEX IF NOT EXISTS items_order_id ON items (order_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kAddConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
