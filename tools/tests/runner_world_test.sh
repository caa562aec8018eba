#!/usr/bin/env bash
# The runner on a real PostgreSQL in a world that is not as it should be: files that do what a migration should not, settings of servers
# and roles, a history that somebody locked or changed, connections that end at the worst moment. runner.sh has RUNNER_VERSION ...
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/tests/runner.sh
TESTS="$PWD/tools/tests"

NAME_SHORT=world

unharmed() { # all of the set is applied, once each: VERSIONS
  is "$(versions)" "$1" "applied"
  is "$(sql "SELECT count(*) FROM (SELECT 1 FROM schema_migrations_log WHERE status = 'applied' AND direction = 'up' GROUP BY version HAVING count(*) > 1) x")" 0 "applied twice"
}

# ------------------------------------------------------------------------------------------------------------ files
odd_files() {
  if begin "UTF-16 is refused before anything runs"; then
  printf '\xFF\xFEC\0R\0' | file m/1_a.sql
  pawl 1 apply m --yes --quiet; has "m/1_a.sql" "UTF-16" "nothing was changed"; end; fi

  if begin "a file of semicolons and comments alone is applied"; then
  printf ';;\n-- a\n/* b */;\n' | file m/1_a.sql
  pawl 0 apply m --yes --quiet; unharmed 1; end; fi

  if begin "a file that was removed between plan and apply"; then
  three; pawl 0 plan m --output p.json; rm m/000002*
  pawl 1 apply p.json --yes; has "000002" "pawl plan" "nothing was changed"; is "$(sql "SELECT to_regclass('t1') IS NULL")" t; end; fi

  if begin "a plan.json that somebody cut short, or that is no plan"; then
  three; pawl 0 plan m --output p.json; head -c 300 p.json >cut.json; echo '{}' >no.json
  pawl 2 apply cut.json --yes; has "cut.json"
  pawl 2 apply no.json --yes; has "no.json"; is "$(sql "SELECT to_regclass('t1') IS NULL")" t; end; fi

  if begin "psql's \\c, \\copy and \\gexec are refused with their line"; then
  printf 'CREATE TABLE a ();\n\\c other\n' | file m/1_a.sql
  pawl 1 apply m --yes --quiet; has "m/1_a.sql:2" "psql" "nothing was changed"
  printf '\\copy a from x\n' >m/1_a.sql; pawl 1 apply m --yes --quiet; has "m/1_a.sql:1"
  printf "SELECT 'DROP TABLE a' \\\\gexec\n" >m/1_a.sql; pawl 1 apply m --yes --quiet; has "m/1_a.sql:1"; end; fi

  if begin "PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK in a file are refused"; then
  printf "CREATE TABLE a ();\nPREPARE TRANSACTION 'x';\n" | file m/1_a.sql
  pawl 1 apply m --yes --quiet; has "m/1_a.sql:2" "PREPARE TRANSACTION" "nothing was changed"
  printf "COMMIT PREPARED 'x';\n" >m/1_a.sql; pawl 1 apply m --yes --quiet; has "m/1_a.sql:1"
  printf "CREATE TABLE a ();\nABORT;\n" >m/1_a.sql; pawl 1 apply m --yes --quiet; has "m/1_a.sql:2"
  is "$(sql 'SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()')" 0; end; fi

  if begin "COMMIT in the middle of a file: what is before it is a part of its own"; then
  printf 'CREATE TABLE a ();\nCOMMIT;\nCREATE TABLE b ();\nSELECT 1/0;\n' | file m/1_a.sql
  pawl 3 apply m --yes --quiet; has "m/1_a.sql:4" "first 1 of 2 parts"
  is "$(sql "SELECT to_regclass('a') IS NOT NULL AND to_regclass('b') IS NULL")" t
  pawl 0 status m; has "interrupted"
  printf 'CREATE TABLE a ();\nCOMMIT;\nCREATE TABLE b ();\n' >m/1_a.sql
  pawl 0 apply m --yes --quiet; unharmed 1
  printf 'BEGIN;\nCREATE TABLE c ();\nCOMMIT AND CHAIN;\nCREATE TABLE d ();\nEND;\n' | file m/2_b.sql
  pawl 0 apply m --yes --quiet; is "$(sql "SELECT to_regclass('c') IS NOT NULL AND to_regclass('d') IS NOT NULL")" t; unharmed 1,2; end; fi

  if begin "names of 70 and 200 characters: files, tables, a concurrent index, a set"; then
  local long; long="$(printf 'n%.0s' $(seq 70))"
  local longer; longer="$(printf 'v%.0s' $(seq 200))"
  printf 'CREATE TABLE t_%s (id int);\nINSERT INTO t_%s VALUES (1);\n' "$long" "$long" | file "m/1_$longer.sql"
  printf 'CREATE INDEX CONCURRENTLY i_%s ON t_%s (id);\n' "$long" "$long" | file m/2_b.sql
  printf '[[set]]\nname = "%s"\npath = "m"\n[lint]\nignore = ["all"]\n' "$longer" >pawl.toml
  PAWL_TEST_STOP=0 pawl 0 apply --yes --quiet
  unharmed 1,2
  is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = left('i_$long', 63)::regclass")" t
  pawl 0 status; has "2 applied, 0 pending"; end; fi

  if begin "names with quotes, capitals, spaces and a dollar"; then
  printf 'CREATE SCHEMA "My $chema";\nCREATE TABLE "My $chema"."T ""q""" ("Id" int);\n' | file "m/1_o'clock \$x.sql"
  printf 'CREATE INDEX CONCURRENTLY "I ""q""" ON "My $chema"."T ""q""" ("Id");\n' | file m/2_b.sql
  pawl 0 apply m --yes --quiet; unharmed 1,2; end; fi
}

# ------------------------------------------------------------------------------------------------------------ sessions
sessions() {
  if begin "what one migration leaves in the session does not reach the next"; then
  printf 'CREATE TEMP TABLE scratch (x int);\nINSERT INTO scratch VALUES (1);\nCREATE TABLE a AS SELECT * FROM scratch;\n' | file m/1_a.sql
  printf 'CREATE TEMP TABLE scratch (y text);\nCREATE TABLE b AS SELECT * FROM scratch;\n' | file m/2_b.sql
  printf "PREPARE p AS SELECT 1;\nLISTEN somebody;\nDECLARE c CURSOR WITH HOLD FOR SELECT 1;\nSET session_replication_role = replica;\nSET default_transaction_read_only = on;\nSET check_function_bodies = off;\n" | file m/3_c.sql
  printf "PREPARE p AS SELECT 2;\nDECLARE c CURSOR WITH HOLD FOR SELECT 1;\nCREATE TABLE d AS SELECT current_setting('session_replication_role') AS r, current_setting('check_function_bodies') AS f, (SELECT count(*) FROM pg_listening_channels()) AS l;\n" | file m/4_d.sql
  printf "SELECT pg_catalog.set_config('search_path', '', false);\nSET client_min_messages = warning;\nSET row_security = off;\nCREATE TABLE public.e (x int);\n" | file m/5_dump.sql
  printf 'CREATE TABLE f (x int);\n' | file m/6_f.sql
  printf 'DO $$ BEGIN PERFORM set_config($x$search_path$x$, $x$pg_temp$x$, false); END $$;\n' | file m/7_g.sql
  printf 'CREATE TABLE h (x int);\n' | file m/8_h.sql
  pawl 0 apply m --yes --quiet
  unharmed 1,2,3,4,5,6,7,8
  is "$(sql 'SELECT r, f, l FROM d')" "origin|on|0"
  is "$(sql "SELECT string_agg(relname, '' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN ('a', 'b', 'd', 'e', 'f', 'h')")" abdefh
  end; fi

  if begin "a file in another client encoding: what is recorded is the file"; then
  printf "SET client_encoding = 'LATIN1';\n-- \xC3\xA9\nCREATE TABLE a (x text);\n" | file m/1_a.sql
  printf "SELECT 1; -- \xC3\xA9\nINSERT INTO a VALUES ('\xC3\xA9');\n" | file m/2_b.sql
  pawl 0 apply m --yes --quiet; unharmed 1,2
  is "$(sql "SELECT encode(convert_to(script, 'UTF8'), 'hex') = encode(sha256(''), 'hex') OR script LIKE '%-- ' || chr(233) || '%' FROM schema_migrations WHERE version = '1'")" t "the recorded script"
  is "$(sql 'SELECT length(x) FROM a')" 1
  end; fi

  if begin "it takes our prepared statements, our locks and our settings away"; then
  three; printf "DEALLOCATE ALL;\nSELECT pg_advisory_unlock_all();\nSET statement_timeout = '1s';\nSET lock_timeout = '1ms';\nRESET ALL;\n" | file m/000002_t2.up.sql
  pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003; end; fi

  if begin "a statement that ends its own session"; then
  three; printf 'CREATE TABLE gone ();\nSELECT pg_terminate_backend(pg_backend_pid());\n' >m/000002_t2.up.sql
  pawl 3 apply m --yes --quiet; has "m/000002_t2.up.sql:2" "57P01" "1 migration of this run before it is applied" "not applied"
  is "$(sql "SELECT to_regclass('gone') IS NULL")" t
  pawl 0 status m; has "1 applied" "2 pending"
  echo 'CREATE TABLE t2 ();' >m/000002_t2.up.sql; pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003; end; fi

  if begin "it ends the session that holds the run lock"; then
  three; printf "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pawl%%watch%%' AND datname = current_database();\n" >m/000002_t2.up.sql
  pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003; end; fi

  if begin "a flood of notices: in bounded memory, and said"; then
  printf "DO \$\$ BEGIN FOR i IN 1..300000 LOOP RAISE NOTICE 'number %% of very many, and each of them says something long enough to count', i; END LOOP; END \$\$;\n" | file m/1_a.sql
  printf '[lint]\nignore = ["all"]\n[apply]\naudit-dir = "audit"\n' >pawl.toml
  python3 - "$PAWL" <<'P' >measured || bad "it failed"
import resource, subprocess, sys
code = subprocess.call([sys.argv[1], "apply", "m", "--yes", "--quiet", "--log", "events"], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(code)
P
  [ "$(cat measured)" -le 60 ] || bad "$(cat measured) MB"
  [ "$(cat audit/audit-*.json | wc -c)" -le 200000 ] || bad "an audit record of $(cat audit/audit-*.json | wc -c) bytes"
  OUT="$(cat events)"; has "number 1 of very many" "299900 more"; unharmed 1; end; fi

  if begin "a setting that makes every transaction read only"; then
  three; sql "ALTER DATABASE \"$PGDATABASE\" SET default_transaction_read_only = on" >/dev/null
  pawl 0 status m; has "3 pending"
  pawl 1 apply m --yes --quiet; has "default_transaction_read_only" "nothing was changed"
  pg_sql "ALTER DATABASE \"$PGDATABASE\" RESET default_transaction_read_only" -d postgres >/dev/null; pawl 0 apply m --yes --quiet; end; fi

  if begin "timeouts and oddities that a role brings along do not reach the run"; then
  three; printf "SELECT pg_sleep(2.5);\nCREATE TABLE t2 (x text DEFAULT 'a\\\\b');\n" >m/000002_t2.up.sql
  sql "CREATE ROLE odd$number LOGIN SUPERUSER; ALTER ROLE odd$number SET idle_in_transaction_session_timeout = '500ms'; ALTER ROLE odd$number SET lock_timeout = '1ms'; ALTER ROLE odd$number SET statement_timeout = '1s';
    ALTER ROLE odd$number SET default_transaction_isolation = 'serializable'; ALTER ROLE odd$number SET client_encoding = 'LATIN1'; ALTER ROLE odd$number SET datestyle = 'SQL, DMY';
    ALTER ROLE odd$number SET intervalstyle = 'iso_8601'; ALTER ROLE odd$number SET bytea_output = 'escape'; ALTER ROLE odd$number SET extra_float_digits = -15; ALTER ROLE odd$number SET quote_all_identifiers = on" >/dev/null
  [ "$major" -lt 14 ] || sql "ALTER ROLE odd$number SET idle_session_timeout = '700ms'" >/dev/null
  [ "$major" -lt 17 ] || sql "ALTER ROLE odd$number SET transaction_timeout = '1s'" >/dev/null
  [ "$major" -ge 18 ] || sql "ALTER ROLE odd$number SET standard_conforming_strings = off" >/dev/null
  printf '[lint]\nignore = ["all"]\n[apply]\nbackup-command = "sleep 2; echo id-7"\nrequire-backup = true\n' >pawl.toml
  PGUSER="odd$number" pawl 0 apply m --yes --quiet --backup; unharmed 000001,000002,000003
  is "$(sql "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't2'::regclass")" "'a\\b'::text" "a backslash is one"
  PGUSER="odd$number" pawl 0 status m --json; is "$(json '[m["applied_at"][10] for m in j["migrations"]]')" "['T', 'T', 'T']"
  PGUSER="odd$number" pawl 0 rollback m --yes --quiet --accept-data-loss --backup
  sql "REASSIGN OWNED BY odd$number TO postgres; DROP OWNED BY odd$number; DROP ROLE odd$number" >/dev/null; end; fi
}

# ------------------------------------------------------------------------------------------------------------ the history
histories() {
  if begin "a role that may make tables, but not write the history"; then
  three; pawl 0 apply m --yes --quiet --steps 1
  sql "CREATE ROLE dev$number LOGIN; GRANT ALL ON SCHEMA public TO dev$number; GRANT SELECT ON ALL TABLES IN SCHEMA public TO dev$number" >/dev/null
  PGUSER="dev$number" pawl 0 status m; has "1 applied, 2 pending"
  PGUSER="dev$number" pawl 1 apply m --yes --quiet; has "dev$number" "schema_migrations" "GRANT" "nothing was changed"
  is "$(sql "SELECT to_regclass('t2') IS NULL")" t
  sql "REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM dev$number" >/dev/null
  PGUSER="dev$number" pawl 1 status m; has "schema_migrations" "GRANT SELECT"
  sql "DROP OWNED BY dev$number; DROP ROLE dev$number" >/dev/null; end; fi

  if begin "somebody holds a lock on the history: told in a few seconds, by whom"; then
  three; pawl 0 apply m --yes --quiet --steps 1
  hold 'BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE'
  local began=$SECONDS
  pawl 1 status m; has "schema_migrations" "pid " "psql"
  pawl 1 apply m --yes --quiet --lock-timeout 1s; has "schema_migrations" "pid " "nothing was changed"
  [ $((SECONDS - began)) -le 20 ] || bad "it took $((SECONDS - began)) s"
  release
  hold 'BEGIN; LOCK TABLE schema_migrations IN SHARE MODE' # reading is free, writing is not
  pawl 3 apply m --yes --quiet --lock-timeout 300ms --retries 1; has "000002" "55P03" "nothing of it is left"
  release
  is "$(sql "SELECT to_regclass('t2') IS NULL")" t
  pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003; end; fi

  if begin "a migration that drops, renames or empties the history"; then
  three; printf 'DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n' >m/000002_t2.up.sql
  pawl 3 apply m --yes --quiet; has "m/000002_t2.up.sql" "schema_migrations" "nothing of it is left"
  pawl 0 status m; has "1 applied, 2 pending" "failed" "m/000002_t2.up.sql:2"; is "$(sql "SELECT to_regclass('t1') IS NOT NULL")" t
  printf 'ALTER TABLE schema_migrations RENAME TO x;\n' >m/000002_t2.up.sql
  pawl 3 apply m --yes --quiet; has "schema_migrations" "nothing of it is left"; end; fi

  if begin "a trigger on the history that refuses"; then
  three; pawl 0 apply m --yes --quiet --steps 1
  sql "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION \$x\$change freeze until Monday\$x\$; END'; CREATE TRIGGER no BEFORE INSERT ON schema_migrations FOR EACH ROW EXECUTE FUNCTION no()" >/dev/null
  pawl 3 apply m --yes --quiet; has "change freeze until Monday" "nothing of it is left" "writing its row into schema_migrations"
  is "$(sql "SELECT to_regclass('t2') IS NULL")" t
  sql "DROP TRIGGER no ON schema_migrations" >/dev/null; pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003; end; fi

  if begin "clocks that disagree: the order is that of the versions"; then
  three; pawl 0 apply m --yes --quiet --steps 2
  sql "UPDATE schema_migrations SET applied_at = now() + interval '1 year', installed_on = now() + interval '1 year' WHERE version = '000001'; UPDATE schema_migrations_log SET started_at = now() + interval '1 year', finished_at = now() + interval '1 year'" >/dev/null
  pawl 0 status m; has "2 applied, 1 pending"; lacks "out of order"
  pawl 0 apply m --yes --quiet
  pawl 0 rollback m --yes --quiet --accept-data-loss; is "$(versions)" 000001,000002
  pawl 0 history m --json; is "$(json 'j["runs"][0]["status"], j["runs"][0]["direction"]')" "('rolled back', 'down')"; end; fi

  if begin "tables of our name that are somebody's own"; then
  three; sql "CREATE TABLE schema_migrations (id serial, note text)" >/dev/null
  pawl 0 apply m --yes --quiet; is "$(sql 'SELECT count(*) FROM pawl_schema_migrations')" 3; is "$(sql 'SELECT count(*) FROM schema_migrations')" 0; end; fi

  if begin "no schema in the search_path"; then
  three; sql "ALTER DATABASE \"$PGDATABASE\" SET search_path = nowhere" >/dev/null
  pawl 1 apply m --yes --quiet; has "search_path" "create the schema"; end; fi

  if begin "two schemas, two histories; a role's own"; then
  sql "CREATE SCHEMA one; CREATE SCHEMA two" >/dev/null; three
  PGOPTIONS='-c search_path=one' pawl 0 apply m --yes --quiet; PGOPTIONS='-c search_path=two' pawl 0 apply m --yes --quiet --steps 1
  is "$(sql 'SELECT (SELECT count(*) FROM one.schema_migrations), (SELECT count(*) FROM two.schema_migrations)')" "3|1"; end; fi
}

# ------------------------------------------------------------------------------------------------------------ connections
cuts() {
  local when proxy port
  for when in before after; do
    if begin "the connection ends at a COMMIT, $when the server has it: looked, not guessed"; then
    three
    coproc CUT { exec python3 "$TESTS/cut_at_commit.py" "$PGPORT" $when 4; } # of the history's tables, 000001, 000002; the 4th is of 000003
    proxy=$CUT_PID
    read -r port <&"${CUT[0]}"
    pawl 3 apply m --yes --quiet --url "postgresql://postgres@127.0.0.1:$port/$PGDATABASE"
    kill $proxy 2>/dev/null; wait $proxy 2>/dev/null
    local applied; applied="$(versions)"
    pawl_said="$OUT"
    if [ "$applied" = 000001,000002,000003 ]; then has "000003" "is applied"; elif [ "$when" = after ]; then bad "the server had the commit, and has $applied"; else has "is not applied" "same command again"; fi
    pawl 0 status m
    pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003
    end; fi
  done

  if begin "one connection is all the role may have"; then
  three; sql "CREATE ROLE lone$number LOGIN CONNECTION LIMIT 1; GRANT ALL ON SCHEMA public TO lone$number" >/dev/null
  PGUSER="lone$number" pawl 4 apply m --yes --quiet; has "too many connections" "two"
  is "$(sql "SELECT to_regclass('schema_migrations') IS NULL")" t
  sql "DROP OWNED BY lone$number; DROP ROLE lone$number" >/dev/null; end; fi

  if begin "SIGHUP: the terminal went away"; then
  three; printf 'CREATE TABLE slow ();\nSELECT pg_sleep(60);\n' >m/000002_t2.up.sql
  # Whoever runs this script may have it ignore SIGHUP: python puts it back.
  python3 -c 'import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' "$PAWL" apply m --yes --quiet >out 2>&1 &
  local pid=$!
  running '%pg_sleep%'
  kill -HUP $pid; wait $pid; is $? 3 "exit code"
  OUT="$(cat out)"; has "canceled by a signal"; pawl 0 status m; has "1 applied"; end; fi

  if begin "standard output and error are closed"; then
  three; "$PAWL" apply m --yes --verbose >&- 2>&-; is $? 0; unharmed 000001,000002,000003; end; fi
}

# ------------------------------------------------------------------------------------------------------------ servers
servers() {
  if begin "the server restarts: while a statement runs, while a lone one runs, while the lock is waited for"; then
  pg_start second "$version" || bad "no second server"
  pg_new_database "$NAME_SHORT"
  local pid
  three; printf 'CREATE TABLE slow ();\nSELECT pg_sleep(60);\n' >m/000002_t2.up.sql
  "$PAWL" apply m --yes --quiet >out 2>&1 & pid=$!
  running '%pg_sleep%'; pg_stop second fast
  wait $pid; is $? 3; OUT="$(cat out)"; has "m/000002_t2.up.sql:2" "57P01" "cannot be looked" "pawl status"
  pawl 4 status m; has "cannot connect"
  pg_start second; PGDATABASE="$NAME_SHORT"
  pawl 0 status m; has "1 applied, 2 pending"
  printf 'CREATE TABLE t2 (id int);\n' >m/000002_t2.up.sql; pawl 0 apply m --yes --quiet --steps 1
  printf 'CREATE INDEX CONCURRENTLY t2_id ON t2 (id);\n' >m/000003_t3.up.sql
  hold 'BEGIN; LOCK TABLE t2 IN ROW EXCLUSIVE MODE'
  "$PAWL" apply m --yes --quiet >out 2>&1 & pid=$!
  running 'CREATE INDEX%'; pg_stop second fast
  wait $pid; is $? 3
  release
  pg_start second; PGDATABASE="$NAME_SHORT"
  pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003
  is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 't2_id'::regclass")" t
  echo 'SELECT pg_sleep(60);' | file m/000004_t4.up.sql
  "$PAWL" apply m --yes --quiet >out 2>&1 & pid=$!
  running '%pg_sleep%'
  "$PAWL" apply m --yes --quiet >out2 2>&1 & local second=$!
  sleep 1; pg_stop second fast
  wait $pid; is $? 3; wait $second; is $? 4 "the waiting one"; OUT="$(cat out2)"; lacks "failed at"
  pg_start second; PGDATABASE="$NAME_SHORT"; echo 'SELECT 1;' >m/000004_t4.up.sql; pawl 0 apply m --yes --quiet; unharmed 000001,000002,000003,000004
  pg_stop second; pg_use main
  end; fi

  if begin "a standby, and a server that is starting up"; then
  pg_use main; PGDATABASE="t$number"; three; pawl 0 apply m --yes --quiet --steps 1
  if ! standby; then bad "no standby"; end; return; fi
  local primary_port="$PGPORT"
  pg_use replica; PGDATABASE="t$number"
  pawl 0 status m; has "1 applied, 2 pending"
  pawl 1 apply m --yes --quiet; has "standby" "nothing was changed"
  pg_stop replica
  pg_use main; PGDATABASE="t$number"
  end; fi

  if begin "the server's disk is full"; then
  local full="$PG_BASE/full"
  mkdir -p "$full"
  if ! mount -t tmpfs -o size=6m none "$full" 2>/dev/null; then
    NAME="$NAME # SKIP a small file system cannot be mounted here"
    end; return
  fi
  [ -z "${PG_OWNER:-}" ] || chown "$PG_OWNER" "$full"
  sql "CREATE TABLESPACE full$number LOCATION '$full'" >/dev/null
  three; printf "CREATE TABLE big (x text) TABLESPACE full$number;\nINSERT INTO big SELECT repeat('x', 1000) FROM generate_series(1, 20000);\n" >m/000002_t2.up.sql
  pawl 3 apply m --yes --quiet; has "m/000002_t2.up.sql:2" "53100" "nothing of it is left" "disk"
  is "$(versions)" 000001
  printf "CREATE TABLE big (x int) TABLESPACE full$number;\nINSERT INTO big SELECT generate_series(1, 80000);\nCREATE INDEX CONCURRENTLY big_x ON big (x) TABLESPACE full$number;\nCREATE INDEX CONCURRENTLY big_y ON big (x) TABLESPACE full$number;\n" >m/000002_t2.up.sql
  pawl 3 apply m --yes --quiet; has "53100" "parts are committed"
  is "$(sql "SELECT count(*) FROM pg_index WHERE NOT indisvalid")" 0 "an invalid index is left"
  printf "CREATE TABLE big (x int) TABLESPACE full$number;\nINSERT INTO big SELECT generate_series(1, 80000);\nCREATE INDEX CONCURRENTLY big_x ON big (x) TABLESPACE full$number;\nSELECT 1;\n" >m/000002_t2.up.sql
  sql "DROP TABLE t1" >/dev/null
  umount -l "$full" 2>/dev/null
  end; fi
}
odd_files; sessions; histories; cuts; servers
exit $failed
