// drop-column-drops-constraint: DROP COLUMN that silently takes a key or index along which other columns had a part in.
//
// What is of the dropped column alone is a note of drop-column.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropColumnDropsConstraint;

namespace {

// All columns that the statement drops: what stands on these alone goes on purpose.
std::vector<std::string> Dropped(const sql::AlterTable& alter) {
  std::vector<std::string> out;
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind == sql::AlterKind::kDropColumn) out.emplace_back(c.name);
  }
  return out;
}

bool AllIn(const std::vector<std::string>& columns, const std::vector<std::string>& in) {
  for (const std::string& c : columns) {
    if (!HasColumn(in, c)) return false;
  }
  return true;
}

bool AddsKey(const sql::AlterTable& alter) {
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.constraint != nullptr && c.constraint->kind == sql::ConstraintKind::kPrimaryKey && c.kind != sql::AlterKind::kDropConstraint) return true;
    if (c.kind == sql::AlterKind::kAddColumn && c.column != nullptr && c.column->Find(sql::ConstraintKind::kPrimaryKey) != nullptr) return true;
  }
  return false;
}

// The table gets another primary key, now or later in the script: that of the dropped column goes on purpose.
bool GetsNewKey(const StatementContext& context, const sql::AlterTable& alter) {
  if (AddsKey(alter)) return true;
  for (const sql::Statement* s : Later(context)) {
    if (s->kind == sql::StatementKind::kAlterTable && s->As<sql::AlterTable>().name.name == alter.name.name && AddsKey(s->As<sql::AlterTable>())) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  if (!IsLive(context, alter.name)) return;
  const CatalogTable* table = context.catalog.FindTable(alter.name);
  if (table == nullptr) return;
  const std::vector<std::string> dropped = Dropped(alter);
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kDropColumn) continue;
    CatalogTable rest;
    for (const CatalogConstraint& k : table->constraints) {
      const bool alone = AllIn(k.columns, dropped) && (k.kind != sql::ConstraintKind::kPrimaryKey || GetsNewKey(context, alter));
      bool named = alone;  // dropped by name in the same statement
      for (const sql::AlterCommand& other : alter.commands) named = named || (other.kind == sql::AlterKind::kDropConstraint && other.name == k.name);
      // A CHECK over several columns loses its subject with one of them; a key loses what it kept apart.
      if (!named) rest.constraints.push_back(k);
    }
    for (const CatalogIndex& i : table->indexes) {
      if (!AllIn(i.columns, dropped) || !AllIn(i.other_columns, dropped)) rest.indexes.push_back(i);
    }
    const FallsWith falls = FallsWithColumn(rest, c.name);
    if (falls.shared.empty()) continue;
    FindingBuilder f = context.Report(kDropColumnDropsConstraint, c.span, absl::StrCat("dropping `", c.name, "` silently drops ", Joined(falls.shared), " of ", Quoted(alter.name)));
    f.Why("the server says nothing: what the key kept unique or the index made fast for the other columns is no longer so from the commit on");
    f.Help("decide what the other columns need: build the index or key without this column first (CONCURRENTLY), then drop the old one by name, then the column");
    if (const Effect* effect = context.EffectOf(c)) f.Lock(*effect);
  }
}

}  // namespace

constinit const Rule kDropColumnDropsConstraint = {
    .info = {
        .name = "drop-column-drops-constraint",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "DROP COLUMN silently drops a key or an index that other columns are part of",
        .page = {
            .what = "Dropping a column drops every index and constraint that holds it, also those over several columns, also a partial index that only names it in its condition.",
            .why = "No notice is given. A UNIQUE over two columns is gone where one should have remained, queries by the other columns lose their index and scan the whole table, "
                   "and without its primary key a table can no longer be replicated.",
            .instead = "Build what the remaining columns need before the drop (`CREATE INDEX CONCURRENTLY`), and drop the old index or constraint by name, so that the file says "
                       "what happens.",
            .fix_safety = "",
            .versions = "The same on 12 to 18.",
            .limits = "Only indexes and constraints that the history made are known. An index whose columns all go in the same statement is left alone, and so is a constraint on "
                      "the dropped column alone, unless it is the primary key and no other comes in its place. Views, which stop the drop, are not looked at here.",
            .references = "PostgreSQL documentation, ALTER TABLE, DROP COLUMN (\"Indexes and table constraints involving the column will be automatically dropped as well\")",
            .elsewhere = "",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER TABLE members ADD CONSTRAINT members_team_user_key UNIQUE (team_id, user_id);\n"
                   "ALTER TABLE members DROP COLUMN IF EXISTS team_id;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "DROP INDEX CONCURRENTLY IF EXISTS members_team_user_idx;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kDropColumn},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
