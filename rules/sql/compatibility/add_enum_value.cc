// add-enum-value: clients with exhaustive matches meet a value they do not know.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kAddEnumValue;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterEnum>();
  if (!alter.new_value.empty()) return;  // rename-enum-value
  if (!OthersKnow(context, NameKind::kType, alter.name)) return;
  if (const CatalogType* type = context.catalog.FindType(alter.name)) {
    if (std::find(type->values.begin(), type->values.end(), alter.value) != type->values.end()) return;  // it has it
  }
  context.Report(kAddEnumValue, NameSpan(context, alter.name), absl::StrCat("code that is still running does not know the new value '", alter.value, "' of ", Quoted(alter.name)))
      .Why("clients that map an enum to a closed set of cases, GraphQL schemas and generated types among them, fail on the first row that holds the new value")
      .Help("deploy code that reads the value before any code writes it");
}

}  // namespace

constinit const Rule kAddEnumValue = {
    .info = {
        .name = "add-enum-value",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kOff,
        .summary = "an enum gains a value that running code does not know",
        .page = {
            .what = "`ALTER TYPE ... ADD VALUE` adds a label that rows may hold from then on. It cannot be taken away again.",
            .why = "Clients with an exhaustive match over the old labels fail on the first row with the new one, as do other services that read the same table.",
            .instead = "Deploy code that reads the new value first, let new code write it afterwards.",
            .fix_safety = "",
            .versions = "",
            .limits = "Whether clients are strict is not known, so the rule is off unless chosen. Silent for types made in the same migration.",
            .references = "PostgreSQL documentation, ALTER TYPE, ADD VALUE",
            .elsewhere = "squawk ban-add-enum-value",
            .bad = "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'returned';\n",
            .good = "BEGIN;\n"
                    "CREATE TYPE return_status AS ENUM ('asked', 'returned');\n"
                    "COMMIT;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterEnum},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
