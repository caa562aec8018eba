// rename-enum-value: ALTER TYPE ... RENAME VALUE.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/sql/compatibility/deploy.h"

namespace pawl {

extern const Rule kRenameEnumValue;

namespace {

void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterEnum>();
  if (alter.new_value.empty() || alter.new_value == alter.value) return;
  if (!OthersKnow(context, NameKind::kType, alter.name) && !RenamedToHere(context, NameKind::kType, alter.name)) return;
  if (const CatalogType* type = context.catalog.FindType(alter.name)) {
    if (type->origin.migration >= 0 && MadeHere(context.script, type->origin)) return;
    for (const auto& [value, origin] : type->added_values) {
      if (value == alter.value && MadeHere(context.script, origin)) return;
    }
  }
  for (const StatementFacts& f : FactsBefore(context)) {
    if (f.statement->kind != sql::StatementKind::kAlterEnum) continue;
    const auto& before = f.statement->As<sql::AlterEnum>();
    if (before.new_value == alter.value && Same(before.name, alter.name)) return;  // renamed twice: one cause
  }
  context
      .Report(kRenameEnumValue, NameSpan(context, alter.name), absl::StrCat("renaming value '", alter.value, "' of ", Quoted(alter.name), " to '", alter.new_value, "' breaks code that is still running"))
      .Why(absl::StrCat("from the moment of commit old code that writes or compares with '", alter.value, "' gets \"invalid input value for enum\", and what it reads is '", alter.new_value, "', which it does not know"))
      .Help(absl::StrCat("teach the code to read both values first; then add '", alter.new_value, "' (ALTER TYPE ... ADD VALUE), write it, and change the old rows in batches; an unused value may stay"));
}

}  // namespace

constinit const Rule kRenameEnumValue = {
    .info = {
        .name = "rename-enum-value",
        .group = RuleGroup::kCompatibility,
        .severity = Severity::kWarning,
        .summary = "a value of an enum is renamed while code that knows the old one runs",
        .page = {
            .what = "`ALTER TYPE ... RENAME VALUE` changes the label of an enum value in the catalogue: all stored rows show the new label at once.",
            .why = "Old code that writes the old label gets \"invalid input value for enum\"; old code that reads meets a label it cannot map, which many ORMs answer with an exception for the whole row. "
                   "Functions and views written in text with the old label fail too.",
            .instead = "Deploy code that reads both labels, add the new value, write it, move the rows over in batches. The old value may stay unused, since PostgreSQL cannot drop one.",
            .fix_safety = "",
            .versions = "",
            .limits = "Silent for types and values made in the same migration.",
            .references = "PostgreSQL documentation, ALTER TYPE, RENAME VALUE",
            .elsewhere = "squawk renaming-object; strong_migrations rename_enum_value; MigrationPilot MP060; pgsafe rename",
            .bad = "ALTER TYPE order_status RENAME VALUE 'done' TO 'finished';\n",
            .good = "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'finished';\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterEnum},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
