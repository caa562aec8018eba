// What rules about table rewrites ask and say in the same way.
#ifndef PAWL_RULES_SQL_REWRITE_H_
#define PAWL_RULES_SQL_REWRITE_H_

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "rules/sql/common.h"

namespace pawl {

// The subcommand's effect on its own table, where others use that table, the script has not emptied it, and the work is at least `least`; else null.
inline const Effect* LiveWork(const StatementContext& context, const sql::AlterCommand& command, Work least) {
  const Effect* e = context.EffectOf(command);
  if (e == nullptr || !e->live || e->work < least) return nullptr;
  return EmptiedHere(context, context.statement.As<sql::AlterTable>().name) ? nullptr : e;
}

// What the wait is for: "ALTER TABLE holds an `ACCESS EXCLUSIVE` lock on `orders` until every row is written anew and the
// transaction ends: every read and write of it waits".
inline std::string HoldsLock(const StatementContext& context, std::string_view command, const sql::Name& table, const Effect& effect, std::string_view until) {
  return absl::StrCat(command, " holds an ", LockWords(effect.lock), " on ", Quoted(table), " until ", until,
                      effect.until_commit && context.facts.in_block() ? " and the transaction ends" : "", ": all ", WhatWaits(effect.lock), " of it wait");
}

// One finding for a statement: the server writes the table once, however many of its columns ask for it. The first column that
// is reported speaks; those that follow become notes of it.
class OnePass {
 public:
  // True where `span` became a note.
  bool Joins(const StatementContext& context, std::string_view column, Span span) {
    if (!reported_) return false;
    finding_.Note(absl::StrCat("`", column, "` is written in the same pass"), context.script.file, span);
    return true;
  }
  // Valid until something else is reported.
  FindingBuilder& Start(FindingBuilder finding) {
    finding_ = finding;
    reported_ = true;
    return finding_;
  }

 private:
  FindingBuilder finding_{nullptr};
  bool reported_ = false;
};

// Which one of the ADD COLUMN rules speaks: a column may have several reasons to be rewritten, and a user wants one finding.
// In this order: serial, identity, stored, then the default.
enum class ColumnRewrite { kNone, kSerial, kIdentity, kStored, kDefault };
inline ColumnRewrite RewriteCause(const sql::Column& c) {
  if (c.type != nullptr) {
    const std::string_view t = c.type->name;
    if (t == "serial" || t == "bigserial" || t == "smallserial" || t == "serial4" || t == "serial8" || t == "serial2") return ColumnRewrite::kSerial;
  }
  if (c.Find(sql::ConstraintKind::kIdentity) != nullptr) return ColumnRewrite::kIdentity;
  if (const sql::Constraint* g = c.Find(sql::ConstraintKind::kGenerated)) return g->stored ? ColumnRewrite::kStored : ColumnRewrite::kNone;
  return c.Find(sql::ConstraintKind::kDefault) != nullptr ? ColumnRewrite::kDefault : ColumnRewrite::kNone;
}

}  // namespace pawl

#endif  // PAWL_RULES_SQL_REWRITE_H_
