// rename-column: running code asks for the old name.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kRenameColumn;

namespace {

bool IsColumnRename(const sql::Statement& s) { return s.kind == sql::StatementKind::kRename && s.As<sql::Rename>().type == sql::ObjectType::kColumn; }

// The statement gives this column its name: RENAME COLUMN, ADD COLUMN.
bool GivesColumn(const sql::Statement& s, const sql::Name& table, std::string_view column) {
  if (IsColumnRename(s)) return s.As<sql::Rename>().new_name == column && Same(s.As<sql::Rename>().name, table);
  if (s.kind != sql::StatementKind::kAlterTable || !Same(s.As<sql::AlterTable>().name, table)) return false;
  const auto& commands = s.As<sql::AlterTable>().commands;
  return std::any_of(commands.begin(), commands.end(), [&](const sql::AlterCommand& c) { return c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->name == column; });
}

bool FreesColumn(const sql::Statement& s, const sql::Name& table, std::string_view column) {
  if (IsColumnRename(s)) return s.As<sql::Rename>().old_name == column && Same(s.As<sql::Rename>().name, table);
  if (s.kind != sql::StatementKind::kAlterTable || !Same(s.As<sql::AlterTable>().name, table)) return false;
  const auto& commands = s.As<sql::AlterTable>().commands;
  return std::any_of(commands.begin(), commands.end(), [&](const sql::AlterCommand& c) { return c.kind == sql::AlterKind::kDropColumn && c.name == column; });
}

// The table itself is renamed in this script. Either a view keeps its old name, and old code sees the columns of the view, or
// rename-table has said that old code fails.
bool TableRenamed(const StatementContext& context, const sql::Name& table) {
  for (const StatementFacts& f : FactsBefore(context)) {
    if (f.statement->kind != sql::StatementKind::kRename) continue;
    const auto& r = f.statement->As<sql::Rename>();
    if (KindOf(r.type) == NameKind::kRelation && Same({r.name.schema, r.new_name, {}}, table)) return true;
  }
  for (const LaterStatement& l : StatementsAfter(context)) {
    if (l.statement->kind != sql::StatementKind::kRename) continue;
    const auto& r = l.statement->As<sql::Rename>();
    if (KindOf(r.type) == NameKind::kRelation && Same(r.name, table)) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& rename = context.statement.As<sql::Rename>();
  if (rename.type != sql::ObjectType::kColumn) return;
  const CatalogTable* table = context.catalog.FindTable(rename.name);
  if (!context.Live(table) || rename.name.schema == "pg_temp") return;
  if (table != nullptr) {
    const CatalogColumn* column = table->FindColumn(rename.old_name);
    if (column != nullptr && MadeHere(context.script, column->origin)) return;
  }
  for (const StatementFacts& f : FactsBefore(context)) {
    if (GivesColumn(*f.statement, rename.name, rename.old_name)) return;  // added or named here: nobody knows it
    if (FreesColumn(*f.statement, rename.name, rename.new_name)) return;               // the second half of a swap: the first was judged
  }
  const sql::Statement* again = nullptr;
  for (const LaterStatement& l : StatementsAfter(context)) {
    if (!GivesColumn(*l.statement, rename.name, rename.old_name)) continue;
    if (l.same_transaction) return;  // a swap: the name lives on
    again = l.statement;
    break;
  }
  if (TableRenamed(context, rename.name)) return;

  const std::string where = Quoted(rename.name), old_words = absl::StrCat("`", rename.old_name, "`");
  FindingBuilder f = context.Report(kRenameColumn, NameSpan(context, {{}, rename.old_name, {}}),
                                    absl::StrCat("renaming column ", old_words, " of ", where, " to `", rename.new_name, "` breaks code that is still running"));
  if (again != nullptr) {
    f.Why(absl::StrCat("the name comes back on ", AtLine(context, *again), ", but each statement commits on its own: until then every query that names ", old_words, " fails, and so it stays if the script stops in between"));
    f.Help("put both statements into one transaction");
  } else {
    f.Why(absl::StrCat("from the moment of commit every query of the old code that names ", old_words, " fails with \"column does not exist\", also the INSERTs and SELECTs that an ORM writes"));
    f.Help(absl::StrCat("expand and contract: add `", rename.new_name, "`, have the code (or a trigger) write both, fill the old rows, read the new one, drop ", old_words,
                        " in a later migration; or keep the column's name and map it in the code"));
  }
  if (const Effect* effect = context.EffectOn(context.catalog.Resolve(rename.name))) f.Lock(*effect);
}

}  // namespace

constinit const Rule kRenameColumn = {
    .info = {
        .name = "rename-column",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kWarning,
        .summary = "a column is renamed while code that knows the old name runs",
        .page = {
            .what = "`ALTER TABLE ... RENAME COLUMN` takes the old name away at the moment of commit. Views and foreign keys follow; functions, triggers written in PL/pgSQL and applications do not.",
            .why = "Old and new code run side by side during a deploy. An ORM names every column of a table in every query, so that all of them fail, not only those about this column, until the last old "
                   "process is gone; and rolling the code back no longer works.",
            .instead = "Expand and contract: add a column of the new name, write both (in the code or by a trigger), fill it in batches, read the new one, and drop the old one in a later migration. "
                       "Or put a view with the old column names in the table's place. Or map the name in the code and leave the column alone.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent where the same transaction gives the old name to another column (a swap), where the script renames the table too (rename-table speaks, or a view stands in for it), and for columns added in the same migration.",
            .references = "PostgreSQL documentation, ALTER TABLE, RENAME",
            .elsewhere = "squawk renaming-column; strong_migrations rename_column; atlas BC102; MigrationPilot MP010, MP071",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE users RENAME COLUMN name TO full_name;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER TABLE users ADD COLUMN IF NOT EXISTS full_name text;\n",
        },
    },
    .kinds = {sql::StatementKind::kRename},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
