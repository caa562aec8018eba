// float-type: a binary floating-point column.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kFloatType;

namespace {

void Check(const StatementContext& context) {
  for (const TypedColumn& c : TypedColumns(context)) {
    if (!(IsBuiltin(*c.type, "float4") || IsBuiltin(*c.type, "float8"))) continue;
    context.Report(kFloatType, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " is a binary floating-point number"))
        .Why("decimal fractions such as 0.1 are stored inexactly: sums drift, and comparisons for equality fail")
        .Help("use numeric where values are decimal or are compared and added up");
  }
}

}  // namespace

constinit const Rule kFloatType = {
    .info = {
        .name = "float-type",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a binary floating-point column",
        .page = {
            .what = "A column gets the type `real` or `double precision`.",
            .why = "Decimal fractions are stored inexactly, sums depend on the order of rows, and a comparison with `=` fails where a "
                   "person sees equal numbers.",
            .instead = "`numeric` for amounts and quantities. Floating point is right for measurements, and the rule is off unless chosen.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Numeric Types, Floating-Point Types",
            .elsewhere = "pgrubic TP011; pg-migration-lint PGM109",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, rate double precision);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, rate numeric);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
