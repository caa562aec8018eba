#include "migrations/database/neo4j_http.h"

#include <curl/curl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "migrations/database/crash_point.h"

namespace pawl {
namespace {

size_t Keep(char* data, size_t size, size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

// A request's body, handed out once. With CURLOPT_POSTFIELDS libcurl sends a request again when a connection that it had used
// before ends without a byte of answer, POST or not (RFC 9112, 9.3.1, has that left to requests that may run twice). A body that
// it cannot rewind it cannot send again: CURLE_SEND_FAIL_REWIND.
struct Body {
  std::string_view rest;
};

size_t GiveOnce(char* to, size_t size, size_t count, void* from) {
  std::string_view& rest = static_cast<Body*>(from)->rest;
  const size_t n = std::min(size * count, rest.size());
  rest.copy(to, n);
  rest.remove_prefix(n);
  return n;
}

// "Invalid input ... (line 1, column 10 (offset: 9))\n\"MATCH ...\"\n  ^" -> its first line, and 9.
void TakePlace(CypherError* e) {
  std::string& m = e->message;
  if (const size_t quote = m.find("\n\""); quote != std::string::npos) m.resize(quote);
  const size_t place = m.rfind("(line ");
  const size_t offset = m.rfind("(offset: ");
  if (place != std::string::npos && offset != std::string::npos && offset > place) {
    (void)absl::SimpleAtoi(std::string_view(m).substr(offset + 9, m.find(')', offset) - offset - 9), &e->offset);
    m.resize(place);
  }
  m = std::string(absl::StripAsciiWhitespace(absl::StrReplaceAll(m, {{"\r", ""}, {"\n", " "}})));
}

// Whether a TCP connection can be made: tells "only Bolt is open" from "nothing there".
bool Accepts(const std::string& host, int port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string name = absl::StrReplaceAll(host, {{"[", ""}, {"]", ""}});
  if (getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  bool open = false;
  for (addrinfo* a = found; a != nullptr && !open; a = a->ai_next) {
    const int s = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (s < 0) continue;
    const timeval limit = {2, 0};
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    open = connect(s, a->ai_addr, a->ai_addrlen) == 0;
    close(s);
  }
  freeaddrinfo(found);
  return open;
}

}  // namespace

std::string CypherText(const Json& v) {
  if (v.is_null()) return "";
  return v.is_string() ? v.get<std::string>() : v.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string CypherReply::Value() const { return rows.empty() || rows[0].empty() ? std::string() : CypherText(rows[0][0]); }

struct Neo4jConnection::Transport {
  CURLM* multi = nullptr;
  CURL* easy = nullptr;
  curl_slist *headers = nullptr, *read_headers = nullptr;
  char why[CURL_ERROR_SIZE] = "";

  ~Transport() {
    if (easy != nullptr) curl_easy_cleanup(easy);
    if (multi != nullptr) curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    curl_slist_free_all(read_headers);
  }
};

Neo4jConnection::Neo4jConnection(const Neo4jTarget& target) : target_(target), transport_(std::make_unique<Transport>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Transport& t = *transport_;
  t.multi = curl_multi_init();
  t.easy = curl_easy_init();
  // "Expect:" spares a round trip for "100 Continue".
  for (const char* h : {"Content-Type: application/json", "Accept: application/json", "Expect:"}) {
    t.headers = curl_slist_append(t.headers, h);
    t.read_headers = curl_slist_append(t.read_headers, h);
  }
  t.read_headers = curl_slist_append(t.read_headers, "Access-Mode: READ");  // of the transactional API
  curl_easy_setopt(t.easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(t.easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(t.easy, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
  curl_easy_setopt(t.easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(t.easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(t.easy, CURLOPT_USERAGENT, "pawl");
  curl_easy_setopt(t.easy, CURLOPT_ERRORBUFFER, t.why);
  curl_easy_setopt(t.easy, CURLOPT_WRITEFUNCTION, Keep);
  curl_easy_setopt(t.easy, CURLOPT_READFUNCTION, GiveOnce);
  if (!target_.ca_file.empty()) curl_easy_setopt(t.easy, CURLOPT_CAINFO, target_.ca_file.c_str());
  if (!target_.bearer.empty()) {
    curl_easy_setopt(t.easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(t.easy, CURLOPT_XOAUTH2_BEARER, target_.bearer.c_str());
  } else if (!target_.user.empty()) {
    curl_easy_setopt(t.easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(t.easy, CURLOPT_USERNAME, target_.user.c_str());
    curl_easy_setopt(t.easy, CURLOPT_PASSWORD, target_.password.c_str());
  }
}

Neo4jConnection::~Neo4jConnection() = default;

std::unique_ptr<Neo4jConnection> Neo4jConnection::Another() const {
  std::unique_ptr<Neo4jConnection> c(new Neo4jConnection(target_));
  c->server_ = server_;
  c->query_api_ = query_api_;
  return c;
}

absl::StatusOr<std::unique_ptr<Neo4jConnection>> Neo4jConnection::Open(const Neo4jTarget& target) {
  std::unique_ptr<Neo4jConnection> c(new Neo4jConnection(target));
  if (const absl::Status s = c->Learn(); !s.ok()) return s;
  return c;
}

absl::Status Neo4jConnection::Unreachable(const std::string& why) const {
  const std::string at = target_.Base();
  const int bolt = target_.bolt_port != 0 ? target_.bolt_port : 7687;
  std::string text;
  if (target_.bolt_port != 0) text = absl::StrCat(target_.shown, " is an address of Bolt, and pawl speaks HTTP: it tried ", at, " (", why, ")");
  else text = absl::StrCat("cannot reach Neo4j at ", at, ": ", why);
  if (target_.port != bolt && Accepts(target_.host, bolt)) {
    absl::StrAppend(&text, ". Bolt answers on port ", bolt, ", HTTP does not: set server.http.enabled=true (or server.https.enabled=true) in neo4j.conf, and name its address with http://", target_.host, ":7474/", target_.database);
  } else if (target_.bolt_port != 0) {
    absl::StrAppend(&text, ". Name the address of HTTP, such as http://", target_.host, ":7474/", target_.database);
  }
  return absl::UnavailableError(text);
}

absl::Status Neo4jConnection::Learn() {
  timeout_seconds_ = 30;
  const CypherReply r = Send("GET", "/", "");
  timeout_seconds_ = 0;
  if (r.http == 0) return Unreachable(r.error ? r.error->message : "no answer");
  if (r.http == 401 || r.http == 403) return absl::UnavailableError(absl::StrCat(target_.Base(), " does not let ", target_.user.empty() ? "anybody in without a name" : target_.user, target_.user.empty() ? "" : " in", ": ", r.error ? r.error->message : ""));
  const Json& about = r.plan;  // Send leaves a body that is no reply there
  if (!about.is_object() || !about.contains("neo4j_version")) {
    if (target_.port == 7687 || (r.error && absl::StrContains(r.error->message, "HTTP/0.9"))) return absl::UnavailableError(absl::StrCat(target_.Base(), " is an address of Bolt, and pawl speaks HTTP: name the port of server.http.listen_address, such as http://", target_.host, ":7474/", target_.database));
    return absl::UnavailableError(absl::StrCat("what answers at ", target_.Base(), " is no Neo4j server (status ", r.http, ")"));
  }
  server_.version = about.value("neo4j_version", "");
  server_.edition = about.value("neo4j_edition", "");
  const std::vector<std::string> parts = absl::StrSplit(server_.version, '.');
  int major = 0, minor = 0;
  if (!parts.empty()) (void)absl::SimpleAtoi(parts[0], &major);
  if (parts.size() > 1) (void)absl::SimpleAtoi(parts[1].substr(0, parts[1].find_first_not_of("0123456789")), &minor);
  server_.number = major * 100 + minor;
  // Explicit transactions came to the Query API with 5.26.
  server_.query_api = about.contains("query") && server_.number >= 526;
  server_.transactional_api = about.contains("transaction");
  query_api_ = target_.api == Neo4jApi::kChoose ? server_.query_api : target_.api == Neo4jApi::kQuery;
  if (query_api_ && !server_.query_api) return absl::InvalidArgumentError(absl::StrCat("Neo4j ", server_.version, " has no Query API with transactions, which came with 5.26; leave api=query away"));
  if (!query_api_ && !server_.transactional_api && server_.number >= 526) return absl::InvalidArgumentError("this server does not offer the transactional API; leave api=transaction away");
  return absl::OkStatus();
}

std::string Neo4jConnection::LocalAddress() const {
  const char* ip = nullptr;
  long port = 0;
  if (transport_ == nullptr || curl_easy_getinfo(transport_->easy, CURLINFO_LOCAL_IP, &ip) != CURLE_OK || curl_easy_getinfo(transport_->easy, CURLINFO_LOCAL_PORT, &port) != CURLE_OK) return "";
  if (ip == nullptr || *ip == '\0' || port <= 0) return "";
  return absl::StrCat(ip, ":", port);
}

// One request, one answer. A body that is no reply of Cypher is left in `plan` as it is.
CypherReply Neo4jConnection::Send(const char* method, const std::string& path, const std::string& body, bool read) {
  Transport& t = *transport_;
  CypherReply reply;
  std::string answer;
  Body once{body};
  const std::string url = absl::StrCat(target_.Base(), path);
  const bool get = method[0] == 'G';
  curl_easy_setopt(t.easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, read ? t.read_headers : t.headers);
  curl_easy_setopt(t.easy, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(t.easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_seconds_ * 1000));
  if (get) {
    curl_easy_setopt(t.easy, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(t.easy, CURLOPT_POST, 1L);
    curl_easy_setopt(t.easy, CURLOPT_POSTFIELDS, nullptr);
    curl_easy_setopt(t.easy, CURLOPT_READDATA, &once);
    curl_easy_setopt(t.easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  curl_easy_setopt(t.easy, CURLOPT_CUSTOMREQUEST, method[0] == 'D' ? "DELETE" : nullptr);
  t.why[0] = '\0';
  curl_multi_add_handle(t.multi, t.easy);
  CURLcode code = CURLE_OK;
  bool done = false;
  while (!done) {
    int running = 0;
    if (curl_multi_perform(t.multi, &running) != CURLM_OK) {
      code = CURLE_FAILED_INIT;
      break;
    }
    int left = 0;
    while (const CURLMsg* m = curl_multi_info_read(t.multi, &left)) {
      if (m->msg != CURLMSG_DONE) continue;
      code = m->data.result;
      done = true;
    }
    if (done || running == 0) break;
    int events = 0;
    curl_multi_poll(t.multi, nullptr, 0, 100, &events);
    if (events == 0 && tick_) tick_();
  }
  curl_multi_remove_handle(t.multi, t.easy);
  if (!get && !background_) CrashPoint("a request is answered");
  long status = 0;
  curl_easy_getinfo(t.easy, CURLINFO_RESPONSE_CODE, &status);
  reply.http = static_cast<int>(status);
  if (code != CURLE_OK) {
    reply.http = 0;
    reply.error.emplace();
    reply.error->message = code == CURLE_SEND_FAIL_REWIND ? "the connection ended without an answer" : *t.why != '\0' ? t.why : curl_easy_strerror(code);
    reply.error->lost = true;
    return reply;
  }
  Json j = Json::parse(answer, nullptr, false);
  auto fail = [&](const Json& errors) {
    const Json& first = errors[0];
    reply.error.emplace();
    reply.error->code = first.is_object() ? first.value("code", "") : "";
    reply.error->message = first.is_object() ? first.value("message", "") : first.dump();
    TakePlace(&*reply.error);
    // The server goes down: nobody knows whether the statement ran to its end.
    reply.error->lost = absl::StrContains(reply.error->code, "DatabaseUnavailable");
  };
  if (j.is_object() && j.contains("errors") && j["errors"].is_array() && !j["errors"].empty()) {
    fail(j["errors"]);
  } else if (status < 200 || status > 299) {
    reply.error.emplace();
    reply.error->message = absl::StrCat("the server answers with status ", status, answer.empty() || j.is_object() ? "" : absl::StrCat(": ", answer.substr(0, 200)));
    // A gateway that gave up waiting (502, 503, 504), or a server that broke: the statement may run to its end all the same.
    reply.error->lost = status >= 500;
  } else if (j.is_discarded() && !answer.empty()) {
    reply.error.emplace();
    reply.error->message = "the server's answer is no JSON";
    reply.error->lost = true;
  }
  reply.plan = std::move(j);
  return reply;
}

namespace {

std::string TextOf(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

void TakeRows(Json& fields, CypherReply* reply) {
  for (Json& f : fields) reply->fields.push_back(f.is_string() ? f.get<std::string>() : f.dump());
}

}  // namespace

CypherReply Neo4jConnection::SendQuery(const std::string& path, std::string_view statement, const Json& parameters, bool read, bool end) {
  Json body = Json::object();
  if (!statement.empty()) {
    body["statement"] = statement;
    body["includeCounters"] = true;
    if (!parameters.is_null()) body["parameters"] = parameters;
  }
  if (read) body["accessMode"] = "READ";
  CypherReply r = Send("POST", path, TextOf(body));
  Json j = std::exchange(r.plan, nullptr);
  if (!j.is_object()) return r;
  if (j.contains("data") && j["data"].is_object()) {
    TakeRows(j["data"]["fields"], &r);
    for (Json& row : j["data"]["values"]) r.rows.push_back(std::move(row));
  }
  if (j.contains("counters")) r.counters = std::move(j["counters"]);
  if (j.contains("queryPlan")) r.plan = std::move(j["queryPlan"]);
  if (j.contains("notifications")) r.notifications = std::move(j["notifications"]);
  if (!end && r.ok() && transaction_.empty() && j.contains("transaction")) transaction_ = absl::StrCat(path, "/", j["transaction"].value("id", ""));
  return r;
}

namespace {

Json LegacyStatement(std::string_view text, const Json& parameters) {
  Json s = {{"statement", text}, {"includeStats", true}};
  if (!parameters.is_null()) s["parameters"] = parameters;
  return s;
}

void TakeLegacyResult(Json& result, CypherReply* r) {
  if (result.contains("columns")) TakeRows(result["columns"], r);
  if (result.contains("data")) {
    for (Json& row : result["data"]) r->rows.push_back(std::move(row["row"]));
  }
  if (result.contains("stats")) {
    // nodes_created -> nodesCreated, as the Query API calls it
    for (const auto& [key, value] : result["stats"].items()) {
      std::string name;
      for (size_t i = 0; i < key.size(); ++i) {
        if (key[i] == '_' && i + 1 < key.size()) name += absl::ascii_toupper(key[++i]);
        else name += key[i];
      }
      r->counters[name] = value;
    }
  }
  if (result.contains("plan") && result["plan"].is_object() && result["plan"].contains("root")) r->plan = std::move(result["plan"]["root"]);
}

}  // namespace

std::vector<CypherReply> Neo4jConnection::RunTogether(const std::vector<CypherStatement>& statements) {
  Json body = {{"statements", Json::array()}};
  for (const CypherStatement& s : statements) body["statements"].push_back(LegacyStatement(s.text, s.parameters));
  CypherReply r = Send("POST", absl::StrCat("/db/", target_.database, "/tx/commit"), TextOf(body));
  Json j = std::exchange(r.plan, nullptr);
  std::vector<CypherReply> out;
  if (j.is_object() && j.contains("results") && j["results"].is_array()) {
    for (Json& result : j["results"]) {
      if (r.error && !result.contains("stats")) break;  // what came before the error of a statement that failed
      TakeLegacyResult(result, &out.emplace_back());
      out.back().http = r.http;
    }
  }
  if (out.size() < statements.size() && r.ok()) {
    r.error.emplace();
    r.error->message = "the server's answer lacks results";
    r.error->lost = true;
  }
  // They are told for all statements together. The last one is what pawl writes down, of which nobody wants to hear.
  if (j.is_object() && j.contains("notifications") && !out.empty()) out.front().notifications = std::move(j["notifications"]);
  if (r.error) out.push_back(std::move(r));
  return out;
}

CypherReply Neo4jConnection::SendLegacy(const std::string& path, std::string_view statement, const Json& parameters, bool read, bool end) {
  Json body = {{"statements", Json::array()}};
  if (!statement.empty()) body["statements"].push_back(LegacyStatement(statement, parameters));
  CypherReply r = Send("POST", path, TextOf(body), read);
  Json j = std::exchange(r.plan, nullptr);
  if (!j.is_object()) return r;
  if (j.contains("results") && j["results"].is_array() && !j["results"].empty()) TakeLegacyResult(j["results"][0], &r);
  if (j.contains("notifications")) r.notifications = std::move(j["notifications"]);
  if (!end && r.ok() && transaction_.empty() && j.contains("commit")) {
    const std::string commit = j.value("commit", "");  // "http://host:7474/db/neo4j/tx/7/commit"
    const size_t at = commit.find("/db/");
    if (at != std::string::npos && absl::EndsWith(commit, "/commit")) transaction_ = commit.substr(at, commit.size() - at - 7);
  }
  return r;
}

CypherReply Neo4jConnection::Run(std::string_view statement, const Json& parameters, bool read) {
  if (query_api_) return SendQuery(absl::StrCat("/db/", target_.database, "/query/v2"), statement, parameters, read, true);
  return SendLegacy(absl::StrCat("/db/", target_.database, "/tx/commit"), statement, parameters, read, true);
}

CypherReply Neo4jConnection::Begin(std::string_view statement, const Json& parameters) {
  transaction_.clear();
  if (query_api_) return SendQuery(absl::StrCat("/db/", target_.database, "/query/v2/tx"), statement, parameters, false, false);
  return SendLegacy(absl::StrCat("/db/", target_.database, "/tx"), statement, parameters, false, false);
}

CypherReply Neo4jConnection::InTransaction(std::string_view statement, const Json& parameters) {
  CypherReply r = query_api_ ? SendQuery(transaction_, statement, parameters, false, false) : SendLegacy(transaction_, statement, parameters, false, false);
  if (!r.ok()) transaction_.clear();  // the server has rolled it back
  return r;
}

CypherReply Neo4jConnection::Commit(std::string_view statement, const Json& parameters) {
  const std::string path = absl::StrCat(std::exchange(transaction_, ""), "/commit");
  return query_api_ ? SendQuery(path, statement, parameters, false, true) : SendLegacy(path, statement, parameters, false, true);
}

CypherReply Neo4jConnection::Rollback() {
  const std::string path = std::exchange(transaction_, "");
  if (path.empty()) return {};
  CypherReply r = Send("DELETE", path, "");
  r.plan = nullptr;
  if (r.http == 404 || r.http == 400) r.error.reset();  // the server has done so already
  return r;
}

}  // namespace pawl
