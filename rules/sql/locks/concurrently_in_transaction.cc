// concurrently-in-transaction: a CONCURRENTLY form that the server refuses, because a transaction is open.
#include "absl/strings/str_cat.h"
#include "rules/sql/locks/lock_rules.h"

namespace pawl {

extern const Rule kConcurrentlyInTransaction;

namespace {

void Refused(const StatementContext& context, Span span, std::string_view command, std::string help, std::vector<TextEdit> fix) {
  const bool body = context.statement.inside != sql::Inside::kNone;
  FindingBuilder f = context.Report(kConcurrentlyInTransaction, span, absl::StrCat(command, " fails here: ", WhyInTransaction(context.script,
      context.facts)));
  f.Why(absl::StrCat("the server refuses ", command, body ? " in a function or DO block" : " inside a transaction block",
                     ", and the migration stops at this statement"));
  f.Help(std::move(help));
  if (!fix.empty()) f.SafeFix("remove CONCURRENTLY: nobody uses the table yet", std::move(fix));
}

// What else the server runs in no transaction block (their documentation; ALTER SYSTEM and CREATE SUBSCRIPTION measured on 17); "" if it
// does. A subscription only where it makes its slot.
std::string_view AlwaysAlone(const StatementContext& context) {
  const std::string_view tag = context.statement.tag;
  if (tag == "AlterSystemStmt") return "ALTER SYSTEM";
  if (tag == "CreateTableSpaceStmt") return "CREATE TABLESPACE";
  if (tag == "DropTableSpaceStmt") return "DROP TABLESPACE";
  const std::string_view text = context.Text(context.statement.span);
  if (tag == "CreateSubscriptionStmt" && !Mentions(text, "connect") && !Mentions(text, "create_slot")) return "CREATE SUBSCRIPTION";
  return "";
}

void Check(const StatementContext& context) {
  if (!context.facts.in_transaction()) return;
  switch (context.statement.kind) {
    case sql::StatementKind::kCreateIndex: {
      const auto& index = context.statement.As<sql::CreateIndex>();
      if (!index.concurrently) return;
      std::vector<TextEdit> fix;
      std::string outside = OutsideTransactionAdvice(context.script);
      const CatalogTable* table = context.catalog.FindTable(index.table);
      if (table != nullptr && !context.Live(table)) {
        outside = absl::StrCat("use a plain CREATE INDEX: ", Quoted(index.table), " is made in this migration, and nobody waits for it");
        const Span word = WordInStatement(context, "concurrently");
        if (!word.empty() && context.statement.inside == sql::Inside::kNone) fix.push_back({{index.keyword_span.end, word.end}, ""});
      }
      return Refused(context, index.keyword_span.empty() ? index.table.span : index.keyword_span, "CREATE INDEX CONCURRENTLY",
                     std::move(outside), std::move(fix));
    }
    case sql::StatementKind::kDrop: {
      const auto& drop = context.statement.As<sql::Drop>();
      if (drop.concurrently && !drop.names.empty()) Refused(context, drop.names[0].span, "DROP INDEX CONCURRENTLY", OutsideTransactionAdvice(context.script), {});
      if (drop.type == sql::ObjectType::kDatabase) Refused(context, {}, "DROP DATABASE", OutsideTransactionAdvice(context.script), {});
      return;
    }
    case sql::StatementKind::kCreateDatabase: return Refused(context, {}, "CREATE DATABASE", OutsideTransactionAdvice(context.script), {});
    case sql::StatementKind::kOther: {
      const std::string_view what = AlwaysAlone(context);
      if (!what.empty()) Refused(context, {}, what, OutsideTransactionAdvice(context.script), {});
      return;
    }
    case sql::StatementKind::kReindex: {
      const auto& reindex = context.statement.As<sql::Reindex>();
      if (reindex.concurrently) {
        Refused(context, reindex.name.empty() ? context.statement.span : reindex.name.span, "REINDEX CONCURRENTLY",
                OutsideTransactionAdvice(context.script), {});
      }
      return;
    }
    case sql::StatementKind::kAlterTable:
      for (const sql::AlterCommand& c : context.statement.As<sql::AlterTable>().commands) {
        if (c.kind == sql::AlterKind::kDetachPartition && c.concurrently) {
          Refused(context, c.span, "DETACH PARTITION CONCURRENTLY", OutsideTransactionAdvice(context.script), {});
        }
      }
      return;
    default:
      return;  // REFRESH MATERIALIZED VIEW CONCURRENTLY may run in a transaction
  }
}

}  // namespace

constinit const Rule kConcurrentlyInTransaction = {
    .info = {
        .name = "concurrently-in-transaction",
        .group = RuleGroup::kLocks,
        .severity = Severity::kError,
        .summary = "CONCURRENTLY, or another statement that commits by itself, inside a transaction: the server refuses it",
        .page = {
            .what = "`CREATE INDEX`, `DROP INDEX`, `REINDEX` and `DETACH PARTITION` with `CONCURRENTLY` commit in between and so cannot run "
                    "inside a transaction "
                    "block, a function or a `DO` block. Nor can `CREATE DATABASE`, `DROP DATABASE`, `ALTER SYSTEM`, `CREATE TABLESPACE`, `DROP TABLESPACE`, and "
                    "`CREATE SUBSCRIPTION` where it makes its slot. The transaction may be the file's own `BEGIN`, the one that the migration runner opens "
                    "around each "
                    "file, or the implicit one of several statements sent as one query.",
            .why = "The statement fails, and with it the migration and the deploy that waits for it.",
            .instead = "Put the statement into a migration of its own and switch the runner's transaction off for it.",
            .fix_safety = "Safe: removes `CONCURRENTLY` from a `CREATE INDEX` on a table that the same migration makes, where it has no purpose.",
            .versions = "",
            .limits = "What the runner does comes from the layout; say it with `--transaction-mode` where that is not how yours works.",
            .references = "PostgreSQL documentation, CREATE INDEX, \"Building Indexes Concurrently\"\n"
                          "PostgreSQL source, PreventInTransactionBlock in src/backend/access/transam/xact.c",
            .elsewhere = "squawk ban-concurrent-index-creation-in-transaction; atlas PG103; MigrationPilot MP025; pgsafe "
                         "concurrently-in-transaction",
            .bad = "BEGIN;\n"
                   "CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);\n"
                   "COMMIT;\n",
            .good = "CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateIndex, sql::StatementKind::kDrop, sql::StatementKind::kReindex, sql::StatementKind::kAlterTable,
              sql::StatementKind::kCreateDatabase, sql::StatementKind::kOther},
    .check_statement = Check,
};

}  // namespace pawl
