// json-column: a column of type json instead of jsonb.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kJsonColumn;

namespace {

void Check(const StatementContext& context) {
  for (const TypedColumn& c : TypedColumns(context)) {
    if (!IsBuiltin(*c.type, "json")) continue;
    context.Report(kJsonColumn, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " is json, which cannot be compared"))
        .Why("SELECT DISTINCT, GROUP BY, ORDER BY and UNION over the column fail: the type has no equality operator; every read "
             "parses the text anew")
        .Help("use jsonb, unless the exact text with its white space and order of keys must be kept");
  }
}

}  // namespace

constinit const Rule kJsonColumn = {
    .info = {
        .name = "json-column",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a column of type json instead of jsonb",
        .page = {
            .what = "A column gets the type `json`: the text is stored as it came.",
            .why = "The type has no equality: `SELECT DISTINCT`, `GROUP BY`, `UNION` over a row with the column fail, of queries that "
                   "exist already too (`SELECT DISTINCT *`). It has no GIN index, and each access parses the text anew.",
            .instead = "`jsonb`. Keep `json` only where the text must come back byte for byte.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, JSON Types",
            .elsewhere = "strong_migrations add_column_json; eugene E3; pgsafe prefer-jsonb; pgrubic TP008; postgres-language-server "
                         "preferJsonb",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload json);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
