#include "migrations/database/neo4j.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace pawl {
namespace {

std::string Quoted(std::string_view name) { return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`"); }

// "Person" of ":Person" and "Person", "KNOWS" of "[:KNOWS]" and "[KNOWS]".
std::string BareName(std::string_view object) {
  if (absl::ConsumePrefix(&object, "[")) object = object.substr(0, object.find(']'));
  absl::ConsumePrefix(&object, ":");
  return std::string(object);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Neo4jDatabase>> Neo4jDatabase::Open(const Target& target, std::string component, std::string_view command) {
  const absl::StatusOr<Neo4jTarget> at = ParseNeo4jTarget(target);
  if (!at.ok()) return at.status();
  std::unique_ptr<Neo4jDatabase> d(new Neo4jDatabase(target, std::move(component)));
  d->owner_ = ThisOwner(absl::StrCat("pawl ", command, d->component_.empty() ? "" : " ", d->component_));
  absl::StatusOr<std::unique_ptr<Neo4jConnection>> c = Neo4jConnection::Open(*at);
  if (!c.ok()) return absl::Status(c.status().code(), Redact(target, c.status().message()));
  d->work_ = *std::move(c);
  d->work_->set_tick([raw = d.get()] { raw->Watch(); });
  if (const absl::Status s = d->Learn(); !s.ok()) return s;
  return d;
}

absl::Status Neo4jDatabase::Failed(std::string_view what, const CypherError& e) const {
  const std::string text = absl::StrCat(what, ": ", Redact(target_, e.message), e.code.empty() ? "" : absl::StrCat(" [", e.code, "]"));
  const bool access = absl::StrContains(e.code, "Security.Unauthorized") || absl::StrContains(e.code, "Security.AuthenticationRateLimit") || absl::StrContains(e.code, "Security.CredentialsExpired") || absl::StrContains(e.code, "DatabaseNotFound");
  return e.lost || access ? absl::UnavailableError(text) : absl::FailedPreconditionError(text);
}

Neo4jConnection& Neo4jDatabase::Watcher() {
  if (watch_ == nullptr) {
    watch_ = work_->Another();
    watch_->set_timeout(5);
    watch_->set_background();
  }
  return *watch_;
}

CypherStatement Neo4jDatabase::InfoQuery() { return {"CALL db.info() YIELD id, name RETURN id, name", nullptr}; }

absl::Status Neo4jDatabase::Learn() {
  const Neo4jTarget& t = work_->target();
  server_.product = "Neo4j";
  server_.version = work_->server().version;
  server_.edition = work_->server().edition;
  server_.major = work_->server().number;
  server_.database = t.database;
  server_.user = t.user.empty() ? t.bearer.empty() ? "nobody in particular" : "the bearer of a token" : t.user;
  if (server_.major != 0 && server_.major < 404) return absl::FailedPreconditionError(absl::StrCat("this server is Neo4j ", server_.version, "; pawl applies to 4.4 and later"));
  const CypherReply r = work_->Run(InfoQuery().text, nullptr, true);
  if (!r.ok()) {
    if (work_->server().version.empty() || r.error->lost || absl::StrContains(r.error->code, "Security") || absl::StrContains(r.error->code, "DatabaseNotFound") || r.http == 401 || r.http == 404) {
      return absl::UnavailableError(absl::StrCat(t.Base(), ": ", Redact(target_, r.error->message), t.user.empty() && r.http == 401 ? "; put NEO4J_USERNAME and NEO4J_PASSWORD into the environment or the env file" : "",
                                                 r.error->code.empty() ? "" : absl::StrCat(" [", r.error->code, "]")));
    }
    server_.identity = absl::StrCat(t.Base(), " database ", t.database);
    return absl::OkStatus();
  }
  server_.identity = absl::StrCat("store ", r.Value().substr(0, 32), " database ", t.database);
  return absl::OkStatus();
}

absl::Status Neo4jDatabase::PrepareHistory() {
  if (prepared_) return absl::OkStatus();
  // The lease has made them: no schema command may be sent for its labels while it is held.
  if (lease_ == nullptr || !lease_->held()) {
    if (const absl::Status s = PrepareNeo4jSchema(*work_); !s.ok()) return s;
  }
  if (const absl::StatusOr<int64_t> id = NextId(); !id.ok()) return id.status();
  prepared_ = true;
  return absl::OkStatus();
}

absl::StatusOr<bool> Neo4jDatabase::TryRunLock(Session* holder) {
  if (lease_ != nullptr && lease_->held()) return true;
  if (lease_ == nullptr) {
    owner_.address = work_->LocalAddress();
    lease_ = std::make_unique<Neo4jLease>(*work_, component_, owner_);
    lease_->set_plan_ahead({InfoQuery(), LabelsQuery(), AppliedQuery(/*scripts=*/false), Neo4jLease::HolderQuery(component_)});
  }
  absl::StatusOr<bool> got = lease_->Try(holder);
  if (!got.ok()) return absl::Status(got.status().code(), Redact(target_, got.status().message()));
  return got;
}

// What an earlier run's process left running in the server: a lone statement, which goes on and commits. Its data transactions have
// been ended with its lease.
absl::StatusOr<std::optional<Session>> Neo4jDatabase::FindOrphan() {
  const std::string ours = absl::StrCat("/*pawl ", component_, " ");
  const std::string dead = lease_ != nullptr ? lease_->dead().address : "";
  for (const Neo4jTransaction& t : OpenTransactions(*work_, &known_by_address_)) {
    if (t.outer || IsOurs(t)) continue;
    if (absl::StrContains(t.query, ours) || (!dead.empty() && t.client == dead)) return std::optional<Session>(SessionOf(t));
  }
  return std::optional<Session>();
}

absl::Status Neo4jDatabase::CancelSession(const Session& session) {
  const std::string_view prefix = "transaction ";
  if (!absl::StartsWith(session.id, prefix)) return absl::FailedPreconditionError(absl::StrCat(session.id, " is no transaction that could be ended"));
  return Terminate(*work_, {session.id.substr(prefix.size())});
}

std::vector<Session> Neo4jDatabase::Blocking() {
  std::vector<Session> out = blockers_;
  const std::vector<Neo4jTransaction> open = OpenTransactions(Watcher());
  for (const Neo4jTransaction& t : open) {
    if (IsOurs(t) || t.blocked_by.empty()) continue;
    for (const Neo4jTransaction& mine : open) {
      if (!IsOurs(mine) || std::find(t.blocked_by.begin(), t.blocked_by.end(), mine.id) == t.blocked_by.end()) continue;
      Session s = SessionOf(t);
      s.waits = true;
      out.push_back(std::move(s));
    }
  }
  return out;
}

std::string Neo4jDatabase::Progress() { return progress_.empty() ? activity_ : progress_; }

void Neo4jDatabase::Cancel() {
  ended_ = Ended::kCanceled;
  std::vector<std::string> ids;
  for (const Neo4jTransaction& t : OpenTransactions(Watcher())) {
    if (!t.outer && IsOurs(t)) ids.push_back(t.id);
  }
  (void)Terminate(Watcher(), ids);
}

absl::StatusOr<std::vector<std::vector<std::string>>> Neo4jDatabase::Ask(std::string_view query) {
  ended_ = Ended::kNot;
  CypherReply r = work_->Run(Marked(query), nullptr, true);
  if (!r.ok()) return Failed("the server refuses the query", *r.error);
  std::vector<std::vector<std::string>> out;
  for (const Json& row : r.rows) {
    std::vector<std::string>& to = out.emplace_back();
    for (const Json& v : row) to.push_back(CypherText(v));
  }
  return out;
}

// "Person" or ":Person" is a label, "[:KNOWS]" or "[KNOWS]" a relationship type; "" is every node.
std::string Neo4jDatabase::CountQuery(std::string_view what) const {
  const std::string name = BareName(what);
  if (name.empty()) return "MATCH (n) RETURN count(n)";
  return what[0] == '[' ? absl::StrCat("MATCH ()-[r:", Quoted(name), "]->() RETURN count(r)") : absl::StrCat("MATCH (n:", Quoted(name), ") RETURN count(n)");
}

// Labels ("Person") and relationship types ("[:KNOWS]") of which there is something; nothing if the server does not tell.
std::optional<absl::flat_hash_set<std::string>> Neo4jDatabase::Populated() {
  const CypherReply r = work_->Run(
      "CALL db.stats.retrieve('GRAPH COUNTS') YIELD data RETURN [n IN data.nodes WHERE n.label IS NOT NULL AND n.count > 0 | n.label] + "
      "[r IN data.relationships WHERE r.relationshipType IS NOT NULL AND r.startLabel IS NULL AND r.endLabel IS NULL AND r.count > 0 | '[:' + r.relationshipType + ']']",
      nullptr, true);
  if (!r.ok() || r.rows.empty() || !r.rows[0][0].is_array()) return std::nullopt;
  absl::flat_hash_set<std::string> out;
  for (const Json& name : r.rows[0][0]) out.insert(CypherText(name));
  return out;
}

void Neo4jDatabase::RunEnded() {
  if (lease_ != nullptr) lease_->PlanAhead();
}

std::vector<TableSize> Neo4jDatabase::Sizes(const std::vector<std::string>& objects) {
  // Planning a query costs the server far more than a look into its count store, which this procedure reads: one text for all of them.
  constexpr std::string_view kCounts =
      "CALL db.stats.retrieve('GRAPH COUNTS') YIELD data RETURN [n IN data.nodes WHERE coalesce(n.label, '') IN $names | [coalesce(n.label, ''), n.count]] + "
      "[r IN data.relationships WHERE r.relationshipType IN $names AND r.startLabel IS NULL AND r.endLabel IS NULL | ['[:' + r.relationshipType + ']', r.count]] AS counts";
  std::vector<std::string> names;
  for (const std::string& o : objects) names.push_back(BareName(o));
  const CypherReply counts = work_->Run(kCounts, {{"names", names}}, true);
  std::vector<TableSize> out;
  auto add = [&](const std::string& object, int64_t count) {
    TableSize& t = out.emplace_back();
    t.table = object;
    t.rows = count;
    // Neo4j does not tell what a label takes; some hundred bytes a node with its properties is what builds and scans go over.
    t.bytes = count * 128;
  };
  if (counts.ok() && !counts.rows.empty() && counts.rows[0][0].is_array()) {
    absl::flat_hash_map<std::string, int64_t> known;
    for (const Json& c : counts.rows[0][0]) {
      if (c.is_array() && c.size() == 2 && c[1].is_number_integer()) known[CypherText(c[0])] = c[1].get<int64_t>();
    }
    for (const std::string& o : objects) {
      const auto it = known.find(o.starts_with('[') ? absl::StrCat("[:", BareName(o), "]") : BareName(o));
      add(o, it == known.end() ? 0 : it->second);
    }
    return out;
  }
  // Whoever may not ask for that may count.
  for (const std::string& o : objects) {
    const CypherReply r = work_->Run(CountQuery(o), nullptr, true);
    if (r.ok() && !r.rows.empty() && r.rows[0][0].is_number_integer()) add(o, r.rows[0][0].get<int64_t>());
  }
  return out;
}

}  // namespace pawl
