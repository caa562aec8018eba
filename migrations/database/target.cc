#include "migrations/database/target.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "migrations/database/neo4j_target.h"

namespace pawl {
namespace {

bool IsName(std::string_view s) {
  if (s.empty() || absl::ascii_isdigit(s[0])) return false;
  for (char c : s) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

// The value behind NAME=: quoted, or up to a comment.
absl::StatusOr<std::string> ParseValue(std::string_view v) {
  v = absl::StripAsciiWhitespace(v);
  if (v.empty()) return std::string();
  if (v[0] == '\'') {
    const size_t end = v.find('\'', 1);
    if (end == std::string_view::npos) return absl::InvalidArgumentError("a ' is not closed");
    return std::string(v.substr(1, end - 1));
  }
  if (v[0] == '"') {
    std::string out;
    for (size_t i = 1; i < v.size(); ++i) {
      if (v[i] == '"') return out;
      if (v[i] == '\\' && i + 1 < v.size()) {
        ++i;
        out += v[i] == 'n' ? '\n' : v[i];
      } else {
        out += v[i];
      }
    }
    return absl::InvalidArgumentError("a \" is not closed");
  }
  const size_t comment = v.find(" #");
  return std::string(absl::StripTrailingAsciiWhitespace(v.substr(0, comment)));
}

struct FreeOptions {
  void operator()(PQconninfoOption* o) const { PQconninfoFree(o); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

Options ParseUrl(const std::string& url) {
  char* error = nullptr;
  Options options(PQconninfoParse(url.c_str(), &error));
  if (error != nullptr) PQfreemem(error);  // it quotes the URL, password and all: nobody may see it
  return options;
}

std::string_view OptionOf(const Options& options, std::string_view name) {
  for (const PQconninfoOption* o = options.get(); o != nullptr && o->keyword != nullptr; ++o) {
    if (name == o->keyword) return o->val == nullptr ? std::string_view() : std::string_view(o->val);
  }
  return {};
}

}  // namespace

absl::Status Environment::Load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("the env file ", file, " cannot be read; name another with --env"));
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::string_view rest = absl::StripAsciiWhitespace(line);
    if (number == 1 && absl::StartsWith(rest, "\xEF\xBB\xBF")) rest.remove_prefix(3);
    if (rest.empty() || rest[0] == '#') continue;
    if (absl::StartsWith(rest, "export ")) rest = absl::StripLeadingAsciiWhitespace(rest.substr(7));
    const size_t equals = rest.find('=');
    const std::string_view name = absl::StripTrailingAsciiWhitespace(rest.substr(0, equals));
    // The line itself is not shown: it may hold a password.
    if (equals == std::string_view::npos || !IsName(name)) return absl::InvalidArgumentError(absl::StrCat(file, ":", number, ": is no NAME=VALUE line"));
    absl::StatusOr<std::string> value = ParseValue(rest.substr(equals + 1));
    if (!value.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ":", number, ": ", value.status().message()));
    loaded_[std::string(name)] = *std::move(value);
  }
  return absl::OkStatus();
}

std::string Environment::Get(const std::string& name) const {
  if (const char* set = std::getenv(name.c_str()); set != nullptr && *set != '\0') return set;
  const auto it = loaded_.find(name);
  return it == loaded_.end() ? std::string() : it->second;
}

absl::StatusOr<Target> FindTarget(const TargetRequest& request) {
  Target t;
  t.engine = request.engine;
  const std::string& env_file = request.env_file.empty() ? request.set_env_file : request.env_file;
  if (!env_file.empty()) {
    const absl::Status loaded = t.environment.Load(env_file);
    if (!loaded.ok()) return loaded;
  }
  if (!request.url.empty()) {
    t.url = request.url;
    t.origin = "--url";
    return t;
  }
  auto from = [&](const std::string& name, std::string_view asked_by) -> absl::Status {
    t.url = t.environment.Get(name);
    t.origin = env_file.empty() || std::getenv(name.c_str()) != nullptr ? name : absl::StrCat(name, " of ", env_file);
    if (!t.url.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("the variable ", name, ", which ", asked_by, " names, is not set", env_file.empty() ? "" : absl::StrCat(", in ", env_file, " neither")));
  };
  if (!request.url_env.empty()) {
    if (const absl::Status s = from(request.url_env, "--url-env"); !s.ok()) return s;
    return t;
  }
  if (!request.set_url_env.empty()) {
    if (const absl::Status s = from(request.set_url_env, "pawl.toml"); !s.ok()) return s;
    return t;
  }
  const char* usual = request.engine == Engine::kNeo4j ? "NEO4J_URL" : "DATABASE_URL";
  if (from(usual, "").ok()) return t;
  if (request.engine == Engine::kNeo4j && from("NEO4J_URI", "").ok()) return t;  // as drivers and Aura's files call it
  t.url.clear();
  if (request.engine == Engine::kPostgresql) {
    for (const char* name : {"PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE", "PGUSER", "PGPORT"}) {
      if (!t.environment.Get(name).empty()) {
        t.origin = "the PG* variables";
        return t;
      }
    }
  }
  return absl::NotFoundError(absl::StrCat("no database is named: give --url, --url-env NAME, or set ", usual, request.engine == Engine::kPostgresql ? " or PGHOST and PGDATABASE" : " (http://user@host:7474/neo4j)"));
}

std::string DescribeTarget(const Target& target) {
  if (target.url.empty()) return target.origin;
  if (target.engine == Engine::kNeo4j) {
    const absl::StatusOr<Neo4jTarget> t = ParseNeo4jTarget(target);
    return t.ok() ? t->shown : absl::StrCat("the URL of ", target.origin);
  }
  const Options options = ParseUrl(target.url);
  if (options == nullptr) return absl::StrCat("the connection string of ", target.origin);
  auto or_env = [&](std::string_view keyword, const char* variable) {
    const std::string_view v = OptionOf(options, keyword);
    return v.empty() ? target.environment.Get(variable) : std::string(v);
  };
  if (const std::string service = or_env("service", "PGSERVICE"); !service.empty()) return absl::StrCat("service ", service);
  const std::string user = or_env("user", "PGUSER"), host = or_env("host", "PGHOST"), port = or_env("port", "PGPORT"), database = or_env("dbname", "PGDATABASE");
  return absl::StrCat("postgresql://", user, user.empty() ? "" : "@", absl::StrReplaceAll(host, {{"/", "%2F"}}), port.empty() ? "" : absl::StrCat(":", port), "/", database.empty() ? user : database);
}

std::string Redact(const Target& target, std::string_view text) {
  std::string out(text);
  if (target.engine == Engine::kNeo4j) {
    if (const absl::StatusOr<Neo4jTarget> t = ParseNeo4jTarget(target); t.ok()) {
      for (const std::string& secret : {t->password, t->bearer}) {
        if (secret.size() > 2) out = absl::StrReplaceAll(out, {{secret, "***"}});
      }
    }
  }
  const Options options = target.url.empty() ? nullptr : ParseUrl(target.url);
  const std::string password(options == nullptr ? std::string_view() : OptionOf(options, "password"));
  if (password.size() > 2) out = absl::StrReplaceAll(out, {{password, "***"}});
  if (const size_t at = target.url.rfind('@'), scheme = target.url.find("://"); at != std::string::npos && scheme != std::string::npos && scheme < at) {
    const std::string_view credentials = std::string_view(target.url).substr(scheme + 3, at - scheme - 3);
    if (const size_t colon = credentials.find(':'); colon != std::string_view::npos && credentials.size() - colon > 3) {
      out = absl::StrReplaceAll(out, {{credentials.substr(colon + 1), "***"}});
    }
  }
  return out;
}

}  // namespace pawl
