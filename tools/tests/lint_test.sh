#!/usr/bin/env bash
# pawl lint as people run it: exit codes, standard input, output files, broken input, fixes, suppressions, baselines.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
# exits CODE COMMAND...: the command's exit status, and never a signal
exits() {
  local want="$1" got=0
  shift
  timeout 60 "$@" >"$TEST_TMPDIR/out" 2>"$TEST_TMPDIR/err" </dev/null || got=$?
  [ "$got" = "$want" ] || { echo "exit $got, wanted $want: $*"; head -c 500 "$TEST_TMPDIR/out" "$TEST_TMPDIR/err"; return 1; }
}
says() { grep -qF -- "$1" "$TEST_TMPDIR/out" "$TEST_TMPDIR/err" || { echo "does not say: $1"; head -c 800 "$TEST_TMPDIR/out" "$TEST_TMPDIR/err"; return 1; }; }

d="$TEST_TMPDIR/work"
mkdir -p "$d"
cd "$d"
bad='CREATE INDEX a_idx ON accounts (email);'
good='CREATE INDEX CONCURRENTLY a_idx ON accounts (email);'
echo "$bad" >bad.sql
echo "$good" >good.sql

check "findings are exit 1" exits 1 "$PAWL" lint bad.sql
check "the finding names table and lock" says 'blocks writes to `accounts`'
check "clean is exit 0" exits 0 "$PAWL" lint good.sql
check "--exit-zero" exits 0 "$PAWL" lint --exit-zero bad.sql
printf "CREATE TABLE a (x int);\xe9" >t.sql
check "--fail-on error lets warnings pass" exits 0 "$PAWL" lint --select file-encoding --fail-on error t.sql
check "a missing path is exit 2" exits 2 "$PAWL" lint no/such/file.sql
check "and names the path" says no/such/file.sql
check "an unknown option is exit 2" exits 2 "$PAWL" lint --no-such-option
check "an unknown rule is exit 2" exits 2 "$PAWL" lint --select index-not-concurent bad.sql
check "and has a suggestion" says index-not-concurrent
check "an unknown format is exit 2" exits 2 "$PAWL" lint --format xml bad.sql
check "--version" exits 0 "$PAWL" --version
check "--help" exits 0 "$PAWL" --help
check "explain" exits 0 "$PAWL" explain index-not-concurrent
check "explain of an unknown rule" exits 2 "$PAWL" explain no-such-rule
check "standard input" bash -c "echo '$bad' | '$PAWL' lint - --stdin-filename db/0001_x.up.sql >out.txt; [ \$? = 1 ] && grep -q db/0001_x.up.sql out.txt"
check "an explicit format wins over CI detection" bash -c "CI=true GITHUB_ACTIONS=true '$PAWL' lint --format json good.sql | python3 -c 'import json,sys; json.load(sys.stdin)'"
check "no colour into a pipe" bash -c "! '$PAWL' lint --format full bad.sql | grep -q \$'\\e'"
check "--color always" bash -c "'$PAWL' lint --format full --color always bad.sql | grep -q \$'\\e'"
check "NO_COLOR beats CLICOLOR_FORCE" bash -c "! NO_COLOR=1 CLICOLOR_FORCE=1 '$PAWL' lint --format full bad.sql | grep -q \$'\\e'"
check "CLICOLOR_FORCE" bash -c "CLICOLOR_FORCE=1 '$PAWL' lint --format full bad.sql | grep -q \$'\\e'"
check "--output" bash -c "'$PAWL' lint --format json --output r.json bad.sql; [ \$? = 1 ] && python3 -c 'import json; json.load(open(\"r.json\"))'"
check "--output into a missing folder is exit 2" exits 2 "$PAWL" lint --output no/such/r.json bad.sql
check "a closed pipe is no crash" bash -c "'$PAWL' lint --format full bad.sql | true; [ \${PIPESTATUS[0]} -le 2 ]"
check "the same report twice" bash -c "'$PAWL' lint --format json . >a.json; '$PAWL' lint --format json --jobs 4 . >b.json; cmp a.json b.json"

# Broken input.
mkdir broken
python3 - <<'P'
import os
def put(name, data):
    with open("broken/" + name, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
put("truncated.sql", "CREATE TABLE a (x int, y text DEFAULT 'abc")
put("random.sql", bytes((i * 7919 + (i >> 3) * 104729) % 256 for i in range(100000)))
put("line.sql", "INSERT INTO t VALUES " + ",".join("(%d,'x')" % i for i in range(700000)) + ";")
put("many.sql", "ALTER TABLE t ADD COLUMN c int;\n" * 100000)
put("bad_many.sql", "ALTER TABEL t ADD COLUMN c int;\n" * 100000)
put("nested.sql", "SELECT " + "(" * 10000 + "1" + ")" * 10000 + ";")
put("open.sql", "SELECT " + "(" * 10000)
put("sum.sql", "SELECT 1" + "+1" * 200000 + ";")
put("utf8.sql", b"SELECT '\xff\xfe\x80'; CREATE TABLE \xe9t (x int);\n")
put("nul.sql", b"SELECT 1;\0DROP TABLE x;\n")
put("quote.sql", "SELECT 'a;\n" + "DROP TABLE b;\n" * 50000)
put("comment.sql", "/* " * 5000)
put("dollar.sql", "DO $$ BEGIN\n" + "UPDATE t SET a = 1;\n" * 20000 + "END $$;\n" + "DO $x$" * 10000)
put("utf16.sql", "CREATE TABLE a (x int);".encode("utf-16"))
put("empty.sql", "")
put("template.sql", "{{ " * 50000 + "SELECT 1;")
put("word.sql", "x" * 10000000)
put("a name with spaces & 'quotes' %41\n.sql", "DROP TABLE a;")
os.mkdir("broken/folder.sql")
os.mkfifo("broken/pipe.sql")
os.symlink(".", "broken/loop")
os.symlink("one", "broken/two.sql")
os.symlink("two.sql", "broken/one")
P
for f in broken/*.sql broken/two.sql; do
  check "no signal, no hang: $(printf %q "$f" | head -c 60)" bash -c 'c=0; timeout 60 "$1" lint --format json "$2" >out.json 2>err.txt </dev/null || c=$?; [ $c -le 2 ] && { [ ! -s out.json ] || python3 -c "import json; json.load(open(\"out.json\"))"; }' _ "$PAWL" "$f"
done
check "a folder of broken files" exits 2 "$PAWL" lint broken
check "memory stays bounded" bash -c "ulimit -v 1500000; '$PAWL' lint broken >/dev/null 2>&1; [ \$? -le 2 ]"

# Fixes.
mkdir fix
printf 'CREATE INDEX a_idx ON accounts (email);\r\n' >fix/crlf.sql
printf '\xef\xbb\xbfCREATE INDEX a_idx ON accounts (email);' >fix/bom.sql
cp -r fix fix.before
check "--diff changes nothing" bash -c "'$PAWL' lint --isolated --select index-not-concurrent --diff fix >d.patch; diff -r fix fix.before"
check "git takes the diff" bash -c "[ -s d.patch ] && git apply --check d.patch"
check "--fix" bash -c "'$PAWL' lint --isolated --select index-not-concurrent --fix fix"
check "line ends are kept" bash -c "printf 'CREATE INDEX CONCURRENTLY a_idx ON accounts (email);\r\n' | cmp - fix/crlf.sql"
check "the byte order mark is kept" bash -c "printf '\xef\xbb\xbfCREATE INDEX CONCURRENTLY a_idx ON accounts (email);' | cmp - fix/bom.sql"
cp -r fix fix.once
check "fixing twice changes nothing" bash -c "'$PAWL' lint --isolated --select index-not-concurrent --fix fix; diff -r fix fix.once"

# Suppressions and baselines.
printf -- '-- pawl: ignore index-not-concurrent -- 12 rows\n%s\n' "$bad" >suppressed.sql
check "a suppression with a reason" exits 0 "$PAWL" lint --select index-not-concurrent,unused-suppression suppressed.sql
printf -- '-- pawl: ignore index-not-concurrent -- 12 rows\n%s\n' "$good" >unused.sql
check "an unused suppression is a finding" exits 1 "$PAWL" lint unused.sql
check "and can be fixed away" bash -c "'$PAWL' lint --fix unused.sql && echo '$good' | cmp - unused.sql"
check "write a baseline" exits 0 "$PAWL" lint --write-baseline base.json bad.sql
check "the baseline quiets old findings" exits 0 "$PAWL" lint --baseline base.json bad.sql
check "by whatever name the file is given" exits 0 "$PAWL" lint --baseline base.json "$PWD/bad.sql"
for option in --since --baseline --database; do check "$option without a value, as an unset variable leaves it, is refused" exits 2 "$PAWL" lint "$option" "" bad.sql; done
printf '%s\nCREATE INDEX b_idx ON other (x);\n' "$bad" >bad.sql
check "but not new ones" exits 1 "$PAWL" lint --baseline base.json bad.sql
check "--add-ignores" bash -c "'$PAWL' lint --quiet --add-ignores='old' bad.sql; '$PAWL' lint bad.sql"
mkdir -p more
printf 'SELECT 1; DROP TABLE a; DROP TABLE b;\n' >more/1_a.sql
check "--add-ignores with a comment's begin in the reason" bash -c "'$PAWL' lint --quiet --isolated --add-ignores='see /* here, and */' more; '$PAWL' lint --isolated --quiet more"
printf 'DROP TABLE p;\nDROP TABLE drop_;\nSELECT 1;\n' >more/1_a.sql
check "pawl fix --unsafe-fixes" bash -c "'$PAWL' fix --isolated --unsafe-fixes --quiet more; grep -q 'DROP TABLE IF EXISTS p;' more/1_a.sql"
printf 'CREATE INDEX i ON a (x);\n' >more/1_a.sql
"$PAWL" lint --isolated --write-baseline more/base.json more/1_a.sql
printf 'CREATE INDEX i ON a (x);\nCREATE INDEX j ON b (x);\n' >more/1_a.sql
"$PAWL" lint --isolated --baseline more/base.json --write-baseline more/base.json more/1_a.sql
check "a baseline made anew keeps what it had" exits 0 "$PAWL" lint --isolated --baseline more/base.json more/1_a.sql
check "locks of standard input" bash -c "echo 'ALTER TABLE t ADD COLUMN a int;' | '$PAWL' locks - | grep -q 'ACCESS EXCLUSIVE'"
printf 'ALTER TABEL t ADD COLUMN a int;\n' >more/1_a.sql
check "locks of what does not parse" exits 1 "$PAWL" locks --isolated more/1_a.sql
check "and where" says 'more/1_a.sql:1: does not parse'
[ ! -e /dev/full ] || check "a full disk behind standard output" bash -c "'$PAWL' rules >/dev/full 2>err.txt; [ \$? = 2 ] && grep -q 'cannot write' err.txt"
python3 -c "print('CREATE INDEX i ON t (a);\n' * 100000)" >more/1_a.sql
check "100,000 statements in bounded time" bash -c "timeout 20 '$PAWL' lint --isolated --format concise more/1_a.sql >/dev/null; [ \$? = 1 ]"

# Configuration.
mkdir -p conf/db
echo "$bad" >conf/db/1.sql
printf '[lint]\nignore = ["index-not-concurrent"]\n' >conf/pawl.toml
check "pawl.toml is found upwards" exits 0 "$PAWL" lint conf/db/1.sql
check "--isolated" exits 1 "$PAWL" lint --isolated conf/db/1.sql
# A repository of several projects: each set's own configuration, whichever way its files are named.
mkdir -p mono/a/db mono/b/db/ops mono/b/db/other
printf '%s\n' "$bad" | tee mono/a/db/1.sql mono/b/db/other/1.sql >/dev/null
printf 'ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 1;\nCREATE INDEX CONCURRENTLY i ON t (c);\n' >mono/b/db/ops/V1__c.sql
cat >mono/b/pawl.toml <<'T'
[lint]
ignore = ["index-not-concurrent"]
fail-on = "error"
[[set]]
name = "ops"
path = "db/ops"
server-version = "10"
transaction-mode = "none"
layout = "flyway"
T
ops_judged() { says "$1:1:49: error[constant-default-rewrite]" && ! grep -q concurrently-in-transaction "$TEST_TMPDIR/out"; }
check "each folder has the nearest pawl.toml" exits 1 "$PAWL" lint --format concise mono
check "one project's rules" says "mono/a/db/1.sql:1:23: error[index-not-concurrent]"
check "are not the other's" bash -c "! grep -q mono/b/db/other/1.sql '$TEST_TMPDIR/out'"
check "and its set is known" ops_judged mono/b/db/ops/V1__c.sql
check "the order of the paths changes nothing" bash -c "'$PAWL' lint --format concise mono/b mono/a >ab.txt; cmp ab.txt '$TEST_TMPDIR/out'"
check "a file of a set" exits 1 "$PAWL" lint --format concise mono/b/db/ops/V1__c.sql
check "is judged as its set" ops_judged mono/b/db/ops/V1__c.sql
check "from within the set" bash -c "cd mono/b/db/ops && '$PAWL' lint --format concise V1__c.sql >'$TEST_TMPDIR/out'"' ; [ $? = 1 ]'
check "too" ops_judged V1__c.sql
check "and on standard input" bash -c "cd mono/b/db && '$PAWL' lint --format concise - --stdin-filename ops/V1__c.sql <ops/V1__c.sql >'$TEST_TMPDIR/out'"' ; [ $? = 1 ]'
check "as well" ops_judged ops/V1__c.sql
check "locks knows the set, too" bash -c "'$PAWL' locks --format json mono/b/db/ops/V1__c.sql | grep -q '\"server_version\": 10'"
check "and not, if it is told not to" bash -c "! '$PAWL' locks --isolated --format json mono/b/db/ops/V1__c.sql | grep -q '\"server_version\": 10'"
check "--config is for all" exits 1 "$PAWL" lint --format concise --config mono/b/pawl.toml mono
check "of them" bash -c "! grep -q index-not-concurrent '$TEST_TMPDIR/out'"
printf '[lint]\nfail-on = "none"\n' >mono/a/pawl.toml
printf '[lint]\nselect = ["index-not-concurrent"]\nfail-on = "error"\nseverity = { index-not-concurrent = "warning" }\n' >mono/b/pawl.toml
check "fail-on is each project's own" exits 2 "$PAWL" lint mono
check "and what is wrong with one is told with its place" says 'mono/a/pawl.toml:2:11'
printf '[lint]\nfail-on = "error"\nseverity = { index-not-concurrent = "warning" }\n' >mono/a/pawl.toml
check "the first fails for errors only, and so does the second" exits 0 "$PAWL" lint mono
printf '[lint]\nfail-on = "error"\n' >mono/a/pawl.toml
check "an error of the first fails the run" exits 1 "$PAWL" lint mono/b mono/a
printf '[lint]\nignroe = ["x"]\n' >conf/pawl.toml
check "an unknown key is exit 2" exits 2 "$PAWL" lint conf/db/1.sql
check "and has a suggestion" says 'ignore'
exit $failed
