// How a unit runs in Neo4j, and what is watched while it does.
#include <algorithm>
#include <optional>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "migrations/database/crash_point.h"
#include "migrations/database/neo4j.h"

namespace pawl {
namespace {

DbError OwnNodes() {
  DbError d;
  d.text = "it deletes or changes nodes by which pawl keeps the history and the run lock (:Migration, and labels that begin with __Pawl)";
  d.advice = "Let it leave them out, such as MATCH (n) WHERE NOT n:Migration AND NOT any(l IN labels(n) WHERE l STARTS WITH '__Pawl')";
  return d;
}

// A map {started, committed, transactionId, errorMessage}: what REPORT STATUS AS s gives for a batch.
bool IsBatchStatus(const Json& v) { return v.is_object() && v.contains("committed") && v.contains("started") && v.contains("errorMessage"); }

// "... (Transactions committed: 3)"; many errors of batches come without it, and then nobody knows.
std::optional<int64_t> CommittedBatches(std::string_view message) {
  constexpr std::string_view kWords = "Transactions committed: ";
  const size_t at = message.find(kWords);
  int64_t n = 0;
  if (at == std::string_view::npos || !absl::SimpleAtoi(message.substr(at + kWords.size(), message.find(')', at) - at - kWords.size()), &n)) return std::nullopt;
  return n;
}

// Errors that come before the first batch has begun.
bool IsBeforeAll(std::string_view code) {
  return absl::StrContains(code, "TransactionStartFailed") || absl::StrContains(code, "ForbiddenDueToTransactionType") || absl::StrContains(code, "ParameterMissing") || absl::StrContains(code, "Security.") ||
         absl::StrContains(code, "DatabaseNotFound") || absl::StrContains(code, "ForbiddenOnReadOnlyDatabase") || absl::StrContains(code, "AccessMode");
}

int64_t Count(const Json& counters, const char* name) { return counters.is_object() && counters.contains(name) && counters[name].is_number_integer() ? counters[name].get<int64_t>() : 0; }

int64_t Changes(const Json& c) {
  return Count(c, "nodesCreated") + Count(c, "nodesDeleted") + Count(c, "relationshipsCreated") + Count(c, "relationshipsDeleted") + Count(c, "propertiesSet") + Count(c, "labelsAdded") + Count(c, "labelsRemoved");
}

}  // namespace

bool Neo4jDatabase::IsOurs(const Neo4jTransaction& t) const { return absl::StrContains(t.query, owner_.run) || (known_by_address_ && t.client == work_->LocalAddress()); }

std::string Neo4jDatabase::Marked(std::string_view statement) const { return absl::StrCat(statement, " /*pawl ", component_, " ", owner_.run, "*/"); }

DbError Neo4jDatabase::ErrorFrom(const CypherError& e) const {
  DbError d;
  d.code = e.code;
  d.text = Redact(target_, e.message);
  d.lost = e.lost;
  if (e.offset >= 0) d.position = static_cast<uint32_t>(e.offset + 1);
  const bool stopped = absl::StrContains(e.code, "LockClientStopped") || absl::StrContains(e.code, "Transaction.Terminated") || absl::StrContains(e.code, "TransactionTerminated") || absl::StrContains(e.code, "Transaction.TransactionTimedOut") ||
                       absl::StrContains(e.message, "transaction has been terminated");
  d.retryable = !d.lost && (absl::StartsWith(e.code, "Neo.TransientError.") || absl::StrContains(e.code, "LockClientStopped") || absl::StrContains(e.code, "LockAcquisitionTimeout")) && !absl::StrContains(e.code, "OutOfMemory");
  std::string by;
  for (const Session& s : blockers_) absl::StrAppend(&by, by.empty() ? ", held by " : "; ", Describe(s));
  switch (stopped ? ended_ : Ended::kNot) {
    case Ended::kLock: {
      if (blocked_by_lease_) return OwnNodes();
      d.text = absl::StrFormat("it waited %.1f s for a lock%s", static_cast<double>(settings_.lock_timeout_ms) / 1000, Redact(target_, by));
      d.advice = "Somebody held the lock the whole time. Try a quieter moment, or a longer --lock-timeout; `SHOW TRANSACTIONS` lists who is at work, `TERMINATE TRANSACTION \"...\"` ends it";
      d.retryable = true;
      break;
    }
    case Ended::kTimeout:
      d.text = absl::StrFormat("it ran longer than --statement-timeout (%.1f s)%s", static_cast<double>(settings_.statement_timeout_ms) / 1000, by.empty() ? "" : absl::StrCat(", waiting for a lock", Redact(target_, by)));
      d.canceled = true;
      d.retryable = false;
      break;
    case Ended::kCanceled:
      d.canceled = true;
      d.retryable = false;
      break;
    case Ended::kNot: d.canceled = stopped; break;
  }
  if (absl::StrContains(e.code, "OutOfMemory") || absl::StrContains(e.code, "MemoryPoolOutOfMemory")) d.advice = "Change the data in batches: CALL (n) { ... } IN TRANSACTIONS OF 10000 ROWS";
  if (absl::StrContains(e.code, "ForbiddenDueToTransactionType")) d.advice = "Schema and data cannot change in one transaction: give each a migration of its own";
  if (absl::StrContains(e.code, "TransactionStartFailed")) d.advice = "It commits by itself, so it needs a statement, or a file, of its own";
  if (absl::StrContains(e.message, "no more locks can be acquired") && ended_ == Ended::kNot) d.text = "the transaction was ended by somebody, or by a time limit of the server (db.transaction.timeout, db.lock.acquisition.timeout)";
  return d;
}

// What commits by itself has left something behind.
DbError Neo4jDatabase::BatchError(const PlanUnit& unit, const CypherReply& reply) const {
  DbError d = ErrorFrom(*reply.error);
  if (unit.probe.kind == ProbeKind::kSchema) return d;
  // Batches that run at the same time may be committed after the server has counted.
  const bool concurrent = absl::StrContains(absl::AsciiStrToUpper(unit.statements[0].sql), "CONCURRENT");
  const std::optional<int64_t> committed = CommittedBatches(reply.error->message);
  if (committed && (*committed > 0 || concurrent)) {
    d.remains = absl::StrCat(concurrent ? "at least " : "", *committed, *committed == 1 ? " of its batches is committed" : " of its batches are committed");
  } else if (!committed && !IsBeforeAll(d.code)) {
    d.remains = "how many of its batches are committed the server does not tell";
  }
  const bool again = unit.probe.kind == ProbeKind::kRepeat;
  d.partial = !again && !d.remains.empty() && !d.lost;
  if (d.partial) d.retryable = false;
  return d;
}

// The fence is not ours: whose it is. Asked when nothing of the unit is open any more.
DbError Neo4jDatabase::TakenOver() {
  DbError d;
  const CypherReply r = work_->Run("OPTIONAL MATCH (f:__PawlFence {id: $fence}) RETURN f.run", {{"fence", component_}}, true);
  if (!r.ok() || (!r.Value().empty() && r.Value() != owner_.run)) {
    d.text = "another pawl has taken over while this one did not answer: this run may no longer write";
    return d;
  }
  return OwnNodes();
}

void Neo4jDatabase::BeginWatch(const SessionSettings& settings, bool locks) {
  settings_ = settings;
  watching_ = true;
  watch_locks_ = locks;
  blocked_ = false;
  began_ = looked_ = Clock::now();
  ended_ = Ended::kNot;
  blockers_.clear();
  activity_.clear();
}

void Neo4jDatabase::Watch() {
  if (tick_) tick_();
  if (!watching_) return;
  const Clock::time_point now = Clock::now();
  const auto ms = [](Clock::duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); };
  if (ms(now - began_) < 300 || ms(now - looked_) < 250) return;
  looked_ = now;
  if (settings_.statement_timeout_ms > 0 && ms(now - began_) > settings_.statement_timeout_ms && ended_ == Ended::kNot) {
    Cancel();
    ended_ = Ended::kTimeout;
    return;
  }
  const std::vector<Neo4jTransaction> all = OpenTransactions(Watcher());
  std::vector<std::string> mine, by;
  size_t inner = 0;
  for (const Neo4jTransaction& t : all) {
    if (!IsOurs(t)) continue;
    if (t.outer) ++inner;
    else mine.push_back(t.id);
    by.insert(by.end(), t.blocked_by.begin(), t.blocked_by.end());
  }
  blockers_.clear();
  blocked_by_lease_ = false;
  for (const Neo4jTransaction& t : all) {
    if (std::find(by.begin(), by.end(), t.id) == by.end()) continue;
    blockers_.push_back(SessionOf(t));
    blocked_by_lease_ = blocked_by_lease_ || (lease_ != nullptr && lease_->Is(t));
  }
  if (inner > 0) activity_ = absl::StrCat("in batches, ", inner, " at work");
  if (by.empty()) {
    blocked_ = false;
    return;
  }
  if (!blocked_) {
    blocked_ = true;
    blocked_since_ = now;
  }
  if (watch_locks_ && settings_.lock_timeout_ms > 0 && ms(now - blocked_since_) >= settings_.lock_timeout_ms && ended_ == Ended::kNot) {
    ended_ = Ended::kLock;
    (void)Terminate(Watcher(), mine);
  }
}

void Neo4jDatabase::Notice(const CypherReply& reply) {
  if (reply.counters.is_object()) {
    std::string text;
    for (const auto& [name, words] : {std::pair<const char*, const char*>{"nodesCreated", "nodes created"}, {"nodesDeleted", "nodes deleted"}, {"relationshipsCreated", "relationships created"}, {"relationshipsDeleted", "relationships deleted"},
                                      {"propertiesSet", "properties set"}, {"labelsAdded", "labels added"}, {"labelsRemoved", "labels removed"}, {"constraintsAdded", "constraints added"}, {"constraintsRemoved", "constraints removed"},
                                      {"indexesAdded", "indexes added"}, {"indexesRemoved", "indexes removed"}}) {
      if (const int64_t n = Count(reply.counters, name); n > 0) absl::StrAppend(&text, text.empty() ? "" : ", ", n, " ", words);
    }
    if (!text.empty()) notices_.push_back(text);
  }
  if (!reply.notifications.is_array()) return;
  for (const Json& n : reply.notifications) {
    if (n.value("category", "") == "UNRECOGNIZED" || absl::StrContains(n.value("code", ""), "FeatureDeprecationWarning")) continue;
    if (n.value("severity", "") == "WARNING" || absl::StrContains(n.value("code", ""), "AlreadyExists")) notices_.push_back(absl::StrCat(n.value("title", ""), ": ", n.value("description", "")));
  }
}

// Rows of REPORT STATUS: a batch that failed is no success, whatever the request's status says.
bool Neo4jDatabase::LookAtBatches(const CypherReply& reply, DbError* error) {
  int64_t committed = 0, failed = 0;
  std::string first;
  for (const Json& row : reply.rows) {
    for (const Json& v : row) {
      if (!IsBatchStatus(v)) continue;
      const bool good = v["committed"].is_boolean() && v["committed"].get<bool>() && v["errorMessage"].is_null();
      (good ? committed : failed) += 1;
      if (!good && first.empty()) first = v["errorMessage"].is_null() ? "it was not begun" : CypherText(v["errorMessage"]);
    }
  }
  // A row of a failed batch is reported once for each of its rows.
  if (committed + failed > 0) notices_.push_back(absl::StrCat("REPORT STATUS: ", committed, " rows of batches committed", failed > 0 ? absl::StrCat(", ", failed, " of failed ones") : ""));
  if (failed == 0) return true;
  error->text = absl::StrCat("REPORT STATUS tells of ", failed, failed == 1 ? " row in a batch" : " rows in batches", " that failed, the first with: ", Redact(target_, first));
  error->code = "";
  error->partial = true;
  error->remains = absl::StrCat("the other batches (", committed, committed == 1 ? " row" : " rows", ") are committed");
  return false;
}

UnitOutcome Neo4jDatabase::RunUnit(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings) {
  return unit.transaction ? RunTransaction(unit, &record, settings) : RunAlone(unit, record, settings);
}

UnitOutcome Neo4jDatabase::TryUnit(const PlanUnit& unit, const SessionSettings& settings) { return RunTransaction(unit, nullptr, settings); }

// A few small statements, and no limit that counts for each of them.
bool Neo4jDatabase::FitsOneRequest(const PlanUnit& unit, const SessionSettings& settings) const {
  constexpr size_t kStatements = 50, kBytes = 100'000;
  if (!work_->can_run_together() || settings.statement_timeout_ms > 0 || unit.statements.size() > kStatements) return false;
  size_t bytes = 0;
  for (const PlanStatement& s : unit.statements) bytes += s.sql.size();
  return bytes <= kBytes;
}

// The fence comes last: an error is all that keeps a transaction from being committed, and the statements need not wait for it.
UnitOutcome Neo4jDatabase::RunTransaction(const PlanUnit& unit, const UnitRecord* record, const SessionSettings& settings) {
  const Clock::time_point begin = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  UnitOutcome out;
  if (unit.statements.empty()) {
    if (record != nullptr) out.error = RecordAlone(*record);
    out.seconds = seconds();
    return out;
  }
  const size_t count = unit.statements.size();
  auto fail = [&](const CypherReply& r, size_t at) {
    out.failed = std::min(at, count);
    const bool fenced = at >= count && absl::StrContains(r.error->code, "ArithmeticError");
    if (!fenced) out.error = ErrorFrom(*r.error);
    EndWatch();
    (void)work_->Rollback();
    if (fenced) out.error = TakenOver();
    if (at >= count) out.error->position = 0;
    out.seconds = seconds();
    return out;
  };
  auto took = [&](const CypherReply& r) {
    out.rows += Changes(r.counters);
    Notice(r);
  };
  CypherStatement last;
  if (record != nullptr) last = Written(*record, /*alone=*/false);
  populated_.reset();
  CrashPoint("a transaction is about to begin");
  if (record != nullptr && FitsOneRequest(unit, settings)) {
    std::vector<CypherStatement> all;
    for (const PlanStatement& s : unit.statements) all.push_back({InOneRequest(s.sql), nullptr});
    if (!last.text.empty()) all.push_back({InOneRequest(last.text), std::move(last.parameters)});
    BeginWatch(settings, /*locks=*/true);
    const std::vector<CypherReply> replies = work_->RunTogether(all);
    if (!replies.back().ok()) return fail(replies.back(), replies.size() - 1);
    for (size_t i = 0; i < count; ++i) took(replies[i]);
  } else {
    for (size_t i = 0; i < count; ++i) {
      BeginWatch(settings, /*locks=*/true);
      const std::string text = Marked(unit.statements[i].sql);
      const CypherReply r = i == 0 ? work_->Begin(text) : work_->InTransaction(text);
      if (!r.ok()) return fail(r, i);
      took(r);
    }
    BeginWatch(settings, /*locks=*/true);
    const CypherReply r = record == nullptr ? work_->Rollback() : work_->Commit(last.text.empty() ? "" : Marked(last.text), last.parameters);
    if (record != nullptr && !r.ok()) return fail(r, count);
  }
  EndWatch();
  CrashPoint("a transaction has ended");
  out.seconds = seconds();
  return out;
}

// A record without a migration's statements beside it.
std::optional<DbError> Neo4jDatabase::RecordAlone(const UnitRecord& record) {
  const CypherStatement s = Written(record, /*alone=*/true);
  return s.text.empty() ? std::nullopt : WriteAlone(s);
}

std::optional<DbError> Neo4jDatabase::WriteAlone(const CypherStatement& s) {
  BeginWatch(settings_, /*locks=*/false);
  const CypherReply r = work_->Run(Marked(s.text), s.parameters);
  EndWatch();
  if (!r.ok()) return ErrorFrom(*r.error);
  return r.rows.empty() ? std::optional<DbError>(TakenOver()) : std::nullopt;
}

bool Neo4jDatabase::IsStillOurs() {
  const CypherReply r = work_->Run("MATCH (f:__PawlFence {id: $fence}) RETURN f.run", {{"fence", component_}}, true);
  return r.ok() && r.Value() == owner_.run;
}

UnitOutcome Neo4jDatabase::RunAlone(const PlanUnit& unit, const UnitRecord& record, const SessionSettings& settings) {
  const Clock::time_point begin = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  const PlanStatement& s = unit.statements[0];
  UnitOutcome out;
  if (lease_ != nullptr && (lease_->lost() || (lease_->SecondsInDoubt() > 0 && !IsStillOurs()))) {
    out.error.emplace();
    out.error->text = "the run lock is lost (its transaction was ended, or the server was restarted): nothing is begun that cannot be taken back";
    return out;
  }
  CrashPoint("a lone statement is about to run");
  BeginWatch(settings, /*locks=*/!s.concurrently);
  CypherReply r = work_->Run(Marked(s.sql));
  EndWatch();
  CrashPoint("a lone statement has run");
  if (!r.ok()) {
    out.error = BatchError(unit, r);
    out.seconds = seconds();
    return out;
  }
  out.rows = Changes(r.counters);
  Notice(r);
  DbError error;
  if (!LookAtBatches(r, &error)) {
    if (unit.probe.kind == ProbeKind::kRepeat) error.partial = false;
    out.error = std::move(error);
  } else if (unit.probe.kind == ProbeKind::kSchema) {
    const bool made = IsMade(unit.probe, r.counters), later = record.log == nullptr && record.attempt == 0;
    if (made && later && IsOnNothing(unit.probe)) to_await_.push_back(&unit.probe);
    else if (!made || !IsOnline(unit.probe)) out.error = Await(unit.probe, settings);
  } else {
    populated_.reset();
  }
  if (out.error) {
    out.seconds = seconds();
    return out;
  }
  UnitRecord timed = record;
  timed.before_ms += static_cast<int64_t>(seconds() * 1000);
  out.error = RecordAlone(timed);
  if (out.error) out.failed = 1;
  CrashPoint("a lone statement is recorded");
  out.seconds = seconds();
  return out;
}

}  // namespace pawl
