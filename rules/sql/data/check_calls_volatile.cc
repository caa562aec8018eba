// check-calls-volatile: a CHECK, index or generated column whose expression gives another value tomorrow.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rules/sql/data/data.h"

namespace pawl {

extern const Rule kCheckCallsVolatile;

namespace {

constexpr int kMaxDepth = 32;

// pg_proc.provolatile = 'v', of PostgreSQL and of uuid-ossp and pgcrypto.
constexpr std::string_view kVolatile[] = {
    "clock_timestamp", "currval", "gen_random_bytes", "gen_random_uuid", "gen_salt", "lastval", "nextval", "pg_sleep", "random", "random_normal", "setval", "timeofday",
    "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "uuidv4", "uuidv7",
};
// Built-in functions that are 's' with whatever arguments, the same within one statement or transaction: what is stored refuses them
// too. Taken from PostgreSQL 12, 13, 14, 15 and 18, those that a migration may call:
//   SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f'
//   GROUP BY proname HAVING bool_and(provolatile <> 'i') ORDER BY 1;
constexpr std::string_view kStable[] = {
    "array_to_json", "array_to_string", "concat", "concat_ws", "convert", "convert_from", "convert_to", "current_database", "current_schema", "current_setting", "enum_first", "enum_last", "enum_range",
    "format", "format_type", "json_build_array", "json_build_object", "jsonb_build_array", "jsonb_build_object", "jsonb_path_exists_tz", "jsonb_path_match_tz", "jsonb_path_query_first_tz",
    "make_timestamptz", "now", "pg_backend_pid", "row_to_json", "session_user", "statement_timestamp", "to_char", "to_date", "to_json", "to_jsonb", "to_number", "transaction_timestamp",
};
// Those that are so with that many arguments, by the same query grouped by pronargs too: to_tsvector(text) follows a setting,
// to_tsvector('english', text) does not.
constexpr std::pair<std::string_view, size_t> kStableWith[] = {{"age", 1}, {"plainto_tsquery", 1}, {"to_timestamp", 2}, {"to_tsquery", 1}, {"to_tsvector", 1}};

bool IsStable(const sql::Expr& call) {
  if (!call.schema.empty() && call.schema != "pg_catalog") return false;
  for (std::string_view name : kStable) {
    if (name == call.text) return true;
  }
  for (const auto& [name, arguments] : kStableWith) {
    if (name == call.text && arguments == call.arguments.size()) return true;
  }
  return false;
}

template <size_t n>
bool Has(const std::string_view (&names)[n], std::string_view name) {
  for (std::string_view s : names) {
    if (s == name) return true;
  }
  return false;
}

struct Cause {
  std::string name;
  bool user = false;  // a function of the history, VOLATILE by default
};

// The function that makes the expression change; `immutable` asks for more: what an index takes. False: none that is known.
bool Find(const StatementContext& context, const sql::Expr& e, bool immutable, int depth, Cause* cause) {
  if (depth > kMaxDepth) return false;
  if (e.kind == sql::ExprKind::kCall) {
    if (const CatalogFunction* f = context.catalog.FindFunction({e.schema, e.text, {}})) {
      // The server looks into SQL functions: what they do decides, not what they are marked. Of several of one name it is not known
      // which one is called.
      if (immutable ? f->volatility != 'i' && f->language != "sql" && !f->language.empty() && !f->overloaded : f->volatility == 'v') {
        *cause = {absl::StrCat(e.text, "()"), true};
        return true;
      }
    } else if (Has(kVolatile, e.text) || (immutable && IsStable(e))) {
      *cause = {absl::StrCat(e.text, "()"), false};
      return true;
    }
  }
  if (immutable && e.kind == sql::ExprKind::kKeyword) {
    *cause = {absl::StrCat(e.text), false};
    return true;
  }
  for (const sql::Expr* a : e.arguments) {
    if (a != nullptr && Find(context, *a, immutable, depth + 1, cause)) return true;
  }
  return false;
}

void CheckExpression(const StatementContext& context, const sql::Expr* e, const std::string& what, Span span) {
  Cause cause;
  if (e == nullptr || !Find(context, *e, false, 0, &cause)) return;
  FindingBuilder f = context.Report(kCheckCallsVolatile, span, absl::StrCat(what, " calls `", cause.name, "`, which may give another answer each time"));
  f.Why("PostgreSQL takes it that a row which once passed a CHECK always does: it never looks again, and a restore or a rewrite that does may refuse rows that are there");
  f.Help(cause.user ? absl::StrCat("if `", cause.name, "` depends on its arguments alone, mark it IMMUTABLE; if it reads tables or the clock, check in a trigger instead")
                    : "check it in a trigger when the row is written, or compare columns of the row with each other");
}

void CheckStored(const StatementContext& context, const sql::Expr* e, const std::string& what, Span span) {
  Cause cause;
  if (e == nullptr || !Find(context, *e, true, 0, &cause)) return;
  FindingBuilder f = context.Report(kCheckCallsVolatile, span, absl::StrCat(what, " fails: `", cause.name, "` is not IMMUTABLE"));
  f.Why("what is stored must be what the expression gives at any later time, so the server refuses the statement, and the deploy stops here");
  f.Help(cause.user ? absl::StrCat("mark `", cause.name, "` IMMUTABLE if it depends on its arguments alone; else store the value in a column of its own, by a trigger")
                    : "store the value in a column of its own when the row is written, or compare with a constant");
}

void CheckConstraint(const StatementContext& context, const sql::Constraint& k) {
  if (k.kind != sql::ConstraintKind::kCheck) return;
  CheckExpression(context, k.expression, k.name.empty() ? "the CHECK constraint" : absl::StrCat("CHECK constraint `", k.name, "`"), k.span);
}

void CheckColumn(const StatementContext& context, const sql::Column& c) {
  for (const sql::Constraint* k : c.constraints) {
    CheckConstraint(context, *k);
    if (k->kind == sql::ConstraintKind::kGenerated) CheckStored(context, k->expression, absl::StrCat("generated column `", c.name, "`"), k->span);
  }
}

void Check(const StatementContext& context) {
  switch (context.statement.kind) {
    case sql::StatementKind::kCreateTable: {
      const auto& t = context.statement.As<sql::CreateTable>();
      for (const sql::Column* c : t.columns) CheckColumn(context, *c);
      for (const sql::Constraint* k : t.constraints) CheckConstraint(context, *k);
      for (const sql::Expr* e : t.partition_key) CheckStored(context, e, absl::StrCat("the partition key of ", Quoted(t.name)), e == nullptr ? Span() : e->span);
      return;
    }
    case sql::StatementKind::kAlterTable:
      for (const sql::AlterCommand& c : context.statement.As<sql::AlterTable>().commands) {
        if (c.column != nullptr) CheckColumn(context, *c.column);
        if (c.constraint != nullptr) CheckConstraint(context, *c.constraint);
      }
      return;
    case sql::StatementKind::kCreateDomain:
      for (const sql::Constraint* k : context.statement.As<sql::CreateDomain>().constraints) CheckConstraint(context, *k);
      return;
    case sql::StatementKind::kCreateIndex: {
      const auto& i = context.statement.As<sql::CreateIndex>();
      const bool plain = i.where == nullptr && std::all_of(i.elements.begin(), i.elements.end(), [](const auto& e) { return e.expression == nullptr; });
      if (plain) return;
      const std::string name = i.name.empty() ? "the index" : absl::StrCat("index `", i.name, "`");
      for (const sql::IndexElement& e : i.elements) CheckStored(context, e.expression, name, e.expression == nullptr ? Span() : e.expression->span);
      CheckStored(context, i.where, absl::StrCat("the condition of ", name), i.where == nullptr ? Span() : i.where->span);
      return;
    }
    default:
      return;
  }
}

}  // namespace

constinit const Rule kCheckCallsVolatile = {
    .info = {
        .name = "check-calls-volatile",
        .group = RuleGroup::kData,
        .severity = Severity::kWarning,
        .summary = "a CHECK, index or generated column calls a volatile function",
        .page = {
            .what = "The expression of a CHECK constraint, an index, a generated column or a partition key calls a function that may give another result for the same row: `random()`, `clock_timestamp()`, a "
                    "function that is VOLATILE, which is what CREATE FUNCTION makes unless told otherwise. An index, a generated column and a partition key take no STABLE function either: `now()`, "
                    "`concat()`, `to_char()`, `to_tsvector()` without a configuration.",
            .why = "A CHECK is evaluated when a row is written and never again: rows that break it stay, until a restore of a dump or a rewrite of the table refuses them. An index or a generated column "
                   "with such a function is refused by the server at once: `functions in index expression must be marked IMMUTABLE`, `generation expression is not immutable`.",
            .instead = "Mark the function IMMUTABLE if it depends on its arguments alone. Instead of `concat(a, b)` write `a || b` with coalesce, instead of `to_tsvector(a)` `to_tsvector('english', a)`. What depends on the clock, a sequence or other tables belongs into a trigger.",
            .fix_safety = "",
            .versions = "",
            .limits = "Functions that neither PostgreSQL nor the history defines are left alone. `now()` and CURRENT_DATE in a CHECK are too (they are stable); in an index or generated column they are "
                      "flagged. Functions that are stable only for some types (`date_trunc` of a timestamptz) are not. Of functions in language SQL the server looks at the body, so an index on one is not judged.",
            .references = "PostgreSQL documentation, Function Volatility Categories\n"
                          "PostgreSQL documentation, CREATE TABLE, CHECK; measured on 12, 15 and 18",
            .elsewhere = "MigrationPilot MP087",
            .bad = "SET lock_timeout = '2s';\n"
                   "CREATE TABLE IF NOT EXISTS bookings (id bigint PRIMARY KEY, at timestamptz CHECK (at > clock_timestamp()));\n",
            .good = "SET lock_timeout = '2s';\n"
                    "CREATE TABLE IF NOT EXISTS bookings (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, at timestamptz CHECK (at > created_at));\n",
        },
    },
    .kinds = {sql::StatementKind::kCreateTable, sql::StatementKind::kAlterTable, sql::StatementKind::kCreateIndex, sql::StatementKind::kCreateDomain},
    .check_statement = Check,
    .in_down = false,
};

}  // namespace pawl
