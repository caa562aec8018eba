// drop-schema: DROP SCHEMA, with all that is in it.
//
// Of CASCADE this rule speaks alone, as long as nothing outside of the schema is known to fall: that is drop-cascade's.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropSchema;

namespace {

bool MadeHere(const StatementContext& context, std::string_view schema) {
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (s.kind == sql::StatementKind::kCreateSchema && s.As<sql::CreateSchema>().name == schema && !s.As<sql::CreateSchema>().if_not_exists) return true;
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  if (drop.type != sql::ObjectType::kSchema) return;
  for (const sql::Name& name : drop.names) {
    if (MadeHere(context, name.name) || absl::StartsWith(name.name, "pg_temp")) continue;
    std::vector<std::string> tables;
    const std::string prefix = absl::StrCat(name.name, ".");
    for (const auto& [key, table] : context.catalog.tables()) {
      if (absl::StartsWith(key, prefix)) tables.push_back(absl::StrCat("`", key, "`"));
    }
    std::sort(tables.begin(), tables.end());
    if (!drop.cascade) {
      // Without CASCADE the server drops an empty schema only.
      FindingBuilder f = context.Report(kDropSchema, name.span, absl::StrCat("dropping schema ", Quoted(name), tables.empty() ? " fails unless it is empty" : absl::StrCat(" fails: it holds ", Joined(tables))));
      f.AtSeverity(tables.empty() ? Severity::kWarning : Severity::kError);
      f.Why("the server refuses to drop a schema that holds anything, and code that is still running and has it in its search_path or queries fails");
      f.Help("drop what is in it first, each by name, in migrations of their own");
      continue;
    }
    FindingBuilder f = context.Report(kDropSchema, name.span, absl::StrCat("dropping schema ", Quoted(name), " with CASCADE deletes everything in it", tables.empty() ? "" : absl::StrCat(": ", Joined(tables, 6))));
    f.Why("all tables of the schema with their rows are gone for good, and with them views, functions and foreign keys elsewhere that use them");
    f.Help("take it out of the migration, or drop the objects one by one, by name, each after a backup, and then the empty schema without CASCADE");
  }
}

}  // namespace

constinit const Rule kDropSchema = {
    .info = {
        .name = "drop-schema",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "DROP SCHEMA: everything in it goes",
        .page = {
            .what = "`DROP SCHEMA ... CASCADE` drops every table, view, function and type in the schema, and whatever depends on them in other schemas. Without `CASCADE` it fails "
                    "unless the schema is empty.",
            .why = "The file does not show what is lost: objects that others put there by hand or by another service's migrations go too. Only a backup brings the rows back.",
            .instead = "Drop the objects by name, in migrations of their own, when nothing uses them any more; then drop the empty schema without `CASCADE`.",
            .fix_safety = "",
            .versions = "",
            .limits = "A schema that the same file makes may go. Without `CASCADE` the finding is a warning where the history knows nothing in the schema: no rows can be lost.",
            .references = "PostgreSQL documentation, DROP SCHEMA",
            .elsewhere = "squawk ban-drop-schema; atlas DS101; MigrationPilot MP035",
            .bad = "SET lock_timeout = '2s';\n"
                   "DROP SCHEMA IF EXISTS reporting CASCADE;\n",
            .good = "REVOKE USAGE ON SCHEMA reporting FROM report_reader;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
