#include "migrations/run/telemetry.h"

#include <cstdlib>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace pawl {
namespace {

using Json = nlohmann::ordered_json;

uint64_t Counting() {
  static uint64_t n = 0;
  return ++n;
}

TelemetryRun SomeRun() {
  TelemetryRun r;
  r.command = "apply";
  r.component = "operational";
  r.direction = "up";
  r.db_name = "app";
  r.started_at = "2026-11-21T15:31:10.000Z";
  r.finished_at = "2026-11-21T15:31:20.000Z";
  r.ok = false;
  r.message = "migration 2 failed";
  r.events = {
      {{"ts", "2026-11-21T15:31:10.500Z"}, {"event", "migration_pre_checks"}, {"check", "connectivity"}, {"ok", true}},
      {{"ts", "2026-11-21T15:31:11.000Z"}, {"event", "migration_start"}, {"version", "1"}, {"name", "a"}, {"direction", "up"}},
      {{"ts", "2026-11-21T15:31:12.000Z"}, {"event", "migration_retry"}, {"version", "1"}, {"error", "lock"}, {"retry", 1}, {"wait_s", 0.25}},
      {{"ts", "2026-11-21T15:31:13.250Z"}, {"event", "migration_finish"}, {"version", "1"}, {"direction", "up"}, {"status", "applied"}, {"duration_ms", 2250}},
      {{"ts", "2026-11-21T15:31:14.000Z"}, {"event", "migration_start"}, {"version", "2"}, {"direction", "up"}},
      {{"ts", "2026-11-21T15:31:15.000Z"}, {"event", "migration_finish"}, {"version", "2"}, {"direction", "up"}, {"status", "failed"}, {"error", "no such table"}, {"sqlstate", "42P01"}},
  };
  return r;
}

Json Value(const Json& span, std::string_view key) {
  for (const Json& a : span["attributes"]) {
    if (a["key"] == key) return a["value"].begin().value();
  }
  return nullptr;
}

TEST(Telemetry, Times) {
  EXPECT_EQ(UnixNanos("1970-01-01T00:00:01.002Z"), 1'002'000'000u);
  EXPECT_EQ(UnixNanos("2026-11-21T15:31:10.123Z"), 1'795'275'070'123'000'000u);
  EXPECT_EQ(UnixNanos("2026-11-21T15:31:10Z"), 1'795'275'070'000'000'000u);
  EXPECT_EQ(UnixNanos("yesterday"), 0u);
}

TEST(Telemetry, SpansOfMigrationsThatAreRecordedTogetherOverlap) {
  TelemetryRun r = SomeRun();
  r.events = {
      {{"ts", "2026-11-21T15:31:11.000Z"}, {"event", "migration_start"}, {"version", "1"}, {"direction", "up"}},
      {{"ts", "2026-11-21T15:31:12.000Z"}, {"event", "migration_start"}, {"version", "2"}, {"direction", "up"}},
      {{"ts", "2026-11-21T15:31:13.000Z"}, {"event", "migration_finish"}, {"version", "1"}, {"direction", "up"}, {"status", "applied"}, {"duration_ms", 900}},
      {{"ts", "2026-11-21T15:31:14.000Z"}, {"event", "migration_start"}, {"version", "3"}, {"direction", "up"}},
      {{"ts", "2026-11-21T15:31:15.000Z"}, {"event", "migration_finish"}, {"version", "2"}, {"direction", "up"}, {"status", "applied"}, {"duration_ms", 800}},
  };
  const Json j = TracesToJson(r, TelemetrySettings(), Counting);
  const Json& spans = j["resourceSpans"][0]["scopeSpans"][0]["spans"];
  ASSERT_EQ(spans.size(), 4u);
  EXPECT_EQ(Value(spans[1], "migration.version"), "1");
  EXPECT_EQ(spans[1]["startTimeUnixNano"], "1795275071000000000");
  EXPECT_EQ(Value(spans[2], "migration.version"), "2");
  EXPECT_EQ(spans[2]["startTimeUnixNano"], "1795275072000000000");
  EXPECT_EQ(spans[2]["endTimeUnixNano"], "1795275075000000000");
  EXPECT_EQ(Value(spans[3], "migration.version"), "3");
  EXPECT_EQ(spans[3]["status"]["code"], 2);
}

TEST(Telemetry, OneSpanARunAndOneAMigration) {
  const Json j = TracesToJson(SomeRun(), TelemetrySettings(), Counting);
  const Json& spans = j["resourceSpans"][0]["scopeSpans"][0]["spans"];
  ASSERT_EQ(spans.size(), 3u);
  std::set<std::string> ids;
  for (const Json& s : spans) {
    EXPECT_TRUE(std::regex_match(s["traceId"].get<std::string>(), std::regex("[0-9a-f]{32}")));
    EXPECT_TRUE(std::regex_match(s["spanId"].get<std::string>(), std::regex("[0-9a-f]{16}")));
    EXPECT_TRUE(std::regex_match(s["startTimeUnixNano"].get<std::string>(), std::regex("[0-9]{19}")));
    EXPECT_LE(s["startTimeUnixNano"].get<std::string>(), s["endTimeUnixNano"].get<std::string>());
    ids.insert(s["spanId"]);
    EXPECT_EQ(Value(s, "migration.component"), "operational");
    EXPECT_EQ(Value(s, "migration.dry_run"), false);
    EXPECT_EQ(Value(s, "migration.direction"), "up");
    EXPECT_FALSE(Value(s, "migration.duration_ms").is_null());
  }
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_FALSE(spans[0].contains("parentSpanId"));
  EXPECT_EQ(spans[1]["parentSpanId"], spans[0]["spanId"]);
  EXPECT_EQ(Value(spans[1], "migration.version"), "1");
  EXPECT_EQ(Value(spans[1], "migration.duration_ms"), "2250");
  EXPECT_EQ(Value(spans[1], "db.system"), "postgresql");
  ASSERT_EQ(spans[1]["events"].size(), 1u);
  EXPECT_EQ(spans[1]["events"][0]["name"], "migration_retry");
  EXPECT_FALSE(spans[1].contains("status"));
  EXPECT_EQ(spans[2]["status"]["code"], 2);
  EXPECT_EQ(spans[2]["status"]["message"], "no such table");
  EXPECT_EQ(Value(spans[2], "db.response.status_code"), "42P01");
  EXPECT_EQ(spans[0]["status"]["message"], "migration 2 failed");
  EXPECT_EQ(j["resourceSpans"][0]["resource"]["attributes"].size(), 6u);
}

TEST(Telemetry, AMigrationThatNeverEndedIsAnError) {
  TelemetryRun r = SomeRun();
  r.events.pop_back();
  const Json spans = TracesToJson(r, TelemetrySettings(), Counting)["resourceSpans"][0]["scopeSpans"][0]["spans"];
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[2]["status"]["code"], 2);
}

TEST(Telemetry, JoinsTheTraceThatItIsPartOf) {
  TelemetrySettings s;
  s.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Json span = TracesToJson(SomeRun(), s, Counting)["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span["parentSpanId"], "b7ad6b7169203331");
  s.traceparent = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
  EXPECT_FALSE(TracesToJson(SomeRun(), s, Counting)["resourceSpans"][0]["scopeSpans"][0]["spans"][0].contains("parentSpanId"));
}

class Variables {
 public:
  Variables(std::initializer_list<std::pair<const char*, const char*>> set) {
    for (const auto& [name, value] : set) {
      setenv(name, value, 1);
      names_.push_back(name);
    }
  }
  ~Variables() {
    for (const char* n : names_) unsetenv(n);
  }

 private:
  std::vector<const char*> names_;
};

TEST(Telemetry, ReadsTheVariablesOfTheSpecification) {
  EXPECT_EQ(TelemetrySettingsOf({}, "", "", "").endpoint, "");
  {
    const Variables v = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/"}, {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b , x=1=2,bad,nl=a%0Ab"}};
    const TelemetrySettings s = TelemetrySettingsOf({}, "", "", "");
    EXPECT_EQ(s.endpoint, "http://c:4318/v1/traces");
    ASSERT_EQ(s.headers.size(), 2u);  // a line feed would end the header
    EXPECT_EQ(s.headers[0].second, "a b");
    EXPECT_EQ(s.headers[1].second, "1=2");
    EXPECT_EQ(s.service_name, "db-migrate-cli");
  }
  {
    const Variables v = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/x"}, {"OTEL_SERVICE_NAME", "mine"}, {"OTEL_EXPORTER_OTLP_TIMEOUT", "500"}};
    const TelemetrySettings s = TelemetrySettingsOf({}, "", "", "");
    EXPECT_EQ(s.endpoint, "http://t/x");
    EXPECT_EQ(s.service_name, "mine");
    EXPECT_DOUBLE_EQ(s.timeout_seconds, 0.5);
    EXPECT_EQ(TelemetrySettingsOf({}, "", "", "of-config").service_name, "of-config");
  }
  {
    const Variables v = {{"MY_OTLP", "http://own:1"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/x"}, {"MY_HEADERS", "a=b"}};
    const TelemetrySettings s = TelemetrySettingsOf({}, "MY_OTLP", "MY_HEADERS", "");
    EXPECT_EQ(s.endpoint, "http://own:1/v1/traces");
    EXPECT_EQ(s.headers.size(), 1u);
  }
  {
    const Variables v = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, {"OTEL_SDK_DISABLED", "true"}};
    EXPECT_EQ(TelemetrySettingsOf({}, "", "", "").endpoint, "");
  }
}

TEST(Telemetry, NobodyThereIsAnErrorInTimeAndShowsNoHeader) {
  TelemetrySettings s;
  EXPECT_TRUE(SendTraces(SomeRun(), s).ok());  // nothing is to be sent
  s.endpoint = "http://user:secret@127.0.0.1:9/v1/traces?key=secret";
  s.headers = {{"api-key", "secret"}};
  const absl::Status status = SendTraces(SomeRun(), s);
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(absl::StrContains(status.message(), "secret")) << status;
}

}  // namespace
}  // namespace pawl
