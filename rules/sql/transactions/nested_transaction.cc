// nested-transaction: BEGIN or COMMIT inside a transaction that somebody else has opened.
#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

extern const Rule kNestedTransaction;

namespace {

bool Ends(sql::TransactionKind k) { return k == sql::TransactionKind::kCommit || k == sql::TransactionKind::kRollback || k == sql::TransactionKind::kPrepare; }

std::string_view Word(sql::TransactionKind k) {
  switch (k) {
    case sql::TransactionKind::kBegin: return "BEGIN";
    case sql::TransactionKind::kRollback: return "ROLLBACK";
    case sql::TransactionKind::kPrepare: return "PREPARE TRANSACTION";
    default: return "COMMIT";
  }
}

// The statement with its `;` and, where it stands alone on its line, the line.
Span WholeLine(std::string_view text, const sql::Statement& s) {
  uint32_t begin = s.span.begin, end = s.full_end;
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  uint32_t after = end;
  while (after < text.size() && (text[after] == ' ' || text[after] == '\t' || text[after] == '\r')) ++after;
  const bool alone = (begin == 0 || text[begin - 1] == '\n') && (after == text.size() || text[after] == '\n');
  if (!alone) return {s.span.begin, end};
  return {begin, after < text.size() ? after + 1 : after};
}

// What the runner opened, the script ends: once for each script, because the rest follows from the first.
void CheckWrapped(const ScriptContext& script) {
  const sql::Statement* begin = nullptr;   // the first BEGIN or end of a transaction at the top level
  const sql::Statement* end = nullptr;     // the one that ends the runner's transaction
  size_t commands = 0;
  for (const sql::Statement* s : script.script->statements) {
    if (s->kind != sql::StatementKind::kTransaction) continue;
    const sql::TransactionKind k = s->As<sql::Transaction>().kind;
    if (s->As<sql::Transaction>().chain) continue;  // opens the next one for the runner to end: meant so
    if (k == sql::TransactionKind::kBegin || Ends(k)) {
      ++commands;
      if (begin == nullptr) begin = s;
      if (Ends(k) && end == nullptr) end = s;
    }
  }
  if (begin == nullptr) return;
  const std::string runner = script.set->layout == Layout::kPlain ? std::string("the runner") : std::string(ToString(script.set->layout));
  const std::string_view word = Word(begin->As<sql::Transaction>().kind);
  FindingBuilder f = script.Report(kNestedTransaction, begin->span,
                                   begin == end ? absl::StrCat("this ", word, " ends the transaction that ", runner, " has opened around the file")
                                                : absl::StrCat("BEGIN inside the transaction that ", runner, " has opened around the file"));
  if (end == nullptr) {
    f.Why("the server warns that a transaction is in progress already and goes on; nothing ends where the author meant it to");
  } else {
    f.Why(absl::StrCat("the ", Word(end->As<sql::Transaction>().kind), " on line ", script.file->PositionAt(end->span.begin).line,
                       " ends the runner's transaction: what follows runs without one, and the version is recorded apart from the changes"));
    if (end != begin) f.Note("ends here", script.file, end->span);
  }
  const std::string outside = OutsideTransactionAdvice(script);
  f.Help(absl::StrCat("leave transactions to ", runner, ", or ", outside));
  // BEGIN first and COMMIT last, and nothing else: the runner's transaction is the one that was meant.
  const auto& all = script.script->statements;
  if (commands == 2 && end != nullptr && begin != end && all.front() == begin && all.back() == end && end->As<sql::Transaction>().kind == sql::TransactionKind::kCommit) {
    f.SafeFix("remove BEGIN and COMMIT", {{WholeLine(script.file->text(), *begin), ""}, {WholeLine(script.file->text(), *end), ""}});
  }
}

void Check(const ScriptContext& script) {
  if (script.ref->transaction == TransactionMode::kFile) CheckWrapped(script);
  for (const StatementFacts& f : script.facts) {
    if (f.statement->kind != sql::StatementKind::kTransaction) continue;
    const sql::TransactionKind k = f.statement->As<sql::Transaction>().kind;
    if (f.statement != f.top) {
      // PL/pgSQL may end transactions only where its caller has none open.
      if (!Ends(k) || !f.in_block()) continue;
      script.Report(kNestedTransaction, f.statement->span, absl::StrCat("this ", Word(k), " is refused: the block runs inside an open transaction"))
          .Why(absl::StrCat(WhyInTransaction(script, f), ", so the server answers \"invalid transaction termination\" and the migration fails here"))
          .Help(absl::StrCat("run the block outside a transaction: ", OutsideTransactionAdvice(script)));
      continue;
    }
    if (k != sql::TransactionKind::kBegin || f.source != TransactionSource::kFile || f.begin == nullptr) continue;
    script.Report(kNestedTransaction, f.statement->span, absl::StrCat("BEGIN while the transaction of line ", script.file->PositionAt(f.begin->span.begin).line, " is still open"))
        .Why("PostgreSQL has no nested transactions: the server only warns, and the next COMMIT ends everything since the first BEGIN")
        .Help("COMMIT before it, remove it, or use SAVEPOINT for a part that may fail")
        .Note("opened here", script.file, f.begin->span);
  }
}

}  // namespace

constinit const Rule kNestedTransaction = {
    .info = {
        .name = "nested-transaction",
        .group = RuleGroup::kTransactions,
        .severity = Severity::kError,
        .summary = "BEGIN or COMMIT inside a transaction that the runner, or the file itself, has opened already",
        .page = {
            .what = "The file says `BEGIN` or `COMMIT` where a transaction is open: the runner's, which it opens around each file, or its own. A `COMMIT` in a DO block "
                    "that runs inside an open transaction belongs here too.",
            .why = "PostgreSQL has no nested transactions. The inner `BEGIN` only warns; the inner `COMMIT` ends the runner's transaction early. What follows runs without "
                   "one, and if it fails, half of the migration is applied and its version is not recorded. In a DO block the server refuses the `COMMIT`.",
            .instead = "Leave transactions to the runner, or tell the runner not to open one for this file (`-- +goose NO TRANSACTION`, `transaction:false`, "
                       "`run_in_transaction = false` ...). Use `SAVEPOINT` for a part that may fail.",
            .fix_safety = "Safe: removes `BEGIN` and `COMMIT` where they are the first and the last statement of a file that its runner wraps; the runner's transaction then covers the same statements.",
            .versions = "",
            .limits = "Which runner wraps its files follows from the layout and its directives. A file of a layout that does not wrap may have transactions of its own.",
            .references = "PostgreSQL documentation, BEGIN, Notes\n"
                          "PostgreSQL documentation, PL/pgSQL, Transaction Management",
            .elsewhere = "squawk transaction-nesting",
            .bad = "BEGIN;\n"
                   "INSERT INTO plans (name) VALUES ('free');\n"
                   "BEGIN;\n"
                   "INSERT INTO plans (name) VALUES ('team');\n"
                   "COMMIT;\n",
            .good = "BEGIN;\n"
                    "INSERT INTO plans (name) VALUES ('free');\n"
                    "SAVEPOINT team;\n"
                    "INSERT INTO plans (name) VALUES ('team');\n"
                    "COMMIT;\n",
        },
    },
    .check_script = Check,
};

}  // namespace pawl
