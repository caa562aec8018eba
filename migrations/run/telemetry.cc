#include "migrations/run/telemetry.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "migrations/run/http.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

std::string PercentDecoded(std::string_view s) {
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() && absl::ascii_isxdigit(static_cast<unsigned char>(s[i + 1])) && absl::ascii_isxdigit(static_cast<unsigned char>(s[i + 2]))) {
      out += absl::HexStringToBytes(s.substr(i + 1, 2));
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

// "a=b,c=d", values percent-encoded (W3C Baggage). Control characters would end a header early, so such a pair is left out.
std::vector<std::pair<std::string, std::string>> Pairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::string_view pair : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    std::string name(absl::StripAsciiWhitespace(pair.substr(0, equals))), value = PercentDecoded(absl::StripAsciiWhitespace(pair.substr(equals + 1)));
    auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (name.empty() || std::any_of(name.begin(), name.end(), control) || std::any_of(value.begin(), value.end(), control)) continue;
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

Json Attribute(std::string_view key, std::string_view value) { return {{"key", key}, {"value", {{"stringValue", value}}}}; }
Json Attribute(std::string_view key, bool value) { return {{"key", key}, {"value", {{"boolValue", value}}}}; }
Json Attribute(std::string_view key, int64_t value) { return {{"key", key}, {"value", {{"intValue", absl::StrCat(value)}}}}; }  // 64 bits are strings in JSON

std::string Text(const Json& e, const char* key) {
  if (!e.contains(key) || e[key].is_null()) return "";
  return e[key].is_string() ? e[key].get<std::string>() : e[key].dump(-1, ' ', false, Json::error_handler_t::replace);
}
int64_t Number(const Json& e, const char* key) { return e.contains(key) && e[key].is_number() ? e[key].get<int64_t>() : 0; }

bool IsHex(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f'); });
}

// "00-<32 hex>-<16 hex>-<flags>"; false if it is none.
bool ParseTraceparent(std::string_view text, std::string* trace, std::string* parent) {
  const std::vector<std::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() < 4 || parts[0].size() != 2 || parts[1].size() != 32 || parts[2].size() != 16 || !IsHex(parts[1]) || !IsHex(parts[2])) return false;
  if (parts[1].find_first_not_of('0') == std::string_view::npos || parts[2].find_first_not_of('0') == std::string_view::npos) return false;
  *trace = std::string(parts[1]);
  *parent = std::string(parts[2]);
  return true;
}

// Times that the events have, in order, so that a span never ends before it begins.
struct Builder {
  const TelemetryRun& run;
  const TelemetrySettings& settings;
  uint64_t (*random)();
  std::string trace, run_span, parent;
  Json spans = Json::array();

  std::string Id(int words) const {
    std::string id;
    do {
      id.clear();
      for (int i = 0; i < words; ++i) absl::StrAppend(&id, absl::Hex(random(), absl::kZeroPad16));
    } while (id.find_first_not_of('0') == std::string::npos);
    return id;
  }

  Json Span(std::string_view name, std::string_view id, std::string_view of, uint64_t begin, uint64_t end) const {
    Json s;
    s["traceId"] = trace;
    s["spanId"] = id;
    if (!of.empty()) s["parentSpanId"] = of;
    s["name"] = name;
    s["kind"] = 3;  // CLIENT
    s["startTimeUnixNano"] = absl::StrCat(begin);
    s["endTimeUnixNano"] = absl::StrCat(std::max(begin, end));
    s["attributes"] = Json::array();
    s["events"] = Json::array();
    return s;
  }

  void Common(Json& span, std::string_view direction, std::string_view version, int64_t duration_ms) const {
    Json& a = span["attributes"];
    a.push_back(Attribute("migration.component", run.component));
    a.push_back(Attribute("migration.direction", direction));
    if (!version.empty()) a.push_back(Attribute("migration.version", version));
    a.push_back(Attribute("migration.duration_ms", duration_ms));
    a.push_back(Attribute("migration.dry_run", run.dry_run));
    a.push_back(Attribute("db.system", run.db_system));
    a.push_back(Attribute("db.system.name", run.db_system));
    if (!run.db_name.empty()) a.push_back(Attribute("db.namespace", run.db_name));
  }

  // What happened on the way, as an event of the span.
  static Json SpanEvent(const Json& e) {
    Json out = {{"timeUnixNano", absl::StrCat(UnixNanos(Text(e, "ts")))}, {"name", Text(e, "event")}, {"attributes", Json::array()}};
    for (const auto& [key, value] : e.items()) {
      if (key == "ts" || key == "event" || key == "component" || key == "version" || key == "direction") continue;
      if (value.is_boolean()) out["attributes"].push_back(Attribute(key, value.get<bool>()));
      else if (value.is_number_integer()) out["attributes"].push_back(Attribute(key, value.get<int64_t>()));
      else out["attributes"].push_back(Attribute(key, Text(e, key.c_str())));
    }
    return out;
  }

  static void Fail(Json& span, std::string_view message) { span["status"] = {{"code", 2}, {"message", message}}; }
};

uint64_t SystemRandom() {
  static thread_local std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) | device();
}

}  // namespace

uint64_t UnixNanos(std::string_view iso) {
  std::tm t = {};
  int ms = 0;
  if (iso.size() < 20 || iso[4] != '-' || iso[10] != 'T' || iso[16] != ':') return 0;
  auto number = [&](size_t at, size_t n, int* to) { return absl::SimpleAtoi(iso.substr(at, n), to); };
  if (!number(0, 4, &t.tm_year) || !number(5, 2, &t.tm_mon) || !number(8, 2, &t.tm_mday) || !number(11, 2, &t.tm_hour) || !number(14, 2, &t.tm_min) || !number(17, 2, &t.tm_sec)) return 0;
  if (iso[19] == '.' && iso.size() >= 24) (void)number(20, 3, &ms);
  t.tm_year -= 1900;
  t.tm_mon -= 1;
  const std::time_t seconds = timegm(&t);
  return seconds < 0 ? 0 : static_cast<uint64_t>(seconds) * 1'000'000'000u + static_cast<uint64_t>(ms) * 1'000'000u;
}

TelemetrySettings TelemetrySettingsOf(const Environment& environment, const std::string& endpoint_env, const std::string& headers_env, const std::string& service_name) {
  TelemetrySettings s;
  auto first = [&](std::initializer_list<std::string> names) {
    for (const std::string& n : names) {
      if (n.empty()) continue;
      if (std::string v = environment.Get(n); !v.empty()) return v;
    }
    return std::string();
  };
  if (absl::EqualsIgnoreCase(environment.Get("OTEL_SDK_DISABLED"), "true") || environment.Get("OTEL_TRACES_EXPORTER") == "none") return s;
  const std::string base = first({endpoint_env, "OTEL_EXPORTER_OTLP_ENDPOINT"});
  s.endpoint = endpoint_env.empty() || environment.Get(endpoint_env).empty() ? environment.Get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") : "";
  if (s.endpoint.empty() && !base.empty()) {
    s.endpoint = std::string(absl::StripSuffix(base, "/"));
    if (!absl::EndsWith(s.endpoint, "/v1/traces")) absl::StrAppend(&s.endpoint, "/v1/traces");
  }
  s.headers = Pairs(first({headers_env, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"}));
  if (const std::string name = service_name.empty() ? environment.Get("OTEL_SERVICE_NAME") : service_name; !name.empty()) s.service_name = name;
  s.resource = Pairs(environment.Get("OTEL_RESOURCE_ATTRIBUTES"));
  s.ca_file = first({"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"});
  s.traceparent = environment.Get("TRACEPARENT");
  double ms = 0;
  if (absl::SimpleAtod(first({"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"}), &ms) && ms > 0) s.timeout_seconds = std::min(3.0, ms / 1000);
  return s;
}

Json TracesToJson(const TelemetryRun& run, const TelemetrySettings& settings, uint64_t (*random)()) {
  Builder b{run, settings, random, "", "", "", Json::array()};
  if (!ParseTraceparent(settings.traceparent, &b.trace, &b.parent)) b.trace = b.Id(2);
  b.run_span = b.Id(1);
  uint64_t begin = UnixNanos(run.started_at), end = UnixNanos(run.finished_at);
  for (const RunEvent& e : run.events) {
    const uint64_t at = UnixNanos(Text(e, "ts"));
    if (at == 0) continue;
    begin = begin == 0 ? at : std::min(begin, at);
    end = std::max(end, at);
  }
  Json whole = b.Span(absl::StrCat("pawl ", run.command), b.run_span, b.parent, begin, end);
  b.Common(whole, run.direction, "", static_cast<int64_t>((end - begin) / 1'000'000));
  whole["attributes"].push_back(Attribute("migration.plan_digest", run.plan_digest));
  whole["attributes"].push_back(Attribute("migration.run_by", run.run_by));
  if (!run.environment.empty()) whole["attributes"].push_back(Attribute("deployment.environment.name", run.environment));
  if (!run.server_version.empty()) whole["attributes"].push_back(Attribute("db.server.version", run.server_version));
  if (!run.ok) Builder::Fail(whole, run.message);

  // The migrations' spans that have begun and not ended; more than one where several are recorded together.
  std::vector<std::pair<std::string, Json>> open;
  for (const RunEvent& e : run.events) {
    const std::string event = Text(e, "event");
    const uint64_t at = std::max(begin, UnixNanos(Text(e, "ts")));
    const std::string version = Text(e, "version"), name = Text(e, "name"), known = version.empty() ? name : version;
    if (event == "migration_start") {
      Json& span = open.emplace_back(known, b.Span(absl::StrCat("migration ", known), b.Id(1), b.run_span, at, end)).second;
      if (!name.empty()) span["attributes"].push_back(Attribute("migration.name", name));
    } else if (event == "migration_finish") {
      const int64_t ms = Number(e, "duration_ms");
      const std::string direction = Text(e, "direction");
      auto it = std::find_if(open.begin(), open.end(), [&](const auto& o) { return o.first == known; });
      if (it == open.end()) it = open.insert(it, {known, b.Span(absl::StrCat("migration ", known), b.Id(1), b.run_span, at - std::min(at, static_cast<uint64_t>(ms) * 1'000'000), at)});
      Json& span = it->second;
      span["endTimeUnixNano"] = absl::StrCat(at);
      uint64_t from = 0;
      (void)absl::SimpleAtoi(Text(span, "startTimeUnixNano"), &from);
      b.Common(span, direction.empty() ? run.direction : direction, version, ms > 0 ? ms : static_cast<int64_t>((at - std::min(at, from)) / 1'000'000));
      span["attributes"].push_back(Attribute("migration.status", Text(e, "status")));
      if (Text(e, "status") == "failed") {
        if (const std::string code = Text(e, "sqlstate"); !code.empty()) span["attributes"].push_back(Attribute("db.response.status_code", code));
        Builder::Fail(span, Text(e, "error"));
      }
      b.spans.push_back(std::move(span));
      open.erase(it);
    } else {
      (open.empty() ? whole : open.back().second)["events"].push_back(Builder::SpanEvent(e));
    }
  }
  for (auto& [known, span] : open) {  // it never ended: the connection was lost, or pawl was told to stop
    b.Common(span, run.direction, known, 0);
    Builder::Fail(span, run.message.empty() ? "it was not finished" : run.message);
    b.spans.push_back(std::move(span));
  }
  b.spans.insert(b.spans.begin(), std::move(whole));

  std::map<std::string, std::string> resource(settings.resource.begin(), settings.resource.end());
  resource["service.name"] = settings.service_name;
  resource["service.version"] = run.pawl_version;
  resource["host.name"] = run.host;
  resource["telemetry.sdk.language"] = "cpp";
  resource["telemetry.sdk.name"] = "pawl";
  resource["telemetry.sdk.version"] = run.pawl_version;
  Json attributes = Json::array();
  for (const auto& [key, value] : resource) attributes.push_back(Attribute(key, value));
  return {{"resourceSpans", Json::array({{{"resource", {{"attributes", attributes}}}, {"scopeSpans", Json::array({{{"scope", {{"name", "pawl"}, {"version", run.pawl_version}}}, {"spans", b.spans}}})}}})}};
}

absl::Status SendTraces(const TelemetryRun& run, const TelemetrySettings& settings) {
  if (settings.endpoint.empty()) return absl::OkStatus();
  HttpRequest request;
  request.url = settings.endpoint;
  request.post = true;
  request.body = TracesToJson(run, settings, SystemRandom).dump(-1, ' ', false, Json::error_handler_t::replace);
  request.headers = settings.headers;
  request.headers.emplace_back("Content-Type", "application/json");
  request.timeout_seconds = settings.timeout_seconds;
  request.ca_file = settings.ca_file;
  const HttpAnswer answer = Send(request);
  if (answer.error.empty() && answer.status >= 200 && answer.status < 300) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the telemetry of this run was not taken by ", ShownUrl(settings.endpoint), ": ", answer.error.empty() ? absl::StrCat("it answers ", answer.status) : answer.error,
                                             answer.status == 0 && absl::StrContains(settings.endpoint, ":4317") ? " (4317 is the port of gRPC; OTLP by HTTP is at 4318)" : ""));
}

}  // namespace pawl
