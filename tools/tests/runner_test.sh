#!/usr/bin/env bash
# The runner on a real PostgreSQL: reading, layouts, transactions, files. What RUNNER_VERSION and RUNNER_ONLY do: runner.sh.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/tests/runner.sh

reading() {
  if begin "status, validate, plan, history and dry runs write nothing to an empty database"; then
  three
  local before after
  before="$(everything)"
  pawl 0 status m; has "0 applied, 3 pending"
  pawl 0 validate m
  pawl 0 plan m --output plan.json; has "sha256:"
  pawl 0 history m; has "nothing recorded"
  pawl 0 apply m --dry-run --yes; has "CREATE TABLE t1" "COMMIT"
  pawl 0 apply m --dry-run --rollback-test --yes; has "rehearsed 3 of 3"
  pawl 1 apply m; has "without a terminal"
  pawl 2 rollback m --version 000007 --yes
  after="$(everything)"
  is "$after" "$before" catalog
  is "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pawl%'")" 0 "sessions left"
  end; fi

  if begin "a role that may only read: status, plan and history work"; then
  three
  sql "CREATE ROLE reader$number LOGIN" >/dev/null
  PGUSER=reader$number pawl 0 status m; has "3 pending"
  PGUSER=reader$number pawl 0 plan m --output plan.json
  PGUSER=reader$number pawl 0 history m
  pawl 0 apply m --yes --quiet
  sql "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader$number; CREATE TABLE goose_db_version (id int, version_id bigint, is_applied bool, tstamp timestamp)" >/dev/null
  PGUSER=reader$number pawl 0 status m; has "3 applied, 0 pending"
  PGUSER=reader$number pawl 0 history m; has "applied"
  PGUSER=reader$number pawl 0 status m --json; is "$(json 'j["summary"]["applied"]')" 3
  sql "DROP OWNED BY reader$number; DROP ROLE reader$number" >/dev/null
  end; fi

  if begin "status --json, history --json and --failed, --slower-than"; then
  three
  echo 'SELECT 1/0;' | file m/000004_bad.up.sql
  pawl 3 apply m --yes --quiet
  pawl 0 status m --json
  is "$(json '[(m["version"], m["status"]) for m in j["migrations"]]')" "[('000001', 'applied'), ('000002', 'applied'), ('000003', 'applied'), ('000004', 'failed')]"
  is "$(json 'j["migrations"][3]["attempt"]["error"]')" "division by zero"
  is "$(json 'j["summary"]["failed"], j["server"]["product"]')" "(1, 'PostgreSQL')"
  pawl 0 history m --json; is "$(json 'len(j["runs"]), j["runs"][0]["sqlstate"], j["runs"][1]["run_by"]')" "(4, '22012', 'ada')"
  pawl 0 history m --failed; has "000004" "division by zero"; lacks "000001"
  pawl 0 history m --slower-than 1h; has "nothing recorded that fits"
  pawl 0 history m --limit 1; lacks "000003"
  end; fi
}

round_trip() { # after files are written: up, down by one, up
  pawl 0 apply m --yes --quiet
  pawl 0 status m; has "2 applied, 0 pending"
  is "$(sql "SELECT count(*) FROM a, b")" 0 "tables a and b"
  pawl 0 rollback m --yes --quiet --accept-data-loss
  pawl 0 status m; has "1 applied, 1 pending"
  is "$(sql "SELECT to_regclass('b') IS NULL AND to_regclass('a') IS NOT NULL")" t "only b is gone"
  pawl 0 apply m --yes --quiet
  is "$(sql "SELECT count(*) FROM schema_migrations WHERE applied_by = 'ada' AND script <> '' AND checksum <> ''")" 2 "rows"
}

layouts() {
  if begin "layout golang-migrate"; then
  n=0
  for t in a b; do n=$((n + 1)); echo "CREATE TABLE $t ();" | file "m/00000${n}_$t.up.sql"; echo "DROP TABLE $t;" | file "m/00000${n}_$t.down.sql"; done
  round_trip; end; fi
  if begin "layout dbmate"; then
  n=0; for t in a b; do n=$((n + 1)); printf -- '-- migrate:up\nCREATE TABLE %s ();\n-- migrate:down\nDROP TABLE %s;\n' $t $t | file "m/2024010100000${n}_$t.sql"; done
  round_trip; end; fi
  if begin "layout goose"; then
  n=0; for t in a b; do n=$((n + 1)); printf -- '-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE %s ();\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE %s;\n' $t $t | file "m/0000${n}_$t.sql"; done
  round_trip; end; fi
  if begin "layout sql-migrate"; then
  n=0; for t in a b; do n=$((n + 1)); printf -- '-- +migrate Up\nCREATE TABLE %s ();\n-- +migrate Down\nDROP TABLE %s;\n' $t $t | file "m/${n}_$t.sql"; done
  round_trip; end; fi
  if begin "layout flyway, with repeatable scripts"; then
  n=0; for t in a b; do n=$((n + 1)); echo "CREATE TABLE $t ();" | file "m/V${n}__$t.sql"; echo "DROP TABLE $t;" | file "m/U${n}__$t.sql"; done
  round_trip
  echo "CREATE OR REPLACE VIEW v AS SELECT 1 AS x;" | file m/R__v.sql
  pawl 0 apply m --yes --quiet; is "$(sql 'SELECT x FROM v')" 1
  pawl 0 apply m --yes; has "nothing to do"
  echo "CREATE OR REPLACE VIEW v AS SELECT 2 AS x;" | file m/R__v.sql
  pawl 0 status m; has "changed: runs again"
  pawl 0 apply m --yes --quiet; is "$(sql 'SELECT x FROM v')" 2
  pawl 0 apply m --yes; has "nothing to do"
  end; fi
  if begin "layout sqlx"; then
  n=0; for t in a b; do n=$((n + 1)); echo "CREATE TABLE $t ();" | file "m/2024010100000${n}_$t.up.sql"; echo "DROP TABLE $t;" | file "m/2024010100000${n}_$t.down.sql"; done
  round_trip; end; fi
  if begin "layout diesel"; then
  n=0; for t in a b; do n=$((n + 1)); echo "CREATE TABLE $t ();" | file "m/2024-01-01-00000${n}_$t/up.sql"; echo "DROP TABLE $t;" | file "m/2024-01-01-00000${n}_$t/down.sql"; done
  round_trip; end; fi
  if begin "layout node-pg-migrate"; then
  n=0; for t in a b; do n=$((n + 1)); printf -- '-- Up Migration\nCREATE TABLE %s ();\n-- Down Migration\nDROP TABLE %s;\n' $t $t | file "m/170000000000${n}_$t.sql"; done
  round_trip; end; fi
  if begin "layout numbered, its downs commented out (a runbook's)"; then
  n=0; for t in a b; do n=$((n + 1)); printf -- '-- Migration: %s\n-- Up migration\n\nCREATE TABLE %s (id uuid PRIMARY KEY DEFAULT gen_random_uuid());\nCREATE INDEX idx_%s ON %s(id);\n\n-- Down migration (rollback)\n-- DROP TABLE %s;\n' $t $t $t $t $t | file "m/0${n}_$t.sql"; done
  [ "$major" -ge 13 ] || sql "CREATE EXTENSION pgcrypto" >/dev/null
  round_trip; end; fi
  if begin "layout timestamp-slug, and rollback by <YYYYMMDDHHMM_slug>"; then
  n=0; for t in a b; do n=$((n + 1)); echo "CREATE TABLE $t ();" | file "m/20240101000${n}_$t/up.sql"; echo "DROP TABLE $t;" | file "m/20240101000${n}_$t/down.sql"; done
  round_trip
  pawl 0 rollback m --version 202401010002_b --yes --accept-data-loss; has "1 migration rolled back"
  is "$(sql "SELECT to_regclass('b') IS NULL")" t
  end; fi
  if begin "layout liquibase"; then
  printf -- '--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE a ();\n--rollback DROP TABLE a;\n--changeset ann:2\nCREATE TABLE b ();\n--rollback DROP TABLE b;\n' | file m/changes.sql
  round_trip; end; fi
  if begin "layout prisma (without downs)"; then
  n=0; for t in a b; do n=$((n + 1)); echo "CREATE TABLE $t ();" | file "m/2024010100000${n}_$t/migration.sql"; done
  pawl 0 apply m --yes --quiet; pawl 0 status m; has "2 applied, 0 pending"
  pawl 1 rollback m --yes; has "has no down script"
  end; fi
  if begin "layout plain"; then
  echo "CREATE TABLE a ();" | file m/a.sql; echo "CREATE TABLE b ();" | file m/b.sql
  pawl 0 apply m --yes --quiet; pawl 0 status m; has "2 applied, 0 pending"
  end; fi
}

transactions() {
  if begin "a file is one transaction: nothing of a failed one is left"; then
  printf 'CREATE TABLE a ();\nSELECT 1/0;\n' | file m/1_x.sql
  pawl 3 apply m --yes --quiet; has "m/1_x.sql:2" "division by zero" "22012" "nothing of it is left"
  is "$(sql "SELECT to_regclass('a') IS NULL")" t
  pawl 0 status m; has "failed"
  printf 'CREATE TABLE a ();\n' | file m/1_x.sql
  pawl 0 apply m --yes --quiet
  is "$(sql "SELECT string_agg(status, ',' ORDER BY id) FROM schema_migrations_log")" "failed,applied"
  end; fi

  if begin "fault (g): a mistake in the third of five, without transaction: goes on at the third"; then
  printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a ();\nCREATE TABLE b ();\nCREATE TABEL c ();\nCREATE TABLE d ();\nCREATE TABLE e ();\n-- +goose Down\nSELECT 1;\n' | file m/00001_x.sql
  pawl 1 apply m --yes --quiet; has "m/00001_x.sql:5" "nothing was changed"
  printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a ();\nCREATE TABLE b ();\nCREATE TABLE c (x nosuchtype);\nCREATE TABLE d ();\nCREATE TABLE e ();\n-- +goose Down\nSELECT 1;\n' | file m/00001_x.sql
  pawl 3 apply m --yes --quiet; has "m/00001_x.sql:5" "nosuchtype" "first 2 of 5 parts are committed"
  pawl 0 status m; has "interrupted" "2 of 5 parts done"
  printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a ();\nCREATE TABLE b ();\nCREATE TABLE c (x int);\nCREATE TABLE d ();\nCREATE TABLE e ();\n-- +goose Down\nSELECT 1;\n' | file m/00001_x.sql
  pawl 0 apply m --yes --quiet
  is "$(sql "SELECT count(*) FROM pg_class WHERE relname IN ('a','b','c','d','e')")" 5
  is "$(sql "SELECT string_agg(status || units_done, ',' ORDER BY id) FROM schema_migrations_log")" "failed2,applied5"
  end; fi

  if begin "a changed part that is already committed is refused"; then
  printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a ();\nSELECT 1/0;\n-- +goose Down\nSELECT 1;\n' | file m/00001_x.sql
  pawl 3 apply m --yes --quiet
  printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (x int);\nSELECT 1;\n-- +goose Down\nSELECT 1;\n' | file m/00001_x.sql
  pawl 1 apply m --yes --quiet; has "was changed in those parts" "pawl repair"
  end; fi

  if begin "several BEGIN ... COMMIT in a file"; then
  printf 'BEGIN;\nCREATE TABLE a (x int);\nCOMMIT;\nBEGIN ISOLATION LEVEL SERIALIZABLE;\nINSERT INTO a VALUES (1);\nCOMMIT;\nINSERT INTO a SELECT 1/0;\n' | file m/1_x.sql
  pawl 3 apply m --yes --quiet; has "m/1_x.sql:7" "first 2 of 3 parts"
  is "$(sql 'SELECT count(*) FROM a')" 1
  sed -i 's,1/0,2,' m/1_x.sql
  pawl 0 apply m --yes --quiet; is "$(sql 'SELECT sum(x) FROM a')" 3
  printf 'BEGIN;\nCREATE TABLE b ();\n' | file m/2_open.sql
  pawl 1 apply m --yes --quiet; has "m/2_open.sql:1" "nothing ends"
  printf 'CREATE TABLE b ();\nROLLBACK;\n' | file m/2_open.sql
  pawl 1 apply m --yes --quiet; has "m/2_open.sql:2"
  end; fi

  if begin "CONCURRENTLY in a plain file, its time recorded"; then
  printf 'CREATE TABLE a (x int);\nINSERT INTO a SELECT generate_series(1, 200000);\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE INDEX CONCURRENTLY a_xx ON a (x DESC);\nDROP INDEX CONCURRENTLY a_xx;\n' | file m/1_x.sql
  printf 'CREATE INDEX CONCURRENTLY a_y ON a (x, x);\n' | file m/2_y.sql
  pawl 0 apply m --yes --quiet
  is "$(sql "SELECT bool_and(indisvalid), count(*) FROM pg_index WHERE indrelid = 'a'::regclass")" "t|2"
  is "$(sql "SELECT count(*) FROM schema_migrations WHERE execution_time_ms > 5")" 2 "rows with their time"
  is "$(sql "SELECT string_agg(version || status || units_done || '/' || units_total, ',' ORDER BY id) FROM schema_migrations_log")" "1applied4/4,2applied1/1"
  is "$(sql "SELECT count(*) FROM schema_migrations_log WHERE duration_ms > 5 AND finished_at > started_at")" 2
  end; fi

  if begin "COPY ... FROM stdin with its data"; then
  printf 'CREATE TABLE a (k int, v text);\nCOPY a (k, v) FROM stdin;\n1\tone\n2\t\\N\n3\tsemi;colon -- not a comment\n\\.\nINSERT INTO a VALUES (4, $$x$$);\n' | file m/1_x.sql
  pawl 0 apply m --yes --quiet
  is "$(sql 'SELECT count(*), count(v), max(v) FROM a')" "4|3|x"
  printf 'COPY a (k, v) FROM stdin;\nfive\tx\n\\.\n' | file m/2_bad.sql
  pawl 3 apply m --yes --quiet; has "m/2_bad.sql:1" "invalid input syntax" "COPY a, line 1"
  end; fi

  if begin "errors when a transaction commits (deferred constraints)"; then
  printf 'CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\n' | file m/1_x.sql
  pawl 0 apply m --yes --quiet
  printf 'INSERT INTO c VALUES (1);\n' | file m/2_y.sql
  pawl 1 apply m --yes --dry-run --rollback-test; has "violates foreign key"
  pawl 3 apply m --yes --quiet; has "m/2_y.sql" "committed" "23503" "nothing of it is left"
  pawl 0 status m; has "1 applied, 1 pending"
  is "$(sql 'SELECT count(*) FROM c')" 0
  end; fi

  if begin "settings, roles and prepared statements of a migration do not reach the next"; then
  sql "CREATE ROLE owner$number; GRANT CREATE ON SCHEMA public TO owner$number; CREATE SCHEMA other" >/dev/null
  printf 'SET ROLE owner%s;\nCREATE TABLE mine ();\n' $number | file m/1_role.sql
  printf "SET search_path TO other;\nSET lock_timeout = '7s';\nCREATE TABLE there ();\n" | file m/2_path.sql
  printf 'PREPARE x AS SELECT 1;\nDEALLOCATE ALL;\nCREATE TABLE here ();\n' | file m/3_all.sql
  printf 'DISCARD ALL;\n' | file m/4_discard.sql
  printf 'CREATE TABLE last AS SELECT current_user::text AS u, current_setting($$search_path$$) AS p;\n' | file m/5_last.sql
  pawl 0 apply m --yes --quiet
  is "$(sql "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'mine'")" "owner$number"
  is "$(sql "SELECT string_agg(n.nspname || '.' || relname, ',' ORDER BY relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname IN ('there', 'here', 'last')")" "public.here,public.last,other.there"
  is "$(sql 'SELECT u = session_user, p FROM last')" 't|"$user", public'
  is "$(versions)" 1,2,3,4,5
  sql "DROP OWNED BY owner$number" >/dev/null; sql "DROP TABLE IF EXISTS mine; DROP ROLE owner$number" >/dev/null
  end; fi

  if begin "a procedure that commits: refused in a transaction with advice, run where the file has none"; then
  printf -- '-- +goose Up\nCREATE TABLE a (x int);\n-- +goose StatementBegin\nCREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (2); END $$;\n-- +goose StatementEnd\n-- +goose Down\nSELECT 1;\n' | file m/00001_a.sql
  printf -- '-- +goose Up\nCALL fill();\n-- +goose Down\nSELECT 1;\n' | file m/00002_b.sql
  pawl 3 apply m --yes --quiet; has "2D000" "commits by itself"
  sed -i '1i -- +goose NO TRANSACTION' m/00002_b.sql
  pawl 0 apply m --yes --quiet; is "$(sql 'SELECT count(*) FROM a')" 2
  end; fi

  if begin "a new enum value used in the same file: told what to do"; then
  printf "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE a (m mood);\n" | file m/1_a.sql
  printf "ALTER TYPE mood ADD VALUE 'ok';\nINSERT INTO a VALUES ('ok');\n" | file m/2_b.sql
  pawl 3 apply m --yes --quiet; has "m/2_b.sql:2" "next migration"
  end; fi
}

files() {
  if begin "commands of psql: those that do something are refused, before anything runs"; then
  printf 'CREATE TABLE a ();\n' | file m/1_a.sql
  printf '\\echo hello\n\\set x 1\nCREATE TABLE b ();\n' | file m/2_b.sql
  printf 'CREATE TABLE c ();\n\\i other.sql\n' | file m/3_c.sql
  pawl 1 apply m --yes --quiet; has 'm/3_c.sql:2' '\i' "nothing was changed"
  is "$(sql "SELECT to_regclass('a') IS NULL")" t
  rm m/3_c.sql; pawl 0 apply m --yes --quiet; is "$(sql "SELECT to_regclass('b') IS NOT NULL")" t
  end; fi

  if begin "templates that nobody fills in are refused"; then
  printf 'CREATE TABLE a ();\nCREATE TABLE ${schema}.b ();\n' | file m/1_a.sql
  pawl 1 apply m --yes --quiet; has "m/1_a.sql:2" "nothing was changed"
  printf 'CREATE TABLE a ();\nCREATE TABLE {{ .Schema }}.b ();\n' | file m/1_a.sql
  pawl 1 apply m --yes --quiet; has "m/1_a.sql:2"
  end; fi

  if begin "fault (l): a UTF-8 byte order mark"; then
  printf '\xEF\xBB\xBFCREATE TABLE a ();\n' | file m/1_a.sql
  pawl 0 apply m --yes --quiet; is "$(sql "SELECT to_regclass('a') IS NOT NULL")" t; end; fi

  if begin "fault (l): CRLF, also when line ends change after it was applied"; then
  printf 'CREATE TABLE a (x text DEFAULT $$a\r\nb$$);\r\nCREATE TABLE b ();\r\n' | file m/1_a.sql
  pawl 0 apply m --yes --quiet
  is "$(sql "SELECT pg_get_expr(adbin, adrelid) LIKE '%' || chr(13) || chr(10) || '%' FROM pg_attrdef WHERE adrelid = 'a'::regclass")" t "the bytes of a literal"
  sed -i 's/\r$//' m/1_a.sql
  pawl 0 status m; lacks EDITED
  pawl 0 validate m
  end; fi

  if begin "fault (l): bytes that are no UTF-8, and a NUL, are refused before anything runs"; then
  printf 'CREATE TABLE a (x text);\nINSERT INTO a VALUES ($$caf\xE9$$);\n' | file m/1_a.sql
  OUT="$("$PAWL" apply m --yes --quiet 2>&1)"; code=$?
  [ $code = 1 ] || [ $code = 2 ] || bad "exit $code: $OUT"
  has "m/1_a.sql"; is "$(sql "SELECT to_regclass('a') IS NULL AND to_regclass('schema_migrations') IS NULL")" t
  printf 'CREATE TABLE a (x text);\nINSERT INTO a VALUES ($$a\0b$$);\n' | file m/1_a.sql
  OUT="$("$PAWL" apply m --yes --quiet 2>&1)"; code=$?
  [ $code = 1 ] || [ $code = 2 ] || bad "exit $code: $OUT"
  has "m/1_a.sql"; is "$(sql "SELECT to_regclass('a') IS NULL")" t
  end; fi

  if begin "fault (l): an empty file, and one of comments"; then
  : | file m/1_a.sql; printf -- '-- nothing\n' | file m/2_b.sql
  pawl 0 apply m --yes --quiet; pawl 0 status m; has "2 applied"; end; fi

  if begin "fault (l): spaces in names"; then
  echo 'CREATE TABLE a ();' | file "m m/1_a name with spaces.sql"
  pawl 0 apply "m m" --yes --quiet; is "$(sql 'SELECT count(*) FROM schema_migrations')" 1; end; fi

  if begin "fault (k): two files of one version: both named, nothing runs"; then
  three; echo 'CREATE TABLE x ();' | file m/000002_x.up.sql
  pawl 1 apply m --yes --quiet; has "000002_t2.up.sql" "000002_x.up.sql" "nothing was changed"
  is "$(sql "SELECT to_regclass('t1') IS NULL")" t
  end; fi

  if begin "a name that fits nothing is told, not skipped"; then
  three; echo 'CREATE TABLE x ();' | file m/00004-x.up.sql
  OUT="$("$PAWL" apply m --yes --quiet 2>&1)"; code=$?
  [ $code = 1 ] || [ $code = 2 ] || bad "exit $code"; has "00004-x.up.sql"; end; fi
}

mended() {
  if begin "a procedure or DO block that commits is never run again by itself"; then
  cat <<'S' | file m/00001_a.sql
-- +goose Up
CREATE TABLE p (id int);
CREATE TABLE q (id int);
-- +goose StatementBegin
CREATE PROCEDURE pr() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO p VALUES (1); COMMIT; ALTER TABLE q ADD COLUMN x int; END $$;
-- +goose StatementEnd
S
  printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nCALL pr();\n' | file m/00002_b.sql
  pawl 0 apply m --yes --quiet --to 00001
  sql "BEGIN; LOCK TABLE q; SELECT pg_sleep(3); COMMIT" >/dev/null & sleep 0.5
  pawl 3 apply m --yes --lock-timeout 300ms; has "what it committed before that stays" "repair --version 00002 --retry"; lacks "trying again"
  wait
  is "$(sql 'SELECT count(*) FROM p')" 1 "sent once"
  pawl 1 apply m --yes; has "was interrupted in"
  is "$(sql 'SELECT count(*) FROM p')" 1 "not sent again"
  pawl 0 repair m --version 00002 --retry --yes; pawl 0 apply m --yes --quiet
  is "$(sql 'SELECT count(*) FROM p')" 2
  end; fi

  if begin "the last part failed and was taken out of the file: what is left is recorded"; then
  printf 'CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON a (id);\nSELECT 1/0;\n' | file m/0001_x.sql
  pawl 3 apply m --yes --quiet
  sed -i 3d m/0001_x.sql
  pawl 0 apply m --yes; has "1 migration applied"
  pawl 0 status m; has "1 applied, 0 pending"; lacks interrupted
  is "$(sql "SELECT count(*) FROM schema_migrations")" 1
  end; fi

  if begin "half rolled back: nothing is applied over it, and rollback goes on"; then
  echo 'CREATE TABLE a (id int);' | file m/000001_a.up.sql; echo 'DROP TABLE a;' | file m/000001_a.down.sql
  echo 'CREATE TABLE b (id int);' | file m/000002_b.up.sql; printf 'VACUUM a;\nSELECT 1/0; DROP TABLE b;\n' | file m/000002_b.down.sql
  pawl 0 apply m --yes --quiet
  pawl 3 rollback m --yes --quiet --accept-data-loss
  pawl 0 status m; has "interrupted" 'pawl rollback'
  echo 'CREATE TABLE c (id int);' | file m/000003_c.up.sql
  pawl 1 apply m --yes; has "half rolled back" "pawl rollback"
  pawl 1 validate m; has "half rolled back"
  pawl 1 plan m --output p.json
  is "$(sql "SELECT to_regclass('c') IS NULL")" t
  printf 'VACUUM a;\nDROP TABLE b;\n' | file m/000002_b.down.sql
  pawl 0 rollback m --yes --quiet --accept-data-loss
  is "$(sql "SELECT to_regclass('b') IS NULL")" t
  pawl 0 apply m --yes --quiet
  end; fi

  if begin "empty values, options that need another, durations: exit 2, and nothing runs"; then
  three
  pawl 2 apply m --yes --to ""; has "without a version"
  pawl 2 rollback m --yes --accept-data-loss --version ""
  pawl 2 apply m --yes --rollback-test; has "--dry-run"
  pawl 2 apply m --yes --statement-timeout 597h; has "24 days"
  pawl 0 apply m --dry-run --yes --lock-timeout 0.1ms; has "lock_timeout = '1ms'"
  pawl 2 status 'postgres://u:HUNTER2@127.0.0.1/x'; lacks HUNTER2; has "--url"
  pawl 2 status m 'postgres://u:HUNTER2@127.0.0.1/x'; lacks HUNTER2
  is "$(sql "SELECT to_regclass('t1') IS NULL")" t
  pawl 0 apply m --yes --quiet
  pawl 0 rollback m --yes --accept-data-loss --to 000001 --steps 1 --quiet; pawl 0 status m; has "2 applied, 1 pending"
  pawl 1 apply m --yes --environment " Production"; has "approvals"
  end; fi

  if begin "a plan that was changed by hand is neither approved nor applied"; then
  three
  pawl 0 plan m --output plan.json
  sed 's/"sql": "CREATE TABLE t1[^"]*"/"sql": "SELECT 1"/' plan.json >changed.json
  pawl 2 approve changed.json --approved-by alice; has "was changed"
  pawl 2 apply changed.json --yes; has "was changed"
  python3 -c "import json; p = json.load(open('plan.json')); p['migrations'] *= 2; json.dump(p, open('twice.json', 'w')); p['migrations'] = []; json.dump(p, open('none.json', 'w'))"
  pawl 2 apply twice.json --yes; pawl 2 approve none.json --approved-by alice
  is "$(sql "SELECT to_regclass('t1') IS NULL")" t
  pawl 0 apply plan.json --yes --quiet
  end; fi

  if begin "an error whose SQLSTATE is that of a lost connection, in a session that is well"; then
  printf "DO \$\$ BEGIN RAISE EXCEPTION 'no such luck' USING ERRCODE = '08006'; END \$\$;\n" | file m/1_a.sql
  pawl 3 apply m --yes; has "no such luck" "rolled back"; lacks "the connection is gone"
  pawl 0 status m; has "failed"
  end; fi

  if begin "a policy that hides the history: an error, and nothing is applied again"; then
  three
  pawl 0 apply m --yes --quiet
  sql "CREATE ROLE blind$number LOGIN; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO blind$number; ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY" >/dev/null
  PGUSER=blind$number pawl 1 status m; has "row-level security"
  PGUSER=blind$number pawl 1 apply m --yes; has "row-level security"
  pawl 0 status m; has "3 applied, 0 pending"
  sql "DROP OWNED BY blind$number; DROP ROLE blind$number" >/dev/null
  end; fi

  if begin "a character that the database's encoding lacks: told before anything runs"; then
  sql "CREATE DATABASE latin$number ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0" >/dev/null
  printf -- '-- gr\xc3\xbc\xc3\x9fe\nCREATE TABLE a (id int);\n' | file m/1_a.sql
  PGDATABASE=latin$number pawl 0 apply m --yes --quiet
  printf -- '-- \xe2\x86\x92 \xe2\x82\xac\nCREATE TABLE b (id int);\n' | file m/2_b.sql
  PGDATABASE=latin$number pawl 1 apply m --yes; has "2_b.sql has a character" LATIN1
  PGDATABASE=latin$number pawl 0 status m; has "1 applied, 1 pending"
  sql "DROP DATABASE latin$number" >/dev/null
  end; fi

  if begin "SET ROLE in a file of several parts: what is recorded is recorded as who logged in"; then
  sql "CREATE ROLE weak$number; CREATE SCHEMA wk AUTHORIZATION weak$number" >/dev/null
  printf "SET ROLE weak$number;\nCREATE TABLE wk.t (id int);\nCREATE INDEX CONCURRENTLY i ON wk.t (id);\nCREATE TABLE wk.t3 (id int);\n" | file m/1_a.sql
  pawl 0 apply m --yes --quiet
  is "$(sql "SELECT tableowner FROM pg_tables WHERE tablename = 't3'")" "weak$number"
  pawl 0 status m; has "1 applied, 0 pending"
  sql "DROP SCHEMA wk CASCADE; DROP ROLE weak$number" >/dev/null
  end; fi
}

reading; layouts; transactions; files; mended
exit $failed
