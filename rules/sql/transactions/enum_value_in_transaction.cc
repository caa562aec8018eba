// enum-value-in-transaction: ALTER TYPE ... ADD VALUE in a transaction on servers older than 12.
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kEnumValueInTransaction;

namespace {

constexpr int kFirstAllowed = 12;

void Check(const StatementContext& context) {
  const int oldest = context.script.settings->versions.oldest;
  const auto& alter = context.statement.As<sql::AlterEnum>();
  if (oldest >= kFirstAllowed || !alter.new_value.empty() || !context.facts.in_transaction()) return;
  // A type made in the same transaction may get values (AlterEnum in typecmds.c, 9.3 to 11).
  const CatalogType* type = context.catalog.FindType(alter.name);
  if (type != nullptr && type->origin.migration == context.script.migration_index && type->origin.transaction == context.facts.transaction) return;
  context.Report(kEnumValueInTransaction, context.statement.span,
                 absl::StrCat("adding '", alter.value, "' to ", Quoted(alter.name), " fails on PostgreSQL ", oldest, ": ADD VALUE cannot run inside a transaction"))
      .Why(absl::StrCat(WhyInTransaction(context.script, context.facts), ", and servers older than 12 refuse ALTER TYPE ... ADD VALUE there"))
      .Help(OutsideTransactionAdvice(context.script));
}

}  // namespace

constinit const Rule kEnumValueInTransaction = {
    .info = {
        .name = "enum-value-in-transaction",
        .group = RuleGroup::kTransactions,
        .severity = Severity::kError,
        .summary = "ALTER TYPE ... ADD VALUE inside a transaction on servers older than 12: refused",
        .page = {
            .what = "On servers older than 12 `ALTER TYPE ... ADD VALUE` cannot run inside a transaction, unless the same transaction made the type.",
            .why = "The server refuses the statement and the migration fails there.",
            .instead = "Add the value in a migration of its own that runs outside a transaction.",
            .fix_safety = "",
            .versions = "Only where the oldest configured server is older than 12. From 12 on the statement may run in a transaction, but the value cannot be used "
                        "before it commits: `enum-value-used-in-transaction`.",
            .limits = "Says nothing unless a server version below 12 is configured.",
            .references = "PostgreSQL 11 documentation, ALTER TYPE, Notes\n"
                          "PostgreSQL 12 release notes (\"Allow enumerated values to be added more flexibly\")",
            .elsewhere = "MigrationPilot MP012",
            .bad = "BEGIN;\n"
                   "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'refunded';\n"
                   "COMMIT;\n",
            .good = "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'refunded';\n",
            .example_version = 11,
        },
    },
    .kinds = {sql::StatementKind::kAlterEnum},
    .check_statement = Check,
};

}  // namespace pawl
