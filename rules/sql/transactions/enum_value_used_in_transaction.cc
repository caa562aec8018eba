// enum-value-used-in-transaction: a new enum value is used before the transaction that adds it commits.
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"
#include "rules/sql/transactions/enum_use.h"

namespace pawl {

extern const Rule kEnumValueUsedInTransaction;

namespace {

bool EndsTransaction(const sql::Statement& s) {
  if (s.kind != sql::StatementKind::kTransaction) return false;
  const sql::TransactionKind k = s.As<sql::Transaction>().kind;
  return k == sql::TransactionKind::kCommit || k == sql::TransactionKind::kRollback || k == sql::TransactionKind::kPrepare;
}

// Looks ahead from the ADD VALUE: only few files have one, and what comes before it cannot use the value.
void Check(const StatementContext& context) {
  const auto& alter = context.statement.As<sql::AlterEnum>();
  if (!alter.new_value.empty() || !context.facts.in_transaction()) return;
  const CatalogType* type = context.catalog.FindType(alter.name);
  if (type != nullptr) {
    // From 17 on the values of a type that the same transaction made may be used at once (measured on 12, 14, 16, 17 and 18).
    if (context.script.settings->versions.oldest >= 17 && type->origin.migration == context.script.migration_index && type->origin.transaction == context.facts.transaction) return;
    if (alter.if_not_exists) {
      for (const std::string& v : type->values) {
        if (v == alter.value) return;
      }
    }
  }
  EnumUse use(alter.name, alter.value, context.catalog);
  const sql::Statement& top = *context.facts.top;
  bool ended = false;
  if (&top != &context.statement && top.kind == sql::StatementKind::kDo) {
    for (const sql::Statement* s : top.As<sql::DoBlock>().statements) {
      if (s->span.begin <= context.statement.span.begin) continue;
      if ((ended = EndsTransaction(*s))) break;
      use.Visit(*s);
    }
  }
  if (context.facts.in_block() && !ended) {
    for (const sql::Statement* s : context.script.script->statements) {
      if (s->span.begin <= top.span.begin) continue;
      if (EndsTransaction(*s)) break;
      use.Visit(*s);
    }
  }
  if (use.count() == 0) return;
  FindingBuilder f = context.Report(kEnumValueUsedInTransaction, use.first(),
                                    absl::StrCat("'", alter.value, "' is used in the transaction that adds it to ", Quoted(alter.name), ": the migration fails here"));
  f.Why(absl::StrCat(WhyInTransaction(context.script, context.facts), ", and the server refuses a new enum value until the transaction that adds it has committed (\"unsafe use of new value\")"));
  f.Help(absl::StrCat("add the value in an earlier migration", context.facts.source == TransactionSource::kFile ? ", or COMMIT right after ALTER TYPE" : "",
                      ", and use it in this one"));
  f.Note("added here", context.script.file, context.statement.span);
  if (use.count() > 1) f.Note(absl::StrCat(use.count() - 1, use.count() == 2 ? " more use" : " more uses", " follow in the same transaction"));
}

}  // namespace

constinit const Rule kEnumValueUsedInTransaction = {
    .info = {
        .name = "enum-value-used-in-transaction",
        .group = RuleGroup::kTransactions,
        .severity = Severity::kError,
        .summary = "a new enum value is used in the transaction that adds it: the server refuses it",
        .page = {
            .what = "`ALTER TYPE ... ADD VALUE` and a statement that uses the new value (in an UPDATE, an INSERT, a default, a CHECK, an index or a view) stand in one transaction.",
            .why = "The server refuses the value until the transaction has committed: `unsafe use of new value`. The migration fails there, although both statements are right on their own.",
            .instead = "Add the value in a migration of its own and use it in a later one. Where the same transaction makes the type, put the value into its CREATE TYPE.",
            .fix_safety = "",
            .versions = "From 17 on the values of a type that the same transaction made may be used at once. 12 and later; before, ADD VALUE itself is refused in a transaction.",
            .limits = "A literal counts where it is cast to the enum, or assigned to or compared with a column of that type. Where the history does not show the column's type, "
                      "equal text is taken for the value. Values that reach the column through parameters, dynamic SQL or functions made elsewhere are not seen.",
            .references = "PostgreSQL documentation, ALTER TYPE, Notes (\"the new value cannot be used until after the transaction has been committed\")",
            .elsewhere = "MigrationPilot MP054; pgsafe enum-value-used-in-transaction",
            .bad = "BEGIN;\n"
                   "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'refunded';\n"
                   "INSERT INTO orders (id, status) VALUES (1, 'refunded');\n"
                   "COMMIT;\n",
            .good = "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'refunded';\n"
                    "INSERT INTO orders (id, status) VALUES (1, 'refunded');\n",
        },
    },
    .kinds = {sql::StatementKind::kAlterEnum},
    .check_statement = Check,
};

}  // namespace pawl
