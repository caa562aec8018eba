#!/usr/bin/env bash
# The spans of a run, sent to a real OpenTelemetry Collector: built here from its Go modules with the OTLP receiver and the debug exporter alone.
# Takes some minutes the first time, so it is no part of tools/test.sh, whose tests send to a server that checks the schema.
#   tools/tests/otel_collector.sh      PAWL=bazel-bin/tools/pawl; needs go
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
PAWL="$(realpath "${PAWL:-bazel-bin/tools/pawl}")"
version=v0.130.0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pawl/otelcol-$version"
TEST_TMPDIR="$(mktemp -d)"
export TEST_TMPDIR
. tools/tests/postgres.sh
collector=""
trap '[ -z "$collector" ] || kill "$collector" 2>/dev/null; pg_stop_all; rm -rf "$TEST_TMPDIR"' EXIT
if [ ! -x "$cache/otelcol" ]; then
  command -v go >/dev/null || { echo "not ok the collector: go is not installed"; exit 1; }
  mkdir -p "$cache"
  cat >"$cache/build.yaml" <<Y
dist: { name: otelcol, output_path: $cache }
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/debugexporter $version }]
receivers: [{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver $version }]
providers: [{ gomod: go.opentelemetry.io/collector/confmap/provider/fileprovider v1.36.0 }]
conf_resolver: { default_uri_scheme: file }
Y
  { GOBIN="$cache" go install "go.opentelemetry.io/collector/cmd/builder@$version" && "$cache/builder" --config "$cache/build.yaml"; } >"$cache/build.log" 2>&1 ||
    { tail -n 5 "$cache/build.log" | sed 's/^/# /'; echo "not ok the collector can be built"; exit 1; }
fi
pg_start otel || { echo "not ok a PostgreSQL server starts"; exit 1; }
cd "$TEST_TMPDIR" || exit 1
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
cat >collector.yaml <<Y
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:$port" } } } }
exporters: { debug: { verbosity: detailed } }
service: { telemetry: { metrics: { level: none } }, pipelines: { traces: { receivers: [otlp], exporters: [debug] } } }
Y
"$cache/otelcol" --config "file:$PWD/collector.yaml" >collector.log 2>&1 &
collector=$!
for _ in $(seq 100); do grep -q "Everything is ready" collector.log && break; sleep 0.1; done
mkdir m
echo 'CREATE TABLE a (id int);' >m/0001_a.up.sql
echo 'DROP TABLE a;' >m/0001_a.down.sql
echo 'CREATE TABLE b AS SELECT 1 / 0 AS x;' >m/0002_b.up.sql
echo 'DROP TABLE b;' >m/0002_b.down.sql
printf '[lint]\nignore = ["all"]\n' >pawl.toml
export DATABASE_URL="postgresql://postgres@127.0.0.1:$PGPORT/postgres" OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$port"
"$PAWL" apply m --yes >apply.log 2>&1
status=$?
sleep 1
why=""
[ $status = 3 ] || why+="exit $status of an apply whose second migration fails; "
for wanted in "service.name: Str(db-migrate-cli)" "Name           : pawl apply" "Name           : migration 0001" "Name           : migration 0002" "Status code    : Error" "migration.component: Str()" \
  "migration.direction: Str(up)" "migration.version: Str(0001)" "migration.duration_ms: Int(" "migration.dry_run: Bool(false)"; do
  grep -qF -- "$wanted" collector.log || why+="not there: $wanted; "
done
[ -z "$why" ] || { echo "# $why"; echo "not ok a real collector takes the spans of a run"; exit 1; }
echo "ok a real collector takes the spans of a run"
