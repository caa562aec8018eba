#!/usr/bin/env bash
# Runs every case of testdata/proof on real servers and compares locks and work with what `pawl locks` predicts.
#
#   tools/proof.sh                    on the installed PostgreSQL and on 18
#   tools/proof.sh --all              on 12 to 18
#   tools/proof.sh 13 16              on these
#   tools/proof.sh ... --only WORD    only cases whose statement or place (file:line) has WORD in it
#   tools/proof.sh --write-page       writes docs/locks.md from the predictions of this build; --check-page compares. No server needed
#
# PAWL: the binary (default: bazel-bin/tools/pawl). Options of tools/proof/proof.py go behind the versions. Exit status 1 if a
# case differs and is no listed exception. A server that cannot be had is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/tests/postgres.sh
work="$(mktemp -d)"
trap 'rm -rf "$work"; pg_stop_all' EXIT
proof=(python3 tools/proof/proof.py --pawl "${PAWL:-bazel-bin/tools/pawl}" --cases testdata/proof --work "$work")
versions=()
while [ $# != 0 ]; do
  case "$1" in
    --write-page) "${proof[@]}" --page docs/locks.md; exit ;;
    --check-page) "${proof[@]}" --page docs/locks.md --check; exit ;;
    --all) versions=(12 13 14 15 16 17 18) ;;
    system | [0-9]*) versions+=("$1") ;;
    *) break ;;
  esac
  shift
done
[ ${#versions[@]} != 0 ] || versions=(system 18)
servers=()
for version in "${versions[@]}"; do
  pg_start "v$version" "$version" max_locks_per_transaction=256 autovacuum=off jit=off allow_in_place_tablespaces=on wal_level=logical synchronous_commit=off || {
    echo "not ok proof $version: the server does not start"
    exit 1
  }
  number="$(pg_sql 'SHOW server_version_num')"
  servers+=("$((number / 10000))=$PGHOST:$PGPORT")
done
"${proof[@]}" "$@" "${servers[@]}"
