#!/usr/bin/env bash
# What a run on a real PostgreSQL leaves and asks for: audit records, telemetry, signatures and approvals, backups, health. runner.sh.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/tests/runner.sh
coproc WEB { exec python3 tools/tests/http_server.py "$TEST_TMPDIR"; }
web_pid=$WEB_PID
trap 'kill $web_pid 2>/dev/null; pg_stop_all' EXIT
read -r web <&"${WEB[0]}"
unset OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_TRACES_ENDPOINT TRACEPARENT OTEL_SDK_DISABLED

configure() { # LINES of [apply], and of what comes behind it
  printf '[[set]]\nname = "shop"\npath = "m"\n[lint]\nignore = ["all"]\n[apply]\n%s\n' "$1" >pawl.toml
}
audited() { python3 -c "import glob, json; a = sorted((json.load(open(f)) for f in glob.glob('audit/*.json')), key=lambda x: x['sequence']); print(($1))" 2>&1; }
traced() { # EXPRESSION of t, the newest request, and s, its spans by name, with attributes as a dictionary
  python3 - "$1" "$TEST_TMPDIR" <<'P' 2>&1
import glob, json, os, sys
wrong = glob.glob(sys.argv[2] + "/*.wrong")
if wrong: sys.exit("the collector refused: " + open(wrong[0]).read())
files = sorted(glob.glob(sys.argv[2] + "/trace-*.json"), key=os.path.getmtime)
if not files: sys.exit("no trace")
t = json.load(open(files[-1]))
value = lambda v: int(list(v.values())[0]) if "intValue" in v else list(v.values())[0]
s = {x["name"]: {**x, "attributes": {a["key"]: value(a["value"]) for a in x["attributes"]}} for x in t["resourceSpans"][0]["scopeSpans"][0]["spans"]}
r = {a["key"]: value(a["value"]) for a in t["resourceSpans"][0]["resource"]["attributes"]}
print(eval(sys.argv[1]))
P
}
forget() { rm -f "$TEST_TMPDIR"/trace-*; }

audit() {
  if begin "an audit record of each run: done, failed, rolled back; JSON and a page"; then
  three; configure 'audit-dir = "audit"
row-counts = ["t1"]
after = [{name = "t1 is there", query = "SELECT count(*) FROM t1", expect = "0"}]'
  sql 'CREATE TABLE t1 (id int PRIMARY KEY)' >/dev/null; echo 'INSERT INTO t1 SELECT generate_series(1, 3) WHERE false;' >m/000001_t1.up.sql
  pawl 0 apply --yes --steps 2 --approved-by bob --backup-id snap-7; has "audit: " "sha256"
  echo 'SELECT 1/0;' >m/000003_t3.up.sql
  pawl 3 apply --yes --quiet; pawl 0 rollback --yes --quiet --accept-data-loss
  is "$(audited '[x["outcome"] for x in a]')" "['done', 'failed', 'done']"
  is "$(audited 'a[0]["approved_by"], a[0]["backup"]["id"], a[0]["run_by"], a[0]["component"], a[0]["applied"], a[0]["exit_code"]')" "(['bob', 'ada'], 'snap-7', 'ada', 'shop', 2, 0)"
  is "$(audited '[c["check"] for c in a[0]["checks"]["after"] if c["result"] == "ok" and "t1" in c["check"]], a[0]["row_counts"]')" "(['after: t1 is there', 'rows of t1'], [{'table': 't1', 'before': 0, 'after': 0}])"
  is "$(audited 'a[1]["failed"]["version"], a[1]["failed"]["sqlstate"], a[1]["failed"]["line"], "what stands" in a[1]["message"]')" "('000003', '22012', 1, True)"
  is "$(audited '[(x["direction"], x["sequence"], (x["previous"] or {}).get("file", "")[:6]) for x in a]')" "[('up', 1, ''), ('up', 2, 'audit-'), ('down', 3, 'audit-')]"
  is "$(audited 'a[0]["plan"]["digest"] == a[0]["plan_digest"], len(a[0]["plan"]["migrations"]), {e["event"] for e in a[0]["events"]} >= {"migration_start", "migration_finish", "migration_pre_checks"}, a[0]["finished_at"] >= a[0]["started_at"]')" "(True, 2, True, True)"
  is "$(grep -lc '<html' audit/*.html | wc -l)" 3 pages; OUT="$(cat audit/*.html)"; has "division by zero" "snap-7" "bob"; lacks "<script"
  pawl 0 history --verify-audit; has "3 audit records" "sha256"
  pawl 0 history --verify-audit --json; is "$(json 'j["records"], j["unbroken"], j["newest"]["sha256"]')" "(3, True, '$(sha256sum <"$(grep -l '"sequence": 3' audit/*.json)" | cut -d' ' -f1)')"
  end; fi

  if begin "an audit record that was changed, taken away, renamed, exchanged, or whose page was changed, is named"; then
  three; configure 'audit-dir = "audit"'
  local i; for i in 1 2 3; do pawl 0 apply --yes --quiet --steps 1; sleep 1.1; done
  cp -r audit kept; local -a f; mapfile -t f < <(cd audit && ls *.json)
  sed -i 's/"run_by": "ada"/"run_by": "eve"/' "audit/${f[1]}"; pawl 1 history --verify-audit; has "${f[1]} was changed"
  rm -r audit; cp -r kept audit; rm "audit/${f[1]}"; pawl 1 history --verify-audit; has "between ${f[0]} and ${f[2]} 1 missing"
  rm -r audit; cp -r kept audit; rm "audit/${f[0]}"; pawl 1 history --verify-audit; has "before ${f[1]} are missing"
  rm -r audit; cp -r kept audit; mv "audit/${f[0]}" x; mv "audit/${f[1]}" "audit/${f[0]}"; mv x "audit/${f[1]}"; pawl 1 history --verify-audit; has "in another's place"
  rm -r audit; cp -r kept audit; mv "audit/${f[1]}" audit/audit-1.json; pawl 1 history --verify-audit; has "audit-1.json"
  rm -r audit; cp -r kept audit; echo '{}' >"audit/${f[2]}"; pawl 1 history --verify-audit; has "${f[2]} is no audit record"
  rm -r audit; cp -r kept audit; sed -i 's/ada/eve/' "audit/${f[0]%json}html"; pawl 1 history --verify-audit; has "${f[0]%json}html is not the page of"
  rm -r audit; cp -r kept audit; pawl 0 history --verify-audit
  rm pawl.toml; configure ''; pawl 2 history --verify-audit; has "audit-dir"
  end; fi

  if begin "an audit folder that cannot be written stops the run before it begins"; then
  three; configure 'audit-dir = "audit"'; : >audit
  pawl 1 apply --yes --quiet; has "audit folder" "no record of this run" "nothing was changed"; is "$(sql "SELECT to_regclass('t1') IS NULL")" t; end; fi
}

telemetry() {
  if begin "OpenTelemetry: a span a run, a span a migration, as the schema has them"; then
  three; configure "[telemetry]
otlp-endpoint-env = \"OTLP\""; forget
  echo 'SELECT 1/0;' >m/000003_t3.up.sql
  OTLP="http://127.0.0.1:$web" OTEL_EXPORTER_OTLP_HEADERS="x-key=geheim" pawl 3 apply --yes --quiet; lacks geheim
  is "$(traced 'r["service.name"], sorted(s)')" "('db-migrate-cli', ['migration 000001', 'migration 000002', 'migration 000003', 'pawl apply'])"
  is "$(traced '[s["migration 000001"]["attributes"][k] for k in ("migration.component", "migration.direction", "migration.version", "migration.dry_run")], s["migration 000001"]["attributes"]["migration.duration_ms"] >= 0')" "(['shop', 'up', '000001', False], True)"
  is "$(traced 's["migration 000003"]["status"]["code"], s["migration 000003"]["attributes"]["db.response.status_code"], s["pawl apply"]["status"]["code"], {x["parentSpanId"] for n, x in s.items() if n != "pawl apply"} == {s["pawl apply"]["spanId"]}')" "(2, '22012', 2, True)"
  is "$(traced 't["headers"].get("x-key")')" geheim
  forget; OTLP="http://127.0.0.1:$web" TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 pawl 0 rollback --yes --quiet --accept-data-loss
  is "$(traced 's["pawl rollback"]["traceId"], s["pawl rollback"]["parentSpanId"], s["migration 000002"]["attributes"]["migration.direction"]')" "('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', 'down')"
  end; fi

  if begin "a collector that is down, refuses, or never answers does not fail a run"; then
  three; configure ""; forget
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 pawl 0 apply --yes --quiet --steps 1; has "trace was not sent"
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://127.0.0.1:$web/nowhere" pawl 0 apply --yes --quiet --steps 1; has "answers 400"
  rm -f "$TEST_TMPDIR"/trace-*
  coproc DEAF { exec python3 -c 'import socket, time; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); time.sleep(60)'; }
  local deaf=$DEAF_PID port began; read -r port <&"${DEAF[0]}"; began=$SECONDS
  OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$port" pawl 0 apply --yes --quiet; has "trace was not sent"
  [ $((SECONDS - began)) -le 6 ] || bad "it took $((SECONDS - began)) s"
  kill $deaf; wait $deaf 2>/dev/null; is "$(versions)" 000001,000002,000003
  end; fi
}

approvals() {
  if begin "signatures: of two allowed signers; wrong, foreign, of another plan, and names alone do not count"; then
  three; local who
  for who in ada bob eve; do ssh-keygen -q -t ed25519 -N '' -C $who -f "$D/$who"; done
  for who in ada bob; do echo "$who namespaces=\"pawl\" $(cat $who.pub)"; done >signers
  configure 'allowed-signers = "signers"
approvals = 2'
  pawl 0 plan --output p.json; pawl 0 plan --steps 1 --output other.json
  pawl 1 apply p.json --yes; has "2 distinct approvals" "nothing was changed"
  cp p.json q.json; pawl 0 approve q.json --approved-by bob; pawl 1 apply q.json --yes; has "bob does not count" "not signed"
  cp p.json q.json; pawl 0 approve q.json --approved-by bob --sign "$D/eve"; pawl 0 approve q.json --approved-by ada --sign "$D/ada"; pawl 1 apply q.json --yes; has "bob does not count"
  cp p.json q.json; pawl 0 approve q.json --approved-by eve --sign "$D/eve"; pawl 0 approve q.json --approved-by ada --sign "$D/ada"; pawl 1 apply q.json --yes; has "eve does not count"
  cp p.json q.json; pawl 0 approve q.json --approved-by ada --sign "$D/ada"; pawl 1 apply q.json --yes --approved-by bob; has "do not count" "2 distinct approvals"
  MIGRATION_APPROVED_BY=bob pawl 1 apply q.json --yes; has "do not count"
  PAWL_USER=bob pawl 1 apply q.json --yes; has "2 distinct approvals" # who runs it has not signed it
  pawl 0 approve other.json --approved-by bob --sign "$D/bob"
  python3 -c "
import json
p, o = json.load(open('q.json')), json.load(open('other.json'))
a = o['approvals'][0]; a['digest'] = p['digest']; p['approvals'].append(a); json.dump(p, open('q.json', 'w'))"
  pawl 1 apply q.json --yes; has "bob does not count"
  pawl 2 approve p.json --approved-by bob --sign "$D/nokey"; has "nokey"
  is "$(sql "SELECT to_regclass('t1') IS NULL")" t
  pawl 0 approve p.json --approved-by ada --sign "$D/ada"; pawl 0 approve p.json --approved-by bob --sign "$D/bob"
  rm signers; pawl 1 apply p.json --yes; has "signers" "cannot be read"
  for who in ada bob; do echo "$who $(cat $who.pub)"; done >signers
  pawl 0 apply p.json --yes --quiet
  is "$(sql "SELECT DISTINCT approvals::text FROM schema_migrations")" '["ada", "bob"]'
  end; fi
}

backups() {
  if begin "backups: pg_dump built in, a command, their failures; nothing runs without one"; then
  three; configure 'require-backup = true
audit-dir = "audit"'
  local newest; newest="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 | grep -o '[0-9]*')"
  pawl 1 apply --yes --quiet; has "asks for a backup" "--backup"
  if [ "${newest:-0}" -ge "$major" ]; then
    pawl 0 apply --yes --steps 1 --backup; has "backup: "
    local dump; dump="$(ls backups/*.dump)"
    pg_restore --list "$dump" >/dev/null || bad "the dump cannot be read"
    is "$(audited 'a[0]["backup"]["id"], a[0]["backup"]["verified"], a[0]["backup"]["bytes"] > 0, a[0]["backup"]["tool"][:7]')" "('$dump', True, True, 'pg_dump')"
  else
    pawl 1 apply --yes --steps 1 --backup; has "pg_dump" "postgresql-client-$major" "--backup-id" "nothing was changed"
    pawl 0 apply --yes --steps 1 --backup-id x
  fi
  local try said
  while IFS='|' read -r try said; do
    configure "require-backup = true
backup-command = \"$try\""
    pawl 1 apply --yes --quiet --backup; has "backup" "$said" "nothing was changed"
  done <<'T'
echo no space left >&2; exit 7|ended with 7: no space left
true|printed nothing
: >empty.dump; echo empty.dump|empty.dump is empty
printf PGDMP >cut.dump; echo cut.dump|cut.dump cannot be read back
kill -9 $$|ended with
T
  is "$(versions)" 000001
  : >nothing.dump; pawl 1 apply --yes --quiet --backup-id nothing.dump; has "nothing.dump is empty"
  configure 'require-backup = true
backup-command = "echo $PGDATABASE >seen; echo snap-9"'
  pawl 0 apply --yes --quiet --backup; is "$(cat seen)" "$PGDATABASE"
  is "$(sql "SELECT string_agg(DISTINCT backup_id, ',') FROM schema_migrations WHERE version > '000001'")" snap-9
  end; fi
}

checks() {
  if begin "health: answers, answers badly, is down, is slow"; then
  three; configure "health-url = \"http://127.0.0.1:$web/health\""; rm -f "$TEST_TMPDIR"/health "$TEST_TMPDIR"/slow
  pawl 0 apply --yes --verbose --steps 1; has "ok health" "answers 200"
  echo 503 >"$TEST_TMPDIR/health"
  pawl 3 apply --yes --quiet --steps 1; has "answers 503" "are applied" "next: " "pawl rollback shop --steps 1"; is "$(versions)" 000001,000002
  rm "$TEST_TMPDIR/health"; configure 'health-url = "http://127.0.0.1:1/health"'
  pawl 3 apply --yes --quiet; has "does not answer" "roll back now"; pawl 0 status; has "3 applied"
  pawl 0 rollback --yes --quiet --accept-data-loss >/dev/null; WHY="" # its health is as bad; that it is told is tested above
  end; fi

  if begin "a check before refuses; a check after tells what to do by the decision flow"; then
  three; configure 'before = [{name = "no orders", query = "SELECT count(*) FROM orders", expect = "0"}]'
  sql 'CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)' >/dev/null
  pawl 1 apply --yes --quiet; has "no orders" "nothing was changed"; is "$(sql "SELECT to_regclass('t1') IS NULL")" t
  sql 'DELETE FROM orders' >/dev/null; pawl 0 apply --yes --quiet --steps 1
  configure 'after = [{name = "one row", query = "SELECT count(*) FROM t1", expect = "1"}]'
  pawl 3 apply --yes --quiet --steps 1 --backup-id b-1; has "after: one row" "next: " "pawl rollback shop --steps 1" "b-1" "announce --message failed"
  configure 'before = ["SELECT nonsense"]'; pawl 1 apply --yes --quiet; has "nonsense" "nothing was changed"
  configure 'before = ["DELETE FROM orders RETURNING 1"]'; pawl 1 apply --yes --quiet; has "nothing was changed"
  end; fi
}

servers() {
  if begin "replication: a replica that keeps up, one that stopped replaying, a slot that nobody reads"; then
  three; configure ''
  if ! standby; then bad "no replica"; end; return; fi
  pg_use main; PGDATABASE="t$number"
  local i; for i in $(seq 50); do [ "$(sql "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")" = 0 ] || break; sleep 0.1; done
  pawl 0 validate --verbose; has "ok   replication: 1 replica keeps up"
  (pg_use replica; pg_sql 'SELECT pg_wal_replay_pause()' >/dev/null)
  sql "CREATE TABLE wal AS SELECT repeat('x', 1000) FROM generate_series(1, 90000)" >/dev/null; sleep 0.5
  pawl 0 validate; has "warn replication: the replica" "behind"
  pawl 0 apply --yes --quiet --steps 1; has "note: replication: the replica"
  pg_stop replica immediate
  sql "SELECT pg_create_physical_replication_slot('nobody$number', true)" >/dev/null
  pawl 0 validate --verbose; lacks "inactive slot"
  sql "SELECT pg_drop_replication_slot('nobody$number')" >/dev/null
  end; fi

  if begin "room on the disk: enough, too little, and a server that cannot tell"; then
  three; configure ''; pawl 0 apply --yes --quiet
  sql 'INSERT INTO t1 SELECT generate_series(1, 10000); ANALYZE t1' >/dev/null
  echo 'ALTER TABLE t1 ALTER id TYPE bigint;' | file m/000004_wide.up.sql
  pawl 0 validate --verbose; has "ok   disk-space"
  sql "UPDATE pg_class SET relpages = 2000000000 WHERE oid = 't1'::regclass" >/dev/null # as if it had 15 TB
  pawl 1 apply --yes --quiet; has "disk-space" "are free on the server's disk: make room first" "nothing was changed"
  is "$(sql "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't1'::regclass AND attname = 'id'")" integer
  pawl 0 validate --url "$(pg_url)"; has "warn disk-space" "cannot tell how much is free"
  sql "UPDATE pg_class SET relpages = 45 WHERE oid = 't1'::regclass" >/dev/null; pawl 0 apply --yes --quiet
  end; fi

  if begin "CREATE EXTENSION: by a superuser, a trusted one, one that needs rights, one that is not installed"; then
  three; configure ''; sql "CREATE ROLE dev$number LOGIN; GRANT ALL ON SCHEMA public TO dev$number" >/dev/null
  echo 'CREATE EXTENSION IF NOT EXISTS file_fdw;' >m/000001_t1.up.sql
  PGUSER="dev$number" pawl 1 apply --yes --quiet; has "only a superuser may create the extension file_fdw" "dev$number" "nothing was changed"
  echo 'CREATE EXTENSION hstore;' >m/000001_t1.up.sql
  PGUSER="dev$number" pawl 1 apply --yes --quiet; has "the extension hstore" "nothing was changed"
  if [ "$major" -ge 13 ]; then
    sql "GRANT CREATE ON DATABASE \"$PGDATABASE\" TO dev$number" >/dev/null
    PGUSER="dev$number" pawl 0 apply --yes --quiet --steps 1; is "$(sql "SELECT count(*) FROM pg_extension WHERE extname = 'hstore'")" 1
  else
    echo 'SELECT 1;' >m/000001_t1.up.sql; PGUSER="dev$number" pawl 0 apply --yes --quiet --steps 1
  fi
  echo 'CREATE EXTENSION pg_not_there;' >m/000002_t2.up.sql
  PGUSER="dev$number" pawl 1 apply --yes; has "the server has no extension pg_not_there"
  sql "CREATE EXTENSION IF NOT EXISTS file_fdw" >/dev/null; echo 'CREATE EXTENSION IF NOT EXISTS file_fdw;' >m/000002_t2.up.sql
  PGUSER="dev$number" pawl 0 validate --verbose; has "ok   extensions"
  sql "DROP OWNED BY dev$number CASCADE" >/dev/null; sql "DROP ROLE dev$number" >/dev/null
  end; fi
}

audit; telemetry; approvals; backups; checks; servers
exit $failed
