// uncommitted-transaction: the script ends while its own BEGIN is open.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kUncommittedTransaction;

namespace {

void Check(const ScriptContext& script) {
  // In a wrapped file the runner's COMMIT ends it all, and nested-transaction speaks.
  if (script.ref->transaction == TransactionMode::kFile) return;
  const sql::Statement* open = nullptr;
  for (const sql::Statement* s : script.script->statements) {
    // A piece that cannot be read, or another file, may hold the COMMIT.
    if (s->kind == sql::StatementKind::kSyntaxError || s->kind == sql::StatementKind::kNotUnderstood) {
      if (open != nullptr && (absl::StrContainsIgnoreCase(script.Text(s->span), "commit") || absl::StrContainsIgnoreCase(script.Text(s->span), "rollback"))) open = nullptr;
      continue;
    }
    if (s->kind == sql::StatementKind::kClientCommand && (s->tag == "\\i" || s->tag == "\\ir" || s->tag == "\\include")) open = nullptr;
    if (s->kind != sql::StatementKind::kTransaction) continue;
    const auto& t = s->As<sql::Transaction>();
    switch (t.kind) {
      case sql::TransactionKind::kBegin:
        if (open == nullptr) open = s;
        break;
      case sql::TransactionKind::kCommit:
      case sql::TransactionKind::kRollback:
      case sql::TransactionKind::kPrepare:
        open = t.chain && open != nullptr ? s : nullptr;  // without a BEGIN here, the runner opened it and ends it
        break;
      default:
        break;
    }
  }
  if (open == nullptr) return;
  FindingBuilder f = script.Report(kUncommittedTransaction, open->span, "this transaction is never committed");
  f.Why("when the connection closes, the server rolls everything back although no statement failed; until then every lock it has taken is held");
  f.Help("end the file with COMMIT");
  const sql::Statement& last = *script.script->statements.back();
  const bool closed = script.file->text().substr(0, last.full_end).ends_with(';');
  f.UnsafeFix("add COMMIT at the end", {Insert(closed ? last.full_end : last.span.end, closed ? "\nCOMMIT;" : ";\nCOMMIT;")});
}

}  // namespace

constinit const Rule kUncommittedTransaction = {
    .info = {
        .name = "uncommitted-transaction",
        .group = RuleGroup::kTransactions,
        .severity = Severity::kError,
        .summary = "BEGIN without COMMIT: the migration is rolled back without an error",
        .page = {
            .what = "The file opens a transaction with `BEGIN` (or `START TRANSACTION`, or `COMMIT AND CHAIN` after one) and ends without `COMMIT` or `ROLLBACK`.",
            .why = "No statement fails, so the runner may record the migration as applied; then the connection closes and the server rolls everything back. "
                   "Where the runner keeps the connection, later migrations run in the open transaction and all locks stay held.",
            .instead = "End the transaction with `COMMIT` in the same file.",
            .fix_safety = "Unsafe: adds `COMMIT` after the last statement, which may not be where the transaction was meant to end.",
            .versions = "",
            .limits = "A file that its runner wraps in a transaction is left to `nested-transaction`. After a client command that includes another file (`\\i`), or a piece that could not be "
                      "read and mentions COMMIT, nothing is said.",
            .references = "PostgreSQL documentation, BEGIN\n"
                          "PostgreSQL documentation, Transactions",
            .elsewhere = "squawk ban-uncommitted-transaction; MigrationPilot MP053",
            .bad = "BEGIN;\n"
                   "INSERT INTO plans (name) VALUES ('free');\n",
            .good = "BEGIN;\n"
                    "INSERT INTO plans (name) VALUES ('free');\n"
                    "COMMIT;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
