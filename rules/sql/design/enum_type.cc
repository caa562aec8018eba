// enum-type: an enum type is made.
#include "absl/strings/str_cat.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kEnumType;

namespace {

void Check(const StatementContext& context) {
  const auto& create = context.statement.As<sql::CreateType>();
  if (create.kind != 'e') return;
  context.Report(kEnumType, create.name.span.empty() ? context.statement.span : create.name.span, absl::StrCat("values of enum ", Quoted(create.name), " can be added later, never removed"))
      .Why("a value that turns out wrong stays, or the type is made anew and every table with it rewritten under an ACCESS EXCLUSIVE lock; "
           "nothing can be stored beside a value, and it cannot be switched off")
      .Help("use a table of the values with a foreign key, or text with a CHECK");
}

}  // namespace

constinit const Rule kEnumType = {
    .info = {
        .name = "enum-type",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "an enum type is made",
        .page = {
            .what = "`CREATE TYPE ... AS ENUM`.",
            .why = "Values can be added and renamed, but not removed or reordered: that needs a new type and a rewrite of each table "
                   "that uses the old one.",
            .instead = "A lookup table and a foreign key, or `text` with a `CHECK` that is replaced with `NOT VALID` and validated.",
            .fix_safety = "",
            .versions = "",
            .limits = "",
            .references = "PostgreSQL documentation, Enumerated Types",
            .elsewhere = "eugene W13; pgrubic GN006; postgres-language-server creatingEnum",
            .bad = "CREATE TYPE order_status AS ENUM ('open', 'paid');\n",
            .good = "CREATE TABLE IF NOT EXISTS order_status (name text PRIMARY KEY);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
