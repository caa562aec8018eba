// How many rows of its table an UPDATE or DELETE touches, as far as its text tells.
#ifndef PAWL_RULES_SQL_DATA_ROW_SHARE_H_
#define PAWL_RULES_SQL_DATA_ROW_SHARE_H_

#include "rules/sql/data/data.h"

namespace pawl {

enum class RowShare : uint8_t {
  kUnknown,   // picks rows by something: a key, a value, a range, a batch
  kAll,       // no condition, or one that is always true
  kUnfilled,  // all rows that are not done: the condition only asks whether the assigned columns have their value yet
  kJoined,    // all rows that another whole table matches
};

// The share of `write`, an UPDATE or DELETE; `outer` is the statement's query, whose CTEs it may read (may be `write` itself).
RowShare ShareOf(const StatementContext& context, const sql::Query& write, const sql::Query& outer);

// The statement runs in a loop of a DO block or function, and each turn takes a part (a batch with LIMIT, a range between
// variables, one row of a query over a whole table), so that the loop as a whole goes over all rows.
bool LoopsOverAll(const StatementContext& context, const sql::Query& write);

// The body of this statement commits inside its loop, and may do so: no transaction is open around it.
bool CommitsInLoop(const StatementContext& context);
bool HasCommitInLoop(const StatementContext& context);

// MERGE with a whole live table whose WHEN MATCHED THEN `action` ("update", "delete") has no condition.
bool MergesAll(const StatementContext& context, const sql::Query& merge, std::string_view action);
// The UPDATEs or DELETEs (`kind`) of a statement: itself, and those in its CTEs.
std::vector<const sql::Query*> WritesIn(const sql::Query& q, sql::QueryKind kind);

}  // namespace pawl

#endif  // PAWL_RULES_SQL_DATA_ROW_SHARE_H_
