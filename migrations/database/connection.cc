#include "migrations/database/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "migrations/database/crash_point.h"

namespace pawl {
namespace {

constexpr int kTickMs = 100;
constexpr size_t kMostNotices = 100;

std::string Field(const PGresult* r, int code) {
  const char* v = PQresultErrorField(r, code);
  return v == nullptr ? std::string() : std::string(v);
}

std::string OneLine(std::string_view text) {
  std::string out;
  for (char c : absl::StripAsciiWhitespace(text)) out += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return out;
}

std::string Notice(const PGresult* r) {
  std::string text = absl::StrCat(Field(r, PG_DIAG_SEVERITY), ": ", Field(r, PG_DIAG_MESSAGE_PRIMARY));
  if (const std::string detail = Field(r, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) absl::StrAppend(&text, " (", detail, ")");
  return OneLine(text);
}

}  // namespace

std::string PgError::Text() const {
  std::string text = message;
  if (!detail.empty()) absl::StrAppend(&text, ": ", detail);
  if (!hint.empty()) absl::StrAppend(&text, " (", hint, ")");
  return OneLine(text);
}

absl::StatusOr<std::unique_ptr<PgConnection>> PgConnection::Open(const Target& target, std::string_view application_name) {
  for (const auto& [name, value] : target.environment.loaded()) {
    if (absl::StartsWith(name, "PG")) setenv(name.c_str(), value.c_str(), /*overwrite=*/0);
  }
  if (!target.url.empty()) {
    char* error = nullptr;
    PQconninfoOption* options = PQconninfoParse(target.url.c_str(), &error);
    if (error != nullptr) PQfreemem(error);  // it may quote the password
    if (options == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("the connection string of ", target.origin,
                                                     " cannot be read; write postgresql://user@host:5432/database, with %40 for @, %23 for # and %25 for % in a password, or put the password into a passfile"));
    }
    PQconninfoFree(options);
  }
  const std::string name(application_name);
  // The first `dbname` may be a whole connection string; what stands behind it only fills what that leaves open.
  const char* keywords[] = {"connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "dbname", "application_name", "client_encoding", nullptr};
  const char* values[] = {"10", "20", "5", "4", target.url.empty() ? nullptr : target.url.c_str(), name.c_str(), "UTF8", nullptr};
  PGconn* raw = PQconnectdbParams(keywords, values, /*expand_dbname=*/1);
  if (raw == nullptr) return absl::ResourceExhaustedError("no memory for a connection");
  std::unique_ptr<PgConnection> c(new PgConnection(raw));
  if (PQstatus(raw) != CONNECTION_OK) {
    const std::string shown = DescribeTarget(target);
    return absl::UnavailableError(absl::StrCat("cannot connect to ", shown, shown == target.origin ? "" : absl::StrCat(" (", target.origin, ")"), ": ", Redact(target, OneLine(PQerrorMessage(raw)))));
  }
  PQsetNoticeReceiver(
      raw, [](void* self, const PGresult* r) { static_cast<PgConnection*>(self)->AddNotice(r); }, c.get());
  PQsetnonblocking(raw, 1);
  return c;
}

PgConnection::~PgConnection() { PQfinish(conn_); }

bool PgConnection::lost() const { return PQstatus(conn_) != CONNECTION_OK; }
int PgConnection::backend_pid() const { return PQbackendPID(conn_); }
int PgConnection::server_version() const { return PQserverVersion(conn_); }

std::string_view PgConnection::parameter(const char* name) const {
  const char* v = PQparameterStatus(conn_, name);
  return v == nullptr ? std::string_view() : std::string_view(v);
}

void PgConnection::AddNotice(const PGresult* r) {
  if (notices_.size() < kMostNotices) notices_.push_back(Notice(r));
  else ++more_notices_;
}

std::vector<std::string> PgConnection::TakeNotices() {
  if (const size_t more = std::exchange(more_notices_, 0); more > 0) notices_.push_back(absl::StrCat("... and ", more, " more"));
  return std::exchange(notices_, {});
}

void PgConnection::Cancel() {
  PGcancel* cancel = PQgetCancel(conn_);
  if (cancel == nullptr) return;
  char why[256];
  PQcancel(cancel, why, sizeof why);
  PQfreeCancel(cancel);
}

bool PgConnection::Flush() {
  for (;;) {
    const int left = PQflush(conn_);
    if (left == 0) return true;
    if (left < 0) return false;
    pollfd p{PQsocket(conn_), POLLIN | POLLOUT, 0};
    const int n = poll(&p, 1, kTickMs);
    if (n < 0 && errno != EINTR) return false;
    if (n == 0 && tick_) tick_();
    // The server may wait for us to read before it reads more.
    if (n > 0 && (p.revents & POLLIN) != 0 && PQconsumeInput(conn_) == 0) return false;
  }
}

bool PgConnection::WaitReadable() {
  while (PQisBusy(conn_) != 0) {
    pollfd p{PQsocket(conn_), POLLIN, 0};
    const int n = poll(&p, 1, kTickMs);
    if (n < 0 && errno != EINTR) return false;
    if (n == 0 && tick_) tick_();
    if (n > 0 && PQconsumeInput(conn_) == 0) return false;
  }
  return true;
}

PGresult* PgConnection::Next() {
  WaitReadable();  // a lost connection shows as an error result
  return PQgetResult(conn_);
}

PgError PgConnection::ErrorOf(const PGresult* r) const {
  PgError e;
  if (r != nullptr) {
    e.sqlstate = Field(r, PG_DIAG_SQLSTATE);
    const std::string severity = Field(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    e.fatal = severity == "FATAL" || severity == "PANIC";
    e.message = Field(r, PG_DIAG_MESSAGE_PRIMARY);
    e.detail = Field(r, PG_DIAG_MESSAGE_DETAIL);
    e.hint = Field(r, PG_DIAG_MESSAGE_HINT);
    e.context = Field(r, PG_DIAG_CONTEXT);
    e.table = Field(r, PG_DIAG_TABLE_NAME);
    e.constraint = Field(r, PG_DIAG_CONSTRAINT_NAME);
    uint32_t position = 0;
    if (absl::SimpleAtoi(Field(r, PG_DIAG_STATEMENT_POSITION), &position)) e.position = position;
  }
  if (e.message.empty()) {
    e.message = OneLine(PQerrorMessage(conn_));
    if (e.message.empty()) e.message = "the connection to the server was lost";
  }
  return e;
}

void PgConnection::Take(const PGresult* r, PgResult* into) const {
  switch (PQresultStatus(r)) {
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE: {
      const int rows = PQntuples(r), columns = PQnfields(r);
      for (int i = 0; i < rows; ++i) {
        PgRow& row = into->rows.emplace_back();
        row.reserve(static_cast<size_t>(columns));
        for (int j = 0; j < columns; ++j) {
          if (PQgetisnull(r, i, j)) row.emplace_back();
          else row.emplace_back(std::string(PQgetvalue(r, i, j), static_cast<size_t>(PQgetlength(r, i, j))));
        }
      }
      [[fallthrough]];
    }
    case PGRES_COMMAND_OK: {
      int64_t n;
      if (absl::SimpleAtoi(PQcmdTuples(const_cast<PGresult*>(r)), &n)) into->affected = n;
      break;
    }
    case PGRES_EMPTY_QUERY: break;
    default:
      if (!into->error) into->error = ErrorOf(r);
  }
}

PgResult PgConnection::Query(std::string_view sql, absl::Span<const PgValue> parameters) {
  PgResult out;
  const std::string text(sql);
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const PgValue& p : parameters) values.push_back(p ? p->c_str() : nullptr);
  if (PQsendQueryParams(conn_, text.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0) == 0 || !Flush()) {
    out.error = ErrorOf(nullptr);
    return out;
  }
  CrashPoint("a statement is sent");
  while (PGresult* r = Next()) {
    const ExecStatusType status = PQresultStatus(r);
    Take(r, &out);
    PQclear(r);
    if (status == PGRES_COPY_IN) {  // COPY FROM STDIN where nobody has data: end it, or the session hangs
      PQputCopyEnd(conn_, "no data for COPY FROM STDIN");
      Flush();
    } else if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      char* buffer = nullptr;
      while (PQgetCopyData(conn_, &buffer, 0) > 0) PQfreemem(buffer);
      out.error.reset();
    }
    if (lost()) break;
  }
  if (lost() && !out.error) out.error = ErrorOf(nullptr);
  return out;
}

PgResult PgConnection::CopyIn(std::string_view sql, std::string_view data) {
  PgResult out;
  const std::string text(sql);
  if (PQsendQueryParams(conn_, text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0 || !Flush()) {
    out.error = ErrorOf(nullptr);
    return out;
  }
  while (PGresult* r = Next()) {
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COPY_IN) {
      constexpr size_t kChunk = 64 << 10;
      bool sent = true;
      for (size_t at = 0; at < data.size() && sent; at += kChunk) {
        const std::string_view part = data.substr(at, kChunk);
        int put;
        while ((put = PQputCopyData(conn_, part.data(), static_cast<int>(part.size()))) == 0) {
          if (!Flush()) break;
        }
        sent = put == 1 && Flush();
      }
      while (PQputCopyEnd(conn_, nullptr) == 0 && Flush()) {
      }
      Flush();
    } else {
      Take(r, &out);
    }
    PQclear(r);
    if (lost()) break;
  }
  if (lost() && !out.error) out.error = ErrorOf(nullptr);
  return out;
}

BatchOutcome PgConnection::Batch(absl::Span<const PgStatement> statements) {
  BatchOutcome out;
  if (PQenterPipelineMode(conn_) == 0) {
    out.error = ErrorOf(nullptr);
    return out;
  }
  size_t sent = 0, received = 0;
  bool synced = false;
  // Takes what has arrived; `wait`: until the sync point.
  auto receive = [&](bool wait) {
    for (;;) {
      if (!wait && (PQconsumeInput(conn_) == 0 || PQisBusy(conn_) != 0)) return;
      PGresult* r = Next();
      if (r == nullptr) {  // the end of one statement's results, or nothing more for now
        if (lost()) return;
        if (received >= sent && !wait) return;
        continue;
      }
      const ExecStatusType status = PQresultStatus(r);
      switch (status) {
        case PGRES_PIPELINE_SYNC: synced = true; break;
        case PGRES_PIPELINE_ABORTED: ++received; break;
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
        case PGRES_EMPTY_QUERY: {
          int64_t n;
          const char* command = PQcmdStatus(r);
          if (!absl::StartsWith(command, "SELECT") && absl::SimpleAtoi(PQcmdTuples(r), &n)) out.rows += n;
          ++received;
          break;
        }
        default:
          if (!out.error) {
            out.error = ErrorOf(r);
            out.failed = received;
          }
          ++received;
      }
      PQclear(r);
      if (synced || lost()) return;
      if (!wait && received >= sent) return;
    }
  };
  constexpr size_t kLookEvery = 128;
  std::string text;
  std::vector<const char*> values;
  for (const PgStatement& s : statements) {
    text.assign(s.sql);
    values.clear();
    for (const PgValue& p : s.parameters) values.push_back(p ? p->c_str() : nullptr);
    const int n = static_cast<int>(values.size());
    const int queued = s.prepared ? PQsendQueryPrepared(conn_, text.c_str(), n, values.data(), nullptr, nullptr, 0) : PQsendQueryParams(conn_, text.c_str(), n, nullptr, values.data(), nullptr, nullptr, 0);
    if (queued == 0) {  // nothing behind it was sent either, COMMIT least of all
      out.error = ErrorOf(nullptr);
      out.failed = sent;
      break;
    }
    ++sent;
    if (CrashPointsOn()) {
      Flush();
      CrashPoint("a statement of a batch is sent");
    }
    if (sent % kLookEvery == 0) {
      if (!Flush()) break;
      receive(/*wait=*/false);
      if (out.error) break;  // what follows would only be refused
    }
  }
  if (!lost() && PQpipelineSync(conn_) != 0) {
    Flush();
    CrashPoint("a batch is sent");
    receive(/*wait=*/true);
  }
  if (lost() && !out.error) {
    out.error = ErrorOf(nullptr);
    out.failed = received;
  }
  if (!lost()) {
    while (PGresult* r = PQgetResult(conn_)) PQclear(r);
    PQexitPipelineMode(conn_);
  }
  return out;
}

}  // namespace pawl
