// enum-value-without-position: an enum value is added without BEFORE or AFTER.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kEnumValueWithoutPosition;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterEnum>();
  if (!alter.new_value.empty() || !alter.neighbour.empty()) return;
  context.Report(kEnumValueWithoutPosition, context.statement.span, absl::StrCat("'", alter.value, "' goes behind all other values of ", Quoted(alter.name)))
      .Why("ORDER BY and comparisons of an enum go by the order of its values, and a value's place cannot be changed later")
      .Help("say where it belongs: BEFORE or AFTER another value");
}

}  // namespace

constinit const Rule kEnumValueWithoutPosition = {
    .info = {
        .name = "enum-value-without-position",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "an enum value is added without BEFORE or AFTER",
        .page = {
            .what = "`ALTER TYPE ... ADD VALUE` without `BEFORE` or `AFTER`.",
            .why = "The new value sorts behind all others. Sorting and `<` follow the order of the values, databases that got their "
                   "values in another order sort differently, and the place is final.",
            .instead = "`ADD VALUE 'shipped' AFTER 'paid'`.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, ALTER TYPE, ADD VALUE",
            .elsewhere = "squawk require-enum-value-ordering; pgfence alter-enum-no-ordering",
            .bad = "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'shipped';\n",
            .good = "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'shipped' AFTER 'paid';\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterEnum},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
