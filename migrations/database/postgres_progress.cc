// How far the running statement is, as far as the server tells or its table's size shows.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "migrations/database/postgres.h"

namespace pawl {
namespace {

// 1234567 -> "1,234,567"
std::string Grouped(int64_t n) {
  std::string s = absl::StrCat(n);
  for (size_t i = s.size(); i > 3; i -= 3) s.insert(i - 3, ",");
  return s;
}

}  // namespace

void PostgresDatabase::ExpectRows(const PlanUnit& unit) {
  written_.clear();
  pages_before_ = -1;
  std::string table;
  for (const PlanStatement& s : unit.statements) {
    for (const PlanLock& l : s.locks) {
      if (l.mode == LockMode::kAccessExclusive) return;  // whoever asked for its size would wait for us
      if (table.empty() && l.mode == LockMode::kRowExclusive && l.work == Work::kRows) table = l.object;
    }
  }
  written_ = table;
}

// The server counts the rows of an UPDATE only when it is committed. What shows before is that the table grows: each row that is written
// takes room, on average as much as those that are there. Room that is used again makes it an understatement, so it says "about".
std::string PostgresDatabase::RowsWritten() {
  if (written_.empty()) return "";
  // Asking for the size takes a lock for a moment: where somebody else waits for the table, we queue behind until the watcher's lock_timeout.
  const PgResult r = watch_->Query("SELECT pg_relation_size(c.oid) / current_setting('block_size')::int, c.relpages, c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                                   "WHERE n.nspname || '.' || c.relname = $1 AND c.relkind = 'r'",
                                   {PgValue(written_)});
  if (!r.ok() || r.rows.empty()) return "";
  int64_t pages = 0, known_pages = 0, known_rows = 0;
  (void)absl::SimpleAtoi(r.rows[0][0].value_or(""), &pages);
  (void)absl::SimpleAtoi(r.rows[0][1].value_or(""), &known_pages);
  (void)absl::SimpleAtoi(r.rows[0][2].value_or(""), &known_rows);
  if (pages_before_ < 0) pages_before_ = pages;
  const int64_t grown = pages - pages_before_;
  if (grown <= 0) return "";
  if (known_pages <= 0 || known_rows <= 0) return absl::StrCat(written_, " has grown by ", Grouped(std::max<int64_t>(grown / 128, 1)), " MB");
  return absl::StrCat("about ", Grouped(static_cast<int64_t>(static_cast<double>(grown) * static_cast<double>(known_rows) / static_cast<double>(known_pages))), " rows written to ", written_, ", which had ", Grouped(known_rows));
}

std::string PostgresDatabase::Progress() {
  if (!OpenWatcher().ok()) return "";
  const PgValue pid(absl::StrCat(work_->backend_pid()));
  // Documentation, "Progress Reporting": the phases of CREATE INDEX, CLUSTER, VACUUM and COPY (14+).
  PgResult r = watch_->Query(
      "SELECT phase, CASE WHEN blocks_total > 0 THEN 100 * blocks_done / blocks_total WHEN tuples_total > 0 THEN 100 * tuples_done / tuples_total END, "
      "CASE WHEN lockers_total > 0 THEN format(' (%s of %s transactions waited for)', lockers_done, lockers_total) ELSE '' END FROM pg_stat_progress_create_index WHERE pid = $1::int",
      {pid});
  if (r.ok() && !r.rows.empty()) {
    const PgRow& row = r.rows[0];
    return absl::StrCat(row[0].value_or(""), row[1] ? absl::StrCat(": ", *row[1], " %") : "", row[2].value_or(""));
  }
  r = watch_->Query("SELECT phase, CASE WHEN heap_blks_total > 0 THEN 100 * heap_blks_scanned / heap_blks_total END FROM pg_stat_progress_vacuum WHERE pid = $1::int", {pid});
  if (r.ok() && r.rows.empty()) r = watch_->Query("SELECT command || ', ' || phase, CASE WHEN heap_blks_total > 0 THEN 100 * heap_blks_scanned / heap_blks_total END FROM pg_stat_progress_cluster WHERE pid = $1::int", {pid});
  if (r.ok() && !r.rows.empty()) return absl::StrCat(r.rows[0][0].value_or(""), r.rows[0][1] ? absl::StrCat(": ", *r.rows[0][1], " %") : "");
  if (server_.major >= 14) {
    r = watch_->Query("SELECT tuples_processed FROM pg_stat_progress_copy WHERE pid = $1::int", {pid});
    int64_t rows = 0;
    if (r.ok() && !r.rows.empty() && absl::SimpleAtoi(r.rows[0][0].value_or(""), &rows)) return absl::StrCat(Grouped(rows), " rows copied");
  }
  return RowsWritten();
}

}  // namespace pawl
