// What the rules about running code ask in the same way. While a deploy runs, the old code is still there: it knows the
// names from before the migration, and a name that goes away breaks it at the moment of commit. What counts is therefore
// whether a name that others use is gone when the transaction ends, not which statement took it away.
#ifndef PAWL_RULES_SQL_COMPATIBILITY_DEPLOY_H_
#define PAWL_RULES_SQL_COMPATIBILITY_DEPLOY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/sql/common.h"

namespace pawl {

// Names of one kind share a name space: a view can take the name that a table had.
enum class NameKind : uint8_t { kRelation, kType, kRoutine, kSchema, kExtension, kOther };
NameKind KindOf(sql::ObjectType type);

// "table", "materialized view": for messages.
std::string Words(sql::ObjectType type);

// The same object as far as the text tells: an unqualified name is the same as a qualified one.
bool Same(const sql::Name& a, const sql::Name& b);

// The statement makes an object of this name, or gives another one this name.
bool Gives(const sql::Statement& s, NameKind kind, const sql::Name& name);
// The statement drops the object, renames it, or moves it to another schema.
bool Frees(const sql::Statement& s, NameKind kind, const sql::Name& name);

struct LaterStatement {
  const sql::Statement* statement = nullptr;
  bool same_transaction = false;  // takes effect for others together with the current one
};
// What stands behind this statement in the script, statements of DO blocks included; at most a few thousand.
std::vector<LaterStatement> StatementsAfter(const StatementContext& context);

// What ran before this statement in the script, in order; at most the last few thousand.
std::span<const StatementFacts> FactsBefore(const StatementContext& context);

// A later statement that gives the name again: a replacement or a swap. Null statement: none.
LaterStatement GivenLater(const StatementContext& context, NameKind kind, const sql::Name& name);

// An earlier statement of this script gave an object the name with RENAME or SET SCHEMA: nobody knows it by that name yet.
bool RenamedToHere(const StatementContext& context, NameKind kind, const sql::Name& name);

// An earlier statement of the script took this name away from its object: the second half of a swap or replacement, whose first
// half has been judged.
bool FreedBefore(const StatementContext& context, NameKind kind, const sql::Name& name);

// Somebody outside this script may know the object by this name: it is not temporary, and neither made nor named here nor in
// the pending batch. An object that the history has not seen is taken to be used; one whose name is a placeholder is not.
bool OthersKnow(const StatementContext& context, NameKind kind, const sql::Name& name);

// Made in this migration or the pending batch.
bool MadeHere(const ScriptContext& script, const Origin& origin);

// A later CREATE VIEW of the same transaction that keeps `old_name` readable over `new_name`.
struct CompatibilityView {
  const sql::Statement* statement = nullptr;  // null: there is none
  bool updatable = false;                     // selects from the one relation, without a condition: writes pass through
};
CompatibilityView FindCompatibilityView(const StatementContext& context, const sql::Name& old_name, const sql::Name& new_name);

// Where the name stands in the statement; the whole statement if that is not to be seen.
Span NameSpan(const StatementContext& context, const sql::Name& name);

// "line 12".
std::string AtLine(const StatementContext& context, const sql::Statement& s);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_COMPATIBILITY_DEPLOY_H_
