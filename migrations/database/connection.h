// One PostgreSQL session, over libpq. Never reconnects and never sends a statement twice: after a lost connection nobody knows
// whether the statement ran, and whoever decides that must look at the database first (run/apply.h).
//
// Blocking calls wait in poll() and call the session's `tick` meanwhile, so that a watcher on a second session can tell who
// blocks whom. Not thread-safe: one thread a session.
#ifndef PAWL_MIGRATIONS_DATABASE_CONNECTION_H_
#define PAWL_MIGRATIONS_DATABASE_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "migrations/database/target.h"

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

namespace pawl {

// What the server, or libpq, says went wrong. Documentation, "Error Message Fields".
struct PgError {
  std::string sqlstate;      // "" if the server said nothing: the connection was lost or never there
  std::string message;
  std::string detail;
  std::string hint;
  std::string context;       // of functions: where in them
  std::string table, constraint;
  uint32_t position = 0;     // in the statement, in characters from 1; 0: not told

  bool fatal = false;        // the server ends the session with it

  // By the severity, not the SQLSTATE: a foreign server that is down, or RAISE ... USING ERRCODE, gives 08006 in a session that is well.
  bool lost() const { return sqlstate.empty() || fatal; }
  std::string Text() const;  // "message (detail; hint)", one line, no password
};

using PgValue = std::optional<std::string>;  // nullopt: NULL
using PgRow = std::vector<PgValue>;

struct PgResult {
  std::optional<PgError> error;
  std::vector<PgRow> rows;
  int64_t affected = -1;     // -1: the statement does not tell

  bool ok() const { return !error.has_value(); }
  // The one value of a query that gives one; "" for NULL or no row.
  std::string Value() const { return rows.empty() || rows[0].empty() ? std::string() : rows[0][0].value_or(std::string()); }
};

// One statement of a batch.
struct PgStatement {
  std::string_view sql;                  // must outlive the batch
  std::vector<PgValue> parameters;       // text format
  bool prepared = false;                 // `sql` is the name of a statement that PREPARE made
};

struct BatchOutcome {
  std::optional<PgError> error;          // of statements[failed]
  size_t failed = 0;
  int64_t rows = 0;                      // inserted, updated, deleted by all of them
};

class PgConnection {
 public:
  using Tick = std::function<void()>;

  // kUnavailable: no server there, or it does not let us in; the message is for an operator and holds no password.
  static absl::StatusOr<std::unique_ptr<PgConnection>> Open(const Target& target, std::string_view application_name);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;

  // Runs one statement and waits for it.
  PgResult Query(std::string_view sql, absl::Span<const PgValue> parameters = {});
  // Runs statements one after another until one fails, in libpq's pipeline mode: one wait for all of them. BEGIN and COMMIT are
  // the caller's: after an error the transaction is still open and aborted.
  BatchOutcome Batch(absl::Span<const PgStatement> statements);
  // COPY ... FROM STDIN with its data, as psql reads it from a script (text format, without the closing "\.").
  PgResult CopyIn(std::string_view sql, std::string_view data);
  // Ends the running statement of another call (used from a tick).
  void Cancel();

  // Called about every 100 ms while a statement runs; null: never.
  void set_tick(Tick tick) { tick_ = std::move(tick); }

  bool lost() const;
  int backend_pid() const;               // as the protocol told it: behind a pooler not the backend's
  int server_version() const;            // 160004
  std::string_view parameter(const char* name) const;  // server_encoding, in_hot_standby ...
  std::vector<std::string> TakeNotices();  // "NOTICE: ..." since the last call; of a flood the first hundred, and how many more there were

 private:
  explicit PgConnection(PGconn* c) : conn_(c) {}
  bool Flush();
  bool WaitReadable();                    // false: the connection is lost
  PGresult* Next();                       // the next result, or null
  PgError ErrorOf(const PGresult* r) const;
  void Take(const PGresult* r, PgResult* into) const;
  void AddNotice(const PGresult* r);

  PGconn* conn_;
  Tick tick_;
  std::vector<std::string> notices_;      // the first kMostNotices of them
  size_t more_notices_ = 0;
};

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_CONNECTION_H_
