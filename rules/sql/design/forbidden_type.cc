// forbidden-type: a type that the project has agreed not to use.
#include "absl/strings/str_cat.h"
#include "rules/conventions.h"
#include "rules/sql/design/design.h"

namespace pawl {

extern const Rule kForbiddenType;

namespace {

void Check(const StatementContext& context) {
  const Conventions* conventions = context.script.settings->conventions;
  if (conventions == nullptr || conventions->forbidden_types.empty()) return;
  for (const TypedColumn& c : TypedColumns(context)) {
    const std::string type = TypeText(*c.type);
    // Serial is a way of writing int4, and may be forbidden by either name.
    std::string_view entry = ForbiddenType(conventions, type);
    if (entry.empty()) entry = ForbiddenType(conventions, c.type->name);
    if (entry.empty()) continue;
    context.Report(kForbiddenType, c.type->span, absl::StrCat("`", c.name, "` of ", Quoted(*c.table), " is ", type, ", which this project has agreed not to use"))
        .Why(absl::StrCat("`forbidden-types` in pawl.toml lists `", entry, "`"))
        .Help("use the type that the project uses instead, or agree on an exception and suppress this with the reason");
  }
}

}  // namespace

constinit const Rule kForbiddenType = {
    .info = {
        .name = "forbidden-type",
        .group = RuleGroup::kDesign,
        .severity = Severity::kOff,
        .summary = "a column has a type that pawl.toml forbids",
        .page = {
            .what = "A column is made with, or changed to, a type that `forbidden-types` in the `[lint]` table of pawl.toml lists.",
            .why = "Projects settle on types for what they store: a type that clients cannot read, that an extension brings, or that means something else elsewhere costs more to take "
                   "out later, with rows in it, than to leave out now.",
            .instead = "The type that the project has agreed on.",
            .fix_safety = "",
            .versions = "",
            .limits = "`forbidden-types = [\"hstore\", \"varchar(255)\"]`: a type without a length stands for all lengths and for arrays of it. Without that key the rule says "
                      "nothing. Columns of temporary tables, and those that a query gives (`CREATE TABLE AS`), are not judged.",
            .references = "PostgreSQL documentation, Data Types",
            .elsewhere = "pgsafe forbidden-column-type",
            .bad = "CREATE TABLE IF NOT EXISTS settings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, options hstore);\n",
            .good = "CREATE TABLE IF NOT EXISTS settings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, options jsonb);\n",
            .example_forbidden_types = "hstore",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn, sql::AlterKind::kColumnType},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
