// varchar-limit: a varchar with a length limit.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kVarcharLimit;

namespace {

void Check(const StatementContext& context) {
  for (const TypedColumn& c : TypedColumns(context)) {
    if (!(IsBuiltin(*c.type, "varchar") && !c.type->modifiers.empty())) continue;
    context.Report(kVarcharLimit, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " has a limit of ", c.type->modifiers[0], " characters in its type"))
        .Why("a limit that turns out too small is found by failing writes; text with a CHECK holds the same and its limit can be "
             "changed without touching views that use the column")
        .Help("use text, and a CHECK (length(...) <= n) where a limit is wanted");
  }
}

}  // namespace

constinit const Rule kVarcharLimit = {
    .info = {
        .name = "varchar-limit",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a varchar with a length limit",
        .page = {
            .what = "A column gets the type `varchar(n)`.",
            .why = "The length is part of the type: views and functions that use the column hold it, too, and a smaller limit scans the "
                   "table under an `ACCESS EXCLUSIVE` lock. It saves no space.",
            .instead = "`text`, with a `CHECK (length(name) <= 100)` where the limit means something: it is added `NOT VALID` and validated "
                       "without blocking.",
            .fix_safety = "",
            .versions = "",
            .limits = "A wider `varchar` is free on all supported servers; the rule is a matter of taste and off unless chosen.",
            .references = "PostgreSQL documentation, Character Types",
            .elsewhere = "squawk prefer-text-field; MigrationPilot MP037; pgrubic TP005; postgres-language-server preferTextField",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, nickname varchar(50));\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, nickname text);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
