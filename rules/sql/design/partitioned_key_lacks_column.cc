// partitioned-key-lacks-column: a key of a partitioned table lacks a column of the partition key.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kPartitionedKeyLacksColumn;

namespace {

// The first column of the partition key that the list does not have; "an expression" if the key has one.
std::string Missing(const sql::CreateTable& create, List<std::string_view> columns) {
  for (const sql::Expr* e : create.partition_key) {
    if (e->kind != sql::ExprKind::kColumn) return "an expression";
    if (std::find(columns.begin(), columns.end(), e->text) == columns.end()) return absl::StrCat("`", e->text, "`");
  }
  return {};
}

void Judge(const StatementContext& context, const sql::CreateTable& create, List<std::string_view> columns, bool primary, Span span) {
  const std::string missing = Missing(create, columns);
  if (missing.empty()) return;
  const bool expression = missing[0] != '`';
  context.Report(kPartitionedKeyLacksColumn, span, absl::StrCat("the server refuses ", primary ? "the primary key " : "uniqueness of ", ColumnList(columns), ": ", Quoted(create.name), " is partitioned by ", missing))
      .Why("each partition has an index of its own, so that uniqueness over the whole table can only be promised for columns that say in which partition a row is")
      .Help(expression ? "partition by plain columns, or make the key unique in each partition" : absl::StrCat("add ", missing, " to the key"));
}

void JudgeConstraints(const StatementContext& context, const sql::CreateTable& create) {
  for (const sql::ConstraintKind kind : {sql::ConstraintKind::kPrimaryKey, sql::ConstraintKind::kUnique}) {
    for (const NewConstraint& k : NewConstraints(context, kind)) {
      if (!k.constraint->columns.empty()) Judge(context, create, k.constraint->columns, kind == sql::ConstraintKind::kPrimaryKey, k.constraint->span);
    }
  }
}

// The CREATE TABLE of this script, of the last few hundred statements, that made the partitioned table.
const sql::CreateTable* MadeHere(const StatementContext& context, const sql::Name& table) {
  const CatalogTable* known = context.catalog.FindTable(table);
  if (known == nullptr || known->partition_strategy == 0) return nullptr;
  const auto& facts = context.script.facts;
  const size_t first = facts.size() > 500 ? facts.size() - 500 : 0;
  for (size_t i = facts.size(); i-- > first;) {
    const sql::Statement& s = *facts[i].statement;
    if (s.kind == sql::StatementKind::kCreateTable && s.As<sql::CreateTable>().partition_strategy != 0 && SameTable(s.As<sql::CreateTable>().name, table)) return &s.As<sql::CreateTable>();
  }
  return nullptr;
}

void Check(const StatementContext& context) {
  switch (context.statement.kind) {
    case sql::StatementKind::kCreateTable: {
      const auto& create = context.statement.As<sql::CreateTable>();
      if (create.partition_strategy != 0) JudgeConstraints(context, create);
      break;
    }
    case sql::StatementKind::kAlterTable:
      if (const sql::CreateTable* create = MadeHere(context, context.statement.As<sql::AlterTable>().name)) JudgeConstraints(context, *create);
      break;
    default: {
      const auto& index = context.statement.As<sql::CreateIndex>();
      if (!index.unique || index.only) break;
      const sql::CreateTable* create = MadeHere(context, index.table);
      if (create == nullptr) break;
      std::vector<std::string_view> columns;
      for (const sql::IndexElement& e : index.elements) {
        if (e.column.empty()) return;
        columns.push_back(e.column);
      }
      Judge(context, *create, List<std::string_view>(columns.data(), static_cast<uint32_t>(columns.size())), false, context.statement.span);
    }
  }
}

}  // namespace

constinit const Rule kPartitionedKeyLacksColumn = {
    .info = {
        .name = "partitioned-key-lacks-column",
        .group = RuleGroup::kDesign,
        .severity = Severity::kError,
        .summary = "a key of a partitioned table lacks a column of the partition key",
        .page = {
            .what = "A primary key, a unique constraint or a unique index of a partitioned table does not hold all columns of its "
                    "partition key.",
            .why = "The server refuses it: unique constraints on a partitioned table must include all partitioning columns, as each "
                   "partition is indexed apart.",
            .instead = "Add the partition key's columns to the key, or give each partition a unique index of its own.",
            .fix_safety = "",
            .versions = "",
            .limits = "Keys that are added in a later migration than the table are not judged.",
            .references = "PostgreSQL documentation, Table Partitioning, Limitations",
            .elsewhere = "MigrationPilot MP049",
            .bad = "CREATE TABLE IF NOT EXISTS visits (id bigint PRIMARY KEY, at timestamptz NOT NULL) PARTITION BY RANGE (at);\n",
            .good = "CREATE TABLE IF NOT EXISTS visits (id bigint, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE "
                    "(at);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable, sql::StatementKind::kCreateIndex},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kAddConstraint},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
