// PostgreSQL behind the runner's Database: two sessions, one that works and one that holds the run lock and watches.
#ifndef PAWL_MIGRATIONS_DATABASE_POSTGRES_H_
#define PAWL_MIGRATIONS_DATABASE_POSTGRES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "migrations/database/connection.h"
#include "migrations/database/database.h"

namespace pawl {

// What SessionOf reads, of a row `a` of pg_stat_activity.
inline constexpr std::string_view kSessionColumns =
    "a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), coalesce(host(a.client_addr), 'this machine'), coalesce(a.state, ''), "
    "left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 200), extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start, a.backend_start))";
Session SessionOf(const PgRow& row);

class PostgresDatabase : public Database {
 public:
  // kUnavailable: not reachable, or no log-in. `component`: whose history and lock; `command`: for pg_stat_activity.
  static absl::StatusOr<std::unique_ptr<PostgresDatabase>> Open(const Target& target, std::string component, std::string_view command);

  const ServerInfo& server() const override { return server_; }
  absl::StatusOr<HistorySnapshot> ReadHistory(bool scripts) override;
  absl::StatusOr<std::vector<Attempt>> ReadLog(int limit) override;
  absl::Status PrepareHistory() override;
  absl::StatusOr<bool> TryRunLock(Session* holder) override;
  absl::StatusOr<std::optional<Session>> FindOrphan() override;
  absl::Status CancelSession(const Session& session) override;
  UnitOutcome RunUnit(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings) override;
  UnitOutcome TryUnit(const PlanUnit& unit, const SessionSettings& settings) override;
  absl::Status ResetSession() override;
  absl::StatusOr<Effect> Look(const Probe& probe) override;
  absl::Status Clean(const Probe& probe) override;
  absl::StatusOr<int64_t> WriteAttempt(const Attempt& attempt) override;
  absl::Status WriteApplied(absl::Span<const AppliedRow> rows) override;
  absl::Status RemoveApplied(std::string_view component, std::string_view version) override;
  std::vector<Session> Blocking() override;
  std::string Progress() override;
  void Cancel() override { work_->Cancel(); }
  void set_tick(DatabaseTick tick) override { work_->set_tick(std::move(tick)); }
  absl::StatusOr<std::vector<std::vector<std::string>>> Ask(std::string_view query) override;
  std::vector<std::string> TakeNotices() override { return work_->TakeNotices(); }
  std::string CountQuery(std::string_view what) const override;
  std::vector<TableSize> Sizes(const std::vector<std::string>& objects) override;

 private:
  PostgresDatabase(const Target& target, std::string component) : target_(target), component_(std::move(component)) {}
  absl::Status Learn();
  absl::Status SetUp(PgConnection& c, bool worker);
  absl::Status OpenWatcher();
  absl::Status LearnTables();                     // which of the tables are there, and whose
  absl::Status NoHistory(std::string_view what, const std::string& table, const PgError& e);  // why a history table cannot be used, and what to do
  absl::Status Failed(std::string_view what, const PgError& e) const;
  PgResult Configure(const SessionSettings& settings);
  UnitOutcome RunTransaction(const PlanUnit& unit, const UnitRecord* record, const SessionSettings& settings);
  UnitOutcome RunAlone(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings);
  UnitOutcome RunWithCopy(const PlanUnit& unit, const std::vector<PgStatement>& tail);
  void PrepareRecords();
  static std::vector<PgStatement> AsOurselves(bool other_role, bool other_encoding);
  std::vector<PgStatement> RecordOf(const PlanUnit& unit, const UnitRecord& record) const;
  std::vector<std::pair<std::string, std::string>> HalfBuilt(const Probe& p);  // copies that REINDEX CONCURRENTLY left: schema, name
  DbError ErrorFrom(const PgError& e) const;

  // postgres_progress.cc
  void ExpectRows(const PlanUnit& unit);
  std::string RowsWritten();

  Target target_;
  std::string component_;
  std::string command_;
  std::unique_ptr<PgConnection> work_, watch_;
  ServerInfo server_;
  int lock_key_ = 0;
  bool tables_known_ = false, has_applied_ = false, has_log_ = false, may_write_ = true;
  std::string applied_table_, log_table_;         // quoted and qualified
  std::vector<ForeignHistory> foreign_;
  SessionSettings session_{-1, -1};               // as they stand in the session
  std::string written_;                           // "public.orders": the running unit writes rows there; "" if nothing is to be asked
  int64_t pages_before_ = -1;                     // of it, when first looked at
  bool may_prepare_ = true, prepared_ = false, holds_session_lock_ = false;
  bool other_role_ = false, other_encoding_ = false;  // as PlanUnit has them, of the unit that ran last
  std::string insert_applied_, upsert_applied_, insert_log_, insert_done_, delete_applied_, update_attempt_, close_attempt_;
};

// Another tool's table, if the database has one (foreign.cc). Reads only.
absl::StatusOr<std::vector<ForeignHistory>> FindForeignHistory(PgConnection& c);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_POSTGRES_H_
