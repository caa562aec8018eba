// unique-instead-of-primary-key: a table has a unique key of NOT NULL columns, and no primary key.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kUniqueInsteadOfPrimaryKey;

namespace {

bool NotNull(const sql::CreateTable& create, std::string_view name) {
  for (const sql::Column* c : create.columns) {
    if (c->name == name) return c->Find(sql::ConstraintKind::kNotNull) != nullptr || c->Find(sql::ConstraintKind::kIdentity) != nullptr || (c->type != nullptr && IsSerial(*c->type));
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& create = context.statement.As<sql::CreateTable>();
  if (create.temporary || !NewConstraints(context, sql::ConstraintKind::kPrimaryKey).empty()) return;
  for (const NewConstraint& k : NewConstraints(context, sql::ConstraintKind::kUnique)) {
    const List<std::string_view> columns = k.constraint->columns;
    if (columns.empty() || !std::all_of(columns.begin(), columns.end(), [&](std::string_view c) { return NotNull(create, c); })) continue;
    context.Report(kUniqueInsteadOfPrimaryKey, k.constraint->span, absl::StrCat(ColumnList(columns), " of ", Quoted(create.name), " is a primary key in all but name"))
        .Why("logical replication takes only the primary key for its default replica identity, foreign keys need the column list where a "
             "primary key would be found by itself, and tools see a table without a key")
        .Help("declare it PRIMARY KEY");
    return;
  }
}

}  // namespace

constinit const Rule kUniqueInsteadOfPrimaryKey = {
    .info = {
        .name = "unique-instead-of-primary-key",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a table has a unique key of NOT NULL columns, and no primary key",
        .page = {
            .what = "`CREATE TABLE` has a `UNIQUE` constraint over `NOT NULL` columns, and no primary key.",
            .why = "It is as good as a primary key, except that logical replication, tools and foreign keys without a column list do not "
                   "see it.",
            .instead = "`PRIMARY KEY`.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Constraints, Primary Keys",
            .elsewhere = "pg-migration-lint PGM503",
            .bad = "CREATE TABLE IF NOT EXISTS settings (name text NOT NULL UNIQUE, value text);\n",
            .good = "CREATE TABLE IF NOT EXISTS settings (name text PRIMARY KEY, value text);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
