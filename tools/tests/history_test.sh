#!/usr/bin/env bash
# pawl lint --since in a real repository, and pawl.sums.
set -u
failed=0
check() {
  local name="$1"
  shift
  if "$@" >"$TEST_TMPDIR/check.out" 2>&1; then echo "ok $name"; else sed 's/^/# /' "$TEST_TMPDIR/check.out" | head -20; echo "not ok $name"; failed=1; fi
}
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org GIT_CONFIG_GLOBAL=/dev/null
r="$TEST_TMPDIR/repo"
mkdir -p "$r/db" && cd "$r" && git init -q -b main .
printf 'CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\n' >db/0001_users.up.sql
printf 'DROP TABLE IF EXISTS users;\n' >db/0001_users.down.sql
printf 'CREATE INDEX users_email_idx ON users (email);\n' >db/0002_email.up.sql
printf 'DROP INDEX IF EXISTS users_email_idx;\n' >db/0002_email.down.sql
git add . && git commit -qm base && git checkout -qb topic
rules() { "$PAWL" lint db "$@" --format json --exit-zero | python3 -c 'import json,sys; print(" ".join(sorted({f["rule"] for f in json.load(sys.stdin)["findings"]})))'; }
is() { local want="$1"; shift; local got; got="$(rules "$@")"; [ "$got" = "$want" ] || { echo "got: $got"; echo "wanted: $want"; return 1; }; }
has() { case " $(rules "${@:2}") " in *" $1 "*) ;; *) echo "no $1 in: $(rules "${@:2}")"; return 1 ;; esac; }
lacks() { ! has "$@" >/dev/null; }

check "nothing changed, nothing reported" is "" --since main
printf 'CREATE INDEX users_id_idx ON users (id);\n' >db/0003_id.up.sql
check "a new migration is judged, old ones are not" bash -c "[ \"\$('$PAWL' lint db --since main --select index-not-concurrent --format json --exit-zero | python3 -c 'import json,sys; print(*[f[\"file\"] for f in json.load(sys.stdin)[\"findings\"]])')\" = db/0003_id.up.sql ]"
check "its missing down is reported" has missing-down --since main
printf -- '-- a comment\nCREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\n' >db/0001_users.up.sql
check "an edit of comments is a note" bash -c "'$PAWL' lint db --since main --select edited-applied-migration --format json --exit-zero | grep -q '\"severity\":\"note\"'"
printf 'CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email varchar(10));\n' >db/0001_users.up.sql
check "an edit of meaning is an error" bash -c "'$PAWL' lint db --since main --select edited-applied-migration --format json --exit-zero | grep -q '\"severity\":\"error\"'"
git checkout -q db/0001_users.up.sql
git rm -q --cached db/0002_email.up.sql && mv db/0002_email.up.sql "$TEST_TMPDIR/"
check "a deleted migration" has deleted-applied-migration --since main
mv "$TEST_TMPDIR/0002_email.up.sql" db/ && git reset -q
printf 'SELECT 1;\n' >db/0000_early.up.sql
check "a new one before an applied one" has out-of-order-version --since main
rm db/0000_early.up.sql
check "an unknown revision is exit 2" bash -c "'$PAWL' lint db --since no-such-ref; [ \$? = 2 ]"
check "no repository is exit 2" bash -c "mkdir -p '$TEST_TMPDIR/plain' && cp db/*.sql '$TEST_TMPDIR/plain' && cd '$TEST_TMPDIR/plain' && GIT_CEILING_DIRECTORIES='$TEST_TMPDIR' '$PAWL' lint . --since main; [ \$? = 2 ]"
check "write pawl.sums" bash -c "'$PAWL' lint db --write-sums && [ -s db/pawl.sums ] && (cd db && sha256sum -c --quiet pawl.sums 2>/dev/null)"
check "sums agree" lacks edited-applied-migration
printf 'CREATE INDEX users_email_idx ON users (lower(email));\n' >db/0002_email.up.sql
check "an edit against the sums" has edited-applied-migration
exit $failed
