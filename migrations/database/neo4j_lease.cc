#include "migrations/database/neo4j_lease.h"

#include <pwd.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "migrations/database/crash_point.h"

namespace pawl {
namespace {

using Clock = std::chrono::steady_clock;
double Since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

constexpr double kBeatSeconds = 5;
constexpr double kLegacyTouchSeconds = 0.7;   // servers before 5.20 end a transaction of their transactional API that is left alone for two (measured on 5.5 and 5.12)
constexpr double kDeadSeconds = 20;   // without a beat
constexpr double kNamelessSeconds = 5;

// SHOW TRANSACTIONS says who waits for whom ("Blocked by: [neo4j-transaction-2, ...]"), and nothing of a schema command's lock that
// it waits for inside an explicit transaction: pawl sends those in transactions of their own.
constexpr std::string_view kShow =
    "SHOW TRANSACTIONS YIELD transactionId, currentQuery, status, username, startTime, elapsedTime, outerTransactionId, clientAddress, database "
    "WHERE database = $database RETURN transactionId AS id, currentQuery AS query, status, username AS user, toString(startTime) AS started, toString(elapsedTime) AS elapsed, outerTransactionId AS outer, clientAddress AS client";

// "PT1M2.5S", "PT0.4S" -> seconds.
double SecondsOf(std::string_view duration) {
  double total = 0;
  size_t begin = 0;
  for (size_t i = 0; i < duration.size(); ++i) {
    const char c = duration[i];
    if ((c >= '0' && c <= '9') || c == '.' || c == '-') continue;
    double n = 0;
    if (i > begin && absl::SimpleAtod(duration.substr(begin, i - begin), &n)) total += n * (c == 'D' ? 86400 : c == 'H' ? 3600 : c == 'M' ? 60 : 1);
    begin = i + 1;
  }
  return total;
}

std::string FirstLine(const char* file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string RandomId() {
  std::random_device r;
  return absl::StrFormat("%08x%08x", r(), r());
}

bool Gone(const Neo4jOwner& here, const std::string& machine, int64_t pid) { return machine == here.machine && !machine.empty() && pid > 0 && kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH; }

// Seconds of a clock of the system.
double Seconds(clockid_t clock) {
  timespec t = {};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

absl::Status StatusOf(std::string_view what, const CypherError& e) {
  std::string text = absl::StrCat(what, ": ", e.message, e.code.empty() ? "" : absl::StrCat(" [", e.code, "]"));
  if (absl::StrContains(e.code, "ReadOnly") || absl::StrContains(e.message, "No write operations are allowed")) {
    absl::StrAppend(&text, ". Somebody has closed the database to changes: ask who, then ALTER DATABASE ... SET ACCESS READ WRITE, or take it out of server.databases.read_only and server.databases.default_to_read_only in neo4j.conf");
  }
  return e.lost ? absl::UnavailableError(text) : absl::FailedPreconditionError(text);
}

}  // namespace

Neo4jOwner ThisOwner(std::string command) {
  Neo4jOwner o;
  o.run = RandomId();
  o.command = std::move(command);
  const char* user = std::getenv("PAWL_USER");
  const passwd* p = user != nullptr && *user != '\0' ? nullptr : getpwuid(getuid());
  o.user = user != nullptr && *user != '\0' ? user : p != nullptr ? p->pw_name : absl::StrCat("uid ", getuid());
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  o.host = name;
  o.pid = getpid();
  char space[64] = "";
  if (readlink("/proc/self/ns/pid", space, sizeof space - 1) > 0) o.machine = absl::StrCat(FirstLine("/proc/sys/kernel/random/boot_id"), " ", space);
  return o;
}

std::vector<Neo4jTransaction> ParseTransactions(const CypherReply& reply) {
  std::vector<Neo4jTransaction> out;
  for (const Json& row : reply.rows) {
    if (row.size() < 8) continue;
    Neo4jTransaction& t = out.emplace_back();
    t.id = CypherText(row[0]);
    t.query = CypherText(row[1]);
    t.status = CypherText(row[2]);
    t.user = CypherText(row[3]);
    t.started = CypherText(row[4]);
    t.seconds = SecondsOf(CypherText(row[5]));
    t.outer = !CypherText(row[6]).empty();
    t.client = CypherText(row[7]);
    if (const size_t open = t.status.find('['); absl::StartsWith(t.status, "Blocked by") && open != std::string::npos) {
      const std::string_view list = std::string_view(t.status).substr(open + 1, t.status.find(']') - open - 1);
      for (std::string_view id : absl::StrSplit(list, ", ", absl::SkipEmpty())) t.blocked_by.emplace_back(id);
    }
  }
  return out;
}

std::vector<Neo4jTransaction> OpenTransactions(Neo4jConnection& c, bool* direct) {
  const Json parameters = {{"database", c.target().database}};
  const bool together = direct != nullptr && c.can_run_together();  // the Query API's are the server's own, with addresses inside of it
  std::vector<Neo4jTransaction> all = ParseTransactions(together ? c.RunTogether({{std::string(kShow), parameters}}).back() : c.Run(kShow, parameters));
  auto asks = [](const Neo4jTransaction& t) { return absl::StartsWith(t.query, "SHOW TRANSACTIONS YIELD transactionId, currentQuery"); };
  if (direct != nullptr) *direct = together && std::any_of(all.begin(), all.end(), [&](const Neo4jTransaction& t) { return asks(t) && !t.client.empty() && t.client == c.LocalAddress(); });
  std::erase_if(all, asks);
  return all;
}

absl::Status Terminate(Neo4jConnection& c, const std::vector<std::string>& ids) {
  if (ids.empty()) return absl::OkStatus();
  const CypherReply r = c.Run("TERMINATE TRANSACTIONS $ids", {{"ids", ids}});
  return r.ok() ? absl::OkStatus() : StatusOf("cannot end a transaction", *r.error);
}

Session SessionOf(const Neo4jTransaction& t) {
  Session s;
  s.id = absl::StrCat("transaction ", t.id);
  const size_t dash = t.id.rfind('-');
  if (dash != std::string::npos) (void)absl::SimpleAtoi(std::string_view(t.id).substr(dash + 1), &s.pid);
  s.user = t.user;
  s.seconds = t.seconds;
  s.query = t.query.substr(0, 200);
  std::replace(s.query.begin(), s.query.end(), '\n', ' ');
  s.state = t.query.empty() ? "idle in its transaction" : absl::StartsWith(t.status, "Running") ? "" : t.status;
  return s;
}

absl::Status PrepareNeo4jSchema(Neo4jConnection& c) {
  struct Wanted { const char *name, *label, *property; };
  static constexpr Wanted kWanted[] = {{"__pawl_runner", "__PawlRunner", "id"}, {"__pawl_fence", "__PawlFence", "id"}, {"__pawl_migration", "__PawlMigration", "key"}, {"__pawl_attempt", "__PawlAttempt", "key"}, {"__pawl_lock", "__PawlLock", "id"}};
  // Several runs may come to an empty database at once: they make constraints side by side, wait for each other and deadlock. Asked
  // again before the lease's own, which comes last: who has the lease already must not be waited for.
  for (int attempt = 0;; ++attempt) {
    CypherReply r;
    std::vector<Json> names;
    for (const Wanted& w : kWanted) {
      if (&w == kWanted || &w == std::end(kWanted) - 1) {
        CypherReply shown = c.Run("SHOW CONSTRAINTS YIELD name WHERE name STARTS WITH '__pawl_' RETURN name");
        if (!shown.ok()) return StatusOf("cannot look for pawl's constraints", *shown.error);
        names = std::move(shown.rows);
      }
      if (names.size() >= std::size(kWanted)) return absl::OkStatus();
      if (std::any_of(names.begin(), names.end(), [&](const Json& row) { return row[0] == w.name; })) continue;
      r = c.Run(absl::StrCat("CREATE CONSTRAINT ", w.name, " IF NOT EXISTS FOR (n:", w.label, ") REQUIRE n.", w.property, " IS UNIQUE"));
      CrashPoint("a constraint of the history is there");
      if (!r.ok()) break;
    }
    if (r.ok()) return absl::OkStatus();
    const bool race = absl::StartsWith(r.error->code, "Neo.TransientError.") || absl::StrContains(r.error->code, "AlreadyExists");
    if (attempt == 30 || !race) return StatusOf("cannot make the constraints that the history needs (a role that may make constraints is needed once)", *r.error);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + std::random_device{}() % 200));
  }
}

Neo4jLease::Neo4jLease(const Neo4jConnection& like, std::string component, Neo4jOwner owner) : component_(std::move(component)), owner_(std::move(owner)), c_(like.Another()), watch_(like.Another()) {
  watch_->set_timeout(10);
  watch_->set_background();
}

Neo4jLease::~Neo4jLease() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (!held_) return;
  c_->set_tick(nullptr);
  c_->set_timeout(5);
  (void)c_->Run("MATCH (r:__PawlRunner {id: $id}) WHERE r.run = $run SET r.run = null, r.ended = datetime()", {{"id", component_}, {"run", owner_.run}});
  (void)c_->Rollback();
}

CypherStatement Neo4jLease::HolderQuery(const std::string& component) {
  return {"MATCH (r:__PawlRunner {id: $id}) WHERE r.run IS NOT NULL RETURN r.run, r.command, r.user, r.host, r.pid, r.machine, "
          "duration.inSeconds(r.beat, datetime()).seconds AS silent, duration.inSeconds(r.since, datetime()).seconds AS since, r.address",
          {{"id", component}}};
}

absl::StatusOr<std::optional<Session>> Neo4jLease::Holder(Neo4jConnection& c, const std::string& component, DeadRun* dead, std::string* run) {
  const CypherStatement query = HolderQuery(component);
  const CypherReply r = c.Run(query.text, query.parameters);
  if (!r.ok()) return StatusOf("cannot look who applies to this database", *r.error);
  if (dead != nullptr) *dead = {};
  if (r.rows.empty()) return std::optional<Session>();
  const Json& row = r.rows[0];
  const int64_t pid = row[4].is_number_integer() ? row[4].get<int64_t>() : 0;
  static const Neo4jOwner kHere = ThisOwner("");
  if ((row[6].is_number() && row[6].get<double>() > kDeadSeconds) || Gone(kHere, CypherText(row[5]), pid)) {
    if (dead != nullptr) *dead = {CypherText(row[0]), CypherText(row[8])};
    return std::optional<Session>();
  }
  if (run != nullptr) *run = CypherText(row[0]);
  Session s;
  s.id = absl::StrCat("pid ", pid, " on ", CypherText(row[3]));
  s.pid = static_cast<int>(pid);
  s.application = CypherText(row[1]);
  s.user = CypherText(row[2]);
  s.seconds = row[7].is_number() ? row[7].get<double>() : 0;
  return std::optional<Session>(std::move(s));
}

// A request that may wait for another transaction: whoever blocks it is ended (while `end_blockers` says that only a dead run can), or
// it is given up after `seconds`.
CypherReply Neo4jLease::Guarded(const std::function<CypherReply()>& request, const std::string& marker, const std::function<bool()>& end_blockers, double seconds) {
  const Clock::time_point begin = Clock::now();
  Clock::time_point looked = begin;
  c_->set_tick([&] {
    if (Since(begin) < 0.15 || Since(looked) < 0.15) return;
    looked = Clock::now();
    for (const Neo4jTransaction& t : OpenTransactions(*watch_)) {
      if (!absl::StrContains(t.query, marker)) continue;
      if (!t.blocked_by.empty() && end_blockers != nullptr && end_blockers()) (void)Terminate(*watch_, t.blocked_by);
      else if (Since(begin) > seconds || (end_blockers != nullptr && !end_blockers())) (void)Terminate(*watch_, {t.id});
    }
  });
  CypherReply r = request();
  c_->set_tick(nullptr);
  return r;
}

absl::StatusOr<bool> Neo4jLease::Try(Session* holder) {
  if (const absl::Status s = PrepareNeo4jSchema(*c_); !s.ok()) return s;
  absl::StatusOr<std::optional<Session>> alive = Holder(*c_, component_, &dead_);
  if (!alive.ok()) return alive.status();
  if (alive->has_value()) {
    *holder = **alive;
    return false;
  }
  return Take(holder);
}

absl::StatusOr<bool> Neo4jLease::Take(Session* holder) {
  const std::string marker = absl::StrCat("/*pawl lease ", owner_.run, "*/");
  // Nobody alive has it by the record: what blocks us is a dead run's transaction, or that of another run which is just taking it. The
  // latter has begun after we looked.
  const Clock::time_point begin = Clock::now();
  bool ended = false;
  Clock::time_point looked = begin;
  c_->set_tick([&] {
    if (Since(looked) < 0.15 || ended) return;
    looked = Clock::now();
    const std::vector<Neo4jTransaction> open = OpenTransactions(*watch_);
    const auto mine = std::find_if(open.begin(), open.end(), [&](const Neo4jTransaction& t) { return absl::StrContains(t.query, marker); });
    if (mine == open.end()) return;
    std::vector<std::string> old;
    bool unknown = false;
    for (const Neo4jTransaction& t : open) {
      if (std::find(mine->blocked_by.begin(), mine->blocked_by.end(), t.id) == mine->blocked_by.end() || !t.query.empty()) continue;
      // Older than our own by more than it takes two runs to come at once; or of a run that died before it could tell its name, which takes
      // a living one some milliseconds.
      if (dead_.run.empty() ? t.seconds > kNamelessSeconds : t.started < mine->started) old.push_back(t.id);
      unknown = dead_.run.empty();
    }
    if (!old.empty() || (unknown && Since(begin) > 2)) {
      // Who took the place of the dead one meanwhile, or has told its name by now, is not dead.
      const absl::StatusOr<std::optional<Session>> now = Holder(*watch_, component_, nullptr);
      if (now.ok() && now->has_value()) {
        old.clear();
        unknown = false;
      }
    }
    if (!old.empty()) {
      // Behind it the request of another dead run may be waiting in the server, and get the lock next: so we look again.
      (void)Terminate(*watch_, old);
    } else if (Since(begin) > (unknown ? kNamelessSeconds + 2 : 2)) {
      (void)Terminate(*watch_, {mine->id});
      ended = true;
    }
  });
  CypherReply got = c_->Begin(absl::StrCat("MERGE (l:__PawlLock {id: $id}) SET l.run = $run RETURN l.run ", marker), {{"id", component_}, {"run", owner_.run}});
  const double taken = Seconds(CLOCK_BOOTTIME);
  // Who is held up for longer may have been taken for dead, and the lock may be another's by now.
  const auto in_time = [taken] { return Seconds(CLOCK_BOOTTIME) - taken < kNamelessSeconds - 1; };
  c_->set_tick(nullptr);
  if (!got.ok()) {
    if (got.error->lost) return StatusOf("cannot take the run lock", *got.error);
    const bool waited = absl::StrContains(got.error->code, "Transaction") || absl::StrContains(got.error->code, "ConstraintValidationFailed");
    if (!waited) return StatusOf("cannot take the run lock", *got.error);
    const absl::StatusOr<std::optional<Session>> now = Holder(*c_, component_, nullptr);
    if (now.ok() && now->has_value()) *holder = **now;
    return false;
  }
  CrashPoint("the run lock is taken");
  // Whose the fence was: nobody changes that while the lock is held, and it is, if its transaction still answers afterwards. (Not read in
  // that transaction: it would keep a lock on the fence's entry in the index.)
  const CypherReply before = c_->Run("OPTIONAL MATCH (f:__PawlFence {id: $id}) RETURN coalesce(f.run, '')", {{"id", component_}}, true);
  const CypherReply alive = c_->InTransaction("RETURN toString(datetime.transaction())");
  if (!before.ok() || !alive.ok()) {
    (void)c_->Rollback();
    if (!before.ok()) return StatusOf("cannot take the run lock", *before.error);
    if (alive.error->lost) return StatusOf("cannot take the run lock", *alive.error);
    return false;
  }
  begun_ = alive.Value();
  // The fence may be held by a data transaction that the dead run left open; only the holder of the lease writes it.
  const std::string fence = absl::StrCat("/*pawl fence ", owner_.run, "*/");
  const CypherReply told = Guarded(
      [&] {
        return c_->Run(absl::StrCat("MERGE (f:__PawlFence {id: $id}) SET f.at = timestamp() WITH f WHERE coalesce(f.run, '') = $before SET f.run = $run MERGE (r:__PawlRunner {id: $id}) SET r.run = $run, r.command = $command, r.user = $user, r.host = $host, r.pid = $pid, "
                                    "r.machine = $machine, r.address = $address, r.since = datetime(), r.beat = datetime(), r.ended = null RETURN f.run ", fence),
                       {{"id", component_}, {"before", before.Value()}, {"run", owner_.run}, {"command", owner_.command}, {"user", owner_.user}, {"host", owner_.host}, {"pid", owner_.pid}, {"machine", owner_.machine}, {"address", owner_.address}});
      },
      fence, /*end_blockers=*/in_time, 30);
  if (told.ok() ? told.rows.empty() : !in_time()) {  // another run was faster, and lives
    (void)c_->Rollback();
    const absl::StatusOr<std::optional<Session>> now = Holder(*c_, component_, nullptr);
    if (now.ok() && now->has_value()) *holder = **now;
    return false;
  }
  if (!told.ok()) {
    (void)c_->Rollback();
    return StatusOf("cannot take the run lock", *told.error);
  }
  CrashPoint("the run lock is announced");
  // Who was held up in between may have been taken for dead.
  if (Since(begin) > kNamelessSeconds / 2 && !c_->InTransaction("RETURN 1").ok()) return false;
  Answered();
  held_ = true;
  thread_ = std::thread([this] { Loop(); });
  return true;
}

void Neo4jLease::Loop() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the runner's
  c_->set_timeout(kDeadSeconds / 2);
  c_->set_background();
  Explain();
  std::unique_lock<std::mutex> lock(mutex_);
  const double pause = c_->query_api() ? kBeatSeconds : kLegacyTouchSeconds;
  for (double silent = pause;; silent += pause) {
    (void)wake_.wait_for(lock, std::chrono::duration<double>(pause), [this] { return stop_ || plan_again_; });
    const bool plan = std::exchange(plan_again_, false);
    if (stop_ && !plan) return;
    lock.unlock();
    if (plan) {
      Explain();
      lock.lock();
      continue;
    }
    if (silent < kBeatSeconds && c_->in_transaction()) {
      if (c_->InTransaction("RETURN 1").ok()) Answered();
    } else {
      Beat();
      silent = 0;
    }
    lock.lock();
  }
}

void Neo4jLease::Explain() {
  for (const CypherStatement& query : plan_ahead_) (void)c_->Run(absl::StrCat("EXPLAIN ", query.text), query.parameters, true);
}

void Neo4jLease::PlanAhead() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    plan_again_ = held_;
  }
  wake_.notify_all();
}

void Neo4jLease::Answered() {
  answered_booted_ = Seconds(CLOCK_BOOTTIME);
  answered_real_ = Seconds(CLOCK_REALTIME);  // of a virtual machine that was paused only this one jumps
}

double Neo4jLease::SecondsInDoubt() const {
  const double silent = std::max(Seconds(CLOCK_BOOTTIME) - answered_booted_, Seconds(CLOCK_REALTIME) - answered_real_);
  return std::max(0.0, silent - 1.5 * kBeatSeconds);
}

void Neo4jLease::Beat() {
  if (c_->in_transaction()) {
    const CypherReply alive = c_->InTransaction("RETURN 1");
    if (alive.ok()) lost_ = false;
  }
  const CypherReply beat = c_->Run("MATCH (r:__PawlRunner {id: $id}) WHERE r.run = $run SET r.beat = datetime() RETURN r.run", {{"id", component_}, {"run", owner_.run}});
  if (beat.ok() && beat.rows.empty()) lost_ = true;  // somebody else has it
  if (c_->in_transaction()) {
    if (beat.ok()) Answered();
    return;
  }
  // The server has ended it (a restart, db.transaction.timeout): taken again, unless somebody was faster.
  lost_ = true;
  if (!beat.ok() || beat.rows.empty()) return;
  if (c_->Begin("MERGE (l:__PawlLock {id: $id}) SET l.run = $run RETURN l.run", {{"id", component_}, {"run", owner_.run}}).ok()) lost_ = false;
}

}  // namespace pawl
