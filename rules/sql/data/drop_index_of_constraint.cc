// drop-index-of-constraint: DROP INDEX of an index that belongs to a PRIMARY KEY, UNIQUE or EXCLUDE constraint. The server refuses it.
#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kDropIndexOfConstraint;

namespace {

// The catalogue does not follow down scripts: what an earlier statement of the same down did to the table must be looked up.
bool TouchedByThisDown(const StatementContext& context, std::string_view key) {
  if (!context.script.is_down()) return false;
  for (const StatementFacts& f : context.script.facts) {
    const sql::Statement& s = *f.statement;
    if (&s == &context.statement) break;
    if (s.kind == sql::StatementKind::kAlterTable && context.catalog.Resolve(s.As<sql::AlterTable>().name) == key) return true;
    if (s.kind != sql::StatementKind::kDrop) continue;
    for (const sql::Name& n : s.As<sql::Drop>().names) {
      if (context.catalog.Resolve(n) == key) return true;
    }
  }
  return false;
}

void Check(const StatementContext& context) {
  const auto& drop = context.statement.As<sql::Drop>();
  if (drop.type != sql::ObjectType::kIndex) return;
  for (const sql::Name& name : drop.names) {
    const CatalogIndex* index = nullptr;
    const CatalogTable* table = context.catalog.FindIndex(name, &index);
    if (table == nullptr || index == nullptr || !index->of_constraint || TouchedByThisDown(context, table->key)) continue;
    const CatalogConstraint* k = table->FindConstraint(index->name);
    const std::string words(k == nullptr ? "constraint" : ConstraintWords(k->kind));
    FindingBuilder f = context.Report(kDropIndexOfConstraint, name.span, absl::StrCat("dropping index `", name.name, "` fails: it belongs to the ", words, " of ", Quoted(table->key)));
    f.Why(absl::StrCat("the server refuses with \"cannot drop index ", name.name, " because constraint ", name.name, " on table ", std::string_view(table->key).substr(table->key.find('.') + 1),
                       " requires it\", and the migration stops here; neither IF EXISTS nor CASCADE helps"));
    f.Help(absl::StrCat("drop the constraint, and the index goes with it: ALTER TABLE ", table->key.starts_with("public.") ? table->key.substr(7) : table->key, " DROP CONSTRAINT ", name.name));
    if (k != nullptr && k->origin.file != nullptr) f.Note("the constraint is made here", k->origin.file, k->origin.span);
  }
}

}  // namespace

constinit const Rule kDropIndexOfConstraint = {
    .info = {
        .name = "drop-index-of-constraint",
        .group = RuleGroup::kData,
        .severity = Severity::kError,
        .summary = "DROP INDEX of an index that a constraint owns: the server refuses it",
        .page = {
            .what = "A PRIMARY KEY, UNIQUE or EXCLUDE constraint owns its index. `DROP INDEX` of it fails, also with `IF EXISTS`, `CONCURRENTLY` or `CASCADE`.",
            .why = "The migration stops with `cannot drop index ... because constraint ... requires it`; what ran before it in a file without a transaction stays done.",
            .instead = "`ALTER TABLE ... DROP CONSTRAINT name`: the index has the same name and goes with it.",
            .fix_safety = "",
            .versions = "The same on 12 to 18.",
            .limits = "Only constraints that the history made are known.",
            .references = "PostgreSQL source, findDependentObjects in src/backend/catalog/dependency.c (measured on 15)",
            .elsewhere = "MigrationPilot MP097",
            .bad = "SET lock_timeout = '2s';\n"
                   "CREATE TABLE IF NOT EXISTS coupons (id bigint PRIMARY KEY, code text CONSTRAINT coupons_code_key UNIQUE);\n"
                   "DROP INDEX IF EXISTS coupons_code_key;\n",
            .good = "SET lock_timeout = '2s';\n"
                    "CREATE TABLE IF NOT EXISTS coupons (id bigint PRIMARY KEY, code text CONSTRAINT coupons_code_key UNIQUE);\n"
                    "ALTER TABLE coupons DROP CONSTRAINT IF EXISTS coupons_code_key;\n",
        },
    },
    .kinds = {sql::StatementKind::kDrop},
    .check_statement = Check,
};

}  // namespace pawl
