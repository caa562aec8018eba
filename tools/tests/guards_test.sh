#!/usr/bin/env bash
# Checks before and after a run, the backup and announcements, against a real PostgreSQL.
set -u
. "$(dirname "$0")/postgres.sh"
failed=0
check() {
  local name="$1"
  shift
  if "$@" >"$TEST_TMPDIR/check.out" 2>&1; then echo "ok $name"; else sed 's/^/# /' "$TEST_TMPDIR/check.out" | head -20; echo "not ok $name"; failed=1; fi
}
if ! pg_start guards; then
  echo "not ok a PostgreSQL server starts"
  exit 1
fi
pg_new_database app
pg_sql "CREATE TABLE orgs (id int PRIMARY KEY); INSERT INTO orgs SELECT generate_series(1, 5);
  CREATE TABLE users (id bigint PRIMARY KEY, email text, org int, age int);
  INSERT INTO users SELECT i, CASE WHEN i % 10 = 0 THEN NULL ELSE 'u' || i % 50 END, i % 7, i FROM generate_series(1, 1000) i;
  CREATE TABLE empty (a int);
  ALTER TABLE users ADD CONSTRAINT age_pos CHECK (age > 5) NOT VALID, ADD CONSTRAINT org_fk FOREIGN KEY (org) REFERENCES orgs NOT VALID;
  CREATE TYPE mood AS ENUM ('good', 'bad'); ANALYZE;"
db="$TEST_TMPDIR/db"
# Lint would refuse most of these before the database is asked.
printf '[lint.per-path-ignores]\n"**" = ["all"]\n' >"$TEST_TMPDIR/pawl.toml"
schema() { pg_sql "SELECT md5(string_agg(x, ',' ORDER BY x)) FROM (SELECT format('%s %s %s', attrelid::regclass, attname, attnotnull) x FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT conname || convalidated FROM pg_constraint) s"; }

# apply SQL [ARGS]: one migration, applied without questions; its output is in $TEST_TMPDIR/out, its status is returned.
apply() {
  rm -rf "$db"
  mkdir -p "$db"
  printf '%s\n' "$1" >"$db/0001_x.up.sql"
  (cd "$TEST_TMPDIR" && "$PAWL" apply db --url "${URL:-$(pg_url)}" --yes --log "$TEST_TMPDIR/log" "${@:2}") >"$TEST_TMPDIR/out" 2>&1
}
# refuses SQL TEXT...: exit 1, every TEXT in the output, and the schema as it was.
refuses() {
  local sql="$1" before after status text
  shift
  before="$(schema)"
  apply "$sql"
  status=$?
  after="$(schema)"
  cat "$TEST_TMPDIR/out"
  [ $status = 1 ] || { echo "status $status"; return 1; }
  [ "$before" = "$after" ] || { echo "the schema was changed"; return 1; }
  for text in "$@"; do grep -qF -- "$text" "$TEST_TMPDIR/out" || { echo "no: $text"; return 1; }; done
}
# may SQL: no check refuses it; it is rolled back.
may() {
  apply "$1" --dry-run || { cat "$TEST_TMPDIR/out"; return 1; }
}

check "nulls before SET NOT NULL" refuses 'ALTER TABLE users ALTER email SET NOT NULL;' "100 rows of users where email is null, such as id = 10" "0001_x.up.sql:1"
check "nulls that the plan fills first" may "UPDATE users SET email = '' WHERE email IS NULL; ALTER TABLE users ALTER email SET NOT NULL;"
check "duplicates before UNIQUE" refuses 'ALTER TABLE users ADD CONSTRAINT u UNIQUE (email);' '45 values of ("email")' "(20 times)"
check "duplicates before a unique index over expressions" refuses 'CREATE UNIQUE INDEX CONCURRENTLY ux ON users (lower(email) text_pattern_ops DESC, org) WHERE org > 2;' "180 values of (lower(email), org)"
check "orphans before FOREIGN KEY" refuses 'ALTER TABLE users ADD FOREIGN KEY (org) REFERENCES orgs;' "285 rows of users whose (org) is not in orgs, such as id = 6 with org = 6"
check "rows against CHECK" refuses 'ALTER TABLE users ADD CHECK (age > 10 AND (age < 500));' "511 rows of users that do not satisfy"
check "rows against VALIDATE CONSTRAINT" refuses 'ALTER TABLE users VALIDATE CONSTRAINT age_pos;' "5 rows of users that do not satisfy"
check "orphans before VALIDATE CONSTRAINT" refuses 'ALTER TABLE users VALIDATE CONSTRAINT org_fk;' "285 rows of users whose (org)"
check "a new column NOT NULL without default" refuses 'ALTER TABLE users ADD COLUMN x int NOT NULL;' "1000 rows of users, for which the new column has no value"
check "the same on an empty table" may 'ALTER TABLE empty ADD COLUMN x int NOT NULL;'
check "a table that exists already" refuses 'CREATE TABLE users (i int);' "users, which db/0001_x.up.sql:1 makes, exists already"
check "a table that does not exist" refuses 'ALTER TABLE nothere ADD COLUMN i int;' "nothere, which db/0001_x.up.sql:1 changes, does not exist"
check "an enum value that exists already" refuses "ALTER TYPE mood ADD VALUE 'bad';" "value 'bad' of type mood"
check "an extension that the server lacks" refuses 'CREATE EXTENSION nosuch;' "the server has no extension nosuch"
check "a schema that does not exist" refuses 'CREATE TABLE s.t (i int);' "the schema s does not exist"

psql -XAtq -c "BEGIN; INSERT INTO orgs VALUES (77); PREPARE TRANSACTION 'left over'"
check "a prepared transaction's lock" refuses 'ALTER TABLE orgs ADD COLUMN q int;' "pre-check failed: pending-locks" "the prepared transaction 'left over'"
pg_sql "ROLLBACK PREPARED 'left over'"
pg_sql "CREATE ROLE ada LOGIN PASSWORD 'sw0rd fish'; GRANT CREATE ON SCHEMA public TO ada"
URL="$(pg_url ada:sw0rd%20fish)"
check "missing privileges are named" refuses 'ALTER TABLE users ADD COLUMN q int; CREATE SCHEMA s2;' "ada does not own users" "ada may not create schemas"
unset URL

# An index that a failed build left behind, which IF NOT EXISTS would take for good.
psql -XAtq -c "CREATE UNIQUE INDEX CONCURRENTLY broken ON users (email)" 2>/dev/null
check "an invalid index under the name" refuses 'CREATE INDEX CONCURRENTLY IF NOT EXISTS broken ON users (email);' "broken is there but invalid"
pg_sql "DROP INDEX broken"

# The dump: whole, readable, private, and the password nowhere to be seen.
pg_sql "ALTER SCHEMA public OWNER TO ada; GRANT ALL ON ALL TABLES IN SCHEMA public TO ada" >/dev/null
backup() {
  (umask 022; apply 'CREATE TABLE after_backup (i int PRIMARY KEY);' --backup) || { cat "$TEST_TMPDIR/out"; return 1; }
  local file
  file="$(ls "$TEST_TMPDIR"/backups/pre-migration-????????-??????.dump)" || return 1
  [ "$(stat -c %a "$file")" = 600 ] || { ls -l "$file"; return 1; }
  pg_restore --list "$file" | grep -q 'TABLE DATA public users' || return 1
  ! grep -rqF 'sw0rd' "$TEST_TMPDIR/out" "$TEST_TMPDIR/log" || return 1
  [ "$(pg_sql "SELECT backup_id FROM schema_migrations WHERE version = '0001'")" = "backups/$(basename "$file")" ]
}
URL="$(pg_url ada:sw0rd%20fish)"
check "a backup is taken, verified and recorded" backup
unset URL

# Announcements from a plan.
pg_new_database other
rm -rf "$db" && mkdir -p "$db" && printf 'CREATE TABLE announced (i int PRIMARY KEY);\n' >"$db/0002_new_table.up.sql" && printf 'DROP TABLE announced;\n' >"$db/0002_new_table.down.sql"
announce() {
  (cd "$TEST_TMPDIR" && "$PAWL" plan db --url "$(pg_url)" --output plan.json >/dev/null 2>&1; "$PAWL" announce plan.json --when 'Sunday 02:00' --contact '#db') >"$TEST_TMPDIR/out" 2>&1
  cat "$TEST_TMPDIR/out"
  grep -q '^When: Sunday 02:00$' "$TEST_TMPDIR/out" && grep -q '^- 0002 new table$' "$TEST_TMPDIR/out" && grep -q '^Contact: #db$' "$TEST_TMPDIR/out"
}
check "an announcement from a plan" announce
refused() { (cd "$TEST_TMPDIR" && "$PAWL" announce plan.json --message complete); [ $? = 2 ]; }
check "completion needs a run" refused
exit $failed
