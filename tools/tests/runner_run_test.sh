#!/usr/bin/env bash
# The runner on a real PostgreSQL: connections, signals and time, messages, a large file. What RUNNER_VERSION and RUNNER_ONLY do: runner.sh.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/tests/runner.sh

connections() {
  local secret='%zz p#@[' encoded='%25zz%20p%23%40%5B'
  if begin "fault (j): passwords are never shown: output, log, plan, process list"; then
  three
  sql "CREATE ROLE u$number LOGIN PASSWORD '$secret'; GRANT ALL ON DATABASE t$number TO u$number; GRANT ALL ON SCHEMA public TO u$number" >/dev/null
  local url="postgresql://u$number:$encoded@127.0.0.1:$PGPORT/t$number" all=""
  PGHOST="" PGUSER="" PGDATABASE="" pawl 0 apply m --yes --verbose --log events --url "$url" --steps 1; all+="$OUT"
  PGHOST="" PGUSER="" PGDATABASE="" pawl 0 plan m --url "$url" --output p.json; all+="$OUT"
  PGHOST="" PGUSER="" PGDATABASE="" pawl 0 status m --url "$url" --json; all+="$OUT"
  pawl 4 status m --url "postgresql://u$number:wrong$encoded@127.0.0.1:$PGPORT/t$number"; all+="$OUT"; has "password authentication failed"
  pawl 2 status m --url "postgresql://u$number:$secret@127.0.0.1:$PGPORT/t$number"; all+="$OUT"; has "cannot be read"
  echo 'SELECT pg_sleep(2);' >m/000002_t2.up.sql
  PGHOST="" PGUSER="" PGDATABASE="" "$PAWL" apply m --yes --quiet --url "$url" >slow 2>&1 &
  sleep 1; local listed; listed="$(ps -eo args | grep "[p]awl" | grep "u$number")"; all+="$listed"
  [ -n "$listed" ] || bad "the process was not seen"
  wait $!
  all+="$(cat slow events p.json)$(sql "SELECT string_agg(t::text, '') FROM (SELECT s::text t FROM schema_migrations s UNION ALL SELECT l::text FROM schema_migrations_log l) x")"
  for s in "$secret" "$encoded" "zz p#" "zz%20p"; do [[ "$all" != *"$s"* ]] || bad "the password is shown: $s"; done
  sql "REASSIGN OWNED BY u$number TO postgres; DROP OWNED BY u$number; DROP ROLE u$number" >/dev/null
  end; fi

  if begin "fault (j): a wrong password and a server that is down"; then
  three
  pawl 4 apply m --yes --url "postgresql://nobody:x@127.0.0.1:$PGPORT/t$number"; has "cannot connect"
  is "$(printf '%s\n' "$OUT" | wc -l)" 1 "lines"
  pawl 4 apply m --yes --url "postgresql://postgres@127.0.0.1:2/x"; has "refused"
  end; fi

  if begin "an env file, a service file, a passfile, a URL's options, several sets"; then
  three; mkdir analytics; echo 'CREATE TABLE facts ();' >analytics/000001_f.up.sql
  printf '# the runbook\nexport DB_URL="postgresql://postgres@127.0.0.1:%s/%s"\nANALYTICS_URL=postgresql://postgres@127.0.0.1:%s/%s\n' "$PGPORT" "$PGDATABASE" "$PGPORT" "$PGDATABASE" >migrate.env
  cat >pawl.toml <<T
[[set]]
name = "operational"
path = "m"
url-env = "DB_URL"
[[set]]
name = "analytics"
path = "analytics"
url-env = "ANALYTICS_URL"
[lint]
ignore = ["all"]
T
  local port="$PGPORT" database="$PGDATABASE" host="$PGHOST"
  PGHOST="" PGPORT="" PGUSER="" PGDATABASE="" pawl 0 status --component operational --env migrate.env; has "3 pending"
  PGHOST="" PGPORT="" PGUSER="" PGDATABASE="" pawl 0 apply --component operational --env migrate.env --yes --quiet
  PGHOST="" PGPORT="" PGUSER="" PGDATABASE="" pawl 0 apply analytics --env migrate.env --yes --quiet
  PGHOST="" PGPORT="" PGUSER="" PGDATABASE="" pawl 0 rollback --component operational --env migrate.env --version 000003_t3 --yes --accept-data-loss
  is "$(sql "SELECT string_agg(component || version, ',' ORDER BY component, version) FROM schema_migrations")" "analytics000001,operational000001,operational000002"
  pawl 2 status --component operational; has "DB_URL" "not set"
  pawl 2 status; has "which set" "operational, analytics"
  pawl 2 status --component operatonal --env migrate.env; has "did you mean"
  printf '[here]\nhost=127.0.0.1\nport=%s\nuser=postgres\ndbname=%s\n' "$port" "$database" >service.conf
  PGSERVICEFILE="$D/service.conf" PGHOST="" PGPORT="" PGUSER="" PGDATABASE="" pawl 0 status m --url "service=here" --isolated
  PGSERVICEFILE="$D/service.conf" PGSERVICE=here PGHOST="" PGPORT="" PGUSER="" PGDATABASE="" pawl 0 status m --isolated
  sql "CREATE ROLE p$number LOGIN PASSWORD 'geheim'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO p$number" >/dev/null
  printf '127.0.0.1:%s:*:p%s:geheim\n' "$port" $number >passfile; chmod 600 passfile
  PGPASSFILE="$D/passfile" pawl 0 status m --isolated --url "postgresql://p$number@127.0.0.1:$port/$database"
  PGPASSWORD=geheim pawl 0 status m --isolated --url "postgresql://p$number@127.0.0.1:$port/$database?connect_timeout=5"
  sql "DROP OWNED BY p$number; DROP ROLE p$number" >/dev/null
  end; fi

  if begin "PgBouncer in transaction mode is noticed"; then
  command -v pgbouncer >/dev/null || bash "$PG_ROOT/tools/setup.sh" --install pgbouncer >&2 || true
  if ! command -v pgbouncer >/dev/null; then
    bad "pgbouncer is not installed, and tools/setup.sh --install pgbouncer does not bring it"
    end; return
  fi
  three
  local pool=$((PGPORT + 1000))
  # Where the servers' user may read.
  printf '[databases]\n* = host=127.0.0.1 port=%s user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\nauth_type = any\npool_mode = transaction\nunix_socket_dir =\nignore_startup_parameters = extra_float_digits\n' "$PGPORT" $pool >"$PG_BASE/bouncer.ini"
  (cd / && exec "${PG_AS[@]}" pgbouncer -q "$PG_BASE/bouncer.ini") >bouncer.log 2>&1 &
  local bouncer=$!
  local i; for i in $(seq 30); do (: </dev/tcp/127.0.0.1/$pool) 2>/dev/null && break; sleep 0.1; done
  pawl 0 status m --url "postgresql://postgres@127.0.0.1:$pool/$PGDATABASE"; has "pooler"
  pawl 1 apply m --yes --url "postgresql://postgres@127.0.0.1:$pool/$PGDATABASE"; has "pooler" "nothing was changed"
  kill $bouncer
  end; fi
}

times() {
  local signal
  for signal in TERM INT; do
    if begin "SIG$signal during a statement: canceled, rolled back, told"; then
    three; printf 'CREATE TABLE slow ();\nSELECT pg_sleep(60);\n' >m/000002_t2.up.sql
    # A background job of a script ignores SIGINT: python puts it back.
    python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' "$PAWL" apply m --yes --quiet >out 2>&1 &
    local pid=$!
    running '%pg_sleep%'
    kill -$signal $pid; wait $pid; is $? 3 "exit code"
    OUT="$(cat out)"; has "canceled by a signal" "m/000002_t2.up.sql:2" "1 migration of this run before it is applied"
    pawl 0 status m; has "1 applied"
    is "$(sql "SELECT to_regclass('slow') IS NULL")" t
    end; fi
  done

  if begin "the window: no new migration begins after it; --cancel-at-window also ends the running one"; then
  three; for i in 1 2 3; do echo "CREATE TABLE t$i (); SELECT pg_sleep(0.7);" >m/00000${i}_t$i.up.sql; done
  pawl 3 apply m --yes --quiet --window 1s; has "the window of 1 s is over" "2 of 3 migrations are done" "000003"
  is "$(versions)" 000001,000002
  echo "CREATE TABLE t3 (); SELECT pg_sleep(30);" >m/000003_t3.up.sql
  pawl 3 apply m --yes --quiet --window 1s --cancel-at-window; has "end of the window"
  is "$(versions)" 000001,000002
  end; fi

  if begin "--statement-timeout"; then
  three; echo "SELECT pg_sleep(30);" >m/000001_t1.up.sql
  pawl 3 apply m --yes --quiet --statement-timeout 300ms; has "57014" "statement timeout"; end; fi

  if begin "--wait: another runner is waited for, or named"; then
  three; echo "CREATE TABLE t1 (); SELECT pg_sleep(3);" >m/000001_t1.up.sql
  "$PAWL" apply m --yes --quiet >first 2>&1 &
  local pid=$!
  running '%pg_sleep%'
  pawl 5 apply m --yes --wait 0; has "another pawl" "pid"
  pawl 5 apply m --yes --wait 500ms
  pawl 0 apply m --yes --wait 30s; has "nothing to do"
  wait $pid; is $? 0; is "$(versions)" 000001,000002,000003
  end; fi

  if begin "fault (h): a held lock: retried, its holder named, done when it is free"; then
  three; pawl 0 apply m --yes --quiet
  echo 'ALTER TABLE t1 ADD COLUMN more int;' | file m/000004_more.up.sql
  hold 'BEGIN; SELECT * FROM t1'
  "$PAWL" apply m --yes --lock-timeout 1500ms --retries 20 --log events >out 2>&1 &
  pid=$!
  sleep 5
  release
  wait $pid; is $? 0 "exit code"
  OUT="$(cat out events)"; has "trying again" "waits_for" "psql" "SELECT"
  end; fi

  if begin "--yield-after: others that wait for us come first"; then
  three; pawl 0 apply m --yes --quiet
  printf 'ALTER TABLE t1 ADD COLUMN more int;\nSELECT pg_sleep(4);\n' | file m/000004_more.up.sql
  "$PAWL" apply m --yes --quiet --yield-after 1s --retries 1 >out 2>&1 &
  pid=$!
  running '%pg_sleep%'
  local began=$SECONDS
  timeout 20 psql -XAtqc 'SELECT count(*) FROM t1' >/dev/null || bad "the reader did not get through"
  [ $((SECONDS - began)) -le 4 ] || bad "the reader waited $((SECONDS - began)) s"
  wait $pid; OUT="$(cat out)"
  end; fi

  if begin "progress of a long index build, and who waits"; then
  printf 'CREATE TABLE big AS SELECT md5(i::text) AS x FROM generate_series(1, 400000) i;\n' | file m/1_big.sql
  pawl 0 apply m --yes --quiet
  printf 'CREATE INDEX CONCURRENTLY big_x ON big (x);\n' | file m/2_idx.sql
  hold 'BEGIN; LOCK TABLE big IN ROW EXCLUSIVE MODE'
  "$PAWL" apply m --yes --log events >out 2>&1 &
  pid=$!
  sleep 3.5
  release
  wait $pid; is $? 0 "exit code"
  OUT="$(cat out events)"; has "migration_progress" "waiting for writers before build" "waits_for"
  end; fi

  if begin "progress of a backfill in rows"; then
  printf "CREATE TABLE big AS SELECT i, repeat('x', 80) AS x FROM generate_series(1, 3000) i;\n" | file m/1_big.sql
  pawl 0 apply m --yes --quiet
  sql 'ANALYZE big' >/dev/null
  printf "UPDATE big SET x = x || pg_sleep(0.0001)::text;\n" | file m/2_fill.sql
  "$PAWL" apply m --yes --log events >out 2>&1; is $? 0 "exit code"
  OUT="$(cat out events)"; has "migration_progress" "rows written to public.big, which had 3,000"
  end; fi

  if begin "with PGOPTIONS lock_timeout the run's own settings count (fault (h2))"; then
  three; pawl 0 apply m --yes --quiet; echo 'ALTER TABLE t1 ADD COLUMN more int;' | file m/000004_more.up.sql
  hold 'BEGIN; SELECT * FROM t1'
  PGOPTIONS='-c lock_timeout=60s' pawl 3 apply m --yes --quiet --lock-timeout 200ms --retries 1; has 55P03
  release
  pawl 0 apply m --yes --quiet
  end; fi
}

messages() {
  if begin "file and line of a mistake: several lines, UTF-8, several statements"; then
  printf -- '-- ä comment: öäü\nCREATE TABLE a (x int); CREATE TABLE b (y int);\n\nINSERT INTO a\n  SELECT 1\n  UNION ALL\n  SELECT $$é€$$::text::int + nothere\n  FROM b;\n' | file m/1_a.sql
  pawl 3 apply m --yes --quiet; has "m/1_a.sql:7" "nothere" "42703"
  printf 'CREATE TABLE a (x int);\n\n\nALTER TABLE a\n  ADD COLUMN y int,\n  ADD COLUMN z nosuch;\n' | file m/1_a.sql
  pawl 3 apply m --yes --quiet; has "m/1_a.sql:6" "nosuch"
  printf 'CREATE TABLE a (x int);\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1/0;\nEND $$;\nSELECT f();\n' | file m/1_a.sql
  pawl 3 apply m --yes --quiet; has "m/1_a.sql:6" "division by zero" "PL/pgSQL function f() line 3"
  end; fi

  if begin "fault (i): 12 MB, 105,000 statements, in little memory"; then
  python3 -c "
print('CREATE TABLE a (k int PRIMARY KEY, v text);')
for i in range(105000): print(f\"INSERT INTO a (k, v) VALUES ({i}, '{'x' * 70} {i}');\")" | file m/1_a.sql
  /usr/bin/env python3 - "$PAWL" <<'P' >measured || bad "it failed"
import resource, subprocess, sys, time
t = time.time()
code = subprocess.call([sys.argv[1], "apply", "m", "--yes", "--quiet"])
print(int((time.time() - t) * 1000), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(code)
P
  local ms mb
  read -r ms mb <measured
  is "$(sql 'SELECT count(*) FROM a')" 105000
  [ "${mb:-999}" -le 100 ] || bad "$mb MB"
  [ "${ms:-99999}" -le 20000 ] || bad "$ms ms" # the bar is 2 s on a quiet machine: tools/bench/apply.sh
  end; fi
}

connections; times; messages
exit $failed
