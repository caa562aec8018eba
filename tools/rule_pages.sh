#!/usr/bin/env bash
# Asks servers, the installed PostgreSQL and 18, what the examples of the rule pages do, and writes it to
# testdata/rule_pages/measured.json, from which tools/docs.sh makes the pages.   --check compares instead.
# PAWL: the binary (default: bazel-bin/tools/pawl).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/tests/postgres.sh
trap 'pg_stop_all' EXIT
servers=()
for version in system 18; do
  pg_start "v$version" "$version" max_locks_per_transaction=256 autovacuum=off jit=off synchronous_commit=off || {
    echo "not ok rule pages: PostgreSQL $version does not start"
    exit 1
  }
  number="$(pg_sql 'SHOW server_version_num')"
  servers+=("$((number / 10000))=$PGHOST:$PGPORT")
done
python3 tools/proof/rule_examples.py "${PAWL:-bazel-bin/tools/pawl}" testdata/rule_pages "$@" "${servers[@]}"
