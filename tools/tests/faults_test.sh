#!/usr/bin/env bash
# The runner under faults: kills at every step, crashes of the server, lost connections, several runners, held locks (faults.py).
# A representative part by default; FAULTS=all runs everything (some minutes). FAULTS_ONLY=WORD: only cases whose name has it.
# FAULTS_VERSION=18: on another PostgreSQL than the installed one.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/tests/postgres.sh
trap pg_stop_all EXIT
version="${FAULTS_VERSION:-system}"
if ! pg_have "$version"; then
  echo "not ok a PostgreSQL server ($version) is there"
  exit 1
fi
pg_start crash "$version" max_connections=40 || exit 1
export FAULTS_CRASH_HOST="$PGHOST" FAULTS_CRASH_PORT="$PGPORT"
# shellcheck disable=SC2016
restart="$TEST_TMPDIR/restart"
{
  echo "cd /"
  echo "$(printf '%q ' "${PG_AS[@]}" "$PG_BIN/pg_ctl") restart -w -t 60 -s -m immediate -D $(printf %q "$(pg_data crash)") -l $(printf %q "$(pg_log crash)") -o '-p $PGPORT' </dev/null"
} >"$restart"
export FAULTS_CRASH_RESTART="bash $restart"
pg_start main "$version" max_connections=100 || exit 1
export FAULTS_TCP_PORT="$PGPORT"
all=()
[ "${FAULTS:-}" != all ] || all=(--all)
python3 tools/tests/faults.py "$PAWL" "$TEST_TMPDIR/cases" "${all[@]}" --only "${FAULTS_ONLY:-}" --jobs "${FAULTS_JOBS:-4}"
