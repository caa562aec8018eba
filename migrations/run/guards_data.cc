#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "migrations/run/guards_internal.h"
#include "migrations/run/sql_text.h"

namespace pawl {
namespace {

constexpr int64_t kHuge = 20'000'000;   // rows: not read through just to know
constexpr int kCounted = 100'000;       // of offending rows, "or more"

struct TableNow {
  bool exists = false;
  int64_t rows = -1;                    // as the server estimates
  int columns = 0;                      // of those asked for, how many there are
  bool absent_column_exists = false;
  bool indexed = false;                 // an index begins with the first of the columns
  std::string key;                      // SQL of the primary key's columns as text, "id = 1, tenant = 2"; by ctid without one
};

std::string List(const std::vector<std::string>& names) {
  return absl::StrCat("ARRAY[", absl::StrJoin(names, ", ", [](std::string* out, const std::string& n) { absl::StrAppend(out, QuoteLiteral(n)); }), "]::name[]");
}

absl::StatusOr<TableNow> LookAtTable(Asker& asker, const DataProbe& p) {
  const std::string table = absl::StrCat("to_regclass(", QuoteLiteral(Quoted(p.table)), ")");
  const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(
      "SELECT c.reltuples::bigint, (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY(", List(p.columns), ")), "
      "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = ", QuoteLiteral(p.absent_column), "), "
      "EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisvalid AND a.attname = (", List(p.columns), ")[1]), "
      "coalesce((SELECT string_agg(format('%L || %I::text', a.attname || ' = ', a.attname), ' || '', '' || ' ORDER BY k.n) FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(attnum, n) "
      "JOIN pg_attribute a ON a.attnum = k.attnum WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid), '''ctid = '' || ctid::text') "
      "FROM pg_class c WHERE c.oid = ", table, " AND c.relkind IN ('r', 'p')"));
  if (!rows.ok()) return rows.status();
  TableNow now;
  if (rows->empty() || (*rows)[0].size() < 5) return now;
  const std::vector<std::string>& r = (*rows)[0];
  now.exists = true;
  (void)absl::SimpleAtoi(r[0], &now.rows);
  (void)absl::SimpleAtoi(r[1], &now.columns);
  now.absent_column_exists = r[2] == "t";
  now.indexed = r[3] == "t";
  now.key = r[4];
  return now;
}

std::vector<std::string> PrimaryKeyOf(Asker& asker, const std::string& table) {
  std::vector<std::string> columns;
  const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat("SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attnum = k.attnum WHERE i.indrelid = to_regclass(",
                                                           QuoteLiteral(table), ") AND i.indisprimary AND a.attrelid = i.indrelid ORDER BY k.n"));
  if (!rows.ok()) return columns;
  for (const auto& r : *rows) columns.push_back(r[0]);
  return columns;
}

struct Question {
  std::string from;       // SQL behind SELECT ... : "FROM t WHERE ..."
  std::string example;    // SQL of what tells one of them
  std::string count = "1";  // what a row of `from` stands for
  std::string what;       // "rows where email is null"
};

// kNotFound: there is nothing to ask.
absl::StatusOr<Question> Ask(Asker& asker, const DataProbe& p, const TableNow& now) {
  const std::string table = Quoted(p.table);
  Question q;
  q.example = now.key;
  switch (p.of) {
    case ProbeOf::kNulls: {
      const std::string column = QuoteIdentifier(p.columns[0]);
      q.from = absl::StrCat("FROM ", table, " WHERE ", column, " IS NULL");
      q.what = absl::StrCat("rows of ", Shown(p.table), " where ", p.columns[0], " is null");
      return q;
    }
    case ProbeOf::kRows:
      q.from = absl::StrCat("FROM ", table);
      if (!p.type.empty()) absl::StrAppend(&q.from, " WHERE NOT EXISTS (SELECT FROM pg_type WHERE oid = to_regtype(", QuoteLiteral(p.type), ") AND (typdefault IS NOT NULL))");
      q.what = absl::StrCat("rows of ", Shown(p.table), ", for which the new column has no value");
      return q;
    case ProbeOf::kCheck:
      q.from = absl::StrCat("FROM ", table, " WHERE NOT (", p.condition, "\n)");
      q.what = absl::StrCat("rows of ", Shown(p.table), " that do not satisfy ", p.condition.substr(0, 120));
      return q;
    case ProbeOf::kDuplicates: {
      std::vector<std::string> conditions;
      if (!p.condition.empty()) conditions.push_back(absl::StrCat("(", p.condition, "\n)"));
      std::vector<std::string> shown, numbers;
      for (size_t i = 0; i < p.keys.size(); ++i) {
        if (!p.nulls_not_distinct) conditions.push_back(absl::StrCat("(", p.keys[i], ") IS NOT NULL"));
        shown.push_back(absl::StrCat(QuoteLiteral(absl::StrCat(i < p.columns.size() && p.columns.size() == p.keys.size() ? p.columns[i] : p.keys[i], " = ")), " || coalesce((", p.keys[i], ")::text, 'null')"));
      }
      q.from = absl::StrCat("FROM ", table, conditions.empty() ? "" : " WHERE ", absl::StrJoin(conditions, " AND "), " GROUP BY ", absl::StrJoin(p.keys, ", "), " HAVING count(*) > 1");
      q.example = absl::StrCat(absl::StrJoin(shown, " || ', ' || "), " || ' (' || count(*) || ' times)'");
      q.what = absl::StrCat("values of (", absl::StrJoin(p.keys, ", "), ") that stand in more than one row of ", Shown(p.table));
      return q;
    }
    case ProbeOf::kOrphans: {
      std::vector<std::string> to = p.referenced_columns;
      if (to.empty()) to = PrimaryKeyOf(asker, Quoted(p.referenced));
      if (to.empty() || to.size() != p.columns.size()) return absl::NotFoundError("the referenced columns are not known");
      std::vector<std::string> not_null, same;
      for (size_t i = 0; i < to.size(); ++i) {
        const std::string column = absl::StrCat("child.", QuoteIdentifier(p.columns[i]));
        not_null.push_back(absl::StrCat(column, " IS NOT NULL"));
        same.push_back(absl::StrCat("parent.", QuoteIdentifier(to[i]), " = ", column));
      }
      q.from = absl::StrCat("FROM ", table, " child WHERE ", absl::StrJoin(not_null, " AND "), " AND NOT EXISTS (SELECT FROM ", Quoted(p.referenced), " parent WHERE ", absl::StrJoin(same, " AND "), ")");
      std::vector<std::string> values;
      for (const std::string& c : p.columns) values.push_back(absl::StrCat(QuoteLiteral(absl::StrCat(c, " = ")), " || child.", QuoteIdentifier(c), "::text"));
      q.example = absl::StrCat(now.key, " || ' with ' || ", absl::StrJoin(values, " || ', ' || "));
      q.what = absl::StrCat("rows of ", Shown(p.table), " whose (", absl::StrJoin(p.columns, ", "), ") is not in ", Shown(p.referenced));
      return q;
    }
    case ProbeOf::kValidate: break;
  }
  return absl::NotFoundError("nothing to ask");
}

// What the constraint checks is in the database: the probe that asks the same. kNotFound: it is valid already, or of another kind.
absl::StatusOr<DataProbe> FromConstraint(Asker& asker, const DataProbe& p) {
  const absl::StatusOr<Rows> rows = asker.Ask(absl::StrCat(
      "SELECT c.contype, c.convalidated, coalesce(pg_get_expr(c.conbin, c.conrelid), ''), coalesce((SELECT n.nspname FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = c.confrelid), ''), "
      "coalesce((SELECT r.relname FROM pg_class r WHERE r.oid = c.confrelid), ''), k.n, coalesce((SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[k.n]), ''), "
      "coalesce((SELECT attname FROM pg_attribute WHERE attrelid = c.confrelid AND attnum = c.confkey[k.n]), '') "
      "FROM pg_constraint c LEFT JOIN LATERAL generate_subscripts(c.conkey, 1) k(n) ON true WHERE c.conrelid = to_regclass(", QuoteLiteral(Quoted(p.table)), ") AND c.conname = ", QuoteLiteral(p.constraint), " ORDER BY k.n"));
  if (!rows.ok()) return rows.status();
  if (rows->empty() || (*rows)[0][1] == "t") return absl::NotFoundError("nothing to validate");
  DataProbe q = p;
  const std::string& type = (*rows)[0][0];
  q.of = type == "c" ? ProbeOf::kCheck : type == "f" ? ProbeOf::kOrphans : ProbeOf::kNulls;
  q.condition = (*rows)[0][2];
  q.referenced = {(*rows)[0][3], (*rows)[0][4]};
  if (type != "c" && type != "f" && type != "n") return absl::NotFoundError("another kind");
  if (type == "c") return q;
  for (const auto& r : *rows) {
    q.columns.push_back(r[6]);
    if (type == "f") q.referenced_columns.push_back(r[7]);
  }
  return q;
}

std::string_view Advice(ProbeOf of) {
  switch (of) {
    case ProbeOf::kNulls: return "fill them first (in batches), or leave the column nullable";
    case ProbeOf::kDuplicates: return "merge or delete the duplicates first";
    case ProbeOf::kOrphans: return "delete or re-parent them first, or add the key NOT VALID and validate it later";
    case ProbeOf::kCheck: return "mend the rows first, or add the constraint NOT VALID and validate it later";
    case ProbeOf::kRows: return "add the column nullable or with a default, fill it, then SET NOT NULL";
    case ProbeOf::kValidate: break;
  }
  return "mend the rows first";
}

void CheckOne(Asker& asker, const DataProbe& given, std::vector<CheckResult>* out) {
  auto skip = [&](std::string_view why) { out->push_back({"data", true, false, absl::StrCat(given.statement, " (", given.place, "): not looked at: ", why)}); };
  DataProbe p = given;
  if (given.of == ProbeOf::kValidate) {
    const absl::StatusOr<DataProbe> q = FromConstraint(asker, given);
    if (absl::IsNotFound(q.status())) return;
    if (!q.ok()) return skip(q.status().message());
    p = *q;
  }
  const absl::StatusOr<TableNow> now = LookAtTable(asker, p);
  if (!now.ok()) return skip(now.status().message());
  // What does not exist yet holds no rows; whether it should exist is another check's question.
  if (!now->exists || now->columns < static_cast<int>(p.columns.size()) || (p.of == ProbeOf::kRows && now->absent_column_exists)) return;
  if (now->rows > kHuge && p.of != ProbeOf::kRows && !(p.of == ProbeOf::kNulls && now->indexed)) {
    return skip(absl::StrCat(Shown(p.table), " has about ", now->rows / 1'000'000, " million rows, and no index answers it"));
  }
  const absl::StatusOr<Question> q = Ask(asker, p, *now);
  if (!q.ok()) return skip(q.status().message());
  const absl::StatusOr<Rows> found = asker.Ask(absl::StrCat("SELECT left(", q->example, ", 120) ", q->from, " LIMIT 1"));
  if (!found.ok()) return skip(found.status().message());
  const std::string head = absl::StrCat(given.statement, " (", given.place, ")");
  if (found->empty()) {
    out->push_back({"data", true, false, absl::StrCat(head, ": no row stands in its way")});
    return;
  }
  std::string count = "some";
  const absl::StatusOr<Rows> counted = asker.Ask(absl::StrCat("SELECT count(*) FROM (SELECT 1 ", q->from, " LIMIT ", kCounted, ") few"));
  if (counted.ok() && !counted->empty()) count = (*counted)[0][0] == absl::StrCat(kCounted) ? absl::StrCat(kCounted, " or more") : (*counted)[0][0];
  std::string what = q->what;
  if (count == "1" && absl::StartsWith(what, "rows ")) what = absl::StrCat("row ", what.substr(5));
  out->push_back({"data", false, false, absl::StrCat(head, " would fail: ", count, " ", what, ", such as ", (*found)[0][0].empty() ? "null" : (*found)[0][0], "; ", Advice(p.of))});
}

}  // namespace

void CheckData(Asker& asker, const std::vector<DataProbe>& probes, std::vector<CheckResult>* out) {
  for (const DataProbe& p : probes) CheckOne(asker, p, out);
}

}  // namespace pawl
