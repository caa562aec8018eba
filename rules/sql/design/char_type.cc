// char-type: a column of type char(n), padded with blanks.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kCharType;

namespace {

void Check(const StatementContext& context) {
  for (const TypedColumn& c : TypedColumns(context)) {
    if (!IsBuiltin(*c.type, "bpchar")) continue;
    context.Report(kCharType, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " is char, padded with blanks to its full length"))
        .Why("blanks at the end are added on write and ignored in comparisons but not in LIKE and regular expressions; shorter "
             "values take the full space")
        .Help("use text, with a CHECK (length(...) = n) where the length is fixed");
  }
}

}  // namespace

constinit const Rule kCharType = {
    .info = {
        .name = "char-type",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a column of type char(n), padded with blanks",
        .page = {
            .what = "A column gets the type `char(n)` (`character`, `bpchar`).",
            .why = "Values are padded with blanks to the full length. Blanks at the end do not count in comparisons, yet they do for "
                   "`LIKE`, regular expressions and clients that read the value. It is neither faster nor smaller than `text`.",
            .instead = "`text`, with a `CHECK` on the length where it is fixed.",
            .fix_safety = "",
            .versions = "",
            .limits = "The one-byte system type `\"char\"` is left alone.",
            .references = "PostgreSQL documentation, Character Types",
            .elsewhere = "squawk ban-char-field; MigrationPilot MP041; pgrubic TP004; diesel-guard char-type; postgres-language-server "
                         "banCharField",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, country char(2));\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, country text);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
