// domain-constraint: a new condition on a domain is checked in every column of that type, and a new column of a domain with conditions in
// every row.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/sql/scanner.h"
#include "rules/sql/locks/lock_rules.h"
#include "rules/sql/rewrite.h"

namespace pawl {

extern const Rule kDomainConstraint;

namespace {

// The constraint, else the domain's name, which the parser does not place.
Span SpanOf(const StatementContext& context, const sql::AlterDomain& domain) {
  if (domain.constraint != nullptr && !domain.constraint->span.empty()) return domain.constraint->span;
  const Span word = WordInStatement(context, "domain");
  const std::string_view text = context.script.file->text();
  sql::Scanner scanner(text, {word.end, context.statement.span.end});
  const Span name = word.empty() ? Span{} : sql::NameSpanAt(text, scanner.NextCode().span.begin, context.statement.span.end);
  return name.empty() ? context.statement.span : name;
}

// The type of a new column, if it is a domain with conditions and nothing else makes the server write the rows anew.
void CheckNewColumns(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterTable>();
  for (const sql::AlterCommand& c : alter.commands) {
    if (c.kind != sql::AlterKind::kAddColumn || c.column == nullptr || c.column->type == nullptr) continue;
    const CatalogType* type = context.catalog.FindType({c.column->type->schema, c.column->type->name, {}});
    if (type == nullptr || !type->constrained) continue;
    const ColumnRewrite cause = RewriteCause(*c.column);
    const sql::Constraint* value = cause == ColumnRewrite::kDefault ? c.column->Find(sql::ConstraintKind::kDefault) : nullptr;
    if (value == nullptr ? cause != ColumnRewrite::kNone : value->expression == nullptr || IsVolatile(*value->expression, context.catalog, nullptr)) continue;  // their rules speak
    const Effect* effect = LiveWork(context, c, Work::kRewrite);
    if (effect == nullptr) continue;
    const std::string domain = absl::StrCat("`", c.column->type->name, "`");
    context.Report(kDomainConstraint, c.column->type->span.empty() ? c.span : c.column->type->span,
                   absl::StrCat("adding `", c.column->name, "` of the domain ", domain, " rewrites ", Quoted(alter.name), " to check its conditions"))
        .Why(HoldsLock(context, "ALTER TABLE", alter.name, *effect, "every row is written anew, also where the column is null in all of them"))
        .Help(absl::StrCat("add the column with the domain's own type", type->base.empty() ? "" : absl::StrCat(", `", type->base, "`"),
                           ", and the condition as a CHECK on the table: NOT VALID, then VALIDATE CONSTRAINT"))
        .Lock(*effect);
  }
}

void Check(const StatementContext& context) {
  if (context.statement.kind == sql::StatementKind::kAlterTable) return CheckNewColumns(context);
  const auto& domain = context.statement.As<sql::AlterDomain>();
  const bool not_null = domain.kind == 'O';
  if (!not_null && (domain.kind != 'C' || domain.constraint == nullptr || domain.constraint->not_valid)) return;
  std::vector<std::string> tables;
  const Effect* first = nullptr;
  for (const Effect& e : context.facts.effects) {
    if (!e.live || e.work != Work::kScan) continue;
    if (first == nullptr) first = &e;
    tables.emplace_back(e.object);
  }
  // A domain that the history made and no live table of it uses is free to change.
  if (first == nullptr && context.catalog.FindType(domain.name) != nullptr) return;
  const std::string where = tables.empty() ? "every table that uses it" : Listed(tables);
  FindingBuilder f = context.Report(kDomainConstraint, SpanOf(context, domain),
                                    absl::StrCat(not_null ? "NOT NULL" : "a constraint", " on domain ", Quoted(domain.name),
                                                 " reads all rows of ", where, " while writes wait"));
  f.Why(absl::StrCat("ALTER DOMAIN holds a `SHARE` lock on each table with a column of this type until all of them are read",
                     context.facts.in_block() ? " and the transaction ends" : "",
                     ": every INSERT, UPDATE and DELETE there waits"));
  if (first != nullptr) f.Lock(*first);
  f.Help(not_null ? "leave the domain as it is and set NOT NULL on the columns that need it, by a CHECK that is added NOT VALID and validated "
                    "apart"
                  : "add it with NOT VALID, which tests new values only; to have old rows tested too, add a CHECK to the tables (NOT VALID, "
                    "then VALIDATE CONSTRAINT), whose validation lets writes go on");
}

}  // namespace

constinit const Rule kDomainConstraint = {
    .info = {
        .name = "domain-constraint",
        .group = RuleGroup::kLocks,
        .severity = Severity::kWarning,
        .summary = "a constraint or NOT NULL on a domain in use: every table that has it is scanned under lock",
        .page = {
            .what = "`ALTER DOMAIN ... ADD CONSTRAINT` and `SET NOT NULL` look through every column of that type, each table locked in `SHARE` "
                    "mode until all are done. `ADD COLUMN` of a domain that has a `CHECK` or `NOT NULL` writes the whole table anew under `ACCESS EXCLUSIVE`, "
                    "with or without a default.",
            .why = "Writes to all of these tables wait for the scan of all of them.",
            .instead = "`ADD CONSTRAINT ... NOT VALID`, which tests new values only. For old rows, a `CHECK` on the tables, `NOT VALID` and "
                       "then validated: unlike the validation of a "
                       "domain's constraint, that lets writes go on. Prefer constraints on tables to constraints on domains.",
            .fix_safety = "",
            .versions = "",
            .limits = "Of a domain that the history does not make nobody knows whether it has conditions. A domain made in the history and used by no live table is left alone. `VALIDATE CONSTRAINT` on a domain takes the same "
                      "lock and is not reported: there is no gentler form.",
            .references = "PostgreSQL documentation, ALTER DOMAIN",
            .elsewhere = "squawk ban-create-domain-with-constraint ban-alter-domain-with-add-constraint; MigrationPilot MP043; pgsafe "
                         "add-domain-constraint-without-not-valid add-domain-not-null",
            .bad = "SET lock_timeout = '2s';\n"
                   "ALTER DOMAIN positive_amount ADD CONSTRAINT positive CHECK (VALUE > 0);\n",
            .good = "SET lock_timeout = '2s';\n"
                    "ALTER DOMAIN positive_amount ADD CONSTRAINT positive CHECK (VALUE > 0) NOT VALID;\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterDomain, sql::StatementKind::kAlterTable},
    .alters = {sql::AlterKind::kAddColumn},
    .check_statement = Check,
    .grows_with_table = true,
};

}  // namespace pawl
