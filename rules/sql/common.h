// What several rules say or ask in the same way.
#ifndef PAWL_RULES_SQL_COMMON_H_
#define PAWL_RULES_SQL_COMMON_H_

#include <string>
#include <string_view>

#include "rules/rule.h"

namespace pawl {

// How to have a statement run outside a transaction with the runner of this set: "put it into a migration of its own that
// starts with `-- +goose NO TRANSACTION`". No full stop.
std::string OutsideTransactionAdvice(const ScriptContext& script);

// Why the statement is in a transaction: "the file's BEGIN on line 3", "goose runs each file in a transaction". "" if it is not.
std::string WhyInTransaction(const ScriptContext& script, const StatementFacts& facts);

// CONCURRENTLY and its kin may run here: top level, outside any transaction.
bool MayRunConcurrently(const StatementFacts& facts);

// Stands for a name that the file does not hold: a template's variable or an argument of format(), masked by the parser.
bool IsPlaceholder(std::string_view name);

// "`public.users`" without the default schema: `users`.
std::string Quoted(std::string_view key);
std::string Quoted(const sql::Name& name);

// The text has the name as a word of its own, in lower or in upper case: names are hardly ever written otherwise, and searching for
// all spellings is slow. For whole histories: much faster than reading tokens.
bool Mentions(std::string_view text, std::string_view name);

// A comment in front of the statement or in its line, or one for the file, asks for this rule to be quiet. For rules that make one finding of
// many places, or are quiet one day by themselves; all else is the engine's.
bool IsAccepted(const ScriptContext& script, const Rule& rule, const sql::Statement& s);

// The first place where these tokens follow each other, such as "delete set null (": in lower case, a blank between two. Empty if there is
// none. For what the tree does not keep.
Span WordsIn(const ScriptContext& script, Span in, std::string_view words);

// For rules of single statements: a script of more statements than that is a dump, where nothing is looked for. Each would look through all
// the others.
inline constexpr size_t kLookedThrough = 5000;

// TRUNCATE, or DELETE without a condition, stands before this statement, and nothing has been written to the table since.
bool EmptiedHere(const StatementContext& context, const sql::Name& table);

// The script has set the session's time zone to UTC before the statement.
bool InUtc(const ScriptContext& script, const sql::Statement& before);

// ALTER COLUMN TYPE between timestamp and timestamptz in a session in UTC: they hold the same bytes, so that nothing is written
// anew (12+; TimestampTimestampTzRequiresRewrite). Whether the old type is the other of the two is not looked up.
bool KeepsTimestamps(const ScriptContext& script, const sql::Statement& statement, const sql::AlterCommand& command);

// What waits for a lock of this mode: "reads and writes", "writes", "other schema changes".
std::string_view WhatWaits(LockMode mode);

// An edit that inserts text at a place.
inline TextEdit Insert(uint32_t at, std::string text) { return TextEdit{{at, at}, std::move(text)}; }

// "`SHARE` lock" and so on, for messages.
std::string LockWords(LockMode mode);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_COMMON_H_
