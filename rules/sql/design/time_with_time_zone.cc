// time-with-time-zone: a time of day with a time zone.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kTimeWithTimeZone;

namespace {

void Check(const StatementContext& context) {
  for (const TypedColumn& c : TypedColumns(context)) {
    if (!IsBuiltin(*c.type, "timetz")) continue;
    context.Report(kTimeWithTimeZone, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " is a time of day with a time zone"))
        .Why("an offset without a date cannot follow summer time, so that the value is wrong for half of the year")
        .Help("use timestamptz for a moment, or time and the name of the zone in a column of its own");
  }
}

}  // namespace

constinit const Rule kTimeWithTimeZone = {
    .info = {
        .name = "time-with-time-zone",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a time of day with a time zone",
        .page = {
            .what = "A column gets the type `time with time zone`.",
            .why = "The type exists for the SQL standard. It holds an offset and no date; which offset a zone has depends on the date.",
            .instead = "`timestamptz` for a moment; `time` and a text column with the zone's name for a time of day.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Date/Time Types",
            .elsewhere = "pgrubic TP002",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, opens_at timetz);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, opens_at time);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
