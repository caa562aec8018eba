#include "migrations/database/neo4j_target.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pawl {
namespace {

std::string Decode(std::string_view s) {
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() && absl::ascii_isxdigit(s[i + 1]) && absl::ascii_isxdigit(s[i + 2])) {
      auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; };
      out += static_cast<char>(digit(s[i + 1]) * 16 + digit(s[i + 2]));
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

absl::Status Wrong(const Target& t, std::string_view what) { return absl::InvalidArgumentError(absl::StrCat("the URL of ", t.origin, " ", what, "; write http://user@host:7474/neo4j")); }

}  // namespace

std::string Neo4jTarget::Base() const { return absl::StrCat(tls ? "https://" : "http://", host, ":", port); }

absl::StatusOr<Neo4jTarget> ParseNeo4jTarget(const Target& target) {
  Neo4jTarget t;
  std::string_view rest = target.url;
  const size_t colon = rest.find("://");
  if (colon == std::string_view::npos) return Wrong(target, "has no scheme");
  const std::string scheme = absl::AsciiStrToLower(rest.substr(0, colon));
  rest.remove_prefix(colon + 3);
  bool bolt = false;
  if (scheme == "https") t.tls = true;
  else if (scheme == "bolt" || scheme == "neo4j") bolt = true;
  else if (scheme == "bolt+s" || scheme == "neo4j+s" || scheme == "bolt+ssc" || scheme == "neo4j+ssc") bolt = t.tls = true;
  else if (scheme != "http") return Wrong(target, absl::StrCat("begins with ", scheme, "://, which is not how a Neo4j server is reached"));

  // A password may hold what is not encoded as it should be: the last @ ends it.
  std::string_view credentials, query;
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    credentials = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  rest = rest.substr(0, rest.find('#'));
  if (const size_t mark = rest.find('?'); mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  std::string_view path;
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    path = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  while (absl::EndsWith(path, "/")) path.remove_suffix(1);
  if (absl::StartsWith(path, "db/")) path = path.substr(3, path.find('/', 3) == std::string_view::npos ? std::string_view::npos : path.find('/', 3) - 3);
  std::string_view port;
  if (absl::StartsWith(rest, "[")) {
    const size_t end = rest.find(']');
    if (end == std::string_view::npos) return Wrong(target, "has a [ without ]");
    t.host = std::string(rest.substr(0, end + 1));
    if (end + 1 < rest.size() && rest[end + 1] == ':') port = rest.substr(end + 2);
  } else {
    const size_t c = rest.find(':');
    t.host = std::string(rest.substr(0, c));
    if (c != std::string_view::npos) port = rest.substr(c + 1);
  }
  if (t.host.empty()) return Wrong(target, "names no host");
  int number = 0;
  if (!port.empty() && (!absl::SimpleAtoi(port, &number) || number < 1 || number > 65535)) return Wrong(target, "has a port that is no number");
  const bool aura = absl::EndsWith(t.host, ".neo4j.io");
  if (bolt) {
    t.bolt_port = number == 0 ? 7687 : number;
    t.port = aura ? 443 : t.tls ? 7473 : 7474;
  } else {
    t.port = number != 0 ? number : aura ? 443 : t.tls ? 7473 : 7474;
  }

  const Environment& e = target.environment;
  if (!credentials.empty()) {
    const size_t c = credentials.find(':');
    t.user = Decode(credentials.substr(0, c));
    if (c != std::string_view::npos) t.password = Decode(credentials.substr(c + 1));
  }
  if (t.user.empty()) t.user = e.Get("NEO4J_USERNAME");
  if (t.user.empty()) t.user = e.Get("NEO4J_USER");
  if (t.password.empty()) t.password = e.Get("NEO4J_PASSWORD");
  if (t.password.empty()) t.bearer = e.Get("NEO4J_TOKEN");
  if (t.user.empty() && !t.password.empty()) t.user = "neo4j";
  t.database = Decode(path);
  for (std::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const std::string value = equals == std::string_view::npos ? "" : Decode(pair.substr(equals + 1));
    if (name == "ca") t.ca_file = value;
    else if (name == "database") t.database = value;
    else if (name == "api" && value == "query") t.api = Neo4jApi::kQuery;
    else if (name == "api" && value == "transaction") t.api = Neo4jApi::kTransaction;
    else return absl::InvalidArgumentError(absl::StrCat("the URL of ", target.origin, " has the parameter `", name, "`, which says nothing here; there are ca=FILE, api=query, api=transaction and database=NAME"));
  }
  if (t.database.empty()) t.database = e.Get("NEO4J_DATABASE");
  if (t.database.empty()) t.database = "neo4j";
  for (char c : t.database) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_') return Wrong(target, "names a database with characters that no database's name has");
  }
  t.shown = absl::StrCat(scheme, "://", t.user, t.user.empty() ? "" : "@", t.host, ":", bolt ? t.bolt_port : t.port, "/", t.database);
  return t;
}

}  // namespace pawl
