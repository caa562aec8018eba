#!/usr/bin/env bash
# The runner on a real PostgreSQL: history, other tools' tables, rollback and repair, plans and guards. What RUNNER_VERSION and RUNNER_ONLY do: runner.sh.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/tests/runner.sh

history() {
  if begin "fault (d): an applied file was edited"; then
  three; pawl 0 apply m --yes --quiet
  echo 'CREATE TABLE t2 (id int PRIMARY KEY, more int);' >m/000002_t2.up.sql
  pawl 0 status m; has "EDITED" "1 edited"
  pawl 1 validate m; has "000002" "edited"
  echo 'CREATE TABLE t4 ();' | file m/000004_t4.up.sql
  pawl 1 apply m --yes --quiet; has "edited after it was applied" "nothing was changed"
  pawl 0 apply m --yes --quiet --allow edited-applied-migration --reason "agreed"
  is "$(sql "SELECT to_regclass('t4') IS NOT NULL")" t
  end; fi

  if begin "a comment or formatting edited: no outage"; then
  three; pawl 0 apply m --yes --quiet
  printf -- '-- (c) somebody\nCREATE TABLE t2 (\n  id int PRIMARY KEY\n);\n' >m/000002_t2.up.sql
  pawl 0 status m; has "changed since"; lacks EDITED
  pawl 0 validate m; has "changed since it was applied"
  echo 'CREATE TABLE t4 ();' | file m/000004_t4.up.sql
  pawl 0 apply m --yes --quiet
  end; fi

  if begin "fault (e): an applied file was deleted"; then
  three; pawl 0 apply m --yes --quiet; rm m/000003*
  pawl 0 status m; has "000003" "missing" "1 missing"
  pawl 1 validate m; has "000003" "gone"
  echo 'CREATE TABLE t4 ();' | file m/000004_t4.up.sql
  pawl 1 apply m --yes --quiet; has "its file is gone"
  pawl 1 rollback m --yes --accept-data-loss; has "its file is gone"
  pawl 0 apply m --yes --quiet --allow deleted-applied-migration --reason "squashed"
  end; fi

  if begin "lint --database: edited, missing, out of order, and not a word where all is well"; then
  three; mv m/000002* .
  echo 'CREATE TABLE t4 ();' | file m/000004_t4.up.sql; echo 'DROP TABLE t4;' | file m/000004_t4.down.sql
  printf '[[set]]\nname = "app"\npath = "m"\nurl-env = "APP_URL"\n' >pawl.toml
  APP_URL=postgresql:// pawl 0 apply app --yes --quiet --allow version-gap --reason test
  APP_URL=postgresql:// pawl 0 lint --database app --format concise --fail-on error; lacks edited-applied deleted-applied out-of-order
  mv 000002* m
  echo 'CREATE TABLE t1 (id int PRIMARY KEY, more int);' >m/000001_t1.up.sql
  rm m/000003*
  APP_URL=postgresql:// pawl 1 lint --database app --format concise
  has "m/000001_t1.up.sql:1" edited-applied-migration deleted-applied-migration "migration 000003" out-of-order-version "m/000002_t2.up.sql:1"
  APP_URL=postgresql://127.0.0.1:1/none pawl 4 lint --database app
  end; fi

  if begin "fault (f): a late lower version is neither skipped nor silently run"; then
  three; mv m/000002* .; pawl 0 apply m --yes --quiet; mv 000002* m
  pawl 0 status m; has "out of order"
  pawl 1 apply m --yes --quiet; has "000002" "pending although later migrations are applied"
  is "$(versions)" 000001,000003
  pawl 0 apply m --yes --quiet --allow out-of-order-version --reason "merged late"
  is "$(versions)" 000001,000002,000003
  end; fi

  if begin "the runbooks' own queries on schema_migrations"; then
  printf -- '-- Up migration\nCREATE TABLE members ();\n-- Down migration\n-- DROP TABLE members;\n' | file m/05_members.sql
  printf -- '-- Up migration\nCREATE TABLE email_verifications ();\n-- Down migration (rollback)\n-- DROP TABLE email_verifications;\n' | file m/06_email.sql
  pawl 0 apply m --yes --quiet
  is "$(sql 'SELECT version FROM schema_migrations ORDER BY applied_at DESC LIMIT 1;')" 06
  is "$(sql 'SELECT * FROM schema_migrations ORDER BY installed_on DESC LIMIT 20;' | grep -c '|up|applied|')" 2
  is "$(sql 'SELECT * FROM schema_migrations ORDER BY installed_on DESC LIMIT 1' | head -n 1 | cut -d'|' -f2)" 06
  sql "DROP TABLE email_verifications; DELETE FROM schema_migrations WHERE version = '06';" >/dev/null
  pawl 0 status m; has "1 applied, 1 pending"
  pawl 0 apply m --yes --quiet; is "$(versions)" 05,06
  end; fi

  if begin "the record: who, approvals, backup, digest, version, text"; then
  three; pawl 0 apply m --yes --quiet --approved-by bob --backup-id snap-7
  is "$(sql "SELECT applied_by, approvals::text, backup_id, plan_digest LIKE 'sha256:%', pawl_version <> '', rtrim(script, chr(10)), direction, status, name FROM schema_migrations WHERE version = '000001'")" \
    'ada|["bob", "ada"]|snap-7|t|t|CREATE TABLE t1 (id int PRIMARY KEY);|up|applied|t1'
  is "$(sql "SELECT checksum FROM schema_migrations WHERE version = '000001'")" "$(sha256sum <m/000001_t1.up.sql | cut -d' ' -f1)"
  end; fi
}

other_tools() {
  local tool shape
  if begin "golang-migrate's table is read, adopted and never written"; then
  three
  sql "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, false); CREATE TABLE t1 (); CREATE TABLE t2 ()" >/dev/null
  pawl 0 status m; has "golang-migrate" "public.schema_migrations" "pawl baseline --from golang-migrate"
  pawl 1 apply m --yes --quiet; has "baseline --from golang-migrate" "nothing was changed"
  pawl 0 baseline m --from golang-migrate --yes; has "2 migrations"
  pawl 0 apply m --yes --quiet; is "$(sql "SELECT to_regclass('t3') IS NOT NULL")" t
  is "$(sql 'SELECT version, dirty FROM schema_migrations')" "2|f"
  is "$(sql "SELECT string_agg(version || status, ',' ORDER BY version) FROM pawl_schema_migrations")" "000001baseline,000002baseline,000003applied"
  end; fi
  if begin "golang-migrate says dirty: not adopted"; then
  three; sql "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, true)" >/dev/null
  pawl 1 baseline m --from golang-migrate --yes; has "failed" "golang-migrate first"; end; fi
  if begin "dbmate's table"; then
  for n in 1 2; do printf -- '-- migrate:up\nCREATE TABLE a%s ();\n-- migrate:down\nDROP TABLE a%s;\n' $n $n | file "m/2024010100000${n}_a.sql"; done
  sql "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20240101000001')" >/dev/null
  pawl 0 status m; has "dbmate"; pawl 0 baseline m --from dbmate --yes; pawl 0 status m; has "1 applied, 1 pending"
  is "$(sql 'SELECT count(*) FROM schema_migrations')" 1; end; fi
  if begin "goose's table, with a rolled back version"; then
  for n in 1 2; do printf -- '-- +goose Up\nCREATE TABLE a%s ();\n-- +goose Down\nDROP TABLE a%s;\n' $n $n | file "m/0000${n}_a.sql"; done
  sql "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now()); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, false)" >/dev/null
  pawl 0 baseline m --from goose --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "Flyway's table"; then
  for n in 1 2; do echo "CREATE TABLE a$n ();" | file "m/V${n}__a.sql"; done
  sql "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL, success boolean NOT NULL);
    INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', 1, 'x', now(), 5, true)" >/dev/null
  pawl 0 baseline m --from flyway --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "node-pg-migrate's table"; then
  for n in 1 2; do printf -- '-- Up Migration\nCREATE TABLE a%s ();\n-- Down Migration\nDROP TABLE a%s;\n' $n $n | file "m/170000000000${n}_a.sql"; done
  sql "CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL); INSERT INTO pgmigrations (name, run_on) VALUES ('1700000000001_a', now())" >/dev/null
  pawl 0 baseline m --from node-pg-migrate --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "knex's table"; then
  for n in 1 2; do printf 'CREATE TABLE a%s ();\n' $n | file "m/2024010100000${n}_a.sql"; done
  sql "CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch int, migration_time timestamptz); INSERT INTO knex_migrations (name, batch, migration_time) VALUES ('20240101000001_a.js', 1, now())" >/dev/null
  pawl 0 baseline m --from knex --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "Prisma's table"; then
  for n in 1 2; do echo "CREATE TABLE a$n ();" | file "m/2024010100000${n}_a/migration.sql"; done
  sql "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0);
    INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('x', 'y', now(), '20240101000001_a')" >/dev/null
  pawl 0 baseline m --from prisma --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "sqlx's table"; then
  for n in 1 2; do echo "CREATE TABLE a$n ();" | file "m/2024010100000${n}_a.sql"; done
  sql "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL);
    INSERT INTO _sqlx_migrations VALUES (20240101000001, 'a', now(), true, 'x', 1)" >/dev/null
  pawl 0 baseline m --from sqlx --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "diesel's table"; then
  for n in 1 2; do echo "CREATE TABLE a$n ();" | file "m/2024-01-01-00000${n}_a/up.sql"; done
  sql "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT now()); INSERT INTO __diesel_schema_migrations VALUES ('20240101000001')" >/dev/null
  pawl 0 baseline m --from diesel --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "Liquibase's table"; then
  printf -- '--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE a ();\n--changeset ann:2\nCREATE TABLE b ();\n' | file m/changes.sql
  sql "CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL, orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35));
    INSERT INTO databasechangelog VALUES ('1', 'ann', 'changes.sql', now(), 1, 'EXECUTED', 'x')" >/dev/null
  pawl 0 baseline m --from liquibase --yes; pawl 0 status m; has "1 applied, 1 pending"; end; fi
  if begin "what a tool has applied and no file has is refused; a wrong tool is named"; then
  three; sql "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (9, false)" >/dev/null
  pawl 1 baseline m --from golang-migrate --yes; has "9" "no such file"
  pawl 2 baseline m --from goose --yes; has "golang-migrate"
  end; fi
  if begin "baseline --to"; then
  three; sql "CREATE TABLE t1 (); CREATE TABLE t2 ()" >/dev/null
  pawl 2 baseline m --yes; pawl 2 baseline m --to 9 --yes
  pawl 0 baseline m --to 2 --yes; pawl 0 baseline m --to 2 --yes; has "nothing to adopt"
  pawl 0 apply m --yes --quiet; pawl 0 status m; has "3 applied" "(baseline)"
  is "$(sql "SELECT string_agg(execution_time_ms::text, ',' ORDER BY version) FROM schema_migrations WHERE status = 'baseline'")" "0,0"
  end; fi
}

going_back() {
  if begin "rollback by steps, to a version, of one version"; then
  three; pawl 0 apply m --yes --quiet
  pawl 1 rollback m --yes; has "loses data" "t3" "--accept-data-loss" "nothing was changed"
  pawl 0 rollback m --yes --quiet --accept-data-loss --steps 2; is "$(versions)" 000001
  pawl 0 apply m --yes --quiet
  pawl 0 rollback m --yes --quiet --accept-data-loss --to 1; is "$(versions)" 000001
  pawl 0 apply m --yes --quiet
  pawl 0 rollback m --yes --quiet --accept-data-loss --version 000002; is "$(versions)" 000001,000003
  pawl 0 apply m --yes --quiet --allow out-of-order-version --reason x
  pawl 0 rollback m --yes --quiet --accept-data-loss --to 0; is "$(sql 'SELECT count(*) FROM schema_migrations')" 0
  is "$(sql "SELECT count(*) FROM schema_migrations_log WHERE status = 'rolled back' AND direction = 'down'")" 8
  pawl 2 rollback m --yes --version 000002; has "not applied"
  end; fi

  if begin "what would be lost is shown with its size"; then
  three; pawl 0 apply m --yes --quiet; sql "INSERT INTO t3 SELECT generate_series(1, 5000); ANALYZE t3" >/dev/null
  pawl 1 rollback m --yes; has "public.t3" "5000 rows"
  end; fi

  if begin "a failing down leaves the migration applied"; then
  three; pawl 0 apply m --yes --quiet; echo 'DROP TABLE t3; SELECT 1/0;' >m/000003_t3.down.sql
  pawl 3 rollback m --yes --quiet --accept-data-loss; has "000003_t3.down.sql:1" "division by zero"
  pawl 0 status m; has "3 applied"
  is "$(sql "SELECT to_regclass('t3') IS NOT NULL")" t
  end; fi

  if begin "a commented-out down: the place of a mistake in it is true"; then
  printf -- '-- Migration: x\n-- Up migration\nCREATE TABLE a ();\n\n-- Down migration (rollback)\n-- DROP TABLE a;\n-- SELECT 1,\n--   1/0;\n' | file m/01_a.sql
  pawl 0 apply m --yes --quiet
  pawl 3 rollback m --yes --quiet --accept-data-loss; has "m/01_a.sql:7" "division by zero"
  end; fi

  if begin "repair --retry, --mark-applied, --mark-rolled-back"; then
  three; echo 'SELECT 1/0;' >m/000002_t2.up.sql
  pawl 0 repair m; has "nothing to repair"
  pawl 3 apply m --yes --quiet
  pawl 2 repair m; has "000002" "failed" "--retry" "--mark-applied" "--mark-rolled-back"
  pawl 1 repair m --retry; has "say --yes"
  pawl 0 repair m --retry --yes; has "pending"
  pawl 0 repair m --mark-applied --yes --reason "done by hand"; has "is now applied"
  pawl 0 history m; has "done by hand"
  pawl 0 status m; has "(marked)"
  pawl 0 apply m --yes --quiet; is "$(versions)" 000001,000002,000003
  pawl 0 repair m --version 000002 --mark-rolled-back --yes; pawl 0 status m; has "2 applied"
  is "$(sql "SELECT count(*) FROM schema_migrations_log WHERE status = 'repaired' AND note LIKE '%done by hand%'")" 1
  pawl 2 repair m --version 000009 --mark-applied --yes
  end; fi
}

guards() {
  if begin "apply plan.json: the plan, or nothing"; then
  three; pawl 0 plan m --steps 2 --output p.json
  pawl 0 apply p.json --yes --quiet; is "$(versions)" 000001,000002
  pawl 0 apply p.json --yes; has "nothing to do"
  pawl 0 plan m --output p.json
  echo 'CREATE TABLE t3 (id int);' >m/000003_t3.up.sql
  pawl 1 apply p.json --yes; has "000003_t3.up.sql was changed" "pawl plan"
  echo 'CREATE TABLE t3 (id int PRIMARY KEY);' >m/000003_t3.up.sql
  echo 'CREATE TABLE t4 ();' | file m/000004_t4.up.sql
  pawl 1 apply p.json --yes --lock-timeout 9s; has "lock-timeout" "other settings"
  sed 's/"retries": 5/"retries": 6/' p.json >edited.json
  pawl 2 apply edited.json --yes; has "was changed"
  pawl 2 apply p.json --yes --steps 1
  local here="$PGDATABASE"
  pg_new_database "other$number"; pawl 1 apply p.json --yes; pg_sql "DROP DATABASE other$number" -d postgres; PGDATABASE="$here"
  pawl 0 apply p.json --yes --quiet; is "$(versions)" 000001,000002,000003
  end; fi

  if begin "a plan skips what was skipped, and refuses what came in between"; then
  three; pawl 0 plan m --version 000002 --output p.json
  pawl 0 apply p.json --yes --quiet; is "$(versions)" 000002
  pg_new_database "$PGDATABASE"
  mv m/000002* .; pawl 0 plan m --output p.json; mv 000002* m
  pawl 1 apply p.json --yes; has "000002 came since the plan was made"
  end; fi

  if begin "a plan to go down"; then
  three; pawl 0 apply m --yes --quiet
  pawl 0 plan m --down --steps 2 --output p.json
  pawl 1 apply p.json --yes; has "loses data"
  pawl 2 apply p.json --yes --accept-data-loss # apply has no such option: rollback has
  end; fi

  if begin "production: two distinct approvals and a backup"; then
  three
  pawl 1 apply m --yes --environment production; has "2 distinct approvals" "asks for a backup" "nothing was changed"
  is "$(sql "SELECT to_regclass('schema_migrations') IS NULL")" t
  pawl 1 apply m --yes --environment production --backup-id b1 --approved-by ADA; has "2 distinct approvals"
  MIGRATION_APPROVED_BY=bob pawl 0 apply m --yes --quiet --environment production --backup-id b1
  is "$(sql "SELECT DISTINCT approvals::text || backup_id FROM schema_migrations")" '["bob", "ada"]b1'
  end; fi

  if begin "approvals in a plan count for that plan only"; then
  three; pawl 0 plan m --steps 1 --output p.json --environment production
  pawl 0 approve p.json --approved-by bob; has "bob approves"
  pawl 0 plan m --output q.json
  python3 -c "import json; p = json.load(open('p.json')); q = json.load(open('q.json')); q['approvals'] = p['approvals']; json.dump(q, open('q.json', 'w'))"
  pawl 1 apply q.json --yes --environment production --backup-id x; has "another plan" "distinct approvals"
  pawl 0 apply p.json --yes --quiet --environment production --backup-id x
  is "$(versions)" 000001
  end; fi

  if begin "lint stops what it calls an error, before anything runs"; then
  rm pawl.toml; three; pawl 0 apply m --yes --quiet
  echo 'CREATE INDEX t1_id ON t1 (id);' | file m/000004_idx.up.sql; echo 'DROP INDEX t1_id;' | file m/000004_idx.down.sql
  pawl 1 apply m --yes; has "nothing was changed" "index-not-concurrent" "m/000004_idx.up.sql:1"
  is "$(sql "SELECT to_regclass('t1_id') IS NULL")" t
  pawl 1 validate m; pawl 2 apply m --yes --allow index-not-concurrent; has "--reason"
  pawl 0 apply m --yes --quiet --allow index-not-concurrent --reason "twelve rows"
  end; fi

  if begin "exit codes: 2 for a wrong command, 4 for no server, 1 for a refusal"; then
  three
  pawl 2 apply m --lock-timeout soon --yes; has "no duration"
  pawl 2 apply nowhere --yes; has "nowhere"
  pawl 2 status m --url 'postgresql://u:%zz@h/db'; lacks "zz"
  pawl 4 status m --url "postgresql://postgres@127.0.0.1:1/x"; has "cannot connect"
  PGHOST=/nowhere pawl 4 apply m --yes
  pawl 1 apply m
  end; fi

  if begin "--json of apply, plan and validate; --log as NDJSON"; then
  three
  OUT="$("$PAWL" plan m --json 2>/dev/null)"; is "$(json 'len(j["migrations"]), j["migrations"][0]["parts"][0]["statements"][0]["sql"], j["digest"][:7]')" "(3, 'CREATE TABLE t1 (id int PRIMARY KEY)', 'sha256:')"
  OUT="$("$PAWL" validate m --json 2>/dev/null)"; is "$(json 'j["ok"], j["pending"]')" "(True, 3)"
  OUT="$("$PAWL" apply m --yes --json --log events --steps 2 2>/dev/null)"; is "$(json 'j["outcome"], j["done"], j["planned"]')" "('done', 2, 2)"
  echo 'SELECT 1/0;' >m/000003_t3.up.sql
  OUT="$("$PAWL" apply m --yes --json --log events 2>/dev/null)"; is "$(json 'j["outcome"], j["failed"]["version"], j["failed"]["line"], j["failed"]["sqlstate"]')" "('failed', '000003', 1, '22012')"
  is "$(python3 -c "
import json
e = [json.loads(l) for l in open('events')]
print([(x['event'], x.get('version'), x.get('status')) for x in e if x['event'] in ('migration_start', 'migration_finish')], all('ts' in x for x in e))")" \
    "[('migration_start', '000001', None), ('migration_finish', '000001', 'applied'), ('migration_start', '000002', None), ('migration_finish', '000002', 'applied'), ('migration_start', '000003', None), ('migration_finish', '000003', 'failed')] True"
  OUT="$("$PAWL" apply m --yes --json 2>/dev/null)"; is "$(json 'j["outcome"]')" failed
  end; fi

  if begin "the rehearsal runs all that can be rolled back, and says what it left out"; then
  printf 'CREATE TABLE a (x int);\n' | file m/1_a.sql
  printf 'ALTER TABLE a ADD COLUMN y int;\n' | file m/2_b.sql
  printf 'CREATE INDEX CONCURRENTLY a_x ON a (x);\n' | file m/3_c.sql
  printf 'DROP TABLE a;\n' | file m/4_d.sql
  pawl 0 apply m --dry-run --rollback-test --yes; has "rehearsed 2 of 4" "m/3_c.sql:1" "not tried"
  printf 'ALTER TABLE a ADD COLUMN x int;\n' | file m/2_b.sql
  pawl 1 apply m --dry-run --rollback-test --yes; has "m/2_b.sql:1" "already exists" "nothing was changed"
  is "$(sql "SELECT to_regclass('a') IS NULL")" t
  end; fi
}

history; other_tools; going_back; guards
exit $failed
