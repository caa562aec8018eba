#include "rules/sql/common.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace pawl {

std::string OutsideTransactionAdvice(const ScriptContext& script) {
  switch (script.set->layout) {
    case Layout::kGoose: return "put it into a migration of its own that says `-- +goose NO TRANSACTION`";
    case Layout::kDbmate: return "put it into a migration of its own under `-- migrate:up transaction:false`";
    case Layout::kSqlx: return "put it into a migration of its own whose first line is `-- no-transaction`";
    case Layout::kDiesel: return "put it into a migration of its own with `run_in_transaction = false` in its metadata.toml";
    case Layout::kFlyway: return "put it into a migration of its own with `executeInTransaction=false` in its script configuration file";
    case Layout::kGolangMigrate:
    case Layout::kPrisma: return "put it into a migration file of its own: a single statement is sent without a transaction";
    case Layout::kLiquibase: return "put it into a changeset of its own with `runInTransaction:false`";
    case Layout::kNodePgMigrate: return "put it into a migration of its own that is run with `--no-transaction`";
    default: return "put it into a migration of its own that runs outside a transaction";
  }
}

std::string WhyInTransaction(const ScriptContext& script, const StatementFacts& facts) {
  switch (facts.source) {
    case TransactionSource::kNone: return "";
    case TransactionSource::kRunner: return absl::StrCat(ToString(script.set->layout) == "plain" ? "the runner" : ToString(script.set->layout), " runs the whole file in one transaction");
    case TransactionSource::kImplicit: return absl::StrCat(ToString(script.set->layout), " sends the file as one query, and several statements in one query are one transaction");
    case TransactionSource::kFile: return absl::StrCat("the file's BEGIN on line ", facts.begin == nullptr ? 1 : script.file->PositionAt(facts.begin->span.begin).line, " is still open");
    case TransactionSource::kBody: return "a DO block or function always runs in a transaction";
  }
  return "";
}

bool MayRunConcurrently(const StatementFacts& facts) { return facts.source == TransactionSource::kNone && facts.statement == facts.top; }

std::string Quoted(std::string_view key) { return absl::StrCat("`", absl::StripPrefix(key, "public."), "`"); }
std::string Quoted(const sql::Name& name) { return absl::StrCat("`", sql::ToString(name), "`"); }

std::string_view WhatWaits(LockMode mode) {
  if (BlocksReads(mode)) return "reads and writes";
  if (BlocksWrites(mode)) return "writes";
  return "other schema changes";
}

std::string LockWords(LockMode mode) { return absl::StrCat("`", SqlName(mode), "` lock"); }

}  // namespace pawl
