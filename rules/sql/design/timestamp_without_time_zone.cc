// timestamp-without-time-zone: a timestamp without time zone.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kTimestampWithoutTimeZone;

namespace {

void Check(const StatementContext& context) {
  for (const TypedColumn& c : TypedColumns(context)) {
    if (!IsBuiltin(*c.type, "timestamp")) continue;
    context.Report(kTimestampWithoutTimeZone, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " is a timestamp without time zone"))
        .Why("the value says what a clock on a wall showed, not when: now() stored by two sessions in different time zones differs "
             "by hours, and the hour when summer time ends comes twice")
        .Help("use timestamptz: it is as large, and stores the moment");
  }
}

}  // namespace

constinit const Rule kTimestampWithoutTimeZone = {
    .info = {
        .name = "timestamp-without-time-zone",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a timestamp without time zone",
        .page = {
            .what = "A column gets the type `timestamp` (without time zone).",
            .why = "It stores what a clock showed, and not where. Sessions with different `TimeZone` settings write and read different "
                   "moments, and local times around a change to summer time are ambiguous.",
            .instead = "`timestamptz`: eight bytes as well, stored in UTC, shown in the session's time zone.",
            .fix_safety = "",
            .versions = "",
            .limits = "Local times that are meant to stay local, such as opening hours, are a good use of `timestamp`; the rule is off "
                      "unless chosen.",
            .references = "PostgreSQL documentation, Date/Time Types",
            .elsewhere = "squawk prefer-timestamp-tz; MigrationPilot MP040; pgrubic TP001; diesel-guard timestamp-type; "
                         "postgres-language-server preferTimestamptz",
            .bad = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, paid_at timestamp);\n",
            .good = "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, paid_at timestamptz);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
