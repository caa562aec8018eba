// money-type: a column of type money.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kMoneyType;

namespace {

void Check(const StatementContext& context) {
  for (const TypedColumn& c : TypedColumns(context)) {
    if (!IsBuiltin(*c.type, "money")) continue;
    context.Report(kMoneyType, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " is money, whose currency and digits depend on lc_monetary"))
        .Why("the same stored value is read as another currency, with other digits, on a server or in a session with another "
             "lc_monetary; a dump restored there changes the amounts")
        .Help("use numeric, or a bigint of the smallest unit, and a column for the currency");
  }
}

}  // namespace

constinit const Rule kMoneyType = {
    .info = {
        .name = "money-type",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a column of type money",
        .page = {
            .what = "A column gets the type `money`.",
            .why = "What the value means depends on the setting `lc_monetary`: the currency sign, and how many digits are behind the "
                   "point. Neither is stored. Divisions are rounded to cents.",
            .instead = "`numeric(12,2)` or a `bigint` of cents, and the currency in a column of its own.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Monetary Types",
            .elsewhere = "pgrubic TP006; pg-migration-lint PGM104",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price money);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price numeric(12,2));\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
