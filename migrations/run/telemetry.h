// OpenTelemetry: one span a run and a child span a migration, as OTLP/HTTP JSON. Made from the events of a run after it has ended,
// and sent in at most three seconds; a run never fails because of it.
//
// Variables as the OpenTelemetry specification has them ("OTLP Exporter", "Environment Variable Specification"):
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (as it is) before OTEL_EXPORTER_OTLP_ENDPOINT (with /v1/traces), ..._HEADERS,
// ..._TIMEOUT, ..._CERTIFICATE, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER=none, and
// TRACEPARENT for a span that the run belongs to. Without an endpoint nothing is sent.
#ifndef PAWL_MIGRATIONS_RUN_TELEMETRY_H_
#define PAWL_MIGRATIONS_RUN_TELEMETRY_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "migrations/database/target.h"
#include "migrations/run/apply.h"

namespace pawl {

struct TelemetrySettings {
  std::string endpoint;        // whole URL of the POST; "" = nothing is sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string service_name = "db-migrate-cli";
  std::vector<std::pair<std::string, std::string>> resource;   // more attributes
  std::string ca_file;
  std::string traceparent;     // W3C; "" = a trace of its own
  double timeout_seconds = 3;
};

// `endpoint_env`, `headers_env`, `service_name`: [telemetry] of pawl.toml, "" where it says nothing; they name variables of an env
// file or the environment, which come before the usual ones.
TelemetrySettings TelemetrySettingsOf(const Environment& environment, const std::string& endpoint_env, const std::string& headers_env, const std::string& service_name);

struct TelemetryRun {
  std::string command;         // "apply", "rollback"
  std::string component, direction, environment;
  std::string pawl_version, host, run_by;
  std::string db_system = "postgresql", db_name, server_version, plan_digest;
  bool dry_run = false;
  bool ok = true;
  std::string message;         // why not
  std::string started_at, finished_at;   // ISO 8601, UTC, as in events
  std::vector<RunEvent> events;          // with "ts"
};

// ExportTraceServiceRequest in OTLP's JSON: ids in lower-case hex, times as strings of nanoseconds. `random` gives the ids.
nlohmann::ordered_json TracesToJson(const TelemetryRun& run, const TelemetrySettings& settings, uint64_t (*random)());

// OK if it was taken, or nothing is to be sent. The message is for one line on standard error and shows no header.
absl::Status SendTraces(const TelemetryRun& run, const TelemetrySettings& settings);

// "2026-11-21T15:31:10.123Z" -> nanoseconds since 1970; 0 if it is no such time.
uint64_t UnixNanos(std::string_view iso);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_TELEMETRY_H_
